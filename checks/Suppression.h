//===- Suppression.h - Comments that silence in vain ------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_SUPPRESSION_H
#define PINLINT_SUPPRESSION_H

#include "Check.h"

namespace pinlint {

/// Reports comments that silence findings without a reason, or that silence
/// nothing.
class Suppression : public Check {
public:
  static constexpr const char *Name = "pinlint-suppression";
  using Check::Check;
  void finish() override;

private:
  std::string problemOf(const SuppressionComments::Comment &C) const;
};

} // namespace pinlint

#endif // PINLINT_SUPPRESSION_H
