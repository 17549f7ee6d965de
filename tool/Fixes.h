//===- Fixes.h - Apply what cures findings ----------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_FIXES_H
#define PINLINT_TOOL_FIXES_H

#include "Analysis.h"
#include "clang/Tooling/Core/Replacement.h"
#include <map>
#include <set>

namespace pinlint {

/// Collects the fixes of findings and applies them when all files have been
/// read: a file may be part of several translation units.
class Fixes {
public:
  /// Takes the fixes of \p F, with paths that can be opened from here, all or,
  /// where one overlaps with those of other findings, none.
  void add(const Finding &F);

  /// Writes the files. What cannot be written is said on stderr.
  /// \returns false if there was any of that.
  bool apply();

  unsigned numFixed() const { return NumFixed; }
  unsigned numConflicts() const { return NumConflicts; }

private:
  std::map<std::string, clang::tooling::Replacements> Files;
  std::set<std::tuple<std::string, unsigned, unsigned, std::string>> Known;
  unsigned NumFixed = 0, NumConflicts = 0;
};

} // namespace pinlint

#endif // PINLINT_TOOL_FIXES_H
