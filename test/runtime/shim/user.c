/*===- user.c - The shim's access to user memory -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <pinlint/scenario.h>

struct big {
  u64 a, b;
};

int copies_ok(void) {
  struct big in = {1, 2}, out = {0, 0};
  struct big __user *u = pinlint_user_data(&in, NULL, sizeof(in));
  u64 x;

  if (__copy_from_user(&out, u, sizeof(out)))
    return -EFAULT;
  BUG_ON(out.b != 2);
  out.a = 9;
  if (copy_to_user(u, &out, sizeof(out)) || __copy_to_user(u, &out, 8))
    return -EFAULT;
  if (get_user(x, &u->a))
    return -EFAULT;
  BUG_ON(x != 9);
  if (clear_user(u, sizeof(*u)))
    return -EFAULT;
  if (__get_user(x, &u->b))
    return -EFAULT;
  BUG_ON(x);
  if (__put_user(x, &u->b))
    return -EFAULT;
  BUG_ON(copy_from_user(&out, u, 0) || copy_to_user(u, &out, 0));
  return 0;
}

int partial_ok(void) {
  u64 in = 5, out[2] = {7, 7};
  u64 __user *u = pinlint_user_data(&in, NULL, sizeof(in));

  /* What lies behind the data cannot be read. */
  BUG_ON(copy_from_user(out, u, sizeof(out)) != 8);
  BUG_ON(out[0] != 5 || out[1]);
  BUG_ON(clear_user(u, 1 << 30) != 1 << 30);
  return 0;
}

int versions_ok(void) {
  struct big in = {1, 0};
  struct big __user *u = pinlint_user_data(&in, NULL, sizeof(in));
  struct big out = {7, 7};
  u64 small;
  int ret;

  ret = copy_struct_from_user(&out, sizeof(out), u, 8);
  if (!ret)
    BUG_ON(out.a != 1 || out.b);
  ret = copy_struct_from_user(&small, sizeof(small), u, sizeof(in));
  BUG_ON(ret && ret != -EFAULT);
  return 0;
}

int newer_version_ok(void) {
  struct big in = {1, 2};
  struct big __user *u = pinlint_user_data(&in, NULL, sizeof(in));
  u64 small;
  int ret = copy_struct_from_user(&small, sizeof(small), u, sizeof(in));

  BUG_ON(ret != -E2BIG && ret != -EFAULT);
  return 0;
}

int duplicates_ok(void) {
  char __user *u = pinlint_user_data("abcd", NULL, 5);
  char *p = vmemdup_user(u, 4);
  char *q = memdup_user_nul(u, 4);

  BUG_ON(!IS_ERR(p) && memcmp(p, "abcd", 4));
  BUG_ON(!IS_ERR(q) && strcmp(q, "abcd"));
  if (!IS_ERR(p))
    kvfree(p);
  if (!IS_ERR(q))
    kfree(q);
  BUG_ON(PTR_ERR(memdup_user(u, ~0UL - 10)) != -ENOMEM);
  return 0;
}

int strings_ok(void) {
  const char __user *u = pinlint_user_data("abcd", NULL, 5);
  char b[8];
  long n = strncpy_from_user(b, u, sizeof(b));
  char *s;

  BUG_ON(n != 4 && n != -EFAULT);
  n = strncpy_from_user(b, u, 2);
  BUG_ON(n != 2 && n != -EFAULT);
  n = strnlen_user(u, 10);
  BUG_ON(n != 5 && n != 0);
  s = strndup_user(u, 3);
  BUG_ON(PTR_ERR(s) != -EINVAL && PTR_ERR(s) != -EFAULT);
  return 0;
}

int access_range_ok(void) {
  BUG_ON(!access_ok((void __user *)0x1000, 8));
  BUG_ON(access_ok((void __user *)~0UL, 8));
  BUG_ON(access_ok((void __user *)(1UL << 47), 8));
  return 0;
}

int unsafe_ok(void) {
  u32 in = 3, x;
  u32 __user *u = pinlint_user_data(&in, NULL, sizeof(in));

  if (!user_access_begin(u, sizeof(*u)))
    return -EFAULT;
  unsafe_get_user(x, u, fault);
  unsafe_put_user(x + 1, u, fault);
  user_access_end();
  BUG_ON(x != 3);
  return 0;
fault:
  user_access_end();
  return -EFAULT;
}

/* expect: out-of-bounds */
int too_long_bad(void) {
  char __user *u = pinlint_user_data("0123456789abcdef", NULL, 16);
  char *p = kmalloc(8, GFP_KERNEL | __GFP_NOFAIL);

  if (copy_from_user(p, u, 16)) {
    kfree(p);
    return -EFAULT;
  }
  kfree(p);
  return 0;
}

int single_choice_ok(void) { return pinlint_choose(1, "nothing"); }
