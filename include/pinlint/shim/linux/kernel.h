/*===- kernel.h - Helpers of kernel C -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * Arithmetic, container_of(), warnings and messages.
 *
 * A WARN_ON() that fires and a BUG_ON() that fires are reported by
 * pinlint-verify; the latter ends the run.
 */

#ifndef PINLINT_SHIM_LINUX_KERNEL_H
#define PINLINT_SHIM_LINUX_KERNEL_H

#include "errno.h"
#include "types.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define ALIGN(x, a)                                                            \
  (((x) + ((__typeof__(x))(a) - 1)) & ~((__typeof__(x))(a) - 1))
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a) - 1))
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a) - 1)) == 0)
#define round_up(x, y) ((((x) - 1) | ((__typeof__(x))(y) - 1)) + 1)
#define round_down(x, y) ((x) & ~((__typeof__(x))(y) - 1))
#define upper_32_bits(n) ((u32)((n) >> 32))
#define lower_32_bits(n) ((u32)(n))
#define u64_to_user_ptr(x) ((void __user *)(unsigned long)(x))

#ifndef __cplusplus
#define min(x, y)                                                              \
  ({                                                                           \
    __typeof__(x) __x = (x);                                                   \
    __typeof__(y) __y = (y);                                                   \
    __x < __y ? __x : __y;                                                     \
  })
#define max(x, y)                                                              \
  ({                                                                           \
    __typeof__(x) __x = (x);                                                   \
    __typeof__(y) __y = (y);                                                   \
    __x > __y ? __x : __y;                                                     \
  })
#define min_t(type, x, y) min((type)(x), (type)(y))
#define max_t(type, x, y) max((type)(x), (type)(y))
#define clamp(val, lo, hi) min(max(val, lo), hi)
#define swap(a, b)                                                             \
  do {                                                                         \
    __typeof__(a) __tmp = (a);                                                 \
    (a) = (b);                                                                 \
    (b) = __tmp;                                                               \
  } while (0)
#endif
#define min3(x, y, z) min(min(x, y), z)

#define container_of(ptr, type, member)                                        \
  ((type *)((char *)(ptr) - offsetof(type, member)))
#define offsetofend(type, member)                                              \
  (offsetof(type, member) + sizeof(((type *)0)->member))
#define struct_size(p, member, count)                                          \
  (sizeof(*(p)) + sizeof((p)->member[0]) * (size_t)(count))
#define array_size(a, b) ((size_t)(a) * (size_t)(b))
#define check_add_overflow(a, b, d) __builtin_add_overflow(a, b, d)
#define check_sub_overflow(a, b, d) __builtin_sub_overflow(a, b, d)
#define check_mul_overflow(a, b, d) __builtin_mul_overflow(a, b, d)
#define array_index_nospec(index, size) (index)

#ifdef __cplusplus
extern "C" {
#endif
void pinlint_warn(const char *expression);
__noreturn void pinlint_bug(const char *expression);
int printk(const char *fmt, ...) __printf(1, 2);
__noreturn void panic(const char *fmt, ...) __printf(1, 2);
__noreturn void do_exit(long code);
void might_sleep(void);
void cond_resched(void);
#ifdef __cplusplus
}
#endif

#define WARN_ON(condition)                                                     \
  ({                                                                           \
    int __ret_warn_on = !!(condition);                                         \
    if (unlikely(__ret_warn_on))                                               \
      pinlint_warn(#condition);                                                \
    unlikely(__ret_warn_on);                                                   \
  })
#define WARN_ON_ONCE(condition) WARN_ON(condition)
#define WARN(condition, ...) WARN_ON(condition)
#define WARN_ONCE(condition, ...) WARN_ON(condition)
#define BUG() pinlint_bug("BUG()")
#define BUG_ON(condition)                                                      \
  do {                                                                         \
    if (unlikely(condition))                                                   \
      pinlint_bug(#condition);                                                 \
  } while (0)
#define BUILD_BUG_ON(condition) _Static_assert(!(condition), #condition)

#define pr_err(...) printk(__VA_ARGS__)
#define pr_warn(...) printk(__VA_ARGS__)
#define pr_info(...) printk(__VA_ARGS__)
#define pr_debug(...) printk(__VA_ARGS__)
#define pr_err_ratelimited(...) printk(__VA_ARGS__)
#define pr_warn_once(...) printk(__VA_ARGS__)

#define cpu_to_be64(x) __builtin_bswap64(x)
#define be64_to_cpu(x) __builtin_bswap64(x)
#define cpu_to_be32(x) __builtin_bswap32(x)
#define be32_to_cpu(x) __builtin_bswap32(x)
#define le64_to_cpu(x) (x)
#define le32_to_cpu(x) (x)
#define le16_to_cpu(x) (x)
#define cpu_to_le64(x) (x)
#define cpu_to_le32(x) (x)

static inline unsigned long __ffs(unsigned long word) {
  return __builtin_ctzl(word);
}
static inline unsigned long __fls(unsigned long word) {
  return BITS_PER_LONG - 1 - __builtin_clzl(word);
}
static inline int ilog2(u64 n) { return 63 - __builtin_clzll(n); }

#define EXPORT_SYMBOL(sym) struct pinlint_unused_semicolon
#define EXPORT_SYMBOL_GPL(sym) struct pinlint_unused_semicolon
#define MODULE_LICENSE(text) struct pinlint_unused_semicolon
#define THIS_MODULE ((struct module *)0)

#endif /* PINLINT_SHIM_LINUX_KERNEL_H */
