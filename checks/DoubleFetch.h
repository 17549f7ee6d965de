//===- DoubleFetch.h - Checked once, read twice -----------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_DOUBLEFETCH_H
#define PINLINT_DOUBLEFETCH_H

#include "Check.h"

namespace pinlint {

/// Reports user memory that is read, checked, and read again for the use that
/// the check was to protect.
class DoubleFetch : public Check {
public:
  static constexpr const char *Name = "pinlint-double-fetch";
  using Check::Check;
  void refetched(const Refetch &F) override;
};

} // namespace pinlint

#endif // PINLINT_DOUBLEFETCH_H
