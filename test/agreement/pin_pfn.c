/*===- pin_pfn.c - Pages kept as numbers and addresses -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <pinlint/scenario.h>

#define NPAGES 3

/* put_pfn(): reserved page frames have no reference. */
static int put_pfn(unsigned long pfn, bool dirty) {
  struct page *page;

  if (!pfn_valid(pfn))
    return 0;
  page = pfn_to_page(pfn);
  unpin_user_pages_dirty_lock(&page, 1, dirty);
  return 1;
}

int by_number_ok(void) {
  struct page *page;
  unsigned long pfn;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  pfn = page_to_pfn(page);
  return put_pfn(pfn, true) == 1 ? 0 : -EIO;
}

/* expect: pinlint-leak */
int by_number_bad(void) {
  struct page *page;
  unsigned long pfn;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  pfn = page_to_pfn(page);
  if (pinlint_choose(2, "the refusal of the page frame"))
    return -EINVAL;
  put_pfn(pfn, false);
  return 0;
}

/* Consecutive pages as a physical address and a size. */
struct map {
  phys_addr_t addr;
  size_t size;
};

static void map_release(struct map *m) {
  unsigned long pfn, left = PFN_DOWN(m->size);

  for (pfn = PFN_DOWN(m->addr); left > 0; pfn++, left--)
    unpin_user_page(pfn_to_page(pfn));
  m->size = 0;
}

int by_physical_address_ok(void) {
  struct page *pages[NPAGES];
  struct map m;
  long ret = pin_user_pages(pinlint_user_pages(NPAGES), NPAGES, 0, pages);

  if (ret <= 0)
    return ret;
  m.addr = page_to_phys(pages[0]);
  m.size = ret << PAGE_SHIFT;
  map_release(&m);
  return 0;
}

/* The size is that of the request.
 * expect: pinlint-over-release */
int FN_by_physical_address_bad(void) {
  struct page *pages[NPAGES], *all[NPAGES];
  struct map m;
  unsigned long addr = pinlint_user_pages(NPAGES);
  long ret;

  /* All pages are there. */
  ret = pin_user_pages(addr, NPAGES, 0, all);
  if (ret <= 0)
    return ret;
  unpin_user_pages(all, ret);
  if (ret != NPAGES)
    return -EFAULT;
  ret = pin_user_pages(addr, NPAGES, 0, pages);
  if (ret <= 0)
    return ret;
  m.addr = page_to_phys(pages[0]);
  m.size = NPAGES << PAGE_SHIFT;
  map_release(&m);
  return 0;
}

/* Pages of which each has its entry in a list, keyed by the device address. */
struct entry {
  struct list_head node;
  unsigned long iova, pfn;
  unsigned int refs;
};

static struct entry *find(struct list_head *entries, unsigned long iova) {
  struct entry *e;

  list_for_each_entry(e, entries, node) if (e->iova == iova) return e;
  return NULL;
}

static int pin_iova(struct list_head *entries, unsigned long iova,
                    unsigned long addr) {
  struct entry *e = find(entries, iova);
  struct page *page;

  if (e) {
    e->refs++;
    return 0;
  }
  if (pin_user_pages_fast(addr, 1, FOLL_LONGTERM, &page) != 1)
    return -EFAULT;
  e = kzalloc(sizeof(*e), GFP_KERNEL);
  if (!e) {
    put_pfn(page_to_pfn(page), false);
    return -ENOMEM;
  }
  e->iova = iova;
  e->pfn = page_to_pfn(page);
  e->refs = 1;
  list_add(&e->node, entries);
  return 0;
}

static void unpin_iova(struct list_head *entries, unsigned long iova) {
  struct entry *e = find(entries, iova);

  if (!e || --e->refs)
    return;
  put_pfn(e->pfn, true);
  list_del(&e->node);
  kfree(e);
}

int counted_per_address_ok(void) {
  unsigned long addr = pinlint_user_pages(1);
  LIST_HEAD(entries);
  int ret;

  ret = pin_iova(&entries, 0x1000, addr);
  if (ret)
    return ret;
  ret = pin_iova(&entries, 0x1000, addr);
  if (!ret)
    unpin_iova(&entries, 0x1000);
  unpin_iova(&entries, 0x1000);
  return ret;
}

/* The first unpin of two removes the entry, the second has no effect, and the
 * device goes on.
 * expect: pinlint-use-after-release */
int FN_not_counted_bad(void) {
  unsigned long addr = pinlint_user_pages(1);
  LIST_HEAD(entries);
  unsigned long pfn;
  int ret;

  ret = pin_iova(&entries, 0x1000, addr);
  if (ret)
    return ret;
  pfn = find(&entries, 0x1000)->pfn;
  /* A second user, without pin_iova(). */
  unpin_iova(&entries, 0x1000);
  set_page_dirty(pfn_to_page(pfn));
  return 0;
}
