//===- TermTest.cpp - Terms: normal forms, pointers, rewriting ------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "engine/Term.h"
#include "Evaluate.h"
#include "clang/AST/ASTContext.h"
#include "clang/AST/Decl.h"
#include "clang/Frontend/ASTUnit.h"
#include "clang/Tooling/Tooling.h"
#include <array>
#include <gtest/gtest.h>
#include <random>

using namespace pinlint;

namespace {

class TermTest : public ::testing::Test {
protected:
  TermContext TC;
  const Term *X = TC.fresh("x", Range());
  const Term *Y = TC.fresh("y", Range());
  const Term *Z = TC.fresh("z", Range());

  const Term *num(int64_t V) { return TC.constant(V); }
};

TEST_F(TermTest, EqualTermsAreOne) {
  EXPECT_EQ(num(5), num(5));
  EXPECT_NE(num(5), num(6));
  EXPECT_NE(X, Y);
  EXPECT_NE(TC.fresh("x", Range()), TC.fresh("x", Range()));
  EXPECT_EQ(TC.binary(Term::Mul, X, Y), TC.binary(Term::Mul, Y, X));
  EXPECT_EQ(TC.binary(Term::EQ, X, Y), TC.binary(Term::EQ, Y, X));
  EXPECT_NE(TC.binary(Term::LT, X, Y), TC.binary(Term::LT, Y, X));
  // Functions share the names of their parameters unless the types differ.
  EXPECT_EQ(TC.param(0, Range()), TC.param(0, Range()));
  EXPECT_NE(TC.param(0, Range()), TC.param(0, Range(0, 1)));
  EXPECT_NE(TC.param(0, Range()), TC.param(1, Range()));
}

/// Builds random sums and keeps their coefficients beside them.
class Sums {
public:
  Sums(TermContext &TC, std::array<const Term *, 3> Symbols, unsigned Seed)
      : TC(TC), Symbols(Symbols), Random(Seed) {}

  /// The constant and the coefficients of the symbols.
  using Coefficients = std::array<int64_t, 4>;

  std::pair<const Term *, Coefficients> make(unsigned Depth) {
    auto Pick = [&](int N) { return int(Random() % N); };
    if (Depth == 0 || Pick(4) == 0) {
      if (Pick(3) == 0) {
        int64_t V = Pick(9) - 4;
        return {TC.constant(V), {V, 0, 0, 0}};
      }
      int I = Pick(3);
      Coefficients C{};
      C[I + 1] = 1;
      return {Symbols[I], C};
    }
    auto [A, CA] = make(Depth - 1);
    if (Pick(4) == 0) {
      int64_t F = Pick(7) - 3;
      for (int64_t &C : CA)
        C *= F;
      return {TC.scale(A, F), CA};
    }
    auto [B, CB] = make(Depth - 1);
    bool Minus = Pick(2);
    for (unsigned I = 0; I < 4; ++I)
      CA[I] += Minus ? -CB[I] : CB[I];
    return {Minus ? TC.sub(A, B) : TC.add(A, B), CA};
  }

private:
  TermContext &TC;
  std::array<const Term *, 3> Symbols;
  std::mt19937 Random;
};

TEST_F(TermTest, SumsHaveOneForm) {
  Sums S(TC, {X, Y, Z}, 1);
  std::map<Sums::Coefficients, const Term *> Seen;
  for (int I = 0; I < 20000; ++I) {
    auto [T, C] = S.make(5);
    auto [It, New] = Seen.try_emplace(C, T);
    EXPECT_EQ(It->second, T) << T->str();
    // The form says what the coefficients say.
    Assignment A{{X, 100}, {Y, 10000}, {Z, 1000000}};
    EXPECT_EQ(evaluate(T, A), C[0] + 100 * C[1] + 10000 * C[2] + 1000000 * C[3])
        << T->str();
  }
  EXPECT_GT(Seen.size(), 1000u);
}

TEST_F(TermTest, SumsFold) {
  EXPECT_EQ(TC.sub(X, X), TC.zero());
  EXPECT_EQ(TC.add(TC.sub(X, Y), Y), X);
  EXPECT_EQ(TC.add(num(2), num(3)), num(5));
  EXPECT_EQ(TC.scale(X, 0), TC.zero());
  EXPECT_EQ(TC.binary(Term::Mul, X, num(3)), TC.scale(X, 3));
  EXPECT_EQ(TC.binary(Term::Shl, X, num(12)), TC.scale(X, 4096));
}

TEST_F(TermTest, SplitConstantTakesSumsApart) {
  Sums S(TC, {X, Y, Z}, 2);
  for (int I = 0; I < 5000; ++I) {
    const Term *T = S.make(4).first;
    Difference D = splitConstant(TC, T);
    if (!D.Atom) {
      EXPECT_TRUE(T->isConst(D.C));
      continue;
    }
    EXPECT_EQ(TC.add(TC.scale(D.Atom, D.Sign), num(D.C)), T) << T->str();
    // A difference and its opposite are about the same atom.
    Difference N = splitConstant(TC, TC.scale(T, -1));
    EXPECT_EQ(N.Atom, D.Atom) << T->str();
    EXPECT_EQ(N.C, -D.C);
  }
}

TEST_F(TermTest, OperationsFoldAsInC) {
  for (unsigned Op = Term::Mul; Op <= Term::ULE; ++Op) {
    if (Op == Term::Not)
      continue;
    auto Opcode = Term::OpcodeTy(Op);
    for (int64_t A = -9; A <= 9; ++A)
      for (int64_t B = -9; B <= 9; ++B) {
        const Term *T = TC.binary(Opcode, num(A), num(B));
        if (auto V = apply(Opcode, A, B))
          EXPECT_TRUE(T->isConst(*V)) << A << " op " << Op << " " << B;
        else
          EXPECT_FALSE(T->isConst());
      }
  }
}

/// Simplification must not change what an operation means.
TEST_F(TermTest, OperationsKeepTheirMeaning) {
  const Term *P = TC.fresh("p", Range(0, 20));
  const Term *Q = TC.fresh("q", Range(0, 20));
  std::vector<const Term *> Operands = {P,
                                        Q,
                                        num(0),
                                        num(1),
                                        num(3),
                                        num(4),
                                        TC.add(P, num(3)),
                                        TC.scale(P, 4),
                                        TC.add(TC.scale(P, 4), num(3)),
                                        TC.add(TC.scale(P, 8), TC.scale(Q, 4)),
                                        TC.sub(P, Q),
                                        TC.binary(Term::And, P, num(7))};
  for (unsigned Op = Term::Mul; Op <= Term::ULE; ++Op) {
    if (Op == Term::Not)
      continue;
    auto Opcode = Term::OpcodeTy(Op);
    for (const Term *A : Operands)
      for (const Term *B : Operands) {
        const Term *T = TC.binary(Opcode, A, B);
        for (int64_t VP = 0; VP <= 20; ++VP)
          for (int64_t VQ = 0; VQ <= 20; VQ += 3) {
            Assignment V{{P, VP}, {Q, VQ}};
            auto Want = apply(Opcode, *evaluate(A, V), *evaluate(B, V));
            auto Got = evaluate(T, V);
            if (!Want || !Got)
              continue;
            // Shifts and divisions are one; they round negative numbers
            // differently, which counts of pages and bytes never are.
            if ((Opcode == Term::Div || Opcode == Term::Shr) &&
                *evaluate(A, V) < 0)
              continue;
            EXPECT_EQ(*Got, *Want)
                << A->str() << " op " << Op << " " << B->str() << " is "
                << T->str() << " for p=" << VP << ", q=" << VQ;
            EXPECT_TRUE(T->bounds().contains(*Got))
                << T->str() << " is " << *Got;
          }
      }
  }
}

TEST_F(TermTest, RoundingUpHasOneForm) {
  // DIV_ROUND_UP() and PFN_UP(), and what undoes a shift.
  const Term *Up = TC.add(X, num(4095));
  EXPECT_EQ(TC.binary(Term::Div, Up, num(4096)),
            TC.binary(Term::Shr, Up, num(12)));
  const Term *Bytes = TC.binary(Term::Shl, X, num(12));
  EXPECT_EQ(TC.binary(Term::Shr, Bytes, num(12)), X);
  EXPECT_EQ(TC.binary(Term::Div, Bytes, num(4096)), X);
  EXPECT_EQ(TC.binary(Term::Shr, TC.add(Bytes, num(4095)), num(12)), X);
}

TEST_F(TermTest, NotTurnsComparisons) {
  const Term *P = TC.fresh("p", Range(-3, 3));
  const Term *Q = TC.fresh("q", Range(-3, 3));
  for (unsigned Op = Term::EQ; Op <= Term::ULE; ++Op) {
    const Term *C = TC.binary(Term::OpcodeTy(Op), P, Q);
    const Term *N = TC.logicalNot(C);
    EXPECT_EQ(TC.logicalNot(N), C);
    for (int64_t A = -3; A <= 3; ++A)
      for (int64_t B = -3; B <= 3; ++B) {
        Assignment V{{P, A}, {Q, B}};
        EXPECT_NE(*evaluate(C, V), *evaluate(N, V)) << C->str();
      }
  }
  // !x of what is not a comparison, and !!x.
  EXPECT_EQ(TC.logicalNot(X), TC.binary(Term::EQ, X, TC.zero()));
  EXPECT_EQ(TC.logicalNot(TC.logicalNot(X)), TC.binary(Term::NE, X, TC.zero()));
  const Term *Less = TC.binary(Term::LT, X, Y);
  EXPECT_EQ(TC.binary(Term::NE, Less, TC.zero()), Less);
  EXPECT_EQ(TC.binary(Term::EQ, Less, TC.zero()), TC.logicalNot(Less));
}

TEST_F(TermTest, NarrowCutsAsACastDoes) {
  for (int64_t V = -1000; V <= 1000; ++V) {
    EXPECT_TRUE(TC.narrow(num(V), 8, false)->isConst(uint8_t(V)));
    EXPECT_TRUE(TC.narrow(num(V), 8, true)->isConst(int8_t(V)));
    EXPECT_TRUE(TC.narrow(num(V * 997), 16, false)->isConst(uint16_t(V * 997)));
    EXPECT_TRUE(TC.narrow(num(V * 997), 16, true)->isConst(int16_t(V * 997)));
  }
  EXPECT_EQ(TC.narrow(TC.fresh("small", Range(0, 255)), 8, false)->kind(),
            Term::Sym);
  const Term *Cut = TC.narrow(X, 8, true);
  EXPECT_NE(Cut, X);
  EXPECT_EQ(Cut->bounds(), Range(-128, 127));
}

TEST_F(TermTest, ConversionsUndoEachOther) {
  const Term *Pfn = TC.convert("page-pfn", "", X);
  EXPECT_NE(Pfn, X);
  EXPECT_EQ(TC.convert("page-pfn", "", Pfn), Pfn);
  EXPECT_EQ(TC.convert("from-page-pfn", "page-pfn", Pfn), X);
  EXPECT_NE(TC.convert("from-page-address", "page-address", Pfn), X);
  EXPECT_EQ(stripConversions(Pfn), X);
  EXPECT_EQ(stripConversions(TC.convert("page-head", "", Pfn)), X);
}

TEST_F(TermTest, PointersAndPlaces) {
  EXPECT_EQ(TC.addrOf(TC.deref(X)), X);
  const Term *Second = TC.index(TC.deref(X), num(2));
  EXPECT_EQ(TC.deref(TC.addrOf(Second)), Second);
  EXPECT_EQ(TC.index(TC.deref(X), num(0)), TC.deref(X));
  EXPECT_EQ(TC.index(TC.index(TC.deref(X), Y), Z),
            TC.index(TC.deref(X), TC.add(Y, Z)));
  // Elements of another size are counted apart.
  EXPECT_NE(TC.index(TC.index(TC.deref(X), Y, 4), Z, 8),
            TC.index(TC.deref(X), TC.add(Y, Z), 8));
  EXPECT_EQ(TC.advance(TC.advance(X, Y), Z), TC.advance(X, TC.add(Y, Z)));
  EXPECT_EQ(TC.advance(TC.advance(X, Y), TC.scale(Y, -1)), X);
}

TEST_F(TermTest, SplitPointerUndoesAdvance) {
  Sums S(TC, {X, Y, Z}, 3);
  const Term *P = TC.fresh("pointer", Range());
  for (int I = 0; I < 1000; ++I) {
    const Term *Index = S.make(3).first;
    auto [Base, Count] = TC.splitPointer(TC.advance(P, Index));
    EXPECT_EQ(Base, P);
    EXPECT_EQ(Count, Index);
  }
  EXPECT_EQ(TC.splitPointer(P), std::make_pair(P, TC.zero()));
  EXPECT_TRUE(TC.sameArray(TC.advance(P, X), TC.advance(P, Y)));
  EXPECT_TRUE(TC.sameArray(P, TC.advance(P, Y)));
  EXPECT_FALSE(TC.sameArray(TC.advance(P, X, 4), TC.advance(P, Y, 8)));
  EXPECT_FALSE(TC.sameArray(TC.advance(P, X), TC.advance(Z, X)));
}

TEST_F(TermTest, FrameNumbersLeadBackToThePage) {
  const Term *Map = TC.param(7, Range());
  const Term *Pfn = TC.binary(Term::PtrDiff, X, Map);
  EXPECT_TRUE(Pfn->isPageNumber());
  EXPECT_EQ(TC.advance(Map, Pfn), X);
  EXPECT_EQ(TC.advance(Map, TC.add(Pfn, num(2))), TC.advance(X, num(2)));
  EXPECT_EQ(stripConversions(Pfn), X);
  // A distance from something local is a number as any other.
  EXPECT_FALSE(TC.binary(Term::PtrDiff, X, Y)->isPageNumber());
}

/// With declarations of real C.
class DeclTermTest : public TermTest {
protected:
  std::unique_ptr<clang::ASTUnit> Unit =
      clang::tooling::buildASTFromCodeWithArgs(
          "struct In { int first; int second; };"
          "struct Out { long head; struct In in; struct Out *next; };"
          "struct Out global; void f(void) { struct Out local; }",
          {"-xc"}, "input.c");

  const clang::RecordDecl *record(llvm::StringRef Name) {
    for (const clang::Decl *D :
         Unit->getASTContext().getTranslationUnitDecl()->decls())
      if (const auto *R = llvm::dyn_cast<clang::RecordDecl>(D);
          R && R->getName() == Name)
        return R;
    return nullptr;
  }
  const clang::FieldDecl *fieldOf(llvm::StringRef Record,
                                  llvm::StringRef Name) {
    for (const clang::FieldDecl *F : record(Record)->fields())
      if (F->getName() == Name)
        return F;
    return nullptr;
  }
  const clang::VarDecl *global() {
    for (const clang::Decl *D :
         Unit->getASTContext().getTranslationUnitDecl()->decls())
      if (const auto *V = llvm::dyn_cast<clang::VarDecl>(D))
        return V;
    return nullptr;
  }
};

TEST_F(DeclTermTest, ContainerOfUndoesAMembersAddress) {
  const clang::FieldDecl *In = fieldOf("Out", "in");
  const Term *Member = TC.addrOf(TC.field(TC.deref(X), In));
  EXPECT_EQ(TC.containerOf(Member, In), X);
  const Term *Container = TC.containerOf(Y, In);
  EXPECT_EQ(TC.addrOf(TC.field(TC.deref(Container), In)), Y);
  // Another member's address is not what it was made from.
  const clang::FieldDecl *Next = fieldOf("Out", "next");
  EXPECT_NE(TC.containerOf(TC.addrOf(TC.field(TC.deref(X), Next)), In), X);
  EXPECT_NE(TC.field(TC.deref(Container), Next), TC.deref(Y));
}

TEST_F(DeclTermTest, FirstMembersShareTheObjectsAddress) {
  const Term *Object = TC.deref(X);
  EXPECT_EQ(
      stripConversions(TC.addrOf(TC.field(Object, fieldOf("Out", "head")))), X);
  const Term *Later = TC.addrOf(TC.field(Object, fieldOf("Out", "in")));
  EXPECT_EQ(stripConversions(Later), Later);
}

TEST_F(DeclTermTest, PlacesKnowTheirObject) {
  const Term *G = TC.var(global(), true);
  const Term *In = TC.field(G, fieldOf("Out", "in"));
  const Term *Second = TC.field(In, fieldOf("In", "second"));
  EXPECT_EQ(rootOf(Second), G);
  EXPECT_TRUE(isWithin(Second, In));
  EXPECT_TRUE(isWithin(Second, G));
  EXPECT_TRUE(isWithin(Second, Second));
  EXPECT_FALSE(isWithin(In, Second));
  EXPECT_FALSE(isWithin(TC.deref(TC.load(Second, nullptr, Range())), G));
  EXPECT_EQ(rootOf(TC.index(TC.field(TC.deref(X), fieldOf("Out", "next")), Y)),
            TC.deref(X));
  EXPECT_TRUE(mentions(Second, G));
  EXPECT_FALSE(mentions(G, Second));
  EXPECT_TRUE(mentions(TC.add(TC.load(Second, nullptr, Range()), X), In));
  EXPECT_FALSE(mentions(TC.add(X, Y), Z));
}

TEST_F(DeclTermTest, ExternalIsWhatExistsBeforeTheFunction) {
  const Term *G = TC.var(global(), true);
  const Term *P = TC.param(0, Range());
  EXPECT_TRUE(G->isExternal());
  EXPECT_TRUE(P->isExternal());
  EXPECT_TRUE(num(3)->isExternal());
  EXPECT_TRUE(
      TC.load(TC.field(TC.deref(P), fieldOf("Out", "next")), nullptr, Range())
          ->isExternal());
  EXPECT_FALSE(X->isExternal());
  EXPECT_FALSE(TC.add(P, X)->isExternal());
  EXPECT_FALSE(TC.load(G, X, Range())->isExternal());
}

TEST_F(DeclTermTest, RewritingIsBuildingAnew) {
  const clang::FieldDecl *In = fieldOf("Out", "in");
  const Term *P = TC.param(0, Range()), *N = TC.param(1, Range());
  // The same expression made of parameters and of arguments.
  auto Make = [&](const Term *A, const Term *B) {
    std::vector<const Term *> Out;
    const Term *Element = TC.index(TC.deref(A), B);
    Out.push_back(TC.add(TC.scale(B, 3), num(1)));
    Out.push_back(TC.sub(B, TC.add(B, num(2))));
    Out.push_back(TC.binary(Term::Div, TC.add(B, num(4095)), num(4096)));
    Out.push_back(TC.binary(Term::LT, B, num(10)));
    Out.push_back(TC.narrow(B, 16, false));
    Out.push_back(Element);
    Out.push_back(TC.addrOf(Element));
    Out.push_back(TC.load(TC.field(TC.deref(A), In), nullptr, Range()));
    Out.push_back(TC.addrOf(TC.field(TC.deref(A), In)));
    Out.push_back(TC.element(A, B));
    Out.push_back(TC.convert("page-head", "", A));
    Out.push_back(TC.convert("from-page-pfn", "page-pfn", A));
    Out.push_back(TC.containerOf(A, In));
    return Out;
  };
  std::vector<const Term *> Arguments = {
      X,
      num(2),
      TC.add(Y, num(1)),
      TC.advance(Z, Y),
      TC.addrOf(TC.field(TC.deref(X), In)),
      TC.convert("page-pfn", "", Z),
      TC.convert("from-page-pfn", "page-pfn", Y)};
  for (const Term *A : Arguments)
    for (const Term *B : Arguments) {
      auto From = Make(P, N), Want = Make(A, B);
      for (unsigned I = 0; I < From.size(); ++I) {
        const Term *Got = TC.rewrite(From[I], [&](const Term *T) {
          return T == P ? A : T == N ? B : nullptr;
        });
        EXPECT_EQ(Got, Want[I]) << From[I]->str() << " became " << Got->str()
                                << " instead of " << Want[I]->str();
      }
    }
}

TEST_F(DeclTermTest, RewritingNothingGivesTheTermItself) {
  const Term *T = TC.addrOf(TC.index(TC.deref(X), TC.add(Y, num(1))));
  EXPECT_EQ(TC.rewrite(T, [](const Term *) { return nullptr; }), T);
}

TEST_F(TermTest, InstancesOfACallAreEqual) {
  const Term *First = TC.fresh("call", Range()), *Second = TC.fresh("call", {});
  const Term *Callees = TC.fresh("made inside", Range(0, 7));
  EXPECT_EQ(TC.instance(First, Callees), TC.instance(First, Callees));
  EXPECT_NE(TC.instance(First, Callees), TC.instance(Second, Callees));
  EXPECT_EQ(TC.instance(First, Callees)->bounds(), Range(0, 7));
  // Recursion does not build ever larger names.
  const Term *T = Callees;
  for (int I = 0; I < 100; ++I) {
    T = TC.instance(First, T);
    EXPECT_LT(T->depth(), 20u);
  }
}

TEST_F(TermTest, TermsHaveNames) {
  const Term *P = TC.param(0, Range());
  EXPECT_EQ(num(-3)->str(), "-3");
  EXPECT_EQ(P->str(), "p0");
  EXPECT_EQ(TC.add(TC.scale(P, -1), num(2))->str(), "-p0 + 2");
  EXPECT_EQ(TC.binary(Term::Div, TC.add(P, num(1)), num(4))->str(),
            "((p0 + 1) / 4)");
  EXPECT_EQ(TC.advance(P, num(2))->str(), "&*p0[2]");
  EXPECT_EQ(describe(P, Range(1, Range::Max)), "p0 >= 1");
  EXPECT_EQ(describe(P, Range(0, 4)), "0 <= p0 <= 4");
  EXPECT_EQ(describe(P, Range::only(3)), "p0 == 3");
  Range NotZero;
  NotZero.exclude(0);
  EXPECT_EQ(describe(P, NotZero), "p0 != 0");
}

} // namespace
