//===- Iommu.cpp - Translations of device addresses -----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/Iommu.h"

namespace pinlint::rt {

IommuDomain::~IommuDomain() {
  syncLocked();
  for (auto &[Addr, E] : Entries)
    Ledger.hardwareUnmap(E.Page);
}

bool IommuDomain::checkAlive(const char *What, Site At) const {
  if (Alive)
    return true;
  Log.report(ViolationKind::UseAfterFree, "iommu domain",
             std::string(What) + " on an IOMMU domain that was freed", At,
             Destroyed);
  return false;
}

Status IommuDomain::map(Iova Start, Pfn First, uint64_t Pages, unsigned Prot,
                        Site At) {
  std::lock_guard<std::mutex> Guard(Lock);
  if (!checkAlive("iommu_map()", At))
    return -ENODEV;
  uint64_t Size = Pages * PageSize;
  if (!Pages || !isPageAligned(Start) || Pages > (~uint64_t(0) >> PageShift) ||
      Start + Size - 1 < Start)
    return -EINVAL;
  auto It = Entries.lower_bound(Start);
  if (It != Entries.end() && It->first <= Start + Size - 1)
    return -EADDRINUSE;
  bool Fails = Choices->choose(2) == 1;
  if (Choices->wantsText())
    Choices->describe(At, Fails ? "mapping for the device fails: -ENOMEM"
                                : std::to_string(Pages) +
                                      " pages are mapped for the device");
  if (Fails)
    return -ENOMEM;
  for (uint64_t I = 0; I != Pages; ++I) {
    Entries[Start + I * PageSize] = {First + I, Prot};
    Ledger.hardwareMap(First + I);
  }
  return 0;
}

uint64_t IommuDomain::unmapLocked(Iova Start, uint64_t Size, bool Deferred) {
  uint64_t Done = 0;
  auto It = Entries.find(Start);
  while (Done < Size && It != Entries.end() && It->first == Start + Done) {
    if (Deferred)
      Cached.insert(*It);
    else
      Ledger.hardwareUnmap(It->second.Page);
    It = Entries.erase(It);
    Done += PageSize;
  }
  return Done;
}

void IommuDomain::syncLocked() {
  for (auto &[Addr, E] : Cached)
    Ledger.hardwareUnmap(E.Page);
  Cached.clear();
}

uint64_t IommuDomain::unmap(Iova Start, uint64_t Size, Site At) {
  std::lock_guard<std::mutex> Guard(Lock);
  if (!checkAlive("iommu_unmap()", At))
    return 0;
  uint64_t Done = unmapLocked(Start, Size, /*Deferred=*/false);
  syncLocked();
  return Done;
}

uint64_t IommuDomain::unmapFast(Iova Start, uint64_t Size, Site At) {
  std::lock_guard<std::mutex> Guard(Lock);
  if (!checkAlive("iommu_unmap_fast()", At))
    return 0;
  return unmapLocked(Start, Size, /*Deferred=*/true);
}

void IommuDomain::sync(Site At) {
  std::lock_guard<std::mutex> Guard(Lock);
  if (checkAlive("iommu_iotlb_sync()", At))
    syncLocked();
}

std::optional<Pfn> IommuDomain::translate(Iova Addr, Site At) const {
  std::lock_guard<std::mutex> Guard(Lock);
  if (!checkAlive("iommu_iova_to_phys()", At))
    return std::nullopt;
  auto It = Entries.find(Addr & ~(PageSize - 1));
  if (It == Entries.end())
    return std::nullopt;
  return It->second.Page;
}

Status IommuDomain::attach(uint64_t Device, Site At) {
  std::lock_guard<std::mutex> Guard(Lock);
  if (!checkAlive("attaching a device", At))
    return -ENODEV;
  if (Attached.count(Device))
    return -EBUSY;
  bool Fails = Choices->choose(2) == 1;
  if (Choices->wantsText())
    Choices->describe(At, Fails ? "the device cannot be attached: -EBUSY"
                                : "the device is attached to the domain");
  if (Fails)
    return -EBUSY;
  Attached.insert(Device);
  return 0;
}

void IommuDomain::detach(uint64_t Device, Site At) {
  std::lock_guard<std::mutex> Guard(Lock);
  if (checkAlive("detaching a device", At))
    Attached.erase(Device);
}

void IommuDomain::destroy(Site At) {
  std::lock_guard<std::mutex> Guard(Lock);
  if (!Alive) {
    Log.report(ViolationKind::DoubleFree, "iommu domain",
               "an IOMMU domain is freed twice", At, Destroyed);
    return;
  }
  if (!Attached.empty())
    Log.report(ViolationKind::TeardownOrder, "iommu domain",
               "an IOMMU domain is freed while a device is attached", At, Made);
  syncLocked();
  for (auto &[Addr, E] : Entries)
    Ledger.hardwareUnmap(E.Page);
  Entries.clear();
  Attached.clear();
  Alive = false;
  Destroyed = At;
}

bool IommuDomain::deviceAccess(Iova Addr, bool Write, Site At) {
  std::lock_guard<std::mutex> Guard(Lock);
  Iova Base = Addr & ~(PageSize - 1);
  const Entry *Found = nullptr;
  if (auto It = Entries.find(Base); It != Entries.end())
    Found = &It->second;
  else if (auto Old = Cached.find(Base); Old != Cached.end())
    Found = &Old->second;
  if (!Found || !(Found->Prot & (Write ? IommuWrite : IommuRead)))
    return false;
  return Ledger.deviceAccess(Found->Page, At);
}

bool IommuDomain::alive() const {
  std::lock_guard<std::mutex> Guard(Lock);
  return Alive;
}

uint64_t IommuDomain::mappedPages() const {
  std::lock_guard<std::mutex> Guard(Lock);
  return Entries.size() + Cached.size();
}

} // namespace pinlint::rt
