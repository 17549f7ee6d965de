//===- Change.cpp - What a commit or patch changes ------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Change.h"
#include "Paths.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>

using namespace llvm;

namespace pinlint {

static Error failure(const Twine &Message) {
  return createStringError(inconvertibleErrorCode(), Message);
}

static Expected<std::string> readFile(StringRef Path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> Text = MemoryBuffer::getFileOrSTDIN(
      Path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!Text)
    return failure(Path + ": " + Text.getError().message());
  return (*Text)->getBuffer().str();
}

/// What `git -C Directory Arguments` prints.
static Expected<std::string> git(StringRef Directory,
                                 ArrayRef<StringRef> Arguments) {
  ErrorOr<std::string> Program = sys::findProgramByName("git");
  if (!Program)
    return failure("git: " + Program.getError().message());
  SmallString<128> Out, Err;
  for (SmallString<128> *Path : {&Out, &Err})
    if (std::error_code EC =
            sys::fs::createTemporaryFile("pinlint", "txt", *Path))
      return failure("cannot make a temporary file: " + EC.message());
  FileRemover RemoveOut(Out), RemoveErr(Err);
  std::vector<StringRef> Argv = {*Program, "-C", Directory};
  append_range(Argv, Arguments);
  std::string Message;
  int Status = sys::ExecuteAndWait(
      *Program, Argv, std::nullopt, {StringRef(""), Out.str(), Err.str()},
      /*SecondsToWait=*/0, /*MemoryLimit=*/0, &Message);
  if (Status == 0)
    return readFile(Out);
  if (Message.empty()) {
    Expected<std::string> Said = readFile(Err);
    Message = Said ? StringRef(*Said).trim().str() : toString(Said.takeError());
  }
  return failure("git " + join(Arguments, " ") + ": " + Message);
}

/// The top of the repository around the current directory, as the user came
/// there: through symbolic links, if there are any.
static Expected<std::string> topDirectory() {
  Expected<std::string> Up = git(".", {"rev-parse", "--show-cdup"});
  if (!Up)
    return Up.takeError();
  std::string Top = absolutePath(StringRef(*Up).trim());
  return StringRef(Top).rtrim('/').str();
}

/// Cuts the next field off a list with NUL after each.
static StringRef nextField(StringRef &List) {
  auto [Field, Rest] = List.split('\0');
  List = Rest;
  return Field;
}

Expected<Change> Change::sinceRevision(StringRef Revision) {
  Expected<std::string> Top = topDirectory();
  if (!Top)
    return Top.takeError();
  Change Result;
  Result.Root = *Top;
  std::string Commit = (Revision + "^{commit}").str();
  Expected<std::string> Known = git(
      *Top, {"rev-parse", "--verify", "--quiet", "--end-of-options", Commit});
  if (!Known) {
    consumeError(Known.takeError());
    return failure("there is no revision '" + Revision +
                   "' in this repository; a shallow clone needs 'git fetch "
                   "--depth=1 origin " +
                   Revision + "' first");
  }
  StringRef Id = StringRef(*Known).trim();
  Expected<std::string> Diff =
      git(*Top, {"diff", "--raw", "-z", "-M", "--no-abbrev", "--no-ext-diff",
                 "--ignore-submodules", Id, "--"});
  if (!Diff)
    return Diff.takeError();
  // :OLDMODE NEWMODE OLDID NEWID STATUS NUL PATH NUL [PATH NUL]
  for (StringRef Rest = *Diff; !Rest.empty();) {
    SmallVector<StringRef, 5> Words;
    nextField(Rest).split(Words, ' ');
    if (Words.size() != 5)
      return failure("git diff says what pinlint does not understand");
    char Status = Words[4].front();
    StringRef First = nextField(Rest);
    StringRef Second = Status == 'R' || Status == 'C' ? nextField(Rest) : First;
    // Symbolic links and submodules have no text of their own.
    StringRef OldMode = Words[0].drop_front();
    ChangedFile F;
    if (Status != 'D')
      F.New = absolutePath(Second, *Top);
    if (Status != 'A' && Status != 'C' && OldMode.starts_with("100")) {
      F.Old = absolutePath(First, *Top);
      Expected<std::string> Text = git(*Top, {"cat-file", "blob", Words[2]});
      if (!Text)
        return Text.takeError();
      F.OldText = std::move(*Text);
    }
    Result.Files.push_back(std::move(F));
  }
  // What git was not told about yet.
  Expected<std::string> Untracked =
      git(*Top, {"ls-files", "--others", "--exclude-standard", "-z", "--",
                 "*.c", "*.h"});
  if (!Untracked)
    return Untracked.takeError();
  for (StringRef Rest = *Untracked; !Rest.empty();) {
    ChangedFile F;
    F.New = absolutePath(nextField(Rest), *Top);
    Result.Files.push_back(std::move(F));
  }
  return Result;
}

/// The name after \p Mark on a line of a diff; false if it is another line.
static bool nameAfter(StringRef Line, StringRef Mark, StringRef &Name) {
  if (!Line.consume_front(Mark))
    return false;
  // diff(1) adds a time after a tab.
  Name = Line.split('\t').first.rtrim("\r");
  return true;
}

Expected<Change> Change::fromDiff(StringRef File) {
  Expected<std::string> Text = readFile(File);
  if (!Text)
    return Text.takeError();
  Change Result;
  if (Expected<std::string> Top = topDirectory()) {
    Result.Root = *Top;
  } else {
    consumeError(Top.takeError());
    Result.Root = absolutePath(".");
  }

  // Take the change back in a copy of the files that it is about.
  SmallString<128> Copy;
  if (std::error_code EC = sys::fs::createUniqueDirectory("pinlint", Copy))
    return failure("cannot make a temporary directory: " + EC.message());
  struct Remover {
    StringRef Directory;
    ~Remover() { sys::fs::remove_directories(Directory); }
  } RemoveCopy{Copy};
  std::string Patch = absolutePath("change.diff", Copy);
  {
    std::error_code EC;
    raw_fd_ostream OS(Patch, EC);
    if (EC)
      return failure(Patch + ": " + EC.message());
    OS << *Text;
  }

  struct Names {
    std::string Old, New;
  };
  std::vector<Names> Pairs;
  SmallVector<StringRef, 0> Lines;
  StringRef(*Text).split(Lines, '\n');
  std::string RenamedFrom;
  for (size_t I = 0; I != Lines.size(); ++I) {
    StringRef Old, New;
    if (nameAfter(Lines[I], "rename from ", Old)) {
      RenamedFrom = Old.str();
    } else if (nameAfter(Lines[I], "rename to ", New)) {
      Pairs.push_back({RenamedFrom, New.str()});
    } else if (nameAfter(Lines[I], "--- ", Old) && I + 1 != Lines.size() &&
               nameAfter(Lines[I + 1], "+++ ", New)) {
      auto Strip = [](StringRef Name) {
        return Name == "/dev/null" ? "" : Name.split('/').second.str();
      };
      Names N{Strip(Old), Strip(New)};
      if (Pairs.empty() || N.New.empty() || Pairs.back().New != N.New)
        Pairs.push_back(N);
    }
  }
  if (Pairs.empty())
    return failure(File + ": no change of a file in it");
  for (const Names &N : Pairs) {
    if (N.New.empty())
      continue;
    std::string From = absolutePath(N.New, Result.Root);
    std::string To = absolutePath(N.New, Copy);
    if (!StringRef(To).starts_with(Copy.str()))
      return failure(File + ": '" + N.New + "' is outside of the tree");
    sys::fs::create_directories(sys::path::parent_path(To));
    if (std::error_code EC = sys::fs::copy_file(From, To))
      return failure(File + " changes " + From + ": " + EC.message());
  }
  // Nothing above the copy is a repository to git.
  setenv("GIT_CEILING_DIRECTORIES", Copy.c_str(), /*overwrite=*/1);
  Expected<std::string> Reversed =
      git(Copy, {"apply", "-R", "--whitespace=nowarn", Patch});
  unsetenv("GIT_CEILING_DIRECTORIES");
  if (!Reversed)
    return failure(File + " has not been applied to this tree: " +
                   toString(Reversed.takeError()));
  for (const Names &N : Pairs) {
    ChangedFile F;
    if (!N.New.empty())
      F.New = absolutePath(N.New, Result.Root);
    if (!N.Old.empty()) {
      F.Old = absolutePath(N.Old, Result.Root);
      Expected<std::string> Before = readFile(absolutePath(N.Old, Copy));
      if (!Before)
        return Before.takeError();
      F.OldText = std::move(*Before);
    }
    Result.Files.push_back(std::move(F));
  }
  return Result;
}

namespace {

/// The disk, where some files have another text, are not there yet, or are
/// still there.
class OldTree : public vfs::ProxyFileSystem {
public:
  explicit OldTree(const Change &C)
      : ProxyFileSystem(vfs::getRealFileSystem()),
        Texts(makeIntrusiveRefCnt<vfs::InMemoryFileSystem>()) {
    for (const ChangedFile &F : C.Files)
      if (!F.Old.empty())
        Texts->addFile(F.Old, /*ModificationTime=*/0,
                       MemoryBuffer::getMemBufferCopy(F.OldText, F.Old));
    for (const ChangedFile &F : C.Files)
      if (!F.New.empty() && !Texts->exists(F.New))
        Missing.insert(F.New);
  }

  ErrorOr<vfs::Status> status(const Twine &Path) override {
    std::string Name = normal(Path);
    if (Missing.contains(Name))
      return std::make_error_code(std::errc::no_such_file_or_directory);
    ErrorOr<vfs::Status> Ours = Texts->status(Name);
    if (Ours && !Ours->isDirectory())
      return vfs::Status::copyWithNewName(*Ours, Path);
    ErrorOr<vfs::Status> Real = ProxyFileSystem::status(Path);
    return Real ? Real : Ours;
  }

  ErrorOr<std::unique_ptr<vfs::File>>
  openFileForRead(const Twine &Path) override {
    std::string Name = normal(Path);
    if (Missing.contains(Name))
      return std::make_error_code(std::errc::no_such_file_or_directory);
    ErrorOr<vfs::Status> Ours = Texts->status(Name);
    if (Ours && !Ours->isDirectory())
      return Texts->openFileForRead(Name);
    return ProxyFileSystem::openFileForRead(Path);
  }

#if LLVM_VERSION_MAJOR >= 20
  bool exists(const Twine &Path) override {
    return static_cast<bool>(status(Path));
  }
#endif

private:
  std::string normal(const Twine &Path) const {
    SmallString<256> Name;
    Path.toVector(Name);
    if (std::error_code EC = makeAbsolute(Name))
      return std::string(Name);
    return absolutePath(Name, "");
  }

  IntrusiveRefCntPtr<vfs::InMemoryFileSystem> Texts;
  StringSet<> Missing;
};

} // namespace

IntrusiveRefCntPtr<vfs::FileSystem> Change::oldTree() const {
  return makeIntrusiveRefCnt<OldTree>(*this);
}

} // namespace pinlint
