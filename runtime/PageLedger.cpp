//===- PageLedger.cpp - Reference and pin counts of pages -----------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/PageLedger.h"
#include <algorithm>
#include <cassert>

namespace pinlint::rt {

const char *toString(HoldKind K) {
  switch (K) {
  case HoldKind::Get:
    return "page reference";
  case HoldKind::Pin:
    return "page pin";
  case HoldKind::Alloc:
    return "allocated page";
  }
  return "page";
}

static int64_t weight(HoldKind K) {
  return K == HoldKind::Pin ? PageLedger::PinBias : 1;
}

/// put_page() is right for what get_page() and alloc_page() gave; __free_page()
/// only for the latter.
static bool releases(HoldKind Release, HoldKind Held) {
  return Release == Held ||
         (Release == HoldKind::Get && Held == HoldKind::Alloc);
}

static const char *releaseName(HoldKind K) {
  switch (K) {
  case HoldKind::Get:
    return "put_page()";
  case HoldKind::Pin:
    return "unpin_user_page()";
  case HoldKind::Alloc:
    return "__free_page()";
  }
  return "release";
}

PageLedger::Page *PageLedger::find(Pfn P) {
  if (P < FirstPfn || P - FirstPfn >= Pages.size())
    return nullptr;
  return &Pages[P - FirstPfn];
}

const PageLedger::Page *PageLedger::find(Pfn P) const {
  return const_cast<PageLedger *>(this)->find(P);
}

PageLedger::Page *PageLedger::headOf(Pfn P) {
  Page *Found = find(P);
  return Found ? find(Found->Head) : nullptr;
}

const PageLedger::Page *PageLedger::headOf(Pfn P) const {
  return const_cast<PageLedger *>(this)->headOf(P);
}

Pfn PageLedger::addPage(PageOrigin Origin) { return addCompound(0, Origin); }

Pfn PageLedger::addCompound(unsigned Order, PageOrigin Origin) {
  std::lock_guard<std::mutex> Guard(Lock);
  Pfn First = FirstPfn + Pages.size();
  for (uint64_t I = 0; I != uint64_t(1) << Order; ++I) {
    Page P;
    P.Origin = Origin;
    P.Head = First;
    Pages.push_back(P);
  }
  return First;
}

void PageLedger::dropOwner(Pfn P) {
  std::lock_guard<std::mutex> Guard(Lock);
  Page *Head = headOf(P);
  assert(Head && Head->Owned && "a page has one owner");
  Head->Owned = false;
  --Head->KernelCount;
}

Pfn PageLedger::allocPage(Site At, unsigned Order) {
  Pfn P = addCompound(Order);
  std::lock_guard<std::mutex> Guard(Lock);
  Page *Found = find(P);
  Found->Owned = false;
  Found->KernelCount = 0;
  acquire(P, HoldKind::Alloc, {At});
  return P;
}

void PageLedger::acquire(Pfn P, HoldKind Kind, Acquisition From) {
  Page *Head = headOf(P);
  if (!Head || Head->Origin == PageOrigin::Reserved) {
    Log.report(ViolationKind::WildAccess, toString(Kind),
               "a page frame without a struct page is referenced", From.At);
    return;
  }
  if (Head->Origin == PageOrigin::Zero && Kind == HoldKind::Pin)
    return;
  if (Head->KernelCount <= 0 && !Head->Owned && Kind != HoldKind::Alloc) {
    Log.report(ViolationKind::UseAfterRelease, toString(Kind),
               "a reference is taken on a page that is free", From.At,
               Head->LastReleased);
    return;
  }
  Head->KernelCount += weight(Kind);
  Head->Holds.push_back({Kind, From.Short, From.At});
  if (Observer && Head->Holds.size() == 1)
    Observer(Head->Head, true);
}

void PageLedger::get(Pfn P, Acquisition From) {
  std::lock_guard<std::mutex> Guard(Lock);
  acquire(P, HoldKind::Get, From);
}

void PageLedger::pin(Pfn P, Acquisition From) {
  std::lock_guard<std::mutex> Guard(Lock);
  acquire(P, HoldKind::Pin, From);
}

bool PageLedger::tryGet(Pfn P, Site At) {
  std::lock_guard<std::mutex> Guard(Lock);
  const Page *Head = headOf(P);
  if (!Head || Head->KernelCount <= 0)
    return false;
  acquire(P, HoldKind::Get, {At});
  return true;
}

void PageLedger::dropHold(Page &Head, size_t Index, Site At) {
  Head.Holds.erase(Head.Holds.begin() + Index);
  Head.LastReleased = At;
  if (!Head.Holds.empty())
    return;
  for (Pfn Sub = Head.Head; find(Sub) && find(Sub)->Head == Head.Head; ++Sub) {
    if (!find(Sub)->HardwareMaps)
      continue;
    Log.report(ViolationKind::TeardownOrder, "device mapping",
               "the last hold on a page is given back while a mapping still "
               "leads to it",
               At);
    break;
  }
  if (Observer)
    Observer(Head.Head, false);
}

void PageLedger::releaseLocked(Pfn P, HoldKind Kind, Site At) {
  Page *Head = headOf(P);
  if (!Head || Head->Origin == PageOrigin::Reserved) {
    Log.report(ViolationKind::WildAccess, toString(Kind),
               std::string(releaseName(Kind)) +
                   " on a page frame that has no struct page",
               At);
    return;
  }
  if (Head->Origin == PageOrigin::Zero && Kind == HoldKind::Pin)
    return;
  Head->KernelCount -= weight(Kind);

  auto Matching = [&](auto Good) {
    // The youngest first: a nested acquire is given back before the outer one.
    for (size_t I = Head->Holds.size(); I-- != 0;)
      if (Good(Head->Holds[I].Kind))
        return I;
    return Head->Holds.size();
  };
  size_t Index = Matching([&](HoldKind Held) { return releases(Kind, Held); });
  if (Index != Head->Holds.size()) {
    dropHold(*Head, Index, At);
    return;
  }
  if (!Head->Holds.empty()) {
    Hold Wrong = Head->Holds.back();
    std::string Text = std::string(releaseName(Kind)) + " on a page held as " +
                       toString(Wrong.Kind);
    if (Wrong.Kind == HoldKind::Pin)
      Text += ": the count falls below its pin bias";
    else if (Kind == HoldKind::Pin)
      Text += ": the count underflows";
    Log.report(ViolationKind::MismatchedRelease, toString(Wrong.Kind), Text, At,
               Wrong.Acquired);
    dropHold(*Head, Head->Holds.size() - 1, At);
    return;
  }
  std::string Text =
      std::string(releaseName(Kind)) + (Head->LastReleased.known()
                                            ? " on a page that is held no more"
                                            : " on a page that was never held");
  if (Head->KernelCount < 0)
    Text += ": the count underflows";
  else if (Head->KernelCount == 0 && Head->Owned)
    Text += ": it takes the owner's reference";
  Log.report(ViolationKind::OverRelease, toString(Kind), Text, At,
             Head->LastReleased);
}

void PageLedger::release(Pfn P, HoldKind Kind, Site At) {
  std::lock_guard<std::mutex> Guard(Lock);
  releaseLocked(P, Kind, At);
}

void PageLedger::put(Pfn P, Site At) { release(P, HoldKind::Get, At); }
void PageLedger::unpin(Pfn P, Site At) { release(P, HoldKind::Pin, At); }
void PageLedger::freePage(Pfn P, Site At) { release(P, HoldKind::Alloc, At); }

void PageLedger::releaseAll(std::span<const Pfn> All, HoldKind Kind, Site At) {
  std::lock_guard<std::mutex> Guard(Lock);
  for (Pfn P : All)
    releaseLocked(P, Kind, At);
}

void PageLedger::unpinRange(Pfn First, uint64_t Count, bool Dirty, Site At) {
  std::lock_guard<std::mutex> Guard(Lock);
  for (uint64_t I = 0; I != Count; ++I) {
    if (Page *Head = headOf(First + I); Head && Dirty)
      Head->Dirty = true;
    releaseLocked(First + I, HoldKind::Pin, At);
  }
}

bool PageLedger::use(Pfn P, Site At) {
  std::lock_guard<std::mutex> Guard(Lock);
  const Page *Head = headOf(P);
  if (!Head) {
    Log.report(ViolationKind::WildAccess, "page",
               "a page frame that does not exist is used", At);
    return false;
  }
  if (!Head->Holds.empty() || Head->Origin != PageOrigin::User)
    return true;
  Log.report(ViolationKind::UseAfterRelease, "page",
             Head->LastReleased.known()
                 ? "a page is used after its last release"
                 : "a page is used that nobody holds",
             At, Head->LastReleased);
  return false;
}

bool PageLedger::deviceAccess(Pfn P, Site At) {
  std::lock_guard<std::mutex> Guard(Lock);
  const Page *Head = headOf(P);
  if (Head && Head->Origin != PageOrigin::User)
    return true;
  if (Head &&
      std::any_of(Head->Holds.begin(), Head->Holds.end(),
                  [](const Hold &H) { return H.Kind != HoldKind::Get; }))
    return true;
  Log.report(ViolationKind::UseAfterRelease, "page",
             "a device accesses a page that nobody pins", At,
             Head ? Head->LastReleased : Site());
  return false;
}

void PageLedger::setDirty(Pfn P, Site At) {
  if (!use(P, At))
    return;
  std::lock_guard<std::mutex> Guard(Lock);
  headOf(P)->Dirty = true;
}

bool PageLedger::dirty(Pfn P) const {
  std::lock_guard<std::mutex> Guard(Lock);
  const Page *Head = headOf(P);
  return Head && Head->Dirty;
}

void PageLedger::hardwareMap(Pfn P) {
  std::lock_guard<std::mutex> Guard(Lock);
  // Device memory that the host has no page for may be mapped all the same.
  if (Page *Found = find(P))
    ++Found->HardwareMaps;
}

void PageLedger::hardwareUnmap(Pfn P) {
  std::lock_guard<std::mutex> Guard(Lock);
  if (Page *Found = find(P)) {
    assert(Found->HardwareMaps && "unmapped more often than mapped");
    --Found->HardwareMaps;
  }
}

int64_t PageLedger::kernelCount(Pfn P) const {
  std::lock_guard<std::mutex> Guard(Lock);
  const Page *Head = headOf(P);
  return Head ? Head->KernelCount : 0;
}

bool PageLedger::maybeDmaPinned(Pfn P) const {
  return kernelCount(P) >= PinBias;
}

unsigned PageLedger::holds(Pfn P, HoldKind Kind) const {
  std::lock_guard<std::mutex> Guard(Lock);
  const Page *Head = headOf(P);
  if (!Head)
    return 0;
  return std::count_if(Head->Holds.begin(), Head->Holds.end(),
                       [Kind](const Hold &H) { return H.Kind == Kind; });
}

bool PageLedger::held(Pfn P) const {
  std::lock_guard<std::mutex> Guard(Lock);
  const Page *Head = headOf(P);
  return Head && !Head->Holds.empty();
}

uint64_t PageLedger::totalHolds() const {
  std::lock_guard<std::mutex> Guard(Lock);
  uint64_t N = 0;
  for (const Page &P : Pages)
    N += P.Holds.size();
  return N;
}

bool PageLedger::owned(Pfn P) const {
  std::lock_guard<std::mutex> Guard(Lock);
  const Page *Head = headOf(P);
  return Head && Head->Owned;
}

PageOrigin PageLedger::origin(Pfn P) const {
  std::lock_guard<std::mutex> Guard(Lock);
  const Page *Found = find(P);
  return Found ? Found->Origin : PageOrigin::Reserved;
}

bool PageLedger::valid(Pfn P) const {
  std::lock_guard<std::mutex> Guard(Lock);
  const Page *Found = find(P);
  return Found && Found->Origin != PageOrigin::Reserved;
}

Pfn PageLedger::head(Pfn P) const {
  std::lock_guard<std::mutex> Guard(Lock);
  const Page *Found = find(P);
  return Found ? Found->Head : P;
}

uint64_t PageLedger::size() const {
  std::lock_guard<std::mutex> Guard(Lock);
  return Pages.size();
}

std::vector<PageLedger::Outstanding> PageLedger::outstanding() const {
  std::lock_guard<std::mutex> Guard(Lock);
  std::vector<Outstanding> All;
  for (const Page &P : Pages)
    for (const Hold &H : P.Holds) {
      auto Same = std::find_if(All.begin(), All.end(), [&](const auto &O) {
        return O.Kind == H.Kind && O.Short == H.Short &&
               O.Acquired == H.Acquired;
      });
      if (Same == All.end())
        Same = All.insert(All.end(), {H.Kind, H.Acquired, H.Short, {}});
      Same->Pages.push_back(P.Head);
    }
  return All;
}

size_t PageLedger::reportLeaks() {
  size_t N = 0;
  for (const Outstanding &O : outstanding()) {
    N += O.Pages.size();
    Log.report(O.Short ? ViolationKind::PartialLeak : ViolationKind::Leak,
               toString(O.Kind),
               std::to_string(O.Pages.size()) + " " + toString(O.Kind) +
                   (O.Pages.size() == 1 ? " is" : "s are") +
                   " never given back",
               O.Acquired, O.Acquired);
  }
  return N;
}

void PageLedger::observeHolds(std::function<void(Pfn, bool)> F) {
  std::lock_guard<std::mutex> Guard(Lock);
  Observer = std::move(F);
}

} // namespace pinlint::rt
