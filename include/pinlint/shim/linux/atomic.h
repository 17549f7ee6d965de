/*===- atomic.h - Atomic counters -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * Counters. A program under pinlint-verify has one thread, so that plain
 * operations serve.
 */

#ifndef PINLINT_SHIM_LINUX_ATOMIC_H
#define PINLINT_SHIM_LINUX_ATOMIC_H

#include "types.h"

typedef struct {
  int counter;
} atomic_t;

typedef struct {
  s64 counter;
} atomic64_t;
typedef atomic64_t atomic_long_t;

#define ATOMIC_INIT(i) {(i)}

static inline int atomic_read(const atomic_t *v) { return v->counter; }
static inline void atomic_set(atomic_t *v, int i) { v->counter = i; }
static inline void atomic_inc(atomic_t *v) { v->counter++; }
static inline void atomic_dec(atomic_t *v) { v->counter--; }
static inline void atomic_add(int i, atomic_t *v) { v->counter += i; }
static inline void atomic_sub(int i, atomic_t *v) { v->counter -= i; }
static inline int atomic_inc_return(atomic_t *v) { return ++v->counter; }
static inline int atomic_dec_return(atomic_t *v) { return --v->counter; }
static inline bool atomic_dec_and_test(atomic_t *v) { return !--v->counter; }
static inline bool atomic_inc_not_zero(atomic_t *v) {
  return v->counter ? v->counter++ != 0 : false;
}
static inline int atomic_xchg(atomic_t *v, int n) {
  int old = v->counter;
  v->counter = n;
  return old;
}
static inline int atomic_cmpxchg(atomic_t *v, int o, int n) {
  int old = v->counter;
  if (old == o)
    v->counter = n;
  return old;
}
static inline s64 atomic64_read(const atomic64_t *v) { return v->counter; }
static inline void atomic64_set(atomic64_t *v, s64 i) { v->counter = i; }
static inline void atomic64_inc(atomic64_t *v) { v->counter++; }
static inline void atomic64_dec(atomic64_t *v) { v->counter--; }
static inline void atomic64_add(s64 i, atomic64_t *v) { v->counter += i; }
static inline void atomic64_sub(s64 i, atomic64_t *v) { v->counter -= i; }
static inline s64 atomic64_add_return(s64 i, atomic64_t *v) {
  return v->counter += i;
}
static inline long atomic_long_read(const atomic_long_t *v) {
  return (long)v->counter;
}
static inline void atomic_long_add(long i, atomic_long_t *v) {
  v->counter += i;
}
static inline void atomic_long_sub(long i, atomic_long_t *v) {
  v->counter -= i;
}

#define xchg(ptr, v)                                                           \
  ({                                                                           \
    __typeof__(ptr) __xp = (ptr);                                              \
    __typeof__(*__xp) __xo = *__xp;                                            \
    *__xp = (v);                                                               \
    __xo;                                                                      \
  })
#define cmpxchg(ptr, o, n)                                                     \
  ({                                                                           \
    __typeof__(ptr) __cp = (ptr);                                              \
    __typeof__(*__cp) __co = *__cp;                                            \
    if (__co == (o))                                                           \
      *__cp = (n);                                                             \
    __co;                                                                      \
  })

static inline void set_bit(long nr, volatile unsigned long *addr) {
  addr[nr / BITS_PER_LONG] |= BIT(nr % BITS_PER_LONG);
}
static inline void clear_bit(long nr, volatile unsigned long *addr) {
  addr[nr / BITS_PER_LONG] &= ~BIT(nr % BITS_PER_LONG);
}
static inline bool test_bit(long nr, const volatile unsigned long *addr) {
  return (addr[nr / BITS_PER_LONG] >> (nr % BITS_PER_LONG)) & 1;
}
static inline bool test_and_set_bit(long nr, volatile unsigned long *addr) {
  bool old = test_bit(nr, addr);
  set_bit(nr, addr);
  return old;
}
static inline bool test_and_clear_bit(long nr, volatile unsigned long *addr) {
  bool old = test_bit(nr, addr);
  clear_bit(nr, addr);
  return old;
}

#endif /* PINLINT_SHIM_LINUX_ATOMIC_H */
