// RUN: %check_pinlint pinlint-leak
// Pointers that have been looked into before they are compared with NULL.
#include "../Inputs/kernel.h"

int start(struct page *page);

int filled_ok(unsigned long addr, struct page **pages)
{
	int ret;

	pages[0] = NULL;
	ret = pin_user_pages_fast(addr, 1, 0, pages);
	if (ret != 1)
		return ret < 0 ? ret : -EFAULT;
	ret = start(pages[0]);
	if (ret && pages)
		unpin_user_page(pages[0]);
	return ret;
}

int other_bad(unsigned long addr, struct page **pages, int *state)
{
	int ret = pin_user_pages_fast(addr, 1, 0, pages);

	if (ret != 1)
		return ret < 0 ? ret : -EFAULT;
	ret = start(pages[0]);
	if (ret && state)
		unpin_user_page(pages[0]);
	return ret;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: pinned pages from 'pin_user_pages_fast' are kept on this error path
}

struct part {
	int size;
};
struct bundle {
	struct part part;
	int more;
};

// What is first in nothing is nothing.
static int fill(unsigned long addr, struct page **page, struct bundle *bundle)
{
	struct part *part = &bundle->part;

	*page = NULL;
	if (part && pin_user_pages_fast(addr, 1, 0, page) != 1)
		return -EFAULT;
	return 0;
}

int nothing_ok(unsigned long addr)
{
	struct page *page;
	int ret = fill(addr, &page, NULL);

	return ret ? ret : start(NULL);
}

int something_bad(unsigned long addr, struct bundle *bundle)
{
	struct page *page;
	int ret = fill(addr, &page, bundle);

	return ret ? ret : start(NULL);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: pinned page{{s?}} from 'fill' {{.*}} not released
}

// A list of elements ends where it starts: there is no element without an
// address.
struct bus {
	struct list_head list;
};
extern struct list_head buses;
struct page *page_of(struct bus *bus);
bool is_busy(struct bus *bus);

int found_in_ring_ok(unsigned long addr)
{
	struct bus *bus, *found = NULL;
	struct page *page = NULL;
	int ret;

	list_for_each_entry(bus, &buses, list) {
		if (is_busy(bus))
			continue;
		if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
			return -EFAULT;
		found = bus;
		if (found)
			break;
	}
	if (!found)
		return -EINVAL;
	ret = is_busy(found);
	unpin_user_page(page);
	return ret;
}
