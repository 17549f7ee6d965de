//===- Tables.cpp - The shim's IOTLB and TCE tables -----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "World.h"
#include "pinlint/shim/asm/iommu.h"
#include "pinlint/shim/linux/vhost_iotlb.h"

using namespace pinlint::rt;
using namespace pinlint::rt::shim;

/// A region that user space has registered: pinned as a whole while used.
struct mm_iommu_table_group_mem_t {
  uint64_t UserStart;
  uint64_t Entries;
  int64_t Used;
  /// One more than the number of table entries that lead here; zero once the
  /// region is being given up (arch/powerpc/mm/book3s64/iommu_api.c).
  int64_t Mapped;
  Pfn Pages[];
};
using Region = mm_iommu_table_group_mem_t;

static Region *lookUp(uint64_t Start, uint64_t Size, bool Exactly) {
  for (auto &[Page, O] : world().Space.Memory.objects()) {
    if (!O.Live || O.What != std::string_view("registered memory"))
      continue;
    auto *R = reinterpret_cast<Region *>(O.Start);
    if (Exactly ? R->UserStart == Start && R->Entries * PageSize == Size
                : Start >= R->UserStart && Size <= R->Entries * PageSize &&
                      Start - R->UserStart <= R->Entries * PageSize - Size)
      return R;
  }
  return nullptr;
}

extern "C" {

long mm_iommu_new(struct mm_struct *mm, unsigned long ua, unsigned long entries,
                  struct mm_iommu_table_group_mem_t **pmem) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.use(mm, At, "mm_iommu_new()");
  W.observe(At, 2, entries);
  if (!entries || entries > Arena::MaxPages)
    return -EINVAL;
  if (W.fails(At, "mm_iommu_new()", "-ENOMEM"))
    return -ENOMEM;
  auto *R = reinterpret_cast<Region *>(W.allocate(
      sizeof(Region) + entries * sizeof(Pfn), At, "registered memory", 0));
  long Got = W.Process.gup({ua, entries, HoldKind::Pin, true, /*Fast=*/true},
                           std::span(R->Pages, entries), At);
  if (Got != static_cast<long>(entries)) {
    if (Got > 0)
      W.Ledger.releaseAll(std::span<const Pfn>(R->Pages, Got), HoldKind::Pin,
                          At);
    W.free(R, At, "mm_iommu_new()");
    return -EFAULT;
  }
  R->UserStart = ua;
  R->Entries = entries;
  R->Used = R->Mapped = 1;
  *pmem = R;
  return 0;
}
struct mm_iommu_table_group_mem_t *
mm_iommu_get(struct mm_struct *mm, unsigned long ua, unsigned long entries) {
  world().use(mm, PINLINT_SITE, "mm_iommu_get()");
  Region *R = lookUp(ua, entries * PageSize, /*Exactly=*/true);
  if (R)
    ++R->Used;
  return R;
}
long mm_iommu_put(struct mm_struct *mm, struct mm_iommu_table_group_mem_t *R) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.use(mm, At, "mm_iommu_put()");
  W.check(R, sizeof(*R), At, "mm_iommu_put()");
  if (R->Used > 1) {
    --R->Used;
    return 0;
  }
  if (R->Mapped != 1)
    return -EBUSY;
  W.Ledger.releaseAll(std::span<const Pfn>(R->Pages, R->Entries), HoldKind::Pin,
                      At);
  W.free(R, At, "mm_iommu_put()");
  return 0;
}
struct mm_iommu_table_group_mem_t *
mm_iommu_lookup(struct mm_struct *mm, unsigned long ua, unsigned long size) {
  world().use(mm, PINLINT_SITE, "mm_iommu_lookup()");
  return lookUp(ua, size, /*Exactly=*/false);
}
long mm_iommu_ua_to_hpa(struct mm_iommu_table_group_mem_t *R, unsigned long ua,
                        unsigned int pageshift, unsigned long *hpa) {
  world().check(R, sizeof(*R), PINLINT_SITE, "mm_iommu_ua_to_hpa()");
  uint64_t Entry = (ua - R->UserStart) / PageSize;
  if (Entry >= R->Entries || pageshift > PageShift)
    return -EFAULT;
  *hpa = (R->Pages[Entry] << PageShift) | (ua & ~PAGE_MASK);
  return 0;
}
long mm_iommu_mapped_inc(struct mm_iommu_table_group_mem_t *R) {
  world().check(R, sizeof(*R), PINLINT_SITE, "mm_iommu_mapped_inc()");
  if (!R->Mapped)
    return -ENXIO;
  ++R->Mapped;
  return 0;
}
void mm_iommu_mapped_dec(struct mm_iommu_table_group_mem_t *R) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.check(R, sizeof(*R), At, "mm_iommu_mapped_dec()");
  if (R->Mapped <= 1) {
    W.report(ViolationKind::OverRelease, "registered memory",
             "mm_iommu_mapped_dec() without an entry that leads here", At);
    return;
  }
  --R->Mapped;
}

struct iommu_table *pinlint_iommu_table(unsigned long entries) {
  World &W = world();
  auto *Table = W.environment<iommu_table>("TCE table");
  Table->it_size = entries;
  Table->it_page_shift = PageShift;
  W.TceTables[Table].resize(entries);
  return Table;
}
long iommu_tce_xchg_no_kill(struct mm_struct *mm, struct iommu_table *tbl,
                            unsigned long entry, unsigned long *hpa,
                            enum dma_data_direction *direction) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.use(mm, At, "iommu_tce_xchg_no_kill()");
  W.observe(At, 2, entry);
  W.observe(At, 3, *hpa);
  W.observe(At, 4, *direction);
  auto It = W.TceTables.find(tbl);
  if (It == W.TceTables.end() || entry >= It->second.size())
    return -EINVAL;
  if (*direction != DMA_NONE && W.fails(At, "iommu_tce_xchg_no_kill()", "-EIO"))
    return -EIO;
  World::TceEntry &E = It->second[entry];
  World::TceEntry Old = E;
  E = {*hpa, *direction};
  if (E.Direction != DMA_NONE)
    W.Ledger.hardwareMap(E.Address >> PageShift);
  if (Old.Direction != DMA_NONE)
    W.Ledger.hardwareUnmap(Old.Address >> PageShift);
  *hpa = Old.Address;
  *direction = static_cast<dma_data_direction>(Old.Direction);
  return 0;
}
void iommu_tce_kill(struct iommu_table *, unsigned long, unsigned long) {}

// IOTLB ----------------------------------------------------------------------

static void initialise(vhost_iotlb *T, unsigned Limit) {
  T->list.next = T->list.prev = &T->list;
  T->limit = Limit;
  T->nmaps = 0;
}

static vhost_iotlb_map *firstIn(vhost_iotlb *T, uint64_t Start, uint64_t Last) {
  for (list_head *E = T->list.next; E != &T->list; E = E->next) {
    auto *M = container_of(E, vhost_iotlb_map, link);
    if (M->start <= Last && M->last >= Start)
      return M;
  }
  return nullptr;
}

static void remove(vhost_iotlb *T, vhost_iotlb_map *M, Site At,
                   const char *Function) {
  World &W = world();
  W.check(M, sizeof(*M), At, Function);
  M->link.prev->next = M->link.next;
  M->link.next->prev = M->link.prev;
  --T->nmaps;
  W.free(M, At, Function);
}

static int add(vhost_iotlb *T, uint64_t Start, uint64_t Last, uint64_t Addr,
               unsigned Perm, void *Opaque, Site At, const char *Function) {
  World &W = world();
  W.observe(At, 1, Start);
  W.observe(At, 2, Last);
  W.check(T, sizeof(*T), At, Function);
  if (Last < Start)
    return -EFAULT;
  if (W.fails(At, Function, "-ENOMEM"))
    return -ENOMEM;
  auto *M = reinterpret_cast<vhost_iotlb_map *>(
      W.allocate(sizeof(vhost_iotlb_map), At, "iotlb entry", 0));
  M->start = Start;
  M->last = Last;
  M->size = Last - Start + 1;
  M->addr = Addr;
  M->perm = Perm;
  M->opaque = Opaque;
  M->link.prev = T->list.prev;
  M->link.next = &T->list;
  T->list.prev->next = &M->link;
  T->list.prev = &M->link;
  ++T->nmaps;
  return 0;
}

struct vhost_iotlb *vhost_iotlb_alloc(unsigned int limit, unsigned int) {
  World &W = world();
  Site At = PINLINT_SITE;
  if (W.fails(At, "vhost_iotlb_alloc()", "NULL"))
    return nullptr;
  auto *T = reinterpret_cast<vhost_iotlb *>(
      W.allocate(sizeof(vhost_iotlb), At, "iotlb", 0));
  initialise(T, limit);
  return T;
}
void vhost_iotlb_init(struct vhost_iotlb *iotlb, unsigned int limit,
                      unsigned int) {
  world().check(iotlb, sizeof(*iotlb), PINLINT_SITE, "vhost_iotlb_init()");
  initialise(iotlb, limit);
}
void vhost_iotlb_reset(struct vhost_iotlb *iotlb) {
  Site At = PINLINT_SITE;
  world().check(iotlb, sizeof(*iotlb), At, "vhost_iotlb_reset()");
  while (vhost_iotlb_map *M = firstIn(iotlb, 0, ~0ULL))
    remove(iotlb, M, At, "vhost_iotlb_reset()");
}
void vhost_iotlb_free(struct vhost_iotlb *iotlb) {
  if (!iotlb)
    return;
  Site At = PINLINT_SITE;
  world().check(iotlb, sizeof(*iotlb), At, "vhost_iotlb_free()");
  while (vhost_iotlb_map *M = firstIn(iotlb, 0, ~0ULL))
    remove(iotlb, M, At, "vhost_iotlb_free()");
  world().free(iotlb, At, "vhost_iotlb_free()");
}
int vhost_iotlb_add_range_ctx(struct vhost_iotlb *iotlb, u64 start, u64 last,
                              u64 addr, unsigned int perm, void *opaque) {
  return add(iotlb, start, last, addr, perm, opaque, PINLINT_SITE,
             "vhost_iotlb_add_range_ctx()");
}
int vhost_iotlb_add_range(struct vhost_iotlb *iotlb, u64 start, u64 last,
                          u64 addr, unsigned int perm) {
  return add(iotlb, start, last, addr, perm, nullptr, PINLINT_SITE,
             "vhost_iotlb_add_range()");
}
void vhost_iotlb_del_range(struct vhost_iotlb *iotlb, u64 start, u64 last) {
  Site At = PINLINT_SITE;
  world().check(iotlb, sizeof(*iotlb), At, "vhost_iotlb_del_range()");
  while (vhost_iotlb_map *M = firstIn(iotlb, start, last))
    remove(iotlb, M, At, "vhost_iotlb_del_range()");
}
struct vhost_iotlb_map *vhost_iotlb_itree_first(struct vhost_iotlb *iotlb,
                                                u64 start, u64 last) {
  world().check(iotlb, sizeof(*iotlb), PINLINT_SITE,
                "vhost_iotlb_itree_first()");
  return firstIn(iotlb, start, last);
}
void vhost_iotlb_map_free(struct vhost_iotlb *iotlb,
                          struct vhost_iotlb_map *map) {
  Site At = PINLINT_SITE;
  world().check(iotlb, sizeof(*iotlb), At, "vhost_iotlb_map_free()");
  remove(iotlb, map, At, "vhost_iotlb_map_free()");
}

} // extern "C"
