//===- CompileDatabase.h - compile_commands.json ----------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reads compile databases. That of a whole kernel has 100 MB, of which a run
/// mostly needs a few entries: the file is mapped and checked in one pass, and
/// only the commands that are asked for are decoded.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_COMPILEDATABASE_H
#define PINLINT_TOOL_COMPILEDATABASE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>
#include <string>
#include <vector>

namespace pinlint {

class CompileDatabase {
public:
  struct Entry {
    /// Absolute, without . and .. elements.
    std::string Path;
    std::string Directory;

    /// argv of the compile command. Fails only where the text is not UTF-8.
    llvm::Expected<std::vector<std::string>> arguments() const;
    /// The same, undecoded.
    llvm::StringRef text() const { return Command; }

  private:
    friend class CompileDatabase;
    /// JSON text of "command" (a string) or "arguments" (an array).
    llvm::StringRef Command;
  };

  /// Reads \p Path. The message of an error reads `PATH:LINE: reason`.
  static llvm::Expected<std::unique_ptr<CompileDatabase>>
  load(llvm::StringRef Path);

  llvm::StringRef path() const { return Path; }

  /// The entry for \p File, an absolute path, or null. Of several entries for
  /// one file the first counts.
  const Entry *find(llvm::StringRef File) const;

  /// The entries for files below \p Dir, an absolute path, sorted by path.
  std::vector<const Entry *> below(llvm::StringRef Dir) const;

  /// All entries, one per file, sorted by path.
  const std::vector<Entry> &entries() const { return Entries; }

private:
  std::string Path;
  std::unique_ptr<llvm::MemoryBuffer> Text;
  std::vector<Entry> Entries;
};

} // namespace pinlint

#endif // PINLINT_TOOL_COMPILEDATABASE_H
