//===- Mutate.cpp - Breaks functions that balance pins --------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Makes mutants of the functions of some files that both acquire pages and
/// give them back: one small mistake each, of the kinds that the checks are
/// about. Of those that only give back what others acquired, and of their
/// callers, it makes mutants that do not. Writes each mutant as a file of its
/// own, and a list of them as JSON.
/// What is an acquisition or a release is known from pinlint's protocols.
///
//===----------------------------------------------------------------------===//

#include "frontend/Protocols.h"
#include "clang/AST/ParentMapContext.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendActions.h"
#include "clang/Rewrite/Core/Rewriter.h"
#include "clang/Tooling/CommonOptionsParser.h"
#include "clang/Tooling/Tooling.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

using namespace pinlint;
using namespace clang;
namespace cl = llvm::cl;

static cl::OptionCategory Category("pinlint-mutate");
static cl::opt<std::string> OutDir("out", cl::Required,
                                   cl::desc("Directory for the mutants"),
                                   cl::value_desc("dir"), cl::cat(Category));

namespace {
struct Site {
  const CallExpr *Call;
  const ProtocolFunction *Known;
  /// A release of what was allocated.
  bool OnlyAllocated = false;
};

/// The calls, jumps and labels of one function, in the order of the source.
class SiteVisitor : public RecursiveASTVisitor<SiteVisitor> {
public:
  explicit SiteVisitor(const Protocols &P) : P(P) {}
  std::vector<Site> Acquires, Releases;
  std::vector<const CallExpr *> Calls;
  std::vector<const GotoStmt *> Jumps;
  std::vector<const LabelStmt *> Labels;

  bool VisitCallExpr(CallExpr *C) {
    const FunctionDecl *F = C->getDirectCallee();
    if (!F || !F->getIdentifier() || C->getBeginLoc().isMacroID() ||
        C->getEndLoc().isMacroID())
      return true;
    Calls.push_back(C);
    const ProtocolFunction *Known = P.lookup(F->getName(), C->getNumArgs());
    if (!Known)
      return true;
    for (const ProtocolEffect &E : Known->Effects) {
      const ProtocolFamily *Fam = P.family(E.Family);
      bool Page = Fam ? Fam->Group == "page" : E.Family == "group:page";
      if (E.Kind == ProtocolEffect::Acquire && Page && Fam &&
          (Fam->Kind == "PIN" || Fam->Kind == "GET" || Fam->Kind == "EXTRACT"))
        Acquires.push_back({C, Known});
      else if (E.Kind == ProtocolEffect::Release && Page)
        Releases.push_back({C, Known, Fam && Fam->Kind == "ALLOC"});
    }
    return true;
  }
  bool VisitGotoStmt(GotoStmt *G) {
    if (!G->getBeginLoc().isMacroID())
      Jumps.push_back(G);
    return true;
  }
  bool VisitLabelStmt(LabelStmt *L) {
    Labels.push_back(L);
    return true;
  }

private:
  const Protocols &P;
};

class Mutator : public ASTConsumer {
public:
  Mutator(CompilerInstance &CI, const Protocols &P, llvm::json::Array &List)
      : CI(CI), P(P), List(List) {}

  void HandleTranslationUnit(ASTContext &Ctx) override {
    this->Ctx = &Ctx;
    SM = &Ctx.getSourceManager();
    if (CI.getDiagnostics().hasErrorOccurred())
      return;
    llvm::MapVector<const FunctionDecl *, SiteVisitor> Functions;
    for (const Decl *D : Ctx.getTranslationUnitDecl()->decls()) {
      const auto *F = dyn_cast<FunctionDecl>(D);
      if (F && F->doesThisDeclarationHaveABody() &&
          SM->isInMainFile(F->getLocation()))
        Functions.try_emplace(F->getCanonicalDecl(), P)
            .first->second.TraverseStmt(F->getBody());
    }
    // Who gives back what others have acquired.
    auto IsCleanup = [&](const FunctionDecl *F) {
      auto It = Functions.find(F->getCanonicalDecl());
      return It != Functions.end() && It->second.Acquires.empty() &&
             llvm::any_of(It->second.Releases, isOfPins);
    };
    for (const auto &[F, V] : Functions) {
      mutate(F, V);
      for (const Site &S : V.Releases)
        if (V.Acquires.empty() && isOfPins(S) && isStatement(S.Call))
          emit(F, "drop-owner-release", S.Call->getSourceRange(), "(void)0");
      for (const CallExpr *C : V.Calls)
        if (IsCleanup(C->getDirectCallee()) && isStatement(C))
          emit(F, "drop-cleanup-call", C->getSourceRange(), "(void)0");
    }
  }

private:
  /// True if what is given back may be pinned, not just allocated.
  static bool isOfPins(const Site &S) { return !S.OnlyAllocated; }

  std::string textOf(SourceRange R) const {
    return Lexer::getSourceText(CharSourceRange::getTokenRange(R), *SM,
                                Ctx->getLangOpts())
        .str();
  }

  /// One mutant: \p Range becomes \p Text.
  void emit(const FunctionDecl *F, llvm::StringRef Operator, SourceRange Range,
            const llvm::Twine &Text) {
    if (Range.getBegin().isMacroID() || Range.getEnd().isMacroID())
      return;
    Rewriter Rewrite(*SM, Ctx->getLangOpts());
    if (Rewrite.ReplaceText(Range, Text.str()))
      return;
    std::string Name = OutDir + "/" + std::to_string(List.size()) + ".c";
    std::error_code EC;
    llvm::raw_fd_ostream OS(Name, EC);
    if (EC) {
      llvm::errs() << Name << ": " << EC.message() << "\n";
      exit(2);
    }
    Rewrite.getEditBuffer(SM->getMainFileID()).write(OS);
    PresumedLoc Loc = SM->getPresumedLoc(Range.getBegin());
    List.push_back(llvm::json::Object{
        {"operator", Operator.str()},
        {"mutant", Name},
        {"file", SM->getFileEntryRefForID(SM->getMainFileID())
                     ->getFileEntry()
                     .tryGetRealPathName()
                     .str()},
        {"function", F->getName().str()},
        {"line", int64_t(Loc.getLine())}});
  }

  /// True if the call is a statement of its own.
  bool isStatement(const CallExpr *C) const {
    auto Parents = Ctx->getParents(*C);
    return Parents.size() == 1 &&
           (Parents[0].get<CompoundStmt>() || Parents[0].get<IfStmt>() ||
            Parents[0].get<ForStmt>() || Parents[0].get<WhileStmt>() ||
            Parents[0].get<LabelStmt>());
  }

  template <typename T> const T *enclosing(const Stmt *S) const {
    DynTypedNode Node = DynTypedNode::create(*S);
    while (true) {
      auto Parents = Ctx->getParents(Node);
      if (Parents.empty())
        return nullptr;
      Node = Parents[0];
      if (const auto *Found = Node.get<T>())
        return Found;
    }
  }

  /// The argument that counts what \p S is about; null if there is one thing.
  const Expr *argument(const Site &S, ProtocolEffect::KindTy Kind,
                       bool Request) const {
    for (const ProtocolEffect &E : S.Known->Effects) {
      if (E.Kind != Kind)
        continue;
      const auto &Which = Request ? E.Request : E.Count;
      if (Which && Which->Kind == ProtocolExpr::Arg &&
          uint64_t(Which->Value) < S.Call->getNumArgs())
        return S.Call->getArg(Which->Value)->IgnoreImpCasts();
    }
    return nullptr;
  }

  void mutateRelease(const FunctionDecl *F, const SiteVisitor &V,
                     const Site &S) {
    const CallExpr *C = S.Call;
    SourceRange Whole = C->getSourceRange();
    std::string Text = textOf(Whole);
    if (isStatement(C)) {
      // What a short call obtained is given back under a condition.
      const auto *If = enclosing<IfStmt>(C);
      const auto *Cond =
          If ? dyn_cast<BinaryOperator>(If->getCond()->IgnoreParenImpCasts())
             : nullptr;
      bool Partial = Cond && Cond->isRelationalOp();
      emit(F, Partial ? "drop-partial-release" : "drop-release", Whole,
           "(void)0");
      emit(F, "release-twice", Whole, "({ " + Text + "; " + Text + "; })");
      const auto *Block = enclosing<CompoundStmt>(C);
      const Stmt *Before = nullptr;
      for (const Stmt *Other : Block->body()) {
        if (Other == C)
          break;
        Before = Other;
      }
      // What is done to the page just before is done just after.
      if (const auto *Use = dyn_cast_or_null<CallExpr>(Before);
          Use && Use->getNumArgs() && C->getNumArgs() &&
          !llvm::any_of(V.Releases,
                        [&](const Site &R) { return R.Call == Use; }) &&
          textOf(Use->getArg(0)->getSourceRange()) ==
              textOf(C->getArg(0)->getSourceRange()))
        emit(F, "use-after-release",
             SourceRange(Use->getBeginLoc(), C->getEndLoc()),
             Text + "; " + textOf(Use->getSourceRange()));
    }
    llvm::StringRef Callee = C->getDirectCallee()->getName();
    const char *Other =
        llvm::StringSwitch<const char *>(Callee)
            .Cases({"unpin_user_page", "unpin_folio"}, "put_page")
            .Case("put_page", "unpin_user_page")
            .Case("folio_put", "unpin_folio")
            .Case("unpin_user_pages", "release_pages")
            .Case("release_pages", "unpin_user_pages")
            .Default(nullptr);
    if (Other)
      emit(F, "wrong-family", C->getCallee()->getSourceRange(), Other);
    if (const Expr *Count = argument(S, ProtocolEffect::Release, false)) {
      std::string Number = textOf(Count->getSourceRange());
      emit(F, "one-too-few", Count->getSourceRange(), "(" + Number + ") - 1");
      for (const Site &A : V.Acquires)
        if (const Expr *Asked = argument(A, ProtocolEffect::Acquire, true))
          if (std::string All = textOf(Asked->getSourceRange());
              All != Number && !Asked->isEvaluatable(*Ctx)) {
            emit(F, "requested-count", Count->getSourceRange(), All);
            break;
          }
    }
    const auto *Loop = enclosing<ForStmt>(C);
    const auto *Bound =
        Loop ? dyn_cast_or_null<BinaryOperator>(Loop->getCond()) : nullptr;
    if (Bound && Bound->getOpcode() == BO_LT)
      emit(F, "one-too-many", SourceRange(Bound->getOperatorLoc()), "<=");
  }

  void mutateJump(const FunctionDecl *F, const SiteVisitor &V,
                  const GotoStmt *G) {
    auto Later = [&](SourceLocation A, SourceLocation B) {
      return SM->isBeforeInTranslationUnit(B, A);
    };
    // A page may be held here, and is given back where the jump leads.
    bool Held = llvm::any_of(V.Acquires, [&](const Site &A) {
      return Later(G->getBeginLoc(), A.Call->getBeginLoc());
    });
    SourceLocation To = G->getLabel()->getStmt()->getBeginLoc();
    bool Leads = llvm::any_of(V.Releases, [&](const Site &R) {
      return Later(R.Call->getBeginLoc(), To);
    });
    if (!Held || !Leads || !Later(To, G->getBeginLoc()))
      return;
    if (F->getReturnType()->isIntegerType())
      emit(F, "return-before-cleanup", G->getSourceRange(), "return -5");
    const LabelStmt *Next = nullptr;
    for (const LabelStmt *L : V.Labels)
      if (Later(L->getBeginLoc(), To) &&
          (!Next || Later(Next->getBeginLoc(), L->getBeginLoc())))
        Next = L;
    bool Skips = Next && llvm::any_of(V.Releases, [&](const Site &R) {
                   return Later(R.Call->getBeginLoc(), To) &&
                          Later(Next->getBeginLoc(), R.Call->getBeginLoc());
                 });
    if (Skips)
      emit(F, "wrong-label", G->getLabelLoc(), Next->getDecl()->getName());
  }

  void mutate(const FunctionDecl *F, const SiteVisitor &V) {
    if (V.Acquires.empty() || V.Releases.empty())
      return;
    for (const Site &S : V.Releases)
      mutateRelease(F, V, S);
    for (const GotoStmt *G : V.Jumps)
      mutateJump(F, V, G);
  }

  CompilerInstance &CI;
  const Protocols &P;
  llvm::json::Array &List;
  ASTContext *Ctx = nullptr;
  SourceManager *SM = nullptr;
};

class Action : public ASTFrontendAction {
public:
  Action(const Protocols &P, llvm::json::Array &List) : P(P), List(List) {}
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance &CI,
                                                 llvm::StringRef) override {
    return std::make_unique<Mutator>(CI, P, List);
  }

private:
  const Protocols &P;
  llvm::json::Array &List;
};

class Factory : public tooling::FrontendActionFactory {
public:
  Factory(const Protocols &P, llvm::json::Array &List) : P(P), List(List) {}
  std::unique_ptr<FrontendAction> create() override {
    return std::make_unique<Action>(P, List);
  }

private:
  const Protocols &P;
  llvm::json::Array &List;
};
} // namespace

int main(int Argc, const char **Argv) {
  auto Parser = tooling::CommonOptionsParser::create(Argc, Argv, Category);
  if (!Parser) {
    llvm::errs() << llvm::toString(Parser.takeError());
    return 2;
  }
  if (std::error_code EC = llvm::sys::fs::create_directories(OutDir)) {
    llvm::errs() << OutDir << ": " << EC.message() << "\n";
    return 2;
  }
  auto P = Protocols::builtin();
  if (!P) {
    llvm::errs() << llvm::toString(P.takeError()) << "\n";
    return 2;
  }
  llvm::json::Array List;
  tooling::ClangTool Tool(Parser->getCompilations(),
                          Parser->getSourcePathList());
  Factory F(**P, List);
  int Status = Tool.run(&F);
  llvm::outs() << llvm::formatv("{0:2}", llvm::json::Value(std::move(List)))
               << "\n";
  return Status ? 2 : 0;
}
