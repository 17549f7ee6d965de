//===- SuppressionComments.h - Findings that a comment settles --*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Comments in the source that silence findings:
///
///   /* pinlint: ignore(pinlint-leak): why */
///   /* pinlint: revalidated(function): why */     for pinlint-double-fetch
///   // NOLINT(pinlint-leak)   // NOLINTNEXTLINE(pinlint-*)
///   // NOLINTBEGIN(pinlint-leak)  ...  // NOLINTEND(pinlint-leak)
///
/// A comment beside code is about its line, one on lines of its own about the
/// next line of code: if a function begins there, about the function, and
/// before all code about the file.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_SUPPRESSIONCOMMENTS_H
#define PINLINT_SUPPRESSIONCOMMENTS_H

#include "clang/AST/ASTContext.h"
#include "clang/AST/Decl.h"
#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace pinlint {

class SuppressionComments {
public:
  explicit SuppressionComments(clang::ASTContext &Ctx);

  struct Comment {
    enum KindTy { Ignore, Revalidated, NoLint, Broken };
    KindTy Kind = Broken;
    clang::SourceLocation Loc;
    /// Globs of check names; for Revalidated the function that checks again.
    std::vector<std::string> Names;
    std::string Reason;
    /// Broken: what is wrong.
    std::string Problem;
    unsigned Line = 0;
    /// NOLINTBEGIN: the line of its NOLINTEND, zero until that is found.
    unsigned LastLine = 0;
    enum ScopeTy { AtLine, Begin, End };
    ScopeTy Scope = AtLine;
    bool WholeFile = false;
    bool Used = false;

    bool isFor(llvm::StringRef Check) const;
    /// Names a check of pinlint, or all of them by what they share.
    bool namesPinlint() const;
  };

  bool empty() const { return Comments.empty(); }
  llvm::ArrayRef<Comment> comments() const { return Comments; }

  /// The comment that silences a finding of \p Check at \p Loc in \p Function;
  /// null if there is none.
  const Comment *silence(llvm::StringRef Check, clang::SourceLocation Loc,
                         const clang::FunctionDecl *Function);

private:
  void read(clang::FileID File);
  void parse(llvm::StringRef Text, Comment C);
  void pairRegions();

  clang::ASTContext &Ctx;
  std::vector<Comment> Comments;
};

} // namespace pinlint

#endif // PINLINT_SUPPRESSIONCOMMENTS_H
