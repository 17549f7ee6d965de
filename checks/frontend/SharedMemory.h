//===- SharedMemory.h - Objects that others can change ----------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Knows which plain loads read memory that somebody else can change at any
/// time: rings that user space maps, pages of a guest. The protocols name the
/// structures, and the members that point into such memory.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FRONTEND_SHAREDMEMORY_H
#define PINLINT_FRONTEND_SHAREDMEMORY_H

#include "Protocols.h"
#include "clang/AST/ASTContext.h"
#include "clang/AST/Expr.h"

namespace pinlint {

class SharedMemory {
public:
  SharedMemory(const Protocols &P, clang::ASTContext &Ctx);

  /// True if \p LValue lies in such memory.
  bool contains(const clang::Expr *LValue) const;
  /// How many loads of such memory there are in the body of \p FD.
  unsigned countLoads(const clang::FunctionDecl *FD) const;

private:
  bool pointsInto(const clang::Expr *Pointer) const;

  const Protocols &P;
  /// Some of what the protocols name occurs in the translation unit.
  bool Any = false;
};

} // namespace pinlint

#endif // PINLINT_FRONTEND_SHAREDMEMORY_H
