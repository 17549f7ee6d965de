/*===- kref.h - Reference counts -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * refcount_t and kref. A count that goes below zero, or up from zero, is
 * reported under pinlint-verify.
 */

#ifndef PINLINT_SHIM_LINUX_KREF_H
#define PINLINT_SHIM_LINUX_KREF_H

#include "types.h"

typedef struct refcount_struct {
  int refs;
} refcount_t;

struct kref {
  refcount_t refcount;
};

struct mutex;

#ifdef __cplusplus
extern "C" {
#endif
void refcount_set(refcount_t *r, int n);
unsigned int refcount_read(const refcount_t *r);
void refcount_inc(refcount_t *r);
bool refcount_inc_not_zero(refcount_t *r);
void refcount_dec(refcount_t *r);
bool refcount_dec_and_test(refcount_t *r);

void kref_init(struct kref *kref);
unsigned int kref_read(const struct kref *kref);
void kref_get(struct kref *kref);
int kref_get_unless_zero(struct kref *kref);
/* 1 if this was the last reference, and release() has run. */
int kref_put(struct kref *kref, void (*release)(struct kref *kref));
int kref_put_mutex(struct kref *kref, void (*release)(struct kref *kref),
                   struct mutex *mutex);
#ifdef __cplusplus
}
#endif

#define REFCOUNT_INIT(n) {.refs = (n)}
#define KREF_INIT(n) {.refcount = REFCOUNT_INIT(n)}

#endif /* PINLINT_SHIM_LINUX_KREF_H */
