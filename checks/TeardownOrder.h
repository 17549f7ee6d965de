//===- TeardownOrder.h - Things taken down in the wrong order ---*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TEARDOWNORDER_H
#define PINLINT_TEARDOWNORDER_H

#include "Check.h"
#include "frontend/LifetimeFacts.h"

namespace pinlint {

/// Reports what is given back while something that was set up for it may still
/// be in place: pages that are unpinned before they are unmapped, objects that
/// are freed although a work item or timer in them may still run.
class TeardownOrder : public Check {
public:
  static constexpr const char *Name = "pinlint-teardown-order";
  using Check::Check;
  void outOfOrder(const OrderFault &F) override;
  void stillInPlace(const SetUpFault &F) override;
  void judge(const LifetimeFacts &Facts) override;

private:
  void reportFrees(const Activity &A, const LifetimeFacts &Facts);
  void reportManaged(const Activity &A, const LifetimeFacts &Facts);
  Reporter::Report reportOf(const Activity &A) const;
};

/// What reports of \p F have in common.
Reporter::Report reportOf(const SetUpFault &F, llvm::StringRef Check);

} // namespace pinlint

#endif // PINLINT_TEARDOWNORDER_H
