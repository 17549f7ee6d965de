//===- Explorer.h - Run a program under every outcome -----------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Stateless exploration: runs a program again and again until every sequence
/// of outcomes of its fallible steps was seen once, or a bound is met.
///
/// Runs come in the order of their number of unusual outcomes, so that the
/// first run that shows a defect is one with the fewest.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_RUNTIME_EXPLORER_H
#define PINLINT_RUNTIME_EXPLORER_H

#include "pinlint/runtime/Choice.h"
#include <functional>

namespace pinlint::rt {

struct ExploreLimits {
  /// Runs in all.
  unsigned MaxRuns = 20000;
  /// Unusual outcomes in one run.
  unsigned MaxUnusual = 6;
  /// Steps of one run after which outcomes are no longer varied.
  unsigned MaxSteps = 64;
};

struct ExploreResult {
  unsigned Runs = 0;
  /// Every sequence with at most this many unusual outcomes was run.
  unsigned CompleteUpTo = 0;
  /// Every sequence of outcomes was run.
  bool Exhaustive = false;
};

/// What Program is given and Visit gets to see of a run.
struct ExploredRun {
  Trace Taken;
  /// Number of outcomes that are not 0.
  unsigned Unusual = 0;
};

/// \param Program runs the program once, deterministically apart from the
///        outcomes that it draws. Returns false to end the exploration.
ExploreResult
explore(const ExploreLimits &Limits,
        const std::function<void(ScriptedChoices &)> &Program,
        const std::function<bool(const ExploredRun &)> &Visit = nullptr);

} // namespace pinlint::rt

#endif // PINLINT_RUNTIME_EXPLORER_H
