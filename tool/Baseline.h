//===- Baseline.h - Findings that are known already -------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Findings of an earlier version of the code, so that only what is new counts.
/// Neither line numbers nor, in the end, file names decide whether two findings
/// are the same.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_BASELINE_H
#define PINLINT_TOOL_BASELINE_H

#include "Analysis.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace pinlint {

struct BaselineEntry {
  std::string Check;
  /// Absolute.
  std::string File;
  std::string Function;
  std::string Message;
  Confidence Level = Confidence::High;
  std::string Fingerprint;
  std::string Context;
};

/// The entry for \p F, whose file is relative to the current directory.
BaselineEntry entryFor(const Finding &F);

class Baseline {
public:
  Baseline() = default;
  explicit Baseline(std::vector<BaselineEntry> Entries)
      : Entries(std::move(Entries)) {}

  static llvm::Expected<Baseline> load(llvm::StringRef Path);
  /// Writes entries, sorted, files relative to the directory of \p Path.
  llvm::Error write(llvm::StringRef Path) const;

  struct Match {
    /// For each finding: it is in the baseline.
    std::vector<bool> Known;
    /// For each entry: it is among the findings.
    std::vector<bool> Found;
  };
  /// Pairs findings with entries, one to one: those of the same file and
  /// fingerprint first, then those that moved to another file, then those whose
  /// message or function changed while the line that they are at did not.
  Match match(llvm::ArrayRef<BaselineEntry> Findings) const;

  std::vector<BaselineEntry> Entries;
};

} // namespace pinlint

#endif // PINLINT_TOOL_BASELINE_H
