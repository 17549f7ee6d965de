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
#include "frontend/LifetimeFacts.h"
#include "frontend/Protocols.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/STLExtras.h"

using namespace pinlint;
using namespace clang;

namespace {
/// The last assignment to a member before a place.
class AssignmentVisitor : public RecursiveASTVisitor<AssignmentVisitor> {
public:
  AssignmentVisitor(const FieldDecl *Member, SourceLocation Before,
                    const SourceManager &SM)
      : Member(Member), Before(Before), SM(SM) {}
  const BinaryOperator *Last = nullptr;

  bool VisitBinaryOperator(BinaryOperator *B) {
    const auto *M = dyn_cast<MemberExpr>(B->getLHS()->IgnoreParens());
    if (B->isAssignmentOp() && M && M->getMemberDecl() == Member &&
        SM.isBeforeInTranslationUnit(B->getBeginLoc(), Before))
      Last = B;
    return true;
  }

private:
  const FieldDecl *Member;
  SourceLocation Before;
  const SourceManager &SM;
};

class CallVisitor : public RecursiveASTVisitor<CallVisitor> {
public:
  llvm::SmallVector<const CallExpr *, 8> Calls;
  bool VisitCallExpr(CallExpr *C) {
    Calls.push_back(C);
    return true;
  }
};
} // namespace

/// `structure.member`, as protocols have it.
static std::string nameOf(const FieldDecl *Member) {
  return (Member->getParent()->getName() + "." + Member->getName()).str();
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
    return llvm::none_of(Known->Effects, [](const ProtocolEffect &E) {
      return E.Kind == ProtocolEffect::Acquire;
    });
  const FunctionDecl *Body = nullptr;
  if (Depth == MaxDepth || !F->hasBody(Body) || Body->hasSkippedBody())
    return false;
  CallVisitor V;
  V.TraverseStmt(Body->getBody());
  return llvm::all_of(V.Calls, [&](const CallExpr *Inner) {
    return !canBeHandle(Inner->getType(), R.ast()) ||
           onlyBorrows(Inner, Depth + 1);
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

/// True if something is held in \p S that \p Handle is another name of.
static bool isHeld(const State &S, const Term *Handle) {
  return llvm::any_of(S.Held, [&](const Obligation &O) {
    return mentions(Handle, stripConversions(O.Handle));
  });
}

void HandedOut::noteDebt(const Leaving &L, const ProtocolFunction &Operation,
                         const ProtocolEffect &Owed) {
  const State &S = L.S;
  Debt D;
  D.Member = nullptr;
  const Term *V = evaluate(Owed.Subject, L, D.Member);
  if (!V || V->isConst() || S.rangeOf(V).Hi <= 0 || isHeld(S, V) ||
      !isDue(Owed, L) || !isBorrowed(V, L))
    return;
  D.In = L.Function->getCanonicalDecl();
  D.Operation = &Operation;
  D.Owed = &Owed;
  D.Loc = L.Loc;
  if (D.Member) {
    AssignmentVisitor A(D.Member, L.Loc, R.ast().getSourceManager());
    A.TraverseStmt(L.Function->getBody());
    if (A.Last)
      D.Loc = A.Last->getBeginLoc();
  }
  if (llvm::any_of(Debts, [&](const Debt &X) {
        return X.In == D.In && X.Owed == D.Owed && X.Loc == D.Loc;
      }))
    return;
  // The path to a value of joined paths may be another one's.
  if (!S.M->Parts.contains(V))
    D.Path = renderPath(R.ast(), S.Path, nullptr);
  Debts.push_back(std::move(D));
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
  if (!Known || llvm::none_of(Known->Effects, [](const ProtocolEffect &E) {
        return E.Kind == ProtocolEffect::Transfer;
      }))
    return;
  if (V->kind() != Term::Load || V->numOps() != 1 ||
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
    X.Own |= llvm::any_of(L.S.Held, [&](const Obligation &O) {
      return !O.Fam->Group.empty() &&
             mentions(X.Handle, stripConversions(O.Handle));
    });
    const Term *const *Now = L.S.Store.lookup(X.Handle->op(0));
    X.Moved |= Now && stripConversions(*Now) != X.Handle;
  }
  for (const auto &[Name, Operation] : R.options().Protos->operations())
    if (L.Function->getNumParams() == Operation.NumArgs)
      for (const ProtocolEffect &Owed : Operation.Effects)
        noteDebt(L, Operation, Owed);
}

/// The members whose contents \p FD takes a reference for.
static llvm::SmallPtrSet<const FieldDecl *, 4> takenIn(const FunctionDecl *FD,
                                                       const Protocols &P) {
  llvm::SmallPtrSet<const FieldDecl *, 4> Members;
  CallVisitor V;
  V.TraverseStmt(FD->getBody());
  for (const CallExpr *C : V.Calls)
    if (const ProtocolFunction *Known = protocolOf(C, P))
      for (const ProtocolEffect &E : Known->Effects)
        if (E.Kind == ProtocolEffect::Acquire &&
            E.Subject.Kind == ProtocolExpr::Arg &&
            uint64_t(E.Subject.Value) < C->getNumArgs())
          if (const FieldDecl *M = memberIn(C->getArg(E.Subject.Value)))
            Members.insert(M);
  return Members;
}

/// A function gives away what an object goes on having, while others take a
/// reference for that.
void HandedOut::judgeLendings(const LifetimeFacts &Facts) {
  for (const Lending &X : Lendings) {
    if (X.Own || X.Moved)
      continue;
    auto Other = llvm::find_if(Lendings, [&](const Lending &Y) {
      return Y.Own && Y.From == X.From && Y.In != X.In;
    });
    const std::string Member = nameOf(X.From);
    const bool Known = R.options().Protos->keeping().contains(Member);
    if (!Known && Other == Lendings.end())
      continue;
    // Who calls it may have taken one, or take it afterwards.
    if (llvm::any_of(Facts.bodies(), [&](const FunctionDecl *F) {
          return (Facts.calls(F, X.In) || Facts.calls(X.In, F)) &&
                 takenIn(F, *R.options().Protos).contains(X.From);
        }))
      continue;
    Reporter::Report Rep;
    Rep.Check = OverRelease::Name;
    Rep.Function = X.In;
    Rep.Loc = X.Call->getBeginLoc();
    Rep.Message = "what is handed on here has no reference of its own, and '" +
                  Member + "' keeps its one";
    if (Other != Lendings.end())
      Rep.Message += "; " + quoted(Other->In) + " takes one for it";
    Rep.Level = Confidence::Medium;
    Rep.Steps = Trace();
    Rep.End =
        quoted(X.From) + " is left as it is, and nothing takes a reference";
    Rep.Key = "lent:" + std::to_string(Rep.Loc.getRawEncoding());
    R.add(Rep);
  }
}

void HandedOut::judge(const LifetimeFacts &Facts) {
  judgeLendings(Facts);
  for (Debt &D : Debts) {
    auto IsIt = [&](const EntryPoint &E) {
      return nameOf(E.Member) == D.Operation->Name;
    };
    if (llvm::none_of(Facts.of(D.In).Entries, IsIt))
      continue;
    const ProtocolFamily &Fam = *R.options().Protos->family(D.Owed->Family);
    Reporter::Report Rep;
    Rep.Check = OverRelease::Name;
    Rep.Function = D.In;
    Rep.Loc = D.Loc;
    Rep.Message = (D.Member ? "what is put into " + quoted(D.Member)
                            : std::string("what is returned")) +
                  " has no " + Fam.Noun + " of its own, but who calls '" +
                  D.Operation->Name + "' gives one back by " + Fam.ReleaseWith;
    Rep.Level = Confidence::Medium;
    Rep.Steps = std::move(D.Path);
    Rep.End = "nothing on this path takes a reference";
    Rep.Key = "owed:" + std::to_string(D.Loc.getRawEncoding());
    R.add(Rep);
  }
}
