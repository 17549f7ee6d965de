//===- AddressSpace.cpp - The pages of a user process ---------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/AddressSpace.h"
#include <cassert>

namespace pinlint::rt {

const AddressSpace::Vma *AddressSpace::find(UserAddr Addr) const {
  auto It = Vmas.upper_bound(Addr);
  if (It == Vmas.begin())
    return nullptr;
  --It;
  return Addr - It->first < It->second.Pages * PageSize ? &It->second : nullptr;
}

UserAddr AddressSpace::map(uint64_t Pages, VmaKind Kind, UserAddr At) {
  assert(Pages && isPageAligned(At) && "mappings consist of whole pages");
  std::lock_guard<std::mutex> Guard(Lock);
  if (!At) {
    // A hole on either side, so that running off an end is noticed.
    At = Next;
    Next += (Pages + 1) * PageSize;
  }
  Vmas[At] = {Pages, Kind};
  return At;
}

void AddressSpace::unmap(UserAddr Start, uint64_t Pages) {
  std::lock_guard<std::mutex> Guard(Lock);
  Vmas.erase(Start);
  auto It = Present.lower_bound(Start);
  while (It != Present.end() && It->first < Start + Pages * PageSize) {
    if (It->second != ZeroPage)
      Ledger.dropOwner(It->second);
    It = Present.erase(It);
  }
}

void AddressSpace::exit() {
  std::lock_guard<std::mutex> Guard(Lock);
  Alive = false;
  Vmas.clear();
  for (auto &[Addr, Page] : Present)
    if (Page != ZeroPage)
      Ledger.dropOwner(Page);
  Present.clear();
}

bool AddressSpace::alive() const {
  std::lock_guard<std::mutex> Guard(Lock);
  return Alive;
}

Pfn AddressSpace::fault(UserAddr Addr, const Vma &V, bool Write) {
  auto [It, New] = Present.try_emplace(Addr, 0);
  if (V.Kind == VmaKind::ReadZero && (New || It->second == ZeroPage)) {
    if (!ZeroPage)
      ZeroPage = Ledger.addPage(PageOrigin::Zero);
    It->second = Write ? Ledger.addPage() : ZeroPage;
    return It->second;
  }
  if (!New)
    return It->second;
  if (V.Kind == VmaKind::Scattered)
    Ledger.addPage(PageOrigin::Kernel);
  It->second = Ledger.addPage(V.Kind == VmaKind::Device ? PageOrigin::Reserved
                                                        : PageOrigin::User);
  return It->second;
}

long AddressSpace::gup(const GupRequest &Request, std::span<Pfn> Out, Site At) {
  assert(Out.size() >= Request.Pages && "the array holds all pages");
  std::lock_guard<std::mutex> Guard(Lock);
  if (!Request.Pages)
    return 0;
  UserAddr Start = Request.Start & ~(PageSize - 1);
  uint64_t Available = 0;
  while (Available != Request.Pages) {
    const Vma *V = find(Start + Available * PageSize);
    if (!V || V->Kind == VmaKind::Device)
      break;
    ++Available;
  }
  if (!Available)
    return -EFAULT;

  // Full, an error, one page, all but one page, nothing yet.
  uint64_t N = Request.Pages;
  int64_t Results[5] = {static_cast<int64_t>(Available), -EFAULT};
  unsigned Count = 2;
  if (Available == N) {
    if (N > 1)
      Results[Count++] = 1;
    if (N > 2)
      Results[Count++] = static_cast<int64_t>(N) - 1;
  }
  if (!Request.Fast)
    Results[Count++] = 0;
  int64_t Result = Results[Choices->choose(Count)];
  if (Choices->wantsText())
    Choices->describe(At, Result == -EFAULT
                              ? "no page can be had: -EFAULT"
                              : std::to_string(Result) + " of " +
                                    std::to_string(N) +
                                    (Request.Kind == HoldKind::Pin
                                         ? " pages are pinned"
                                         : " pages are referenced"));
  for (int64_t I = 0; I < Result; ++I) {
    UserAddr Addr = Start + I * PageSize;
    Out[I] = fault(Addr, *find(Addr), Request.Write);
    Acquisition From = {At, static_cast<uint64_t>(Result) < N};
    if (Request.Kind == HoldKind::Pin)
      Ledger.pin(Out[I], From);
    else
      Ledger.get(Out[I], From);
  }
  return Result;
}

std::optional<Pfn> AddressSpace::follow(UserAddr Addr) {
  std::lock_guard<std::mutex> Guard(Lock);
  const Vma *V = find(Addr);
  if (!V)
    return std::nullopt;
  return fault(Addr & ~(PageSize - 1), *V, false);
}

Status AddressSpace::account(int64_t Pages) {
  std::lock_guard<std::mutex> Guard(Lock);
  if (Pages > 0 && Accounted + Pages > static_cast<int64_t>(LockLimit))
    return -ENOMEM;
  Accounted += Pages;
  return 0;
}

int64_t AddressSpace::accounted() const {
  std::lock_guard<std::mutex> Guard(Lock);
  return Accounted;
}

} // namespace pinlint::rt
