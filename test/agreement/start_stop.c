/*===- start_stop.c - Functions that can be called again -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <pinlint/scenario.h>

/* Dirty tracking behind two ioctls. */
struct tracker {
  struct mutex lock;
  bool active;
  unsigned long *bitmap[2];
};

static struct tracker *tracker_new(void) {
  struct tracker *t = kzalloc(sizeof(*t), GFP_KERNEL);

  if (t)
    mutex_init(&t->lock);
  return t;
}

static int alloc_all(struct tracker *t) {
  int i;

  for (i = 0; i < 2; i++) {
    t->bitmap[i] = kvzalloc(64, GFP_KERNEL);
    if (!t->bitmap[i])
      goto unwind;
  }
  return 0;
unwind:
  while (i--) {
    kvfree(t->bitmap[i]);
    t->bitmap[i] = NULL;
  }
  return -ENOMEM;
}

static void free_all(struct tracker *t) {
  int i;

  for (i = 0; i < 2; i++) {
    kvfree(t->bitmap[i]);
    t->bitmap[i] = NULL;
  }
}

static int start(struct tracker *t) {
  int ret = 0;

  mutex_lock(&t->lock);
  if (!t->active) {
    ret = alloc_all(t);
    if (!ret)
      t->active = true;
  }
  mutex_unlock(&t->lock);
  return ret;
}

static void stop(struct tracker *t) {
  mutex_lock(&t->lock);
  if (t->active) {
    t->active = false;
    free_all(t);
  }
  mutex_unlock(&t->lock);
}

static unsigned long query(struct tracker *t) {
  return t->active ? t->bitmap[0][0] | t->bitmap[1][0] : 0;
}

int start_stop_ok(void) {
  struct tracker *t = tracker_new();
  int ret;

  if (!t)
    return -ENOMEM;
  ret = start(t);
  if (!ret)
    ret = start(t);
  pinlint_check_state(!t->active == !t->bitmap[1]);
  query(t);
  stop(t);
  stop(t);
  kfree(t);
  return ret;
}

/* Active although the second bitmap could not be had. */
static int start_early(struct tracker *t) {
  int ret;

  mutex_lock(&t->lock);
  t->active = true;
  ret = alloc_all(t);
  mutex_unlock(&t->lock);
  return ret;
}

/* expect: pinlint-stale-state */
int FN_start_early_state_bad(void) {
  struct tracker *t = tracker_new();
  int ret;

  if (!t)
    return -ENOMEM;
  ret = start_early(t);
  if (ret)
    pinlint_check_state(!t->active);
  stop(t);
  kfree(t);
  return ret;
}

/* The same, seen by the next query.
 * expect: null-dereference */
int start_early_query_bad(void) {
  struct tracker *t = tracker_new();
  int ret;

  if (!t)
    return -ENOMEM;
  ret = start_early(t);
  query(t);
  stop(t);
  kfree(t);
  return ret;
}

/* The stop that does not look, and does not clear. */
static void stop_blind(struct tracker *t) {
  int i;

  t->active = false;
  for (i = 0; i < 2; i++)
    kvfree(t->bitmap[i]);
}

/* expect: pinlint-double-free */
int stop_twice_bad(void) {
  struct tracker *t = tracker_new();
  int ret;

  if (!t)
    return -ENOMEM;
  ret = start(t);
  stop_blind(t);
  stop_blind(t);
  kfree(t);
  return ret;
}

/* Free plus clear makes a second call safe, with no flag at all. */
int free_and_clear_ok(void) {
  struct tracker *t = tracker_new();
  int ret;

  if (!t)
    return -ENOMEM;
  ret = alloc_all(t);
  free_all(t);
  free_all(t);
  kfree(t);
  return ret;
}

/* A start that forgets the bitmaps before the one that failed.
 * expect: pinlint-leak */
int no_rollback_bad(void) {
  unsigned long *bitmap[2];
  int i;

  for (i = 0; i < 2; i++) {
    bitmap[i] = kvzalloc(64, GFP_KERNEL);
    if (!bitmap[i])
      return -ENOMEM;
  }
  for (i = 0; i < 2; i++)
    kvfree(bitmap[i]);
  return 0;
}

/* Probe and remove. */
struct device_state {
  void *ring;
  void *table;
};

static int probe(struct device_state *s) {
  s->ring = kzalloc(128, GFP_KERNEL);
  if (!s->ring)
    return -ENOMEM;
  s->table = kzalloc(128, GFP_KERNEL);
  if (!s->table) {
    kfree(s->ring);
    return -ENOMEM;
  }
  return 0;
}

static void remove(struct device_state *s) {
  kfree(s->table);
  kfree(s->ring);
}

int probe_remove_ok(void) {
  struct device_state s = {NULL, NULL};
  int ret = probe(&s);

  if (ret)
    return ret;
  remove(&s);
  return 0;
}

/* remove() after a probe() that has failed and freed.
 * expect: pinlint-double-free */
int FN_remove_after_failed_probe_bad(void) {
  struct device_state s = {NULL, NULL};
  int ret = probe(&s);

  remove(&s);
  return ret;
}

/* A count that is left behind, and released by again. */
struct pool {
  struct page *pages[2];
  int count;
};

static int pool_fill(struct pool *p, unsigned long addr) {
  int ret = pin_user_pages_fast(addr, 2, 0, p->pages);

  if (ret < 0)
    return ret;
  p->count = ret;
  return 0;
}

static void pool_drain(struct pool *p) {
  unpin_user_pages(p->pages, p->count);
  p->count = 0;
}

int drain_twice_ok(void) {
  struct pool p = {.count = 0};
  int ret = pool_fill(&p, pinlint_user_pages(2));

  pool_drain(&p);
  pool_drain(&p);
  return ret;
}

static void pool_drain_stale(struct pool *p) {
  unpin_user_pages(p->pages, p->count);
}

/* expect: pinlint-over-release */
int drain_twice_bad(void) {
  struct pool p = {.count = 0};
  int ret = pool_fill(&p, pinlint_user_pages(2));

  pool_drain_stale(&p);
  pool_drain_stale(&p);
  return ret;
}

/* Filled again without a drain.
 * expect: pinlint-leak pinlint-partial-pin */
int fill_twice_bad(void) {
  unsigned long addr = pinlint_user_pages(4);
  struct pool p = {.count = 0};
  int ret = pool_fill(&p, addr);

  if (!ret)
    ret = pool_fill(&p, addr + 2 * PAGE_SIZE);
  pool_drain(&p);
  return ret;
}
