// RUN: %check_pinlint pinlint-use-after-free
// Frees and uses in one function.
#include "../Inputs/lifetime.h"

struct node {
	struct list_head list;
	struct node *peer;
	int value;
	struct rcu_head rcu;
	struct device dev;
};
void show(struct node *n);
void log_value(int value);
void log_pointer(const char *fmt, ...);

int read_bad(struct node *n)
{
	kfree(n);
	return n->value;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'n' is used after it was freed by 'kfree' [pinlint-use-after-free]
}

void write_bad(struct node *n)
{
	kfree(n);
	n->value = 1;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'n' is used after
}

void passed_bad(struct node *n)
{
	kfree(n);
	show(n);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'n' is passed to 'show' after it was freed by 'kfree'
}

void unlink_bad(struct node *n)
{
	kfree(n);
	list_del(&n->list);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'n' is used by 'list_del' after it was freed by 'kfree'
}

void unlink_ok(struct node *n)
{
	list_del(&n->list);
	kfree(n);
}

// Fields saved before the free.
int saved_ok(struct node *n)
{
	int value = n->value;
	struct node *peer = n->peer;

	kfree(n);
	show(peer);
	return value;
}

// The pointer itself is not the object.
void compared_ok(struct node *n, struct node *other)
{
	kfree(n);
	if (n == other)
		log_value(0);
	log_pointer("%p", n);
}

// An alias names the same object.
int alias_bad(struct node *n)
{
	struct node *peer = n->peer;

	kfree(n->peer);
	return peer->value;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'n->peer' is used after
}

// Members die with what they are in.
void member_bad(struct node *n)
{
	struct device *dev = &n->dev;

	kfree(n);
	dev->driver_data = NULL;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'n' is used after
}

void container_bad(struct device *dev)
{
	struct node *n = container_of(dev, struct node, dev);

	kfree(n);
	dev->driver_data = NULL;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: {{.*}} is used after
}

// A new value revives the name.
int reassigned_ok(struct node *n)
{
	kfree(n->peer);
	n->peer = kzalloc(sizeof(*n->peer), GFP_KERNEL);
	if (!n->peer)
		return -ENOMEM;
	n->peer->value = 1;
	return 0;
}

// So does code that is not known and gets the owner.
int refilled_ok(struct node *n)
{
	kfree(n->peer);
	show(n);
	return n->peer->value;
}

// Only one of the branches frees.
int branch_ok(struct node *n, int drop)
{
	if (drop) {
		kfree(n);
		return 0;
	}
	return n->value;
}

int branch_bad(struct node *n, int drop)
{
	if (drop)
		kfree(n);
	return n->value;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'n' is used after
}

// The error code tells whether the object is there.
int guarded_ok(int fail)
{
	struct node *n = kzalloc(sizeof(*n), GFP_KERNEL);
	int ret = 0;

	if (!n)
		return -ENOMEM;
	if (fail) {
		kfree(n);
		ret = -EINVAL;
	}
	if (!ret)
		n->value = 1;
	return ret;
}

// After a grace period only.
int rcu_ok(struct node *n)
{
	kfree_rcu(n, rcu);
	return n->value;
}

static void free_node(struct rcu_head *head)
{
	kfree(container_of(head, struct node, rcu));
}

int call_rcu_ok(struct node *n)
{
	call_rcu(&n->rcu, free_node);
	return n->value;
}

// &p->f and sizeof are no access.
struct device *address_ok(struct node *n)
{
	kfree(n);
	return sizeof(n->dev) > 4 ? &n->dev : NULL;
}

// The handle that is given back is read from the object.
struct holder {
	struct page *page;
};
void unpin_user_pages(struct page **pages, unsigned long npages);

void handle_in_object_bad(struct holder *h)
{
	kfree(h);
	unpin_user_pages(&h->page, 1);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'h' is used after it was freed by 'kfree'
}
