//===- Calls.cpp - Who is called, and what unknown code takes over --------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Coarsen.h"
#include "Explorer.h"
#include "clang/AST/Attr.h"
#include "clang/AST/Expr.h"
#include "clang/Basic/Builtins.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace pinlint;
using namespace clang;

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
    if (To != From) {
      S.copyObject(To, From);
      handOnCopy(S, To, From, C->getArg(1)->IgnoreParenImpCasts()->getType(),
                 C);
    }
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

/// True if a copy of a \p Ty is one of pointers, too.
static bool hasPointers(QualType Ty) {
  Ty = Ty.getCanonicalType();
  if (const auto *A = dyn_cast<ArrayType>(Ty))
    return hasPointers(A->getElementType());
  const RecordDecl *R = Ty->getAsRecordDecl();
  return Ty->isPointerType() ||
         (R && llvm::any_of(R->fields(), [](const FieldDecl *F) {
            return hasPointers(F->getType());
          }));
}

/// What the caller has at \p From, behind a pointer of type \p Ptr, is at
/// \p To as well: somebody else may have it there.
void Explorer::handOnCopy(State &S, const Term *To, const Term *From,
                          QualType Ptr, const Stmt *Site) {
  const Term *Root = rootOf(To);
  if (!rootOf(From)->isExternal() ||
      (Root->kind() == Term::Var && !Root->isExternal()) ||
      !Ptr->isPointerType() || !hasPointers(Ptr->getPointeeType()))
    return;
  Effect E;
  E.Kind = Effect::Escape;
  E.Subject = TC.addrOf(From);
  logEffect(S, E, Site);
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

const Term *pinlint::argumentFor(const Term *T,
                                 llvm::ArrayRef<const Term *> Args) {
  return T && T->kind() == Term::Param && size_t(T->number()) < Args.size()
             ? Args[T->number()]
             : nullptr;
}

/// The bits that are set in \p V, whatever else it is; zero if there are none.
static int64_t bitsSetIn(const Term *V) {
  while (V->kind() == Term::Op && V->opcode() == Term::Narrow)
    V = V->op(0);
  if (V->kind() == Term::Op && V->opcode() == Term::Or)
    for (const Term *T : V->operands())
      if (T->isConst())
        return T->number();
  return 0;
}

/// Where a callee has acquired nothing it may say so by a flag that it sets in
/// an object of its caller: at its exit \p X, where it has acquired something
/// and not set the flag, that is not set.
void Explorer::noteLowered(State &S, const Summary &Sum, const Exit &X,
                           llvm::ArrayRef<const Term *> Args) {
  if (!X.acquires())
    return;
  for (const Exit &Y : Sum.Exits) {
    if (Y.acquires())
      continue;
    for (const auto &[L, V] : Y.Stores) {
      const int64_t Bits = bitsSetIn(V);
      const Term *Root = rootOf(L);
      if (!Bits || L->kind() != Term::Field || Root->kind() != Term::Deref ||
          Root->op(0)->kind() != Term::Param ||
          llvm::any_of(X.Stores, [L = L](const auto &Z) {
            return isWithin(Z.first, L) || isWithin(L, Z.first);
          }))
        continue;
      const Term *Loc =
          TC.rewrite(L, [&](const Term *T) { return argumentFor(T, Args); });
      const Term *Flags = S.load(Loc, bounds(L->fieldDecl()->getType()));
      (void)S.restrict(TC.binary(Term::And, Flags, TC.constant(Bits)),
                       Range::only(0));
    }
  }
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
  if (Sum->Unlinks) {
    Unlinks = true;
    llvm::erase_if(
        S.SetUps, [](const InPlace &X) { return X.Fam->Kind == Family::Link; });
  }
  Acquired.insert(Sum->SetsUp.begin(), Sum->SetsUp.end());
  applyUses(S, *Sum, Callee, Site, Args);
  // A function of this file that takes the number of a page and gives nothing
  // back has put it where it will be found.
  auto GivesBack = [](const Exit &X) {
    return llvm::any_of(
        X.Effects, [](const Effect &E) { return E.Kind == Effect::Release; });
  };
  auto IsBalanced = [](const Effect &E) {
    return E.Kind == Effect::Acquire || E.Kind == Effect::Release ||
           E.Kind == Effect::Free;
  };
  bool Releases = llvm::any_of(Sum->Exits, GivesBack);
  llvm::SaveAndRestore Some(Consumes,
                            Releases && !llvm::all_of(Sum->Exits, GivesBack));
  Releases |=
      llvm::any_of(Sum->Exits, [](const Exit &X) { return X.FromProtocol; });
  // Who is given nothing but numbers, and answers a question, has not.
  bool Asks = Callee && RetTy->isBooleanType() &&
              llvm::all_of(Callee->parameters(), [](const ParmVarDecl *P) {
                return P->getType()->isIntegerType();
              });
  // A structure of this function's own is where it goes, and is gone when this
  // function returns.
  bool Collects = llvm::any_of(Args, [](const Term *V) {
    const Term *Root = V->kind() == Term::AddrOf ? rootOf(V->op(0)) : nullptr;
    return Root && Root->kind() == Term::Var && !Root->isExternal();
  });
  if (!Releases && Callee && !Asks && !Collects)
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
    // Whether a path that is gone once more can be gone does not depend on what
    // a callee returns that acquires and gives back nothing.
    T.Rough |= X.Rough && (!Way || llvm::any_of(X.Effects, IsBalanced));
    Possible.push_back(&X);
    if (!HasProtocol && Callee) {
      noteFailure(T, *Sum, X, Callee, Site);
      noteLowered(T, *Sum, X, Args);
      if (!T.Held.empty() && !GivesBack(X) && !isFailure(returned(X)))
        for (const Term *A : Args)
          keepRanges(T, A, Site, nullptr);
    }
    if (HasProtocol) {
      lendToNew(T, X, Args);
      noteAttempt(T, *Sum, X, S.Path, Args, Site);
    }
    if (Log && Callee)
      Log->atCalleeExit(Callee, &X - Sum->Exits.data(), T);
    if (!Callee || !Eng.isInferred(Callee))
      relink(T, Callee, Args);
    else if (Sum->Unlinks && Eng.followsLifetimes())
      for (const Term *A : Args)
        unlink(T, objectOf(A));
    if (Callbacks.empty())
      Out.push_back(std::move(T));
    else
      runCallbacks(std::move(T), Callbacks, Site, Out);
  }
  if (Possible.size() > 1 && !Focus && !Sum->Incomplete && isDiscarded(Site))
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

/// The call at \p Site, unless the result \p UnlessFailed says that it has
/// failed, may remember the number \p V, by which ranges that were acquired
/// before can be found.
void Explorer::keepRanges(State &S, const Term *V, const Stmt *Site,
                          const Term *UnlessFailed) {
  for (const Obligation &O : S.Held)
    if (O.Fam->IsRange && O.Site != Site && !V->isConst() &&
        mentions(O.Handle, V))
      S.escape({O.Handle, UnlessFailed});
}

/// What fails within a callee decides on the caller's path, although no
/// condition of the caller's is open any more.
void Explorer::noteFailure(State &S, const Summary &Sum, const Exit &X,
                           const FunctionDecl *Callee, const Stmt *Site) {
  auto Fails = [](const Exit &E) { return isFailure(returned(E)); };
  if (S.Held.empty() || !Fails(X) || llvm::all_of(Sum.Exits, Fails))
    return;
  PathNode P{};
  P.Kind = PathNode::Note;
  P.Loc = Site->getBeginLoc();
  P.S = Site;
  P.Text = Callee->getName();
  S.addPath(P);
}

/// An object that a call made of others may have a reference to them.
void Explorer::lendToNew(State &S, const Exit &X,
                         llvm::ArrayRef<const Term *> Args) {
  if (llvm::none_of(X.Effects, [](const Effect &E) {
        return (E.Kind == Effect::Acquire || E.Kind == Effect::SetUp) &&
               (!E.Subject || E.Subject->kind() != Term::Param);
      }))
    return;
  for (Obligation &O : S.Held)
    O.Lent |= O.Fam->isObjectReference() && llvm::is_contained(Args, O.Handle);
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
    return T->kind() != Term::Sym && !isContentOfPage(T);
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
    if (!ReadOnly)
      handOnUnfilled(S, V);

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
    // Who asks for a pointer to const where there was none looks at an object,
    // and keeps nothing. What is returned may lead to it.
    const auto *C = dyn_cast<CallExpr>(Site);
    QualType Given = C && I < C->getNumArgs()
                         ? C->getArg(I)->IgnoreParenImpCasts()->getType()
                         : QualType();
    const bool Looks = ReadOnly && !Variadic && !RetTy->isPointerType() &&
                       !Given.isNull() && Given->isPointerType() &&
                       !Given->getPointeeType().isConstQualified();
    bool Direct = false;
    for (Obligation &O : S.Held)
      if (Looks && O.Fam->isObjectReference() && handleOf(S, O, V)) {
        Direct = true;
      } else if (handleOf(S, O, V)) {
        // Pages are lent all the time; an object's reference goes where its
        // pointer goes.
        if (GivesBack || O.Fam->Kind == Family::Ref)
          escapeReachable(S, O.Handle);
        O.Lent = true;
        Direct = true;
      } else if (!Ty.isNull() && Ty->isPointerType() &&
                 objectOf(V) == objectOf(O.Handle)) {
        // Who has the object may have been given the reference with it.
        if (O.Fam->isObjectReference())
          escapeReachable(S, O.Handle);
        O.Lent |= O.Extra || O.Fam->Group.empty();
      }
    // A container has what is put into its entry later on, too.
    if (!Direct && !ReadOnly && V->kind() == Term::Sym && !Ty.isNull() &&
        Ty->isVoidPointerType())
      S.escape({V, Taker});
    if (Direct) {
      // Whoever takes the number of a page, and not the page, keeps it.
      if (!Ty.isNull() && Ty->isIntegerType())
        escapeReachable(S, stripConversions(V));
      continue;
    }
    if (!Ty.isNull() && !Ty->isPointerType()) {
      escapeByNumber(S, V);
      keepRanges(S, V, Site, Taker);
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
    else
      escapeCopies(S, rootOf(Loc));
    if (GivesBack)
      for (const Binding &B : S.Bindings)
        if (B.Base == Loc)
          escapeReachable(S, B.Array);
    if (ReadOnly)
      continue;
    const bool IsPart =
        Loc->kind() == Term::Field || Loc->kind() == Term::Index;
    if ((rootOf(Loc)->kind() == Term::Var && !rootOf(Loc)->isExternal()) ||
        (IsPart && !Ty.isNull() && Ty->getPointeeType()->isScalarType())) {
      const Term *Old = S.content(Loc, Range());
      S.havoc(Loc, TC.instance(Token, TC.addrOf(Loc)));
      if (Fetches)
        Fetches->perhapsChanged(S, Loc, Old);
    } else if (S.content(Loc, Range())->isConst(0))
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

/// Who may only read the object at \p Loc may still copy it, and the pointers
/// to other objects with it.
void Explorer::escapeCopies(State &S, const Term *Loc) {
  for (const Obligation &O : S.Held)
    if (O.Fam->isObjectReference() &&
        llvm::any_of(S.Store, [&](const auto &KV) {
          return KV.second == O.Handle && isWithin(KV.first, Loc);
        }))
      escapeReachable(S, O.Handle);
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
    // The caller's handle in an object that he may know nothing of.
    if (isPointerParam(FD, T) && rootOf(Loc)->kind() != Term::Var) {
      Effect E;
      E.Kind = Effect::Transfer;
      E.Subject = T;
      E.UnlessFailed = Taker;
      logEffect(S, E, nullptr);
    }
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
