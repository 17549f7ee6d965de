//===- Liveness.cpp - Variables that may still be read --------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Liveness.h"
#include "clang/AST/Attr.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "llvm/ADT/STLExtras.h"

using namespace pinlint;
using namespace clang;

namespace {
const VarDecl *localVariable(const Expr *E) {
  const auto *D = dyn_cast<DeclRefExpr>(E->IgnoreParens());
  const auto *V = D ? dyn_cast<VarDecl>(D->getDecl()) : nullptr;
  return V && V->hasLocalStorage() ? V->getCanonicalDecl() : nullptr;
}

/// Visits what an element reads, variables that it writes to left out.
class ReadVisitor : public RecursiveASTVisitor<ReadVisitor> {
public:
  ReadVisitor(const Expr *Target,
              llvm::function_ref<void(const VarDecl *)> Read,
              llvm::function_ref<void(const VarDecl *)> TakeAddress)
      : Target(Target), Read(Read), TakeAddress(TakeAddress) {}

  bool VisitDeclRefExpr(DeclRefExpr *E) {
    if (const VarDecl *V = localVariable(E); V && E != Target)
      Read(V);
    return true;
  }
  bool VisitUnaryOperator(UnaryOperator *U) {
    if (U->getOpcode() == UO_AddrOf)
      if (const VarDecl *V = localVariable(U->getSubExpr()))
        TakeAddress(V);
    return true;
  }

private:
  const Expr *Target;
  llvm::function_ref<void(const VarDecl *)> Read, TakeAddress;
};

const Expr *targetOf(const Stmt *S) {
  const auto *B = dyn_cast<BinaryOperator>(S);
  return B && B->getOpcode() == BO_Assign && localVariable(B->getLHS())
             ? B->getLHS()->IgnoreParens()
             : nullptr;
}
} // namespace

void Liveness::build(const CFG &Graph) {
  // Variables that are values of their own, which only their names lead to.
  llvm::BitVector Plain;
  auto Id = [&](const VarDecl *V) {
    auto [It, IsNew] = Ids.try_emplace(V, Ids.size());
    if (IsNew)
      Plain.push_back(V->getType()->isScalarType() &&
                      !V->hasAttr<CleanupAttr>());
    return It->second;
  };
  auto TakeAddress = [&](const VarDecl *V) { Plain.reset(Id(V)); };
  auto Collect = [&](const Stmt *S) {
    ReadVisitor(
        nullptr, [&](const VarDecl *V) { Id(V); }, TakeAddress)
        .TraverseStmt(const_cast<Stmt *>(S));
  };
  for (const CFGBlock *B : Graph) {
    for (const CFGElement &E : *B) {
      if (auto S = E.getAs<CFGStmt>())
        Collect(S->getStmt());
      else if (auto C = E.getAs<CFGCleanupFunction>())
        Id(C->getVarDecl()->getCanonicalDecl());
    }
    if (const Stmt *T = B->getTerminatorCondition())
      Collect(T);
  }

  // What each block reads first, and what it writes first.
  const unsigned NumVars = Ids.size();
  std::vector<llvm::BitVector> Reads(Graph.getNumBlockIDs(),
                                     llvm::BitVector(NumVars));
  std::vector<llvm::BitVector> Writes = Reads;
  for (const CFGBlock *B : Graph) {
    llvm::BitVector &R = Reads[B->getBlockID()];
    llvm::BitVector &W = Writes[B->getBlockID()];
    auto Read = [&](const VarDecl *V) {
      R.set(Id(V));
      W.reset(Id(V));
    };
    auto Write = [&](const VarDecl *V) {
      if (!Ids.contains(V) || !Plain.test(Id(V)))
        return;
      W.set(Id(V));
      R.reset(Id(V));
    };
    auto ReadIn = [&](const Stmt *S, const Expr *Target) {
      ReadVisitor(Target, Read, TakeAddress)
          .TraverseStmt(const_cast<Stmt *>(S));
    };
    if (const Stmt *T = B->getTerminatorCondition())
      ReadIn(T, nullptr);
    for (const CFGElement &E : llvm::reverse(*B)) {
      if (auto C = E.getAs<CFGCleanupFunction>())
        Read(C->getVarDecl()->getCanonicalDecl());
      auto Element = E.getAs<CFGStmt>();
      if (!Element)
        continue;
      const Stmt *S = Element->getStmt();
      const Expr *Target = targetOf(S);
      if (Target && !Plain.test(Id(localVariable(Target))))
        Target = nullptr;
      if (Target)
        Write(localVariable(Target));
      if (const auto *DS = dyn_cast<DeclStmt>(S))
        for (const Decl *D : DS->decls())
          if (const auto *V = dyn_cast<VarDecl>(D))
            Write(V->getCanonicalDecl());
      ReadIn(S, Target);
    }
  }

  Live = Reads;
  bool Changed;
  do {
    Changed = false;
    // Blocks are numbered from the exit on.
    for (const CFGBlock *B : llvm::reverse(Graph)) {
      llvm::BitVector In(NumVars);
      for (const CFGBlock *Succ : B->succs())
        if (Succ)
          In |= Live[Succ->getBlockID()];
      In.reset(Writes[B->getBlockID()]);
      In |= Reads[B->getBlockID()];
      Changed |= In != Live[B->getBlockID()];
      Live[B->getBlockID()] = std::move(In);
    }
  } while (Changed);
}

bool Liveness::isLive(const VarDecl *V, unsigned Block) const {
  auto It = Ids.find(V->getCanonicalDecl());
  return It != Ids.end() && Live[Block].test(It->second);
}
