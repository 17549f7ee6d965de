//===- LifetimeFacts.h - What a file says about lifetimes -------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Facts about a whole translation unit that tell which objects live on when a
/// function returns: who is called from where, which functions are entered
/// through tables of operations, and how pointers are treated that no longer
/// point to anything.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FRONTEND_LIFETIMEFACTS_H
#define PINLINT_FRONTEND_LIFETIMEFACTS_H

#include "clang/AST/ASTContext.h"
#include "clang/AST/Decl.h"
#include "clang/AST/Expr.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallVector.h"

namespace pinlint {

class Protocols;
struct ProtocolFamily;

/// A member of a table of operations that a function stands in.
struct EntryPoint {
  enum RoleTy {
    Begin, ///< Begins the life of what the table works on.
    End,   ///< Ends it.
    Again  ///< Can be called any number of times in between.
  };
  const clang::RecordDecl *Table;
  const clang::FieldDecl *Member;
  RoleTy Role;
  /// The table itself; null if it is none of the file's variables.
  const clang::VarDecl *Variable;
};

struct FunctionFacts {
  /// Fields and variables that are set to NULL, and where for the last time; of
  /// a parameter, what it points to.
  llvm::SmallDenseMap<const clang::Decl *, clang::SourceLocation, 4> Cleared;
  /// Those that are set to something else, and where for the first time.
  llvm::SmallDenseMap<const clang::Decl *, clang::SourceLocation, 4> Filled;
  /// Fields and variables that are compared with NULL.
  llvm::SmallPtrSet<const clang::Decl *, 4> Tested;
  /// Members that are set to one, and to zero.
  llvm::SmallPtrSet<const clang::Decl *, 4> Raised, Lowered;
  /// Members that conditions look at.
  llvm::SmallPtrSet<const clang::Decl *, 4> Asked;
  /// Members that are named.
  llvm::SmallPtrSet<const clang::Decl *, 8> Named;
  llvm::SmallSetVector<const clang::FunctionDecl *, 8> Callees;
  llvm::SmallSetVector<const clang::FunctionDecl *, 4> Callers;
  /// One of them that does not look at the result; null if there is none.
  const clang::FunctionDecl *IgnoredBy = nullptr;
  /// Called through a pointer, perhaps.
  bool AddressTaken = false;
  llvm::SmallVector<EntryPoint, 1> Entries;
};

/// A statement that hands a pointer out of a field to a function.
struct Handover {
  const clang::FunctionDecl *In;
  const clang::CallExpr *Call;
  const clang::FunctionDecl *Callee;
  const clang::FieldDecl *Field;
  /// The field is set to NULL next.
  bool Cleared;
  /// Another field of the same object is.
  const clang::FieldDecl *Sibling;
  /// The field is written further down in the function, or the object that it
  /// is in is given up.
  bool Written;
  /// The field is named again further down: the object is still there.
  bool Used;
  /// A protocol describes the function.
  bool Known;
  /// And says that it frees what it is given.
  bool Frees;
};

/// A call that starts or stops something which works on an embedded object,
/// such as a timer, on behalf of whatever that is embedded in.
struct Activity {
  const clang::FunctionDecl *In;
  const clang::CallExpr *Call;
  const ProtocolFamily *Family;
  /// Null: not known which; all of the family may be meant.
  const clang::FieldDecl *Field;
};

/// An element that is put into a list or tree, or taken out, by way of the node
/// that is in it.
struct Linking {
  const clang::FunctionDecl *In;
  const clang::CallExpr *Call;
  const clang::FieldDecl *Node;
};

/// A call that makes an object which goes when the driver is unbound.
struct Managed {
  const clang::FunctionDecl *In;
  const clang::CallExpr *Call;
  const clang::RecordDecl *Object;
};

/// A call that lets user space reach an object by a descriptor or handle, and
/// so end its life.
struct Publishing {
  const clang::FunctionDecl *In;
  const clang::CallExpr *Call;
  /// What a descriptor's operations are; null if they are not known.
  const clang::VarDecl *Operations;
};

/// A call that takes a reference, or gives one back.
struct Counting {
  const clang::FunctionDecl *In;
  const clang::CallExpr *Call;
  const ProtocolFamily *Family;
  bool Takes;
};

/// A call that frees an object.
struct Freeing {
  const clang::FunctionDecl *In;
  const clang::CallExpr *Call;
  const clang::RecordDecl *Object;
};

class LifetimeFacts {
public:
  LifetimeFacts(clang::ASTContext &Ctx, const Protocols &P);

  const FunctionFacts &of(const clang::FunctionDecl *FD) const;
  const std::vector<Handover> &handovers() const { return Handovers; }
  llvm::ArrayRef<const clang::FunctionDecl *> bodies() const { return Bodies; }
  const std::vector<Activity> &starts() const { return Starts; }
  const std::vector<Activity> &stops() const { return Stops; }
  const std::vector<Freeing> &frees() const { return Frees; }
  const std::vector<Linking> &linked() const { return Linked; }
  const std::vector<Linking> &unlinked() const { return Unlinked; }
  const std::vector<Managed> &managed() const { return ManagedObjects; }
  const std::vector<Publishing> &published() const { return Published; }
  const std::vector<Counting> &counted() const { return Counted; }
  /// True if \p Field gets other constants than zero and one as well: it says
  /// more than yes or no.
  bool isNumber(const clang::FieldDecl *Field) const {
    return Numbers.contains(Field);
  }
  /// True if \p Field is handed to something that may stop what runs there, for
  /// all that is known.
  bool mayStopElsewhere(const clang::FieldDecl *Field) const {
    return Touched.contains(Field);
  }
  /// True if \p FD, or what it is called by, is given what \p Field is: it is
  /// the activity itself that runs there.
  bool runsOnBehalfOf(const clang::FunctionDecl *FD,
                      const clang::FieldDecl *Field) const;

  /// True if those who call \p FD, or what they call beside it, name \p Member.
  bool isNamedByCallers(const clang::FunctionDecl *FD,
                        const clang::Decl *Member) const;
  /// True if all who call \p FD free what \p Field is in, and nobody whom they
  /// call looks at it.
  bool endsInCallers(const clang::FunctionDecl *FD,
                     const clang::FieldDecl *Field) const;
  /// True if other files, or code that is not known, can call \p FD.
  bool isReachable(const clang::FunctionDecl *FD) const;
  /// True if \p FD is \p From or called by it, directly or not.
  bool calls(const clang::FunctionDecl *From,
             const clang::FunctionDecl *FD) const;
  /// True if only this file knows what objects of type \p R look like.
  bool isOfThisFile(const clang::RecordDecl *R) const;
  /// The function of the file that \p Loc is in; null if there is none.
  const clang::FunctionDecl *functionAt(clang::SourceLocation Loc) const;
  /// The tables of operations through which \p FD is reached.
  llvm::SmallVector<EntryPoint, 4>
  entriesOf(const clang::FunctionDecl *FD) const;
  /// True if \p FD is reached only through operations that user space can
  /// repeat.
  bool isRepeatable(const clang::FunctionDecl *FD) const;
  /// True if \p Table is for what user space opens and closes, and what is
  /// behind it lives on.
  bool isPerOpen(const clang::RecordDecl *Table) const;
  /// The function that stands in \p Table for \p Role; null if there is none.
  const clang::FunctionDecl *operation(const clang::VarDecl *Table,
                                       EntryPoint::RoleTy Role) const;
  /// True if functions called \p Name end the life of what they work on:
  /// release, remove, disconnect and the like.
  bool endsLife(llvm::StringRef Name) const;
  bool beginsLife(llvm::StringRef Name) const;
  bool givesBack(llvm::StringRef Name) const;
  const Protocols &protocols() const { return P; }

private:
  friend class LifetimeFactsVisitor;
  const Protocols &P;
  llvm::DenseMap<const clang::FunctionDecl *, FunctionFacts> Functions;
  std::vector<Handover> Handovers;
  std::vector<Activity> Starts, Stops;
  std::vector<Freeing> Frees;
  std::vector<Linking> Linked, Unlinked;
  std::vector<Managed> ManagedObjects;
  std::vector<Publishing> Published;
  std::vector<Counting> Counted;
  llvm::SmallPtrSet<const clang::Decl *, 8> Numbers;
  llvm::SmallPtrSet<const clang::FieldDecl *, 8> Touched;
  /// What is called on behalf of a timer, work item or the like.
  llvm::DenseMap<const clang::FieldDecl *,
                 llvm::SmallSetVector<const clang::FunctionDecl *, 1>>
      Handlers;
  const clang::SourceManager &SM;
  /// Those with a body, in the order of the file.
  std::vector<const clang::FunctionDecl *> Bodies;
  FunctionFacts None;
};

/// True if \p Field is in objects of type \p R.
bool isPartOf(const clang::RecordDecl *R, const clang::FieldDecl *Field,
              unsigned Depth = 0);

} // namespace pinlint

#endif // PINLINT_FRONTEND_LIFETIMEFACTS_H
