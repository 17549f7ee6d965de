/*===- bio.c - Pages in block I/O requests -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

#include <linux/bio.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <pinlint/scenario.h>

#define NPAGES 2

static void end_io_by_flag(struct bio *bio) {
  bio_release_pages(bio, true);
  bio_put(bio);
}

int direct_io_ok(void) {
  struct bio *bio = bio_alloc(NULL, NPAGES, REQ_OP_READ, GFP_KERNEL);
  struct iov_iter iter;
  int ret;

  iov_iter_ubuf(&iter, ITER_DEST, (void __user *)pinlint_user_pages(NPAGES),
                NPAGES * PAGE_SIZE);
  ret = bio_iov_iter_get_pages(bio, &iter);
  if (ret) {
    bio_put(bio);
    return ret;
  }
  bio->bi_end_io = end_io_by_flag;
  submit_bio(bio);
  return 0;
}

/* The error path drops the request without its pages.
 * expect: pinlint-leak */
int direct_io_bad(void) {
  struct bio *bio = bio_alloc(NULL, NPAGES, REQ_OP_READ, GFP_KERNEL);
  struct iov_iter iter;
  int ret;

  iov_iter_ubuf(&iter, ITER_DEST, (void __user *)pinlint_user_pages(NPAGES),
                NPAGES * PAGE_SIZE);
  ret = bio_iov_iter_get_pages(bio, &iter);
  if (ret || iov_iter_count(&iter)) {
    bio_put(bio);
    return ret ? ret : -EIO;
  }
  bio->bi_end_io = end_io_by_flag;
  submit_bio(bio);
  return 0;
}

/* Pages of two origins in one request: user memory and a page of the kernel's
 * own, e.g. to pad a block. */
static int mixed_request(bio_end_io_t end_io) {
  struct bio *bio = bio_alloc(NULL, NPAGES, REQ_OP_WRITE, GFP_KERNEL);
  struct page *page, *pad;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1) {
    bio_put(bio);
    return -EFAULT;
  }
  pad = alloc_page(GFP_KERNEL);
  if (!pad) {
    unpin_user_page(page);
    bio_put(bio);
    return -ENOMEM;
  }
  bio_add_page(bio, page, PAGE_SIZE, 0);
  bio_add_page(bio, pad, PAGE_SIZE, 0);
  bio->bi_end_io = end_io;
  submit_bio(bio);
  return 0;
}

static void end_io_unpins_all(struct bio *bio) {
  struct bvec_iter_all iter;
  struct bio_vec *bv;

  bio_for_each_segment_all(bv, bio, iter) unpin_user_page(bv->bv_page);
  bio_put(bio);
}

/* expect: pinlint-mismatched-release */
int FN_mixed_request_bad(void) { return mixed_request(end_io_unpins_all); }

static void end_io_puts_all(struct bio *bio) {
  struct bvec_iter_all iter;
  struct bio_vec *bv;

  bio_for_each_segment_all(bv, bio, iter) put_page(bv->bv_page);
  bio_put(bio);
}

/* expect: pinlint-mismatched-release */
int FN_mixed_request_put_bad(void) { return mixed_request(end_io_puts_all); }

static void end_io_by_position(struct bio *bio) {
  unpin_user_page(bio->bi_io_vec[0].bv_page);
  put_page(bio->bi_io_vec[1].bv_page);
  bio_put(bio);
}

int mixed_request_ok(void) { return mixed_request(end_io_by_position); }

/* Both the submitter and the completion give the pages back.
 * expect: pinlint-over-release */
int FN_released_twice_bad(void) {
  struct bio *bio = bio_alloc(NULL, 1, REQ_OP_WRITE, GFP_KERNEL);
  struct page *page;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1) {
    bio_put(bio);
    return -EFAULT;
  }
  bio_add_page(bio, page, PAGE_SIZE, 0);
  bio->bi_end_io = end_io_unpins_all;
  submit_bio(bio);
  unpin_user_page(page);
  return 0;
}

/* The submitter waits, and releases in every case. */
int synchronous_ok(void) {
  struct bio *bio = bio_alloc(NULL, 1, REQ_OP_WRITE, GFP_KERNEL);
  struct page *page;
  int ret;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1) {
    bio_put(bio);
    return -EFAULT;
  }
  bio_add_page(bio, page, PAGE_SIZE, 0);
  ret = submit_bio_wait(bio);
  unpin_user_page(page);
  bio_put(bio);
  return ret;
}

/* expect: pinlint-leak */
int synchronous_bad(void) {
  struct bio *bio = bio_alloc(NULL, 1, REQ_OP_WRITE, GFP_KERNEL);
  struct page *page;
  int ret;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1) {
    bio_put(bio);
    return -EFAULT;
  }
  bio_add_page(bio, page, PAGE_SIZE, 0);
  ret = submit_bio_wait(bio);
  bio_put(bio);
  if (ret)
    return ret;
  unpin_user_page(page);
  return 0;
}

/* The flag says that the pages are pinned; they are only lent.
 * expect: pinlint-over-release */
int FN_wrong_flag_bad(void) {
  struct bio_vec vec = {.bv_page = pinlint_kernel_page(), .bv_len = PAGE_SIZE};
  struct bio *bio = bio_alloc(NULL, 1, REQ_OP_READ, GFP_KERNEL);
  struct iov_iter iter;
  int ret;

  iov_iter_bvec(&iter, ITER_DEST, &vec, 1, PAGE_SIZE);
  ret = bio_iov_iter_get_pages(bio, &iter);
  if (ret) {
    bio_put(bio);
    return ret;
  }
  bio_set_flag(bio, BIO_PAGE_PINNED);
  bio->bi_end_io = end_io_by_flag;
  submit_bio(bio);
  return 0;
}

/* A request that is completed by work later on. */
struct dio {
  struct work_struct work;
  struct page *page;
};

static void dio_complete(struct work_struct *work) {
  struct dio *dio = container_of(work, struct dio, work);

  set_page_dirty_lock(dio->page);
  unpin_user_page(dio->page);
  kfree(dio);
}

static void dio_end_io(struct bio *bio) {
  struct dio *dio = bio->bi_private;

  schedule_work(&dio->work);
  bio_put(bio);
}

int deferred_release_ok(void) {
  struct dio *dio = kzalloc(sizeof(*dio), GFP_KERNEL);
  struct bio *bio;

  if (!dio)
    return -ENOMEM;
  INIT_WORK(&dio->work, dio_complete);
  if (pin_user_pages_fast(pinlint_user_pages(1), 1, FOLL_WRITE, &dio->page) !=
      1) {
    kfree(dio);
    return -EFAULT;
  }
  bio = bio_alloc(NULL, 1, REQ_OP_READ, GFP_KERNEL);
  bio->bi_private = dio;
  bio->bi_end_io = dio_end_io;
  bio_add_page(bio, dio->page, PAGE_SIZE, 0);
  submit_bio(bio);
  return 0;
}

/* The object is freed when the work is queued, not when it is done.
 * expect: pinlint-leak pinlint-teardown-order */
int FN_deferred_release_bad(void) {
  struct dio *dio = kzalloc(sizeof(*dio), GFP_KERNEL);

  if (!dio)
    return -ENOMEM;
  INIT_WORK(&dio->work, dio_complete);
  if (pin_user_pages_fast(pinlint_user_pages(1), 1, FOLL_WRITE, &dio->page) !=
      1) {
    kfree(dio);
    return -EFAULT;
  }
  schedule_work(&dio->work);
  kfree(dio);
  return 0;
}
