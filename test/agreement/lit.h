/*===- lit.h - The checks' own tests, run -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

/**
 * \file
 * Takes the place of test/checks/Inputs/kernel.h where the tests of the checks
 * are run instead of analysed:
 *   pinlint-verify --include=test/agreement/lit.h --stub-unknown FILE.c
 */

#define KERNEL_H
#define LIFETIME_H
#include <pinlint/kernel.h>
/* Their address space counts in plain numbers. */
#define pinned_vm total_vm

struct request;
struct buffer {
  struct page *page;
  struct page **pages;
  long npages;
};

int map_request(struct request *rq, const struct page *page);
void run_request(struct request *rq);
int fill_pages(struct page *const *pages, unsigned long n);

/* Somebody's functions that keep and release nothing, but look. */
static inline unsigned long first_word(const struct page *page) {
  return *(unsigned long *)kmap_local_page((struct page *)page);
}
static inline void use_pages(struct page *const *pages, unsigned long n) {
  while (n--)
    first_word(pages[n]);
}

static inline void unmap_and_put_page(struct page *page, void *addr) {
  kunmap_local(addr);
  put_page(page);
}
static inline void folio_release_kmap(struct folio *folio, void *addr) {
  kunmap_local(addr);
  folio_put(folio);
}

/* The tests of lifetimes have these of their own. */
#define file_operations test_file_operations
#define timer_list test_timer_list
#define del_timer_sync test_del_timer_sync
void warn(const char *file, int line);
struct sock {
  int sk_state;
  refcount_t sk_refcnt;
};
static inline void sock_hold(struct sock *sk) { refcount_inc(&sk->sk_refcnt); }
static inline void sock_put(struct sock *sk) {
  if (refcount_dec_and_test(&sk->sk_refcnt))
    kfree(sk);
}
static inline void release_sock(struct sock *sk) { sk->sk_state = 0; }
