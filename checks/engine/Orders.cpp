//===- Orders.cpp - The order in which things are taken down --------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Explorer.h"
#include "clang/AST/Expr.h"
#include "llvm/ADT/STLExtras.h"

using namespace pinlint;
using namespace clang;

/// True if \p First has to be taken down before \p Last.
static bool goesBefore(const Family *First, const Family *Last) {
  return llvm::is_contained(First->ReleasedBefore, Last);
}

/// The pointers and numbers that \p T is reached or computed from.
static void collectSources(const Term *T,
                           llvm::SmallDenseSet<const Term *, 8> &To) {
  visitTerms(T, [&](const Term *X) {
    if (X->kind() == Term::Param || X->kind() == Term::Load ||
        X->kind() == Term::Sym || (X->kind() == Term::Var && !X->isExternal()))
      To.insert(X);
    return X->kind() != Term::Sym;
  });
}

/// True if both were found by way of the same object.
static bool haveCommonSource(const Term *A, const Term *B) {
  llvm::SmallDenseSet<const Term *, 8> OfA, OfB;
  collectSources(A, OfA);
  collectSources(B, OfB);
  return llvm::any_of(OfA, [&](const Term *T) { return OfB.contains(T); });
}

/// An argument that \p T is reached or computed from; null if there is none.
static const Term *argumentBehind(const Term *T) {
  const Term *Found = nullptr;
  visitTerms(T, [&](const Term *X) {
    if (X->kind() == Term::Param)
      Found = X;
    return !Found && X->kind() != Term::Sym;
  });
  return Found;
}

/// Makes the path of \p S tell of \p E.
void Explorer::noteEvent(State &S, const Effect &E, const FunctionDecl *Callee,
                         const Stmt *Site) {
  if (S.Path && S.Path->S == Site)
    return;
  PathNode N{};
  N.S = Site;
  N.Loc = Site->getBeginLoc();
  N.Inner = E.Inner;
  N.Kind = E.Inner ? PathNode::Call : PathNode::Event;
  if (Callee)
    N.Text = Callee->getName();
  S.addPath(N);
}

void Explorer::noteSetUp(State &S, const Effect &E, const FunctionDecl *Callee,
                         const Stmt *Site) {
  constexpr unsigned MaxSetUps = 8;
  // The next round's may have the same name.
  const auto *Call = dyn_cast<CallExpr>(Site);
  if (!Call || !E.Into || E.Into->isConst() || !S.Loops.empty() ||
      S.SetUps.size() >= MaxSetUps)
    return;
  InPlace X;
  X.Fam = E.Fam;
  X.Of = handleIn(E.Into);
  if (E.Fam->Kind == Family::Link) {
    // A list of the function's own goes with the function.
    const Term *Start = rootOf(TC.deref(E.Into));
    if (E.Subject->isConst() ||
        (Start->kind() == Term::Var && !Start->isExternal()))
      return;
    X.Of = E.Subject;
    X.List = E.Into;
    noteEvent(S, E, Callee, Site);
  }
  X.Result = TC.instance(tokenFor(S, Site), TC.result(bounds(Call->getType())));
  X.Success = S.rangeOf(X.Result);
  X.Site = Site;
  X.At = S.Path;
  S.SetUps.push_back(X);
}

/// Code that is not known gets \p V: it may take anything down, but elements
/// only out of lists that it is led to.
void Explorer::mayTakeDown(State &S, const Term *V) {
  const Term *Root = rootOf(TC.deref(V));
  llvm::erase_if(S.SetUps, [&](const InPlace &X) {
    return X.Fam->Kind != Family::Link || V == X.Of || V == objectOf(X.Of) ||
           Root == rootOf(TC.deref(X.List));
  });
}

/// An object is freed that is in a list still.
void Explorer::checkLinked(const State &S, const Effect &E, const Term *Object,
                           const FunctionDecl *Callee, const Stmt *Site) {
  for (const InPlace &X : S.SetUps)
    if (X.Fam->Kind == Family::Link && objectOf(X.Of) == Object &&
        S.rangeOf(X.Result).within(X.Success))
      Eng.observer().stillInPlace({S, X, E, *X.Fam, Site, FD, Callee});
}

/// What was set up here for the thing that \p E gives back has to be taken down
/// before; and a page of the kernel's own is not given back as a pin.
void Explorer::checkInPlace(State &S, const Effect &E,
                            const FunctionDecl *Callee, const Stmt *Site) {
  if (S.SetUps.empty() || !E.Fam || !E.Subject)
    return;
  // Which of several is taken down is not always known.
  llvm::erase_if(S.SetUps, [&](const InPlace &X) { return X.Fam == E.Fam; });
  if (E.May || E.Form == Effect::Contents || !S.Loops.empty())
    return;
  // One handle, or the array that has them.
  const Term *Gone = handleIn(E.Subject);
  bool Many = E.Form != Effect::Value;
  if (const auto *V = Many ? S.Store.lookup(TC.deref(E.Subject)) : nullptr) {
    Gone = handleIn(*V);
    Many = false;
  }
  const Obligation *Held = nullptr;
  unsigned Holds = 0;
  for (const Obligation &O : S.Held)
    if (handleOf(S, O, Many ? E.Subject : Gone)) {
      Held = &O;
      ++Holds;
    }
  const Family *Fam = Held ? Held->Fam : E.Fam;
  for (unsigned I = S.SetUps.size(); I-- > 0;) {
    const InPlace X = S.SetUps[I];
    if (X.Of != Gone || !S.rangeOf(X.Result).within(X.Success))
      continue;
    if (goesBefore(X.Fam, Fam) &&
        (Fam->Kind == Family::Alloc ? Holds <= 1 : Holds == 1)) {
      Eng.observer().stillInPlace({S, X, E, *Fam, Site, FD, Callee});
    } else if (E.Fam->Kind == Family::Pin && !Many && !Holds &&
               X.Fam->Group == E.Fam->Group) {
      Obligation O;
      O.Fam = X.Fam;
      O.Handle = Gone;
      O.Site = X.Site;
      O.At = X.At;
      Eng.observer().badRelease(
          {ReleaseFault::WrongFamily, S, E, &O, nullptr, Site, FD});
    } else {
      continue;
    }
    S.SetUps.erase(S.SetUps.begin() + I);
  }
}

/// True if the call at \p Site itself takes down what has to go before what
/// \p E says that it gives back: each of several objects may be taken down so.
bool Explorer::takesDownBefore(const FunctionDecl *Callee, const Effect &E,
                               const Stmt *Site) {
  const auto *C = dyn_cast<CallExpr>(Site);
  const Summary *Sum =
      Callee && C ? Eng.summaryFor(Callee, C->getNumArgs()) : nullptr;
  return Sum && llvm::any_of(Sum->Exits, [&](const Exit &X) {
           return llvm::any_of(X.Effects, [&](const Effect &Y) {
             return (Y.Kind == Effect::Release || Y.Kind == Effect::TakeDown) &&
                    Y.Fam && goesBefore(Y.Fam, E.Fam);
           });
         });
}

/// The numbers by which \p T picks elements, where those are not constant.
static llvm::SmallVector<const Term *, 2> picksIn(const Term *T) {
  llvm::SmallVector<const Term *, 2> Picks;
  visitTerms(T, [&](const Term *X) {
    if (X->kind() == Term::Index && !X->op(1)->isConst())
      Picks.push_back(X->op(1));
    return true;
  });
  return Picks;
}

/// True if \p A and \p B are about elements that different numbers pick: what
/// is done to one says nothing about the other.
static bool areOtherElements(const Term *A, const Term *B) {
  const auto Of = picksIn(A), Others = picksIn(B);
  return !Of.empty() && !Others.empty() &&
         llvm::none_of(Of, [&](const Term *Pick) {
           return llvm::is_contained(Others, Pick);
         });
}

/// What \p E says is given back here, though it was there before the function
/// began: by what else that was preceded decides whether it was right.
void Explorer::noteTakenDown(State &S, const Effect &E,
                             const FunctionDecl *Callee, const Stmt *Site) {
  constexpr unsigned MaxTakenDown = 16;
  takeDownUnobtained(S, E, Callee, Site);
  checkInPlace(S, E, Callee, Site);
  // What may be given back on some paths of a callee was judged there.
  if (!E.Fam || !E.Fam->InOrder || !E.Subject || E.Subject->isConst() ||
      E.May || Acquired.contains(E.Fam))
    return;
  for (TakenDown &X : S.TakenDowns) {
    // The order of things inside of one callee is judged there.
    if (X.InTime || X.Site == Site || !goesBefore(E.Fam, X.Fam) ||
        areOtherElements(E.Subject, X.Subject))
      continue;
    bool Related = haveCommonSource(E.Subject, X.Subject);
    Eng.observer().outOfOrder({S, X, E, Related, Site, FD, Callee});
    // One report tells it all.
    X.InTime = true;
  }
  if (S.TakenDowns.size() >= MaxTakenDown ||
      llvm::any_of(S.TakenDowns, [&](const TakenDown &X) {
        return X.Fam == E.Fam && X.Subject == E.Subject;
      }))
    return;
  // Where a report's path begins.
  if (E.Fam->GoesLast)
    noteEvent(S, E, Callee, Site);
  TakenDown X;
  X.Fam = E.Fam;
  X.Subject = E.Subject;
  X.InTime = llvm::any_of(S.TakenDowns,
                          [&](const TakenDown &Y) {
                            return goesBefore(Y.Fam, E.Fam);
                          }) ||
             takesDownBefore(Callee, E, Site);
  X.Sometimes = E.Sometimes;
  X.Site = Site;
  X.Inner = E.Inner;
  X.At = S.Path;
  S.TakenDowns.push_back(X);
}

/// Tells callers what is taken down here before anything else that matters, and
/// what is in a list now.
void Explorer::summariseTakenDown(const State &S, Exit &X) {
  constexpr unsigned MaxDepth = 10;
  for (const InPlace &L : S.SetUps) {
    if (L.Fam->Kind != Family::Link || !L.Of->isExternal() ||
        !L.List->isExternal() || L.Of->depth() > MaxDepth ||
        L.List->depth() > MaxDepth)
      continue;
    Effect E;
    E.Kind = Effect::SetUp;
    E.Fam = L.Fam;
    E.Subject = L.Of;
    E.Into = L.List;
    E.Inner = traceOf(L.Site, nullptr);
    X.Effects.push_back(E);
  }
  std::vector<Effect> First;
  for (const TakenDown &T : S.TakenDowns) {
    if (Acquired.contains(T.Fam))
      continue;
    // Of what is not known outside, the object that it was found in.
    const Term *Subject = T.Subject;
    if (!Subject->isExternal() || Subject->depth() > MaxDepth)
      Subject = argumentBehind(Subject);
    if (!Subject)
      Subject = TC.fresh("taken down", Range());
    Effect E;
    E.Kind = Effect::TakeDown;
    E.Fam = T.Fam;
    E.Subject = Subject;
    E.Sometimes = T.Sometimes;
    E.Inner = traceOf(T.Site, T.Inner);
    First.push_back(E);
  }
  X.Effects.insert(X.Effects.begin(), First.begin(), First.end());
}

/// Keeps what both have in place, as far as the calls succeeded.
void pinlint::joinSetUps(State &To, const State &From) {
  auto IsGone = [](const InPlace &X, const State &Other) {
    Range Both = Other.rangeOf(X.Result);
    Both.intersect(X.Success);
    return !Both.empty() && !llvm::is_contained(Other.SetUps, X);
  };
  const State Old = To;
  llvm::erase_if(To.SetUps, [&](auto &X) { return IsGone(X, From); });
  for (const InPlace &X : From.SetUps)
    if (!llvm::is_contained(To.SetUps, X) && !IsGone(X, Old))
      To.SetUps.push_back(X);
}

/// What only one of two joined paths has taken down, the joined path may have.
void pinlint::joinTakenDown(State &To, const State &From) {
  for (TakenDown &Y : To.TakenDowns)
    Y.Sometimes |= llvm::none_of(From.TakenDowns, [&](const TakenDown &X) {
      return X.Fam == Y.Fam && X.Subject == Y.Subject;
    });
  for (const TakenDown &X : From.TakenDowns) {
    auto It = llvm::find_if(To.TakenDowns, [&](const TakenDown &Y) {
      return X.Fam == Y.Fam && X.Subject == Y.Subject;
    });
    if (It == To.TakenDowns.end()) {
      To.TakenDowns.push_back(X);
      To.TakenDowns.back().Sometimes = true;
    } else {
      It->InTime |= X.InTime;
      It->Sometimes |= X.Sometimes;
    }
  }
}
