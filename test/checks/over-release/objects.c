// RUN: %check_pinlint pinlint-over-release
// Released by a number that is not the number of what an object keeps.
#include "../Inputs/kernel.h"

struct frames {
	unsigned int room;
	unsigned int got;
	struct page *pages[64];
};

int frames_get(struct frames *f, unsigned long addr, unsigned int n)
{
	int ret;

	if (n > f->room)
		n = f->room;
	ret = pin_user_pages_fast(addr, n, FOLL_WRITE, f->pages);
	if (ret <= 0)
		return -EFAULT;
	f->got = ret;
	return ret;
}

void frames_put_bad(struct frames *f)
{
	unpin_user_pages(f->pages, f->room);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'room' pinned pages are released, but 'frames_get' says in 'got' how many it obtained [pinlint-over-release]
	f->got = 0;
}

void frames_put_ok(struct frames *f)
{
	unpin_user_pages(f->pages, f->got);
	f->got = 0;
}

// All or nothing: either number is right.
struct exact {
	unsigned int want;
	unsigned int got;
	struct page *pages[64];
};

int exact_get(struct exact *e, unsigned long addr)
{
	int ret = pin_user_pages_fast(addr, e->want, FOLL_WRITE, e->pages);

	if (ret != e->want) {
		if (ret > 0)
			unpin_user_pages(e->pages, ret);
		return -EFAULT;
	}
	e->got = ret;
	return 0;
}

void exact_put_ok(struct exact *e)
{
	unpin_user_pages(e->pages, e->want);
}

// A second call of the ioctl gives back the same page.
struct file_operations {
	long (*unlocked_ioctl)(struct file *file, unsigned int cmd,
			       unsigned long arg);
};
struct file {
	void *private_data;
};
struct window {
	struct page *page;
};

static long window_close_bad(struct file *file, unsigned int cmd,
			     unsigned long arg)
{
	struct window *w = file->private_data;

	if (!w->page)
		return -EINVAL;
	unpin_user_page(w->page);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the pinned page in 'page' is released here and stays where it is; the next call releases it again
	return 0;
}

static long window_close_ok(struct file *file, unsigned int cmd,
			    unsigned long arg)
{
	struct window *w = file->private_data;

	if (!w->page)
		return -EINVAL;
	unpin_user_page(w->page);
	w->page = NULL;
	return 0;
}

const struct file_operations window_fops[2] = {
	{ .unlocked_ioctl = window_close_bad },
	{ .unlocked_ioctl = window_close_ok },
};
