/*===- pin_twice.c - Released too often, used too late -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <pinlint/scenario.h>

#define NPAGES 3

/* Inline, and again at the label.
 * expect: pinlint-over-release */
int inline_and_label_bad(void) {
  struct page *pages[NPAGES];
  int ret = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pages);
  int pinned = ret;

  if (ret < 0)
    return ret;
  if (ret != NPAGES) {
    unpin_user_pages(pages, ret);
    ret = -EFAULT;
    goto out;
  }
  ret = 0;
out:
  unpin_user_pages(pages, pinned);
  return ret;
}

/* The count that was asked for, after a short pin.
 * expect: null-dereference */
int requested_count_bad(void) {
  struct page *pages[NPAGES] = {NULL};
  int ret = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pages);

  if (ret <= 0)
    return ret;
  unpin_user_pages(pages, NPAGES);
  return 0;
}

/* One too many: the neighbour in the array is somebody else's.
 * expect: pinlint-over-release */
int FP_bound_too_high_bad(void) {
  unsigned long addr = pinlint_user_pages(NPAGES);
  struct page *pages[NPAGES];
  int i;

  if (pin_user_pages_fast(addr, 1, 0, &pages[1]) != 1)
    return -EFAULT;
  if (pin_user_pages_fast(addr + PAGE_SIZE, 1, 0, &pages[0]) != 1) {
    unpin_user_page(pages[1]);
    return -EFAULT;
  }
  for (i = 0; i <= 1; i++)
    unpin_user_page(pages[i]);
  unpin_user_page(pages[1]);
  return 0;
}

/* Range release of one page more than was pinned.
 * expect: pinlint-over-release */
int range_too_long_bad(void) {
  unsigned long addr = pinlint_user_pages(2);
  struct page *pages[2], *more;

  if (pin_user_pages_fast(addr, 1, 0, &pages[0]) != 1)
    return -EFAULT;
  if (pin_user_pages_fast(addr + PAGE_SIZE, 1, 0, &more) != 1) {
    unpin_user_page(pages[0]);
    return -EFAULT;
  }
  unpin_user_page(more);
  unpin_user_page_range_dirty_lock(pages[0], 2, false);
  return 0;
}

int range_ok(void) {
  struct page *pages[NPAGES];
  int ret = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pages);

  if (ret <= 0)
    return ret;
  unpin_user_page_range_dirty_lock(pages[0], ret, true);
  return 0;
}

/* A put that takes the reference of whoever mapped the page.
 * expect: pinlint-over-release */
int underflow_bad(void) {
  struct page *page;

  if (get_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  put_page(page);
  put_page(page);
  return 0;
}

/* A field that is not cleared is released again by the destructor. */
struct frame {
  struct page *page;
};

static void frame_destroy(struct frame *f) {
  if (f->page)
    unpin_user_page(f->page);
  kfree(f);
}

/* expect: pinlint-over-release */
int field_not_cleared_bad(void) {
  struct frame *f = kzalloc(sizeof(*f), GFP_KERNEL);

  if (!f)
    return -ENOMEM;
  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &f->page) != 1) {
    f->page = NULL;
    frame_destroy(f);
    return -EFAULT;
  }
  unpin_user_page(f->page);
  frame_destroy(f);
  return 0;
}

int field_cleared_ok(void) {
  struct frame *f = kzalloc(sizeof(*f), GFP_KERNEL);

  if (!f)
    return -ENOMEM;
  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &f->page) != 1) {
    f->page = NULL;
    frame_destroy(f);
    return -EFAULT;
  }
  unpin_user_page(f->page);
  f->page = NULL;
  frame_destroy(f);
  return 0;
}

/* expect: pinlint-use-after-release */
int dirty_after_unpin_bad(void) {
  struct page *page;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, FOLL_WRITE, &page) != 1)
    return -EFAULT;
  unpin_user_page(page);
  set_page_dirty_lock(page);
  return 0;
}

int dirty_before_unpin_ok(void) {
  struct page *page;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, FOLL_WRITE, &page) != 1)
    return -EFAULT;
  set_page_dirty_lock(page);
  unpin_user_page(page);
  return 0;
}

/* expect: pinlint-use-after-release */
int field_after_put_bad(void) {
  struct page *page;
  unsigned long index;

  if (get_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  put_page(page);
  index = page->index;
  return index ? -EIO : 0;
}

int field_before_put_ok(void) {
  struct page *page;
  unsigned long index;

  if (get_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  index = page->index;
  put_page(page);
  return index ? -EIO : 0;
}

/* The mapping of the content lives as long as the page is held.
 * expect: pinlint-use-after-release */
int content_after_unpin_bad(void) {
  struct page *page;
  char *p;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, FOLL_WRITE, &page) != 1)
    return -EFAULT;
  p = kmap_local_page(page);
  unpin_user_page(page);
  memset(p, 0, 16);
  kunmap_local(p);
  return 0;
}

int content_ok(void) {
  struct page *page;
  char *p;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, FOLL_WRITE, &page) != 1)
    return -EFAULT;
  p = kmap_local_page(page);
  memset(p, 0, 16);
  p[16] = 1;
  kunmap_local(p);
  unpin_user_page(page);
  return 0;
}

/* A put that cannot be the last: another reference keeps the page. */
int not_the_last_ok(void) {
  struct page *page;

  if (get_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  get_page(page);
  put_page(page);
  set_page_dirty(page);
  put_page(page);
  return 0;
}

/* A reference on a page that nobody holds any more.
 * expect: pinlint-leak pinlint-use-after-release */
int get_after_put_bad(void) {
  struct page *page;

  if (get_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  if (pinlint_choose(2, "whether to forget it"))
    return 0;
  put_page(page);
  get_page(page);
  return 0;
}
