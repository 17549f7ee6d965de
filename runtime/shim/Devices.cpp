//===- Devices.cpp - The shim's IOMMU and DMA API -------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "World.h"
#include "pinlint/shim/linux/iommu.h"
#include "pinlint/shim/linux/scatterlist.h"
#include "pinlint/shim/pinlint/scenario.h"

using namespace pinlint::rt;
using namespace pinlint::rt::shim;

/// The domain behind a handle; a dead one takes part in this call only, to
/// report its use.
static IommuDomain &domainOf(const iommu_domain *Handle, Site At,
                             const char *Function) {
  World &W = world();
  auto It = W.Domains.find(Handle);
  if (It != W.Domains.end() && It->second->alive())
    return *It->second;
  W.check(Handle, sizeof(*Handle), At, Function);
  W.report(ViolationKind::WildAccess, "iommu domain",
           std::string(Function) + ": this is not an IOMMU domain", At);
  W.abandon();
}

static iommu_domain *allocateDomain(Site At, const char *Function) {
  World &W = world();
  if (W.fails(At, Function, "no domain"))
    return nullptr;
  auto *Handle = reinterpret_cast<iommu_domain *>(
      W.allocate(sizeof(iommu_domain), At, "iommu domain", 0));
  Handle->pgsize_bitmap = PAGE_SIZE;
  Handle->geometry = {0, ~0ULL, false};
  W.Domains[Handle] =
      std::make_unique<IommuDomain>(W.Ledger, W.Log, W.Choices, At);
  return Handle;
}

static int attach(iommu_domain *Domain, const void *Device, Site At,
                  const char *Function) {
  World &W = world();
  W.use(Device, At, Function);
  IommuDomain &D = domainOf(Domain, At, Function);
  int Result = D.attach(reinterpret_cast<uintptr_t>(Device), At);
  if (!Result)
    W.AttachedDomain[Device] = Domain;
  return Result;
}

static void detach(iommu_domain *Domain, const void *Device, Site At,
                   const char *Function) {
  World &W = world();
  W.use(Device, At, Function);
  domainOf(Domain, At, Function)
      .detach(reinterpret_cast<uintptr_t>(Device), At);
  W.AttachedDomain.erase(Device);
}

static uint64_t mapForDevice(Pfn First, uint64_t Pages, uintptr_t Memory,
                             uint64_t Offset, Site At) {
  World &W = world();
  uint64_t Address = W.NextDmaAddress + Offset;
  W.NextDmaAddress += (Pages + 1) * PageSize;
  W.DmaMappings[Address] = {Address, First, Pages, Memory, At};
  for (uint64_t I = 0; I != Pages; ++I)
    W.Ledger.hardwareMap(First + I);
  return Address;
}

static void unmapForDevice(uint64_t Address, Site At, const char *Function) {
  World &W = world();
  auto It = W.DmaMappings.find(Address);
  if (It == W.DmaMappings.end()) {
    W.report(ViolationKind::OverRelease, "dma mapping",
             std::string(Function) + " of something that is not mapped", At);
    return;
  }
  for (uint64_t I = 0; I != It->second.Pages; ++I)
    W.Ledger.hardwareUnmap(It->second.First + I);
  W.DmaMappings.erase(It);
}

static int mapList(device *Dev, scatterlist *Sg, unsigned N, Site At,
                   const char *Function) {
  World &W = world();
  W.use(Dev, At, Function);
  W.observe(At, 2, N);
  W.check(Sg, N * sizeof(*Sg), At, Function);
  if (W.fails(At, Function, "nothing is mapped"))
    return 0;
  for (unsigned I = 0; I != N; ++I) {
    Pfn Page = W.pfnOf(Sg[I].page, At, Function);
    W.Ledger.use(Page, At);
    Sg[I].dma_address = mapForDevice(
        Page, (Sg[I].offset + Sg[I].length + PageSize - 1) / PageSize, 0,
        Sg[I].offset, At);
  }
  return N;
}

static void unmapList(device *Dev, scatterlist *Sg, unsigned N, Site At,
                      const char *Function) {
  World &W = world();
  W.use(Dev, At, Function);
  W.check(Sg, N * sizeof(*Sg), At, Function);
  for (unsigned I = 0; I != N; ++I)
    unmapForDevice(Sg[I].dma_address, At, Function);
}

static int allocateTable(sg_table *Table, unsigned N, Site At,
                         const char *Function) {
  World &W = world();
  W.check(Table, sizeof(*Table), At, Function);
  *Table = {};
  W.observe(At, 1, N);
  if (!N || N > Arena::MaxPages)
    return -EINVAL;
  if (W.fails(At, Function, "-ENOMEM"))
    return -ENOMEM;
  Table->sgl = reinterpret_cast<scatterlist *>(
      W.allocate(N * sizeof(scatterlist), At, "scatter list", 0));
  Table->nents = Table->orig_nents = N;
  Table->sgl[N - 1].last = true;
  return 0;
}

extern "C" {

struct iommu_domain *iommu_paging_domain_alloc(struct device *dev) {
  Site At = PINLINT_SITE;
  world().use(dev, At, "iommu_paging_domain_alloc()");
  iommu_domain *Domain = allocateDomain(At, "iommu_paging_domain_alloc()");
  return Domain ? Domain : static_cast<iommu_domain *>(ERR_PTR(-ENOMEM));
}
struct iommu_domain *iommu_domain_alloc(const void *) {
  return allocateDomain(PINLINT_SITE, "iommu_domain_alloc()");
}
void iommu_domain_free(struct iommu_domain *domain) {
  World &W = world();
  Site At = PINLINT_SITE;
  auto It = W.Domains.find(domain);
  if (It == W.Domains.end()) {
    W.check(domain, sizeof(*domain), At, "iommu_domain_free()");
    W.report(ViolationKind::WildAccess, "iommu domain",
             "iommu_domain_free() of something else", At);
    return;
  }
  bool Alive = It->second->alive();
  It->second->destroy(At);
  if (Alive)
    W.free(domain, At, "iommu_domain_free()");
}
int iommu_attach_device(struct iommu_domain *domain, struct device *dev) {
  return attach(domain, dev, PINLINT_SITE, "iommu_attach_device()");
}
void iommu_detach_device(struct iommu_domain *domain, struct device *dev) {
  detach(domain, dev, PINLINT_SITE, "iommu_detach_device()");
}
int iommu_attach_group(struct iommu_domain *domain, struct iommu_group *group) {
  return attach(domain, group, PINLINT_SITE, "iommu_attach_group()");
}
void iommu_detach_group(struct iommu_domain *domain,
                        struct iommu_group *group) {
  detach(domain, group, PINLINT_SITE, "iommu_detach_group()");
}
int iommu_map(struct iommu_domain *domain, unsigned long iova,
              phys_addr_t paddr, size_t size, int prot, gfp_t) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.observe(At, 1, iova);
  W.observe(At, 2, paddr);
  W.observe(At, 3, size);
  IommuDomain &D = domainOf(domain, At, "iommu_map()");
  if (paddr % PAGE_SIZE || size % PAGE_SIZE)
    return -EINVAL;
  return D.map(iova, PHYS_PFN(paddr), size / PAGE_SIZE, prot & 3, At);
}
size_t iommu_unmap(struct iommu_domain *domain, unsigned long iova,
                   size_t size) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.observe(At, 1, iova);
  W.observe(At, 2, size);
  return domainOf(domain, At, "iommu_unmap()").unmap(iova, size, At);
}
size_t iommu_unmap_fast(struct iommu_domain *domain, unsigned long iova,
                        size_t size, struct iommu_iotlb_gather *) {
  Site At = PINLINT_SITE;
  return domainOf(domain, At, "iommu_unmap_fast()").unmapFast(iova, size, At);
}
void iommu_iotlb_gather_init(struct iommu_iotlb_gather *gather) {
  *gather = {~0UL, 0};
}
void iommu_iotlb_sync(struct iommu_domain *domain,
                      struct iommu_iotlb_gather *) {
  Site At = PINLINT_SITE;
  domainOf(domain, At, "iommu_iotlb_sync()").sync(At);
}
phys_addr_t iommu_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova) {
  Site At = PINLINT_SITE;
  auto Page = domainOf(domain, At, "iommu_iova_to_phys()").translate(iova, At);
  return Page ? PFN_PHYS(*Page) + (iova & ~PAGE_MASK) : 0;
}
bool device_iommu_capable(struct device *dev, int) {
  Site At = PINLINT_SITE;
  world().use(dev, At, "device_iommu_capable()");
  return !world().fails(At, "device_iommu_capable()", "false");
}
void pinlint_device_access(struct device *dev, unsigned long iova) {
  World &W = world();
  Site At = PINLINT_SITE;
  auto It = W.AttachedDomain.find(dev);
  if (It == W.AttachedDomain.end())
    return;
  IommuDomain &D = *W.Domains[It->second];
  D.deviceAccess(iova, /*Write=*/false, At);
}

// DMA API --------------------------------------------------------------------

dma_addr_t dma_map_page(struct device *dev, struct page *page, size_t offset,
                        size_t size, enum dma_data_direction) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.observe(At, 3, size);
  W.use(dev, At, "dma_map_page()");
  Pfn Page = W.pfnOf(page, At, "dma_map_page()");
  W.Ledger.use(Page, At);
  if (W.fails(At, "dma_map_page()", "DMA_MAPPING_ERROR"))
    return DMA_MAPPING_ERROR;
  uint64_t Pages = (offset + size + PageSize - 1) / PageSize;
  return mapForDevice(Page, Pages < Arena::MaxPages ? Pages : 1, 0, offset, At);
}
void dma_unmap_page(struct device *dev, dma_addr_t addr, size_t,
                    enum dma_data_direction) {
  Site At = PINLINT_SITE;
  world().use(dev, At, "dma_unmap_page()");
  unmapForDevice(addr, At, "dma_unmap_page()");
}
dma_addr_t dma_map_single(struct device *dev, void *ptr, size_t size,
                          enum dma_data_direction) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.observe(At, 2, size);
  W.use(dev, At, "dma_map_single()");
  W.check(ptr, size, At, "dma_map_single()");
  if (W.fails(At, "dma_map_single()", "DMA_MAPPING_ERROR"))
    return DMA_MAPPING_ERROR;
  return mapForDevice(0, 0, reinterpret_cast<uintptr_t>(ptr), 0, At);
}
void dma_unmap_single(struct device *dev, dma_addr_t addr, size_t,
                      enum dma_data_direction) {
  Site At = PINLINT_SITE;
  world().use(dev, At, "dma_unmap_single()");
  unmapForDevice(addr, At, "dma_unmap_single()");
}
int dma_mapping_error(struct device *, dma_addr_t dma_addr) {
  return dma_addr == DMA_MAPPING_ERROR ? -ENOMEM : 0;
}
int dma_map_sg(struct device *dev, struct scatterlist *sg, int nents,
               enum dma_data_direction) {
  return mapList(dev, sg, nents, PINLINT_SITE, "dma_map_sg()");
}
void dma_unmap_sg(struct device *dev, struct scatterlist *sg, int nents,
                  enum dma_data_direction) {
  unmapList(dev, sg, nents, PINLINT_SITE, "dma_unmap_sg()");
}
int dma_map_sgtable(struct device *dev, struct sg_table *sgt,
                    enum dma_data_direction, unsigned long) {
  Site At = PINLINT_SITE;
  world().check(sgt, sizeof(*sgt), At, "dma_map_sgtable()");
  return mapList(dev, sgt->sgl, sgt->orig_nents, At, "dma_map_sgtable()")
             ? 0
             : -EIO;
}
void dma_unmap_sgtable(struct device *dev, struct sg_table *sgt,
                       enum dma_data_direction, unsigned long) {
  Site At = PINLINT_SITE;
  world().check(sgt, sizeof(*sgt), At, "dma_unmap_sgtable()");
  unmapList(dev, sgt->sgl, sgt->orig_nents, At, "dma_unmap_sgtable()");
}
void *dma_alloc_coherent(struct device *dev, size_t size,
                         dma_addr_t *dma_handle, gfp_t) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.observe(At, 1, size);
  W.use(dev, At, "dma_alloc_coherent()");
  if (W.fails(At, "dma_alloc_coherent()", "NULL"))
    return nullptr;
  *dma_handle = W.NextDmaAddress;
  W.NextDmaAddress += (size / PageSize + 2) * PageSize;
  return reinterpret_cast<void *>(W.allocate(size, At, "coherent memory", 0));
}
void dma_free_coherent(struct device *dev, size_t, void *cpu_addr, dma_addr_t) {
  Site At = PINLINT_SITE;
  world().use(dev, At, "dma_free_coherent()");
  world().free(cpu_addr, At, "dma_free_coherent()");
}

// Scatter lists --------------------------------------------------------------

void sg_init_table(struct scatterlist *sgl, unsigned int nents) {
  world().check(sgl, nents * sizeof(*sgl), PINLINT_SITE, "sg_init_table()");
  for (unsigned I = 0; I != nents; ++I) {
    sgl[I] = {};
    sgl[I].last = I + 1 == nents;
  }
}
int sg_alloc_table(struct sg_table *table, unsigned int nents, gfp_t) {
  return allocateTable(table, nents, PINLINT_SITE, "sg_alloc_table()");
}
int sg_alloc_table_from_pages(struct sg_table *sgt, struct page **pages,
                              unsigned int n_pages, unsigned int offset,
                              unsigned long size, gfp_t) {
  Site At = PINLINT_SITE;
  world().check(pages, n_pages * sizeof(*pages), At,
                "sg_alloc_table_from_pages()");
  int Result = allocateTable(sgt, n_pages, At, "sg_alloc_table_from_pages()");
  if (Result)
    return Result;
  for (unsigned I = 0; I != n_pages; ++I) {
    unsigned Room = PageSize - offset;
    unsigned Length = size < Room ? size : Room;
    sg_set_page(&sgt->sgl[I], pages[I], Length, offset);
    size -= Length;
    offset = 0;
  }
  return 0;
}
void sg_free_table(struct sg_table *table) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.check(table, sizeof(*table), At, "sg_free_table()");
  W.free(table->sgl, At, "sg_free_table()");
  table->sgl = nullptr;
}
struct scatterlist *sg_next(struct scatterlist *sg) {
  world().check(sg, sizeof(*sg), PINLINT_SITE, "sg_next()");
  return sg->last ? nullptr : sg + 1;
}

} // extern "C"
