/*===- iommu.h - Domains of an IOMMU -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * IOMMU domains and groups. Rules: include/linux/iommu.h of the kernel; model:
 * pinlint/runtime/Iommu.h.
 */

#ifndef PINLINT_SHIM_LINUX_IOMMU_H
#define PINLINT_SHIM_LINUX_IOMMU_H

#include "device.h"
#include "err.h"
#include "types.h"

#define IOMMU_READ (1 << 0)
#define IOMMU_WRITE (1 << 1)
#define IOMMU_CACHE (1 << 2)

struct iommu_domain_geometry {
  dma_addr_t aperture_start, aperture_end;
  bool force_aperture;
};

struct iommu_domain {
  unsigned int type;
  unsigned long pgsize_bitmap;
  struct iommu_domain_geometry geometry;
};

struct iommu_group {
  int id;
};

struct iommu_iotlb_gather {
  unsigned long start, end;
};

#ifdef __cplusplus
extern "C" {
#endif
/* The domain or an error pointer. */
struct iommu_domain *iommu_paging_domain_alloc(struct device *dev);
/* The domain or NULL. */
struct iommu_domain *iommu_domain_alloc(const void *bus);
void iommu_domain_free(struct iommu_domain *domain);
int iommu_attach_device(struct iommu_domain *domain, struct device *dev);
void iommu_detach_device(struct iommu_domain *domain, struct device *dev);
int iommu_attach_group(struct iommu_domain *domain, struct iommu_group *group);
void iommu_detach_group(struct iommu_domain *domain, struct iommu_group *group);

int iommu_map(struct iommu_domain *domain, unsigned long iova,
              phys_addr_t paddr, size_t size, int prot, gfp_t gfp);
size_t iommu_unmap(struct iommu_domain *domain, unsigned long iova,
                   size_t size);
size_t iommu_unmap_fast(struct iommu_domain *domain, unsigned long iova,
                        size_t size, struct iommu_iotlb_gather *gather);
void iommu_iotlb_gather_init(struct iommu_iotlb_gather *gather);
void iommu_iotlb_sync(struct iommu_domain *domain,
                      struct iommu_iotlb_gather *gather);
phys_addr_t iommu_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova);

struct iommu_group *iommu_group_get(struct device *dev);
void iommu_group_put(struct iommu_group *group);
bool device_iommu_capable(struct device *dev, int cap);
#define IOMMU_CAP_CACHE_COHERENCY 1
#ifdef __cplusplus
}
#endif

#endif /* PINLINT_SHIM_LINUX_IOMMU_H */
