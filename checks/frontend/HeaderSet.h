//===- HeaderSet.h - Headers that are parsed once for many units -*- C++ -*-==//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Most of a kernel file is headers, and most headers are those of all the
/// other files. A header set is a precompiled header of the most common ones,
/// and what has to be known of them to tell whether a unit that is parsed on
/// top of it means the same as if it had read its headers itself: which file
/// includes, mentions and declares what. See HeaderUse.h for how that is told.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FRONTEND_HEADERSET_H
#define PINLINT_FRONTEND_HEADERSET_H

#include "LocalFile.h"
#include "SourceScan.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/IntrusiveRefCntPtr.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/VirtualFileSystem.h"
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pinlint {

/// By which a file is recognised.
struct FileStamp {
  uint64_t Size;
  /// In nanoseconds since the epoch.
  int64_t Modified;
  bool operator==(const FileStamp &) const = default;
};
constexpr FileStamp NoFile{~uint64_t(0), 0};
std::optional<FileStamp> stampOf(llvm::StringRef Path);

class HeaderSet {
public:
  /// A header, by number, in the order of path.
  struct File {
    std::string Path;
    uint64_t Size = 0;
    /// In nanoseconds since the epoch.
    int64_t Modified = 0;
    /// What it includes.
    std::vector<uint32_t> Includes;
  };
  struct Mention {
    NameHash Name;
    uint32_t File;
    friend bool operator<(const Mention &A, const Mention &B) {
      return std::tie(A.Name, A.File) < std::tie(B.Name, B.File);
    }
    friend bool operator==(const Mention &A, const Mention &B) {
      return A.Name == B.Name && A.File == B.File;
    }
  };

  /// Null if there is no set at \p Path that this version of pinlint, \p Tool,
  /// has made, or if it is damaged.
  static std::unique_ptr<HeaderSet> load(llvm::StringRef Path, uint64_t Tool);

  /// True if all of its files are what they were, and the precompiled header is
  /// whole.
  bool isCurrent() const;

  llvm::StringRef precompiled() const { return Precompiled; }
  /// The disk, for parsing on top of the set.
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem() const {
    return Disk;
  }
  llvm::ArrayRef<File> files() const { return Files; }
  /// Files that the command line includes.
  llvm::ArrayRef<uint32_t> given() const { return Given; }
  /// Macros that were defined before the headers, as after #define.
  llvm::ArrayRef<std::string> premises() const { return Premises; }
  /// Files that mean something else if a macro \p Name does: hashName() of it,
  /// or hashCall() where both macros, or the only one, have arguments. Those
  /// that define it count under hashDefinition() instead.
  llvm::ArrayRef<Mention> mentions(NameHash Name) const;
  /// Files that declare a function, variable, type or constant \p Name, or
  /// define a macro of that name.
  llvm::ArrayRef<Mention> declarations(NameHash Name) const;

private:
  HeaderSet() = default;

  std::string Precompiled;
  uint64_t PrecompiledSize = 0, PrecompiledHash = 0;
  std::vector<File> Files;
  std::vector<uint32_t> Given;
  std::vector<std::string> Premises;
  std::unique_ptr<LocalFile> Bytes;
  llvm::ArrayRef<Mention> Mentions, Declarations;
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> Disk;
};

struct HeaderSetRequest {
  std::string Directory;
  /// A clang command line as clangCommand() makes it, without the unit.
  std::vector<std::string> Arguments;
  /// What to include, as it stands between angle brackets.
  std::vector<std::string> Headers;
  /// What the units define before they include anything, as after #define.
  std::vector<std::string> Premises;
};

/// Definitions on the command line that say of which unit it is. A header set
/// does not depend on them.
bool isUnitName(llvm::StringRef Macro);

/// The name under which those mentions of \p Name stand that a macro with
/// arguments makes something of.
NameHash hashCall(llvm::StringRef Name);
/// And those that define a macro \p Name.
NameHash hashDefinition(llvm::StringRef Name);

/// False if a header \p Text counts anew each time it is included, as far as
/// its directives tell.
bool hasIncludeGuard(llvm::StringRef Text);

/// Makes the set \p Path and its precompiled header, beside it. Headers that do
/// not parse there, or that count anew each time they are included, are left
/// out.
llvm::Error buildHeaderSet(const HeaderSetRequest &R, llvm::StringRef Path,
                           uint64_t Tool);

} // namespace pinlint

#endif // PINLINT_FRONTEND_HEADERSET_H
