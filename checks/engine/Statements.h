//===- Statements.h - Questions about statements ----------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_ENGINE_STATEMENTS_H
#define PINLINT_ENGINE_STATEMENTS_H

#include "clang/AST/Stmt.h"
#include "llvm/ADT/STLExtras.h"

namespace pinlint {

/// True if \p Holds is true of \p S, or of a statement or expression in it.
inline bool anyWithin(const clang::Stmt *S,
                      llvm::function_ref<bool(const clang::Stmt *)> Holds) {
  return Holds(S) || llvm::any_of(S->children(), [&](const clang::Stmt *C) {
           return C && anyWithin(C, Holds);
         });
}

} // namespace pinlint

#endif // PINLINT_ENGINE_STATEMENTS_H
