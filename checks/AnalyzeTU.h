//===- AnalyzeTU.h - One run over a translation unit ------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_ANALYZETU_H
#define PINLINT_ANALYZETU_H

#include "Analysis.h"

namespace pinlint {

class HeaderUse;
class TraceRecorder;

/// What analyzeTU() and traceFunction() share.
struct Run {
  const AnalysisOptions &Options;
  AnalysisResult &Result;
  /// Null unless a function is traced.
  TraceRecorder *Recorder = nullptr;
  double EngineSeconds = 0;
  /// Null unless the unit is parsed on top of a header set.
  HeaderUse *Headers = nullptr;
  /// Why what was parsed on top of a header set does not count.
  std::string Differs = {};
  /// HeaderUse::wanted().
  std::string Wanted = {};
};

void analyze(llvm::StringRef Directory, llvm::StringRef File,
             llvm::ArrayRef<std::string> Arguments, Run &R);

} // namespace pinlint

#endif // PINLINT_ANALYZETU_H
