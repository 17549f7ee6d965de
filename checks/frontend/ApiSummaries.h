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

/// True if \p E begins what goes on in an object until something stops it.
bool startsActivity(const Protocols &P, const ProtocolEffect &E);

/// True if nothing is known of \p FD but its name, which says that it frees
/// what its argument points to.
bool freesByName(const Protocols &P, const clang::FunctionDecl *FD);

/// `structure.member`, as protocols name it.
std::string memberName(const clang::FieldDecl *Member);

/// True if a call of \p F reads memory that others can change.
bool fetches(const ProtocolFunction &F);

class ApiSummaries : public SummarySource {
public:
  ApiSummaries(const Protocols &P, clang::ASTContext &Ctx, TermContext &TC,
               bool Lifetimes);

  const Summary *summaryFor(const clang::FunctionDecl *FD,
                            unsigned NumArgs) override;
  const Summary *summaryForMember(const clang::FieldDecl *F,
                                  unsigned NumArgs) override;
  bool isInteresting(const clang::FunctionDecl *FD) override;
  bool owes(const clang::FieldDecl *Operation) override;
  bool givesBackByName(const clang::FunctionDecl *FD) override;
  bool endsByName(const clang::FunctionDecl *FD) override;
  bool goesOn(int64_t Result) override {
    return llvm::is_contained(P.conventions().GoesOn, -Result);
  }
  bool isAssertion(llvm::StringRef Macro) override {
    return llvm::is_contained(P.conventions().Assertions, Macro);
  }
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
  /// Of a function, or of a pointer to one.
  struct Signature {
    /// Null for calls through a pointer.
    const clang::FunctionDecl *FD = nullptr;
    clang::QualType Result;
    llvm::SmallVector<clang::QualType, 6> Params;
  };
  static Signature signatureOf(const clang::FunctionDecl *FD);
  std::unique_ptr<Summary> build(const ProtocolFunction &F,
                                 const Signature &Sig);
  const Term *term(const ProtocolExpr &E, const Signature &Sig,
                   clang::QualType *Type = nullptr);
  const Term *sizeOfTarget(const ProtocolExpr &Ptr, const Signature &Sig);
  std::pair<const Term *, Range> fact(const ProtocolCond &C, bool Truth,
                                      const Signature &Sig);

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
  /// Function or member, and number of arguments.
  llvm::DenseMap<std::pair<const clang::Decl *, unsigned>,
                 std::unique_ptr<Summary>>
      Cache;
  /// What a name alone says that a function does.
  ProtocolFunction FreesByName;
};

} // namespace pinlint

#endif // PINLINT_FRONTEND_APISUMMARIES_H
