//===- LifetimeFacts.cpp - What a file says about lifetimes ---------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "LifetimeFacts.h"
#include "Protocols.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/STLExtras.h"

using namespace pinlint;
using namespace clang;

/// The field or variable that \p E names; for `*p`, the pointer.
static const Decl *namedBy(const Expr *E) {
  E = E->IgnoreParenImpCasts();
  if (const auto *M = dyn_cast<MemberExpr>(E))
    return M->getMemberDecl();
  if (const auto *U = dyn_cast<UnaryOperator>(E);
      U && U->getOpcode() == UO_Deref)
    return namedBy(U->getSubExpr());
  if (const auto *D = dyn_cast<DeclRefExpr>(E))
    return D->getDecl()->getCanonicalDecl();
  return nullptr;
}

static bool isNull(const Expr *E, ASTContext &Ctx) {
  return E->IgnoreParenCasts()->isNullPointerConstant(
             Ctx, Expr::NPC_ValueDependentIsNotNull) != Expr::NPCK_NotNull;
}

namespace pinlint {
class LifetimeFactsVisitor : public RecursiveASTVisitor<LifetimeFactsVisitor> {
public:
  LifetimeFactsVisitor(ASTContext &Ctx, const Protocols &P,
                       LifetimeFacts &Facts)
      : Ctx(Ctx), P(P), Facts(Facts) {}

  void enter(const FunctionDecl *FD) {
    In = FD->getCanonicalDecl();
    Written.clear();
    GivenUp.clear();
    unsigned First = Facts.Handovers.size();
    TraverseStmt(FD->getBody());
    const SourceManager &SM = Ctx.getSourceManager();
    for (unsigned I = First; I < Facts.Handovers.size(); ++I) {
      Handover &H = Facts.Handovers[I];
      const auto *M =
          cast<MemberExpr>(H.Call->getArg(0)->IgnoreParenImpCasts());
      const auto *Base =
          dyn_cast<DeclRefExpr>(M->getBase()->IgnoreParenImpCasts());
      H.Written = (Base && GivenUp.count(Base->getDecl())) ||
                  llvm::any_of(Written, [&](const auto &W) {
                    return W.first == H.Field &&
                           SM.isBeforeInTranslationUnit(H.Call->getBeginLoc(),
                                                        W.second);
                  });
    }
    In = nullptr;
  }

  bool VisitBinaryOperator(BinaryOperator *B) {
    if (B->isAssignmentOp()) {
      const Decl *D = namedBy(B->getLHS());
      if (D && In && isa<FieldDecl>(D) && B->getOpcode() == BO_Assign &&
          B->getLHS()->getType()->isIntegerType() &&
          !B->getLHS()->getType()->isEnumeralType())
        if (auto V = B->getRHS()->getIntegerConstantExpr(Ctx))
          if (V->isZero() || V->isOne())
            (V->isZero() ? Facts.Functions[In].Lowered
                         : Facts.Functions[In].Raised)
                .insert(D);
      if (D && In && B->getLHS()->getType()->isPointerType()) {
        Written.push_back({D, B->getBeginLoc()});
        if (isNull(B->getRHS(), Ctx))
          Facts.Functions[In].Cleared.insert(D);
      }
    } else if (B->isEqualityOp()) {
      if (isNull(B->getRHS(), Ctx))
        test(B->getLHS());
    } else if (B->isLogicalOp()) {
      test(B->getLHS());
      test(B->getRHS());
    }
    return true;
  }
  bool VisitMemberExpr(MemberExpr *M) {
    if (In)
      Facts.Functions[In].Named.insert(M->getMemberDecl());
    return true;
  }
  bool VisitUnaryOperator(UnaryOperator *U) {
    if (U->getOpcode() == UO_LNot)
      test(U->getSubExpr());
    return true;
  }
  bool VisitIfStmt(IfStmt *S) {
    test(S->getCond());
    return true;
  }
  bool VisitWhileStmt(WhileStmt *S) {
    test(S->getCond());
    return true;
  }
  bool VisitConditionalOperator(ConditionalOperator *C) {
    test(C->getCond());
    return true;
  }

  bool VisitCallExpr(CallExpr *C) {
    const FunctionDecl *Callee = C->getDirectCallee();
    if (!Callee || !In)
      return true;
    Callee = Callee->getCanonicalDecl();
    Facts.Functions[In].Callees.insert(Callee);
    Facts.Functions[Callee].Callers.insert(In);
    if (Callee->getIdentifier() &&
        (endsLife(Callee->getName()) || Callee->getName().ends_with("_put")))
      for (const Expr *A : C->arguments())
        if (const auto *V = dyn_cast<DeclRefExpr>(A->IgnoreParenImpCasts()))
          GivenUp.insert(V->getDecl());
    if (Callee->getIdentifier())
      if (const ProtocolFunction *F =
              P.lookup(Callee->getName(), C->getNumArgs()))
        noteEffects(C, *F);
    Called.insert(C->getCallee()->IgnoreParenImpCasts());
    return true;
  }
  bool VisitDeclRefExpr(DeclRefExpr *E) {
    const auto *F = dyn_cast<FunctionDecl>(E->getDecl());
    if (F && !Called.count(E))
      Facts.Functions[F->getCanonicalDecl()].AddressTaken = true;
    return true;
  }
  bool VisitInitListExpr(InitListExpr *L) {
    if (L->isSemanticForm() == false && L->getSemanticForm())
      L = L->getSemanticForm();
    const RecordDecl *R = L->getType()->getAsRecordDecl();
    if (!R || R->isUnion())
      return true;
    unsigned I = 0;
    for (const FieldDecl *F : R->fields()) {
      if (F->isUnnamedBitField())
        continue;
      if (I >= L->getNumInits())
        break;
      const Expr *X = L->getInit(I++)->IgnoreParenCasts();
      if (const auto *D = dyn_cast<DeclRefExpr>(X))
        if (const auto *Op = dyn_cast<FunctionDecl>(D->getDecl()))
          Facts.Functions[Op->getCanonicalDecl()].Entries.push_back({R, F});
    }
    return true;
  }

  bool VisitCompoundStmt(CompoundStmt *S) {
    for (auto It = S->body_begin(); It != S->body_end(); ++It) {
      const Stmt *Step = *It;
      while (const auto *L = dyn_cast<LabelStmt>(Step))
        Step = L->getSubStmt();
      if (const auto *C = dyn_cast<CallExpr>(Step))
        handOver(C, llvm::ArrayRef(It + 1, S->body_end()));
    }
    return true;
  }

private:
  void noteEffects(const CallExpr *C, const ProtocolFunction &F) {
    for (const ProtocolEffect &E : F.Effects) {
      if (E.Subject.Kind != ProtocolExpr::Arg ||
          uint64_t(E.Subject.Value) >= C->getNumArgs())
        continue;
      const Expr *A = C->getArg(E.Subject.Value)->IgnoreParenCasts();
      if (E.Kind == ProtocolEffect::Free) {
        if (const auto *R =
                A->getType()->getPointeeOrArrayElementType()->getAsRecordDecl();
            R && R->getDefinition())
          Facts.Frees.push_back({In, C, R->getDefinition()});
        continue;
      }
      const ProtocolFamily *Fam = P.family(E.Family);
      if (!Fam || Fam->Kind != "MAP")
        continue;
      const auto *U = dyn_cast<UnaryOperator>(A);
      const auto *M =
          U && U->getOpcode() == UO_AddrOf
              ? dyn_cast<MemberExpr>(U->getSubExpr()->IgnoreParenImpCasts())
              : nullptr;
      const auto *Field = M ? dyn_cast<FieldDecl>(M->getMemberDecl()) : nullptr;
      if (E.Kind == ProtocolEffect::Release)
        Facts.Stops.push_back({In, C, Fam, Field});
      else if (E.Kind == ProtocolEffect::Acquire && E.Of && Field &&
               Field->getType()->isRecordType())
        Facts.Starts.push_back({In, C, Fam, Field});
    }
  }

  void test(const Expr *E) {
    if (!In || !E)
      return;
    if (E->IgnoreParenImpCasts()->getType()->isIntegerType()) {
      if (const auto *M = dyn_cast<MemberExpr>(E->IgnoreParenImpCasts()))
        Facts.Functions[In].Asked.insert(M->getMemberDecl());
      return;
    }
    if (!E->getType()->isPointerType())
      return;
    if (const Decl *D = namedBy(E))
      Facts.Functions[In].Tested.insert(D);
  }

  void handOver(const CallExpr *C, llvm::ArrayRef<Stmt *> Next) {
    const FunctionDecl *Callee = C->getDirectCallee();
    if (!Callee || !In || C->getNumArgs() != 1)
      return;
    const auto *M = dyn_cast<MemberExpr>(C->getArg(0)->IgnoreParenImpCasts());
    const auto *F = M ? dyn_cast<FieldDecl>(M->getMemberDecl()) : nullptr;
    if (!F || !F->getType()->isPointerType())
      return;
    bool Cleared = false;
    const FieldDecl *Sibling = nullptr;
    for (const Stmt *S : Next) {
      const auto *B = dyn_cast<BinaryOperator>(S);
      if (!B || B->getOpcode() != BO_Assign || !isNull(B->getRHS(), Ctx))
        continue;
      const auto *Other = dyn_cast_or_null<FieldDecl>(namedBy(B->getLHS()));
      if (Other == F)
        Cleared = true;
      else if (Other && Other->getType()->isPointerType() &&
               Other->getParent() == F->getParent())
        Sibling = Other;
    }
    Facts.Handovers.push_back(
        {In, C, Callee->getCanonicalDecl(), F, Cleared, Sibling, false,
         Callee->getIdentifier() && P.lookup(Callee->getName())});
  }

  ASTContext &Ctx;
  const Protocols &P;
  LifetimeFacts &Facts;
  const FunctionDecl *In = nullptr;
  llvm::SmallVector<std::pair<const Decl *, SourceLocation>, 8> Written;
  /// Variables that are handed to functions which end lives.
  llvm::SmallPtrSet<const ValueDecl *, 8> GivenUp;
  llvm::SmallPtrSet<const Expr *, 32> Called;
};
} // namespace pinlint

LifetimeFacts::LifetimeFacts(ASTContext &Ctx, const Protocols &P)
    : SM(Ctx.getSourceManager()) {
  LifetimeFactsVisitor V(Ctx, P, *this);
  for (Decl *D : Ctx.getTranslationUnitDecl()->decls()) {
    if (!SM.isInMainFile(SM.getExpansionLoc(D->getLocation())))
      continue;
    if (const auto *F = dyn_cast<FunctionDecl>(D)) {
      if (F->doesThisDeclarationHaveABody() && F->getBody()) {
        Bodies.push_back(F);
        V.enter(F);
      }
    } else if (auto *X = dyn_cast<VarDecl>(D); X && X->hasInit()) {
      V.TraverseStmt(X->getInit());
    }
  }
}

const FunctionFacts &LifetimeFacts::of(const FunctionDecl *FD) const {
  auto It = Functions.find(FD->getCanonicalDecl());
  return It == Functions.end() ? None : It->second;
}

bool LifetimeFacts::isOfThisFile(const RecordDecl *R) const {
  return SM.isInMainFile(SM.getExpansionLoc(R->getLocation()));
}

const FunctionDecl *LifetimeFacts::functionAt(SourceLocation Loc) const {
  Loc = SM.getExpansionLoc(Loc);
  for (const FunctionDecl *F : Bodies)
    if (SM.isPointWithin(Loc, SM.getExpansionLoc(F->getBeginLoc()),
                         SM.getExpansionLoc(F->getEndLoc())))
      return F;
  return nullptr;
}

bool LifetimeFacts::isReachable(const FunctionDecl *FD) const {
  return FD->isExternallyVisible() || of(FD).AddressTaken;
}

bool LifetimeFacts::calls(const FunctionDecl *From,
                          const FunctionDecl *FD) const {
  FD = FD->getCanonicalDecl();
  llvm::SmallPtrSet<const FunctionDecl *, 16> Seen;
  llvm::SmallVector<const FunctionDecl *, 16> Todo{From->getCanonicalDecl()};
  while (!Todo.empty()) {
    const FunctionDecl *F = Todo.pop_back_val();
    if (F == FD)
      return true;
    if (Seen.insert(F).second)
      Todo.append(of(F).Callees.begin(), of(F).Callees.end());
  }
  return false;
}

bool LifetimeFacts::runsOnBehalfOf(const FunctionDecl *FD,
                                   const FieldDecl *Field) const {
  // The handler of a delayed work is given the work in it.
  auto IsGiven = [&](const FunctionDecl *F) {
    const auto *R = Field->getType()->getAsRecordDecl();
    R = R ? R->getDefinition() : nullptr;
    return R && llvm::any_of(F->parameters(), [&](const ParmVarDecl *P) {
             const auto *Given =
                 P->getType()->isPointerType()
                     ? P->getType()->getPointeeType()->getAsRecordDecl()
                     : nullptr;
             Given = Given ? Given->getDefinition() : nullptr;
             return Given &&
                    (Given == R || llvm::any_of(R->fields(), [&](auto *X) {
                       const auto *Inner = X->getType()->getAsRecordDecl();
                       return Inner && Inner->getDefinition() == Given;
                     }));
           });
  };
  return llvm::any_of(Bodies, [&](const FunctionDecl *F) {
    return IsGiven(F) && calls(F, FD);
  });
}

llvm::SmallVector<EntryPoint, 4>
LifetimeFacts::entriesOf(const FunctionDecl *FD) const {
  llvm::SmallVector<EntryPoint, 4> Out;
  llvm::SmallPtrSet<const FunctionDecl *, 16> Seen;
  llvm::SmallVector<const FunctionDecl *, 16> Todo{FD->getCanonicalDecl()};
  while (!Todo.empty()) {
    const FunctionDecl *F = Todo.pop_back_val();
    if (!Seen.insert(F).second)
      continue;
    const FunctionFacts &Facts = of(F);
    Out.append(Facts.Entries.begin(), Facts.Entries.end());
    Todo.append(Facts.Callers.begin(), Facts.Callers.end());
  }
  return Out;
}

bool pinlint::endsLife(llvm::StringRef Name) {
  for (llvm::StringRef Word :
       {"release",  "remove",   "disconnect", "destroy",    "exit",    "free",
        "unbind",   "dtor",     "destruct",   "uninit",     "cleanup", "detach",
        "shutdown", "evict",    "kill",       "put_super",  "delete",  "fini",
        "deinit",   "teardown", "unprobe",    "unregister", "dealloc", "close"})
    if (Name.contains_insensitive(Word))
      return true;
  return false;
}

bool pinlint::isPartOf(const RecordDecl *R, const FieldDecl *Field,
                       unsigned Depth) {
  constexpr unsigned MaxDepth = 4;
  R = R->getDefinition();
  return R && llvm::any_of(R->fields(), [&](const FieldDecl *F) {
           if (F == Field)
             return true;
           const auto *Inner =
               F->getType()->getBaseElementTypeUnsafe()->getAsRecordDecl();
           return Inner && Depth < MaxDepth &&
                  isPartOf(Inner, Field, Depth + 1);
         });
}
