//===- State.cpp - What is known at a point of a path ---------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "State.h"
#include "clang/AST/Expr.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"

using namespace pinlint;
using namespace llvm;

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

const Binding *State::bindingFor(const Term *Base, const Term *Idx) const {
  const Binding *Best = nullptr;
  for (const Binding &B : Bindings) {
    if (B.Base != Base)
      continue;
    if (B.Start == Idx)
      return &B;
    // The last slice that may start at or before Idx.
    Range D = rangeOf(M->TC.sub(Idx, B.Start));
    if (D.Hi < 0)
      continue;
    if (!Best || rangeOf(M->TC.sub(B.Start, Best->Start)).Lo >= 0)
      Best = &B;
  }
  return Best;
}

const Term *State::load(const Term *Loc, const Range &TypeBounds) const {
  if (const auto *V = Store.lookup(Loc))
    return *V;
  TermContext &TC = M->TC;
  const Term *Base = Loc, *Idx = TC.zero();
  if (Loc->kind() == Term::Index) {
    Base = Loc->op(0);
    Idx = Loc->op(1);
  }
  if (const Binding *B = bindingFor(Base, Idx))
    return TC.element(B->Array, TC.sub(Idx, B->Start));
  return content(Loc, TypeBounds);
}

/// \p Loc, which is a part of \p From, as the same part of \p To.
static const Term *rebase(TermContext &TC, const Term *Loc, const Term *From,
                          const Term *To) {
  if (Loc == From)
    return To;
  const Term *Base = rebase(TC, Loc->op(0), From, To);
  return Loc->kind() == Term::Field ? TC.field(Base, Loc->fieldDecl())
                                    : TC.index(Base, Loc->op(1), Loc->number());
}

const Term *State::content(const Term *Loc, const Range &TypeBounds) const {
  TermContext &TC = M->TC;
  for (const Term *L = Loc;; L = L->op(0)) {
    if (const auto *D = Defaults.lookup(L)) {
      const Term *V = *D;
      if (V->isConst(0))
        return V;
      if (V->kind() != Term::Load)
        return TC.load(Loc, V, TypeBounds);
      // A copy: what the other object held at that time.
      return TC.load(rebase(TC, Loc, L, V->op(0)),
                     V->numOps() > 1 ? V->op(1) : nullptr, TypeBounds);
    }
    if (L->kind() != Term::Field && L->kind() != Term::Index)
      break;
  }
  return TC.load(Loc, nullptr, TypeBounds);
}

void State::forgetWithin(const Term *Loc) {
  SmallVector<const Term *, 8> Gone;
  for (const auto &KV : Store)
    if (isWithin(KV.first, Loc))
      Gone.push_back(KV.first);
  for (const Term *L : Gone)
    Store = M->StoreFactory.remove(Store, L);
  Gone.clear();
  for (const auto &KV : Defaults)
    if (isWithin(KV.first, Loc))
      Gone.push_back(KV.first);
  for (const Term *L : Gone)
    Defaults = M->StoreFactory.remove(Defaults, L);
  llvm::erase_if(Bindings,
                 [&](const Binding &B) { return isWithin(B.Base, Loc); });
}

void State::store(const Term *Loc, const Term *Value) {
  Store = M->StoreFactory.add(Store, Loc, Value);
}

void State::clear(const Term *Loc) {
  forgetWithin(Loc);
  Defaults = M->StoreFactory.add(Defaults, Loc, M->TC.zero());
}

void State::havoc(const Term *Loc, StringRef Why) {
  forgetWithin(Loc);
  Defaults = M->StoreFactory.add(Defaults, Loc, M->TC.fresh(Why, Range()));
}

void State::copyObject(const Term *To, const Term *From) {
  TermContext &TC = M->TC;
  auto Rebase = [&](const Term *L) { return rebase(TC, L, From, To); };
  const Term *Content = content(From, Range());
  SmallVector<std::pair<const Term *, const Term *>, 8> Values, Fresh;
  for (const auto &KV : Store)
    if (isWithin(KV.first, From))
      Values.push_back({Rebase(KV.first), KV.second});
  for (const auto &KV : Defaults)
    if (isWithin(KV.first, From))
      Fresh.push_back({Rebase(KV.first), KV.second});
  SmallVector<Binding, 2> Bound;
  for (const Binding &B : Bindings)
    if (isWithin(B.Base, From))
      Bound.push_back({Rebase(B.Base), B.Start, B.Array});
  forgetWithin(To);
  Defaults = M->StoreFactory.add(Defaults, To, Content);
  for (const auto &[L, V] : Values)
    Store = M->StoreFactory.add(Store, L, V);
  for (const auto &[L, V] : Fresh)
    Defaults = M->StoreFactory.add(Defaults, L, V);
  Bindings.insert(Bindings.end(), Bound.begin(), Bound.end());
}

void State::bind(const Term *Base, const Term *Start, const Term *Array) {
  // What the slots held before is gone; with a constant start, earlier slots
  // are known to be others.
  SmallVector<const Term *, 8> Gone;
  for (const auto &KV : Store) {
    if (!isWithin(KV.first, Base))
      continue;
    const Term *L = KV.first;
    const Term *Idx = M->TC.zero();
    while (L != Base) {
      if (L->op(0) == Base && L->kind() == Term::Index)
        Idx = L->op(1);
      L = L->op(0);
    }
    if (rangeOf(M->TC.sub(Idx, Start)).Hi >= 0)
      Gone.push_back(KV.first);
  }
  for (const Term *L : Gone)
    Store = M->StoreFactory.remove(Store, L);
  llvm::erase_if(Bindings, [&](const Binding &B) {
    return B.Base == Base && rangeOf(M->TC.sub(B.Start, Start)).Lo >= 0;
  });
  Bindings.push_back({Base, Start, Array});
}

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

/// A 64-bit unsigned value reads as non-negative, yet may carry an error code
/// until something is known about it.
static bool mayCarryError(const Term *T) {
  return T->bounds().Lo == 0 && T->bounds().Hi == Range::Max && !T->isConst();
}

Range State::rangeOf(const Term *T) const {
  switch (T->kind()) {
  case Term::Const:
    return T->bounds();
  case Term::Linear: {
    Range Sum = Range::only(T->number());
    for (unsigned I = 0; I < T->numOps(); ++I)
      Sum = Sum.plus(rangeOf(T->op(I)).times(T->coefs()[I]));
    Difference D = splitConstant(M->TC, T);
    if (const auto *R = Ranges.lookup(D.Atom))
      Sum.intersect(R->times(D.Sign).plus(Range::only(D.C)));
    return Sum;
  }
  case Term::Convert:
    return rangeOf(T->op(0));
  case Term::AddrOf:
    if (T->op(0)->kind() == Term::Index &&
        T->op(0)->op(0)->kind() == Term::Deref)
      return rangeOf(T->op(0)->op(0)->op(0));
    return T->bounds();
  case Term::Op: {
    Range R = T->bounds();
    if (const auto *S = Ranges.lookup(T))
      R.intersect(*S);
    if (T->opcode() == Term::Div && T->op(1)->isConst() &&
        T->op(1)->number() > 0) {
      Range N = rangeOf(T->op(0));
      int64_t D = T->op(1)->number();
      if (N.Lo >= 0)
        R.intersect(Range(N.Lo / D, N.Hi == Range::Max ? N.Hi : N.Hi / D));
    }
    return R;
  }
  default:
    if (const auto *R = Ranges.lookup(T))
      return *R;
    return T->bounds();
  }
}

bool State::restrictAtom(const Term *Atom, Range R, unsigned Depth) {
  if (Atom->kind() == Term::Convert)
    return restrictAtom(Atom->op(0), R, Depth);
  if (Atom->kind() == Term::Linear && Atom->numOps() == 1) {
    int64_t K = Atom->coefs()[0];
    if (K > 0) {
      auto Down = [&](int64_t V) { return V / K - (V % K < 0); };
      Range Q(R.Lo == Range::Min ? R.Lo : Down(R.Lo - 1) + 1,
              R.Hi == Range::Max ? R.Hi : Down(R.Hi));
      if (R.Lo == Range::Min + 1)
        Q.Lo = R.Lo;
      if (R.HasHole && R.Hole % K == 0) {
        Q.HasHole = true;
        Q.Hole = R.Hole / K;
      }
      return !Q.empty() && restrictAtom(Atom->op(0), Q, Depth);
    }
  }
  Range Old = rangeOf(Atom);
  Range New = Old;
  New.intersect(R);
  if (New.empty()) {
    if (mayCarryError(Atom) && !Ranges.lookup(Atom) && !R.empty() && R.Lo < 0) {
      R.intersect(Range(Range::Min, -1));
      Ranges = M->RangeFactory.add(Ranges, Atom, R);
      return true;
    }
    return false;
  }
  if (New == Old)
    return true;
  Ranges = M->RangeFactory.add(Ranges, Atom, New);
  if (Depth >= 3)
    return true;

  // Bounds travel along the sums that the value is part of.
  auto Spread = [&](const Term *Sum) {
    for (unsigned I = 0; I < Sum->numOps(); ++I) {
      int64_t K = Sum->coefs()[I];
      if (K != 1 && K != -1)
        continue;
      Range Rest = rangeOf(Sum);
      for (unsigned J = 0; J < Sum->numOps(); ++J)
        if (J != I)
          Rest = Rest.plus(rangeOf(Sum->op(J)).times(-Sum->coefs()[J]));
      Rest = Rest.plus(Range::only(-Sum->number()));
      Rest.HasHole = false;
      if (!Rest.full() && !restrictAtom(Sum->op(I), Rest.times(K), Depth + 1))
        return false;
    }
    return true;
  };
  if (Atom->kind() == Term::Linear)
    return Spread(Atom);
  SmallVector<const Term *, 4> Sums;
  for (const auto &KV : Ranges)
    if (KV.first->kind() == Term::Linear &&
        llvm::is_contained(KV.first->operands(), Atom))
      Sums.push_back(KV.first);
  for (const Term *Sum : Sums)
    if (!Spread(Sum))
      return false;
  return true;
}

bool State::restrict(const Term *T, Range R) {
  if (R.empty())
    return false;
  Difference D = splitConstant(M->TC, T);
  if (!D.Atom)
    return R.contains(D.C);
  return restrictAtom(D.Atom, R.plus(Range::only(-D.C)).times(D.Sign), 0);
}

int State::decideCompare(Term::OpcodeTy Op, const Term *A,
                         const Term *B) const {
  Range RA = rangeOf(A), RB = rangeOf(B);
  if (Op == Term::ULT || Op == Term::ULE) {
    // Same sign: as signed. Otherwise the negative one is the larger.
    if ((RA.Lo >= 0 && RB.Lo >= 0) || (RA.Hi < 0 && RB.Hi < 0)) {
      Op = Op == Term::ULT ? Term::LT : Term::LE;
    } else if (RA.Lo >= 0 && RB.Hi < 0) {
      return mayCarryError(A) && !Ranges.lookup(A) ? -1 : 1;
    } else if (RA.Hi < 0 && RB.Lo >= 0) {
      return mayCarryError(B) && !Ranges.lookup(B) ? -1 : 0;
    } else {
      return -1;
    }
  }
  Range D = rangeOf(M->TC.sub(A, B));
  switch (Op) {
  case Term::EQ:
  case Term::NE: {
    bool IsEQ = Op == Term::EQ;
    if (D.isOnly(0))
      return IsEQ;
    if (!D.contains(0)) {
      if ((mayCarryError(A) && !Ranges.lookup(A) && RB.Hi < 0) ||
          (mayCarryError(B) && !Ranges.lookup(B) && RA.Hi < 0))
        return -1;
      return !IsEQ;
    }
    // Two different variables have two different addresses.
    if (A->kind() == Term::AddrOf && B->kind() == Term::AddrOf) {
      const Term *X = rootOf(A->op(0)), *Y = rootOf(B->op(0));
      if (X != Y && X->kind() == Term::Var && Y->kind() == Term::Var)
        return !IsEQ;
    }
    return -1;
  }
  case Term::LT:
    return D.Hi < 0 ? 1 : D.Lo >= 0 ? 0 : -1;
  case Term::LE:
    return D.Hi <= 0 ? 1 : D.Lo > 0 ? 0 : -1;
  default:
    return -1;
  }
}

int State::decide(const Term *T) const {
  if (T->isCompare())
    return decideCompare(T->opcode(), T->op(0), T->op(1));
  Range R = rangeOf(T);
  if (!R.contains(0))
    return 1;
  return R.isOnly(0) ? 0 : -1;
}

bool State::assumeCompare(Term::OpcodeTy Op, const Term *A, const Term *B) {
  TermContext &TC = M->TC;
  switch (Op) {
  case Term::EQ: {
    Range RA = rangeOf(A), RB = rangeOf(B);
    if (!restrict(TC.sub(A, B), Range::only(0)))
      return false;
    return restrict(A, RB) &&restrict(B, RA);
  }
  case Term::NE: {
    Range R;
    R.Hole = 0;
    R.HasHole = true;
    if (!restrict(TC.sub(A, B), R))
      return false;
    // (x & mask) != 0 says that x is not zero.
    if (B->isConst(0) && A->kind() == Term::Op && A->opcode() == Term::And)
      return restrict(A->op(0), R);
    return true;
  }
  case Term::LT:
    return restrict(TC.sub(A, B), Range(Range::Min, -1));
  case Term::LE:
    return restrict(TC.sub(A, B), Range(Range::Min, 0));
  case Term::ULT:
  case Term::ULE: {
    Range RA = rangeOf(A), RB = rangeOf(B);
    Term::OpcodeTy Signed = Op == Term::ULT ? Term::LT : Term::LE;
    if ((RA.Lo >= 0 && RB.Lo >= 0 && !(RB.Hi < 0)) || (RA.Hi < 0 && RB.Hi < 0))
      return assumeCompare(Signed, A, B);
    // A below a non-negative bound is non-negative itself, but IS_ERR_VALUE(n)
    // asks whether n is non-negative at all.
    if (RB.Lo >= 0 && !(RA.Hi < 0 && mayCarryError(B) && !Ranges.lookup(B)))
      return restrict(A, Range(0, Range::Max)) && assumeCompare(Signed, A, B);
    // B above a negative (huge) bound is negative itself.
    if (RA.Hi < 0)
      return restrict(B, Range(Range::Min, -1)) && assumeCompare(Signed, A, B);
    // Below a huge bound: non-negative, or negative and smaller. Only the
    // first is a value that kernel code means.
    if (RB.Hi < 0)
      return restrict(A, Range(0, Range::Max));
    return true;
  }
  default:
    return true;
  }
}

bool State::assume(const Term *T, bool Truth) {
  if (T->isConst())
    return (T->number() != 0) == Truth;
  int Known = decide(T);
  if (Known >= 0)
    return Known == Truth;
  if (T->isCompare()) {
    const Term *C = Truth ? T : M->TC.logicalNot(T);
    if (C->isConst())
      return C->number() != 0;
    // (a < b) == 0 and the like were folded by logicalNot.
    if ((C->opcode() == Term::NE || C->opcode() == Term::EQ) &&
        C->op(1)->isConst(0) && C->op(0)->isCompare())
      return assume(C->op(0), C->opcode() == Term::NE);
    return assumeCompare(C->opcode(), C->op(0), C->op(1));
  }
  return assumeCompare(Truth ? Term::NE : Term::EQ, T, M->TC.zero());
}

bool State::provablyEqual(const Term *A, const Term *B) const {
  return A == B || rangeOf(M->TC.sub(A, B)).isOnly(0);
}

const Term *State::simplify(const Term *T) const {
  Range R = rangeOf(T);
  return R.Lo == R.Hi ? M->TC.constant(R.Lo) : T;
}

//===----------------------------------------------------------------------===//
// The rest
//===----------------------------------------------------------------------===//

void State::addPath(PathNode N) {
  N.Parent = Path;
  N.Length = Path ? Path->Length + 1 : 1;
  Path = M->node(N);
}

const Term *State::pending(const clang::Expr *E) const {
  for (const auto &[X, T] : Pending)
    if (X == E)
      return T;
  return nullptr;
}

void State::setPending(const clang::Expr *E, const Term *T) {
  for (auto &P : Pending)
    if (P.first == E) {
      P.second = T;
      return;
    }
  Pending.push_back({E, T});
}

void State::escape(const Term *T) {
  auto It = llvm::lower_bound(Escaped, T, TermIdLess());
  if (It == Escaped.end() || *It != T)
    Escaped.insert(It, T);
}

Sign pinlint::signOf(const Range &R) {
  if (R.isOnly(0))
    return Sign::Zero;
  if (R.Hi < 0)
    return Sign::Negative;
  if (R.Lo > 0)
    return Sign::Positive;
  return R.contains(0) ? Sign::Unknown : Sign::NotZero;
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
      X.Holder != Y.Holder || X.Partial != Y.Partial || X.Extra != Y.Extra ||
      !X.Request != !Y.Request || !X.Offset != !Y.Offset)
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

bool pinlint::sameHeld(const State &A, const State &B) {
  if (A.Held.size() != B.Held.size())
    return false;
  auto SignAt = [](const State &S, const Term *T) {
    return signOf(S.rangeOf(T));
  };
  // How many of the handles were obtained decides what is owed.
  TermContext &TC = A.M->TC;
  for (unsigned I = 0; I < A.Held.size(); ++I) {
    const Obligation &X = A.Held[I], &Y = B.Held[I];
    if (X.Fam != Y.Fam || X.Form != Y.Form || X.Site != Y.Site)
      return false;
    if (X.Count && X.Request && Y.Count && Y.Request &&
        SignAt(A, TC.sub(X.Count, X.Request)) !=
            SignAt(B, TC.sub(Y.Count, Y.Request)))
      return false;
    bool Many = X.Form == Effect::Array;
    if (SignAt(A, Many ? X.Count : X.Handle) !=
        SignAt(B, Many ? Y.Count : Y.Handle))
      return false;
  }
  for (unsigned I = 0; I < A.Held.size(); ++I)
    if (!correspond(A, A.Held[I], B, B.Held[I]))
      return false;
  return true;
}

bool pinlint::sameTracked(const State &A, const State &B,
                          ArrayRef<const Term *> Signs) {
  if (A.Loops != B.Loops || A.Held.size() != B.Held.size() ||
      !align<Effect>(A, A.Log, B, B.Log, [](const Effect &) {}) ||
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
  Joiner(State &To, const State &From) : To(To), From(From), Old(To) {}

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
    auto &Parts = To.M->Parts[J];
    for (const Term *T : {A, B}) {
      auto It = To.M->Parts.find(T);
      if (It != To.M->Parts.end() && T != J) {
        SmallVector<const Term *, 4> Copy(It->second.begin(), It->second.end());
        auto &P = To.M->Parts[J];
        for (const Term *X : Copy)
          if (!llvm::is_contained(P, X))
            P.push_back(X);
      } else if (!T->isConst() && !llvm::is_contained(Parts, T)) {
        To.M->Parts[J].push_back(T);
      }
    }
    add(A, B, J);
    return J;
  }

  /// Arrays of handles have names, not values.
  const Term *joinHandles(const Term *A, const Term *B, bool Array) {
    const Term *J = A == B || !Array ? join(A, B)
                    : joined(A, B)   ? joined(A, B)
                                     : To.M->TC.fresh("join", Range());
    if (!joined(A, B))
      add(A, B, J);
    Handles = Made.size();
    return J;
  }

  /// What \p A and \p B were joined to, if they were.
  const Term *joined(const Term *A, const Term *B) const {
    return Known.lookup({A, B});
  }

  /// Keeps what both sides know about differences of joined values.
  void relate() {
    constexpr size_t MaxRelated = 12;
    if (Made.size() > MaxRelated)
      return;
    TermContext &TC = To.M->TC;
    auto Relate = [&](const Term *JA, const Term *JB, const Term *A1,
                      const Term *A2, const Term *B1, const Term *B2) {
      Range R = Old.rangeOf(TC.sub(A1, A2)).hull(From.rangeOf(TC.sub(B1, B2)));
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
      return TC.element(join(A->op(0), B->op(0)), join(A->op(1), B->op(1)));
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
  const State &From;
  State Old;
  SmallVector<Entry, 8> Made;
  DenseMap<std::pair<const Term *, const Term *>, const Term *> Known;
};
} // namespace

void pinlint::joinStates(State &To, const State &From) {
  StateManager &M = *To.M;
  TermContext &TC = M.TC;
  State Old = To;
  Joiner J(To, From);
  To.Rough |= From.Rough;

  // Constraints: what both sides say.
  TermMap<StoredRange> Ranges = M.RangeFactory.getEmptyMap();
  for (const auto &KV : Old.Ranges) {
    Range R = Range(KV.second).hull(From.rangeOf(KV.first));
    if (!R.full() && !(R == KV.first->bounds()))
      Ranges = M.RangeFactory.add(Ranges, KV.first, R);
  }
  for (const auto &KV : From.Ranges)
    if (!Old.Ranges.lookup(KV.first)) {
      Range R = Range(KV.second).hull(Old.rangeOf(KV.first));
      if (!R.full() && !(R == KV.first->bounds()))
        Ranges = M.RangeFactory.add(Ranges, KV.first, R);
    }
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
    O.Handle = J.joinHandles(O.Handle, Other.Handle, O.Form == Effect::Array);
  }
  for (unsigned I = 0; I < To.Held.size(); ++I) {
    Obligation &O = To.Held[I];
    const Obligation &Other = From.Held[I];
    if (O.Offset)
      O.Offset = J.join(O.Offset, Other.Offset);
    if (O.Count && O.Count != Other.Count) {
      // A variable that says how many in both states goes on saying so.
      const Term *Says = nullptr;
      for (const auto &KV : Old.Store)
        if (!Says && KV.first->kind() == Term::Var && !KV.second->isConst())
          if (const auto *V = From.Store.lookup(KV.first);
              V && *V == KV.second && Old.provablyEqual(O.Count, *V) &&
              From.provablyEqual(Other.Count, *V))
            Says = *V;
      O.Count = Says ? Says : J.join(O.Count, Other.Count);
    }
    if (O.Request)
      O.Request = J.join(O.Request, Other.Request);
  }
  joinTakenDown(To, From);

  // What a call made on one of the paths only is as that path says.
  auto OwnRoots = [](const State &S) {
    DenseSet<const Term *> Roots;
    for (const auto &KV : S.Store)
      Roots.insert(rootOf(KV.first));
    for (const auto &KV : S.Defaults)
      Roots.insert(rootOf(KV.first));
    return Roots;
  };
  DenseSet<const Term *> HereRoots = OwnRoots(Old), ThereRoots = OwnRoots(From);
  auto OnlyIn = [](const Term *Loc, const DenseSet<const Term *> &Others) {
    const Term *Root = rootOf(Loc);
    return Root->kind() == Term::Deref && !Root->isExternal() &&
           !Others.contains(Root);
  };
  SmallVector<std::pair<const Term *, const Term *>, 16> Changed;
  for (const auto &KV : Old.Store) {
    const auto *V = From.Store.lookup(KV.first);
    if (!V && OnlyIn(KV.first, ThereRoots))
      continue;
    const Term *B = V ? *V : From.load(KV.first, Range());
    if (B != KV.second)
      Changed.push_back({KV.first, J.join(KV.second, B)});
  }
  for (const auto &KV : From.Store)
    if (!Old.Store.lookup(KV.first)) {
      if (OnlyIn(KV.first, HereRoots)) {
        Changed.push_back({KV.first, KV.second});
        continue;
      }
      const Term *A = Old.load(KV.first, Range());
      Changed.push_back({KV.first, J.join(A, KV.second)});
    }
  for (const auto &[L, V] : Changed)
    To.Store = M.StoreFactory.add(To.Store, L, V);

  SmallVector<const Term *, 4> Lost;
  for (const auto &KV : Old.Defaults) {
    const auto *V = From.Defaults.lookup(KV.first);
    if (!V || *V != KV.second)
      Lost.push_back(KV.first);
  }
  for (const auto &KV : From.Defaults)
    if (!Old.Defaults.lookup(KV.first))
      Lost.push_back(KV.first);
  for (const Term *L : Lost) {
    const Term *Version = TC.fresh("join", Range());
    for (const State *S : {static_cast<const State *>(&Old), &From})
      if (const auto *D = S->Defaults.lookup(L); D && !(*D)->isConst())
        M.Parts[Version].push_back(*D);
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
  for (const Term *T : From.Escaped)
    To.escape(T);
  for (unsigned Header : From.SkippedLoops)
    if (!llvm::is_contained(To.SkippedLoops, Header))
      To.SkippedLoops.push_back(Header);
  for (auto &[E, T] : To.Pending)
    if (const Term *U = From.pending(E))
      T = J.join(T, U);
  if (To.Returned && From.Returned)
    To.Returned = J.join(To.Returned, From.Returned);
  else
    To.Returned = nullptr;
  J.relate();
  llvm::stable_sort(To.Held, [](const Obligation &A, const Obligation &B) {
    return A.Handle->id() < B.Handle->id();
  });
}
