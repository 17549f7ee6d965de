//===- Explorer.cpp - Walk over one function's CFG ------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Explorer.h"
#include "Statements.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/AST/Stmt.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Lex/Lexer.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace pinlint;
using namespace clang;

Explorer::Explorer(Engine &E, const FunctionDecl *FD, const Stmt *Focus)
    : Eng(E), Ctx(E.ast()), TC(E.terms()), M(E.terms()), FD(FD), Focus(Focus),
      Log(Focus ? nullptr : E.loggerFor(FD)) {}
Explorer::Explorer(Engine &E, const FunctionDecl *FD, const Stmt *Focus,
                   Directions Way)
    : Explorer(E, FD, Focus) {
  this->Way = std::move(Way);
}
Explorer::~Explorer() = default;

bool Explorer::buildCFG() {
  CFG::BuildOptions Options;
  // Without these, cleanup attributes leave no trace in the graph.
  Options.AddImplicitDtors = true;
  Options.AddLifetime = false;
  Graph = CFG::buildCFG(FD, FD->getBody(), &Ctx, Options);
  return Graph != nullptr;
}

void Explorer::orderBlocks() {
  // Reverse post-order in which the blocks of a loop come before what follows
  // the loop, so that all ways out of a loop meet before the walk goes on.
  constexpr unsigned Unseen = ~0u;
  Order.assign(Graph->getNumBlockIDs(), Unseen);
  std::vector<bool> Visited(Graph->getNumBlockIDs());
  auto Successors = [&](const CFGBlock *B) {
    llvm::SmallVector<const CFGBlock *, 4> Out;
    const Loop *In = Loops.innermost(B->getBlockID());
    for (bool Leaving : {true, false})
      for (const CFGBlock *Succ : B->succs()) {
        if (!Succ)
          continue;
        bool Leaves = In && !In->Blocks.test(Succ->getBlockID());
        if (Leaves == Leaving)
          Out.push_back(Succ);
      }
    return Out;
  };
  struct Frame {
    const CFGBlock *B;
    llvm::SmallVector<const CFGBlock *, 4> Next;
    unsigned I = 0;
  };
  std::vector<Frame> Stack;
  std::vector<const CFGBlock *> Post;
  Stack.push_back({&Graph->getEntry(), Successors(&Graph->getEntry())});
  Visited[Graph->getEntry().getBlockID()] = true;
  while (!Stack.empty()) {
    Frame &F = Stack.back();
    if (F.I == F.Next.size()) {
      Post.push_back(F.B);
      Stack.pop_back();
      continue;
    }
    const CFGBlock *N = F.Next[F.I++];
    if (Visited[N->getBlockID()])
      continue;
    Visited[N->getBlockID()] = true;
    Stack.push_back({N, Successors(N)});
  }
  ByOrder.assign(Post.rbegin(), Post.rend());
  for (unsigned I = 0; I < ByOrder.size(); ++I)
    Order[ByOrder[I]->getBlockID()] = I;
}

namespace {
/// Finds the expressions whose value is made in other places than where the
/// expression stands, and what the function returns.
class ShapeVisitor : public RecursiveASTVisitor<ShapeVisitor> {
public:
  llvm::DenseMap<const Expr *, const Expr *> &ValueOf;
  llvm::DenseMap<const Expr *, const BinaryOperator *> &LogicalParent;
  llvm::SmallSetVector<const VarDecl *, 4> Returned;
  /// Pointers that the caller passed and the function compares with NULL.
  llvm::SmallPtrSet<const ParmVarDecl *, 4> Tested;
  llvm::SmallVector<std::pair<const VarDecl *, const CallExpr *>, 16> Passed;
  /// What local variables are set to.
  llvm::SmallVector<std::pair<const VarDecl *, const Expr *>, 16> Values;

  ShapeVisitor(llvm::DenseMap<const Expr *, const Expr *> &V,
               llvm::DenseMap<const Expr *, const BinaryOperator *> &L)
      : ValueOf(V), LogicalParent(L) {}

  bool VisitAbstractConditionalOperator(AbstractConditionalOperator *C) {
    ValueOf[plain(C->getTrueExpr())] = C;
    ValueOf[plain(C->getFalseExpr())] = C;
    return true;
  }
  bool VisitBinaryOperator(BinaryOperator *B) {
    if (B->isLogicalOp()) {
      ValueOf[plain(B->getRHS())] = B;
      LogicalParent[plain(B->getLHS())] = B;
    }
    if (B->getOpcode() == BO_Assign)
      if (const VarDecl *V = localVariable(B->getLHS()))
        Values.push_back({V, B->getRHS()});
    return true;
  }
  bool VisitCallExpr(CallExpr *C) {
    for (const Expr *A : C->arguments())
      if (const VarDecl *V = localVariable(A))
        Passed.push_back({V, C});
    return true;
  }
  bool VisitVarDecl(VarDecl *V) {
    if (V->getInit())
      Values.push_back({V, V->getInit()});
    return true;
  }
  bool VisitIfStmt(IfStmt *I) {
    noteTests(I->getCond());
    return true;
  }
  bool VisitStmtExpr(StmtExpr *S) {
    if (!S->getSubStmt()->body_empty())
      if (auto *E = dyn_cast<Expr>(S->getSubStmt()->body_back()))
        ValueOf[plain(E)] = S;
    return true;
  }
  bool VisitReturnStmt(ReturnStmt *R) {
    if (R->getRetValue())
      collect(R->getRetValue());
    return true;
  }

private:
  void noteTests(const Expr *E) {
    E = E->IgnoreParenImpCasts();
    if (const auto *D = dyn_cast<DeclRefExpr>(E)) {
      const auto *P = dyn_cast<ParmVarDecl>(D->getDecl());
      if (P && P->getType()->isPointerType())
        Tested.insert(P);
    } else if (const auto *U = dyn_cast<UnaryOperator>(E)) {
      if (U->getOpcode() == UO_LNot)
        noteTests(U->getSubExpr());
    } else if (const auto *B = dyn_cast<BinaryOperator>(E)) {
      if (B->isLogicalOp() || B->isEqualityOp()) {
        noteTests(B->getLHS());
        noteTests(B->getRHS());
      }
    } else if (const auto *C = dyn_cast<CallExpr>(E)) {
      if (C->getBuiltinCallee() == Builtin::BI__builtin_expect)
        noteTests(C->getArg(0));
    }
  }
  void collect(const Stmt *S) {
    if (const auto *D = dyn_cast<DeclRefExpr>(S))
      if (const auto *V = dyn_cast<VarDecl>(D->getDecl());
          V && V->hasLocalStorage() && V->getType()->isScalarType())
        Returned.insert(V);
    if (isa<CallExpr>(S))
      return;
    for (const Stmt *C : S->children())
      if (C)
        collect(C);
  }
};
} // namespace

void Explorer::findCrossBlockValues() {
  llvm::DenseMap<const Expr *, unsigned> MadeIn;
  for (const CFGBlock *B : ByOrder)
    for (const CFGElement &E : *B)
      if (auto S = E.getAs<CFGStmt>()) {
        BlockOf[S->getStmt()] = B->getBlockID();
        if (const auto *X = dyn_cast<Expr>(S->getStmt()))
          MadeIn[plain(X)] = B->getBlockID();
      }

  auto Scan = [&](auto &&Self, const Stmt *S, const CFGBlock *B) -> void {
    for (const Stmt *C : S->children()) {
      if (!C)
        continue;
      const auto *X = dyn_cast<Expr>(C);
      if (!X) {
        Self(Self, C, B);
        continue;
      }
      X = plain(X);
      unsigned Here = Order[B->getBlockID()];
      auto Mark = [&] {
        unsigned &Last = CrossBlock.try_emplace(X, Here).first->second;
        Last = std::max(Last, Here);
      };
      bool Split =
          isa<AbstractConditionalOperator, StmtExpr>(X) ||
          (isa<BinaryOperator>(X) && cast<BinaryOperator>(X)->isLogicalOp());
      auto It = MadeIn.find(X);
      if (It != MadeIn.end() && It->second != B->getBlockID())
        Mark();
      else if (Split)
        Mark();
      if (It == MadeIn.end() || Split)
        Self(Self, X, B);
    }
  };
  for (const CFGBlock *B : ByOrder) {
    for (const CFGElement &E : *B)
      if (auto S = E.getAs<CFGStmt>()) {
        Scan(Scan, S->getStmt(), B);
        const auto *X = dyn_cast<Expr>(S->getStmt());
        // The value of a conditional is made before its own block.
        if (X && ValueOf.size()) {
          X = plain(X);
          if (isa<AbstractConditionalOperator, StmtExpr>(X) ||
              (isa<BinaryOperator>(X) &&
               cast<BinaryOperator>(X)->isLogicalOp())) {
            unsigned Here = Order[B->getBlockID()];
            unsigned &Last = CrossBlock.try_emplace(X, Here).first->second;
            Last = std::max(Last, Here);
          }
        }
      }
    if (const Expr *C = B->getLastCondition())
      Scan(Scan, C, B);
  }
}

void Explorer::findShape() {
  ShapeVisitor V(ValueOf, LogicalParent);
  V.TraverseStmt(const_cast<Stmt *>(FD->getBody()));
  constexpr unsigned MaxTracked = 3;
  for (const VarDecl *D : V.Returned)
    if (ReturnedVars.size() < MaxTracked)
      ReturnedVars.push_back(TC.var(D, false));
  llvm::DenseMap<const VarDecl *, unsigned> Times;
  for (const auto &[Var, Value] : V.Values)
    ++Times[Var];
  for (const auto &[Var, Value] : V.Values)
    if (Var->getType()->isPointerType() && Var->hasLocalStorage())
      noteElement(Var, Value, Times[Var] == 1);
  if (!Elements.empty() || !Found.empty())
    Passed = std::move(V.Passed);
  for (const ParmVarDecl *P : V.Tested)
    TestedParams.insert(
        TC.param(P->getFunctionScopeIndex(), bounds(P->getType())));
}

bool Explorer::overBudget() {
  if (Steps <= (Focus ? Eng.budget().StepsForOne : Eng.budget().Steps))
    return false;
  GaveUp = true;
  return true;
}

bool Explorer::walk() {
  if (!buildCFG())
    return false;
  Loops.build(*Graph);
  Variables.build(FD, *Graph);
  orderBlocks();
  findShape();
  findCrossBlockValues();
  if (Eng.followsFetches(FD) && !Focus)
    Fetches = std::make_unique<FetchTracker>(Eng, M, FD, *Graph);
  if (Log)
    Log->beginFunction(FD, *Graph);

  State S(M);
  for (unsigned I = 0; I < FD->getNumParams(); ++I) {
    const ParmVarDecl *P = FD->getParamDecl(I);
    const Term *Loc = TC.var(P, false);
    const Term *V = TC.param(I, bounds(P->getType()));
    if (P->getType()->isRecordType())
      S.copyObject(Loc, TC.deref(V));
    else
      S.store(Loc, V);
  }
  enqueue(nullptr, &Graph->getEntry(), std::move(S));
  while (!Work.empty() && !overBudget()) {
    auto It = Work.begin();
    const CFGBlock *B = ByOrder[It->first];
    std::vector<State> In = std::move(It->second);
    Work.erase(It);
    processBlock(B, States(std::make_move_iterator(In.begin()),
                           std::make_move_iterator(In.end())));
  }
  Eng.countSteps(Steps);
  return true;
}

std::unique_ptr<Summary> Explorer::run() {
  if (!walk())
    return nullptr;
  auto Sum = finish();
  if (Sum->Incomplete && !Focus)
    Eng.reportOverBudget(FD, Steps > Eng.budget().Steps
                                 ? "more steps than the budget allows"
                                 : "more states than the budget allows");
  if (Log)
    Log->endFunction(*Sum);
  return Sum;
}

void Explorer::dropDeadPending(const CFGBlock *B, State &S) {
  unsigned Here = Order[B->getBlockID()];
  llvm::erase_if(S.Pending, [&](const auto &P) {
    auto It = CrossBlock.find(P.first);
    return It == CrossBlock.end() || It->second < Here;
  });
}

/// A step is an element of the graph in one state; so many places to look at
/// are as much work.
static constexpr unsigned PlacesPerStep = 16;

/// How many places there are in memory, roughly: the tree is balanced, and
/// nobody counts its nodes.
static unsigned placesIn(const State &S) {
  const auto *Root = S.Store.getRootWithoutRetain();
  return Root ? 1u << Root->getHeight() : 0;
}

/// True for more than some 60 places, as Budget has it.
static bool isHeavy(const State &S) { return placesIn(S) > 60; }

/// True if both went around what gives back what they hold, or neither did: who
/// jumped past it still owes it.
bool Explorer::sameWaysAround(const State &A, const State &B) const {
  return llvm::all_of(A.Held, [&](const Obligation &O) {
    return passedBy(A, O) == passedBy(B, O);
  });
}

/// True if what both hold is with somebody in both, or in neither: what one
/// path gave away, the other may still owe. \p LiveB is what is reachable in
/// \p B, once that has been asked for.
bool Explorer::sameKeepers(
    const State &A, const State &B,
    std::optional<llvm::DenseSet<const Term *>> &LiveB) const {
  auto Gave = [](const State &S, const State &Other) {
    return llvm::any_of(S.Escaped, [&](const Escape &E) {
      return S.mayBeTaken(E.What) && !Other.mayBeTaken(E.What);
    });
  };
  if (A.Held.empty() || (!Gave(A, B) && !Gave(B, A)))
    return true;
  const auto LiveA = reachable(A);
  if (!LiveB)
    LiveB = reachable(B);
  for (auto [X, Y] : llvm::zip_equal(A.Held, B.Held))
    if (LiveA.count(X.Handle) != LiveB->count(Y.Handle))
      return false;
  return true;
}

/// Adds \p S to \p Waiting. States are kept apart by the sign of what is at \p
/// Signs.
void Explorer::mergeInto(std::vector<State> &Waiting, State S,
                         llvm::ArrayRef<const Term *> Signs) {
  constexpr unsigned MaxForReads = 24;
  auto Join = [&](State &W) {
    joinStates(W, S);
    W.joinPath(S.Path);
  };
  std::optional<llvm::DenseSet<const Term *>> Live;
  for (State &W : Waiting)
    if ((Waiting.size() >= MaxForReads || sameFetches(W.Fetched, S.Fetched)) &&
        mayMeet(W, S) && sameTracked(W, S, Signs) && sameWaysAround(W, S) &&
        sameKeepers(W, S, Live) && sameFailures(W, S)) {
      if (Log)
        Log->merged(W, S, false);
      Join(W);
      return;
    }
  unsigned Limit = isHeavy(S) ? Eng.budget().HeavyStatesPerPoint
                              : Eng.budget().StatesPerPoint;
  // What was done to the caller's objects leaves what is held here as it is.
  if (Focus || Waiting.size() >= Limit)
    for (State &W : Waiting)
      if (mayMeet(W, S) && sameButForEffects(W, S, Signs)) {
        joinEffects(W, S);
        Join(W);
        return;
      }
  if (Waiting.size() >= Limit)
    for (State &W : Waiting)
      if (forceJoin(W, S, Signs)) {
        W.Rough = true;
        return;
      }
  if (Waiting.size() >= 2 * Limit) {
    GaveUp = true;
    if (forceJoinAny(Waiting, S, Signs))
      return;
    if (Log && Current)
      Log->pathEnded(*Current, S, "too many states");
    return;
  }
  Waiting.push_back(std::move(S));
}

void Explorer::mergeStates(States &In) {
  if (In.size() < 2)
    return;
  std::vector<State> Out;
  for (State &S : In)
    mergeInto(Out, std::move(S), ReturnedVars);
  In.assign(std::make_move_iterator(Out.begin()),
            std::make_move_iterator(Out.end()));
}

void Explorer::enqueue(const CFGBlock *From, const CFGBlock *To, State S) {
  if (!To)
    return;
  if (To == &Graph->getExit()) {
    if (Log)
      Log->atEdge(From, *To, S);
    reportDangling(S);
    atExit(std::move(S));
    return;
  }
  if (!enterLoopHeader(From, To, S))
    return;
  dropDeadPending(To, S);
  forgetDead(S, To);
  if (Log)
    Log->atEdge(From, *To, S);
  // What an error code was before it is overwritten tells paths apart only as
  // far as it says what is held.
  llvm::SmallVector<const Term *, 4> Signs;
  llvm::copy_if(ReturnedVars, std::back_inserter(Signs), [&](const Term *Loc) {
    return !S.Held.empty() ||
           Variables.isLive(Loc->varDecl(), To->getBlockID());
  });
  mergeInto(Work[Order[To->getBlockID()]], std::move(S), Signs);
}

void Explorer::processBlock(const CFGBlock *B, States In) {
  Current = B;
  if (Log)
    Log->atBlock(*B, In);
  unsigned Index = 0;
  for (const CFGElement &E : *B) {
    Steps += In.size();
    if (overBudget())
      return;
    processElement(E, In);
    if (Log)
      Log->atElement(*B, Index, In);
    ++Index;
    if (In.empty())
      return;
  }
  for (State &S : In)
    processTerminator(B, std::move(S));
}

void Explorer::processElement(const CFGElement &E, States &In) {
  if (auto C = E.getAs<CFGCleanupFunction>()) {
    States Out;
    for (State &S : In) {
      const VarDecl *V = C->getVarDecl();
      const Term *Arg = TC.addrOf(TC.var(V, false));
      const auto *Callee = C->getFunctionDecl();
      callFunction(std::move(S), Callee, FD->getBody(), Ctx.VoidTy, {Arg},
                   nullptr, Out);
    }
    In = std::move(Out);
    mergeStates(In);
    return;
  }
  auto S = E.getAs<CFGStmt>();
  if (!S)
    return;
  AccessedAt = S->getStmt()->getBeginLoc();
  if (const auto *C = dyn_cast<CallExpr>(S->getStmt())) {
    States Out;
    for (State &X : In) {
      if (overBudget())
        return In.clear();
      size_t Before = Out.size();
      // Of the rounds of a loop, one is followed at a time.
      if (C == Focus && !X.Followed && !X.Loops.empty()) {
        llvm::SaveAndRestore Pass(PassesBy, true);
        evalCall(X, C, Out);
      }
      evalCall(std::move(X), C, Out);
      // Each exit of the callee may change as much as there is.
      if (Out.size() != Before)
        Steps += (Out.size() - Before) * placesIn(Out.back()) / PlacesPerStep;
    }
    In = std::move(Out);
    mergeStates(In);
    return;
  }
  for (State &X : In)
    evalStmt(X, S->getStmt());
}

void Explorer::processTerminator(const CFGBlock *B, State S) {
  // BUG() and its like: the graph has an edge to the exit that nobody takes.
  if (B->hasNoReturnElement()) {
    if (Log)
      Log->pathEnded(*B, S, "does not return");
    return;
  }
  const Stmt *T = B->getTerminatorStmt();
  if (const auto *SS = dyn_cast_or_null<SwitchStmt>(T)) {
    branchSwitch(B, std::move(S), SS);
    return;
  }
  if (T && B->succ_size() == 2 && !isa<AsmStmt>(T))
    if (const Expr *Cond = B->getLastCondition()) {
      branch(B, std::move(S), Cond, T);
      return;
    }
  if (isa_and_nonnull<GotoStmt>(T) &&
      (!S.Held.empty() || Eng.followsLifetimes())) {
    PathNode P{};
    P.Kind = PathNode::Jump;
    P.S = T;
    P.Loc = T->getBeginLoc();
    S.addPath(P);
  }
  for (const CFGBlock *Succ : B->succs())
    if (Succ)
      enqueue(B, Succ, S);
}

/// True if \p S reads memory that others may have changed since it was read
/// before, and says so: READ_ONCE() reads through a pointer to volatile.
static bool readsAnew(const Stmt *S) {
  return anyWithin(S, [](const Stmt *X) {
    const auto *C = dyn_cast<CastExpr>(X);
    return C && C->getCastKind() == CK_LValueToRValue &&
           C->getSubExpr()->getType().isVolatileQualified();
  });
}

void Explorer::branch(const CFGBlock *B, State S, const Expr *Cond,
                      const Stmt *Terminator) {
  const Term *C = eval(S, Cond);
  const CFGBlock *Targets[2] = {*B->succ_begin(), *(B->succ_begin() + 1)};
  bool Possible[2];
  State Next[2] = {S, S};
  for (unsigned I : {0, 1})
    Possible[I] = Next[I].assume(C, I == 0);
  // Constraints that contradict each other must not end a path in silence.
  if (!Possible[0] && !Possible[1]) {
    if (Log)
      Log->noted(S, "neither branch is possible: both are taken");
    for (unsigned I : {0, 1}) {
      Possible[I] = true;
      Next[I] = S;
    }
  }
  // What decided it may not hold any more.
  if (Possible[0] != Possible[1] && !S.Held.empty() && readsAnew(Cond)) {
    unsigned Other = Possible[0];
    Possible[Other] = true;
    Next[Other] = S;
  }
  bool Choice = Possible[0] && Possible[1];
  Chose = Choice;
  if (Way)
    if (auto It = Way->find(Cond); It != Way->end())
      for (unsigned I : {0, 1})
        Possible[I] &= bool(It->second & (1 << I));
  if (C->isCompare())
    if (unsigned Equal = C->opcode() != Term::EQ;
        !Equal || C->opcode() == Term::NE)
      if (Possible[Equal])
        compareNumbers(Next[Equal], C->op(0), C->op(1));
  if (Fetches) {
    State *Outcomes[2] = {Possible[0] ? &Next[0] : nullptr,
                          Possible[1] ? &Next[1] : nullptr};
    Fetches->branch(B, Cond, C, Outcomes);
  }
  for (unsigned I : {0, 1}) {
    bool Truth = I == 0;
    if (!Possible[I]) {
      if (Log)
        Log->pathEnded(*B, S,
                       Truth ? "condition is false here"
                             : "condition is true here");
      continue;
    }
    if (!Targets[I])
      continue;
    State &N = Next[I];
    if (const auto *Op = dyn_cast<BinaryOperator>(Terminator);
        Op && Op->isLogicalOp()) {
      // Tell the operators whose value is known now.
      while (Op) {
        bool Decides = Truth == (Op->getOpcode() == BO_LOr);
        if (!Decides)
          break;
        N.setPending(Op, TC.constant(Truth));
        Op = LogicalParent.lookup(Op);
      }
    }
    if (const auto *BC = dyn_cast<BinaryConditionalOperator>(Terminator);
        BC && Truth)
      N.setPending(BC, eval(N, BC->getCommon()));
    if (Choice)
      noteGuard(N, {B->getBlockID(), Truth}, C);
    // What was decided before is not told, but what it reads may explain it.
    if (Choice || (!N.Held.empty() && !minorBranch(B))) {
      PathNode P{};
      P.Kind = Choice ? PathNode::Branch : PathNode::Decided;
      P.Taken = Truth;
      P.S = Cond;
      P.Loc = Cond->getBeginLoc();
      P.Minor = minorBranch(B);
      N.addPath(P);
    }
    N.AssertionFailed |= Choice && Truth && isAsserted(Cond);
    enqueue(B, Targets[I], std::move(N));
  }
}

/// True if \p Cond is what an assertion branches on; not what it is given.
bool Explorer::isAsserted(const Expr *Cond) const {
  const SourceManager &SM = Ctx.getSourceManager();
  for (SourceLocation L = Cond->getBeginLoc();
       L.isMacroID() && SM.isMacroBodyExpansion(L);
       L = SM.getImmediateMacroCallerLoc(L))
    if (Eng.source().isAssertion(
            Lexer::getImmediateMacroName(L, SM, Ctx.getLangOpts())))
      return true;
  return false;
}

void Explorer::branchSwitch(const CFGBlock *B, State S, const SwitchStmt *SS) {
  const Term *V = eval(S, SS->getCond());
  if (Fetches)
    Fetches->dispatch(S, B, SS, V);
  auto ValueOfCase = [&](const Expr *E) {
    return int64_t(E->EvaluateKnownConstInt(Ctx).extOrTrunc(64).getZExtValue());
  };
  State Rest = S;
  const CFGBlock *Default = nullptr;
  bool RestPossible = true, Any = false;
  auto Note = [&](State &N, const Stmt *At) {
    PathNode P{};
    P.Kind = PathNode::Note;
    P.Loc = At->getBeginLoc();
    P.S = At;
    N.addPath(P);
  };
  for (const CFGBlock *Succ : B->succs()) {
    if (!Succ)
      continue;
    const auto *Label = dyn_cast_or_null<CaseStmt>(Succ->getLabel());
    if (!Label) {
      Default = Succ;
      continue;
    }
    int64_t Lo = ValueOfCase(Label->getLHS());
    int64_t Hi = Label->getRHS() ? ValueOfCase(Label->getRHS()) : Lo;
    State N = S;
    if (!N.restrict(V, Range(Lo, Hi)))
      continue;
    Any = true;
    if (Lo == Hi) {
      Range NotThis;
      NotThis.exclude(Lo);
      RestPossible = RestPossible && Rest.restrict(V, NotThis);
    }
    Note(N, Label);
    enqueue(B, Succ, std::move(N));
  }
  if (Default && (RestPossible || !Any))
    enqueue(B, Default, RestPossible ? std::move(Rest) : std::move(S));
}
