//===- Store.h - Results of earlier runs ------------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Keeps what was found out about each translation unit in an SQLite file, so
/// that a run pays only for what has changed. A result counts as long as the
/// command, the options, the protocols, pinlint itself, the contents of every
/// file that was read, and what was known of other units are the same.
///
/// Nothing depends on the store being there: what cannot be read is analysed,
/// what cannot be written is forgotten, and a file that is damaged is replaced.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_STORE_H
#define PINLINT_TOOL_STORE_H

#include "Analysis.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace pinlint {

class Store {
public:
  /// \p Tool: changes where results of other versions do not count any more.
  /// Null if there can be no store; \p Why says the reason.
  static std::unique_ptr<Store> open(llvm::StringRef Path, uint64_t Tool,
                                     std::string &Why);
  ~Store();
  Store(const Store &) = delete;
  Store &operator=(const Store &) = delete;

  struct Key {
    std::string Unit;
    /// Of the command and all options.
    uint64_t Command;
    /// Of what was known of other units.
    uint64_t Input;
  };

  std::optional<std::string> find(const Key &K);

  /// True if it held no results when it was opened.
  bool isEmpty() const { return Empty; }

  /// Remembers \p Reply, for which \p Files were read after \p Since, in
  /// nanoseconds since the epoch.
  void put(const Key &K, llvm::StringRef Reply,
           llvm::ArrayRef<std::string> Files, int64_t Since);

  /// Writes what has been put.
  void flush();

  /// Why the store has stopped to take anything in; empty if it has not.
  llvm::StringRef trouble() const { return Trouble; }

private:
  struct FileState {
    int64_t Id = 0;
    std::string Path;
    int64_t Size = -1, Modified = 0;
    uint64_t Hash = 0;
    bool Current = false, Gone = false;
  };

  Store() = default;
  bool initialise(uint64_t Tool);
  bool exec(const char *SQL);
  bool prepare(sqlite3_stmt *&Statement, const char *SQL);
  void loadFiles();
  /// Brings \p F up to date with the disk.
  void refresh(FileState &F);
  FileState *file(llvm::StringRef Path);
  /// Of the contents of the files \p Ids; none if one of them is gone.
  std::optional<uint64_t> contents(llvm::ArrayRef<int64_t> Ids);

  sqlite3 *DB = nullptr;
  sqlite3_stmt *Find = nullptr, *Put = nullptr, *Drop = nullptr,
               *PutFile = nullptr;
  std::vector<std::unique_ptr<FileState>> Files;
  llvm::StringMap<FileState *> FilesByPath;
  llvm::DenseMap<int64_t, FileState *> FilesById;
  struct Result {
    Key K;
    std::string Files;
    uint64_t Contents;
    std::string Reply;
  };
  int64_t RunStart = 0;
  bool Empty = true;
  llvm::StringMap<uint64_t> FoundInputs;
  std::vector<FileState *> NewFiles;
  std::vector<Result> NewResults;
  std::string Trouble;
};

} // namespace pinlint

#endif // PINLINT_TOOL_STORE_H
