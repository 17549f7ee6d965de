/*===- dma.c - Pages mapped for devices -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <pinlint/scenario.h>

#define NPAGES 3

/* expect: pinlint-teardown-order */
int unpin_before_unmap_bad(void) {
  struct device *dev = pinlint_device();
  struct page *page;
  dma_addr_t addr;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  addr = dma_map_page(dev, page, 0, PAGE_SIZE, DMA_TO_DEVICE);
  if (dma_mapping_error(dev, addr)) {
    unpin_user_page(page);
    return -ENOMEM;
  }
  unpin_user_page(page);
  dma_unmap_page(dev, addr, PAGE_SIZE, DMA_TO_DEVICE);
  return 0;
}

int unmap_before_unpin_ok(void) {
  struct device *dev = pinlint_device();
  struct page *page;
  dma_addr_t addr;
  int ret = 0;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  addr = dma_map_page(dev, page, 0, PAGE_SIZE, DMA_TO_DEVICE);
  if (dma_mapping_error(dev, addr)) {
    ret = -ENOMEM;
    goto unpin;
  }
  dma_unmap_page(dev, addr, PAGE_SIZE, DMA_TO_DEVICE);
unpin:
  unpin_user_page(page);
  return ret;
}

/* A scatter list holds the pages between pin and unpin. */
struct dma_buffer {
  struct sg_table sgt;
  struct page **pages;
  int npages;
};

static int dma_buffer_map(struct device *dev, struct dma_buffer *b,
                          unsigned long addr) {
  int ret;

  b->pages = kcalloc(NPAGES, sizeof(*b->pages), GFP_KERNEL);
  if (!b->pages)
    return -ENOMEM;
  ret = pin_user_pages_fast(addr, NPAGES, FOLL_WRITE | FOLL_LONGTERM, b->pages);
  if (ret != NPAGES) {
    b->npages = ret > 0 ? ret : 0;
    ret = -EFAULT;
    goto unpin;
  }
  b->npages = NPAGES;
  ret = sg_alloc_table_from_pages(&b->sgt, b->pages, NPAGES, 0,
                                  NPAGES * PAGE_SIZE, GFP_KERNEL);
  if (ret)
    goto unpin;
  ret = dma_map_sgtable(dev, &b->sgt, DMA_BIDIRECTIONAL, 0);
  if (ret)
    goto free_table;
  return 0;
free_table:
  sg_free_table(&b->sgt);
unpin:
  unpin_user_pages(b->pages, b->npages);
  kfree(b->pages);
  return ret;
}

static void dma_buffer_unmap(struct device *dev, struct dma_buffer *b) {
  dma_unmap_sgtable(dev, &b->sgt, DMA_BIDIRECTIONAL, 0);
  sg_free_table(&b->sgt);
  unpin_user_pages_dirty_lock(b->pages, b->npages, true);
  kfree(b->pages);
}

int scatter_list_ok(void) {
  struct device *dev = pinlint_device();
  struct dma_buffer b;
  int ret = dma_buffer_map(dev, &b, pinlint_user_pages(NPAGES));

  if (ret)
    return ret;
  dma_buffer_unmap(dev, &b);
  return 0;
}

/* expect: pinlint-teardown-order */
int FN_scatter_list_order_bad(void) {
  struct device *dev = pinlint_device();
  struct dma_buffer b;
  int ret = dma_buffer_map(dev, &b, pinlint_user_pages(NPAGES));

  if (ret)
    return ret;
  unpin_user_pages_dirty_lock(b.pages, b.npages, true);
  dma_unmap_sgtable(dev, &b.sgt, DMA_BIDIRECTIONAL, 0);
  sg_free_table(&b.sgt);
  kfree(b.pages);
  return 0;
}

/* The pages are released from the scatter list itself.
 * expect: pinlint-leak pinlint-partial-pin */
int scatter_list_bound_bad(void) {
  struct page *pages[NPAGES];
  struct scatterlist *sg;
  struct sg_table sgt;
  int i, n, ret;

  n = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pages);
  if (n <= 0)
    return -EFAULT;
  ret = sg_alloc_table_from_pages(&sgt, pages, n, 0, n * PAGE_SIZE, GFP_KERNEL);
  if (ret) {
    unpin_user_pages(pages, n);
    return ret;
  }
  for_each_sg(sgt.sgl, sg, sgt.nents - 1, i) unpin_user_page(sg_page(sg));
  sg_free_table(&sgt);
  return 0;
}

/* That the walk over the list covers all pages is not seen. */
int FP_from_scatter_list_ok(void) {
  struct page *pages[NPAGES];
  struct scatterlist *sg;
  struct sg_table sgt;
  int i, n, ret;

  n = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pages);
  if (n <= 0)
    return -EFAULT;
  ret = sg_alloc_table_from_pages(&sgt, pages, n, 0, n * PAGE_SIZE, GFP_KERNEL);
  if (ret) {
    unpin_user_pages(pages, n);
    return ret;
  }
  for_each_sgtable_sg(&sgt, sg, i) unpin_user_page(sg_page(sg));
  sg_free_table(&sgt);
  return 0;
}

/* expect: pinlint-leak */
int mapping_lost_bad(void) {
  struct device *dev = pinlint_device();
  struct page *page;
  dma_addr_t addr;

  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    return -EFAULT;
  addr = dma_map_page(dev, page, 0, PAGE_SIZE, DMA_TO_DEVICE);
  if (dma_mapping_error(dev, addr))
    return -ENOMEM;
  dma_unmap_page(dev, addr, PAGE_SIZE, DMA_TO_DEVICE);
  unpin_user_page(page);
  return 0;
}

/* A kernel mapping of the pages outlives them.
 * expect: pinlint-teardown-order */
int FN_vunmap_after_unpin_bad(void) {
  struct page *pages[NPAGES];
  void *area;
  int n = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pages);

  if (n <= 0)
    return -EFAULT;
  area = vmap(pages, n, VM_MAP, PAGE_KERNEL);
  unpin_user_pages(pages, n);
  vunmap(area);
  return 0;
}

int vunmap_before_unpin_ok(void) {
  struct page *pages[NPAGES];
  void *area;
  int n = pin_user_pages_fast(pinlint_user_pages(NPAGES), NPAGES, 0, pages);

  if (n <= 0)
    return -EFAULT;
  area = vmap(pages, n, VM_MAP, PAGE_KERNEL);
  vunmap(area);
  unpin_user_pages(pages, n);
  return 0;
}

/* Translations that may be cached: sync before the unpin.
 * expect: pinlint-teardown-order */
int FN_no_sync_bad(void) {
  struct device *dev = pinlint_device();
  struct iommu_domain *domain = iommu_paging_domain_alloc(dev);
  struct iommu_iotlb_gather gather;
  struct page *page;

  if (IS_ERR(domain))
    return PTR_ERR(domain);
  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    goto free;
  if (iommu_map(domain, 0x10000, page_to_phys(page), PAGE_SIZE, IOMMU_READ,
                GFP_KERNEL)) {
    unpin_user_page(page);
    goto free;
  }
  iommu_iotlb_gather_init(&gather);
  iommu_unmap_fast(domain, 0x10000, PAGE_SIZE, &gather);
  unpin_user_page(page);
  iommu_iotlb_sync(domain, &gather);
free:
  iommu_domain_free(domain);
  return 0;
}

int sync_ok(void) {
  struct device *dev = pinlint_device();
  struct iommu_domain *domain = iommu_paging_domain_alloc(dev);
  struct iommu_iotlb_gather gather;
  struct page *page;

  if (IS_ERR(domain))
    return PTR_ERR(domain);
  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) != 1)
    goto free;
  if (iommu_map(domain, 0x10000, page_to_phys(page), PAGE_SIZE, IOMMU_READ,
                GFP_KERNEL)) {
    unpin_user_page(page);
    goto free;
  }
  iommu_iotlb_gather_init(&gather);
  iommu_unmap_fast(domain, 0x10000, PAGE_SIZE, &gather);
  iommu_iotlb_sync(domain, &gather);
  unpin_user_page(page);
free:
  iommu_domain_free(domain);
  return 0;
}
