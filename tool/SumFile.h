//===- SumFile.h - The result of one unit as a file -------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What `pinlint index` writes and `pinlint link` reads: all that is known of
/// one translation unit, so that a build system can make it on any machine.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_SUMFILE_H
#define PINLINT_TOOL_SUMFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace pinlint {

struct SumFile {
  /// Of pinlint, and of the options; they must be those of the link.
  uint64_t Tool = 0, Options = 0;
  std::string Directory, File;
  std::vector<std::string> Words;
  std::string Module;
  /// False if there was no reason to look at the unit.
  bool Analysed = false;
  /// Hash of what it was told of other units.
  uint64_t Input = 0;
  std::string Reply, Failure;

  llvm::Error write(llvm::StringRef Path) const;
  static llvm::Expected<SumFile> read(llvm::StringRef Path);
};

} // namespace pinlint

#endif // PINLINT_TOOL_SUMFILE_H
