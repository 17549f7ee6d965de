// RUN: %check_pinlint pinlint-use-after-free,pinlint-double-free
// Walks that free what they walk over.
#include "../Inputs/lifetime.h"

struct item {
	int key;
	struct list_head list;
	struct item *next;
};
struct table {
	struct list_head items;
	struct item *first;
	struct item *slots[16];
};
void show(struct item *item);

void walk_bad(struct table *t)
{
	struct item *item;

	list_for_each_entry(item, &t->items, list)
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'item' is used after it was freed by 'kfree'
		kfree(item);
}

void walk_safe_ok(struct table *t)
{
	struct item *item, *next;

	list_for_each_entry_safe(item, next, &t->items, list) {
		list_del(&item->list);
		kfree(item);
	}
}

// The walk ends with the free.
void walk_break_ok(struct table *t, int key)
{
	struct item *item;

	list_for_each_entry(item, &t->items, list)
		if (item->key == key) {
			list_del(&item->list);
			kfree(item);
			break;
		}
}

void drain_ok(struct table *t)
{
	while (!list_empty(&t->items)) {
		struct item *item = list_first_entry(&t->items, struct item,
						     list);

		list_del(&item->list);
		show(item);
		kfree(item);
	}
}

static void drop(struct item *item)
{
	list_del(&item->list);
	kfree(item);
}

void drain_by_helper_ok(struct table *t)
{
	while (!list_empty(&t->items))
		drop(list_first_entry(&t->items, struct item, list));
}

// The whole list is freed, then it is empty.
void reset_ok(struct table *t)
{
	struct item *item, *next;

	list_for_each_entry_safe(item, next, &t->items, list)
		kfree(item);
	INIT_LIST_HEAD(&t->items);
}

// What was collected on a list of the function's own.
void collect_ok(struct item **all, int n)
{
	struct list_head own = { &own, &own };
	struct item *item, *next;
	int i;

	for (i = 0; i < n; i++)
		list_add(&all[i]->list, &own);
	for (item = list_entry(own.next, struct item, list),
	    next = list_entry(item->list.next, struct item, list);
	     !list_is_head(&item->list, &own);
	     item = next, next = list_entry(next->list.next, struct item, list)) {
		show(item);
		kfree(item);
	}
}

void chain_ok(struct table *t)
{
	struct item *item = t->first;

	while (item) {
		struct item *next = item->next;

		kfree(item);
		item = next;
	}
}

void chain_bad(struct table *t)
{
	struct item *item = t->first;

	while (item) {
		kfree(item);
		item = item->next;
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 't->first' is used after
	}
}

void slots_ok(struct table *t)
{
	int i;

	for (i = 0; i < 16; i++)
		kfree(t->slots[i]);
	for (i = 0; i < 16; i++)
		t->slots[i] = NULL;
}

// Who has taken the first one out finds another one there.
struct request {
	struct list_head queue;
	int *descriptor;
};
struct endpoint {
	struct list_head queue;
};
int load(struct endpoint *ep, int *descriptor);

static void finish_request(struct endpoint *ep, struct request *req)
{
	list_del(&req->queue);
	kfree(req->descriptor);
}

static int start_first(struct endpoint *ep)
{
	struct request *req =
		list_first_entry(&ep->queue, struct request, queue);

	return load(ep, req->descriptor + *req->descriptor);
}

int finish_and_start_ok(struct endpoint *ep)
{
	struct request *req =
		list_first_entry(&ep->queue, struct request, queue);

	finish_request(ep, req);
	return start_first(ep);
}

static void drop_descriptor(struct endpoint *ep, struct request *req)
{
	kfree(req->descriptor);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'req->descriptor' keeps pointing to an object that is freed here
}

int drop_and_start_bad(struct endpoint *ep)
{
	struct request *req =
		list_first_entry(&ep->queue, struct request, queue);

	drop_descriptor(ep, req);
	return start_first(ep);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: {{.*}}'start_first' after it was freed by 'drop_descriptor'
}
