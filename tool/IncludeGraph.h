//===- IncludeGraph.h - Who includes what -----------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Which translation units include a file, found from the text of #include
/// lines alone: a line counts whatever #if is around it, so that the answer has
/// too many units rather than too few. Not seen are names that macros make.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_INCLUDEGRAPH_H
#define PINLINT_TOOL_INCLUDEGRAPH_H

#include "Inputs.h"
#include "frontend/SourceScan.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <map>

namespace pinlint {

class IncludeGraph {
public:
  /// The units that include one of the files \p Targets (absolute paths), or
  /// are one of them.
  std::vector<bool> unitsThatReach(llvm::ArrayRef<TranslationUnit> Units,
                                   const llvm::StringSet<> &Targets);

private:
  /// Where the units of one group look for files.
  struct SearchPath {
    std::vector<std::string> Quoted, All;
    bool operator<(const SearchPath &P) const {
      return std::tie(Quoted, All) < std::tie(P.Quoted, P.All);
    }
  };

  const std::vector<SourceScan::Include> &linesOf(llvm::StringRef File);
  bool exists(llvm::StringRef File);
  std::string resolve(const SourceScan::Include &L, llvm::StringRef Includer,
                      const SearchPath &Path);

  llvm::StringMap<std::vector<SourceScan::Include>> Files;
  llvm::StringMap<bool> Existing;
};

} // namespace pinlint

#endif // PINLINT_TOOL_INCLUDEGRAPH_H
