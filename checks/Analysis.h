//===- Analysis.h - Analyse one translation unit ----------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The one door between the analyser library and its front ends: analyse one
/// translation unit and get its findings back as plain data.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_ANALYSIS_H
#define PINLINT_ANALYSIS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <string>
#include <vector>

namespace pinlint {

class Protocols;

/// A place in a source file. Lines and columns count from one.
struct SourcePlace {
  std::string File;
  unsigned Line = 0;
  unsigned Column = 0;
};

/// One step of the path that shows a finding, in the order of execution.
struct PathStep {
  SourcePlace Place;
  std::string Message;
  /// Calls entered since the function that the finding is in.
  unsigned Depth = 0;
};

enum class Confidence { Low, Medium, High };

struct Finding {
  std::string Check;
  SourcePlace Place;
  std::string Function;
  std::string Message;
  Confidence Level = Confidence::High;
  /// Stable under line shifts and file renames; 16 hex digits.
  std::string Fingerprint;
  std::vector<PathStep> Path;
};

/// A function, or a whole translation unit where Function is empty, of which
/// the analyser did not see everything.
struct Incomplete {
  std::string File;
  std::string Function;
  std::string Reason;
};

struct AnalysisOptions {
  const Protocols *Protos = nullptr;
  /// Names of the checks to run, sorted.
  std::vector<std::string> Checks;
  Confidence MinConfidence = Confidence::Medium;
  /// Keep the bodies of header functions that cannot matter (slower; for
  /// comparison only).
  bool ParseAllBodies = false;
};

struct AnalysisStats {
  unsigned FunctionsSeen = 0;
  unsigned FunctionsAnalysed = 0;
  unsigned FunctionsOverBudget = 0;
  uint64_t Steps = 0;
  double ParseSeconds = 0;
  double EngineSeconds = 0;
};

struct AnalysisResult {
  /// Sorted by file, line, column, check, message.
  std::vector<Finding> Findings;
  std::vector<Incomplete> NotAnalysed;
  AnalysisStats Stats;
  /// False if the translation unit did not parse; Errors says why.
  bool Parsed = false;
  std::vector<std::string> Errors;
};

/// Parses and analyses one translation unit.
/// \param Arguments a clang command line (argv[0] first), see
///        frontend/CompileCommand.h for making one out of a gcc command line.
AnalysisResult analyzeTU(llvm::StringRef Directory, llvm::StringRef File,
                         llvm::ArrayRef<std::string> Arguments,
                         const AnalysisOptions &Options);

/// Writes the trace of the analysis of \p Function as a page to \p HTMLPath.
/// Returns an error text, empty on success.
std::string traceFunction(llvm::StringRef Directory, llvm::StringRef File,
                          llvm::ArrayRef<std::string> Arguments,
                          const AnalysisOptions &Options,
                          llvm::StringRef Function, llvm::StringRef HTMLPath);

/// What `--list-checks` and `--explain` print.
struct CheckInfo {
  const char *Name;
  const char *Summary;
  /// The check's documentation page, as Markdown.
  llvm::StringRef Explanation;
};

/// Sorted by name.
llvm::ArrayRef<CheckInfo> allChecks();

} // namespace pinlint

#endif // PINLINT_ANALYSIS_H
