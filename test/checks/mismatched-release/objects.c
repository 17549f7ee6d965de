// RUN: %check_pinlint pinlint-mismatched-release
// What objects keep is given back the wrong way.
#include "../Inputs/kernel.h"

struct pinned {
	struct page *page;
	struct page **pages;
	int count;
};

int pinned_get(struct pinned *p, unsigned long addr)
{
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &p->page) != 1)
		return -EFAULT;
	return 0;
}

void pinned_put_bad(struct pinned *p)
{
	put_page(p->page);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: what 'pinned_get' keeps in 'page' is given back the wrong way: a pinned page needs unpin_user_page() [pinlint-mismatched-release]
	p->page = NULL;
}

struct referenced {
	struct page *page;
};

int referenced_get(struct referenced *p, unsigned long addr)
{
	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &p->page) != 1)
		return -EFAULT;
	return 0;
}

void referenced_put_ok(struct referenced *p)
{
	put_page(p->page);
	p->page = NULL;
}

// The flag says which way.
struct either {
	struct page *page;
	bool pinned;
};

int either_get(struct either *e, unsigned long addr, struct page *other)
{
	if (other) {
		get_page(other);
		e->page = other;
		e->pinned = false;
		return 0;
	}
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &e->page) != 1)
		return -EFAULT;
	e->pinned = true;
	return 0;
}

void either_put_ok(struct either *e)
{
	if (e->pinned)
		unpin_user_page(e->page);
	else
		put_page(e->page);
}
