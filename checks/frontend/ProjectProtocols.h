//===- ProjectProtocols.h - The protocols in force for a file ---*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FRONTEND_PROJECTPROTOCOLS_H
#define PINLINT_FRONTEND_PROJECTPROTOCOLS_H

#include "Protocols.h"
#include "llvm/ADT/ArrayRef.h"

namespace pinlint {

/// The name of the file that adds protocols for the sources below it.
inline constexpr llvm::StringLiteral ProjectFileName = ".pinlint.yaml";

/// The nearest such file in \p Directory, an absolute path, or above; empty if
/// there is none.
std::string findProjectFile(llvm::StringRef Directory);

/// The protocols that are built in for \p CodeBase, those of \p ProjectFile
/// unless that is empty, those of \p Files. Later ones replace earlier ones.
llvm::Expected<std::unique_ptr<Protocols>>
loadProtocols(llvm::StringRef ProjectFile, llvm::ArrayRef<std::string> Files,
              llvm::StringRef CodeBase = "linux");

} // namespace pinlint

#endif // PINLINT_FRONTEND_PROJECTPROTOCOLS_H
