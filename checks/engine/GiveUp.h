//===- GiveUp.h - Branches that turn bad input away -------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A test of a value is a check if one of its outcomes makes the function give
/// up: `if (n > MAX) return -EINVAL;`, `goto out` with the error code set
/// before or after the test, NULL, false.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_ENGINE_GIVEUP_H
#define PINLINT_ENGINE_GIVEUP_H

#include "State.h"
#include "clang/Analysis/CFG.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace pinlint {

class GiveUps {
public:
  GiveUps(const clang::FunctionDecl *FD, const clang::CFG &G,
          clang::ASTContext &Ctx, TermContext &TC);

  /// True if a path that enters \p B in the state \p S fails, having done
  /// nothing else but to clean up.
  bool givesUp(const clang::CFGBlock *B, const State &S);

  /// True if exactly one of two ways on gives up, perhaps after further tests.
  bool turnsAway(const clang::CFGBlock *const Targets[2],
                 const State *const States[2]);

private:
  enum Answer : uint8_t { Unknown, Open, No, Yes };
  Answer givesUpAnyway(const clang::CFGBlock *B);
  bool fails(const clang::Expr *Value) const;
  bool fails(const Range &R) const;
  void scan(const clang::CFGBlock *B);
  struct Tests {
    bool GiveUp, GoOn;
  };
  Tests furtherTests(const clang::CFGBlock *B, const clang::CFGBlock *Rest,
                     const State &S, unsigned Depth);

  clang::ASTContext &Ctx;
  TermContext &TC;
  clang::QualType ReturnType;
  /// The function answers a question about its arguments.
  bool Predicate;
  llvm::SmallVector<const clang::VarDecl *, 4> Returned;
  /// What the last assignment to a returned variable in a block says.
  llvm::DenseMap<unsigned, bool> AssignsFailure;
  llvm::DenseMap<unsigned, const clang::ReturnStmt *> Returns;
  /// Blocks from where no assignment to a returned variable can be reached.
  llvm::BitVector Final;
  /// Blocks that do nothing but test.
  llvm::BitVector Plain;
  llvm::DenseMap<unsigned, Answer> Known;
};

} // namespace pinlint

#endif // PINLINT_ENGINE_GIVEUP_H
