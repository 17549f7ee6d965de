//===- Statements.h - Questions about statements ----------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_ENGINE_STATEMENTS_H
#define PINLINT_ENGINE_STATEMENTS_H

#include "clang/AST/Expr.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/IgnoreExpr.h"
#include "llvm/ADT/STLExtras.h"

namespace pinlint {

/// \p E without parentheses, and without the marks that a temporary object is
/// made for it, as for members of what a call returns.
inline const clang::Expr *plain(const clang::Expr *E) {
  return clang::IgnoreExprNodes(
      E, clang::IgnoreParensSingleStep, [](clang::Expr *X) {
        if (auto *M = llvm::dyn_cast<clang::MaterializeTemporaryExpr>(X))
          return M->getSubExpr();
        if (auto *C = llvm::dyn_cast<clang::ExprWithCleanups>(X))
          return C->getSubExpr();
        return X;
      });
}

/// True if \p Holds is true of \p S, or of a statement or expression in it.
inline bool anyWithin(const clang::Stmt *S,
                      llvm::function_ref<bool(const clang::Stmt *)> Holds) {
  return Holds(S) || llvm::any_of(S->children(), [&](const clang::Stmt *C) {
           return C && anyWithin(C, Holds);
         });
}

} // namespace pinlint

#endif // PINLINT_ENGINE_STATEMENTS_H
