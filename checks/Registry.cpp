//===- Registry.cpp - The list of checks ----------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Check.h"
#include "Leak.h"
#include "MismatchedRelease.h"
#include "OverRelease.h"
#include "PartialPin.h"

using namespace pinlint;

namespace {
struct Entry {
  CheckInfo Info;
  std::unique_ptr<Check> (*Create)(Reporter &);
};

template <typename T> std::unique_ptr<Check> create(Reporter &R) {
  return std::make_unique<T>(R);
}
} // namespace

// Sorted by name.
static const Entry Entries[] = {
    {{Leak::Name, "pins and references that are lost on a path", ""},
     create<Leak>},
    {{MismatchedRelease::Name, "handles given back by another family's release",
      ""},
     create<MismatchedRelease>},
    {{OverRelease::Name, "handles released twice, or more than were obtained",
      ""},
     create<OverRelease>},
    {{PartialPin::Name, "short pins (0 < ret < n) that are forgotten", ""},
     create<PartialPin>},
};

llvm::ArrayRef<CheckInfo> pinlint::allChecks() {
  static const std::vector<CheckInfo> Infos = [] {
    std::vector<CheckInfo> V;
    for (const Entry &E : Entries)
      V.push_back(E.Info);
    return V;
  }();
  return Infos;
}

std::unique_ptr<Check> pinlint::createCheck(llvm::StringRef Name, Reporter &R) {
  for (const Entry &E : Entries)
    if (Name == E.Info.Name)
      return E.Create(R);
  return nullptr;
}
