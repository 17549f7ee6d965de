//===- Calls.cpp - Effects of calls ---------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Explorer.h"
#include "clang/AST/Attr.h"
#include "clang/AST/Expr.h"
#include "clang/Basic/Builtins.h"
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

/// A pointer that is passed as one of a transparent union's members is passed
/// as it is.
static const Expr *insideTransparentUnion(const Expr *A) {
  const RecordDecl *RD = A->getType()->getAsRecordDecl();
  if (!RD || !RD->hasAttr<TransparentUnionAttr>())
    return A;
  const auto *CL = dyn_cast<CompoundLiteralExpr>(A->IgnoreParenImpCasts());
  const auto *L = CL ? dyn_cast<InitListExpr>(CL->getInitializer()) : nullptr;
  return L && L->getNumInits() == 1 ? L->getInit(0) : A;
}

/// A struct that is passed by value is handed over as its address.
const Term *Explorer::argument(State &S, const Expr *A) {
  A = insideTransparentUnion(A);
  const Term *V = eval(S, A);
  return A->getType()->isRecordType() && V->kind() == Term::Load
             ? TC.addrOf(V->op(0))
             : V;
}

void Explorer::evalCall(State S, const CallExpr *C, States &Out) {
  auto Finish = [&](const Term *V) {
    S.setPending(C, V);
    noteOperand(S, C, V);
    Out.push_back(std::move(S));
  };
  const FunctionDecl *Callee = C->getDirectCallee();
  switch (C->getBuiltinCallee()) {
  case Builtin::BI__builtin_expect:
  case Builtin::BI__builtin_expect_with_probability:
    return Finish(eval(S, C->getArg(0)));
  case Builtin::BI__builtin_constant_p: {
    Expr::EvalResult R;
    bool Known = C->EvaluateAsInt(R, Ctx);
    return Finish(TC.constant(Known && R.Val.getInt() != 0));
  }
  case Builtin::BI__builtin_memset:
  case Builtin::BImemset: {
    const Term *To = TC.deref(eval(S, C->getArg(0)));
    AccessedAt = C->getBeginLoc();
    useLocation(S, To);
    if (Fetches)
      Fetches->sized(S, eval(S, C->getArg(2)), C);
    if (eval(S, C->getArg(1))->isConst(0))
      S.clear(To);
    else
      S.havoc(To, "memset");
    return Finish(TC.addrOf(To));
  }
  case Builtin::BI__builtin_memcpy:
  case Builtin::BImemcpy:
  case Builtin::BI__builtin_memmove:
  case Builtin::BImemmove: {
    const Term *To = TC.deref(eval(S, C->getArg(0)));
    const Term *From = TC.deref(eval(S, C->getArg(1)));
    AccessedAt = C->getBeginLoc();
    useLocation(S, To);
    useLocation(S, From);
    if (Fetches)
      Fetches->copied(S, To, From, eval(S, C->getArg(2)), C);
    if (To != From)
      S.copyObject(To, From);
    return Finish(TC.addrOf(To));
  }
  case Builtin::BI__builtin_add_overflow:
  case Builtin::BI__builtin_sub_overflow:
  case Builtin::BI__builtin_mul_overflow: {
    const Term *A = eval(S, C->getArg(0)), *B = eval(S, C->getArg(1));
    const Term *Into = eval(S, C->getArg(2));
    unsigned Id = C->getBuiltinCallee();
    const Term *V = Id == Builtin::BI__builtin_add_overflow ? TC.add(A, B)
                    : Id == Builtin::BI__builtin_sub_overflow
                        ? TC.sub(A, B)
                        : TC.binary(Term::Mul, A, B);
    S.store(TC.deref(Into), V);
    const Term *Overflows = TC.instance(tokenFor(S, C), TC.result(Range(0, 1)));
    if (Fetches)
      Fetches->derive(Overflows, {A, B});
    return Finish(Overflows);
  }
  default:
    break;
  }

  llvm::SmallVector<const Term *, 6> Args;
  for (const Expr *A : C->arguments())
    Args.push_back(argument(S, A));
  const Summary *Sum = nullptr;
  if (!Callee) {
    const Term *Target = eval(S, C->getCallee());
    if (Target->kind() == Term::Func)
      Callee = static_cast<const FunctionDecl *>(Target->decl());
    else if (const FieldDecl *Member = calledMember(C))
      Sum = Eng.source().summaryForMember(Member, Args.size());
  }
  callFunction(std::move(S), Callee, C, C->getType(), Args, C, Out, Sum);
}

const Term *Explorer::tokenFor(const State &S, const Stmt *Site) {
  // One symbol per call site and iteration: equal on all paths that reach it,
  // so that they can meet again.
  llvm::FoldingSetNodeID ID;
  ID.AddPointer(Site);
  for (const LoopRecord &L : S.Loops) {
    ID.AddInteger(L.Header);
    ID.AddInteger(L.Iteration);
  }
  auto [It, New] = Tokens.try_emplace(ID.ComputeHash(), nullptr);
  if (New) {
    const auto *C = dyn_cast<CallExpr>(Site);
    const FunctionDecl *Callee = C ? C->getDirectCallee() : nullptr;
    It->second = TC.fresh(Callee ? Callee->getName()
                          : C    ? "call"
                                 : "declared",
                          Range());
    if (Log)
      Log->namedCall(It->second, Site);
    SiteOfToken[It->second] = Site;
  }
  return It->second;
}

void Explorer::callFunction(State S, const FunctionDecl *Callee,
                            const Stmt *Site, QualType RetTy,
                            llvm::ArrayRef<const Term *> Args,
                            const Expr *Value, States &Out,
                            const Summary *Sum) {
  if (Callee)
    Sum = Eng.summaryFor(Callee, Args.size());
  bool HasProtocol =
      Sum && !Sum->Exits.empty() && Sum->Exits.front().FromProtocol;
  // The largest numbers there are, such as ~0UL, look negative.
  llvm::SmallVector<const Term *, 6> Bounded(Args);
  if (HasProtocol && Callee)
    for (unsigned I = 0; I < Args.size() && I < Callee->getNumParams(); ++I)
      if (QualType Ty = Callee->getParamDecl(I)->getType();
          Ty->isUnsignedIntegerType() && Ctx.getIntWidth(Ty) >= 64 &&
          Args[I]->isConst() && Args[I]->number() < 0)
        Bounded[I] = TC.constant(std::numeric_limits<int64_t>::max() / 2);
  Args = Bounded;
  if (Fetches && (!Sum || HasProtocol))
    Fetches->call(S, Callee, Site, Args,
                  TC.instance(tokenFor(S, Site), TC.result(bounds(RetTy))),
                  RetTy, HasProtocol);
  if (!Sum) {
    if (Log)
      Log->noted(S, "nothing is known about the callee");
    useNumbers(S, Callee, Site, Args);
    unknownCall(S, Callee, Site, RetTy, Args, Value);
    relink(S, Callee, Args);
    Out.push_back(std::move(S));
    return;
  }
  if (Sum->NoReturn) {
    if (Log)
      Log->pathEnded(*Current, S, "call does not return");
    return;
  }
  S.Rough |= Sum->Incomplete;
  if (Sum->Unlinks) {
    Unlinks = true;
    llvm::erase_if(
        S.SetUps, [](const InPlace &X) { return X.Fam->Kind == Family::Link; });
  }
  Acquired.insert(Sum->SetsUp.begin(), Sum->SetsUp.end());
  applyUses(S, *Sum, Callee, Site, Args);
  // A function of this file that takes the number of a page and gives nothing
  // back has put it where it will be found.
  bool Releases = llvm::any_of(Sum->Exits, [](const Exit &X) {
    return X.FromProtocol || llvm::any_of(X.Effects, [](const Effect &E) {
             return E.Kind == Effect::Release;
           });
  });
  // Who is given nothing but numbers, and answers a question, has not.
  bool Asks = Callee && RetTy->isBooleanType() &&
              llvm::all_of(Callee->parameters(), [](const ParmVarDecl *P) {
                return P->getType()->isIntegerType();
              });
  if (!Releases && Callee && !Asks)
    for (unsigned I = 0; I < Args.size() && I < Callee->getNumParams(); ++I)
      if (Callee->getParamDecl(I)->getType()->isIntegerType())
        keepNumber(S, Args[I], /*Table=*/true);
  if (!HasProtocol)
    useNumbers(S, Callee, Site, Args);
  bool Any = false;
  llvm::SmallVector<const Exit *, 4> Possible;
  for (const Exit &X : Sum->Exits) {
    State T = S;
    llvm::SmallVector<Callback, 1> Callbacks;
    if (!applyExit(T, X, Callee, Site, RetTy, Args, Value, Callbacks))
      continue;
    Any = true;
    Possible.push_back(&X);
    if (Log && Callee)
      Log->atCalleeExit(Callee, &X - Sum->Exits.data(), T);
    if (!Callee || !Eng.isInferred(Callee))
      relink(T, Callee, Args);
    if (Callbacks.empty())
      Out.push_back(std::move(T));
    else
      runCallbacks(std::move(T), Callbacks, Site, Out);
  }
  if (Possible.size() > 1 && !Focus && isDiscarded(Site))
    noteIgnored(S, Possible, Site);
  if (Any)
    return;
  if (Log)
    Log->noted(S, "no exit of the callee is possible: it counts as unknown");
  // Facts that contradict each other are a shortcoming of the summary, not a
  // reason for the path to end.
  unknownCall(S, Callee, Site, RetTy, Args, Value);
  Out.push_back(std::move(S));
}

/// What a function does that the call was given.
void Explorer::runCallbacks(State S, llvm::ArrayRef<Callback> Callbacks,
                            const Stmt *Site, States &Out) {
  constexpr unsigned MaxDepth = 2;
  States Now;
  Now.push_back(std::move(S));
  for (const Callback &C : Callbacks) {
    const FunctionDecl *Target =
        C.Function->kind() == Term::Func
            ? static_cast<const FunctionDecl *>(C.Function->decl())
            : nullptr;
    if (!Target || InCallback >= MaxDepth)
      continue;
    llvm::SaveAndRestore Depth(InCallback, InCallback + 1);
    llvm::SaveAndRestore Later(AfterGracePeriod,
                               AfterGracePeriod || C.Deferred);
    llvm::SaveAndRestore Put(AfterPut, AfterPut || C.OfPut);
    States Next;
    for (State &X : Now)
      callFunction(std::move(X), Target, Site, Ctx.VoidTy, C.Args, nullptr,
                   Next);
    Now = std::move(Next);
    // Nobody knows what code that cannot be seen leaves alive.
    if (!C.Deferred && !Eng.summaryFor(Target, C.Args.size()))
      for (State &X : Now)
        for (DeadObject &D : X.Dead)
          D.Alive &= D.Site != Site;
  }
  for (State &X : Now)
    Out.push_back(std::move(X));
}

void Explorer::escapeReachable(State &S, const Term *V) {
  visitTerms(V, [&](const Term *T) {
    if (T->kind() == Term::Sym || T->kind() == Term::Load ||
        T->kind() == Term::Param ||
        (T->kind() == Term::Var && !T->isExternal()))
      S.escape({T, Taker});
    // What is known of a call's result does not reach the call's arguments.
    return T->kind() != Term::Sym;
  });
}

/// An address or frame number is as good as the page.
void Explorer::escapeByNumber(State &S, const Term *V) {
  if (S.Held.empty())
    return;
  visitTerms(V, [&](const Term *T) {
    if (T->kind() == Term::Convert || T->isPageNumber())
      escapeReachable(S, T);
    return T->kind() != Term::Sym;
  });
}

void Explorer::unknownCall(State &S, const FunctionDecl *Callee,
                           const Stmt *Site, QualType RetTy,
                           llvm::ArrayRef<const Term *> Args,
                           const Expr *Value) {
  const Term *Token = tokenFor(S, Site);
  const Term *Verdict = nullptr;
  if (RetTy->isSignedIntegerType() || RetTy->isPointerType())
    Verdict = TC.instance(Token, TC.result(bounds(RetTy)));
  // NULL is a failure, too.
  if (RetTy->isPointerType())
    Verdict = TC.sub(Verdict, TC.one());
  const bool GivesBack = Callee && Eng.source().givesBackByName(Callee);
  llvm::SaveAndRestore Takes(Taker, GivesBack ? nullptr : Verdict);
  for (unsigned I = 0; I < Args.size(); ++I) {
    const Term *V = Args[I];
    QualType Ty;
    if (Callee && I < Callee->getNumParams())
      Ty = Callee->getParamDecl(I)->getType();
    else if (const auto *C = dyn_cast<CallExpr>(Site); C && I < C->getNumArgs())
      Ty = C->getArg(I)->IgnoreParenImpCasts()->getType();
    bool ReadOnly = !Ty.isNull() && Ty->isPointerType() &&
                    Ty->getPointeeType().isConstQualified();
    if (V->isConst() || V->kind() == Term::Func)
      continue;
    if (!ReadOnly && !S.SetUps.empty())
      mayTakeDown(S, V);
    bool Variadic = Callee && I >= Callee->getNumParams();
    if (!Ty.isNull() && Ty->isPointerType() && !Ty->isVoidPointerType() &&
        !Variadic)
      useObject(
          S, V,
          {ObjectUse::Passed, Site->getBeginLoc(), nullptr, Callee, !ReadOnly});
    if (!ReadOnly && !S.Dead.empty())
      reviveReachable(S, V);

    // Raw memory and numbers that go to code that is not known may be all that
    // the caller has of a page.
    if (V->kind() == Term::Param && !Ty.isNull() && !ReadOnly) {
      bool Raw = Ty->isPointerType()
                     ? Ty->getPointeeType()->isArithmeticType()
                     : Ty->isIntegerType() && Ctx.getIntWidth(Ty) >= 64;
      Effect E;
      E.Kind = Effect::Escape;
      E.Subject = V;
      E.UnlessFailed = Taker;
      if (Raw)
        logEffect(S, E, Site);
    }

    if (V->kind() == Term::Param && !ReadOnly && !Ty.isNull() &&
        Ty->isPointerType() && Ty->getPointeeType()->isRecordType())
      S.passOn(V);
    bool Direct = false;
    for (Obligation &O : S.Held)
      if (handleOf(S, O, V)) {
        // Pages are lent all the time; an object's reference goes where its
        // pointer goes.
        if (GivesBack || O.Fam->Kind == Family::Ref)
          escapeReachable(S, O.Handle);
        O.Lent = true;
        Direct = true;
      }
    if (Direct) {
      // Whoever takes the number of a page, and not the page, keeps it.
      if (!Ty.isNull() && Ty->isIntegerType())
        escapeReachable(S, stripConversions(V));
      continue;
    }
    if (!Ty.isNull() && !Ty->isPointerType()) {
      escapeByNumber(S, V);
      continue;
    }
    // The address of a page's content, to be written or kept.
    if (!ReadOnly)
      escapeByNumber(S, V);
    const Term *Loc = TC.deref(V);
    // An object that holds handles is out of sight while somebody else works
    // on it; he may have been asked to give them back.
    if (!ReadOnly)
      escapeHandlesIn(S, rootOf(Loc));
    if (GivesBack)
      for (const Binding &B : S.Bindings)
        if (B.Base == Loc)
          escapeReachable(S, B.Array);
    if (ReadOnly)
      continue;
    if (rootOf(Loc)->kind() == Term::Var && !rootOf(Loc)->isExternal()) {
      const Term *Old = S.content(Loc, Range());
      S.havoc(Loc, TC.instance(Token, TC.addrOf(Loc)));
      if (Fetches)
        Fetches->perhapsChanged(S, Loc, Old);
    } else if (const auto *D = S.Defaults.lookup(Loc); D && (*D)->isConst(0))
      S.Defaults =
          S.M->StoreFactory.add(S.Defaults, Loc, TC.fresh("call", Range()));
  }
  if (!Value || RetTy->isVoidType())
    return;
  const Term *R = TC.instance(Token, TC.result(bounds(RetTy)));
  if (RetTy->isRecordType())
    R = TC.load(TC.deref(R), nullptr, Range());
  S.setPending(Value, R);
  noteOperand(S, Value, R);
}

void Explorer::escapeHandlesIn(State &S, const Term *Loc) {
  llvm::SmallVector<const Term *, 4> Gone;
  for (const auto &KV : S.Store)
    if (isWithin(KV.first, Loc))
      Gone.push_back(KV.second);
  for (const Binding &B : S.Bindings)
    if (isWithin(B.Base, Loc))
      Gone.push_back(B.Array);
  if (Gone.empty() && S.Held.empty())
    return;
  for (const Obligation &O : S.Held)
    if (O.Holder && isWithin(O.Holder, Loc))
      Gone.push_back(O.Handle);
  for (const Term *T : Gone) {
    if (T->isConst())
      continue;
    escapeReachable(S, T);
    for (Obligation &O : S.Held)
      O.Lent |= mentions(T, O.Handle);
  }
}

/// The handle that the value \p V, given to an API as one, stands for: a page
/// of a compound page stands for its first page, an entry of the table of all
/// pages for its number.
const Term *Explorer::handleIn(const Term *V) const {
  auto [Base, Idx] = TC.splitPointer(V);
  const Term *First = stripConversions(Base);
  if (Idx->isConst(0))
    return First;
  bool Table = First->kind() == Term::AddrOf ||
               (First->kind() == Term::Load &&
                rootOf(First->op(0))->kind() == Term::Var);
  return Table ? stripConversions(Idx) : First;
}

bool Explorer::handleOf(const State &S, const Obligation &O,
                        const Term *V) const {
  const Term *H = stripConversions(V);
  if (O.Form == Effect::Value)
    return H == O.Handle;
  if (H->kind() == Term::Element && H->op(0) == O.Handle)
    return true;
  const Term *Loc = TC.deref(V);
  if (Loc->kind() == Term::Index)
    Loc = Loc->op(0);
  return llvm::any_of(S.Bindings, [&](const Binding &B) {
    return B.Base == Loc && B.Array == O.Handle;
  });
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
    case Term::Param:
      if (size_t(T->number()) < Args.size())
        return Args[T->number()];
      return TC.instance(Token, T);
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
  if (X.KnownNull && !S.rangeOf(Subst(X.KnownNull)).isOnly(0))
    return false;
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
    // reference for the caller.
    if (E.Kind == Effect::Acquire && E.Extra && X.Ret &&
        E.Form == Effect::Value && E.Subject && !E.Subject->isExternal() &&
        stripConversions(X.Ret) == stripConversions(E.Subject))
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
      M.Parts[Here] = Parts;
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
  for (const Term *L : Havoc)
    S.havoc(L, TC.instance(Token, TC.addrOf(L)));
  for (const Term *L : Cleared)
    S.clear(L);
  if (X.FromProtocol)
    for (const auto &[L, V] : Stores)
      S.store(L, V);
  llvm::SaveAndRestore Together(Applied, llvm::ArrayRef<Effect>(Effects));
  for (Effect &E : Effects) {
    if (X.FromProtocol && E.Kind == Effect::Acquire)
      Instantiate(E);
    if (Fetches && E.Kind == Effect::Fetch)
      Fetches->read(S, E, Site, Token, Fresh);
    else
      applyEffect(S, E, Callee, Site);
  }
  if (Fetches)
    Fetches->apply(S, Reads, Callee, Ret);
  if (!X.FromProtocol)
    for (const auto &[L, V] : Stores) {
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
  const NamedDecl *Callee = calledBy(Site);
  std::string Name = Callee ? "'" + Callee->getNameAsString() + "'" : "";
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
      for (Obligation &O : S.Held)
        if (handleOf(S, O, E.Subject))
          O.Lent = Direct = true;
      if (!Direct)
        escapeHandlesIn(S, rootOf(TC.deref(E.Subject)));
      if (E.Subject->kind() == Term::Param)
        S.passOn(E.Subject);
      return;
    }
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
    for (Obligation &O : S.Held)
      if (handleOf(S, O, E.Subject)) {
        if (E.Into && !E.Into->isConst())
          O.Holder = TC.deref(E.Into);
        else
          escapeReachable(S, O.Handle);
      }
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
