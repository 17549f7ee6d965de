//===- UseAfterFree.h - Uses of objects that have died ----------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_USEAFTERFREE_H
#define PINLINT_USEAFTERFREE_H

#include "Check.h"

namespace pinlint {

/// Reports objects that are used after they were freed or after what may have
/// been their last reference was put: accessed, passed to functions that use
/// them, or found to be NULL where a callee relies on them.
class UseAfterFree : public Check {
public:
  static constexpr const char *Name = "pinlint-use-after-free";
  using Check::Check;
  void outlived(const LifetimeFault &F) override;
  void stillInPlace(const SetUpFault &F) override;
  void leftInList(const ListedFault &F) override;
  void judge(const LifetimeFacts &Facts) override;
};

} // namespace pinlint

#endif // PINLINT_USEAFTERFREE_H
