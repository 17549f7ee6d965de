/*===- iommu.h - TCE tables and preregistered memory -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * Translation control entries of sPAPR, and memory that user space has
 * registered for them (arch/powerpc/mm/book3s64/iommu_api.c).
 *
 * mm_iommu_mapped_inc() fails once a region is being unregistered; a region
 * that still has mappings cannot be unregistered.
 */

#ifndef PINLINT_SHIM_ASM_IOMMU_H
#define PINLINT_SHIM_ASM_IOMMU_H

#include "../linux/scatterlist.h"
#include "../linux/sched.h"

#define TCE_PCI_READ 0x1UL
#define TCE_PCI_WRITE 0x2UL
#define H_SUCCESS 0
#define H_PARAMETER (-4)
#define H_TOO_HARD 9999
#define TCES_PER_PAGE (PAGE_SIZE / sizeof(u64))

struct mm_iommu_table_group_mem_t;
struct iommu_table {
  unsigned long it_offset;
  unsigned long it_size;
  unsigned long it_page_shift;
};

#ifdef __cplusplus
extern "C" {
#endif
long mm_iommu_new(struct mm_struct *mm, unsigned long ua, unsigned long entries,
                  struct mm_iommu_table_group_mem_t **pmem);
long mm_iommu_put(struct mm_struct *mm, struct mm_iommu_table_group_mem_t *mem);
struct mm_iommu_table_group_mem_t *
mm_iommu_get(struct mm_struct *mm, unsigned long ua, unsigned long entries);
struct mm_iommu_table_group_mem_t *
mm_iommu_lookup(struct mm_struct *mm, unsigned long ua, unsigned long size);
long mm_iommu_ua_to_hpa(struct mm_iommu_table_group_mem_t *mem,
                        unsigned long ua, unsigned int pageshift,
                        unsigned long *hpa);
long mm_iommu_mapped_inc(struct mm_iommu_table_group_mem_t *mem);
void mm_iommu_mapped_dec(struct mm_iommu_table_group_mem_t *mem);

/* A table whose entries the hardware uses, for the program under test. */
struct iommu_table *pinlint_iommu_table(unsigned long entries);
long iommu_tce_xchg_no_kill(struct mm_struct *mm, struct iommu_table *tbl,
                            unsigned long entry, unsigned long *hpa,
                            enum dma_data_direction *direction);
void iommu_tce_kill(struct iommu_table *tbl, unsigned long entry,
                    unsigned long pages);
#ifdef __cplusplus
}
#endif

static inline enum dma_data_direction iommu_tce_direction(unsigned long tce) {
  if ((tce & TCE_PCI_READ) && (tce & TCE_PCI_WRITE))
    return DMA_BIDIRECTIONAL;
  if (tce & TCE_PCI_READ)
    return DMA_TO_DEVICE;
  if (tce & TCE_PCI_WRITE)
    return DMA_FROM_DEVICE;
  return DMA_NONE;
}

#endif /* PINLINT_SHIM_ASM_IOMMU_H */
