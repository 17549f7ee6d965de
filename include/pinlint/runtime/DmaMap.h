//===- DmaMap.h - Mappings of user memory for devices -----------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A VFIO container with the semantics of the type1 IOMMU driver, version 2.
///
/// User space maps ranges of its memory at device addresses (iovas). Groups of
/// devices are attached to the container. A group behind an IOMMU needs every
/// mapped page pinned, as it may access them at any time; the driver of an
/// emulated group (a mediated device) pins single pages when it needs them, and
/// must unpin them when user space unmaps their range.
///
/// Rules: include/uapi/linux/vfio.h, Documentation/driver-api/vfio.rst,
/// drivers/vfio/vfio_iommu_type1.c.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_RUNTIME_DMAMAP_H
#define PINLINT_RUNTIME_DMAMAP_H

#include "pinlint/runtime/AddressSpace.h"
#include "pinlint/runtime/CheckedMutex.h"
#include "pinlint/runtime/DirtyBitmap.h"
#include "pinlint/runtime/Iommu.h"
#include <memory>

namespace pinlint::rt {

/// The driver of an emulated device. Told before a range with pages that it
/// pinned goes away; called without the container's lock, so that it can call
/// DmaMap::unpinPages(), which it must for each of its pages in the range.
class UnmapListener {
public:
  virtual ~UnmapListener();
  /// \param Size in bytes.
  virtual void dmaUnmap(Iova Start, uint64_t Size) = 0;
};

/// Mistakes that were made in code of this kind, to show that the ledger, or a
/// comparison with the right answer, catches them. For tests.
enum DmaMapMistake : unsigned {
  /// The listener is told after the pages are unpinned: meanwhile the device
  /// goes on using them.
  NotifyAfterUnpin = 1 << 0,
  /// The listener is called with the lock held that unpinning needs.
  NotifyUnderLock = 1 << 1,
  /// Detaching one group drops what the others have mapped and pinned.
  DetachDropsAll = 1 << 2,
  /// Pages to unpin are taken as page numbers from the driver, unchecked.
  TrustVendorPages = 1 << 3,
  /// No count per iova: the first of several unpins unpins.
  NoPinCount = 1 << 4,
  /// Bit 0 of a query stands for iova 0, not for the start of the request.
  BitsFromZero = 1 << 5,
  /// The end of the bits to report is only set where a pinned page lies in the
  /// request, and keeps an old value otherwise.
  StaleBitLimit = 1 << 6,
  /// Tracking counts as on although a bitmap could not be allocated.
  StartKeepsTracking = 1 << 7,
  /// Stopping does not look whether tracking is on.
  StopFreesTwice = 1 << 8,
  /// A range whose bits begin in the middle of a word overwrites that word.
  MergeOverwrites = 1 << 9,
  /// Bits are not cleared after a query.
  KeepStaleBits = 1 << 10,
};

/// A container. Thread-safe: all functions may be called at any time, also from
/// an UnmapListener; only the order of locks is the caller's: a listener must
/// not be unregistered from within its own notification.
class DmaMap {
public:
  struct Options {
    /// Page sizes that the IOMMU supports, one bit each (pgsize_bitmap).
    uint64_t PageSizes = PageSize;
    /// dma_entry_limit.
    unsigned MaxRanges = 65535;
    unsigned Mistakes = 0;
  };
  using Group = unsigned;
  /// Pages of one call to pin: a page of page numbers
  /// (VFIO_PIN_PAGES_MAX_ENTRIES). Who needs more calls again.
  static constexpr unsigned MaxPinPages = PageSize / sizeof(Pfn);

  DmaMap(AddressSpace &Process, ViolationLog &Log);
  DmaMap(AddressSpace &Process, ViolationLog &Log, Options Opts);
  DmaMap(const DmaMap &) = delete;
  DmaMap &operator=(const DmaMap &) = delete;
  /// Releases the container, if that was not done.
  ~DmaMap();

  /// VFIO_GROUP_SET_CONTAINER. For a group behind an IOMMU, all existing ranges
  /// are pinned and mapped.
  /// \returns -EEXIST if attached already, -ENOMEM, -EFAULT or -EBUSY from
  ///          pinning, mapping and attaching; then nothing has changed.
  Status attachGroup(Group G, bool BehindIommu, Site At = Site::here());
  /// With the last group behind an IOMMU, its pins go; with the last group, all
  /// ranges.
  void detachGroup(Group G, Site At = Site::here());

  /// VFIO_IOMMU_MAP_DMA. \p Size in bytes.
  /// \returns -EINVAL for an empty or unaligned range, one that wraps around or
  ///          no permission; -EEXIST if it overlaps another; -ENOSPC beyond
  ///          MaxRanges; -ENOMEM, -EFAULT from pinning, mapping and accounting.
  Status map(Iova Start, UserAddr Vaddr, uint64_t Size, unsigned Prot,
             Site At = Site::here());

  /// Where dirty bits of a range are to be stored.
  struct DirtyRequest {
    Iova Start = 0;
    uint64_t Size = 0;
    /// Bytes per bit; must be the smallest supported page size.
    uint64_t BytesPerBit = PageSize;
    /// Bit i is the page at Start + i * BytesPerBit.
    std::span<uint64_t> Bitmap;
  };
  struct UnmapResult {
    Status Error = 0;
    /// Bytes that were unmapped, also in case of an error.
    uint64_t Size = 0;
  };
  /// VFIO_IOMMU_UNMAP_DMA: removes all ranges within the given one.
  /// \param Dirty if given, receives the dirty bits of the removed pages.
  /// \returns -EINVAL if unaligned, empty or wrapping, or if it would cut a
  ///          range in two; then nothing was unmapped.
  UnmapResult unmap(Iova Start, uint64_t Size, DirtyRequest *Dirty = nullptr,
                    Site At = Site::here());
  /// VFIO_DMA_UNMAP_FLAG_ALL.
  UnmapResult unmapAll(Site At = Site::here());

  /// vfio_register_emulated_iommu_dev(), vfio_unregister_group_dev().
  void registerListener(UnmapListener *L);
  void unregisterListener(UnmapListener *L);

  /// vfio_pin_pages(): pins \p Count consecutive pages for the driver of \p G.
  /// The first pin of a page pins it; each needs an unpin.
  /// \param Pages receives the page numbers; at least \p Count entries.
  /// \returns \p Count; -E2BIG beyond MaxPinPages; -EINVAL without a listener
  /// or where nothing is mapped,
  ///          -EPERM without the permission, -ENOMEM beyond the limit on locked
  ///          memory, -EFAULT; in case of an error, nothing is pinned.
  long pinPages(Group G, Iova Start, unsigned Count, unsigned Prot,
                std::span<Pfn> Pages, Site At = Site::here());
  /// vfio_unpin_pages(). Pages that were not pinned are a mistake of the
  /// caller's, and reported.
  void unpinPages(Iova Start, unsigned Count, Site At = Site::here());
  /// Unpins by page numbers, for callers that only know those. Refuses, with
  /// -EINVAL, numbers that nobody pinned through this container.
  Status unpinHostPages(std::span<const Pfn> Pages, Site At = Site::here());

  /// VFIO_IOMMU_DIRTY_PAGES_FLAG_START: from now on, pages that are pinned or
  /// written are remembered. \returns -ENOMEM, and stays off, if a bitmap
  /// cannot be allocated; -EALREADY if tracking is on.
  Status startDirtyTracking(Site At = Site::here());
  /// \returns -EINVAL if tracking is off.
  Status stopDirtyTracking(Site At = Site::here());
  /// VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP: the pages that devices may have
  /// written since the last query; bits of unmapped addresses are zero.
  /// \returns -EINVAL if tracking is off or the request is not valid, -EFAULT
  /// if
  ///          the bitmap cannot be stored, and then nothing is forgotten.
  Status getDirty(const DirtyRequest &Request, Site At = Site::here());
  bool tracking() const;

  /// vfio_dma_rw(): the CPU accesses memory on behalf of an emulated device.
  /// \returns -EINVAL where nothing is mapped, -EPERM, -EFAULT.
  Status readWrite(Iova Start, void *Data, uint64_t Size, bool Write,
                   Site At = Site::here());
  /// A device of the group accesses memory through its IOMMU.
  bool deviceAccess(Group G, Iova Addr, bool Write, Site At = Site::here());

  /// The last file descriptor is closed: notifies the listeners, reports what
  /// their drivers leaked, and gives everything back.
  void release(Site At = Site::here());

  /// Number of ranges, and of pages that drivers have pinned.
  size_t ranges() const;
  size_t driverPins() const;

private:
  struct DriverPin {
    Pfn Page = 0;
    unsigned Count = 0;
    Site At;
  };
  struct Range {
    uint64_t Size = 0;
    UserAddr Vaddr = 0;
    unsigned Prot = 0;
    bool IommuMapped = false;
    std::map<Iova, DriverPin> Pins;
    std::unique_ptr<DirtyBitmap> Dirty;
    /// Only with StopFreesTwice: what a dangling pointer would tell.
    bool DirtyFreed = false;
  };
  using RangeMap = std::map<Iova, Range>;
  struct GroupState {
    std::unique_ptr<IommuDomain> Domain;
    /// The driver pins what it uses, so that only those pages can be dirty.
    bool PinnedScope = false;
  };

  bool mistake(DmaMapMistake M) const { return Opts.Mistakes & M; }
  uint64_t granule() const { return Opts.PageSizes & -Opts.PageSizes; }
  RangeMap::iterator rangeAt(Iova Addr);
  /// Whether a range begins before or ends after an edge that it contains.
  bool bisects(Iova Start, Iova Last);
  bool anyDomain() const;
  uint64_t pagesOf(const Range &R) const { return R.Size >> PageShift; }

  Status pinAndMap(Iova Start, Range &R, IommuDomain *Only, bool TakePins,
                   Site At);
  void unmapAndUnpin(Iova Start, Range &R, IommuDomain *Only, uint64_t Bytes,
                     bool DropPins, Site At);
  Status mapRun(Iova At, Pfn First, uint64_t Pages, const Range &R,
                IommuDomain *Only, Site From);
  Status pinOne(RangeMap::iterator It, Iova Addr, unsigned Prot, Pfn &Out,
                Site At);
  void unpinOne(RangeMap::iterator It, Iova Addr, Site At);
  void notify(Iova Start, uint64_t Size, std::unique_lock<CheckedMutex> &Guard);
  void removeRange(RangeMap::iterator It, Site At);
  void dropAllRanges(Site At);
  UnmapResult unmapRanges(Iova Start, Iova Last, DirtyRequest *Dirty, Site At);

  Status allocateDirty(Iova Start, Range &R, Site At);
  void freeDirty(Range &R, Site At);
  bool allDirty(const Range &R) const;
  void repopulate(Iova Start, Range &R);
  bool validRequest(const DirtyRequest &Request) const;
  void collect(const DirtyRequest &Request, Iova Start, Range &R, Site At);

  AddressSpace &Process;
  PageLedger &Ledger;
  ViolationLog &Log;
  Options Opts;
  mutable CheckedMutex Lock;
  CheckedMutex ListenerLock;
  RangeMap Ranges;
  std::map<Group, GroupState> Groups;
  std::vector<UnmapListener *> Listeners;
  bool Tracking = false;
  bool Released = false;
  /// Only with StaleBitLimit: what a variable on the stack would keep.
  uint64_t LastBitLimit = ~uint64_t(0);
};

} // namespace pinlint::rt

#endif // PINLINT_RUNTIME_DMAMAP_H
