// RUN: %check_pinlint pinlint-mismatched-release
// What objects keep is given back the right way by some, and the wrong way by
// others.
#include "../Inputs/kernel.h"

// The owner that replaces it does it the right way; the one that ends it does
// not.
struct monitor {
	struct page *page;
};

int check_user(unsigned long addr);

int monitor_set(struct monitor *m, unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	if (check_user(addr)) {
		unpin_user_page(page);
		return -EINVAL;
	}
	if (m->page)
		unpin_user_page(m->page);
	m->page = page;
	return 0;
}

void monitor_destroy_bad(struct monitor *m)
{
	if (!m->page)
		return;
	put_page(m->page);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: what 'monitor_set' keeps in 'page' is given back the wrong way: a pinned page needs unpin_user_page() [pinlint-mismatched-release]
	m->page = NULL;
}

// What is beside it is of another kind.
struct window {
	struct {
		struct page *map;
		struct page *bounce;
	} dma;
};

int window_set(struct window *w, unsigned long addr)
{
	if (w->dma.map)
		unpin_user_page(w->dma.map);
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &w->dma.map) != 1)
		return -EFAULT;
	return 0;
}

void window_unset_ok(struct window *w)
{
	unpin_user_page(w->dma.map);
	w->dma.map = NULL;
}

void window_free_ok(struct window *w)
{
	if (w->dma.bounce)
		__free_page(w->dma.bounce);
}
