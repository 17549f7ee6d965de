//===- DmaMap.cpp - Mappings of user memory for devices -------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/DmaMap.h"
#include <algorithm>
#include <cassert>

namespace pinlint::rt {

/// Page numbers that one call to pin takes at most: a page of pointers
/// (VFIO_BATCH_MAX_CAPACITY), so that user space cannot make the kernel
/// allocate by the size of its mapping.
static constexpr uint64_t BatchPages = PageSize / sizeof(void *);

/// Notifications after which a driver that keeps its pages pinned is broken
/// (vfio_dma_do_unmap()).
static constexpr unsigned MaxNotifications = 10;

UnmapListener::~UnmapListener() = default;

DmaMap::DmaMap(AddressSpace &Process, ViolationLog &Log)
    : DmaMap(Process, Log, Options()) {}

DmaMap::DmaMap(AddressSpace &Process, ViolationLog &Log, Options Opts)
    : Process(Process), Ledger(Process.ledger()), Log(Log), Opts(Opts),
      Lock(Log, "the container's lock"),
      ListenerLock(Log, "the listeners' lock") {}

DmaMap::~DmaMap() {
  if (!Released)
    release();
}

// Lookups --------------------------------------------------------------------

DmaMap::RangeMap::iterator DmaMap::rangeAt(Iova Addr) {
  auto It = Ranges.upper_bound(Addr);
  if (It == Ranges.begin())
    return Ranges.end();
  --It;
  return Addr - It->first < It->second.Size ? It : Ranges.end();
}

bool DmaMap::bisects(Iova Start, Iova Last) {
  auto First = rangeAt(Start);
  if (First != Ranges.end() && First->first != Start)
    return true;
  auto End = rangeAt(Last);
  return End != Ranges.end() && End->first + (End->second.Size - 1) != Last;
}

bool DmaMap::anyDomain() const {
  return std::any_of(Groups.begin(), Groups.end(),
                     [](const auto &E) { return E.second.Domain != nullptr; });
}

// Pinning and mapping for an IOMMU -------------------------------------------

/// Maps consecutive pages in one domain, or in all, or in none.
Status DmaMap::mapRun(Iova Addr, Pfn First, uint64_t Pages, const Range &R,
                      IommuDomain *Only, Site At) {
  if (Only)
    return Only->map(Addr, First, Pages, R.Prot, At);
  for (auto It = Groups.begin(); It != Groups.end(); ++It) {
    if (!It->second.Domain)
      continue;
    Status Error = It->second.Domain->map(Addr, First, Pages, R.Prot, At);
    if (!Error)
      continue;
    while (It != Groups.begin())
      if (--It; It->second.Domain)
        It->second.Domain->unmap(Addr, Pages << PageShift, At);
    return Error;
  }
  return 0;
}

Status DmaMap::pinAndMap(Iova Start, Range &R, IommuDomain *Only, bool TakePins,
                         Site At) {
  uint64_t Total = pagesOf(R), Done = 0;
  std::vector<Pfn> Batch;
  Status Error = 0;
  while (Done != Total && !Error) {
    uint64_t Wanted = std::min(Total - Done, BatchPages);
    Batch.assign(Wanted, 0);
    bool Device = false;
    if (TakePins) {
      long Got = Process.gup({R.Vaddr + (Done << PageShift), Wanted,
                              HoldKind::Pin, (R.Prot & IommuWrite) != 0},
                             Batch, At);
      if (Got <= 0) {
        // Device memory has no pages to pin; it is mapped as it is.
        auto Page = Process.follow(R.Vaddr + (Done << PageShift));
        if (!Page || Ledger.origin(*Page) != PageOrigin::Reserved) {
          Error = Got ? static_cast<Status>(Got) : -EFAULT;
          break;
        }
        Device = true;
        Batch[0] = *Page;
        Got = 1;
      }
      Batch.resize(Got);
    } else {
      // Pinned for another domain already, which knows the pages.
      const IommuDomain *Known = nullptr;
      for (const auto &[G, S] : Groups)
        if (S.Domain && S.Domain.get() != Only)
          Known = S.Domain.get();
      assert(Known && "somebody has taken the pins");
      for (uint64_t I = 0; I != Wanted; ++I)
        Batch[I] =
            Known->translate(Start + ((Done + I) << PageShift)).value_or(0);
    }

    for (size_t I = 0; I != Batch.size() && !Error;) {
      size_t End = I + 1;
      while (End != Batch.size() && Batch[End] == Batch[I] + (End - I))
        ++End;
      Iova Addr = Start + (Done << PageShift);
      int64_t Count = 0;
      if (TakePins && !Device)
        for (size_t P = 0; P != End - I; ++P)
          Count += !R.Pins.count(Addr + (P << PageShift));
      Error = Process.account(Count);
      if (!Error) {
        Error = mapRun(Addr, Batch[I], End - I, R, Only, At);
        if (Error)
          Process.account(-Count);
      }
      if (Error && TakePins && !Device)
        Ledger.releaseAll(std::span(Batch).subspan(I), HoldKind::Pin, At);
      if (!Error)
        Done += End - I;
      I = End;
    }
  }
  if (Error)
    unmapAndUnpin(Start, R, Only, Done << PageShift, TakePins, At);
  return Error;
}

void DmaMap::unmapAndUnpin(Iova Start, Range &R, IommuDomain *Only,
                           uint64_t Bytes, bool DropPins, Site At) {
  if (!Bytes)
    return;
  // The domains know which pages were pinned; all of them must forget before
  // the pins go.
  std::vector<Pfn> Pages;
  for (const auto &[G, S] : Groups) {
    IommuDomain *D = S.Domain.get();
    if (!D || (Only && D != Only))
      continue;
    if (DropPins && Pages.empty())
      for (uint64_t Offset = 0; Offset != Bytes; Offset += PageSize)
        Pages.push_back(D->translate(Start + Offset).value_or(0));
    D->unmap(Start, Bytes, At);
  }
  int64_t Count = 0;
  for (size_t I = 0; I != Pages.size(); ++I) {
    if (Ledger.origin(Pages[I]) == PageOrigin::Reserved)
      continue;
    Ledger.unpin(Pages[I], At);
    Count += !R.Pins.count(Start + (I << PageShift));
  }
  Process.account(-Count);
}

// Groups ---------------------------------------------------------------------

Status DmaMap::attachGroup(Group G, bool BehindIommu, Site At) {
  std::lock_guard<CheckedMutex> Guard(Lock);
  if (Groups.count(G))
    return -EEXIST;
  if (!BehindIommu) {
    Groups[G].PinnedScope = true;
    return 0;
  }
  bool First = !anyDomain();
  auto Domain =
      std::make_unique<IommuDomain>(Ledger, Log, Process.choices(), At);
  if (Status Error = Domain->attach(G, At)) {
    Domain->destroy(At);
    return Error;
  }
  IommuDomain *D = Domain.get();
  Groups[G].Domain = std::move(Domain);
  Status Error = 0;
  auto It = Ranges.begin();
  for (; It != Ranges.end(); ++It)
    if ((Error = pinAndMap(It->first, It->second, D, First, At)))
      break;
  if (!Error) {
    for (auto &[Start, R] : Ranges)
      R.IommuMapped = true;
    return 0;
  }
  while (It != Ranges.begin()) {
    --It;
    unmapAndUnpin(It->first, It->second, D, It->second.Size, First, At);
  }
  D->detach(G, At);
  D->destroy(At);
  Groups.erase(G);
  return Error;
}

void DmaMap::detachGroup(Group G, Site At) {
  std::lock_guard<CheckedMutex> Guard(Lock);
  auto It = Groups.find(G);
  if (It == Groups.end())
    return;
  bool NotPinnedScope = !It->second.PinnedScope;
  IommuDomain *D = It->second.Domain.get();
  if (mistake(DetachDropsAll) || Groups.size() == 1) {
    dropAllRanges(At);
  } else if (D) {
    bool Last = std::count_if(Groups.begin(), Groups.end(), [](auto &E) {
                  return E.second.Domain != nullptr;
                }) == 1;
    for (auto &[Start, R] : Ranges) {
      unmapAndUnpin(Start, R, D, R.Size, /*DropPins=*/Last, At);
      if (Last)
        R.IommuMapped = false;
    }
  }
  if (D) {
    D->detach(G, At);
    D->destroy(At);
  }
  Groups.erase(It);
  // What the group could write unseen is dirty, whoever is left.
  if (Tracking && NotPinnedScope)
    for (auto &[Start, R] : Ranges)
      if (R.Dirty)
        R.Dirty->set(0, R.Dirty->size());
}

// Mapping --------------------------------------------------------------------

Status DmaMap::map(Iova Start, UserAddr Vaddr, uint64_t Size, unsigned Prot,
                   Site At) {
  std::lock_guard<CheckedMutex> Guard(Lock);
  if (!(Prot & (IommuRead | IommuWrite)) ||
      (Prot & ~unsigned(IommuRead | IommuWrite)))
    return -EINVAL;
  if (!Size || ((Size | Start | Vaddr) & (granule() - 1)))
    return -EINVAL;
  if (Start + Size - 1 < Start || Vaddr + Size - 1 < Vaddr)
    return -EINVAL;
  auto Next = Ranges.lower_bound(Start);
  if (rangeAt(Start) != Ranges.end() ||
      (Next != Ranges.end() && Next->first <= Start + Size - 1))
    return -EEXIST;
  if (Ranges.size() >= Opts.MaxRanges)
    return -ENOSPC;

  auto It = Ranges.try_emplace(Start).first;
  Range &R = It->second;
  R.Size = Size;
  R.Vaddr = Vaddr;
  R.Prot = Prot;
  Status Error = 0;
  if (anyDomain()) {
    Error = pinAndMap(Start, R, nullptr, /*TakePins=*/true, At);
    R.IommuMapped = !Error;
  }
  if (!Error && Tracking)
    Error = allocateDirty(Start, R, At);
  if (Error)
    removeRange(It, At);
  return Error;
}

void DmaMap::removeRange(RangeMap::iterator It, Site At) {
  Range &R = It->second;
  for (auto &[Addr, Pin] : R.Pins) {
    Log.report(ViolationKind::Leak, "page pin",
               "a driver keeps a page pinned whose range goes away", Pin.At,
               Pin.At);
    Ledger.unpin(Pin.Page, At);
  }
  if (!R.IommuMapped)
    Process.account(-static_cast<int64_t>(R.Pins.size()));
  R.Pins.clear();
  if (R.IommuMapped)
    unmapAndUnpin(It->first, R, nullptr, R.Size, /*DropPins=*/true, At);
  Ranges.erase(It);
}

void DmaMap::dropAllRanges(Site At) {
  while (!Ranges.empty())
    removeRange(Ranges.begin(), At);
}

/// Tells the listeners, without the lock: the ranges may be others afterwards.
void DmaMap::notify(Iova Start, uint64_t Size,
                    std::unique_lock<CheckedMutex> &Guard) {
  if (mistake(NotifyUnderLock)) {
    for (UnmapListener *L : std::vector(Listeners))
      L->dmaUnmap(Start, Size);
    return;
  }
  Guard.unlock();
  {
    // Listeners take the container's lock below this one; nobody may take them
    // in the other order.
    std::lock_guard<CheckedMutex> ListenerGuard(ListenerLock);
    for (UnmapListener *L : std::vector(Listeners))
      L->dmaUnmap(Start, Size);
  }
  Guard.lock();
}

DmaMap::UnmapResult DmaMap::unmap(Iova Start, uint64_t Size,
                                  DirtyRequest *Dirty, Site At) {
  if (!Size || ((Start | Size) & (granule() - 1)) || Start + Size - 1 < Start)
    return {-EINVAL, 0};
  return unmapRanges(Start, Start + Size - 1, Dirty, At);
}

DmaMap::UnmapResult DmaMap::unmapAll(Site At) {
  return unmapRanges(0, ~Iova(0), nullptr, At);
}

DmaMap::UnmapResult DmaMap::unmapRanges(Iova Start, Iova Last,
                                        DirtyRequest *Dirty, Site At) {
  std::unique_lock<CheckedMutex> Guard(Lock);
  if (Dirty && (!Tracking || !validRequest(*Dirty)))
    return {-EINVAL, 0};
  if (Dirty)
    std::fill(Dirty->Bitmap.begin(), Dirty->Bitmap.end(), 0);
  UnmapResult Result;
  Iova Notified = 0;
  unsigned Notifications = 0;
  while (true) {
    // Checked anew after each notification, when others could map and unmap.
    if (bisects(Start, Last)) {
      Result.Error = -EINVAL;
      return Result;
    }
    auto It = Ranges.lower_bound(Start);
    if (It == Ranges.end() || It->first > Last)
      return Result;
    Range &R = It->second;
    if (!R.Pins.empty() && !mistake(NotifyAfterUnpin)) {
      if (Notified != It->first || !Notifications)
        Notifications = 0;
      Notified = It->first;
      if (Notifications++ < MaxNotifications) {
        notify(It->first, R.Size, Guard);
        continue;
      }
      Log.report(ViolationKind::Bug, "page pin",
                 "a driver was told of an unmap and keeps its pages pinned", At,
                 R.Pins.begin()->second.At);
    }
    Iova RangeStart = It->first;
    uint64_t RangeSize = R.Size;
    bool LateNotice = !R.Pins.empty() && mistake(NotifyAfterUnpin);
    for (auto &[Addr, Pin] : R.Pins)
      Ledger.unpin(Pin.Page, At);
    if (!R.IommuMapped)
      Process.account(-static_cast<int64_t>(R.Pins.size()));
    R.Pins.clear();
    if (Dirty)
      collect(*Dirty, RangeStart, R, At);
    removeRange(It, At);
    Result.Size += RangeSize;
    if (LateNotice)
      notify(RangeStart, RangeSize, Guard);
  }
}

void DmaMap::release(Site At) {
  std::unique_lock<CheckedMutex> Guard(Lock);
  Released = true;
  // One notice each; a driver that ignores it has leaked its pins, which
  // removeRange() reports.
  std::vector<std::pair<Iova, uint64_t>> Pinned;
  for (auto &[Start, R] : Ranges)
    if (!R.Pins.empty())
      Pinned.push_back({Start, R.Size});
  for (auto [Start, Size] : Pinned)
    notify(Start, Size, Guard);
  dropAllRanges(At);
  for (auto &[G, S] : Groups) {
    if (!S.Domain)
      continue;
    S.Domain->detach(G, At);
    S.Domain->destroy(At);
  }
  Groups.clear();
  Tracking = false;
}

// Pins of drivers ------------------------------------------------------------

void DmaMap::registerListener(UnmapListener *L) {
  std::lock_guard<CheckedMutex> ListenerGuard(ListenerLock);
  std::lock_guard<CheckedMutex> Guard(Lock);
  Listeners.push_back(L);
}

void DmaMap::unregisterListener(UnmapListener *L) {
  std::lock_guard<CheckedMutex> ListenerGuard(ListenerLock);
  std::lock_guard<CheckedMutex> Guard(Lock);
  std::erase(Listeners, L);
}

Status DmaMap::pinOne(RangeMap::iterator It, Iova Addr, unsigned Prot, Pfn &Out,
                      Site At) {
  if (It == Ranges.end())
    return -EINVAL;
  Range &R = It->second;
  if ((R.Prot & Prot) != Prot)
    return -EPERM;
  auto Known = R.Pins.find(Addr);
  if (Known != R.Pins.end()) {
    if (!mistake(NoPinCount))
      ++Known->second.Count;
    Out = Known->second.Page;
    return 0;
  }
  UserAddr Vaddr = R.Vaddr + (Addr - It->first);
  long Got = Process.gup({Vaddr, 1, HoldKind::Pin, (R.Prot & IommuWrite) != 0},
                         std::span(&Out, 1), At);
  if (Got != 1)
    return Got < 0 ? static_cast<Status>(Got) : -EFAULT;
  // Behind an IOMMU, the page is counted for its mapping already.
  if (!R.IommuMapped && Process.account(1)) {
    Ledger.unpin(Out, At);
    return -ENOMEM;
  }
  R.Pins[Addr] = {Out, 1, At};
  if (R.Dirty)
    R.Dirty->set((Addr - It->first) / granule());
  return 0;
}

void DmaMap::unpinOne(RangeMap::iterator It, Iova Addr, Site At) {
  auto Fail = [&] {
    Log.report(ViolationKind::OverRelease, "page pin",
               "a page is unpinned that is not pinned through the container",
               At);
  };
  if (It == Ranges.end())
    return Fail();
  Range &R = It->second;
  auto Pin = R.Pins.find(Addr);
  if (Pin == R.Pins.end())
    return Fail();
  if (--Pin->second.Count)
    return;
  Ledger.unpin(Pin->second.Page, At);
  R.Pins.erase(Pin);
  if (!R.IommuMapped)
    Process.account(-1);
}

long DmaMap::pinPages(Group G, Iova Start, unsigned Count, unsigned Prot,
                      std::span<Pfn> Pages, Site At) {
  assert(Pages.size() >= Count && "the array holds all pages");
  std::lock_guard<CheckedMutex> Guard(Lock);
  if (Count > MaxPinPages)
    return -E2BIG;
  auto Owner = Groups.find(G);
  if (Owner == Groups.end() || Listeners.empty())
    return -EINVAL;
  Start &= ~(PageSize - 1);
  for (unsigned I = 0; I != Count; ++I) {
    Iova Addr = Start + I * PageSize;
    Status Error = pinOne(rangeAt(Addr), Addr, Prot, Pages[I], At);
    if (!Error)
      continue;
    for (unsigned J = 0; J != I; ++J)
      unpinOne(rangeAt(Start + J * PageSize), Start + J * PageSize, At);
    return Error;
  }
  // From here on the group is known to pin what it uses.
  Owner->second.PinnedScope = true;
  return Count;
}

void DmaMap::unpinPages(Iova Start, unsigned Count, Site At) {
  std::lock_guard<CheckedMutex> Guard(Lock);
  Start &= ~(PageSize - 1);
  for (unsigned I = 0; I != Count; ++I)
    unpinOne(rangeAt(Start + I * PageSize), Start + I * PageSize, At);
}

Status DmaMap::unpinHostPages(std::span<const Pfn> Pages, Site At) {
  std::lock_guard<CheckedMutex> Guard(Lock);
  if (mistake(TrustVendorPages)) {
    Ledger.releaseAll(Pages, HoldKind::Pin, At);
    return 0;
  }
  std::vector<std::pair<RangeMap::iterator, Iova>> Found;
  std::map<Iova, unsigned> Taken;
  for (Pfn P : Pages) {
    auto Before = Found.size();
    for (auto It = Ranges.begin(); It != Ranges.end(); ++It)
      for (auto &[Addr, Pin] : It->second.Pins)
        if (Found.size() == Before && Pin.Page == P &&
            Taken[Addr] < Pin.Count) {
          ++Taken[Addr];
          Found.push_back({It, Addr});
        }
    if (Found.size() == Before)
      return -EINVAL;
  }
  for (auto &[It, Addr] : Found)
    unpinOne(It, Addr, At);
  return 0;
}

// Accesses -------------------------------------------------------------------

Status DmaMap::readWrite(Iova Start, void *Data, uint64_t Size, bool Write,
                         Site At) {
  std::lock_guard<CheckedMutex> Guard(Lock);
  auto *Bytes = static_cast<uint8_t *>(Data);
  while (Size) {
    auto It = rangeAt(Start);
    if (It == Ranges.end())
      return -EINVAL;
    Range &R = It->second;
    if (!(R.Prot & (Write ? IommuWrite : IommuRead)))
      return -EPERM;
    uint64_t Offset = Start - It->first;
    uint64_t Part = std::min(Size, R.Size - Offset);
    UserMemory &Memory = Process.memory();
    if (Write ? Memory.store(R.Vaddr + Offset, Bytes, Part, At)
              : Memory.fetch(Bytes, R.Vaddr + Offset, Part, At))
      return -EFAULT;
    if (Write && R.Dirty)
      R.Dirty->set(Offset / granule(),
                   (Offset + Part - 1) / granule() - Offset / granule() + 1);
    Start += Part;
    Bytes += Part;
    Size -= Part;
  }
  return 0;
}

bool DmaMap::deviceAccess(Group G, Iova Addr, bool Write, Site At) {
  std::lock_guard<CheckedMutex> Guard(Lock);
  auto It = Groups.find(G);
  return It != Groups.end() && It->second.Domain &&
         It->second.Domain->deviceAccess(Addr, Write, At);
}

size_t DmaMap::ranges() const {
  std::lock_guard<CheckedMutex> Guard(Lock);
  return Ranges.size();
}

size_t DmaMap::driverPins() const {
  std::lock_guard<CheckedMutex> Guard(Lock);
  size_t N = 0;
  for (const auto &[Start, R] : Ranges)
    N += R.Pins.size();
  return N;
}

} // namespace pinlint::rt
