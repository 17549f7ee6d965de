//===- Acquisitions.cpp - What calls acquire, and who asks whether --------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Coarsen.h"
#include "Explorer.h"
#include "Statements.h"
#include "clang/AST/Expr.h"
#include "llvm/ADT/STLExtras.h"

using namespace pinlint;
using namespace clang;

/// True if the call at \p Site made \p V.
bool Explorer::isResultOf(const State &S, const Stmt *Site, const Term *V) {
  const auto *C = dyn_cast<CallExpr>(Site);
  return C &&
         V == TC.instance(tokenFor(S, Site), TC.result(bounds(C->getType())));
}

/// The function takes a reference of its own on \p Handle.
void Explorer::takeOwn(const State &S, const Term *Handle) {
  for (const Obligation &O : S.Held)
    if (O.Fam->Kind == Family::Extract && handleOf(S, O, Handle))
      TakenAsLent.insert(O.Site);
}

void Explorer::acquire(State &S, const Effect &E, const Stmt *Site) {
  // Not to be followed; yet it takes the place of what was there before.
  const bool Passed = Focus && (Site != Focus || PassesBy);
  if (Passed &&
      (E.Form == Effect::Value || !E.Subject || E.Subject->isConst())) {
    // One more of what is followed: what is put then may be this one.
    if (E.Form == Effect::Value && E.Subject && !E.Handles) {
      const Term *Handle = handleIn(E.Subject);
      share(S, Handle);
      if (E.Extra || !E.Inner)
        takeOwn(S, Handle);
    }
    return;
  }
  // What extends that which is followed belongs to it.
  const bool Another = S.Followed && S.Followed != tokenFor(S, Site);
  if (!Passed)
    Sites.insert(Site);
  Obligation O;
  O.Fam = E.Fam;
  O.Site = Site;
  O.At = S.Path;
  O.Inner = E.Inner;
  O.Lent = E.Lent;
  O.FailedIn = E.FailedIn;
  O.FailedAt = E.FailedAt;
  O.Numbered = E.Numbered;
  if (E.Form == Effect::Value && !E.Handles) {
    O.Handle = handleIn(E.Subject);
    if (Another || S.rangeOf(O.Handle).Hi <= 0)
      return;
    O.Form = Effect::Value;
    // A counter that was written to is not inside of nothing.
    if (O.Handle->kind() == Term::AddrOf)
      if (const Term *Root = rootOf(O.Handle->op(0));
          Root->kind() == Term::Deref)
        S.restrict(Root->op(0), Range::notZero());
    // Of memory there is no second one, and a number is no object.
    O.Extra = !O.Fam->EndsWhenFreed && !O.Fam->IsRange &&
              (E.Extra || (!E.Inner && !isResultOf(S, Site, O.Handle)));
    if (O.Extra) {
      TakenMore.insert(O.Fam);
      takeOwn(S, O.Handle);
    }
    if (E.Into)
      O.Holder = TC.deref(E.Into);
    hold(S, O);
    return;
  }
  const Term *Count = E.Count ? E.Count : TC.one();
  if (S.rangeOf(Count).Hi <= 0)
    return;
  O.Form = Effect::Array;
  O.Offset = TC.zero();
  O.Count = Count;
  O.Request = E.Request;
  if (!E.Subject || E.Subject->isConst()) {
    // Without an array to put them into, there is nothing to give back.
    if (!E.Handles || Another)
      return;
    // A callee's array that is reached through its elements only.
    O.Handle = E.Handles;
    if (E.Into)
      O.Holder = TC.deref(E.Into);
    hold(S, O);
    return;
  }
  const auto [Base, Start] = TC.slot(TC.deref(E.Subject));
  O.Handle = E.Handles ? E.Handles
                       : TC.instance(tokenFor(S, Site),
                                     TC.constant(unsigned(E.Fam->Kind)));
  if (Passed) {
    S.bind(Base, Start, O.Handle);
    return;
  }
  // The next slice of an array that is filled in steps extends what is held.
  if (const Binding *B = S.bindingFor(Base, Start))
    for (Obligation &Old : S.Held) {
      if (Old.Handle != B->Array || Old.Fam != E.Fam)
        continue;
      const Term *End = TC.add(B->Start, TC.add(Old.Offset, Old.Count));
      if (!S.provablyEqual(Start, End))
        continue;
      if (Old.Request && E.Request)
        Old.Request = TC.add(TC.sub(Start, B->Start), E.Request);
      Old.Count = TC.add(Old.Count, Count);
      // Counters of loops are numbers as long as they can be.
      if (Range Sum = S.rangeOf(Old.Count); Sum.Lo == Sum.Hi)
        Old.Count = TC.constant(Sum.Lo);
      return;
    }
  if (Another) {
    S.bind(Base, Start, O.Handle);
    return;
  }
  if (E.Into && !E.Into->isConst())
    O.Holder = rootOf(TC.deref(E.Into));
  // What was moved to another part of the same memory stays in it.
  for (const auto &KV : S.Store)
    if (!KV.second->isConst() && isWithin(KV.first, Base))
      for (Obligation &Old : S.Held)
        if (!Old.Holder && mentions(KV.second, Old.Handle))
          Old.Holder = rootOf(Base);
  S.bind(Base, Start, O.Handle);
  // There is an array where there are handles in it.
  if (Base->kind() == Term::Deref)
    (void)S.restrict(Base->op(0), Range::notZero());
  hold(S, O);
}

/// True if \p E sets something up that is not taken down unless it is there.
static bool setsUp(const Effect &E) {
  return E.Kind == Effect::SetUp && E.Fam->OnlyIfHeld;
}

/// Exit \p X of a call has obtained nothing, in \p Failed, where others fill an
/// array or set something up.
void Explorer::noteAttempt(State &Failed, const Summary &Sum, const Exit &X,
                           const PathNode *Before,
                           llvm::ArrayRef<const Term *> Args,
                           const Stmt *Site) {
  auto Acquires = [](const Effect &E) {
    return E.Kind == Effect::Acquire || setsUp(E);
  };
  if ((Focus && Site != Focus) || llvm::any_of(X.Effects, Acquires))
    return;
  const auto *Call = dyn_cast<CallExpr>(Site);
  if (!Call)
    return;
  const Term *Result =
      TC.instance(tokenFor(Failed, Site), TC.result(bounds(Call->getType())));
  if (Failed.rangeOf(Result).Hi > 0)
    return;
  const bool IsNew = llvm::none_of(
      Attempts, [&](const Attempt &A) { return A.Result == Result; });
  for (const Exit &Other : Sum.Exits)
    for (const Effect &E : Other.Effects) {
      const Term *Array = argumentFor(E.Subject, Args);
      if (!Acquires(E) || !Array || Array->isConst())
        continue;
      Attempt A;
      A.Fam = E.Fam;
      if (E.Kind == Effect::SetUp) {
        // The next round's may have the same name.
        if (!Failed.Loops.empty())
          continue;
        A.Base = TC.deref(Array);
        A.Result = Result;
        A.Failure = Failed.rangeOf(Result);
        A.Site = Site;
        A.Before = Before;
        if (IsNew)
          Attempts.push_back(A);
        continue;
      }
      if (E.Form != Effect::Array)
        continue;
      std::tie(A.Base, A.Start) = TC.slot(TC.deref(Array));
      A.Request = argumentFor(E.Request, Args);
      // Who asks for one gets it, or an error.
      if (E.Count && E.Count->kind() == Term::Result && A.Request &&
          A.Request->isConst(1))
        (void)Failed.restrict(Result, Range(Failed.rangeOf(Result).Lo, -1));
      A.Result = Result;
      A.Content = Failed.load(TC.index(A.Base, A.Start), Range());
      A.Site = Site;
      A.Before = Before;
      if (IsNew)
        Attempts.push_back(A);
    }
}

/// Code that is not known is given \p Ptr, and may fill what a call has not.
void Explorer::handOnUnfilled(const State &S, const Term *Ptr) {
  for (Attempt &A : Attempts)
    A.HandedOn |= A.Start && isWithin(TC.deref(Ptr), A.Base) &&
                  S.rangeOf(A.Result).Hi <= 0;
}

/// Reports that \p Count handles at \p Base[\p Start], none of which is held,
/// are given back where the call has failed that should have put them there.
void Explorer::releaseUnobtained(const State &S, const Effect &E,
                                 const Term *Base, const Term *Start,
                                 const Term *Count, const Stmt *Site) {
  if (E.May || S.Rough)
    return;
  const Range N = S.rangeOf(Count);
  for (const Attempt &A : Attempts) {
    // Where none are asked for, none are missing.
    const bool AskedFor =
        A.Request && N.Hi > 0 && S.provablyEqual(Count, A.Request);
    if (!A.Start || A.Base != Base || A.HandedOn || (N.Lo <= 0 && !AskedFor) ||
        (E.Fam ? E.Fam != A.Fam : !sameKind(E, *A.Fam)) ||
        S.rangeOf(A.Result).Hi > 0 || !S.provablyEqual(A.Start, Start) ||
        S.load(TC.index(Base, Start), Range()) != A.Content)
      continue;
    Eng.observer().badRelease(
        {ReleaseFault::NoneHeld, S, E, nullptr, nullptr, Site, FD, &A});
    return;
  }
}

static bool readsMember(const Stmt *S) {
  return anyWithin(S, [](const Stmt *X) { return isa<MemberExpr>(X); });
}

/// True if what is at \p Site, which \p Callee does if it is not null, is done
/// only where a member says so that nobody had looked at before \p A: those for
/// whom the call succeeds may set it.
bool Explorer::isAsked(const State &S, const Attempt &A, const Effect &E,
                       const FunctionDecl *Callee, const Stmt *Site) {
  for (const PathNode *N = S.Path; N && N != A.Before; N = N->Parent) {
    if (N->Kind != PathNode::Branch || !readsMember(N->S))
      continue;
    auto It = BlockOf.find(N->S);
    if (It == BlockOf.end() || leadsAround({It->second, N->Taken}, Site))
      return true;
  }
  if (!E.Inner)
    return false;
  const auto *C = dyn_cast<CallExpr>(Site);
  const Summary *Sum = Callee && Callee->isDefined() && C
                           ? Eng.summaryFor(Callee, C->getNumArgs())
                           : nullptr;
  return !Sum || E.Sometimes || llvm::any_of(Sum->Exits, [&](const Exit &X) {
    return llvm::none_of(X.Effects, [&](const Effect &Y) {
      return Y.Fam == E.Fam &&
             (Y.Kind == Effect::TakeDown || Y.Kind == Effect::Release);
    });
  });
}

/// Reports that what \p E takes down was not set up, as the call that should
/// have done so has failed. Where several calls may have, one of them may have.
void Explorer::takeDownUnobtained(const State &S, const Effect &E,
                                  const FunctionDecl *Callee,
                                  const Stmt *Site) {
  if (E.May || S.Rough || !E.Fam || !E.Fam->OnlyIfHeld || !S.Loops.empty() ||
      E.Subject->isConst())
    return;
  const Term *Base = TC.deref(E.Subject);
  const Attempt *Failed = nullptr;
  for (const Attempt &A : Attempts) {
    if (A.Fam != E.Fam || A.Base != Base)
      continue;
    if (!S.rangeOf(A.Result).within(A.Failure))
      return;
    Failed = &A;
  }
  // A result that is ignored is reported as such.
  if (Failed && !isDiscarded(Failed->Site) &&
      !isAsked(S, *Failed, E, Callee, Site))
    Eng.observer().badRelease(
        {ReleaseFault::NoneHeld, S, E, nullptr, nullptr, Site, FD, Failed});
}

/// True if what could not be set up is the same in both.
bool Explorer::sameFailures(const State &A, const State &B) {
  constexpr unsigned MaxAttempts = 4;
  unsigned N = 0;
  return llvm::none_of(Attempts, [&](const Attempt &X) {
    return !X.Start && N++ < MaxAttempts &&
           A.rangeOf(X.Result).within(X.Failure) !=
               B.rangeOf(X.Result).within(X.Failure);
  });
}

/// There is a reference on what \p Handle names that is not followed.
void Explorer::share(State &S, const Term *Handle) {
  const Term *Array = Handle->kind() == Term::Element ? Handle->op(0) : nullptr;
  for (Obligation &O : S.Held)
    O.Shared |= O.Handle == Handle || O.Handle == Array;
}

void Explorer::hold(State &S, const Obligation &O) {
  if (Focus)
    S.Followed = tokenFor(S, O.Site);
  // It lives again.
  llvm::erase_if(S.Dead, [&](const DeadObject &D) {
    return D.Fam && !D.Fam->Group.empty() && D.Handle == O.Handle;
  });
  // Ordered, so that states that hold the same are equal.
  auto It = llvm::upper_bound(S.Held, O, [](const auto &A, const auto &B) {
    return A.Handle->id() < B.Handle->id();
  });
  S.Held.insert(It, O);
}

static void findDiscarded(const Stmt *S, llvm::DenseSet<const Stmt *> &Found) {
  auto Note = [&](const Stmt *Sub) {
    if (const auto *E = dyn_cast_or_null<Expr>(Sub))
      if (const auto *C = dyn_cast<CallExpr>(plain(E)))
        Found.insert(C);
  };
  if (isa<CompoundStmt, IfStmt, SwitchStmt, WhileStmt, DoStmt, ForStmt>(S) ||
      isa<LabelStmt, CaseStmt, DefaultStmt>(S)) {
    const Expr *Cond = nullptr;
    if (const auto *If = dyn_cast<IfStmt>(S))
      Cond = If->getCond();
    else if (const auto *Switch = dyn_cast<SwitchStmt>(S))
      Cond = Switch->getCond();
    else if (const auto *While = dyn_cast<WhileStmt>(S))
      Cond = While->getCond();
    else if (const auto *Do = dyn_cast<DoStmt>(S))
      Cond = Do->getCond();
    else if (const auto *For = dyn_cast<ForStmt>(S))
      Cond = For->getCond();
    for (const Stmt *Sub : S->children())
      if (Sub && Sub != Cond)
        Note(Sub);
  }
  for (const Stmt *Sub : S->children()) {
    if (!Sub)
      continue;
    findDiscarded(Sub, Found);
    // The last statement is the value.
    const auto *E = dyn_cast<StmtExpr>(S);
    if (E && !E->getSubStmt()->body_empty())
      if (const auto *Last = dyn_cast<Expr>(E->getSubStmt()->body_back()))
        Found.erase(plain(Last));
  }
}

bool Explorer::isDiscarded(const Stmt *Call) {
  if (!Discarded) {
    Discarded.emplace();
    findDiscarded(FD->getBody(), *Discarded);
  }
  return Discarded->count(Call);
}

/// True if \p Object is found by way of another one: who takes a reference on
/// it does so for that one.
static bool isKeptElsewhere(const Term *Object) {
  bool Found = false;
  visitTerms(Object, [&](const Term *T) {
    Found |= T->kind() == Term::Load;
    return !Found && T->kind() != Term::Sym;
  });
  return Found;
}

/// The pages that \p X leaves with an object, or what it sets up; null if there
/// is nothing.
static const Effect *pinsLeftBy(const Exit &X) {
  for (const Effect &E : X.Effects)
    if (setsUp(E) ||
        (E.Kind == Effect::Acquire && !E.May && E.Fam->Kind != Family::Ref))
      return &E;
  return nullptr;
}

/// True if \p X says in memory that there is nothing, for those who do not look
/// at the result.
static bool clearsSomething(const Exit &X) {
  return !X.Cleared.empty() || llvm::any_of(X.Stores, [](const auto &KV) {
    return KV.first->isExternal() && KV.second->isConst(0);
  });
}

/// Reports if what the call has acquired depends on the result alone.
void Explorer::noteIgnored(const State &S,
                           llvm::ArrayRef<const Exit *> Possible,
                           const Stmt *Site) {
  auto Taken = [](const Exit &X) -> const Effect * {
    for (const Effect &E : X.Effects)
      if (E.Kind == Effect::Acquire && E.Form == Effect::Value && E.Subject &&
          E.Fam->Kind == Family::Ref && !E.May && !isKeptElsewhere(E.Subject) &&
          !(X.Ret && mentions(X.Ret, E.Subject)) &&
          E.Subject->kind() != Term::Result)
        return &E;
    return nullptr;
  };
  auto SaysNo = [&](const Exit *X) {
    return !Taken(*X) && returned(*X).isOnly(0);
  };
  // Who fails has pinned nothing, and the code goes on as if there were pages.
  for (const Exit *X : Possible) {
    const Effect *Pins = pinsLeftBy(*X);
    const int64_t Least = returned(*X).Lo;
    if (!Pins || Least < 0)
      continue;
    const bool Counts = Least > 0;
    if (llvm::any_of(Possible, [&](const Exit *Y) {
          return !pinsLeftBy(*Y) && returned(*Y).Hi < Counts &&
                 !clearsSomething(*Y);
        })) {
      Eng.observer().ignoredResult({S, *Pins, Site, FD});
      return;
    }
  }
  if (llvm::none_of(Possible, SaysNo))
    return;
  const auto *Call = dyn_cast<Expr>(Site);
  bool IsAnswer = Call && Call->getType()->isBooleanType();
  for (const Exit *X : Possible) {
    const Effect *E = Taken(*X);
    if (!E)
      continue;
    // Where zero is success, other results say what went wrong; a number says
    // how many, and what a pointer leads to can be found again.
    Range Result = returned(*X);
    if (Result.isOnly(1) || (IsAnswer && !Result.contains(0))) {
      Eng.observer().ignoredResult({S, *E, Site, FD});
      return;
    }
  }
}
