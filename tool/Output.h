//===- Output.h - Where findings go -----------------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_OUTPUT_H
#define PINLINT_TOOL_OUTPUT_H

#include "Analysis.h"
#include "Baseline.h"
#include "Options.h"
#include "llvm/Support/raw_ostream.h"
#include <memory>
#include <string>
#include <vector>

namespace pinlint {

struct ReportedFinding : Finding {
  /// It is in the baseline.
  bool Known = false;
  /// It counts: it is neither known nor settled by a comment.
  bool counts() const { return !Known && !Settled; }
};

/// What is known at the end of a run. Files are named as users know them:
/// relative to where they are if they are below.
struct RunResult {
  /// What was analysed.
  std::vector<std::string> Files;
  /// Inputs of any kind, also those of which nothing came.
  size_t NumInputs = 0;
  /// In the order of the files, then by place.
  std::vector<ReportedFinding> Findings;
  /// There was a baseline; what of it is gone.
  bool HasBaseline = false;
  std::vector<BaselineEntry> Fixed;
  std::vector<Incomplete> NotAnalysed, IncompleteFunctions;
  std::vector<std::string> Notes;
  int ExitStatus = ExitClean;
};

class Output {
public:
  virtual ~Output() = default;
  /// Gets findings that count as soon as they are known to.
  virtual void finding(const ReportedFinding &) {}
  virtual void finish(const RunResult &) {}
};

/// Writes the format of \p O to \p OS.
std::unique_ptr<Output> createOutput(const Options &O, llvm::raw_ostream &OS);

// What createOutput() chooses from.
std::unique_ptr<Output> createTextOutput(llvm::raw_ostream &OS, bool Colors);
std::unique_ptr<Output> createJSONLinesOutput(llvm::raw_ostream &OS);
std::unique_ptr<Output> createSarifOutput(const Options &O,
                                          llvm::raw_ostream &OS);
std::unique_ptr<Output> createGitHubOutput(llvm::raw_ostream &OS);
std::unique_ptr<Output> createGitLabOutput(llvm::raw_ostream &OS);

/// Writes a report for people into the directory \p Path.
llvm::Error writeHTMLReport(llvm::StringRef Path, const RunResult &R);

} // namespace pinlint

#endif // PINLINT_TOOL_OUTPUT_H
