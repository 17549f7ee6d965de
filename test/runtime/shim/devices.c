/*===- devices.c - The shim's IOMMU, DMA, iterators and tables -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

#include <asm/iommu.h>
#include <linux/bio.h>
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <linux/vhost_iotlb.h>
#include <pinlint/scenario.h>

int translations_ok(struct device *dev) {
  struct iommu_domain *d = iommu_domain_alloc(NULL);
  struct iommu_group *group = pinlint_iommu_group();
  struct page *page = pinlint_kernel_page();

  if (!d)
    return -ENOMEM;
  BUG_ON(iommu_map(d, 0x1000, 0x123, PAGE_SIZE, IOMMU_READ, GFP_KERNEL) !=
         -EINVAL);
  if (!iommu_attach_group(d, group)) {
    if (!iommu_map(d, 0x1000, page_to_phys(page), PAGE_SIZE, IOMMU_READ,
                   GFP_KERNEL)) {
      BUG_ON(iommu_iova_to_phys(d, 0x1010) != page_to_phys(page) + 0x10);
      BUG_ON(iommu_unmap(d, 0x1000, PAGE_SIZE) != PAGE_SIZE);
    }
    BUG_ON(iommu_iova_to_phys(d, 0x1000));
    iommu_detach_group(d, group);
  }
  iommu_domain_free(d);
  pinlint_device_access(dev, 0x1000);
  return device_iommu_capable(dev, IOMMU_CAP_CACHE_COHERENCY);
}

/* expect: wild-access */
int no_domain_bad(void) {
  struct iommu_domain fake = {0};

  iommu_unmap(&fake, 0, PAGE_SIZE);
  return 0;
}

/* expect: wild-access */
int free_no_domain_bad(void) {
  struct iommu_domain fake = {0};

  iommu_domain_free(&fake);
  return 0;
}

int single_ok(struct device *dev) {
  void *p = kmalloc(16, GFP_KERNEL);
  dma_addr_t addr;

  if (!p)
    return -ENOMEM;
  addr = dma_map_single(dev, p, 16, DMA_TO_DEVICE);
  if (!dma_mapping_error(dev, addr))
    dma_unmap_single(dev, addr, 16, DMA_TO_DEVICE);
  kfree(p);
  return 0;
}

/* expect: pinlint-teardown-order pinlint-over-release */
int free_while_mapped_bad(struct device *dev) {
  void *p = kmalloc(16, GFP_KERNEL);
  dma_addr_t addr;

  if (!p)
    return -ENOMEM;
  addr = dma_map_single(dev, p, 16, DMA_TO_DEVICE);
  kfree(p);
  if (!dma_mapping_error(dev, addr))
    dma_unmap_single(dev, addr, 16, DMA_TO_DEVICE);
  return 0;
}

int coherent_ok(struct device *dev) {
  dma_addr_t handle;
  char *p = dma_alloc_coherent(dev, 32, &handle, GFP_KERNEL);

  if (!p)
    return -ENOMEM;
  p[31] = 1;
  dma_free_coherent(dev, 32, p, handle);
  return 0;
}

int scatter_lists_ok(struct device *dev) {
  struct page *page = pinlint_kernel_page();
  struct scatterlist local[2], *sg;
  struct sg_table t;
  int i, n;

  sg_init_table(local, 2);
  for_each_sg(local, sg, 2, i) sg_set_page(sg, page, 100, 0);
  BUG_ON(sg_next(&local[1]));
  n = dma_map_sg(dev, local, 2, DMA_TO_DEVICE);
  if (n)
    dma_unmap_sg(dev, local, 2, DMA_TO_DEVICE);
  BUG_ON(sg_alloc_table(&t, 0, GFP_KERNEL) != -EINVAL);
  if (sg_alloc_table(&t, 3, GFP_KERNEL))
    return -ENOMEM;
  BUG_ON(t.nents != 3);
  sg_free_table(&t);
  return 0;
}

/* expect: pinlint-over-release */
int unmap_twice_bad(struct device *dev) {
  struct page *page = pinlint_kernel_page();
  dma_addr_t addr = dma_map_page(dev, page, 0, PAGE_SIZE, DMA_TO_DEVICE);

  if (dma_mapping_error(dev, addr))
    return -ENOMEM;
  dma_unmap_page(dev, addr, PAGE_SIZE, DMA_TO_DEVICE);
  dma_unmap_page(dev, addr, PAGE_SIZE, DMA_TO_DEVICE);
  return 0;
}

/* expect: pinlint-leak */
int mapping_leak_bad(struct device *dev) {
  struct page *page = pinlint_kernel_page();

  return dma_mapping_error(
      dev, dma_map_page(dev, page, 0, PAGE_SIZE, DMA_TO_DEVICE));
}

int iterators_ok(void) {
  static const char text[] = "0123456789";
  void __user *u = pinlint_user_data(text, NULL, sizeof(text));
  struct bio_vec vec[2] = {{pinlint_kernel_page(), 100, 0},
                           {pinlint_kernel_page(), 200, 50}};
  struct page **pages = NULL, *one[1];
  struct iov_iter i;
  size_t offset;
  char b[16];

  iov_iter_ubuf(&i, ITER_SOURCE, u, 10);
  BUG_ON(iov_iter_npages(&i, 5) != 1);
  if (copy_from_iter(b, 4, &i) == 4)
    BUG_ON(memcmp(b, "0123", 4) || iov_iter_count(&i) != 6);
  iov_iter_revert(&i, 10 - iov_iter_count(&i));
  iov_iter_advance(&i, 100);
  BUG_ON(iov_iter_count(&i));
  BUG_ON(iov_iter_get_pages2(&i, one, 100, 1, &offset));

  iov_iter_bvec(&i, ITER_DEST, vec, 2, 300);
  BUG_ON(!iov_iter_is_bvec(&i) || iov_iter_npages(&i, 5) != 1);
  iov_iter_advance(&i, 120);
  if (iov_iter_get_pages_alloc2(&i, &pages, 1000, &offset) > 0) {
    BUG_ON(offset != 70 || pages[0] != vec[1].bv_page);
    put_page(pages[0]);
    kvfree(pages);
  }
  iov_iter_bvec(&i, ITER_DEST, vec, 2, 300);
  BUG_ON(copy_from_iter(b, 8, &i) != 8);

  i.iter_type = ITER_KVEC;
  BUG_ON(iov_iter_get_pages2(&i, one, 100, 1, &offset) != -EFAULT);
  return 0;
}

int full_bio_ok(void) {
  struct bio *bio = bio_alloc(NULL, 1, REQ_OP_READ, GFP_KERNEL);
  struct page *page = pinlint_kernel_page();
  int ret;

  BUG_ON(bio_add_page(bio, page, 100, 0) != 100);
  BUG_ON(bio_add_page(bio, page, 100, 0));
  bio_set_pages_dirty(bio);
  ret = submit_bio_wait(bio);
  BUG_ON(blk_status_to_errno(bio->bi_status) != ret);
  bio_clear_flag(bio, BIO_PAGE_PINNED);
  bio_release_pages(bio, false);
  bio_endio(bio);
  bio_put(bio);
  return 0;
}

static void end_io(struct bio *bio) { bio_put(bio); }

int ended_early_ok(void) {
  struct bio *bio = bio_alloc(NULL, 1, REQ_OP_READ, GFP_KERNEL);

  bio->bi_end_io = end_io;
  bio_endio(bio);
  return 0;
}

int iotlb_ok(void) {
  struct vhost_iotlb *t = vhost_iotlb_alloc(16, 0);
  struct vhost_iotlb_map *m;

  vhost_iotlb_free(NULL);
  if (!t)
    return -ENOMEM;
  BUG_ON(vhost_iotlb_add_range(t, 5, 4, 0, VHOST_ACCESS_RO) != -EFAULT);
  if (!vhost_iotlb_add_range(t, 0x1000, 0x1fff, 0x5000, VHOST_ACCESS_RO)) {
    m = vhost_iotlb_itree_first(t, 0x1800, 0x1800);
    BUG_ON(!m || m->size != 0x1000 || t->nmaps != 1);
    BUG_ON(vhost_iotlb_itree_first(t, 0x2000, 0x3000));
    vhost_iotlb_map_free(t, m);
  }
  vhost_iotlb_add_range(t, 0x1000, 0x1fff, 0x5000, VHOST_ACCESS_RO);
  vhost_iotlb_del_range(t, 0, ~0ULL);
  vhost_iotlb_add_range(t, 0x1000, 0x1fff, 0x5000, VHOST_ACCESS_RO);
  vhost_iotlb_reset(t);
  BUG_ON(t->nmaps);
  vhost_iotlb_add_range(t, 0x1000, 0x1fff, 0x5000, VHOST_ACCESS_RO);
  vhost_iotlb_free(t);
  return 0;
}

int registered_memory_ok(void) {
  struct mm_struct *mm = current->mm;
  struct mm_iommu_table_group_mem_t *mem;
  unsigned long ua = pinlint_user_pages(2), hpa;

  BUG_ON(mm_iommu_new(mm, ua, 0, &mem) != -EINVAL);
  BUG_ON(mm_iommu_get(mm, ua, 2) || mm_iommu_lookup(mm, ua, PAGE_SIZE));
  if (mm_iommu_new(mm, ua, 2, &mem))
    return -ENOMEM;
  BUG_ON(mm_iommu_lookup(mm, ua + PAGE_SIZE, PAGE_SIZE) != mem);
  BUG_ON(mm_iommu_ua_to_hpa(mem, ua + PAGE_SIZE + 5, PAGE_SHIFT, &hpa));
  BUG_ON(hpa % PAGE_SIZE != 5);
  BUG_ON(mm_iommu_ua_to_hpa(mem, ua + 2 * PAGE_SIZE, PAGE_SHIFT, &hpa) !=
         -EFAULT);
  mm_iommu_mapped_inc(mem);
  BUG_ON(mm_iommu_put(mm, mem) != -EBUSY);
  mm_iommu_mapped_dec(mem);
  return mm_iommu_put(mm, mem);
}

/* expect: pinlint-over-release */
int mapped_dec_bad(void) {
  struct mm_iommu_table_group_mem_t *mem;

  if (mm_iommu_new(current->mm, pinlint_user_pages(1), 1, &mem))
    return -ENOMEM;
  mm_iommu_mapped_dec(mem);
  return mm_iommu_put(current->mm, mem);
}

int tce_table_ok(void) {
  struct iommu_table *t = pinlint_iommu_table(2);
  enum dma_data_direction dir = DMA_TO_DEVICE;
  unsigned long hpa = page_to_phys(pinlint_kernel_page()), mine = hpa;

  BUG_ON(iommu_tce_xchg_no_kill(current->mm, t, 2, &hpa, &dir) != -EINVAL);
  if (iommu_tce_xchg_no_kill(current->mm, t, 1, &hpa, &dir))
    return -EIO;
  BUG_ON(dir != DMA_NONE);
  BUG_ON(iommu_tce_xchg_no_kill(current->mm, t, 1, &hpa, &dir));
  BUG_ON(dir != DMA_TO_DEVICE || hpa != mine);
  iommu_tce_kill(t, 1, 1);
  return 0;
}
