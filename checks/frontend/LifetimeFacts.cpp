//===- LifetimeFacts.cpp - What a file says about lifetimes ---------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "LifetimeFacts.h"
#include "ApiSummaries.h"
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

static const RecordDecl *recordOf(QualType Ty) {
  const auto *R = Ty->getAsRecordDecl();
  return R ? R->getDefinition() : nullptr;
}

static const RecordDecl *pointeeOf(QualType Ty) {
  return Ty->isPointerType() ? recordOf(Ty->getPointeeType()) : nullptr;
}

/// The structure whose size is part of \p S.
static const RecordDecl *sizedIn(const Stmt *S) {
  if (const auto *T = dyn_cast<UnaryExprOrTypeTraitExpr>(S))
    return T->getKind() == UETT_SizeOf ? recordOf(T->getTypeOfArgument())
                                       : nullptr;
  for (const Stmt *Child : S->children())
    if (const RecordDecl *R = Child ? sizedIn(Child) : nullptr)
      return R;
  return nullptr;
}

/// For `&x->member`, the member.
static const FieldDecl *memberAt(const Expr *E) {
  const auto *U = dyn_cast<UnaryOperator>(E->IgnoreParenCasts());
  const auto *M =
      U && U->getOpcode() == UO_AddrOf
          ? dyn_cast<MemberExpr>(U->getSubExpr()->IgnoreParenImpCasts())
          : nullptr;
  return M ? dyn_cast<FieldDecl>(M->getMemberDecl()) : nullptr;
}

/// For `x->member`, the member.
static const FieldDecl *memberIn(const Expr *E) {
  const auto *M = dyn_cast<MemberExpr>(E->IgnoreParenCasts());
  return M ? dyn_cast<FieldDecl>(M->getMemberDecl()) : nullptr;
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
    Mentioned.clear();
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
      auto Later = [&](const auto &X) {
        return X.first == H.Field &&
               SM.isBeforeInTranslationUnit(H.Call->getEndLoc(), X.second);
      };
      H.Written = (Base && GivenUp.count(Base->getDecl())) ||
                  llvm::any_of(Written, Later);
      H.Used = !H.Written && llvm::any_of(Mentioned, Later);
    }
    In = nullptr;
  }

  bool VisitBinaryOperator(BinaryOperator *B) {
    if (B->isAssignmentOp()) {
      noteHandler(B->getLHS(), B->getRHS());
      const Decl *D = namedBy(B->getLHS());
      if (D && In && isa<FieldDecl>(D) && B->getOpcode() == BO_Assign &&
          B->getLHS()->getType()->isIntegerType() &&
          !B->getLHS()->getType()->isEnumeralType())
        if (auto V = B->getRHS()->getIntegerConstantExpr(Ctx)) {
          FunctionFacts &F = Facts.Functions[In];
          if (V->isZero() || V->isOne())
            (V->isZero() ? F.Lowered : F.Raised).insert(D);
          else
            Facts.Numbers.insert(D);
        }
      if (D && In && B->getLHS()->getType()->isPointerType()) {
        Written.push_back({D, B->getBeginLoc()});
        FunctionFacts &F = Facts.Functions[In];
        if (isNull(B->getRHS(), Ctx))
          F.Cleared[D] = B->getBeginLoc();
        else
          F.Filled.try_emplace(D, B->getBeginLoc());
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
    if (In) {
      Facts.Functions[In].Named.insert(M->getMemberDecl());
      Mentioned.push_back({M->getMemberDecl(), M->getMemberLoc()});
    }
    return true;
  }
  bool VisitUnaryOperator(UnaryOperator *U) {
    if (U->getOpcode() == UO_LNot)
      test(U->getSubExpr());
    return true;
  }
  bool VisitIfStmt(IfStmt *S) {
    noteIgnored(S->getThen());
    noteIgnored(S->getElse());
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
    noteCall(Callee);
    if (Callee->getIdentifier() && (Facts.endsLife(Callee->getName()) ||
                                    Callee->getName().ends_with("_put")))
      for (const Expr *A : C->arguments())
        if (const auto *V = dyn_cast<DeclRefExpr>(A->IgnoreParenImpCasts()))
          GivenUp.insert(V->getDecl());
    // What is overwritten as a whole is forgotten.
    if (Callee->getMemoryFunctionKind() == Builtin::BImemset && C->getNumArgs())
      if (const auto *V =
              dyn_cast<DeclRefExpr>(C->getArg(0)->IgnoreParenCasts()))
        GivenUp.insert(V->getDecl());
    for (const Expr *A : C->arguments())
      if (const FieldDecl *F = memberAt(A))
        for (const Expr *B : C->arguments())
          if (const FunctionDecl *Handler = functionIn(B))
            Facts.Handlers[F].insert(Handler);
    if (Callee->getIdentifier()) {
      notePrivate(C, Callee);
      if (const ProtocolFunction *F =
              P.lookup(Callee->getName(), C->getNumArgs()))
        noteEffects(C, *F);
      else
        noteUnknown(C, Callee);
    }
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
    visitOperations(L, [&](const FieldDecl *Member, const FunctionDecl *F) {
      const RecordDecl *Table = Member->getParent();
      Facts.Functions[F->getCanonicalDecl()].Entries.push_back(
          {Table, Member, roleOf(Table, Member), InitOf});
    });
    return true;
  }

  bool VisitCompoundStmt(CompoundStmt *S) {
    for (auto It = S->body_begin(); It != S->body_end(); ++It) {
      const Stmt *Step = *It;
      noteIgnored(Step);
      while (const auto *L = dyn_cast<LabelStmt>(Step))
        Step = L->getSubStmt();
      // `if (x->f) put(x->f);`
      if (const auto *If = dyn_cast<IfStmt>(Step); If && !If->getElse())
        Step = If->getThen();
      if (const auto *C = dyn_cast<CallExpr>(Step))
        handOver(C, llvm::ArrayRef(It + 1, S->body_end()));
    }
    return true;
  }

private:
  EntryPoint::RoleTy roleOf(const RecordDecl *Table, const FieldDecl *Member) {
    llvm::StringRef Name = Member->getName();
    if (const ProtocolEntries *X = P.entries(Table->getName())) {
      if (llvm::is_contained(X->Begin, Name))
        return EntryPoint::Begin;
      return llvm::is_contained(X->End, Name) ? EntryPoint::End
                                              : EntryPoint::Again;
    }
    return Facts.endsLife(Name)     ? EntryPoint::End
           : Facts.beginsLife(Name) ? EntryPoint::Begin
                                    : EntryPoint::Again;
  }

  /// \p S is a statement of its own: its value goes nowhere.
  void noteIgnored(const Stmt *S) {
    const auto *E = dyn_cast_or_null<Expr>(S);
    const auto *C = E ? dyn_cast<CallExpr>(E->IgnoreParenCasts()) : nullptr;
    if (C && C->getDirectCallee() && In)
      Facts.Functions[C->getDirectCallee()->getCanonicalDecl()].IgnoredBy = In;
  }

  void noteCall(const FunctionDecl *Callee) {
    Facts.Functions[In].Callees.insert(Callee);
    Facts.Functions[Callee].Callers.insert(In);
  }

  static const FunctionDecl *functionIn(const Expr *E) {
    const auto *D = dyn_cast<DeclRefExpr>(E->IgnoreParenCasts());
    const auto *F = D ? dyn_cast<FunctionDecl>(D->getDecl()) : nullptr;
    return F ? F->getCanonicalDecl() : nullptr;
  }

  /// `x->member.func = handler`, or the same with more in between.
  void noteHandler(const Expr *Place, const Expr *Value) {
    const FunctionDecl *Handler = functionIn(Value);
    const auto *M = dyn_cast<MemberExpr>(Place->IgnoreParenCasts());
    while (Handler && M) {
      const Expr *Base = M->getBase()->IgnoreParenCasts();
      if (const auto *U = dyn_cast<UnaryOperator>(Base);
          U && U->getOpcode() == UO_AddrOf)
        Base = U->getSubExpr()->IgnoreParenCasts();
      else if (M->isArrow())
        break;
      M = dyn_cast<MemberExpr>(Base);
      if (const auto *F = M ? dyn_cast<FieldDecl>(M->getMemberDecl()) : nullptr)
        Facts.Handlers[F].insert(Handler);
    }
  }

  /// Objects that are made together with another one live as long as it does.
  void notePrivate(const CallExpr *C, const FunctionDecl *Callee) {
    const RecordDecl *R = nullptr;
    for (const Expr *A : C->arguments())
      if (!R && A->getType()->isIntegerType())
        R = sizedIn(A);
    if (!R)
      return;
    if (llvm::any_of(P.conventions().Managed, [&](llvm::StringRef Prefix) {
          return Callee->getName().starts_with(Prefix);
        }))
      Facts.ManagedObjects.push_back({In, C, R});
    else if (const RecordDecl *Outer = pointeeOf(C->getType());
             Outer && Outer != R)
      Privates.push_back({Outer, R});
  }

  void noteUnknown(const CallExpr *C, const FunctionDecl *Callee) {
    for (const Expr *A : C->arguments()) {
      // What a pointer leads to, an anchor, say, may stop.
      const FieldDecl *F = memberAt(A);
      if (F || (F = memberIn(A)))
        Facts.Touched.insert(F);
    }
    if (C->getNumArgs() == 1 && freesByName(P, Callee))
      if (const RecordDecl *R = pointeeOf(C->getArg(0)->getType()))
        Facts.Frees.push_back({In, C, R});
  }

  void noteEffects(const CallExpr *C, const ProtocolFunction &F) {
    auto Argument = [&](const ProtocolExpr &E) -> const Expr * {
      return E.Kind == ProtocolExpr::Arg && uint64_t(E.Value) < C->getNumArgs()
                 ? C->getArg(E.Value)->IgnoreParenCasts()
                 : nullptr;
    };
    for (const ProtocolCallback &PC : F.Callbacks)
      if (const Expr *A = Argument(PC.Function))
        if (const auto *D = dyn_cast<DeclRefExpr>(A))
          if (const auto *Target = dyn_cast<FunctionDecl>(D->getDecl()))
            noteCall(Target->getCanonicalDecl());
    // What krealloc() frees goes on elsewhere.
    const bool Renews = llvm::any_of(F.Effects, [&](const ProtocolEffect &E) {
      return E.Kind == ProtocolEffect::Acquire && !Argument(E.Subject);
    });
    for (const ProtocolEffect &E : F.Effects) {
      if (E.Kind == ProtocolEffect::Publish) {
        const Expr *Ops = E.Into ? Argument(*E.Into) : nullptr;
        if (const auto *U = dyn_cast_or_null<UnaryOperator>(Ops))
          Ops = U->getSubExpr()->IgnoreParenCasts();
        const auto *D = dyn_cast_or_null<DeclRefExpr>(Ops);
        Facts.Published.push_back(
            {In, C, D ? dyn_cast<VarDecl>(D->getDecl()) : nullptr});
        continue;
      }
      bool Takes = E.Kind == ProtocolEffect::Acquire;
      const ProtocolFamily *Fam = Takes || E.Kind == ProtocolEffect::Release
                                      ? P.family(E.Family)
                                      : nullptr;
      if (Fam && Fam->Kind == "REF")
        Facts.Counted.push_back({In, C, Fam, Takes});
      const Expr *A = Argument(E.Subject);
      if (!A)
        continue;
      if (E.Kind == ProtocolEffect::Free) {
        if (const auto *R =
                A->getType()->getPointeeOrArrayElementType()->getAsRecordDecl();
            R && R->getDefinition() && !Renews)
          Facts.Frees.push_back({In, C, R->getDefinition()});
        continue;
      }
      if (Fam && Fam->Kind == "LINK") {
        if (const FieldDecl *Node = memberAt(A))
          (Takes ? Facts.Linked : Facts.Unlinked).push_back({In, C, Node});
        continue;
      }
      if (!Fam || Fam->Kind != "MAP")
        continue;
      // What works on an object of its own that another one points to, such as
      // a URB, is known by the pointer.
      const FieldDecl *Field = memberAt(A);
      bool Known = Field && Field->getType()->isRecordType();
      if (!Field && (Field = memberIn(A)))
        Known = pointeeOf(Field->getType()) &&
                (!E.Of || E.Of->Kind == ProtocolExpr::Field);
      if (E.Kind == ProtocolEffect::Release)
        Facts.Stops.push_back({In, C, Fam, Field});
      else if (Known && startsActivity(P, E))
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
    const ProtocolFunction *X =
        Callee->getIdentifier() ? P.lookup(Callee->getName()) : nullptr;
    bool Frees = X && X->does(ProtocolEffect::Free);
    Facts.Handovers.push_back({In, C, Callee->getCanonicalDecl(), F, Cleared,
                               Sibling, /*Written=*/false, /*Used=*/false,
                               X != nullptr, Frees});
  }

public:
  /// The table whose initialiser is looked at.
  const VarDecl *InitOf = nullptr;
  /// Objects, and what was made together with them.
  std::vector<std::pair<const RecordDecl *, const RecordDecl *>> Privates;

private:
  ASTContext &Ctx;
  const Protocols &P;
  LifetimeFacts &Facts;
  const FunctionDecl *In = nullptr;
  llvm::SmallVector<std::pair<const Decl *, SourceLocation>, 8> Written,
      Mentioned;
  /// Variables that are handed to functions which end lives.
  llvm::SmallPtrSet<const ValueDecl *, 8> GivenUp;
  llvm::SmallPtrSet<const Expr *, 32> Called;
};
} // namespace pinlint

LifetimeFacts::LifetimeFacts(ASTContext &Ctx, const Protocols &P)
    : P(P), SM(Ctx.getSourceManager()) {
  LifetimeFactsVisitor V(Ctx, P, *this);
  for (Decl *D : Ctx.getTranslationUnitDecl()->noload_decls()) {
    if (!SM.isInMainFile(SM.getExpansionLoc(D->getLocation())))
      continue;
    if (const auto *F = dyn_cast<FunctionDecl>(D)) {
      if (F->doesThisDeclarationHaveABody() && F->getBody()) {
        Bodies.push_back(F);
        V.enter(F);
      }
    } else if (auto *X = dyn_cast<VarDecl>(D); X && X->hasInit()) {
      V.InitOf = X;
      V.TraverseStmt(X->getInit());
      V.InitOf = nullptr;
    }
  }
  for (size_t I = 0, N = Frees.size(); I < N; ++I)
    for (const auto &[Outer, Inner] : V.Privates)
      if (Frees[I].Object == Outer)
        Frees.push_back({Frees[I].In, Frees[I].Call, Inner});
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
  if (!SM.isInMainFile(Loc))
    return nullptr;
  for (const FunctionDecl *F : Bodies)
    if (SM.isPointWithin(Loc, SM.getExpansionLoc(F->getBeginLoc()),
                         SM.getExpansionLoc(F->getEndLoc())))
      return F;
  return nullptr;
}

bool LifetimeFacts::isRepeatable(const FunctionDecl *FD) const {
  auto Entries = entriesOf(FD);
  return !Entries.empty() && llvm::all_of(Entries, [](const EntryPoint &E) {
    llvm::StringRef Name = E.Member->getName();
    return Name.contains("ioctl") || Name.contains("write") ||
           Name == "store" || Name == "setsockopt" || Name == "sendmsg";
  });
}

bool LifetimeFacts::isNamedByCallers(const FunctionDecl *FD,
                                     const Decl *Member) const {
  return llvm::any_of(Bodies, [&](const FunctionDecl *F) {
    return of(F).Named.count(Member) && !calls(FD, F) &&
           llvm::any_of(of(FD).Callers, [&](const FunctionDecl *Caller) {
             return calls(Caller, F);
           });
  });
}

bool LifetimeFacts::endsInCallers(const FunctionDecl *FD,
                                  const FieldDecl *Field) const {
  const auto &Callers = of(FD).Callers;
  return !isReachable(FD) && !Callers.empty() &&
         llvm::all_of(Callers,
                      [&](const FunctionDecl *Caller) {
                        return llvm::any_of(Frees, [&](const Freeing &F) {
                          return F.In == Caller && isPartOf(F.Object, Field);
                        });
                      }) &&
         !isNamedByCallers(FD, Field);
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
  if (auto It = Handlers.find(Field); It != Handlers.end())
    return llvm::any_of(It->second, [&](const FunctionDecl *Handler) {
      return calls(Handler, FD);
    });
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

bool LifetimeFacts::isPerOpen(const RecordDecl *Table) const {
  const ProtocolEntries *X = P.entries(Table->getName());
  return X && X->PerOpen;
}

const FunctionDecl *LifetimeFacts::operation(const VarDecl *Table,
                                             EntryPoint::RoleTy Role) const {
  if (Table)
    for (const FunctionDecl *F : Bodies)
      for (const EntryPoint &E : of(F).Entries)
        if (E.Role == Role && E.Variable &&
            E.Variable->getCanonicalDecl() == Table->getCanonicalDecl())
          return F;
  return nullptr;
}

static bool hasOneOf(llvm::StringRef Name, llvm::ArrayRef<std::string> Words) {
  return llvm::any_of(Words, [&](llvm::StringRef Word) {
    return Name.contains_insensitive(Word);
  });
}

bool LifetimeFacts::endsLife(llvm::StringRef Name) const {
  return hasOneOf(Name, P.conventions().EndsLife);
}

bool LifetimeFacts::beginsLife(llvm::StringRef Name) const {
  return hasOneOf(Name, P.conventions().BeginsLife);
}

bool LifetimeFacts::givesBack(llvm::StringRef Name) const {
  return hasOneOf(Name, P.conventions().GivesBack);
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
