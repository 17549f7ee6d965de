//===- StaleState.cpp - State that errors leave behind --------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "StaleState.h"
#include "engine/Statements.h"
#include "frontend/LifetimeFacts.h"
#include "frontend/Protocols.h"
#include "clang/AST/ParentMap.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Analysis/CFG.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include <optional>

using namespace pinlint;
using namespace clang;

namespace {
/// A place that raises a flag, here or through a function that does no more.
struct Raise {
  const Stmt *At;
  const FieldDecl *Flag;
  const CFGBlock *Block;
  unsigned Index;
};
} // namespace

/// The flag that assignment \p S raises or lowers; null if it does neither.
static const FieldDecl *flagOf(const Stmt *S, bool Raised, ASTContext &Ctx) {
  const auto *B = dyn_cast<BinaryOperator>(S);
  if (!B || B->getOpcode() != BO_Assign ||
      !B->getLHS()->getType()->isIntegerType())
    return nullptr;
  const auto *M = dyn_cast<MemberExpr>(B->getLHS()->IgnoreParens());
  auto V = B->getRHS()->getIntegerConstantExpr(Ctx);
  if (!M || !V || !(Raised ? V->isOne() : V->isZero()) ||
      M->getType()->isEnumeralType())
    return nullptr;
  // Which member of a union is meant says somebody else: a value, no state.
  const auto *Flag = dyn_cast<FieldDecl>(M->getMemberDecl());
  if (Flag && Flag->getParent()->isUnion())
    return nullptr;
  // A variable of the function's own goes with the function.
  const Expr *Base = M;
  while (const auto *Outer = dyn_cast<MemberExpr>(Base)) {
    Base = Outer->getBase()->IgnoreParenImpCasts();
    if (Outer->isArrow())
      break;
  }
  const auto *D = dyn_cast<DeclRefExpr>(Base);
  if (D && D->getType()->isRecordType() && isa<VarDecl>(D->getDecl()) &&
      cast<VarDecl>(D->getDecl())->hasLocalStorage())
    return nullptr;
  return Flag;
}

static const FunctionDecl *calleeOf(const Stmt *S) {
  const auto *C = dyn_cast<CallExpr>(S);
  const FunctionDecl *F = C ? C->getDirectCallee() : nullptr;
  return F ? F->getCanonicalDecl() : nullptr;
}

/// True if \p FD or what it calls lowers \p Flag.
static bool lowers(const FunctionDecl *FD, const FieldDecl *Flag,
                   const LifetimeFacts &Facts) {
  return llvm::any_of(Facts.bodies(), [&](const FunctionDecl *F) {
    return Facts.of(F).Lowered.count(Flag) && Facts.calls(FD, F);
  });
}

static std::string calledName(const Stmt *S) {
  const NamedDecl *D = calledBy(S);
  return D ? D->getNameAsString() : "";
}

/// True if \p B is \p A with one word for its opposite.
static bool undoes(llvm::StringRef A, llvm::StringRef B, const Protocols &P) {
  llvm::SmallVector<llvm::StringRef, 6> OfA, OfB;
  A.split(OfA, '_');
  B.split(OfB, '_');
  if (A.empty() || OfA.size() != OfB.size())
    return false;
  bool Found = false;
  for (auto [X, Y] : llvm::zip(OfA, OfB)) {
    if (X == Y)
      continue;
    if (Found ||
        llvm::none_of(P.conventions().Opposites, [X = X, Y = Y](const auto &O) {
          return (X == O.first && Y == O.second);
        }))
      return false;
    Found = true;
  }
  return Found;
}

namespace {
/// Looks for calls that undo a step where a flag is up.
class UndoFinder : public RecursiveASTVisitor<UndoFinder> {
public:
  const FieldDecl *Flag;
  std::string Step;
  const Protocols &P;
  const Stmt *Found = nullptr;
  unsigned Under = 0;
  UndoFinder(const FieldDecl *Flag, std::string Step, const Protocols &P)
      : Flag(Flag), Step(std::move(Step)), P(P) {}
  bool TraverseIfStmt(IfStmt *S) {
    const auto *M = dyn_cast<MemberExpr>(S->getCond()->IgnoreParenImpCasts());
    bool Asks = M && M->getMemberDecl() == Flag;
    Under += Asks;
    bool Go = TraverseStmt(S->getThen());
    Under -= Asks;
    return Go && (!S->getElse() || TraverseStmt(S->getElse()));
  }
  bool VisitCallExpr(CallExpr *C) {
    if (Under && undoes(Step, calledName(C), P))
      Found = C;
    return true;
  }
};
} // namespace

/// A call, in \p FD or what it calls, that undoes \p Step where \p Flag says
/// that it was done.
static const Stmt *undoing(const FunctionDecl *FD, const FieldDecl *Flag,
                           llvm::StringRef Step, const LifetimeFacts &Facts) {
  for (const FunctionDecl *F : Facts.bodies()) {
    if (!Facts.of(F).Asked.count(Flag) || !Facts.calls(FD, F))
      continue;
    UndoFinder U(Flag, Step.str(), Facts.protocols());
    U.TraverseStmt(F->getBody());
    if (U.Found)
      return U.Found;
  }
  return nullptr;
}

/// True if \p S takes \p Flag back, or ends what it is in.
static bool takesBack(const Stmt *S, const FieldDecl *Flag,
                      const LifetimeFacts &Facts, ASTContext &Ctx) {
  if (flagOf(S, /*Raised=*/false, Ctx) == Flag)
    return true;
  const FunctionDecl *F = calleeOf(S);
  if (!F || !F->getIdentifier())
    return false;
  bool Ends = llvm::any_of(cast<CallExpr>(S)->arguments(), [&](const Expr *A) {
    QualType Ty = A->IgnoreParenCasts()->getType();
    const auto *R =
        Ty->isPointerType() ? Ty->getPointeeType()->getAsRecordDecl() : nullptr;
    return R && isPartOf(R, Flag);
  });
  auto Frees = [&](const Freeing &X) {
    return (X.Call == S || X.In == F->getCanonicalDecl()) &&
           isPartOf(X.Object, Flag);
  };
  return (Ends && (Facts.endsLife(F->getName()) ||
                   llvm::any_of(Facts.frees(), Frees))) ||
         lowers(F, Flag, Facts);
}

/// The variable that says that a step has failed exactly if \p Cond holds; null
/// if there is none.
static const VarDecl *failureIn(const Expr *Cond, ASTContext &Ctx) {
  Cond = Cond->IgnoreParenImpCasts();
  if (const auto *C = dyn_cast<CallExpr>(Cond);
      C && C->getBuiltinCallee() && C->getNumArgs())
    return failureIn(C->getArg(0), Ctx);
  if (const auto *U = dyn_cast<UnaryOperator>(Cond);
      U && U->getOpcode() == UO_LNot) {
    const auto *Inner =
        dyn_cast<UnaryOperator>(U->getSubExpr()->IgnoreParenImpCasts());
    return Inner && Inner->getOpcode() == UO_LNot
               ? failureIn(Inner->getSubExpr(), Ctx)
               : nullptr;
  }
  if (const auto *B = dyn_cast<BinaryOperator>(Cond)) {
    auto V = B->getRHS()->getIntegerConstantExpr(Ctx);
    bool Compares = (B->getOpcode() == BO_LT || B->getOpcode() == BO_NE) && V &&
                    V->isZero();
    return Compares ? failureIn(B->getLHS(), Ctx) : nullptr;
  }
  const auto *D = dyn_cast<DeclRefExpr>(Cond);
  const auto *V = D ? dyn_cast<VarDecl>(D->getDecl()) : nullptr;
  return V && V->hasLocalStorage() && !isa<ParmVarDecl>(V) &&
                 V->getType()->isSignedIntegerType()
             ? V
             : nullptr;
}

namespace {
/// A variable that gets a value, and the call that it is the result of; null if
/// it is something else.
struct Outcome {
  const VarDecl *Var;
  const CallExpr *Step;
};
} // namespace

static std::optional<Outcome> outcomeIn(const Stmt *S) {
  const VarDecl *Var = nullptr;
  const Expr *Value = nullptr;
  if (const auto *B = dyn_cast<BinaryOperator>(S);
      B && B->getOpcode() == BO_Assign) {
    if (const auto *D = dyn_cast<DeclRefExpr>(B->getLHS()->IgnoreParens()))
      Var = dyn_cast<VarDecl>(D->getDecl());
    Value = B->getRHS();
  } else if (const auto *D = dyn_cast<DeclStmt>(S); D && D->isSingleDecl()) {
    Var = dyn_cast<VarDecl>(D->getSingleDecl());
    Value = Var ? Var->getInit() : nullptr;
  }
  if (!Var)
    return std::nullopt;
  return Outcome{Var, Value ? dyn_cast<CallExpr>(Value->IgnoreParenCasts())
                            : nullptr};
}

/// True if \p Ret may say that the function has failed.
static bool mayFail(const ReturnStmt *Ret, ASTContext &Ctx) {
  if (!Ret->getRetValue())
    return false;
  auto V = Ret->getRetValue()->getIntegerConstantExpr(Ctx);
  return !V || V->isNegative();
}

/// Follows the graph from \p From until the flag is taken back; the return
/// statement that is reached with the flag up and may say that the function
/// failed, or null. A return that says anything else proves nothing.
static const ReturnStmt *failsFrom(const CFGBlock *From, const FieldDecl *Flag,
                                   const CFG &G, const LifetimeFacts &Facts,
                                   ASTContext &Ctx, llvm::StringRef Step,
                                   const Stmt *&Undo) {
  llvm::BitVector Seen(G.getNumBlockIDs());
  llvm::SmallVector<const CFGBlock *, 16> Todo{From};
  const ReturnStmt *Found = nullptr;
  while (!Todo.empty()) {
    const CFGBlock *B = Todo.pop_back_val();
    if (!B || Seen.test(B->getBlockID()))
      continue;
    Seen.set(B->getBlockID());
    bool Stopped = false;
    for (const CFGElement &E : *B) {
      auto S = E.getAs<CFGStmt>();
      if (!S)
        continue;
      // Who takes it back by undoing a step that has failed goes too far.
      if (const FunctionDecl *F = calleeOf(S->getStmt()); F && !Undo)
        Undo = undoing(F, Flag, Step, Facts);
      // Where the failure raises it, too, it is meant to say that.
      if (!Undo && (takesBack(S->getStmt(), Flag, Facts, Ctx) ||
                    flagOf(S->getStmt(), /*Raised=*/true, Ctx) == Flag)) {
        Stopped = true;
        break;
      }
      if (const auto *R = dyn_cast<ReturnStmt>(S->getStmt())) {
        if (!mayFail(R, Ctx))
          return nullptr;
        Found = R;
      }
    }
    if (!Stopped)
      Todo.append(B->succ_begin(), B->succ_end());
  }
  return Found;
}

static bool contains(const Stmt *S, const Stmt *Part) {
  return anyWithin(S, [&](const Stmt *X) { return X == Part; });
}

/// True if \p S leaves the function or jumps to where it cleans up.
static bool leaves(const Stmt *S) {
  if (const auto *Block = dyn_cast<CompoundStmt>(S))
    return !Block->body_empty() && leaves(Block->body_back());
  return isa<ReturnStmt, GotoStmt>(S);
}

/// True if what is raised at \p At tells of a step that has succeeded: one in
/// the same branch, which \p Next is outside of.
///
///   if (!x->on) { err = turn_on(x); if (err) return err; x->on = true; }
static bool tellsOfStepBefore(const Stmt *At, const CallExpr *Next,
                              const FunctionDecl *FD, ASTContext &Ctx) {
  // To ask the syntax tree is to load all of a header set.
  const ParentMap Parents(FD->getBody());
  const CompoundStmt *Block = nullptr;
  for (const Stmt *S = Parents.getParent(At); S && !Block;
       S = Parents.getParent(S))
    Block = dyn_cast<CompoundStmt>(S);
  if (!Block || Block == FD->getBody() || contains(Block, Next))
    return false;
  llvm::SmallPtrSet<const VarDecl *, 4> Results;
  for (const Stmt *S : Block->body()) {
    if (contains(S, At))
      return false;
    if (auto O = outcomeIn(S); O && O->Step)
      Results.insert(O->Var);
    if (const auto *I = dyn_cast<IfStmt>(S);
        I && leaves(I->getThen()) &&
        Results.contains(failureIn(I->getCond(), Ctx)))
      return true;
  }
  return false;
}

/// True if \p Cond looks at \p Flag, here or in a function that only asks.
static bool asksFor(const Stmt *Cond, const FieldDecl *Flag,
                    const LifetimeFacts &Facts) {
  return anyWithin(Cond, [&](const Stmt *S) {
    if (const auto *M = dyn_cast<MemberExpr>(S))
      return M->getMemberDecl() == Flag;
    const FunctionDecl *F = calleeOf(S);
    if (!F)
      return false;
    const FunctionFacts &X = Facts.of(F);
    return X.Named.count(Flag) && !X.Raised.count(Flag) &&
           !X.Lowered.count(Flag);
  });
}

/// True if \p FD turns its caller away where \p Flag is set: one that stays set
/// is there for good.
static bool turnsAway(const FunctionDecl *FD, const FieldDecl *Flag,
                      const LifetimeFacts &Facts) {
  return anyWithin(FD->getBody(), [&](const Stmt *S) {
    const auto *I = dyn_cast<IfStmt>(S);
    return I && leaves(I->getThen()) && asksFor(I->getCond(), Flag, Facts);
  });
}

/// True if \p Flag says in its last word that \p Step was done: `dma_mapped`
/// and map_sg(), `opened` and open().
static bool isNamedAfter(const FieldDecl *Flag, llvm::StringRef Step) {
  llvm::StringRef Last = Flag->getName().rsplit('_').second;
  if (Last.empty())
    Last = Flag->getName();
  if (!Last.consume_back("ed") || Last.size() < 3)
    return false;
  llvm::SmallVector<llvm::StringRef, 6> Words;
  Step.split(Words, '_');
  return llvm::any_of(Words, [&](llvm::StringRef Word) {
    // enable, map, stop: enabled, mapped, stopped.
    return Last == Word || (Word.ends_with("e") && Last == Word.drop_back()) ||
           (Last == (Word + Word.take_back()).str());
  });
}

void StaleState::check(const FunctionDecl *FD, const LifetimeFacts &Facts) {
  ASTContext &Ctx = R.ast();
  CFG::BuildOptions Options;
  auto G = CFG::buildCFG(FD, FD->getBody(), &Ctx, Options);
  if (!G)
    return;
  std::vector<Raise> Raises;
  for (const CFGBlock *B : *G)
    for (unsigned I = 0; I < B->size(); ++I) {
      auto S = (*B)[I].getAs<CFGStmt>();
      if (!S)
        continue;
      if (const FieldDecl *Flag = flagOf(S->getStmt(), /*Raised=*/true, Ctx)) {
        Raises.push_back({S->getStmt(), Flag, B, I});
      } else if (const FunctionDecl *F = calleeOf(S->getStmt())) {
        // A setter does nothing else.
        const FunctionFacts &X = Facts.of(F);
        if (X.Raised.size() == 1 && X.Lowered.empty() && X.Callees.empty() &&
            F->getReturnType()->isVoidType())
          Raises.push_back(
              {S->getStmt(), cast<FieldDecl>(*X.Raised.begin()), B, I});
      }
    }
  for (const Raise &X : Raises) {
    // Somebody asks for it, and somebody else takes it back.
    bool Asked = false, Lowered = false;
    for (const FunctionDecl *F : Facts.bodies()) {
      const FunctionFacts &Other = Facts.of(F);
      Asked |= Other.Asked.count(X.Flag) ||
               (Other.Named.count(X.Flag) && !Other.Raised.count(X.Flag) &&
                !Other.Lowered.count(X.Flag));
      Lowered |= F->getCanonicalDecl() != FD->getCanonicalDecl() &&
                 Facts.of(F).Lowered.count(X.Flag);
    }
    if (!Asked || !Lowered || Facts.isNumber(X.Flag))
      continue;
    // The first check of a later step.
    const CFGBlock *B = X.Block;
    bool TakenBack = false;
    llvm::DenseMap<const VarDecl *, const CallExpr *> Steps;
    for (unsigned I = X.Index + 1, Hops = 0; B && Hops < 8; I = 0, ++Hops) {
      for (; I < B->size(); ++I)
        if (auto S = (*B)[I].getAs<CFGStmt>()) {
          if (auto O = outcomeIn(S->getStmt()))
            Steps[O->Var] = O->Step;
          TakenBack |= takesBack(S->getStmt(), X.Flag, Facts, Ctx);
        }
      const Stmt *Cond = B->getTerminatorCondition();
      if (TakenBack || (Cond && B->succ_size() == 2))
        break;
      B = B->succ_size() == 1 ? B->succ_begin()->getReachableBlock() : nullptr;
    }
    const auto *Cond =
        B ? dyn_cast_or_null<Expr>(B->getTerminatorCondition()) : nullptr;
    if (TakenBack || !Cond || B->succ_size() != 2 ||
        !isa_and_nonnull<IfStmt>(B->getTerminatorStmt()))
      continue;
    const CallExpr *Called = Steps.lookup(failureIn(Cond, Ctx));
    if (!Called || tellsOfStepBefore(X.At, Called, FD, Ctx))
      continue;
    const Stmt *Undo = nullptr;
    const ReturnStmt *Ret =
        failsFrom(B->succ_begin()->getReachableBlock(), X.Flag, *G, Facts, Ctx,
                  calledName(Called), Undo);
    if (!Ret)
      continue;
    // Callers that clean up after a failure know what they do; so may those in
    // other files.
    if (!Undo &&
        ((FD->isExternallyVisible() &&
          !Facts.isOfThisFile(X.Flag->getParent())) ||
         llvm::any_of(Facts.of(FD).Callers, [&](const FunctionDecl *Caller) {
           return lowers(Caller, X.Flag, Facts);
         })))
      continue;
    std::string Flag = "'" + X.Flag->getNameAsString() + "'";
    Reporter::Report Rep;
    Rep.Check = Name;
    Rep.Function = FD;
    Rep.Loc = X.At->getBeginLoc();
    std::string Step = "'" + calledName(Called) + "'";
    if (Step == "''")
      Step = "the step";
    // Many a flag is a mode, a request or a mirror of the hardware's, which
    // nobody minds.
    Rep.Level = Undo || turnsAway(FD, X.Flag, Facts) ||
                        isNamedAfter(X.Flag, calledName(Called))
                    ? Confidence::Medium
                    : Confidence::Low;
    Rep.Steps =
        Trace{{X.At->getBeginLoc(), Flag + " is set here", 0},
              {Cond->getBeginLoc(), "assuming that " + Step + " fails", 0}};
    if (Undo) {
      Rep.Message = Flag + " is set before " + Step + ", which can fail; '" +
                    calledName(Undo) + "' is then called for what was not done";
      Rep.Steps->push_back({Undo->getBeginLoc(),
                            Flag + " says that there is something to undo", 0});
    } else {
      Rep.Message = Flag + " is set before " + Step +
                    ", which can fail, and stays set if that fails";
      Rep.Steps->push_back({Ret->getBeginLoc(),
                            "the function fails with " + Flag + " still set",
                            0});
    }
    Rep.End = "set it after the last step that can fail, or take it back";
    Rep.Key = std::to_string(Rep.Loc.getRawEncoding());
    R.add(Rep);
  }
}

/// Elements that are in a list or tree when a file is closed, although opening
/// it takes them out where it fails: the next one to open it will find them.
void StaleState::reportLeftovers(const LifetimeFacts &Facts) {
  llvm::SmallPtrSet<const FieldDecl *, 8> Seen;
  auto Does = [&](const FunctionDecl *FD, const std::vector<Linking> &Calls,
                  const FieldDecl *Node) -> const Linking * {
    for (const Linking &L : Calls)
      if (L.Node == Node && Facts.calls(FD, L.In))
        return &L;
    return nullptr;
  };
  for (const Linking &Added : Facts.linked()) {
    if (!Seen.insert(Added.Node).second ||
        !Facts.isOfThisFile(Added.Node->getParent()))
      continue;
    for (const FunctionDecl *FD : Facts.bodies())
      for (const EntryPoint &E : Facts.of(FD).Entries) {
        if (E.Role != EntryPoint::End || !Facts.isPerOpen(E.Table))
          continue;
        const FunctionDecl *Open =
            Facts.operation(E.Variable, EntryPoint::Begin);
        // What is taken out on opening and put back on closing is in stock.
        if (!Open || Open == FD || Does(FD, Facts.linked(), Added.Node) ||
            Does(FD, Facts.unlinked(), Added.Node))
          continue;
        const Linking *Out = Does(Open, Facts.unlinked(), Added.Node);
        if (!Out)
          continue;
        std::string Element =
            "'" + Added.Node->getParent()->getNameAsString() + "'";
        Reporter::Report Rep;
        Rep.Check = Name;
        Rep.Function = FD;
        Rep.Loc = FD->getBody()->getEndLoc();
        Rep.Level = Confidence::Medium;
        Rep.Message = "elements of type " + Element + " that '" +
                      Added.In->getNameAsString() +
                      "' adds are left behind; '" + Open->getNameAsString() +
                      "' takes them out where it fails, '" +
                      FD->getNameAsString() + "' does not";
        Rep.Steps =
            Trace{{Added.Call->getBeginLoc(), "an element is added here", 0},
                  {Out->Call->getBeginLoc(),
                   "it is taken out here, on the way of '" +
                       Open->getNameAsString() + "'",
                   0}};
        Rep.End = "the function returns without taking it out";
        Rep.Key = (Added.Node->getParent()->getName() + "." +
                   Added.Node->getName() + " " + FD->getName())
                      .str();
        R.add(Rep);
      }
  }
}

void StaleState::judge(const LifetimeFacts &Facts) {
  reportLeftovers(Facts);
  for (const FunctionDecl *FD : Facts.bodies()) {
    // While an object is being made, nobody else sees it.
    if (!FD->getReturnType()->isSignedIntegerType() ||
        Facts.beginsLife(FD->getName()))
      continue;
    const FunctionFacts &F = Facts.of(FD);
    bool MayRaise = !F.Raised.empty() ||
                    llvm::any_of(F.Callees, [&](const FunctionDecl *C) {
                      return Facts.of(C).Raised.size() == 1;
                    });
    if (MayRaise)
      check(FD, Facts);
  }
}
