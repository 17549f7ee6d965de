//===- Iommu.h - Translations of device addresses ---------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// An IOMMU domain (struct iommu_domain): what a device's addresses translate
/// to. Rules: include/linux/iommu.h, drivers/iommu/iommu.c.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_RUNTIME_IOMMU_H
#define PINLINT_RUNTIME_IOMMU_H

#include "pinlint/runtime/Choice.h"
#include "pinlint/runtime/PageLedger.h"
#include <map>
#include <set>

namespace pinlint::rt {

enum Protection : unsigned { IommuRead = 1, IommuWrite = 2 };

/// One domain. Thread-safe. The C++ object outlives the domain that it stands
/// for, so that uses after destroy() are noticed and not executed.
class IommuDomain {
public:
  IommuDomain(PageLedger &Ledger, ViolationLog &Log, ChoiceSource &Choices,
              Site Made = Site::here())
      : Ledger(Ledger), Log(Log), Choices(&Choices), Made(Made) {}
  IommuDomain(const IommuDomain &) = delete;
  IommuDomain &operator=(const IommuDomain &) = delete;
  ~IommuDomain();

  /// iommu_map(): maps \p Pages consecutive pages, or nothing.
  /// \returns -EINVAL for unaligned addresses or an empty range, -EADDRINUSE
  ///          where a page is mapped already, -ENOMEM when out of page tables.
  Status map(Iova Start, Pfn First, uint64_t Pages, unsigned Prot,
             Site At = Site::here());
  /// iommu_unmap(): no translation remains cached.
  /// \returns the number of bytes that were mapped, from the start of the range
  ///          up to the first hole, as the kernel does.
  uint64_t unmap(Iova Start, uint64_t Size, Site At = Site::here());
  /// iommu_unmap_fast(): devices may use the old translations until sync().
  uint64_t unmapFast(Iova Start, uint64_t Size, Site At = Site::here());
  /// iommu_iotlb_sync().
  void sync(Site At = Site::here());
  /// iommu_iova_to_phys(), as a page number.
  std::optional<Pfn> translate(Iova Addr, Site At = Site::here()) const;

  /// iommu_attach_device(), iommu_attach_group(): -EBUSY if attached already.
  Status attach(uint64_t Device, Site At = Site::here());
  void detach(uint64_t Device, Site At = Site::here());
  /// iommu_domain_free(). Devices must be detached before: a device that is
  /// still attached goes on translating through freed tables.
  void destroy(Site At = Site::here());

  /// An attached device accesses memory. Faults (returns false) where nothing
  /// is mapped or not with that permission; reports access to a page that
  /// nobody pins any more.
  bool deviceAccess(Iova Addr, bool Write, Site At = Site::here());

  bool alive() const;
  /// Number of pages that translate, or may still do so in a cache.
  uint64_t mappedPages() const;

private:
  struct Entry {
    Pfn Page;
    unsigned Prot;
  };
  bool checkAlive(const char *What, Site At) const;
  uint64_t unmapLocked(Iova Start, uint64_t Size, bool Deferred);
  void syncLocked();

  mutable std::mutex Lock;
  PageLedger &Ledger;
  ViolationLog &Log;
  ChoiceSource *Choices;
  Site Made, Destroyed;
  bool Alive = true;
  std::map<Iova, Entry> Entries;
  /// Unmapped, but perhaps still cached; an address may have been mapped anew.
  std::multimap<Iova, Entry> Cached;
  std::set<uint64_t> Attached;
};

} // namespace pinlint::rt

#endif // PINLINT_RUNTIME_IOMMU_H
