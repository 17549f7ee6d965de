//===- Expressions.cpp - Values of expressions ----------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Explorer.h"
#include "Statements.h"
#include "clang/AST/Expr.h"
#include "clang/AST/Stmt.h"

using namespace pinlint;
using namespace clang;

Range pinlint::boundsOfType(QualType Ty, const ASTContext &Ctx) {
  if (Ty.isNull())
    return Range();
  if (Ty->isBooleanType())
    return Range(0, 1);
  if (!Ty->isIntegralOrEnumerationType() || Ty->isDependentType() ||
      (Ty->isEnumeralType() && Ty->isIncompleteType()))
    return Range();
  unsigned Bits = Ctx.getIntWidth(Ty);
  bool Signed = Ty->isSignedIntegerOrEnumerationType();
  if (Bits >= 64)
    return Signed ? Range() : Range(0, Range::Max);
  return Signed ? Range(-(int64_t(1) << (Bits - 1)),
                        (int64_t(1) << (Bits - 1)) - 1)
                : Range(0, (int64_t(1) << Bits) - 1);
}

unsigned pinlint::elementSizeOf(QualType Ty, const ASTContext &Ctx) {
  QualType Element;
  if (const ArrayType *A = Ctx.getAsArrayType(Ty))
    Element = A->getElementType();
  else
    Element = Ty->getPointeeType();
  // GNU C moves void and function pointers by bytes.
  if (Element.isNull() || Element->isIncompleteType() ||
      !Element->isConstantSizeType() || Element->isFunctionType())
    return 1;
  return Ctx.getTypeSizeInChars(Element).getQuantity();
}

Range Explorer::bounds(QualType Ty) const { return boundsOfType(Ty, Ctx); }

unsigned Explorer::elementSize(QualType Ty) const {
  return elementSizeOf(Ty, Ctx);
}

const Term *Explorer::opaque(llvm::StringRef Why, QualType Ty) {
  return TC.fresh(Why, bounds(Ty));
}

const Term *Explorer::convertTo(const Term *V, QualType Ty) {
  if (Ty->isBooleanType())
    return V->isCompare() ? V : TC.binary(Term::NE, V, TC.zero());
  if (!Ty->isIntegralOrEnumerationType() || Ty->isIncompleteType())
    return V;
  // Counts are passed between int, long and unsigned all the time; only what
  // surely loses bits makes a new value.
  unsigned Bits = Ctx.getIntWidth(Ty);
  bool Signed = Ty->isSignedIntegerOrEnumerationType();
  if (V->isConst() && Bits < 64) {
    // A negative error code stays one when it passes through unsigned.
    if (!Signed && V->number() < 0 && V->number() >= -4095)
      return V;
    return TC.narrow(V, Bits, Signed);
  }
  return Bits < 32 ? TC.narrow(V, Bits, Signed) : V;
}

/// A number that is assigned to something smaller is taken to fit in there, as
/// far as that it does not become zero.
static const Term *keepSign(State &S, const Term *From, const Term *To) {
  if (To != From && !To->isConst() && S.rangeOf(From).Lo > 0)
    (void)S.restrict(To, Range(1, Range::Max));
  return To;
}

const Term *Explorer::loadFrom(State &S, const Term *Loc, QualType Ty) {
  if (Ty->isArrayType())
    return TC.addrOf(Loc);
  if (Ty->isRecordType())
    return TC.load(Loc, nullptr, Range());
  useLocation(S, Loc);
  return S.load(Loc, bounds(Ty));
}

void Explorer::assign(State &S, const Term *Loc, const Term *V, QualType Ty) {
  useLocation(S, Loc);
  storeNumber(S, Loc, V);
  noteKept(S, Loc, V);
  if (Ty->isPointerType())
    unlinkByStore(S, Loc);
  S.store(Loc, convertTo(V, Ty));
}

/// True if only this function's variables lead to the object \p Root.
static bool isPrivate(const State &S, const Term *Root) {
  if (Root->kind() != Term::Deref || Root->op(0)->kind() != Term::Sym ||
      S.mayBeTaken(Root->op(0)) || placeWithCaller(S, Root->op(0)))
    return false;
  return llvm::any_of(S.Store, [&](const auto &KV) {
    const Term *In = rootOf(KV.first);
    return KV.second == Root->op(0) && In->kind() == Term::Var &&
           !In->isExternal();
  });
}

/// Whoever keeps the number of a page in an object has the page: tables of
/// frame numbers are walked in ways that are not followed. A variable of the
/// caller that receives one number is followed.
void Explorer::storeNumber(State &S, const Term *Loc, const Term *V) {
  const Term *Root = rootOf(Loc);
  if (Root->kind() == Term::Var && !Root->isExternal())
    return;
  if (Loc->kind() == Term::Deref && Loc->op(0)->kind() == Term::Param)
    return;
  if (isPrivate(S, Root))
    return;
  bool Table = false;
  for (const Term *L = Loc; L != Root; L = L->op(0))
    Table |= L->kind() == Term::Index;
  keepNumber(S, V, Table);
}

/// The frame number in \p V has gone where this function does not follow it; or
/// into a \p Table of numbers, of which some may stand for several pages.
void Explorer::keepNumber(State &S, const Term *V, bool Table) {
  escapeByNumber(S, V);
  visitTerms(V, [&](const Term *T) {
    if (!T->isPageNumber())
      return T->kind() != Term::Sym;
    for (Obligation &O : S.Held)
      O.Numbered |= Table && mentions(T, O.Handle);
    const Term *Page = T->op(0);
    if (!Page->isExternal())
      return false;
    Effect E;
    E.Kind = Effect::Escape;
    E.Subject = Page;
    E.Numbered = Table;
    if (Page->kind() == Term::Load) {
      const Term *From = Page->op(0);
      E.Subject = TC.addrOf(From->kind() == Term::Index ? From->op(0) : From);
    }
    logEffect(S, E, nullptr);
    return false;
  });
}

/// \p A and \p B are equal. If one is the number of a page that is held, the
/// page may be known by the other one from here on, as the next of a range.
void Explorer::compareNumbers(State &S, const Term *A, const Term *B) {
  if (S.Held.empty() || A->isConst() || B->isConst())
    return;
  // What only this function knows is not found by others.
  bool Own = false;
  for (const Term *Side : {A, B})
    visitTerms(Side, [&](const Term *T) {
      Own |= T->kind() == Term::Load && isPrivate(S, rootOf(T->op(0)));
      return !Own && T->kind() != Term::Sym;
    });
  if (Own)
    return;
  for (const Term *Side : {A, B})
    visitTerms(Side, [&](const Term *T) {
      if (T->isPageNumber())
        for (Obligation &O : S.Held)
          O.Numbered |= mentions(T, O.Handle);
      // Some of its bits do not tell a page from others.
      const bool Some = T->kind() == Term::Op &&
                        (T->opcode() == Term::And || T->opcode() == Term::Rem);
      return !Some && !T->isPageNumber() && T->kind() != Term::Sym;
    });
}

/// \p V is stored at \p Loc. Of handles that go into some element of the
/// caller's array, only the array is remembered: the next one may have the same
/// name.
void Explorer::noteKept(State &S, const Term *Loc, const Term *V) {
  if (S.Held.empty() || V->isConst())
    return;
  const Term *Root = rootOf(Loc);
  if (Root->isExternal() && handOnFirst(S, V, Root))
    return;
  if (Root->kind() == Term::Var)
    return;
  bool Some = false;
  for (const Term *L = Loc; L != Root; L = L->op(0))
    Some |= L->kind() == Term::Index && !L->op(1)->isConst();
  if (!Some)
    return;
  for (Obligation &O : S.Held)
    if (!O.Holder && mentions(V, O.Handle))
      O.Holder = Root;
}

void Explorer::noteOperand(State &S, const Expr *E, const Term *V) {
  auto It = ValueOf.find(E);
  if (It == ValueOf.end())
    return;
  const Expr *Whole = It->second;
  if (const auto *B = dyn_cast<BinaryOperator>(Whole);
      B && B->isLogicalOp() && !V->isCompare())
    V = TC.binary(Term::NE, V, TC.zero());
  S.setPending(Whole, V);
}

const Term *Explorer::eval(State &S, const Expr *E) {
  E = plain(E);
  if (const Term *T = S.pending(E))
    return T;
  return evalUncached(S, E);
}

/// The value of \p E, which is made of constants only.
static std::optional<int64_t> constantValue(const Expr *E,
                                            const ASTContext &Ctx) {
  Expr::EvalResult R;
  if (E->isValueDependent() || !E->EvaluateAsInt(R, Ctx))
    return std::nullopt;
  return int64_t(R.Val.getInt().extOrTrunc(64).getZExtValue());
}

/// The values that are known without any state.
static std::optional<int64_t> literal(const Expr *E, const ASTContext &Ctx) {
  if (const auto *L = dyn_cast<IntegerLiteral>(E))
    return L->getValue().getZExtValue();
  if (const auto *L = dyn_cast<CharacterLiteral>(E))
    return int64_t(L->getValue());
  if (isa<UnaryExprOrTypeTraitExpr, OffsetOfExpr>(E))
    return constantValue(E, Ctx);
  return std::nullopt;
}

const Term *Explorer::evalUncached(State &S, const Expr *E) {
  if (auto V = literal(E, Ctx))
    return TC.constant(*V);
  switch (E->getStmtClass()) {
  case Stmt::DeclRefExprClass: {
    const ValueDecl *D = cast<DeclRefExpr>(E)->getDecl();
    if (const auto *EC = dyn_cast<EnumConstantDecl>(D))
      return TC.constant(
          int64_t(EC->getInitVal().extOrTrunc(64).getZExtValue()));
    if (const auto *F = dyn_cast<FunctionDecl>(D))
      return TC.function(F);
    return loadFrom(S, evalLoc(S, E), E->getType());
  }
  case Stmt::ImplicitCastExprClass:
  case Stmt::CStyleCastExprClass:
    return evalCast(S, cast<CastExpr>(E));
  case Stmt::UnaryOperatorClass:
    return evalUnary(S, cast<UnaryOperator>(E));
  case Stmt::BinaryOperatorClass:
  case Stmt::CompoundAssignOperatorClass:
    return evalBinary(S, cast<BinaryOperator>(E));
  case Stmt::MemberExprClass:
  case Stmt::ArraySubscriptExprClass:
    return loadFrom(S, evalLoc(S, E), E->getType());
  case Stmt::ConditionalOperatorClass: {
    // The operands live in blocks of their own; without a value from there the
    // condition was decided at compile time.
    const auto *C = cast<ConditionalOperator>(E);
    Expr::EvalResult R;
    if (!C->getCond()->isValueDependent() &&
        C->getCond()->EvaluateAsInt(R, Ctx))
      return eval(S,
                  R.Val.getInt() != 0 ? C->getTrueExpr() : C->getFalseExpr());
    return opaque("conditional", E->getType());
  }
  case Stmt::OpaqueValueExprClass:
    if (const Expr *Src = cast<OpaqueValueExpr>(E)->getSourceExpr())
      return eval(S, Src);
    break;
  case Stmt::ChooseExprClass:
    return eval(S, cast<ChooseExpr>(E)->getChosenSubExpr());
  case Stmt::GenericSelectionExprClass:
    return eval(S, cast<GenericSelectionExpr>(E)->getResultExpr());
  case Stmt::ConstantExprClass:
    return eval(S, cast<ConstantExpr>(E)->getSubExpr());
  case Stmt::StmtExprClass: {
    const auto *Body = cast<StmtExpr>(E)->getSubStmt();
    if (!Body->body_empty())
      if (const auto *Last = dyn_cast<Expr>(Body->body_back()))
        if (const Term *T = S.pending(plain(Last)))
          return T;
    break;
  }
  case Stmt::CompoundLiteralExprClass:
    return loadFrom(S, evalLoc(S, E), E->getType());
  case Stmt::StringLiteralClass:
  case Stmt::PredefinedExprClass:
    return TC.fresh("string", Range(4096, Range::Max));
  case Stmt::ImplicitValueInitExprClass:
    return TC.zero();
  case Stmt::InitListExprClass: {
    const auto *L = cast<InitListExpr>(E);
    if (L->getNumInits() == 1 && L->getType()->isScalarType())
      return eval(S, L->getInit(0));
    break;
  }
  default:
    break;
  }
  return opaque(E->getStmtClassName(), E->getType());
}

const Term *Explorer::evalLoc(State &S, const Expr *E) {
  E = plain(E);
  switch (E->getStmtClass()) {
  case Stmt::DeclRefExprClass:
    if (const auto *V = dyn_cast<VarDecl>(cast<DeclRefExpr>(E)->getDecl()))
      return TC.var(V, V->hasGlobalStorage());
    break;
  case Stmt::MemberExprClass: {
    const auto *ME = cast<MemberExpr>(E);
    const auto *F = dyn_cast<FieldDecl>(ME->getMemberDecl());
    if (!F)
      break;
    const Term *Base = ME->isArrow() ? TC.deref(eval(S, ME->getBase()))
                                     : evalLoc(S, ME->getBase());
    AccessedAt = ME->getMemberLoc();
    return TC.field(Base, F);
  }
  case Stmt::ArraySubscriptExprClass: {
    const auto *A = cast<ArraySubscriptExpr>(E);
    const Term *Idx = eval(S, A->getIdx());
    if (Fetches)
      Fetches->index(S, Idx, A);
    return TC.index(TC.deref(eval(S, A->getBase())), Idx,
                    elementSize(A->getBase()->getType()));
  }
  case Stmt::UnaryOperatorClass: {
    const auto *U = cast<UnaryOperator>(E);
    if (U->getOpcode() == UO_Deref)
      return TC.deref(eval(S, U->getSubExpr()));
    if (U->getOpcode() == UO_Extension)
      return evalLoc(S, U->getSubExpr());
    break;
  }
  case Stmt::ImplicitCastExprClass:
  case Stmt::CStyleCastExprClass: {
    const auto *C = cast<CastExpr>(E);
    if (C->getSubExpr()->isLValue())
      return evalLoc(S, C->getSubExpr());
    break;
  }
  case Stmt::BinaryOperatorClass:
    if (cast<BinaryOperator>(E)->getOpcode() == BO_Comma)
      return evalLoc(S, cast<BinaryOperator>(E)->getRHS());
    break;
  case Stmt::ChooseExprClass:
    return evalLoc(S, cast<ChooseExpr>(E)->getChosenSubExpr());
  case Stmt::GenericSelectionExprClass:
    return evalLoc(S, cast<GenericSelectionExpr>(E)->getResultExpr());
  case Stmt::CompoundLiteralExprClass: {
    if (const Term *P = S.pending(E))
      return TC.deref(P);
    const Term *Loc =
        TC.deref(TC.fresh("compound literal", Range(4096, Range::Max)));
    S.setPending(E, TC.addrOf(Loc));
    evalInit(S, Loc, cast<CompoundLiteralExpr>(E)->getInitializer());
    return Loc;
  }
  case Stmt::OpaqueValueExprClass:
    if (const Expr *Src = cast<OpaqueValueExpr>(E)->getSourceExpr())
      return evalLoc(S, Src);
    break;
  default:
    break;
  }
  // An object without a name: a struct that a call or ({}) returns.
  if (const Term *T = S.pending(E); T && T->kind() == Term::Load)
    return T->op(0);
  return TC.deref(TC.fresh("object", Range(4096, Range::Max)));
}

const Term *Explorer::evalCast(State &S, const CastExpr *C) {
  const Expr *Sub = C->getSubExpr();
  switch (C->getCastKind()) {
  case CK_LValueToRValue: {
    const Expr *Inner = plain(Sub);
    if (const Term *T = S.pending(Inner);
        T && isa<StmtExpr, ConditionalOperator>(Inner))
      return T;
    const Term *Loc = evalLoc(S, Sub);
    if (Fetches && Eng.source().isShared(Sub))
      if (const Term *V = Fetches->sharedLoad(S, C, Loc, tokenFor(S, C),
                                              bounds(C->getType())))
        return V;
    return loadFrom(S, Loc, C->getType());
  }
  case CK_ArrayToPointerDecay: {
    const Expr *Inner = plain(Sub);
    if (isa<StringLiteral, PredefinedExpr>(Inner))
      return TC.fresh("string", Range(4096, Range::Max));
    return TC.addrOf(evalLoc(S, Sub));
  }
  case CK_FunctionToPointerDecay:
    if (const auto *D = dyn_cast<DeclRefExpr>(plain(Sub)))
      if (const auto *F = dyn_cast<FunctionDecl>(D->getDecl()))
        return TC.function(F);
    return eval(S, Sub);
  case CK_NullToPointer:
    return TC.zero();
  case CK_IntegralToBoolean:
  case CK_PointerToBoolean:
    return convertTo(eval(S, Sub), Ctx.BoolTy);
  default: {
    const Term *V = eval(S, Sub);
    if (Sub->getType()->isRecordType())
      return V;
    const Term *Converted = convertTo(V, C->getType());
    return isa<ImplicitCastExpr>(C) ? keepSign(S, V, Converted) : Converted;
  }
  }
}

const Term *Explorer::evalUnary(State &S, const UnaryOperator *U) {
  const Expr *Sub = U->getSubExpr();
  switch (U->getOpcode()) {
  case UO_AddrOf: {
    if (const auto *D = dyn_cast<DeclRefExpr>(plain(Sub)))
      if (const auto *F = dyn_cast<FunctionDecl>(D->getDecl()))
        return TC.function(F);
    return TC.addrOf(evalLoc(S, Sub));
  }
  case UO_Deref:
    return loadFrom(S, evalLoc(S, U), U->getType());
  case UO_Plus:
  case UO_Extension:
    return eval(S, Sub);
  case UO_Minus:
    return TC.scale(eval(S, Sub), -1);
  case UO_LNot:
    return TC.logicalNot(eval(S, Sub));
  case UO_Not: {
    if (auto V = constantValue(U, Ctx))
      return TC.constant(*V);
    // ~x = -1 - x.
    const Term *V = TC.sub(TC.constant(-1), eval(S, Sub));
    return convertTo(V, U->getType());
  }
  case UO_PreInc:
  case UO_PreDec:
  case UO_PostInc:
  case UO_PostDec: {
    const Term *Loc = evalLoc(S, Sub);
    const Term *Old = loadFrom(S, Loc, Sub->getType());
    const Term *By = TC.constant(U->isIncrementOp() ? 1 : -1);
    QualType Ty = Sub->getType();
    const Term *New = Ty->isPointerType() ? TC.advance(Old, By, elementSize(Ty))
                                          : TC.add(Old, By);
    assign(S, Loc, New, Sub->getType());
    return U->isPrefix() ? New : Old;
  }
  default:
    return opaque("unary", U->getType());
  }
}

const Term *Explorer::evalContainerOf(State &S, const Expr *Ptr,
                                      const Expr *Offset) {
  const auto *O = dyn_cast<OffsetOfExpr>(Offset->IgnoreParenCasts());
  if (!O)
    return nullptr;
  const Term *T = eval(S, Ptr);
  for (unsigned I = O->getNumComponents(); I-- > 0;) {
    const OffsetOfNode &N = O->getComponent(I);
    if (N.getKind() != OffsetOfNode::Field)
      return nullptr;
    T = TC.containerOf(T, N.getField());
  }
  return T;
}

static Term::OpcodeTy compareOpcode(BinaryOperatorKind Op, bool Unsigned,
                                    bool &Swap) {
  Swap = Op == BO_GT || Op == BO_GE;
  switch (Op) {
  case BO_EQ:
    return Term::EQ;
  case BO_NE:
    return Term::NE;
  case BO_LT:
  case BO_GT:
    return Unsigned ? Term::ULT : Term::LT;
  default:
    return Unsigned ? Term::ULE : Term::LE;
  }
}

static Term::OpcodeTy arithmeticOpcode(BinaryOperatorKind Op) {
  switch (Op) {
  case BO_Mul:
  case BO_MulAssign:
    return Term::Mul;
  case BO_Div:
  case BO_DivAssign:
    return Term::Div;
  case BO_Rem:
  case BO_RemAssign:
    return Term::Rem;
  case BO_Shl:
  case BO_ShlAssign:
    return Term::Shl;
  case BO_Shr:
  case BO_ShrAssign:
    return Term::Shr;
  case BO_And:
  case BO_AndAssign:
    return Term::And;
  case BO_Or:
  case BO_OrAssign:
    return Term::Or;
  case BO_Xor:
  case BO_XorAssign:
    return Term::Xor;
  default:
    return Term::None;
  }
}

const Term *Explorer::evalBinary(State &S, const BinaryOperator *B) {
  BinaryOperatorKind Op = B->getOpcode();
  const Expr *L = B->getLHS(), *R = B->getRHS();
  if (B->isAssignmentOp())
    return evalAssign(S, B);
  if (Op == BO_Comma) {
    eval(S, L);
    return eval(S, R);
  }
  if (B->isLogicalOp()) {
    // Reached only where the operands left their values behind, or where
    // nothing was evaluated.
    const Term *LV = S.pending(plain(L));
    if (LV && S.decide(LV) == (Op == BO_LOr))
      return TC.constant(Op == BO_LOr);
    if (const Term *RV = S.pending(plain(R)))
      return RV->isCompare() ? RV : TC.binary(Term::NE, RV, TC.zero());
    Expr::EvalResult Result;
    if (!B->isValueDependent() && B->EvaluateAsInt(Result, Ctx))
      return TC.constant(Result.Val.getInt() != 0);
    return TC.fresh("condition", Range(0, 1));
  }
  if (Op == BO_Sub && L->getType()->isPointerType() &&
      R->getType()->isIntegerType())
    if (const Term *T = evalContainerOf(S, L, R))
      return T;

  const Term *LV = eval(S, L), *RV = eval(S, R);
  if (B->isComparisonOp()) {
    bool Swap;
    bool Unsigned = L->getType()->isUnsignedIntegerOrEnumerationType();
    Term::OpcodeTy C = compareOpcode(Op, Unsigned, Swap);
    if (Swap)
      std::swap(LV, RV);
    // Pointers into one array compare by their indices.
    if (L->getType()->isPointerType()) {
      if (TC.sameArray(LV, RV)) {
        LV = TC.splitPointer(LV).second;
        RV = TC.splitPointer(RV).second;
      }
    }
    const Term *T = TC.binary(C, LV, RV);
    int Known = S.decide(T);
    if (Known < 0)
      return T;
    if (Fetches)
      Fetches->decided(B, T);
    return TC.constant(Known);
  }
  bool LPtr = L->getType()->isPointerType(),
       RPtr = R->getType()->isPointerType();
  if (Op == BO_Add) {
    if (Fetches && (LPtr || RPtr))
      Fetches->index(S, LPtr ? RV : LV, B);
    if (LPtr)
      return TC.advance(LV, RV, elementSize(L->getType()));
    if (RPtr)
      return TC.advance(RV, LV, elementSize(R->getType()));
    return convertTo(TC.add(LV, RV), B->getType());
  }
  if (Op == BO_Sub) {
    if (LPtr && RPtr) {
      return TC.sameArray(LV, RV) ? TC.sub(TC.splitPointer(LV).second,
                                           TC.splitPointer(RV).second)
                                  : TC.binary(Term::PtrDiff, LV, RV);
    }
    if (LPtr)
      return TC.advance(LV, TC.scale(RV, -1), elementSize(L->getType()));
    return convertTo(TC.sub(LV, RV), B->getType());
  }
  Term::OpcodeTy A = arithmeticOpcode(Op);
  if (A == Term::None)
    return opaque("binary", B->getType());
  // Terms are signed; (unsigned)~0 >> 1 is not.
  if (LV->isConst() && RV->isConst() && LV->number() < 0)
    if (auto V = constantValue(B, Ctx))
      return TC.constant(*V);
  return convertTo(TC.binary(A, S.simplify(LV), S.simplify(RV)), B->getType());
}

const Term *Explorer::evalAssign(State &S, const BinaryOperator *B) {
  const Expr *L = B->getLHS();
  QualType Ty = L->getType();
  if (B->getOpcode() == BO_Assign) {
    if (Ty->isRecordType()) {
      const Term *To = evalLoc(S, L);
      evalInit(S, To, B->getRHS());
      return TC.load(To, nullptr, Range());
    }
    if (Fetches) {
      const Term *Into = evalLoc(S, L);
      if (const Term *V =
              Fetches->macroRead(S, B, Into, tokenFor(S, B), bounds(Ty),
                                 [&](const Expr *E) { return eval(S, E); })) {
        assign(S, Into, V, Ty);
        return V;
      }
    }
    const Term *V = convertTo(eval(S, B->getRHS()), Ty);
    const Term *Loc = evalLoc(S, L);
    if (Fetches)
      Fetches->stored(S, Loc, V, B);
    assign(S, Loc, V, Ty);
    return V;
  }
  const Term *Loc = evalLoc(S, L);
  const Term *Old = loadFrom(S, Loc, Ty);
  const Term *By = eval(S, B->getRHS());
  if (Fetches && Ty->isPointerType())
    Fetches->index(S, By, B);
  const Term *New;
  if (B->getOpcode() == BO_AddAssign)
    New = Ty->isPointerType() ? TC.advance(Old, By, elementSize(Ty))
                              : TC.add(Old, By);
  else if (B->getOpcode() == BO_SubAssign)
    New = Ty->isPointerType()
              ? TC.advance(Old, TC.scale(By, -1), elementSize(Ty))
              : TC.sub(Old, By);
  else
    New = TC.binary(arithmeticOpcode(B->getOpcode()), S.simplify(Old),
                    S.simplify(By));
  assign(S, Loc, New, Ty);
  return New;
}

void Explorer::evalInit(State &S, const Term *Loc, const Expr *Init) {
  Init = plain(Init);
  QualType Ty = Init->getType();
  if (const auto *L = dyn_cast<InitListExpr>(Init)) {
    if (L->isSemanticForm() == false && L->getSemanticForm())
      L = L->getSemanticForm();
    if (Ty->isScalarType()) {
      if (L->getNumInits())
        S.store(Loc, eval(S, L->getInit(0)));
      return;
    }
    S.clear(Loc);
    if (const auto *RT = Ty->getAsRecordDecl()) {
      if (RT->isUnion()) {
        if (const FieldDecl *F = L->getInitializedFieldInUnion();
            F && L->getNumInits())
          evalInit(S, TC.field(Loc, F), L->getInit(0));
        return;
      }
      unsigned I = 0;
      for (const FieldDecl *F : RT->fields()) {
        if (F->isUnnamedBitField() || I >= L->getNumInits())
          continue;
        const Expr *X = L->getInit(I++);
        if (!isa<ImplicitValueInitExpr>(X))
          evalInit(S, TC.field(Loc, F), X);
      }
      return;
    }
    // Long tables are data, not state.
    unsigned Size = elementSize(Ty);
    for (unsigned I = 0; I < L->getNumInits() && I < 16; ++I)
      if (!isa<ImplicitValueInitExpr>(L->getInit(I)))
        evalInit(S, TC.index(Loc, TC.constant(I), Size), L->getInit(I));
    return;
  }
  if (Ty->isRecordType()) {
    const Expr *Src = Init->IgnoreParenImpCasts();
    if (Src->isLValue()) {
      S.copyObject(Loc, evalLoc(S, Src));
      return;
    }
    if (const auto *CL = dyn_cast<CompoundLiteralExpr>(Src)) {
      evalInit(S, Loc, CL->getInitializer());
      return;
    }
    const Term *V = S.pending(Src);
    if (V && V->kind() == Term::Load)
      S.copyObject(Loc, V->op(0));
    else
      S.havoc(Loc, "struct");
    return;
  }
  if (Ty->isArrayType()) {
    S.havoc(Loc, "array");
    return;
  }
  const Term *V = convertTo(eval(S, Init), Ty);
  if (Fetches)
    Fetches->stored(S, Loc, V, Init);
  S.store(Loc, V);
}

void Explorer::evalStmt(State &S, const Stmt *St) {
  if (const auto *E = dyn_cast<Expr>(St)) {
    const Expr *Key = plain(E);
    // Names of objects are read when they are used.
    if (Key->isGLValue() && !isa<StmtExpr, ConditionalOperator>(Key))
      return;
    // What is marked as a temporary object has been made.
    if (Key != E->IgnoreParens())
      return;
    if (isa<InitListExpr>(Key) && !Key->getType()->isScalarType())
      return;
    const Term *V =
        isa<BinaryOperator>(Key) && cast<BinaryOperator>(Key)->isLogicalOp()
            ? eval(S, Key)
        : isa<ConditionalOperator, BinaryConditionalOperator, StmtExpr>(Key)
            ? eval(S, Key)
            : evalUncached(S, Key);
    S.setPending(Key, V);
    noteOperand(S, Key, V);
    return;
  }
  if (const auto *D = dyn_cast<DeclStmt>(St)) {
    for (const Decl *X : D->decls()) {
      const auto *V = dyn_cast<VarDecl>(X);
      if (!V || V->hasGlobalStorage())
        continue;
      const Term *Loc = TC.var(V, false);
      if (V->hasInit())
        evalInit(S, Loc, V->getInit());
      else
        S.havoc(Loc, TC.instance(tokenFor(S, D), TC.addrOf(Loc)));
    }
    return;
  }
  if (const auto *R = dyn_cast<ReturnStmt>(St)) {
    S.ReturnLoc = R->getReturnLoc();
    if (const Expr *V = R->getRetValue(); V && !V->getType()->isRecordType())
      S.Returned = convertTo(eval(S, V), V->getType());
    else if (V)
      S.Returned = eval(S, V);
    return;
  }
  if (const auto *A = dyn_cast<GCCAsmStmt>(St))
    evalAsm(S, *A);
}

void Explorer::evalAsm(State &S, const GCCAsmStmt &A) {
  // A handle that it reads it may put anywhere: xchg() publishes.
  auto Read = [&](const Expr *E) {
    if (S.Held.empty() || !E->getType()->isPointerType())
      return;
    const Term *V = eval(S, E);
    if (llvm::any_of(
            S.Held, [&](const Obligation &O) { return mentions(V, O.Handle); }))
      escapeReachable(S, V);
  };
  for (unsigned I = 0; I < A.getNumInputs(); ++I)
    Read(A.getInputExpr(I));
  for (unsigned I = 0; I < A.getNumOutputs(); ++I) {
    const Expr *O = A.getOutputExpr(I);
    if (A.isOutputPlusConstraint(I))
      Read(O);
    const Term *Loc = evalLoc(S, O);
    if (O->getType()->isRecordType() || O->getType()->isArrayType())
      S.havoc(Loc, "asm");
    else
      S.store(Loc, opaque("asm", O->getType()));
  }
}
