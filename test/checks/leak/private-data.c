// RUN: %check_pinlint pinlint-leak
// Who looks a page up and takes one more reference for what is attached to it
// hands one of them to its caller.
#include "../Inputs/kernel.h"

struct address_space;
struct page *find_get_page(struct address_space *mapping, unsigned long index);

int check_page(const struct page *page);
int has_private(const struct page *page);

static void attach(struct page *page)
{
	get_page(page);
}

static struct page *get_prepared(struct address_space *mapping,
				 unsigned long index)
{
	struct page *page = find_get_page(mapping, index);

	if (!page)
		return NULL;
	if (!has_private(page))
		attach(page);
	return page;
}

int prepare_ok(struct address_space *mapping, unsigned long index)
{
	struct page *page = get_prepared(mapping, index);
	int ret;

	if (!page)
		return -ENOMEM;
	ret = check_page(page);
	put_page(page);
	return ret;
}

int prepare_bad(struct address_space *mapping, unsigned long index)
{
	struct page *page = get_prepared(mapping, index);
	int ret;

	if (!page)
		return -ENOMEM;
	ret = check_page(page);
	if (ret)
		return ret;
	// CHECK: :[[@LINE-1]]:3: warning: page reference from 'get_prepared' is not released when 'ret'; put_page() is missing [pinlint-leak]
	put_page(page);
	return 0;
}
