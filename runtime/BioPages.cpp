//===- BioPages.cpp - Pages of a block I/O request ------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/BioPages.h"

namespace pinlint::rt {

long BioPages::addUser(UserAddr Start, uint64_t Count, bool Write, Site At) {
  std::vector<Pfn> Numbers(Count);
  long Got = Process.gup({Start, Count, HoldKind::Pin, Write, /*Fast=*/true},
                         Numbers, At);
  for (long I = 0; I < Got; ++I)
    Pages.push_back({Numbers[I], BioPageOrigin::Pinned});
  return Got;
}

void BioPages::addReferenced(Pfn Page, Site At) {
  Process.ledger().get(Page, {At});
  Pages.push_back({Page, BioPageOrigin::Referenced});
}

void BioPages::addLent(Pfn Page) {
  Pages.push_back({Page, BioPageOrigin::Lent});
}

bool BioPages::transfer(Site At) {
  bool InOrder = true;
  for (const Entry &E : Pages)
    InOrder &= Process.ledger().use(E.Page, At);
  return InOrder;
}

void BioPages::release(bool Dirty, Site At) {
  PageLedger &Ledger = Process.ledger();
  for (const Entry &E : Pages) {
    BioPageOrigin Origin = E.Origin;
    if (Mistakes & ReleaseAllAsPinned)
      Origin = BioPageOrigin::Pinned;
    if (Mistakes & ReleaseAllAsReferenced)
      Origin = BioPageOrigin::Referenced;
    if (Origin == BioPageOrigin::Lent)
      continue;
    if (Dirty && Ledger.held(E.Page))
      Ledger.setDirty(E.Page, At);
    Ledger.release(
        E.Page, Origin == BioPageOrigin::Pinned ? HoldKind::Pin : HoldKind::Get,
        At);
  }
}

void BioPages::complete(bool Dirty, Site At) {
  release(Dirty, At);
  if (Mistakes & ReleaseTwice)
    release(Dirty, At);
  Pages.clear();
}

} // namespace pinlint::rt
