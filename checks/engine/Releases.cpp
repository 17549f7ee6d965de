//===- Releases.cpp - Matching releases with what is held -----------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Explorer.h"
#include "Statements.h"
#include "clang/AST/Expr.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallSet.h"

using namespace pinlint;
using namespace clang;

bool Explorer::compatible(const Effect &E, const Obligation &O) const {
  return !E.Fam || O.Fam->isGivenBackAs(E.Fam);
}

bool Explorer::concerns(const Effect &E, const Obligation &O) const {
  return compatible(E, O) || sameKind(E, *O.Fam);
}

bool Explorer::sameKind(const Effect &E, const Family &F) {
  return E.Fam == &F || (!E.Group.empty() && E.Group == F.Group);
}

/// \p E, which has given back something of \p Fam, whatever it is for.
static Effect ofFamily(Effect E, const Family *Fam) {
  if (!E.Fam)
    E.Fam = Fam;
  return E;
}

DeadObject *Explorer::dead(State &S, const Effect &E, Effect::FormTy Form,
                           const Term *Handle, const Term *Offset,
                           const Term *Count, const Stmt *Site,
                           const Stmt *Acquired) {
  if (Focus && E.Kind == Effect::Release && Acquired != Focus)
    return nullptr;
  DeadObject D;
  D.Acquired = Acquired;
  D.Fam = E.Fam;
  D.Form = Form;
  D.Handle = Handle;
  D.Offset = Offset;
  D.Count = Count;
  // What a callee finds in an object may be something else.
  D.May = E.May || (E.Form == Effect::Contents && E.Inner);
  D.Inner = E.Inner;
  if (E.Inner)
    for (const TraceStep &T : *E.Inner)
      D.Depth = std::max(D.Depth, T.Depth + 1);
  D.MayBeLast = E.MayBeLast;
  D.Alive = E.NotLast;
  D.Deferred = E.Deferred;
  D.Site = Site;
  D.At = S.Path;
  if (Eng.followsLifetimes())
    for (const DeadObject &X : S.Dead)
      if (X.Handle == Handle)
        noteOtherPut(X, Site);
  auto It = llvm::upper_bound(S.Dead, D, [](const auto &A, const auto &B) {
    return A.Handle->id() < B.Handle->id();
  });
  return &*S.Dead.insert(It, D);
}

bool Explorer::isIn(const Loop &L, const Stmt *Site) const {
  auto It = BlockOf.find(Site);
  return It != BlockOf.end() && L.Blocks.test(It->second);
}

/// True if the other way at \p G leads to where the way by \p Site goes on, and
/// not somewhere else: `if (...) release();`.
bool Explorer::leadsAround(State::Guard G, const Stmt *Site) const {
  auto It = BlockOf.find(Site);
  if (It == BlockOf.end())
    return false;
  const CFGBlock *At = ByOrder[Order[G.first]];
  const CFGBlock *Around = *(At->succ_begin() + (G.second ? 1 : 0));
  if (!Around)
    return false;
  const unsigned Last = Order[Around->getBlockID()];
  llvm::SmallVector<unsigned, 8> Todo{Order[It->second]};
  llvm::SmallSet<unsigned, 8> Seen;
  while (!Todo.empty()) {
    unsigned Here = Todo.pop_back_val();
    if (Here == Last)
      return true;
    for (const CFGBlock *Succ : ByOrder[Here]->succs())
      if (Succ && Order[Succ->getBlockID()] > Here &&
          Order[Succ->getBlockID()] <= Last &&
          Seen.insert(Order[Succ->getBlockID()]).second)
        Todo.push_back(Order[Succ->getBlockID()]);
  }
  return false;
}

void Explorer::checkFamily(const State &S, const Effect &E, const Obligation &O,
                           const Stmt *Site) {
  // What may be given back may be given back on the paths on which it is right.
  auto IsRight = [&](const Effect &X) {
    return X.Kind == Effect::Release && X.May && X.Subject == E.Subject &&
           compatible(X, O);
  };
  if (!compatible(E, O) && !E.May && llvm::none_of(Applied, IsRight))
    Eng.observer().badRelease(
        {ReleaseFault::WrongFamily, S, E, &O, nullptr, Site, FD});
}

void Explorer::discharge(State &S, unsigned Held, const Effect &E,
                         const Stmt *Site) {
  const Obligation O = S.Held[Held];
  checkFamily(S, E, O, Site);
  S.Held.erase(S.Held.begin() + Held);
  if (!E.May)
    GivenBack.insert(O.Site);
  if (!E.May && S.LastGuard && leadsAround(*S.LastGuard, Site))
    GivenBackBehind[*S.LastGuard].insert(O.Site);
  for (const LoopRecord &R : S.Loops)
    if (const Loop *L = Loops.at(R.Header); !isIn(*L, O.Site))
      GivenBackIn[R.Header].insert(O.Site);
  // Giving back an additional reference says nothing about the others. What an
  // object has inside is not one more of the object.
  bool Inside = O.Fam->isInsideObject();
  if (O.Extra && !Inside)
    PutOneMore = O.Handle;
  if (E.May || (O.Extra && !Inside) || O.Shared)
    return;
  dead(S, ofFamily(E, O.Fam), O.Form, O.Handle, O.Offset, O.Count, Site,
       O.Site);
  // A reference on what was there before leaves it as it was.
  bool Own = O.Handle->kind() == Term::Sym && O.Handle->numOps() &&
             SiteOfToken.lookup(O.Handle->op(0)) == O.Site;
  bool Others =
      llvm::any_of(S.Held,
                   [&](const Obligation &X) { return X.Handle == O.Handle; }) ||
      (O.Lent && O.Fam->Kind == Family::Alloc) || S.mayBeTaken(O.Handle);
  for (DeadObject &D : S.Dead)
    D.Alive |= (!Own || Others) && D.Handle == O.Handle && D.Site == Site;
}

const Term *Explorer::iterations(State &S, const Loop &L, const LoopRecord &R) {
  const LoopCounter &C = L.Counter;
  const Term *Loc = TC.var(C.Var, C.Var->hasGlobalStorage());
  const auto *Entry = R.Entry.lookup(Loc);
  if (!Entry)
    return nullptr;
  const Term *N;
  if (C.Step > 0) {
    State Probe = S;
    N = TC.sub(eval(Probe, C.Bound), *Entry);
    if (C.Inclusive)
      N = TC.add(N, TC.one());
    return N;
  }
  N = *Entry;
  // `while (--n)` stops one short of `while (n--)`; `n >= 0` runs once more.
  bool Short = C.Where == LoopCounter::PreInCondition && !C.Inclusive;
  bool Longer = C.Where != LoopCounter::PreInCondition && C.Inclusive;
  if (Short)
    N = TC.sub(N, TC.one());
  if (Longer)
    N = TC.add(N, TC.one());
  return N;
}

static bool refersTo(const Stmt *S, const VarDecl *V) {
  return anyWithin(S, [&](const Stmt *X) {
    const auto *D = dyn_cast<DeclRefExpr>(X);
    return D && D->getDecl() == V;
  });
}

/// The branch of \p B, 0 or 1, that no round of \p L takes in which \p Handle
/// is there; 2 if there is none. Rounds differ in \p Round, which may be null.
unsigned Explorer::branchNotTaken(const State &S, const Loop &L,
                                  const CFGBlock &B, const Term *Handle,
                                  const VarDecl *Round) {
  const auto *Cond = dyn_cast_or_null<Expr>(B.getTerminatorCondition());
  if (!Cond || B.succ_size() != 2 || Cond->HasSideEffects(Ctx))
    return 2;
  unsigned IfFalse = 1;
  const Expr *E = Cond->IgnoreParenImpCasts();
  while (const auto *U = dyn_cast<UnaryOperator>(E)) {
    if (U->getOpcode() != UO_LNot)
      break;
    IfFalse = 1 - IfFalse;
    E = U->getSubExpr()->IgnoreParenImpCasts();
  }
  State Probe = S;
  const Term *V = eval(Probe, E);
  if (E->getType()->isPointerType() && stripConversions(V) == Handle)
    return IfFalse;
  // What is decided without it is decided for all rounds.
  int Known = refersTo(E, Round) ? -1 : S.decide(V);
  return Known < 0 ? 2 : Known ? IfFalse : 1 - IfFalse;
}

/// True if a round of \p L can pass by \p Site where \p Handle is there.
bool Explorer::canPassBy(const State &S, const Loop &L, const Stmt *Site,
                         const Term *Handle, const VarDecl *Round) {
  auto At = BlockOf.find(Site);
  if (At == BlockOf.end() || At->second == L.Header)
    return false;
  llvm::DenseSet<const CFGBlock *> Seen;
  llvm::SmallVector<const CFGBlock *, 16> Todo;
  auto AddNext = [&](const CFGBlock *B) {
    unsigned Without = branchNotTaken(S, L, *B, Handle, Round), I = 0;
    for (const CFGBlock *Next : B->succs())
      if (I++ != Without && Next && L.Blocks.test(Next->getBlockID()) &&
          Next->getBlockID() != At->second && Seen.insert(Next).second)
        Todo.push_back(Next);
  };
  for (const CFGBlock *B : ByOrder)
    if (B->getBlockID() == L.Header)
      AddNext(B);
  while (!Todo.empty()) {
    const CFGBlock *B = Todo.pop_back_val();
    if (B->getBlockID() == L.Header)
      return true;
    AddNext(B);
  }
  return false;
}

/// True for an array inside of an object, whose name is that of its first
/// element, too.
static bool isArrayMember(const Term *Loc) {
  return Loc->kind() == Term::Field &&
         Loc->fieldDecl()->getType()->isArrayType();
}

/// Arrays that a loop obtained one after the other and moved, handle by handle,
/// into one table are given back by a walk over the table. That has come across
/// one of them, \p Array.
void Explorer::releaseSiblings(State &S, const Effect &E, const Term *Array) {
  auto IsOf = [&](const Obligation &O) { return O.Handle == Array; };
  auto First = llvm::find_if(S.Held, IsOf);
  if (S.Loops.empty() || First == S.Held.end())
    return;
  const Stmt *Site = First->Site;
  bool Moved = llvm::any_of(S.Store, [&](const auto &KV) {
    return KV.second->kind() == Term::Element && KV.second->op(0) == Array;
  });
  if (!Moved || isIn(*Loops.at(S.Loops.back().Header), Site))
    return;
  llvm::erase_if(S.Held, [&](const Obligation &O) {
    return O.Site == Site && O.Form == Effect::Array && !IsOf(O) &&
           compatible(E, O);
  });
}

/// The loops that \p S is in, innermost last, are those whose counter moves the
/// released element.
bool Explorer::releaseWholeLoop(State &S, const Effect &E, const Term *Handle,
                                const Stmt *Site) {
  if (Site && llvm::any_of(S.Loops, [&](const LoopRecord &R) {
        return llvm::is_contained(R.Done, Site);
      }))
    return true;
  // Where a callee has failed, no other round need be like this one.
  if (S.Loops.empty() || Consumes)
    return false;
  LoopRecord &R = S.Loops.back();
  const Loop *L = Loops.at(R.Header);
  if (!L || !L->Counter.Var || R.Iteration != 0)
    return false;
  const Term *H = stripConversions(Handle);
  const Term *Base = nullptr, *Idx = nullptr, *Array = nullptr;
  if (H->kind() == Term::Element) {
    Array = H->op(0);
    Idx = H->op(1);
  } else if (H->kind() == Term::Load && H->op(0)->kind() == Term::Index) {
    Base = H->op(0)->op(0);
    Idx = H->op(0)->op(1);
  } else if (H->kind() == Term::Load &&
             (H->op(0)->kind() == Term::Deref || isArrayMember(H->op(0)))) {
    Base = H->op(0);
    Idx = TC.zero();
  } else {
    return false;
  }
  // What one round acquired, the same round gives back.
  if (Array && llvm::any_of(S.Held, [&](const Obligation &O) {
        auto B = BlockOf.find(O.Site);
        return O.Handle == Array && B != BlockOf.end() &&
               L->Blocks.test(B->second);
      }))
    return false;
  const Term *N = iterations(S, *L, R);
  if (!N)
    return false;
  const Term *Start =
      L->Counter.Step > 0 ? Idx : TC.add(TC.sub(Idx, N), TC.one());
  R.Done.push_back(Site);
  // Of those that are there, each; or only those that the loop picks.
  Effect All = E;
  All.May |= canPassBy(S, *L, Site, H, L->Counter.Var);
  if (Array) {
    const bool Picks = All.May && !E.May;
    if (Picks && releasedAgain(S, E, Array, Idx, TC.one(), Site))
      return true;
    releaseSiblings(S, All, Array);
    for (unsigned I = 0; I < S.Held.size(); ++I)
      if (S.Held[I].Handle == Array) {
        const Obligation O = S.Held[I];
        if (releaseFrom(S, E, I, Start, N, Site, Picks) && Picks &&
            compatible(E, O) && !O.Extra && !O.Shared) {
          if (DeadObject *D =
                  dead(S, E, Effect::Array, Array, Idx, TC.one(), Site, O.Site))
            D->PickedIn = R.Header;
        }
        return true;
      }
    (void)releasedAgain(S, All, Array, Start, N, Site);
    return true;
  }
  releaseArray(S, All, Base, Start, N, Site);
  return true;
}

/// Handles [Offset, Offset + Count) of the held array number \p Held are given
/// back, or those of them that a loop picks.
bool Explorer::releaseFrom(State &S, const Effect &E, unsigned Held,
                           const Term *Offset, const Term *Count,
                           const Stmt *Site, bool Picks) {
  Obligation &O = S.Held[Held];
  if (!concerns(E, O))
    return false;
  // Which of the handles are meant is not always known; those that are not may
  // be given back elsewhere.
  Effect Vague = E, Those = E;
  Vague.May = true;
  Those.May |= Picks;
  if (!compatible(E, O)) {
    const bool All = !Picks && S.provablyEqual(Count, O.Count);
    if (!All)
      checkFamily(S, E, O, Site);
    discharge(S, Held, All ? E : Vague, Site);
    return true;
  }
  if (S.rangeOf(Count).Hi <= 0)
    return true;
  const Term *Skipped = TC.sub(Offset, O.Offset);
  if (!S.provablyEqual(Skipped, TC.zero())) {
    Range Gap = S.rangeOf(Skipped);
    if (Gap.Lo > 0 && Skipped->isConst()) {
      // The handles before the slice stay.
      O.Count = Skipped;
      O.Partial = true;
      O.Request = nullptr;
      return true;
    }
    if (Gap.Hi < 0)
      (void)releasedAgain(S, E, O.Handle, Offset, TC.one(), Site);
    discharge(S, Held, Vague, Site);
    return true;
  }
  Range More = S.rangeOf(TC.sub(Count, O.Count));
  if (More.isOnly(0)) {
    if (Count->isConst())
      O.Count = Count;
    discharge(S, Held, Those, Site);
    return true;
  }
  bool AskedFor = O.Request && S.provablyEqual(Count, O.Request);
  if (More.Lo > 0 || (AskedFor && More.Hi > 0)) {
    Eng.observer().badRelease({ReleaseFault::TooMany, S,
                               More.Lo > 0 ? E : Those, &O, nullptr, Site, FD});
    discharge(S, Held, Those, Site);
    return true;
  }
  // The last one of a round may be the last of all.
  if (More.Hi < 0 || (Consumes && More.Hi == 0)) {
    if (Consumes)
      dead(S, ofFamily(E, O.Fam), O.Form, O.Handle, Offset, Count, Site,
           O.Site);
    O.Offset = TC.add(O.Offset, Count);
    O.Count = TC.sub(O.Count, Count);
    O.Request = nullptr;
    O.Partial = true;
    return true;
  }
  // Bytes rounded up to pages without the offset that they start at: the last
  // page may stay.
  auto IsRoundedUp = [](const Term *T) {
    return T->kind() == Term::Op && T->opcode() == Term::Div &&
           T->op(1)->isConst();
  };
  if (IsRoundedUp(Count) && IsRoundedUp(O.Count) &&
      Count->op(1) == O.Count->op(1)) {
    const Term *Missing = TC.sub(O.Count->op(0), Count->op(0));
    // As when they are rounded down.
    bool IsOffset = Missing->kind() == Term::Load ||
                    (Missing->kind() == Term::Linear && Missing->number() >= 0);
    if (IsOffset && S.rangeOf(Missing).Lo >= 0) {
      O.Offset = TC.add(O.Offset, Count);
      O.Count = TC.sub(O.Count, Count);
      O.Request = nullptr;
      O.Partial = true;
      return true;
    }
  }
  discharge(S, Held, Vague, Site);
  return true;
}

/// Reports that handles [Offset, Offset + Count) of \p Array, none of which is
/// held, were given back before; false if that is not certain.
bool Explorer::releasedAgain(const State &S, const Effect &E, const Term *Array,
                             const Term *Offset, const Term *Count,
                             const Stmt *Site) {
  if (E.May || S.rangeOf(Count).Lo <= 0)
    return false;
  for (const DeadObject &D : S.Dead) {
    if (D.Handle != Array || !D.Fam || D.May || !D.Offset ||
        !(E.Fam ? D.Fam->isGivenBackAs(E.Fam) : sameKind(E, *D.Fam)) ||
        !S.provablyEqual(D.Offset, Offset))
      continue;
    Eng.observer().badRelease(
        {ReleaseFault::Again, S, E, nullptr, &D, Site, FD});
    return true;
  }
  return false;
}

void Explorer::releaseArray(State &S, const Effect &E, const Term *Base,
                            const Term *Start, const Term *Count,
                            const Stmt *Site) {
  if (const Binding *B = S.bindingFor(Base, Start)) {
    for (unsigned I = 0; I < S.Held.size(); ++I)
      if (S.Held[I].Handle == B->Array) {
        releaseFrom(S, E, I, TC.sub(Start, B->Start), Count, Site);
        return;
      }
    (void)releasedAgain(S, E, B->Array, TC.sub(Start, B->Start), Count, Site);
    return;
  }
  releaseUnobtained(S, E, Base, Start, Count, Site);
  // One handle in a variable, handed over as an array of one.
  const Term *At = TC.index(Base, Start);
  if (const auto *V = S.Store.lookup(At))
    if (S.provablyEqual(Count, TC.one())) {
      releaseValue(S, E, *V, Site);
      return;
    }
  if (releaseStoredIn(S, E, Base, Site))
    return;
  const Term *Ptr = TC.addrOf(At);
  if (!Ptr->isExternal())
    return;
  Effect L = E;
  L.Form = Effect::Array;
  L.Subject = Ptr;
  L.Count = Count;
  logEffect(S, L, Site);
}

/// Gives back everything that is held by the object at \p Loc.
bool Explorer::releaseStoredIn(State &S, const Effect &E, const Term *Loc,
                               const Stmt *Site) {
  bool Any = false;
  for (unsigned I = S.Held.size(); I-- > 0;) {
    const Obligation &O = S.Held[I];
    bool Inside =
        O.Holder && (isWithin(O.Holder, Loc) || isWithin(Loc, O.Holder) ||
                     mentions(Loc, O.Holder));
    for (const auto &KV : S.Store)
      Inside |= !KV.second->isConst() && isWithin(KV.first, Loc) &&
                mentions(KV.second, O.Handle);
    for (const Binding &B : S.Bindings)
      Inside |= B.Array == O.Handle && isWithin(B.Base, Loc);
    if (!Inside)
      continue;
    if (!concerns(E, O))
      continue;
    Any = true;
    discharge(S, I, E, Site);
  }
  return Any;
}

/// Gives back the range that begins at \p H, and what was acquired piece by
/// piece behind it; false if nothing of that is held.
bool Explorer::releaseRange(State &S, const Effect &E, const Term *H,
                            const Stmt *Site) {
  bool Any = false;
  for (unsigned I = S.Held.size(); I-- > 0;) {
    const Obligation &O = S.Held[I];
    if (O.Form != Effect::Value || !O.Fam->IsRange || !compatible(E, O))
      continue;
    const Range Behind = S.rangeOf(TC.sub(O.Handle, H));
    if (Behind.full() || Behind.Hi < 0)
      continue;
    discharge(S, I, E, Site);
    Any = true;
  }
  return Any;
}

void Explorer::releaseValue(State &S, const Effect &E, const Term *Handle,
                            const Stmt *Site) {
  if (S.rangeOf(Handle).Hi <= 0)
    return;
  const Term *H = handleIn(Handle);
  // Some number of references of one object: others' among them.
  if (E.Count && !E.Count->isConst() && E.Fam && E.Fam->Kind == Family::Ref &&
      !E.May) {
    Effect Some = E;
    Some.May = true;
    releaseValue(S, Some, Handle, Site);
    return;
  }
  // The pages that were put into an object go with the set of its pages.
  if (E.Fam && E.Fam->isInsideObject()) {
    const Term *Object = rootOf(TC.deref(H));
    llvm::erase_if(S.Held, [&](const Obligation &O) {
      return O.Holder && !O.dwindles() && !O.Fam->Group.empty() &&
             isWithin(O.Holder, Object);
    });
  }
  if (releaseWholeLoop(S, E, H, Site) || releaseRange(S, E, H, Site))
    return;

  int Wrong = -1;
  for (unsigned I = 0; I < S.Held.size(); ++I) {
    const Obligation &O = S.Held[I];
    if (O.Form != Effect::Value || O.Handle != H || !concerns(E, O))
      continue;
    if (compatible(E, O)) {
      discharge(S, I, E, Site);
      return;
    }
    // What had one more reference taken may be given back in its own way.
    if (!O.Extra)
      Wrong = I;
  }
  if (Wrong >= 0) {
    discharge(S, Wrong, E, Site);
    return;
  }
  // One counter, and two ways to say whose: that of an object, or of what it
  // has inside.
  auto IsAlias = [&](const Obligation &O) {
    return O.Form == Effect::Value && E.Fam && E.Fam != O.Fam &&
           O.Fam->isObjectReference() && compatible(E, O) &&
           objectOf(O.Handle) == objectOf(H);
  };
  if (auto It = llvm::find_if(S.Held, IsAlias); It != S.Held.end()) {
    discharge(S, It - S.Held.begin(), E, Site);
    return;
  }
  if (H->kind() == Term::Element) {
    releaseSiblings(S, E, H->op(0));
    for (unsigned I = 0; I < S.Held.size(); ++I)
      if (S.Held[I].Handle == H->op(0)) {
        const Term *N = E.Count ? E.Count : TC.one();
        // A walk over the array that does not count like a loop: trust it.
        if (!S.Loops.empty() && !Consumes && compatible(E, S.Held[I]) &&
            !S.provablyEqual(S.Held[I].Count, TC.one()))
          S.Held.erase(S.Held.begin() + I);
        else
          releaseFrom(S, E, I, H->op(1), N, Site);
        return;
      }
    // One more was taken of one of the array's.
    auto MayBeThis = [&](const Obligation &O) {
      return O.Form == Effect::Value && O.Handle->kind() == Term::Element &&
             O.Handle->op(0) == H->op(0) && compatible(E, O) &&
             S.rangeOf(TC.sub(O.Handle->op(1), H->op(1))).contains(0);
    };
    if (auto It = llvm::find_if(S.Held, MayBeThis); It != S.Held.end()) {
      discharge(S, It - S.Held.begin(), E, Site);
      return;
    }
  }
  for (const DeadObject &D : S.Dead) {
    // Ranges that begin at one place need not be the same.
    if (D.May || (D.MayBeLast && !D.Acquired) || !D.Fam ||
        !sameKind(E, *D.Fam) || D.Fam->IsRange)
      continue;
    bool Hit =
        D.Form == Effect::Value
            ? D.Handle == H
            : H->kind() == Term::Element && D.Handle == H->op(0) && D.Offset &&
                  S.rangeOf(TC.sub(H->op(1), D.Offset)).Lo >= 0 &&
                  S.rangeOf(TC.sub(TC.add(D.Offset, D.Count), H->op(1))).Lo > 0;
    // A callee that gives something back in another way means another hold.
    if (!Hit || (E.Inner && E.Fam && E.Fam != D.Fam))
      continue;
    // What a callee puts twice was judged there.
    if (D.Site != Site || !E.Inner || !S.Loops.empty())
      Eng.observer().badRelease(
          {ReleaseFault::Again, S, E, nullptr, &D, Site, FD});
    return;
  }
  // Freeing memory gives back the memory, not what is kept in it.
  if (E.Fam && E.Fam->Kind == Family::Alloc)
    return;
  // What an object that is held points back to may be itself.
  if (H->kind() == Term::Load)
    for (unsigned I = 0; I < S.Held.size(); ++I)
      if (S.Held[I].Form == Effect::Value && compatible(E, S.Held[I]) &&
          mentions(H, S.Held[I].Handle)) {
        discharge(S, I, E, Site);
        return;
      }
  // Which one is given back is not known below, and so not what is dead.
  auto Doubt = [&] {
    for (DeadObject &D : S.Dead)
      D.Alive |= D.Site == Site;
  };
  // A value that stands for several: any of them may be meant.
  if (auto It = M.Parts.find(H); It != M.Parts.end()) {
    for (unsigned I = 0; I < S.Held.size(); ++I)
      if (concerns(E, S.Held[I]) &&
          llvm::any_of(It->second, [&](const Term *P) {
            return handleOf(S, S.Held[I], P) ||
                   (P->kind() == Term::Element && P->op(0) == S.Held[I].Handle);
          })) {
        discharge(S, I, E, Site);
        Doubt();
        return;
      }
  }
  // Read back from memory whose exact slot is not known.
  if (H->kind() == Term::Load) {
    const Term *Loc = H->op(0), *Object = Loc;
    // A member of an entry, as in a table of bio_vecs.
    while (Object->kind() == Term::Field)
      Object = Object->op(0);
    Object = Object->kind() == Term::Index ? Object->op(0) : Loc;
    // What was there before something was put into its place is another one.
    const auto *Now = Object == Loc ? S.Store.lookup(Loc) : nullptr;
    if ((!Now || *Now == H) && releaseStoredIn(S, E, Object, Site)) {
      Doubt();
      return;
    }
    for (unsigned I = 0; I < S.Held.size(); ++I)
      if (S.Held[I].Holder && concerns(E, S.Held[I]) &&
          mentions(H, S.Held[I].Holder)) {
        discharge(S, I, E, Site);
        Doubt();
        return;
      }
  }
  if (H->kind() == Term::Load) {
    auto [Base, Start] = TC.slot(H->op(0));
    releaseUnobtained(S, E, Base, Start, TC.one(), Site);
  }
  if (!H->isExternal())
    return;
  Effect L = E;
  L.Subject = H;
  L.Form = Effect::Value;
  logEffect(S, L, Site);
  // In a loop, the next round's handle may have the same name.
  if (!E.May && (!E.MayBeLast || Eng.followsLifetimes()) && S.Loops.empty())
    if (DeadObject *D = dead(S, E, Effect::Value, H, nullptr, nullptr, Site))
      // Who has a reference of another kind keeps it alive.
      D->Alive |= llvm::any_of(
          S.Held, [&](const Obligation &O) { return O.Handle == H; });
}

/// Everything of the right kind that can be reached from the object at \p Loc
/// is given back: a callee walked through it in ways that were not followed.
bool Explorer::releaseReachable(State &S, const Effect &E, const Term *Loc,
                                const Stmt *Site) {
  llvm::SmallVector<const Term *, 8> Objects{Loc};
  llvm::DenseSet<const Term *> Seen{Loc};
  bool Any = false;
  constexpr unsigned MaxObjects = 24;
  for (unsigned I = 0; I < Objects.size() && I < MaxObjects; ++I) {
    Any |= releaseStoredIn(S, E, Objects[I], Site);
    for (const auto &KV : S.Store)
      if (isWithin(KV.first, Objects[I]) &&
          (KV.second->kind() == Term::Sym || KV.second->kind() == Term::Load ||
           KV.second->kind() == Term::AddrOf)) {
        const Term *Next = rootOf(TC.deref(KV.second));
        if (Seen.insert(Next).second)
          Objects.push_back(Next);
      }
  }
  return Any;
}

/// Remembers whether the release at \p Site ever gives back anything.
void Explorer::noteAmount(const State &S, const Effect &E, const Stmt *Site) {
  if (!E.Count || E.Inner || Focus)
    return;
  auto [It, New] = EmptyReleases.insert({Site, Empty{}});
  if (!S.rangeOf(E.Count).isOnly(0))
    It->second.S.reset();
  else if (New)
    It->second = {S, E};
}

void Explorer::reportEmptyReleases() {
  if (GaveUp)
    return;
  for (const auto &[Site, X] : EmptyReleases)
    if (X.S)
      Eng.observer().emptyRelease({*X.S, X.E, Site, FD});
}

void Explorer::release(State &S, const Effect &E, const Stmt *Site) {
  noteAmount(S, E, Site);
  if (E.Form == Effect::Contents) {
    const Term *Loc = rootOf(TC.deref(E.Subject));
    releaseReachable(S, E, Loc, Site);
    if (E.Subject->isExternal())
      logEffect(S, E, Site);
    return;
  }
  if (E.Form == Effect::Array && E.Count && S.rangeOf(E.Count).Hi <= 0)
    return;
  const std::vector<Obligation> Before = S.Held;
  const size_t Logged = S.Log.size();
  releaseNamed(S, E, Site);
  // Some, or some of one.
  if (!std::equal(
          Before.begin(), Before.end(), S.Held.begin(), S.Held.end(),
          [](const Obligation &A, const Obligation &B) { return A.sameAs(B); }))
    return;
  bool Found = false;
  if (E.Inner)
    if (const Term *Start = E.Owner) {
      Effect Somewhere = E;
      Somewhere.Form = Effect::Contents;
      Found = releaseReachable(S, Somewhere, rootOf(TC.deref(Start)), Site);
    }
  if (!Found && S.Log.size() == Logged)
    Eng.observer().strayRelease({E, Site, FD});
}

void Explorer::releaseNamed(State &S, const Effect &E, const Stmt *Site) {
  if (E.Form == Effect::Array || E.Form == Effect::Out) {
    // The caller's array or an error: there is nothing to release in the
    // latter.
    const Term *Ptr = E.Subject;
    if (auto It = M.Parts.find(Ptr); It != M.Parts.end()) {
      auto IsOwn = [](const Term *P) {
        return P->isExternal() && !P->isConst();
      };
      if (llvm::count_if(It->second, IsOwn) == 1)
        Ptr = *llvm::find_if(It->second, IsOwn);
    }
    const auto [Base, Start] = TC.slot(TC.deref(Ptr));
    releaseArray(S, E, Base, Start, E.Count ? E.Count : TC.one(), Site);
    return;
  }
  releaseValue(S, E, E.Subject, Site);
}
