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

/// Drops the exits of \p Sum that differ from another in nothing but that they
/// collected in more rounds, or in how full a round was: whoever has the
/// handles of one round owes no less, and each exit costs callers a state.
void foldRounds(Summary &Sum);

/// The values that \p X can return.
Range returned(const Exit &X);

/// True if \p T is a pointer that callers of \p FD pass.
bool isPointerParam(const clang::FunctionDecl *FD, const Term *T);

} // namespace pinlint

#endif // PINLINT_ENGINE_COARSEN_H
