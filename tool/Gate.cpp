//===- Gate.cpp - Findings that a change introduces -----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Gate.h"
#include "Change.h"
#include "EarlierResults.h"
#include "IncludeGraph.h"
#include "Inputs.h"
#include "Paths.h"
#include "Run.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace pinlint {

/// Leaves the units of \p In that \p C can have an effect on.
static void keepAffected(Inputs &In, const Change &C) {
  StringSet<> Changed;
  for (const ChangedFile &F : C.Files)
    if (!F.New.empty())
      Changed.insert(F.New);
  StringSet<> Units;
  for (const TranslationUnit &Unit : In.Units)
    Units.insert(Unit.File);
  std::vector<bool> Affected(In.Units.size());
  // Without headers there is nothing to search for.
  bool OnlyUnits = all_of(
      Changed, [&](const auto &File) { return Units.contains(File.getKey()); });
  if (OnlyUnits)
    for (auto [I, Unit] : enumerate(In.Units))
      Affected[I] = Changed.contains(Unit.File);
  else
    Affected = IncludeGraph().unitsThatReach(In.Units, Changed);
  std::vector<TranslationUnit> Kept;
  for (auto [I, Unit] : enumerate(In.Units))
    if (Affected[I])
      Kept.push_back(std::move(Unit));
  In.Units = std::move(Kept);
}

/// Changed C files that no unit of \p In is made from.
static std::vector<std::string> unknownFiles(const Inputs &In,
                                             const Change &C) {
  StringSet<> Units;
  for (const TranslationUnit &Unit : In.Units)
    Units.insert(Unit.File);
  std::vector<std::string> Result;
  for (const ChangedFile &F : C.Files)
    if (sys::path::extension(F.New) == ".c" && !Units.contains(F.New))
      Result.push_back(F.New);
  llvm::sort(Result);
  return Result;
}

/// The units of \p In as they were before \p C. Files that are gone are
/// compiled as their nearest neighbours are.
static std::vector<TranslationUnit> oldUnits(const Inputs &In,
                                             const Change &C) {
  StringMap<const ChangedFile *> ByNewName;
  for (const ChangedFile &F : C.Files)
    ByNewName[F.New] = &F;
  std::vector<TranslationUnit> Result;
  for (const TranslationUnit &Unit : In.Units) {
    TranslationUnit Old = Unit;
    if (const ChangedFile *F = ByNewName.lookup(Unit.File)) {
      if (F->Old.empty())
        continue;
      Old.File = F->Old;
    }
    Result.push_back(std::move(Old));
  }
  for (const ChangedFile &F : C.Files) {
    if (!F.New.empty() || sys::path::extension(F.Old) != ".c")
      continue;
    // What left a file that was removed may be in others now.
    auto Neighbour = find_if(In.Units, [&](const TranslationUnit &Unit) {
      return sys::path::parent_path(Unit.File) == sys::path::parent_path(F.Old);
    });
    if (Neighbour == In.Units.end())
      continue;
    TranslationUnit Old = *Neighbour;
    Old.File = F.Old;
    Result.push_back(std::move(Old));
  }
  return Result;
}

int gate(const Options &O) {
  auto Failed = [](Error E) {
    errs() << "pinlint: " << toString(std::move(E)) << '\n';
    return ExitUsage;
  };
  Expected<Change> C = O.DiffFile.empty()
                           ? Change::sinceRevision(O.BaseRevision)
                           : Change::fromDiff(O.DiffFile);
  if (!C)
    return Failed(C.takeError());
  Options Scope = O;
  if (Scope.Inputs.empty())
    Scope.Inputs.push_back(C->Root);
  Expected<std::unique_ptr<Inputs>> Resolved = Inputs::resolve(Scope);
  if (!Resolved)
    return Failed(Resolved.takeError());
  Inputs &In = **Resolved;
  if (O.Inputs.empty())
    for (const std::string &File : unknownFiles(In, *C))
      In.Notes.push_back(File +
                         ": changed, but neither in the compile database "
                         "nor compared");
  keepAffected(In, *C);

  Inputs Before;
  Before.Files = C->oldTree();
  Before.Units = oldUnits(In, *C);
  EarlierResults KnownBefore(O, Before);
  RunResult Old = collect(O, Before, KnownBefore);
  std::vector<BaselineEntry> Entries;
  for (const ReportedFinding &F : Old.Findings)
    if (!F.Settled)
      Entries.push_back(entryFor(F));
  // This can make known findings look new, never new ones known.
  for (const Incomplete &I : Old.NotAnalysed)
    In.Notes.push_back(I.File +
                       ": the old version was not analysed: " + I.Reason);
  if (!O.Quiet)
    for (const std::string &Note : In.Notes)
      errs() << "pinlint: " << Note << '\n';
  Baseline Base(std::move(Entries));
  EarlierResults Known(O, In);
  return lint(O, In, Known, &Base);
}

} // namespace pinlint
