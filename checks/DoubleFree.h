//===- DoubleFree.h - Objects that are freed twice --------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_DOUBLEFREE_H
#define PINLINT_DOUBLEFREE_H

#include "Check.h"

namespace pinlint {

/// Reports objects that are freed although they are dead already.
class DoubleFree : public Check {
public:
  static constexpr const char *Name = "pinlint-double-free";
  using Check::Check;
  void outlived(const LifetimeFault &F) override;
};

/// The parts that reports about dead objects have in common.
Reporter::Report reportOf(const LifetimeFault &F, llvm::StringRef Check);

/// The object in question: "'v->domain'", or "the object".
std::string objectName(const LifetimeFault &F);

} // namespace pinlint

#endif // PINLINT_DOUBLEFREE_H
