//===- Change.h - What a commit or patch changes ----------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_CHANGE_H
#define PINLINT_TOOL_CHANGE_H

#include "llvm/ADT/IntrusiveRefCntPtr.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/VirtualFileSystem.h"
#include <optional>
#include <string>
#include <vector>

namespace pinlint {

struct ChangedFile {
  /// Absolute. Empty if the file is gone, or was not there before.
  std::string New, Old;
  /// What was in Old.
  std::string OldText;
};

/// The difference between two versions of a tree, of which the newer one is on
/// disk.
struct Change {
  /// The directory that the change is about.
  std::string Root;
  std::vector<ChangedFile> Files;

  /// What has changed since the git revision \p Revision in the repository
  /// around the current directory: commits, and what is not committed.
  static llvm::Expected<Change> sinceRevision(llvm::StringRef Revision);

  /// What the unified diff in \p File, or on standard input for "-", changed;
  /// its paths start at the top of the repository, or at the current directory
  /// where there is none.
  static llvm::Expected<Change> fromDiff(llvm::StringRef File);

  /// The disk as it was before.
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> oldTree() const;
};

} // namespace pinlint

#endif // PINLINT_TOOL_CHANGE_H
