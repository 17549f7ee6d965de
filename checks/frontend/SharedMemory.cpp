//===- SharedMemory.cpp - Objects that others can change ------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "SharedMemory.h"
#include "ApiSummaries.h"
#include "clang/AST/RecursiveASTVisitor.h"

using namespace pinlint;
using namespace clang;

SharedMemory::SharedMemory(const Protocols &P, ASTContext &Ctx) : P(P) {
  for (const auto &Entry : P.shared()) {
    llvm::StringRef Struct = Entry.getKey().split('.').first;
    Any |= Ctx.Idents.find(Struct) != Ctx.Idents.end();
  }
}

bool SharedMemory::contains(const Expr *LValue) const {
  if (!Any)
    return false;
  LValue = LValue->IgnoreParenCasts();
  if (const auto *M = dyn_cast<MemberExpr>(LValue))
    return M->isArrow() ? pointsInto(M->getBase()) : contains(M->getBase());
  if (const auto *A = dyn_cast<ArraySubscriptExpr>(LValue))
    return pointsInto(A->getBase());
  const auto *U = dyn_cast<UnaryOperator>(LValue);
  return U && U->getOpcode() == UO_Deref && pointsInto(U->getSubExpr());
}

bool SharedMemory::pointsInto(const Expr *Pointer) const {
  Pointer = Pointer->IgnoreParenCasts();
  QualType Ty = Pointer->getType();
  if (Ty->isArrayType())
    return contains(Pointer);
  if (Ty->isPointerType())
    if (const RecordDecl *R = Ty->getPointeeType()->getAsRecordDecl();
        R && P.isShared(R->getName()))
      return true;
  if (const auto *U = dyn_cast<UnaryOperator>(Pointer))
    return U->getOpcode() == UO_AddrOf && contains(U->getSubExpr());
  if (const auto *B = dyn_cast<BinaryOperator>(Pointer))
    return B->isAdditiveOp() &&
           (pointsInto(B->getLHS()) || pointsInto(B->getRHS()));
  const auto *M = dyn_cast<MemberExpr>(Pointer);
  if (!M || !Ty->isPointerType())
    return false;
  const auto *F = dyn_cast<FieldDecl>(M->getMemberDecl());
  return F && P.isShared(memberName(F));
}

namespace {
class LoadCounter : public RecursiveASTVisitor<LoadCounter> {
public:
  const SharedMemory &Memory;
  unsigned Loads = 0;
  explicit LoadCounter(const SharedMemory &M) : Memory(M) {}
  bool VisitCastExpr(CastExpr *C) {
    Loads += C->getCastKind() == CK_LValueToRValue &&
             Memory.contains(C->getSubExpr());
    return true;
  }
};
} // namespace

unsigned SharedMemory::countLoads(const FunctionDecl *FD) const {
  if (!Any)
    return 0;
  LoadCounter Counter(*this);
  Counter.TraverseStmt(const_cast<Stmt *>(FD->getBody()));
  return Counter.Loads;
}
