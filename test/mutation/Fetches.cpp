//===- Fetches.cpp - Breaks functions that check what they have read ------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Makes mutants of functions that read user memory and check what they have
/// read: they read it once more after the check.
///
//===----------------------------------------------------------------------===//

#include "Mutants.h"
#include "clang/AST/RecursiveASTVisitor.h"

using namespace pinlint;
using namespace clang;

namespace {
/// The conditions of a function, in the order of the source.
class ConditionVisitor : public RecursiveASTVisitor<ConditionVisitor> {
public:
  std::vector<const IfStmt *> Ifs;
  bool VisitIfStmt(IfStmt *S) {
    if (!S->getBeginLoc().isMacroID() && !S->getElse())
      Ifs.push_back(S);
    return true;
  }
};

/// The variable that a call reads user memory into, if it is one.
const VarDecl *fetchedInto(const Stmt *S, const Protocols &P) {
  if (const auto *C = dyn_cast<CallExpr>(S)) {
    const FunctionDecl *F = C->getDirectCallee();
    const ProtocolFunction *Known =
        F && F->getIdentifier() ? P.lookup(F->getName(), C->getNumArgs())
                                : nullptr;
    if (Known)
      for (const ProtocolEffect &E : Known->Effects) {
        if (E.Kind != ProtocolEffect::Fetch || E.Stream || !E.Into ||
            E.Into->Kind != ProtocolExpr::Arg ||
            uint64_t(E.Into->Value) >= C->getNumArgs())
          continue;
        const auto *Into = dyn_cast<UnaryOperator>(
            C->getArg(E.Into->Value)->IgnoreParenCasts());
        const auto *Ref =
            Into ? dyn_cast<DeclRefExpr>(Into->getSubExpr()->IgnoreParenCasts())
                 : nullptr;
        if (Ref)
          return dyn_cast<VarDecl>(Ref->getDecl());
      }
  }
  for (const Stmt *Child : S->children())
    if (const VarDecl *V = Child ? fetchedInto(Child, P) : nullptr)
      return V;
  return nullptr;
}

/// The outermost members of \p V, or itself, that are mentioned in \p S, except
/// by its address.
void places(const Stmt *S, const VarDecl *V,
            llvm::SmallVectorImpl<const Expr *> &Found) {
  const Expr *E = dyn_cast<Expr>(S);
  while (const auto *Member = dyn_cast_or_null<MemberExpr>(E))
    E = Member->isArrow() ? nullptr : Member->getBase()->IgnoreParens();
  const auto *Ref = dyn_cast_or_null<DeclRefExpr>(E);
  if (Ref && Ref->getDecl() == V)
    return Found.push_back(cast<Expr>(S));
  const auto *Op = dyn_cast<UnaryOperator>(S);
  if (Op && Op->getOpcode() == UO_AddrOf)
    return;
  for (const Stmt *Child : S->children())
    if (Child)
      places(Child, V, Found);
}

bool leaves(const Stmt *S) {
  if (const auto *Block = dyn_cast<CompoundStmt>(S))
    return !Block->body_empty() && leaves(Block->body_back());
  return isa<ReturnStmt, GotoStmt>(S);
}
} // namespace

void mutateFetches(MutantWriter &W, const Protocols &P,
                   llvm::ArrayRef<const FunctionDecl *> Functions) {
  for (const FunctionDecl *F : Functions) {
    ConditionVisitor V;
    V.TraverseStmt(F->getBody());
    for (const IfStmt *Fetch : V.Ifs) {
      const VarDecl *Value = fetchedInto(Fetch->getCond(), P);
      if (!Value || !leaves(Fetch->getThen()))
        continue;
      for (const IfStmt *Check : V.Ifs) {
        if (!W.isAfter(Check->getBeginLoc(), Fetch->getEndLoc()) ||
            !leaves(Check->getThen()) ||
            W.enclosing<CompoundStmt>(Check) !=
                W.enclosing<CompoundStmt>(Fetch))
          continue;
        // Something that is checked is used afterwards.
        llvm::SmallVector<const Expr *> Checked, Used;
        places(Check->getCond(), Value, Checked);
        places(F->getBody(), Value, Used);
        if (!llvm::any_of(Used, [&](const Expr *Use) {
              return W.isAfter(Use->getBeginLoc(), Check->getEndLoc()) &&
                     llvm::any_of(Checked, [&](const Expr *E) {
                       return W.textOf(E) == W.textOf(Use);
                     });
            }))
          continue;
        // A block ends without the semicolon that follows the text.
        bool Block = isa<CompoundStmt>(Check->getThen());
        W.emit(F, "read-again", Check->getSourceRange(),
               W.textOf(Check) + (Block ? " " : "; ") + W.textOf(Fetch) +
                   (Block ? ";" : ""));
      }
    }
  }
}
