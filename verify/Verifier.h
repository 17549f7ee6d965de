//===- Verifier.h - Run entry functions under every outcome -----*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Explores the outcomes of everything fallible that an entry function does,
/// and says what went wrong in which run.
///
/// A **double fetch** is seen as follows. Each run either is consistent (no
/// byte of user memory read differently in two fetches) or not. If a use sees a
/// value in an inconsistent run that it sees in no consistent run, then a check
/// exists that keeps that value away, and fetching again went around it.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_VERIFY_VERIFIER_H
#define PINLINT_VERIFY_VERIFIER_H

#include "../runtime/shim/World.h"
#include "Program.h"
#include "pinlint/runtime/Explorer.h"
#include <set>

namespace pinlint::verify {

/// A violation and the first run that showed it.
struct FoundViolation {
  rt::Violation What;
  rt::Trace Shown;
};

struct FunctionResult {
  /// Why the function was not run; empty if it was.
  std::string NotRun;
  rt::ExploreResult Exploration;
  /// Sorted by line, check, message; each kind at each line once.
  std::vector<FoundViolation> Violations;
};

class Verifier {
public:
  Verifier(const Program &P, rt::shim::Arena &Space, rt::ExploreLimits Limits)
      : P(P), Space(Space), Limits(Limits) {}

  FunctionResult verify(const EntryFunction &F);
  /// The steps of one run, in words, and its violations. Of double fetches,
  /// which take several runs to show, nothing is said.
  /// \returns false if the trace does not fit the function.
  bool replay(const EntryFunction &F, const rt::Trace &T,
              std::vector<rt::ScriptedChoices::Step> &Steps,
              std::vector<rt::Violation> &Violations);

private:
  struct RunOutcome {
    std::vector<rt::Violation> Violations;
    std::set<rt::shim::Observation> Observations;
    bool Consistent = true;
    rt::Site ChangedAt;
  };
  RunOutcome run(const EntryFunction &F, rt::ChoiceSource &Choices);

  const Program &P;
  rt::shim::Arena &Space;
  rt::ExploreLimits Limits;
};

} // namespace pinlint::verify

#endif // PINLINT_VERIFY_VERIFIER_H
