//===- Effects.cpp - What calls do to a state -----------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Explorer.h"
#include "clang/AST/Expr.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace pinlint;
using namespace clang;

/// The parameter or global that the way to \p T starts from.
static const Term *startOf(TermContext &TC, const Term *T) {
  while (T->kind() != Term::Param && T->numOps())
    T = T->op(0);
  if (T->kind() == Term::Var)
    return TC.addrOf(T);
  return T->kind() == Term::Param ? T : nullptr;
}

/// Whether \p E, which puts a reference, puts the last one, where that is
/// known.
std::optional<bool> Explorer::isLastPut(const State &S, const Effect &E) const {
  const Term *H = handleIn(E.Subject);
  // Taken here on top of what keeps the object alive. What a callee has looked
  // up, only others keep alive, who may stop at any time.
  if (llvm::any_of(S.Held, [&](const Obligation &O) {
        bool LookedUp =
            O.At && O.At->Kind == PathNode::Call && !H->isExternal();
        return O.Extra && O.Handle == H && compatible(E, O) && !LookedUp;
      }))
    return false;
  // An object that was made on this path, with its first reference, and that
  // nobody else has seen.
  const Term *Object =
      H->kind() == Term::AddrOf ? rootOf(H->op(0)) : TC.deref(H);
  if (Object->kind() != Term::Deref)
    return std::nullopt;
  const Term *P = Object->op(0);
  auto Cleared = S.Defaults.lookup(Object);
  bool New = P->kind() == Term::Sym && !P->isExternal() && Cleared &&
             (*Cleared)->isConst(0);
  if (!New || S.mayBeTaken(P))
    return std::nullopt;
  bool Known = llvm::any_of(S.Store, [&](const auto &KV) {
    return !KV.second->isConst() && rootOf(KV.first) != Object &&
           (rootOf(KV.first)->kind() != Term::Var ||
            rootOf(KV.first)->isExternal()) &&
           mentions(KV.second, P);
  });
  if (Known)
    return std::nullopt;
  return true;
}

bool Explorer::applyExit(State &S, const Exit &X, const FunctionDecl *Callee,
                         const Stmt *Site, QualType RetTy,
                         llvm::ArrayRef<const Term *> Args, const Expr *Value,
                         llvm::SmallVectorImpl<Callback> &Callbacks) {
  const Term *Token = tokenFor(S, Site);
  const Term *Fresh = TC.instance(Token, TC.result(bounds(RetTy)));
  const Term *Ret = nullptr;
  std::function<const Term *(const Term *)> Leaf;
  auto Subst = [&](const Term *T) { return T ? TC.rewrite(T, Leaf) : nullptr; };
  Leaf = [&](const Term *T) -> const Term * {
    switch (T->kind()) {
    case Term::Param: {
      const Term *Given = argumentFor(T, Args);
      return Given ? Given : TC.instance(Token, T);
    }
    case Term::Result:
      return Ret ? Ret : Fresh;
    case Term::Sym:
      return TC.instance(Token, T);
    case Term::Var:
      return T->isExternal() ? T : TC.deref(TC.instance(Token, T));
    case Term::Load:
      if (T->numOps() == 1)
        return S.load(TC.rewrite(T->op(0), Leaf), T->bounds());
      return nullptr;
    default:
      return nullptr;
    }
  };
  // What nothing is known of is no null pointer; where paths met, one of them
  // may have left one, which matters if more is owed for it.
  if (X.KnownNull) {
    const Term *V = Subst(X.KnownNull);
    const bool Owed = llvm::any_of(X.Effects, [](const Effect &E) {
      return E.Kind == Effect::Acquire && E.Fam->EndsWhenFreed;
    });
    if (!S.rangeOf(V).isOnly(0) && !(Owed && S.M->MaybeZero.contains(V)))
      return false;
  }
  // Everything is read before anything is changed.
  Ret = X.Ret ? Subst(X.Ret) : Fresh;
  auto Instantiate = [&](Effect &E) {
    for (const Term **T : {&E.Subject, &E.Count, &E.Request, &E.Into, &E.Size,
                           &E.Handles, &E.UnlessFailed})
      *T = Subst(*T);
  };
  llvm::SmallVector<Effect, 8> Effects;
  for (Effect E : X.Effects) {
    // Who finds something, takes a reference and returns it, takes that
    // reference for the caller; who puts it somewhere as well, for that place,
    // and who has got one already, for somebody else.
    auto IsSubject = [&](const Term *V) {
      return stripConversions(V) == stripConversions(E.Subject);
    };
    if (E.Kind == Effect::Acquire && E.Extra && X.Ret &&
        E.Form == Effect::Value && E.Subject && !E.Subject->isExternal() &&
        IsSubject(X.Ret) &&
        llvm::none_of(X.Stores,
                      [&](const auto &LV) {
                        return LV.first->isExternal() && IsSubject(LV.second);
                      }) &&
        llvm::none_of(X.Effects, [&](const Effect &Y) {
          return Y.Kind == Effect::Acquire && !Y.Extra && Y.Fam == E.Fam &&
                 Y.Subject && IsSubject(Y.Subject);
        }))
      E.Extra = false;
    if (E.Kind == Effect::Release && E.Inner && E.Subject)
      if (const Term *Start = startOf(TC, E.Subject))
        E.Owner = Subst(Start);
    // What a protocol says of an acquired handle is about the time after the
    // call.
    if (!(X.FromProtocol && E.Kind == Effect::Acquire))
      Instantiate(E);
    Effects.push_back(E);
  }
  llvm::SmallVector<std::pair<const Term *, const Term *>, 8> Stores;
  for (const auto &[L, V] : X.Stores)
    Stores.push_back({Subst(L), Subst(V)});
  for (const auto &[V, Known] : X.MayBe)
    if (const Term *Here = Subst(V);
        Here->kind() == Term::Sym && !M.Parts.count(Here)) {
      llvm::SmallVector<const Term *, 2> Parts;
      for (const Term *T : Known)
        Parts.push_back(Subst(T));
      M.setParts(Here, Parts);
    }
  llvm::SmallVector<const Term *, 4> Havoc, Cleared;
  for (const Term *L : X.Havoc)
    Havoc.push_back(Subst(L));
  for (const Term *L : X.Cleared)
    Cleared.push_back(Subst(L));
  for (Callback C : X.Callbacks) {
    C.Function = Subst(C.Function);
    C.OfPut |= llvm::any_of(X.Effects, [](const Effect &E) {
      return E.Kind == Effect::Release && E.MayBeLast;
    });
    for (const Term *&A : C.Args)
      A = Subst(A);
    Callbacks.push_back(std::move(C));
  }
  llvm::SmallVector<std::pair<const Term *, Range>, 8> Facts;
  for (const auto &[T, R] : X.Facts)
    Facts.push_back({Subst(T), R});

  // A comparison that may turn out either way says nothing.
  auto Holds = [&](const Term *T, const Range &R) {
    if (!T->isCompare()) {
      if (R.isOnly(0))
        compareNumbers(S, T, Fresh);
      return S.restrict(T, R);
    }
    return (R.contains(0) && !R.isOnly(0)) || S.assume(T, !R.contains(0));
  };
  for (const auto &[T, R] : Facts)
    if (!Holds(T, R)) {
      if (Log)
        Log->pathEnded(*Current, S,
                       "exit of the callee is impossible: " + describe(T, R));
      return false;
    }
  for (const Effect &E : Effects) {
    if (!X.FromProtocol || E.Kind != Effect::Release || !E.NotLast)
      continue;
    std::optional<bool> Last = isLastPut(S, E);
    if (Last && *Last == Callbacks.empty()) {
      if (Log)
        Log->pathEnded(*Current, S,
                       *Last ? "it is the last reference that is put"
                             : "it is not the last reference that is put");
      return false;
    }
    // There is no doubt about what dies.
    if (Last && *Last)
      for (Callback &C : Callbacks)
        C.OfPut = false;
  }
  if (!Effects.empty() && Callee)
    notePath(S, Site, Effects, Callee);
  llvm::SmallVector<FetchEvent, 0> Reads;
  if (Fetches) {
    Reads = Fetches->instantiate(S, X.Fetches, Site, Subst);
    for (Effect &E : Effects)
      if (E.Kind == Effect::Fetch && E.Into)
        E.Handles = Fetches->replaced(S, TC.deref(E.Into));
  }
  // What an object has in it is found before something else is put there.
  auto IsWalk = [&](const Effect &E) {
    return !X.FromProtocol && E.Kind == Effect::Release &&
           E.Form == Effect::Contents;
  };
  llvm::SaveAndRestore Together(Applied, llvm::ArrayRef<Effect>(Effects));
  llvm::SaveAndRestore<const Term *> More(PutOneMore, nullptr);
  llvm::SaveAndRestore Failing(Consumes, Consumes &&
                                             RetTy->isSignedIntegerType() &&
                                             isFailure(S.rangeOf(Ret)));
  for (Effect &E : Effects)
    if (IsWalk(E))
      applyEffect(S, E, Callee, Site);
  for (const Term *L : Havoc)
    S.havoc(L, TC.instance(Token, TC.addrOf(L)));
  for (const Term *L : Cleared)
    S.clear(L);
  if (X.FromProtocol)
    for (const auto &[L, V] : Stores)
      S.store(L, V);
  for (Effect &E : Effects) {
    if (X.FromProtocol && E.Kind == Effect::Acquire)
      Instantiate(E);
    if (Fetches && E.Kind == Effect::Fetch)
      Fetches->read(S, E, Site, Token, Fresh);
    else if (!IsWalk(E))
      applyEffect(S, E, Callee, Site);
  }
  if (Fetches)
    Fetches->apply(S, Reads, Callee, Ret);
  if (!X.FromProtocol)
    for (const auto &[L, V] : Stores) {
      // Other handles than before are there now.
      if (V->kind() == Term::Element)
        llvm::erase_if(S.Bindings, [L = L, V = V](const Binding &B) {
          return B.Array != V->op(0) && isWithin(L, B.Base);
        });
      storeNumber(S, L, V);
      noteKept(S, L, V);
      unlinkByStore(S, L);
      S.store(L, V);
    }
  if (Value && !RetTy->isVoidType()) {
    if (RetTy->isRecordType())
      Ret = TC.load(TC.deref(Fresh), nullptr, Range());
    S.setPending(Value, Ret);
    noteOperand(S, Value, Ret);
  }
  return true;
}

void Explorer::notePath(State &S, const Stmt *Site,
                        llvm::ArrayRef<Effect> Effects,
                        const FunctionDecl *Callee) {
  // The most that is done to something is what the step is about.
  const Trace *Inner = nullptr;
  unsigned Best = 0;
  const Family *Fam = nullptr;
  bool Acquires = false;
  for (const Effect &E : Effects) {
    unsigned Rank = E.Kind == Effect::Acquire   ? 3
                    : E.Kind == Effect::Free    ? 2
                    : E.Kind == Effect::Release ? 1
                                                : 0;
    bool IsAcquire = E.Kind == Effect::Acquire;
    // What gives something back matters more than what it takes.
    if ((IsAcquire && !Fam) ||
        (E.Kind == Effect::Release && (!Fam || Acquires))) {
      Fam = E.Fam;
      Acquires = IsAcquire;
    }
    if (!Rank || Rank < Best || (Rank == Best && Inner))
      continue;
    Best = Rank;
    Inner = E.Inner;
  }
  if (!Best)
    return;
  PathNode N{};
  N.S = Site;
  N.Loc = Site->getBeginLoc();
  N.Inner = Inner;
  N.Kind = Inner ? PathNode::Call : PathNode::Event;
  N.Text = Callee->getName();
  N.Fam = Fam;
  N.Acquires = Acquires;
  S.addPath(N);
}

const Trace *Explorer::traceOf(const Stmt *Site, const Trace *Inner) {
  const Trace *&Slot = Traces[{Site, Inner}];
  if (Slot)
    return Slot;
  Trace T;
  std::string Name = calledBy(Site) ? "'" + calleeName(Site) + "'" : "";
  T.push_back({Ctx.getSourceManager().getExpansionLoc(Site->getBeginLoc()),
               Name.empty() ? "at the end of the scope"
               : Inner      ? "calling " + Name
                            : Name + " called here",
               0});
  if (Inner)
    for (const TraceStep &Step : *Inner)
      T.push_back({Step.Loc, Step.Text, Step.Depth + 1});
  return Slot = Eng.keep(std::move(T));
}

void Explorer::logEffect(State &S, Effect E, const Stmt *Site) {
  constexpr unsigned MaxLog = 24, MaxDepth = 9;
  if (E.Subject && !E.Subject->isExternal())
    return;
  const Trace *Where = Site ? traceOf(Site, E.Inner) : nullptr;
  if (!S.Loops.empty()) {
    // The first round that gets here speaks for the others.
    if (llvm::any_of(S.Loops,
                     [](const LoopRecord &R) { return R.Iteration; }) &&
        llvm::any_of(S.Log, [&](const Effect &X) { return X.Inner == Where; }))
      return;
    bool Walk = false;
    visitTerms(E.Subject, [&](const Term *T) {
      Walk |= T->kind() == Term::Op && T->opcode() == Term::ContainerOf;
      return !Walk;
    });
    // A walk over a list or table gives back what its owner holds.
    if (E.Kind == Effect::Release && E.Form == Effect::Value &&
        (Walk || E.Subject->depth() > 4)) {
      E.Form = Effect::Contents;
      E.Subject = startOf(TC, E.Subject);
      if (!E.Subject)
        return;
    } else if (Walk && E.Kind == Effect::Free) {
      return;
    }
  }
  if (E.Subject->depth() > MaxDepth)
    return;
  for (const Term **T : {&E.Count, &E.Request, &E.Into, &E.Size, &E.Handles})
    if (*T && !(*T)->isExternal())
      *T = nullptr;
  // Within a loop, the same effect again is the next element's. What else is
  // given back twice is the caller's to judge, who knows how often he had it.
  bool FirstRound = llvm::all_of(
      S.Loops, [](const LoopRecord &R) { return R.Iteration == 0; });
  bool Twice = E.Kind == Effect::Release && !E.May && FirstRound &&
               (E.Form == Effect::Array || E.MayBeLast) &&
               llvm::count(S.Log, E) == 1;
  if (!Twice && llvm::is_contained(S.Log, E))
    return;
  E.Inner = Where;
  if (S.Log.size() >= MaxLog) {
    GaveUp |= E.Kind != Effect::Free;
    return;
  }
  S.Log.push_back(E);
}

void Explorer::applyEffect(State &S, const Effect &E,
                           const FunctionDecl *Callee, const Stmt *Site) {
  // Handles are written to, or read from, where the argument points to.
  if ((E.Kind == Effect::Acquire || E.Kind == Effect::Release) && !E.Inner &&
      (E.Form == Effect::Array || E.Form == Effect::Out)) {
    AccessedAt = Site->getBeginLoc();
    useLocation(S, TC.deref(E.Subject));
  }
  switch (E.Kind) {
  case Effect::Acquire:
    if (!E.May)
      acquire(S, E, Site);
    return;
  case Effect::Release:
    noteTakenDown(S, E, Callee, Site);
    release(S, E, Site);
    return;
  case Effect::SetUp:
    noteSetUp(S, E, Callee, Site);
    return;
  case Effect::TakeDown:
    noteTakenDown(S, E, Callee, Site);
    return;
  case Effect::Free:
    freeObject(S, E, Callee, Site);
    return;
  case Effect::Escape: {
    llvm::SaveAndRestore Takes(Taker, E.UnlessFailed);
    if (E.Lent) {
      bool Direct = false;
      for (Obligation &O : S.Held) {
        // What an object has inside, its own end gives back.
        O.Lent |= O.Fam->isInsideObject() &&
                  objectOf(O.Handle) == objectOf(E.Subject);
        if (handleOf(S, O, E.Subject))
          O.Lent = Direct = true;
      }
      if (!Direct)
        escapeHandlesIn(S, rootOf(TC.deref(E.Subject)));
      if (E.Subject->kind() == Term::Param)
        S.passOn(E.Subject);
      return;
    }
    if (!handOnFirst(S, E.Subject, nullptr))
      escapeReachable(S, E.Subject);
    if (const Term *Loc = TC.deref(E.Subject)) {
      if (Loc->kind() == Term::Index)
        Loc = Loc->op(0);
      for (const Binding &B : S.Bindings)
        for (Obligation &O : S.Held)
          O.Numbered |=
              E.Numbered && B.Array == O.Handle && isWithin(B.Base, Loc);
      escapeHandlesIn(S, Loc);
    }
    if (E.Subject->isExternal())
      logEffect(S, E, Site);
    return;
  }
  case Effect::Transfer:
    if (handOnFirst(S, E.Subject,
                    E.Into && !E.Into->isConst() ? rootOf(TC.deref(E.Into))
                                                 : nullptr))
      return;
    for (Obligation &O : S.Held)
      if (handleOf(S, O, E.Subject)) {
        if (E.Into && !E.Into->isConst())
          O.Holder = TC.deref(E.Into);
        else
          escapeReachable(S, O.Handle);
      }
    if (const auto *C = dyn_cast_or_null<CallExpr>(Site);
        C && !E.Inner && E.Form == Effect::Value && !Focus && !S.Rough)
      Eng.observer().handedOver({handleIn(E.Subject), C, FD});
    // An object goes with what it has.
    if (!E.Into && !E.Subject->isConst())
      escapeHandlesIn(S, TC.deref(E.Subject));
    if (E.Subject->isExternal())
      logEffect(S, E, Site);
    return;
  case Effect::Use:
    useObject(S, E.Subject,
              {ObjectUse::Needs, Site->getBeginLoc(), nullptr, Callee});
    return;
  case Effect::Fetch:
    return;
  }
}
