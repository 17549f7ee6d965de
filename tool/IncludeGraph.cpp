//===- IncludeGraph.cpp - Who includes what -------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "IncludeGraph.h"
#include "Paths.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;

namespace pinlint {

const std::vector<SourceScan::Include> &IncludeGraph::linesOf(StringRef File) {
  auto [It, New] = Files.try_emplace(File);
  if (!New)
    return It->second;
  ErrorOr<std::unique_ptr<MemoryBuffer>> Text = MemoryBuffer::getFile(File);
  if (!Text)
    return It->second;
  It->second = includeLines((*Text)->getBuffer());
  return It->second;
}

bool IncludeGraph::exists(StringRef File) {
  auto [It, New] = Existing.try_emplace(File);
  if (New)
    It->second = sys::fs::is_regular_file(File);
  return It->second;
}

std::string IncludeGraph::resolve(const SourceScan::Include &L,
                                  StringRef Includer, const SearchPath &Path) {
  if (sys::path::is_absolute(L.Name))
    return exists(L.Name) ? L.Name : "";
  if (!L.Angled) {
    std::string Beside = absolutePath(L.Name, sys::path::parent_path(Includer));
    if (exists(Beside))
      return Beside;
  }
  auto Search = [&](ArrayRef<std::string> Directories) -> std::string {
    for (const std::string &Directory : Directories)
      if (std::string File = absolutePath(L.Name, Directory); exists(File))
        return File;
    return "";
  };
  if (!L.Angled)
    if (std::string File = Search(Path.Quoted); !File.empty())
      return File;
  return Search(Path.All);
}

std::vector<bool> IncludeGraph::unitsThatReach(ArrayRef<TranslationUnit> Units,
                                               const StringSet<> &Targets) {
  std::vector<bool> Result(Units.size());
  struct Root {
    size_t Unit;
    std::vector<std::string> Forced;
  };
  std::map<SearchPath, std::vector<Root>> Groups;
  for (auto [I, Unit] : enumerate(Units)) {
    if (Targets.contains(Unit.File)) {
      Result[I] = true;
      continue;
    }
    Expected<std::vector<std::string>> Arguments = Unit.arguments();
    if (!Arguments) {
      // The analysis will say what is wrong with it.
      consumeError(Arguments.takeError());
      Result[I] = true;
      continue;
    }
    SearchPath Path;
    Root R{I, {}};
    for (size_t A = 0; A < Arguments->size(); ++A) {
      StringRef Value = (*Arguments)[A];
      auto Take = [&](StringRef Option) {
        if (!Value.consume_front(Option))
          return false;
        Value.consume_front("=");
        if (Value.empty() && A + 1 < Arguments->size())
          Value = (*Arguments)[++A];
        return true;
      };
      if (Take("-iquote"))
        Path.Quoted.push_back(absolutePath(Value, Unit.Directory));
      else if (Take("-isystem") || Take("-idirafter") || Take("-I"))
        Path.All.push_back(absolutePath(Value, Unit.Directory));
      else if (Take("-include"))
        R.Forced.push_back(absolutePath(Value, Unit.Directory));
    }
    Groups[Path].push_back(std::move(R));
  }

  for (const auto &[Path, Roots] : Groups) {
    // File -> those that include it, from which the way leads back to units.
    StringMap<std::vector<std::string>> Includers;
    StringSet<> Seen;
    std::vector<std::string> Todo;
    auto Visit = [&](const std::string &File) {
      if (Seen.insert(File).second)
        Todo.push_back(File);
    };
    for (const Root &R : Roots) {
      Visit(Units[R.Unit].File);
      for (const std::string &File : R.Forced) {
        Includers[File].push_back(Units[R.Unit].File);
        Visit(File);
      }
    }
    while (!Todo.empty()) {
      std::string File = std::move(Todo.back());
      Todo.pop_back();
      for (const SourceScan::Include &L : linesOf(File)) {
        std::string Included = resolve(L, File, Path);
        if (Included.empty())
          continue;
        Includers[Included].push_back(File);
        Visit(Included);
      }
    }
    StringSet<> Reaching;
    for (const auto &Target : Targets)
      Todo.push_back(Target.getKey().str());
    while (!Todo.empty()) {
      std::string File = std::move(Todo.back());
      Todo.pop_back();
      if (Reaching.insert(File).second)
        append_range(Todo, Includers.lookup(File));
    }
    for (const Root &R : Roots)
      Result[R.Unit] = Reaching.contains(Units[R.Unit].File);
  }
  return Result;
}

} // namespace pinlint
