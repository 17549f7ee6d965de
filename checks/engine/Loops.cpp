//===- Loops.cpp - Natural loops of a CFG ---------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Loops.h"
#include "Statements.h"
#include "clang/AST/Stmt.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallVector.h"

using namespace pinlint;
using namespace clang;

const Loop *LoopForest::at(unsigned BlockId) const {
  auto It = ByHeader.find(BlockId);
  return It == ByHeader.end() ? nullptr : &All[It->second];
}

const Loop *LoopForest::innermost(unsigned BlockId) const {
  const Loop *Best = nullptr;
  for (const Loop &L : All)
    if (L.Blocks.test(BlockId) &&
        (!Best || L.Blocks.count() < Best->Blocks.count()))
      Best = &L;
  return Best;
}

unsigned LoopForest::depth(unsigned BlockId) const {
  unsigned N = 0;
  for (const Loop &L : All)
    N += L.Blocks.test(BlockId);
  return N;
}

void LoopForest::build(const CFG &G) {
  unsigned N = G.getNumBlockIDs();
  enum ColourTy : uint8_t { White, Grey, Black };
  std::vector<ColourTy> Colour(N, White);
  using Frame = std::pair<const CFGBlock *, CFGBlock::const_succ_iterator>;
  llvm::SmallVector<Frame, 32> Stack;
  llvm::SmallVector<std::pair<const CFGBlock *, const CFGBlock *>, 8> Edges;
  Stack.push_back({&G.getEntry(), G.getEntry().succ_begin()});
  Colour[G.getEntry().getBlockID()] = Grey;
  while (!Stack.empty()) {
    auto &[B, It] = Stack.back();
    if (It == B->succ_end()) {
      Colour[B->getBlockID()] = Black;
      Stack.pop_back();
      continue;
    }
    const CFGBlock *Next = *It++;
    if (!Next)
      continue;
    if (Colour[Next->getBlockID()] == Grey)
      Edges.push_back({B, Next});
    else if (Colour[Next->getBlockID()] == White) {
      Colour[Next->getBlockID()] = Grey;
      Stack.push_back({Next, Next->succ_begin()});
    }
  }

  for (auto [From, To] : Edges) {
    BackEdges.insert({From->getBlockID(), To->getBlockID()});
    auto [It, New] = ByHeader.try_emplace(To->getBlockID(), All.size());
    if (New) {
      All.emplace_back();
      All.back().Header = To->getBlockID();
      All.back().Blocks.resize(N);
      All.back().Blocks.set(To->getBlockID());
    }
    Loop &L = All[It->second];
    llvm::SmallVector<const CFGBlock *, 16> Todo{From};
    while (!Todo.empty()) {
      const CFGBlock *B = Todo.pop_back_val();
      if (L.Blocks.test(B->getBlockID()))
        continue;
      L.Blocks.set(B->getBlockID());
      for (const CFGBlock *P : B->preds())
        if (P && Colour[P->getBlockID()] != White)
          Todo.push_back(P);
    }
    // The back edge carries its statement as the loop target of its block.
    if (const Stmt *S = From->getLoopTarget()) {
      L.Statement = S;
      L.Counter = findCounter(S);
    }
  }
}

static const VarDecl *asVariable(const Expr *E) {
  if (!E)
    return nullptr;
  const auto *D = dyn_cast<DeclRefExpr>(E->IgnoreParenImpCasts());
  return D ? dyn_cast<VarDecl>(D->getDecl()) : nullptr;
}

/// Finds the step of \p V in an increment expression.
static int stepOf(const Expr *Inc, const VarDecl *V) {
  if (!Inc)
    return 0;
  Inc = plain(Inc);
  if (const auto *U = dyn_cast<UnaryOperator>(Inc)) {
    if (U->isIncrementDecrementOp() && asVariable(U->getSubExpr()) == V)
      return U->isIncrementOp() ? 1 : -1;
    return 0;
  }
  const auto *B = dyn_cast<BinaryOperator>(Inc);
  if (!B)
    return 0;
  if (B->getOpcode() == BO_Comma) {
    int S = stepOf(B->getLHS(), V);
    return S ? S : stepOf(B->getRHS(), V);
  }
  return 0;
}

/// Finds `v++` or `v--` as a statement of the body.
static int stepInBody(const Stmt *S, const VarDecl *V) {
  if (!S)
    return 0;
  if (const auto *E = dyn_cast<Expr>(S))
    if (int Step = stepOf(E, V))
      return Step;
  int Found = 0;
  for (const Stmt *C : S->children())
    if (int Step = stepInBody(C, V)) {
      if (Found && Found != Step)
        return 0;
      Found = Step;
    }
  return Found;
}

static LoopCounter counterFromCondition(const Expr *Cond, const Expr *Inc,
                                        const Stmt *Body) {
  LoopCounter C;
  if (!Cond)
    return C;
  Cond = Cond->IgnoreParenImpCasts();
  if (const auto *B = dyn_cast<BinaryOperator>(Cond);
      B && B->getOpcode() == BO_LAnd) {
    C = counterFromCondition(B->getLHS(), Inc, Body);
    return C.Var ? C : counterFromCondition(B->getRHS(), Inc, Body);
  }

  auto StepFor = [&](const VarDecl *V) {
    int S = stepOf(Inc, V);
    return S ? S : stepInBody(Body, V);
  };
  auto IsZero = [](const Expr *E) {
    const auto *L = dyn_cast<IntegerLiteral>(E->IgnoreParenImpCasts());
    return L && L->getValue() == 0;
  };
  const Expr *Counted = Cond, *Bound = nullptr;
  BinaryOperatorKind Op = BO_NE;
  if (const auto *B = dyn_cast<BinaryOperator>(Cond)) {
    if (!B->isComparisonOp())
      return C;
    Counted = B->getLHS()->IgnoreParenImpCasts();
    Bound = B->getRHS();
    Op = B->getOpcode();
    if (!asVariable(Counted) && !isa<UnaryOperator>(Counted)) {
      std::swap(Counted, Bound);
      Counted = Counted->IgnoreParenImpCasts();
      Op = BinaryOperator::reverseComparisonOp(Op);
    }
  }
  if (const auto *U = dyn_cast<UnaryOperator>(Counted)) {
    if (!U->isDecrementOp())
      return C;
    const VarDecl *V = asVariable(U->getSubExpr());
    if (!V || (Bound && !IsZero(Bound)) ||
        (Op != BO_NE && Op != BO_GT && Op != BO_GE))
      return C;
    C.Var = V;
    C.Step = -1;
    C.Inclusive = Op == BO_GE;
    C.Where = U->isPrefix() ? LoopCounter::PreInCondition
                            : LoopCounter::PostInCondition;
    return C;
  }
  const VarDecl *V = asVariable(Counted);
  if (!V)
    return C;
  int Step = StepFor(V);
  bool Down = !Bound || IsZero(Bound);
  if (Step > 0 && Bound && (Op == BO_LT || Op == BO_LE || Op == BO_NE)) {
    C.Bound = Bound;
    C.Inclusive = Op == BO_LE;
  } else if (Step < 0 && Down && (Op == BO_GT || Op == BO_GE || Op == BO_NE)) {
    C.Inclusive = Op == BO_GE;
  } else {
    return C;
  }
  C.Var = V;
  C.Step = Step;
  return C;
}

LoopCounter pinlint::findCounter(const Stmt *S) {
  if (const auto *F = dyn_cast<ForStmt>(S))
    return counterFromCondition(F->getCond(), F->getInc(), F->getBody());
  if (const auto *W = dyn_cast<WhileStmt>(S))
    return counterFromCondition(W->getCond(), nullptr, W->getBody());
  if (const auto *D = dyn_cast<DoStmt>(S))
    return counterFromCondition(D->getCond(), nullptr, D->getBody());
  return {};
}
