//===- Gate.h - Findings that a change introduces ---------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_GATE_H
#define PINLINT_TOOL_GATE_H

#include "Options.h"

namespace pinlint {

/// Analyses what the change that \p O names can affect, before and after it,
/// and prints what only the newer version has. \returns the exit status.
int gate(const Options &O);

} // namespace pinlint

#endif // PINLINT_TOOL_GATE_H
