//===- PathsTest.cpp - What is told of a path -----------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "engine/Engine.h"
#include "engine/State.h"
#include "clang/AST/ASTContext.h"
#include "clang/AST/Decl.h"
#include "clang/AST/Expr.h"
#include "clang/AST/Stmt.h"
#include "clang/Frontend/ASTUnit.h"
#include "clang/Tooling/Tooling.h"
#include <deque>
#include <gtest/gtest.h>

using namespace pinlint;

namespace {

class PathsTest : public testing::Test {
protected:
  PathsTest() {
    Unit = clang::tooling::buildASTFromCodeWithArgs(
        "void f(int a, int b, int c) {\n  a;\n  b;\n  c;\n}\n", {"-xc", "-w"},
        "input.c");
    for (clang::Decl *D :
         Unit->getASTContext().getTranslationUnitDecl()->decls())
      if (auto *F = llvm::dyn_cast<clang::FunctionDecl>(D); F && F->hasBody())
        for (clang::Stmt *S : F->getBody()->children())
          Conds.push_back(llvm::cast<clang::Expr>(S));
  }

  const PathNode *add(PathNode N, const PathNode *Parent) {
    N.Parent = Parent;
    N.Length = Parent ? Parent->Length + 1 : 1;
    return &Nodes.emplace_back(N);
  }
  const PathNode *branch(const PathNode *Parent, unsigned Cond, bool Taken) {
    PathNode N{};
    N.Kind = PathNode::Branch;
    N.S = Conds[Cond];
    N.Loc = N.S->getBeginLoc();
    N.Taken = Taken;
    return add(N, Parent);
  }
  const PathNode *join(const PathNode *Parent, const PathNode *Other) {
    PathNode N{};
    N.Kind = PathNode::Join;
    N.Other = Other;
    return add(N, Parent);
  }
  const PathNode *last(const PathNode *Path) {
    return lastDecision(Unit->getASTContext(), Path, nullptr);
  }

  std::unique_ptr<clang::ASTUnit> Unit;
  std::vector<const clang::Expr *> Conds;
  std::deque<PathNode> Nodes;
};

TEST_F(PathsTest, WhatBothWaysLeadToWasNotDecided) {
  const PathNode *A = branch(nullptr, 0, true);
  const PathNode *Met = join(branch(A, 1, true), branch(A, 1, false));
  EXPECT_EQ(last(Met), A);
  const PathNode *Again = join(branch(Met, 2, true), branch(Met, 2, false));
  EXPECT_EQ(last(Again), A);
}

TEST_F(PathsTest, WhatLedToOneOfTheWaysWasDecided) {
  const PathNode *A = branch(nullptr, 0, true);
  const PathNode *B = branch(A, 1, true);
  EXPECT_EQ(last(join(B, branch(A, 2, false))), B);
}

// Each pair of paths meets the other twice: there are 2^60 ways back.
TEST_F(PathsTest, PathsThatMeetTimeAndAgainCanBeFollowed) {
  const PathNode *A = branch(nullptr, 0, true);
  const PathNode *X = branch(A, 1, true), *Y = branch(A, 1, false);
  for (unsigned I = 0; I < 60; ++I) {
    const PathNode *Met = join(X, Y);
    Y = join(Y, X);
    X = Met;
  }
  EXPECT_NE(last(join(X, Y)), nullptr);
}

} // namespace
