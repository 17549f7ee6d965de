//===- Leak.h - Obligations that are lost -----------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_LEAK_H
#define PINLINT_LEAK_H

#include "Check.h"

namespace pinlint {

/// Reports pins and references that a path ends without giving back and without
/// leaving them to anybody who could.
class Leak : public Check {
public:
  static constexpr const char *Name = "pinlint-leak";
  using Check::Check;
  void lost(const Loss &L) override;
  void emptyRelease(const EmptyRelease &X) override;
};

} // namespace pinlint

#endif // PINLINT_LEAK_H
