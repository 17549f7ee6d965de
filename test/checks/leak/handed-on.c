// RUN: %check_pinlint pinlint-leak
// A loop that hands pages on one by one and stops in the middle still has those
// that it has not come to.
#include "../Inputs/kernel.h"

struct slot {
	struct page *page;
};
struct ring {
	struct slot slots[16];
	unsigned int head;
};
struct table {
	struct page *pages[64];
	int n;
};
struct req {
	struct page *page;
};
struct req *new_req(void);
void submit_req(struct req *rq);

int ring_full(const struct ring *r);
int table_full(const struct table *t);

/* Who cannot take the page gives it back. */
static int ring_add(struct ring *r, struct page *p)
{
	if (ring_full(r)) {
		put_page(p);
		return -EAGAIN;
	}
	r->slots[r->head & 15].page = p;
	r->head++;
	return 0;
}

int ring_bad(struct ring *r, unsigned long addr)
{
	struct page *pages[16];
	int i, n, ret;

	n = get_user_pages_fast(addr, 16, FOLL_WRITE, pages);
	if (n <= 0)
		return n;
	for (i = 0; i < n; i++) {
		ret = ring_add(r, pages[i]);
		if (ret < 0)
			return ret;
		// CHECK: :[[@LINE-1]]:{{.*}} warning: only some of the page references from 'get_user_pages_fast' are released; the others are lost here
	}
	return 0;
}

int ring_ok(struct ring *r, unsigned long addr)
{
	struct page *pages[16];
	int i, n, ret;

	n = get_user_pages_fast(addr, 16, FOLL_WRITE, pages);
	if (n <= 0)
		return n;
	for (i = 0; i < n; i++) {
		ret = ring_add(r, pages[i]);
		if (ret < 0) {
			while (++i < n)
				put_page(pages[i]);
			return ret;
		}
	}
	return 0;
}

int request_bad(unsigned long addr)
{
	struct page *pages[16];
	int i, n;

	n = get_user_pages_fast(addr, 16, FOLL_WRITE, pages);
	if (n <= 0)
		return n;
	for (i = 0; i < n; i++) {
		struct req *rq = new_req();

		if (!rq)
			return -ENOMEM;
		// CHECK: :[[@LINE-1]]:{{.*}} warning: page references from 'get_user_pages_fast' are not released when '!rq'; put_page() is missing
		rq->page = pages[i];
		submit_req(rq);
	}
	return 0;
}

int request_ok(unsigned long addr)
{
	struct page *pages[16];
	int i, n;

	n = get_user_pages_fast(addr, 16, FOLL_WRITE, pages);
	if (n <= 0)
		return n;
	for (i = 0; i < n; i++) {
		struct req *rq = new_req();

		if (!rq) {
			for (; i < n; i++)
				put_page(pages[i]);
			return -ENOMEM;
		}
		rq->page = pages[i];
		submit_req(rq);
	}
	return 0;
}

int table_bad(struct table *t, unsigned long addr)
{
	struct page *pages[16];
	int i, n;

	n = get_user_pages_fast(addr, 16, FOLL_WRITE, pages);
	if (n <= 0)
		return n;
	for (i = 0; i < n; i++) {
		if (table_full(t))
			return -EINVAL;
		// CHECK: :[[@LINE-1]]:{{.*}} warning: page references from 'get_user_pages_fast' are not released when 'table_full(t)'; put_page() is missing
		t->pages[t->n++] = pages[i];
	}
	return 0;
}

int table_ok(struct table *t, unsigned long addr)
{
	struct page *pages[16];
	int i, n;

	n = get_user_pages_fast(addr, 16, FOLL_WRITE, pages);
	if (n <= 0)
		return n;
	for (i = 0; i < n; i++) {
		if (table_full(t))
			goto out;
		t->pages[t->n++] = pages[i];
	}
	return 0;
out:
	while (i < n)
		put_page(pages[i++]);
	return -EINVAL;
}

/* That none is left is not always said in numbers of pages. */
int bytes_ok(struct table *t, unsigned long addr)
{
	struct page *pages[16];
	size_t left;
	int i, n;

	n = get_user_pages_fast(addr, 16, FOLL_WRITE, pages);
	if (n <= 0)
		return n;
	left = n * PAGE_SIZE;
	for (i = 0; left; i++) {
		size_t len = left < PAGE_SIZE ? left : PAGE_SIZE;

		t->pages[t->n++] = pages[i];
		left -= len;
	}
	return 0;
}

/* What the table has is given back as well. */
int look_at(struct page *const page);

int collect_ok(struct table *t, unsigned long addr)
{
	struct page *pages[16];
	int i, n;

	n = get_user_pages_fast(addr, 16, FOLL_WRITE, pages);
	if (n <= 0)
		return n;
	for (i = 0; i < n; i++) {
		t->pages[i] = pages[i];
		if (look_at(pages[i]))
			goto fail;
	}
	return 0;
fail:
	for (i = 0; i < n; i++)
		put_page(pages[i]);
	return -EINVAL;
}
