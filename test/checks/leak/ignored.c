// RUN: %check_pinlint pinlint-leak
// A call that fails takes nothing over, whether anybody asks or not.
#include "../Inputs/kernel.h"

struct xarray;
void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
int xa_err(void *entry);

struct ring {
	unsigned long id;
	struct page *page;
};

static int ring_add(struct xarray *rings, struct ring *r, unsigned long id)
{
	r->id = id;
	return xa_err(xa_store(rings, id, r, GFP_KERNEL));
}

static struct ring *ring_new(unsigned long addr)
{
	struct ring *r = kzalloc(sizeof(*r), GFP_KERNEL);

	if (!r)
		return NULL;
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &r->page) != 1) {
		kfree(r);
		return NULL;
	}
	return r;
}

int ring_register_bad(struct xarray *rings, unsigned long addr)
{
	struct ring *r = ring_new(addr);

	if (!r)
		return -ENOMEM;
	ring_add(rings, r, addr);
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: pinned page{{s?}} from 'ring_new' {{is|are}} not released when 'ring_add' fails; unpin_user_page() is missing [pinlint-leak]
}

int ring_register_ok(struct xarray *rings, unsigned long addr)
{
	struct ring *r = ring_new(addr);
	int ret;

	if (!r)
		return -ENOMEM;
	ret = ring_add(rings, r, addr);
	if (ret) {
		unpin_user_page(r->page);
		kfree(r);
	}
	return ret;
}
