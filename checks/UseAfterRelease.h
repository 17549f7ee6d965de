//===- UseAfterRelease.h - Pages that are used too late ---------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_USEAFTERRELEASE_H
#define PINLINT_USEAFTERRELEASE_H

#include "Check.h"

namespace pinlint {

/// Reports pages and folios that are used after the function gave back the pin
/// or reference that kept them. What becomes of other objects is the business
/// of the use-after-free check.
class UseAfterRelease : public Check {
public:
  static constexpr const char *Name = "pinlint-use-after-release";
  using Check::Check;
  void outlived(const LifetimeFault &F) override;
};

/// True if \p F is about a page or folio.
bool isAboutPage(const LifetimeFault &F);

} // namespace pinlint

#endif // PINLINT_USEAFTERRELEASE_H
