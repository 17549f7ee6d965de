//===- FetchFacts.h - Reads of memory that others can change ----*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What a path knows about reads of user memory, or of other memory that
/// somebody else can change at any time: which bytes were read, where their
/// values are, and which of the values were judged.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_ENGINE_FETCHFACTS_H
#define PINLINT_ENGINE_FETCHFACTS_H

#include "Term.h"
#include "clang/Basic/SourceLocation.h"
#include "llvm/ADT/SmallVector.h"

namespace clang {
class Stmt;
} // namespace clang

namespace pinlint {

struct PathNode;

/// Bytes Lo <= i < Hi.
struct ByteRange {
  int64_t Lo = 0, Hi = 0;

  bool empty() const { return Lo >= Hi; }
  bool overlaps(const ByteRange &B) const { return Lo < B.Hi && B.Lo < Hi; }
  bool within(const ByteRange &B) const { return B.Lo <= Lo && Hi <= B.Hi; }
  ByteRange moved(int64_t By) const { return {Lo + By, Hi + By}; }
  bool operator==(const ByteRange &B) const { return Lo == B.Lo && Hi == B.Hi; }
};

/// A place in a function, which may be a callee of the one that is explored.
struct FetchPlace {
  clang::SourceLocation Loc;
  /// The function that Loc is in.
  const clang::FunctionDecl *In = nullptr;
  /// The call or statement of the explored function that leads there.
  const clang::Stmt *Site = nullptr;
};

/// One read of Size bytes at Address.
struct FetchRead {
  /// In bytes.
  const Term *Address = nullptr;
  /// Null: not known.
  const Term *Size = nullptr;
  /// The location that received the bytes; null if they are not kept.
  const Term *Into = nullptr;
  /// The location whose content as of Version is these bytes: Into, or where
  /// they were read.
  const Term *Image = nullptr;
  const Term *Version = nullptr;
  /// The read whose bytes these replaced.
  const Term *Replaces = nullptr;
  /// Earlier reads of the same memory on the same path.
  llvm::SmallVector<const Term *, 2> After;
  /// All of it is one value.
  bool Scalar = false;
  /// Another read's value said how much to read.
  const Term *SizedBy = nullptr;
  /// What the reading call returned.
  const Term *Result = nullptr;
  FetchPlace Place;
  const PathNode *At = nullptr;
};

/// How a value was judged, or what it decided.
enum class FetchCheckKind : uint8_t {
  Steer,    ///< A branch.
  Dispatch, ///< A switch that turns unknown values away.
  Compare,  ///< A comparison of sizes, as in min().
  Size,     ///< It was the size of an allocation or of a copy.
  Bound,    ///< It ended a loop.
  Call,     ///< A function judged it; bad values are turned away.
  Reject    ///< A branch that turns bad values away.
};

struct FetchCheck {
  /// Of the read whose bytes were judged.
  const Term *Version = nullptr;
  /// Relative to the read's address.
  ByteRange Bytes;
  FetchCheckKind Kind = FetchCheckKind::Steer;
  /// The member that was judged, where one was.
  const clang::FieldDecl *Field = nullptr;
  /// The value was held against that of another read.
  bool AgainstOther = false;
  /// The judge looked up an object that has been worked with since; another
  /// value would have meant another object.
  bool Acted = false;
  /// Call: who judged.
  const clang::FunctionDecl *By = nullptr;
  FetchPlace Place;
  const PathNode *At = nullptr;

  bool sameAs(const FetchCheck &C) const {
    return Version == C.Version && Bytes == C.Bytes && Kind == C.Kind &&
           AgainstOther == C.AgainstOther && Acted == C.Acted;
  }
};

/// What a value is used for.
enum class FetchUseKind : uint8_t {
  Index,    ///< Element of an array, step of a pointer.
  Argument, ///< A function gets the value.
  Bound,    ///< It ends a loop.
  Dispatch, ///< A switch.
  Stored,   ///< An object that outlives the function gets the value.
  Packed,   ///< A function gets an object that the value was put into.
  Passed,   ///< A function gets the object that the bytes were read into.
  Kept,     ///< An object that outlives the function points to that object.
  HandedOut ///< The bytes were read into the caller's object.
};

/// Something that a function did with values of its caller, for the summary.
struct FetchEvent {
  enum KindTy : uint8_t { Read, Check, Use };
  KindTy Kind = Read;
  FetchCheckKind How = FetchCheckKind::Steer;
  FetchUseKind What = FetchUseKind::Index;
  bool AgainstOther = false;
  const clang::FunctionDecl *By = nullptr;
  /// Read: the address. Otherwise the value; of a use that is Passed or Kept,
  /// the object's address.
  const Term *Value = nullptr;
  const Term *Size = nullptr;
  const Term *Into = nullptr;
  const Term *Image = nullptr;
  const Term *Version = nullptr;
  const Term *Replaces = nullptr;
  llvm::SmallVector<const Term *, 2> After;
  bool Scalar = false;
  FetchPlace Place;

  bool sameAs(const FetchEvent &E) const {
    return Kind == E.Kind && How == E.How && What == E.What &&
           Value == E.Value && Version == E.Version;
  }
};

/// The part of a state that is about reads, in order.
struct FetchFacts {
  llvm::SmallVector<FetchRead, 0> Reads;
  llvm::SmallVector<FetchCheck, 0> Checks;
  llvm::SmallVector<FetchEvent, 0> Log;

  const FetchRead *find(const Term *Version) const;
  /// Adds what only \p From knows.
  void join(const FetchFacts &From);
};

/// True if a caller sees the same reads in \p A and \p B.
bool sameLoggedReads(const FetchFacts &A, const FetchFacts &B);

/// True if paths with \p A and \p B know the same.
bool sameFetches(const FetchFacts &A, const FetchFacts &B);

} // namespace pinlint

#endif // PINLINT_ENGINE_FETCHFACTS_H
