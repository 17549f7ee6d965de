//===- Retrace.cpp - Paths of joined states, gone once more ---------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
//
// A state that stands for others, for want of room, has forgotten what told
// them apart: what it says at the end of its path may be said by none of them.
// So the path is gone once more with nothing beside it that could take the
// room. What is found again is so, as far as the engine knows.
//
//===----------------------------------------------------------------------===//

#include "Explorer.h"
#include "llvm/ADT/STLExtras.h"

using namespace pinlint;
using namespace clang;

/// The walk that follows what the call at \p Site acquires and goes where
/// \p Path went; null if there are too many already, or nobody listens.
Explorer *Explorer::retrace(const PathNode *Path, const Stmt *Site) {
  constexpr size_t MaxWalks = 8;
  // Nobody hears what it would be for.
  if (Eng.isMuted())
    return nullptr;
  Directions To;
  for (const PathNode *N = Path; N; N = N->Parent)
    if (N->Kind == PathNode::Branch)
      To[cast<Expr>(N->S)] |= N->Taken ? 1 : 2;
  auto It = Retraced.find({Site, To});
  if (It != Retraced.end())
    return It->second.get();
  if (Retraced.size() >= MaxWalks)
    return nullptr;
  auto X = std::make_unique<Explorer>(Eng, FD, Site, To);
  auto Mute = Eng.mute();
  X->walk();
  return (Retraced[{Site, std::move(To)}] = std::move(X)).get();
}

const Explorer::Lost *Explorer::retraced(const Lost &L) {
  if (const Explorer *X = retrace(L.S.Path, L.O.Site))
    for (const Lost &Y : X->Losses)
      if (!Y.S.Rough && Y.O.Site == L.O.Site && Y.O.Fam == L.O.Fam &&
          Y.Loc == L.Loc)
        return &Y;
  return nullptr;
}

const Explorer::Outcome *Explorer::retraced(const Outcome &Kept) {
  if (const Explorer *X = retrace(Kept.S.Path, Kept.Site))
    for (const Outcome &Y : X->Outcomes)
      if (!Y.S.Rough && Y.Site == Kept.Site && Y.Failed && !Y.Released &&
          Y.Loc == Kept.Loc && !Y.MovedTo == !Kept.MovedTo)
        return &Y;
  return nullptr;
}

void Explorer::noteKept(const State &S, SourceLocation Loc, bool Failed) {
  if (Way) {
    if (!S.Rough && llvm::any_of(S.Held, [&](const Obligation &O) {
          return O.Site == Focus;
        }))
      Ends.push_back({S, Loc, Failed});
    return;
  }
  if (Focus || Failed)
    return;
  for (const Obligation &O : S.Held) {
    // References on other objects are handed on in too many ways to be told of.
    if (O.Fam->Kind == Family::Ref || O.Extra || !isa<CallExpr>(O.Site))
      continue;
    if (S.Rough)
      Kept.insert({O.Site, S.Path});
    else
      Kept[O.Site] = nullptr;
  }
}

/// Tells of paths that leave something to others, where only joined states do.
void Explorer::tellKept() {
  for (const auto &[Site, Path] : Kept)
    if (const Explorer *X = Path ? retrace(Path, Site) : nullptr)
      for (const End &E : X->Ends)
        Eng.observer().leaving({E.S, E.Loc, FD, E.Failed, [X](const Term *T) {
                                  return X->callBehind(T);
                                }});
}

/// Tells \p Sum of ways out of the function that return what it acquired, where
/// only joined states do.
void Explorer::addExactExits(Summary &Sum) {
  if (Focus || !FD->getReturnType()->isPointerType())
    return;
  auto Returns = [](const State &S, const Stmt *Site) {
    return llvm::any_of(S.Held, [&](const Obligation &O) {
      return O.Site == Site && mentions(S.Returned, O.Handle);
    });
  };
  // Several joined states may lead along the same path.
  llvm::SmallPtrSet<const State *, 4> Told;
  for (const State &Joined : Exits) {
    if (!Joined.Rough || !Joined.Returned)
      continue;
    const Sign Result = signOf(Joined.rangeOf(Joined.Returned));
    for (const Obligation &O : Joined.Held) {
      if (!isa<CallExpr>(O.Site) || !mentions(Joined.Returned, O.Handle))
        continue;
      Explorer *X = retrace(Joined.Path, O.Site);
      if (!X)
        continue;
      for (State &S : X->Exits)
        if (!S.Rough && S.Returned && signOf(S.rangeOf(S.Returned)) == Result &&
            Returns(S, O.Site) && Told.insert(&S).second)
          Sum.Exits.push_back(X->summarise(S));
    }
  }
}
