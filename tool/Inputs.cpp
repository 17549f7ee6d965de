//===- Inputs.cpp - From FILE and DIR arguments to what to analyse --------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Inputs.h"
#include "Paths.h"
#include "frontend/CompileCommand.h"
#include "frontend/ProjectProtocols.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/xxhash.h"
#include <set>

using namespace llvm;

namespace pinlint {

static bool isC(StringRef Path) {
  StringRef Extension = sys::path::extension(Path);
  return Extension == ".c" || Extension == ".i";
}

static Error failure(const Twine &Message) {
  return createStringError(inconvertibleErrorCode(), Message);
}

Expected<std::vector<std::string>> TranslationUnit::arguments() const {
  if (!Entry)
    return clangCommand(Directory, File, Flags);
  Expected<std::vector<std::string>> Arguments = Entry->arguments();
  if (!Arguments)
    return Arguments.takeError();
  return clangCommand(Directory, File, *Arguments);
}

std::string Inputs::findUpwards(StringRef Directory, StringRef Name) {
  auto [It, New] = Found.try_emplace({Name.str(), Directory.str()});
  if (!New)
    return It->second;
  SmallString<256> Candidate = Directory;
  sys::path::append(Candidate, Name);
  if (sys::fs::exists(Candidate))
    It->second = std::string(Candidate);
  else if (sys::path::has_relative_path(Directory))
    It->second = findUpwards(sys::path::parent_path(Directory), Name);
  return It->second;
}

Expected<const CompileDatabase *> Inputs::databaseFor(StringRef Path,
                                                      const Options &O) {
  std::string File;
  if (O.Build.empty()) {
    File = findUpwards(
        sys::fs::is_directory(Path) ? Path : sys::path::parent_path(Path),
        "compile_commands.json");
    if (File.empty())
      return nullptr;
  } else {
    SmallString<256> Given(O.Build);
    if (sys::fs::is_directory(Given))
      sys::path::append(Given, "compile_commands.json");
    File = std::string(Given);
  }
  std::unique_ptr<CompileDatabase> &DB = Databases[File];
  if (!DB) {
    Expected<std::unique_ptr<CompileDatabase>> Loaded =
        CompileDatabase::load(File);
    if (!Loaded)
      return Loaded.takeError();
    DB = std::move(*Loaded);
  }
  return DB.get();
}

Expected<const Protocols *> Inputs::protocolsFor(StringRef Path,
                                                 const Options &O) {
  std::string Config =
      findUpwards(sys::path::parent_path(Path), ProjectFileName);
  std::unique_ptr<Protocols> &Set = ProtocolSets[Config];
  if (Set)
    return Set.get();
  Expected<std::unique_ptr<Protocols>> Loaded =
      loadProtocols(Config, O.ProtocolFiles, O.CodeBase);
  if (!Loaded)
    return Loaded.takeError();
  Set = std::move(*Loaded);
  std::string Texts = O.CodeBase;
  for (StringRef File : concat<const std::string>(
           ArrayRef(&Config, Config.empty() ? 0 : 1), O.ProtocolFiles))
    if (ErrorOr<std::unique_ptr<MemoryBuffer>> Text =
            MemoryBuffer::getFile(File))
      Texts += ((*Text)->getBuffer() + StringRef("\0", 1)).str();
  ProtocolHashes[Set.get()] = xxh3_64bits(StringRef(Texts));
  return Set.get();
}

Error Inputs::addUnit(TranslationUnit Unit, const Options &O) {
  Expected<const Protocols *> Protos = protocolsFor(Unit.File, O);
  if (!Protos)
    return Protos.takeError();
  Unit.Protos = *Protos;
  Unit.ProtocolHash = ProtocolHashes[*Protos];
  Units.push_back(std::move(Unit));
  return Error::success();
}

/// Whether \p Text has an #include whose path ends with /Name or is Name.
static bool includesFile(StringRef Text, StringRef Name) {
  for (size_t At = Text.find(Name); At != StringRef::npos;
       At = Text.find(Name, At + 1)) {
    StringRef Line = Text.take_front(At);
    Line = Line.substr(Line.rfind('\n') + 1).ltrim();
    StringRef After = Text.substr(At + Name.size());
    if (!Line.consume_front("#") || !Line.ltrim().starts_with("include"))
      continue;
    if ((After.starts_with("\"") || After.starts_with(">")) &&
        StringRef("\"/<").contains(Text[At - 1]))
      return true;
  }
  return false;
}

/// A file of \p DB that includes \p File, or "". Those nearest to \p File come
/// first.
static std::string findIncluder(const CompileDatabase &DB, StringRef File) {
  StringRef Name = sys::path::filename(File);
  StringRef Directory = sys::path::parent_path(File);
  auto Search = [&](bool SameDirectory) -> std::string {
    for (const CompileDatabase::Entry &E : DB.entries()) {
      if ((sys::path::parent_path(E.Path) == Directory) != SameDirectory)
        continue;
      ErrorOr<std::unique_ptr<MemoryBuffer>> Text =
          MemoryBuffer::getFile(E.Path);
      if (Text && includesFile((*Text)->getBuffer(), Name))
        return E.Path;
    }
    return "";
  };
  std::string Includer = Search(/*SameDirectory=*/true);
  return Includer.empty() ? Search(/*SameDirectory=*/false) : Includer;
}

Error Inputs::addInput(StringRef Argument, const Options &O) {
  std::string Path = absolutePath(Argument);
  sys::fs::file_status Status;
  if (std::error_code EC = sys::fs::status(Path, Status))
    return failure(Argument + ": " + EC.message());
  bool IsDirectory = sys::fs::is_directory(Status);
  TranslationUnit Plain;
  Plain.Directory = absolutePath(".");
  Plain.File = Path;
  Plain.Flags = {"clang"};
  if (O.Flags) {
    if (IsDirectory)
      return failure(Argument + ": a directory needs a compile database, "
                                "flags after -- are for files");
    append_range(Plain.Flags, *O.Flags);
    return addUnit(std::move(Plain), O);
  }

  Expected<const CompileDatabase *> DB = databaseFor(Path, O);
  if (!DB)
    return DB.takeError();
  if (*DB && Database.empty())
    Database = absolutePath((*DB)->path());
  if (IsDirectory) {
    if (!*DB)
      return failure(Argument + ": no compile_commands.json in it or above it; "
                                "-p names its directory");
    std::vector<const CompileDatabase::Entry *> Entries = (*DB)->below(Path);
    if (Entries.empty())
      return failure(Argument + ": " + (*DB)->path() +
                     " has no entry below this directory");
    for (const CompileDatabase::Entry *E : Entries) {
      // Databases list assembler, too.
      if (!isC(E->Path))
        continue;
      TranslationUnit Unit;
      Unit.Directory = E->Directory;
      Unit.File = E->Path;
      Unit.Entry = E;
      Unit.Named = false;
      if (Error Failed = addUnit(std::move(Unit), O))
        return Failed;
    }
    return Error::success();
  }

  if (!isC(Path)) {
    NotAnalysed.push_back({Path, "", "not a C source file"});
    return Error::success();
  }
  if (!*DB) {
    Notes.push_back((Argument + ": no compile_commands.json in its parent "
                                "directories; analysed without flags")
                        .str());
    return addUnit(std::move(Plain), O);
  }
  const CompileDatabase::Entry *E = (*DB)->find(Path);
  if (!E) {
    std::string Reason = ("no entry in " + (*DB)->path()).str();
    std::string Includer = findIncluder(**DB, Path);
    if (!Includer.empty())
      Reason +=
          "; it is no translation unit of its own but included by " + Includer;
    NotAnalysed.push_back({Path, "", Reason});
    return Error::success();
  }
  TranslationUnit Unit;
  Unit.Directory = E->Directory;
  Unit.File = E->Path;
  Unit.Entry = E;
  Unit.Named = O.Action != Options::Index;
  return addUnit(std::move(Unit), O);
}

Expected<std::unique_ptr<Inputs>>
Inputs::ofUnits(std::vector<TranslationUnit> Units, const Options &O) {
  auto Result = std::make_unique<Inputs>();
  for (TranslationUnit &Unit : Units)
    if (Error E = Result->addUnit(std::move(Unit), O))
      return std::move(E);
  return Result;
}

Expected<std::unique_ptr<Inputs>> Inputs::resolve(const Options &O) {
  auto Result = std::make_unique<Inputs>();
  for (const std::string &Argument : O.Inputs)
    if (Error E = Result->addInput(Argument, O))
      return std::move(E);
  StringSet<> Seen, Named;
  for (const TranslationUnit &Unit : Result->Units)
    if (Unit.Named)
      Named.insert(Unit.File);
  erase_if(Result->Units, [&](const TranslationUnit &Unit) {
    return !Seen.insert(Unit.File).second;
  });
  std::set<std::string> Scopes;
  for (TranslationUnit &Unit : Result->Units) {
    Unit.Named = Named.contains(Unit.File);
    for (const auto &Entry : Unit.Protos->subjects())
      Scopes.insert(Entry.first);
  }
  if (!O.Scope.empty() && !Scopes.count(O.Scope))
    return failure("--scope: the protocols have no '" + O.Scope +
                   "'; known are all" + (Scopes.empty() ? "" : ", ") +
                   join(Scopes, ", "));
  return Result;
}

} // namespace pinlint
