//===- Exits.cpp - What callers see of a function ------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Coarsen.h"
#include "Explorer.h"
#include "clang/AST/Decl.h"
#include "llvm/ADT/STLExtras.h"

using namespace pinlint;
using namespace clang;

/// The call that \p T comes from, in whatever way; null if it comes from none
/// of this function.
const CallExpr *Explorer::callBehind(const Term *T) const {
  return T->kind() == Term::Sym && T->numOps()
             ? dyn_cast_or_null<CallExpr>(SiteOfToken.lookup(T->op(0)))
             : nullptr;
}

/// The call that returned \p T; null if no call of this function did.
const CallExpr *Explorer::callThatReturned(const Term *T) const {
  const bool IsResult = T->kind() == Term::Sym && T->numOps() == 2 &&
                        T->op(1)->kind() == Term::Result;
  return IsResult ? callBehind(T) : nullptr;
}

/// True if a protocol says what \p C does.
bool Explorer::hasProtocol(const CallExpr *C) const {
  const FunctionDecl *Callee = C->getDirectCallee();
  return Callee && !Eng.isInferred(Callee) && Eng.summaryOf(C);
}

/// True if \p T is what a call of a function that is not known returned.
bool Explorer::isHandedOut(const Term *T) const {
  const CallExpr *C = callThatReturned(T);
  return C && !Eng.summaryOf(C);
}

/// True if the array of \p B was made by the call that filled it with handles,
/// and only a variable of this function points there.
bool Explorer::isMadeForHandles(const State &S, const Binding &B) const {
  if (B.Base->kind() != Term::Deref)
    return false;
  const Term *P = B.Base->op(0);
  if (P->kind() != Term::Load || P->numOps() < 2 || P->op(0)->isExternal() ||
      P->op(0)->kind() != Term::Var)
    return false;
  const Term *Version = P->op(1);
  if (Version->kind() != Term::Sym || !Version->numOps())
    return false;
  const auto *C =
      dyn_cast_or_null<CallExpr>(SiteOfToken.lookup(Version->op(0)));
  return C && hasProtocol(C) && llvm::any_of(S.Held, [&](const Obligation &O) {
           return O.Handle == B.Array && O.Site == C;
         });
}

bool pinlint::isContentOfPage(const Term *T) {
  if (T->kind() != Term::Load)
    return false;
  // What a member points to may be another way to the page.
  const Term *Loc = T->op(0);
  if (Loc->kind() == Term::Field &&
      Loc->fieldDecl()->getType()->isPointerType())
    return false;
  const Term *Root = rootOf(Loc);
  return Root->kind() == Term::Deref && Root->op(0)->kind() == Term::Convert;
}

/// Every value that somebody can get at after the function: through the
/// result, the caller's objects, globals, or code that is not known.
llvm::DenseSet<const Term *> Explorer::reachable(const State &S,
                                                 bool FromEscaped) const {
  llvm::DenseSet<const Term *> Live;
  auto Add = [&](const Term *T) {
    llvm::SmallVector<const Term *, 8> Todo{T};
    while (!Todo.empty())
      visitTerms(Todo.pop_back_val(), [&](const Term *X) {
        if (!Live.insert(X).second || belongsToDwindling(S, X) ||
            isContentOfPage(X))
          return false;
        if (auto It = M.Parts.find(X); It != M.Parts.end())
          Todo.append(It->second.begin(), It->second.end());
        // A symbol made by a call does not hold on to the call's own name, nor
        // what was read from an object to the object; yet who has one may well
        // have the other.
        return X->kind() != Term::Sym &&
               (FromEscaped || X->kind() != Term::Load);
      });
  };
  if (S.Returned)
    Add(S.Returned);
  if (FromEscaped) {
    for (const Escape &E : S.Escaped)
      if (!E.UnlessFailed || !isFailure(S.rangeOf(E.UnlessFailed)))
        Add(E.What);
  }
  auto IsGone = [&](const Term *Ptr) {
    return llvm::any_of(S.Dead, [&](const DeadObject &D) {
      return !D.Fam && !D.May && !D.Deferred && D.Handle == Ptr;
    });
  };
  // The pointer is in an object that was freed.
  auto WentWithOwner = [&](const Term *Ptr) {
    while (Ptr->kind() == Term::Load) {
      const Term *Root = rootOf(Ptr->op(0));
      if (Root->kind() != Term::Deref)
        return false;
      Ptr = Root->op(0);
      if (IsGone(Ptr))
        return true;
    }
    return false;
  };
  auto IsLive = [&](const Term *Loc) {
    const Term *Root = rootOf(Loc);
    if (Root->kind() == Term::Var)
      return Root->isExternal() || Live.count(Root);
    const Term *P = Root->op(0);
    if (IsGone(P))
      return false;
    auto Parts = M.Parts.find(P);
    // Who has the object has what points into it.
    auto IsReached = [&](const Term *T) {
      if (Live.count(T))
        return true;
      if (T->kind() != Term::AddrOf)
        return false;
      const Term *In = rootOf(T->op(0));
      return In->kind() == Term::Deref &&
             (In->isExternal() || Live.count(In->op(0)));
    };
    if (IsReached(P) ||
        (Parts != M.Parts.end() && llvm::any_of(Parts->second, IsReached)))
      return true;
    // Memory read through a pointer belongs to whoever owns the pointer; what a
    // function that is not known hands out was there before.
    auto IsOthers = [&](const Term *T) {
      return T->isExternal() ||
             (T->kind() == Term::Load && !WentWithOwner(T)) ||
             isHandedOut(objectOf(T));
    };
    return IsOthers(P) ||
           (Parts != M.Parts.end() && llvm::any_of(Parts->second, IsOthers));
  };
  size_t Before;
  do {
    Before = Live.size();
    for (const auto &KV : S.Store)
      if (!KV.second->isConst() && !Live.count(KV.second) && IsLive(KV.first))
        Add(KV.second);
    for (const Binding &B : S.Bindings)
      if (isMadeForHandles(S, B) ? Live.count(B.Base->op(0)) : IsLive(B.Base))
        Live.insert(B.Array);
    for (const Obligation &O : S.Held)
      if (O.Holder && !O.dwindles() && IsLive(O.Holder))
        Live.insert(O.Handle);
  } while (Live.size() != Before);
  return Live;
}

bool pinlint::reportsFailure(const State &S, QualType Ty) {
  if (!S.Returned)
    return false;
  Range R = S.rangeOf(S.Returned);
  if (Ty->isPointerType())
    return R.Hi <= 0;
  return !Ty->isBooleanType() && isFailure(R);
}

const Term *pinlint::placeWithCaller(const State &S, const Term *T) {
  for (const auto &KV : S.Store)
    if (!KV.second->isConst() && rootOf(KV.first)->isExternal() &&
        mentions(KV.second, T))
      return KV.first;
  return nullptr;
}

bool pinlint::isFreed(const State &S, const Term *Root) {
  return Root->kind() == Term::Deref && !Root->isExternal() &&
         llvm::any_of(S.Dead, [&](const DeadObject &D) {
           return !D.Fam && !D.May && D.Handle == Root->op(0);
         });
}

/// True if \p Handle is in an object of the caller's, or one that is \p Live:
/// what a callee has left there is named by the place, and not stored.
static bool isContentOf(const State &S, const Term *Handle,
                        const llvm::DenseSet<const Term *> &Live) {
  const Term *T = stripConversions(Handle);
  if (T->kind() != Term::Load)
    return false;
  const Term *Root = rootOf(T->op(0));
  return (Root->isExternal() ||
          (Root->kind() == Term::Deref && Live.count(Root->op(0)))) &&
         S.load(T->op(0), T->bounds()) == T;
}

void Explorer::atExit(State S) {
  if (!FD->getReturnType()->isVoidType() && !S.Returned)
    S.Returned = opaque("result", FD->getReturnType());
  SourceLocation Loc =
      S.ReturnLoc.isValid() ? S.ReturnLoc : FD->getBody()->getEndLoc();
  if (Fetches)
    Fetches->atExit(S, Loc);
  const bool Failed = reportsFailure(S, FD->getReturnType());
  if (!Focus)
    Eng.observer().leaving(
        {S, Loc, FD, Failed, [this](const Term *T) { return callBehind(T); }});
  noteKept(S, Loc, Failed);
  if (!Failed)
    reportHandedOut(S, Loc);
  auto Live = reachable(S);
  for (unsigned I = S.Held.size(); I-- > 0;) {
    const Obligation &O = S.Held[I];
    if (O.Handle->isExternal() || Live.count(O.Handle) ||
        isContentOf(S, O.Handle, Live))
      continue;
    // A counter inside an object goes where the object goes.
    if (O.Handle->kind() == Term::AddrOf) {
      const Term *Root = rootOf(O.Handle->op(0));
      if (Live.count(Root) ||
          (Root->kind() == Term::Deref && Live.count(Root->op(0))))
        continue;
    }
    const Term *Amount = O.Form == Effect::Array ? O.Count : O.Handle;
    if (S.rangeOf(Amount).Hi > 0 && (Failed || !O.dwindles()))
      Losses.push_back({S, O, Loc});
    S.Held.erase(S.Held.begin() + I);
  }
  // What only code that is not known has is no longer the caller's business.
  Live = reachable(S, /*FromEscaped=*/false);
  llvm::erase_if(S.Held, [&](const Obligation &O) {
    return (!O.Handle->isExternal() && !Live.count(O.Handle) &&
            O.Handle->kind() != Term::AddrOf) ||
           (O.Fam->IsRange && S.mayBeTaken(O.Handle));
  });
  noteOutcomes(S, Loc);
  // Only what the caller can see tells exits apart.
  S.Dead.clear();
  S.Pending.clear();
  S.Loops.clear();
  constexpr unsigned MaxKindsOfReads = 8;
  for (State &X : Exits)
    if ((Exits.size() >= MaxKindsOfReads ||
         sameLoggedReads(X.Fetched, S.Fetched)) &&
        mayMeet(X, S) && sameTracked(X, S, {}) && !S.Returned == !X.Returned &&
        (!S.Returned ||
         signOf(X.rangeOf(X.Returned)) == signOf(S.rangeOf(S.Returned)))) {
      if (Log)
        Log->merged(X, S, false);
      joinStates(X, S);
      return;
    }
  Exits.push_back(std::move(S));
}

static bool isLocalAddress(const Term *T) {
  bool Found = false;
  visitTerms(T, [&](const Term *X) {
    Found |= X->kind() == Term::Var && !X->isExternal();
    return !Found && X->kind() != Term::Sym;
  });
  return Found;
}

/// The array \p Base by the name that a stored pointer has for it: pointers
/// that are joined time and again have several.
const Term *Explorer::storedName(const State &S, const Term *Base) const {
  if (Base->kind() != Term::Deref || Base->isExternal())
    return Base;
  const Term *P = Base->op(0);
  llvm::SmallVector<const Term *, 2> Mine{P};
  if (auto It = M.Parts.find(P); It != M.Parts.end())
    Mine.assign(It->second.begin(), It->second.end());
  const Term *Best = nullptr;
  for (const auto &KV : S.Store) {
    if (rootOf(KV.first)->kind() != Term::Deref)
      continue;
    if (KV.second == P)
      return Base;
    auto Others = M.Parts.find(KV.second);
    if (!Best && Others != M.Parts.end() &&
        llvm::all_of(Mine, [&](const Term *T) {
          return llvm::is_contained(Others->second, T);
        }))
      Best = KV.second;
  }
  return Best ? TC.deref(Best) : Base;
}

/// What a call put where the caller has it gets a name of its own; the caller
/// knows only that the place has new content.
const Term *Explorer::nameForCaller(Exit &X, const State &S, const Term *Base) {
  if (Base->kind() != Term::Deref)
    return Base;
  const Term *P = Base->op(0);
  if (P->kind() != Term::Load || P->numOps() == 1 || isLocalAddress(P) ||
      S.load(P->op(0), P->bounds()) != P)
    return Base;
  for (const auto &[L, V] : X.Stores)
    if (L == P->op(0))
      return V->isConst() ? Base : TC.deref(V);
  const Term *Name = TC.fresh("stored", S.rangeOf(P));
  X.Stores.push_back({P->op(0), Name});
  return TC.deref(Name);
}

/// What the caller passed and others have now, in objects that he cannot name;
/// \p Live is what anybody has.
void Explorer::escapeHidden(const State &S,
                            const llvm::DenseSet<const Term *> &Live, Exit &X) {
  constexpr unsigned MaxHidden = 8;
  llvm::SmallVector<const Term *, 4> Hidden;
  std::optional<llvm::DenseSet<const Term *>> Callers;
  auto Note = [&](const Term *V) {
    if (isPointerParam(FD, V) && Hidden.size() < MaxHidden &&
        !llvm::is_contained(Hidden, V))
      Hidden.push_back(V);
  };
  for (const auto &KV : S.Store) {
    const Term *Root = rootOf(KV.first), *V = KV.second;
    if (V->isConst() || Root->kind() != Term::Deref || Root->isExternal())
      continue;
    if (!Callers)
      Callers = reachable(S, /*FromEscaped=*/false);
    // What was made here and nobody has found is lost, and what is in it.
    const Term *P = Root->op(0);
    const CallExpr *C = callThatReturned(P);
    bool Own = (C && hasProtocol(C)) || isFreed(S, Root);
    if (Callers->count(P) || (!Live.count(P) && Own))
      continue;
    Note(V);
    if (auto It = M.Parts.find(V); It != M.Parts.end())
      llvm::for_each(It->second, Note);
  }
  for (const Term *V : Hidden) {
    Effect E;
    E.Kind = Effect::Transfer;
    E.Subject = V;
    X.Effects.push_back(E);
  }
  // A new object that others have found is theirs, too, when it is returned.
  const Term *New = S.Returned ? objectOf(S.Returned) : nullptr;
  if (New && New->kind() == Term::Sym && S.mayBeTaken(New) &&
      llvm::none_of(S.Held, [&](const Obligation &O) {
        return O.Handle == New && O.Fam->Kind != Family::Alloc;
      })) {
    Effect E;
    E.Kind = Effect::Escape;
    E.Subject = New;
    X.Effects.push_back(E);
  }
}

/// True if parameter \p I points to a number.
bool Explorer::isNumberParam(unsigned I) const {
  if (I >= FD->getNumParams())
    return false;
  QualType Ty = FD->getParamDecl(I)->getType();
  return Ty->isPointerType() && Ty->getPointeeType()->isIntegerType() &&
         !Ty->getPointeeType()->isCharType();
}

Exit Explorer::summarise(State &S) {
  constexpr unsigned MaxDepth = 10, MaxFacts = 16, MaxStores = 48;
  Exit X;
  X.Rough = S.Rough;
  for (const auto &KV : S.Ranges)
    if (KV.first->isExternal() && KV.first->depth() <= MaxDepth &&
        X.Facts.size() < MaxFacts && !(Range(KV.second) == KV.first->bounds()))
      X.Facts.push_back({KV.first, KV.second});

  if (S.Returned) {
    Range R = S.rangeOf(S.Returned);
    if (R.Lo == R.Hi)
      X.Ret = TC.constant(R.Lo);
    else if (S.Returned->depth() <= MaxDepth && !isLocalAddress(S.Returned))
      X.Ret = S.Returned;
    if (!X.Ret || !X.Ret->isConst())
      X.Facts.push_back({X.Ret ? X.Ret : TC.result(Range()), R});
    // Whether it is tagged says what it is.
    if (X.Ret && !X.Ret->isExternal())
      for (const auto &KV : S.Ranges)
        if (isBitTest(KV.first) && KV.first->op(0) == X.Ret)
          X.Facts.push_back({KV.first, KV.second});
  }

  for (const Term *T : S.PassedOn) {
    Effect E;
    E.Kind = Effect::Escape;
    E.Subject = T;
    E.Lent = true;
    X.Effects.push_back(E);
  }

  auto Live = reachable(S);
  auto IsSeen = [&](const Term *Loc) {
    const Term *Root = rootOf(Loc);
    return Root->isExternal() ||
           (Root->kind() == Term::Deref && Live.count(Root->op(0)));
  };
  for (const auto &KV : S.Store) {
    const Term *L = KV.first, *V = KV.second;
    if (!IsSeen(L) || L->depth() > MaxDepth || isLocalAddress(L) ||
        X.Stores.size() >= MaxStores)
      continue;
    if (V->kind() == Term::Load && V->numOps() == 1 && V->op(0) == L)
      continue;
    V = S.simplify(V);
    if (V->depth() > MaxDepth || isLocalAddress(V))
      V = TC.fresh("stored", S.rangeOf(V));
    X.Stores.push_back({L, V});
    if (auto It = M.Parts.find(V); It != M.Parts.end()) {
      llvm::SmallVector<const Term *, 2> Known;
      llvm::copy_if(It->second, std::back_inserter(Known), [&](const Term *T) {
        return T->depth() <= MaxDepth && !isLocalAddress(T);
      });
      if (!Known.empty())
        X.MayBe.push_back({V, Known});
    }
    if (!V->isExternal() && !V->isConst() && X.Facts.size() < 2 * MaxFacts) {
      Range R = S.rangeOf(V);
      if (!(R == V->bounds()))
        X.Facts.push_back({V, R});
    }
  }
  for (const auto &KV : S.Defaults) {
    const Term *Root = rootOf(KV.first);
    if (Root->kind() == Term::Var && !Root->isExternal())
      continue;
    bool Seen = Root->kind() == Term::Var || Root->op(0)->isExternal();
    if (!KV.second->isConst()) {
      if (Seen && KV.first->depth() <= MaxDepth)
        X.Havoc.push_back(KV.first);
      continue;
    }
    if ((Seen || Live.count(Root->op(0))) && KV.first->depth() <= MaxDepth)
      X.Cleared.push_back(KV.first);
  }

  for (const Effect &E : S.Log)
    if (!E.UnlessFailed || !isFailure(S.rangeOf(E.UnlessFailed)))
      X.Effects.push_back(E);
  escapeHidden(S, Live, X);
  X.Fetches = S.Fetched.Log;
  // What went into an object of others, which callers cannot name, is theirs.
  auto WentToOthers = [&](const Obligation &O) {
    const Term *Root = O.Holder ? rootOf(O.Holder) : nullptr;
    if (!Root || Root->kind() != Term::Deref)
      return false;
    const Term *Object = objectOf(Root->op(0));
    return isHandedOut(Object) &&
           !(S.Returned && mentions(S.Returned, Object)) &&
           !placeWithCaller(S, Object);
  };
  // Who fails and yet says how many there are leaves them to the caller.
  auto TellsHowMany = [&](const Obligation &O) {
    return O.Form == Effect::Array &&
           llvm::any_of(S.Store, [&](const auto &KV) {
             const Term *L = KV.first, *V = KV.second;
             return L->kind() == Term::Deref && !V->isConst() &&
                    L->op(0)->kind() == Term::Param &&
                    isNumberParam(L->op(0)->number()) && S.rangeOf(V).Hi > 0 &&
                    !(V->kind() == Term::Load && V->op(0) == L);
           });
  };
  for (const Obligation &O : S.Held) {
    if (WentToOthers(O))
      continue;
    Effect E;
    E.Kind = Effect::Acquire;
    E.Fam = O.Fam;
    E.Form = O.Form;
    E.Request = O.Request;
    E.Count = O.Count;
    E.Lent = O.Lent;
    E.Numbered = O.Numbered;
    E.Extra = O.Extra;
    E.FailedIn = O.FailedIn;
    E.FailedAt = O.FailedAt;
    if (!E.FailedIn && reportsFailure(S, FD->getReturnType()) &&
        !TellsHowMany(O)) {
      E.FailedIn = FD;
      E.FailedAt = S.ReturnLoc;
    }
    if (E.Count && E.Request) {
      if (S.provablyEqual(E.Count, E.Request)) {
        E.Count = E.Request;
        E.Request = nullptr;
      } else {
        X.Facts.push_back({TC.sub(E.Count, E.Request),
                           S.rangeOf(TC.sub(E.Count, E.Request))});
      }
    }
    // Of the objects that it may be, the caller knows his own.
    auto Known = [&](const Term *P) -> const Term * {
      auto It = M.Parts.find(P);
      if (It == M.Parts.end())
        return nullptr;
      auto Part = llvm::find_if(It->second, [](const Term *T) {
        return T->isExternal() && !T->isConst();
      });
      return Part == It->second.end() ? nullptr : *Part;
    };
    E.Into = O.Holder ? TC.addrOf(O.Holder) : nullptr;
    if (E.Into && isLocalAddress(E.Into))
      E.Into = nullptr;
    if (O.Holder && rootOf(O.Holder)->kind() == Term::Deref)
      if (const Term *P = Known(rootOf(O.Holder)->op(0)))
        E.Into = P;
    if (O.Form == Effect::Value) {
      E.Subject = O.Handle;
    } else {
      E.Handles = O.Handle;
      // Of several names for the array, one that the caller knows, too.
      const Binding *Best = nullptr;
      for (const Binding &B : S.Bindings)
        if (B.Array == O.Handle && !isLocalAddress(B.Base)) {
          bool Seen = IsSeen(B.Base);
          if (!Best || Seen)
            Best = &B;
          if (Seen)
            break;
        }
      if (Best) {
        const Term *Base = nameForCaller(X, S, storedName(S, Best->Base));
        E.Subject = TC.addrOf(TC.index(Base, TC.add(Best->Start, O.Offset)));
        if (!E.Into && Best->Base->kind() == Term::Deref)
          E.Into = Known(Best->Base->op(0));
      }
      // The caller's object that some of them went to.
      if (!E.Into)
        if (const Term *Place = placeWithCaller(S, O.Handle))
          E.Into = TC.addrOf(rootOf(Place));
      if (E.Count && !E.Count->isConst() && !E.Count->isExternal() &&
          X.Facts.size() < 2 * MaxFacts)
        X.Facts.push_back({E.Count, S.rangeOf(E.Count)});
    }
    Trace Path;
    if (O.At)
      Path = renderPath(Ctx, O.At, O.At->Parent);
    E.Inner = Eng.keep(std::move(Path));
    X.Effects.push_back(E);
  }
  summariseTakenDown(S, X);
  return X;
}

/// True for a member that is a truth, or some bits of a member.
static bool isFlag(const Term *T) {
  if (isBitTest(T))
    T = T->op(0);
  else if (T->bounds().Lo < 0 || T->bounds().Hi > 1)
    return false;
  return T->kind() == Term::Load && T->op(0)->kind() == Term::Field;
}

/// True if no state can take both exits.
static bool excludeEachOther(const Exit &A, const Exit &B) {
  bool DoesNothing = A.Effects.empty();
  for (const auto &[T, R] : A.Facts)
    for (const auto &[U, Q] : B.Facts)
      if (T == U && T->isExternal()) {
        Range Both = R;
        Both.intersect(Q);
        // An object that says by a flag that nothing is to be given back has
        // been told so when there was nothing.
        bool IsFlag = isFlag(T) && R.isOnly(0);
        if (Both.empty() && !(DoesNothing && IsFlag))
          return true;
      }
  return false;
}

/// Callers treat errors apart from everything else.
static bool returnsError(const Exit &X) {
  if (!X.Ret)
    return false;
  for (const auto &[T, R] : X.Facts)
    if (T == X.Ret)
      return R.Hi < 0;
  return X.Ret->bounds().Hi < 0;
}

/// Of exits that a caller cannot tell apart, what one gives back, the others
/// may give back: the condition got lost on the way.
static void shareReleases(Summary &Sum) {
  std::vector<std::vector<Effect>> Extra(Sum.Exits.size());
  for (unsigned I = 0; I < Sum.Exits.size(); ++I)
    for (unsigned J = 0; J < Sum.Exits.size(); ++J) {
      const Exit &A = Sum.Exits[I], &B = Sum.Exits[J];
      if (I == J || returnsError(A) != returnsError(B) ||
          excludeEachOther(A, B))
        continue;
      for (Effect E : B.Effects) {
        if (E.Kind != Effect::Release || llvm::is_contained(A.Effects, E))
          continue;
        E.May = true;
        if (!llvm::is_contained(A.Effects, E) &&
            !llvm::is_contained(Extra[I], E))
          Extra[I].push_back(E);
      }
    }
  for (unsigned I = 0; I < Sum.Exits.size(); ++I)
    Sum.Exits[I].Effects.insert(Sum.Exits[I].Effects.end(), Extra[I].begin(),
                                Extra[I].end());
}

/// Too many kinds of exits: keeps apart what is held and the sign of the
/// result, and lets the rest be possible.
void Explorer::limitExits() {
  while (Exits.size() > Eng.budget().Exits) {
    bool Joined = false;
    for (unsigned I = 0; I < Exits.size() && !Joined; ++I)
      for (unsigned J = I + 1; J < Exits.size() && !Joined; ++J)
        if (forceJoin(Exits[I], Exits[J], {})) {
          Exits.erase(Exits.begin() + J);
          Joined = true;
        }
    if (Joined)
      continue;
    GaveUp = true;
    State Last = std::move(Exits.back());
    Exits.pop_back();
    if (!forceJoinAny(Exits, Last, {})) {
      Exits.push_back(std::move(Last));
      return;
    }
  }
}

static size_t sizeOf(const Summary &Sum) {
  size_t Size = 0;
  for (const Exit &X : Sum.Exits)
    Size += 1 + X.Facts.size() + X.Stores.size() + X.Effects.size() +
            X.Havoc.size();
  return Size;
}

std::unique_ptr<Summary> Explorer::finish() {
  auto Sum = std::make_unique<Summary>();
  reportLosses();
  tellKept();
  reportBrokenContracts();
  reportEmptyReleases();
  limitExits();
  for (State &S : Exits)
    Sum->Exits.push_back(summarise(S));
  addExactExits(*Sum);
  shareReleases(*Sum);
  foldRounds(*Sum);
  if (!Focus)
    reportDoubts();
  markUncertain(Sum->Exits);
  Sum->Uses = std::move(Uses);
  Sum->SetsUp.assign(Acquired.begin(), Acquired.end());
  Sum->NoReturn = Exits.empty() && !GaveUp;
  Sum->Incomplete = GaveUp;
  Sum->Unlinks = Unlinks;
  if (sizeOf(*Sum) > Eng.budget().SummarySize && !Fetches)
    *Sum = coarsen(TC, FD, *Sum);
  return Sum;
}

bool Explorer::forceJoinAny(std::vector<State> &States, const State &S,
                            llvm::ArrayRef<const Term *> Signs) {
  auto IsIn = [](const Obligation &O, const State &Other) {
    return llvm::any_of(Other.Held,
                        [&](const Obligation &X) { return X.sameAs(O); });
  };
  auto OnlyIn = [&](const State &A, const State &B) {
    return llvm::count_if(A.Held,
                          [&](const Obligation &O) { return !IsIn(O, B); });
  };
  llvm::SmallVector<std::pair<size_t, unsigned>, 32> ByLoss;
  for (unsigned I = 0; I < States.size(); ++I)
    ByLoss.push_back({OnlyIn(States[I], S) + OnlyIn(S, States[I]), I});
  llvm::sort(ByLoss);
  for (auto [Loss, I] : ByLoss) {
    State A = States[I], B = S;
    llvm::erase_if(A.Held, [&](const Obligation &O) { return !IsIn(O, S); });
    llvm::erase_if(B.Held, [&](const Obligation &O) { return !IsIn(O, A); });
    if (!forceJoin(A, B, Signs))
      continue;
    A.Rough = true;
    States[I] = std::move(A);
    return true;
  }
  return false;
}

void Explorer::joinEffects(State &To, const State &From) {
  std::vector<Effect> Log;
  for (Effect E : To.Log) {
    E.May |= !llvm::is_contained(From.Log, E);
    if (!llvm::is_contained(Log, E))
      Log.push_back(E);
  }
  for (Effect E : From.Log) {
    if (llvm::is_contained(Log, E))
      continue;
    E.May = true;
    if (!llvm::is_contained(Log, E))
      Log.push_back(E);
  }
  To.Log = std::move(Log);
}

bool Explorer::forceJoin(State &To, const State &From,
                         llvm::ArrayRef<const Term *> Signs) {
  if (!sameHeld(To, From) || To.Loops != From.Loops)
    return false;
  for (const Term *Loc : Signs)
    if (signOf(To.rangeOf(To.load(Loc, Range()))) !=
        signOf(From.rangeOf(From.load(Loc, Range()))))
      return false;
  if (To.Returned && From.Returned &&
      signOf(To.rangeOf(To.Returned)) != signOf(From.rangeOf(From.Returned)))
    return false;
  llvm::erase_if(To.Dead, [&](const DeadObject &D) {
    return llvm::none_of(From.Dead,
                         [&](const DeadObject &X) { return X.sameAs(D); });
  });
  joinEffects(To, From);
  if (Log)
    this->Log->merged(To, From, true);
  joinStates(To, From);
  return true;
}
