//===- Losses.cpp - What a function does not give back --------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Explorer.h"
#include "clang/AST/Expr.h"
#include "llvm/ADT/STLExtras.h"

using namespace pinlint;
using namespace clang;

/// True if the handle of \p O went into a variable whose address the caller
/// passed for it.
static bool handedOut(const State &S, const Obligation &O) {
  return O.Form == Effect::Value && !O.Handle->isExternal() &&
         llvm::any_of(S.Store, [&](const auto &KV) {
           return KV.first->kind() == Term::Deref &&
                  KV.first->op(0)->kind() == Term::Param &&
                  mentions(KV.second, O.Handle);
         });
}

/// True if \p O is one more reference on what was there before, and nobody
/// else can have been given it.
static bool isForgotten(const State &S, const Obligation &O) {
  if (!O.Extra || O.Lent || O.Form != Effect::Value || O.Holder ||
      !O.Handle->isExternal() || (O.At && O.At->Kind == PathNode::Call))
    return false;
  bool Shared = false;
  visitTerms(O.Handle, [&](const Term *T) {
    Shared |= S.mayBeTaken(T) || llvm::is_contained(S.PassedOn, T);
    return !Shared;
  });
  // Who remembers an object remembers the counter in it.
  const Term *Object = objectOf(O.Handle);
  return !Shared && llvm::none_of(S.Store, [&](const auto &KV) {
    const Term *Root = rootOf(KV.first);
    return (Root->kind() != Term::Var || Root->isExternal()) &&
           !KV.second->isConst() && mentions(KV.second, Object) &&
           !isFreed(S, Root);
  });
}

/// True if \p O is what an object had that this path has freed.
static bool wentWithObject(const State &S, const Obligation &O) {
  return llvm::any_of(S.Store, [&](const auto &KV) {
    return KV.second == O.Handle && isFreed(S, rootOf(KV.first));
  });
}

void Explorer::noteOutcomes(const State &S, SourceLocation Loc) {
  constexpr unsigned MaxOutcomes = 64;
  if (Outcomes.size() >= MaxOutcomes)
    return;
  bool Failed = reportsFailure(S, FD->getReturnType());
  if (!Failed) {
    for (const Obligation &O : S.Held)
      if (isa<CallExpr>(O.Site) && handedOut(S, O))
        Outcomes.push_back({O.Site, Failed, false, O, S, Loc});
    return;
  }
  auto InPlace = [&](const Obligation &O) {
    return !O.Holder && llvm::any_of(S.Bindings, [&](const Binding &B) {
      return B.Array == O.Handle && B.Base->isExternal();
    });
  };
  for (const Obligation &O : S.Held) {
    if (!isa<CallExpr>(O.Site) || O.dwindles())
      continue;
    // Handles that were moved to another place were moved for a reason.
    const Term *To = placeWithCaller(S, O.Handle);
    if (O.Fam->IsRange || handedOut(S, O) || isForgotten(S, O) ||
        (!To && InPlace(O)))
      To = nullptr;
    else if (!To)
      continue;
    Outcomes.push_back({O.Site, Failed, false, O, S, Loc, To});
  }
  for (const DeadObject &D : S.Dead)
    if (D.Acquired) {
      Obligation O;
      O.Fam = D.Fam;
      O.Form = D.Form;
      O.Handle = D.Handle;
      O.Count = D.Count;
      Outcomes.push_back(
          {D.Acquired, Failed, true, O, S, Loc, placeWithCaller(S, D.Handle)});
    }
}

/// A path around the loop that gives the handles back is one on which there
/// are none, as far as anybody can tell. So is one on which the object that has
/// them says that they need not be given back.
bool Explorer::passedBy(const State &S, const Obligation &O) const {
  return llvm::any_of(S.SkippedLoops,
                      [&](unsigned Header) {
                        auto It = GivenBackIn.find(Header);
                        return It != GivenBackIn.end() &&
                               It->second.count(O.Site);
                      }) ||
         llvm::any_of(S.Guards, [&](State::Guard G) {
           auto It = GivenBackBehind.find({G.first, !G.second});
           return It != GivenBackBehind.end() && It->second.count(O.Site);
         });
}

/// Remembers that \p G was decided by what an object that has something held
/// says of itself.
void Explorer::noteGuard(State &S, State::Guard G,
                         const Term *Condition) const {
  S.LastGuard.reset();
  if (S.Held.empty())
    return;
  llvm::SmallVector<const Term *, 4> Read;
  visitTerms(Condition, [&](const Term *X) {
    if (X->kind() == Term::Load && X->op(0)->kind() == Term::Field)
      if (const Term *Root = rootOf(X->op(0)); Root->kind() == Term::Deref)
        Read.push_back(objectOf(Root->op(0)));
    return true;
  });
  if (Read.empty())
    return;
  auto Has = [&](const Obligation &O) {
    if (llvm::is_contained(Read, objectOf(O.Handle)))
      return true;
    auto IsIn = [&](const Term *Loc) {
      const Term *Root = rootOf(Loc);
      return Root->kind() == Term::Deref && !Root->isExternal() &&
             llvm::is_contained(Read, objectOf(Root->op(0)));
    };
    return (O.Holder && IsIn(O.Holder)) ||
           llvm::any_of(S.Bindings,
                        [&](const Binding &B) {
                          return B.Array == O.Handle && IsIn(B.Base);
                        }) ||
           llvm::any_of(S.Store, [&](const auto &KV) {
             return !KV.second->isConst() && IsIn(KV.first) &&
                    mentions(KV.second, O.Handle);
           });
  };
  if (llvm::none_of(S.Held, Has))
    return;
  S.LastGuard = G;
  constexpr size_t MaxGuards = 8;
  if (!llvm::is_contained(S.Guards, G) && S.Guards.size() < MaxGuards)
    S.Guards.push_back(G);
}

/// True if something that was asked for on this path goes on after it, by what
/// a call has returned, or by what the function itself says.
bool Explorer::goesOn(const State &S) const {
  auto Says = [&](const Range &R) {
    return R.Hi < 0 && Eng.source().goesOn(R.Lo);
  };
  return (S.Returned && Says(S.rangeOf(S.Returned))) ||
         llvm::any_of(S.Ranges, [&](const auto &KV) {
           return callThatReturned(KV.first) && Says(KV.second);
         });
}

void Explorer::reportLosses() {
  auto IsLost = [&](const Lost &L) {
    return !passedBy(L.S, L.O) && !TakenAsLent.count(L.O.Site) && !goesOn(L.S);
  };
  for (const Lost &L : Losses) {
    if (!IsLost(L))
      continue;
    const Lost *Exact = L.S.Rough ? retraced(L) : nullptr;
    const Lost &Told = Exact && IsLost(*Exact) ? *Exact : L;
    Eng.observer().lost({Told.S, Told.O, Told.Loc, FD, Loss::Unreachable,
                         reportsFailure(Told.S, FD->getReturnType()),
                         bool(GivenBack.count(Told.O.Site))});
  }
}

/// A function that fails either keeps what it acquired on all of its error
/// paths, for the caller to give back, or on none.
void Explorer::reportBrokenContracts() {
  for (const Outcome &Kept : Outcomes) {
    if (Kept.Released || !Kept.Failed || passedBy(Kept.S, Kept.O) ||
        goesOn(Kept.S))
      continue;
    // Who gives one back of many has taken it from among the others.
    auto GivesBack = [&](const Outcome &Other) {
      bool IsOne = Kept.O.Form == Effect::Array && Other.O.Count &&
                   Other.S.rangeOf(Other.O.Count).isOnly(1) &&
                   Kept.S.rangeOf(Kept.O.Count).Hi > 1;
      // What was moved elsewhere stays there, unless other paths that have
      // moved it, too, give it back.
      return Other.Released && !IsOne && !Other.S.Rough &&
             (!Kept.MovedTo || Other.MovedTo == Kept.MovedTo);
    };
    // A range has no place in an object that would tell what became of it; but
    // what is acquired in the same way is given back in the same way.
    bool Alike =
        Kept.O.Fam->IsRange && llvm::any_of(GivenBack, [&](const Stmt *Site) {
          return calledBy(Site) == calledBy(Kept.Site);
        });
    // Given back on another error path; or handed out on success, which tells
    // the caller that there is nothing to give back otherwise.
    bool Mixed = llvm::any_of(Outcomes, [&](const Outcome &Other) {
      return Other.Site == Kept.Site &&
             (GivesBack(Other) ||
              (!Other.Failed && !Kept.MovedTo && handedOut(Kept.S, Kept.O)));
    });
    if (Kept.O.Extra && Kept.O.Handle->isExternal() && !Kept.MovedTo) {
      const bool Elsewhere = GivenBack.count(Kept.Site);
      if (Elsewhere || wentWithObject(Kept.S, Kept.O))
        Eng.observer().lost({Kept.S, Kept.O, Kept.Loc, FD, Loss::Forgotten,
                             /*Failed=*/true, Elsewhere});
      continue;
    }
    bool TookOne = Kept.O.Offset && Kept.O.Offset->isConst(1);
    if (!Mixed && !Alike && !(Kept.O.Partial && !TookOne && !Kept.MovedTo))
      continue;
    const Outcome *Exact = Kept.S.Rough ? retraced(Kept) : nullptr;
    const Outcome &Told = Exact ? *Exact : Kept;
    Eng.observer().lost({Told.S, Told.O, Told.Loc, FD, Loss::OnlySomeErrors,
                         /*Failed=*/true});
  }
}
