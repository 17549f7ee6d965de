//===- Loops.h - Natural loops of a CFG -------------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_ENGINE_LOOPS_H
#define PINLINT_ENGINE_LOOPS_H

#include "clang/AST/Expr.h"
#include "clang/Analysis/CFG.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include <vector>

namespace pinlint {

/// How a loop counts, where its statement says so.
struct LoopCounter {
  const clang::VarDecl *Var = nullptr;
  /// +1 or -1.
  int Step = 0;
  /// Up: the bound that ends the loop. Down to zero: null.
  const clang::Expr *Bound = nullptr;
  /// The bound itself is included (`<=`, `>= 0`).
  bool Inclusive = false;
  /// The condition itself counts, before (`--n`) or after (`n--`) it compares.
  enum { InBody, PreInCondition, PostInCondition } Where = InBody;
};

struct Loop {
  unsigned Header = 0;
  llvm::BitVector Blocks;
  const clang::Stmt *Statement = nullptr;
  LoopCounter Counter;
};

/// The loops of a function, found by back edges.
class LoopForest {
public:
  void build(const clang::CFG &G);

  /// The loop with header \p BlockId, or null.
  const Loop *at(unsigned BlockId) const;
  bool isBackEdge(unsigned From, unsigned To) const {
    return BackEdges.count({From, To});
  }
  /// The smallest loop around the block, or null.
  const Loop *innermost(unsigned BlockId) const;
  unsigned depth(unsigned BlockId) const;

private:
  std::vector<Loop> All;
  llvm::DenseMap<unsigned, unsigned> ByHeader;
  llvm::DenseSet<std::pair<unsigned, unsigned>> BackEdges;
};

/// Reads the counter out of `for (i = a; i < b; i++)`, `while (n--)` and their
/// like; an empty counter if the loop counts in no such way.
LoopCounter findCounter(const clang::Stmt *LoopStatement);

} // namespace pinlint

#endif // PINLINT_ENGINE_LOOPS_H
