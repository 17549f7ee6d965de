/*===- bio.h - Block I/O requests -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * Bios: containers of pages with a completion function.
 *
 * bio_release_pages() gives pages back only where BIO_PAGE_PINNED is set
 * (block/bio.c). A submitted bio completes, with success or an error, when it
 * is waited for or after the entry function.
 */

#ifndef PINLINT_SHIM_LINUX_BIO_H
#define PINLINT_SHIM_LINUX_BIO_H

#include "mm.h"
#include "types.h"
#include "uio.h"

struct block_device;
struct bio;
typedef void (*bio_end_io_t)(struct bio *bio);
typedef u8 blk_status_t;
#define BLK_STS_OK 0
#define BLK_STS_IOERR 10

#define BIO_PAGE_PINNED 0
#define REQ_OP_READ 0u
#define REQ_OP_WRITE 1u
#define BIO_MAX_VECS 256u

struct bio {
  unsigned short bi_flags;
  blk_status_t bi_status;
  unsigned short bi_vcnt;
  unsigned short bi_max_vecs;
  unsigned int bi_opf;
  unsigned int bi_size;
  void *bi_private;
  bio_end_io_t bi_end_io;
  struct bio_vec *bi_io_vec;
};

#ifdef __cplusplus
extern "C" {
#endif
struct bio *bio_alloc(struct block_device *bdev, unsigned short nr_vecs,
                      unsigned int opf, gfp_t gfp_mask);
void bio_put(struct bio *bio);
/* The number of bytes added: len, or 0 if the bio is full. */
int bio_add_page(struct bio *bio, struct page *page, unsigned int len,
                 unsigned int off);
/* Adds what it can get; an error only if nothing was added. */
int bio_iov_iter_get_pages(struct bio *bio, struct iov_iter *iter);
void bio_release_pages(struct bio *bio, bool mark_dirty);
void bio_set_pages_dirty(struct bio *bio);
void submit_bio(struct bio *bio);
int submit_bio_wait(struct bio *bio);
void bio_endio(struct bio *bio);
int blk_status_to_errno(blk_status_t status);
#ifdef __cplusplus
}
#endif

static inline void bio_set_flag(struct bio *bio, unsigned int bit) {
  bio->bi_flags |= (unsigned short)(1U << bit);
}
static inline void bio_clear_flag(struct bio *bio, unsigned int bit) {
  bio->bi_flags &= (unsigned short)~(1U << bit);
}
static inline bool bio_flagged(struct bio *bio, unsigned int bit) {
  return bio->bi_flags & (1U << bit);
}

struct bvec_iter_all {
  int idx;
};
#define bio_for_each_segment_all(bvl, bio, iter)                               \
  for ((iter).idx = 0, bvl = (bio)->bi_io_vec; (iter).idx < (bio)->bi_vcnt;    \
       (iter).idx++, bvl++)

#endif /* PINLINT_SHIM_LINUX_BIO_H */
