// RUN: %check_pinlint pinlint-use-after-release,pinlint-over-release
// One more reference is taken on one page of an array before all are given back.
#include "../Inputs/kernel.h"

int looks_good(struct page *page);

struct page *first_ok(unsigned long addr)
{
	struct page *pages[4];
	int nr = get_user_pages_fast(addr, 4, 0, pages);
	struct page *page;

	if (nr <= 0)
		return NULL;
	page = pages[0];
	get_page(page);
	release_pages(pages, nr);
	return page;
}

int other_bad(unsigned long addr, struct page **first)
{
	struct page *pages[4];
	int nr = get_user_pages_fast(addr, 4, 0, pages);

	if (nr <= 0)
		return -EFAULT;
	if (nr < 2) {
		release_pages(pages, nr);
		return -EFAULT;
	}
	get_page(pages[0]);
	*first = pages[0];
	release_pages(pages, nr);
	set_page_dirty_lock(pages[1]);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: a page of 'pages' is used by 'set_page_dirty_lock' after 'release_pages' gave it back
	return 0;
}

struct page *found_ok(unsigned long addr)
{
	struct page *pages[4], *found = NULL;
	int nr, i;

	nr = get_user_pages_fast(addr, 4, 0, pages);
	if (nr <= 0)
		return NULL;
	for (i = 0; i < nr; i++) {
		if (looks_good(pages[i])) {
			found = pages[i];
			get_page(found);
			break;
		}
	}
	release_pages(pages, nr);
	return found;
}

struct page *last_ok(unsigned long addr)
{
	struct page *pages[4], *last = NULL;
	int nr, i;

	while ((nr = get_user_pages_fast(addr, 4, 0, pages)) > 0) {
		for (i = 0; i < nr; i++) {
			if (!looks_good(pages[i]))
				continue;
			if (last)
				put_page(last);
			last = pages[i];
			get_page(last);
		}
		release_pages(pages, nr);
		addr += 0x4000;
	}
	return last;
}
