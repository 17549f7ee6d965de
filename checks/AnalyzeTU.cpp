//===- AnalyzeTU.cpp - Analyse one translation unit -----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "AnalyzeTU.h"
#include "Check.h"
#include "DoubleFetch.h"
#include "HandedOut.h"
#include "Ownership.h"
#include "Trace.h"
#include "frontend/ApiSummaries.h"
#include "frontend/HeaderSet.h"
#include "frontend/HeaderUse.h"
#include "frontend/ImportedSummaries.h"
#include "frontend/LifetimeFacts.h"
#include "frontend/SkipBodies.h"
#include "clang/AST/ASTConsumer.h"
#include "clang/Basic/Diagnostic.h"
#include "clang/Basic/FileManager.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendAction.h"
#include "clang/Frontend/FrontendOptions.h"
#include "clang/Tooling/Tooling.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Timer.h"

using namespace pinlint;
using namespace clang;

namespace {
/// Hands what the engine says to every check.
class Dispatcher : public Observer {
public:
  std::vector<Observer *> To;
  void lost(const Loss &L) override {
    for (Observer *O : To)
      O->lost(L);
  }
  void badRelease(const ReleaseFault &F) override {
    for (Observer *O : To)
      O->badRelease(F);
  }
  void outlived(const LifetimeFault &F) override {
    for (Observer *O : To)
      O->outlived(F);
  }
  void refetched(const Refetch &F) override {
    for (Observer *O : To)
      O->refetched(F);
  }
  void outOfOrder(const OrderFault &F) override {
    for (Observer *O : To)
      O->outOfOrder(F);
  }
  void leftInList(const ListedFault &F) override {
    for (Observer *O : To)
      O->leftInList(F);
  }
  void stillInPlace(const SetUpFault &F) override {
    for (Observer *O : To)
      O->stillInPlace(F);
  }
  void leftDangling(const Dangling &X) override {
    for (Observer *O : To)
      O->leftDangling(X);
  }
  void leaving(const Leaving &X) override {
    for (Observer *O : To)
      O->leaving(X);
  }
  void implements(const FunctionDecl *FD, const FieldDecl *Member) override {
    for (Observer *O : To)
      O->implements(FD, Member);
  }
  void handedOver(const HandOver &X) override {
    for (Observer *O : To)
      O->handedOver(X);
  }
  void strayRelease(const StrayRelease &X) override {
    for (Observer *O : To)
      O->strayRelease(X);
  }
  void emptyRelease(const EmptyRelease &X) override {
    for (Observer *O : To)
      O->emptyRelease(X);
  }
  void ignoredResult(const IgnoredResult &X) override {
    for (Observer *O : To)
      O->ignoredResult(X);
  }
};

/// Keeps the first errors of a parse as text.
class ErrorCollector : public DiagnosticConsumer {
public:
  explicit ErrorCollector(std::vector<std::string> &Errors) : Errors(Errors) {}
  void HandleDiagnostic(DiagnosticsEngine::Level Level,
                        const Diagnostic &Info) override {
    DiagnosticConsumer::HandleDiagnostic(Level, Info);
    constexpr size_t MaxErrors = 5;
    if (Level < DiagnosticsEngine::Error || Errors.size() >= MaxErrors)
      return;
    llvm::SmallString<128> Text;
    Info.FormatDiagnostic(Text);
    std::string Where;
    if (Info.hasSourceManager() && Info.getLocation().isValid()) {
      PresumedLoc P =
          Info.getSourceManager().getPresumedLoc(Info.getLocation());
      if (P.isValid())
        Where = std::string(P.getFilename()) + ":" +
                std::to_string(P.getLine()) + ":" +
                std::to_string(P.getColumn()) + ": ";
    }
    Errors.push_back(Where + Text.str().str());
  }

private:
  std::vector<std::string> &Errors;
};

} // namespace

static bool wantLifetimes(const AnalysisOptions &O) {
  return llvm::any_of(
      O.Checks, [](llvm::StringRef Name) { return followsLifetimes(Name); });
}

static bool wantFetches(const AnalysisOptions &O) {
  return llvm::any_of(
      O.Checks, [](llvm::StringRef Name) { return followsFetches(Name); });
}

static void listFiles(const SourceManager &SM, const HeaderUse *Headers,
                      std::vector<std::string> &Files) {
  if (Headers)
    Headers->listFiles(Files);
  for (auto I = SM.fileinfo_begin(), E = SM.fileinfo_end(); I != E; ++I) {
    if (Headers && Headers->isOfSet(&I->first.getFileEntry()))
      continue;
    llvm::SmallString<256> Path(I->first.getName());
    SM.getFileManager().makeAbsolutePath(Path);
    llvm::sys::path::remove_dots(Path);
    Files.push_back(std::string(Path));
  }
  llvm::sort(Files);
  Files.erase(llvm::unique(Files), Files.end());
}

/// A header set has all bodies. Takes that of \p F away if \p Skipper would
/// have skipped it.
static bool forgetBody(const FunctionDecl *F, BodySkipper &Skipper,
                       const ASTContext &Ctx) {
  if (!Skipper.canSkip(F, Ctx.getSourceManager(), Ctx.getLangOpts()))
    return false;
  auto *Known = const_cast<FunctionDecl *>(F);
  Known->setBody(nullptr);
  Known->setHasSkippedBody();
  return true;
}

/// \p Skipper: null where the unneeded bodies have not been parsed.
static void analyzeParsed(ASTContext &Ctx, Run &R, BodySkipper *Skipper) {
  if (Ctx.getDiagnostics().hasUncompilableErrorOccurred())
    return;
  double Start = llvm::TimeRecord::getCurrentTime().getProcessTime();
  bool Lifetimes = wantLifetimes(R.Options);
  TermContext TC;
  ApiSummaries Apis(*R.Options.Protos, Ctx, TC, Lifetimes);
  ImportedSummaries Source(Apis, *R.Options.Protos, Ctx, TC, R.Options.Imports,
                           R.Headers);
  Reporter Rep(Ctx, R.Options, R.Result.Findings, R.Headers);
  std::vector<std::unique_ptr<Check>> Checks;
  Dispatcher D;
  for (const std::string &Name : R.Options.Checks)
    if (auto C = createCheck(Name, Rep)) {
      D.To.push_back(C.get());
      Checks.push_back(std::move(C));
    }
  bool Owners = llvm::any_of(R.Options.Checks, Ownership::concerns);
  if (Owners) {
    Checks.push_back(std::make_unique<Ownership>(Rep));
    D.To.push_back(Checks.back().get());
  }
  bool Operations = llvm::any_of(R.Options.Checks, followsOperations);
  if (Operations) {
    Checks.push_back(std::make_unique<HandedOut>(Rep));
    D.To.push_back(Checks.back().get());
  }
  Engine E(Ctx, TC, Source, D);
  if (Lifetimes)
    E.followLifetimes();
  if (wantFetches(R.Options))
    E.followFetches();
  if (R.Recorder) {
    D.To.push_back(R.Recorder);
    E.setLogger(R.Recorder, R.Recorder->function());
  }
  if (Skipper)
    E.skipBodies([&](const FunctionDecl *F) {
      if (!F->isFromASTFile())
        return false;
      if (forgetBody(F, *Skipper, Ctx))
        return true;
      R.Headers->forgetUnseen(F);
      return false;
    });
  E.run();
  if (R.Headers && !R.Headers->difference().empty())
    return;
  if (Lifetimes || Owners || Operations) {
    LifetimeFacts Facts(Ctx, *R.Options.Protos);
    for (const auto &C : Checks)
      C->judge(Facts);
  }
  for (const auto &C : Checks)
    C->finish();
  Rep.finish();
  if (R.Recorder)
    R.Recorder->finish(Ctx);
  for (const auto &[FD, Why] : E.overBudget()) {
    R.Result.NotAnalysed.push_back(
        {Rep.place(FD->getLocation()).File, FD->getNameAsString(), Why});
  }
  if (R.Options.Export) {
    exportSummaries(E, Ctx, *R.Options.Protos, R.Result.Exports);
    listFiles(Ctx.getSourceManager(), R.Headers, R.Result.Files);
  }
  AnalysisStats &S = R.Result.Stats;
  S.FunctionsSeen = E.stats().FunctionsSeen;
  S.FunctionsAnalysed = E.stats().FunctionsAnalysed;
  S.FunctionsOverBudget = E.overBudget().size();
  S.Steps = E.stats().Steps;
  R.EngineSeconds =
      llvm::TimeRecord::getCurrentTime(false).getProcessTime() - Start;
  llvm::sort(R.Result.Findings, [](const Finding &A, const Finding &B) {
    auto Key = [](const Finding &F) {
      return std::tie(F.Place.File, F.Place.Line, F.Place.Column, F.Check,
                      F.Message);
    };
    return Key(A) < Key(B);
  });
  R.Result.Parsed = true;
}

namespace {
class Consumer : public ASTConsumer {
public:
  Consumer(CompilerInstance &CI, Run &R)
      : CI(CI), R(R), Skipper(*R.Options.Protos, wantLifetimes(R.Options),
                              wantFetches(R.Options), R.Options.Imports) {}

  bool shouldSkipFunctionBody(Decl *D) override {
    if (R.Options.ParseAllBodies || isTraced(D) ||
        !Skipper.canSkip(D, CI.getSourceManager(), CI.getLangOpts()))
      return false;
    Skipper.jump(CI.getPreprocessor());
    return true;
  }

  bool HandleTopLevelDecl(DeclGroupRef) override {
    if (!R.Headers || R.Headers->difference().empty())
      return true;
    // The rest need not be parsed.
    noteDifference();
    return false;
  }

  void HandleTranslationUnit(ASTContext &Ctx) override {
    if (!R.Headers)
      return analyzeParsed(Ctx, R, nullptr);
    for (const Decl *D : Ctx.getTranslationUnitDecl()->noload_decls())
      R.Headers->forgetUnseen(D);
    if (R.Headers->difference().empty())
      analyzeParsed(Ctx, R, R.Options.ParseAllBodies ? nullptr : &Skipper);
    noteDifference();
  }

private:
  void noteDifference() {
    R.Differs = R.Headers->difference().str();
    R.Wanted = R.Headers->wanted().str();
  }

  bool isTraced(const Decl *D) const {
    const auto *F = dyn_cast<FunctionDecl>(D);
    return R.Recorder && F && F->getIdentifier() &&
           F->getName() == R.Recorder->function();
  }

  CompilerInstance &CI;
  Run &R;
  BodySkipper Skipper;
};

class Action : public ASTFrontendAction {
public:
  explicit Action(Run &R) : R(R) {}
  bool BeginInvocation(CompilerInstance &CI) override {
    CI.getFrontendOpts().SkipFunctionBodies = true;
    return true;
  }
  bool BeginSourceFileAction(CompilerInstance &CI) override {
    if (R.Options.Headers && !R.Recorder) {
      Use = std::make_unique<HeaderUse>(*R.Options.Headers, CI);
      R.Headers = Use.get();
    }
    return true;
  }
  void EndSourceFileAction() override { R.Headers = nullptr; }
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance &CI,
                                                 llvm::StringRef) override {
    return std::make_unique<Consumer>(CI, R);
  }

private:
  Run &R;
  std::unique_ptr<HeaderUse> Use;
};
} // namespace

static void parse(llvm::StringRef Directory,
                  llvm::ArrayRef<std::string> Arguments, Run &R) {
  FileSystemOptions FSOptions;
  FSOptions.WorkingDir = Directory.str();
  llvm::IntrusiveRefCntPtr<FileManager> Files(new FileManager(
      FSOptions,
      R.Options.Headers ? R.Options.Headers->fileSystem() : R.Options.Files));
  ErrorCollector Errors(R.Result.Errors);
  tooling::ToolInvocation Invocation(
      std::vector<std::string>(Arguments.begin(), Arguments.end()),
      std::make_unique<Action>(R), Files.get());
  Invocation.setDiagnosticConsumer(&Errors);
  Invocation.run();
}

void pinlint::analyze(llvm::StringRef Directory, llvm::StringRef File,
                      llvm::ArrayRef<std::string> Arguments, Run &R) {
  AnalysisResult &Result = R.Result;
  double Start = llvm::TimeRecord::getCurrentTime().getProcessTime();
  const std::vector<std::string> &Defines =
      R.Options.Protos->conventions().Defines;
  std::vector<std::string> With = Arguments.vec();
  for (const std::string &Macro : Defines)
    With.insert(llvm::find(With, "--"), "-D" + Macro);
  parse(Directory, With, R);
  // Some files are about what has been left out.
  if (!Result.Parsed && !R.Options.Headers && !Defines.empty()) {
    Result.Errors.clear();
    parse(Directory, Arguments, R);
  }
  double Total =
      llvm::TimeRecord::getCurrentTime(false).getProcessTime() - Start;
  Result.Stats.EngineSeconds = R.EngineSeconds;
  Result.Stats.ParseSeconds = Total - R.EngineSeconds;
  if (!Result.Parsed && Result.Errors.empty())
    Result.Errors.push_back(File.str() + ": the compile command was rejected");
}

AnalysisResult pinlint::analyzeTU(llvm::StringRef Directory,
                                  llvm::StringRef File,
                                  llvm::ArrayRef<std::string> Arguments,
                                  const AnalysisOptions &Options) {
  AnalysisResult Result;
  Run R{Options, Result};
  if (!Options.Headers) {
    analyze(Directory, File, Arguments, R);
    return Result;
  }
  std::vector<std::string> OnTop(Arguments.begin(), Arguments.end());
  OnTop.insert(llvm::find(OnTop, "--"),
               {"-include-pch", Options.Headers->precompiled().str()});
  analyze(Directory, File, OnTop, R);
  Result.Stats.OnHeaderSet = 1;
  if (Result.Parsed)
    return Result;
  // What cannot be parsed like this, or may mean something else.
  AnalysisOptions Plain = Options;
  Plain.Headers = nullptr;
  AnalysisResult Again = analyzeTU(Directory, File, Arguments, Plain);
  Again.ParsedAgain = !R.Differs.empty()      ? R.Differs
                      : Result.Errors.empty() ? "it did not parse"
                                              : Result.Errors.front();
  Again.WantedPremise = R.Wanted;
  Again.Stats.OnHeaderSet = Again.Stats.ParsedAgain = 1;
  Again.Stats.ParseSeconds += Result.Stats.ParseSeconds;
  return Again;
}

AnalysisResult pinlint::analyzeAST(ASTContext &Ctx,
                                   const AnalysisOptions &Options) {
  AnalysisResult Result;
  Run R{Options, Result};
  // Mark the bodies that our own parse would have skipped, as long as we are
  // here: nothing else about them matters to the engine.
  std::vector<FunctionDecl *> Skipped;
  BodySkipper Skipper(*Options.Protos, wantLifetimes(Options),
                      wantFetches(Options), Options.Imports);
  if (!Options.ParseAllBodies)
    for (Decl *D : Ctx.getTranslationUnitDecl()->decls())
      if (auto *F = dyn_cast<FunctionDecl>(D);
          F && F->doesThisDeclarationHaveABody() && !F->hasSkippedBody() &&
          Skipper.canSkip(F, Ctx.getSourceManager(), Ctx.getLangOpts())) {
        F->setHasSkippedBody();
        Skipped.push_back(F);
      }
  analyzeParsed(Ctx, R, /*Skipper=*/nullptr);
  for (FunctionDecl *F : Skipped)
    F->setHasSkippedBody(false);
  return Result;
}
