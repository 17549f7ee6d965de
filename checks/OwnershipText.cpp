//===- OwnershipText.cpp - What functions say of owners -------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "OwnershipText.h"
#include "Check.h"
#include "frontend/Protocols.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "llvm/ADT/STLExtras.h"

using namespace pinlint;
using namespace clang;

const FieldDecl *pinlint::memberIn(const Expr *E) {
  E = E->IgnoreParenImpCasts();
  if (const auto *A = dyn_cast<ArraySubscriptExpr>(E))
    return memberIn(A->getBase());
  if (const auto *U = dyn_cast<UnaryOperator>(E);
      U && U->getOpcode() == UO_AddrOf)
    return memberIn(U->getSubExpr());
  const auto *M = dyn_cast<MemberExpr>(E);
  return M ? dyn_cast<FieldDecl>(M->getMemberDecl()) : nullptr;
}

const ProtocolFunction *pinlint::protocolOf(const CallExpr *C,
                                            const Protocols &P) {
  const FunctionDecl *F = C->getDirectCallee();
  return F && F->getIdentifier() ? P.lookup(F->getName(), C->getNumArgs())
                                 : nullptr;
}

static const RecordDecl *pointee(QualType Ty) {
  const RecordDecl *R =
      Ty->isPointerType() ? Ty->getPointeeType()->getAsRecordDecl() : nullptr;
  return R ? R->getDefinition() : nullptr;
}

namespace {
class BodyVisitor : public RecursiveASTVisitor<BodyVisitor>, public BodyText {
public:
  BodyVisitor(ASTContext &Ctx, const Protocols &P) : Ctx(Ctx), P(P) {}

  bool TraverseForStmt(ForStmt *S) {
    const ForStmt *Outer = In;
    In = S;
    bool More = RecursiveASTVisitor::TraverseForStmt(S);
    noteLoop(S);
    In = Outer;
    return More;
  }

  bool VisitCallExpr(CallExpr *C) {
    for (const Expr *A : C->arguments()) {
      if (const FieldDecl *M = memberIn(A))
        ReadAt.try_emplace(M, C->getBeginLoc());
      A = A->IgnoreParenCasts();
      if (const auto *U = dyn_cast<UnaryOperator>(A);
          U && U->getOpcode() == UO_AddrOf)
        A = U->getSubExpr()->IgnoreParenCasts();
      if (const auto *D = dyn_cast<DeclRefExpr>(A))
        PassedOn.insert(D->getDecl());
    }
    const FunctionDecl *F = C->getDirectCallee();
    const ProtocolFunction *Known = protocolOf(C, P);
    if (Known && concernsPages(*Known, ProtocolEffect::Release)) {
      Releases.push_back({C, In});
      Puts |= !releasesOnlyAllocations(*Known);
    }
    TakesReferences |= Known && takesReference(*Known);
    if (Known)
      for (const ProtocolEffect &E : Known->Effects)
        if (E.Kind == ProtocolEffect::Free && C->getNumArgs())
          if (const FieldDecl *M = memberIn(C->getArg(0)))
            FreedMembers.push_back({M, C});
    // What is not parsed does nothing that matters.
    const bool Seen = F && (F->hasBody() || F->hasSkippedBody());
    if (!Known && !Seen && !(F && F->getBuiltinID())) {
      // What is printed is not kept.
      unsigned N = F && F->isVariadic() ? F->getNumParams() : C->getNumArgs();
      for (const Expr *A :
           llvm::make_range(C->arg_begin(), C->arg_begin() + N)) {
        const auto *U = dyn_cast<UnaryOperator>(A->IgnoreParenCasts());
        if (const FieldDecl *M = memberIn(A)) {
          PassedMembers.insert(M);
          if (U && U->getOpcode() == UO_AddrOf)
            FilledElsewhere.insert(M);
        }
        if (const RecordDecl *R = pointee(A->IgnoreParenCasts()->getType()))
          PassedObjects.insert(R);
      }
    }
    return true;
  }

  bool VisitArraySubscriptExpr(ArraySubscriptExpr *A) {
    if (const FieldDecl *M = memberIn(A->getBase()))
      Elements.push_back({M, In});
    return true;
  }

  bool VisitVarDecl(VarDecl *V) {
    if (V->hasInit())
      make(V->getType(), V->getInit());
    if (V->hasLocalStorage() && V->getType()->isPointerType() && V->hasInit())
      takeOut(V, V->getInit(), V->getLocation());
    return true;
  }

  bool VisitUnaryOperator(UnaryOperator *U) {
    if (U->isIncrementDecrementOp() || U->getOpcode() == UO_AddrOf)
      if (const FieldDecl *M = memberIn(U->getSubExpr()))
        Assigned.insert(M);
    return true;
  }

  bool VisitBinaryOperator(BinaryOperator *B) {
    if (B->isAssignmentOp()) {
      if (const FieldDecl *M = memberIn(B->getLHS()))
        Assigned.insert(M);
      if (const FieldDecl *M = memberIn(B->getRHS()->IgnoreParenCasts())) {
        ReadAt.try_emplace(M, B->getBeginLoc());
        if (!isa<DeclRefExpr>(B->getLHS()->IgnoreParens()))
          Copied.insert(M);
      }
    }
    if (B->getOpcode() != BO_Assign || !B->getLHS()->getType()->isPointerType())
      return true;
    make(B->getLHS()->getType(), B->getRHS());
    const Expr *L = B->getLHS()->IgnoreParenImpCasts();
    if (const auto *D = dyn_cast<DeclRefExpr>(L)) {
      if (const auto *V = dyn_cast<VarDecl>(D->getDecl());
          V && V->hasLocalStorage()) {
        Plain.insert(D);
        takeOut(V, B->getRHS(), B->getBeginLoc());
      }
      return true;
    }
    bool Null = B->getRHS()->IgnoreParenCasts()->isNullPointerConstant(
        Ctx, Expr::NPC_ValueDependentIsNotNull);
    if (const FieldDecl *M = memberIn(L); M && Null)
      for (TakenOut &T : Out)
        T.Cleared |= T.Member == M;
    return true;
  }

  bool VisitDeclRefExpr(DeclRefExpr *E) {
    if (const auto *F = dyn_cast<FunctionDecl>(E->getDecl()))
      Functions.insert(F->getCanonicalDecl());
    else
      Named.push_back(E);
    return true;
  }

  void finish() {
    for (const DeclRefExpr *E : Named)
      if (!Plain.count(E))
        for (TakenOut &T : Out)
          T.Used |= T.Into == E->getDecl();
    for (TakenOut &T : Out)
      T.Passed = PassedOn.count(T.Into);
    // Two values in turn: too much to tell apart.
    for (TakenOut &T : Out)
      for (TakenOut &Other : Out)
        T.Used |= &T != &Other && T.Into == Other.Into;
  }

private:
  bool takesReference(const ProtocolFunction &F) const {
    return llvm::any_of(F.Effects, [&](const ProtocolEffect &E) {
      const ProtocolFamily *Fam = P.family(E.Family);
      return E.Kind == ProtocolEffect::Acquire && Fam && Fam->Group == "page" &&
             (Fam->Kind == "REF" || Fam->Kind == "GET");
    });
  }

  bool releasesOnlyAllocations(const ProtocolFunction &F) const {
    return llvm::all_of(F.Effects, [&](const ProtocolEffect &E) {
      const ProtocolFamily *Fam = P.family(E.Family);
      return E.Kind != ProtocolEffect::Release || (Fam && Fam->Kind == "ALLOC");
    });
  }

  bool concernsPages(const ProtocolFunction &F,
                     ProtocolEffect::KindTy Kind) const {
    return llvm::any_of(F.Effects, [&](const ProtocolEffect &E) {
      if (E.Kind != Kind)
        return false;
      const ProtocolFamily *Fam = P.family(E.Family);
      return Fam ? Fam->Group == "page" : E.Family == "group:page";
    });
  }

  /// True if a call in \p S allocates something: many allocators are macros.
  bool allocates(const Stmt *S) const {
    const auto *C = dyn_cast_or_null<CallExpr>(S);
    const ProtocolFunction *Known = C ? protocolOf(C, P) : nullptr;
    if (Known && llvm::any_of(Known->Effects, [&](const ProtocolEffect &E) {
          const ProtocolFamily *Fam = P.family(E.Family);
          return E.Kind == ProtocolEffect::Acquire && Fam &&
                 Fam->Kind == "ALLOC";
        }))
      return true;
    return S && llvm::any_of(S->children(),
                             [&](const Stmt *Sub) { return allocates(Sub); });
  }

  void make(QualType Ty, const Expr *From) {
    const RecordDecl *Object = pointee(Ty);
    From = From->IgnoreParenCasts();
    if (Object && From->getType()->isVoidPointerType() && allocates(From))
      Made.insert(Object);
  }

  void takeOut(const VarDecl *V, const Expr *From, SourceLocation Loc) {
    if (const FieldDecl *M = memberIn(From);
        M && M->getType()->getBaseElementTypeUnsafe()->isPointerType())
      Out.push_back({V, M, Loc});
    else if (!isa<FieldDecl>(V))
      // Something else goes into the variable as well.
      for (TakenOut &T : Out)
        T.Used |= T.Into == V;
  }

  /// `i` of `i = 0` or `int i = 0`, and the number.
  std::optional<std::pair<const VarDecl *, int64_t>> start(const Stmt *Init) {
    const VarDecl *V = nullptr;
    const Expr *From = nullptr;
    if (const auto *D = dyn_cast_or_null<DeclStmt>(Init)) {
      V = D->isSingleDecl() ? dyn_cast<VarDecl>(D->getSingleDecl()) : nullptr;
      From = V ? V->getInit() : nullptr;
    } else if (const auto *B = dyn_cast_or_null<BinaryOperator>(Init);
               B && B->getOpcode() == BO_Assign) {
      const auto *D = dyn_cast<DeclRefExpr>(B->getLHS()->IgnoreParens());
      V = D ? dyn_cast<VarDecl>(D->getDecl()) : nullptr;
      From = B->getRHS();
    }
    auto N = V && From ? From->getIntegerConstantExpr(Ctx) : std::nullopt;
    if (!N)
      return std::nullopt;
    return std::pair(V, N->getExtValue());
  }

  void noteLoop(const ForStmt *S) {
    auto Start = start(S->getInit());
    const auto *Inc = dyn_cast_or_null<UnaryOperator>(S->getInc());
    const auto *Cond = dyn_cast_or_null<BinaryOperator>(S->getCond());
    if (!Start || !Inc || !Inc->isIncrementOp() || !Cond ||
        (Cond->getOpcode() != BO_LT && Cond->getOpcode() != BO_LE))
      return;
    auto IsCounter = [&](const Expr *E) {
      const auto *D = dyn_cast<DeclRefExpr>(E->IgnoreParenImpCasts());
      return D && D->getDecl() == Start->first;
    };
    if (!IsCounter(Cond->getLHS()))
      return;
    ReleaseLoop L{S,
                  nullptr,
                  Cond->getRHS()->IgnoreParenImpCasts(),
                  Start->second,
                  0,
                  Cond->getOpcode() == BO_LE,
                  ""};
    if (const auto *Minus = dyn_cast<BinaryOperator>(L.Bound);
        Minus && Minus->getOpcode() == BO_Sub)
      if (auto N = Minus->getRHS()->getIntegerConstantExpr(Ctx)) {
        L.Bound = Minus->getLHS()->IgnoreParenImpCasts();
        L.Short = N->getExtValue();
      }
    for (const auto &[C, Loop] : Releases)
      if (Loop == S)
        L.Release = calleeName(C);
    if (L.Release.empty())
      return;
    for (const auto &[M, Loop] : Elements)
      if (Loop == S) {
        if (L.Array && L.Array != M)
          return;
        L.Array = M;
      }
    if (L.Array)
      Loops.push_back(std::move(L));
  }

  ASTContext &Ctx;
  const Protocols &P;
  const ForStmt *In = nullptr;
  std::vector<const DeclRefExpr *> Named;
  llvm::SmallPtrSet<const ValueDecl *, 16> PassedOn;
  /// Left sides of assignments.
  llvm::SmallPtrSet<const DeclRefExpr *, 16> Plain;
};
} // namespace

FunctionText pinlint::readFunction(const FunctionDecl *FD, ASTContext &Ctx,
                                   const Protocols &P) {
  BodyVisitor V(Ctx, P);
  V.TraverseStmt(FD->getBody());
  V.finish();
  return {FD, std::move(static_cast<BodyText &>(V))};
}
