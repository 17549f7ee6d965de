/*===- memory.c - The shim's memory, strings and bitmaps -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <pinlint/scenario.h>

/* Whether all bytes are the same, and which. */
static bool all(const void *p, int c, size_t n) { return !memchr_inv(p, c, n); }

int zeroed_ok(void) {
  void *p[] = {kzalloc(9, GFP_KERNEL),
               kvzalloc(9, GFP_KERNEL),
               kcalloc(3, 3, GFP_KERNEL),
               kvcalloc(3, 3, GFP_KERNEL),
               vzalloc(9),
               kmalloc(9, GFP_KERNEL | __GFP_ZERO)};
  unsigned i;

  for (i = 0; i < ARRAY_SIZE(p); i++)
    BUG_ON(p[i] && !all(p[i], 0, 9));
  kfree(p[0]);
  kvfree(p[1]);
  kfree(p[2]);
  kvfree(p[3]);
  vfree(p[4]);
  kfree_sensitive(p[5]);
  return 0;
}

int not_zeroed_ok(void) {
  void *p[] = {kmalloc(9, GFP_KERNEL), kvmalloc(9, GFP_KERNEL),
               kmalloc_array(3, 3, GFP_KERNEL),
               kvmalloc_array(3, 3, GFP_KERNEL), vmalloc(9)};
  unsigned i;

  for (i = 0; i < ARRAY_SIZE(p); i++)
    BUG_ON(p[i] && all(p[i], 0, 9));
  for (i = 0; i < ARRAY_SIZE(p); i++)
    kvfree(p[i]);
  return 0;
}

int no_failure_ok(void) {
  void *p = kmalloc(8, GFP_KERNEL | __GFP_NOFAIL);

  BUG_ON(!p);
  BUG_ON(ksize(p) != 8);
  kfree(p);
  kfree(NULL);
  /* Too large for any memory: an array whose size wraps around, and a size. */
  BUG_ON(kcalloc(~0UL / 2, 4, GFP_KERNEL));
  BUG_ON(kmalloc(~0UL - 8, GFP_KERNEL));
  return 0;
}

int realloc_ok(void) {
  char *p = krealloc(NULL, 4, GFP_KERNEL), *q;

  if (!p)
    return -ENOMEM;
  memset(p, 7, 4);
  q = krealloc(p, 8, GFP_KERNEL);
  if (!q) {
    kfree(p);
    return -ENOMEM;
  }
  BUG_ON(!all(q, 7, 4));
  kfree(q);
  return 0;
}

int duplicates_ok(void) {
  char *p = kmemdup("abc", 4, GFP_KERNEL);
  char *q = kstrdup("xy", GFP_KERNEL);

  BUG_ON(kstrdup(NULL, GFP_KERNEL));
  BUG_ON(p && strcmp(p, "abc"));
  BUG_ON(q && strcmp(q, "xy"));
  kfree(p);
  kfree(q);
  return 0;
}

static void constructor(void *p) { memset(p, 3, 16); }

int cache_ok(void) {
  struct kmem_cache *c = kmem_cache_create("pinlint", 16, 0, 0, constructor);
  char *p, *q;

  if (!c)
    return -ENOMEM;
  p = kmem_cache_alloc(c, GFP_KERNEL);
  BUG_ON(p && !all(p, 3, 16));
  q = kmem_cache_zalloc(c, GFP_KERNEL);
  kmem_cache_free(c, p);
  kmem_cache_free(c, q);
  kmem_cache_destroy(c);
  return 0;
}

/* expect: pinlint-leak */
int cache_bad(void) {
  return kmem_cache_create("pinlint", 16, 0, 0, NULL) ? 0 : -ENOMEM;
}

int managed_ok(struct device *dev) {
  void *p = devm_kzalloc(dev, 8, GFP_KERNEL);

  if (p && pinlint_choose(2, "an early free"))
    devm_kfree(dev, p);
  return 0;
}

/* expect: out-of-bounds */
int past_the_end_bad(void) {
  char *p = kmalloc(16, GFP_KERNEL | __GFP_NOFAIL);

  p[16] = 0;
  kfree(p);
  return 0;
}

/* expect: out-of-bounds */
int memset_past_the_end_bad(void) {
  char *p = kmalloc(16, GFP_KERNEL | __GFP_NOFAIL);

  memset(p, 0, 17);
  kfree(p);
  return 0;
}

/* expect: out-of-bounds */
int before_the_start_bad(void) {
  char *p = kmalloc(16, GFP_KERNEL | __GFP_NOFAIL);

  memset(p - 1, 0, 4);
  kfree(p);
  return 0;
}

/* expect: wild-access */
int free_of_middle_bad(void) {
  char *p = kmalloc(16, GFP_KERNEL | __GFP_NOFAIL);

  kfree(p + 1);
  kfree(p);
  return 0;
}

/* expect: wild-access */
int free_of_local_bad(void) {
  char local[8];

  kfree(local);
  return 0;
}

/* expect: wild-access */
int uninitialised_pointer_bad(void) {
  char **p = kmalloc(sizeof(*p), GFP_KERNEL | __GFP_NOFAIL);
  char c = **p;

  kfree(p);
  return c;
}

/* expect: wild-access */
int error_pointer_bad(void) {
  int *p = ERR_PTR(-EIO);

  return *p;
}

/* expect: null-dereference */
int null_pointer_bad(void) {
  int *p = kmalloc(sizeof(*p), GFP_KERNEL);

  *p = 0;
  kfree(p);
  return 0;
}

/* expect: out-of-bounds */
int array_index_bad(int n) {
  int a[2] = {0, 0};

  return a[n + 4];
}

/* expect: bug */
int division_bad(void) {
  volatile int zero = 0;

  return 7 / zero;
}

int strings_ok(void) {
  char b[8];

  BUG_ON(strscpy(b, "abc", sizeof(b)) != 3);
  BUG_ON(strscpy(b, "abcdefghijk", sizeof(b)) != -E2BIG || b[7]);
  BUG_ON(strlen("abc") != 3 || strnlen("abc", 2) != 2 || strnlen("a", 5) != 1);
  BUG_ON(strcmp("a", "b") >= 0 || strcmp("b", "a") <= 0 || strcmp("a", "a"));
  BUG_ON(strncmp("abx", "aby", 2));
  memmove(b + 1, b, 4);
  BUG_ON(memcmp(b, "aabcd", 5));
  memcpy(b, "zz", 2);
  BUG_ON(b[1] != 'z');
  return 0;
}

int bitmaps_ok(void) {
  unsigned long *m = bitmap_zalloc(100, GFP_KERNEL), other[2];
  unsigned long bit, sum = 0;

  if (!m)
    return -ENOMEM;
  bitmap_set(m, 60, 10);
  bitmap_clear(m, 62, 6);
  bitmap_zero(other, 100);
  bitmap_set(other, 3, 1);
  bitmap_or(other, other, m, 100);
  for_each_set_bit(bit, other, 100) sum += bit;
  BUG_ON(sum != 3 + 60 + 61 + 68 + 69);
  BUG_ON(find_next_bit(m, 100, 70) != 100);
  bitmap_free(m);
  return 0;
}

/* expect: out-of-bounds */
int bitmap_bad(void) {
  unsigned long *m = bitmap_zalloc(100, GFP_KERNEL | __GFP_NOFAIL);

  bitmap_set(m, 120, 10);
  bitmap_free(m);
  return 0;
}

int messages_ok(void) {
  pr_info("%d\n", 1);
  might_sleep();
  cond_resched();
  return min(3, 4) + max_t(long, 3, 4) - clamp(9, 1, 7);
}

/* expect: warning */
int warning_bad(void) { return WARN_ON(pinlint_choose(2, "it")) ? 1 : 0; }

/* expect: bug */
int bug_bad(void) {
  BUG_ON(pinlint_choose(2, "it"));
  return 0;
}

/* expect: bug */
int panic_bad(void) { panic("no way out"); }

int exit_ok(void) { do_exit(0); }
