/*===- pages.c - The shim's pages -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <pinlint/scenario.h>

#define N 3

int every_get_ok(unsigned int how) {
  unsigned long addr = pinlint_user_pages(N);
  struct page *pages[N];
  long ret;

  switch (pinlint_choose(4, "the function")) {
  case 0:
    ret = get_user_pages_remote(current->mm, addr, N, 0, pages, NULL);
    break;
  case 1:
    ret = get_user_pages_unlocked(addr, N, pages, FOLL_WRITE);
    break;
  case 2:
    ret = get_user_pages_fast_only(addr, N, 0, pages);
    BUG_ON(ret < 0);
    break;
  default:
    ret = get_user_pages(addr, N, 0, pages);
    break;
  }
  if (ret > 0)
    release_pages(pages, ret);
  return 0;
}

int every_pin_ok(void) {
  unsigned long addr = pinlint_user_pages(N);
  struct page *pages[N];
  long ret;

  if (pinlint_choose(2, "the function"))
    ret = pin_user_pages_unlocked(addr, N, pages, FOLL_WRITE);
  else
    ret = pin_user_pages_remote(current->mm, addr, N, 0, pages, NULL);
  if (ret > 0) {
    BUG_ON(!page_maybe_dma_pinned(pages[0]));
    unpin_user_pages_dirty_lock(pages, ret, true);
    BUG_ON(page_maybe_dma_pinned(pages[0]));
  }
  return 0;
}

int empty_requests_ok(void) {
  struct page *page;

  BUG_ON(get_user_pages_fast(0x1000, 0, 0, &page));
  BUG_ON(get_user_pages_fast_only(0x1000, -1, 0, &page));
  BUG_ON(pin_user_pages_fast(0x1000, -1, 0, &page));
  BUG_ON(pin_user_pages(0x1000, 0, 0, &page));
  BUG_ON(pin_user_pages(0x1000, ~0UL >> 1, 0, &page) != -EFAULT);
  /* An error that was taken for a count is ignored. */
  unpin_user_pages(&page, -EFAULT);
  release_pages(&page, -3);
  return 0;
}

/* Without an array, pages are only faulted in. */
int fault_in_ok(void) {
  return get_user_pages(pinlint_user_pages(1), 1, FOLL_WRITE, NULL) < 0;
}

/* expect: warning */
int pin_without_array_bad(void) {
  return pin_user_pages(pinlint_user_pages(1), 1, 0, NULL);
}

int folios_ok(struct file *memfd) {
  struct folio *folios[N];
  pgoff_t offset;
  long ret;

  BUG_ON(memfd_pin_folios(memfd, 5, 4, folios, N, &offset) != -EINVAL);
  ret = memfd_pin_folios(memfd, 0x1234, 3 * PAGE_SIZE - 1, folios, N, &offset);
  if (ret <= 0)
    return ret;
  BUG_ON(offset != 0x234);
  if (ret > 1) {
    unpin_folio(folios[0]);
    unpin_folios(folios + 1, ret - 1);
  } else {
    unpin_folios(folios, 1);
  }
  return 0;
}

int folio_references_ok(void) {
  struct page *page;
  struct folio *folio;

  if (get_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  folio = page_folio(page);
  BUG_ON(folio_page(folio, 0) != page);
  BUG_ON(!folio_try_get(folio));
  folio_get(folio);
  BUG_ON(page_count(page) != 4);
  folio_put_refs(folio, 3);
  return 0;
}

int list_of_pages_ok(void) {
  struct page *pages[2];
  LIST_HEAD(list);
  int i, n = get_user_pages_fast(pinlint_user_pages(2), 2, 0, pages);

  for (i = 0; i < n; i++)
    list_add(&pages[i]->lru, &list);
  put_pages_list(&list);
  return 0;
}

int allocated_ok(void) {
  struct page *page = alloc_pages(GFP_KERNEL, 2);
  unsigned long addr;

  if (page) {
    BUG_ON(compound_head(nth_page(page, 3)) != page);
    memset(page_address(page), 1, 4 * PAGE_SIZE);
    BUG_ON(virt_to_page(page_address(page)) != page);
    __free_pages(page, 2);
  }
  addr = get_zeroed_page(GFP_KERNEL);
  if (addr) {
    BUG_ON(*(long *)addr);
    free_page(addr);
  }
  addr = __get_free_pages(GFP_KERNEL, 1);
  free_pages(addr, 1);
  BUG_ON(alloc_pages(GFP_KERNEL, 11));
  return 0;
}

/* expect: pinlint-use-after-release */
int content_after_free_bad(void) {
  unsigned long addr = __get_free_page(GFP_KERNEL);

  if (!addr)
    return -ENOMEM;
  free_page(addr);
  return *(int *)addr;
}

/* expect: wild-access */
int free_page_of_memory_bad(void) {
  free_page(0x123456000UL);
  return 0;
}

int conversions_ok(void) {
  struct page *page;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  BUG_ON(!pfn_valid(page_to_pfn(page)) || pfn_valid(1));
  BUG_ON(PageReserved(page) || is_zero_page(page));
  BUG_ON(phys_to_page(page_to_phys(page)) != page);
  BUG_ON(PFN_DOWN(page_to_phys(page)) != page_to_pfn(page));
  unpin_user_page(page);
  return 0;
}

/* expect: wild-access */
int foreign_number_bad(void) {
  put_page(pfn_to_page(1));
  return 0;
}

/* expect: null-dereference */
int null_page_bad(void) {
  put_page(NULL);
  return 0;
}

int uses_ok(void) {
  struct page *page;
  char *p;

  if (get_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  lock_page(page);
  SetPageDirty(page);
  mark_page_accessed(page);
  unlock_page(page);
  p = kmap(page);
  p[0] = 1;
  kunmap(page);
  p = kmap_atomic(page);
  BUG_ON(p[0] != 1);
  kunmap_atomic(p);
  put_page(page);
  return 0;
}

/* expect: pinlint-leak */
int vmap_bad(void) {
  struct page *page = pinlint_kernel_page();

  return vmap(&page, 1, VM_MAP, PAGE_KERNEL) ? 0 : -ENOMEM;
}

int vmap_ok(void) {
  struct page *page = pinlint_kernel_page();
  void *p = vmap(&page, 1, VM_MAP, PAGE_KERNEL);

  vunmap(p);
  BUG_ON(vmap(&page, 1 << 20, VM_MAP, PAGE_KERNEL));
  return 0;
}

int address_space_ok(void) {
  struct mm_struct *mm = current->mm;
  unsigned long addr = pinlint_user_pages(1);
  struct vm_area_struct *vma;

  BUG_ON(find_vma(mm, 0));
  vma = vma_lookup(mm, addr + 7);
  BUG_ON(!vma || vma->vm_start != addr);
  mmap_write_lock(mm);
  mmap_write_unlock(mm);
  if (mmap_write_lock_killable(mm))
    return -EINTR;
  mmap_write_unlock(mm);
  if (account_locked_vm(mm, 3, true))
    return -ENOMEM;
  BUG_ON(mm->locked_vm != 3);
  account_locked_vm(mm, 3, false);
  BUG_ON(!rlimit(RLIMIT_MEMLOCK));
  return 0;
}

int killed_ok(void) {
  unsigned long addr = pinlint_user_pages(1);
  struct page *page;

  pinlint_kill_user(current->mm);
  pinlint_kill_user(current->mm);
  BUG_ON(pin_user_pages_fast(addr, 1, 0, &page) != -EFAULT);
  return 0;
}

/* Too much to ask of the scenario. */
int no_room_ok(void) { return pinlint_user_pages(1 << 30) != 0; }
