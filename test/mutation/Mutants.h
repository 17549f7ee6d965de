//===- Mutants.h - One small mistake in a function each ---------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TEST_MUTATION_MUTANTS_H
#define PINLINT_TEST_MUTATION_MUTANTS_H

#include "frontend/Protocols.h"
#include "clang/AST/ParentMapContext.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/Support/JSON.h"

/// Writes mutants of the functions of one file.
class MutantWriter {
public:
  /// \p List is told of each mutant, which becomes a file in \p OutDir.
  MutantWriter(clang::ASTContext &Ctx, llvm::StringRef OutDir,
               llvm::json::Array &List)
      : Ctx(Ctx), SM(Ctx.getSourceManager()), OutDir(OutDir), List(List) {}

  /// One mutant: \p Range becomes \p Text. There is none if that is in a macro.
  void emit(const clang::FunctionDecl *F, llvm::StringRef Operator,
            clang::SourceRange Range, const llvm::Twine &Text);

  std::string textOf(clang::SourceRange R) const;
  std::string textOf(const clang::Stmt *S) const {
    return textOf(S->getSourceRange());
  }
  /// True if the call is a statement of its own.
  bool isStatement(const clang::CallExpr *C) const;
  /// True if \p A is written after \p B.
  bool isAfter(clang::SourceLocation A, clang::SourceLocation B) const {
    return SM.isBeforeInTranslationUnit(B, A);
  }

  template <typename T> const T *enclosing(const clang::Stmt *S) const {
    auto Node = clang::DynTypedNode::create(*S);
    while (true) {
      auto Parents = Ctx.getParents(Node);
      if (Parents.empty())
        return nullptr;
      Node = Parents[0];
      if (const auto *Found = Node.get<T>())
        return Found;
    }
  }

  clang::ASTContext &Ctx;
  clang::SourceManager &SM;

private:
  std::string OutDir;
  llvm::json::Array &List;
};

/// Functions that balance pins, and those that only give them back.
void mutatePins(MutantWriter &W, const pinlint::Protocols &P,
                llvm::ArrayRef<const clang::FunctionDecl *> Functions);
/// The same for references on objects.
void mutateReferences(MutantWriter &W, const pinlint::Protocols &P,
                      llvm::ArrayRef<const clang::FunctionDecl *> Functions);
/// Functions that free objects, or take apart what leads to them.
void mutateLifetimes(MutantWriter &W, const pinlint::Protocols &P,
                     llvm::ArrayRef<const clang::FunctionDecl *> Functions);
/// Functions that read user memory and check what they have read.
void mutateFetches(MutantWriter &W, const pinlint::Protocols &P,
                   llvm::ArrayRef<const clang::FunctionDecl *> Functions);

#endif // PINLINT_TEST_MUTATION_MUTANTS_H
