//===- main.cpp - A program that uses the installed runtime ---------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include <cstdio>
#include <pinlint/runtime/DmaMap.h>

using namespace pinlint::rt;

int main() {
  ViolationLog Log;
  PageLedger Ledger(Log);
  AlwaysOrdinary Choices;
  AddressSpace Process(Ledger, Choices);
  UserAddr Memory = Process.map(4);

  DmaMap Map(Process, Log);
  if (Map.attachGroup(1, /*BehindIommu=*/true) ||
      Map.map(0x100000, Memory, 4 * PageSize, IommuRead | IommuWrite))
    return 1;
  std::printf("%llu pages are pinned\n",
              static_cast<unsigned long long>(Ledger.totalHolds()));
  Map.release();
  return Ledger.reportLeaks() != 0 || !Log.empty();
}
