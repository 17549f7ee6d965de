//===- Lifetimes.cpp - Breaks functions that free objects -----------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Makes mutants of functions that free objects: too early, twice, with a
/// pointer left, or with something that still leads to them.
///
//===----------------------------------------------------------------------===//

#include "Mutants.h"
#include "clang/AST/RecursiveASTVisitor.h"

using namespace pinlint;
using namespace clang;

namespace {
/// What a call does to the object that an argument leads to.
struct Touch {
  const CallExpr *Call;
  const Expr *Object;
};

class TouchVisitor : public RecursiveASTVisitor<TouchVisitor> {
public:
  explicit TouchVisitor(const Protocols &P) : P(P) {}
  std::vector<Touch> Frees;
  /// Taken from a list, or stopped.
  std::vector<Touch> Unlinks, Stops;
  /// Pointers that have been made to point to something.
  std::vector<const BinaryOperator *> Stores;
  std::vector<const GotoStmt *> Jumps;

  bool VisitCallExpr(CallExpr *C) {
    const FunctionDecl *F = C->getDirectCallee();
    if (!F || !F->getIdentifier() || C->getBeginLoc().isMacroID() ||
        C->getEndLoc().isMacroID())
      return true;
    const ProtocolFunction *Known = P.lookup(F->getName(), C->getNumArgs());
    if (!Known)
      return true;
    for (const ProtocolEffect &E : Known->Effects) {
      if (E.Subject.Kind != ProtocolExpr::Arg || !E.When.empty() ||
          uint64_t(E.Subject.Value) >= C->getNumArgs())
        continue;
      Touch T = {C, C->getArg(E.Subject.Value)->IgnoreParenCasts()};
      const ProtocolFamily *Fam =
          E.Family.empty() ? nullptr : P.family(E.Family);
      if (E.Kind == ProtocolEffect::Free)
        Frees.push_back(T);
      else if (E.Kind == ProtocolEffect::Release && Fam && Fam->Kind == "LINK")
        Unlinks.push_back(T);
      else if (E.Kind == ProtocolEffect::Release && Fam && Fam->Kind == "MAP")
        Stops.push_back(T);
    }
    return true;
  }
  bool VisitBinaryOperator(BinaryOperator *B) {
    if (B->getOpcode() == BO_Assign && B->getType()->isPointerType() &&
        !B->getBeginLoc().isMacroID())
      Stores.push_back(B);
    return true;
  }
  bool VisitGotoStmt(GotoStmt *G) {
    if (!G->getBeginLoc().isMacroID())
      Jumps.push_back(G);
    return true;
  }

private:
  const Protocols &P;
};

class LifetimeMutator {
public:
  explicit LifetimeMutator(MutantWriter &W) : W(W) {}

  void mutate(const FunctionDecl *F, const TouchVisitor &V) {
    for (const Touch &Free : V.Frees) {
      if (!isPlace(Free.Object) || !W.isStatement(Free.Call))
        continue;
      moveForward(F, Free);
      freeBeforeJump(F, V, Free);
    }
    for (const Touch &T : V.Unlinks)
      drop(F, V, T, "unlink-dropped");
    for (const Touch &T : V.Stops)
      drop(F, V, T, "stop-dropped");
  }

  /// `free(x->p); x->p = NULL;`: the pointer keeps its value. \p FreedAgain
  /// are members that are freed in several places.
  void keepPointer(const FunctionDecl *F, const Touch &Free) {
    const auto *Member = dyn_cast<MemberExpr>(Free.Object);
    const auto *Next =
        dyn_cast_or_null<BinaryOperator>(neighbour(Free.Call, true));
    if (Member && Next && Next->getOpcode() == BO_Assign &&
        W.textOf(Next->getLHS()) == W.textOf(Member))
      W.emit(F, "pointer-kept", Next->getSourceRange(), "(void)0");
  }

private:
  static bool isPlace(const Expr *E) { return isa<MemberExpr, DeclRefExpr>(E); }

  /// The statement before or after \p S in the same block, if any.
  const Stmt *neighbour(const Stmt *S, bool After) const {
    auto Parents = W.Ctx.getParents(*S);
    const auto *Block =
        Parents.size() == 1 ? Parents[0].get<CompoundStmt>() : nullptr;
    if (!Block)
      return nullptr;
    const Stmt *Before = nullptr;
    bool Seen = false;
    for (const Stmt *Other : Block->body()) {
      if (Seen)
        return Other;
      Seen = Other == S;
      if (Seen && !After)
        return Before;
      Before = Other;
    }
    return nullptr;
  }

  /// True if \p S has the text of \p Place somewhere, read, not written.
  bool reads(const Stmt *S, llvm::StringRef Place) const {
    if (const auto *E = dyn_cast<Expr>(S);
        E && isPlace(E) && W.textOf(E) == Place)
      return true;
    if (const auto *B = dyn_cast<BinaryOperator>(S); B && B->isAssignmentOp())
      if (isPlace(B->getLHS()) && W.textOf(B->getLHS()) == Place)
        return false;
    return llvm::any_of(S->children(), [&](const Stmt *Child) {
      return Child && reads(Child, Place);
    });
  }

  /// What is done with the object just before it is freed is done just after.
  void moveForward(const FunctionDecl *F, const Touch &Free) {
    const Stmt *Before = neighbour(Free.Call, false);
    if (!isa_and_nonnull<CallExpr>(Before) &&
        !isa_and_nonnull<BinaryOperator>(Before))
      return;
    if (!reads(Before, W.textOf(Free.Object)))
      return;
    W.emit(F, "freed-too-early",
           SourceRange(Before->getBeginLoc(), Free.Call->getEndLoc()),
           W.textOf(Free.Call) + "; " + W.textOf(Before));
  }

  /// `if (...) goto err;` frees first what is freed at the label as well.
  void freeBeforeJump(const FunctionDecl *F, const TouchVisitor &V,
                      const Touch &Free) {
    std::string Place = W.textOf(Free.Object);
    const auto *Block = W.enclosing<CompoundStmt>(Free.Call);
    if (Block != F->getBody())
      return;
    for (const GotoStmt *G : V.Jumps) {
      if (!W.isAfter(Free.Call->getBeginLoc(),
                     G->getLabel()->getStmt()->getBeginLoc()) ||
          !W.isAfter(G->getLabel()->getStmt()->getBeginLoc(), G->getBeginLoc()))
        continue;
      const auto *If = W.enclosing<IfStmt>(G);
      bool Set = llvm::any_of(V.Stores, [&](const BinaryOperator *B) {
        return W.isAfter(G->getBeginLoc(), B->getBeginLoc()) &&
               isa<CallExpr>(B->getRHS()->IgnoreParenCasts()) &&
               W.textOf(B->getLHS()) == Place;
      });
      if (!Set || !If || reads(If->getCond(), Place))
        continue;
      W.emit(F, "freed-twice", G->getSourceRange(),
             "({ " + W.textOf(Free.Call) + "; " + W.textOf(G) + "; })");
    }
  }

  /// Nothing takes the object out, or stops what goes on, before it is freed.
  void drop(const FunctionDecl *F, const TouchVisitor &V, const Touch &T,
            llvm::StringRef Operator) {
    if (!W.isStatement(T.Call))
      return;
    const Expr *Inner = T.Object;
    if (const auto *U = dyn_cast<UnaryOperator>(Inner);
        U && U->getOpcode() == UO_AddrOf)
      Inner = U->getSubExpr()->IgnoreParenCasts();
    const auto *Member = dyn_cast<MemberExpr>(Inner);
    if (!Member || !Member->isArrow())
      return;
    std::string Base = W.textOf(Member->getBase());
    if (llvm::any_of(V.Frees, [&](const Touch &Free) {
          return W.isAfter(Free.Call->getBeginLoc(), T.Call->getBeginLoc()) &&
                 W.textOf(Free.Object) == Base;
        }))
      W.emit(F, Operator, T.Call->getSourceRange(), "(void)0");
  }

  MutantWriter &W;
};
} // namespace

void mutateLifetimes(MutantWriter &W, const Protocols &P,
                     llvm::ArrayRef<const FunctionDecl *> Functions) {
  LifetimeMutator M(W);
  std::vector<TouchVisitor> Touches(Functions.size(), TouchVisitor(P));
  llvm::DenseMap<const ValueDecl *, unsigned> Freed;
  auto FieldOf = [](const Touch &T) -> const ValueDecl * {
    const auto *Member = dyn_cast<MemberExpr>(T.Object);
    return Member ? Member->getMemberDecl() : nullptr;
  };
  for (auto [F, V] : llvm::zip_equal(Functions, Touches)) {
    V.TraverseStmt(F->getBody());
    for (const Touch &Free : V.Frees)
      ++Freed[FieldOf(Free)];
  }
  for (auto [F, V] : llvm::zip_equal(Functions, Touches)) {
    M.mutate(F, V);
    for (const Touch &Free : V.Frees)
      if (Freed.lookup(FieldOf(Free)) > 1)
        M.keepPointer(F, Free);
  }
}
