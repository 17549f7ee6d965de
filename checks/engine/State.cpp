//===- State.cpp - What is known at a point of a path ---------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "State.h"
#include "clang/AST/Expr.h"
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
  const auto [Base, Idx] = TC.slot(Loc);
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

/// Calls \p Visit for the entries of \p Map that concern \p Loc and its parts.
static void
forEachWithin(const TermMap<const Term *> &Map, const Term *Loc,
              function_ref<void(const Term *, const Term *)> Visit) {
  if (!Loc->hasParts()) {
    if (const auto *V = Map.lookup(Loc))
      Visit(Loc, *V);
    return;
  }
  // Parts are younger than the whole: entries of older places are passed over
  // a subtree at a time.
  auto Walk = [&](auto &&Self, const auto *Node) -> void {
    if (!Node)
      return;
    const Term *L = Node->getValue().first;
    if (L->id() >= Loc->id()) {
      Self(Self, Node->getLeft());
      if (isWithin(L, Loc))
        Visit(L, Node->getValue().second);
    }
    Self(Self, Node->getRight());
  };
  Walk(Walk, Map.getRootWithoutRetain());
}

/// True if \p Loc, an element of the zeroed \p Object that is not known
/// exactly, may be one of those that were stored to.
static bool mayHaveBeenStored(const State &S, const Term *Loc,
                              const Term *Object) {
  for (const Term *L = Loc; L != Object; L = L->op(0)) {
    if (L->kind() != Term::Index || L->op(1)->isConst())
      continue;
    bool Stored = false;
    forEachWithin(S.Store, L->op(0), [&](const Term *Other, const Term *V) {
      Stored |= !V->isConst(0) && Other->kind() == Loc->kind() &&
                (Loc->kind() != Term::Field ||
                 Other->fieldDecl() == Loc->fieldDecl());
    });
    if (Stored)
      return true;
  }
  return false;
}

const Term *State::content(const Term *Loc, const Range &TypeBounds) const {
  TermContext &TC = M->TC;
  for (const Term *L = Loc;; L = L->op(0)) {
    if (const auto *D = Defaults.lookup(L)) {
      const Term *V = *D;
      if (V->isConst(0)) {
        if (!mayHaveBeenStored(*this, Loc, L))
          return V;
        return TC.load(Loc, nullptr, TypeBounds);
      }
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
  auto Collect = [&](const Term *L, const Term *) { Gone.push_back(L); };
  forEachWithin(Store, Loc, Collect);
  for (const Term *L : Gone)
    Store = M->StoreFactory.remove(Store, L);
  Gone.clear();
  forEachWithin(Defaults, Loc, Collect);
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
  havoc(Loc, M->TC.fresh(Why, Range()));
}

void State::havoc(const Term *Loc, const Term *Name) {
  forgetWithin(Loc);
  Defaults = M->StoreFactory.add(Defaults, Loc, Name);
}

void State::copyObject(const Term *To, const Term *From) {
  TermContext &TC = M->TC;
  auto Rebase = [&](const Term *L) { return rebase(TC, L, From, To); };
  const Term *Content = content(From, Range());
  SmallVector<std::pair<const Term *, const Term *>, 8> Values, Fresh;
  forEachWithin(Store, From, [&](const Term *L, const Term *V) {
    Values.push_back({Rebase(L), V});
  });
  forEachWithin(Defaults, From, [&](const Term *L, const Term *V) {
    Fresh.push_back({Rebase(L), V});
  });
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

/// The pointer to the array of which \p T is the address of an element: one is
/// NULL, or an error code, where the other is. So is the address of the first
/// member of what the caller passed, which it may have passed nothing of. Null
/// if there is none, as for entries of global tables, such as that of all
/// pages, which are just there.
static const Term *pointerToWhole(const Term *T) {
  if (T->kind() != Term::AddrOf)
    return nullptr;
  if (const Term *P = stripConversions(T); P->kind() == Term::Param)
    return P;
  if (T->op(0)->kind() != Term::Index || T->op(0)->op(0)->kind() != Term::Deref)
    return nullptr;
  const Term *P = T->op(0)->op(0)->op(0);
  if (P->kind() == Term::Load && rootOf(P->op(0))->kind() == Term::Var &&
      rootOf(P->op(0))->isExternal())
    return nullptr;
  return P;
}

/// The numbers that \p T, which cuts off what does not fit, leaves as they are;
/// none if it does something else.
static Range fitting(const Term *T) {
  if (T->opcode() == Term::Narrow)
    return T->bounds();
  const int64_t N =
      T->numOps() == 2 && T->op(1)->isConst() ? T->op(1)->number() : 0;
  if (N > 0 && T->opcode() == Term::Rem)
    return Range(0, N - 1);
  if (N > 0 && T->opcode() == Term::And && (N & (N + 1)) == 0)
    return Range(0, N);
  return Range(1, 0);
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
    if (const Term *P = pointerToWhole(T))
      return rangeOf(P);
    if (T->op(0)->kind() == Term::Index &&
        T->op(0)->op(0)->kind() == Term::Deref)
      return Range(1, Range::Max);
    return T->bounds();
  case Term::Op: {
    Range R = T->bounds();
    if (const auto *S = Ranges.lookup(T))
      R.intersect(*S);
    // There is no object around nothing.
    if (T->opcode() == Term::ContainerOf && !rangeOf(T->op(0)).contains(0))
      R.exclude(0);
    if (T->opcode() == Term::Div && T->op(1)->isConst() &&
        T->op(1)->number() > 0) {
      Range N = rangeOf(T->op(0));
      int64_t D = T->op(1)->number();
      if (N.Lo >= 0)
        R.intersect(Range(N.Lo / D, N.Hi == Range::Max ? N.Hi : N.Hi / D));
    }
    // A number that fits is what it was.
    if (Range Fit = fitting(T); !Fit.empty())
      if (Range N = rangeOf(T->op(0)); N.within(Fit))
        R.intersect(N);
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
  if (const Term *P = pointerToWhole(Atom))
    return restrictAtom(P, R, Depth);
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
    // No variable is where memory was allocated.
    for (auto [X, Y] : {std::pair{A, B}, {B, A}})
      if (X->kind() == Term::AddrOf && rootOf(X->op(0))->kind() == Term::Var &&
          llvm::any_of(Held, [Y = Y](const Obligation &O) {
            return O.Fam->EndsWhenFreed && O.Handle == Y;
          }))
        return !IsEQ;
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
    if (!restrict(TC.sub(A, B), Range::notZero()))
      return false;
    // (x & mask) != 0 says that x is not zero.
    if (B->isConst(0) && A->kind() == Term::Op && A->opcode() == Term::And)
      return restrict(A->op(0), Range::notZero());
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

bool State::knows(const Term *T) const {
  const Term *Atom = splitConstant(M->TC, T).Atom;
  return Atom && Atom->kind() == Term::Linear && Ranges.lookup(Atom);
}

const Term *State::simplify(const Term *T) const {
  if (T->isCompare())
    if (int Known = decide(T); Known >= 0)
      return M->TC.constant(Known);
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

void State::joinPath(const PathNode *Other) {
  if (Held.empty() || Other == Path)
    return;
  PathNode N{};
  N.Kind = PathNode::Join;
  N.Other = Other;
  addPath(N);
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

void State::escape(Escape E) {
  auto Mine =
      llvm::make_range(llvm::lower_bound(Escaped, E.What->id(),
                                         [](const Escape &X, unsigned Id) {
                                           return X.What->id() < Id;
                                         }),
                       llvm::upper_bound(Escaped, E.What->id(),
                                         [](unsigned Id, const Escape &X) {
                                           return Id < X.What->id();
                                         }));
  if (llvm::any_of(Mine,
                   [&](const Escape &X) { return !X.UnlessFailed || X == E; }))
    return;
  // Gone for good says it all; so do calls that are too many to remember.
  constexpr int MaxCalls = 4;
  if (std::distance(Mine.begin(), Mine.end()) >= MaxCalls)
    E.UnlessFailed = nullptr;
  auto At = Mine.begin();
  if (!E.UnlessFailed)
    At = Escaped.erase(Mine.begin(), Mine.end());
  Escaped.insert(At, E);
}

bool pinlint::isBitTest(const Term *T) {
  return T->kind() == Term::Op && T->opcode() == Term::And &&
         T->op(1)->isConst();
}

bool pinlint::isFailure(const Range &R) {
  return R.Hi < 0 || (R.Lo < 0 && !R.contains(0));
}

bool State::mayBeTaken(const Term *T) const {
  return llvm::any_of(Escaped, [&](const Escape &E) {
    return E.What == T &&
           (!E.UnlessFailed || !isFailure(rangeOf(E.UnlessFailed)));
  });
}

void State::passOn(const Term *T) {
  constexpr size_t MaxPassedOn = 8;
  if (PassedOn.size() < MaxPassedOn && !llvm::is_contained(PassedOn, T))
    PassedOn.push_back(T);
}

void State::takeBackEscaped() {
  llvm::erase_if(Escaped, [&](const Escape &E) {
    return E.UnlessFailed && isFailure(rangeOf(E.UnlessFailed));
  });
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
