// RUN: %check_pinlint pinlint-leak
// Functions that a header declares, and that a structure's owner calls: what one
// of them keeps, the other has to give back.
#include "../Inputs/kernel.h"
#include "Inputs/doorbells.h"

int ring_doorbell(struct page *page);

struct doorbells {
	int users;
	struct page *page;
};

int doorbells_map(struct doorbells *d, unsigned long addr)
{
	struct page *page;
	int ret;

	ret = pin_user_pages_fast(addr, 1, FOLL_WRITE, &page);
	if (ret < 0)
		return ret;
	d->page = page;
	ret = ring_doorbell(page);
	if (ret) {
		/* What it gives back itself is not what it keeps. */
		unpin_user_page(d->page);
		return ret;
	}
	d->users = 1;
	return 0;
}

void doorbells_free_bad(struct doorbells *d)
{
	kfree(d);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: pinned pages that 'doorbells_map' keeps in 'page' are not released before the object is freed; unpin_user_page() is missing [pinlint-leak]
}

struct ring {
	int users;
	struct page *slot;
};

int ring_map(struct ring *r, unsigned long addr)
{
	struct page *page;
	int ret;

	ret = pin_user_pages_fast(addr, 1, FOLL_WRITE, &page);
	if (ret < 0)
		return ret;
	r->slot = page;
	ret = ring_doorbell(page);
	if (ret) {
		unpin_user_page(r->slot);
		return ret;
	}
	r->users = 1;
	return 0;
}

void ring_free_ok(struct ring *r)
{
	if (r->users)
		unpin_user_page(r->slot);
	kfree(r);
}
