// RUN: %check_pinlint pinlint-leak
// What an object keeps when it, or what it keeps the pages in, ends.
#include "../Inputs/kernel.h"
#include "Inputs/ends.h"

// The array that has the pages is freed, whatever is printed before.
int wide_map_pin(struct wide_map *m, unsigned long addr, int nr)
{
	int got;

	m->list = kcalloc(nr, sizeof(*m->list), GFP_KERNEL);
	if (!m->list)
		return -ENOMEM;
	got = pin_user_pages_fast(addr, nr, FOLL_WRITE, m->list);
	if (got != nr) {
		if (got > 0)
			unpin_user_pages(m->list, got);
		kfree(m->list);
		m->list = NULL;
		return -EFAULT;
	}
	m->nr = nr;
	return 0;
}

int wide_map_unpin_bad(struct wide_map *m)
{
	if (!m->nr) {
		describe("%p is not used", m);
		return -EINVAL;
	}
	kfree(m->list);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: pinned pages that 'wide_map_pin' keeps in 'list' are not released before it is freed; unpin_user_page() is missing [pinlint-leak]
	m->list = NULL;
	m->nr = 0;
	return 0;
}

// The member is cleared, and nobody can find the page again.
int queue_buffer_pin(struct queue_buffer *q, unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	q->page = page;
	q->buf = page_address(page);
	return 0;
}

void queue_buffer_unpin_bad(struct queue_buffer *q)
{
	if (q->buf && q->page) {
		q->page = NULL;
		// CHECK: :[[@LINE-1]]:{{.*}} warning: pinned pages that 'queue_buffer_pin' keeps in 'page' are not released before it is cleared; unpin_user_page() is missing [pinlint-leak]
		q->buf = NULL;
	}
}

// Released if registering fails after that, but not when all ends.
static void umem_unpin(struct umem *u)
{
	unpin_user_pages(u->pgs, u->npgs);
	kvfree(u->pgs);
	u->pgs = NULL;
}

static int umem_pin(struct umem *u, unsigned long addr, unsigned int npgs)
{
	int got;

	u->pgs = kcalloc(npgs, sizeof(*u->pgs), GFP_KERNEL);
	if (!u->pgs)
		return -ENOMEM;
	got = pin_user_pages_fast(addr, npgs, FOLL_WRITE, u->pgs);
	if (got < 0 || got != npgs) {
		u->npgs = got < 0 ? 0 : got;
		umem_unpin(u);
		return -EFAULT;
	}
	u->npgs = npgs;
	return 0;
}

struct umem *umem_create(unsigned long addr, unsigned int npgs)
{
	struct umem *u = kmalloc(sizeof(*u), GFP_KERNEL);

	if (!u)
		return NULL;
	if (umem_pin(u, addr, npgs)) {
		kfree(u);
		return NULL;
	}
	if (register_umem(u)) {
		umem_unpin(u);
		kfree(u);
		return NULL;
	}
	return u;
}

void umem_destroy_bad(struct umem *u)
{
	kfree(u);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: pinned pages that 'umem_create' keeps in 'pgs' are not released before the object is freed; unpin_user_page() is missing [pinlint-leak]
}

// One of two that free the object gives back what it has.
struct region {
	struct page *page;
	unsigned long addr;
};

static void region_unpin(struct region *r)
{
	unpin_user_page(r->page);
}

struct region *region_map(unsigned long addr)
{
	struct region *r = kmalloc(sizeof(*r), GFP_KERNEL);

	if (!r)
		return NULL;
	r->addr = addr;
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &r->page) != 1) {
		kfree(r);
		return NULL;
	}
	return r;
}

void region_unmap_ok(struct region *r)
{
	region_unpin(r);
	kfree(r);
}

void region_destroy_bad(struct region **all, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		kfree(all[i]);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: pinned pages that 'region_map' keeps in 'page' are not released before the object is freed; 'region_unmap_ok' releases them [pinlint-leak]
}

// Buffers of two kinds: those of the other have no page.
struct frame {
	struct page *page;
	void *data;
};

struct frame *buffer_pin(unsigned long addr)
{
	struct frame *b = kmalloc(sizeof(*b), GFP_KERNEL);

	if (!b)
		return NULL;
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &b->page) != 1) {
		kfree(b);
		return NULL;
	}
	return b;
}

struct frame *buffer_alloc(void *data)
{
	struct frame *b = kmalloc(sizeof(*b), GFP_KERNEL);

	if (b)
		b->data = data;
	return b;
}

void buffer_unpin_ok(struct frame *b)
{
	unpin_user_page(b->page);
	kfree(b);
}

void buffer_free_ok(struct frame *b)
{
	kfree(b);
}

// Given back when another operation is done: the object need not do it again.
struct window {
	struct page *page;
	void *owner;
};

int window_pin(struct window *w, unsigned long addr)
{
	return pin_user_pages_fast(addr, 1, FOLL_WRITE, &w->page) == 1 ? 0 :
								    -EFAULT;
}

void window_unpin_ok(struct window *w)
{
	unpin_user_page(w->page);
	w->page = NULL;
}

void window_destroy_ok(struct window *w)
{
	kfree(w);
}

// Passed on, or moved to another object, before the member is cleared.
int slot_pin(struct slot *s, unsigned long addr)
{
	return pin_user_pages_fast(addr, 1, FOLL_WRITE, &s->page) == 1 ? 0 :
								    -EFAULT;
}

void slot_hand_over_ok(struct slot *s)
{
	take_over(s->page);
	s->page = NULL;
}

int spare_pin(struct spare *s, unsigned long addr)
{
	return pin_user_pages_fast(addr, 1, FOLL_WRITE, &s->spare_page) == 1 ?
		       0 :
		       -EFAULT;
}

void spare_move_ok(struct spare *s, struct slot *to)
{
	to->page = s->spare_page;
	s->spare_page = NULL;
}
