//===- Registry.cpp - The list of checks ----------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Check.h"
#include "DoubleFetch.h"
#include "DoubleFree.h"
#include "Embedded.h"
#include "Leak.h"
#include "MismatchedRelease.h"
#include "OverRelease.h"
#include "PartialPin.h"
#include "StaleState.h"
#include "Suppression.h"
#include "TeardownOrder.h"
#include "UseAfterFree.h"
#include "UseAfterRelease.h"

using namespace pinlint;

namespace {
struct Entry {
  const char *Name;
  const char *Summary;
  std::unique_ptr<Check> (*Create)(Reporter &);
};

template <typename T> std::unique_ptr<Check> create(Reporter &R) {
  return std::make_unique<T>(R);
}
} // namespace

// Sorted by name.
static const Entry Entries[] = {
    {DoubleFetch::Name,
     "user memory that is checked and then read again for use",
     create<DoubleFetch>},
    {DoubleFree::Name, "objects that are freed a second time",
     create<DoubleFree>},
    {Leak::Name, "pins and references that are lost on a path", create<Leak>},
    {MismatchedRelease::Name, "handles given back by another family's release",
     create<MismatchedRelease>},
    {OverRelease::Name, "handles released twice, or more than were obtained",
     create<OverRelease>},
    {PartialPin::Name, "short pins (0 < ret < n) that are forgotten",
     create<PartialPin>},
    {StaleState::Name, "state that a failed function leaves set",
     create<StaleState>},
    {Suppression::Name,
     "comments that silence findings in vain, or without a reason",
     create<Suppression>},
    {TeardownOrder::Name, "things that are taken down in the wrong order",
     create<TeardownOrder>},
    {UseAfterFree::Name, "objects that are used after they were freed",
     create<UseAfterFree>},
    {UseAfterRelease::Name, "pages that are used after they were given back",
     create<UseAfterRelease>},
};

llvm::ArrayRef<CheckInfo> pinlint::allChecks() {
  static const std::vector<CheckInfo> Infos = [] {
    std::vector<CheckInfo> V;
    for (const Entry &E : Entries) {
      // The page pinlint-leak.md would say no more than leak.md.
      llvm::StringRef Page = E.Name;
      Page.consume_front("pinlint-");
      V.push_back({E.Name, E.Summary, embeddedFile(CheckPages, Page)});
    }
    return V;
  }();
  return Infos;
}

bool pinlint::followsLifetimes(llvm::StringRef Name) {
  return Name == DoubleFree::Name || Name == StaleState::Name ||
         Name == TeardownOrder::Name || Name == UseAfterFree::Name ||
         Name == UseAfterRelease::Name;
}

bool pinlint::followsFetches(llvm::StringRef Name) {
  return Name == DoubleFetch::Name;
}

bool pinlint::followsOperations(llvm::StringRef Name) {
  return Name == OverRelease::Name;
}

bool pinlint::followsFlags(llvm::StringRef Name) {
  return Name == StaleState::Name;
}

std::unique_ptr<Check> pinlint::createCheck(llvm::StringRef Name, Reporter &R) {
  for (const Entry &E : Entries)
    if (Name == E.Name)
      return E.Create(R);
  return nullptr;
}
