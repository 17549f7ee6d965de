//===- VhostVdpa.cpp - Life cycle of a vhost-vdpa device ------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/VhostVdpa.h"
#include <algorithm>

namespace pinlint::rt {

/// A page of page pointers, as in vhost_vdpa_pa_map().
static constexpr uint64_t BatchPages = PageSize / sizeof(void *);

/// The device, to its domain.
static constexpr uint64_t DeviceId = 1;

Status Iotlb::add(const Entry &E) {
  if (!E.Size || E.Start + E.Size - 1 < E.Start)
    return -EINVAL;
  if (first(E.Start, E.Start + E.Size - 1))
    return -EEXIST;
  Entries[E.Start] = E;
  return 0;
}

const Iotlb::Entry *Iotlb::first(Iova Start, Iova Last) const {
  auto It = Entries.upper_bound(Start);
  if (It != Entries.begin()) {
    const Entry &Before = std::prev(It)->second;
    if (Start - Before.Start < Before.Size)
      return &Before;
  }
  return It != Entries.end() && It->first <= Last ? &It->second : nullptr;
}

VhostVdpa::VhostVdpa(PageLedger &Ledger, ViolationLog &Log,
                     ChoiceSource &Choices)
    : VhostVdpa(Ledger, Log, Choices, Options()) {}

VhostVdpa::VhostVdpa(PageLedger &Ledger, ViolationLog &Log,
                     ChoiceSource &Choices, Options Opts)
    : Ledger(Ledger), Log(Log), Choices(&Choices), Opts(Opts),
      Lock(Log, "the device's lock") {}

Status VhostVdpa::open(Site At) {
  std::lock_guard<CheckedMutex> Guard(Lock);
  if (Open)
    return -EBUSY;
  bool Fails = Choices->choose(2) == 1;
  if (Choices->wantsText())
    Choices->describe(At, Fails ? "allocating the domain fails"
                                : "the domain is allocated");
  if (Fails)
    return -ENOMEM;
  auto New = std::make_unique<IommuDomain>(Ledger, Log, *Choices, At);
  if (Status Error = New->attach(DeviceId, At)) {
    New->destroy(At);
    return Error;
  }
  Domain = std::move(New);
  Open = true;
  return 0;
}

Status VhostVdpa::setOwner(AddressSpace &Process) {
  std::lock_guard<CheckedMutex> Guard(Lock);
  if (!Open)
    return -EBADF;
  if (Owner)
    return -EBUSY;
  Owner = &Process;
  return 0;
}

IommuDomain *VhostVdpa::domainOf(unsigned Asid, Space &S) {
  return Asid ? S.OnDevice.get() : Domain.get();
}

VhostVdpa::Space *VhostVdpa::findOrMake(unsigned Asid, Site At) {
  if (Asid >= Opts.AddressSpaces)
    return nullptr;
  Space &S = Spaces[Asid];
  if (Asid && !S.OnDevice)
    S.OnDevice = std::make_unique<IommuDomain>(Ledger, Log, *Choices, At);
  return &S;
}

Status VhostVdpa::mapChunk(unsigned Asid, Space &S, Iova Start, Pfn First,
                           uint64_t Pages, unsigned Prot, Site At) {
  if (Status Error =
          S.Translations.add({Start, Pages << PageShift, First, Prot}))
    return Error;
  Status Error = domainOf(Asid, S)->map(Start, First, Pages, Prot, At);
  if (!Error)
    Error = Owner->account(static_cast<int64_t>(Pages));
  if (!Error)
    return 0;
  domainOf(Asid, S)->unmap(Start, Pages << PageShift, At);
  S.Translations.remove(Start);
  return Error;
}

Status VhostVdpa::pinAndMap(unsigned Asid, Space &S, Iova Start, uint64_t Size,
                            UserAddr Vaddr, unsigned Prot, Site At) {
  uint64_t Total = Size >> PageShift, Pinned = 0, Mapped = 0;
  if (Owner->accounted() + Total > Owner->lockLimit())
    return -ENOMEM;
  // Pages that are pinned and not mapped yet: consecutive ones, which may
  // stretch over several batches.
  Pfn RunFirst = 0;
  uint64_t RunPages = 0;
  std::vector<Pfn> Batch;
  Status Error = 0;
  while (Pinned != Total && !Error) {
    uint64_t Wanted = std::min(Total - Pinned, BatchPages);
    Batch.assign(Wanted, 0);
    long Got = Owner->gup({Vaddr + (Pinned << PageShift), Wanted, HoldKind::Pin,
                           (Prot & IommuWrite) != 0},
                          Batch, At);
    if (Got != static_cast<long>(Wanted)) {
      if (Got > 0)
        Ledger.releaseAll(std::span(Batch).first(Got), HoldKind::Pin, At);
      Error = Got < 0 ? static_cast<Status>(Got) : -ENOMEM;
      break;
    }
    Pinned += Wanted;
    for (size_t I = 0; I != Batch.size(); ++I) {
      if (RunPages && Batch[I] == RunFirst + RunPages) {
        ++RunPages;
        continue;
      }
      if (RunPages) {
        Error = mapChunk(Asid, S, Start + (Mapped << PageShift), RunFirst,
                         RunPages, Prot, At);
        if (Error) {
          // The rest of this batch belongs to no run.
          Ledger.releaseAll(std::span(Batch).subspan(I), HoldKind::Pin, At);
          break;
        }
        Mapped += RunPages;
      }
      RunFirst = Batch[I];
      RunPages = 1;
    }
  }
  if (!Error)
    Error = mapChunk(Asid, S, Start + (Mapped << PageShift), RunFirst, RunPages,
                     Prot, At);
  if (!Error)
    return 0;
  for (uint64_t I = 0; I != RunPages; ++I)
    Ledger.unpin(RunFirst + I, At);
  if (Mapped)
    unmapRange(Asid, S, Start, Start + (Mapped << PageShift) - 1, At);
  return Error;
}

Status VhostVdpa::update(unsigned Asid, Iova Start, uint64_t Size,
                         UserAddr Vaddr, unsigned Prot, Site At) {
  std::lock_guard<CheckedMutex> Guard(Lock);
  if (!Open || !Owner)
    return -EPERM;
  if (!Size || !isPageAligned(Start | Size | Vaddr) ||
      Start + Size - 1 < Start || Vaddr + Size - 1 < Vaddr)
    return -EINVAL;
  Space *S = findOrMake(Asid, At);
  if (!S)
    return -EINVAL;
  if (S->Translations.first(Start, Start + Size - 1))
    return -EEXIST;
  return pinAndMap(Asid, *S, Start, Size, Vaddr, Prot, At);
}

void VhostVdpa::unmapRange(unsigned Asid, Space &S, Iova Start, Iova Last,
                           Site At) {
  while (const Iotlb::Entry *Found = S.Translations.first(Start, Last)) {
    Iotlb::Entry E = *Found;
    uint64_t Pages = E.Size >> PageShift;
    IommuDomain *D = domainOf(Asid, S);
    if (!mistake(UnpinBeforeUnmap))
      D->unmap(E.Start, E.Size, At);
    Ledger.unpinRange(E.First, Pages, (E.Prot & IommuWrite) != 0, At);
    if (mistake(UnpinBeforeUnmap))
      D->unmap(E.Start, E.Size, At);
    if (Owner)
      Owner->account(-static_cast<int64_t>(Pages));
    S.Translations.remove(E.Start);
  }
}

Status VhostVdpa::invalidate(unsigned Asid, Iova Start, uint64_t Size,
                             Site At) {
  std::lock_guard<CheckedMutex> Guard(Lock);
  auto It = Spaces.find(Asid);
  if (!Open || It == Spaces.end() || !Size || Start + Size - 1 < Start)
    return -EINVAL;
  unmapRange(Asid, It->second, Start, Start + Size - 1, At);
  return 0;
}

bool VhostVdpa::deviceAccess(unsigned Asid, Iova Addr, bool Write, Site At) {
  std::lock_guard<CheckedMutex> Guard(Lock);
  auto It = Spaces.find(Asid);
  if (It == Spaces.end())
    return false;
  IommuDomain *D = domainOf(Asid, It->second);
  return D && D->deviceAccess(Addr, Write, At);
}

void VhostVdpa::freeDomain(Site At) {
  Domain->detach(DeviceId, At);
  Domain->destroy(At);
}

void VhostVdpa::release(Site At) {
  std::lock_guard<CheckedMutex> Guard(Lock);
  if (!Open)
    return;
  if (mistake(FreeDomainFirst))
    freeDomain(At);
  if (!mistake(ReleaseSkipsUnmap))
    for (auto &[Asid, S] : Spaces) {
      Iotlb Before = S.Translations;
      unmapRange(Asid, S, 0, ~Iova(0), At);
      if (mistake(ReleaseKeepsIotlb))
        S.Translations = Before;
    }
  for (auto &[Asid, S] : Spaces)
    if (S.OnDevice)
      S.OnDevice->destroy(At);
  if (!mistake(ReleaseKeepsIotlb))
    Spaces.clear();
  if (!mistake(FreeDomainFirst))
    freeDomain(At);
  Owner = nullptr;
  Open = false;
}

bool VhostVdpa::isOpen() const {
  std::lock_guard<CheckedMutex> Guard(Lock);
  return Open;
}

size_t VhostVdpa::entries() const {
  std::lock_guard<CheckedMutex> Guard(Lock);
  size_t N = 0;
  for (const auto &[Asid, S] : Spaces)
    N += S.Translations.size();
  return N;
}

} // namespace pinlint::rt
