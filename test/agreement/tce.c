/*===- tce.c - Translation control entries -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

/**
 * \file
 * A guest hands a list of entries to the hypervisor, in memory that it can
 * change at any time. Each entry is put into a table that devices translate by;
 * the memory that it leads to must be registered.
 */

#include <asm/iommu.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <pinlint/scenario.h>

#define ENTRIES 3
/* What the guest may name. */
#define LIMIT 0x4000UL

struct guest {
  struct mm_struct *mm;
  struct iommu_table *tbl;
  struct mm_iommu_table_group_mem_t *mem;
  unsigned long ua;
  u64 __user *list;
};

static int guest_init(struct guest *g) {
  static const u64 benign[ENTRIES] = {0x1003, 0x2003, 0x3003};
  static const u64 hostile[ENTRIES] = {0x1003, 0x9003, 0x3003};

  g->mm = current->mm;
  g->tbl = pinlint_iommu_table(ENTRIES);
  g->ua = pinlint_user_pages(4);
  g->list = pinlint_user_data(benign, hostile, sizeof(benign));
  return mm_iommu_new(g->mm, g->ua, 4, &g->mem);
}

static long tce_validate(struct guest *g, u64 tce) {
  return (tce & PAGE_MASK) < LIMIT ? H_SUCCESS : H_TOO_HARD;
}

static long tce_clear(struct guest *g, unsigned long entry) {
  enum dma_data_direction dir = DMA_NONE;
  unsigned long hpa = 0;

  iommu_tce_xchg_no_kill(g->mm, g->tbl, entry, &hpa, &dir);
  if (dir != DMA_NONE)
    mm_iommu_mapped_dec(g->mem);
  return H_SUCCESS;
}

static long tce_map(struct guest *g, unsigned long entry, u64 tce) {
  enum dma_data_direction dir = iommu_tce_direction(tce);
  unsigned long hpa;
  long ret;

  if (mm_iommu_ua_to_hpa(g->mem, g->ua + (tce & PAGE_MASK), PAGE_SHIFT, &hpa))
    return H_TOO_HARD;
  if (mm_iommu_mapped_inc(g->mem))
    return H_TOO_HARD;
  ret = iommu_tce_xchg_no_kill(g->mm, g->tbl, entry, &hpa, &dir);
  if (ret) {
    mm_iommu_mapped_dec(g->mem);
    return H_TOO_HARD;
  }
  if (dir != DMA_NONE)
    mm_iommu_mapped_dec(g->mem);
  return H_SUCCESS;
}

static void guest_fini(struct guest *g) {
  unsigned long i;

  for (i = 0; i < ENTRIES; i++)
    tce_clear(g, i);
  WARN_ON(mm_iommu_put(g->mm, g->mem));
}

/* The list is copied, the copy is validated and used. */
static long put_copied(struct guest *g) {
  u64 tces[ENTRIES];
  unsigned long i;
  long ret;

  if (copy_from_user(tces, g->list, sizeof(tces)))
    return H_TOO_HARD;
  for (i = 0; i < ENTRIES; i++) {
    ret = tce_validate(g, tces[i]);
    if (ret)
      return ret;
  }
  for (i = 0; i < ENTRIES; i++) {
    pinlint_commit(tces[i]);
    ret = tce_map(g, i, tces[i]);
    if (ret)
      goto undo;
  }
  return H_SUCCESS;
undo:
  while (i--)
    tce_clear(g, i);
  return ret;
}

int copied_ok(void) {
  struct guest g;
  long ret = guest_init(&g);

  if (ret)
    return ret;
  ret = put_copied(&g);
  guest_fini(&g);
  return ret ? -EIO : 0;
}

/* Validated in one loop, fetched again and used in the next. */
static long put_refetched(struct guest *g) {
  unsigned long i;
  long ret;
  u64 tce;

  for (i = 0; i < ENTRIES; i++) {
    if (get_user(tce, g->list + i))
      return H_TOO_HARD;
    ret = tce_validate(g, tce);
    if (ret)
      return ret;
  }
  for (i = 0; i < ENTRIES; i++) {
    if (get_user(tce, g->list + i))
      return H_TOO_HARD;
    pinlint_commit(tce);
    ret = tce_map(g, i, tce);
    if (ret)
      return ret;
  }
  return H_SUCCESS;
}

/* expect: pinlint-double-fetch */
int refetched_bad(void) {
  struct guest g;
  long ret = guest_init(&g);

  if (ret)
    return ret;
  ret = put_refetched(&g);
  guest_fini(&g);
  return ret ? -EIO : 0;
}

/* Fetched again, and validated again where it is used; the entry that fails is
 * cleared. */
static long put_revalidated(struct guest *g) {
  unsigned long i;
  long ret;
  u64 tce;

  for (i = 0; i < ENTRIES; i++) {
    if (get_user(tce, g->list + i))
      return H_TOO_HARD;
    ret = tce_validate(g, tce);
    if (ret)
      return ret;
  }
  for (i = 0; i < ENTRIES; i++) {
    if (get_user(tce, g->list + i))
      return H_TOO_HARD;
    ret = tce_validate(g, tce);
    if (!ret) {
      pinlint_commit(tce);
      ret = tce_map(g, i, tce);
    }
    if (ret) {
      tce_clear(g, i);
      return ret;
    }
  }
  return H_SUCCESS;
}

int revalidated_ok(void) {
  struct guest g;
  long ret = guest_init(&g);

  if (ret)
    return ret;
  ret = put_revalidated(&g);
  guest_fini(&g);
  return ret ? -EIO : 0;
}

/* An entry is cleared, and the memory that it led to stays referenced: it can
 * never be unregistered.
 * expect: warning pinlint-leak */
int FN_clear_forgets_memory_bad(void) {
  enum dma_data_direction dir = DMA_NONE;
  unsigned long hpa = 0;
  struct guest g;
  long ret = guest_init(&g);

  if (ret)
    return ret;
  if (!tce_map(&g, 0, 0x1003))
    iommu_tce_xchg_no_kill(g.mm, g.tbl, 0, &hpa, &dir);
  guest_fini(&g);
  return 0;
}

/* A failure in the middle forgets the reference on the memory.
 * expect: warning pinlint-leak */
int FN_failure_in_the_middle_bad(void) {
  enum dma_data_direction dir = DMA_TO_DEVICE;
  unsigned long hpa;
  struct guest g;
  long ret = guest_init(&g);

  if (ret)
    return ret;
  ret = mm_iommu_ua_to_hpa(g.mem, g.ua, PAGE_SHIFT, &hpa);
  if (!ret)
    ret = mm_iommu_mapped_inc(g.mem);
  if (!ret)
    ret = iommu_tce_xchg_no_kill(g.mm, g.tbl, 1, &hpa, &dir);
  guest_fini(&g);
  return ret;
}

/* The hardware still translates to memory that is given back.
 * expect: pinlint-teardown-order */
int FN_unregistered_while_mapped_bad(void) {
  enum dma_data_direction dir = DMA_TO_DEVICE;
  unsigned long hpa;
  struct guest g;
  long ret = guest_init(&g);

  if (ret)
    return ret;
  /* Without mm_iommu_mapped_inc(), nothing refuses the unregistration. */
  if (!mm_iommu_ua_to_hpa(g.mem, g.ua, PAGE_SHIFT, &hpa))
    iommu_tce_xchg_no_kill(g.mm, g.tbl, 0, &hpa, &dir);
  return mm_iommu_put(g.mm, g.mem);
}

/* An entry that cannot be translated changes nothing. */
int untranslatable_ok(void) {
  struct guest g;
  long ret = guest_init(&g);

  if (ret)
    return ret;
  ret = tce_map(&g, 0, 0x9003);
  pinlint_check_state(ret == H_TOO_HARD);
  guest_fini(&g);
  return 0;
}

/* The memory is counted as mapped before it is known that the entry leads
 * there, and stays so.
 * expect: pinlint-leak warning */
int FN_untranslatable_bad(void) {
  struct guest g;
  unsigned long hpa;
  long ret = guest_init(&g);

  if (ret)
    return ret;
  if (mm_iommu_mapped_inc(g.mem)) {
    guest_fini(&g);
    return -EBUSY;
  }
  if (!mm_iommu_ua_to_hpa(g.mem, g.ua + 0x9000, PAGE_SHIFT, &hpa))
    mm_iommu_mapped_dec(g.mem);
  guest_fini(&g);
  return 0;
}

/* A second registration of the same region counts. */
int registered_twice_ok(void) {
  struct guest g;
  long ret = guest_init(&g);

  if (ret)
    return ret;
  if (mm_iommu_get(g.mm, g.ua, 4))
    mm_iommu_put(g.mm, g.mem);
  guest_fini(&g);
  return 0;
}

/* expect: pinlint-leak */
int FN_lookup_keeps_reference_bad(void) {
  struct guest g;
  long ret = guest_init(&g);

  if (ret)
    return ret;
  if (!mm_iommu_get(g.mm, g.ua, 4))
    ret = -ENOENT;
  guest_fini(&g);
  return ret;
}
