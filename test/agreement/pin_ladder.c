/*===- pin_ladder.c - Pins and error ladders -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

#include <linux/mm.h>
#include <linux/slab.h>
#include <pinlint/scenario.h>

#define NPAGES 4

/* What comes after the pin, and may fail. */
static int program_device(struct page **pages, int n) {
  return pinlint_choose(2, "the device's refusal") ? -EIO : 0;
}

/* expect: pinlint-leak */
int return_without_unpin_bad(void) {
  struct page *pages[NPAGES];
  int ret = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, FOLL_WRITE,
                                pages);

  if (ret < 0)
    return ret;
  if (ret != NPAGES) {
    unpin_user_pages(pages, ret);
    return -EFAULT;
  }
  ret = program_device(pages, NPAGES);
  if (ret)
    return ret;
  unpin_user_pages(pages, NPAGES);
  return 0;
}

int ladder_ok(void) {
  struct page *pages[NPAGES];
  int pinned, ret;

  pinned = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, FOLL_WRITE,
                               pages);
  if (pinned < 0)
    return pinned;
  if (pinned != NPAGES) {
    ret = -EFAULT;
    goto unpin;
  }
  ret = program_device(pages, NPAGES);
unpin:
  unpin_user_pages(pages, pinned);
  return ret;
}

/* The second label is the right one.
 * expect: pinlint-leak */
int wrong_label_bad(void) {
  struct page *pages[NPAGES];
  void *request;
  int pinned, ret = 0;

  request = kzalloc(64, GFP_KERNEL);
  if (!request)
    return -ENOMEM;
  pinned = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pages);
  if (pinned < 0) {
    ret = pinned;
    goto free;
  }
  if (pinned < NPAGES) {
    ret = -EFAULT;
    goto unpin;
  }
  ret = program_device(pages, NPAGES);
  if (ret)
    goto free;
unpin:
  unpin_user_pages(pages, pinned);
free:
  kfree(request);
  return ret;
}

int two_labels_ok(void) {
  struct page *pages[NPAGES];
  void *request;
  int pinned, ret = 0;

  request = kzalloc(64, GFP_KERNEL);
  if (!request)
    return -ENOMEM;
  pinned = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pages);
  if (pinned < 0) {
    ret = pinned;
    goto free;
  }
  if (pinned < NPAGES) {
    ret = -EFAULT;
    goto unpin;
  }
  ret = program_device(pages, NPAGES);
unpin:
  unpin_user_pages(pages, pinned);
free:
  kfree(request);
  return ret;
}

/* The result of the pin is overwritten before the cleanup uses it.
 * expect: pinlint-leak pinlint-partial-pin */
int count_overwritten_bad(void) {
  struct page *pages[NPAGES];
  int ret = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pages);

  if (ret < NPAGES) {
    ret = -EFAULT;
    goto out;
  }
  ret = program_device(pages, NPAGES);
out:
  if (ret > 0)
    unpin_user_pages(pages, ret);
  return ret;
}

/* expect: pinlint-partial-pin */
int short_pin_lost_bad(void) {
  struct page *pages[NPAGES];
  long ret =
      pin_user_pages(pinlint_user_pages(NPAGES), NPAGES, FOLL_LONGTERM, pages);

  if (ret != NPAGES)
    return ret < 0 ? ret : -EFAULT;
  unpin_user_pages(pages, NPAGES);
  return 0;
}

int short_pin_returned_ok(void) {
  struct page *pages[NPAGES];
  long ret =
      pin_user_pages(pinlint_user_pages(NPAGES), NPAGES, FOLL_LONGTERM, pages);

  if (ret != NPAGES) {
    if (ret > 0)
      unpin_user_pages(pages, ret);
    return ret < 0 ? ret : -EFAULT;
  }
  unpin_user_pages(pages, NPAGES);
  return 0;
}

/* An unsigned count swallows the error: nothing is pinned, and the array is
 * released as if it were.
 * expect: null-dereference */
int unsigned_count_bad(void) {
  struct page *pages[NPAGES] = {NULL};
  unsigned int pinned;
  unsigned int i;

  pinned = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pages);
  if (pinned < NPAGES) {
    for (i = 0; i < pinned; i++)
      unpin_user_page(pages[i]);
    return -EFAULT;
  }
  for (i = 0; i < NPAGES; i++)
    unpin_user_page(pages[i]);
  return 0;
}

/* One page: anything but 1 means that nothing is held. */
int one_page_ok(void) {
  struct page *page;

  if (unlikely(pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1))
    return -EFAULT;
  set_page_dirty_lock(page);
  unpin_user_page(page);
  return 0;
}

/* expect: pinlint-leak */
int one_page_bad(void) {
  struct page *page;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  if (program_device(&page, 1))
    return -EIO;
  unpin_user_page(page);
  return 0;
}

/* A handle that is overwritten by the next pin.
 * expect: pinlint-leak */
int overwritten_bad(void) {
  unsigned long addr = pinlint_user_pages(2);
  struct page *page;

  if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
    return -EFAULT;
  if (pin_user_pages_fast(addr + PAGE_SIZE, 1, 0, &page) != 1)
    return -EFAULT;
  unpin_user_page(page);
  return 0;
}

int two_handles_ok(void) {
  unsigned long addr = pinlint_user_pages(2);
  struct page *first, *second;

  if (pin_user_pages_fast(addr, 1, 0, &first) != 1)
    return -EFAULT;
  if (pin_user_pages_fast(addr + PAGE_SIZE, 1, 0, &second) != 1) {
    unpin_user_page(first);
    return -EFAULT;
  }
  unpin_user_page(second);
  unpin_user_page(first);
  return 0;
}

/* The result is narrowed by a BUG_ON. */
int narrowed_ok(void) {
  struct page *page;
  int ret = get_user_pages_fast(pinlint_user_pages(1), 1, FOLL_WRITE, &page);

  if (ret <= 0)
    return ret ? ret : -EFAULT;
  BUG_ON(ret != 1);
  put_page(page);
  return 0;
}

/* A negative result serves as an empty bound. */
int empty_bound_ok(void) {
  struct page *pages[NPAGES];
  int i, ret;

  ret = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pages);
  if (ret != NPAGES) {
    for (i = 0; i < ret; i++)
      unpin_user_page(pages[i]);
    return -ENOMEM;
  }
  unpin_user_pages(pages, NPAGES);
  return 0;
}

/* One exit for success and failure. */
int unified_exit_ok(void) {
  struct page *pages[NPAGES];
  int pinned = 0, ret;

  ret = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pages);
  if (ret < 0)
    goto out;
  pinned = ret;
  ret = -EFAULT;
  if (pinned != NPAGES)
    goto out;
  ret = program_device(pages, pinned);
out:
  if (pinned > 0)
    unpin_user_pages(pages, pinned);
  return ret;
}

/* A retry must release first.
 * expect: pinlint-leak pinlint-partial-pin */
int retry_bad(void) {
  unsigned long addr = pinlint_user_pages(2);
  struct page *pages[2];
  int tries = 0, ret;

again:
  ret = pin_user_pages_fast(addr, 2, 0, pages);
  if (ret < 0)
    return ret;
  if (ret != 2 && tries++ < 2)
    goto again;
  if (program_device(pages, ret) && tries++ < 2)
    goto again;
  unpin_user_pages(pages, ret);
  return 0;
}

int retry_ok(void) {
  unsigned long addr = pinlint_user_pages(2);
  struct page *pages[2];
  int tries = 0, ret;

again:
  ret = pin_user_pages_fast(addr, 2, 0, pages);
  if (ret < 0)
    return ret;
  if (ret != 2) {
    unpin_user_pages(pages, ret);
    if (tries++ < 2)
      goto again;
    return -EFAULT;
  }
  unpin_user_pages(pages, 2);
  return 0;
}

/* A count that is truncated: 2^32 + 1 pages become one.
 * expect: none */
int truncated_count_ok(u64 bytes) {
  u64 npages = DIV_ROUND_UP(bytes, PAGE_SIZE);
  struct page *pages[NPAGES];
  int ret;

  if (npages > NPAGES)
    return -EINVAL;
  ret = pin_user_pages_fast(pinlint_user_pages(NPAGES), (int)npages, 0, pages);
  if (ret > 0)
    unpin_user_pages(pages, ret);
  return ret < 0 ? ret : 0;
}
