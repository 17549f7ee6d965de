//===- Coarsen.h - Summaries that say less ----------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_ENGINE_COARSEN_H
#define PINLINT_ENGINE_COARSEN_H

#include "Summary.h"
#include "Term.h"

namespace pinlint {

/// \p From, which is of \p FD, reduced to who acquires, releases and frees
/// what, and when. Every exit costs each call of each caller a state, so that
/// exits which differ in nothing else become one; of what is stored elsewhere
/// no more than whose pointers it was is told.
Summary coarsen(TermContext &TC, const clang::FunctionDecl *FD,
                const Summary &From);

/// True if \p T is a pointer that callers of \p FD pass.
bool isPointerParam(const clang::FunctionDecl *FD, const Term *T);

} // namespace pinlint

#endif // PINLINT_ENGINE_COARSEN_H
