// RUN: %check_pinlint pinlint-leak
// What objects keep, and who in the file gives it back.
#include "../Inputs/kernel.h"

struct file_operations {
	int (*open)(struct file *file);
	long (*unlocked_ioctl)(struct file *file, unsigned int cmd,
			       unsigned long arg);
	int (*release)(struct file *file);
};
struct file {
	void *private_data;
};
void look_at(struct page *page);
struct page *sg_page(struct scatterlist *sg);

// Freed with the page inside.
struct forgotten {
	struct page *page;
	int users;
};

int forgotten_map(struct forgotten *f, unsigned long addr)
{
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &f->page) != 1)
		return -EFAULT;
	return 0;
}

void forgotten_destroy_bad(struct forgotten *f)
{
	f->users = 0;
	kfree(f);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: pinned pages that 'forgotten_map' keeps in 'page' are not released before the object is freed; unpin_user_page() is missing [pinlint-leak]
}

// In a scatterlist that is part of the object.
struct doorbells {
	struct {
		struct scatterlist mem;
		unsigned long addr;
	} slot[8];
};

int doorbells_map(struct doorbells *d, unsigned long addr, int i)
{
	struct page *pages[1];
	int ret = pin_user_pages_fast(addr, 1, FOLL_WRITE, pages);

	if (ret < 0)
		return ret;
	sg_set_page(&d->slot[i].mem, pages[0], PAGE_SIZE, 0);
	d->slot[i].addr = addr;
	return 0;
}

void doorbells_cleanup_bad(struct doorbells *d)
{
	kfree(d);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: pinned pages that 'doorbells_map' keeps in 'slot' are not released
}

struct remembered {
	struct page *page;
};

int remembered_map(struct remembered *r, unsigned long addr)
{
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &r->page) != 1)
		return -EFAULT;
	return 0;
}

void remembered_destroy_ok(struct remembered *r)
{
	unpin_user_page(r->page);
	kfree(r);
}

// Somebody else may give it back.
struct shared {
	struct page *page;
};
void stop_sharing(struct shared *s);

int shared_map(struct shared *s, unsigned long addr)
{
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &s->page) != 1)
		return -EFAULT;
	return 0;
}

void shared_destroy_ok(struct shared *s)
{
	stop_sharing(s);
	kfree(s);
}

// The flag that decides over the release stays down.
struct guarded {
	struct page **pages;
	int count;
	bool pinned;
};

int guarded_map_bad(struct guarded *g, unsigned long addr, int n)
{
	int got = pin_user_pages_fast(addr, n, FOLL_WRITE, g->pages);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: pinned pages are kept in 'pages', but 'pinned' is left so that 'guarded_unmap' does not release them

	g->pinned = false;
	if (got <= 0)
		return -EFAULT;
	g->count = got;
	return 0;
}

void guarded_unmap(struct guarded *g)
{
	if (!g->pinned)
		return;
	unpin_user_pages(g->pages, g->count);
	g->count = 0;
}

struct flagged {
	struct page **pages;
	int count;
	bool pinned;
};

int flagged_map_ok(struct flagged *g, unsigned long addr, int n)
{
	int got = pin_user_pages_fast(addr, n, FOLL_WRITE, g->pages);

	g->pinned = true;
	if (got <= 0)
		return -EFAULT;
	g->count = got;
	return 0;
}

void flagged_unmap(struct flagged *g)
{
	if (!g->pinned)
		return;
	unpin_user_pages(g->pages, g->count);
	g->count = 0;
}

// A second call forgets the page of the first.
struct monitor {
	struct page *page;
};

static long monitor_ioctl_bad(struct file *file, unsigned int cmd,
			      unsigned long arg)
{
	struct monitor *m = file->private_data;
	struct page *page;

	if (pin_user_pages_fast(arg, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	// CHECK: :[[@LINE-2]]:{{.*}} warning: the pinned page that 'page' may have from an earlier call is overwritten
	m->page = page;
	return 0;
}

static long monitor_ioctl_ok(struct file *file, unsigned int cmd,
			     unsigned long arg)
{
	struct monitor *m = file->private_data;
	struct page *page;

	if (pin_user_pages_fast(arg, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	if (m->page)
		unpin_user_page(m->page);
	m->page = page;
	return 0;
}

static long monitor_once_ioctl_ok(struct file *file, unsigned int cmd,
				  unsigned long arg)
{
	struct monitor *m = file->private_data;

	if (m->page)
		return -EINVAL;
	if (pin_user_pages_fast(arg, 1, FOLL_WRITE, &m->page) != 1) {
		m->page = NULL;
		return -EFAULT;
	}
	return 0;
}

static int monitor_release(struct file *file)
{
	struct monitor *m = file->private_data;

	if (m->page)
		unpin_user_page(m->page);
	kfree(m);
	return 0;
}

const struct file_operations monitor_fops[3] = {
	{ .unlocked_ioctl = monitor_ioctl_bad, .release = monitor_release },
	{ .unlocked_ioctl = monitor_ioctl_ok, .release = monitor_release },
	{ .unlocked_ioctl = monitor_once_ioctl_ok, .release = monitor_release },
};

// Taken out of the table and forgotten.
struct table {
	struct page *shadow[16];
};
void give_back(struct page **page, int n);

void table_clear(struct table *t)
{
	int i;

	for (i = 0; i < 16; i++) {
		struct page *page = t->shadow[i];

		if (!page)
			continue;
		t->shadow[i] = NULL;
		give_back(&page, 1);
	}
}

void table_drop_bad(struct table *t, int i)
{
	struct page *page;

	if (!t->shadow[i])
		return;
	page = t->shadow[i];
	// CHECK: :[[@LINE-1]]:{{.*}} warning: what 'shadow' keeps is taken out here and lost; 'table_clear' does not lose it
	t->shadow[i] = NULL;
}

// All but the first, or the last.
struct vec {
	struct page *page;
	unsigned int len;
};
struct list {
	unsigned int nr;
	struct vec vec[8];
};

void list_free_ok(struct list *l)
{
	unsigned int i;

	for (i = 0; i < l->nr; i++)
		unpin_user_page(l->vec[i].page);
	kfree(l);
}

void list_free_first_bad(struct list *l)
{
	unsigned int i;

	for (i = 1; i < l->nr; i++)
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the loop leaves out the first of the pages in 'vec', which is freed next; 'unpin_user_page' is missing for it
		unpin_user_page(l->vec[i].page);
	kfree(l);
}

void list_free_last_bad(struct list *l)
{
	unsigned int i;

	for (i = 0; i < l->nr - 1; ++i) {
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the loop leaves out the last of the pages in 'vec'
		struct page *page = l->vec[i].page;

		unpin_user_page(page);
	}
	kfree(l);
}

// The first one is special.
void list_free_apart_ok(struct list *l)
{
	unsigned int i;

	for (i = 1; i < l->nr; i++)
		unpin_user_page(l->vec[i].page);
	put_page(l->vec[0].page);
	kfree(l);
}

// The number is gone before it is used.
struct dma {
	struct page *map[8];
	int count;
};

void dma_unmap_bad(struct dma *d)
{
	if (!d->count)
		return;
	d->count = 0;
	unpin_user_pages(d->map, d->count);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'unpin_user_pages' gives back nothing: 'd->count' is always 0 here
}

void dma_unmap_ok(struct dma *d)
{
	if (!d->count)
		return;
	unpin_user_pages(d->map, d->count);
	d->count = 0;
}
