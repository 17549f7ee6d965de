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
