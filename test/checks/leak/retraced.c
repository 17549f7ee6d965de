// RUN: %pinlint --quiet --checks='-*,pinlint-leak,pinlint-use-after-free' %s -- >%t 2>&1
// RUN: FileCheck %s --implicit-check-not=warning: <%t
// More combinations of what is freed than are kept apart: what the joined paths
// say is believed where one of them, gone once more, says it, too.
#include "../Inputs/kernel.h"

int check_user(unsigned long addr);

struct parts {
	void *a, *b, *c, *d, *e;
};

int freed_parts_bad(struct parts *parts, unsigned long addr, unsigned int flags)
{
	struct page *page;
	int ret = 0;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	if (flags & 1)
		kfree(parts->a);
	if (flags & 2)
		kfree(parts->b);
	if (flags & 4)
		kfree(parts->c);
	if (flags & 8)
		kfree(parts->d);
	if (flags & 16)
		kfree(parts->e);
	if (check_user(addr))
		ret = -EINVAL;
	use_pages(&page, 1);
	if (ret)
		return ret;
	// CHECK: :[[@LINE-1]]:3: warning: page references from 'get_user_pages_fast' are not released when 'check_user(addr)'; put_page() is missing [pinlint-leak]
	put_page(page);
	return 0;
}

int freed_parts_ok(struct parts *parts, unsigned long addr, unsigned int flags)
{
	int ret = 0, keep = 1, drop = 0;
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	if (flags & 1)
		kfree(parts->a);
	if (flags & 2)
		kfree(parts->b);
	if (flags & 4)
		kfree(parts->c);
	if (flags & 8)
		kfree(parts->d);
	if (flags & 16) {
		kfree(parts->e);
		keep = 0;
		drop = 1;
	}
	if (check_user(addr))
		ret = -EINVAL;
	use_pages(&page, 1);
	if (ret) {
		if (keep)
			put_page(page);
		if (drop)
			put_page(page);
		return ret;
	}
	put_page(page);
	return 0;
}
