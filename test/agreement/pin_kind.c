/*===- pin_kind.c - Kinds of references -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

#include <linux/mm.h>
#include <linux/slab.h>
#include <pinlint/scenario.h>

#define NPAGES 3

/* expect: pinlint-mismatched-release */
int put_of_pin_bad(void) {
  struct page *page;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  put_page(page);
  return 0;
}

/* expect: pinlint-mismatched-release */
int unpin_of_get_bad(void) {
  struct page *page;

  if (get_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  unpin_user_page(page);
  return 0;
}

int get_and_put_ok(void) {
  struct page *pages[NPAGES];
  int i, ret;

  ret = get_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, FOLL_WRITE,
                            pages);
  for (i = 0; i < ret; i++)
    put_page(pages[i]);
  return ret < 0 ? ret : 0;
}

/* The other kind on the error path only.
 * expect: pinlint-mismatched-release */
int error_path_bad(void) {
  struct page *pages[NPAGES];
  int i, ret;

  ret = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pages);
  if (ret < 0)
    return ret;
  if (ret < NPAGES) {
    for (i = 0; i < ret; i++)
      put_page(pages[i]);
    return -EFAULT;
  }
  unpin_user_pages(pages, NPAGES);
  return 0;
}

/* expect: pinlint-mismatched-release */
int free_of_reference_bad(void) {
  struct page *page;

  if (get_user_pages_unlocked(pinlint_user_pages(1), 1, &page, 0) != 1)
    return -EFAULT;
  __free_page(page);
  return 0;
}

int allocated_page_ok(void) {
  struct page *page = alloc_page(GFP_KERNEL);

  if (!page)
    return -ENOMEM;
  if (pinlint_choose(2, "the way of freeing"))
    put_page(page);
  else
    __free_page(page);
  return 0;
}

/* expect: pinlint-leak */
int FN_allocated_page_bad(void) {
  struct page *page = alloc_page(GFP_KERNEL);
  void *state;

  if (!page)
    return -ENOMEM;
  state = kmalloc(16, GFP_KERNEL);
  if (!state)
    return -ENOMEM;
  kfree(state);
  __free_page(page);
  return 0;
}

/* A flag in the object says which kind it holds. */
struct transfer {
  struct page *pages[NPAGES];
  int npages;
  bool pinned;
};

static int transfer_take(struct transfer *t, unsigned long addr, bool dma) {
  int ret;

  if (dma)
    ret = pin_user_pages_fast(addr, NPAGES, FOLL_LONGTERM, t->pages);
  else
    ret = get_user_pages_fast(addr, NPAGES, 0, t->pages);
  if (ret < 0)
    return ret;
  t->npages = ret;
  t->pinned = dma;
  return 0;
}

static void transfer_give(struct transfer *t) {
  int i;

  if (t->pinned) {
    unpin_user_pages(t->pages, t->npages);
    return;
  }
  for (i = 0; i < t->npages; i++)
    put_page(t->pages[i]);
}

int by_flag_ok(bool dma) {
  struct transfer t = {.npages = 0};
  int ret = transfer_take(&t, pinlint_user_pages(NPAGES), dma);

  if (ret)
    return ret;
  transfer_give(&t);
  return 0;
}

/* The flag is set before the kind is decided.
 * expect: pinlint-mismatched-release */
int stale_flag_bad(bool dma) {
  struct transfer t = {.pinned = true};
  int i, ret;

  if (dma)
    ret = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, t.pages);
  else
    ret = get_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, t.pages);
  for (i = 0; i < ret; i++)
    if (t.pinned)
      unpin_user_page(t.pages[i]);
    else
      put_page(t.pages[i]);
  return ret < 0 ? ret : 0;
}

/* The same selector drives both ends. */
int same_selector_ok(unsigned int cmd) {
  struct page *page;
  long ret;

  switch (cmd) {
  case 0:
    ret = get_user_pages_fast(pinlint_user_pages(1), 1, 0, &page);
    break;
  default:
    ret = pin_user_pages(pinlint_user_pages(1), 1, 0, &page);
    break;
  }
  if (ret != 1)
    return ret < 0 ? ret : -EFAULT;
  switch (cmd) {
  case 0:
    put_page(page);
    break;
  default:
    unpin_user_page(page);
    break;
  }
  return 0;
}

/* Replace: the new one is taken before the old one is dropped. */
int replace_ok(void) {
  unsigned long addr = pinlint_user_pages(2);
  struct page *kept, *fresh;

  if (get_user_pages_fast(addr, 1, 0, &kept) != 1)
    return -EFAULT;
  if (get_user_pages_fast(addr + PAGE_SIZE, 1, FOLL_WRITE, &fresh) == 1) {
    put_page(kept);
    kept = fresh;
  }
  put_page(kept);
  return 0;
}

/* expect: pinlint-leak */
int replace_bad(void) {
  unsigned long addr = pinlint_user_pages(2);
  struct page *kept, *fresh;

  if (get_user_pages_fast(addr, 1, 0, &kept) != 1)
    return -EFAULT;
  if (get_user_pages_fast(addr + PAGE_SIZE, 1, FOLL_WRITE, &fresh) == 1)
    kept = fresh;
  put_page(kept);
  return 0;
}

/* Conditional acquires own nothing when they fail. */
int conditional_ok(void) {
  struct page *page;

  if (!get_user_page_fast_only(pinlint_user_pages(1), FOLL_WRITE, &page))
    return -EAGAIN;
  if (get_page_unless_zero(page))
    put_page(page);
  put_page(page);
  return 0;
}

/* expect: pinlint-leak */
int conditional_bad(void) {
  struct page *page;

  if (get_user_page_fast_only(pinlint_user_pages(1), FOLL_WRITE, &page))
    return 0;
  return -EAGAIN;
}

/* An error pointer owns nothing. */
int error_pointer_ok(void) {
  struct page *page =
      get_user_page_vma_remote(current->mm, pinlint_user_pages(1), 0, NULL);

  if (IS_ERR(page))
    return PTR_ERR(page);
  put_page(page);
  return 0;
}

/* Folios. */
int folio_ok(void) {
  struct page *page;
  struct folio *folio;

  if (get_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  folio = page_folio(page);
  folio_get(folio);
  folio_put(folio);
  folio_put(folio);
  return 0;
}

/* expect: pinlint-mismatched-release */
int folio_put_of_pin_bad(void) {
  struct page *page;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  folio_put(page_folio(page));
  return 0;
}

int unpin_folio_ok(void) {
  struct page *page;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  unpin_user_folio(page_folio(page), 1);
  return 0;
}

int release_pages_ok(void) {
  struct page *pages[NPAGES];
  long ret = get_user_pages(pinlint_user_pages(NPAGES), NPAGES, 0, pages);

  if (ret <= 0)
    return ret;
  release_pages(pages, ret);
  return 0;
}

/* Get, then put at once, to return a borrowed page: the message's own
 * reference keeps it. */
int borrowed_ok(void) {
  struct page *page = pinlint_kernel_page();

  get_page(page);
  put_page(page);
  return page_count(page) > 0 ? 0 : -EIO;
}
