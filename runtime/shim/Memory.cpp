//===- Memory.cpp - The shim's kernel memory ------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "World.h"
#include "pinlint/shim/linux/bitmap.h"
#include "pinlint/shim/linux/kernel.h"
#include "pinlint/shim/linux/slab.h"
#include <algorithm>
#include <cstdarg>
#include <cstring>

using namespace pinlint::rt;
using namespace pinlint::rt::shim;

// Uninitialised memory has a content that no program expects.
static constexpr int Garbage = 0x5a;

static void *allocate(size_t Size, gfp_t Flags, Site At, const char *Function,
                      bool Zero, const char *What = "memory") {
  World &W = world();
  W.observe(At, 0, Size);
  if (!(Flags & __GFP_NOFAIL) && W.fails(At, Function, "NULL"))
    return nullptr;
  return reinterpret_cast<void *>(
      W.allocate(Size, At, What, Zero || (Flags & __GFP_ZERO) ? 0 : Garbage));
}

static void *allocateArray(size_t N, size_t Size, gfp_t Flags, Site At,
                           const char *Function, bool Zero) {
  size_t Bytes;
  if (__builtin_mul_overflow(N, Size, &Bytes))
    return nullptr;
  return allocate(Bytes, Flags, At, Function, Zero);
}

struct kmem_cache {
  unsigned Size;
  void (*Constructor)(void *);
};

extern "C" {

void *kmalloc(size_t size, gfp_t flags) {
  return allocate(size, flags, PINLINT_SITE, "kmalloc()", false);
}
void *kzalloc(size_t size, gfp_t flags) {
  return allocate(size, flags, PINLINT_SITE, "kzalloc()", true);
}
void *kmalloc_array(size_t n, size_t size, gfp_t flags) {
  return allocateArray(n, size, flags, PINLINT_SITE, "kmalloc_array()", false);
}
void *kcalloc(size_t n, size_t size, gfp_t flags) {
  return allocateArray(n, size, flags, PINLINT_SITE, "kcalloc()", true);
}
void *kvmalloc(size_t size, gfp_t flags) {
  return allocate(size, flags, PINLINT_SITE, "kvmalloc()", false);
}
void *kvzalloc(size_t size, gfp_t flags) {
  return allocate(size, flags, PINLINT_SITE, "kvzalloc()", true);
}
void *kvmalloc_array(size_t n, size_t size, gfp_t flags) {
  return allocateArray(n, size, flags, PINLINT_SITE, "kvmalloc_array()", false);
}
void *kvcalloc(size_t n, size_t size, gfp_t flags) {
  return allocateArray(n, size, flags, PINLINT_SITE, "kvcalloc()", true);
}
void *vmalloc(unsigned long size) {
  return allocate(size, GFP_KERNEL, PINLINT_SITE, "vmalloc()", false);
}
void *vzalloc(unsigned long size) {
  return allocate(size, GFP_KERNEL, PINLINT_SITE, "vzalloc()", true);
}

void *krealloc(const void *objp, size_t new_size, gfp_t flags) {
  World &W = world();
  Site At = PINLINT_SITE;
  if (objp)
    W.check(objp, 1, At, "krealloc()");
  void *New = allocate(new_size, flags, At, "krealloc()", false);
  if (!New || !objp)
    return New;
  std::memcpy(New, objp, std::min(new_size, W.find(objp)->Size));
  W.free(objp, At, "krealloc()");
  return New;
}

void *kmemdup(const void *src, size_t len, gfp_t gfp) {
  Site At = PINLINT_SITE;
  world().check(src, len, At, "kmemdup()");
  void *New = allocate(len, gfp, At, "kmemdup()", false);
  if (New)
    std::memcpy(New, src, len);
  return New;
}

char *kstrdup(const char *s, gfp_t gfp) {
  if (!s)
    return nullptr;
  Site At = PINLINT_SITE;
  world().check(s, 1, At, "kstrdup()");
  size_t Length = std::strlen(s) + 1;
  void *New = allocate(Length, gfp, At, "kstrdup()", false);
  if (New)
    std::memcpy(New, s, Length);
  return static_cast<char *>(New);
}

void kfree(const void *objp) { world().free(objp, PINLINT_SITE, "kfree()"); }
void kfree_sensitive(const void *objp) {
  world().free(objp, PINLINT_SITE, "kfree_sensitive()");
}
void kvfree(const void *addr) { world().free(addr, PINLINT_SITE, "kvfree()"); }
void vfree(const void *addr) { world().free(addr, PINLINT_SITE, "vfree()"); }

size_t ksize(const void *objp) {
  world().check(objp, 1, PINLINT_SITE, "ksize()");
  return world().find(objp)->Size;
}

struct kmem_cache *kmem_cache_create(const char *, unsigned int size,
                                     unsigned int, unsigned int,
                                     void (*ctor)(void *)) {
  void *P = allocate(sizeof(kmem_cache), GFP_KERNEL, PINLINT_SITE,
                     "kmem_cache_create()", true, "memory cache");
  auto *Cache = static_cast<kmem_cache *>(P);
  if (Cache)
    *Cache = {size, ctor};
  return Cache;
}
void kmem_cache_destroy(struct kmem_cache *s) {
  world().free(s, PINLINT_SITE, "kmem_cache_destroy()");
}
static void *allocateFrom(kmem_cache *Cache, gfp_t Flags, Site At,
                          const char *Function, bool Zero) {
  world().check(Cache, sizeof(*Cache), At, Function);
  void *P = allocate(Cache->Size, Flags, At, Function, Zero);
  if (P && Cache->Constructor)
    Cache->Constructor(P);
  return P;
}
void *kmem_cache_alloc(struct kmem_cache *s, gfp_t flags) {
  return allocateFrom(s, flags, PINLINT_SITE, "kmem_cache_alloc()", false);
}
void *kmem_cache_zalloc(struct kmem_cache *s, gfp_t flags) {
  return allocateFrom(s, flags, PINLINT_SITE, "kmem_cache_zalloc()", true);
}
void kmem_cache_free(struct kmem_cache *s, void *objp) {
  world().check(s, 1, PINLINT_SITE, "kmem_cache_free()");
  world().free(objp, PINLINT_SITE, "kmem_cache_free()");
}

void *devm_kzalloc(struct device *dev, size_t size, gfp_t gfp) {
  Site At = PINLINT_SITE;
  world().use(dev, At, "devm_kzalloc()");
  void *P = allocate(size, gfp, At, "devm_kzalloc()", true);
  // Freed with the device, after the program.
  if (P)
    world().find(P)->Environment = true;
  return P;
}
void devm_kfree(struct device *dev, const void *p) {
  Site At = PINLINT_SITE;
  world().use(dev, At, "devm_kfree()");
  world().free(p, At, "devm_kfree()");
}

// Strings --------------------------------------------------------------------

void *pinlint_memcpy(void *dest, const void *src, size_t n) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.observe(At, 2, n);
  W.check(dest, n, At, "memcpy()");
  W.check(src, n, At, "memcpy()");
  return std::memcpy(dest, src, n);
}
void *pinlint_memmove(void *dest, const void *src, size_t n) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.observe(At, 2, n);
  W.check(dest, n, At, "memmove()");
  W.check(src, n, At, "memmove()");
  return std::memmove(dest, src, n);
}
void *pinlint_memset(void *s, int c, size_t n) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.observe(At, 2, n);
  W.check(s, n, At, "memset()");
  return std::memset(s, c, n);
}
int pinlint_memcmp(const void *a, const void *b, size_t n) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.check(a, n, At, "memcmp()");
  W.check(b, n, At, "memcmp()");
  return std::memcmp(a, b, n);
}
size_t pinlint_strnlen(const char *s, size_t n) {
  Site At = PINLINT_SITE;
  size_t I = 0;
  for (; I != n; ++I) {
    world().check(s + I, 1, At, "strnlen()");
    if (!s[I])
      break;
  }
  return I;
}
size_t pinlint_strlen(const char *s) {
  Site At = PINLINT_SITE;
  size_t I = 0;
  for (;; ++I) {
    world().check(s + I, 1, At, "strlen()");
    if (!s[I])
      return I;
  }
}
static int compare(const char *a, const char *b, size_t n, Site At) {
  for (size_t I = 0; I != n; ++I) {
    world().check(a + I, 1, At, "strncmp()");
    world().check(b + I, 1, At, "strncmp()");
    if (a[I] != b[I])
      return static_cast<unsigned char>(a[I]) -
             static_cast<unsigned char>(b[I]);
    if (!a[I])
      return 0;
  }
  return 0;
}
int pinlint_strncmp(const char *a, const char *b, size_t n) {
  return compare(a, b, n, PINLINT_SITE);
}
int pinlint_strcmp(const char *a, const char *b) {
  return compare(a, b, ~size_t(0), PINLINT_SITE);
}
ssize_t strscpy(char *dest, const char *src, size_t n) {
  Site At = PINLINT_SITE;
  for (size_t I = 0; I != n; ++I) {
    world().check(src + I, 1, At, "strscpy()");
    world().check(dest + I, 1, At, "strscpy()");
    dest[I] = src[I];
    if (!src[I])
      return static_cast<ssize_t>(I);
  }
  if (n)
    dest[n - 1] = 0;
  return -E2BIG;
}
void *memchr_inv(const void *start, int c, size_t bytes) {
  world().check(start, bytes, PINLINT_SITE, "memchr_inv()");
  auto *P = static_cast<const unsigned char *>(start);
  for (size_t I = 0; I != bytes; ++I)
    if (P[I] != static_cast<unsigned char>(c))
      return const_cast<unsigned char *>(P + I);
  return nullptr;
}

// Bitmaps --------------------------------------------------------------------

unsigned long *bitmap_zalloc(unsigned int nbits, gfp_t flags) {
  return static_cast<unsigned long *>(
      allocate(BITS_TO_LONGS(nbits) * sizeof(unsigned long), flags,
               PINLINT_SITE, "bitmap_zalloc()", true));
}
void bitmap_free(const unsigned long *bitmap) {
  world().free(bitmap, PINLINT_SITE, "bitmap_free()");
}

static void checkBits(const unsigned long *Map, uint64_t Bits, Site At,
                      const char *What) {
  world().check(Map, BITS_TO_LONGS(Bits) * sizeof(unsigned long), At, What);
}

void bitmap_set(unsigned long *map, unsigned int start, unsigned int nbits) {
  Site At = PINLINT_SITE;
  world().observe(At, 1, start);
  world().observe(At, 2, nbits);
  if (nbits)
    checkBits(map, uint64_t(start) + nbits, At, "bitmap_set()");
  for (unsigned I = start; I != start + nbits; ++I)
    map[I / BITS_PER_LONG] |= BIT(I % BITS_PER_LONG);
}
void bitmap_clear(unsigned long *map, unsigned int start, unsigned int nbits) {
  Site At = PINLINT_SITE;
  world().observe(At, 1, start);
  world().observe(At, 2, nbits);
  if (nbits)
    checkBits(map, uint64_t(start) + nbits, At, "bitmap_clear()");
  for (unsigned I = start; I != start + nbits; ++I)
    map[I / BITS_PER_LONG] &= ~BIT(I % BITS_PER_LONG);
}
void bitmap_zero(unsigned long *dst, unsigned int nbits) {
  checkBits(dst, nbits, PINLINT_SITE, "bitmap_zero()");
  std::memset(dst, 0, BITS_TO_LONGS(nbits) * sizeof(unsigned long));
}
void bitmap_or(unsigned long *dst, const unsigned long *src1,
               const unsigned long *src2, unsigned int nbits) {
  Site At = PINLINT_SITE;
  checkBits(dst, nbits, At, "bitmap_or()");
  checkBits(src1, nbits, At, "bitmap_or()");
  checkBits(src2, nbits, At, "bitmap_or()");
  for (unsigned I = 0; I != BITS_TO_LONGS(nbits); ++I)
    dst[I] = src1[I] | src2[I];
}
unsigned long find_next_bit(const unsigned long *addr, unsigned long size,
                            unsigned long offset) {
  checkBits(addr, size, PINLINT_SITE, "find_next_bit()");
  for (; offset < size; ++offset)
    if (addr[offset / BITS_PER_LONG] & BIT(offset % BITS_PER_LONG))
      return offset;
  return size;
}

// Messages and ends ----------------------------------------------------------

void pinlint_warn(const char *expression) {
  world().report(ViolationKind::Warning, "WARN_ON()",
                 std::string("WARN_ON(") + expression + ")", PINLINT_SITE);
}
void pinlint_bug(const char *expression) {
  Site At = PINLINT_SITE;
  world().report(ViolationKind::Bug, "BUG_ON()",
                 std::string("BUG_ON(") + expression + ")", At);
  world().abandon();
}
void panic(const char *fmt, ...) {
  (void)fmt;
  Site At = PINLINT_SITE;
  world().report(ViolationKind::Bug, "panic()", "the kernel panics", At);
  world().abandon();
}
void do_exit(long) { world().abandon(); }
int printk(const char *, ...) { return 0; }
void might_sleep(void) {}
void cond_resched(void) {}

// Called by the program's instrumentation: each basic block, each index.
void __sanitizer_cov_trace_pc(void) { world().step(); }
void __sanitizer_cov_trace_gep(uintptr_t Index) {
  world().observe(PINLINT_SITE, IndexArgument, Index);
}

} // extern "C"
