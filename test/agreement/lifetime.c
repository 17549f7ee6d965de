/*===- lifetime.c - Objects used after they are freed -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

#include <linux/err.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <pinlint/scenario.h>

struct item {
  struct list_head node;
  int id;
};

static int add_items(struct list_head *items, int n) {
  int i;

  for (i = 0; i < n; i++) {
    struct item *it = kzalloc(sizeof(*it), GFP_KERNEL);

    if (!it)
      return -ENOMEM;
    it->id = i;
    list_add_tail(&it->node, items);
  }
  return 0;
}

static void free_items(struct list_head *items) {
  struct item *it, *next;

  list_for_each_entry_safe(it, next, items, node) {
    list_del(&it->node);
    kfree(it);
  }
}

int list_ok(void) {
  LIST_HEAD(items);
  int ret = add_items(&items, 3);

  free_items(&items);
  return ret;
}

/* The next pointer is read from the freed element.
 * expect: pinlint-use-after-free */
int list_walk_bad(void) {
  LIST_HEAD(items);
  struct item *it;
  int ret = add_items(&items, 2);

  list_for_each_entry(it, &items, node) kfree(it);
  return ret;
}

/* Freed, then the walk ends at once. */
int free_and_break_ok(void) {
  LIST_HEAD(items);
  struct item *it;
  int ret = add_items(&items, 3);

  list_for_each_entry(it, &items, node) {
    if (it->id != 1)
      continue;
    list_del(&it->node);
    kfree(it);
    break;
  }
  free_items(&items);
  return ret;
}

/* expect: pinlint-use-after-free */
int free_and_continue_bad(void) {
  LIST_HEAD(items);
  struct item *it;
  int ret = add_items(&items, 3);

  list_for_each_entry(it, &items, node) {
    if (it->id != 1)
      continue;
    list_del(&it->node);
    kfree(it);
  }
  free_items(&items);
  return ret;
}

/* An entry that is freed while it is still in the list.
 * expect: pinlint-use-after-free */
int FN_still_linked_bad(void) {
  LIST_HEAD(items);
  int ret = add_items(&items, 2);

  if (!ret)
    kfree(list_first_entry(&items, struct item, node));
  free_items(&items);
  return ret;
}

/* A deleted entry is deleted again.
 * expect: pinlint-stale-state */
int FN_deleted_twice_bad(void) {
  LIST_HEAD(items);
  struct item *it;
  int ret = add_items(&items, 1);

  if (ret)
    return ret;
  it = list_first_entry(&items, struct item, node);
  list_del(&it->node);
  list_del(&it->node);
  kfree(it);
  return 0;
}

int deleted_and_initialised_ok(void) {
  LIST_HEAD(items);
  struct item *it;
  int ret = add_items(&items, 1);

  if (ret)
    return ret;
  it = list_first_entry(&items, struct item, node);
  list_del_init(&it->node);
  list_del(&it->node);
  kfree(it);
  return 0;
}

/* Fields are saved before the free. */
int saved_field_ok(void) {
  struct item *it = kzalloc(sizeof(*it), GFP_KERNEL);
  int id;

  if (!it)
    return -ENOMEM;
  id = it->id;
  kfree(it);
  return id;
}

/* expect: pinlint-use-after-free */
int unsaved_field_bad(void) {
  struct item *it = kzalloc(sizeof(*it), GFP_KERNEL);

  if (!it)
    return -ENOMEM;
  kfree(it);
  return it->id;
}

/* A callee that frees on failure, and whose result guards the use. */
static int start(struct item *it) {
  if (pinlint_choose(2, "the failure of the start")) {
    kfree(it);
    return -EIO;
  }
  it->id = 1;
  return 0;
}

int callee_frees_ok(void) {
  struct item *it = kzalloc(sizeof(*it), GFP_KERNEL);
  int ret;

  if (!it)
    return -ENOMEM;
  ret = start(it);
  if (ret)
    return ret;
  kfree(it);
  return 0;
}

/* expect: pinlint-double-free */
int callee_frees_bad(void) {
  struct item *it = kzalloc(sizeof(*it), GFP_KERNEL);
  int ret;

  if (!it)
    return -ENOMEM;
  ret = start(it);
  kfree(it);
  return ret;
}

/* Freed through a field, used through an alias. */
struct holder {
  struct item *item;
};

static void drop(struct holder *h) {
  kfree(h->item);
  h->item = NULL;
}

/* expect: pinlint-use-after-free */
int alias_bad(void) {
  struct holder h = {kzalloc(sizeof(struct item), GFP_KERNEL)};
  struct item *it = h.item;

  if (!it)
    return -ENOMEM;
  drop(&h);
  return it->id;
}

/* Freed and cleared; the callee needs it.
 * expect: pinlint-use-after-free */
int FN_cleared_bad(void) {
  struct holder h = {kzalloc(sizeof(struct item), GFP_KERNEL)};

  if (!h.item)
    return -ENOMEM;
  drop(&h);
  return h.item->id;
}

int revived_ok(void) {
  struct holder h = {kzalloc(sizeof(struct item), GFP_KERNEL)};
  int id;

  if (!h.item)
    return -ENOMEM;
  drop(&h);
  h.item = kzalloc(sizeof(struct item), GFP_KERNEL);
  if (!h.item)
    return -ENOMEM;
  id = h.item->id;
  drop(&h);
  return id;
}

/* A member's address dies with its parent.
 * expect: pinlint-use-after-free */
int member_bad(void) {
  struct item *it = kzalloc(sizeof(*it), GFP_KERNEL);
  int *id;

  if (!it)
    return -ENOMEM;
  id = &it->id;
  kfree(it);
  return *id;
}

/* An array of pointers into a backing array that is freed first.
 * expect: pinlint-use-after-free */
int backing_array_bad(void) {
  struct item *items = kcalloc(2, sizeof(*items), GFP_KERNEL);
  struct item *second;
  int id;

  if (!items)
    return -ENOMEM;
  second = &items[1];
  kfree(items);
  id = second->id;
  return id;
}

/* krealloc() may have moved it.
 * expect: pinlint-use-after-free */
int realloc_bad(void) {
  char *p = kmalloc(8, GFP_KERNEL), *q;

  if (!p)
    return -ENOMEM;
  q = krealloc(p, 16, GFP_KERNEL);
  if (!q) {
    kfree(p);
    return -ENOMEM;
  }
  memset(p, 0, 8);
  kfree(q);
  return 0;
}

/* RCU: readers may go on until the grace period ends. */
struct node {
  struct rcu_head rcu;
  int value;
};

int after_kfree_rcu_ok(void) {
  struct node *n = kzalloc(sizeof(*n), GFP_KERNEL);
  int value;

  if (!n)
    return -ENOMEM;
  rcu_read_lock();
  kfree_rcu(n, rcu);
  value = n->value;
  rcu_read_unlock();
  return value;
}

/* expect: pinlint-use-after-free */
int FN_after_grace_period_bad(void) {
  struct node *n = kzalloc(sizeof(*n), GFP_KERNEL);

  if (!n)
    return -ENOMEM;
  kfree_rcu(n, rcu);
  synchronize_rcu();
  return n->value;
}

static void node_free(struct rcu_head *rcu) {
  kfree(container_of(rcu, struct node, rcu));
}

/* expect: pinlint-double-free */
int rcu_twice_bad(void) {
  struct node *n = kzalloc(sizeof(*n), GFP_KERNEL);

  if (!n)
    return -ENOMEM;
  call_rcu(&n->rcu, node_free);
  kfree(n);
  return 0;
}

/* An object handed to a list on success, freed here on failure only. */
int publish_ok(void) {
  LIST_HEAD(items);
  struct item *it = kzalloc(sizeof(*it), GFP_KERNEL);
  int ret = 0;

  if (!it)
    return -ENOMEM;
  if (pinlint_choose(2, "the failure of the set-up")) {
    ret = -EIO;
    goto free;
  }
  list_add(&it->node, &items);
  free_items(&items);
  return 0;
free:
  kfree(it);
  return ret;
}

/* expect: pinlint-double-free */
int publish_bad(void) {
  LIST_HEAD(items);
  struct item *it = kzalloc(sizeof(*it), GFP_KERNEL);

  if (!it)
    return -ENOMEM;
  list_add(&it->node, &items);
  if (pinlint_choose(2, "the failure of the set-up")) {
    list_del(&it->node);
    kfree(it);
    kfree(it);
    return -EIO;
  }
  free_items(&items);
  return 0;
}
