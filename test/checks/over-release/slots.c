// RUN: %check_pinlint pinlint-over-release
// References that objects have of their own, and puts of what others hold.
#include "../Inputs/lifetime.h"

struct holder {
	struct device *dev;
};
int work(struct device *dev);

static void replace(struct holder *h, struct device *dev)
{
	struct device *old = h->dev;

	if (dev)
		get_device(dev);
	h->dev = dev;
	put_device(old);
}

static void empty(struct holder *h)
{
	replace(h, NULL);
	kfree(h);
}

/* The holder takes its own. */
int own_reference_ok(struct holder *h, const char *name)
{
	struct device *dev = bus_find_device_by_name(NULL, NULL, name);

	if (!dev)
		return -EIO;
	replace(h, dev);
	put_device(dev);
	empty(h);
	return 0;
}

/* Nothing has taken the one that the holder gives back. */
int borrowed_bad(struct holder *h, const char *name)
{
	struct device *dev = bus_find_device_by_name(NULL, NULL, name);

	if (!dev)
		return -EIO;
	h->dev = dev;
	put_device(dev);
	empty(h);
	// CHECK: :[[@LINE-1]]:{{.*}}'empty' releases a device reference that was released before [pinlint-over-release]
	return 0;
}

/* Nothing says that there is a reference besides that of the search. */
void put_twice_bad(const char *name)
{
	struct device *dev = bus_find_device_by_name(NULL, NULL, name);

	if (!dev)
		return;
	put_device(dev);
	put_device(dev);
	// CHECK: :[[@LINE-1]]:{{.*}}'put_device' releases a device reference that was released before [pinlint-over-release]
}

int branch_and_label_bad(const char *name)
{
	struct device *dev = bus_find_device_by_name(NULL, NULL, name);
	int ret;

	if (!dev)
		return -EIO;
	ret = work(dev);
	if (ret) {
		put_device(dev);
		goto out;
	}
	ret = 0;
out:
	put_device(dev);
	// CHECK: :[[@LINE-1]]:{{.*}}'put_device' releases a device reference that was released before [pinlint-over-release]
	return ret;
}

// Who takes a device out of the model gives back the reference of who put it
// there, and who has found it one of its own.
void device_unregister(struct device *dev);
struct device *device_find_any_child(struct device *parent);

void drop_child_ok(struct device *parent)
{
	struct device *child = device_find_any_child(parent);

	if (!child)
		return;
	device_unregister(child);
	put_device(child);
}
