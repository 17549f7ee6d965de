//===- AnalyzeTU.h - One run over a translation unit ------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_ANALYZETU_H
#define PINLINT_ANALYZETU_H

#include "Analysis.h"

namespace pinlint {

class TraceRecorder;

/// What analyzeTU() and traceFunction() share.
struct Run {
  const AnalysisOptions &Options;
  AnalysisResult &Result;
  /// Null unless a function is traced.
  TraceRecorder *Recorder = nullptr;
  double EngineSeconds = 0;
};

void analyze(llvm::StringRef Directory, llvm::StringRef File,
             llvm::ArrayRef<std::string> Arguments, Run &R);

} // namespace pinlint

#endif // PINLINT_ANALYZETU_H
