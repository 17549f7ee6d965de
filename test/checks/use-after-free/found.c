// RUN: %check_pinlint pinlint-use-after-free
// Elements that are found in a list, and freed there.
#include "../Inputs/lifetime.h"

struct item {
	int key;
	struct {
		struct list_head node;
	} in;
	struct list_head list;
};
struct table {
	struct list_head items;
};
static struct table known;

void show(int key);
void forget(struct item *item);
void move_all(struct list_head *from, struct list_head *to);

void first_found_bad(struct table *t, int key)
{
	struct item *item;

	list_for_each_entry(item, &t->items, list)
		if (item->key == key) {
			show(key);
			kfree(item);
			// CHECK: :[[@LINE-1]]:{{.*}} warning: 'kfree' frees an element of a list that is not taken out of it; whoever walks the list next uses freed memory [pinlint-use-after-free]
			// CHECK: :[[@LINE-2]]:{{.*}} note: the element is freed here, and the list still leads to it
			break;
		}
}

void some_bad(int key)
{
	struct item *item, *next;

	list_for_each_entry_safe(item, next, &known.items, in.node)
		if (item->key == key)
			kfree(item);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'kfree' frees an element of a list that is not taken out of it
}

static void drop(struct item *item)
{
	show(item->key);
	kfree(item);
}

void in_callee_bad(struct table *t, int key)
{
	struct item *item, *next;

	list_for_each_entry_safe(item, next, &t->items, list) {
		if (item->key != key)
			continue;
		drop(item);
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'drop' frees an element of a list that is not taken out of it
	}
}

void taken_out_ok(struct table *t, int key)
{
	struct item *item, *next;

	list_for_each_entry_safe(item, next, &known.items, in.node)
		if (item->key == key) {
			list_del(&item->in.node);
			kfree(item);
		}
}

void by_link_ok(struct table *t)
{
	struct item *item = list_first_entry(&t->items, struct item, list);

	list_del(t->items.next);
	kfree(item);
}

void by_callee_ok(struct table *t, int key)
{
	struct item *item;

	list_for_each_entry(item, &t->items, list)
		if (item->key == key) {
			forget(item);
			kfree(item);
			break;
		}
}

// Nobody looks at a list of which nothing is left.
void all_ok(struct table *t, bool quiet)
{
	struct item *item, *next;

	list_for_each_entry_safe(item, next, &t->items, list) {
		if (!quiet)
			show(item->key);
		kfree(item);
	}
}

void with_owner_ok(struct table *t, int key)
{
	struct item *item, *next;

	list_for_each_entry_safe(item, next, &t->items, list)
		if (item->key != key)
			kfree(item);
	kfree(t);
}

void own_list_ok(struct table *t, int key)
{
	struct item *item, *next;
	struct list_head own;

	move_all(&t->items, &own);
	list_for_each_entry_safe(item, next, &own, list)
		if (item->key != key)
			kfree(item);
}

// What is not found is made.
struct item *make_ok(struct table *t, int key)
{
	struct item *item;

	list_for_each_entry(item, &t->items, list)
		if (item->key == key)
			return item;
	item = kzalloc(sizeof(*item), GFP_KERNEL);
	if (!item)
		return NULL;
	if (key < 0) {
		kfree(item);
		return NULL;
	}
	list_add(&item->list, &t->items);
	return item;
}

static struct item *find(struct table *t, int key)
{
	struct item *item;

	list_for_each_entry(item, &t->items, list)
		if (item->key == key)
			return item;
	return NULL;
}

// A callee has found it.
void found_by_callee_bad(struct table *t, int key)
{
	struct item *item = find(t, key);

	if (item)
		kfree(item);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'kfree' frees an element of a list that is not taken out of it
}

static struct item *take(struct table *t, int key)
{
	struct item *item = find(t, key);

	if (item)
		list_del(&item->list);
	return item;
}

void taken_by_callee_ok(struct table *t, int key)
{
	struct item *item = take(t, key);

	if (item)
		kfree(item);
}

void found_and_taken_ok(struct table *t, int key)
{
	struct item *item = find(t, key);

	if (item) {
		list_del(&item->list);
		kfree(item);
	}
}

// Made in either of two ways, and not put in yet.
int found_or_made_ok(struct table *t, int key, struct item **out)
{
	struct item *item;

	if (!list_empty(&t->items)) {
		item = list_entry(t->items.next, struct item, list);
	} else {
		item = kzalloc(sizeof(*item), GFP_KERNEL);
		if (!item)
			item = kmalloc(sizeof(*item), GFP_KERNEL);
		if (!item)
			return -ENOMEM;
		if (key < 0)
			goto free;
		list_add(&item->list, &t->items);
	}
	*out = item;
	return 0;
free:
	kfree(item);
	return -EIO;
}
