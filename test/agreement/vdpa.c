/*===- vdpa.c - Life cycle of a vhost-vdpa device -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

/**
 * \file
 * A device with a domain, an IOTLB per address space, and pinned user memory
 * behind it. Its release must undo everything, in this order: mappings, pins,
 * table, domain; also for a process that was killed.
 */

#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vhost_iotlb.h>
#include <pinlint/scenario.h>

struct vdpa_as {
  struct list_head node;
  struct vhost_iotlb iotlb;
  unsigned int id;
};

struct vdpa {
  struct device *dev;
  struct iommu_domain *domain;
  struct list_head as;
  struct mm_struct *mm;
};

static int vdpa_open(struct vdpa *v) {
  int ret;

  v->dev = pinlint_device();
  v->mm = current->mm;
  INIT_LIST_HEAD(&v->as);
  v->domain = iommu_paging_domain_alloc(v->dev);
  if (IS_ERR(v->domain)) {
    ret = PTR_ERR(v->domain);
    v->domain = NULL;
    return ret;
  }
  ret = iommu_attach_device(v->domain, v->dev);
  if (ret)
    goto err_attach;
  return 0;
err_attach:
  iommu_domain_free(v->domain);
  v->domain = NULL;
  return ret;
}

static void vdpa_free_domain(struct vdpa *v) {
  if (v->domain) {
    iommu_detach_device(v->domain, v->dev);
    iommu_domain_free(v->domain);
  }
  v->domain = NULL;
}

static struct vdpa_as *vdpa_find_alloc_as(struct vdpa *v, unsigned int id) {
  struct vdpa_as *as;

  list_for_each_entry(as, &v->as, node) if (as->id == id) return as;
  as = kmalloc(sizeof(*as), GFP_KERNEL);
  if (!as)
    return NULL;
  vhost_iotlb_init(&as->iotlb, 2048, 0);
  as->id = id;
  list_add(&as->node, &v->as);
  return as;
}

static void vdpa_unpin(struct vhost_iotlb_map *map) {
  unsigned long pfn, pinned = PFN_DOWN(map->size);

  for (pfn = PFN_DOWN(map->addr); pinned > 0; pfn++, pinned--) {
    struct page *page = pfn_to_page(pfn);

    if (map->perm & VHOST_ACCESS_WO)
      set_page_dirty_lock(page);
    unpin_user_page(page);
  }
}

static void vdpa_unmap(struct vdpa *v, struct vhost_iotlb *iotlb, u64 start,
                       u64 last) {
  struct vhost_iotlb_map *map;

  while ((map = vhost_iotlb_itree_first(iotlb, start, last)) != NULL) {
    iommu_unmap(v->domain, map->start, map->size);
    vdpa_unpin(map);
    vhost_iotlb_map_free(iotlb, map);
  }
}

/* As vdpa_unmap(), but the device can still get at the pages when they are
 * unpinned. */
static void vdpa_unmap_late(struct vdpa *v, struct vhost_iotlb *iotlb,
                            u64 start, u64 last) {
  struct vhost_iotlb_map *map;

  while ((map = vhost_iotlb_itree_first(iotlb, start, last)) != NULL) {
    vdpa_unpin(map);
    iommu_unmap(v->domain, map->start, map->size);
    vhost_iotlb_map_free(iotlb, map);
  }
}

static int vdpa_map(struct vdpa *v, struct vhost_iotlb *iotlb, u64 iova,
                    u64 size, u64 pa) {
  int ret = vhost_iotlb_add_range_ctx(iotlb, iova, iova + size - 1, pa,
                                      VHOST_ACCESS_RW, NULL);

  if (ret)
    return ret;
  ret = iommu_map(v->domain, iova, pa, size, IOMMU_READ | IOMMU_WRITE,
                  GFP_KERNEL_ACCOUNT);
  if (ret)
    vhost_iotlb_del_range(iotlb, iova, iova + size - 1);
  return ret;
}

static int vdpa_pa_map(struct vdpa *v, struct vhost_iotlb *iotlb, u64 iova,
                       unsigned long uaddr, unsigned long npages) {
  struct page **list = (struct page **)__get_free_page(GFP_KERNEL);
  u64 start = iova;
  long pinned, i;
  int ret = 0;

  if (!list)
    return -ENOMEM;
  pinned = pin_user_pages(uaddr, npages, FOLL_LONGTERM | FOLL_WRITE, list);
  if (pinned != npages) {
    if (pinned < 0) {
      ret = pinned;
    } else {
      unpin_user_pages(list, pinned);
      ret = -ENOMEM;
    }
    goto free;
  }
  for (i = 0; i < pinned; i++) {
    ret = vdpa_map(v, iotlb, iova, PAGE_SIZE, page_to_phys(list[i]));
    if (ret) {
      /* What is mapped already is undone through the table. */
      unpin_user_pages(&list[i], pinned - i);
      vdpa_unmap(v, iotlb, start, iova - 1);
      goto free;
    }
    iova += PAGE_SIZE;
  }
free:
  free_page((unsigned long)list);
  return ret;
}

static int vdpa_update(struct vdpa *v, unsigned int asid, u64 iova,
                       unsigned long npages) {
  struct vdpa_as *as = vdpa_find_alloc_as(v, asid);

  if (!as)
    return -ENOMEM;
  return vdpa_pa_map(v, &as->iotlb, iova, pinlint_user_pages(npages), npages);
}

static void vdpa_remove_as(struct vdpa *v, struct vdpa_as *as) {
  list_del(&as->node);
  vdpa_unmap(v, &as->iotlb, 0ULL, 0ULL - 1);
  kfree(as);
}

static void vdpa_cleanup(struct vdpa *v) {
  struct vdpa_as *as, *next;

  list_for_each_entry_safe(as, next, &v->as, node) vdpa_remove_as(v, as);
}

static int vdpa_session(struct vdpa *v) {
  int ret = vdpa_open(v);

  if (ret)
    return ret;
  ret = vdpa_update(v, 0, 0x100000, 2);
  if (!ret)
    ret = vdpa_update(v, 1, 0x200000, 1);
  return ret;
}

int release_ok(void) {
  struct vdpa v = {.domain = NULL};
  int ret = vdpa_session(&v);

  vdpa_cleanup(&v);
  vdpa_free_domain(&v);
  return ret;
}

int killed_process_ok(void) {
  struct vdpa v = {.domain = NULL};
  int ret = vdpa_session(&v);

  pinlint_kill_user(v.mm);
  vdpa_cleanup(&v);
  vdpa_free_domain(&v);
  return ret;
}

/* Nobody unmaps for a process that was killed.
 * expect: pinlint-leak */
int FN_killed_process_bad(void) {
  struct vdpa v = {.domain = NULL};
  int ret = vdpa_session(&v);

  pinlint_kill_user(v.mm);
  vdpa_free_domain(&v);
  return ret;
}

/* The domain is freed and cleared, and three calls deeper it is needed.
 * expect: pinlint-use-after-free null-dereference */
int FN_domain_freed_first_bad(void) {
  struct vdpa v = {.domain = NULL};
  int ret = vdpa_session(&v);

  vdpa_free_domain(&v);
  vdpa_cleanup(&v);
  return ret;
}

/* The same, with a dangling field.
 * expect: pinlint-use-after-free */
int domain_dangling_bad(void) {
  struct vdpa v = {.domain = NULL};
  int ret = vdpa_session(&v);

  if (!v.domain)
    return ret;
  iommu_detach_device(v.domain, v.dev);
  iommu_domain_free(v.domain);
  vdpa_cleanup(&v);
  return ret;
}

/* The entries of the table are nobody's after the release.
 * expect: pinlint-leak */
int FN_iotlb_leak_bad(void) {
  struct vdpa v = {.domain = NULL};
  struct vdpa_as *as, *next;
  struct vhost_iotlb_map *map;
  int ret = vdpa_session(&v);

  list_for_each_entry_safe(as, next, &v.as, node) {
    list_del(&as->node);
    list_for_each_entry(map, &as->iotlb.list, link) {
      iommu_unmap(v.domain, map->start, map->size);
      vdpa_unpin(map);
    }
    kfree(as);
  }
  vdpa_free_domain(&v);
  return ret;
}

/* expect: pinlint-teardown-order */
int unpin_before_unmap_bad(void) {
  struct vdpa v = {.domain = NULL};
  struct vdpa_as *as, *next;
  int ret = vdpa_session(&v);

  list_for_each_entry_safe(as, next, &v.as, node) {
    list_del(&as->node);
    vdpa_unmap_late(&v, &as->iotlb, 0ULL, 0ULL - 1);
    kfree(as);
  }
  vdpa_free_domain(&v);
  return ret;
}

/* The device uses a page in the gap.
 * expect: pinlint-teardown-order pinlint-use-after-release */
int FN_gap_bad(void) {
  struct vdpa v = {.domain = NULL};
  struct page *page;
  int ret = vdpa_open(&v);

  if (ret)
    return ret;
  if (pin_user_pages_fast(pinlint_user_pages(1), 1, 0, &page) == 1) {
    if (!iommu_map(v.domain, 0x1000, page_to_phys(page), PAGE_SIZE, IOMMU_READ,
                   GFP_KERNEL)) {
      unpin_user_page(page);
      pinlint_device_access(v.dev, 0x1000);
      iommu_unmap(v.domain, 0x1000, PAGE_SIZE);
    } else {
      unpin_user_page(page);
    }
  }
  vdpa_free_domain(&v);
  return 0;
}

/* The undo of a failed mapping that takes the requested range for the mapped
 * one, and releases the rest a second time.
 * expect: pinlint-over-release */
int FN_undo_too_much_bad(void) {
  struct vdpa v = {.domain = NULL};
  struct vhost_iotlb *iotlb = vhost_iotlb_alloc(16, 0);
  struct page *pages[2];
  int i, ret;

  if (!iotlb)
    return -ENOMEM;
  ret = vdpa_open(&v);
  if (ret)
    goto free;
  if (pin_user_pages_fast(pinlint_user_pages(2), 1, 0, pages) != 1)
    goto close;
  for (i = 0; i < 1; i++) {
    ret = vdpa_map(&v, iotlb, 0x1000, PAGE_SIZE, page_to_phys(pages[i]));
    if (ret)
      break;
  }
  vdpa_unmap(&v, iotlb, 0, ~0ULL);
  unpin_user_pages(pages, 1);
close:
  vdpa_free_domain(&v);
free:
  vhost_iotlb_free(iotlb);
  return ret;
}
