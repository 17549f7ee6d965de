//===- Engine.h - Path-sensitive analysis of a TU ---------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The engine's public face. It walks the functions of a translation unit
/// bottom-up over the call graph, infers a summary for each, and tells an
/// observer what happens to obligations on the way. It knows no API and no
/// check: the former come as summaries from a SummarySource, the latter are
/// observers.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_ENGINE_ENGINE_H
#define PINLINT_ENGINE_ENGINE_H

#include "State.h"
#include "Summary.h"
#include "Term.h"
#include "clang/AST/ASTContext.h"
#include "clang/AST/Decl.h"
#include "clang/AST/Expr.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/Support/SaveAndRestore.h"
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace clang {
class CFG;
class CFGBlock;
} // namespace clang

namespace pinlint {

class Engine;

/// An assignment, inside the expansion of a macro such as get_user(), of what
/// the macro read from memory that others can change.
struct MacroRead {
  const clang::BinaryOperator *Assignment;
  const clang::Expr *Address;
  /// The variable of the macro that keeps the address; null if there is none.
  const clang::VarDecl *Held;
  /// In bytes.
  uint64_t Size;
};

/// Gives the summaries of functions that are not inferred from their bodies.
class SummarySource {
public:
  virtual ~SummarySource() = default;
  /// Null if nothing is known about \p FD called with \p NumArgs arguments.
  virtual const Summary *summaryFor(const clang::FunctionDecl *FD,
                                    unsigned NumArgs) = 0;
  /// The same for calls through member \p F of a table of operations.
  virtual const Summary *summaryForMember(const clang::FieldDecl *F,
                                          unsigned NumArgs) {
    return nullptr;
  }
  /// True if a call of \p FD alone is a reason to analyse the caller.
  virtual bool isInteresting(const clang::FunctionDecl *FD) = 0;
  /// True if \p FD, of which nothing else is known, is named like something
  /// that gives back what it is passed.
  virtual bool givesBackByName(const clang::FunctionDecl *FD) { return false; }
  /// True if the name of \p FD says that what it is passed may end with it.
  virtual bool endsByName(const clang::FunctionDecl *FD) { return true; }
  /// True if \p Macro states what must not be, and goes on if it is so.
  virtual bool isAssertion(llvm::StringRef Macro) { return false; }
  /// True if a call that returns \p Result has not failed: what it was asked
  /// for goes on, and somebody is called back when it is done.
  virtual bool goesOn(int64_t Result) { return false; }
  /// True if a call of \p FD reads memory that others can change.
  virtual bool isFetch(const clang::FunctionDecl *FD) { return false; }
  /// True if what implements \p Operation, a member of a table of operations,
  /// owes something to its callers.
  virtual bool owes(const clang::FieldDecl *Operation) { return false; }
  /// What macros in the body of \p FD read.
  virtual llvm::ArrayRef<MacroRead> macroReads(const clang::FunctionDecl *FD) {
    return {};
  }
  /// True if \p LValue lies in memory that others can change.
  virtual bool isShared(const clang::Expr *LValue) { return false; }
  /// How many loads of such memory there are in the body of \p FD.
  virtual unsigned sharedLoads(const clang::FunctionDecl *FD) { return 0; }
};

/// An obligation that nobody can give back any more.
struct Loss {
  enum KindTy {
    Unreachable,   ///< Nobody has the handle any more.
    Forgotten,     ///< One more reference on what the caller has: other paths
                   ///< of the function give it back.
    OnlySomeErrors ///< The caller could give it back, but other error paths of
                   ///< the function do so themselves.
  };
  const State &S;
  const Obligation &O;
  clang::SourceLocation Loc;
  const clang::FunctionDecl *Function;
  KindTy Kind;
  /// The function reports an error on this path.
  bool Failed;
  /// Other paths of the function give back what the same call acquired.
  bool ReleasedElsewhere = false;
};

/// A release, and what is wrong with it.
struct ReleaseFault {
  enum KindTy {
    WrongFamily, ///< Held, but of another family.
    Again,       ///< Given back already.
    TooMany,     ///< More than is held.
    NoneHeld     ///< The call that should have obtained it has failed.
  };
  KindTy Kind;
  const State &S;
  const Effect &E;
  /// What is held; null for Again and NoneHeld.
  const Obligation *O;
  /// What was given back before; null otherwise.
  const DeadObject *D;
  const clang::Stmt *Site;
  const clang::FunctionDecl *Function;
  /// Null but for NoneHeld.
  const Attempt *Failed = nullptr;
};

/// An object that is needed alive, or freed, after it has died.
struct LifetimeFault {
  enum KindTy {
    Use,       ///< The object is used.
    UseOfNull, ///< So is the pointer to it, which was set to NULL.
    FreeAgain, ///< The object is freed once more.
    HandedOut  ///< The caller gets it, although nobody holds it any more.
  };
  KindTy Kind;
  ObjectUse::KindTy How;
  const State &S;
  const DeadObject &D;
  /// The object's pointer as the function spells it; may be empty.
  std::string Name;
  clang::SourceLocation Loc;
  const clang::FunctionDecl *Function;
  /// Where it happens inside the callee; null if it happens here.
  const Trace *Inner;
  /// The callee, or null.
  const clang::FunctionDecl *Callee;
  /// Not the object itself, but its number or address in something else.
  bool ByNumber = false;
  /// The function seems to know that what it put was not the last reference.
  bool HasOthers = false;
};

/// Bytes of a second read are used although only those of a first read of the
/// same memory were judged.
struct Refetch {
  const State *S = nullptr;
  /// The read whose value was checked, and the one whose value is used.
  const FetchRead *Checked = nullptr, *Used = nullptr;
  /// What was checked was read after what is used.
  bool Late = false;
  /// About bytes of the read that was checked.
  const FetchCheck *Check = nullptr;
  FetchUseKind Use = FetchUseKind::Index;
  FetchPlace UsedAt;
  /// The function that gets the value, where one does and it is known.
  const clang::FunctionDecl *UsedBy = nullptr;
  /// The member that is used, where one is.
  const clang::FieldDecl *Field = nullptr;
  /// The second read went where the first one's bytes were.
  bool SameDestination = false;
  /// Nothing but bytes that were judged is used.
  bool Confined = false;
  /// The read that was checked said how much the other one reads.
  bool SizeWord = false;
  /// The read that is used is of more than the one that was checked.
  bool Extends = false;
  const clang::FunctionDecl *Function = nullptr;
};

/// Two things are taken down in the wrong order.
struct OrderFault {
  const State &S;
  /// What is gone already.
  const TakenDown &Gone;
  /// What is taken down only now.
  const Effect &E;
  /// Both were found by way of one object.
  bool Related;
  const clang::Stmt *Site;
  const clang::FunctionDecl *Function;
  /// The callee, or null.
  const clang::FunctionDecl *Callee;
};

/// Something is given back while what was set up for it is in place.
struct SetUpFault {
  const State &S;
  const InPlace &What;
  const Effect &E;
  /// Of what is given back.
  const Family &Fam;
  const clang::Stmt *Site;
  const clang::FunctionDecl *Function;
  /// The callee, or null.
  const clang::FunctionDecl *Callee;
};

/// An element of a list that lives on was freed, and is in it still.
struct ListedFault {
  const State &S;
  const DeadObject &D;
  const clang::FunctionDecl *Function;
};

/// A field, variable or argument that points to a dead object when the function
/// returns, although what it is in lives on.
struct Dangling {
  const State &S;
  const DeadObject &D;
  const Term *Slot;
  /// The slot as the function spells it; may be empty.
  std::string Name;
  const clang::FunctionDecl *Function;
  /// The function reports an error on this path.
  bool Failed;
};

/// A path that leaves the function: what it holds, what it did to objects of
/// the caller, what memory holds by then, and what must have been so.
struct Leaving {
  const State &S;
  clang::SourceLocation Loc;
  const clang::FunctionDecl *Function;
  /// The function reports an error on this path.
  bool Failed;
  /// The call that a value comes from, in whatever way; null if it comes from
  /// none of this function.
  llvm::function_ref<const clang::CallExpr *(const Term *)> CallBehind;
};

/// A call takes over a handle, whether that is held or not.
struct HandOver {
  const Term *Handle;
  const clang::CallExpr *Call;
  const clang::FunctionDecl *Function;
};

/// A release of something that was neither acquired by the function nor found
/// in an object of its caller by a way that is known.
struct StrayRelease {
  const Effect &E;
  const clang::Stmt *Site;
  const clang::FunctionDecl *Function;
};

/// A release of so many handles that the number is zero whenever it is reached.
struct EmptyRelease {
  const State &S;
  const Effect &E;
  const clang::Stmt *Site;
  const clang::FunctionDecl *Function;
};

/// A call takes a reference or not, as its result says, which is ignored.
struct IgnoredResult {
  const State &S;
  /// What may have been acquired.
  const Effect &E;
  const clang::Stmt *Site;
  const clang::FunctionDecl *Function;
};

/// What the engine tells its client.
class Observer {
public:
  virtual ~Observer() = default;
  virtual void lost(const Loss &) {}
  virtual void badRelease(const ReleaseFault &) {}
  virtual void outlived(const LifetimeFault &) {}
  virtual void refetched(const Refetch &) {}
  virtual void outOfOrder(const OrderFault &) {}
  virtual void stillInPlace(const SetUpFault &) {}
  virtual void leftInList(const ListedFault &) {}
  virtual void leftDangling(const Dangling &) {}
  virtual void leaving(const Leaving &) {}
  /// \p FD implements \p Operation, which owes something to its callers. Told
  /// before any function is analysed, perhaps more than once.
  virtual void implements(const clang::FunctionDecl *FD,
                          const clang::FieldDecl *Operation) {}
  virtual void handedOver(const HandOver &) {}
  virtual void strayRelease(const StrayRelease &) {}
  virtual void emptyRelease(const EmptyRelease &) {}
  virtual void ignoredResult(const IgnoredResult &) {}
};

/// Watches the walk itself, for traces. Where it gets states to change, it may
/// set their marks.
class Logger {
public:
  virtual ~Logger() = default;
  virtual void beginFunction(const clang::FunctionDecl *, const clang::CFG &) {}
  /// The states that a visit of the block starts with.
  virtual void atBlock(const clang::CFGBlock &, llvm::MutableArrayRef<State>) {}
  /// The states after the element.
  virtual void atElement(const clang::CFGBlock &, unsigned Index,
                         llvm::MutableArrayRef<State>) {}
  /// A state that is about to wait at \p To, or to leave the function there.
  virtual void atEdge(const clang::CFGBlock *From, const clang::CFGBlock &To,
                      State &) {}
  /// A state after exit \p Number of what was called.
  virtual void atCalleeExit(const clang::FunctionDecl *, unsigned Number,
                            State &) {}
  /// \p Token stands for the call at \p Site in the names of symbols.
  virtual void namedCall(const Term *Token, const clang::Stmt *Site) {}
  /// \p From is about to be joined into \p Into; \p Forced: for want of room.
  virtual void merged(const State &Into, const State &From, bool Forced) {}
  virtual void noted(const State &, llvm::StringRef What) {}
  virtual void pathEnded(const clang::CFGBlock &, const State &,
                         llvm::StringRef Why) {}
  virtual void endFunction(const Summary &) {}
};

/// Limits of the work on one function; they count, they do not measure time,
/// so that results do not depend on the machine.
struct Budget {
  unsigned Steps = 24000;
  /// Of a walk that follows no more than what one call acquires: those that
  /// take longer hardly ever come to an end, and there is one for each call.
  unsigned StepsForOne = 8000;
  /// States that are kept apart at one point: light ones, and those with more
  /// than some 60 places in memory.
  unsigned StatesPerPoint = 32, HeavyStatesPerPoint = 10;
  unsigned Exits = 24;
  /// Facts, stores and effects of a function above which its callers are told
  /// no more than what they need to know.
  unsigned SummarySize = 400;
  /// Times that a loop's body is walked before its effects are generalised.
  unsigned LoopIterations = 2;
};

struct EngineStats {
  unsigned FunctionsSeen = 0;
  unsigned FunctionsAnalysed = 0;
  uint64_t Steps = 0;
};

class Engine {
public:
  Engine(clang::ASTContext &Ctx, TermContext &TC, SummarySource &Source,
         Observer &Obs, Budget B = {});
  ~Engine();

  /// Analyses every function of the translation unit that can matter. What
  /// headers define does where the unit leads to it.
  void run();

  /// Bodies of headers for which \p Skip says so count as not parsed.
  void skipBodies(std::function<bool(const clang::FunctionDecl *)> Skip) {
    SkipBody = std::move(Skip);
  }

  void setLogger(Logger *L, llvm::StringRef Function) {
    Log = L;
    LoggedFunction = Function.str();
  }

  /// Functions that went over the budget, in order of analysis.
  const std::vector<std::pair<const clang::FunctionDecl *, std::string>> &
  overBudget() const {
    return Over;
  }
  const EngineStats &stats() const { return Stats; }

  /// Follow which objects are dead, for the checks that want to know.
  void followLifetimes() { Lifetimes = true; }
  bool followsLifetimes() const { return Lifetimes; }

  /// The summary to use for a call of \p FD; null if nothing is known.
  const Summary *summaryFor(const clang::FunctionDecl *FD, unsigned NumArgs);
  /// So for the function that \p C names.
  const Summary *summaryOf(const clang::CallExpr *C);

  /// True if the summary of \p FD comes from its body.
  bool isInferred(const clang::FunctionDecl *FD) const {
    return Inferred.count(FD->getCanonicalDecl());
  }

  /// Follow reads of memory that others can change.
  void followFetches() { FollowFetches = true; }
  bool followsFetches(const clang::FunctionDecl *FD) const {
    return Fetching.count(FD->getCanonicalDecl());
  }

  clang::ASTContext &ast() { return Ctx; }
  SummarySource &source() { return Source; }
  TermContext &terms() { return TC; }
  Observer &observer() { return Muted ? Silent : Obs; }
  bool isMuted() const { return Muted; }
  /// While it lives, nobody hears what walks observe.
  llvm::SaveAndRestore<bool> mute() { return {Muted, true}; }
  Logger *loggerFor(const clang::FunctionDecl *FD) const;
  const Budget &budget() const { return Limits; }
  void countSteps(unsigned N) { Stats.Steps += N; }
  void reportOverBudget(const clang::FunctionDecl *FD, std::string Why) {
    Over.push_back({FD, std::move(Why)});
  }
  const Trace *keep(Trace T) {
    Traces.push_back(std::move(T));
    return &Traces.back();
  }
  llvm::StringRef keep(llvm::StringRef Text) { return Text.copy(Strings); }

private:
  void followOneByOne(const clang::FunctionDecl *FD,
                      llvm::ArrayRef<const clang::Stmt *> Sites, Summary &Sum);

  clang::ASTContext &Ctx;
  TermContext &TC;
  SummarySource &Source;
  Observer &Obs;
  Observer Silent;
  bool Muted = false;
  std::function<bool(const clang::FunctionDecl *)> SkipBody;
  bool Lifetimes = false;
  bool FollowFetches = false;
  /// Functions in which, or on behalf of whose callers, reads are followed.
  llvm::DenseSet<const clang::FunctionDecl *> Fetching;
  Budget Limits;
  EngineStats Stats;
  Logger *Log = nullptr;
  std::string LoggedFunction;
  std::deque<Trace> Traces;
  llvm::BumpPtrAllocator Strings;
  llvm::DenseMap<const clang::FunctionDecl *, std::unique_ptr<Summary>>
      Inferred;
  std::vector<std::pair<const clang::FunctionDecl *, std::string>> Over;
};

/// Values of type \p Ty, as pinlint's terms see them.
Range boundsOfType(clang::QualType Ty, const clang::ASTContext &Ctx);

/// How many bytes a step of a pointer of type \p Ty, or of an index into an
/// array of that type, is wide.
unsigned elementSizeOf(clang::QualType Ty, const clang::ASTContext &Ctx);

/// The member of a table of operations that \p C goes through; null if it goes
/// through none.
const clang::FieldDecl *calledMember(const clang::CallExpr *C);

/// Calls \p Visit for each member of the structure that \p L initialises with a
/// function.
void visitOperations(const clang::InitListExpr *L,
                     llvm::function_ref<void(const clang::FieldDecl *,
                                             const clang::FunctionDecl *)>
                         Visit);

/// The function, or member of a table of operations, that \p Site calls; null
/// if it has no name.
const clang::NamedDecl *calledBy(const clang::Stmt *Site);

/// The name of what \p Site calls as the source has it, for messages: that of a
/// macro that stands for it, if there is one; "the call" where it has none.
std::string calleeName(const clang::Stmt *Site);

/// What the report of a path is about.
struct PathFocus {
  /// Where the path leads; without it, all of its steps are told.
  clang::SourceLocation End;
  /// What is followed; calls that have to do with other families are not told,
  /// except for the step that it begins with.
  const Family *Fam = nullptr;
  const PathNode *First = nullptr;
};

/// The source of \p S, on one line and not too long.
std::string sourceText(const clang::ASTContext &Ctx, const clang::Stmt *S);

/// True if \p Later is \p Earlier or goes on from there.
bool leadsTo(const PathNode *Earlier, const PathNode *Later);

/// The end of what both paths begin with; null if that is nothing.
const PathNode *commonPart(const PathNode *A, const PathNode *B);

/// The last decision on \p Path after \p From that does not lead there again,
/// and that changes something: a branch, or the Note that a call fails; null if
/// there was none. \p Replaced: the next round of a loop has put
/// something else into the place of what \p From acquired; what it decided
/// after that does not count.
const PathNode *lastDecision(const clang::ASTContext &Ctx, const PathNode *Path,
                             const PathNode *From, const PathFocus &Focus = {},
                             bool Replaced = false);

/// The decision by which a path that ends in \p To has jumped (goto) to the
/// code that \p To is in; null if there is none in between.
const PathNode *decisionBeforeJump(const PathNode *To);

/// The last jumps (goto) on \p Path and the paths that were joined with it, as
/// far back as \p Site; that on \p Path itself comes first, if there is one.
llvm::SmallVector<const PathNode *, 4> jumpsTo(const PathNode *Path,
                                               const clang::Stmt *Site);

/// The path of \p S from \p From (or its start) on, in source order, as steps
/// that a report can show.
Trace renderPath(const clang::ASTContext &Ctx, const PathNode *Path,
                 const PathNode *From, const PathFocus &Focus = {});

} // namespace pinlint

#endif // PINLINT_ENGINE_ENGINE_H
