//===- Schedule.cpp - Which unit next, and what it may know ---------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Schedule.h"
#include "Serialize.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace pinlint {

Schedule::Schedule(const Inputs &In, const Prefilter &Filter, bool All,
                   bool Link)
    : Filter(Filter), All(All), Nodes(In.Units.size()) {
  if (Link)
    findUses(In);
  order();
  Open = Nodes.size();
  for (unsigned I = 0; I != Nodes.size(); ++I)
    if (!Nodes[I].Waiting)
      Ready[Rank[I]] = I;
}

std::optional<unsigned> distanceOf(StringRef User, StringRef UserModule,
                                   StringRef Definer, StringRef DefinerModule) {
  StringRef From = sys::path::parent_path(User);
  StringRef To = sys::path::parent_path(Definer);
  if (From == To)
    return 0;
  if (!UserModule.empty() && UserModule == DefinerModule)
    return 1;
  if (!From.starts_with(To) || From[To.size()] != '/')
    return std::nullopt;
  return 2 + From.substr(To.size()).count('/');
}

void Schedule::findUses(const Inputs &In) {
  DenseMap<NameHash, SmallVector<unsigned, 1>> Definers;
  for (unsigned I = 0; I != Nodes.size(); ++I)
    for (NameHash N : Filter.unit(I).Defines)
      Definers[N].push_back(I);
  for (unsigned I = 0; I != Nodes.size(); ++I) {
    std::map<unsigned, unsigned> Distances;
    auto Add = [&](NameHash N) {
      auto It = Definers.find(N);
      // Everybody has a function of such a name.
      constexpr size_t MaxDefiners = 64;
      if (It == Definers.end() || It->second.size() > MaxDefiners)
        return;
      for (unsigned D : It->second)
        if (D != I)
          if (auto Far = distanceOf(In.Units[I].File, Filter.unit(I).Module,
                                    In.Units[D].File, Filter.unit(D).Module))
            Distances[D] = *Far;
    };
    Filter.forEachName(I, Add);
    std::vector<std::pair<unsigned, unsigned>> Sorted;
    for (auto [D, Far] : Distances)
      Sorted.push_back({Far, D});
    llvm::sort(Sorted);
    for (auto [Far, D] : Sorted) {
      Nodes[I].Uses.push_back(D);
      Nodes[I].Far.push_back(Far);
    }
  }
}

/// Callees first; an edge that would close a circle is left out.
void Schedule::order() {
  Rank.assign(Nodes.size(), 0);
  unsigned Counter = 0;
  std::vector<bool> Seen(Nodes.size());
  std::vector<std::pair<unsigned, unsigned>> Stack;
  for (unsigned Root = 0; Root != Nodes.size(); ++Root) {
    if (Seen[Root])
      continue;
    Seen[Root] = true;
    Stack.push_back({Root, 0});
    while (!Stack.empty()) {
      auto &[I, Next] = Stack.back();
      if (Next == Nodes[I].Uses.size()) {
        Rank[I] = ++Counter;
        Stack.pop_back();
        continue;
      }
      unsigned D = Nodes[I].Uses[Next++];
      if (!Seen[D]) {
        Seen[D] = true;
        Stack.push_back({D, 0});
      }
    }
  }
  for (unsigned I : inOrder()) {
    Node &N = Nodes[I];
    for (unsigned D : N.Uses) {
      if (Rank[D] > Rank[I]) {
        N.MayChange = true;
        continue;
      }
      N.MayChange |= Nodes[D].MayChange;
      Nodes[D].Later.push_back(I);
      ++N.Waiting;
    }
  }
}

std::vector<unsigned> Schedule::inOrder() const {
  std::vector<unsigned> Units(Nodes.size());
  for (unsigned I = 0; I != Nodes.size(); ++I)
    Units[Rank[I] - 1] = I;
  return Units;
}

std::vector<unsigned> Schedule::earlier(size_t I) const {
  std::vector<unsigned> Units;
  for (unsigned D : Nodes[I].Uses)
    if (Rank[D] < Rank[I])
      Units.push_back(D);
  return Units;
}

std::string chooseImports(const Prefilter &Filter, size_t Unit,
                          ArrayRef<ImportSource> Sources, bool &Matters) {
  // Of several definitions of one name the nearest counts; where two are as
  // near, neither, unless they are the same.
  struct Choice {
    ImportSource From;
    bool Ambiguous = false;
  };
  std::map<StringRef, Choice> Chosen;
  for (const ImportSource &S : Sources) {
    if (!Filter.mayMention(Unit, hashName(S.What->Function)))
      continue;
    auto [It, New] = Chosen.try_emplace(S.What->Function, Choice{S});
    Choice &C = It->second;
    if (New || S.Far > C.From.Far)
      continue;
    if (S.Far < C.From.Far)
      C = {S};
    else if (C.From.What->Bytes != S.What->Bytes)
      C.Ambiguous = true;
  }
  std::vector<const ExportedSummary *> Imports;
  for (const auto &[Name, C] : Chosen)
    if (!C.Ambiguous) {
      Imports.push_back(C.From.What);
      Matters |= C.From.What->Matters;
    }
  return encodeImports(Imports);
}

std::string Schedule::inputFor(unsigned I, bool &Matters) const {
  const Node &N = Nodes[I];
  std::vector<ImportSource> Sources;
  for (auto [D, Far] : llvm::zip_equal(N.Uses, N.Far))
    for (const auto &[Name, Sum] : Nodes[D].Exports)
      Sources.push_back({&Sum, Far});
  return chooseImports(Filter, I, Sources, Matters);
}

std::optional<WorkItem> Schedule::next() {
  while (!Ready.empty()) {
    unsigned I = Ready.begin()->second;
    Ready.erase(Ready.begin());
    Node &N = Nodes[I];
    bool Matters = All || Filter.matters(I);
    std::string Input = inputFor(I, Matters);
    if (!Matters || (N.Analysed && Input == N.Input)) {
      finishUnit(I);
      continue;
    }
    N.Input = Input;
    N.Analysed = true;
    return WorkItem{I, std::move(Input)};
  }
  return std::nullopt;
}

void Schedule::done(size_t I, std::vector<ExportedSummary> Exports) {
  Node &N = Nodes[I];
  std::map<std::string, ExportedSummary> &To =
      Round == 1 ? N.Exports : N.NewExports;
  To.clear();
  for (ExportedSummary &S : Exports) {
    std::string Name = S.Function;
    To[Name] = std::move(S);
  }
  N.Replaced = Round > 1;
  finishUnit(I);
}

void Schedule::finishUnit(unsigned I) {
  Node &N = Nodes[I];
  --Open;
  if (Round == 1)
    for (unsigned L : N.Later)
      if (!--Nodes[L].Waiting)
        Ready[Rank[L]] = L;
  if (!N.MayChange || Round == MaxRounds)
    Finals.push_back({I, N.Analysed});
  if (!Open && Round < MaxRounds)
    startRound();
}

/// Everybody is told what was known at the end of the last round.
void Schedule::startRound() {
  ++Round;
  for (unsigned I = 0; I != Nodes.size(); ++I) {
    Node &N = Nodes[I];
    if (N.Replaced)
      N.Exports = std::move(N.NewExports);
    N.NewExports.clear();
    N.Replaced = false;
    if (!N.MayChange)
      continue;
    ++Open;
    Ready[Rank[I]] = I;
  }
}

std::vector<Schedule::Final> Schedule::takeFinal() {
  return std::exchange(Finals, {});
}

} // namespace pinlint
