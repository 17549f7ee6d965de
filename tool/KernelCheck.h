//===- KernelCheck.h - Called as CHECK by Kbuild ----------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_KERNELCHECK_H
#define PINLINT_TOOL_KERNELCHECK_H

#include "llvm/ADT/ArrayRef.h"
#include <optional>
#include <string>
#include <vector>

namespace pinlint {

/// `make C=1 CHECK="pinlint OPTION..."` runs
///
///   pinlint OPTION... CHECKFLAGS COMPILER-FLAGS FILE.c
///
/// as it does sparse and smatch.
struct KernelCheck {
  std::vector<std::string> Options;
  std::vector<std::string> Flags;
  std::string File;
};

/// Takes \p Arguments (without the program's name) apart if they are of that
/// form.
std::optional<KernelCheck>
parseKernelCheck(llvm::ArrayRef<std::string> Arguments);

} // namespace pinlint

#endif // PINLINT_TOOL_KERNELCHECK_H
