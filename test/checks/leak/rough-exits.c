// RUN: %pinlint --quiet --checks='-*,pinlint-leak' %s -- >%t 2>&1
// RUN: FileCheck %s --implicit-check-not=warning: <%t
// RUN: %pinlint --quiet --checks='-*,pinlint-leak' --confidence=low %s -- >%t 2>&1
// RUN: FileCheck %s --check-prefixes=CHECK,LOW --implicit-check-not=warning: <%t
// A callee with more kinds of paths than are kept apart: what is found by means
// of those that had to be joined is of low confidence, unless one of them, gone
// once more, says it as well.
#include "../Inputs/kernel.h"

int check_user(unsigned long addr);

struct parts {
	void *a, *b, *c, *d, *e, *f, *g;
};

static struct page *grab(unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return NULL;
	return page;
}

static int release(void **part)
{
	kfree(*part);
	return 1;
}

static struct page *grab_after_few(struct parts *p, unsigned long addr,
				   unsigned int flags)
{
	if (flags & 1)
		kfree(p->a);
	if (flags & 2)
		kfree(p->b);
	return grab(addr);
}

static int drop(struct parts *p, unsigned int flags)
{
	int freed = 0;

	if (flags & 1)
		freed += release(&p->a);
	if (flags & 2)
		freed += release(&p->b);
	if (flags & 4)
		freed += release(&p->c);
	if (flags & 8)
		freed += release(&p->d);
	if (flags & 16)
		freed += release(&p->e);
	if (flags & 32)
		freed += release(&p->f);
	if (flags & 64)
		freed += release(&p->g);
	return freed;
}

static struct page *grab_after_many(struct parts *p, unsigned long addr,
				    unsigned int flags)
{
	return drop(p, flags) == 7 ? grab(addr) : NULL;
}

/* Who drops nothing meets those who have dropped all. */
static struct page *grab_anyway(struct parts *p, unsigned long addr,
				unsigned int flags)
{
	if (check_user(addr) && drop(p, flags) < 7)
		return NULL;
	return grab(addr);
}

int few_bad(struct parts *p, unsigned long addr, unsigned int flags)
{
	struct page *page = grab_after_few(p, addr, flags);

	if (!page)
		return -EFAULT;
	if (check_user(addr))
		return -EINVAL;
	// CHECK: :[[@LINE-1]]:3: warning: page reference from 'grab_after_few' is not released when 'check_user(addr)'; put_page() is missing [pinlint-leak]
	put_page(page);
	return 0;
}

int many_bad(struct parts *p, unsigned long addr, unsigned int flags)
{
	struct page *page = grab_after_many(p, addr, flags);

	if (!page)
		return -EFAULT;
	if (check_user(addr))
		return -EINVAL;
	// LOW: :[[@LINE-1]]:3: warning: page reference from 'grab_after_many' is not released when 'check_user(addr)'; put_page() is missing [pinlint-leak]
	put_page(page);
	return 0;
}

int anyway_bad(struct parts *p, unsigned long addr, unsigned int flags)
{
	struct page *page = grab_anyway(p, addr, flags);

	if (!page)
		return -EFAULT;
	if (check_user(addr))
		return -EINVAL;
	// CHECK: :[[@LINE-1]]:3: warning: page reference from 'grab_anyway' is not released when 'check_user(addr)'; put_page() is missing [pinlint-leak]
	put_page(page);
	return 0;
}

int anyway_ok(struct parts *p, unsigned long addr, unsigned int flags)
{
	struct page *page = grab_anyway(p, addr, flags);

	if (!page)
		return -EFAULT;
	if (check_user(addr)) {
		put_page(page);
		return -EINVAL;
	}
	put_page(page);
	return 0;
}
