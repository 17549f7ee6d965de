//===- Paths.h - Names of files ---------------------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_PATHS_H
#define PINLINT_TOOL_PATHS_H

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <string>

namespace pinlint {

/// \p Path, relative to \p Base, without . and .. elements. Symbolic links are
/// left as they are.
inline std::string absolutePath(llvm::StringRef Path, llvm::StringRef Base) {
  llvm::SmallString<256> Result;
  if (!llvm::sys::path::is_absolute(Path))
    Result = Base;
  llvm::sys::path::append(Result, Path);
  llvm::sys::path::remove_dots(Result, /*remove_dot_dot=*/true);
  return std::string(Result);
}

/// \p Path, relative to the current directory.
inline std::string absolutePath(llvm::StringRef Path) {
  llvm::SmallString<256> Current;
  // Without a current directory the path stays relative, and fails as such.
  if (llvm::sys::fs::current_path(Current))
    Current.clear();
  return absolutePath(Path, Current);
}

} // namespace pinlint

#endif // PINLINT_TOOL_PATHS_H
