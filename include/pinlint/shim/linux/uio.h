/*===- uio.h - Iterators over I/O buffers -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * iov_iter and page vectors, and taking pages from them.
 *
 * iov_iter_extract_pages() pins the pages of user-backed iterators and only
 * lends those of kernel-backed ones; iov_iter_get_pages2() takes references.
 * All return bytes, not pages (lib/iov_iter.c).
 */

#ifndef PINLINT_SHIM_LINUX_UIO_H
#define PINLINT_SHIM_LINUX_UIO_H

#include "types.h"

struct page;

struct kvec {
  void *iov_base;
  size_t iov_len;
};
struct bio_vec {
  struct page *bv_page;
  unsigned int bv_len;
  unsigned int bv_offset;
};

enum iter_type { ITER_UBUF, ITER_BVEC, ITER_KVEC };

struct iov_iter {
  u8 iter_type;
  bool data_source;
  size_t iov_offset;
  size_t count;
  union {
    void __user *ubuf;
    const struct bio_vec *bvec;
    const struct kvec *kvec;
  };
  unsigned long nr_segs;
};

typedef unsigned int iov_iter_extraction_t;
#define ITER_ALLOW_P2PDMA 1u
#define ITER_SOURCE 1
#define ITER_DEST 0

#ifdef __cplusplus
extern "C" {
#endif
void iov_iter_ubuf(struct iov_iter *i, unsigned int direction, void __user *buf,
                   size_t count);
void iov_iter_bvec(struct iov_iter *i, unsigned int direction,
                   const struct bio_vec *bvec, unsigned long nr_segs,
                   size_t count);
ssize_t iov_iter_extract_pages(struct iov_iter *i, struct page ***pages,
                               size_t maxsize, unsigned int maxpages,
                               iov_iter_extraction_t extraction_flags,
                               size_t *offset0);
ssize_t iov_iter_get_pages2(struct iov_iter *i, struct page **pages,
                            size_t maxsize, unsigned int maxpages,
                            size_t *start);
ssize_t iov_iter_get_pages_alloc2(struct iov_iter *i, struct page ***pages,
                                  size_t maxsize, size_t *start);
int iov_iter_npages(const struct iov_iter *i, int maxpages);
void iov_iter_advance(struct iov_iter *i, size_t bytes);
void iov_iter_revert(struct iov_iter *i, size_t bytes);
size_t copy_from_iter(void *addr, size_t bytes, struct iov_iter *i);
#ifdef __cplusplus
}
#endif

static inline size_t iov_iter_count(const struct iov_iter *i) {
  return i->count;
}
static inline bool user_backed_iter(const struct iov_iter *i) {
  return i->iter_type == ITER_UBUF;
}
static inline bool iov_iter_is_bvec(const struct iov_iter *i) {
  return i->iter_type == ITER_BVEC;
}
static inline bool iov_iter_extract_will_pin(const struct iov_iter *i) {
  return user_backed_iter(i);
}

#endif /* PINLINT_SHIM_LINUX_UIO_H */
