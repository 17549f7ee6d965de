//===- OwnershipText.h - What functions say of owners -----------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the rules on ownership read from the text of a function, whatever its
/// paths are.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_OWNERSHIPTEXT_H
#define PINLINT_OWNERSHIPTEXT_H

#include "clang/AST/Decl.h"
#include "clang/AST/Expr.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallVector.h"
#include <string>
#include <vector>

namespace clang {
class ForStmt;
} // namespace clang

namespace pinlint {

class Protocols;
struct ProtocolFunction;

/// `for (i = First; i < Bound - Short; i++)` over a member that is an array,
/// with a release in the body.
struct ReleaseLoop {
  const clang::ForStmt *Loop;
  const clang::FieldDecl *Array;
  const clang::Expr *Bound;
  int64_t First, Short;
  bool Inclusive;
  std::string Release;
};

/// `p = object->member; object->member = NULL;`
struct TakenOut {
  const clang::VarDecl *Into;
  const clang::FieldDecl *Member;
  clang::SourceLocation Loc;
  /// The member is set to NULL afterwards.
  bool Cleared = false;
  /// The variable is looked at, or handed to a function.
  bool Used = false, Passed = false;
};

struct BodyText {
  /// Members and objects that code gets which is not known.
  llvm::SmallPtrSet<const clang::FieldDecl *, 8> PassedMembers;
  /// Members whose address such code gets, to put something there.
  llvm::SmallPtrSet<const clang::FieldDecl *, 4> FilledElsewhere;
  llvm::SmallPtrSet<const clang::RecordDecl *, 8> PassedObjects;
  /// Functions that are called or handed to others.
  llvm::SmallPtrSet<const clang::FunctionDecl *, 16> Functions;
  /// Objects that the function makes.
  llvm::SmallPtrSet<const clang::RecordDecl *, 4> Made;
  /// Arrays in members that are freed.
  llvm::SmallVector<
      std::pair<const clang::FieldDecl *, const clang::CallExpr *>, 4>
      FreedMembers;
  /// Members whose values are put into other members.
  llvm::SmallPtrSet<const clang::FieldDecl *, 8> Copied;
  /// Members that are written, or whose addresses are taken.
  llvm::SmallPtrSet<const clang::FieldDecl *, 16> Assigned;
  std::vector<ReleaseLoop> Loops;
  /// Releases of pages, with the loop that they are in.
  llvm::SmallVector<std::pair<const clang::CallExpr *, const clang::ForStmt *>,
                    4>
      Releases;
  llvm::SmallVector<std::pair<const clang::FieldDecl *, const clang::ForStmt *>,
                    8>
      Elements;
  llvm::SmallVector<TakenOut, 4> Out;
  /// Some of them may be of pages that others have, too.
  bool Puts = false;
  /// Pages are acquired.
  bool TakesReferences = false;
  /// Where members are first handed to a function or assigned.
  llvm::DenseMap<const clang::FieldDecl *, clang::SourceLocation> ReadAt;
};

struct FunctionText {
  const clang::FunctionDecl *FD;
  BodyText Text;
};

/// The member that \p E is, is an element of, or is the address of; null if
/// it is none.
const clang::FieldDecl *memberIn(const clang::Expr *E);

/// What \p P says of the function that \p C calls; null if it says nothing.
const ProtocolFunction *protocolOf(const clang::CallExpr *C,
                                   const Protocols &P);

/// Reads \p FD, which has a body.
FunctionText readFunction(const clang::FunctionDecl *FD, clang::ASTContext &Ctx,
                          const Protocols &P);

} // namespace pinlint

#endif // PINLINT_OWNERSHIPTEXT_H
