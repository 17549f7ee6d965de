//===- MismatchedRelease.h - Released the wrong way -------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_MISMATCHEDRELEASE_H
#define PINLINT_MISMATCHEDRELEASE_H

#include "Check.h"

namespace pinlint {

/// Reports handles that are given back by the release of another family:
/// put_page() on a page that was pinned, unpin_user_page() on one that was not.
class MismatchedRelease : public Check {
public:
  static constexpr const char *Name = "pinlint-mismatched-release";
  using Check::Check;
  void badRelease(const ReleaseFault &F) override;
};

} // namespace pinlint

#endif // PINLINT_MISMATCHEDRELEASE_H
