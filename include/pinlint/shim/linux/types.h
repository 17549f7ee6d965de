/*===- types.h - Basic kernel types -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * Types, annotations and limits that kernel C takes for granted.
 *
 * The shim headers have the names and signatures of the kernel's own, so that
 * one C file can be read by pinlint and run by pinlint-verify. They are
 * written for this purpose and share no text with the kernel.
 */

#ifndef PINLINT_SHIM_LINUX_TYPES_H
#define PINLINT_SHIM_LINUX_TYPES_H

#include <stdbool.h>
#include <stddef.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef u8 __u8;
typedef u16 __u16;
typedef u32 __u32;
typedef u64 __u64;
typedef s8 __s8;
typedef s16 __s16;
typedef s32 __s32;
typedef s64 __s64;
typedef u16 __be16;
typedef u32 __be32;
typedef u64 __be64;
typedef u16 __le16;
typedef u32 __le32;
typedef u64 __le64;

typedef unsigned int gfp_t;
typedef unsigned int fmode_t;
typedef unsigned long pgoff_t;
typedef u64 dma_addr_t;
typedef u64 phys_addr_t;
typedef u64 sector_t;

#ifndef __cplusplus
typedef unsigned long uintptr_t;
typedef long ssize_t;
typedef long long loff_t;
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long uint64_t;
typedef long long int64_t;
#else
#include <sys/types.h>
#endif

/* A user pointer; visible in debug information, so that pinlint-verify can
 * tell one from a kernel pointer. */
#if defined(__has_attribute) && !defined(__cplusplus)
#if __has_attribute(btf_type_tag)
#define __user __attribute__((btf_type_tag("user")))
#endif
#endif
#ifndef __user
#define __user
#endif

#define __iomem
#define __force
#define __rcu
#define __must_check __attribute__((warn_unused_result))
#define __maybe_unused __attribute__((unused))
#define __always_unused __attribute__((unused))
#define __packed __attribute__((packed))
#define __aligned(x) __attribute__((aligned(x)))
#define __noreturn __attribute__((noreturn))
#define __printf(a, b) __attribute__((format(printf, a, b)))
#ifndef __cplusplus
#define noinline __attribute__((noinline))
#endif
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#define __init
#define __exit
#define __read_mostly
#define asmlinkage

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#ifndef __cplusplus
#define fallthrough __attribute__((fallthrough))
#endif

#define U8_MAX ((u8)~0U)
#define U16_MAX ((u16)~0U)
#define U32_MAX ((u32)~0U)
#define U64_MAX ((u64)~0ULL)
#ifndef __cplusplus
#define INT_MAX ((int)(~0U >> 1))
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX (~0U)
#define LONG_MAX ((long)(~0UL >> 1))
#define LONG_MIN (-LONG_MAX - 1)
#define ULONG_MAX (~0UL)
#define ULLONG_MAX (~0ULL)
#define SIZE_MAX (~(size_t)0)
#define SSIZE_MAX ((ssize_t)(SIZE_MAX >> 1))
#endif

#define BITS_PER_BYTE 8
#define BITS_PER_LONG 64
#define BIT(nr) (1UL << (nr))
#define BIT_ULL(nr) (1ULL << (nr))
#define GENMASK(h, l) ((~0UL << (l)) & (~0UL >> (BITS_PER_LONG - 1 - (h))))

#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, val)                                                     \
  do {                                                                         \
    *(volatile __typeof__(x) *)&(x) = (val);                                   \
  } while (0)
#define smp_store_release(p, v) WRITE_ONCE(*(p), v)
#define smp_load_acquire(p) READ_ONCE(*(p))
#define smp_rmb() __asm__ volatile("" ::: "memory")
#define smp_wmb() __asm__ volatile("" ::: "memory")
#define smp_mb() __asm__ volatile("" ::: "memory")
#define barrier() __asm__ volatile("" ::: "memory")

struct list_head {
  struct list_head *next, *prev;
};

struct hlist_node {
  struct hlist_node *next, **pprev;
};

struct hlist_head {
  struct hlist_node *first;
};

struct rcu_head {
  struct rcu_head *next;
  void (*func)(struct rcu_head *head);
};
#define callback_head rcu_head

#endif /* PINLINT_SHIM_LINUX_TYPES_H */
