//===- Engine.cpp - Path-sensitive analysis of a TU -----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Engine.h"
#include "Explorer.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Lex/Lexer.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/Path.h"

using namespace pinlint;
using namespace clang;

Engine::Engine(ASTContext &Ctx, TermContext &TC, SummarySource &Source,
               Observer &Obs, Budget B)
    : Ctx(Ctx), TC(TC), Source(Source), Obs(Obs), Limits(B) {}
Engine::~Engine() = default;

Logger *Engine::loggerFor(const FunctionDecl *FD) const {
  return Log && FD->getName() == LoggedFunction ? Log : nullptr;
}

const Summary *Engine::summaryFor(const FunctionDecl *FD, unsigned NumArgs) {
  if (const Summary *S = Source.summaryFor(FD, NumArgs))
    return S;
  auto It = Inferred.find(FD->getCanonicalDecl());
  return It == Inferred.end() ? nullptr : It->second.get();
}

const Summary *Engine::summaryOf(const CallExpr *C) {
  const FunctionDecl *Callee = C->getDirectCallee();
  return Callee ? summaryFor(Callee, C->getNumArgs()) : nullptr;
}

namespace {
/// The functions that one function names.
class CalleeVisitor : public RecursiveASTVisitor<CalleeVisitor> {
public:
  llvm::SmallSetVector<const FunctionDecl *, 16> Callees;
  /// With repetitions.
  llvm::SmallVector<const FunctionDecl *, 16> Mentions;
  bool VisitDeclRefExpr(DeclRefExpr *E) {
    if (const auto *F = dyn_cast<FunctionDecl>(E->getDecl())) {
      Callees.insert(F->getCanonicalDecl());
      Mentions.push_back(F->getCanonicalDecl());
    }
    return true;
  }
  /// Functions that stand in tables of operations.
  llvm::SmallVector<std::pair<const FieldDecl *, const FunctionDecl *>, 4>
      Operations;
  bool VisitVarDecl(VarDecl *V) {
    if (const auto *A = V->getAttr<CleanupAttr>())
      Callees.insert(A->getFunctionDecl()->getCanonicalDecl());
    return true;
  }
  bool VisitInitListExpr(InitListExpr *L) {
    visitOperations(L, [&](const FieldDecl *Member, const FunctionDecl *F) {
      Operations.push_back({Member, F->getCanonicalDecl()});
    });
    return true;
  }
};

struct Node {
  const FunctionDecl *Body;
  llvm::SmallSetVector<const FunctionDecl *, 16> Callees;
  bool Interesting = false;
  bool Wanted = false;
  bool Recursive = false;
  /// Reads of user memory in the body, and functions with a body mentioned.
  unsigned Reads = 0;
  llvm::SmallVector<const FunctionDecl *, 16> Mentions;
  unsigned Index = 0, Low = 0;
  bool OnStack = false;
};
} // namespace

/// Functions in which the same memory may be read twice, what they call, and
/// who calls them. Where one read is all there is, there is nothing to follow.
static std::vector<unsigned>
fetchingFunctions(const std::vector<Node> &Nodes,
                  const llvm::DenseMap<const FunctionDecl *, unsigned> &Ids) {
  // How many reads a call of a function can lead to, as far as two.
  constexpr unsigned Unknown = ~0u, Enough = 2;
  std::vector<unsigned> Reads(Nodes.size(), Unknown);
  auto Mentioned = [&](unsigned I, auto Visit) {
    for (const FunctionDecl *F : Nodes[I].Mentions)
      if (auto It = Ids.find(F); It != Ids.end())
        Visit(It->second);
  };
  auto Count = [&](auto &&Self, unsigned I) -> unsigned {
    if (Reads[I] != Unknown)
      return Reads[I];
    Reads[I] = 0;
    unsigned N = Nodes[I].Reads;
    Mentioned(I, [&](unsigned C) { N += Self(Self, C); });
    return Reads[I] = std::min(N, Enough);
  };
  // Depth counts the calls since the last function that reads.
  constexpr unsigned MaxDepth = 3, NotReached = ~0u;
  std::vector<unsigned> Depth(Nodes.size(), NotReached);
  llvm::SmallVector<unsigned, 32> Todo;
  for (unsigned I = 0; I < Nodes.size(); ++I) {
    unsigned Places = Nodes[I].Reads;
    Mentioned(I, [&](unsigned C) { Places += Count(Count, C) != 0; });
    if (Places < Enough)
      continue;
    Depth[I] = 0;
    Todo.push_back(I);
  }
  std::vector<unsigned> Roots(Todo.begin(), Todo.end());
  while (!Todo.empty()) {
    unsigned I = Todo.pop_back_val();
    Mentioned(I, [&](unsigned C) {
      unsigned D = Count(Count, C) ? 0 : Depth[I] + 1;
      if (D > MaxDepth || D >= Depth[C])
        return;
      Depth[C] = D;
      Todo.push_back(C);
    });
  }
  // The caller of a function that reads twice may use what it gets.
  std::vector<unsigned> Out;
  llvm::DenseSet<unsigned> IsRoot(Roots.begin(), Roots.end());
  for (unsigned I = 0; I < Nodes.size(); ++I) {
    bool Calls = false;
    Mentioned(I, [&](unsigned C) { Calls |= IsRoot.count(C) != 0; });
    if (Depth[I] != NotReached || Calls)
      Out.push_back(I);
  }
  return Out;
}

/// True if \p D belongs to the unit itself: it is in the unit's file, in one
/// that stands beside it, or in one that is no header.
static bool belongsToUnit(const Decl *D, const SourceManager &SM) {
  FileID File = SM.getFileID(SM.getExpansionLoc(D->getLocation()));
  if (File == SM.getMainFileID())
    return true;
  auto Entry = SM.getFileEntryRefForID(File);
  auto Main = SM.getFileEntryRefForID(SM.getMainFileID());
  return Entry && Main &&
         (!Entry->getName().ends_with(".h") ||
          llvm::sys::path::parent_path(Entry->getName()) ==
              llvm::sys::path::parent_path(Main->getName()));
}

/// Walks a function once for each call that acquires something, and follows
/// what this call acquires only. \p Sum, which is not complete, becomes what
/// the walks say together if they were.
void Engine::followOneByOne(const FunctionDecl *FD,
                            llvm::ArrayRef<const Stmt *> Sites, Summary &Sum) {
  std::vector<Exit> Exits;
  bool Complete = !Sites.empty();
  for (const Stmt *Site : Sites) {
    auto One = Explorer(*this, FD, Site).run();
    Complete &= !One->Incomplete;
    // How it ends where nothing is acquired is the same in all walks.
    for (Exit &X : One->Exits)
      if (Site == Sites.front() || X.acquires())
        Exits.push_back(std::move(X));
  }
  if (!Complete || Exits.size() > 2 * Limits.Exits)
    return;
  Sum.Exits = std::move(Exits);
  Sum.Incomplete = false;
}

void Engine::run() {
  llvm::DenseMap<const FunctionDecl *, unsigned> Ids;
  std::vector<Node> Nodes;
  decltype(CalleeVisitor::Operations) Operations;
  auto Add = [&](const FunctionDecl *F) {
    if (!F->doesThisDeclarationHaveABody() || F->hasSkippedBody() ||
        !F->getBody() || F->isInvalidDecl() ||
        !Ids.try_emplace(F->getCanonicalDecl(), Nodes.size()).second)
      return;
    CalleeVisitor V;
    V.TraverseDecl(const_cast<FunctionDecl *>(F));
    Node N;
    N.Body = F;
    N.Callees = std::move(V.Callees);
    Operations.append(V.Operations);
    if (FollowFetches) {
      N.Reads = Source.macroReads(F).size() + Source.sharedLoads(F);
      for (const FunctionDecl *C : V.Mentions)
        N.Reads += Source.isFetch(C);
      N.Mentions = std::move(V.Mentions);
    }
    N.Interesting =
        loggerFor(F) || llvm::any_of(N.Callees, [&](const FunctionDecl *C) {
          return Source.isInteresting(C);
        });
    Nodes.push_back(std::move(N));
  };
  auto AddCallee = [&](const FunctionDecl *C) {
    const FunctionDecl *Body = nullptr;
    if (!Ids.contains(C->getCanonicalDecl()) && C->hasBody(Body) &&
        !(SkipBody && SkipBody(Body)))
      Add(Body);
  };
  const SourceManager &SM = Ctx.getSourceManager();
  CalleeVisitor Tables;
  // What is in a precompiled header is loaded where it is needed.
  for (const Decl *D : Ctx.getTranslationUnitDecl()->noload_decls()) {
    if (const auto *F = dyn_cast<FunctionDecl>(D)) {
      if (belongsToUnit(F, SM) || (F->getIdentifier() && loggerFor(F)))
        Add(F);
    } else if (const auto *X = dyn_cast<VarDecl>(D);
               X && X->hasInit() && belongsToUnit(X, SM)) {
      Tables.TraverseStmt(const_cast<Expr *>(X->getInit()));
    }
  }
  for (const FunctionDecl *F : Tables.Callees)
    AddCallee(F);
  for (size_t I = 0; I != Nodes.size(); ++I)
    // Those that are added are another array's.
    for (const FunctionDecl *C : Nodes[I].Callees.getArrayRef().vec())
      AddCallee(C);
  Stats.FunctionsSeen = Nodes.size();
  Operations.append(Tables.Operations);
  for (const auto &[Member, F] : Operations)
    if (auto It = Ids.find(F); It != Ids.end() && Source.owes(Member)) {
      Obs.implements(F, Member);
      Nodes[It->second].Interesting = true;
    }

  // Whoever calls something interesting, and all that these call.
  std::vector<std::vector<unsigned>> Callers(Nodes.size());
  for (unsigned I = 0; I < Nodes.size(); ++I)
    for (const FunctionDecl *C : Nodes[I].Callees)
      if (auto It = Ids.find(C); It != Ids.end())
        Callers[It->second].push_back(I);
  llvm::SmallVector<unsigned, 32> Todo;
  for (unsigned I = 0; I < Nodes.size(); ++I)
    if (Nodes[I].Interesting) {
      Nodes[I].Wanted = true;
      Todo.push_back(I);
    }
  while (!Todo.empty())
    for (unsigned C : Callers[Todo.pop_back_val()])
      if (!Nodes[C].Wanted) {
        Nodes[C].Wanted = true;
        Todo.push_back(C);
      }
  for (unsigned I = 0; I < Nodes.size(); ++I)
    if (Nodes[I].Wanted)
      Todo.push_back(I);
  while (!Todo.empty())
    for (const FunctionDecl *C : Nodes[Todo.pop_back_val()].Callees)
      if (auto It = Ids.find(C); It != Ids.end() && !Nodes[It->second].Wanted) {
        Nodes[It->second].Wanted = true;
        Todo.push_back(It->second);
      }
  if (FollowFetches)
    for (unsigned I : fetchingFunctions(Nodes, Ids)) {
      Nodes[I].Wanted = true;
      Fetching.insert(Nodes[I].Body->getCanonicalDecl());
    }

  // Tarjan's components come out callees first.
  unsigned Counter = 0;
  std::vector<unsigned> Stack;
  std::vector<std::vector<unsigned>> Components;
  auto Connect = [&](auto &&Self, unsigned V) -> void {
    Node &N = Nodes[V];
    N.Index = N.Low = ++Counter;
    N.OnStack = true;
    Stack.push_back(V);
    for (const FunctionDecl *C : N.Callees) {
      auto It = Ids.find(C);
      if (It == Ids.end())
        continue;
      unsigned W = It->second;
      if (W == V)
        Nodes[V].Recursive = true;
      if (!Nodes[W].Index) {
        Self(Self, W);
        Nodes[V].Low = std::min(Nodes[V].Low, Nodes[W].Low);
      } else if (Nodes[W].OnStack) {
        Nodes[V].Low = std::min(Nodes[V].Low, Nodes[W].Index);
      }
    }
    if (Nodes[V].Low != Nodes[V].Index)
      return;
    Components.emplace_back();
    unsigned W;
    do {
      W = Stack.back();
      Stack.pop_back();
      Nodes[W].OnStack = false;
      Components.back().push_back(W);
    } while (W != V);
  };
  for (unsigned I = 0; I < Nodes.size(); ++I)
    if (!Nodes[I].Index)
      Connect(Connect, I);

  for (const auto &Component : Components) {
    bool Recursive = Component.size() > 1 || Nodes[Component.front()].Recursive;
    // What a first round says about recursive functions does not know them
    // yet; only the second round speaks.
    for (unsigned Round = Recursive ? 0 : 1; Round < 2; ++Round) {
      Muted = Round == 0;
      for (unsigned V : Component) {
        const Node &N = Nodes[V];
        if (!N.Wanted)
          continue;
        if (!Muted)
          ++Stats.FunctionsAnalysed;
        Explorer X(*this, N.Body);
        auto Sum = X.run();
        if (!Sum)
          continue;
        if (Sum->Incomplete && !Muted)
          followOneByOne(N.Body, X.acquiringSites(), *Sum);
        Inferred[N.Body->getCanonicalDecl()] = std::move(Sum);
      }
    }
  }
}

void pinlint::visitOperations(
    const InitListExpr *L,
    llvm::function_ref<void(const FieldDecl *, const FunctionDecl *)> Visit) {
  if (!L->isSemanticForm() && L->getSemanticForm())
    L = L->getSemanticForm();
  const RecordDecl *R = L->getType()->getAsRecordDecl();
  if (!R || R->isUnion())
    return;
  unsigned I = 0;
  for (const FieldDecl *F : R->fields()) {
    if (F->isUnnamedBitField())
      continue;
    if (I >= L->getNumInits())
      break;
    const Expr *X = L->getInit(I++)->IgnoreParenCasts();
    if (const auto *D = dyn_cast<DeclRefExpr>(X))
      if (const auto *Op = dyn_cast<FunctionDecl>(D->getDecl()))
        Visit(F, Op);
  }
}

const FieldDecl *pinlint::calledMember(const CallExpr *C) {
  const Expr *E = C->getCallee()->IgnoreParenImpCasts();
  if (const auto *U = dyn_cast<UnaryOperator>(E);
      U && U->getOpcode() == UO_Deref)
    E = U->getSubExpr()->IgnoreParenImpCasts();
  const auto *M = dyn_cast<MemberExpr>(E);
  return M ? dyn_cast<FieldDecl>(M->getMemberDecl()) : nullptr;
}

const NamedDecl *pinlint::calledBy(const Stmt *Site) {
  const auto *C = dyn_cast_or_null<CallExpr>(Site);
  if (!C)
    return nullptr;
  if (const FunctionDecl *F = C->getDirectCallee())
    return F;
  return calledMember(C);
}

/// The macro that stands for a call of \p Callee at \p Loc, as `dma_map_sg()`
/// does for `dma_map_sg_attrs()`; empty if there is none.
static std::string macroFor(llvm::StringRef Callee, SourceLocation Loc,
                            const ASTContext &Ctx) {
  const SourceManager &SM = Ctx.getSourceManager();
  std::string Name;
  for (; Loc.isMacroID(); Loc = SM.getImmediateMacroCallerLoc(Loc))
    if (SM.isMacroBodyExpansion(Loc))
      if (llvm::StringRef Macro =
              Lexer::getImmediateMacroName(Loc, SM, Ctx.getLangOpts());
          !Macro.empty() && Callee.starts_with(Macro))
        Name = Macro;
  return Name;
}

std::string pinlint::calleeName(const Stmt *Site) {
  const NamedDecl *F = calledBy(Site);
  if (!F)
    return "the call";
  std::string Name = F->getNameAsString();
  std::string Macro = macroFor(Name, Site->getBeginLoc(), F->getASTContext());
  return Macro.empty() ? Name : Macro;
}
