// RUN: %check_pinlint pinlint-leak
// What operations of one table acquire and give back.
#include "../Inputs/kernel.h"

struct file {
	void *private_data;
};

// The last operation does not get to the function that gives back.
struct space {
	struct list_head maps;
};
struct mapping {
	struct list_head list;
	struct page *page;
};

static int space_map(struct space *s, unsigned long addr)
{
	struct mapping *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return -ENOMEM;
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &m->page) != 1) {
		kfree(m);
		return -EFAULT;
	}
	list_add(&m->list, &s->maps);
	return 0;
}

static void space_unmap(struct space *s)
{
	struct mapping *m, *next;

	list_for_each_entry_safe(m, next, &s->maps, list) {
		unpin_user_page(m->page);
		list_del(&m->list);
		kfree(m);
	}
}

struct space_operations {
	long (*ioctl)(struct file *file, unsigned int cmd, unsigned long arg);
	int (*release)(struct file *file);
};

static long space_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (cmd) {
		space_unmap(file->private_data);
		return 0;
	}
	return space_map(file->private_data, arg);
}

static int space_release_bad(struct file *file)
// CHECK: :[[@LINE-1]]:{{.*}} warning: 'space_release_bad' ends without releasing the pinned pages that 'space_map' keeps; 'space_unmap' is not reached from here
{
	kfree(file->private_data);
	return 0;
}

const struct space_operations space_ops = {
	.ioctl = space_ioctl,
	.release = space_release_bad,
};
