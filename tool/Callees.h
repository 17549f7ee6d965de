//===- Callees.h - Who may call whom ----------------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_CALLEES_H
#define PINLINT_TOOL_CALLEES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace pinlint {

/// How far \p Definer is from \p User, or none if the two hardly belong to one
/// program: a kernel has many functions of one name. Near are files of one
/// directory and of one module; a directory serves those below it.
std::optional<unsigned> distanceOf(llvm::StringRef User,
                                   llvm::StringRef UserModule,
                                   llvm::StringRef Definer,
                                   llvm::StringRef DefinerModule);

/// The same, given the directories of the files.
std::optional<unsigned> distanceBetween(llvm::StringRef From,
                                        llvm::StringRef UserModule,
                                        llvm::StringRef To,
                                        llvm::StringRef DefinerModule);

/// For each unit, those whose functions it may call.
class Callees {
public:
  struct Edge {
    unsigned Far, Unit;
  };
  /// Begins with the next unit.
  void add(llvm::ArrayRef<Edge> Nearest) {
    if (First.empty())
      First.push_back(0);
    for (const Edge &E : Nearest) {
      Units.push_back(E.Unit);
      Far.push_back(E.Far);
    }
    First.push_back(Units.size());
  }

  /// In order of the nearest, and how far each of them is.
  llvm::ArrayRef<uint32_t> of(size_t Unit) const { return part(Units, Unit); }
  llvm::ArrayRef<uint32_t> distances(size_t Unit) const {
    return part(Far, Unit);
  }

  std::vector<uint32_t> First, Units, Far;

private:
  llvm::ArrayRef<uint32_t> part(llvm::ArrayRef<uint32_t> All,
                                size_t Unit) const {
    return All.slice(First[Unit], First[Unit + 1] - First[Unit]);
  }
};

} // namespace pinlint

#endif // PINLINT_TOOL_CALLEES_H
