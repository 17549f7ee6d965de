//===- OverRelease.h - Released more than is held ---------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_OVERRELEASE_H
#define PINLINT_OVERRELEASE_H

#include "Check.h"

namespace pinlint {

/// Reports releases of what was released before on the same path, and releases
/// of more handles than were obtained.
class OverRelease : public Check {
public:
  static constexpr const char *Name = "pinlint-over-release";
  using Check::Check;
  void badRelease(const ReleaseFault &F) override;
  void ignoredResult(const IgnoredResult &X) override;
};

} // namespace pinlint

#endif // PINLINT_OVERRELEASE_H
