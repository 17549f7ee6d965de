/*===- scatterlist.h - Scatter lists and DMA mappings -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * Scatter lists, and the mapping of memory for devices by the DMA API
 * (Documentation/core-api/dma-api.rst). What is mapped must be unmapped before
 * its pages are released.
 */

#ifndef PINLINT_SHIM_LINUX_SCATTERLIST_H
#define PINLINT_SHIM_LINUX_SCATTERLIST_H

#include "device.h"
#include "mm.h"
#include "types.h"

enum dma_data_direction {
  DMA_BIDIRECTIONAL = 0,
  DMA_TO_DEVICE = 1,
  DMA_FROM_DEVICE = 2,
  DMA_NONE = 3,
};
#define DMA_MAPPING_ERROR (~(dma_addr_t)0)
#define DMA_BIT_MASK(n) (((n) == 64) ? ~0ULL : ((1ULL << (n)) - 1))

struct scatterlist {
  struct page *page;
  unsigned int offset;
  unsigned int length;
  dma_addr_t dma_address;
  bool last;
};

struct sg_table {
  struct scatterlist *sgl;
  unsigned int nents;
  unsigned int orig_nents;
};

#ifdef __cplusplus
extern "C" {
#endif
void sg_init_table(struct scatterlist *sgl, unsigned int nents);
int sg_alloc_table(struct sg_table *table, unsigned int nents, gfp_t gfp);
int sg_alloc_table_from_pages(struct sg_table *sgt, struct page **pages,
                              unsigned int n_pages, unsigned int offset,
                              unsigned long size, gfp_t gfp_mask);
void sg_free_table(struct sg_table *table);
struct scatterlist *sg_next(struct scatterlist *sg);

dma_addr_t dma_map_page(struct device *dev, struct page *page, size_t offset,
                        size_t size, enum dma_data_direction dir);
void dma_unmap_page(struct device *dev, dma_addr_t addr, size_t size,
                    enum dma_data_direction dir);
dma_addr_t dma_map_single(struct device *dev, void *ptr, size_t size,
                          enum dma_data_direction dir);
void dma_unmap_single(struct device *dev, dma_addr_t addr, size_t size,
                      enum dma_data_direction dir);
int dma_mapping_error(struct device *dev, dma_addr_t dma_addr);
/* The number of entries, 0 on failure. */
int dma_map_sg(struct device *dev, struct scatterlist *sg, int nents,
               enum dma_data_direction dir);
void dma_unmap_sg(struct device *dev, struct scatterlist *sg, int nents,
                  enum dma_data_direction dir);
int dma_map_sgtable(struct device *dev, struct sg_table *sgt,
                    enum dma_data_direction dir, unsigned long attrs);
void dma_unmap_sgtable(struct device *dev, struct sg_table *sgt,
                       enum dma_data_direction dir, unsigned long attrs);
void *dma_alloc_coherent(struct device *dev, size_t size,
                         dma_addr_t *dma_handle, gfp_t gfp);
void dma_free_coherent(struct device *dev, size_t size, void *cpu_addr,
                       dma_addr_t dma_handle);
#ifdef __cplusplus
}
#endif

static inline struct page *sg_page(struct scatterlist *sg) { return sg->page; }
static inline void sg_set_page(struct scatterlist *sg, struct page *page,
                               unsigned int len, unsigned int offset) {
  sg->page = page;
  sg->length = len;
  sg->offset = offset;
}
#define sg_dma_address(sg) ((sg)->dma_address)
#define sg_dma_len(sg) ((sg)->length)
#define for_each_sg(sglist, sg, nr, i)                                         \
  for (i = 0, sg = (sglist); i < (nr); i++, sg = sg_next(sg))
#define for_each_sgtable_sg(sgt, sg, i)                                        \
  for_each_sg((sgt)->sgl, sg, (sgt)->orig_nents, i)

#endif /* PINLINT_SHIM_LINUX_SCATTERLIST_H */
