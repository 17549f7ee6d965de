// RUN: %check_pinlint pinlint-leak
// Two devices: the last operation of the one that has the pages is meant. That a
// page range is freed on the way says nothing.
#include "../Inputs/kernel.h"

struct file {
	void *private_data;
};

struct file_operations {
	long (*unlocked_ioctl)(struct file *file, unsigned int cmd,
			       unsigned long arg);
	int (*release)(struct file *file);
};

void look_at(int nr);
void free_pages_exact(void *virt, size_t size);

struct dev {
	struct page *page;
	int nr;
};

static int dev_reg(struct dev *d, unsigned long addr)
{
	if (d->page)
		return -EINVAL;
	return pin_user_pages_fast(addr, 1, FOLL_WRITE, &d->page) == 1 ? 0 :
								    -EFAULT;
}

static void dev_dereg(struct dev *d)
{
	if (d->page)
		unpin_user_page(d->page);
	d->page = NULL;
}

static long dev_ioctl(struct file *file, unsigned int cmd, unsigned long addr)
{
	struct dev *d = file->private_data;

	if (cmd)
		return dev_reg(d, addr);
	dev_dereg(d);
	return 0;
}

static int dev_release_bad(struct file *file)
// CHECK: :[[@LINE-1]]:{{.*}} warning: 'dev_release_bad' ends without releasing the pinned pages that 'dev_ioctl' keeps; 'dev_dereg' is not reached from here [pinlint-leak]
{
	struct dev *d = file->private_data;

	look_at(d->nr);
	return 0;
}

static const struct file_operations dev_fops = {
	.unlocked_ioctl = dev_ioctl,
	.release = dev_release_bad,
};

static long control_ioctl(struct file *file, unsigned int cmd,
			  unsigned long arg)
{
	return 0;
}

static int control_release_ok(struct file *file)
{
	return 0;
}

static const struct file_operations control_fops = {
	.unlocked_ioctl = control_ioctl,
	.release = control_release_ok,
};

void use_tables(const struct file_operations *fops);

void start(void)
{
	use_tables(&dev_fops);
	use_tables(&control_fops);
}

void buffer_done(void *buffer)
{
	free_pages_exact(buffer, PAGE_SIZE);
}
