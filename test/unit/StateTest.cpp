//===- StateTest.cpp - States against brute force -------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What a state says of its symbols is compared with what all assignments of
/// small numbers say, and what it says of memory with a memory that is written
/// in the same way.
///
//===----------------------------------------------------------------------===//

#include "engine/State.h"
#include "Evaluate.h"
#include "clang/AST/ASTContext.h"
#include "clang/AST/Decl.h"
#include "clang/Frontend/ASTUnit.h"
#include "clang/Tooling/Tooling.h"
#include "llvm/ADT/STLExtras.h"
#include <gtest/gtest.h>
#include <random>

using namespace pinlint;

namespace {

class StateTest : public ::testing::Test {
protected:
  TermContext TC;
  StateManager M{TC};
  State S{M};

  const Term *num(int64_t V) { return TC.constant(V); }
  const Term *compare(Term::OpcodeTy Op, const Term *A, const Term *B) {
    return TC.binary(Op, A, B);
  }
  bool assume(Term::OpcodeTy Op, const Term *A, const Term *B) {
    return S.assume(compare(Op, A, B), true);
  }
};

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

/// Random conditions on three symbols, and all assignments that they leave.
class Worlds {
public:
  static constexpr int64_t Low = -2, High = 4;

  Worlds(TermContext &TC, unsigned Seed) : TC(TC), Random(Seed) {
    for (const char *Name : {"x", "y", "z"})
      Symbols.push_back(TC.fresh(Name, Range(Low, High)));
    for (int64_t X = Low; X <= High; ++X)
      for (int64_t Y = Low; Y <= High; ++Y)
        for (int64_t Z = Low; Z <= High; ++Z)
          All.push_back({{Symbols[0], X}, {Symbols[1], Y}, {Symbols[2], Z}});
    for (const Term *A : Symbols)
      for (const Term *B : Symbols) {
        Terms.push_back(A);
        Terms.push_back(TC.scale(A, 2));
        Terms.push_back(TC.sub(A, B));
        Terms.push_back(TC.add(A, B));
        Terms.push_back(TC.add(TC.sub(B, A), TC.constant(2)));
        Terms.push_back(TC.sub(TC.add(Symbols[0], Symbols[1]), A));
        Terms.push_back(TC.binary(Term::Div, A, TC.constant(2)));
        Terms.push_back(TC.binary(Term::And, A, TC.constant(3)));
      }
    for (int64_t V = -3; V <= 5; ++V)
      Terms.push_back(TC.constant(V));
  }

  int pick(int N) { return int(Random() % N); }
  const Term *term() { return Terms[pick(Terms.size())]; }

  const Term *condition() {
    static constexpr Term::OpcodeTy Ops[] = {Term::EQ, Term::NE, Term::LT,
                                             Term::LE};
    const Term *A = term(), *B = term();
    auto Op = Ops[pick(4)];
    // Unsigned comparisons of what may be negative take huge bounds for
    // mistakes.
    if (pick(5) == 0 && A->bounds().Lo >= 0 && B->bounds().Lo >= 0)
      Op = pick(2) ? Term::ULT : Term::ULE;
    return TC.binary(Op, A, B);
  }

  static std::vector<Assignment> filter(const std::vector<Assignment> &From,
                                        const Term *Condition, bool Truth) {
    std::vector<Assignment> Out;
    for (const Assignment &A : From)
      if (auto V = evaluate(Condition, A); V && (*V != 0) == Truth)
        Out.push_back(A);
    return Out;
  }

  /// That nothing the state says is wrong in any of the worlds.
  void expectSound(const State &S, const std::vector<Assignment> &Left,
                   const std::string &What) {
    for (const Term *T : Terms) {
      Range R = S.rangeOf(T);
      const Term *Simple = S.simplify(T);
      for (const Assignment &A : Left) {
        auto V = evaluate(T, A);
        if (!V)
          continue;
        ASSERT_TRUE(R.contains(*V))
            << describe(T, R) << ", yet it can be " << *V << " after " << What;
        if (Simple->isConst())
          ASSERT_EQ(Simple->number(), *V) << T->str() << " after " << What;
      }
    }
    for (int I = 0; I < 40; ++I) {
      const Term *C = condition();
      int Known = S.decide(C);
      if (Known < 0)
        continue;
      for (const Assignment &A : Left)
        if (auto V = evaluate(C, A))
          ASSERT_EQ(*V != 0, Known == 1) << C->str() << " after " << What;
    }
    for (int I = 0; I < 10; ++I) {
      const Term *A = term(), *B = term();
      if (S.provablyEqual(A, B))
        for (const Assignment &W : Left)
          ASSERT_EQ(evaluate(A, W), evaluate(B, W))
              << A->str() << " and " << B->str() << " after " << What;
    }
  }

  TermContext &TC;
  std::mt19937 Random;
  std::vector<const Term *> Symbols, Terms;
  std::vector<Assignment> All;
};

TEST_F(StateTest, ConstraintsAreSound) {
  Worlds W(TC, 11);
  for (int Try = 0; Try < 400; ++Try) {
    State X(M);
    std::vector<Assignment> Left = W.All;
    std::string What;
    for (int Step = 0; Step < 5; ++Step) {
      const Term *C = W.condition();
      bool Truth = W.pick(2);
      What += (Truth ? " " : " not ") + C->str();
      std::vector<Assignment> Next = Worlds::filter(Left, C, Truth);
      if (!X.assume(C, Truth)) {
        // A path must not end while somebody can walk it.
        ASSERT_TRUE(Next.empty()) << "impossible:" << What;
        break;
      }
      Left = std::move(Next);
      W.expectSound(X, Left, What);
      if (HasFatalFailure())
        return;
    }
  }
}

/// Most contradictions are seen; the others cost time, not truth.
TEST_F(StateTest, ContradictionsAreSeen) {
  Worlds W(TC, 12);
  unsigned Impossible = 0, Seen = 0;
  for (int Try = 0; Try < 2000; ++Try) {
    State X(M);
    std::vector<Assignment> Left = W.All;
    for (int Step = 0; Step < 5 && !Left.empty(); ++Step) {
      const Term *C = W.condition();
      Left = Worlds::filter(Left, C, true);
      bool Possible = X.assume(C, true);
      if (!Left.empty()) {
        ASSERT_TRUE(Possible) << C->str();
        continue;
      }
      ++Impossible;
      Seen += !Possible;
    }
  }
  EXPECT_GT(Impossible, 500u);
  EXPECT_GT(Seen, Impossible / 2) << "of " << Impossible;
}

TEST_F(StateTest, RestrictKeepsWhatIsInTheRange) {
  Worlds W(TC, 13);
  for (int Try = 0; Try < 500; ++Try) {
    State X(M);
    std::vector<Assignment> Left = W.All;
    std::string What;
    for (int Step = 0; Step < 4; ++Step) {
      const Term *T = W.term();
      Range R(W.pick(6) - 3, 0);
      R.Hi = R.Lo + W.pick(5);
      if (W.pick(3) == 0)
        R.exclude(R.Lo + 1);
      if (W.pick(4) == 0)
        R.Hi = Range::Max;
      if (R.empty())
        continue;
      What += " " + describe(T, R);
      std::vector<Assignment> Next;
      for (const Assignment &A : Left)
        if (auto V = evaluate(T, A); V && R.contains(*V))
          Next.push_back(A);
      if (!X.restrict(T, R)) {
        ASSERT_TRUE(Next.empty()) << "impossible:" << What;
        break;
      }
      Left = std::move(Next);
      W.expectSound(X, Left, What);
      if (HasFatalFailure())
        return;
    }
  }
}

TEST_F(StateTest, KnowsWhatPinsNeed) {
  const Term *R = TC.fresh("result", Range(-4095, 1 << 20));
  const Term *N = TC.fresh("request", Range(0, 1 << 20));
  ASSERT_TRUE(assume(Term::LE, R, N));
  // 0 < r <= n makes n positive: a loop over n runs at least once.
  State Some = S;
  ASSERT_TRUE(Some.assume(compare(Term::LT, num(0), R), true));
  EXPECT_EQ(Some.decide(compare(Term::LT, num(0), N)), 1);
  // r != n and r <= n: fewer than asked for.
  ASSERT_TRUE(Some.assume(compare(Term::NE, R, N), true));
  EXPECT_LT(Some.rangeOf(TC.sub(R, N)).Hi, 0);
  EXPECT_EQ(Some.decide(compare(Term::EQ, R, N)), 0);
  // r < 0 excludes r == n.
  State Error = S;
  ASSERT_TRUE(Error.assume(compare(Term::LT, R, num(0)), true));
  EXPECT_EQ(Error.decide(compare(Term::EQ, R, N)), 0);
  // r == n == 0 is left.
  State None = S;
  ASSERT_TRUE(None.assume(compare(Term::EQ, R, N), true));
  EXPECT_GE(None.rangeOf(R).Lo, 0);
}

TEST_F(StateTest, EqualityPassesValuesOn) {
  const Term *X = TC.fresh("x", Range()), *Y = TC.fresh("y", Range());
  ASSERT_TRUE(assume(Term::EQ, X, Y));
  ASSERT_TRUE(assume(Term::EQ, Y, num(3)));
  EXPECT_TRUE(S.rangeOf(X).isOnly(3));
  EXPECT_EQ(S.simplify(X), num(3));
  EXPECT_TRUE(S.provablyEqual(X, Y));
  EXPECT_FALSE(S.assume(compare(Term::NE, X, Y), true));
}

TEST_F(StateTest, ErrorPointersAreNegative) {
  const Term *P = TC.fresh("pointer", Range());
  // IS_ERR(p): (unsigned long)p >= (unsigned long)-4095.
  const Term *IsErr = compare(Term::ULE, num(-4095), P);
  State Bad = S, Good = S;
  ASSERT_TRUE(Bad.assume(IsErr, true));
  EXPECT_LT(Bad.rangeOf(P).Hi, 0);
  ASSERT_TRUE(Good.assume(IsErr, false));
  EXPECT_GE(Good.rangeOf(P).Lo, 0);
  EXPECT_EQ(Good.decide(compare(Term::EQ, P, TC.zero())), -1);
}

TEST_F(StateTest, UnsignedNeedNotLoseErrors) {
  // IS_ERR_VALUE(n) of an unsigned long.
  const Term *N = TC.fresh("n", Range(0, Range::Max));
  const Term *IsErr = compare(Term::ULE, num(-4095), N);
  State Bad = S, Good = S;
  ASSERT_TRUE(Bad.assume(IsErr, true));
  EXPECT_EQ(Bad.rangeOf(N), Range(-4095, -1));
  ASSERT_TRUE(Good.assume(IsErr, false));
  EXPECT_GE(Good.rangeOf(N).Lo, 0);
  // Nor is it an ordinary number that was checked before.
  State Checked = S;
  ASSERT_TRUE(Checked.assume(compare(Term::ULT, N, num(100)), true));
  EXPECT_EQ(Checked.decide(IsErr), 0);
}

TEST_F(StateTest, SignsOfRanges) {
  Range NotZero;
  NotZero.exclude(0);
  EXPECT_EQ(signOf(Range::only(0)), Sign::Zero);
  EXPECT_EQ(signOf(Range(1, 5)), Sign::Positive);
  EXPECT_EQ(signOf(Range(-5, -1)), Sign::Negative);
  EXPECT_EQ(signOf(Range(0, 5)), Sign::Unknown);
  EXPECT_EQ(signOf(NotZero), Sign::NotZero);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

class MemoryTest : public StateTest {
protected:
  std::unique_ptr<clang::ASTUnit> Unit =
      clang::tooling::buildASTFromCodeWithArgs(
          "struct In { long c, d; };"
          "struct Out { long a; struct In in; long tail[3]; };"
          "struct Out first, second; long one, two, three;",
          {"-xc"}, "input.c");

  template <typename T> const T *find(llvm::StringRef Name) {
    for (const clang::Decl *D :
         Unit->getASTContext().getTranslationUnitDecl()->decls())
      if (const auto *N = llvm::dyn_cast<T>(D); N && N->getName() == Name)
        return N;
    return nullptr;
  }
  const Term *var(llvm::StringRef Name) {
    return TC.var(find<clang::VarDecl>(Name), false);
  }
  const Term *field(const Term *Loc, llvm::StringRef Record,
                    llvm::StringRef Name) {
    for (const clang::FieldDecl *F : find<clang::RecordDecl>(Record)->fields())
      if (F->getName() == Name)
        return TC.field(Loc, F);
    return nullptr;
  }
  /// The scalars in an object of type Out.
  std::vector<const Term *> leavesOf(const Term *Out) {
    const Term *In = field(Out, "Out", "in"), *Tail = field(Out, "Out", "tail");
    return {field(Out, "Out", "a"), field(In, "In", "c"), field(In, "In", "d"),
            TC.index(Tail, num(1)), TC.index(Tail, num(2))};
  }
  const Term *load(const Term *Loc) { return S.load(Loc, Range()); }
};

TEST_F(MemoryTest, LoadsWhatWasStored) {
  const Term *A = field(var("first"), "Out", "a");
  const Term *Before = load(A);
  EXPECT_EQ(Before, load(A));
  EXPECT_NE(Before, load(field(var("second"), "Out", "a")));
  S.store(A, num(5));
  EXPECT_EQ(load(A), num(5));
  EXPECT_EQ(load(field(var("second"), "Out", "a"))->kind(), Term::Load);
}

TEST_F(MemoryTest, ClearedAndUnknownObjects) {
  const Term *Object = var("first");
  for (const Term *L : leavesOf(Object))
    S.store(L, num(7));
  S.clear(Object);
  for (const Term *L : leavesOf(Object))
    EXPECT_EQ(load(L), TC.zero()) << L->str();
  S.store(leavesOf(Object)[1], num(3));
  EXPECT_EQ(load(leavesOf(Object)[1]), num(3));
  EXPECT_EQ(load(leavesOf(Object)[2]), TC.zero());
  S.havoc(Object, "test");
  const Term *Unknown = load(leavesOf(Object)[1]);
  EXPECT_FALSE(Unknown->isConst());
  EXPECT_EQ(load(leavesOf(Object)[1]), Unknown);
  S.havoc(Object, "test");
  EXPECT_NE(load(leavesOf(Object)[1]), Unknown);
}

/// Two objects that are stored to, cleared, forgotten and copied in random
/// order, beside a memory of numbers.
TEST_F(MemoryTest, AgreesWithAMemory) {
  std::mt19937 Random(14);
  auto Pick = [&](int N) { return int(Random() % N); };
  std::vector<const Term *> Objects = {var("first"), var("second")};
  // Parts that can be cleared, forgotten and copied: the whole and `in`.
  auto PartOf = [&](const Term *Object, bool Whole) {
    return Whole ? Object : field(Object, "Out", "in");
  };
  for (int Try = 0; Try < 300; ++Try) {
    State X(M);
    std::map<const Term *, int64_t> Memory;
    // What a symbolic content stands for.
    std::map<const Term *, int64_t> Meaning;
    int64_t Next = 1000;
    std::vector<std::pair<const Term *, const Term *>> Twins;
    for (unsigned I = 0; I < leavesOf(Objects[0]).size(); ++I) {
      Twins.push_back({leavesOf(Objects[0])[I], leavesOf(Objects[1])[I]});
      for (const Term *Object : Objects)
        Memory[leavesOf(Object)[I]] = ++Next;
    }
    auto Check = [&] {
      for (const auto &[Loc, Value] : Memory) {
        const Term *V = X.load(Loc, Range());
        if (V->isConst()) {
          ASSERT_EQ(V->number(), Value) << Loc->str();
          continue;
        }
        // One symbol, one value, wherever it is read.
        auto [It, New] = Meaning.try_emplace(V, Value);
        ASSERT_EQ(It->second, Value) << Loc->str() << " reads " << V->str();
      }
    };
    Check();
    for (int Step = 0; Step < 12; ++Step) {
      const Term *Object = Objects[Pick(2)];
      bool Whole = Pick(2);
      const Term *Part = PartOf(Object, Whole);
      switch (Pick(4)) {
      case 0: {
        const Term *L = leavesOf(Object)[Pick(5)];
        int64_t V = Pick(100);
        X.store(L, num(V));
        Memory[L] = V;
        break;
      }
      case 1:
        X.clear(Part);
        for (auto &[L, V] : Memory)
          if (isWithin(L, Part))
            V = 0;
        break;
      case 2:
        X.havoc(Part, "test");
        for (auto &[L, V] : Memory)
          if (isWithin(L, Part))
            V = ++Next;
        break;
      case 3: {
        bool Forth = Object == Objects[0];
        const Term *From = PartOf(Objects[Forth], Whole);
        X.copyObject(Part, From);
        for (auto [A, B] : Twins)
          if (isWithin(Forth ? A : B, Part))
            Memory[Forth ? A : B] = Memory[Forth ? B : A];
        break;
      }
      }
      Check();
      if (HasFatalFailure())
        return;
    }
  }
}

TEST_F(MemoryTest, BindingsGiveElements) {
  const Term *Pages = TC.deref(TC.fresh("pages", Range(4096, Range::Max)));
  const Term *Other = TC.deref(TC.fresh("other", Range(4096, Range::Max)));
  const Term *A = TC.fresh("a", Range()), *B = TC.fresh("b", Range());
  const Term *N = TC.fresh("n", Range(1, 100));
  S.store(TC.index(Pages, num(1)), num(11));
  S.store(TC.index(Other, num(1)), num(12));
  S.bind(Pages, num(0), A);
  EXPECT_EQ(load(TC.index(Pages, num(0))), TC.element(A, num(0)));
  EXPECT_EQ(load(TC.index(Pages, num(1))), TC.element(A, num(1)));
  EXPECT_EQ(load(TC.index(Pages, N)), TC.element(A, N));
  EXPECT_EQ(load(TC.index(Other, num(1))), num(12));

  // A slice behind the first one, as in `pages + n`.
  S.bind(Pages, N, B);
  EXPECT_EQ(load(TC.index(Pages, N)), TC.element(B, num(0)));
  EXPECT_EQ(load(TC.index(Pages, TC.add(N, num(2)))), TC.element(B, num(2)));
  EXPECT_EQ(load(TC.index(Pages, num(0))), TC.element(A, num(0)));

  // A slot that is written is no longer what the call put there.
  S.store(TC.index(Pages, num(0)), TC.zero());
  EXPECT_EQ(load(TC.index(Pages, num(0))), TC.zero());
  EXPECT_EQ(load(TC.index(Pages, N)), TC.element(B, num(0)));

  // Another call for the whole array.
  const Term *C = TC.fresh("c", Range());
  S.bind(Pages, num(0), C);
  EXPECT_EQ(load(TC.index(Pages, num(0))), TC.element(C, num(0)));
  EXPECT_EQ(load(TC.index(Pages, TC.add(N, num(2)))),
            TC.element(C, TC.add(N, num(2))));
}

TEST_F(MemoryTest, CopiesTakeBindingsAlong) {
  const Term *First = var("first"), *Second = var("second");
  const Term *Array = TC.fresh("array", Range());
  S.bind(field(First, "Out", "tail"), num(0), Array);
  S.copyObject(Second, First);
  EXPECT_EQ(load(TC.index(field(Second, "Out", "tail"), num(1))),
            TC.element(Array, num(1)));
  S.clear(First);
  EXPECT_EQ(load(TC.index(field(First, "Out", "tail"), num(1))), TC.zero());
  EXPECT_EQ(load(TC.index(field(Second, "Out", "tail"), num(1))),
            TC.element(Array, num(1)));
}

//===----------------------------------------------------------------------===//
// Joins
//===----------------------------------------------------------------------===//

TEST_F(MemoryTest, JoinsHoldForBothSides) {
  Worlds W(TC, 15);
  std::vector<const Term *> Places = {var("one"), var("two"), var("three")};
  for (int Try = 0; Try < 400; ++Try) {
    struct Side {
      State S;
      std::vector<Assignment> Left;
    };
    Side Sides[2] = {{State(M), W.All}, {State(M), W.All}};
    std::string What;
    for (Side &X : Sides) {
      for (int Step = 0; Step < 3; ++Step) {
        const Term *C = W.condition();
        auto Next = Worlds::filter(X.Left, C, true);
        if (Next.empty() || !X.S.assume(C, true))
          continue;
        X.Left = Next;
        What += " " + C->str();
      }
      for (const Term *P : Places) {
        const Term *V = W.term();
        X.S.store(P, V);
        What += " " + P->str() + "=" + V->str();
      }
      What += " |";
    }
    State Joined = Sides[0].S;
    joinStates(Joined, Sides[1].S);

    for (Side &X : Sides)
      for (Assignment A : X.Left) {
        // The joined values mean what this side had there.
        bool Consistent = true;
        for (const Term *P : Places) {
          const Term *V = Joined.load(P, Range());
          auto Mine = evaluate(X.S.load(P, Range()), A);
          ASSERT_TRUE(Mine);
          if (auto Known = evaluate(V, A))
            Consistent &= *Known == *Mine;
          else
            A[V] = *Mine;
        }
        ASSERT_TRUE(Consistent) << What;
        std::vector<const Term *> Terms = W.Terms;
        for (const Term *P : Places)
          for (const Term *Q : Places) {
            Terms.push_back(Joined.load(P, Range()));
            Terms.push_back(
                TC.sub(Joined.load(P, Range()), Joined.load(Q, Range())));
          }
        for (const Term *T : Terms) {
          auto V = evaluate(T, A);
          if (!V)
            continue;
          Range R = Joined.rangeOf(T);
          ASSERT_TRUE(R.contains(*V))
              << describe(T, R) << ", yet it can be " << *V << " after" << What;
        }
      }
  }
}

TEST_F(MemoryTest, JoinsKeepWhatBothSay) {
  const Term *X = TC.fresh("x", Range()), *N = TC.fresh("n", Range(0, 100));
  State A = S, B = S;
  ASSERT_TRUE(A.assume(compare(Term::EQ, X, num(2)), true));
  ASSERT_TRUE(B.assume(compare(Term::EQ, X, num(5)), true));
  A.store(var("one"), num(1));
  B.store(var("one"), num(1));
  A.store(var("two"), num(0));
  B.store(var("two"), N);
  A.store(var("three"), num(1));
  B.store(var("three"), TC.add(N, num(1)));
  joinStates(A, B);
  EXPECT_EQ(A.rangeOf(X), Range(2, 5));
  EXPECT_EQ(A.load(var("one"), Range()), num(1));
  const Term *Two = A.load(var("two"), Range());
  EXPECT_EQ(A.rangeOf(Two), Range(0, 100));
  // How far the values are apart is not lost.
  EXPECT_TRUE(A.rangeOf(TC.sub(A.load(var("three"), Range()), Two)).isOnly(1));
}

TEST_F(MemoryTest, JoinsOfObjects) {
  const Term *Object = var("first");
  const Term *Leaf = leavesOf(Object)[0];
  State A = S, B = S;
  A.clear(Object);
  B.clear(Object);
  B.store(Leaf, num(4));
  joinStates(A, B);
  EXPECT_EQ(A.load(leavesOf(Object)[1], Range()), TC.zero());
  EXPECT_EQ(A.rangeOf(A.load(Leaf, Range())), Range(0, 4));
  // Cleared on one side only.
  State C = S, D = S;
  C.clear(Object);
  joinStates(C, D);
  EXPECT_FALSE(C.load(Leaf, Range())->isConst());
}

TEST_F(MemoryTest, WhatBothSidesGaveAwayIsGone) {
  Family Fam;
  Fam.Name = "page-pin";
  const Term *Loc = var("one");
  auto Holding = [&](bool Escaped) {
    State X = S;
    Obligation O;
    O.Fam = &Fam;
    O.Handle = TC.fresh("page", Range(1, Range::Max));
    X.store(Loc, O.Handle);
    X.Held.push_back(O);
    if (Escaped)
      X.escape({O.Handle, nullptr});
    return X;
  };
  State A = Holding(true), B = Holding(true);
  ASSERT_TRUE(sameTracked(A, B, {}));
  joinStates(A, B);
  EXPECT_TRUE(A.mayBeTaken(A.Held[0].Handle));
  State C = Holding(false), D = Holding(false);
  ASSERT_TRUE(sameTracked(C, D, {}));
  joinStates(C, D);
  EXPECT_FALSE(C.mayBeTaken(C.Held[0].Handle));
}

TEST_F(MemoryTest, TrackedDifferencesKeepStatesApart) {
  Family Fam;
  Fam.Name = "page-pin";
  Obligation O;
  O.Fam = &Fam;
  O.Handle = TC.fresh("page", Range(1, Range::Max));
  State A = S, B = S;
  EXPECT_TRUE(sameTracked(A, B, {}));
  A.Held.push_back(O);
  EXPECT_FALSE(sameTracked(A, B, {}));
  B.Held.push_back(O);
  EXPECT_TRUE(sameTracked(A, B, {}));

  // The sign of a value that is returned.
  const Term *Ret = var("one");
  A.store(Ret, num(0));
  B.store(Ret, num(-14));
  EXPECT_TRUE(sameTracked(A, B, {}));
  EXPECT_FALSE(sameTracked(A, B, {Ret}));
  B.store(Ret, TC.zero());
  EXPECT_TRUE(sameTracked(A, B, {Ret}));

  // Short or not: what is owed differs.
  Obligation Array = O;
  Array.Form = Effect::Array;
  Array.Handle = TC.fresh("pages", Range());
  Array.Offset = TC.zero();
  Array.Count = TC.fresh("result", Range(1, 8));
  Array.Request = num(8);
  A.Held.push_back(Array);
  B.Held.push_back(Array);
  EXPECT_TRUE(sameTracked(A, B, {}));
  ASSERT_TRUE(A.assume(compare(Term::EQ, Array.Count, num(8)), true));
  ASSERT_TRUE(B.assume(compare(Term::LT, Array.Count, num(8)), true));
  EXPECT_FALSE(sameTracked(A, B, {}));

  A = S;
  B = S;
  A.Loops.push_back({3, 0, A.Store, A.Store, {}});
  EXPECT_FALSE(sameTracked(A, B, {}));
  B.Loops.push_back({3, 1, B.Store, B.Store, {}});
  EXPECT_FALSE(sameTracked(A, B, {}));
  B.Loops.back().Iteration = 0;
  EXPECT_TRUE(sameTracked(A, B, {}));
}

} // namespace
