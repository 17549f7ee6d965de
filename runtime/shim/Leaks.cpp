//===- Leaks.cpp - What a program still holds at its end ------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// As in a leak sanitizer, what the caller or a global variable can still find
/// is not lost. Unlike there, a program that returns an error must not have
/// kept anything: its caller takes an error for "nothing happened".
///
//===----------------------------------------------------------------------===//

#include "World.h"
#include <algorithm>
#include <cstring>

namespace pinlint::rt::shim {

World::Reach World::scan(std::vector<Root> Todo) {
  Reach R;
  // Objects of the environment outlive the program, and may keep its own: a
  // device's driver data, a file's private data.
  for (auto &[Page, O] : Space.Memory.objects())
    if (O.Environment && O.Live)
      Todo.push_back({O.Start, O.Size});
  auto PageOf = [this](uintptr_t V) -> Pfn {
    if (Space.Descriptors.contains(V))
      return PageLedger::FirstPfn + (V - Space.Descriptors.base()) / PageSize;
    if (Space.Contents.contains(V))
      return PageLedger::FirstPfn + (V - Space.Contents.base()) / PageSize;
    // Drivers also keep page frame numbers and physical addresses.
    for (Pfn P : {Pfn(V), Pfn(V >> PageShift)})
      if (P >= PageLedger::FirstPfn && P - PageLedger::FirstPfn < Ledger.size())
        return P;
    return 0;
  };
  while (!Todo.empty()) {
    Root Next = Todo.back();
    Todo.pop_back();
    // An object of the caller that the program has freed.
    if (HeapObject *O = find(reinterpret_cast<const void *>(Next.Start));
        O && !O->Live)
      continue;
    uintptr_t Addr = (Next.Start + 7) & ~uintptr_t(7);
    for (; Addr + 8 <= Next.Start + Next.Size; Addr += 8) {
      uintptr_t V;
      std::memcpy(&V, reinterpret_cast<const void *>(Addr), sizeof(V));
      if (!V)
        continue;
      R.Values.insert(V);
      if (Pfn P = PageOf(V))
        R.Pages.insert(Ledger.head(P));
      HeapObject *O = find(reinterpret_cast<const void *>(V));
      if (O && O->Live && V >= O->Start && V <= O->Start + O->Size &&
          R.Objects.insert(O->Start).second)
        Todo.push_back({O->Start, O->Size});
    }
  }
  return R;
}

void World::reportPageLeaks(const Reach &R, bool Failed) {
  for (const PageLedger::Outstanding &O : Ledger.outstanding()) {
    size_t Lost = 0, Kept = 0;
    bool PreviousFound = false;
    Pfn Previous = 0;
    for (Pfn P : O.Pages) {
      // A range is kept by its first page frame and a count.
      bool Found = R.Pages.count(P) || (PreviousFound && P == Previous + 1);
      ++(Found ? Kept : Lost);
      PreviousFound = Found;
      Previous = P;
    }
    if (!Lost && !(Failed && Kept))
      continue;
    size_t N = Failed ? O.Pages.size() : Lost;
    std::string Text =
        std::to_string(N) + " " + toString(O.Kind) +
        (N == 1 ? " is" : "s are") +
        (Lost ? " never given back" : " kept although an error is returned");
    report(O.Short ? ViolationKind::PartialLeak : ViolationKind::Leak,
           toString(O.Kind), Text, O.Acquired, O.Acquired);
  }
}

void World::reportObjectLeaks(const Reach &R, bool Failed) {
  for (auto &[Page, O] : Space.Memory.objects()) {
    if (O.Environment || !O.Live || R.Objects.count(O.Start) ||
        References.count(reinterpret_cast<const void *>(O.Start)))
      continue;
    // Where the object counts its references, one of those was lost.
    Site Acquired = O.Made;
    const char *What = O.What;
    for (auto &[Kref, Gets] : Krefs)
      if (reinterpret_cast<uintptr_t>(Kref) - O.Start < O.Size &&
          !Gets.empty()) {
        Acquired = Gets.back();
        What = "reference";
      }
    report(ViolationKind::Leak, What,
           std::string(What) + " is never given back", Acquired, O.Made);
  }
  for (auto &[P, Ref] : References) {
    if (Ref.Holds.empty())
      continue;
    bool Kept = R.Objects.count(reinterpret_cast<uintptr_t>(P));
    if (Kept && !Failed)
      continue;
    report(ViolationKind::Leak, Ref.What,
           std::string("a reference on ") + Ref.What +
               (Kept ? " is kept although an error is returned"
                     : " is never given back"),
           Ref.Holds.back(), Ref.Holds.back());
  }
  for (auto &[Address, M] : DmaMappings)
    if (!R.Values.count(Address))
      report(ViolationKind::Leak, "dma mapping",
             "a mapping for a device is never undone", M.At, M.At);
}

void World::reportLeaks(const std::vector<Root> &Roots, bool Failed) {
  Reach R = scan(Roots);
  reportPageLeaks(R, Failed);
  reportObjectLeaks(R, Failed);
  for (auto &[Lock, At] : HeldLocks)
    report(ViolationKind::LockImbalance, "lock", "a lock is never given back",
           At, At);
}

} // namespace pinlint::rt::shim
