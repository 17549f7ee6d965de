//===- PartialPin.h - Short pins that are forgotten -------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_PARTIALPIN_H
#define PINLINT_PARTIALPIN_H

#include "Check.h"

namespace pinlint {

/// Reports calls that obtained fewer handles than they asked for, where the
/// ones that were obtained are forgotten.
class PartialPin : public Check {
public:
  static constexpr const char *Name = "pinlint-partial-pin";
  using Check::Check;
  void lost(const Loss &L) override;
  void finish() override;
};

/// True if the loss is one of a short result: 0 < obtained < requested.
bool isShortPin(const Loss &L);

} // namespace pinlint

#endif // PINLINT_PARTIALPIN_H
