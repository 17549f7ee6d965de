//===- FixIts.cpp - Cures that are certain --------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "FixIts.h"
#include "frontend/Protocols.h"
#include "clang/AST/ParentMap.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Lex/Lexer.h"

using namespace pinlint;
using namespace clang;

namespace {
/// How one function uses its local variables.
class Uses : public RecursiveASTVisitor<Uses> {
public:
  Uses(const FunctionDecl *FD, const Protocols &P)
      : P(P), Parents(FD->getBody()) {
    TraverseStmt(FD->getBody());
  }

  bool VisitDeclRefExpr(DeclRefExpr *E) {
    if (const auto *V = dyn_cast<VarDecl>(E->getDecl()))
      Refs[V].push_back(E);
    return true;
  }

  /// True if \p V holds nothing but handles that \p Acquire puts there.
  bool isFilledOnlyBy(const VarDecl *V, const CallExpr *Acquire) const {
    if (!V->hasLocalStorage() || isa<ParmVarDecl>(V))
      return false;
    QualType T = V->getType();
    bool Many = T->isArrayType() ||
                (T->isPointerType() && T->getPointeeType()->isPointerType());
    if (const Expr *Init = V->getInit(); Init && !isFresh(Init))
      return false;
    auto It = Refs.find(V);
    return It != Refs.end() && llvm::all_of(It->second, [&](const auto *E) {
             return Many ? keepsElements(E, Acquire) : keepsValue(E, Acquire);
           });
  }

  /// The variable that gets the result of \p Call, if nothing else writes it.
  const VarDecl *resultOf(const CallExpr *Call) const {
    const Stmt *S = up(Call);
    const VarDecl *V = nullptr;
    if (const auto *D = dyn_cast_or_null<DeclStmt>(S))
      V = D->isSingleDecl() ? dyn_cast<VarDecl>(D->getSingleDecl()) : nullptr;
    else if (const auto *B = dyn_cast_or_null<BinaryOperator>(S);
             B && B->getOpcode() == BO_Assign)
      if (const auto *L = dyn_cast<DeclRefExpr>(B->getLHS()->IgnoreParens()))
        V = dyn_cast<VarDecl>(L->getDecl());
    if (!V || !V->hasLocalStorage() || !V->getType()->isIntegerType())
      return nullptr;
    bool Declared = isa<DeclStmt>(S);
    return writes(V) == (Declared ? 0u : 1u) && (Declared || !V->hasInit())
               ? V
               : nullptr;
  }

  /// Assignments to \p V, and other uses that may write it.
  unsigned writes(const VarDecl *V) const {
    auto It = Refs.find(V);
    if (It == Refs.end())
      return 0;
    return llvm::count_if(It->second, [&](const DeclRefExpr *E) {
      return !isRead(Parents.getParentIgnoreParens(E)) && !isSizeof(E);
    });
  }

  /// The innermost for loop around \p S.
  const ForStmt *loopAround(const Stmt *S) const {
    while (S && !isa<ForStmt>(S)) {
      if (isa<WhileStmt, DoStmt>(S))
        return nullptr;
      S = Parents.getParent(S);
    }
    return cast_or_null<ForStmt>(S);
  }

  /// True if \p V can be named at \p S.
  bool isVisibleAt(const VarDecl *V, const Stmt *S) const {
    for (; S; S = Parents.getParent(S))
      if (const auto *C = dyn_cast<CompoundStmt>(S))
        for (const Stmt *X : C->body())
          if (const auto *D = dyn_cast<DeclStmt>(X))
            if (llvm::is_contained(D->decls(), V))
              return true;
    return false;
  }

private:
  const Stmt *up(const Stmt *S) const {
    do
      S = Parents.getParentIgnoreParens(S);
    while (isa_and_nonnull<CastExpr>(S));
    return S;
  }

  static bool isRead(const Stmt *S) {
    const auto *C = dyn_cast_or_null<ImplicitCastExpr>(S);
    return C && C->getCastKind() == CK_LValueToRValue;
  }

  bool isSizeof(const Expr *E) const {
    return isa_and_nonnull<UnaryExprOrTypeTraitExpr>(
        Parents.getParentIgnoreParens(E));
  }

  /// NULL, nothing, or memory that was just allocated.
  bool isFresh(const Expr *E) const {
    E = E->IgnoreParenCasts();
    if (const auto *C = dyn_cast<CallExpr>(E))
      return C->getDirectCallee() && P.lookup(nameOf(C));
    if (const auto *L = dyn_cast<InitListExpr>(E))
      return llvm::all_of(L->inits(), [](const Expr *I) {
        return isa<ImplicitValueInitExpr>(I) ||
               isa<IntegerLiteral>(I->IgnoreParenCasts());
      });
    return isa<IntegerLiteral>(E);
  }

  static llvm::StringRef nameOf(const CallExpr *C) {
    const FunctionDecl *F = C->getDirectCallee();
    return F && F->getIdentifier() ? F->getName() : "";
  }

  bool keepsValue(const DeclRefExpr *E, const CallExpr *Acquire) const {
    const Stmt *S = Parents.getParentIgnoreParens(E);
    if (isRead(S) || isSizeof(E))
      return true;
    const auto *U = dyn_cast_or_null<UnaryOperator>(S);
    return U && U->getOpcode() == UO_AddrOf && up(U) == Acquire;
  }

  /// \p E is the array, or a pointer to its elements.
  bool keepsElements(const Expr *E, const CallExpr *Acquire) const {
    if (isSizeof(E))
      return true;
    const Stmt *S = up(E);
    if (const auto *C = dyn_cast_or_null<CallExpr>(S)) {
      if (C == Acquire)
        return true;
      const ProtocolFunction *F = P.lookup(nameOf(C), C->getNumArgs());
      return F && llvm::none_of(F->Effects, [](const ProtocolEffect &X) {
               return X.Kind != ProtocolEffect::Release &&
                      X.Kind != ProtocolEffect::Free &&
                      X.Kind != ProtocolEffect::Use;
             });
    }
    if (const auto *A = dyn_cast_or_null<ArraySubscriptExpr>(S))
      return keepsElement(A, Acquire);
    if (const auto *U = dyn_cast_or_null<UnaryOperator>(S)) {
      if (U->getOpcode() == UO_LNot)
        return true;
      return U->getOpcode() == UO_Deref && keepsElement(U, Acquire);
    }
    if (const auto *B = dyn_cast_or_null<BinaryOperator>(S)) {
      if (B->isComparisonOp() || B->isLogicalOp())
        return true;
      if (B->getOpcode() == BO_Assign &&
          B->getLHS()->IgnoreParens() == E->IgnoreParens())
        return isFresh(B->getRHS());
      return B->isAdditiveOp() && keepsElements(B, Acquire);
    }
    // A condition.
    return isa_and_nonnull<IfStmt>(S);
  }

  /// \p E is an element as an lvalue.
  bool keepsElement(const Expr *E, const CallExpr *Acquire) const {
    const Stmt *S = Parents.getParentIgnoreParens(E);
    if (isRead(S) || isSizeof(E))
      return true;
    const auto *U = dyn_cast_or_null<UnaryOperator>(S);
    return U && U->getOpcode() == UO_AddrOf && keepsElements(U, Acquire);
  }

  const Protocols &P;
  ParentMap Parents;
  llvm::DenseMap<const VarDecl *, llvm::SmallVector<const DeclRefExpr *, 8>>
      Refs;
};
} // namespace

/// The variable that \p E names, or of which it names an element.
static const VarDecl *variableOf(const Expr *E) {
  E = E->IgnoreParenImpCasts();
  if (const auto *A = dyn_cast<ArraySubscriptExpr>(E))
    E = A->getBase()->IgnoreParenImpCasts();
  else if (const auto *U = dyn_cast<UnaryOperator>(E);
           U && (U->getOpcode() == UO_Deref || U->getOpcode() == UO_AddrOf))
    return variableOf(U->getSubExpr());
  const auto *D = dyn_cast<DeclRefExpr>(E);
  return D ? dyn_cast<VarDecl>(D->getDecl()) : nullptr;
}

static const CallExpr *directCall(const Stmt *S) {
  const auto *C = dyn_cast_or_null<CallExpr>(S);
  return C && C->getDirectCallee() && C->getDirectCallee()->getIdentifier()
             ? C
             : nullptr;
}

static const ProtocolFunction *protocolOf(const Reporter &R,
                                          const CallExpr *C) {
  return R.options().Protos->lookup(C->getDirectCallee()->getName(),
                                    C->getNumArgs());
}

/// What \p F acquires, if that is of one family only.
static const ProtocolEffect *onlyAcquisition(const ProtocolFunction *F) {
  const ProtocolEffect *Found = nullptr;
  if (F)
    for (const ProtocolEffect &E : F->Effects)
      if (E.Kind == ProtocolEffect::Acquire) {
        if (Found && Found->Family != E.Family)
          return nullptr;
        Found = &E;
      }
  return Found;
}

/// \p F does nothing but to release.
static const ProtocolEffect *onlyRelease(const ProtocolFunction *F) {
  return F && F->Effects.size() == 1 && F->Callbacks.empty() &&
                 F->Effects[0].Kind == ProtocolEffect::Release &&
                 F->Effects[0].When.empty()
             ? &F->Effects[0]
             : nullptr;
}

static bool hasSameShape(const ProtocolEffect &A, const ProtocolEffect &B) {
  return A.Form == B.Form && A.Subject.str() == B.Subject.str() &&
         A.Count.has_value() == B.Count.has_value() &&
         (!A.Count || A.Count->str() == B.Count->str());
}

/// Empty unless \p Range is written as it is in the main file.
static std::vector<Replacement> replace(const Reporter &R, SourceRange Range,
                                        llvm::StringRef Text) {
  const SourceManager &SM = R.ast().getSourceManager();
  if (Range.getBegin().isMacroID() || Range.getEnd().isMacroID() ||
      !SM.isInMainFile(Range.getBegin()) || !SM.isInMainFile(Range.getEnd()))
    return {};
  unsigned Begin = SM.getFileOffset(Range.getBegin());
  unsigned End = SM.getFileOffset(
      Lexer::getLocForEndOfToken(Range.getEnd(), 0, SM, R.ast().getLangOpts()));
  auto File = SM.getFileEntryRefForID(SM.getMainFileID());
  if (!File || End <= Begin)
    return {};
  return {{File->getName().str(), Begin, End - Begin, Text.str()}};
}

/// What both cures start from.
static bool isCertain(const ReleaseFault &F) {
  return F.O && !F.S.Rough && !F.E.May && !F.O->Lent && directCall(F.Site) &&
         directCall(F.O->Site);
}

/// The function that releases handles of \p Fam and is called as \p Wrong is.
static const FunctionDecl *rightRelease(const Reporter &R, const Family &Fam,
                                        const CallExpr *Call,
                                        const ProtocolEffect &Wrong) {
  ASTContext &Ctx = R.ast();
  const FunctionDecl *Found = nullptr;
  for (const ProtocolFunction *F : R.options().Protos->functions()) {
    const ProtocolEffect *E = onlyRelease(F);
    if (!E || F->NumArgs != Call->getNumArgs() || !hasSameShape(*E, Wrong) ||
        (E->Family != Fam.Name &&
         llvm::none_of(Fam.AlsoReleasedAs,
                       [&](const Family *X) { return X->Name == E->Family; })))
      continue;
    const FunctionDecl *D = R.findFunction(F->Name);
    if (!D || D->getNumParams() != Call->getNumArgs())
      continue;
    bool Fits = true;
    for (unsigned I = 0; I < Call->getNumArgs(); ++I) {
      QualType Given = Call->getArg(I)->IgnoreParenImpCasts()->getType();
      QualType Wanted = D->getParamDecl(I)->getType();
      if (Given->isArrayType())
        Given = Ctx.getArrayDecayedType(Given);
      Fits &= Ctx.hasSameUnqualifiedType(Given, Wanted) ||
              (Given->isIntegerType() && Wanted->isIntegerType());
    }
    if (!Fits)
      continue;
    // The family names its usual release.
    if (Fam.ReleaseWith == F->Name + "()")
      return D;
    if (Found)
      return nullptr;
    Found = D;
  }
  return Found;
}

std::vector<Replacement> pinlint::fixRelease(Reporter &R,
                                             const ReleaseFault &F) {
  if (F.Kind != ReleaseFault::WrongFamily || !isCertain(F))
    return {};
  const CallExpr *Call = directCall(F.Site), *Acquire = directCall(F.O->Site);
  const ProtocolEffect *Wrong = onlyRelease(protocolOf(R, Call));
  if (!Wrong || Wrong->Subject.Kind != ProtocolExpr::Arg ||
      !onlyAcquisition(protocolOf(R, Acquire)))
    return {};
  const VarDecl *V = variableOf(Call->getArg(Wrong->Subject.Value));
  if (!V || !Uses(F.Function, *R.options().Protos).isFilledOnlyBy(V, Acquire))
    return {};
  const FunctionDecl *Right = rightRelease(R, *F.O->Fam, Call, *Wrong);
  if (!Right)
    return {};
  return replace(R, Call->getCallee()->getSourceRange(), Right->getName());
}

/// \p A and \p B are the same variable, which nothing writes, or constant.
static bool isSameNumber(const Expr *A, const Expr *B, const Uses &U,
                         const ASTContext &Ctx) {
  const auto *X = dyn_cast<DeclRefExpr>(A->IgnoreParenImpCasts());
  const auto *Y = dyn_cast<DeclRefExpr>(B->IgnoreParenImpCasts());
  if (X && Y && X->getDecl() == Y->getDecl()) {
    const auto *V = dyn_cast<VarDecl>(X->getDecl());
    return V && V->hasLocalStorage() &&
           U.writes(V) <= (isa<ParmVarDecl>(V) || V->hasInit() ? 0u : 1u);
  }
  Expr::EvalResult M, N;
  return A->EvaluateAsInt(M, Ctx) && B->EvaluateAsInt(N, Ctx) &&
         llvm::APSInt::isSameValue(M.Val.getInt(), N.Val.getInt());
}

std::vector<Replacement> pinlint::fixBound(Reporter &R, const ReleaseFault &F) {
  if (F.Kind != ReleaseFault::TooMany || !isCertain(F))
    return {};
  const CallExpr *Call = directCall(F.Site), *Acquire = directCall(F.O->Site);
  const ProtocolEffect *Release = onlyRelease(protocolOf(R, Call));
  const ProtocolEffect *Got = onlyAcquisition(protocolOf(R, Acquire));
  if (!Release || !Got || Release->Subject.Kind != ProtocolExpr::Arg ||
      !Got->Count || Got->Count->Kind != ProtocolExpr::Ret || !Got->Request ||
      Got->Request->Kind != ProtocolExpr::Arg)
    return {};
  ASTContext &Ctx = R.ast();
  Uses U(F.Function, *R.options().Protos);
  const ForStmt *Loop = U.loopAround(Call);
  const auto *Cond =
      Loop && Loop->getCond()
          ? dyn_cast<BinaryOperator>(Loop->getCond()->IgnoreParenImpCasts())
          : nullptr;
  const VarDecl *Number = U.resultOf(Acquire);
  if (!Cond || Cond->getOpcode() != BO_LT || !Number ||
      !U.isVisibleAt(Number, Loop) ||
      !isSameNumber(Cond->getRHS(), Acquire->getArg(Got->Request->Value), U,
                    Ctx))
    return {};
  // An error number must stay below every index.
  QualType Index = Cond->getLHS()->IgnoreParenImpCasts()->getType();
  if (!Number->getType()->isSignedIntegerType() ||
      !(Index->isSignedIntegerType() ||
        Ctx.getTypeSize(Index) < Ctx.getTypeSize(Number->getType())))
    return {};
  const auto *Element = dyn_cast<ArraySubscriptExpr>(
      Call->getArg(Release->Subject.Value)->IgnoreParenImpCasts());
  const VarDecl *V = Element ? variableOf(Element) : nullptr;
  if (!V || variableOf(Element->getIdx()) != variableOf(Cond->getLHS()) ||
      !U.isFilledOnlyBy(V, Acquire))
    return {};
  return replace(R, Cond->getRHS()->getSourceRange(), Number->getName());
}
