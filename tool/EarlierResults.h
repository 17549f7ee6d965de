//===- EarlierResults.h - What has been found out before --------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_EARLIERRESULTS_H
#define PINLINT_TOOL_EARLIERRESULTS_H

#include "Inputs.h"
#include "Options.h"
#include "Store.h"
#include "SumFile.h"
#include "Workers.h"
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pinlint {

/// Answers with results of earlier runs, from the store and from .sum files.
class EarlierResults {
public:
  EarlierResults(const Options &O, const Inputs &In);

  /// One summary per unit of the inputs, in their order.
  void addSums(std::vector<SumFile> Sums);

  std::optional<WorkResult> find(const WorkItem &Item);
  /// \p R is what unit \p Unit, told \p Input, gave.
  void put(size_t Unit, llvm::StringRef Input, AnalysisResult R);
  /// Where what else is kept for the next run has its place, told apart by
  /// \p Suffix; empty if nothing is.
  std::string beside(llvm::StringRef Suffix) const {
    return Kept ? Path + Suffix.str() : "";
  }
  /// True if nothing is known of any unit.
  bool isEmpty() const { return Sums.empty() && (!Kept || Kept->isEmpty()); }
  /// Writes what is to be kept.
  void finish();

private:
  Store::Key keyOf(size_t Unit, llvm::StringRef Input) const;

  const Options &O;
  const Inputs &In;
  std::string Path;
  uint64_t Tool = 0;
  std::unique_ptr<Store> Kept;
  std::vector<int64_t> Started;
  std::vector<SumFile> Sums;
};

/// Changes with every build of pinlint.
uint64_t toolHash();

/// Of whatever decides over results besides the unit's command and contents.
uint64_t optionsHash(const Options &O, const TranslationUnit &Unit);

} // namespace pinlint

#endif // PINLINT_TOOL_EARLIERRESULTS_H
