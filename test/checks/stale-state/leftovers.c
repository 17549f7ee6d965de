// RUN: %check_pinlint pinlint-stale-state
// Elements that closing a file leaves for the next one to open it.
#include "../Inputs/lifetime.h"

struct file_operations {
	int (*open)(struct file *file);
	long (*unlocked_ioctl)(struct file *file, unsigned int cmd,
			       unsigned long arg);
	int (*release)(struct file *file);
};
int power_up(struct file *file);

struct space {
	struct list_head node;
	int id;
};
struct dev {
	struct list_head spaces;
};

static long dev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct dev *dev = file->private_data;
	struct space *space = kzalloc(sizeof(*space), GFP_KERNEL);

	if (!space)
		return -ENOMEM;
	list_add(&space->node, &dev->spaces);
	// CHECK: warning: elements of type 'space' that 'dev_ioctl' adds are left behind; 'dev_open' takes them out where it fails, 'dev_release_bad' does not
	// CHECK: note: an element is added here
	return 0;
}

static void drop_spaces(struct dev *dev)
{
	struct space *space, *next;

	list_for_each_entry_safe(space, next, &dev->spaces, node) {
		list_del(&space->node);
		// CHECK: note: it is taken out here, on the way of 'dev_open'
		kfree(space);
	}
}

static int dev_open(struct file *file)
{
	int ret = power_up(file);

	if (ret)
		drop_spaces(file->private_data);
	return ret;
}

static int dev_release_bad(struct file *file)
{
	file->private_data = NULL;
	return 0;
	// CHECK: :[[@LINE+1]]:1: note: the function returns without taking it out
}

static int dev_release_ok(struct file *file)
{
	drop_spaces(file->private_data);
	return 0;
}

const struct file_operations bad_fops = {
	.open = dev_open,
	.unlocked_ioctl = dev_ioctl,
	.release = dev_release_bad,
};

const struct file_operations ok_fops = {
	.open = dev_open,
	.unlocked_ioctl = dev_ioctl,
	.release = dev_release_ok,
};
