/*===- vfio_dirty.c - Dirty bitmaps -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

/**
 * \file
 * Bit i of a query is page i of the request. The answers are compared with what
 * was written: pinlint_check_state().
 */

#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <pinlint/scenario.h>

struct range {
  unsigned long iova;
  unsigned long npages;
  unsigned long *bitmap;
};

static int range_init(struct range *r, unsigned long iova,
                      unsigned long npages) {
  r->iova = iova;
  r->npages = npages;
  r->bitmap = bitmap_zalloc(npages, GFP_KERNEL);
  return r->bitmap ? 0 : -ENOMEM;
}

static void range_fini(struct range *r) {
  bitmap_free(r->bitmap);
  r->bitmap = NULL;
}

static void range_write(struct range *r, unsigned long iova) {
  bitmap_set(r->bitmap, (iova - r->iova) >> PAGE_SHIFT, 1);
}

/* Adds a range's bits to those of a request that begins at base. */
static void report(unsigned long *out, unsigned long base, struct range *r) {
  unsigned long first = (r->iova - base) >> PAGE_SHIFT;
  unsigned long bit;

  for_each_set_bit(bit, r->bitmap, r->npages) bitmap_set(out, first + bit, 1);
  bitmap_clear(r->bitmap, 0, r->npages);
}

int ten_and_six_ok(void) {
  struct range a = {.bitmap = NULL}, b = {.bitmap = NULL};
  unsigned long out = 0;
  int ret = range_init(&a, 0x100000, 10);

  if (!ret)
    ret = range_init(&b, 0x10a000, 6);
  if (!ret) {
    range_write(&a, 0x103000);
    range_write(&b, 0x10b000);
    report(&out, 0x100000, &a);
    report(&out, 0x100000, &b);
    pinlint_check_state(out == (BIT(3) | BIT(11)));
    out = 0;
    report(&out, 0x100000, &a);
    pinlint_check_state(out == 0);
  }
  range_fini(&b);
  range_fini(&a);
  return ret;
}

/* The bit is counted from address zero: outside any bitmap of the request.
 * expect: out-of-bounds */
int bits_from_zero_bad(void) {
  struct range r = {.bitmap = NULL};
  unsigned long *out = bitmap_zalloc(64, GFP_KERNEL);
  unsigned long bit;

  if (!out)
    return -ENOMEM;
  if (!range_init(&r, 0x100000, 10)) {
    range_write(&r, 0x103000);
    for_each_set_bit(bit, r.bitmap, r.npages)
        bitmap_set(out, (r.iova >> PAGE_SHIFT) + bit, 1);
    range_fini(&r);
  }
  bitmap_free(out);
  return 0;
}

/* The limit is only set where a page is found in the request.
 * expect: out-of-bounds */
int uninitialised_limit_bad(void) {
  struct range r = {.bitmap = NULL};
  unsigned long limit, bit, *out = bitmap_zalloc(64, GFP_KERNEL);

  if (!out)
    return -ENOMEM;
  if (!range_init(&r, 0x100000, 10)) {
    if (pinlint_choose(2, "a write"))
      range_write(&r, 0x103000);
    for_each_set_bit(bit, r.bitmap, r.npages) limit = bit + 1;
    bitmap_set(out, 0, limit & 0xffff);
    range_fini(&r);
  }
  bitmap_free(out);
  return 0;
}

int initialised_limit_ok(void) {
  struct range r = {.bitmap = NULL};
  unsigned long limit = 0, bit, *out = bitmap_zalloc(64, GFP_KERNEL);

  if (!out)
    return -ENOMEM;
  if (!range_init(&r, 0x100000, 10)) {
    if (pinlint_choose(2, "a write"))
      range_write(&r, 0x103000);
    for_each_set_bit(bit, r.bitmap, r.npages) limit = bit + 1;
    bitmap_set(out, 0, limit);
    range_fini(&r);
  }
  bitmap_free(out);
  return 0;
}

/* The second range begins in the middle of a word, and overwrites it.
 * expect: pinlint-stale-state */
int FN_merge_overwrites_bad(void) {
  struct range a = {.bitmap = NULL}, b = {.bitmap = NULL};
  unsigned long out = 0;

  if (range_init(&a, 0x100000, 10))
    return -ENOMEM;
  if (!range_init(&b, 0x10a000, 6)) {
    range_write(&a, 0x103000);
    range_write(&b, 0x10b000);
    out = a.bitmap[0];
    out = b.bitmap[0] << 10;
    pinlint_check_state(out == (BIT(3) | BIT(11)));
    range_fini(&b);
  }
  range_fini(&a);
  return 0;
}

/* Bits stay for the next query.
 * expect: pinlint-stale-state */
int FN_stale_bits_bad(void) {
  struct range r = {.bitmap = NULL};
  unsigned long out = 0;

  if (range_init(&r, 0x100000, 10))
    return -ENOMEM;
  range_write(&r, 0x103000);
  bitmap_or(&out, &out, r.bitmap, 10);
  pinlint_check_state(out == BIT(3));
  out = 0;
  bitmap_or(&out, &out, r.bitmap, 10);
  pinlint_check_state(out == 0);
  range_fini(&r);
  return 0;
}
