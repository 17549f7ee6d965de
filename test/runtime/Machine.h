//===- Machine.h - What the runtime's tests run on
//---------------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TEST_RUNTIME_MACHINE_H
#define PINLINT_TEST_RUNTIME_MACHINE_H

#include "pinlint/runtime/AddressSpace.h"
#include "pinlint/runtime/Explorer.h"
#include <gtest/gtest.h>

namespace pinlint::rt {

/// Pages and one process.
struct Machine {
  explicit Machine(ChoiceSource &Choices,
                   uint64_t Limit = AddressSpace::DefaultLockLimit)
      : Ledger(Log), Process(Ledger, Choices, Limit) {}
  Machine() : Machine(Ordinary) {}

  AlwaysOrdinary Ordinary;
  ViolationLog Log;
  PageLedger Ledger;
  AddressSpace Process;

  /// Nothing was misused, and nothing is held.
  ::testing::AssertionResult clean() {
    if (!Log.empty())
      return ::testing::AssertionFailure() << toString(Log.all().front());
    if (uint64_t N = Ledger.totalHolds())
      return ::testing::AssertionFailure() << N << " holds are left";
    if (Process.accounted())
      return ::testing::AssertionFailure()
             << Process.accounted() << " pages are still accounted";
    return ::testing::AssertionSuccess();
  }
};

/// Runs \p Program under every combination of outcomes and expects that all
/// were seen.
template <typename F> unsigned exploreFully(F Program) {
  ExploreLimits Limits;
  Limits.MaxRuns = 200000;
  ExploreResult R = explore(Limits, [&](ScriptedChoices &C) {
    Program(C);
    if (::testing::Test::HasFailure())
      ADD_FAILURE() << "trace " << toString(C.taken());
  });
  EXPECT_TRUE(R.Exhaustive);
  return R.Runs;
}

} // namespace pinlint::rt

#endif // PINLINT_TEST_RUNTIME_MACHINE_H
