//===- Store.cpp - Results of earlier runs --------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Store.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/LEB128.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"
#include <chrono>
#include <sqlite3.h>
#include <sys/stat.h>

using namespace llvm;

namespace pinlint {

static constexpr int64_t SchemaVersion = 1;

static int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

static void bind(sqlite3_stmt *S, int I, StringRef Text) {
  sqlite3_bind_blob64(S, I, Text.data(), Text.size(), SQLITE_TRANSIENT);
}
static void bind(sqlite3_stmt *S, int I, uint64_t N) {
  sqlite3_bind_int64(S, I, static_cast<int64_t>(N));
}
static StringRef blob(sqlite3_stmt *S, int I) {
  const void *Data = sqlite3_column_blob(S, I);
  return StringRef(static_cast<const char *>(Data),
                   Data ? sqlite3_column_bytes(S, I) : 0);
}

Store::~Store() {
  flush();
  for (sqlite3_stmt *S : {Find, Put, Drop, PutFile})
    sqlite3_finalize(S);
  sqlite3_close(DB);
}

std::unique_ptr<Store> Store::open(StringRef Path, uint64_t Tool,
                                   std::string &Why) {
  if (std::error_code EC =
          sys::fs::create_directories(sys::path::parent_path(Path))) {
    Why = EC.message();
    return nullptr;
  }
  // A file that is damaged is replaced, once.
  for (int Attempt = 0; Attempt != 2; ++Attempt) {
    std::unique_ptr<Store> S(new Store);
    int Code =
        sqlite3_open_v2(Path.str().c_str(), &S->DB,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    if (Code == SQLITE_OK && S->initialise(Tool))
      return S;
    Why = S->DB ? sqlite3_errmsg(S->DB) : "out of memory";
    Code = S->DB ? sqlite3_errcode(S->DB) : Code;
    S.reset();
    if (Code != SQLITE_CORRUPT && Code != SQLITE_NOTADB)
      return nullptr;
    for (const char *Suffix : {"", "-wal", "-shm"})
      sys::fs::remove(Path + Suffix);
  }
  return nullptr;
}

bool Store::exec(const char *SQL) {
  return sqlite3_exec(DB, SQL, nullptr, nullptr, nullptr) == SQLITE_OK;
}

bool Store::prepare(sqlite3_stmt *&Statement, const char *SQL) {
  return sqlite3_prepare_v2(DB, SQL, -1, &Statement, nullptr) == SQLITE_OK;
}

bool Store::initialise(uint64_t Tool) {
  // Another run may be writing.
  sqlite3_busy_timeout(DB, /*ms=*/5000);
  RunStart = now();
  if (!exec("PRAGMA journal_mode=WAL") || !exec("PRAGMA synchronous=NORMAL"))
    return false;
  auto IsCurrent = [&] {
    sqlite3_stmt *S = nullptr;
    bool Same = prepare(S, "SELECT version, tool FROM meta") &&
                sqlite3_step(S) == SQLITE_ROW &&
                sqlite3_column_int64(S, 0) == SchemaVersion &&
                sqlite3_column_int64(S, 1) == static_cast<int64_t>(Tool);
    sqlite3_finalize(S);
    return Same;
  };
  if (!IsCurrent() && !exec("BEGIN IMMEDIATE"))
    return false;
  // Somebody else may have been faster.
  if (!sqlite3_get_autocommit(DB) && !IsCurrent()) {
    std::string Insert = "INSERT INTO meta VALUES (" +
                         std::to_string(SchemaVersion) + ", " +
                         std::to_string(static_cast<int64_t>(Tool)) + ")";
    if (!exec("DROP TABLE IF EXISTS meta; DROP TABLE IF EXISTS files;"
              "DROP TABLE IF EXISTS results;"
              "CREATE TABLE meta (version INTEGER, tool INTEGER);"
              "CREATE TABLE files (id INTEGER PRIMARY KEY, path BLOB UNIQUE,"
              " size INTEGER, modified INTEGER, hash INTEGER);"
              "CREATE TABLE results (unit BLOB, command INTEGER,"
              " input INTEGER, files BLOB, contents INTEGER, reply BLOB,"
              " sum INTEGER, run INTEGER, PRIMARY KEY (unit, command, input))"
              " WITHOUT ROWID") ||
        !exec(Insert.c_str()))
      return false;
  }
  if ((!sqlite3_get_autocommit(DB) && !exec("COMMIT")) ||
      !prepare(Find, "SELECT files, contents, reply, sum FROM results"
                     " WHERE unit = ? AND command = ? AND input = ?") ||
      !prepare(Put,
               "INSERT OR REPLACE INTO results VALUES (?,?,?,?,?,?,?,?)") ||
      !prepare(Drop, "DELETE FROM results WHERE unit = ? AND command = ?"
                     " AND run < ? AND input <> ?") ||
      !prepare(PutFile, "INSERT OR REPLACE INTO files VALUES (?,?,?,?,?)"))
    return false;
  loadFiles();
  sqlite3_stmt *Any = nullptr;
  Empty = !prepare(Any, "SELECT 1 FROM results LIMIT 1") ||
          sqlite3_step(Any) != SQLITE_ROW;
  sqlite3_finalize(Any);
  return true;
}

void Store::loadFiles() {
  sqlite3_stmt *S = nullptr;
  if (prepare(S, "SELECT id, path, size, modified, hash FROM files"))
    while (sqlite3_step(S) == SQLITE_ROW) {
      auto F = std::make_unique<FileState>();
      F->Id = sqlite3_column_int64(S, 0);
      F->Path = blob(S, 1).str();
      F->Size = sqlite3_column_int64(S, 2);
      F->Modified = sqlite3_column_int64(S, 3);
      F->Hash = sqlite3_column_int64(S, 4);
      FilesByPath[F->Path] = F.get();
      FilesById[F->Id] = F.get();
      Files.push_back(std::move(F));
    }
  sqlite3_finalize(S);
}

/// Writes what is waiting, in one short transaction: other runs want to write,
/// too.
void Store::flush() {
  if (!Trouble.empty() || (NewFiles.empty() && NewResults.empty()))
    return;
  bool Done = exec("BEGIN IMMEDIATE");
  for (auto I = NewFiles.begin(), E = NewFiles.end(); I != E && Done; ++I) {
    const FileState &F = **I;
    sqlite3_bind_int64(PutFile, 1, F.Id);
    bind(PutFile, 2, StringRef(F.Path));
    sqlite3_bind_int64(PutFile, 3, F.Size);
    sqlite3_bind_int64(PutFile, 4, F.Modified);
    bind(PutFile, 5, F.Hash);
    Done = sqlite3_step(PutFile) == SQLITE_DONE;
    sqlite3_reset(PutFile);
  }
  for (auto I = NewResults.begin(), E = NewResults.end(); I != E && Done; ++I) {
    // What was true for an earlier state of the unit.
    bind(Drop, 1, StringRef(I->K.Unit));
    bind(Drop, 2, I->K.Command);
    sqlite3_bind_int64(Drop, 3, RunStart);
    bind(Drop, 4, FoundInputs.lookup(I->K.Unit));
    Done = sqlite3_step(Drop) == SQLITE_DONE;
    sqlite3_reset(Drop);
    if (!Done)
      break;
    bind(Put, 1, StringRef(I->K.Unit));
    bind(Put, 2, I->K.Command);
    bind(Put, 3, I->K.Input);
    bind(Put, 4, StringRef(I->Files));
    bind(Put, 5, I->Contents);
    bind(Put, 6, StringRef(I->Reply));
    bind(Put, 7, xxh3_64bits(StringRef(I->Reply)));
    sqlite3_bind_int64(Put, 8, RunStart);
    Done = sqlite3_step(Put) == SQLITE_DONE;
    sqlite3_reset(Put);
  }
  if (!Done || !exec("COMMIT")) {
    Trouble = sqlite3_errmsg(DB);
    exec("ROLLBACK");
  }
  NewFiles.clear();
  NewResults.clear();
}

void Store::refresh(FileState &F) {
  if (F.Current)
    return;
  F.Current = true;
  struct stat Status;
  if (::stat(F.Path.c_str(), &Status) != 0) {
    F.Gone = true;
    return;
  }
  int64_t Modified =
      Status.st_mtim.tv_sec * 1'000'000'000 + Status.st_mtim.tv_nsec;
  if (F.Size == Status.st_size && F.Modified == Modified)
    return;
  ErrorOr<std::unique_ptr<MemoryBuffer>> Text =
      MemoryBuffer::getFile(F.Path, /*IsText=*/false,
                            /*RequiresNullTerminator=*/false,
                            /*IsVolatile=*/true);
  if (!Text) {
    F.Gone = true;
    return;
  }
  F.Hash = xxh3_64bits((*Text)->getBuffer());
  F.Size = Status.st_size;
  // The clock may stand still while a file is written twice: what has changed
  // just now is read again the next time.
  constexpr int64_t ClockStep = 1'000'000'000;
  F.Modified = now() - Modified > ClockStep ? Modified : 0;
  NewFiles.push_back(&F);
}

Store::FileState *Store::file(StringRef Path) {
  FileState *&Slot = FilesByPath[Path];
  if (!Slot) {
    auto F = std::make_unique<FileState>();
    // Numbers of concurrent runs must not meet.
    F->Id = static_cast<int64_t>(xxh3_64bits(Path) >> 1);
    F->Path = Path.str();
    Slot = F.get();
    FilesById[F->Id] = Slot;
    Files.push_back(std::move(F));
  }
  return Slot;
}

std::optional<uint64_t> Store::contents(ArrayRef<int64_t> Ids) {
  uint64_t All = 0;
  for (int64_t Id : Ids) {
    auto It = FilesById.find(Id);
    if (It == FilesById.end())
      return std::nullopt;
    refresh(*It->second);
    if (It->second->Gone)
      return std::nullopt;
    uint64_t Pair[2] = {All, It->second->Hash};
    All = xxh3_64bits(
        StringRef(reinterpret_cast<const char *>(Pair), sizeof(Pair)));
  }
  return All;
}

std::optional<std::string> Store::find(const Key &K) {
  bind(Find, 1, StringRef(K.Unit));
  bind(Find, 2, K.Command);
  bind(Find, 3, K.Input);
  std::optional<std::string> Reply;
  if (sqlite3_step(Find) == SQLITE_ROW) {
    SmallVector<int64_t, 0> Ids;
    StringRef Bytes = blob(Find, 0);
    const uint8_t *P = Bytes.bytes_begin();
    bool Broken = false;
    for (int64_t Id = 0; P != Bytes.bytes_end() && !Broken;) {
      unsigned Size = 0;
      const char *Error = nullptr;
      Id += decodeULEB128(P, &Size, Bytes.bytes_end(), &Error);
      Broken = Error != nullptr;
      P += Size;
      Ids.push_back(Id);
    }
    StringRef Stored = blob(Find, 2);
    if (!Broken && static_cast<uint64_t>(sqlite3_column_int64(Find, 3)) ==
                       xxh3_64bits(Stored)) {
      std::optional<uint64_t> Now = contents(Ids);
      if (Now && *Now == static_cast<uint64_t>(sqlite3_column_int64(Find, 1)))
        Reply = Stored.str();
    }
  }
  if (Reply)
    FoundInputs[K.Unit] = K.Input;
  sqlite3_reset(Find);
  return Reply;
}

void Store::put(const Key &K, StringRef Reply, ArrayRef<std::string> Paths,
                int64_t Since) {
  if (!Trouble.empty())
    return;
  SmallVector<int64_t, 0> Ids;
  for (const std::string &Path : Paths) {
    FileState *F = file(Path);
    // Was it changed while it was being analysed?
    struct stat Status;
    if (::stat(Path.c_str(), &Status) != 0)
      return;
    int64_t Modified =
        Status.st_mtim.tv_sec * 1'000'000'000 + Status.st_mtim.tv_nsec;
    constexpr int64_t Margin = 20'000'000;
    if (Modified > Since - Margin)
      return;
    if (F->Current && F->Modified != Modified)
      F->Current = false;
    Ids.push_back(F->Id);
  }
  llvm::sort(Ids);
  std::optional<uint64_t> Now = contents(Ids);
  if (!Now)
    return;
  std::string Bytes;
  raw_string_ostream OS(Bytes);
  int64_t Last = 0;
  for (int64_t Id : Ids) {
    encodeULEB128(Id - Last, OS);
    Last = Id;
  }
  NewResults.push_back({K, std::move(Bytes), *Now, Reply.str()});
  // What a kill loses, at most.
  constexpr size_t MaxWaiting = 32;
  if (NewResults.size() >= MaxWaiting)
    flush();
}

} // namespace pinlint
