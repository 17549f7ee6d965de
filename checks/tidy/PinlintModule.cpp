//===- PinlintModule.cpp - pinlint as a module of clang-tidy --------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Every check of the registry under its own name. The analysis runs once per
/// translation unit, for all checks that are enabled, on the syntax tree that
/// clang-tidy has; each check then reports its share of the findings.
///
//===----------------------------------------------------------------------===//

#include "Analysis.h"
#include "clang-tidy/ClangTidyCheck.h"
#include "clang-tidy/ClangTidyModule.h"
#include "frontend/ProjectProtocols.h"
#include "clang/AST/ASTContext.h"
#include "clang/ASTMatchers/ASTMatchers.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#if LLVM_VERSION_MAJOR < 22
#include "clang-tidy/ClangTidyModuleRegistry.h"
#endif

using namespace clang;
using clang::tidy::ClangTidyCheck;
using clang::tidy::ClangTidyContext;

namespace clang::tidy {
template <> struct OptionEnumMapping<pinlint::Confidence> {
  static llvm::ArrayRef<std::pair<pinlint::Confidence, StringRef>>
  getEnumMapping() {
    static constexpr std::pair<pinlint::Confidence, StringRef> Mapping[] = {
        {pinlint::Confidence::Low, "low"},
        {pinlint::Confidence::Medium, "medium"},
        {pinlint::Confidence::High, "high"}};
    return Mapping;
  }
};
} // namespace clang::tidy

namespace pinlint {
namespace {

constexpr llvm::StringLiteral SuppressionCheck = "pinlint-suppression";

class PinlintCheck;

/// What the checks of one translation unit share.
class Session {
public:
  /// That of the checks that clang-tidy is making for \p Context.
  static std::shared_ptr<Session> of(ClangTidyContext *Context);

  void enlist(PinlintCheck &Check) { Checks.push_back(&Check); }

  /// The findings of all checks in \p Ctx.
  llvm::ArrayRef<Finding> findings(ASTContext &Ctx);

private:
  explicit Session(ClangTidyContext *Context) : Context(Context) {}
  const Protocols *protocols(const SourceManager &SM);

  ClangTidyContext *Context;
  std::vector<PinlintCheck *> Checks;
  std::shared_ptr<Protocols> Protos;
  const ASTContext *Analysed = nullptr;
  std::vector<Finding> Findings;
};

class PinlintCheck : public ClangTidyCheck {
public:
  PinlintCheck(StringRef Name, ClangTidyContext *Context)
      : ClangTidyCheck(Name, Context), MinConfidence(Options.getLocalOrGlobal(
                                           "Confidence", Confidence::Medium)),
        CodeBase(Options.getLocalOrGlobal("CodeBase", "linux")),
        ProtocolFiles(Options.getLocalOrGlobal("Protocols", "")),
        NoLintReasons(Name == SuppressionCheck &&
                      Options.get("NoLintReasons", false)),
        Shared(Session::of(Context)) {
    Shared->enlist(*this);
  }

  void storeOptions(tidy::ClangTidyOptions::OptionMap &Opts) override {
    Options.store(Opts, "Confidence", MinConfidence);
    Options.store(Opts, "CodeBase", CodeBase);
    Options.store(Opts, "Protocols", ProtocolFiles);
    if (name() == SuppressionCheck)
      Options.store(Opts, "NoLintReasons", NoLintReasons);
  }

  bool isLanguageVersionSupported(const LangOptions &Lang) const override {
    return !Lang.CPlusPlus && !Lang.ObjC;
  }

  void registerMatchers(ast_matchers::MatchFinder *Finder) override {
    Finder->addMatcher(ast_matchers::translationUnitDecl(), this);
  }

  void check(const ast_matchers::MatchFinder::MatchResult &Result) override {
    for (const Finding &F : Shared->findings(*Result.Context))
      if (F.Check == name() && F.Level >= MinConfidence)
        report(F, *Result.SourceManager);
  }

  StringRef name() const { return getID(); }
  Confidence minConfidence() const { return MinConfidence; }
  StringRef codeBase() const { return CodeBase; }
  StringRef protocolFiles() const { return ProtocolFiles; }
  bool wantsNoLintReasons() const { return NoLintReasons; }

private:
  void report(const Finding &F, const SourceManager &SM) {
    // What is said may have a '%' in it, source text above all.
    auto LocationOf = [](const SourcePlace &Place) {
      return SourceLocation::getFromRawEncoding(Place.Raw);
    };
    {
      auto Diag = diag(LocationOf(F.Place), "%0") << F.Message;
      SourceLocation Start = SM.getLocForStartOfFile(SM.getMainFileID());
      for (const Replacement &R : F.Fixes) {
        SourceLocation Begin = Start.getLocWithOffset(R.Offset);
        Diag << FixItHint::CreateReplacement(
            CharSourceRange::getCharRange(Begin,
                                          Begin.getLocWithOffset(R.Length)),
            R.Text);
      }
    }
    for (const PathStep &Step : F.Path)
      diag(LocationOf(Step.Place), "%0", DiagnosticIDs::Note) << Step.Message;
  }

  const Confidence MinConfidence;
  const std::string CodeBase;
  const std::string ProtocolFiles;
  const bool NoLintReasons;
  std::shared_ptr<Session> Shared;
};

} // namespace

std::shared_ptr<Session> Session::of(ClangTidyContext *Context) {
  // clang-tidy makes the checks of one translation unit in one go, and keeps
  // them until it is done with that.
  static std::weak_ptr<Session> Current;
  std::shared_ptr<Session> S = Current.lock();
  if (!S || S->Context != Context || S->Analysed) {
    S.reset(new Session(Context));
    Current = S;
  }
  return S;
}

/// Keeps the protocols of the file before: most files of a run share theirs.
static llvm::Expected<std::shared_ptr<Protocols>>
cachedProtocols(StringRef ProjectFile, llvm::ArrayRef<std::string> Files,
                StringRef CodeBase) {
  static std::vector<std::string> LastKey;
  static std::shared_ptr<Protocols> Last;
  std::vector<std::string> Key(Files.begin(), Files.end());
  Key.push_back(ProjectFile.str());
  Key.push_back(CodeBase.str());
  if (!Last || Key != LastKey) {
    llvm::Expected<std::unique_ptr<Protocols>> Loaded =
        loadProtocols(ProjectFile, Files, CodeBase);
    if (!Loaded)
      return Loaded.takeError();
    Last = std::move(*Loaded);
    LastKey = std::move(Key);
  }
  return Last;
}

const Protocols *Session::protocols(const SourceManager &SM) {
  std::vector<std::string> Files;
  for (const PinlintCheck *C : Checks) {
    llvm::SmallVector<StringRef, 4> Names;
    C->protocolFiles().split(Names, ';', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
    for (StringRef Name : Names)
      if (!llvm::is_contained(Files, Name.trim()))
        Files.push_back(Name.trim().str());
  }
  StringRef CodeBase = Checks.front()->codeBase();
  for (const PinlintCheck *C : Checks) {
    if (C->codeBase() == CodeBase)
      continue;
    Context->configurationDiag("%0 is for code base '%1', %2 for '%3'; all "
                               "checks of a file need the same one",
                               DiagnosticIDs::Error)
        << Checks.front()->name() << CodeBase << C->name() << C->codeBase();
    return nullptr;
  }
  std::string ProjectFile;
  if (auto Main = SM.getFileEntryRefForID(SM.getMainFileID())) {
    llvm::SmallString<256> Path = Main->getName();
    SM.getFileManager().makeAbsolutePath(Path);
    llvm::sys::path::remove_dots(Path, /*remove_dot_dot=*/true);
    ProjectFile = findProjectFile(llvm::sys::path::parent_path(Path));
  }
  llvm::Expected<std::shared_ptr<Protocols>> Loaded =
      cachedProtocols(ProjectFile, Files, CodeBase);
  if (!Loaded) {
    Context->configurationDiag("%0", DiagnosticIDs::Error)
        << llvm::toString(Loaded.takeError());
    return nullptr;
  }
  Protos = *Loaded;
  return Protos.get();
}

llvm::ArrayRef<Finding> Session::findings(ASTContext &Ctx) {
  if (Analysed == &Ctx)
    return Findings;
  Analysed = &Ctx;
  Findings.clear();
  AnalysisOptions O;
  O.Protos = protocols(Ctx.getSourceManager());
  if (!O.Protos)
    return Findings;
  O.MinConfidence = Confidence::High;
  for (const PinlintCheck *C : Checks) {
    O.Checks.push_back(C->name().str());
    O.MinConfidence = std::min(O.MinConfidence, C->minConfidence());
    O.NoLintReasons |= C->wantsNoLintReasons();
  }
  llvm::sort(O.Checks);
  Findings = analyzeAST(Ctx, O).Findings;
  return Findings;
}

namespace {
class PinlintModule : public tidy::ClangTidyModule {
public:
  void addCheckFactories(tidy::ClangTidyCheckFactories &Factories) override {
    for (const CheckInfo &Check : allChecks())
      Factories.registerCheck<PinlintCheck>(Check.Name);
  }
};
} // namespace

static tidy::ClangTidyModuleRegistry::Add<PinlintModule>
    Module("pinlint-module", "Pins, references, lifetimes and double fetches.");

} // namespace pinlint
