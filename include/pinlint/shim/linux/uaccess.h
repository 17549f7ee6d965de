/*===- uaccess.h - Access to user memory -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * Fetches from and stores to user memory. Every one may fault, and what is
 * fetched twice may have changed meanwhile.
 *
 * The copy functions return the number of bytes that were not copied.
 */

#ifndef PINLINT_SHIM_LINUX_UACCESS_H
#define PINLINT_SHIM_LINUX_UACCESS_H

#include "err.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif
unsigned long copy_from_user(void *to, const void __user *from,
                             unsigned long n) __must_check;
unsigned long copy_to_user(void __user *to, const void *from,
                           unsigned long n) __must_check;
unsigned long __copy_from_user(void *to, const void __user *from,
                               unsigned long n) __must_check;
unsigned long __copy_to_user(void __user *to, const void *from,
                             unsigned long n) __must_check;
unsigned long clear_user(void __user *to, unsigned long n) __must_check;
int copy_struct_from_user(void *dst, size_t ksize, const void __user *src,
                          size_t usize) __must_check;
void *memdup_user(const void __user *src, size_t len);
void *vmemdup_user(const void __user *src, size_t len);
void *memdup_user_nul(const void __user *src, size_t len);
char *strndup_user(const char __user *s, long n);
long strncpy_from_user(char *dst, const char __user *src, long count);
long strnlen_user(const char __user *s, long n);
bool access_ok(const void __user *addr, unsigned long size);

/* The macros' work horses. */
int pinlint_get_user(void *to, const void __user *from, unsigned long n);
int pinlint_put_user(void __user *to, const void *from, unsigned long n);
#ifdef __cplusplus
}
#endif

#define get_user(x, ptr)                                                       \
  ({                                                                           \
    __typeof__(*(ptr)) __gu_val;                                               \
    int __gu_err = pinlint_get_user(&__gu_val, (ptr), sizeof(*(ptr)));         \
    (x) = (__typeof__(x))__gu_val;                                             \
    __gu_err;                                                                  \
  })
#define put_user(x, ptr)                                                       \
  ({                                                                           \
    __typeof__(*(ptr)) __pu_val = (x);                                         \
    pinlint_put_user((ptr), &__pu_val, sizeof(*(ptr)));                        \
  })
#define __get_user(x, ptr) get_user(x, ptr)
#define __put_user(x, ptr) put_user(x, ptr)
#define user_access_begin(ptr, len) access_ok(ptr, len)
#define user_access_end() ((void)0)
#define unsafe_get_user(x, ptr, label)                                         \
  do {                                                                         \
    if (get_user(x, ptr))                                                      \
      goto label;                                                              \
  } while (0)
#define unsafe_put_user(x, ptr, label)                                         \
  do {                                                                         \
    if (put_user(x, ptr))                                                      \
      goto label;                                                              \
  } while (0)

#endif /* PINLINT_SHIM_LINUX_UACCESS_H */
