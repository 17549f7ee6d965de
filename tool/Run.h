//===- Run.h - Analyse inputs and print what is found -----------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_RUN_H
#define PINLINT_TOOL_RUN_H

#include "Analysis.h"
#include "Inputs.h"
#include "Options.h"

namespace pinlint {

class EarlierResults;

/// What the library is asked for \p Unit.
AnalysisOptions analysisOptions(const Options &O, const TranslationUnit &Unit);

/// Analyses \p Unit, which is told \p Input of other units.
AnalysisResult analyseUnit(const Options &O, const TranslationUnit &Unit,
                           llvm::StringRef Input);

/// Analyses the units of \p In and prints the findings, in the order of the
/// units whatever the number of workers, then what was not analysed. What
/// \p Known knows is not analysed again.
/// \returns the exit status.
int lint(const Options &O, const Inputs &In, EarlierResults &Known);

} // namespace pinlint

#endif // PINLINT_TOOL_RUN_H
