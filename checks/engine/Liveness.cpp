//===- Liveness.cpp - Variables that may still be read --------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Liveness.h"
#include "clang/AST/Attr.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"

using namespace pinlint;
using namespace clang;

const VarDecl *pinlint::localVariable(const Expr *E) {
  const auto *D = dyn_cast<DeclRefExpr>(E->IgnoreParenCasts());
  const auto *V = D ? dyn_cast<VarDecl>(D->getDecl()) : nullptr;
  return V && V->hasLocalStorage() ? V : nullptr;
}

namespace {
/// Finds the variables of a function, and those whose address it takes.
class VariableVisitor : public RecursiveASTVisitor<VariableVisitor> {
public:
  llvm::SetVector<const VarDecl *> Variables;
  llvm::DenseSet<const VarDecl *> Shared;

  bool VisitVarDecl(VarDecl *V) {
    if (V->hasLocalStorage())
      Variables.insert(V);
    return true;
  }
  bool VisitUnaryOperator(UnaryOperator *U) {
    if (U->getOpcode() == UO_AddrOf)
      if (const VarDecl *V = localVariable(U->getSubExpr()))
        Shared.insert(V);
    return true;
  }
};

/// Visits the variables that an element names, except where it writes to one.
class ReadVisitor : public RecursiveASTVisitor<ReadVisitor> {
public:
  ReadVisitor(const Expr *Target,
              llvm::function_ref<void(const VarDecl *)> Read)
      : Target(Target), Read(Read) {}

  bool VisitDeclRefExpr(DeclRefExpr *E) {
    if (const VarDecl *V = localVariable(E); V && E != Target)
      Read(V);
    return true;
  }

private:
  const Expr *Target;
  llvm::function_ref<void(const VarDecl *)> Read;
};
} // namespace

void Liveness::build(const FunctionDecl *FD, const CFG &Graph) {
  VariableVisitor Found;
  for (const ParmVarDecl *P : FD->parameters())
    Found.Variables.insert(P);
  Found.TraverseStmt(FD->getBody());
  // Variables that are values of their own, which only their names lead to.
  llvm::BitVector Plain;
  for (const VarDecl *V : Found.Variables) {
    Ids.try_emplace(V, Plain.size());
    Plain.push_back(V->getType()->isScalarType() &&
                    !V->hasAttr<CleanupAttr>() && !Found.Shared.contains(V));
  }

  // What each block reads first, and what it writes first.
  std::vector<llvm::BitVector> Reads(Graph.getNumBlockIDs(),
                                     llvm::BitVector(Plain.size()));
  std::vector<llvm::BitVector> Writes = Reads;
  for (const CFGBlock *B : Graph) {
    llvm::BitVector &R = Reads[B->getBlockID()];
    llvm::BitVector &W = Writes[B->getBlockID()];
    auto Read = [&](const VarDecl *V) {
      R.set(Ids.at(V));
      W.reset(Ids.at(V));
    };
    auto Write = [&](const VarDecl *V) {
      W.set(Ids.at(V));
      R.reset(Ids.at(V));
    };
    auto IsPlain = [&](const VarDecl *V) {
      return V && V->hasLocalStorage() && Plain.test(Ids.at(V));
    };
    auto ReadIn = [&](const Stmt *S, const Expr *Target) {
      ReadVisitor(Target, Read).TraverseStmt(const_cast<Stmt *>(S));
    };
    if (const Stmt *T = B->getTerminatorCondition())
      ReadIn(T, nullptr);
    for (const CFGElement &E : llvm::reverse(*B)) {
      if (auto C = E.getAs<CFGCleanupFunction>())
        Read(C->getVarDecl());
      auto Element = E.getAs<CFGStmt>();
      if (!Element)
        continue;
      const Stmt *S = Element->getStmt();
      const Expr *Target = nullptr;
      if (const auto *A = dyn_cast<BinaryOperator>(S);
          A && A->getOpcode() == BO_Assign &&
          IsPlain(localVariable(A->getLHS()))) {
        Target = A->getLHS()->IgnoreParenCasts();
        Write(localVariable(Target));
      }
      if (const auto *DS = dyn_cast<DeclStmt>(S))
        for (const Decl *D : DS->decls())
          if (const auto *V = dyn_cast<VarDecl>(D); IsPlain(V))
            Write(V);
      ReadIn(S, Target);
    }
  }

  Live = Reads;
  bool Changed;
  do {
    Changed = false;
    // Blocks are numbered from the exit on.
    for (const CFGBlock *B : Graph) {
      llvm::BitVector In(Plain.size());
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
  auto It = Ids.find(V);
  return It != Ids.end() && Live[Block].test(It->second);
}
