//===- Baseline.cpp - Findings that are known already ---------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Baseline.h"
#include "Paths.h"
#include "Serialize.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace pinlint {

static constexpr int64_t FormatVersion = 1;

BaselineEntry entryFor(const Finding &F) {
  return {F.Check,    absolutePath(F.Place.File),
          F.Function, F.Message,
          F.Level,    F.Fingerprint,
          F.Context};
}

static bool fromJSON(const json::Value &V, BaselineEntry &E, json::Path Path) {
  json::ObjectMapper O(V, Path);
  std::string Level;
  if (!O || !O.map("check", E.Check) || !O.map("file", E.File) ||
      !O.map("function", E.Function) || !O.map("message", E.Message) ||
      !O.map("confidence", Level) || !O.map("fingerprint", E.Fingerprint) ||
      !O.map("context", E.Context))
    return false;
  std::optional<Confidence> C = confidenceNamed(Level);
  if (!C) {
    Path.field("confidence").report("expected low, medium or high");
    return false;
  }
  E.Level = *C;
  return true;
}

Expected<Baseline> Baseline::load(StringRef Path) {
  auto Failure = [&](const Twine &Why) {
    return createStringError(inconvertibleErrorCode(), Path + ": " + Why);
  };
  ErrorOr<std::unique_ptr<MemoryBuffer>> Text =
      MemoryBuffer::getFile(Path, /*IsText=*/true);
  if (!Text)
    return Failure(Text.getError().message());
  Expected<json::Value> Root = json::parse((*Text)->getBuffer());
  if (!Root)
    return Failure(toString(Root.takeError()));
  json::Path::Root Where("baseline");
  json::ObjectMapper O(*Root, Where);
  int64_t Version = 0;
  Baseline Result;
  if (!O || !O.map("pinlintBaseline", Version))
    return Failure("is no baseline of pinlint: " + toString(Where.getError()));
  if (Version != FormatVersion)
    return Failure("is a baseline of version " + Twine(Version) +
                   "; this pinlint reads version " + Twine(FormatVersion) +
                   " (--write-baseline makes a new one)");
  if (!O.map("findings", Result.Entries))
    return Failure(toString(Where.getError()));
  std::string Directory = sys::path::parent_path(absolutePath(Path)).str();
  for (BaselineEntry &E : Result.Entries)
    E.File = absolutePath(E.File, Directory);
  return Result;
}

/// \p File as seen from \p Directory if it is below, else as it is.
static StringRef seenFrom(StringRef Directory, StringRef File) {
  StringRef Rest = File;
  if (Rest.consume_front(Directory) && Rest.consume_front("/"))
    return Rest;
  return File;
}

Error Baseline::write(StringRef Path) const {
  std::string Directory = sys::path::parent_path(absolutePath(Path)).str();
  std::vector<const BaselineEntry *> Sorted;
  for (const BaselineEntry &E : Entries)
    Sorted.push_back(&E);
  auto Key = [](const BaselineEntry *E) {
    return std::tie(E->File, E->Function, E->Check, E->Fingerprint, E->Context,
                    E->Message);
  };
  llvm::sort(Sorted, [&](const BaselineEntry *A, const BaselineEntry *B) {
    return Key(A) < Key(B);
  });
  // One line for each, so that versions of the file merge well.
  return writeToOutput(Path, [&](raw_ostream &OS) {
    OS << "{\n\"pinlintBaseline\": " << FormatVersion << ",\n\"findings\": [";
    ListSeparator Comma(",");
    for (const BaselineEntry *E : Sorted) {
      OS << Comma << '\n';
      json::OStream J(OS);
      J.object([&] {
        J.attribute("file", utf8(seenFrom(Directory, E->File)));
        J.attribute("function", utf8(E->Function));
        J.attribute("check", E->Check);
        J.attribute("confidence", confidenceName(E->Level));
        J.attribute("fingerprint", E->Fingerprint);
        J.attribute("context", E->Context);
        J.attribute("message", utf8(E->Message));
      });
    }
    OS << "\n]\n}\n";
    return Error::success();
  });
}

Baseline::Match Baseline::match(ArrayRef<BaselineEntry> Findings) const {
  Match Result;
  Result.Known.resize(Findings.size());
  Result.Found.resize(Entries.size());
  // From what must be the same to what is enough.
  using KeyOf = std::string (*)(const BaselineEntry &);
  static constexpr KeyOf Passes[] = {
      [](const BaselineEntry &E) { return E.Fingerprint + "\n" + E.File; },
      [](const BaselineEntry &E) { return E.Fingerprint; },
      [](const BaselineEntry &E) {
        return E.Context + "\n" + E.Function + "\n" + E.File;
      },
      [](const BaselineEntry &E) { return E.Context + "\n" + E.Function; },
      [](const BaselineEntry &E) { return E.Context + "\n" + E.Message; }};
  for (KeyOf Key : Passes) {
    // In reverse, so that the first comes out first.
    StringMap<std::vector<size_t>> Free;
    for (size_t I = Entries.size(); I-- != 0;)
      if (!Result.Found[I])
        Free[Key(Entries[I])].push_back(I);
    for (size_t I = 0; I != Findings.size(); ++I) {
      if (Result.Known[I])
        continue;
      auto It = Free.find(Key(Findings[I]));
      if (It == Free.end() || It->second.empty())
        continue;
      Result.Known[I] = Result.Found[It->second.back()] = true;
      It->second.pop_back();
    }
  }
  return Result;
}

} // namespace pinlint
