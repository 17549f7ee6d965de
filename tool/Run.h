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
#include "Output.h"

namespace pinlint {

class EarlierResults;

/// What the library is asked for \p Unit.
AnalysisOptions analysisOptions(const Options &O, const TranslationUnit &Unit);

/// Analyses \p Unit, which is told \p Input of other units, as \p Files has it
/// (null: the disk), on top of \p Headers (may be null).
AnalysisResult
analyseUnit(const Options &O, const TranslationUnit &Unit,
            llvm::StringRef Input,
            llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> Files = nullptr,
            const HeaderSet *Headers = nullptr);

/// Analyses the units of \p In and prints the findings, in the order of the
/// units whatever the number of workers, then what was not analysed. What
/// \p Known knows is not analysed again; what is in \p Base does not count.
/// \returns the exit status.
int lint(const Options &O, const Inputs &In, EarlierResults &Known,
         const Baseline *Base = nullptr);

/// Analyses the units of \p In and prints nothing.
RunResult collect(const Options &O, const Inputs &In, EarlierResults &Known);

} // namespace pinlint

#endif // PINLINT_TOOL_RUN_H
