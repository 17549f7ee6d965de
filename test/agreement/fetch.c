/*===- fetch.c - Fetches of user memory -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

/**
 * \file
 * User memory is benign or hostile, and may turn from one into the other
 * between two fetches. What is wrong is a value that a check would have refused
 * and that reaches its use all the same.
 */

#include <linux/capability.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <pinlint/scenario.h>

#define MAX_LEN 64

struct request {
  u32 len;
  u32 op;
  u8 data[MAX_LEN];
};

static struct request __user *user_request(void) {
  static const struct request benign = {.len = 16, .op = 1, .data = "abc"};
  static const struct request hostile = {.len = 4000, .op = 9, .data = "xyz"};

  return pinlint_user_data(&benign, &hostile, sizeof(benign));
}

/* The classic: the size is checked, and fetched again with the rest.
 * expect: pinlint-double-fetch */
int size_bad(void) {
  struct request __user *u = user_request();
  struct request r;
  char *buf;
  u32 len;

  if (get_user(len, &u->len))
    return -EFAULT;
  if (len > MAX_LEN)
    return -EINVAL;
  if (copy_from_user(&r, u, sizeof(r)))
    return -EFAULT;
  buf = kmalloc(r.len, GFP_KERNEL);
  if (!buf)
    return -ENOMEM;
  kfree(buf);
  return 0;
}

/* Overwritten by the value that was checked. */
int size_overwritten_ok(void) {
  struct request __user *u = user_request();
  struct request r;
  char *buf;
  u32 len;

  if (get_user(len, &u->len))
    return -EFAULT;
  if (len > MAX_LEN)
    return -EINVAL;
  if (copy_from_user(&r, u, sizeof(r)))
    return -EFAULT;
  r.len = len;
  buf = kmalloc(r.len, GFP_KERNEL);
  if (!buf)
    return -ENOMEM;
  kfree(buf);
  return 0;
}

/* Compared with the value that was checked. */
int size_compared_ok(void) {
  struct request __user *u = user_request();
  struct request r;
  char *buf;
  u32 len;

  if (get_user(len, &u->len))
    return -EFAULT;
  if (len > MAX_LEN)
    return -EINVAL;
  if (copy_from_user(&r, u, sizeof(r)))
    return -EFAULT;
  if (r.len != len)
    return -EINVAL;
  buf = kmalloc(r.len, GFP_KERNEL);
  if (!buf)
    return -ENOMEM;
  kfree(buf);
  return 0;
}

/* Checked once more. */
int size_rechecked_ok(void) {
  struct request __user *u = user_request();
  struct request r;
  char *buf;
  u32 len;

  if (get_user(len, &u->len))
    return -EFAULT;
  if (len > MAX_LEN)
    return -EINVAL;
  if (copy_from_user(&r, u, sizeof(r)))
    return -EFAULT;
  if (r.len > MAX_LEN)
    return -EINVAL;
  buf = kmalloc(r.len, GFP_KERNEL);
  if (!buf)
    return -ENOMEM;
  kfree(buf);
  return 0;
}

/* The second copy of the field is never used. */
int refetched_unused_ok(void) {
  struct request __user *u = user_request();
  struct request r;
  char *buf;
  u32 len;

  if (get_user(len, &u->len))
    return -EFAULT;
  if (len > MAX_LEN)
    return -EINVAL;
  if (copy_from_user(&r, u, sizeof(r)))
    return -EFAULT;
  buf = kmalloc(len, GFP_KERNEL);
  if (!buf)
    return -ENOMEM;
  kfree(buf);
  return 0;
}

/* Fetched once, checked in the copy. */
int fetched_once_ok(void) {
  struct request __user *u = user_request();
  struct request r;
  char *buf;

  if (copy_from_user(&r, u, sizeof(r)))
    return -EFAULT;
  if (r.len > MAX_LEN)
    return -EINVAL;
  buf = kmalloc(r.len, GFP_KERNEL);
  if (!buf)
    return -ENOMEM;
  memcpy(buf, r.data, r.len);
  kfree(buf);
  return 0;
}

/* Header, then payload behind it: disjoint. */
int header_then_payload_ok(void) {
  struct request __user *u = user_request();
  struct request *r;
  u32 len;

  if (get_user(len, &u->len))
    return -EFAULT;
  if (len > MAX_LEN)
    return -EINVAL;
  r = kzalloc(sizeof(*r), GFP_KERNEL);
  if (!r)
    return -ENOMEM;
  r->len = len;
  if (copy_from_user(r->data, u->data, len)) {
    kfree(r);
    return -EFAULT;
  }
  pinlint_commit(r->data[0]);
  kfree(r);
  return 0;
}

/* Fetched twice, and never checked: user space may have said so at once. */
int never_checked_ok(void) {
  struct request __user *u = user_request();
  u8 a, b;

  if (get_user(a, &u->data[0]) || get_user(b, &u->data[0]))
    return -EFAULT;
  pinlint_commit(b);
  return a == b;
}

/* The type: a command is checked for a privilege, then dispatched on a new
 * fetch.
 * expect: pinlint-double-fetch */
int command_bad(void) {
  struct request __user *u = user_request();
  u32 op;

  if (get_user(op, &u->op))
    return -EFAULT;
  if (op > 8 && !pinlint_choose(2, "privilege"))
    return -EPERM;
  if (op > 8)
    return 0;
  if (get_user(op, &u->op))
    return -EFAULT;
  switch (op) {
  case 1:
    break;
  case 9:
    pinlint_commit(op);
    break;
  }
  return 0;
}

int command_ok(void) {
  struct request __user *u = user_request();
  u32 op;

  if (get_user(op, &u->op))
    return -EFAULT;
  if (op > 8)
    return -EPERM;
  switch (op) {
  case 1:
    pinlint_commit(op);
    break;
  case 9:
    pinlint_commit(op);
    break;
  }
  return 0;
}

/* An index: checked, fetched again, used. */
static int table[4];

/* expect: pinlint-double-fetch */
int index_bad(void) {
  struct request __user *u = user_request();
  u32 i;

  if (get_user(i, &u->op))
    return -EFAULT;
  if (i >= ARRAY_SIZE(table))
    return -EINVAL;
  if (get_user(i, &u->op))
    return -EFAULT;
  table[i] = 1;
  return 0;
}

int index_ok(void) {
  struct request __user *u = user_request();
  u32 i;

  if (get_user(i, &u->op))
    return -EFAULT;
  if (i >= ARRAY_SIZE(table))
    return -EINVAL;
  table[i] = 1;
  return 0;
}

/* A pointer in the request: the shallow copy is checked, the field fetched
 * again. */
struct vector {
  u64 base;
  u64 count;
};

static struct vector __user *user_vector(void) {
  static const u64 payload[4] = {1, 2, 3, 4};
  void __user *data = pinlint_user_data(payload, NULL, sizeof(payload));
  struct vector benign = {(u64)(unsigned long)data, 4};
  struct vector hostile = {~0ULL - 4095, 1000};

  return pinlint_user_data(&benign, &hostile, sizeof(benign));
}

/* expect: pinlint-double-fetch */
int pointer_bad(void) {
  struct vector __user *u = user_vector();
  struct vector v;
  u64 first;

  if (copy_from_user(&v, u, sizeof(v)))
    return -EFAULT;
  if (!access_ok(u64_to_user_ptr(v.base), 32))
    return -EFAULT;
  if (copy_from_user(&v, u, sizeof(v)))
    return -EFAULT;
  if (copy_from_user(&first, u64_to_user_ptr(v.base), sizeof(first)))
    return -EFAULT;
  return 0;
}

int pointer_ok(void) {
  struct vector __user *u = user_vector();
  struct vector v;
  u64 first;

  if (copy_from_user(&v, u, sizeof(v)))
    return -EFAULT;
  if (!access_ok(u64_to_user_ptr(v.base), 32))
    return -EFAULT;
  if (copy_from_user(&first, u64_to_user_ptr(v.base), sizeof(first)))
    return -EFAULT;
  return 0;
}

/* A loop that validates, and a loop that uses. */
#define N 3

static u32 __user *user_list(void) {
  static const u32 benign[N] = {1, 2, 3}, hostile[N] = {1, 200, 3};

  return pinlint_user_data(benign, hostile, sizeof(benign));
}

/* expect: pinlint-double-fetch */
int two_loops_bad(void) {
  u32 __user *list = user_list();
  u32 x;
  int i;

  for (i = 0; i < N; i++) {
    if (get_user(x, list + i))
      return -EFAULT;
    if (x > 10)
      return -EINVAL;
  }
  for (i = 0; i < N; i++) {
    if (get_user(x, list + i))
      return -EFAULT;
    pinlint_commit(x);
  }
  return 0;
}

int one_loop_ok(void) {
  u32 __user *list = user_list();
  u32 x;
  int i;

  for (i = 0; i < N; i++) {
    if (get_user(x, list + i))
      return -EFAULT;
    if (x > 10)
      return -EINVAL;
    pinlint_commit(x);
  }
  return 0;
}

/* The copy that is validated is the one that is used. */
int copied_list_ok(void) {
  u32 __user *list = user_list();
  u32 *copy = memdup_user(list, N * sizeof(*list));
  int i, ret = -EINVAL;

  if (IS_ERR(copy))
    return PTR_ERR(copy);
  for (i = 0; i < N; i++)
    if (copy[i] > 10)
      goto free;
  for (i = 0; i < N; i++)
    pinlint_commit(copy[i]);
  ret = 0;
free:
  kfree(copy);
  return ret;
}

/* argsz and minsz: the first part is fetched, then what follows it. */
struct versioned {
  u32 argsz;
  u32 flags;
  u64 extension;
};

static struct versioned __user *user_versioned(void) {
  static const struct versioned benign = {.argsz = 16, .extension = 5};
  static const struct versioned hostile = {.argsz = 16, .extension = 500};

  return pinlint_user_data(&benign, &hostile, sizeof(benign));
}

int minsz_ok(void) {
  struct versioned __user *u = user_versioned();
  const unsigned long minsz = offsetofend(struct versioned, flags);
  struct versioned v = {.extension = 0};

  if (copy_from_user(&v, u, minsz))
    return -EFAULT;
  if (v.argsz < minsz)
    return -EINVAL;
  if (v.argsz >= sizeof(v)) {
    if (copy_from_user((void *)&v + minsz, (void __user *)u + minsz,
                       sizeof(v) - minsz))
      return -EFAULT;
    if (v.extension > 100)
      return -EINVAL;
  }
  pinlint_commit(v.extension);
  return 0;
}

/* The whole structure is fetched again for its extension.
 * expect: pinlint-double-fetch */
int whole_again_bad(void) {
  struct request __user *u = user_request();
  struct request r;

  if (copy_from_user(&r, u, 8))
    return -EFAULT;
  if (r.len > MAX_LEN || r.op > 8)
    return -EINVAL;
  if (copy_from_user(&r, u, sizeof(r)))
    return -EFAULT;
  pinlint_commit(r.len);
  return 0;
}

/* Across functions: the dispatcher fetches, and the handler again. */
static int handler(struct request __user *u) {
  struct request r;
  char *buf;

  if (copy_from_user(&r, u, sizeof(r)))
    return -EFAULT;
  buf = kzalloc(MAX_LEN, GFP_KERNEL);
  if (!buf)
    return -ENOMEM;
  memset(buf, 1, r.len);
  kfree(buf);
  return 0;
}

/* expect: pinlint-double-fetch */
int dispatcher_bad(void) {
  struct request __user *u = user_request();
  u32 len;

  if (get_user(len, &u->len))
    return -EFAULT;
  if (len > MAX_LEN)
    return -EINVAL;
  return handler(u);
}

static int checking_handler(struct request __user *u) {
  struct request r;
  char *buf;

  if (copy_from_user(&r, u, sizeof(r)))
    return -EFAULT;
  if (r.len > MAX_LEN)
    return -EINVAL;
  buf = kzalloc(MAX_LEN, GFP_KERNEL);
  if (!buf)
    return -ENOMEM;
  memset(buf, 1, r.len);
  kfree(buf);
  return 0;
}

int dispatcher_ok(void) {
  struct request __user *u = user_request();
  u32 op;

  if (get_user(op, &u->op))
    return -EFAULT;
  if (op != 1)
    return -ENOTTY;
  return checking_handler(u);
}

/* Exclusive branches on one pointer. */
int exclusive_ok(bool compat) {
  struct request __user *u = user_request();
  u32 len;

  if (compat) {
    if (get_user(len, &u->len))
      return -EFAULT;
  } else {
    if (get_user(len, &u->op))
      return -EFAULT;
  }
  if (len > MAX_LEN)
    return -EINVAL;
  pinlint_commit(len);
  return 0;
}

/* A length of a string, and its copy: safe if it is terminated again. */
static const char __user *user_string(void) {
  return pinlint_user_data("ab\0d", "abcd", 4);
}

int strndup_ok(void) {
  char *s = strndup_user(user_string(), 4);

  if (IS_ERR(s))
    return PTR_ERR(s);
  pinlint_commit(strlen(s) <= 4);
  kfree(s);
  return 0;
}

/* The copy is not terminated.
 * expect: pinlint-double-fetch */
int string_bad(void) {
  const char __user *u = user_string();
  long n = strnlen_user(u, 4);
  char *s;

  if (!n || n > 4)
    return -EFAULT;
  s = kmalloc(n, GFP_KERNEL);
  if (!s)
    return -ENOMEM;
  if (copy_from_user(s, u, n)) {
    kfree(s);
    return -EFAULT;
  }
  pinlint_commit(s[n - 1]);
  kfree(s);
  return 0;
}

/* A user pointer is no kernel pointer.
 * expect: user-dereference */
int direct_access_bad(void) {
  struct request __user *u = user_request();

  return u->len;
}

/* expect: pinlint-leak */
int fault_leaks_bad(void) {
  struct request __user *u = user_request();
  struct request *r = kmalloc(sizeof(*r), GFP_KERNEL);

  if (!r)
    return -ENOMEM;
  if (copy_from_user(r, u, sizeof(*r)))
    return -EFAULT;
  kfree(r);
  return 0;
}

/* The result is stored and fetched back: the program's own value. */
int own_value_ok(void) {
  struct request __user *u = user_request();
  u32 len = 8;

  if (put_user(len, &u->len))
    return -EFAULT;
  if (get_user(len, &u->len))
    return -EFAULT;
  if (len > MAX_LEN)
    return -EINVAL;
  pinlint_commit(len);
  return 0;
}

/* expect: pinlint-double-fetch */
int memdup_by_field_bad(void) {
  struct request __user *u = user_request();
  struct request *r;
  u32 len;

  if (get_user(len, &u->len))
    return -EFAULT;
  if (len > MAX_LEN || len < 8)
    return -EINVAL;
  r = memdup_user(u, len);
  if (IS_ERR(r))
    return PTR_ERR(r);
  pinlint_commit(r->len);
  kfree(r);
  return 0;
}

/* The size word is set anew after the copy. */
int memdup_by_field_ok(void) {
  struct request __user *u = user_request();
  struct request *r;
  u32 len;

  if (get_user(len, &u->len))
    return -EFAULT;
  if (len > MAX_LEN || len < 8)
    return -EINVAL;
  r = memdup_user(u, len);
  if (IS_ERR(r))
    return PTR_ERR(r);
  r->len = len;
  pinlint_commit(r->len);
  kfree(r);
  return 0;
}
