//===- Joins.cpp - Which states are one, and what they have in common -----===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "State.h"
#include "clang/AST/Expr.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include <optional>

using namespace pinlint;
using namespace llvm;

static const Term *valueOf(const std::pair<const Term *, const Term *> &KV) {
  return KV.second;
}
static const StoredRange *
valueOf(const std::pair<const Term *, StoredRange> &KV) {
  return &KV.second;
}

/// Calls \p Visit for the keys of two maps, in order, with the values that the
/// maps have for them, or null. Entries that the maps share, as copies of one
/// map do where neither was written to, are left out.
template <typename MapT, typename VisitT>
static void forEachDifference(const MapT &A, const MapT &B, VisitT Visit) {
  using Iterator = typename MapT::TreeTy::iterator;
  Iterator I(A.getRootWithoutRetain()), J(B.getRootWithoutRetain()), End;
  while (I != End || J != End) {
    if (I != End && J != End && &*I == &*J) {
      I.skipSubTree();
      J.skipSubTree();
      continue;
    }
    const auto *X = I != End ? &I->getValue() : nullptr;
    const auto *Y = J != End ? &J->getValue() : nullptr;
    if (!Y || (X && X->first->id() < Y->first->id())) {
      Visit(X->first, valueOf(*X), nullptr);
      ++I;
    } else if (!X || Y->first->id() < X->first->id()) {
      Visit(Y->first, nullptr, valueOf(*Y));
      ++J;
    } else {
      Visit(X->first, valueOf(*X), valueOf(*Y));
      ++I;
      ++J;
    }
  }
}

/// A free that did nothing on the path of \p S, as far as that path knows.
static bool isVacuous(const State &S, const Effect &E) {
  return E.Kind == Effect::Free && S.rangeOf(E.Subject).Hi <= 0;
}
static bool isVacuous(const State &S, const DeadObject &D) {
  return !D.Fam && S.rangeOf(D.Handle).Hi <= 0;
}
static bool isSame(const Effect &A, const Effect &B) { return A == B; }
static bool isSame(const DeadObject &A, const DeadObject &B) {
  // Where memory was freed matters to messages only.
  return A.Fam || B.Fam ? A.sameAs(B)
                        : A.Handle == B.Handle && A.May == B.May &&
                              A.Deferred == B.Deferred;
}

/// Puts two lists side by side and hands on what they share and what would have
/// had no effect on the other path; false if they differ in anything else.
template <typename T>
static bool align(const State &SA, ArrayRef<T> A, const State &SB,
                  ArrayRef<T> B, function_ref<void(const T &)> Add) {
  size_t I = 0, J = 0;
  while (I < A.size() || J < B.size()) {
    if (I < A.size() && J < B.size() && isSame(A[I], B[J])) {
      Add(A[I]);
      ++I;
      ++J;
    } else if (I < A.size() && isVacuous(SB, A[I])) {
      Add(A[I++]);
    } else if (J < B.size() && isVacuous(SA, B[J])) {
      Add(B[J++]);
    } else {
      return false;
    }
  }
  return true;
}

/// The locations whose values tell where \p Handle is.
static void placesOf(const State &S, const Term *Handle,
                     SmallVectorImpl<const Term *> &Places) {
  for (const auto &KV : S.Store)
    if (!KV.second->isConst() && mentions(KV.second, Handle))
      Places.push_back(KV.first);
  for (const Binding &B : S.Bindings)
    if (B.Array == Handle)
      Places.push_back(B.Base);
}

/// True if the state that \p A and \p B join into can hold \p X and \p Y as one
/// obligation: they differ in nothing but the names of their values, and the
/// same variables hold those.
static bool correspond(const State &A, const Obligation &X, const State &B,
                       const Obligation &Y) {
  if (X.sameAs(Y))
    return true;
  if (X.Fam != Y.Fam || X.Form != Y.Form || X.Site != Y.Site ||
      (X.Holder && Y.Holder && X.Holder != Y.Holder) ||
      X.Partial != Y.Partial || X.Extra != Y.Extra ||
      X.dwindles() != Y.dwindles() || !X.Request != !Y.Request ||
      !X.Offset != !Y.Offset)
    return false;
  if (X.Offset && X.Offset != Y.Offset &&
      (X.Offset->isConst() || Y.Offset->isConst()))
    return false;
  if (X.Handle == Y.Handle)
    return true;
  if (X.Handle->isExternal() || Y.Handle->isExternal())
    return false;
  SmallVector<const Term *, 4> PX, PY;
  placesOf(A, X.Handle, PX);
  placesOf(B, Y.Handle, PY);
  return PX == PY && !PX.empty();
}

/// Calls \p Visit with the numbers that are kept beside the pointer to the
/// array that holds the handles of \p O, and where.
static void
forEachCounter(const State &S, const Obligation &O,
               function_ref<void(const Term *, const Term *)> Visit) {
  const Term *Object = nullptr;
  for (const Binding &B : S.Bindings)
    if (B.Array == O.Handle && B.Base->kind() == Term::Deref)
      for (const auto &KV : S.Store)
        if (KV.second == B.Base->op(0) && KV.first->kind() == Term::Field)
          Object = KV.first->op(0);
  if (!Object)
    return;
  for (const auto &KV : S.Store)
    if (KV.first->kind() == Term::Field && KV.first->op(0) == Object &&
        KV.first->fieldDecl()->getType()->isIntegerType())
      Visit(KV.first, KV.second);
}

/// True if a number that is kept beside the array of \p X says in one of the
/// states how many handles there are, and in the other one it does not.
static bool countedElsewise(const State &A, const Obligation &X, const State &B,
                            const Obligation &Y) {
  if (X.Form != Effect::Array || !X.Count || !Y.Count)
    return false;
  TermContext &TC = A.M->TC;
  bool Differs = false;
  forEachCounter(A, X, [&](const Term *Loc, const Term *V) {
    const auto *W = B.Store.lookup(Loc);
    if (Differs || !W)
      return;
    const Range InA = A.rangeOf(TC.sub(X.Count, V));
    const Range InB = B.rangeOf(TC.sub(Y.Count, *W));
    Differs = (InA.isOnly(0) && !InB.contains(0)) ||
              (InB.isOnly(0) && !InA.contains(0));
  });
  return Differs;
}

bool pinlint::sameHeld(const State &A, const State &B) {
  if (A.Held.size() != B.Held.size() || A.Followed != B.Followed)
    return false;
  auto SignAt = [](const State &S, const Term *T) {
    return signOf(S.rangeOf(T));
  };
  // How many of the handles were obtained decides what is owed.
  TermContext &TC = A.M->TC;
  for (unsigned I = 0; I < A.Held.size(); ++I) {
    const Obligation &X = A.Held[I], &Y = B.Held[I];
    if (X.Fam != Y.Fam || X.Form != Y.Form || X.Site != Y.Site ||
        A.mayBeTaken(X.Handle) != B.mayBeTaken(Y.Handle))
      return false;
    if (X.Count && X.Request && Y.Count && Y.Request &&
        SignAt(A, TC.sub(X.Count, X.Request)) !=
            SignAt(B, TC.sub(Y.Count, Y.Request)))
      return false;
    // The call that failed, or the round of a loop, left less than the one that
    // did not; which of them it was is decided on later.
    if (X.Count && Y.Count && X.Count != Y.Count) {
      const Term *More = TC.sub(X.Count, Y.Count);
      const Term *Atom = splitConstant(TC, More).Atom;
      // One at a time is what loops take that leave holes.
      const bool OfCall = Atom && Atom->kind() == Term::Sym &&
                          Atom->numOps() > 1 &&
                          Atom->op(1)->kind() == Term::Result &&
                          A.rangeOf(Atom).Hi > 1 && B.rangeOf(Atom).Hi > 1;
      const bool InA = A.rangeOf(More).contains(0);
      const bool InB = B.rangeOf(More).contains(0);
      if (A.Loops.empty() ? OfCall && (!InA || !InB) : !InA && !InB)
        return false;
    }
    bool Many = X.Form == Effect::Array;
    if (SignAt(A, Many ? X.Count : X.Handle) !=
        SignAt(B, Many ? Y.Count : Y.Handle))
      return false;
  }
  for (unsigned I = 0; I < A.Held.size(); ++I)
    if (!correspond(A, A.Held[I], B, B.Held[I]) ||
        countedElsewise(A, A.Held[I], B, B.Held[I]))
      return false;
  return true;
}

bool pinlint::sameTracked(const State &A, const State &B,
                          ArrayRef<const Term *> Signs) {
  return A.Held.size() == B.Held.size() &&
         align<Effect>(A, A.Log, B, B.Log, [](const Effect &) {}) &&
         sameButForEffects(A, B, Signs);
}

bool pinlint::sameButForEffects(const State &A, const State &B,
                                ArrayRef<const Term *> Signs) {
  if (A.Loops != B.Loops || A.Held.size() != B.Held.size() ||
      !align<DeadObject>(A, A.Dead, B, B.Dead, [](const DeadObject &) {}))
    return false;
  auto SignAt = [](const State &S, const Term *T) {
    return signOf(S.rangeOf(T));
  };
  for (const Term *Loc : Signs)
    if (SignAt(A, A.load(Loc, Range())) != SignAt(B, B.load(Loc, Range())))
      return false;
  if (A.Pending.size() != B.Pending.size())
    return false;
  for (const auto &[E, T] : A.Pending) {
    const Term *U = B.pending(E);
    if (!U)
      return false;
    if (T != U && E->getType()->isIntegerType() && A.decide(T) != B.decide(U))
      return false;
  }
  // The costly question last.
  return sameHeld(A, B);
}

namespace {
/// Values for what two joined states disagree on.
class Joiner {
public:
  /// \p Old is what \p To was.
  Joiner(State &To, const State &From, const State &Old)
      : To(To), From(From), Old(Old) {}

  const Term *join(const Term *A, const Term *B) {
    if (A == B)
      return A;
    if (const Term *Before = joined(A, B))
      return Before;
    Range R = Old.rangeOf(A).hull(From.rangeOf(B));
    if (R.Lo == R.Hi)
      return To.M->TC.constant(R.Lo);
    if (const Term *Same = joinOperands(A, B)) {
      add(A, B, Same);
      if (!R.full())
        (void)To.restrict(Same, R);
      return Same;
    }
    const Term *J = To.M->TC.fresh("join", R);
    // What has been joined many times is nothing that one could name.
    constexpr size_t MaxParts = 12;
    SmallVector<const Term *, 4> Parts;
    auto Add = [&](const Term *T) {
      if (Parts.size() < MaxParts && !llvm::is_contained(Parts, T))
        Parts.push_back(T);
    };
    for (const Term *T : {A, B}) {
      auto It = To.M->Parts.find(T);
      if (It != To.M->Parts.end())
        llvm::for_each(It->second, Add);
      else if (!T->isConst())
        Add(T);
      if (T->isConst(0) || To.M->MaybeZero.contains(T))
        To.M->MaybeZero.insert(J);
    }
    To.M->setParts(J, Parts);
    add(A, B, J);
    return J;
  }

  const Term *joinHandles(const Term *A, const Term *B, bool Array) {
    const Term *J = Array ? joinArrays(A, B) : join(A, B);
    if (!joined(A, B))
      add(A, B, J);
    Handles = Made.size();
    return J;
  }

  /// Arrays of handles have names, not values.
  const Term *joinArrays(const Term *A, const Term *B) {
    if (A == B)
      return A;
    if (const Term *Before = joined(A, B))
      return Before;
    const Term *J = To.M->TC.fresh("join", Range());
    add(A, B, J);
    return J;
  }

  /// What \p A and \p B were joined to, if they were.
  const Term *joined(const Term *A, const Term *B) const {
    return Known.lookup({A, B});
  }

  /// What is bound to the arrays that two joined pointers point to is bound to
  /// the array that the joined pointer points to.
  void bindJoined() {
    TermContext &TC = To.M->TC;
    SmallVector<Binding, 2> Both;
    for (const Binding &Here : Old.Bindings)
      for (const Binding &There : From.Bindings) {
        if (Here.Base->kind() != Term::Deref ||
            There.Base->kind() != Term::Deref || Here.Start != There.Start)
          continue;
        const Term *Ptr = joined(Here.Base->op(0), There.Base->op(0));
        const Term *Array = Here.Array == There.Array
                                ? Here.Array
                                : joined(Here.Array, There.Array);
        if (Ptr && Array)
          Both.push_back({TC.deref(Ptr), Here.Start, Array});
      }
    for (const Binding &B : Both)
      if (!llvm::is_contained(To.Bindings, B))
        To.Bindings.push_back(B);
  }

  /// Keeps what both sides know about the bits of joined values: that a pointer
  /// is tagged, or a flag is set.
  void keepBits() {
    TermContext &TC = To.M->TC;
    SmallVector<const Term *, 8> Tests;
    auto Collect = [&](const State &S) {
      for (const auto &KV : S.Ranges)
        if (isBitTest(KV.first))
          Tests.push_back(KV.first);
    };
    Collect(Old);
    Collect(From);
    for (const Term *Bits : Tests)
      for (const Entry &E : Made) {
        if (Bits->op(0) != E.A && Bits->op(0) != E.B)
          continue;
        auto Of = [&](const Term *T) {
          return TC.binary(Term::And, T, Bits->op(1));
        };
        Range R = Old.rangeOf(Of(E.A)).hull(From.rangeOf(Of(E.B)));
        if (!R.full())
          (void)To.restrict(Of(E.Joined), R);
      }
  }

  /// Keeps what both sides know about differences of joined values.
  void relate() {
    constexpr size_t MaxRelated = 12;
    if (Made.size() > MaxRelated)
      return;
    TermContext &TC = To.M->TC;
    auto Relate = [&](const Term *JA, const Term *JB, const Term *A1,
                      const Term *A2, const Term *B1, const Term *B2) {
      Range R = Old.rangeOf(TC.sub(A1, A2));
      if (R.full())
        return;
      R = R.hull(From.rangeOf(TC.sub(B1, B2)));
      if (R.full())
        return;
      Range Implied = To.rangeOf(TC.sub(JA, JB));
      if (!Implied.within(R))
        (void)To.restrict(TC.sub(JA, JB), R);
    };
    for (unsigned I = 0; I < Made.size(); ++I)
      for (unsigned J = I + 1; J < Made.size(); ++J)
        Relate(Made[I].Joined, Made[J].Joined, Made[I].A, Made[J].A, Made[I].B,
               Made[J].B);
    // Against what both sides share and one of them compares with.
    SmallVector<const Term *, 8> Shared;
    constexpr size_t MaxShared = 8;
    for (const auto &KV : Old.Ranges)
      if (KV.first->kind() == Term::Linear)
        for (const Term *T : KV.first->operands())
          if (T->kind() == Term::Param && Shared.size() < MaxShared &&
              !llvm::is_contained(Shared, T))
            Shared.push_back(T);
    for (const Term *T : Shared)
      for (const auto &M : Made)
        Relate(M.Joined, T, M.A, T, M.B, T);
    // Against the counts of what is held, which both sides share.
    for (const Obligation &O : To.Held)
      if (O.Count && !O.Count->isConst())
        for (const auto &M : Made)
          Relate(M.Joined, O.Count, M.A, O.Count, M.B, O.Count);
  }

private:
  void add(const Term *A, const Term *B, const Term *Joined) {
    Made.push_back({A, B, Joined});
    Known[{A, B}] = Joined;
  }

  /// Values that are made in the same way stay so: what they are made of is
  /// joined. Null where they are not.
  const Term *joinOperands(const Term *A, const Term *B) {
    TermContext &TC = To.M->TC;
    if (A->kind() != B->kind() || A->numOps() != B->numOps() || !A->numOps())
      return nullptr;
    // The same in terms of a handle that was joined.
    for (unsigned I = 0; I < Handles; ++I) {
      const Entry H = Made[I];
      if (!mentions(A, H.A) || !mentions(B, H.B))
        continue;
      auto Rename = [&](const Term *T, const Term *Old) {
        return TC.rewrite(
            T, [&](const Term *X) { return X == Old ? H.Joined : nullptr; });
      };
      const Term *Both = Rename(A, H.A);
      if (Both == Rename(B, H.B))
        return Both;
    }
    switch (A->kind()) {
    case Term::Element:
      return TC.element(joinArrays(A->op(0), B->op(0)),
                        join(A->op(1), B->op(1)));
    case Term::Linear: {
      if (A->number() != B->number() || A->coefs() != B->coefs())
        return nullptr;
      const Term *Sum = TC.constant(A->number());
      for (unsigned I = 0; I < A->numOps(); ++I)
        Sum = TC.add(Sum, TC.scale(join(A->op(I), B->op(I)), A->coefs()[I]));
      return Sum;
    }
    case Term::Op:
      if (A->opcode() != Term::Div || A->op(1) != B->op(1))
        return nullptr;
      return TC.binary(Term::Div, join(A->op(0), B->op(0)), A->op(1));
    default:
      return nullptr;
    }
  }

  struct Entry {
    const Term *A, *B, *Joined;
  };
  /// So many of the first entries are handles.
  unsigned Handles = 0;
  State &To;
  const State &From, &Old;
  SmallVector<Entry, 8> Made;
  DenseMap<std::pair<const Term *, const Term *>, const Term *> Known;
};
} // namespace

void pinlint::joinStates(State &To, const State &From) {
  StateManager &M = *To.M;
  TermContext &TC = M.TC;
  To.takeBackEscaped();
  State Old = To;
  if (!To.SetUps.empty() || !From.SetUps.empty())
    joinSetUps(To, From);
  Joiner J(To, From, Old);
  To.Rough |= From.Rough;
  To.AssertionFailed &= From.AssertionFailed;

  // Constraints: what both sides say.
  TermMap<StoredRange> Ranges = Old.Ranges;
  auto Both = [&](const Term *T, Range R) {
    Ranges = R.full() || R == T->bounds() ? M.RangeFactory.remove(Ranges, T)
                                          : M.RangeFactory.add(Ranges, T, R);
  };
  forEachDifference(
      Old.Ranges, From.Ranges,
      [&](const Term *T, const StoredRange *A, const StoredRange *B) {
        Both(T, A ? A->hull(From.rangeOf(T)) : B->hull(Old.rangeOf(T)));
      });
  To.Ranges = Ranges;

  // What one side freed and the other knew to be NULL.
  std::vector<Effect> Log;
  if (align<Effect>(Old, Old.Log, From, From.Log,
                    [&](const Effect &E) { Log.push_back(E); }))
    To.Log = std::move(Log);
  std::vector<DeadObject> Dead;
  if (align<DeadObject>(Old, Old.Dead, From, From.Dead,
                        [&](const DeadObject &D) { Dead.push_back(D); }))
    To.Dead = std::move(Dead);

  for (unsigned I = 0; I < To.Held.size(); ++I) {
    Obligation &O = To.Held[I];
    const Obligation &Other = From.Held[I];
    O.Lent |= Other.Lent;
    O.Shared |= Other.Shared;
    O.Numbered |= Other.Numbered;
    if (!O.Holder)
      O.Holder = Other.Holder;
    const bool Taken =
        Old.mayBeTaken(O.Handle) && From.mayBeTaken(Other.Handle);
    O.Handle = J.joinHandles(O.Handle, Other.Handle, O.Form == Effect::Array);
    // What both gave away is gone by any name.
    if (Taken && !To.mayBeTaken(O.Handle))
      To.escape({O.Handle, nullptr});
  }
  for (unsigned I = 0; I < To.Held.size(); ++I) {
    Obligation &O = To.Held[I];
    const Obligation &Other = From.Held[I];
    if (O.Offset)
      O.Offset = J.join(O.Offset, Other.Offset);
    if (O.Count && O.Count != Other.Count) {
      // A variable that says how many in both states goes on saying so. One
      // and the same constant may be chance.
      const Term *Says = nullptr;
      for (const auto &KV : Old.Store) {
        if (Says || KV.first->kind() != Term::Var)
          continue;
        const auto *V = From.Store.lookup(KV.first);
        if (V && !(*V == KV.second && KV.second->isConst()) &&
            Old.provablyEqual(O.Count, KV.second) &&
            From.provablyEqual(Other.Count, *V))
          Says = J.join(KV.second, *V);
      }
      // One of each that was asked for is the same number by both names.
      O.Count = Says
                    ? Says
                    : J.join(Old.simplify(O.Count), From.simplify(Other.Count));
    }
    if (O.Request)
      O.Request = J.join(O.Request, Other.Request);
  }
  joinTakenDown(To, From);

  // What a call made on one of the paths only is as that path says.
  std::optional<DenseSet<const Term *>> HereRoots, ThereRoots;
  auto OnlyIn = [](const Term *Loc, const State &Other,
                   std::optional<DenseSet<const Term *>> &Roots) {
    const Term *Root = rootOf(Loc);
    if (Root->kind() != Term::Deref || Root->isExternal())
      return false;
    if (!Roots) {
      Roots.emplace();
      for (const auto &KV : Other.Store)
        Roots->insert(rootOf(KV.first));
      for (const auto &KV : Other.Defaults)
        Roots->insert(rootOf(KV.first));
    }
    return !Roots->contains(Root);
  };
  SmallVector<std::pair<const Term *, const Term *>, 16> Changed;
  SmallVector<std::pair<const Term *, const Term *>, 16> There;
  forEachDifference(Old.Store, From.Store,
                    [&](const Term *Loc, const Term *A, const Term *B) {
                      if (!A) {
                        There.push_back({Loc, B});
                        return;
                      }
                      if (!B) {
                        if (OnlyIn(Loc, From, ThereRoots))
                          return;
                        B = From.load(Loc, Range());
                      }
                      if (A != B)
                        Changed.push_back({Loc, J.join(A, B)});
                    });
  for (const auto &[Loc, B] : There)
    Changed.push_back({Loc, OnlyIn(Loc, Old, HereRoots)
                                ? B
                                : J.join(Old.load(Loc, Range()), B)});
  for (const auto &[L, V] : Changed)
    To.Store = M.StoreFactory.add(To.Store, L, V);

  SmallVector<const Term *, 4> Lost, LostThere;
  forEachDifference(Old.Defaults, From.Defaults,
                    [&](const Term *L, const Term *A, const Term *B) {
                      if (A != B)
                        (A ? Lost : LostThere).push_back(L);
                    });
  llvm::append_range(Lost, LostThere);
  for (const Term *L : Lost) {
    const Term *Version = TC.fresh("join", Range());
    SmallVector<const Term *, 2> Parts;
    for (const State *S : {static_cast<const State *>(&Old), &From})
      if (const auto *D = S->Defaults.lookup(L); D && !(*D)->isConst())
        Parts.push_back(*D);
    if (!Parts.empty())
      M.setParts(Version, Parts);
    To.Defaults = M.StoreFactory.add(To.Defaults, L, Version);
  }
  To.Fetched.join(From.Fetched);

  for (const Binding &B : From.Bindings) {
    if (llvm::is_contained(To.Bindings, B))
      continue;
    auto It = llvm::find_if(To.Bindings, [&](const Binding &Mine) {
      return Mine.Base == B.Base && Mine.Start == B.Start;
    });
    if (It == To.Bindings.end()) {
      To.Bindings.push_back(B);
      continue;
    }
    if (const Term *Both = J.joined(It->Array, B.Array)) {
      It->Array = Both;
      continue;
    }
    // The slots hold one array's handles or the other's.
    const Term *Slot = TC.index(B.Base, B.Start);
    To.Store = M.StoreFactory.add(To.Store, Slot,
                                  J.join(TC.element(It->Array, TC.zero()),
                                         TC.element(B.Array, TC.zero())));
    To.Bindings.erase(It);
  }
  J.bindJoined();
  // Handles of one that are elsewhere in the array on the other path. Each join
  // may add a place for each pair of places.
  constexpr size_t MaxPlaces = 32;
  for (const Binding &Here : Old.Bindings)
    for (const Binding &There : From.Bindings) {
      const Term *Both = J.joined(Here.Array, There.Array);
      if (!Both || Here.Base != There.Base || Here.Start == There.Start)
        continue;
      llvm::erase_if(To.Bindings, [&](const Binding &B) {
        return (B == Here || B == There) &&
               llvm::none_of(To.Held, [&](const Obligation &O) {
                 return O.Handle == B.Array;
               });
      });
      const Binding B = {Here.Base, J.join(Here.Start, There.Start), Both};
      if (To.Bindings.size() < MaxPlaces && !llvm::is_contained(To.Bindings, B))
        To.Bindings.push_back(B);
    }
  for (const Escape &E : From.Escaped)
    if (!E.UnlessFailed || !isFailure(From.rangeOf(E.UnlessFailed)))
      To.escape(E);
  for (const Term *T : From.PassedOn)
    To.passOn(T);
  for (unsigned Header : From.SkippedLoops)
    if (!llvm::is_contained(To.SkippedLoops, Header))
      To.SkippedLoops.push_back(Header);
  for (State::Guard G : From.Guards)
    if (!llvm::is_contained(To.Guards, G))
      To.Guards.push_back(G);
  if (To.LastGuard != From.LastGuard)
    To.LastGuard.reset();
  for (auto &[E, T] : To.Pending)
    if (const Term *U = From.pending(E))
      T = J.join(T, U);
  if (To.Returned && From.Returned)
    To.Returned = J.join(To.Returned, From.Returned);
  else
    To.Returned = nullptr;
  J.keepBits();
  J.relate();
  llvm::stable_sort(To.Held, [](const Obligation &A, const Obligation &B) {
    return A.Handle->id() < B.Handle->id();
  });
}
