//===- Rounds.cpp - Rounds of loops, and what stands for any number -------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Explorer.h"
#include "clang/AST/Stmt.h"
#include "llvm/ADT/STLExtras.h"

using namespace pinlint;
using namespace clang;

/// Keeps the loop records of \p S; false if the path ends here because what
/// follows was covered by the generalised iteration.
bool Explorer::enterLoopHeader(const CFGBlock *From, const CFGBlock *To,
                               State &S) {
  unsigned Id = To->getBlockID();
  auto EndRound = [&](unsigned Header) {
    llvm::erase_if(S.Dead,
                   [&](const DeadObject &D) { return D.PickedIn == Header; });
  };
  while (!S.Loops.empty()) {
    const Loop *L = Loops.at(S.Loops.back().Header);
    if (L && L->Blocks.test(Id))
      break;
    const LoopRecord &Left = S.Loops.back();
    if (!Left.Iteration && Chose && From && From->getBlockID() == Left.Header &&
        !llvm::is_contained(S.SkippedLoops, Left.Header))
      S.SkippedLoops.push_back(Left.Header);
    if (From && From->getBlockID() == Left.Header)
      handedOnAll(S);
    EndRound(Left.Header);
    S.Loops.pop_back();
  }
  const Loop *L = Loops.at(Id);
  if (!L)
    return true;
  if (!From || !Loops.isBackEdge(From->getBlockID(), Id)) {
    // A jump to the header from inside counts as an iteration as well.
    if (S.Loops.empty() || S.Loops.back().Header != Id) {
      S.Loops.push_back({Id, 0, S.Store, S.Store, {}});
      return true;
    }
  }
  if (S.Loops.empty() || S.Loops.back().Header != Id) {
    S.Loops.push_back({Id, 0, S.Store, S.Store, {}});
    return true;
  }
  LoopRecord &R = S.Loops.back();
  ++R.Iteration;
  EndRound(R.Header);
  // What the loop hands on, it takes from where there is nothing if it does not
  // run.
  for (const Obligation &O : S.Held)
    if (!isIn(*L, O.Site) && (O.dwindles() || S.mayBeTaken(O.Handle)))
      GivenBackIn[Id].insert(O.Site);
  // What the next round finds where this one found what it freed is another
  // object: who takes the first one time and again takes it out.
  for (DeadObject &D : S.Dead)
    if (objectOf(D.Handle)->kind() == Term::Load && isIn(*L, D.Site))
      D.Alive = D.Revived = true;
  unsigned Limit = Eng.budget().LoopIterations;
  // The inner loops of a nest are generalised sooner.
  if (S.Loops.size() > 1 && Limit > 1)
    --Limit;
  if (R.Iteration > Limit) {
    if (Log)
      Log->pathEnded(*To, S, "covered by the generalised iteration");
    return false;
  }
  if (R.Iteration == Limit) {
    if (Log)
      Log->noted(S, "what the loop changed is generalised");
    widen(*L, R, S);
    // After that, which round acquired what is followed is not known.
    S.Rough |= Way && isIn(*L, Focus);
  }
  return true;
}

/// True if what is at \p Loc, \p From at first, cannot become negative: what is
/// known of a signed number now is not true of it for ever.
static bool staysPositive(const Term *Loc, const Term *From) {
  QualType Ty = Loc->kind() == Term::Var     ? Loc->varDecl()->getType()
                : Loc->kind() == Term::Field ? Loc->fieldDecl()->getType()
                                             : QualType();
  if (!Ty.isNull() && Ty->isSignedIntegerType())
    return false;
  return From->bounds().Lo >= 0;
}

/// What the number at \p Loc has to be less than for another round of \p L, as
/// long as that is always the same; null if there is nothing like that.
const Term *Explorer::boundOf(const State &S, const Loop &L,
                              const LoopRecord &R, const Term *Loc) {
  const Expr *Cond = nullptr;
  if (const auto *F = dyn_cast_or_null<ForStmt>(L.Statement))
    Cond = F->getCond();
  else if (const auto *W = dyn_cast_or_null<WhileStmt>(L.Statement))
    Cond = W->getCond();
  llvm::SmallVector<const Expr *, 2> Todo;
  if (Cond)
    Todo.push_back(Cond);
  while (!Todo.empty()) {
    const auto *B =
        dyn_cast<BinaryOperator>(Todo.pop_back_val()->IgnoreParenImpCasts());
    if (!B)
      continue;
    if (B->getOpcode() == BO_LAnd)
      Todo.append({B->getLHS(), B->getRHS()});
    const Expr *Number = B->getLHS()->IgnoreParenImpCasts();
    if (B->getOpcode() != BO_LT || !isa<DeclRefExpr, MemberExpr>(Number) ||
        B->HasSideEffects(Ctx))
      continue;
    State Now = S, Then = S;
    Then.Store = R.Entry;
    if (evalLoc(Now, Number) != Loc)
      continue;
    const Term *Bound = eval(Now, B->getRHS());
    if (Bound == eval(Then, B->getRHS()))
      return Bound;
  }
  return nullptr;
}

/// Replaces what the iterations so far have changed by values that stand for
/// any number of further iterations.
void Explorer::widen(const Loop &L, LoopRecord &R, State &S) {
  llvm::SmallVector<std::pair<const Term *, const Term *>, 8> Changed;
  for (const auto &KV : S.Store) {
    const auto *Old = R.Entry.lookup(KV.first);
    if (!Old || *Old == KV.second)
      continue;
    // What the last round left alone has settled.
    if (R.Iteration > 1)
      if (const auto *Last = R.Last.lookup(KV.first))
        if (*Last == KV.second)
          continue;
    // What was reset has not been stepped there.
    if (KV.second->isConst(0) && !(*Old)->isConst())
      continue;
    // A handle that is kept from one round to the next is the last round's.
    bool IsHandle = llvm::any_of(
        S.Held, [&](const Obligation &O) { return handleOf(S, O, KV.second); });
    if (!IsHandle)
      Changed.push_back({KV.first, *Old});
  }
  struct Rename {
    const Term *From, *To, *Any;
  };
  llvm::SmallVector<Rename, 8> Renamed;
  for (auto [Loc, Old] : Changed) {
    const Term *Now = *S.Store.lookup(Loc);
    auto [OldBase, OldIdx] = TC.splitPointer(Old);
    auto [NowBase, NowIdx] = TC.splitPointer(Now);
    bool Walks = TC.sameArray(Old, Now) && OldIdx != NowIdx;
    unsigned Size = std::max(TC.elementSizeOf(Old), TC.elementSizeOf(Now));
    const Term *From = Walks ? OldIdx : Old, *To = Walks ? NowIdx : Now;
    // What moves in step goes on doing so. The same number may be chance.
    auto Again = llvm::find_if(Renamed, [&](const Rename &R) {
      return R.To == To && (!To->isConst() || R.From == From);
    });
    if (Again != Renamed.end()) {
      S.store(Loc, Walks ? TC.advance(OldBase, Again->Any, Size) : Again->Any);
      continue;
    }
    Range Moved = S.rangeOf(TC.sub(To, From));
    Range RF = S.rangeOf(From), RT = S.rangeOf(To);
    Range New = RF.hull(RT);
    bool Up = Moved.Lo >= 0, Down = Moved.Hi <= 0;
    if (!Down || RT.Hi > RF.Hi)
      New.Hi = Range::Max;
    if (!Up || RT.Lo < RF.Lo)
      New.Lo = RF.Lo >= 0 && staysPositive(Loc, From) ? 0 : Range::Min;
    // Fewer rounds than those so far are other states.
    if (Up && !Down)
      New.Lo = std::max(New.Lo, RT.Lo);
    else if (Down && !Up)
      New.Hi = std::min(New.Hi, RT.Hi);
    New.HasHole = false;
    const Term *Any = TC.fresh("iterated", New);
    llvm::SmallVector<const Term *, 2> Parts;
    for (const Term *T : {Old, Now})
      if (!T->isConst())
        Parts.push_back(T);
    M.setParts(Any, Parts);
    if (Up && !From->isConst())
      (void)S.restrict(TC.sub(Any, From),
                       Range(Down ? 0 : Moved.Lo, Range::Max));
    else if (Down && !From->isConst())
      (void)S.restrict(TC.sub(Any, From), Range(Range::Min, Moved.Hi));
    // What grows by one, or by no more than is left, stops at its bound.
    if (const Term *Bound =
            Up && !Down && !Walks ? boundOf(S, L, R, Loc) : nullptr) {
      const Term *Left = TC.sub(To, Bound);
      bool ByOne =
          Moved.isOnly(R.Iteration) && S.rangeOf(TC.sub(From, Bound)).Hi <= 0;
      if (S.rangeOf(Left).Hi <= 0 && (ByOne || S.knows(Left)))
        (void)S.restrict(TC.sub(Any, Bound), Range(Range::Min, 0));
    }
    if (To != From)
      Renamed.push_back({From, To, Any});
    S.store(Loc, Walks ? TC.advance(OldBase, Any, Size) : Any);
  }

  // A count that an accumulator equals is what the accumulator says. What was
  // there before the loop may have the same number by chance.
  auto Follow = [&](const Obligation &O, const Term *T) -> const Term * {
    if (T->isConst(0) || T->isConst(1))
      return nullptr;
    bool Chance = !isIn(L, O.Site);
    for (const Rename &R : Renamed)
      if (R.To == T && !(Chance && T->isConst()))
        return R.Any;
    if (Chance)
      return nullptr;
    for (const Rename &R : Renamed)
      if (!R.To->isConst() && S.provablyEqual(R.To, T))
        return R.Any;
    return nullptr;
  };
  for (unsigned I = S.Held.size(); I-- > 0;) {
    Obligation &O = S.Held[I];
    if (O.dwindles()) {
      // What counts the handles is where the first of those left is.
      auto Counts = llvm::find_if(Renamed, [&](const Rename &R) {
        return R.To == O.Offset && (R.From == O.Begin || !R.To->isConst());
      });
      if (Counts == Renamed.end())
        continue;
      O.Count = TC.sub(TC.add(O.Offset, O.Count), Counts->Any);
      O.Offset = Counts->Any;
      continue;
    }
    if (O.Form == Effect::Array) {
      if (const Term *Any = Follow(O, O.Count)) {
        O.Count = Any;
        O.Request = nullptr;
        (void)S.restrict(Any, Range(1, Range::Max));
      }
      if (const Term *Any = Follow(O, O.Offset))
        O.Offset = Any;
      continue;
    }
    // Handles that the loop collects one by one are followed for the first
    // iterations only. Who goes back to try again collects nothing in a
    // variable.
    const bool Retries = !L.Statement;
    bool Collected = llvm::any_of(S.Store, [&](const auto &KV) {
      const bool InVariable =
          KV.first->kind() == Term::Var && !KV.first->isExternal();
      return !(Retries && InVariable) && !KV.second->isConst() &&
             mentions(KV.second, O.Handle);
    });
    bool Here = llvm::any_of(L.Blocks.set_bits(), [&](unsigned B) {
      return O.Site && BlockOf.lookup(O.Site) == B;
    });
    if (!Collected || !Here)
      continue;
    // Whoever else gives the object back is not the last to hold it.
    const Term *Handle = O.Handle;
    S.Held.erase(S.Held.begin() + I);
    share(S, Handle);
  }
}
