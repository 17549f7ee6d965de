//===- Liveness.h - Variables that may still be read ------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_ENGINE_LIVENESS_H
#define PINLINT_ENGINE_LIVENESS_H

#include "clang/AST/Decl.h"
#include "clang/Analysis/CFG.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include <vector>

namespace pinlint {

/// The local variable that \p E names; null if it is anything else.
const clang::VarDecl *localVariable(const clang::Expr *E);

/// The local variables of a function that are read in a block or after it. A
/// variable whose address is taken, or that is more than one value, is taken to
/// be read wherever it is named.
class Liveness {
public:
  void build(const clang::FunctionDecl *FD, const clang::CFG &Graph);

  /// True if \p V may be read before it is written to, from the start of
  /// \p Block on.
  bool isLive(const clang::VarDecl *V, unsigned Block) const;

private:
  llvm::DenseMap<const clang::VarDecl *, unsigned> Ids;
  /// By block: what is live at its start.
  std::vector<llvm::BitVector> Live;
};

} // namespace pinlint

#endif // PINLINT_ENGINE_LIVENESS_H
