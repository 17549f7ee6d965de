//===- LivenessTest.cpp - Variables that may still be read ----------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "engine/Liveness.h"
#include "clang/AST/ASTContext.h"
#include "clang/Frontend/ASTUnit.h"
#include "clang/Tooling/Tooling.h"
#include <gtest/gtest.h>

using namespace pinlint;

namespace {

class LivenessTest : public testing::Test {
protected:
  /// Looks at the body of `int f(int n)`.
  void look(llvm::StringRef Body) {
    Unit = clang::tooling::buildASTFromCodeWithArgs(
        ("int g(int); void h(int *); int f(int n) {" + Body + "}").str(),
        {"-xc"}, "input.c");
    for (clang::Decl *D :
         Unit->getASTContext().getTranslationUnitDecl()->decls())
      if (auto *F = llvm::dyn_cast<clang::FunctionDecl>(D); F && F->hasBody())
        FD = F;
    Graph = clang::CFG::buildCFG(FD, FD->getBody(), &Unit->getASTContext(),
                                 clang::CFG::BuildOptions());
    Vars = Liveness();
    Vars.build(FD, *Graph);
  }
  /// The block that tests the variable \p Name, or returns it.
  unsigned blockOf(llvm::StringRef Name) {
    for (const clang::CFGBlock *B : *Graph) {
      const clang::Stmt *S = B->getTerminatorCondition();
      if (!S && !B->empty())
        if (auto E = B->back().getAs<clang::CFGStmt>())
          if (auto *R = llvm::dyn_cast<clang::ReturnStmt>(E->getStmt()))
            S = R->getRetValue();
      const auto *X = llvm::dyn_cast_or_null<clang::Expr>(S);
      const auto *D =
          X ? llvm::dyn_cast<clang::DeclRefExpr>(X->IgnoreParenImpCasts())
            : nullptr;
      if (D && D->getDecl()->getName() == Name)
        return B->getBlockID();
    }
    ADD_FAILURE() << "no block for " << Name.str();
    return 0;
  }
  bool isLive(llvm::StringRef Name, unsigned Block) {
    for (clang::Decl *D : FD->decls())
      if (auto *V = llvm::dyn_cast<clang::VarDecl>(D);
          V && V->getName() == Name)
        return Vars.isLive(V, Block);
    ADD_FAILURE() << "no variable " << Name.str();
    return false;
  }

  std::unique_ptr<clang::ASTUnit> Unit;
  const clang::FunctionDecl *FD = nullptr;
  std::unique_ptr<clang::CFG> Graph;
  Liveness Vars;
};

TEST_F(LivenessTest, WhatIsOverwrittenIsNotLive) {
  look("int ret = g(n); if (n) ret = g(1); else ret = g(2); return ret;");
  EXPECT_FALSE(isLive("ret", blockOf("n")));
  EXPECT_TRUE(isLive("n", blockOf("n")));
  EXPECT_TRUE(isLive("ret", blockOf("ret")));
  EXPECT_FALSE(isLive("n", blockOf("ret")));
}

TEST_F(LivenessTest, WhatMayBeOverwrittenIsLive) {
  look("int ret; for (ret = g(n); n; ) { n = g(ret); } return ret;");
  EXPECT_TRUE(isLive("ret", blockOf("n")));
  look("int ret = g(0); while (n) { ret = g(ret); n = ret; } return 0;");
  EXPECT_TRUE(isLive("ret", blockOf("n")));
  look("int ret = g(0); while (n) { ret = g(1); n = ret; } return 0;");
  EXPECT_FALSE(isLive("ret", blockOf("n")));
}

TEST_F(LivenessTest, AnAssignmentReadsItsRightSide) {
  look("int ret = g(0); while (n) { ret = ret + 1; n = ret; } return 0;");
  EXPECT_TRUE(isLive("ret", blockOf("n")));
  look("int ret = g(0); while (n) { ret += 1; } return 0;");
  EXPECT_TRUE(isLive("ret", blockOf("n")));
}

TEST_F(LivenessTest, WhoseAddressIsTakenIsLiveWhereItIsNamed) {
  look("int ret = g(0); h(&ret); while (n) { ret = 1; } return 0;");
  EXPECT_TRUE(isLive("ret", blockOf("n")));
  look("int ret = g(0); while (n) { ret = 1; } return 0;");
  EXPECT_FALSE(isLive("ret", blockOf("n")));
}

} // namespace
