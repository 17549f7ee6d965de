// RUN: %check_pinlint pinlint-double-free
#include "../Inputs/lifetime.h"

struct dev {
	void *buffer;
	void *table;
	struct rcu_head rcu;
};
int start(struct dev *dev);

void twice_bad(struct dev *dev)
{
	kfree(dev->buffer);
	kfree(dev->buffer);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'dev->buffer' is freed again by 'kfree' [pinlint-double-free]
}

void cleared_ok(struct dev *dev)
{
	kfree(dev->buffer);
	dev->buffer = NULL;
	kfree(dev->buffer);
}

static void destroy(struct dev *dev)
{
	kfree(dev->buffer);
	kfree(dev->table);
	kfree(dev);
}

// The label frees what the branch has freed.
int label_bad(void)
{
	struct dev *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	int ret;

	if (!dev)
		return -ENOMEM;
	ret = start(dev);
	if (ret) {
		kfree(dev);
		goto out;
	}
	return 0;
out:
	kfree(dev);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'dev' is freed again by 'kfree'
	return ret;
}

void helper_bad(struct dev *dev)
{
	kfree(dev->table);
	destroy(dev);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'dev->table' is freed again by 'destroy'
}

void helper_ok(struct dev *dev)
{
	kfree(dev->table);
	dev->table = NULL;
	destroy(dev);
}

// A grace period does not make a second free better.
void rcu_bad(struct dev *dev)
{
	kfree_rcu(dev, rcu);
	kfree(dev);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'dev' is freed again by 'kfree'
}

void either_ok(struct dev *dev, int vmalloced)
{
	if (vmalloced)
		vfree(dev->buffer);
	else
		kfree(dev->buffer);
}

// Freed if it is there: no reason to tell paths apart.
void optional_ok(struct dev *dev)
{
	if (dev->buffer)
		kfree(dev->buffer);
	if (dev->table)
		kfree(dev->table);
	dev->buffer = dev->table = NULL;
}

int page_twice_bad(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (!page)
		return -ENOMEM;
	__free_page(page);
	__free_page(page);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'page' is freed again by '__free_page'
	return 0;
}

/* Each round frees what another element has. */
struct part {
	int size;
};

struct part_owner {
	void *request;
	struct part part;
};

struct port {
	int number;
	struct part *part;
};

struct ports {
	int count;
	struct port port[8];
};

static void port_free(struct part *part)
{
	struct part_owner *owner =
		container_of(part, struct part_owner, part);

	kfree(owner->request);
}

struct part *make_part(int number);

int ladder_ok(int count)
{
	struct ports *ports = kzalloc(sizeof(*ports), GFP_KERNEL);
	int i;

	if (!ports)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		ports->port[i].part = make_part(i);
		if (!ports->port[i].part)
			goto fail;
	}
	return 0;
fail:
	while (--i >= 0)
		port_free(ports->port[i].part);
	kfree(ports);
	return -ENOMEM;
}
