//===- ScanCache.h - What files said the last time --------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Keeps what the scans of source files (frontend/SourceScan.h) have brought in
/// a file beside the store, so that the next run scans only what has changed.
/// Where that file is missing, damaged or of another version, all is scanned.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_SCANCACHE_H
#define PINLINT_TOOL_SCANCACHE_H

#include "frontend/HeaderSet.h"
#include "frontend/LocalFile.h"
#include "frontend/SourceScan.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Allocator.h"
#include <memory>
#include <optional>
#include <string>

namespace pinlint {

class ScanCache {
public:
  /// \p Path: where scans are kept; empty: nowhere. \p Tool: changes where
  /// those of other versions do not count any more.
  ScanCache(std::string Path, uint64_t Tool);

  /// The scan of \p File as it is now, \p Wants given by \p Key. None if it is
  /// not known.
  std::optional<SourceScan> find(llvm::StringRef File, uint64_t Key);
  /// The same, as a number that other scans do not have.
  std::optional<uint64_t> findHash(llvm::StringRef File, uint64_t Key);
  /// Remembers \p Scan of \p File, which find() has not found and which was
  /// read after that.
  void put(llvm::StringRef File, uint64_t Key, const SourceScan &Scan);
  static uint64_t hashOf(const SourceScan &Scan);
  /// What \p File was before find() looked for it the first time. One that had
  /// just been written then may change unseen: its stamp is one that no file
  /// has.
  FileStamp stampFor(llvm::StringRef File) const;
  /// Writes what is to be kept, if there is anything new.
  void save();

private:
  struct Record {
    FileStamp Stamp;
    /// What the scan brought, encoded.
    llvm::StringRef Bytes;
  };

  void load();
  /// Null if what is known of \p File is not of its present state.
  const Record *current(llvm::StringRef File, uint64_t Key);

  std::string Path;
  uint64_t Tool;
  /// Not everybody who has a cache needs it.
  bool IsLoaded = false;
  std::unique_ptr<LocalFile> Before;
  /// By the file and the key.
  llvm::StringMap<Record> Records;
  /// What was looked for, as it was the first time.
  llvm::StringMap<FileStamp> Looked;
  llvm::BumpPtrAllocator New;
  bool Changed = false;
};

} // namespace pinlint

#endif // PINLINT_TOOL_SCANCACHE_H
