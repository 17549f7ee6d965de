// RUN: %pinlint --quiet --checks='-*,pinlint-leak' %s -- >%t 2>&1
// RUN: FileCheck %s --implicit-check-not=warning: <%t
// More combinations of what is held than the budget allows: what each call
// acquires is followed by itself.
#include "../Inputs/kernel.h"

int check_user(unsigned long addr);

static struct page *grab(unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return NULL;
	return page;
}

static void drop(struct page *page)
{
	if (page)
		put_page(page);
}

void many_pages_ok(unsigned long addr, unsigned int flags)
{
	struct page *a = NULL, *b = NULL, *c = NULL, *d = NULL;
	struct page *e = NULL, *f = NULL, *g = NULL;

	if (flags & 1)
		a = grab(addr);
	if (flags & 2)
		b = grab(addr);
	if (flags & 4)
		c = grab(addr);
	if (flags & 8)
		d = grab(addr);
	if (flags & 16)
		e = grab(addr);
	if (flags & 32)
		f = grab(addr);
	if (flags & 64)
		g = grab(addr);
	drop(a);
	drop(b);
	drop(c);
	drop(d);
	drop(e);
	drop(f);
	drop(g);
}

int many_pages_bad(unsigned long addr, unsigned int flags)
{
	struct page *a = NULL, *b = NULL, *c = NULL, *d = NULL;
	struct page *e = NULL, *f = NULL, *g;
	int ret = 0;

	if (flags & 1)
		a = grab(addr);
	if (flags & 2)
		b = grab(addr);
	if (flags & 4)
		c = grab(addr);
	if (flags & 8)
		d = grab(addr);
	if (flags & 16)
		e = grab(addr);
	if (flags & 32)
		f = grab(addr);
	g = grab(addr);
	if (check_user(addr)) {
		ret = -EFAULT;
		goto out;
	}
	drop(g);
out:
	drop(f);
	drop(e);
	drop(d);
	drop(c);
	drop(b);
	drop(a);
	return ret;
	// CHECK: :[[@LINE-1]]:2: warning: page reference from 'grab' is not released when 'check_user(addr)'; put_page() is missing [pinlint-leak]
}

/* Who calls such a function is told what it keeps. */
static struct page *grab_last(unsigned long addr, unsigned int flags)
{
	struct page *a = NULL, *b = NULL, *c = NULL, *d = NULL;
	struct page *e = NULL, *f = NULL;
	struct page *last = grab(addr);

	if (flags & 1)
		a = grab(addr);
	if (flags & 2)
		b = grab(addr);
	if (flags & 4)
		c = grab(addr);
	if (flags & 8)
		d = grab(addr);
	if (flags & 16)
		e = grab(addr);
	if (flags & 32)
		f = grab(addr);
	drop(a);
	drop(b);
	drop(c);
	drop(d);
	drop(e);
	drop(f);
	return last;
}

int caller_ok(unsigned long addr, unsigned int flags)
{
	struct page *page = grab_last(addr, flags);

	if (!page)
		return -EFAULT;
	use_pages(&page, 1);
	put_page(page);
	return 0;
}

int caller_bad(unsigned long addr, unsigned int flags)
{
	struct page *page = grab_last(addr, flags);

	if (!page)
		return -EFAULT;
	if (check_user(addr))
		return -EINVAL;
	// CHECK: :[[@LINE-1]]:3: warning: page reference from 'grab_last' is not released when 'check_user(addr)'; put_page() is missing [pinlint-leak]
	put_page(page);
	return 0;
}

/* Of the rounds of a loop, each may be the one that loses. */
int rounds_bad(unsigned long addr, unsigned int flags, unsigned int n)
{
	struct page *a = NULL, *b = NULL, *c = NULL, *d = NULL;
	struct page *e = NULL, *f = NULL;
	unsigned int i;

	if (flags & 1)
		a = grab(addr);
	if (flags & 2)
		b = grab(addr);
	if (flags & 4)
		c = grab(addr);
	if (flags & 8)
		d = grab(addr);
	if (flags & 16)
		e = grab(addr);
	if (flags & 32)
		f = grab(addr);
	for (i = 0; i < n; i++) {
		struct page *page = grab(addr + i * PAGE_SIZE);

		if (!page)
			break;
		if (i && check_user(addr))
			break;
		put_page(page);
	}
	drop(a);
	drop(b);
	drop(c);
	drop(d);
	drop(e);
	drop(f);
	return 0;
	// CHECK: :[[@LINE-1]]:2: warning: page reference from 'grab' is not released when 'check_user(addr)'; put_page() is missing [pinlint-leak]
}
