//===- Schedule.cpp - Which unit next, and what it may know ---------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Schedule.h"
#include "Serialize.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace pinlint {

Schedule::Schedule(const Inputs &In, const Prefilter &Filter, bool Link)
    : Filter(Filter), Nodes(In.Units.size()) {
  for (unsigned I = 0; Link && I != Nodes.size(); ++I) {
    Nodes[I].Uses = Filter.callees().of(I);
    Nodes[I].Far = Filter.callees().distances(I);
  }
  order();
}

/// Ranks the units, callees first where there is no circle, and finds the
/// circles: Tarjan's strongly connected components.
void Schedule::order() {
  Rank.assign(Nodes.size(), 0);
  unsigned Ranked = 0, Entered = 0;
  // Zero: not seen yet. Low: who of those that are open is reached.
  std::vector<unsigned> Number(Nodes.size()), Low(Nodes.size());
  std::vector<bool> IsOpen(Nodes.size());
  std::vector<unsigned> Open;
  std::vector<std::pair<unsigned, unsigned>> Stack;
  auto Enter = [&](unsigned I) {
    Number[I] = Low[I] = ++Entered;
    IsOpen[I] = true;
    Open.push_back(I);
    Stack.push_back({I, 0});
  };
  for (unsigned Root = 0; Root != Nodes.size(); ++Root) {
    if (!Number[Root])
      Enter(Root);
    while (!Stack.empty()) {
      auto &[I, Next] = Stack.back();
      if (Next != Nodes[I].Uses.size()) {
        unsigned D = Nodes[I].Uses[Next++];
        if (!Number[D])
          Enter(D);
        else if (IsOpen[D])
          Low[I] = std::min(Low[I], Number[D]);
        continue;
      }
      unsigned Done = I;
      Stack.pop_back();
      Rank[Done] = ++Ranked;
      if (!Stack.empty())
        Low[Stack.back().first] = std::min(Low[Stack.back().first], Low[Done]);
      if (Low[Done] != Number[Done])
        continue;
      Circle &C = Circles.emplace_back();
      do {
        C.Members.push_back(Open.back());
        IsOpen[Open.back()] = false;
        Nodes[Open.back()].Circle = Circles.size() - 1;
        Open.pop_back();
      } while (C.Members.back() != Done);
      sortCircle(C);
    }
  }
  for (unsigned I : inOrder()) {
    Node &N = Nodes[I];
    for (unsigned D : N.Uses)
      if (Nodes[D].Circle != N.Circle) {
        Circles[Nodes[D].Circle].Users.push_back(I);
        ++N.Waiting;
      } else if (Rank[D] < Rank[I]) {
        Nodes[D].Later.push_back(I);
      }
  }
  for (Circle &C : Circles)
    startRound(C);
}

namespace {
/// Some members of a circle, and who of them may call whom.
class Part {
public:
  /// \p UsesOf may name others, too.
  Part(ArrayRef<unsigned> Members,
       function_ref<ArrayRef<uint32_t>(unsigned)> UsesOf)
      : Members(Members), Left(Members.begin(), Members.end()) {
    for (unsigned M : Members)
      for (unsigned D : UsesOf(M))
        if (Left.contains(D)) {
          Uses[M].push_back(D);
          Users[D].push_back(M);
        }
    for (unsigned M : Members) {
      NumUses[M] = Uses[M].size();
      NumUsers[M] = Users[M].size();
      noteFree(M);
    }
  }

  /// Those that call none of the others, in the order in which callees come
  /// first, and those that none of the others calls, in the opposite order.
  std::vector<unsigned> Callees, Callers;

  /// Takes these out, and what is at either end then, until the others need
  /// each other.
  void trim() {
    while (!Free.empty()) {
      unsigned M = Free.pop_back_val();
      if (!Left.contains(M))
        continue;
      (NumUses[M] ? Callers : Callees).push_back(M);
      remove(M);
    }
  }
  bool isTrimmedAway() const { return Left.empty(); }
  bool contains(unsigned M) const { return Left.contains(M); }

  /// Takes out one of those that call many and that many call.
  unsigned removeBusiest() {
    unsigned Best = ~0u;
    uint64_t Most = 0;
    for (unsigned M : Members)
      if (Left.contains(M))
        if (uint64_t Ways = uint64_t(NumUses[M]) * NumUsers[M]; Ways > Most) {
          Most = Ways;
          Best = M;
        }
    remove(Best);
    return Best;
  }

private:
  void noteFree(unsigned M) {
    if (!NumUses[M] || !NumUsers[M])
      Free.push_back(M);
  }
  void remove(unsigned M) {
    Left.erase(M);
    for (unsigned U : Users[M])
      if (--NumUses[U]; Left.contains(U))
        noteFree(U);
    for (unsigned D : Uses[M])
      if (--NumUsers[D]; Left.contains(D))
        noteFree(D);
  }

  ArrayRef<unsigned> Members;
  DenseSet<unsigned> Left;
  DenseMap<unsigned, SmallVector<unsigned, 8>> Uses, Users;
  DenseMap<unsigned, unsigned> NumUses, NumUsers;
  SmallVector<unsigned, 16> Free;
};
} // namespace

/// Ranks the members of \p C anew. Who goes before some of those whose
/// functions it calls is analysed again, so that there should be few of them:
/// units that many call and that call many go first, until the others are no
/// circle any more. Units that are analysed only for what they are told, and
/// that need none of their like in turn, are analysed once: at the beginning of
/// the last round.
void Schedule::sortCircle(Circle &C) {
  if (C.Members.size() < 2)
    return;
  std::vector<unsigned> Ranks;
  for (unsigned M : C.Members)
    Ranks.push_back(Rank[M]);
  llvm::sort(Ranks);
  std::vector<unsigned> Expected, Idle;
  // In the same order where all are parsed, to compare.
  for (unsigned M : C.Members)
    (Filter.inScope(M) && Filter.matters(M) ? Expected : Idle).push_back(M);
  llvm::sort(Expected);
  llvm::sort(Idle);
  auto UsesOf = [&](unsigned M) { return Nodes[M].Uses; };
  Part Others(Idle, UsesOf), Main(Expected, UsesOf);
  Others.trim();
  std::vector<unsigned> Once = std::move(Others.Callees);
  Once.insert(Once.end(), Others.Callers.rbegin(), Others.Callers.rend());
  for (unsigned M : Once)
    Nodes[M].Once = true;
  llvm::erase_if(Idle, [&](unsigned M) { return !Others.contains(M); });
  std::vector<unsigned> First;
  for (Main.trim(); !Main.isTrimmedAway(); Main.trim())
    First.push_back(Main.removeBusiest());
  // Those of the first that call few of the others are the least wrong.
  std::reverse(First.begin(), First.end());
  std::reverse(Main.Callers.begin(), Main.Callers.end());
  for (auto [M, R] :
       llvm::zip_equal(llvm::concat<unsigned>(Once, First, Main.Callees,
                                              Main.Callers, Idle),
                       Ranks))
    Rank[M] = R;
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

std::vector<unsigned> Schedule::tellers(size_t I) const {
  const Node &N = Nodes[I];
  if (!N.Once)
    return earlier(I);
  return {N.Uses.begin(), N.Uses.end()};
}

std::vector<const ExportedSummary *>
chooseImports(const Prefilter &Filter, size_t Unit,
              ArrayRef<ImportSource> Sources, bool &Matters) {
  // Of several definitions of one name the nearest counts; where two are as
  // near, neither, unless they are the same.
  struct Choice {
    ImportSource From;
    bool Ambiguous = false;
  };
  std::map<StringRef, Choice> Chosen;
  for (const ImportSource &S : Sources) {
    if (!Filter.mayCall(Unit, hashName(S.What->Function)))
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
      Matters |= Filter.isReason(Unit, *C.From.What);
    }
  return Imports;
}

std::vector<const ExportedSummary *> Schedule::importsFor(unsigned I,
                                                          bool &Matters) const {
  const Node &N = Nodes[I];
  std::vector<ImportSource> Sources;
  for (auto [D, Far] : llvm::zip_equal(N.Uses, N.Far)) {
    const Node &From = Nodes[D];
    // Who goes later in the circle may have gone by now, or not.
    bool GoesLater = From.Circle == N.Circle && Rank[D] > Rank[I];
    if (const ExportMap *Exports =
            (GoesLater ? From.Before : From.Exports).get())
      for (const auto &[Name, Sum] : *Exports)
        Sources.push_back({&Sum, Far});
  }
  return chooseImports(Filter, I, Sources, Matters);
}

std::optional<WorkItem> Schedule::next() {
  while (!Ready.empty()) {
    unsigned I = Ready.begin()->second;
    Ready.erase(Ready.begin());
    Node &N = Nodes[I];
    if (N.Once && Circles[N.Circle].Round != MaxRounds) {
      finishUnit(I);
      continue;
    }
    bool Matters = Filter.isExpected(I);
    std::vector<const ExportedSummary *> Imports = importsFor(I, Matters);
    std::vector<std::pair<std::string, uint64_t>> Told;
    // Others are used where they are known, but are no reason to begin anew.
    for (const ExportedSummary *S : Imports)
      if (S->Digest)
        Told.push_back({S->Function, S->Digest});
    if (!Matters || (N.Analysed && Told == N.Told)) {
      finishUnit(I);
      continue;
    }
    N.Told = std::move(Told);
    N.Analysed = true;
    return WorkItem{I, encodeImports(Imports)};
  }
  return std::nullopt;
}

void Schedule::done(size_t I, std::vector<ExportedSummary> Exports) {
  auto Map = std::make_shared<ExportMap>();
  for (ExportedSummary &S : Exports) {
    std::string Name = S.Function;
    (*Map)[Name] = std::move(S);
  }
  Nodes[I].Exports = std::move(Map);
  finishUnit(I);
}

void Schedule::finishUnit(unsigned I) {
  auto StopWaiting = [&](unsigned User) {
    if (!--Nodes[User].Waiting)
      Ready[Rank[User]] = User;
  };
  for (unsigned L : Nodes[I].Later)
    StopWaiting(L);
  Circle &C = Circles[Nodes[I].Circle];
  if (--C.Open)
    return;
  if (C.Members.size() > 1 && C.Round != MaxRounds)
    return startRound(C);
  for (unsigned M : C.Members)
    Finals.push_back({M, Nodes[M].Analysed});
  for (unsigned U : C.Users)
    StopWaiting(U);
}

void Schedule::startRound(Circle &C) {
  ++C.Round;
  C.Open = C.Members.size();
  for (unsigned M : C.Members) {
    Nodes[M].Before = Nodes[M].Exports;
    for (unsigned L : Nodes[M].Later)
      ++Nodes[L].Waiting;
  }
  for (unsigned M : C.Members)
    if (!Nodes[M].Waiting)
      Ready[Rank[M]] = M;
}

std::vector<Schedule::Final> Schedule::takeFinal() {
  return std::exchange(Finals, {});
}

} // namespace pinlint
