//===- OwnershipRules.cpp - What is wrong with who keeps what -------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Leak.h"
#include "MismatchedRelease.h"
#include "OverRelease.h"
#include "Ownership.h"
#include "frontend/LifetimeFacts.h"
#include "frontend/Protocols.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace pinlint;
using namespace clang;

static std::string quoted(const NamedDecl *D) {
  return "'" + D->getNameAsString() + "'";
}

static std::string plural(const Family &Fam) { return Fam.Plural; }

/// What the rules say of one finding; the rest is the same for all.
static Reporter::Report reportAt(llvm::StringRef Check, const FunctionDecl *In,
                                 SourceLocation Loc, std::string Message,
                                 llvm::StringRef Rule) {
  Reporter::Report Rep;
  Rep.Check = Check;
  Rep.Function = In;
  Rep.Loc = Loc;
  Rep.Message = std::move(Message);
  Rep.Level = Confidence::Medium;
  Rep.Key = (Rule + ":" + std::to_string(Loc.getRawEncoding())).str();
  Rep.Steps = Trace();
  return Rep;
}

//===----------------------------------------------------------------------===//
// What the text of functions says
//===----------------------------------------------------------------------===//

static const FieldDecl *memberIn(const Expr *E) {
  E = E->IgnoreParenImpCasts();
  if (const auto *A = dyn_cast<ArraySubscriptExpr>(E))
    return memberIn(A->getBase());
  if (const auto *U = dyn_cast<UnaryOperator>(E);
      U && U->getOpcode() == UO_AddrOf)
    return memberIn(U->getSubExpr());
  const auto *M = dyn_cast<MemberExpr>(E);
  return M ? dyn_cast<FieldDecl>(M->getMemberDecl()) : nullptr;
}

static const RecordDecl *pointee(QualType Ty) {
  const RecordDecl *R =
      Ty->isPointerType() ? Ty->getPointeeType()->getAsRecordDecl() : nullptr;
  return R ? R->getDefinition() : nullptr;
}

namespace pinlint {
/// `for (i = First; i < Bound - Short; i++)` over a member that is an array,
/// with a release in the body.
struct ReleaseLoop {
  const ForStmt *Loop;
  const FieldDecl *Array;
  const Expr *Bound;
  int64_t First, Short;
  bool Inclusive;
  std::string Release;
};

/// `p = object->member; object->member = NULL;`
struct TakenOut {
  const VarDecl *Into;
  const FieldDecl *Member;
  SourceLocation Loc;
  /// The member is set to NULL afterwards.
  bool Cleared = false;
  /// The variable is looked at, or handed to a function.
  bool Used = false, Passed = false;
};

class BodyVisitor : public RecursiveASTVisitor<BodyVisitor> {
public:
  BodyVisitor(ASTContext &Ctx, const Protocols &P) : Ctx(Ctx), P(P) {}

  /// Members and objects that code gets which is not known.
  llvm::SmallPtrSet<const FieldDecl *, 8> PassedMembers;
  llvm::SmallPtrSet<const RecordDecl *, 8> PassedObjects;
  /// Functions that are called or handed to others.
  llvm::SmallPtrSet<const FunctionDecl *, 16> Functions;
  /// Members that are written, or whose addresses are taken.
  llvm::SmallPtrSet<const FieldDecl *, 16> Assigned;
  std::vector<ReleaseLoop> Loops;
  /// Releases of pages, with the loop that they are in.
  llvm::SmallVector<std::pair<const CallExpr *, const ForStmt *>, 4> Releases;
  llvm::SmallVector<std::pair<const FieldDecl *, const ForStmt *>, 8> Elements;
  llvm::SmallVector<TakenOut, 4> Out;
  /// Pages are acquired.
  bool TakesReferences = false;
  /// Where members are first handed to a function or assigned.
  llvm::DenseMap<const FieldDecl *, SourceLocation> ReadAt;

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
    const ProtocolFunction *Known =
        F && F->getIdentifier() ? P.lookup(F->getName(), C->getNumArgs())
                                : nullptr;
    if (Known && concernsPages(*Known, ProtocolEffect::Release))
      Releases.push_back({C, In});
    TakesReferences |= Known && takesReference(*Known);
    if (!Known && (!F || !F->hasBody()) && !(F && F->getBuiltinID()))
      for (const Expr *A : C->arguments()) {
        if (const FieldDecl *M = memberIn(A))
          PassedMembers.insert(M);
        if (const RecordDecl *R = pointee(A->IgnoreParenCasts()->getType()))
          PassedObjects.insert(R);
      }
    return true;
  }

  bool VisitArraySubscriptExpr(ArraySubscriptExpr *A) {
    if (const FieldDecl *M = memberIn(A->getBase()))
      Elements.push_back({M, In});
    return true;
  }

  bool VisitVarDecl(VarDecl *V) {
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
      if (const FieldDecl *M = memberIn(B->getRHS()->IgnoreParenCasts()))
        ReadAt.try_emplace(M, B->getBeginLoc());
    }
    if (B->getOpcode() != BO_Assign || !B->getLHS()->getType()->isPointerType())
      return true;
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

  bool concernsPages(const ProtocolFunction &F,
                     ProtocolEffect::KindTy Kind) const {
    return llvm::any_of(F.Effects, [&](const ProtocolEffect &E) {
      if (E.Kind != Kind)
        return false;
      const ProtocolFamily *Fam = P.family(E.Family);
      return Fam ? Fam->Group == "page" : E.Family == "group:page";
    });
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

struct FunctionText {
  const FunctionDecl *FD;
  BodyVisitor Text;
};
} // namespace pinlint

//===----------------------------------------------------------------------===//
// Leaks
//===----------------------------------------------------------------------===//

/// Nothing in the file gives back what an object keeps that the file frees.
void Ownership::judgeForgotten(const KeptHandles &K, const LifetimeFacts &Facts,
                               llvm::ArrayRef<FunctionText> Texts) {
  const RecordDecl *Object = K.Place.Owner->getParent();
  if (K.Failed || K.Rough || !Facts.isOfThisFile(Object) ||
      isReleasedVaguely(K, Facts))
    return;
  // What the function itself gives back is what it could not keep.
  if (llvm::any_of(releasesOf(K),
                   [&](const GivenBack *G) { return G->In != K.In; }))
    return;
  // The same handles may be in several members.
  if (llvm::any_of(Given, [&](const GivenBack &G) {
        return G.isOfGroup(*K.Fam) && G.In != K.In && G.Place.Owner &&
               G.Place.Owner->getParent() == Object;
      }))
    return;
  const Freeing *Free = nullptr;
  for (const Freeing &F : Facts.frees())
    if (F.Object == Object && F.In != K.In && !Facts.calls(F.In, K.In) &&
        (!Free || !Facts.endsLife(Free->In->getName())))
      Free = &F;
  if (!Free)
    return;
  // Code that is not known has the member, or the object before it is freed.
  for (const auto &[FD, V] : Texts) {
    if (llvm::any_of(K.Place.Members,
                     [&, &V = V](const FieldDecl *M) {
                       return V.PassedMembers.count(M) &&
                              Facts.isOfThisFile(M->getParent());
                     }) ||
        (Free->In == FD->getCanonicalDecl() && V.PassedObjects.count(Object)))
      return;
  }
  Reporter::Report Rep =
      reportAt(Leak::Name, Free->In, Free->Call->getBeginLoc(),
               plural(*K.Fam) + " that " + quoted(K.In) + " keeps in " +
                   quoted(K.Place.Owner) +
                   " are not released before the object is freed; " +
                   K.Fam->ReleaseWith + " is missing",
               "forgotten");
  Rep.Steps = K.Path;
  Rep.End = "nothing in this file has released them when the object is freed";
  R.add(Rep);
}

/// The object is left in a state in which nobody gives back what it keeps.
void Ownership::judgeGuards(const KeptHandles &K, const LifetimeFacts &Facts,
                            llvm::ArrayRef<FunctionText> Texts) {
  if (K.Rough || K.Failed)
    return;
  auto Releases = releasesOf(K);
  if (Releases.empty() || isReleasedVaguely(K, Facts))
    return;
  const FieldDecl *Guard = nullptr;
  for (const GivenBack *G : Releases) {
    if (G->In == K.In)
      return;
    const FieldDecl *Contradicts = nullptr;
    for (const auto &[F, Left] : K.Beside)
      for (const auto &[Asked, Wanted] : G->When) {
        Range Both = Left;
        Both.intersect(Wanted);
        if (F == Asked && Both.empty())
          Contradicts = F;
      }
    if (!Contradicts)
      return;
    Guard = Contradicts;
  }
  // It may be set later.
  for (const auto &[FD, V] : Texts)
    if (V.Assigned.count(Guard) && FD->getCanonicalDecl() != K.In &&
        llvm::none_of(Releases, [&, FD = FD](const GivenBack *G) {
          return G->In == FD->getCanonicalDecl();
        }))
      return;
  Reporter::Report Rep =
      reportAt(Leak::Name, K.In, K.Loc,
               plural(*K.Fam) + " are kept in " + quoted(K.Place.Owner) +
                   ", but " + quoted(Guard) + " is left so that " +
                   quoted(Releases.front()->In) + " does not release them",
               "guard");
  Rep.Steps = K.Path;
  Rep.End = "nobody releases them from here on";
  R.add(Rep);
}

static bool isRepeatable(const LifetimeFacts &Facts, const FunctionDecl *FD) {
  auto Entries = Facts.entriesOf(FD);
  return !Entries.empty() && llvm::all_of(Entries, [](const EntryPoint &E) {
    llvm::StringRef Name = E.Member->getName();
    return Name.contains("ioctl") || Name.contains("write") ||
           Name == "store" || Name == "setsockopt" || Name == "sendmsg";
  });
}

/// A second call of the function drops what the first one has left.
void Ownership::judgeReplaced(const KeptHandles &K,
                              const LifetimeFacts &Facts) {
  if (!K.MayReplace || K.Failed || K.Rough || !isRepeatable(Facts, K.In))
    return;
  Reporter::Report Rep =
      reportAt(Leak::Name, K.In, K.Loc,
               "the " + K.Fam->Noun + " that " + quoted(K.Place.Owner) +
                   " may have from an earlier call is overwritten; " +
                   K.Fam->ReleaseWith + " is missing",
               "replaced");
  Rep.Steps = K.Path;
  Rep.End = quoted(K.Place.Owner) + " is overwritten without a look at it";
  R.add(Rep);
}

/// A pointer is taken out of its member, which is cleared, and forgotten, while
/// others that do the same pass it on.
void Ownership::judgeCleared(llvm::ArrayRef<FunctionText> Texts) {
  struct Taker {
    const FunctionDecl *In;
    TakenOut T;
  };
  std::vector<Taker> Takers;
  for (const auto &[FD, V] : Texts)
    for (const TakenOut &T : V.Out)
      if (T.Cleared)
        Takers.push_back({FD, T});
  for (const Taker &X : Takers) {
    if (X.T.Used)
      continue;
    auto It = llvm::find_if(Takers, [&](const Taker &Y) {
      return Y.T.Member == X.T.Member && Y.T.Passed;
    });
    if (It == Takers.end())
      continue;
    Reporter::Report Rep = reportAt(Leak::Name, X.In, X.T.Loc,
                                    "what " + quoted(X.T.Member) +
                                        " keeps is taken out here and lost; " +
                                        quoted(It->In) + " does not lose it",
                                    "cleared");
    Rep.End = quoted(X.T.Into) + " is not used, and " + quoted(X.T.Member) +
              " is cleared";
    R.add(Rep);
  }
}

/// A loop that gives back what an array keeps leaves out its first or last
/// elements, and the array goes.
void Ownership::judgeRanges(const LifetimeFacts &Facts,
                            llvm::ArrayRef<FunctionText> Texts) {
  for (const auto &[FD, V] : Texts)
    for (const ReleaseLoop &L : V.Loops) {
      bool Short = !L.Inclusive && ((L.First == 0 && L.Short > 0) ||
                                    (L.First > 0 && L.Short == 0));
      if (!Short || !isa<MemberExpr>(L.Bound))
        continue;
      bool Elsewhere = llvm::any_of(V.Releases,
                                    [&, &L = L](const auto &X) {
                                      return X.second != L.Loop;
                                    }) ||
                       llvm::any_of(V.Elements, [&](const auto &X) {
                         return X.first == L.Array && X.second != L.Loop;
                       });
      bool Freed = llvm::any_of(Facts.frees(), [&](const Freeing &F) {
        return F.In == FD->getCanonicalDecl() &&
               (F.Object == L.Array->getParent() ||
                memberIn(F.Call->getArg(0)) == L.Array);
      });
      if (Elsewhere || !Freed)
        continue;
      std::string Which = L.First > 0 ? "first" : "last";
      Reporter::Report Rep =
          reportAt(Leak::Name, FD, L.Loop->getBeginLoc(),
                   "the loop leaves out the " + Which + " of the pages in " +
                       quoted(L.Array) + ", which is freed next; '" +
                       L.Release + "' is missing for it",
                   "range");
      Rep.End = L.First > 0
                    ? "the loop begins with element " + std::to_string(L.First)
                    : "the loop ends before element '" + R.text(L.Bound) +
                          " - " + std::to_string(L.Short) + "'";
      R.add(Rep);
    }
}

/// The operations that lead to \p FD, also by way of being given to somebody
/// who calls it.
static llvm::SmallVector<EntryPoint, 4>
operationsOf(const FunctionDecl *FD, const LifetimeFacts &Facts,
             llvm::ArrayRef<FunctionText> Texts) {
  llvm::SmallVector<EntryPoint, 4> Out;
  llvm::SetVector<const FunctionDecl *> Todo;
  Todo.insert(FD->getCanonicalDecl());
  for (unsigned I = 0; I < Todo.size(); ++I) {
    const FunctionDecl *F = Todo[I];
    Out.append(Facts.of(F).Entries.begin(), Facts.of(F).Entries.end());
    for (const auto &[Other, V] : Texts)
      if (V.Functions.count(F))
        Todo.insert(Other->getCanonicalDecl());
  }
  return Out;
}

/// An object's last operation reaches nothing that gives back what the others
/// have acquired for it.
void Ownership::judgeEntries(const LifetimeFacts &Facts,
                             llvm::ArrayRef<FunctionText> Texts) {
  // Whoever has a release of pages in it may be meant.
  llvm::SmallVector<const FunctionDecl *, 8> Releasing;
  for (const auto &[FD, V] : Texts)
    if (!V.Releases.empty())
      Releasing.push_back(FD);
  for (const Source &X : Sources) {
    // Of other things it is not known who has a release in it.
    if (X.Fam->Group.empty())
      continue;
    // What callers find, they see to themselves.
    if (!X.Gone && !Facts.of(X.In).Callers.empty())
      continue;
    const FunctionDecl *Releaser = nullptr;
    for (const GivenBack &G : Given)
      if (G.isOfGroup(*X.Fam) && G.Direct && !Facts.calls(G.In, X.In) &&
          llvm::is_contained(Facts.bodies(), G.In))
        Releaser = G.In;
    if (!Releaser)
      continue;
    auto Reaches = [&](const FunctionDecl *From) {
      return llvm::any_of(Releasing, [&](const FunctionDecl *To) {
        return To->getCanonicalDecl() != X.In && Facts.calls(From, To);
      });
    };
    auto EndsLife = [&](const EntryPoint &E) {
      return Facts.endsLife(E.Member->getName());
    };
    for (const EntryPoint &E : operationsOf(X.In, Facts, Texts)) {
      if (EndsLife(E))
        continue;
      const FunctionDecl *Last = nullptr;
      bool Released = false;
      for (const FunctionDecl *FD : Facts.bodies()) {
        const FunctionFacts &F = Facts.of(FD);
        bool Ends = llvm::any_of(F.Entries, EndsLife);
        if (llvm::any_of(F.Entries, [&](const EntryPoint &Y) {
              return Y.Table == E.Table && EndsLife(Y);
            }))
          Last = FD;
        // Whoever is called back, or by other files, may be called then, too,
        // unless it is there to acquire.
        bool Open =
            FD->isExternallyVisible() || (F.AddressTaken && F.Entries.empty());
        if (Ends || (Open && !Facts.calls(FD, X.In)))
          Released |= Reaches(FD);
      }
      if (Released || !Last)
        continue;
      Reporter::Report Rep =
          reportAt(Leak::Name, Last, Last->getLocation(),
                   quoted(Last) + " ends without releasing the " +
                       X.Fam->Plural + " that " + quoted(X.In) + " keeps; " +
                       quoted(Releaser) + " is not reached from here",
                   "entry");
      Rep.Steps = Trace{
          {X.Site->getBeginLoc(), X.Fam->Plural + " are acquired here", 0}};
      Rep.End = "the last operation on the object";
      R.add(Rep);
    }
  }
}

//===----------------------------------------------------------------------===//
// Too many, or the wrong way
//===----------------------------------------------------------------------===//

/// The release goes by a member that is not the one with the number.
void Ownership::judgeCounts(const KeptHandles &K) {
  if (!K.Many || K.Counts.empty() || K.Rough || K.Failed)
    return;
  for (const GivenBack *G : releasesOf(K)) {
    if (!G->Count || llvm::is_contained(K.Counts, G->Count) ||
        G->Count->getParent() != K.Counts.front()->getParent())
      continue;
    // Another function may keep another number there.
    bool Right = llvm::any_of(Kept, [&](const KeptHandles &Other) {
      return Other.Place.Owner == K.Place.Owner &&
             (Other.Counts.empty() ||
              llvm::is_contained(Other.Counts, G->Count));
    });
    if (Right)
      continue;
    Reporter::Report Rep =
        reportAt(OverRelease::Name, G->In, G->Loc,
                 quoted(G->Count) + " " + K.Fam->Plural +
                     " are released, but " + quoted(K.In) + " says in " +
                     quoted(K.Counts.front()) + " how many it obtained",
                 "count");
    Rep.Steps = K.Path;
    Rep.End = "more may be released here";
    R.add(Rep);
  }
}

/// An operation that user space can repeat gives back what the object goes on
/// keeping.
void Ownership::judgeStaying(const LifetimeFacts &Facts) {
  for (const GivenBack &G : Given) {
    if (!G.Stays || !G.Fam || G.Fam->Kind != Family::Pin ||
        Facts.of(G.In).Entries.empty() || !isRepeatable(Facts, G.In))
      continue;
    Reporter::Report Rep = reportAt(
        OverRelease::Name, G.In, G.Loc,
        "the " + G.Fam->Noun + " in " + quoted(G.Place.Owner) +
            " is released here and stays where it is; the next call releases "
            "it again",
        "stays");
    Rep.End = quoted(G.Place.Owner) + " is not cleared";
    R.add(Rep);
  }
}

/// Nobody gives it back the right way, and somebody the wrong way.
void Ownership::judgeFamilies(const KeptHandles &K) {
  if (K.Rough || K.Failed)
    return;
  auto Releases = releasesOf(K);
  const GivenBack *Wrong = nullptr;
  for (const GivenBack *G : Releases) {
    if (G->gives(*K.Fam))
      return;
    // What is asked there may be what this function leaves otherwise.
    if (llvm::any_of(G->When, [&](const auto &Asked) {
          return llvm::any_of(K.Beside, [&](const auto &Left) {
            Range Both = Left.second;
            Both.intersect(Asked.second);
            return Left.first == Asked.first && Both.empty();
          });
        }))
      continue;
    if (!Wrong && G->In != K.In)
      Wrong = G;
  }
  if (!Wrong || llvm::any_of(Given, [&](const GivenBack &G) {
        return G.Vague && G.In != K.In && G.gives(*K.Fam);
      }))
    return;
  Reporter::Report Rep =
      reportAt(MismatchedRelease::Name, Wrong->In, Wrong->Loc,
               "what " + quoted(K.In) + " keeps in " + quoted(K.Place.Owner) +
                   " is given back the wrong way: a " + K.Fam->Noun +
                   " needs " + K.Fam->ReleaseWith,
               "family");
  Rep.Steps = K.Path;
  Rep.End = "given back here as by " + Wrong->By;
  R.add(Rep);
}

/// A release of what nobody has put there.
void Ownership::judgeNeverTaken(const KeptHandles &K,
                                const LifetimeFacts &Facts,
                                llvm::ArrayRef<FunctionText> Texts) {
  if (K.Rough || K.Failed)
    return;
  auto Releases = releasesOf(K);
  if (llvm::none_of(Releases,
                    [&](const GivenBack *G) { return G->gives(*K.Fam); }))
    return;
  for (const GivenBack *G : Releases) {
    bool Taken =
        !G->Fam || G->Fam->Kind != Family::Ref || G->In == K.In ||
        llvm::any_of(Kept,
                     [&](const KeptHandles &X) {
                       return X.Place.overlaps(K.Place) && G->gives(*X.Fam);
                     }) ||
        llvm::any_of(Others,
                     [&](const auto &X) {
                       return X.first.overlaps(K.Place) && G->gives(*X.second);
                     }) ||
        // Some function does take references, and the way from there to the
        // member is not known.
        llvm::any_of(Texts, [&](const FunctionText &X) {
          return X.Text.TakesReferences && X.FD->getCanonicalDecl() != K.In &&
                 (X.FD->isExternallyVisible() || Facts.of(X.FD).AddressTaken ||
                  !Facts.of(X.FD).Callers.empty());
        });
    if (Taken)
      continue;
    Reporter::Report Rep = reportAt(
        OverRelease::Name, K.In, K.Loc,
        quoted(G->In) + " also releases a " + G->Fam->Noun + " from " +
            quoted(K.Place.Owner) + ", but nothing in this file takes one",
        "never");
    Rep.Steps = K.Path;
    Rep.End = "what is kept in " + quoted(K.Place.Owner) + " is a " +
              K.Fam->Noun + " or none";
    R.add(Rep);
  }
}

/// Two objects have a page that one of them releases as its own.
void Ownership::judgeBorrowed(const LifetimeFacts &Facts,
                              llvm::ArrayRef<FunctionText> Texts) {
  for (const Borrowed &B : Lent) {
    const GivenBack *By = nullptr;
    for (const GivenBack &G : Given)
      if (!G.Vague && G.In != B.In && G.Fam && G.Fam->Kind == Family::Ref &&
          !G.Fam->Group.empty() && G.Place.overlaps(B.Place) &&
          (!By || (G.Direct && !By->Direct)))
        By = &G;
    if (!By)
      continue;
    SourceLocation Loc;
    bool Taken = false;
    for (const auto &[FD, V] : Texts) {
      const FunctionDecl *F = FD->getCanonicalDecl();
      Taken |= V.TakesReferences && (F == B.In || Facts.calls(B.In, F));
      if (F == B.In)
        Loc = V.ReadAt.lookup(B.From);
    }
    if (Taken || Loc.isInvalid())
      continue;
    Reporter::Report Rep = reportAt(
        OverRelease::Name, B.In, Loc,
        "the page that " + quoted(B.Place.Owner) + " gets from " +
            quoted(B.From) + " has no reference of its own here, but " +
            quoted(By->In) + " releases one",
        "borrowed");
    Rep.End = quoted(B.From) + " keeps the page, too";
    R.add(Rep);
  }
}

void Ownership::judge(const LifetimeFacts &Facts) {
  bool Leaks = R.isEnabled(Leak::Name);
  std::vector<FunctionText> Texts;
  if (!Kept.empty() || !Lent.empty() || Leaks)
    for (const FunctionDecl *FD : Facts.bodies()) {
      Texts.push_back({FD, BodyVisitor(R.ast(), *R.options().Protos)});
      Texts.back().Text.TraverseStmt(FD->getBody());
      Texts.back().Text.finish();
    }
  for (const KeptHandles &K : Kept) {
    if (Leaks) {
      judgeForgotten(K, Facts, Texts);
      judgeGuards(K, Facts, Texts);
      judgeReplaced(K, Facts);
    }
    if (R.isEnabled(OverRelease::Name)) {
      judgeCounts(K);
      judgeNeverTaken(K, Facts, Texts);
    }
    if (R.isEnabled(MismatchedRelease::Name))
      judgeFamilies(K);
  }
  if (R.isEnabled(OverRelease::Name)) {
    judgeStaying(Facts);
    judgeBorrowed(Facts, Texts);
  }
  if (!Leaks)
    return;
  judgeEntries(Facts, Texts);
  judgeRanges(Facts, Texts);
  judgeCleared(Texts);
}
