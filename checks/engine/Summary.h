//===- Summary.h - What a function does to its caller -----------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A summary is what a caller needs to know about a function: its exits, each
/// guarded by facts about the parameters and the result. Protocols of known
/// APIs and summaries inferred from bodies have the same form, so that the
/// engine knows no API by name.
///
/// Terms of a summary are in the callee's vocabulary: Param(i), memory reached
/// from parameters and globals as of the entry, Result, and symbols of the
/// callee's own, which each call renames.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_ENGINE_SUMMARY_H
#define PINLINT_ENGINE_SUMMARY_H

#include "FetchFacts.h"
#include "Term.h"
#include "clang/Basic/SourceLocation.h"
#include "llvm/ADT/STLExtras.h"
#include <string>
#include <vector>

namespace pinlint {

/// A class of obligations that is given back by the same releases.
struct Family {
  enum KindTy { Get, Pin, Extract, Ref, Alloc, Map, Link };
  std::string Name;
  KindTy Kind = Ref;
  std::string Noun, Plural, ReleaseWith;
  /// Families with the same kind of handle share a group.
  std::string Group;
  /// Families whose releases give back this one, too.
  std::vector<const Family *> AlsoReleasedAs;
  /// Families that must not be given back before what is of this one.
  std::vector<const Family *> ReleasedBefore;
  /// To take down what is not set up is a mistake.
  bool OnlyIfHeld = false;
  /// Memory: what frees it gives it back.
  bool EndsWhenFreed = false;
  /// The handle is a number that says where a range begins: its release gives
  /// back what was acquired piece by piece behind it, too.
  bool IsRange = false;
  /// The family is on one of the sides of such a contract.
  bool InOrder = false;
  /// It is what others must go before.
  bool GoesLast = false;

  /// True if the release of a \p F is right for it.
  bool isGivenBackAs(const Family *F) const {
    return F == this || llvm::is_contained(AlsoReleasedAs, F);
  }
  /// True for references on counted objects, other than pages.
  bool isObjectReference() const { return Kind == Ref && Group.empty(); }
  /// What an object has inside: released by the object.
  bool isInsideObject() const { return Kind == Extract && Group.empty(); }
};

/// A step of a path inside a callee.
struct TraceStep {
  clang::SourceLocation Loc;
  std::string Text;
  unsigned Depth;
};
using Trace = std::vector<TraceStep>;

struct Effect {
  enum KindTy {
    Acquire,
    Release,
    Free,
    Use,
    Escape,
    Transfer,
    Fetch,
    SetUp,   ///< Into must not be given back before Subject. Of a Link: the
             ///< node Subject is in the list at Into.
    TakeDown ///< A release that matters for the order of things only.
  };
  enum FormTy {
    Value,   ///< Subject is the handle.
    Out,     ///< Subject points to the variable that receives the handle.
    Array,   ///< Subject points to the first of Count handles.
    Contents ///< Every handle stored in the object that Subject points to.
  };
  KindTy Kind = Acquire;
  FormTy Form = Value;
  /// Null for a release of any family of its group.
  const Family *Fam = nullptr;
  llvm::StringRef Group;
  const Term *Subject = nullptr;
  /// Null means one.
  const Term *Count = nullptr;
  const Term *Request = nullptr;
  const Term *Into = nullptr;
  const Term *Size = nullptr;
  /// Release by a callee: the argument that the way to Subject starts from.
  const Term *Owner = nullptr;
  /// Acquire: the handle was in the hands of unknown code already. Escape: it
  /// is passed to code that is not known, as an argument.
  bool Lent = false;
  /// Acquire: one more reference on an object that was there before.
  bool Extra = false;
  /// Escape: the result of the call that took it, which keeps nothing where it
  /// fails.
  const Term *UnlessFailed = nullptr;
  /// Acquire: code may remember no more than frame numbers.
  bool Numbered = false;
  /// Acquire of an array by a callee: the callee's name for its handles. Fetch:
  /// the version of what Into held before.
  const Term *Handles = nullptr;
  /// Acquire: the function that failed and kept it, and where it returned.
  const clang::FunctionDecl *FailedIn = nullptr;
  clang::SourceLocation FailedAt;
  /// Takes place on some of the paths that the exit stands for.
  bool May = false;
  bool Deferred = false;
  bool MayBeLast = false;
  /// Others are known to hold the object still.
  bool NotLast = false;
  /// TakeDown: there are paths through the callee on which it is not. Known only
  /// of functions of the same file.
  bool Sometimes = false;
  /// Free: the callee's name says so, and nothing else.
  bool ByName = false;
  /// Fetch: Subject is a cursor that moves on.
  bool Stream = false;
  /// Where it happens inside the callee, outermost call first; null for
  /// protocols. Owned by the analysis.
  const Trace *Inner = nullptr;

  bool operator==(const Effect &E) const {
    return Kind == E.Kind && Form == E.Form && Fam == E.Fam &&
           Subject == E.Subject && Count == E.Count && Request == E.Request &&
           Into == E.Into && Size == E.Size && Handles == E.Handles &&
           UnlessFailed == E.UnlessFailed && May == E.May &&
           Deferred == E.Deferred && MayBeLast == E.MayBeLast &&
           NotLast == E.NotLast;
  }
};

/// An object of its caller that a function needs alive.
struct ObjectUse {
  enum KindTy : uint8_t {
    Access, ///< Reads or writes it.
    Needs,  ///< Hands it to an API that needs it alive.
    Passed  ///< Hands it to code that is not known.
  };
  KindTy Kind = Access;
  /// Points to the object.
  const Term *Subject = nullptr;
  /// What holds on entry on some path to the use.
  std::vector<std::pair<const Term *, Range>> When;
  /// Passed: the code may change the object.
  bool MayChange = false;
  const Trace *Where = nullptr;
};

/// A call that a function makes to a function it was given.
struct Callback {
  const Term *Function = nullptr;
  std::vector<const Term *> Args;
  /// After a grace period.
  bool Deferred = false;
  /// Because the last reference was put.
  bool OfPut = false;
};

struct Exit {
  /// What holds on this exit. Facts about the entry state guard it.
  std::vector<std::pair<const Term *, Range>> Facts;
  /// Null: void or unknown.
  const Term *Ret = nullptr;
  std::vector<Effect> Effects;
  std::vector<Callback> Callbacks;
  llvm::SmallVector<FetchEvent, 0> Fetches;
  std::vector<std::pair<const Term *, const Term *>> Stores;
  /// Of what is stored, what may be something that has a name: one of these.
  std::vector<std::pair<const Term *, llvm::SmallVector<const Term *, 2>>>
      MayBe;
  /// Objects whose content is unknown afterwards.
  std::vector<const Term *> Havoc;
  /// It stands for paths that were joined for want of room: what it says may
  /// not be so.
  bool Rough = false;
  /// Made from a protocol: what is acquired is described as of the return.
  bool FromProtocol = false;
  /// An array for handles that callers who want none leave out: they say so
  /// where they call. Null if there is none.
  const Term *KnownNull = nullptr;
  /// Objects that read as zero afterwards.
  std::vector<const Term *> Cleared;

  bool acquires() const {
    return llvm::any_of(
        Effects, [](const Effect &E) { return E.Kind == Effect::Acquire; });
  }
};

struct Summary {
  /// None: nothing is known of what it does.
  std::vector<Exit> Exits;
  std::vector<ObjectUse> Uses;
  /// Families that take part in order contracts and of which something is
  /// acquired on some path.
  std::vector<const Family *> SetsUp;
  /// Elements are taken out of lists on some path.
  bool Unlinks = false;
  bool NoReturn = false;
  /// The engine gave up on some paths.
  bool Incomplete = false;

  bool trivial() const {
    if (NoReturn)
      return false;
    for (const Exit &E : Exits)
      if (!E.Callbacks.empty() || !llvm::all_of(E.Effects, [](const Effect &X) {
            // What is put into a list matters to those only who free it.
            return (X.Kind == Effect::Escape && X.Lent) ||
                   X.Kind == Effect::SetUp;
          }))
        return false;
    return true;
  }
};

} // namespace pinlint

#endif // PINLINT_ENGINE_SUMMARY_H
