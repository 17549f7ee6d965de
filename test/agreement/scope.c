/*===- scope.c - Scope-based cleanup -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

#include <linux/cleanup.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <pinlint/scenario.h>

static DEFINE_MUTEX(lock);

struct config {
  int value;
};

int free_at_end_of_scope_ok(void) {
  struct config *c __free(kfree) = kzalloc(sizeof(*c), GFP_KERNEL);

  if (!c)
    return -ENOMEM;
  if (pinlint_choose(2, "the failure of the set-up"))
    return -EIO;
  return c->value;
}

static struct config *make(void) {
  struct config *c __free(kfree) = kzalloc(sizeof(*c), GFP_KERNEL);

  if (!c)
    return NULL;
  if (pinlint_choose(2, "the failure of the set-up"))
    return NULL;
  return_ptr(c);
}

int returned_pointer_ok(void) {
  struct config *c = make();

  kfree(c);
  return c ? 0 : -ENOMEM;
}

/* expect: pinlint-leak */
int returned_pointer_bad(void) {
  struct config *c = make();

  return c ? c->value : -ENOMEM;
}

/* Returned without giving up the ownership: freed on the way out. */
static struct config *make_dangling(void) {
  struct config *c __free(kfree) = kzalloc(sizeof(*c), GFP_KERNEL);

  return c;
}

/* expect: pinlint-use-after-free */
int FN_dangling_bad(void) {
  struct config *c = make_dangling();

  return c ? c->value : -ENOMEM;
}

/* expect: pinlint-double-free */
int free_twice_bad(void) {
  struct config *c __free(kfree) = kzalloc(sizeof(*c), GFP_KERNEL);

  if (!c)
    return -ENOMEM;
  kfree(c);
  return 0;
}

int guard_ok(void) {
  guard(mutex)(&lock);
  if (pinlint_choose(2, "the failure of the set-up"))
    return -EIO;
  return 0;
}

/* expect: deadlock */
int guard_bad(void) {
  guard(mutex)(&lock);
  mutex_lock(&lock);
  return 0;
}

int scoped_ok(void) {
  struct page *page;
  int ret = -EFAULT;

  scoped_guard(mutex, &lock) {
    if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) == 1) {
      unpin_user_page(page);
      ret = 0;
    }
  }
  mutex_lock(&lock);
  mutex_unlock(&lock);
  return ret;
}

/* expect: lock-imbalance */
int lock_kept_bad(void) {
  mutex_lock(&lock);
  if (pinlint_choose(2, "the failure of the set-up"))
    return -EIO;
  mutex_unlock(&lock);
  return 0;
}

/* Memory is freed with the scope, what it owns is not.
 * expect: pinlint-leak */
int shallow_cleanup_bad(void) {
  struct page **pages __free(kfree) = kcalloc(1, sizeof(*pages), GFP_KERNEL);

  if (!pages)
    return -ENOMEM;
  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, pages) != 1)
    return -EFAULT;
  if (pinlint_choose(2, "the failure of the set-up"))
    return -EIO;
  unpin_user_page(pages[0]);
  return 0;
}

DEFINE_FREE(unpin, struct page *, if (_T) unpin_user_page(_T))

int pin_with_scope_ok(void) {
  struct page *page __free(unpin) = NULL;
  struct page *got;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &got) != 1)
    return -EFAULT;
  page = got;
  if (pinlint_choose(2, "the failure of the set-up"))
    return -EIO;
  set_page_dirty_lock(page);
  return 0;
}

/* Given back by hand, and once more at the end of the scope.
 * expect: pinlint-over-release */
int pin_with_scope_bad(void) {
  struct page *page __free(unpin) = NULL;
  struct page *got;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &got) != 1)
    return -EFAULT;
  page = got;
  unpin_user_page(page);
  return 0;
}
