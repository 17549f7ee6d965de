//===- State.h - What is known at a point of a path -------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A state: store, constraints, obligations and the path that led to it. States
/// are values; the maps share structure.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_ENGINE_STATE_H
#define PINLINT_ENGINE_STATE_H

#include "FetchFacts.h"
#include "Summary.h"
#include "Term.h"
#include "clang/Basic/SourceLocation.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/ImmutableMap.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>
#include <vector>

namespace clang {
class Expr;
class Stmt;
} // namespace clang

namespace pinlint {

template <typename V>
struct TermMapInfo : llvm::ImutKeyValueInfo<const Term *, V> {
  using Base = llvm::ImutKeyValueInfo<const Term *, V>;
  // Ordered by creation so that walks over a map are deterministic.
  static bool isLess(const Term *A, const Term *B) { return A->id() < B->id(); }
};
template <typename V>
using TermMap = llvm::ImmutableMap<const Term *, V, TermMapInfo<V>>;

/// ImmutableMap profiles its data; ranges are compared as values instead.
struct StoredRange : Range {
  StoredRange(const Range &R) : Range(R) {}
  void Profile(llvm::FoldingSetNodeID &ID) const {
    ID.AddInteger((long long)Lo);
    ID.AddInteger((long long)Hi);
  }
};

/// What a branch decides on, where nothing of that has to do with handles.
struct MinorBranch {
  clang::SourceRange Region;
  /// Local variables that are assigned there: a later decision may depend on
  /// them, and then on the branch.
  llvm::ArrayRef<const clang::VarDecl *> Assigned;
};

/// A step of a path; steps share their prefixes.
struct PathNode {
  /// A Mark is shown only by reports that are about it; a Jump (goto), a Join
  /// and a Decided never. A Decided is a branch that could go one way only.
  enum KindTy { Branch, Event, Call, Note, Mark, Jump, Join, Decided };
  const PathNode *Parent;
  KindTy Kind;
  /// Branch: the condition went this way.
  bool Taken;
  unsigned Length;
  clang::SourceLocation Loc;
  const clang::Stmt *S;
  /// Event and Note: text; of a Note at a call, what fails. Branch: empty.
  llvm::StringRef Text;
  /// What happens inside the call.
  const Trace *Inner;
  /// Branch: set if nothing that it decides on has to do with handles.
  const MinorBranch *Minor = nullptr;
  /// Call and Event: what the callee acquires or gives back.
  const Family *Fam = nullptr;
  bool Acquires = false;
  /// Join: the end of another path that led here with the same in hand.
  const PathNode *Other = nullptr;
};

/// Something that must be given back.
struct Obligation {
  const Family *Fam = nullptr;
  Effect::FormTy Form = Effect::Value;
  /// Value: the handle. Array: the symbol whose elements are the handles.
  const Term *Handle = nullptr;
  /// Array: handles Offset <= i < Offset + Count of Handle are held.
  const Term *Offset = nullptr, *Count = nullptr;
  /// How many were asked for, where fewer may come.
  const Term *Request = nullptr;
  /// The object that took the handle over, where no slot of it is known.
  const Term *Holder = nullptr;
  /// Some of the handles were given back already.
  bool Partial = false;
  /// It was handed to code that is not known.
  bool Lent = false;
  /// One more reference on an object that was there before.
  bool Extra = false;
  /// Frame numbers were kept or compared: a first number and a count may be all
  /// that the code remembers.
  bool Numbered = false;
  /// There is another reference on it, which is not followed.
  bool Shared = false;
  /// Where Offset was before a loop began to hand the handles on, one by one,
  /// to Holder if that is known; those from Offset on are left. Null: none
  /// does.
  const Term *Begin = nullptr;
  const clang::Stmt *Site = nullptr;
  const PathNode *At = nullptr;
  /// Where it was acquired inside of a callee; null if it was acquired here.
  const Trace *Inner = nullptr;
  /// The callee that failed and yet kept it, and where it returned.
  const clang::FunctionDecl *FailedIn = nullptr;
  clang::SourceLocation FailedAt;

  bool sameAs(const Obligation &O) const {
    return Fam == O.Fam && Form == O.Form && Handle == O.Handle &&
           Offset == O.Offset && Count == O.Count && Request == O.Request &&
           Holder == O.Holder && Partial == O.Partial && Extra == O.Extra &&
           !Begin == !O.Begin && Site == O.Site;
  }
  bool dwindles() const { return Begin; }
};

/// Given back, freed: what must not be used or given back again.
struct DeadObject {
  const Family *Fam = nullptr; ///< Null: freed memory.
  Effect::FormTy Form = Effect::Value;
  const Term *Handle = nullptr;
  const Term *Offset = nullptr, *Count = nullptr;
  bool May = false;
  /// A reference that may not have been the last one.
  bool MayBeLast = false;
  /// Others are known to hold the object: only a second release is a mistake.
  bool Alive = false;
  /// Code that is not known may have put another object where it was reached.
  bool Revived = false;
  /// Freed after a grace period.
  bool Deferred = false;
  /// The start of a list that it is an element of still, as are others, and
  /// what was there.
  const Term *Listed = nullptr, *First = nullptr;
  /// Calls between here and where it happened.
  unsigned Depth = 0;
  /// An element that a round of this loop has picked: where others are
  /// concerned, nobody knows which are left. ~0: none.
  unsigned PickedIn = ~0u;
  const clang::Stmt *Site = nullptr;
  /// Where it had been acquired, if that was in this function.
  const clang::Stmt *Acquired = nullptr;
  const PathNode *At = nullptr;
  /// Where it died inside of a callee; null if it died here.
  const Trace *Inner = nullptr;

  bool sameAs(const DeadObject &O) const {
    return Fam == O.Fam && Form == O.Form && Handle == O.Handle &&
           Offset == O.Offset && Count == O.Count && May == O.May &&
           Site == O.Site;
  }
};

/// A call that fills an array with handles or sets something up, or fails.
/// Whether it has, a state knows by its result.
struct Attempt {
  const Family *Fam = nullptr;
  /// Where the handles go, from Start on; or what something is set up for.
  const Term *Base = nullptr, *Start = nullptr;
  /// How many handles were asked for; may be null.
  const Term *Request = nullptr;
  const Term *Result = nullptr;
  /// Of what is set up: the results by which the call says that it has failed.
  Range Failure;
  /// What is at Base[Start] where the call has failed.
  const Term *Content = nullptr;
  const clang::Stmt *Site = nullptr;
  const PathNode *Before = nullptr;
  /// Where it had failed, others were given the array.
  bool HandedOn = false;
};

/// Something that was given back and takes part in an order contract.
struct TakenDown {
  const Family *Fam = nullptr;
  const Term *Subject = nullptr;
  /// What must go before has gone before, as far as is known.
  bool InTime = false;
  /// It is taken down on one of several paths that were joined.
  bool Sometimes = false;
  const clang::Stmt *Site = nullptr;
  const Trace *Inner = nullptr;
  const PathNode *At = nullptr;
};

/// Something that was set up and is in place still.
struct InPlace {
  const Family *Fam = nullptr;
  /// What it is for: must not be given back before. Of a list's element, its
  /// node.
  const Term *Of = nullptr;
  /// The list.
  const Term *List = nullptr;
  /// It is in place on those paths on which the call succeeded.
  const Term *Result = nullptr;
  Range Success;
  const clang::Stmt *Site = nullptr;
  const PathNode *At = nullptr;
  bool operator==(const InPlace &X) const {
    return Fam == X.Fam && Of == X.Of && Site == X.Site;
  }
};

/// Memory at Base[Start...] holds the handles of Array.
struct Binding {
  const Term *Base, *Start, *Array;
  bool operator==(const Binding &B) const {
    return Base == B.Base && Start == B.Start && Array == B.Array;
  }
};

/// Where a path is inside a loop.
struct LoopRecord {
  unsigned Header;
  unsigned Iteration;
  /// The store when the loop was entered, and when its last round began.
  TermMap<const Term *> Entry, Last;
  /// Releases that already stand for the whole loop.
  llvm::SmallVector<const clang::Stmt *, 2> Done;
  bool operator==(const LoopRecord &L) const {
    return Header == L.Header && Iteration == L.Iteration && Done == L.Done;
  }
};

/// A symbol that code outside of the analysis may own or reach.
struct Escape {
  const Term *What;
  /// The result of the call that took it: who fails keeps nothing. Null if it
  /// is gone for good.
  const Term *UnlessFailed;
  bool operator==(const Escape &E) const {
    return What == E.What && UnlessFailed == E.UnlessFailed;
  }
};

/// Owns what the states of one function share.
class StateManager {
public:
  explicit StateManager(TermContext &TC)
      : TC(TC), StoreFactory(/*canonicalize=*/false),
        RangeFactory(/*canonicalize=*/false) {}

  TermContext &TC;
  TermMap<const Term *>::Factory StoreFactory;
  TermMap<StoredRange>::Factory RangeFactory;

  /// The values that a joined value stands for.
  llvm::DenseMap<const Term *, llvm::ArrayRef<const Term *>> Parts;
  void setParts(const Term *T, llvm::ArrayRef<const Term *> Of) {
    Parts[T] = Of.copy(Alloc);
  }
  /// Those of them that were 0 on one of the paths.
  llvm::DenseSet<const Term *> MaybeZero;

  const PathNode *node(PathNode N) {
    return new (Alloc.Allocate<PathNode>()) PathNode(N);
  }

  const MinorBranch *minorBranch(clang::SourceRange Region,
                                 llvm::ArrayRef<const clang::VarDecl *> Vars) {
    return new (Alloc.Allocate<MinorBranch>())
        MinorBranch{Region, Vars.copy(Alloc)};
  }

private:
  llvm::BumpPtrAllocator Alloc;
};

class State {
public:
  explicit State(StateManager &M)
      : M(&M), Store(M.StoreFactory.getEmptyMap()),
        Defaults(M.StoreFactory.getEmptyMap()),
        Ranges(M.RangeFactory.getEmptyMap()) {}

  // Memory.
  const Term *load(const Term *Loc, const Range &TypeBounds) const;
  /// What \p Loc holds unless a part of it was stored to.
  const Term *content(const Term *Loc, const Range &TypeBounds) const;
  void store(const Term *Loc, const Term *Value);
  /// The object at \p Loc reads as zero from here on.
  void clear(const Term *Loc);
  /// The object at \p Loc has unknown content from here on.
  void havoc(const Term *Loc, llvm::StringRef Why);
  /// The same; all states that give the content the same name agree on it.
  void havoc(const Term *Loc, const Term *Name);
  void copyObject(const Term *To, const Term *From);
  void bind(const Term *Base, const Term *Start, const Term *Array);
  /// The binding that covers Base[Idx], if any.
  const Binding *bindingFor(const Term *Base, const Term *Idx) const;

  // Constraints.
  Range rangeOf(const Term *T) const;
  /// Restricts \p T; false if that leaves nothing.
  bool restrict(const Term *T, Range R);
  /// Makes the boolean meaning of \p T true or false; false if impossible.
  bool assume(const Term *T, bool Truth);
  /// 1: certainly true, 0: certainly false, -1: not known.
  int decide(const Term *T) const;
  bool provablyEqual(const Term *A, const Term *B) const;
  /// True if there is a constraint on the sum \p T itself.
  bool knows(const Term *T) const;
  /// T as a constant where the constraints leave one value.
  const Term *simplify(const Term *T) const;

  void addPath(PathNode N);
  /// What is lost from here on is lost on the path to \p Other as well.
  void joinPath(const PathNode *Other);

  StateManager *M;
  TermMap<const Term *> Store;
  /// Object -> version token, the constant zero for zero-filled memory, or for
  /// a copy what the original held: its Load.
  TermMap<const Term *> Defaults;
  TermMap<StoredRange> Ranges;
  std::vector<Binding> Bindings;
  std::vector<Obligation> Held;
  std::vector<DeadObject> Dead;
  /// What this function did to objects of its caller.
  std::vector<Effect> Log;
  /// In the order of events; on joined paths, of either.
  std::vector<TakenDown> TakenDowns;
  /// Joined paths have both set these up, or the call failed on the other one.
  llvm::SmallVector<InPlace, 1> SetUps;
  /// In the order of what escaped.
  llvm::SmallVector<Escape, 4> Escaped;
  /// Values of expressions that a later block reads.
  llvm::SmallVector<std::pair<const clang::Expr *, const Term *>, 4> Pending;
  llvm::SmallVector<LoopRecord, 2> Loops;
  /// Pointers of the caller's that were passed to code that is not known.
  llvm::SmallVector<const Term *, 2> PassedOn;
  void passOn(const Term *T);
  /// Headers of loops whose bodies were not entered.
  llvm::SmallVector<unsigned, 2> SkippedLoops;
  /// Where the way depended on what was read from an object that has something
  /// that is held: the block, and whether the condition was true.
  using Guard = std::pair<unsigned, bool>;
  llvm::SmallVector<Guard, 2> Guards;
  /// The last decision, if it was one of these.
  std::optional<Guard> LastGuard;
  FetchFacts Fetched;
  const Term *Returned = nullptr;
  clang::SourceLocation ReturnLoc;
  const PathNode *Path = nullptr;
  /// It stands for paths that were joined for want of room, in this function or
  /// in a callee: what it says may not be so.
  bool Rough = false;
  /// The call that acquired what is followed, where the walk follows no more
  /// than what one call acquires. Null before it.
  const Term *Followed = nullptr;
  /// All paths that it stands for went on after an assertion that failed.
  bool AssertionFailed = false;
  /// What a Logger knows this state by; copies keep it.
  unsigned Mark = 0;

  const Term *pending(const clang::Expr *E) const;
  void setPending(const clang::Expr *E, const Term *T);
  void escape(Escape E);
  /// True if code that is not known may have taken \p T.
  bool mayBeTaken(const Term *T) const;
  /// Drops what calls that are known to have failed did not take.
  void takeBackEscaped();

private:
  int decideCompare(Term::OpcodeTy Op, const Term *A, const Term *B) const;
  bool assumeCompare(Term::OpcodeTy Op, const Term *A, const Term *B);
  bool restrictAtom(const Term *Atom, Range R, unsigned Depth);
  void forgetWithin(const Term *Loc);
};

/// The sign of a value, as far as it matters to a caller.
enum class Sign : uint8_t { Unknown, Negative, Zero, Positive, NotZero };
Sign signOf(const Range &R);

/// True if a result in \p R reports failure: an error code, or a number that is
/// only known not to be zero.
bool isFailure(const Range &R);

/// True if \p T is some bits of a value, such as the tag of a pointer.
bool isBitTest(const Term *T);

/// Joins \p From into \p To, which agree on what is tracked.
void joinStates(State &To, const State &From);

/// True if two states hold the same, up to the names of values.
bool sameHeld(const State &A, const State &B);
void joinTakenDown(State &To, const State &From);
void joinSetUps(State &To, const State &From);

/// True if two states agree on what must be kept apart: obligations, dead
/// objects, effects on the caller, positions in loops, decisions that are
/// still to be used, and the signs of the values at \p Signs.
bool sameTracked(const State &A, const State &B,
                 llvm::ArrayRef<const Term *> Signs);

/// The same, but for effects on the caller.
bool sameButForEffects(const State &A, const State &B,
                       llvm::ArrayRef<const Term *> Signs);

} // namespace pinlint

#endif // PINLINT_ENGINE_STATE_H
