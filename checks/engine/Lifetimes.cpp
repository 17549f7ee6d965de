//===- Lifetimes.cpp - Uses and frees of objects that have died -----------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Explorer.h"
#include "clang/AST/Decl.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/STLExtras.h"

using namespace pinlint;
using namespace clang;

/// A counted object that dies with its last reference, or memory.
static bool isObject(const Family *Fam) {
  return !Fam || Fam->isObjectReference();
}

/// A page or folio. What others may still read of it does not matter; what is
/// known only by an address, such as a mapping, cannot be used.
static bool isPage(const Family *Fam) {
  return Fam && !Fam->Group.empty() && Fam->Kind != Family::Map &&
         Fam->Kind != Family::Link;
}

/// True if the page or folio \p Object is what \p D says was given back, and
/// nothing shows that somebody else keeps it.
bool Explorer::isGivenBack(const State &S, const DeadObject &D,
                           const Term *Object) {
  // Others have put references on what the caller has; pins are not shared.
  if (!D.Acquired && D.Fam->Kind != Family::Pin)
    return false;
  if (D.Form == Effect::Value)
    return D.Handle == Object;
  if (Object->kind() != Term::Element || Object->op(0) != D.Handle || !D.Offset)
    return false;
  // One more reference was taken on this one.
  if (llvm::any_of(S.Held, [&](const Obligation &O) {
        return O.Form == Effect::Value && O.Handle == Object;
      }))
    return false;
  const Term *Idx = Object->op(1);
  // A release that stands for all rounds of a loop: the first round has given
  // back the first element, or the last, and the others theirs later.
  for (const LoopRecord &R : S.Loops) {
    if (llvm::is_contained(R.Done, D.Site)) {
      const Term *Last = TC.sub(TC.add(D.Offset, D.Count), TC.one());
      return R.Iteration == 0 &&
             (S.provablyEqual(Idx, D.Offset) || S.provablyEqual(Idx, Last));
    }
    // What an earlier round gave back was another element, most likely.
    if (isIn(*Loops.at(R.Header), D.Site))
      return false;
  }
  return S.rangeOf(TC.sub(Idx, D.Offset)).Lo >= 0 &&
         S.rangeOf(TC.sub(TC.add(D.Offset, D.Count), Idx)).Lo > 0;
}

/// The dead object that \p Ptr points to or into. Memory takes along all that
/// is inside; with a reference, only what it was held on is known to go.
DeadObject *Explorer::findDead(State &S, const Term *Ptr) {
  if (S.Dead.empty())
    return nullptr;
  const Term *Object = objectOf(Ptr);
  DeadObject *Found = nullptr;
  for (DeadObject &D : S.Dead) {
    if (D.May || D.Alive || D.Deferred)
      continue;
    if (isPage(D.Fam)) {
      if (isGivenBack(S, D, Object))
        Found = &D;
      continue;
    }
    if (D.Form != Effect::Value || !isObject(D.Fam) ||
        objectOf(D.Handle) != Object)
      continue;
    if (!D.Fam)
      return &D;
    if (D.Handle->kind() != Term::AddrOf ||
        isWithin(TC.deref(Ptr), D.Handle->op(0)))
      Found = &D;
  }
  return Found;
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

namespace {
/// Writes values and locations as the function could; empty if there is no
/// short way.
class Speller {
public:
  Speller(const FunctionDecl *FD, const State &S) : FD(FD), S(S) {}

  std::string location(const Term *L) {
    switch (L->kind()) {
    case Term::Var:
      return L->varDecl()->getName().str();
    case Term::Deref: {
      std::string P = value(L->op(0));
      return P.empty() ? P : "*" + P;
    }
    case Term::Field: {
      bool Arrow = L->op(0)->kind() == Term::Deref;
      std::string Base = Arrow ? value(L->op(0)->op(0)) : location(L->op(0));
      if (Base.empty() || L->fieldDecl()->getName().empty())
        return Base;
      return Base + (Arrow ? "->" : ".") + L->fieldDecl()->getName().str();
    }
    case Term::Index: {
      std::string Base = location(L->op(0));
      if (!Base.empty() && Base.front() == '*')
        Base.erase(0, 1);
      return Base.empty() ? Base : Base + "[]";
    }
    default:
      return "";
    }
  }

  std::string value(const Term *P) {
    switch (P->kind()) {
    case Term::Param:
      if (unsigned(P->number()) < FD->getNumParams())
        return FD->getParamDecl(P->number())->getName().str();
      return "";
    case Term::Load:
      return location(P->op(0));
    case Term::AddrOf: {
      std::string L = location(P->op(0));
      return L.empty() ? L : "&" + L;
    }
    case Term::Convert:
      return value(P->op(0));
    default:
      return holderOf(P);
    }
  }

private:
  /// Where \p P is: in a variable, or in an object that one leads to.
  std::string holderOf(const Term *P) {
    for (const auto &KV : S.Store)
      if (KV.second == P && KV.first->kind() == Term::Var)
        return KV.first->varDecl()->getName().str();
    constexpr unsigned MaxDepth = 2;
    if (Depth == MaxDepth)
      return "";
    llvm::SaveAndRestore Deeper(Depth, Depth + 1);
    for (const auto &KV : S.Store)
      if (KV.second == P)
        if (std::string L = location(KV.first); !L.empty())
          return L;
    return "";
  }

  const FunctionDecl *FD;
  const State &S;
  unsigned Depth = 0;
};
} // namespace

/// The dead object as the function spells it: the handle, or the array that had
/// them.
static std::string spellDead(const FunctionDecl *FD, const State &S,
                             const DeadObject &D) {
  Speller Names(FD, S);
  if (D.Form == Effect::Value)
    return Names.value(D.Handle);
  for (const Binding &B : S.Bindings)
    if (B.Array == D.Handle) {
      bool Pointer = B.Base->kind() == Term::Deref;
      return Pointer ? Names.value(B.Base->op(0)) : Names.location(B.Base);
    }
  return "";
}

//===----------------------------------------------------------------------===//
// Uses
//===----------------------------------------------------------------------===//

/// True if the call that may have put the last reference is there to put it:
/// what else functions do with an object, they do with one that others hold.
bool Explorer::isPutOnPurpose(const DeadObject &D) const {
  const auto *C = dyn_cast<CallExpr>(D.Site);
  const FunctionDecl *Callee = C ? C->getDirectCallee() : nullptr;
  return !D.Depth || !Callee || Eng.source().endsByName(Callee);
}

/// True if every way to the current block leads through \p Site.
bool Explorer::isOnEveryWay(const Stmt *Site) {
  auto It = BlockOf.find(Site);
  if (It == BlockOf.end() || !Current)
    return true;
  if (!Dominators)
    Dominators = std::make_unique<CFGDomTree>(Graph.get());
  return Dominators->dominates(ByOrder[Order[It->second]], Current);
}

void Explorer::reportDead(State &S, DeadObject &D, LifetimeFault::KindTy Kind,
                          const UseSite &Use) {
  constexpr unsigned MaxDoubts = 32, MaxPutDepth = 2;
  if (!D.MayBeLast)
    Eng.observer().outlived({Kind, Use.Kind, S, D, spellDead(FD, S, D), Use.Loc,
                             FD, Use.Inner, Use.Callee});
  // Whose reference it was that a function puts on its own parameter, the
  // caller knows; one that goes deep inside of a callee is seldom the last.
  else if (objectOf(D.Handle)->kind() != Term::Param &&
           D.Depth <= MaxPutDepth && isPutOnPurpose(D) &&
           Doubts.size() < MaxDoubts)
    Doubts.push_back({Kind, Use, S, D, isOnEveryWay(D.Site)});
  // One report tells it all.
  D.Alive = true;
}

/// Another reference on the object of \p D is put, so that the first was not
/// the last.
void Explorer::noteOtherPut(const DeadObject &D, const Stmt *Site) {
  if (D.MayBeLast && D.Site != Site)
    PutAgain.insert(D.Site);
}

void Explorer::reportDoubts() {
  for (const Doubt &X : Doubts)
    if (!PutAgain.count(X.D.Site)) {
      LifetimeFault F = {X.Kind,
                         X.Use.Kind,
                         X.S,
                         X.D,
                         spellDead(FD, X.S, X.D),
                         X.Use.Loc,
                         FD,
                         X.Use.Inner,
                         X.Use.Callee};
      F.HasOthers = !X.PutBefore || TakenMore.count(X.D.Fam);
      Eng.observer().outlived(F);
    }
}

void Explorer::useLocation(State &S, const Term *Loc) {
  const Term *Root = rootOf(Loc);
  if (Root->kind() != Term::Deref)
    return;
  // What has been looked into is not NULL. That matters only where it is asked.
  if (TestedParams.contains(Root->op(0)))
    (void)S.restrict(Root->op(0), Range(1, Range::Max));
  useObject(S, TC.addrOf(Loc),
            {ObjectUse::Access, AccessedAt, nullptr, nullptr});
}

void Explorer::useNumbers(State &S, const FunctionDecl *Callee,
                          const Stmt *Site, llvm::ArrayRef<const Term *> Args) {
  if (Focus || !Eng.followsLifetimes() || S.Dead.empty())
    return;
  for (DeadObject &D : S.Dead) {
    if (D.May || D.Alive || D.Deferred || !D.Acquired || !isPage(D.Fam) ||
        D.Fam->Kind == Family::Ref || D.Fam->Kind == Family::Alloc)
      continue;
    for (const Term *A : Args) {
      if (A->kind() != Term::AddrOf)
        continue;
      const Term *Object = rootOf(A->op(0));
      if (Object->kind() != Term::Var || Object->isExternal())
        continue;
      bool Found = false;
      for (const auto &KV : S.Store) {
        if (Found || KV.second->isConst() || !isWithin(KV.first, A->op(0)))
          continue;
        visitTerms(KV.second, [&](const Term *T) {
          Found |= (T->kind() == Term::Convert || T->isPageNumber()) &&
                   isGivenBack(S, D, stripConversions(T));
          return !Found && T->kind() != Term::Sym;
        });
      }
      if (!Found)
        continue;
      LifetimeFault F = {LifetimeFault::Use,
                         ObjectUse::Passed,
                         S,
                         D,
                         Object->varDecl()->getNameAsString(),
                         Site->getBeginLoc(),
                         FD,
                         nullptr,
                         Callee};
      F.ByNumber = true;
      Eng.observer().outlived(F);
      D.Alive = true;
      break;
    }
  }
}

void Explorer::useObject(State &S, const Term *Ptr, const UseSite &Use) {
  if (Focus || !Eng.followsLifetimes())
    return;
  // An object without the pages that it had.
  for (DeadObject &D : S.Dead)
    if (D.Fam && D.Fam->isInsideObject() && D.Handle == Ptr && !D.May &&
        Use.Kind == ObjectUse::Needs) {
      reportDead(S, D, LifetimeFault::Use, Use);
      return;
    }
  const Term *Object = objectOf(Ptr);
  if (Object->isConst() || Object->kind() == Term::AddrOf ||
      Object->kind() == Term::Func)
    return;
  if (DeadObject *D = findDead(S, Ptr)) {
    reportDead(S, *D, LifetimeFault::Use, Use);
    return;
  }
  if (Object->isExternal())
    noteUse(S, Object, Use);
}

/// Records for callers that the function uses \p Object where what \p S says
/// about the entry holds.
void Explorer::noteUse(const State &S, const Term *Object, const UseSite &Use) {
  constexpr unsigned MaxUses = 32, MaxFacts = 12, MaxDepth = 9;
  if (Object->depth() > MaxDepth)
    return;
  auto [It, New] =
      UseIndex.try_emplace({Object, unsigned(Use.Kind)}, Uses.size());
  if (!New) {
    if (It->second == ~0u)
      return;
    ObjectUse &U = Uses[It->second];
    U.MayChange |= Use.MayChange;
    llvm::erase_if(U.When, [&](auto &Fact) {
      Fact.second = Fact.second.hull(S.rangeOf(Fact.first));
      return Fact.second.full() || Fact.second == Fact.first->bounds();
    });
    return;
  }
  if (Uses.size() >= MaxUses) {
    It->second = ~0u;
    return;
  }
  ObjectUse U;
  U.Kind = Use.Kind;
  U.Subject = Object;
  U.MayChange = Use.MayChange;
  for (const auto &KV : S.Ranges)
    if (KV.first->isExternal() && KV.first->depth() <= MaxDepth &&
        U.When.size() < MaxFacts && !(Range(KV.second) == KV.first->bounds()))
      U.When.push_back({KV.first, KV.second});
  Trace Where;
  SourceLocation Loc = Ctx.getSourceManager().getExpansionLoc(Use.Loc);
  if (Use.Callee)
    Where.push_back({Loc,
                     (Use.Inner ? "calling '" : "passed to '") +
                         Use.Callee->getName().str() + "'",
                     0});
  if (Use.Inner)
    for (const TraceStep &T : *Use.Inner)
      Where.push_back({T.Loc, T.Text, T.Depth + 1});
  else if (!Use.Callee)
    Where.push_back({Loc, "used here", 0});
  U.Where = Eng.keep(std::move(Where));
  Uses.push_back(std::move(U));
}

/// True if the function may free, or give back a reference on, \p Object.
bool Explorer::givesUp(const Summary &Sum, const Term *Object,
                       const std::function<const Term *(const Term *)> &Leaf) {
  for (const Exit &X : Sum.Exits)
    for (const Effect &E : X.Effects)
      if ((E.Kind == Effect::Free || E.Kind == Effect::Release) && E.Subject &&
          objectOf(TC.rewrite(E.Subject, Leaf)) == Object)
        return true;
  return false;
}

/// What callee \p Callee uses must be alive when it is called.
void Explorer::applyUses(State &S, const Summary &Sum,
                         const FunctionDecl *Callee, const Stmt *Site,
                         llvm::ArrayRef<const Term *> Args) {
  if (Focus || !Eng.followsLifetimes() || Sum.Uses.empty() || AfterGracePeriod)
    return;
  const Term *Token = tokenFor(S, Site);
  std::function<const Term *(const Term *)> Leaf =
      [&](const Term *T) -> const Term * {
    if (const Term *Given = argumentFor(T, Args))
      return Given;
    if (T->kind() == Term::Param)
      return TC.instance(Token, T);
    if (T->kind() == Term::Load && T->numOps() == 1)
      return S.load(TC.rewrite(T->op(0), Leaf), T->bounds());
    return nullptr;
  };
  auto Possible = [&](const ObjectUse &U, State &There) {
    return llvm::all_of(U.When, [&](const auto &Fact) {
      return There.restrict(TC.rewrite(Fact.first, Leaf), Fact.second);
    });
  };
  for (const ObjectUse &U : Sum.Uses) {
    const Term *Ptr = TC.rewrite(U.Subject, Leaf);
    const Term *Object = objectOf(Ptr);
    UseSite Use{U.Kind, Site->getBeginLoc(), U.Where, Callee, U.MayChange};
    DeadObject *D = findDead(S, Ptr);
    LifetimeFault::KindTy Kind = LifetimeFault::Use;
    if (!D && !S.Dead.empty() && Object->isConst(0) &&
        U.Kind != ObjectUse::Passed && U.Subject->kind() == Term::Load) {
      // The field that held the object was cleared when the object died.
      const Term *Slot = TC.rewrite(U.Subject->op(0), Leaf);
      for (DeadObject &X : S.Dead)
        if (!X.May && !X.Alive && isObject(X.Fam) &&
            X.Handle->kind() == Term::Load && X.Handle->op(0) == Slot)
          D = &X;
      Kind = LifetimeFault::UseOfNull;
    }
    if (D && D->MayBeLast && givesUp(Sum, Object, Leaf)) {
      // Whoever puts a second reference knows that there is one.
      noteOtherPut(*D, Site);
      D->Alive = true;
      continue;
    }
    if (D) {
      State There = S;
      if (Possible(U, There))
        reportDead(S, *D, Kind, Use);
      continue;
    }
    if (U.MayChange && !S.Dead.empty())
      reviveReachable(S, Ptr);
    if (!Object->isExternal() || Object->isConst())
      continue;
    auto It = UseIndex.find({Object, unsigned(U.Kind)});
    if (It != UseIndex.end() &&
        (It->second == ~0u || Uses[It->second].When.empty()))
      continue;
    State There = S;
    if (Possible(U, There))
      noteUse(There, Object, Use);
  }
}

/// Code that is not known got \p Ptr to work on: what is reached from there
/// may be another object now.
void Explorer::reviveReachable(State &S, const Term *Ptr) {
  const Term *Loc = TC.deref(Ptr);
  llvm::erase_if(S.Dead, [&](DeadObject &D) {
    bool Reached = false;
    visitTerms(D.Handle, [&](const Term *T) {
      Reached |= T->kind() == Term::Load && isWithin(T->op(0), Loc);
      return !Reached && T->kind() != Term::Sym;
    });
    if (!Reached || D.Fam || D.Handle->kind() != Term::Load)
      return Reached;
    // What it leaves in the slot still matters to those that come after.
    D.Alive = D.Revived = true;
    return false;
  });
}

//===----------------------------------------------------------------------===//
// Frees
//===----------------------------------------------------------------------===//

/// True if the path shows that the reference given back at \p Site was not the
/// last one on what \p P points to.
static bool isHeldElsewhere(const State &S, const Term *P, const Stmt *Site) {
  const Term *Object = objectOf(P);
  if (llvm::any_of(S.Held, [&](const Obligation &O) {
        return objectOf(O.Handle) == Object;
      }))
    return true;
  // It had been taken in addition before, on what was alive by then.
  if (llvm::any_of(S.Dead, [&](const DeadObject &D) {
        return D.Fam && D.Alive && D.Acquired && D.Site == Site &&
               objectOf(D.Handle) == Object;
      }))
    return true;
  // It was that of a table or global which has just been cleared.
  const auto *Call = dyn_cast<CallExpr>(Site);
  if (!Call)
    return false;
  for (const auto &KV : S.Store) {
    const Term *Slot = KV.first;
    if (!KV.second->isConst(0) || !Slot->isExternal())
      continue;
    const Term *Base = Slot->kind() == Term::Index ? Slot->op(0) : Slot;
    QualType Ty = Base->kind() == Term::Var     ? Base->varDecl()->getType()
                  : Base->kind() == Term::Field ? Base->fieldDecl()->getType()
                                                : QualType();
    if (!Ty.isNull() && Slot->kind() == Term::Index && Ty->isArrayType())
      Ty = Ty->castAsArrayTypeUnsafe()->getElementType();
    if (Ty.isNull() || !Ty->isPointerType())
      continue;
    for (const Expr *A : Call->arguments()) {
      QualType ArgTy = A->IgnoreParenImpCasts()->getType();
      if (ArgTy->isPointerType() &&
          ArgTy->getPointeeType().getCanonicalType().getUnqualifiedType() ==
              Ty->getPointeeType().getCanonicalType().getUnqualifiedType() &&
          ArgTy->getPointeeType()->isRecordType())
        return true;
    }
  }
  return false;
}

/// True if the first argument at \p Site is the address of something; that of a
/// first member is the same as its object's.
static bool givesAddress(const Stmt *Site) {
  const auto *C = dyn_cast<CallExpr>(Site);
  const auto *U =
      C && C->getNumArgs()
          ? dyn_cast<UnaryOperator>(C->getArg(0)->IgnoreParenCasts())
          : nullptr;
  return U && U->getOpcode() == UO_AddrOf;
}

void Explorer::freeObject(State &S, Effect E, const FunctionDecl *Callee,
                          const Stmt *Site) {
  if (E.Form != Effect::Value || S.rangeOf(E.Subject).Hi <= 0)
    return;
  // What frees the last reference has put another one.
  if (PutOneMore && PutOneMore == handleIn(E.Subject))
    return;
  auto [Base, Idx] = TC.splitPointer(E.Subject);
  const Term *P = stripConversions(Base);
  // What is given back is one entry of a table that lives on, as that of all
  // pages.
  if (!Idx->isConst(0) && P->kind() == Term::Load &&
      rootOf(P->op(0))->kind() == Term::Var)
    return;
  // A walk over a list that starts at a variable may seem to come back to it.
  if (objectOf(P)->kind() == Term::AddrOf || P->isConst())
    return;
  llvm::erase_if(S.Held, [&](const Obligation &O) {
    return O.Fam->EndsWhenFreed && O.Handle == P;
  });
  // What is a part of something is cleaned up, not freed.
  if (E.ByName && (P->kind() == Term::AddrOf || givesAddress(Site) ||
                   llvm::any_of(S.Store, [&](const auto &KV) {
                     return KV.second->kind() == Term::Op &&
                            KV.second->opcode() == Term::ContainerOf &&
                            objectOf(KV.second) == P;
                   })))
    return;
  // What a callback frees goes with what may have been the last reference.
  E.Deferred |= AfterGracePeriod;
  E.MayBeLast |= AfterPut && !AfterGracePeriod;
  if (!Focus && Eng.followsLifetimes() && !E.May)
    for (DeadObject &D : S.Dead)
      if (!D.Fam && !D.May && !D.Alive && !D.MayBeLast && D.Handle == P) {
        reportDead(S, D, LifetimeFault::FreeAgain,
                   {ObjectUse::Needs, Site->getBeginLoc(), E.Inner, Callee});
        return;
      }
  if (!E.May && !E.MayBeLast && !E.Deferred)
    checkLinked(S, E, P, Callee, Site);
  if (P->isExternal()) {
    E.Subject = P;
    logEffect(S, E, Site);
  }
  if (E.May)
    return;
  E.NotLast |= E.MayBeLast && isHeldElsewhere(S, P, Site);
  const Term *Object = objectOf(P);
  const Term *List =
      E.MayBeLast || E.Deferred ? nullptr : listOf(S, Object, Callee, Site);
  DeadObject *D = dead(S, E, Effect::Value, P, nullptr, nullptr, Site);
  // Nothing else tells that it was not taken out of where it was found.
  unlink(S, Object);
  if (D && List) {
    D->Listed = List;
    D->First = S.load(List, Range());
  }
}

/// True if the way to \p T starts from a parameter or global, whatever the
/// indices are that it takes.
static bool startsOutside(const Term *T) {
  while (T->kind() != Term::Param && T->kind() != Term::Sym && T->numOps())
    T = T->op(0);
  return T->kind() == Term::Param ||
         (T->kind() == Term::Var && T->isExternal());
}

/// Finds what the caller is left with that points to dead objects.
void Explorer::reportDangling(const State &S) {
  if (!Eng.followsLifetimes() || S.Dead.empty())
    return;
  auto IsDead = [&](const Term *P) {
    return llvm::any_of(S.Dead, [&](const DeadObject &D) {
      return !D.Fam && !D.May && objectOf(D.Handle) == objectOf(P);
    });
  };
  auto LivesOn = [&](const Term *Slot) {
    const Term *Root = rootOf(Slot);
    if (Root->kind() == Term::Var)
      return Root->isExternal();
    // A struct that was passed by value is the function's own.
    if (const Term *P = Root->op(0);
        P->kind() == Term::Param && P->number() < FD->getNumParams() &&
        FD->getParamDecl(P->number())->getType()->isRecordType())
      return false;
    // What leads to the slot must not be dead itself, all the way.
    for (const Term *P = Root->op(0);;) {
      if (IsDead(P))
        return false;
      P = objectOf(P);
      if (P->kind() == Term::Param)
        return true;
      // What a function that is not known hands out was there before.
      if (const CallExpr *C = callBehind(P))
        return !Eng.summaryOf(C);
      if (P->kind() != Term::Load || !startsOutside(P))
        return false;
      // The way there is cut where the function has cleared a pointer.
      if (S.load(P->op(0), P->bounds()) != P)
        return false;
      Root = rootOf(P->op(0));
      if (Root->kind() != Term::Deref)
        return Root->isExternal();
      P = Root->op(0);
    }
  };
  // A callee has found what the list is in: that is not dead, nor is it new.
  auto IsFound = [&](const Term *Slot) {
    const Term *Root = rootOf(Slot);
    if (Root->kind() != Term::Deref || IsDead(Root->op(0)))
      return false;
    const CallExpr *C = callBehind(objectOf(Root->op(0)));
    const Summary *Sum = C ? Eng.summaryOf(C) : nullptr;
    return Sum && llvm::none_of(Sum->Exits, [](const Exit &X) {
             return llvm::any_of(X.Effects, [](const Effect &E) {
               return E.Kind == Effect::Acquire || E.Kind == Effect::SetUp;
             });
           });
  };
  for (const DeadObject &D : S.Dead) {
    // Whoever changes where it starts may have left all others out, too.
    if (D.Listed && (LivesOn(D.Listed) || IsFound(D.Listed)) &&
        S.load(D.Listed, Range()) == D.First)
      Eng.observer().leftInList({S, D, FD});
    if (D.May || (D.Alive && !D.Revived) || D.Form != Effect::Value ||
        !isObject(D.Fam))
      continue;
    llvm::SmallVector<const Term *, 2> Slots;
    if (D.Handle->kind() == Term::Load && D.Handle->isExternal() &&
        !S.Store.lookup(D.Handle->op(0)) &&
        S.load(D.Handle->op(0), D.Handle->bounds()) == D.Handle)
      Slots.push_back(D.Handle->op(0));
    for (const auto &KV : S.Store)
      if (KV.second == D.Handle)
        Slots.push_back(KV.first);
    for (const Term *Slot : Slots)
      if (LivesOn(Slot))
        Eng.observer().leftDangling({S, D, Slot, Speller(FD, S).location(Slot),
                                     FD,
                                     reportsFailure(S, FD->getReturnType())});
  }
}

/// Finds pages that the caller gets, by the result or through a pointer that he
/// passed for it, although the function has given back what it held of them.
void Explorer::reportHandedOut(State &S, SourceLocation Loc) {
  if (Focus || !Eng.followsLifetimes())
    return;
  // What was read from the page, or how its number compares, is not the page.
  auto Names = [&](const Term *V, const DeadObject &D) {
    bool Found = false;
    visitTerms(V, [&](const Term *T) {
      Found |= isGivenBack(S, D, T);
      return !Found && T->kind() != Term::Load && T->kind() != Term::Sym &&
             !T->isCompare();
    });
    return Found;
  };
  auto IsHandedOut = [&](const DeadObject &D) {
    if (S.Returned && Names(S.Returned, D))
      return true;
    return llvm::any_of(S.Store, [&](const auto &KV) {
      return KV.first->kind() == Term::Deref &&
             KV.first->op(0)->kind() == Term::Param && Names(KV.second, D);
    });
  };
  for (DeadObject &D : S.Dead)
    if (isPage(D.Fam) && D.Acquired && !D.May && !D.Alive && IsHandedOut(D))
      reportDead(S, D, LifetimeFault::HandedOut,
                 {ObjectUse::Access, Loc, nullptr, nullptr});
}

/// A caller cannot tell exits apart whose facts do not contradict each other.
/// What is freed on one of them only may well be alive: most often, a counter
/// decides.
void Explorer::markUncertain(std::vector<Exit> &Exits) {
  // A member of the object that says whether this is the last one.
  auto IsCounter = [](const Term *T, const Range &R, const Term *Object) {
    const Term *Loc = T->kind() == Term::Load ? T->op(0) : nullptr;
    return Loc && Loc->kind() == Term::Field &&
           rootOf(Loc)->kind() == Term::Deref && T->bounds().Hi > 1 &&
           R.isOnly(1) && objectOf(rootOf(Loc)->op(0)) == objectOf(Object);
  };
  auto Exclusive = [&](const Exit &A, const Exit &B, const Term *Object) {
    for (const auto &[T, R] : A.Facts)
      for (const auto &[U, Q] : B.Facts) {
        Range Common = R;
        Common.intersect(Q);
        // A result that says whether it was the last one is no reason either.
        bool Tells = T->isExternal() || R.Hi < 0 || Q.Hi < 0;
        if (T == U && Common.empty() && Tells && !IsCounter(T, R, Object))
          return true;
      }
    return A.Ret && B.Ret && A.Ret->isConst() && B.Ret->isConst() &&
           A.Ret != B.Ret && (A.Ret->number() < 0 || B.Ret->number() < 0);
  };
  auto Frees = [](const Exit &X, const Term *P) {
    return llvm::any_of(X.Effects, [&](const Effect &E) {
      return E.Kind == Effect::Free && E.Subject == P && !E.May;
    });
  };
  for (Exit &X : Exits)
    for (Effect &E : X.Effects)
      if (E.Kind == Effect::Free && !E.May)
        E.MayBeLast |= llvm::any_of(Exits, [&](const Exit &Y) {
          return &X != &Y && !Frees(Y, E.Subject) &&
                 !Exclusive(X, Y, E.Subject);
        });
}

//===----------------------------------------------------------------------===//
// What can be forgotten
//===----------------------------------------------------------------------===//

/// Forgets dead objects that nothing names any more, so that paths which
/// differ in nothing else can meet.
void Explorer::forgetDead(State &S, const CFGBlock *To) {
  if (!Eng.followsLifetimes() || S.Dead.empty())
    return;
  llvm::erase_if(S.Dead, [&](const DeadObject &D) {
    if (D.Fam || D.Listed || D.Handle->isExternal())
      return false;
    const Term *Object = objectOf(D.Handle);
    // Whoever was given its address cannot give back what is in it.
    if (llvm::any_of(S.Held, [&](const Obligation &O) {
          return O.Holder && mentions(O.Holder, Object);
        }))
      return false;
    for (const auto &KV : S.Store) {
      if (KV.second->isConst() || !mentions(KV.second, Object))
        continue;
      const Term *Root = rootOf(KV.first);
      bool Named = Root->kind() == Term::Var
                       ? Root->isExternal() ||
                             Variables.isLive(Root->varDecl(), To->getBlockID())
                       : Root->op(0) != Object;
      if (Named)
        return false;
    }
    return llvm::none_of(
        S.Pending, [&](const auto &P) { return mentions(P.second, Object); });
  });
}
