/*===- pin_loop.c - Pins in loops -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

#include <linux/mm.h>
#include <linux/slab.h>
#include <pinlint/scenario.h>

#define NPAGES 5

/* The loop that fills an array by partial results.
 * expect: pinlint-partial-pin */
int accumulate_bad(void) {
  unsigned long addr = pinlint_user_pages(NPAGES);
  struct page *pages[NPAGES];
  int pinned = 0, ret;

  while (pinned < NPAGES) {
    ret = pin_user_pages_fast(addr + pinned * PAGE_SIZE, NPAGES - pinned, 0,
                              pages + pinned);
    if (ret < 0)
      return ret;
    pinned += ret;
  }
  unpin_user_pages(pages, pinned);
  return 0;
}

int accumulate_ok(void) {
  unsigned long addr = pinlint_user_pages(NPAGES);
  struct page *pages[NPAGES];
  int pinned = 0, ret;

  while (pinned < NPAGES) {
    ret = pin_user_pages_fast(addr + pinned * PAGE_SIZE, NPAGES - pinned, 0,
                              pages + pinned);
    if (ret < 0) {
      unpin_user_pages(pages, pinned);
      return ret;
    }
    pinned += ret;
  }
  unpin_user_pages(pages, pinned);
  return 0;
}

/* Chunks of two pages; a short one ends it.
 * expect: pinlint-partial-pin */
int FP_chunks_bad(void) {
  unsigned long addr = pinlint_user_pages(NPAGES);
  struct page *pages[NPAGES];
  int done = 0, ret = 0;

  while (done < NPAGES) {
    int want = min(NPAGES - done, 2);

    ret = pin_user_pages_fast(addr + done * PAGE_SIZE, want, 0, &pages[done]);
    if (ret != want) {
      ret = ret < 0 ? ret : -EFAULT;
      goto unpin;
    }
    done += want;
  }
  ret = 0;
unpin:
  unpin_user_pages(pages, done);
  return ret;
}

int chunks_ok(void) {
  unsigned long addr = pinlint_user_pages(NPAGES);
  struct page *pages[NPAGES];
  int done = 0, ret = 0;

  while (done < NPAGES) {
    int want = min(NPAGES - done, 2);

    ret = pin_user_pages_fast(addr + done * PAGE_SIZE, want, 0, &pages[done]);
    if (ret > 0)
      done += ret;
    if (ret != want) {
      ret = ret < 0 ? ret : -EFAULT;
      goto unpin;
    }
  }
  ret = 0;
unpin:
  unpin_user_pages(pages, done);
  return ret;
}

/* Page by page.
 * expect: pinlint-leak */
int page_by_page_bad(void) {
  unsigned long addr = pinlint_user_pages(NPAGES);
  struct page *pages[NPAGES];
  int i;

  for (i = 0; i < NPAGES; i++)
    if (pin_user_pages_fast(addr + i * PAGE_SIZE, 1, 0, &pages[i]) != 1)
      goto unwind;
  while (i--)
    unpin_user_page(pages[i]);
  return 0;
unwind:
  /* The first page is forgotten. */
  while (--i > 0)
    unpin_user_page(pages[i]);
  return -EFAULT;
}

int page_by_page_ok(void) {
  unsigned long addr = pinlint_user_pages(NPAGES);
  struct page *pages[NPAGES];
  int i, ret = 0;

  for (i = 0; i < NPAGES; i++)
    if (pin_user_pages_fast(addr + i * PAGE_SIZE, 1, 0, &pages[i]) != 1) {
      ret = -EFAULT;
      break;
    }
  while (i--)
    unpin_user_page(pages[i]);
  return ret;
}

/* One too few.
 * expect: pinlint-leak */
int bound_too_low_bad(void) {
  struct page *pages[NPAGES];
  int i, ret;

  ret = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pages);
  if (ret < 0)
    return ret;
  if (ret != NPAGES) {
    unpin_user_pages(pages, ret);
    return -EFAULT;
  }
  for (i = 0; i < NPAGES - 1; i++)
    unpin_user_page(pages[i]);
  return 0;
}

/* The slice from where the mapping failed to the end is released here, the
 * front by what undoes the mappings. */
int slices_ok(void) {
  struct page *pages[NPAGES];
  int i, mapped, ret;

  ret = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pages);
  if (ret < 0)
    return ret;
  for (mapped = 0; mapped < ret; mapped++)
    if (pinlint_choose(2, "the mapping's failure"))
      break;
  unpin_user_pages(&pages[mapped], ret - mapped);
  for (i = 0; i < mapped; i++)
    unpin_user_page(pages[i]);
  return mapped == NPAGES ? 0 : -EIO;
}

/* expect: pinlint-leak pinlint-partial-pin */
int FN_slices_bad(void) {
  struct page *pages[NPAGES];
  int i, mapped, ret;

  ret = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pages);
  if (ret < 0)
    return ret;
  for (mapped = 0; mapped < ret; mapped++)
    if (pinlint_choose(2, "the mapping's failure"))
      goto undo;
  unpin_user_pages(pages, ret);
  return 0;
undo:
  /* The page that could not be mapped belongs to neither part. */
  unpin_user_pages(&pages[mapped + 1], ret - mapped - 1);
  for (i = 0; i < mapped; i++)
    unpin_user_page(pages[i]);
  return -EIO;
}

/* A whole page of pointers at a time. */
int batch_page_ok(void) {
  unsigned long addr = pinlint_user_pages(4);
  struct page **list = (struct page **)__get_free_page(GFP_KERNEL);
  unsigned long left = 4;
  int ret = 0;

  if (!list)
    return -ENOMEM;
  while (left) {
    long got = pin_user_pages(addr, min_t(unsigned long, left, 2), 0, list);

    if (got <= 0) {
      ret = got ? got : -EFAULT;
      break;
    }
    unpin_user_pages_dirty_lock(list, got, true);
    addr += got * PAGE_SIZE;
    left -= got;
  }
  free_page((unsigned long)list);
  return ret;
}

/* expect: pinlint-leak */
int FN_batch_page_bad(void) {
  unsigned long addr = pinlint_user_pages(4);
  struct page **list = (struct page **)__get_free_page(GFP_KERNEL);
  long got;

  if (!list)
    return -ENOMEM;
  got = pin_user_pages(addr, 2, 0, list);
  if (got <= 0)
    return got ? got : -EFAULT;
  unpin_user_pages(list, got);
  free_page((unsigned long)list);
  return 0;
}
