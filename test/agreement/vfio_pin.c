/*===- vfio_pin.c - Pins of drivers in a container -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

/**
 * \file
 * Drivers of emulated devices pin pages of a container one by one, and are
 * told before user space unmaps them.
 */

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <pinlint/scenario.h>

struct vpfn {
  struct list_head node;
  unsigned long iova, pfn;
  unsigned int refs;
};

struct container;

struct driver {
  struct list_head node;
  void (*unmap)(struct container *c, struct driver *d, unsigned long iova);
  unsigned long pfn;
};

struct container {
  struct mutex lock;
  struct list_head pfns;
  struct list_head drivers;
  struct list_head groups;
  unsigned long vaddr;
};

struct group {
  struct list_head node;
  int id;
};

static struct container *container_new(void) {
  struct container *c = kzalloc(sizeof(*c), GFP_KERNEL);

  if (!c)
    return NULL;
  mutex_init(&c->lock);
  INIT_LIST_HEAD(&c->pfns);
  INIT_LIST_HEAD(&c->drivers);
  INIT_LIST_HEAD(&c->groups);
  c->vaddr = pinlint_user_pages(4);
  return c;
}

static struct vpfn *find_vpfn(struct container *c, unsigned long iova) {
  struct vpfn *v;

  list_for_each_entry(v, &c->pfns, node) if (v->iova == iova) return v;
  return NULL;
}

static void put_vpfn(struct vpfn *v) {
  unpin_user_page(pfn_to_page(v->pfn));
  list_del(&v->node);
  kfree(v);
}

/* Refused without a driver that could be told of an unmap. */
static int container_pin(struct container *c, unsigned long iova,
                         unsigned long *pfn) {
  struct page *page;
  struct vpfn *v;
  int ret = 0;

  mutex_lock(&c->lock);
  if (list_empty(&c->drivers)) {
    ret = -EINVAL;
    goto unlock;
  }
  v = find_vpfn(c, iova);
  if (v) {
    v->refs++;
    *pfn = v->pfn;
    goto unlock;
  }
  if (pin_user_pages_fast(c->vaddr + iova, 1, FOLL_LONGTERM, &page) != 1) {
    ret = -EFAULT;
    goto unlock;
  }
  v = kzalloc(sizeof(*v), GFP_KERNEL);
  if (!v) {
    unpin_user_page(page);
    ret = -ENOMEM;
    goto unlock;
  }
  v->iova = iova;
  v->pfn = *pfn = page_to_pfn(page);
  v->refs = 1;
  list_add(&v->node, &c->pfns);
unlock:
  mutex_unlock(&c->lock);
  return ret;
}

static void container_unpin(struct container *c, unsigned long iova) {
  struct vpfn *v;

  mutex_lock(&c->lock);
  v = find_vpfn(c, iova);
  if (v && !--v->refs)
    put_vpfn(v);
  mutex_unlock(&c->lock);
}

static void container_free(struct container *c) {
  struct vpfn *v, *next;

  list_for_each_entry_safe(v, next, &c->pfns, node) put_vpfn(v);
  kfree(c);
}

/* A well-behaved driver: uses the page until it is told, then unpins. */
static void driver_unmap(struct container *c, struct driver *d,
                         unsigned long iova) {
  if (!d->pfn)
    return;
  set_page_dirty(pfn_to_page(d->pfn));
  container_unpin(c, iova);
  d->pfn = 0;
}

/* Tells the drivers, with the lock dropped, until all pins are gone. */
static void container_unmap(struct container *c, unsigned long iova) {
  struct driver *d;

  mutex_lock(&c->lock);
  if (find_vpfn(c, iova)) {
    mutex_unlock(&c->lock);
    list_for_each_entry(d, &c->drivers, node) d->unmap(c, d, iova);
    mutex_lock(&c->lock);
    WARN_ON(find_vpfn(c, iova));
  }
  mutex_unlock(&c->lock);
}

int notify_ok(void) {
  struct container *c = container_new();
  struct driver d = {.unmap = driver_unmap};
  int ret;

  if (!c)
    return -ENOMEM;
  list_add(&d.node, &c->drivers);
  ret = container_pin(c, 0x1000, &d.pfn);
  container_unmap(c, 0x1000);
  container_free(c);
  return ret;
}

/* The pages go first, the drivers are told later: meanwhile the device runs.
 * expect: pinlint-use-after-release */
int FN_notify_late_bad(void) {
  struct container *c = container_new();
  struct driver d = {.unmap = driver_unmap}, *each;
  struct vpfn *v;
  int ret;

  if (!c)
    return -ENOMEM;
  list_add(&d.node, &c->drivers);
  ret = container_pin(c, 0x1000, &d.pfn);
  v = find_vpfn(c, 0x1000);
  if (v)
    put_vpfn(v);
  list_for_each_entry(each, &c->drivers, node) each->unmap(c, each, 0x1000);
  container_free(c);
  return ret;
}

/* The driver's unpin needs the lock that its caller holds.
 * expect: deadlock */
int notify_under_lock_bad(void) {
  struct container *c = container_new();
  struct driver d = {.unmap = driver_unmap}, *each;
  int ret;

  if (!c)
    return -ENOMEM;
  list_add(&d.node, &c->drivers);
  ret = container_pin(c, 0x1000, &d.pfn);
  mutex_lock(&c->lock);
  list_for_each_entry(each, &c->drivers, node) each->unmap(c, each, 0x1000);
  mutex_unlock(&c->lock);
  container_free(c);
  return ret;
}

/* A driver that ignores the notification. */
static void driver_ignore(struct container *c, struct driver *d,
                          unsigned long iova) {}

/* expect: warning */
int driver_ignores_bad(void) {
  struct container *c = container_new();
  struct driver d = {.unmap = driver_ignore};
  int ret;

  if (!c)
    return -ENOMEM;
  list_add(&d.node, &c->drivers);
  ret = container_pin(c, 0x1000, &d.pfn);
  container_unmap(c, 0x1000);
  container_free(c);
  return ret;
}

int no_driver_ok(void) {
  struct container *c = container_new();
  unsigned long pfn;
  int ret;

  if (!c)
    return -ENOMEM;
  ret = container_pin(c, 0x1000, &pfn);
  container_free(c);
  return ret == -EINVAL ? 0 : -EIO;
}

/* Two pins of one address: the page stays until both are gone. */
int two_pins_ok(void) {
  struct container *c = container_new();
  struct driver d = {.unmap = driver_unmap};
  unsigned long pfn;

  if (!c)
    return -ENOMEM;
  list_add(&d.node, &c->drivers);
  if (!container_pin(c, 0x1000, &d.pfn) && !container_pin(c, 0x1000, &pfn)) {
    container_unpin(c, 0x1000);
    set_page_dirty(pfn_to_page(pfn));
  }
  container_unmap(c, 0x1000);
  container_free(c);
  return 0;
}

/* One record per address, but no count.
 * expect: pinlint-use-after-release */
int FN_two_pins_bad(void) {
  struct container *c = container_new();
  struct driver d = {.unmap = driver_unmap};
  unsigned long pfn = 0;
  struct vpfn *v;

  if (!c)
    return -ENOMEM;
  list_add(&d.node, &c->drivers);
  if (container_pin(c, 0x1000, &pfn))
    goto free;
  /* The second user finds the record, and takes the page as it is. */
  d.pfn = find_vpfn(c, 0x1000)->pfn;
  container_unpin(c, 0x1000);
  v = find_vpfn(c, 0x1000);
  if (!v)
    set_page_dirty(pfn_to_page(d.pfn));
free:
  container_free(c);
  return 0;
}

/* A driver hands back page numbers of its own choice. */
static int unpin_checked(struct container *c, unsigned long pfn) {
  struct vpfn *v;

  list_for_each_entry(v, &c->pfns, node) if (v->pfn == pfn) {
    if (!--v->refs)
      put_vpfn(v);
    return 0;
  }
  return -EINVAL;
}

int foreign_page_ok(void) {
  struct container *c = container_new();
  struct driver d = {.unmap = driver_unmap};
  int ret;

  if (!c)
    return -ENOMEM;
  list_add(&d.node, &c->drivers);
  ret = container_pin(c, 0x1000, &d.pfn);
  if (!ret && unpin_checked(c, d.pfn + 1) != -EINVAL)
    ret = -EIO;
  if (!ret)
    ret = unpin_checked(c, d.pfn);
  container_free(c);
  return ret;
}

/* expect: pinlint-over-release */
int foreign_page_bad(void) {
  struct container *c = container_new();
  struct driver d = {.unmap = driver_unmap};
  struct page *other;
  int ret;

  if (!c)
    return -ENOMEM;
  list_add(&d.node, &c->drivers);
  /* A page that somebody else has used before. */
  if (pin_user_pages_fast(c->vaddr + 0x2000, 1, 0, &other) == 1) {
    d.pfn = page_to_pfn(other);
    unpin_user_page(other);
    unpin_user_page(pfn_to_page(d.pfn));
  }
  ret = container_pin(c, 0x1000, &d.pfn);
  container_free(c);
  return ret;
}

/* Groups come and go; the pins go with the last one. */
static int attach(struct container *c, int id) {
  struct group *g = kzalloc(sizeof(*g), GFP_KERNEL);

  if (!g)
    return -ENOMEM;
  g->id = id;
  list_add(&g->node, &c->groups);
  return 0;
}

static void drop_pins(struct container *c) {
  struct vpfn *v, *next;

  list_for_each_entry_safe(v, next, &c->pfns, node) put_vpfn(v);
}

static void detach(struct container *c, int id, bool drop_always) {
  struct group *g;

  list_for_each_entry(g, &c->groups, node) {
    if (g->id != id)
      continue;
    list_del(&g->node);
    kfree(g);
    break;
  }
  if (drop_always || list_empty(&c->groups))
    drop_pins(c);
}

static int two_groups(bool drop_always) {
  struct container *c = container_new();
  struct driver d = {.unmap = driver_unmap};
  int ret;

  if (!c)
    return -ENOMEM;
  ret = attach(c, 1);
  if (!ret)
    ret = attach(c, 2);
  list_add(&d.node, &c->drivers);
  if (!ret)
    ret = container_pin(c, 0x1000, &d.pfn);
  detach(c, 1, drop_always);
  /* The device of group 2 goes on. */
  if (!ret)
    set_page_dirty(pfn_to_page(d.pfn));
  detach(c, 2, drop_always);
  container_free(c);
  return ret;
}

int two_groups_ok(void) { return two_groups(false); }

/* expect: pinlint-use-after-release */
int FN_two_groups_bad(void) { return two_groups(true); }
