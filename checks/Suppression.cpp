//===- Suppression.cpp - Comments that silence in vain --------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Suppression.h"
#include "DoubleFetch.h"

using namespace pinlint;
using namespace clang;

using Comment = SuppressionComments::Comment;

std::string Suppression::problemOf(const Comment &C) const {
  if (C.Kind == Comment::Broken)
    return "this comment silences nothing: " + C.Problem;
  bool WantsReason = C.Kind != Comment::NoLint ||
                     (R.options().NoLintReasons && C.namesPinlint());
  if (WantsReason && C.Reason.empty())
    return "this comment silences a finding without a reason; add ': why'";
  if (C.Used)
    return {};
  if (C.Kind == Comment::Revalidated)
    return R.isEnabled(DoubleFetch::Name)
               ? "nothing is read again here: this comment silences nothing"
               : "";
  // Only who names pinlint asks it about a NOLINT.
  if (C.Kind == Comment::NoLint && !C.namesPinlint())
    return {};
  // A check that does not run finds nothing.
  bool Known = false;
  for (const CheckInfo &Info : allChecks()) {
    if (!C.isFor(Info.Name))
      continue;
    Known = true;
    if (!R.isEnabled(Info.Name))
      return {};
  }
  if (!Known)
    return "this comment silences nothing: no check is named '" +
           C.Names.front() + "'";
  return "nothing is found here: this comment silences nothing";
}

void Suppression::finish() {
  for (const Comment &C : R.suppressions().comments()) {
    if (std::string Problem = problemOf(C); !Problem.empty())
      R.add(Name, C.Loc, Problem);
  }
}
