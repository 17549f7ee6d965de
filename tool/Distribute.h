//===- Distribute.h - Steps for build systems -------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A run in steps that build systems can spread over machines: one per unit,
/// whose order follows the calls between units, and a last one that puts their
/// results together. The findings are those of the single command, as the last
/// step is that command, with most of its answers given.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_DISTRIBUTE_H
#define PINLINT_TOOL_DISTRIBUTE_H

#include "Inputs.h"
#include "Options.h"

namespace pinlint {

/// `pinlint index FILE --with=SUM... -o OUT`. \returns the exit status.
int indexUnit(const Options &O, const Inputs &In);

/// `pinlint link SUM...`
int linkSums(const Options &O);

/// `pinlint ninja DIR... -o OUT`
int writeNinja(const Options &O, const Inputs &In);

} // namespace pinlint

#endif // PINLINT_TOOL_DISTRIBUTE_H
