/*===- iov.c - Pages from iterators -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <pinlint/scenario.h>

#define NPAGES 3

/* Bytes, not pages, come back. */
int extract_ok(void) {
  struct page *array[NPAGES], **pages = array;
  struct iov_iter iter;
  size_t offset;
  ssize_t bytes;

  iov_iter_ubuf(&iter, ITER_DEST, (void __user *)pinlint_user_pages(NPAGES),
                NPAGES * PAGE_SIZE);
  bytes = iov_iter_extract_pages(&iter, &pages, iov_iter_count(&iter), NPAGES,
                                 0, &offset);
  if (bytes <= 0)
    return bytes;
  unpin_user_pages(pages, DIV_ROUND_UP(offset + bytes, PAGE_SIZE));
  return 0;
}

/* expect: pinlint-leak pinlint-partial-pin */
int extract_bad(void) {
  struct page *array[NPAGES], **pages = array;
  struct iov_iter iter;
  size_t offset;
  ssize_t bytes;

  iov_iter_ubuf(&iter, ITER_DEST, (void __user *)pinlint_user_pages(NPAGES),
                NPAGES * PAGE_SIZE);
  bytes = iov_iter_extract_pages(&iter, &pages, iov_iter_count(&iter), NPAGES,
                                 0, &offset);
  if (bytes <= 0)
    return bytes;
  /* Rounded down, with an offset that is zero: the last page is lost. */
  unpin_user_pages(pages, (bytes - 1) / PAGE_SIZE);
  return 0;
}

/* The iterator decides whether there is anything to give back. */
static void release_extracted(const struct iov_iter *iter, struct page **pages,
                              unsigned int n) {
  if (iov_iter_extract_will_pin(iter))
    unpin_user_pages(pages, n);
}

int will_pin_ok(bool user) {
  struct page *array[NPAGES], **pages = array;
  struct bio_vec vec = {.bv_page = pinlint_kernel_page(), .bv_len = PAGE_SIZE};
  struct iov_iter iter;
  size_t offset;
  ssize_t bytes;

  if (user)
    iov_iter_ubuf(&iter, ITER_DEST, (void __user *)pinlint_user_pages(1),
                  PAGE_SIZE);
  else
    iov_iter_bvec(&iter, ITER_DEST, &vec, 1, PAGE_SIZE);
  bytes = iov_iter_extract_pages(&iter, &pages, PAGE_SIZE, NPAGES, 0, &offset);
  if (bytes <= 0)
    return bytes;
  release_extracted(&iter, pages, DIV_ROUND_UP(offset + bytes, PAGE_SIZE));
  return 0;
}

/* Pages of a bvec are lent, not pinned.
 * expect: pinlint-over-release */
int FN_lent_pages_bad(bool user) {
  struct page *array[NPAGES], **pages = array;
  struct bio_vec vec = {.bv_page = pinlint_kernel_page(), .bv_len = PAGE_SIZE};
  struct iov_iter iter;
  size_t offset;
  ssize_t bytes;

  if (user)
    iov_iter_ubuf(&iter, ITER_DEST, (void __user *)pinlint_user_pages(1),
                  PAGE_SIZE);
  else
    iov_iter_bvec(&iter, ITER_DEST, &vec, 1, PAGE_SIZE);
  bytes = iov_iter_extract_pages(&iter, &pages, PAGE_SIZE, NPAGES, 0, &offset);
  if (bytes <= 0)
    return bytes;
  unpin_user_pages(pages, DIV_ROUND_UP(offset + bytes, PAGE_SIZE));
  return 0;
}

/* The array is allocated by the function, and the caller's to free,
 * even where no page could be pinned. */
int allocated_array_ok(void) {
  struct page **pages = NULL;
  struct iov_iter iter;
  size_t offset;
  ssize_t bytes;

  iov_iter_ubuf(&iter, ITER_SOURCE, (void __user *)pinlint_user_pages(NPAGES),
                NPAGES * PAGE_SIZE);
  bytes = iov_iter_extract_pages(&iter, &pages, iov_iter_count(&iter), NPAGES,
                                 0, &offset);
  if (bytes <= 0) {
    kvfree(pages);
    return bytes;
  }
  unpin_user_pages(pages, DIV_ROUND_UP(offset + bytes, PAGE_SIZE));
  kvfree(pages);
  return 0;
}

/* expect: pinlint-leak */
int allocated_array_bad(void) {
  struct page **pages = NULL;
  struct iov_iter iter;
  size_t offset;
  ssize_t bytes;

  iov_iter_ubuf(&iter, ITER_SOURCE, (void __user *)pinlint_user_pages(NPAGES),
                NPAGES * PAGE_SIZE);
  bytes = iov_iter_extract_pages(&iter, &pages, iov_iter_count(&iter), NPAGES,
                                 0, &offset);
  if (bytes <= 0) {
    kvfree(pages);
    return bytes;
  }
  unpin_user_pages(pages, DIV_ROUND_UP(offset + bytes, PAGE_SIZE));
  return 0;
}

/* expect: pinlint-leak */
int failed_array_bad(void) {
  struct page **pages = NULL;
  struct iov_iter iter;
  size_t offset;
  ssize_t bytes;

  iov_iter_ubuf(&iter, ITER_SOURCE, (void __user *)pinlint_user_pages(NPAGES),
                NPAGES * PAGE_SIZE);
  bytes = iov_iter_extract_pages(&iter, &pages, iov_iter_count(&iter), NPAGES,
                                 0, &offset);
  if (bytes <= 0)
    return bytes;
  unpin_user_pages(pages, DIV_ROUND_UP(offset + bytes, PAGE_SIZE));
  kvfree(pages);
  return 0;
}

/* iov_iter_get_pages2() takes references. */
int get_pages_ok(void) {
  struct page *pages[NPAGES];
  struct iov_iter iter;
  size_t offset;
  ssize_t bytes;
  int i, n;

  iov_iter_ubuf(&iter, ITER_SOURCE,
                (void __user *)(pinlint_user_pages(NPAGES) + 100),
                2 * PAGE_SIZE);
  bytes = iov_iter_get_pages2(&iter, pages, 2 * PAGE_SIZE, NPAGES, &offset);
  if (bytes <= 0)
    return bytes;
  n = DIV_ROUND_UP(offset + bytes, PAGE_SIZE);
  for (i = 0; i < n; i++)
    put_page(pages[i]);
  return 0;
}

/* expect: pinlint-mismatched-release */
int get_pages_bad(void) {
  struct page *pages[NPAGES];
  struct iov_iter iter;
  size_t offset;
  ssize_t bytes;

  iov_iter_ubuf(&iter, ITER_SOURCE, (void __user *)pinlint_user_pages(NPAGES),
                NPAGES * PAGE_SIZE);
  bytes =
      iov_iter_get_pages2(&iter, pages, NPAGES * PAGE_SIZE, NPAGES, &offset);
  if (bytes <= 0)
    return bytes;
  unpin_user_pages(pages, DIV_ROUND_UP(offset + bytes, PAGE_SIZE));
  return 0;
}

/* The offset of the first page counts, too.
 * expect: pinlint-leak pinlint-partial-pin */
int forgotten_offset_bad(void) {
  struct page *pages[NPAGES];
  struct iov_iter iter;
  size_t offset;
  ssize_t bytes;
  int i, n;

  iov_iter_ubuf(&iter, ITER_SOURCE,
                (void __user *)(pinlint_user_pages(NPAGES) + 100),
                2 * PAGE_SIZE);
  bytes = iov_iter_get_pages2(&iter, pages, 2 * PAGE_SIZE, NPAGES, &offset);
  if (bytes <= 0)
    return bytes;
  n = bytes / PAGE_SIZE;
  for (i = 0; i < n; i++)
    put_page(pages[i]);
  return 0;
}
