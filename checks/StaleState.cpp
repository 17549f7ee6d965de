//===- StaleState.cpp - State that errors leave behind --------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "StaleState.h"
#include "frontend/LifetimeFacts.h"
#include "clang/Analysis/CFG.h"
#include "llvm/ADT/BitVector.h"

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
  return dyn_cast<FieldDecl>(M->getMemberDecl());
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
  return (Ends && endsLife(F->getName())) || lowers(F, Flag, Facts);
}

/// True if \p Cond holds exactly if a step before it has failed.
static bool saysFailed(const Expr *Cond, ASTContext &Ctx) {
  Cond = Cond->IgnoreParenImpCasts();
  if (const auto *C = dyn_cast<CallExpr>(Cond);
      C && C->getBuiltinCallee() && C->getNumArgs())
    return saysFailed(C->getArg(0), Ctx);
  if (const auto *U = dyn_cast<UnaryOperator>(Cond);
      U && U->getOpcode() == UO_LNot) {
    const auto *Inner =
        dyn_cast<UnaryOperator>(U->getSubExpr()->IgnoreParenImpCasts());
    return Inner && Inner->getOpcode() == UO_LNot &&
           saysFailed(Inner->getSubExpr(), Ctx);
  }
  if (const auto *B = dyn_cast<BinaryOperator>(Cond)) {
    auto V = B->getRHS()->getIntegerConstantExpr(Ctx);
    return (B->getOpcode() == BO_LT || B->getOpcode() == BO_NE) && V &&
           V->isZero() && saysFailed(B->getLHS(), Ctx);
  }
  const auto *D = dyn_cast<DeclRefExpr>(Cond);
  const auto *V = D ? dyn_cast<VarDecl>(D->getDecl()) : nullptr;
  return V && V->hasLocalStorage() && !isa<ParmVarDecl>(V) &&
         V->getType()->isSignedIntegerType();
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
                                   ASTContext &Ctx) {
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
      if (takesBack(S->getStmt(), Flag, Facts, Ctx)) {
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

static bool makesObject(const FunctionDecl *FD) {
  for (llvm::StringRef Word : {"probe", "init", "create", "alloc", "new"})
    if (FD->getName().contains(Word))
      return true;
  return false;
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
    if (!Asked || !Lowered)
      continue;
    // So may callers in other files.
    if (FD->isExternallyVisible() && !Facts.isOfThisFile(X.Flag->getParent()))
      continue;
    // Callers that clean up after a failure know what they do.
    if (llvm::any_of(Facts.of(FD).Callers, [&](const FunctionDecl *Caller) {
          return lowers(Caller, X.Flag, Facts);
        }))
      continue;
    // The first check of a later step.
    const CFGBlock *B = X.Block;
    bool Called = false, TakenBack = false;
    for (unsigned I = X.Index + 1, Hops = 0; B && Hops < 8; I = 0, ++Hops) {
      for (; I < B->size(); ++I)
        if (auto S = (*B)[I].getAs<CFGStmt>()) {
          Called |= isa<CallExpr>(S->getStmt());
          TakenBack |= takesBack(S->getStmt(), X.Flag, Facts, Ctx);
        }
      const Stmt *Cond = B->getTerminatorCondition();
      if (TakenBack || (Cond && B->succ_size() == 2))
        break;
      B = B->succ_size() == 1 ? B->succ_begin()->getReachableBlock() : nullptr;
    }
    const auto *Cond =
        B ? dyn_cast_or_null<Expr>(B->getTerminatorCondition()) : nullptr;
    if (TakenBack || !Called || !Cond || B->succ_size() != 2 ||
        !isa_and_nonnull<IfStmt>(B->getTerminatorStmt()) ||
        !saysFailed(Cond, Ctx))
      continue;
    const ReturnStmt *Ret =
        failsFrom(B->succ_begin()->getReachableBlock(), X.Flag, *G, Facts, Ctx);
    if (!Ret)
      continue;
    std::string Flag = "'" + X.Flag->getNameAsString() + "'";
    Reporter::Report Rep;
    Rep.Check = Name;
    Rep.Function = FD;
    Rep.Loc = X.At->getBeginLoc();
    Rep.Message = Flag + " is set before a step that can fail, and stays set "
                         "if that fails";
    Rep.Level = Confidence::Medium;
    Rep.Steps = Trace{{X.At->getBeginLoc(), Flag + " is set here", 0},
                      {Cond->getBeginLoc(), "assuming that the step fails", 0},
                      {Ret->getBeginLoc(),
                       "the function fails with " + Flag + " still set", 0}};
    Rep.End = "set it after the last step that can fail, or take it back";
    Rep.Key = std::to_string(Rep.Loc.getRawEncoding());
    R.add(Rep);
  }
}

void StaleState::judge(const LifetimeFacts &Facts) {
  for (const FunctionDecl *FD : Facts.bodies()) {
    // While an object is being made, nobody else sees it.
    if (!FD->getReturnType()->isSignedIntegerType() || makesObject(FD))
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
