/*===- bitmap.h - Bitmaps -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * Bitmaps of unsigned longs.
 */

#ifndef PINLINT_SHIM_LINUX_BITMAP_H
#define PINLINT_SHIM_LINUX_BITMAP_H

#include "atomic.h"
#include "kernel.h"
#include "slab.h"

#define BITS_TO_LONGS(nr) DIV_ROUND_UP(nr, BITS_PER_LONG)

#ifdef __cplusplus
extern "C" {
#endif
unsigned long *bitmap_zalloc(unsigned int nbits, gfp_t flags);
void bitmap_free(const unsigned long *bitmap);
void bitmap_set(unsigned long *map, unsigned int start, unsigned int nbits);
void bitmap_clear(unsigned long *map, unsigned int start, unsigned int nbits);
void bitmap_zero(unsigned long *dst, unsigned int nbits);
void bitmap_or(unsigned long *dst, const unsigned long *src1,
               const unsigned long *src2, unsigned int nbits);
unsigned long find_next_bit(const unsigned long *addr, unsigned long size,
                            unsigned long offset);
#ifdef __cplusplus
}
#endif
#define find_first_bit(addr, size) find_next_bit(addr, size, 0)
#define for_each_set_bit(bit, addr, size)                                      \
  for ((bit) = find_first_bit(addr, size); (bit) < (size);                     \
       (bit) = find_next_bit(addr, size, (bit) + 1))

#endif /* PINLINT_SHIM_LINUX_BITMAP_H */
