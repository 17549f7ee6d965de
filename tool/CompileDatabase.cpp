//===- CompileDatabase.cpp - compile_commands.json ------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "CompileDatabase.h"
#include "Paths.h"
#include "frontend/CompileCommand.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/JSON.h"

using namespace llvm;

namespace pinlint {
namespace {

/// Walks over JSON text without decoding it. The first mistake sets a reason
/// and moves to the end.
class Scanner {
public:
  explicit Scanner(StringRef Text)
      : Begin(Text.begin()), Pos(Text.begin()), End(Text.end()) {}

  const char *reason() const { return Reason; }
  unsigned line() const {
    return 1 + std::count(Begin, Reason ? MistakeAt : Pos, '\n');
  }
  bool atEnd() {
    skipSpace();
    return Pos == End;
  }

  /// Consumes \p C if it comes next.
  bool consume(char C) {
    skipSpace();
    if (Pos == End || *Pos != C)
      return false;
    ++Pos;
    return true;
  }

  void expect(char C, const char *Otherwise) {
    if (!consume(C))
      fail(Otherwise);
  }

  /// The text of the value that comes next.
  StringRef value() {
    skipSpace();
    const char *Start = Pos;
    skipValue(/*Depth=*/0);
    return Reason ? StringRef() : StringRef(Start, Pos - Start);
  }

  /// The text of the array of strings that comes next.
  StringRef stringArray() {
    skipSpace();
    const char *Start = Pos;
    expect('[', "expected '['");
    for (bool More = !consume(']'); More && !Reason;) {
      skipSpace();
      if (Pos == End || *Pos != '"')
        fail("expected a string");
      else
        skipString();
      More = consume(',');
      if (!More)
        expect(']', "expected ',' or ']' in an array");
    }
    return Reason ? StringRef() : StringRef(Start, Pos - Start);
  }

  void fail(const char *Why) {
    if (Reason)
      return;
    Reason = Why;
    MistakeAt = Pos;
    Pos = End;
  }

private:
  void skipSpace() {
    while (Pos != End &&
           (*Pos == ' ' || *Pos == '\n' || *Pos == '\t' || *Pos == '\r'))
      ++Pos;
  }

  /// Moves over bytes that mean nothing in a string, eight at a time: a
  /// database of a kernel has 90 MB, most of them in strings.
  void skipPlain() {
    constexpr uint64_t Each = 0x0101'0101'0101'0101, High = Each * 0x80;
    auto AnyBelow = [](uint64_t X, uint64_t N) {
      return (X - Each * N) & ~X & High;
    };
    for (; End - Pos >= 8; Pos += 8) {
      uint64_t X = support::endian::read64le(Pos);
      uint64_t Found = AnyBelow(X, 0x20) | AnyBelow(X ^ Each * '"', 1) |
                       AnyBelow(X ^ Each * '\\', 1);
      if (Found) {
        // The lowest is right; what is above it may come of a borrow.
        Pos += countr_zero(Found) / 8;
        return;
      }
    }
  }

  void skipString() {
    for (++Pos; skipPlain(), Pos != End; ++Pos) {
      if (*Pos == '"') {
        ++Pos;
        return;
      }
      if (static_cast<unsigned char>(*Pos) < 0x20)
        return fail("a string is not closed");
      if (*Pos == '\\' && !skipEscape())
        return fail("a string has an invalid escape");
    }
    fail("the file ends inside a string");
  }

  /// At a backslash: moves to the last character of the escape.
  bool skipEscape() {
    if (++Pos == End)
      return false;
    if (*Pos != 'u')
      return StringRef("\"\\/bfnrt").contains(*Pos);
    if (End - Pos < 5 || !all_of(StringRef(Pos + 1, 4), isHexDigit))
      return false;
    Pos += 4;
    return true;
  }

  void skipValue(unsigned Depth) {
    skipSpace();
    if (Pos == End)
      return fail("the file ends where a value should be");
    if (Depth > 64)
      return fail("values are nested too deeply");
    switch (*Pos) {
    case '"':
      return skipString();
    case '[':
      ++Pos;
      if (consume(']'))
        return;
      do
        skipValue(Depth + 1);
      while (consume(','));
      return expect(']', "expected ',' or ']' in an array");
    case '{':
      ++Pos;
      if (consume('}'))
        return;
      do {
        skipSpace();
        if (Pos == End || *Pos != '"')
          return fail("expected a name in quotes");
        skipString();
        expect(':', "expected ':' after a name");
        skipValue(Depth + 1);
      } while (consume(','));
      return expect('}', "expected ',' or '}' in an object");
    default:
      const char *Start = Pos;
      while (Pos != End && (isAlnum(*Pos) || StringRef("+-.").contains(*Pos)))
        ++Pos;
      if (Pos == Start)
        fail("expected a value");
    }
  }

  const char *Begin, *Pos, *End;
  const char *MistakeAt = nullptr;
  const char *Reason = nullptr;
};

} // namespace

/// The string that the JSON text \p JSON stands for.
static Expected<std::string> decodeString(StringRef JSON) {
  StringRef Inner = JSON.drop_front().drop_back();
  if (!Inner.contains('\\'))
    return Inner.str();
  Expected<json::Value> V = json::parse(JSON);
  if (!V)
    return V.takeError();
  return V->getAsString()->str();
}

Expected<std::vector<std::string>> CompileDatabase::Entry::arguments() const {
  if (Command.starts_with("\"")) {
    Expected<std::string> Decoded = decodeString(Command);
    if (!Decoded)
      return Decoded.takeError();
    return splitCommand(*Decoded);
  }
  Expected<json::Value> V = json::parse(Command);
  if (!V)
    return V.takeError();
  std::vector<std::string> Result;
  for (const json::Value &Argument : *V->getAsArray())
    Result.push_back(Argument.getAsString()->str());
  return Result;
}

Expected<std::unique_ptr<CompileDatabase>>
CompileDatabase::load(StringRef Path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> Text =
      MemoryBuffer::getFile(Path, /*IsText=*/false,
                            /*RequiresNullTerminator=*/false);
  if (!Text)
    return createStringError(Text.getError(),
                             Path + ": " + Text.getError().message());
  auto DB = std::make_unique<CompileDatabase>();
  DB->Path = Path.str();
  DB->Text = std::move(*Text);

  std::string Here = absolutePath(Path);
  StringRef Home = sys::path::parent_path(Here);

  Scanner S(DB->Text->getBuffer());
  auto Fail = [&](const char *Why) -> Error {
    S.fail(Why);
    return createStringError(inconvertibleErrorCode(),
                             Path + ":" + Twine(S.line()) +
                                 ": broken compile database: " + S.reason());
  };
  if (!S.consume('['))
    return Fail("expected '['");
  // Entries share few directories.
  StringMap<std::string> Directories;
  for (bool More = !S.consume(']'); More;) {
    if (!S.consume('{'))
      return Fail("expected '{' of an entry");
    StringRef Directory, File, Command, Arguments;
    for (bool MoreFields = !S.consume('}'); MoreFields;) {
      StringRef Key = S.value();
      S.expect(':', "expected ':' after a name");
      if (Key == "\"arguments\"") {
        Arguments = S.stringArray();
      } else {
        StringRef Value = S.value();
        if (Key == "\"directory\"")
          Directory = Value;
        else if (Key == "\"file\"")
          File = Value;
        else if (Key == "\"command\"")
          Command = Value;
      }
      MoreFields = S.consume(',');
      if (!MoreFields)
        S.expect('}', "expected ',' or '}' in an entry");
    }
    if (S.reason())
      return Fail(S.reason());
    if (!Directory.starts_with("\""))
      return Fail("an entry lacks the string \"directory\"");
    if (!File.starts_with("\""))
      return Fail("an entry lacks the string \"file\"");
    if (Arguments.empty() && !Command.starts_with("\""))
      return Fail("an entry lacks \"command\" or \"arguments\"");

    auto [It, New] = Directories.try_emplace(Directory);
    Expected<std::string> DirectoryText = decodeString(Directory);
    Expected<std::string> FileText = decodeString(File);
    if (!DirectoryText || !FileText) {
      consumeError(DirectoryText.takeError());
      consumeError(FileText.takeError());
      return Fail("a path is not UTF-8");
    }
    if (New)
      It->second = absolutePath(*DirectoryText, Home);
    Entry E;
    E.Directory = It->second;
    E.Path = absolutePath(*FileText, E.Directory);
    E.Command = Arguments.empty() ? Command : Arguments;
    DB->Entries.push_back(std::move(E));

    More = S.consume(',');
    if (!More && !S.consume(']'))
      return Fail("expected ',' or ']' after an entry");
  }
  if (!S.atEnd())
    return Fail("text follows the last entry");

  // Entries for one file stay in the order in which they stand.
  llvm::sort(DB->Entries, [](const Entry &A, const Entry &B) {
    return std::make_pair(StringRef(A.Path), A.Command.data()) <
           std::make_pair(StringRef(B.Path), B.Command.data());
  });
  DB->Entries.erase(llvm::unique(DB->Entries,
                                 [](const Entry &A, const Entry &B) {
                                   return A.Path == B.Path;
                                 }),
                    DB->Entries.end());
  return DB;
}

static bool pathLess(const CompileDatabase::Entry &E, StringRef Path) {
  return StringRef(E.Path) < Path;
}

const CompileDatabase::Entry *CompileDatabase::find(StringRef File) const {
  auto Lookup = [&](StringRef P) -> const Entry * {
    auto It = llvm::lower_bound(Entries, P, pathLess);
    return It != Entries.end() && It->Path == P ? &*It : nullptr;
  };
  if (const Entry *E = Lookup(File))
    return E;
  // The database or the user may have come through a symbolic link.
  SmallString<256> Real;
  if (sys::fs::real_path(File, Real))
    return nullptr;
  if (const Entry *E = Lookup(Real))
    return E;
  StringRef Name = sys::path::filename(Real);
  for (const Entry &E : Entries)
    if (StringRef(E.Path).ends_with(Name) && sys::fs::equivalent(E.Path, Real))
      return &E;
  return nullptr;
}

std::vector<const CompileDatabase::Entry *>
CompileDatabase::below(StringRef Dir) const {
  std::vector<const Entry *> Result;
  auto Collect = [&](StringRef D) {
    std::string Prefix = (D.rtrim('/') + "/").str();
    for (auto It = llvm::lower_bound(Entries, Prefix, pathLess);
         It != Entries.end() && StringRef(It->Path).starts_with(Prefix); ++It)
      Result.push_back(&*It);
  };
  Collect(Dir);
  if (!Result.empty())
    return Result;
  SmallString<256> Real;
  if (sys::fs::real_path(Dir, Real))
    return Result;
  Collect(Real);
  if (!Result.empty())
    return Result;
  // The entries' own paths may go through links; directories are far fewer
  // than entries.
  StringMap<bool> Inside;
  for (const Entry &E : Entries) {
    auto [It, New] = Inside.try_emplace(sys::path::parent_path(E.Path));
    SmallString<256> Parent;
    if (New && !sys::fs::real_path(It->first(), Parent))
      It->second = Parent == Real || Parent.starts_with((Real + "/").str());
    if (It->second)
      Result.push_back(&E);
  }
  return Result;
}

} // namespace pinlint
