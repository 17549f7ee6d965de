/*===- pin_owner.c - Pins that belong to objects -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <pinlint/scenario.h>

#define NPAGES 3

struct buffer {
  struct page **pages;
  int npages;
  bool writable;
};

static void buffer_destroy(struct buffer *b) {
  unpin_user_pages_dirty_lock(b->pages, b->npages, b->writable);
  kfree(b->pages);
  kfree(b);
}

static struct buffer *buffer_create(unsigned long addr, int n) {
  struct buffer *b = kzalloc(sizeof(*b), GFP_KERNEL);
  int ret;

  if (!b)
    return ERR_PTR(-ENOMEM);
  b->pages = kcalloc(n, sizeof(*b->pages), GFP_KERNEL);
  if (!b->pages) {
    ret = -ENOMEM;
    goto free;
  }
  ret = pin_user_pages_fast(addr, n, FOLL_WRITE, b->pages);
  if (ret < 0)
    goto free_pages;
  b->npages = ret;
  b->writable = true;
  if (ret != n) {
    buffer_destroy(b);
    return ERR_PTR(-EFAULT);
  }
  return b;
free_pages:
  kfree(b->pages);
free:
  kfree(b);
  return ERR_PTR(ret);
}

int buffer_ok(void) {
  struct buffer *b = buffer_create(pinlint_user_pages(NPAGES), NPAGES);

  if (IS_ERR(b))
    return PTR_ERR(b);
  buffer_destroy(b);
  return 0;
}

/* The constructor that forgets what a short pin returned. */
static struct buffer *buffer_create_forgetful(unsigned long addr, int n) {
  struct buffer *b = kzalloc(sizeof(*b), GFP_KERNEL);
  int ret;

  if (!b)
    return NULL;
  b->pages = kcalloc(n, sizeof(*b->pages), GFP_KERNEL);
  if (!b->pages) {
    kfree(b);
    return NULL;
  }
  ret = pin_user_pages_fast(addr, n, 0, b->pages);
  if (ret != n) {
    kfree(b->pages);
    kfree(b);
    return NULL;
  }
  b->npages = n;
  return b;
}

/* expect: pinlint-partial-pin */
int forgetful_constructor_bad(void) {
  struct buffer *b =
      buffer_create_forgetful(pinlint_user_pages(NPAGES), NPAGES);

  if (!b)
    return -ENOMEM;
  buffer_destroy(b);
  return 0;
}

/* The destructor that forgets the pins. */
static void buffer_destroy_shallow(struct buffer *b) {
  kfree(b->pages);
  kfree(b);
}

/* expect: pinlint-leak */
int shallow_destructor_bad(void) {
  struct buffer *b = buffer_create(pinlint_user_pages(NPAGES), NPAGES);

  if (IS_ERR(b))
    return PTR_ERR(b);
  buffer_destroy_shallow(b);
  return 0;
}

/* The count is set to what was asked for; the destructor goes by it.
 * expect: pinlint-over-release */
int count_field_bad(void) {
  struct page *pages[NPAGES];
  struct buffer b = {.pages = pages, .npages = NPAGES};
  int ret = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pages);
  int i;

  if (ret <= 0)
    return -EFAULT;
  for (i = ret; i < NPAGES; i++)
    pages[i] = pages[0];
  unpin_user_pages(b.pages, b.npages);
  return 0;
}

/* A count field that takes the short result, and a helper that goes by it. */
static void umem_unpin(struct buffer *b) {
  unpin_user_pages_dirty_lock(b->pages, b->npages, true);
  kvfree(b->pages);
  b->pages = NULL;
}

static int umem_pin(struct buffer *b, unsigned long addr) {
  int got, err;

  b->pages = kvcalloc(b->npages, sizeof(*b->pages), GFP_KERNEL);
  if (!b->pages)
    return -ENOMEM;
  got = pin_user_pages(addr, b->npages, FOLL_WRITE | FOLL_LONGTERM, b->pages);
  if (got != b->npages) {
    if (got >= 0) {
      b->npages = got;
      err = -ENOMEM;
      goto unpin;
    }
    err = got;
    goto free;
  }
  return 0;
unpin:
  umem_unpin(b);
  return err;
free:
  kvfree(b->pages);
  b->pages = NULL;
  return err;
}

int umem_ok(void) {
  struct buffer b = {.npages = NPAGES};
  int err = umem_pin(&b, pinlint_user_pages(NPAGES));

  if (err)
    return err;
  umem_unpin(&b);
  return 0;
}

/* The number of pages comes back through a pointer, also in case of an error.
 */
static int lock_pages(unsigned long addr, int n, struct page **pages,
                      unsigned int *pinned) {
  int done = 0;

  while (done < n) {
    int got = pin_user_pages_fast(addr + done * PAGE_SIZE, n - done, FOLL_WRITE,
                                  pages + done);

    if (got <= 0)
      return got ? got : -EFAULT;
    done += got;
    *pinned += got;
  }
  return 0;
}

int out_parameter_ok(void) {
  struct page *pages[NPAGES];
  unsigned int pinned = 0;
  int ret = lock_pages(pinlint_user_pages(NPAGES), NPAGES, pages, &pinned);

  unpin_user_pages_dirty_lock(pages, pinned, true);
  return ret;
}

/* expect: pinlint-partial-pin */
int out_parameter_bad(void) {
  struct page *pages[NPAGES];
  unsigned int pinned = 0;
  int ret = lock_pages(pinlint_user_pages(NPAGES), NPAGES, pages, &pinned);

  if (ret)
    return ret;
  unpin_user_pages(pages, pinned);
  return 0;
}

/* Pages released by the last reference of their owner. */
struct message {
  struct kref ref;
  struct page *page;
};

static void message_release(struct kref *ref) {
  struct message *m = container_of(ref, struct message, ref);

  if (m->page)
    unpin_user_page(m->page);
  kfree(m);
}

static struct message *message_new(unsigned long addr) {
  struct message *m = kzalloc(sizeof(*m), GFP_KERNEL);

  if (!m)
    return NULL;
  kref_init(&m->ref);
  if (pin_user_pages_fast(addr, 1, 0, &m->page) != 1) {
    kref_put(&m->ref, message_release);
    return NULL;
  }
  return m;
}

int kref_owner_ok(void) {
  struct message *m = message_new(pinlint_user_pages(1));

  if (!m)
    return -ENOMEM;
  kref_get(&m->ref);
  kref_put(&m->ref, message_release);
  kref_put(&m->ref, message_release);
  return 0;
}

/* A second reference that nobody puts keeps the page pinned.
 * expect: pinlint-leak */
int kref_owner_bad(void) {
  struct message *m = message_new(pinlint_user_pages(1));

  if (!m)
    return -ENOMEM;
  kref_get(&m->ref);
  kref_put(&m->ref, message_release);
  return 0;
}

/* Ownership moves into the object, the local is cleared. */
int moved_ok(void) {
  struct page **pvec = kcalloc(NPAGES, sizeof(*pvec), GFP_KERNEL);
  struct buffer *b = NULL;
  int pinned = 0, ret = -ENOMEM;

  if (!pvec)
    return -ENOMEM;
  pinned = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pvec);
  if (pinned != NPAGES) {
    ret = -EFAULT;
    goto out;
  }
  b = kzalloc(sizeof(*b), GFP_KERNEL);
  if (!b)
    goto out;
  b->pages = pvec;
  b->npages = pinned;
  pvec = NULL;
  pinned = 0;
  ret = 0;
out:
  if (pinned > 0)
    unpin_user_pages(pvec, pinned);
  kfree(pvec);
  if (b)
    buffer_destroy(b);
  return ret;
}

/* The local is not cleared: both release.
 * expect: pinlint-over-release pinlint-use-after-free */
int moved_twice_bad(void) {
  struct page **pvec = kcalloc(NPAGES, sizeof(*pvec), GFP_KERNEL);
  struct buffer *b;
  int pinned, ret = 0;

  if (!pvec)
    return -ENOMEM;
  pinned = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pvec);
  if (pinned != NPAGES) {
    ret = -EFAULT;
    goto out;
  }
  b = kzalloc(sizeof(*b), GFP_KERNEL);
  if (!b) {
    ret = -ENOMEM;
    goto out;
  }
  b->pages = pvec;
  b->npages = pinned;
  if (pinlint_choose(2, "the order of releases")) {
    unpin_user_pages(b->pages, b->npages);
    kfree(b);
  } else {
    buffer_destroy(b);
  }
out:
  if (pinned > 0)
    unpin_user_pages(pvec, pinned);
  kfree(pvec);
  return ret;
}

/* A list of owners, drained in the end. */
struct region {
  struct list_head node;
  struct page *page;
};

static int add_region(struct list_head *regions, unsigned long addr) {
  struct region *r = kzalloc(sizeof(*r), GFP_KERNEL);

  if (!r)
    return -ENOMEM;
  if (pin_user_pages_fast(addr, 1, FOLL_LONGTERM, &r->page) != 1) {
    kfree(r);
    return -EFAULT;
  }
  list_add_tail(&r->node, regions);
  return 0;
}

int list_of_owners_ok(void) {
  LIST_HEAD(regions);
  struct region *r, *next;
  unsigned long addr = pinlint_user_pages(3);
  int i, ret = 0;

  for (i = 0; i < 3 && !ret; i++)
    ret = add_region(&regions, addr + i * PAGE_SIZE);
  list_for_each_entry_safe(r, next, &regions, node) {
    list_del(&r->node);
    unpin_user_page(r->page);
    kfree(r);
  }
  return ret;
}

/* The error path drops the list as a whole.
 * expect: pinlint-leak */
int FN_list_of_owners_bad(void) {
  LIST_HEAD(regions);
  struct region *r, *next;
  unsigned long addr = pinlint_user_pages(2);
  int i, ret;

  for (i = 0; i < 2; i++) {
    ret = add_region(&regions, addr + i * PAGE_SIZE);
    if (ret)
      return ret;
  }
  list_for_each_entry_safe(r, next, &regions, node) {
    list_del(&r->node);
    unpin_user_page(r->page);
    kfree(r);
  }
  return 0;
}

/* Success leaves the pins with the caller's object; failure leaves nothing. */
int into_parameter_ok(struct buffer *b, unsigned long addr) {
  int ret;

  b->pages = kcalloc(NPAGES, sizeof(*b->pages), GFP_KERNEL);
  if (!b->pages)
    return -ENOMEM;
  ret = pin_user_pages_fast(addr, NPAGES, 0, b->pages);
  if (ret != NPAGES) {
    if (ret > 0)
      unpin_user_pages(b->pages, ret);
    kfree(b->pages);
    b->pages = NULL;
    return ret < 0 ? ret : -EFAULT;
  }
  b->npages = ret;
  return 0;
}

/* expect: pinlint-partial-pin */
int into_parameter_bad(struct buffer *b, unsigned long addr) {
  int ret;

  b->pages = kcalloc(NPAGES, sizeof(*b->pages), GFP_KERNEL);
  if (!b->pages)
    return -ENOMEM;
  ret = pin_user_pages_fast(addr, NPAGES, 0, b->pages);
  if (ret != NPAGES) {
    kfree(b->pages);
    b->pages = NULL;
    return ret < 0 ? ret : -EFAULT;
  }
  b->npages = ret;
  return 0;
}
