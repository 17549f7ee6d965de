/*===- mm.h - Pages, and who holds them -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * Pages, folios, get_user_pages() and pin_user_pages(), kernel mappings of
 * pages, and the accounting of locked memory.
 *
 * See Documentation/core-api/pin_user_pages.rst for the two kinds of
 * references and pinlint/runtime/PageLedger.h for the model behind this.
 */

#ifndef PINLINT_SHIM_LINUX_MM_H
#define PINLINT_SHIM_LINUX_MM_H

#include "err.h"
#include "sched.h"
#include "slab.h"
#include "types.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PAGE_ALIGN(addr) ALIGN(addr, PAGE_SIZE)
#define PAGE_ALIGNED(addr) IS_ALIGNED((unsigned long)(addr), PAGE_SIZE)
#define offset_in_page(p) ((unsigned long)(p) & ~PAGE_MASK)
#define PFN_UP(x) (((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_DOWN(x) ((x) >> PAGE_SHIFT)
#define PFN_PHYS(x) ((phys_addr_t)(x) << PAGE_SHIFT)
#define PHYS_PFN(x) ((unsigned long)((x) >> PAGE_SHIFT))

#define FOLL_WRITE 0x01
#define FOLL_GET 0x02
#define FOLL_NOWAIT 0x20
#define FOLL_FORCE 0x10
#define FOLL_LONGTERM 0x100
#define FOLL_PCI_P2PDMA 0x400
#define FOLL_HWPOISON 0x40

#define VM_READ 0x1UL
#define VM_WRITE 0x2UL
#define VM_SHARED 0x8UL
#define VM_IO 0x4000UL
#define VM_PFNMAP 0x400UL

/* A page's descriptor fills a page of its own, so that pinlint-verify can
 * protect it while the program holds no reference to the page. */
struct page {
  unsigned long flags;
  struct list_head lru;
  struct address_space *mapping;
  pgoff_t index;
  unsigned long private_data;
} __aligned(4096);

struct folio {
  struct page page;
};

struct vm_area_struct {
  unsigned long vm_start, vm_end;
  unsigned long vm_flags;
  unsigned long vm_pgoff;
  struct mm_struct *vm_mm;
  struct file *vm_file;
};

struct mm_struct;
struct task_struct;
struct file;

#ifdef __cplusplus
extern "C" {
#endif

/* References of one page each; the result is the number of pages that were
 * taken, which may be less than asked for, or a negative error. */
long get_user_pages(unsigned long start, unsigned long nr_pages,
                    unsigned int gup_flags, struct page **pages);
long get_user_pages_remote(struct mm_struct *mm, unsigned long start,
                           unsigned long nr_pages, unsigned int gup_flags,
                           struct page **pages, int *locked);
long get_user_pages_unlocked(unsigned long start, unsigned long nr_pages,
                             struct page **pages, unsigned int gup_flags);
int get_user_pages_fast(unsigned long start, int nr_pages,
                        unsigned int gup_flags, struct page **pages);
int get_user_pages_fast_only(unsigned long start, int nr_pages,
                             unsigned int gup_flags, struct page **pages);
bool get_user_page_fast_only(unsigned long addr, unsigned int gup_flags,
                             struct page **pagep);
/* The page, or an error pointer. */
struct page *get_user_page_vma_remote(struct mm_struct *mm, unsigned long addr,
                                      int gup_flags,
                                      struct vm_area_struct **vmap);

/* Pins. */
long pin_user_pages(unsigned long start, unsigned long nr_pages,
                    unsigned int gup_flags, struct page **pages);
long pin_user_pages_remote(struct mm_struct *mm, unsigned long start,
                           unsigned long nr_pages, unsigned int gup_flags,
                           struct page **pages, int *locked);
long pin_user_pages_unlocked(unsigned long start, unsigned long nr_pages,
                             struct page **pages, unsigned int gup_flags);
int pin_user_pages_fast(unsigned long start, int nr_pages,
                        unsigned int gup_flags, struct page **pages);

void unpin_user_page(struct page *page);
void unpin_user_pages(struct page **pages, unsigned long npages);
void unpin_user_pages_dirty_lock(struct page **pages, unsigned long npages,
                                 bool make_dirty);
void unpin_user_page_range_dirty_lock(struct page *page, unsigned long npages,
                                      bool make_dirty);
void unpin_folio(struct folio *folio);
void unpin_folios(struct folio **folios, unsigned long nfolios);
void unpin_user_folio(struct folio *folio, unsigned long npages);
long memfd_pin_folios(struct file *memfd, loff_t start, loff_t end,
                      struct folio **folios, unsigned int max_folios,
                      pgoff_t *offset);

void get_page(struct page *page);
bool get_page_unless_zero(struct page *page);
void put_page(struct page *page);
void put_pages_list(struct list_head *pages);
void folio_get(struct folio *folio);
bool folio_try_get(struct folio *folio);
void folio_put(struct folio *folio);
void folio_put_refs(struct folio *folio, int refs);
/* Pages or folios, as in the kernel; C++ has no such unions. */
#ifdef __cplusplus
typedef struct page **release_pages_arg;
#else
typedef union {
  struct page **pages;
  struct folio **folios;
} release_pages_arg __attribute__((__transparent_union__));
#endif
void release_pages(release_pages_arg pages, int nr);
int page_count(const struct page *page);
bool page_maybe_dma_pinned(struct page *page);

struct page *alloc_pages(gfp_t gfp, unsigned int order);
void __free_pages(struct page *page, unsigned int order);
unsigned long __get_free_pages(gfp_t gfp_mask, unsigned int order);
unsigned long get_zeroed_page(gfp_t gfp_mask);
void free_pages(unsigned long addr, unsigned int order);
#define alloc_page(gfp_mask) alloc_pages(gfp_mask, 0)
#define __free_page(page) __free_pages((page), 0)
#define __get_free_page(gfp_mask) __get_free_pages((gfp_mask), 0)
#define free_page(addr) free_pages((addr), 0)

unsigned long page_to_pfn(const struct page *page);
struct page *pfn_to_page(unsigned long pfn);
bool pfn_valid(unsigned long pfn);
bool PageReserved(const struct page *page);
struct folio *page_folio(struct page *page);
struct page *folio_page(struct folio *folio, size_t n);
struct page *compound_head(struct page *page);
struct page *nth_page(struct page *page, unsigned long n);
void *page_address(const struct page *page);
struct page *virt_to_page(const void *addr);
bool is_zero_page(const struct page *page);

void *kmap(struct page *page);
void kunmap(struct page *page);
void *kmap_local_page(struct page *page);
void kunmap_local(const void *addr);
void *kmap_atomic(struct page *page);
void kunmap_atomic(const void *addr);
void *vmap(struct page **pages, unsigned int count, unsigned long flags,
           unsigned long prot);
void vunmap(const void *addr);
#define VM_MAP 0x4UL
#define PAGE_KERNEL 0UL

int set_page_dirty(struct page *page);
int set_page_dirty_lock(struct page *page);
void SetPageDirty(struct page *page);
void lock_page(struct page *page);
void unlock_page(struct page *page);
void mark_page_accessed(struct page *page);

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr);
struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr);
void mmap_read_lock(struct mm_struct *mm);
void mmap_read_unlock(struct mm_struct *mm);
void mmap_write_lock(struct mm_struct *mm);
int mmap_write_lock_killable(struct mm_struct *mm);
void mmap_write_unlock(struct mm_struct *mm);

int account_locked_vm(struct mm_struct *mm, unsigned long pages, bool inc);
unsigned long rlimit(unsigned int limit);
#define RLIMIT_MEMLOCK 8
#ifdef __cplusplus
}
#endif

#define page_to_phys(page) ((phys_addr_t)page_to_pfn(page) << PAGE_SHIFT)
#define phys_to_page(phys) pfn_to_page((unsigned long)((phys) >> PAGE_SHIFT))

#endif /* PINLINT_SHIM_LINUX_MM_H */
