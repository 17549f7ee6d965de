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

/// \p From reduced to who acquires, releases and frees what, and when. Every
/// exit costs each call of each caller a state, so that exits which differ in
/// nothing else become one; what is stored elsewhere is unknown afterwards.
Summary coarsen(TermContext &TC, const Summary &From);

} // namespace pinlint

#endif // PINLINT_ENGINE_COARSEN_H
