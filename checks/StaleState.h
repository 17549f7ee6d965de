//===- StaleState.h - State that errors leave behind ------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_STALESTATE_H
#define PINLINT_STALESTATE_H

#include "Check.h"

namespace pinlint {

/// Reports members that say that something is active and are set before a step
/// that can fail, where the failure does not take them back.
class StaleState : public Check {
public:
  static constexpr const char *Name = "pinlint-stale-state";
  using Check::Check;
  void judge(const LifetimeFacts &Facts) override;

private:
  void check(const clang::FunctionDecl *FD, const LifetimeFacts &Facts);
  void reportLeftovers(const LifetimeFacts &Facts);
};

} // namespace pinlint

#endif // PINLINT_STALESTATE_H
