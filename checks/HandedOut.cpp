//===- HandedOut.cpp - Handles that others are given ----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "HandedOut.h"
#include "OverRelease.h"
#include "Ownership.h"
#include "OwnershipText.h"
#include "Trace.h"
#include "engine/Statements.h"
#include "frontend/ApiSummaries.h"
#include "frontend/LifetimeFacts.h"
#include "frontend/Protocols.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/STLExtras.h"

using namespace pinlint;
using namespace clang;

/// The last assignment to \p Member in \p FD before \p Before; null if there is
/// none.
static const BinaryOperator *lastAssignment(const FunctionDecl *FD,
                                            const FieldDecl *Member,
                                            SourceLocation Before) {
  const SourceManager &SM = FD->getASTContext().getSourceManager();
  const BinaryOperator *Last = nullptr;
  (void)anyWithin(FD->getBody(), [&](const Stmt *S) {
    const auto *B = dyn_cast<BinaryOperator>(S);
    const auto *M = B && B->isAssignmentOp()
                        ? dyn_cast<MemberExpr>(B->getLHS()->IgnoreParens())
                        : nullptr;
    if (M && M->getMemberDecl() == Member &&
        SM.isBeforeInTranslationUnit(B->getBeginLoc(), Before))
      Last = B;
    return false;
  });
  return Last;
}

/// What \p X stands for at the end of the path, in an implementation of an
/// operation; null if that is not known, or the function has no such parameter.
/// \p Member: set if it is in a member.
const Term *HandedOut::evaluate(const ProtocolExpr &X, const Leaving &L,
                                const FieldDecl *&Member) {
  TermContext &TC = L.S.M->TC;
  switch (X.Kind) {
  case ProtocolExpr::Ret:
    return L.S.Returned;
  case ProtocolExpr::Const:
    return TC.constant(X.Value);
  case ProtocolExpr::Arg: {
    if (uint64_t(X.Value) >= L.Function->getNumParams())
      return nullptr;
    QualType Ty = L.Function->getParamDecl(X.Value)->getType();
    return TC.param(X.Value, boundsOfType(Ty, R.ast()));
  }
  case ProtocolExpr::Field: {
    const ProtocolExpr &Of = X.Operands[0];
    const FieldDecl *Ignored = nullptr;
    const Term *Object = evaluate(Of, L, Ignored);
    if (!Object)
      return nullptr;
    QualType Ty = L.Function->getParamDecl(Of.Value)->getType();
    const RecordDecl *Record =
        Ty->isPointerType() ? Ty->getPointeeType()->getAsRecordDecl() : nullptr;
    if (!Record)
      return nullptr;
    for (const FieldDecl *F : Record->fields())
      if (F->getName() == X.Text) {
        Member = F;
        // What the path has not put there is none of its business.
        const Term *const *V = L.S.Store.lookup(TC.field(TC.deref(Object), F));
        return V ? *V : nullptr;
      }
    return nullptr;
  }
  default:
    llvm_unreachable("the reader of protocols takes no others");
  }
}

/// True if the operation owes \p Owed at the end of the path. What is asked of
/// the handle itself need not be certain.
bool HandedOut::isDue(const ProtocolEffect &Owed, const Leaving &L) {
  return llvm::all_of(Owed.When, [&](const ProtocolCond &C) {
    const bool OfHandle = C.LHS.Kind == ProtocolExpr::Ret &&
                          Owed.Subject.Kind == ProtocolExpr::Ret;
    return OfHandle ? !holds({C.LHS, C.RHS, C.oppositeOp().str()}, L)
                    : holds(C, L);
  });
}

/// True if \p C is certain at the end of the path.
bool HandedOut::holds(const ProtocolCond &C, const Leaving &L) {
  const FieldDecl *Ignored = nullptr;
  const Term *A = evaluate(C.LHS, L, Ignored), *B = evaluate(C.RHS, L, Ignored);
  if (!A || !B)
    return false;
  TermContext &TC = L.S.M->TC;
  A = L.S.simplify(A);
  if (C.Op == "&" || C.Op == "!&") {
    Range Bits = L.S.rangeOf(TC.binary(Term::And, A, B));
    return C.Op == "&" ? !Bits.contains(0) : Bits.isOnly(0);
  }
  Range X = L.S.rangeOf(TC.sub(A, B));
  if (C.Op == "==")
    return X.isOnly(0);
  if (C.Op == "!=")
    return !X.contains(0);
  if (C.Op == "<")
    return X.Hi < 0;
  if (C.Op == "<=")
    return X.Hi <= 0;
  return C.Op == ">" ? X.Lo > 0 : X.Lo >= 0;
}

/// True if a value of that type is wide enough for a pointer or frame number.
static bool canBeHandle(QualType Ty, const ASTContext &Ctx) {
  return Ty->isPointerType() ||
         (Ty->isIntegerType() &&
          Ctx.getTypeSize(Ty) >= Ctx.getTypeSize(Ctx.VoidPtrTy));
}

/// True if nothing that \p C returns comes with a reference of its own: all
/// that is done there is to look things up.
bool HandedOut::onlyBorrows(const CallExpr *C, unsigned Depth) const {
  constexpr unsigned MaxDepth = 3;
  const FunctionDecl *F = C->getDirectCallee();
  if (!F)
    return false;
  if (F->getBuiltinID())
    return true;
  if (const ProtocolFunction *Known = protocolOf(C, *R.options().Protos))
    return !Known->does(ProtocolEffect::Acquire);
  const FunctionDecl *Body = nullptr;
  if (Depth == MaxDepth || !F->hasBody(Body) || Body->hasSkippedBody())
    return false;
  return !anyWithin(Body->getBody(), [&](const Stmt *S) {
    const auto *Inner = dyn_cast<CallExpr>(S);
    return Inner && canBeHandle(Inner->getType(), R.ast()) &&
           !onlyBorrows(Inner, Depth + 1);
  });
}

/// True if \p V was found where somebody else has it, and no call can have
/// taken a reference for the function.
bool HandedOut::isBorrowed(const Term *V, const Leaving &L,
                           unsigned Depth) const {
  constexpr unsigned MaxDepth = 6;
  if (Depth == MaxDepth)
    return false;
  switch (V->kind()) {
  case Term::Const:
  case Term::AddrOf:
    return true;
  case Term::Load:
    return V->numOps() == 1;
  case Term::Sym: {
    if (auto It = L.S.M->Parts.find(V); It != L.S.M->Parts.end())
      // One of the paths is enough.
      return llvm::any_of(It->second, [&](const Term *Part) {
        return !Part->isConst() && isBorrowed(Part, L, Depth + 1);
      });
    const CallExpr *C = L.CallBehind(V);
    return C && onlyBorrows(C);
  }
  case Term::Linear:
  case Term::Op:
  case Term::Convert:
    return llvm::all_of(V->operands(), [&](const Term *Part) {
      return isBorrowed(Part, L, Depth + 1);
    });
  default:
    return false;
  }
}

/// True if something is held in \p S that \p Handle is another name of; a page,
/// if \p OnlyPages.
static bool isHeld(const State &S, const Term *Handle, bool OnlyPages = false) {
  return llvm::any_of(S.Held, [&](const Obligation &O) {
    return (!OnlyPages || !O.Fam->Group.empty()) &&
           mentions(Handle, stripConversions(O.Handle));
  });
}

void HandedOut::implements(const FunctionDecl *FD, const FieldDecl *Operation) {
  Operations[FD->getCanonicalDecl()].insert(
      &R.options().Protos->operations().at(memberName(Operation)));
}

/// Reports a path on which a function leaves a handle without a reference where
/// \p Operation owes one.
void HandedOut::checkOwed(const Leaving &L, const ProtocolFunction &Operation,
                          const ProtocolEffect &Owed) {
  const State &S = L.S;
  const FieldDecl *Member = nullptr;
  const Term *V = evaluate(Owed.Subject, L, Member);
  if (!V || V->isConst() || S.rangeOf(V).Hi <= 0 || isHeld(S, V) ||
      !isDue(Owed, L) || !isBorrowed(V, L))
    return;
  SourceLocation Loc = L.Loc;
  if (Member)
    if (const auto *B = lastAssignment(L.Function, Member, L.Loc))
      Loc = B->getBeginLoc();
  // The first path there is as good as any.
  if (!Told.insert({&Owed, Loc}).second)
    return;
  const ProtocolFamily &Fam = *R.options().Protos->family(Owed.Family);
  Reporter::Report Rep =
      reportAt(OverRelease::Name, L.Function->getCanonicalDecl(), Loc,
               (Member ? "what is put into " + quoted(Member)
                       : std::string("what is returned")) +
                   " has no " + Fam.Noun + " of its own, but who calls '" +
                   Operation.Name + "' gives one back by " + Fam.ReleaseWith,
               "owed");
  // The path to a value of joined paths may be another one's.
  if (!S.M->Parts.contains(V))
    Rep.Steps = renderPath(R.ast(), S.Path, nullptr);
  Rep.End = "nothing on this path takes a reference";
  R.add(Rep);
}

/// True if \p Loc is in an element of an array: what rings and pools have there
/// is replaced by others.
static bool isInArray(const Term *Loc) {
  for (; Loc; Loc = outwards(Loc))
    if (Loc->kind() == Term::Index)
      return true;
  return false;
}

void HandedOut::handedOver(const HandOver &X) {
  const ProtocolFunction *Known = protocolOf(X.Call, *R.options().Protos);
  const Term *V = stripConversions(X.Handle);
  if (!Known || !Known->does(ProtocolEffect::Transfer) ||
      V->kind() != Term::Load || V->numOps() != 1 ||
      V->op(0)->kind() != Term::Field || isLocal(V->op(0)) ||
      isInArray(V->op(0)))
    return;
  if (llvm::any_of(Lendings, [&](const Lending &L) {
        return L.Call == X.Call && L.Handle == V;
      }))
    return;
  Lendings.push_back(
      {X.Function->getCanonicalDecl(), X.Call, V, V->op(0)->fieldDecl()});
}

void HandedOut::leaving(const Leaving &L) {
  if (L.S.Rough)
    return;
  for (Lending &X : Lendings) {
    if (X.In != L.Function->getCanonicalDecl())
      continue;
    X.Own |= isHeld(L.S, X.Handle, /*OnlyPages=*/true);
    const Term *const *Now = L.S.Store.lookup(X.Handle->op(0));
    X.Moved |= Now && stripConversions(*Now) != X.Handle;
  }
  auto It = Operations.find(L.Function->getCanonicalDecl());
  if (It == Operations.end())
    return;
  for (const ProtocolFunction *Operation : It->second)
    if (L.Function->getNumParams() == Operation->NumArgs)
      for (const ProtocolEffect &Owed : Operation->Effects)
        checkOwed(L, *Operation, Owed);
}

/// True if \p FD takes a reference for what is in \p Member.
static bool takes(const FunctionDecl *FD, const FieldDecl *Member,
                  const Protocols &P) {
  return anyWithin(FD->getBody(), [&](const Stmt *S) {
    const auto *C = dyn_cast<CallExpr>(S);
    const ProtocolFunction *Known = C ? protocolOf(C, P) : nullptr;
    return Known && llvm::any_of(Known->Effects, [&](const ProtocolEffect &E) {
             return E.Kind == ProtocolEffect::Acquire &&
                    E.Subject.Kind == ProtocolExpr::Arg &&
                    uint64_t(E.Subject.Value) < C->getNumArgs() &&
                    memberIn(C->getArg(E.Subject.Value)) == Member;
           });
  });
}

/// A function gives away what an object goes on having, while others take a
/// reference for that.
void HandedOut::judge(const LifetimeFacts &Facts) {
  for (const Lending &X : Lendings) {
    if (X.Own || X.Moved)
      continue;
    auto Other = llvm::find_if(Lendings, [&](const Lending &Y) {
      return Y.Own && Y.From == X.From && Y.In != X.In;
    });
    const std::string Member = memberName(X.From);
    const bool Known = R.options().Protos->keeping().contains(Member);
    if (!Known && Other == Lendings.end())
      continue;
    // Who calls it may have taken one, or take it afterwards.
    if (llvm::any_of(Facts.bodies(), [&](const FunctionDecl *F) {
          return (Facts.calls(F, X.In) || Facts.calls(X.In, F)) &&
                 takes(F, X.From, *R.options().Protos);
        }))
      continue;
    std::string Message =
        "what is handed on here has no reference of its own, and '" + Member +
        "' keeps its one";
    if (Other != Lendings.end())
      Message += "; " + quoted(Other->In) + " takes one for it";
    Reporter::Report Rep =
        reportAt(OverRelease::Name, X.In, X.Call->getBeginLoc(),
                 std::move(Message), "lent");
    Rep.End =
        quoted(X.From) + " is left as it is, and nothing takes a reference";
    R.add(Rep);
  }
}
