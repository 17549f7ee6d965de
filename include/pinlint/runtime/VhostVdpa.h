//===- VhostVdpa.h - Life cycle of a vhost-vdpa device ----------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A virtio device in hardware (vDPA) that a process uses through vhost: it
/// sends updates of the device's address translations (IOTLB messages), for
/// which its memory is pinned.
///
/// Rules: drivers/vhost/vdpa.c, drivers/vhost/iotlb.c,
/// include/uapi/linux/vhost_types.h.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_RUNTIME_VHOSTVDPA_H
#define PINLINT_RUNTIME_VHOSTVDPA_H

#include "pinlint/runtime/AddressSpace.h"
#include "pinlint/runtime/CheckedMutex.h"
#include "pinlint/runtime/Iommu.h"
#include <memory>

namespace pinlint::rt {

/// Mistakes that were made in code of this kind. For tests.
enum VhostVdpaMistake : unsigned {
  /// Closing the device leaves a killed process's memory pinned and mapped.
  ReleaseSkipsUnmap = 1 << 0,
  /// Closing the device leaves the entries of the IOTLB for the next user.
  ReleaseKeepsIotlb = 1 << 1,
  /// The domain is freed before the mappings in it are undone.
  FreeDomainFirst = 1 << 2,
  /// Pages are unpinned before the device's mappings of them are undone.
  UnpinBeforeUnmap = 1 << 3,
};

/// Translations of one address space (vhost_iotlb): disjoint ranges. Not
/// thread-safe.
class Iotlb {
public:
  struct Entry {
    Iova Start = 0;
    uint64_t Size = 0;
    /// The first of the consecutive pages that the range translates to.
    Pfn First = 0;
    unsigned Prot = 0;
  };

  /// \returns -EINVAL for an empty or wrapping range, -EEXIST if it overlaps
  ///          another.
  Status add(const Entry &E);
  void remove(Iova Start) { Entries.erase(Start); }
  /// The first entry that overlaps [Start, Last] (vhost_iotlb_itree_first()).
  const Entry *first(Iova Start, Iova Last) const;
  size_t size() const { return Entries.size(); }

private:
  std::map<Iova, Entry> Entries;
};

/// The device. Thread-safe.
class VhostVdpa {
public:
  struct Options {
    /// Address spaces of the device. Only the first is translated by the
    /// platform's IOMMU; the others by one on the device.
    unsigned AddressSpaces = 1;
    unsigned Mistakes = 0;
  };

  VhostVdpa(PageLedger &Ledger, ViolationLog &Log, ChoiceSource &Choices);
  VhostVdpa(PageLedger &Ledger, ViolationLog &Log, ChoiceSource &Choices,
            Options Opts);
  VhostVdpa(const VhostVdpa &) = delete;
  VhostVdpa &operator=(const VhostVdpa &) = delete;

  /// open(): takes the device, allocates its domain and attaches it.
  /// \returns -EBUSY while it is open, -ENOMEM or -EBUSY without a domain.
  Status open(Site At = Site::here());
  /// VHOST_SET_OWNER. The process may die before the device is released.
  /// \returns -EBUSY if there is an owner, -EBADF if the device is not open.
  Status setOwner(AddressSpace &Process);

  /// VHOST_IOTLB_UPDATE: pins [\p Vaddr, + \p Size), all bytes, and lets the
  /// device translate \p Start to it. Consecutive pages are mapped as one.
  /// \returns -EINVAL for an empty, unaligned or wrapping range or an address
  ///          space that the device does not have; -EEXIST where something is
  ///          mapped; -ENOMEM beyond the limit on locked memory, if fewer pages
  ///          than needed can be pinned, or from mapping; -EFAULT. In case of
  ///          an error, nothing is pinned or mapped.
  Status update(unsigned Asid, Iova Start, uint64_t Size, UserAddr Vaddr,
                unsigned Prot, Site At = Site::here());
  /// VHOST_IOTLB_INVALIDATE: undoes whatever overlaps the range.
  Status invalidate(unsigned Asid, Iova Start, uint64_t Size,
                    Site At = Site::here());
  /// The device accesses memory.
  bool deviceAccess(unsigned Asid, Iova Addr, bool Write,
                    Site At = Site::here());

  /// release(): the last descriptor is closed, perhaps because the process was
  /// killed. Undoes all mappings, unpins, then frees the domain, in this order
  /// (the domain is needed to undo the mappings).
  void release(Site At = Site::here());

  bool isOpen() const;
  /// Entries of all address spaces.
  size_t entries() const;

private:
  struct Space {
    Iotlb Translations;
    /// Owned for all but the platform's.
    std::unique_ptr<IommuDomain> OnDevice;
  };

  bool mistake(VhostVdpaMistake M) const { return Opts.Mistakes & M; }
  IommuDomain *domainOf(unsigned Asid, Space &S);
  Space *findOrMake(unsigned Asid, Site At);
  Status mapChunk(unsigned Asid, Space &S, Iova Start, Pfn First,
                  uint64_t Pages, unsigned Prot, Site At);
  Status pinAndMap(unsigned Asid, Space &S, Iova Start, uint64_t Size,
                   UserAddr Vaddr, unsigned Prot, Site At);
  void unmapRange(unsigned Asid, Space &S, Iova Start, Iova Last, Site At);
  void freeDomain(Site At);

  PageLedger &Ledger;
  ViolationLog &Log;
  ChoiceSource *Choices;
  Options Opts;
  mutable CheckedMutex Lock;
  bool Open = false;
  AddressSpace *Owner = nullptr;
  /// Kept when freed, so that later uses are noticed.
  std::unique_ptr<IommuDomain> Domain;
  std::map<unsigned, Space> Spaces;
};

} // namespace pinlint::rt

#endif // PINLINT_RUNTIME_VHOSTVDPA_H
