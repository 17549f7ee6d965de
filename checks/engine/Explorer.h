//===- Explorer.h - Walk over one function's CFG ----------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_ENGINE_EXPLORER_H
#define PINLINT_ENGINE_EXPLORER_H

#include "Engine.h"
#include "Fetches.h"
#include "Liveness.h"
#include "Loops.h"
#include "State.h"
#include "clang/Analysis/Analyses/Dominators.h"
#include "clang/Analysis/CFG.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallVector.h"
#include <map>
#include <optional>

namespace pinlint {

/// True if \p S returns what kernel functions return on failure.
bool reportsFailure(const State &S, clang::QualType Ty);

/// A place in an object that the caller knows whose value names \p T; null if
/// there is none.
const Term *placeWithCaller(const State &S, const Term *T);

/// What is passed for \p T, if that is a parameter; null if it is anything else
/// or nothing is passed. \p T may be null.
const Term *argumentFor(const Term *T, llvm::ArrayRef<const Term *> Args);

/// True if \p T was read from where the address of a page, or another name of
/// it, led: who has the content need not have the page.
bool isContentOfPage(const Term *T);

/// True if the memory at \p Root was made and freed here.
bool isFreed(const State &S, const Term *Root);

/// True if \p T is one of an array of which only the others are still held.
bool belongsToDwindling(const State &S, const Term *T);

/// Explores one function and infers its summary. The work is spread over
/// Explorer.cpp (the walk), Rounds.cpp (loops), Expressions.cpp (values),
/// Calls.cpp (who is called, and what unknown code takes over), Effects.cpp
/// (what calls do), Acquisitions.cpp (what they acquire), Releases.cpp
/// (matching of releases), Moves.cpp (arrays that are handed on handle by
/// handle), Lifetimes.cpp (uses of dead objects), Lists.cpp (what leads to
/// them), Orders.cpp (order of releases), Losses.cpp (what is lost),
/// Retrace.cpp (whether a path of joined states can be gone) and Exits.cpp
/// (what callers see).
class Explorer {
public:
  /// Condition -> the ways that it may go: 1 if it may be true, 2 if false.
  using Directions = std::map<const clang::Expr *, unsigned>;

  /// With a \p Focus, only what the call there acquires is followed: where
  /// everything at once is too much, one thing at a time is not.
  Explorer(Engine &E, const clang::FunctionDecl *FD,
           const clang::Stmt *Focus = nullptr);
  /// Walks only where a path went before; see Retrace.cpp.
  Explorer(Engine &E, const clang::FunctionDecl *FD, const clang::Stmt *Focus,
           Directions Way);
  ~Explorer();

  /// Null if the function has no usable CFG.
  std::unique_ptr<Summary> run();

  /// The calls that acquired something.
  llvm::ArrayRef<const clang::Stmt *> acquiringSites() const {
    return Sites.getArrayRef();
  }

private:
  using States = llvm::SmallVector<State, 4>;

  // The walk.
  bool walk();
  bool buildCFG();
  void orderBlocks();
  void findCrossBlockValues();
  void findShape();
  void enqueue(const clang::CFGBlock *From, const clang::CFGBlock *To, State S);
  void processBlock(const clang::CFGBlock *B, States In);
  void processElement(const clang::CFGElement &E, States &In);
  void processTerminator(const clang::CFGBlock *B, State S);
  void branch(const clang::CFGBlock *B, State S, const clang::Expr *Cond,
              const clang::Stmt *Terminator);
  void branchSwitch(const clang::CFGBlock *B, State S,
                    const clang::SwitchStmt *SS);
  bool enterLoopHeader(const clang::CFGBlock *From, const clang::CFGBlock *To,
                       State &S);
  void widen(const Loop &L, LoopRecord &R, State &S);
  const Term *boundOf(const State &S, const Loop &L, const LoopRecord &R,
                      const Term *Loc);
  void mergeInto(std::vector<State> &Waiting, State S,
                 llvm::ArrayRef<const Term *> Signs);
  void mergeStates(States &S);
  void dropDeadPending(const clang::CFGBlock *B, State &S);
  bool overBudget();

  // Values.
  const Term *eval(State &S, const clang::Expr *E);
  const Term *evalUncached(State &S, const clang::Expr *E);
  const Term *evalLoc(State &S, const clang::Expr *E);
  const Term *evalBinary(State &S, const clang::BinaryOperator *B);
  const Term *evalAssign(State &S, const clang::BinaryOperator *B);
  const Term *evalUnary(State &S, const clang::UnaryOperator *U);
  const Term *evalCast(State &S, const clang::CastExpr *C);
  const Term *evalContainerOf(State &S, const clang::Expr *Ptr,
                              const clang::Expr *Offset);
  void evalInit(State &S, const Term *Loc, const clang::Expr *Init);
  void evalStmt(State &S, const clang::Stmt *St);
  void evalAsm(State &S, const clang::GCCAsmStmt &A);
  void assign(State &S, const Term *Loc, const Term *V, clang::QualType Ty);
  void storeNumber(State &S, const Term *Loc, const Term *V);
  const Term *convertTo(const Term *V, clang::QualType Ty);
  const Term *loadFrom(State &S, const Term *Loc, clang::QualType Ty);
  const Term *opaque(llvm::StringRef Why, clang::QualType Ty);
  Range bounds(clang::QualType Ty) const;
  unsigned elementSize(clang::QualType Ty) const;
  void noteOperand(State &S, const clang::Expr *E, const Term *V);

  // Calls.
  void evalCall(State S, const clang::CallExpr *C, States &Out);
  const Term *argument(State &S, const clang::Expr *A);
  void callFunction(State S, const clang::FunctionDecl *FD,
                    const clang::Stmt *Site, clang::QualType RetTy,
                    llvm::ArrayRef<const Term *> Args, const clang::Expr *Value,
                    States &Out, const Summary *Sum = nullptr);
  void unknownCall(State &S, const clang::FunctionDecl *FD,
                   const clang::Stmt *Site, clang::QualType RetTy,
                   llvm::ArrayRef<const Term *> Args, const clang::Expr *Value);
  bool applyExit(State &S, const Exit &X, const clang::FunctionDecl *FD,
                 const clang::Stmt *Site, clang::QualType RetTy,
                 llvm::ArrayRef<const Term *> Args, const clang::Expr *Value,
                 llvm::SmallVectorImpl<Callback> &Callbacks);
  std::optional<bool> isLastPut(const State &S, const Effect &E) const;
  void runCallbacks(State S, llvm::ArrayRef<Callback> Callbacks,
                    const clang::Stmt *Site, States &Out);
  void applyEffect(State &S, const Effect &E, const clang::FunctionDecl *FD,
                   const clang::Stmt *Site);
  bool isResultOf(const State &S, const clang::Stmt *Site, const Term *V);
  void takeOwn(const State &S, const Term *Handle);
  void acquire(State &S, const Effect &E, const clang::Stmt *Site);
  void notePath(State &S, const clang::Stmt *Site,
                llvm::ArrayRef<Effect> Effects,
                const clang::FunctionDecl *Callee);
  const Term *tokenFor(const State &S, const clang::Stmt *Site);
  void handOnCopy(State &S, const Term *To, const Term *From,
                  clang::QualType Ptr, const clang::Stmt *Site);
  void escapeByNumber(State &S, const Term *V);
  void escapeHandlesIn(State &S, const Term *Loc);
  const Term *handleIn(const Term *V) const;
  /// True if \p V is a handle of \p O, or points to its handles.
  bool handleOf(const State &S, const Obligation &O, const Term *V) const;
  void hold(State &S, const Obligation &O);
  static void share(State &S, const Term *Handle);
  void logEffect(State &S, Effect E, const clang::Stmt *Site);
  const Trace *traceOf(const clang::Stmt *Site, const Trace *Inner);
  void escapeReachable(State &S, const Term *V);
  void keepRanges(State &S, const Term *V, const clang::Stmt *Site,
                  const Term *UnlessFailed);
  void keepNumber(State &S, const Term *V, bool Table);
  const clang::CallExpr *callBehind(const Term *T) const;
  const clang::CallExpr *callThatReturned(const Term *T) const;
  bool hasProtocol(const clang::CallExpr *C) const;
  bool isHandedOut(const Term *T) const;
  void lendToNew(State &S, const Exit &X, llvm::ArrayRef<const Term *> Args);
  void noteLowered(State &S, const Summary &Sum, const Exit &X,
                   llvm::ArrayRef<const Term *> Args);
  void noteFailure(State &S, const Summary &Sum, const Exit &X,
                   const clang::FunctionDecl *Callee, const clang::Stmt *Site);
  void escapeCopies(State &S, const Term *Loc);
  bool handOnFirst(State &S, const Term *V, const Term *To);
  void handedOnAll(State &S);
  void escapeHidden(const State &S, const llvm::DenseSet<const Term *> &Live,
                    Exit &X);
  bool isMadeForHandles(const State &S, const Binding &B) const;
  void noteKept(State &S, const Term *Loc, const Term *V);
  void compareNumbers(State &S, const Term *A, const Term *B);

  // Releases.
  void release(State &S, const Effect &E, const clang::Stmt *Site);
  void noteAmount(const State &S, const Effect &E, const clang::Stmt *Site);
  void reportEmptyReleases();
  void releaseNamed(State &S, const Effect &E, const clang::Stmt *Site);
  bool releaseReachable(State &S, const Effect &E, const Term *Loc,
                        const clang::Stmt *Site);
  static bool sameKind(const Effect &E, const Family &F);
  bool releaseRange(State &S, const Effect &E, const Term *H,
                    const clang::Stmt *Site);
  void releaseValue(State &S, const Effect &E, const Term *Handle,
                    const clang::Stmt *Site);
  bool sameFailures(const State &A, const State &B);
  bool isAsked(const State &S, const Attempt &A, const Effect &E,
               const clang::FunctionDecl *Callee, const clang::Stmt *Site);
  void takeDownUnobtained(const State &S, const Effect &E,
                          const clang::FunctionDecl *Callee,
                          const clang::Stmt *Site);
  void noteAttempt(State &Failed, const Summary &Sum, const Exit &X,
                   const PathNode *Before, llvm::ArrayRef<const Term *> Args,
                   const clang::Stmt *Site);
  void handOnUnfilled(const State &S, const Term *Ptr);
  void releaseUnobtained(const State &S, const Effect &E, const Term *Base,
                         const Term *Start, const Term *Count,
                         const clang::Stmt *Site);
  void releaseArray(State &S, const Effect &E, const Term *Base,
                    const Term *Start, const Term *Count,
                    const clang::Stmt *Site);
  void checkFamily(const State &S, const Effect &E, const Obligation &O,
                   const clang::Stmt *Site);
  bool releasedAgain(const State &S, const Effect &E, const Term *Array,
                     const Term *Offset, const Term *Count,
                     const clang::Stmt *Site);
  void releaseSiblings(State &S, const Effect &E, const Term *Array);
  bool releaseWholeLoop(State &S, const Effect &E, const Term *Handle,
                        const clang::Stmt *Site);
  bool releaseFrom(State &S, const Effect &E, unsigned Held, const Term *Offset,
                   const Term *Count, const clang::Stmt *Site,
                   bool Picks = false);
  bool releaseStoredIn(State &S, const Effect &E, const Term *Loc,
                       const clang::Stmt *Site);
  void discharge(State &S, unsigned Held, const Effect &E,
                 const clang::Stmt *Site);
  /// Null if that is not followed.
  DeadObject *dead(State &S, const Effect &E, Effect::FormTy Form,
                   const Term *Handle, const Term *Offset, const Term *Count,
                   const clang::Stmt *Site,
                   const clang::Stmt *Acquired = nullptr);
  bool compatible(const Effect &E, const Obligation &O) const;
  /// True if \p E is a release of the kind of handle that \p O is about.
  bool concerns(const Effect &E, const Obligation &O) const;
  unsigned branchNotTaken(const State &S, const Loop &L,
                          const clang::CFGBlock &B, const Term *Handle,
                          const clang::VarDecl *Round);
  bool canPassBy(const State &S, const Loop &L, const clang::Stmt *Site,
                 const Term *Handle, const clang::VarDecl *Round);
  bool isIn(const Loop &L, const clang::Stmt *Site) const;
  const Term *iterations(State &S, const Loop &L, const LoopRecord &R);

  bool isDiscarded(const clang::Stmt *Call);
  void noteIgnored(const State &S, llvm::ArrayRef<const Exit *> Possible,
                   const clang::Stmt *Site);
  /// Calls whose results nobody looks at; made when it is needed.
  std::optional<llvm::DenseSet<const clang::Stmt *>> Discarded;

  // Lifetimes.
  /// Objects that the call gets have numbers or addresses of pages in them.
  void useNumbers(State &S, const clang::FunctionDecl *Callee,
                  const clang::Stmt *Site, llvm::ArrayRef<const Term *> Args);
  /// A use that is about to be looked at.
  struct UseSite {
    ObjectUse::KindTy Kind;
    clang::SourceLocation Loc;
    const Trace *Inner;
    const clang::FunctionDecl *Callee;
    bool MayChange = false;
  };
  bool isGivenBack(const State &S, const DeadObject &D, const Term *Object);
  DeadObject *findDead(State &S, const Term *Ptr);
  void useObject(State &S, const Term *Ptr, const UseSite &Use);
  void useLocation(State &S, const Term *Loc);
  void noteUse(const State &S, const Term *Object, const UseSite &Use);
  void applyUses(State &S, const Summary &Sum,
                 const clang::FunctionDecl *Callee, const clang::Stmt *Site,
                 llvm::ArrayRef<const Term *> Args);
  void freeObject(State &S, Effect E, const clang::FunctionDecl *Callee,
                  const clang::Stmt *Site);
  bool isPutOnPurpose(const DeadObject &D) const;
  bool isOnEveryWay(const clang::Stmt *Site);
  void reportDead(State &S, DeadObject &D, LifetimeFault::KindTy Kind,
                  const UseSite &Use);
  bool givesUp(const Summary &Sum, const Term *Object,
               const std::function<const Term *(const Term *)> &Leaf);
  void markUncertain(std::vector<Exit> &Exits);
  void noteOtherPut(const DeadObject &D, const clang::Stmt *Site);
  void reportDoubts();
  void reportDangling(const State &S);
  void reportHandedOut(State &S, clang::SourceLocation Loc);
  void unlink(State &S, const Term *Object);
  void noteElement(const clang::VarDecl *V, const clang::Expr *From,
                   bool Always);
  const Term *listOf(const State &S, const Term *Object,
                     const clang::FunctionDecl *Callee,
                     const clang::Stmt *Site);
  bool leavesOthers(const State &S, const Term *Object, const clang::VarDecl *V,
                    const clang::Stmt *Site);
  /// A variable that points to elements of a list.
  struct Element {
    const clang::OffsetOfExpr *Node; ///< In the element.
    const clang::MemberExpr *Link;   ///< Leads to the first one; may be null:
    const clang::CallExpr *By;       ///< Has found it.
  };
  llvm::MapVector<const clang::VarDecl *, Element> Elements;
  /// Variables that are set to the result of a call, and to nothing else.
  llvm::SmallVector<std::pair<const clang::VarDecl *, const clang::CallExpr *>,
                    8>
      Found;
  /// Variables that are passed to functions.
  llvm::SmallVector<std::pair<const clang::VarDecl *, const clang::CallExpr *>,
                    16>
      Passed;
  bool mayBeTakenOut(const clang::VarDecl *V, const clang::Stmt *Site);
  void unlinkByStore(State &S, const Term *Loc);
  void relink(State &S, const clang::FunctionDecl *Callee,
              llvm::ArrayRef<const Term *> Args);
  void reviveReachable(State &S, const Term *Ptr);
  void forgetDead(State &S, const clang::CFGBlock *To);

  // Order.
  bool takesDownBefore(const clang::FunctionDecl *Callee, const Effect &E,
                       const clang::Stmt *Site);
  void noteTakenDown(State &S, const Effect &E,
                     const clang::FunctionDecl *Callee,
                     const clang::Stmt *Site);
  void noteEvent(State &S, const Effect &E, const clang::FunctionDecl *Callee,
                 const clang::Stmt *Site);
  void noteSetUp(State &S, const Effect &E, const clang::FunctionDecl *Callee,
                 const clang::Stmt *Site);
  void mayTakeDown(State &S, const Term *V);
  void checkLinked(const State &S, const Effect &E, const Term *Object,
                   const clang::FunctionDecl *Callee, const clang::Stmt *Site);
  /// Elements are taken out of lists.
  bool Unlinks = false;
  void checkInPlace(State &S, const Effect &E,
                    const clang::FunctionDecl *Callee, const clang::Stmt *Site);
  void summariseTakenDown(const State &S, Exit &X);
  /// What the function sets up itself, on whatever path: what is taken down may
  /// never have got as far as to matter to others.
  llvm::SetVector<const Family *> Acquired;

  // Exits.
  void atExit(State S);
  llvm::DenseSet<const Term *> reachable(const State &S,
                                         bool FromEscaped = true) const;
  const Term *storedName(const State &S, const Term *Base) const;
  const Term *nameForCaller(Exit &X, const State &S, const Term *Base);
  bool isNumberParam(unsigned I) const;
  Exit summarise(State &S);
  /// What only one of the states did to the caller's objects becomes possible.
  static void joinEffects(State &To, const State &From);
  /// Joins states that differ in what was done to the caller's objects. False
  /// if they must stay apart.
  bool forceJoin(State &To, const State &From,
                 llvm::ArrayRef<const Term *> Signs);
  /// Joins \p S into one of \p States, and forgets what only one of the two
  /// holds, as little of it as possible. False if none can take it.
  bool forceJoinAny(std::vector<State> &States, const State &S,
                    llvm::ArrayRef<const Term *> Signs);
  void limitExits();
  std::unique_ptr<Summary> finish();

  /// PathNode::Minor for the branch at the end of \p B.
  const MinorBranch *minorBranch(const clang::CFGBlock *B);
  bool isEventful(const clang::Stmt *S);
  bool isAsserted(const clang::Expr *Cond) const;

  Engine &Eng;
  clang::ASTContext &Ctx;
  TermContext &TC;
  StateManager M;
  const clang::FunctionDecl *FD;
  const clang::Stmt *Focus;
  /// This time, what the call in focus acquires is not what is followed.
  bool PassesBy = false;
  Logger *Log;
  llvm::SetVector<const clang::Stmt *> Sites;
  std::unique_ptr<clang::CFG> Graph;
  LoopForest Loops;
  Liveness Variables;
  /// Null if reads of user memory are not followed here.
  std::unique_ptr<FetchTracker> Fetches;
  /// Block id -> position in the order of work.
  std::vector<unsigned> Order;
  std::vector<const clang::CFGBlock *> ByOrder;
  /// Position -> states that wait to enter the block.
  std::map<unsigned, std::vector<State>> Work;
  /// Expressions whose values are read in another block -> the last position
  /// where that happens.
  llvm::DenseMap<const clang::Expr *, unsigned> CrossBlock;
  /// Operand of ?:, && or the end of ({}) -> the expression it gives a value.
  llvm::DenseMap<const clang::Expr *, const clang::Expr *> ValueOf;
  /// && and || -> the one whose left operand it is.
  llvm::DenseMap<const clang::Expr *, const clang::BinaryOperator *>
      LogicalParent;
  llvm::DenseMap<unsigned, const Term *> Tokens;
  llvm::DenseMap<std::pair<const clang::Stmt *, const Trace *>, const Trace *>
      Traces;
  llvm::DenseMap<const Term *, const clang::Stmt *> SiteOfToken;
  /// Element -> id of its block.
  llvm::DenseMap<const clang::Stmt *, unsigned> BlockOf;
  /// Locations of variables that are returned.
  llvm::SmallVector<const Term *, 4> ReturnedVars;
  /// Pointers of the caller's that the function compares with NULL somewhere.
  llvm::SmallPtrSet<const Term *, 4> TestedParams;
  /// What the call that is looked at does in all.
  llvm::ArrayRef<Effect> Applied;
  /// The callee whose exit is applied gives something back where it fails, and
  /// on some other exit does not.
  bool Consumes = false;
  /// Where the call that is looked at gave back one more reference than the
  /// object lives by.
  const Term *PutOneMore = nullptr;
  const clang::CFGBlock *Current = nullptr;
  /// Nesting of calls that a callee makes to functions it was given.
  unsigned InCallback = 0;
  bool AfterGracePeriod = false;
  bool AfterPut = false;
  /// The result of the unknown call that is being looked at.
  const Term *Taker = nullptr;
  /// The last branch could have gone the other way.
  bool Chose = false;
  /// Where the location that was evaluated last is written.
  clang::SourceLocation AccessedAt;
  std::vector<ObjectUse> Uses;
  /// Uses after what may have been the last reference; the rest of the function
  /// may show that it was not.
  struct Doubt {
    LifetimeFault::KindTy Kind;
    UseSite Use;
    State S;
    DeadObject D;
    bool PutBefore; ///< Every way to the use leads through the put.
  };
  std::vector<Doubt> Doubts;
  /// Kinds of references of which the function takes one more.
  llvm::SmallPtrSet<const Family *, 4> TakenMore;
  /// Where references were put of which a path shows that there were others.
  llvm::DenseSet<const clang::Stmt *> PutAgain;
  /// Object and kind of use -> index in Uses, or ~0 if there was no room.
  llvm::DenseMap<std::pair<const Term *, unsigned>, unsigned> UseIndex;
  /// Made when they are needed.
  std::unique_ptr<clang::CFGDomTree> Dominators;
  std::unique_ptr<clang::CFGPostDomTree> PostDominators;
  llvm::DenseMap<const clang::CFGBlock *, const MinorBranch *> MinorBranches;
  unsigned Steps = 0;
  bool GaveUp = false;
  std::vector<State> Exits;
  /// What became of what one call acquired, on one way out of the function.
  struct Outcome {
    const clang::Stmt *Site;
    bool Failed;   ///< The function reports an error.
    bool Released; ///< All of it was given back.
    Obligation O;
    State S;
    clang::SourceLocation Loc;
    /// The place in an object of the caller that names it in the end, if it was
    /// put there.
    const Term *MovedTo = nullptr;
  };
  std::vector<Outcome> Outcomes;
  /// What was lost, to be reported when all paths are known.
  struct Lost {
    State S;
    Obligation O;
    clang::SourceLocation Loc;
  };
  std::vector<Lost> Losses;
  /// Releases of counted handles whose number has been zero whenever they were
  /// reached; without a state, those for which it was not.
  struct Empty {
    std::optional<State> S;
    Effect E;
  };
  llvm::MapVector<const clang::Stmt *, Empty> EmptyReleases;
  std::vector<Attempt> Attempts;
  /// Calls whose handles are given back on some path.
  llvm::SmallPtrSet<const clang::Stmt *, 4> GivenBack;
  /// Loop -> calls whose handles the loop gives back.
  std::map<unsigned, llvm::SmallPtrSet<const clang::Stmt *, 2>> GivenBackIn;
  /// What is given back right behind a guard.
  std::map<State::Guard, llvm::SmallPtrSet<const clang::Stmt *, 2>>
      GivenBackBehind;
  /// Extractions from iterators of which the function knows that they lend: it
  /// takes references of its own.
  llvm::SmallPtrSet<const clang::Stmt *, 2> TakenAsLent;
  bool sameWaysAround(const State &A, const State &B) const;
  bool sameKeepers(const State &A, const State &B,
                   std::optional<llvm::DenseSet<const Term *>> &LiveB) const;
  bool leadsAround(State::Guard G, const clang::Stmt *Site) const;
  void noteGuard(State &S, State::Guard G, const Term *Condition) const;
  bool goesOn(const State &S) const;
  bool passedBy(const State &S, const Obligation &O) const;
  void reportLosses();
  void noteOutcomes(const State &S, clang::SourceLocation Loc);
  void reportBrokenContracts();

  // Paths of joined states, gone once more.
  Explorer *retrace(const PathNode *Path, const clang::Stmt *Site);
  const Lost *retraced(const Lost &L);
  const Outcome *retraced(const Outcome &Kept);
  void noteKept(const State &S, clang::SourceLocation Loc, bool Failed);
  void tellKept();
  void addExactExits(Summary &Sum);
  /// False if one of them stands for joined states, the other one does not, and
  /// the walk along one path is to tell these apart.
  bool mayMeet(const State &A, const State &B) const {
    return !Way || A.Rough == B.Rough;
  }
  /// An end of a path, with what it leaves to others.
  struct End {
    State S;
    clang::SourceLocation Loc;
    bool Failed;
  };
  /// Ends of a walk along one path that leave to others what it follows.
  std::vector<End> Ends;
  /// Calls whose acquisitions paths leave to others, with the first such path;
  /// null if one tells of it that is not of joined states.
  llvm::MapVector<const clang::Stmt *, const PathNode *> Kept;
  /// Where a walk may go that follows one path; null if it follows all.
  std::optional<Directions> Way;
  /// The walks that were made so, by what they follow and where they went.
  std::map<std::pair<const clang::Stmt *, Directions>,
           std::unique_ptr<Explorer>>
      Retraced;
};

} // namespace pinlint

#endif // PINLINT_ENGINE_EXPLORER_H
