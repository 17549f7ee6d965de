/*===- cleanup.h - Scope-based cleanup -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * __free(), guard() and their helpers: a variable's cleanup runs when its scope
 * ends.
 */

#ifndef PINLINT_SHIM_LINUX_CLEANUP_H
#define PINLINT_SHIM_LINUX_CLEANUP_H

#include "err.h"
#include "fs.h"
#include "mutex.h"
#include "slab.h"

#define __cleanup(func) __attribute__((cleanup(func)))
#define DEFINE_FREE(name, type, code)                                          \
  static inline void __free_##name(void *p) {                                  \
    type _T = *(type *)p;                                                      \
    code;                                                                      \
  }
#define __free(name) __cleanup(__free_##name)
#define no_free_ptr(p)                                                         \
  ({                                                                           \
    __typeof__(p) *__pp = &(p);                                                \
    __typeof__(p) __val = *__pp;                                               \
    *__pp = NULL;                                                              \
    __val;                                                                     \
  })
#define return_ptr(p) return no_free_ptr(p)
#define retain_and_null_ptr(p) ((void)no_free_ptr(p))

#define DEFINE_GUARD(name, type, lock, unlock)                                 \
  typedef type class_##name##_t;                                               \
  static inline void class_##name##_destructor(type *p) {                      \
    type _T = *p;                                                              \
    if (_T) {                                                                  \
      unlock;                                                                  \
    }                                                                          \
  }                                                                            \
  static inline type class_##name##_constructor(type _T) {                     \
    lock;                                                                      \
    return _T;                                                                 \
  }
#define PINLINT_UNIQUE2(a, b) a##b
#define PINLINT_UNIQUE1(a, b) PINLINT_UNIQUE2(a, b)
#define PINLINT_UNIQUE(a) PINLINT_UNIQUE1(a, __COUNTER__)
#define CLASS(name, var)                                                       \
  class_##name##_t var __cleanup(class_##name##_destructor) __maybe_unused =   \
      class_##name##_constructor
#define guard(name) CLASS(name, PINLINT_UNIQUE(guard))
#define scoped_guard(name, ...)                                                \
  for (CLASS(name, scope)(__VA_ARGS__), *done = NULL; !done; done = (void *)1)

DEFINE_FREE(kfree, void *, if (!IS_ERR_OR_NULL(_T)) kfree(_T))
DEFINE_FREE(kvfree, void *, if (!IS_ERR_OR_NULL(_T)) kvfree(_T))
DEFINE_FREE(fput, struct file *, if (!IS_ERR_OR_NULL(_T)) fput(_T))
DEFINE_GUARD(mutex, struct mutex *, mutex_lock(_T), mutex_unlock(_T))
DEFINE_GUARD(spinlock, spinlock_t *, spin_lock(_T), spin_unlock(_T))

#endif /* PINLINT_SHIM_LINUX_CLEANUP_H */
