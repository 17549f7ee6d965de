//===- ApiSummaries.h - Protocols as summaries ------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Turns what the protocol files say about a function into the summary that
/// the engine applies at its calls.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FRONTEND_APISUMMARIES_H
#define PINLINT_FRONTEND_APISUMMARIES_H

#include "MacroReads.h"
#include "Protocols.h"
#include "SharedMemory.h"
#include "engine/Engine.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <memory>

namespace pinlint {

/// True if obligations of \p F are followed.
bool isFollowed(const ProtocolFamily &F);

/// True if a call of \p F is a reason to look at its caller; \p Lifetimes: for
/// the lifetimes of objects as well.
bool matters(const Protocols &P, const ProtocolFunction &F, bool Lifetimes);

/// True if a call of \p F reads memory that others can change.
bool fetches(const ProtocolFunction &F);

class ApiSummaries : public SummarySource {
public:
  ApiSummaries(const Protocols &P, clang::ASTContext &Ctx, TermContext &TC,
               bool Lifetimes);

  const Summary *summaryFor(const clang::FunctionDecl *FD,
                            unsigned NumArgs) override;
  bool isInteresting(const clang::FunctionDecl *FD) override;
  bool isFetch(const clang::FunctionDecl *FD) override;
  llvm::ArrayRef<MacroRead> macroReads(const clang::FunctionDecl *FD) override;
  bool isShared(const clang::Expr *LValue) override {
    return Shared.contains(LValue);
  }
  unsigned sharedLoads(const clang::FunctionDecl *FD) override {
    return Shared.countLoads(FD);
  }

  /// The family of that name; null if the protocols have none.
  const Family *family(llvm::StringRef Name);

private:
  struct Condition;
  std::unique_ptr<Summary> build(const ProtocolFunction &F,
                                 const clang::FunctionDecl *FD);
  const Term *term(const ProtocolExpr &E, const clang::FunctionDecl *FD,
                   clang::QualType *Type = nullptr);
  const Term *sizeOfTarget(const ProtocolExpr &Ptr,
                           const clang::FunctionDecl *FD);
  std::pair<const Term *, Range> fact(const ProtocolCond &C, bool Truth,
                                      const clang::FunctionDecl *FD);

  const Protocols &P;
  bool Lifetimes;
  clang::ASTContext &Ctx;
  TermContext &TC;
  MacroReadFinder Macros;
  SharedMemory Shared;
  llvm::DenseMap<const clang::FunctionDecl *, std::vector<MacroRead>> Reads;
  /// Groups with a family whose obligations are followed: releases of its other
  /// families may be mistakes.
  llvm::StringSet<> FollowedGroups;
  /// Families that must not be given back before some others.
  llvm::StringSet<> LastInOrder;
  llvm::StringMap<std::unique_ptr<Family>> Families;
  llvm::DenseMap<std::pair<const clang::FunctionDecl *, unsigned>,
                 std::unique_ptr<Summary>>
      Cache;
};

} // namespace pinlint

#endif // PINLINT_FRONTEND_APISUMMARIES_H
