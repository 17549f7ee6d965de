//===- GiveUp.cpp - Branches that turn bad input away ---------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "GiveUp.h"
#include "Liveness.h"
#include "clang/AST/Expr.h"
#include "clang/AST/Stmt.h"

using namespace pinlint;
using namespace clang;

GiveUps::GiveUps(const FunctionDecl *FD, const CFG &G, ASTContext &Ctx,
                 TermContext &TC)
    : Ctx(Ctx), TC(TC), ReturnType(FD->getReturnType()),
      Predicate(ReturnType->isBooleanType()) {
  for (const CFGBlock *B : G)
    for (const CFGElement &E : *B)
      if (auto S = E.getAs<CFGStmt>())
        if (const auto *R = dyn_cast<ReturnStmt>(S->getStmt())) {
          Returns[B->getBlockID()] = R;
          if (const Expr *Value = R->getRetValue())
            if (const VarDecl *V = localVariable(Value))
              if (!llvm::is_contained(Returned, V))
                Returned.push_back(V);
        }
  Final.resize(G.getNumBlockIDs(), true);
  Plain.resize(G.getNumBlockIDs(), true);
  for (const CFGBlock *B : G)
    scan(B);
  // Whoever can reach an assignment is not final.
  llvm::SmallVector<const CFGBlock *, 16> Todo;
  for (const CFGBlock *B : G)
    if (!Final.test(B->getBlockID()))
      Todo.push_back(B);
  while (!Todo.empty())
    for (const CFGBlock *P : Todo.pop_back_val()->preds())
      if (P && Final.test(P->getBlockID())) {
        Final.reset(P->getBlockID());
        Todo.push_back(P);
      }
}

/// True if \p B is entered only after a test of \p V itself, as in
/// `if (ret > 0) ret = 0`.
static bool adjusts(const CFGBlock *B, const VarDecl *V) {
  if (B->pred_size() != 1 || !*B->pred_begin())
    return false;
  const Expr *C = (*B->pred_begin())->getLastCondition();
  if (!C)
    return false;
  C = C->IgnoreParenImpCasts();
  if (const auto *Op = dyn_cast<BinaryOperator>(C))
    return localVariable(Op->getLHS()) == V;
  return localVariable(C) == V;
}

/// True if \p B is the right side of && or ||.
static bool isOperand(const CFGBlock *B) {
  return !B->pred_empty() && llvm::all_of(B->preds(), [](const CFGBlock *P) {
    const auto *Op =
        P ? dyn_cast_or_null<BinaryOperator>(P->getTerminatorStmt()) : nullptr;
    return Op && Op->isLogicalOp();
  });
}

void GiveUps::scan(const CFGBlock *B) {
  for (const CFGElement &E : *B) {
    auto S = E.getAs<CFGStmt>();
    if (!S)
      continue;
    // In `op == RESET && !may_reset()`, a call is part of the test.
    if (isa<AsmStmt, ReturnStmt>(S->getStmt()) ||
        (isa<CallExpr>(S->getStmt()) && !isOperand(B)))
      Plain.reset(B->getBlockID());
    const auto *A = dyn_cast<BinaryOperator>(S->getStmt());
    if (!A || !A->isAssignmentOp())
      continue;
    Plain.reset(B->getBlockID());
    const VarDecl *V = localVariable(A->getLHS());
    if (!V || !llvm::is_contained(Returned, V))
      continue;
    if (!adjusts(B, V))
      Final.reset(B->getBlockID());
    AssignsFailure[B->getBlockID()] =
        A->getOpcode() == BO_Assign && fails(A->getRHS());
  }
}

bool GiveUps::fails(const Range &R) const {
  if (Predicate)
    return R.Lo == R.Hi;
  if (ReturnType->isPointerType())
    return R.Hi <= 0;
  return !R.contains(0);
}

/// True if \p Value, as the function's result, means failure by itself.
bool GiveUps::fails(const Expr *Value) const {
  Value = Value->IgnoreParenCasts();
  Expr::EvalResult R;
  if (!Value->isValueDependent() && Value->EvaluateAsInt(R, Ctx)) {
    int64_t V = R.Val.getInt().getExtValue();
    return fails(Range::only(V));
  }
  if (ReturnType->isPointerType() &&
      Value->isNullPointerConstant(Ctx, Expr::NPC_ValueDependentIsNull))
    return true;
  // ERR_PTR(-EINVAL).
  const auto *C = dyn_cast<CallExpr>(Value);
  if (!C || !ReturnType->isPointerType() || C->getNumArgs() != 1)
    return false;
  const Expr *A = C->getArg(0);
  return !A->isValueDependent() && A->EvaluateAsInt(R, Ctx) &&
         R.Val.getInt().isSigned() && R.Val.getInt().isNegative();
}

/// Whether entering \p B means failure whatever came before.
GiveUps::Answer GiveUps::givesUpAnyway(const CFGBlock *B) {
  unsigned Id = B->getBlockID();
  Answer &Slot = Known[Id];
  if (Slot != Unknown)
    return Slot == Open ? No : Slot;
  Slot = Open;
  auto Decide = [&]() -> Answer {
    auto Assigned = AssignsFailure.find(Id);
    if (auto It = Returns.find(Id); It != Returns.end()) {
      const Expr *Value = It->second->getRetValue();
      // An early end of a function without a result.
      if (!Value)
        return Yes;
      if (localVariable(Value))
        return Assigned != AssignsFailure.end() && Assigned->second ? Yes : No;
      return fails(Value) ? Yes : No;
    }
    if (Assigned != AssignsFailure.end()) {
      if (!Assigned->second)
        return No;
      if (isa_and_nonnull<GotoStmt>(B->getTerminatorStmt()))
        return Yes;
      for (const CFGBlock *N : B->succs())
        if (N && !Final.test(N->getBlockID()))
          return No;
      return Yes;
    }
    bool Any = false;
    for (const CFGBlock *N : B->succs()) {
      if (!N)
        continue;
      if (givesUpAnyway(N) != Yes)
        return No;
      Any = true;
    }
    return Any ? Yes : No;
  };
  Answer A = Decide();
  return Known[Id] = A;
}

bool GiveUps::givesUp(const CFGBlock *B, const State &S) {
  if (givesUpAnyway(B) == Yes)
    return true;
  if (!Final.test(B->getBlockID()) || Predicate)
    return false;
  // The error code was set before the test, or is what the test was about. A
  // positive number that is not a certain one is a count.
  for (const VarDecl *V : Returned) {
    Range R = S.rangeOf(S.load(TC.var(V, false), Range()));
    if (fails(R) && (R.Lo <= 0 || R.Lo == R.Hi))
      return true;
  }
  // return PTR_ERR(p);
  auto It = Returns.find(B->getBlockID());
  if (It == Returns.end() || !It->second->getRetValue())
    return false;
  const auto *C =
      dyn_cast<CallExpr>(It->second->getRetValue()->IgnoreParenCasts());
  if (!C || C->getNumArgs() != 1)
    return false;
  const VarDecl *V = localVariable(C->getArg(0));
  return V && V->getType()->isPointerType() &&
         S.rangeOf(S.load(TC.var(V, false), Range())).Hi < 0;
}

/// What comes of \p B by nothing but further tests: whether some give up, and
/// whether the others go on to \p Rest.
GiveUps::Tests GiveUps::furtherTests(const CFGBlock *B, const CFGBlock *Rest,
                                     const State &S, unsigned Depth) {
  if (B == Rest)
    return {false, true};
  if (givesUp(B, S))
    return {true, false};
  Tests T{false, false};
  if (!Depth || !Plain.test(B->getBlockID()) || !B->getTerminatorCondition())
    return T;
  for (const CFGBlock *N : B->succs())
    if (N) {
      Tests Next = furtherTests(N, Rest, S, Depth - 1);
      T.GiveUp |= Next.GiveUp;
      T.GoOn |= Next.GoOn;
    }
  return T;
}

bool GiveUps::turnsAway(const CFGBlock *const Targets[2],
                        const State *const States[2]) {
  constexpr unsigned MaxTests = 6;
  bool Away[2] = {false, false};
  for (unsigned I : {0, 1})
    Away[I] = Targets[I] && States[I] && givesUp(Targets[I], *States[I]);
  if (Away[0] || Away[1])
    return Away[0] != Away[1] || Predicate;
  // The first half of `a && b`.
  for (unsigned I : {0, 1}) {
    if (!Targets[I] || !States[I] || !Targets[!I])
      continue;
    Tests T = furtherTests(Targets[I], Targets[!I], *States[I], MaxTests);
    if (T.GiveUp && T.GoOn)
      return true;
  }
  return false;
}
