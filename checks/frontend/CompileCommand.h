//===- CompileCommand.h - Clang command lines from any compiler -*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Turns the compile command of a gcc- or clang-built tree into the command
/// line with which this pinlint's Clang parses the same translation unit.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FRONTEND_COMPILECOMMAND_H
#define PINLINT_FRONTEND_COMPILECOMMAND_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace pinlint {

/// Splits \p Command into arguments as a POSIX shell does. Expansions
/// ($X, *, `...`) are left alone: build systems write them out.
std::vector<std::string> splitCommand(llvm::StringRef Command);

/// Makes the clang command line that parses \p File of the compile command
/// \p Arguments (argv[0] first), which was made for any version of gcc or
/// clang and runs in \p Directory.
///
/// What Clang's own option table does not know is dropped, and so is what has
/// no bearing on the AST: outputs, dependency files, warnings, sanitizers,
/// plugins, debug information. A target is deduced from the name of a cross
/// compiler. The result ends with `-- File`.
std::vector<std::string> clangCommand(llvm::StringRef Directory,
                                      llvm::StringRef File,
                                      llvm::ArrayRef<std::string> Arguments);

} // namespace pinlint

#endif // PINLINT_FRONTEND_COMPILECOMMAND_H
