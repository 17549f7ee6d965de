//===- Mutate.cpp - Breaks functions that are right -----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Makes mutants of the functions of some files: one small mistake each, of the
/// kinds that the checks are about. Writes each mutant as a file of its own,
/// and a list of them as JSON.
/// What acquires, releases, frees or fetches is known from pinlint's protocols.
///
//===----------------------------------------------------------------------===//

#include "Mutants.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendActions.h"
#include "clang/Lex/Lexer.h"
#include "clang/Rewrite/Core/Rewriter.h"
#include "clang/Tooling/CommonOptionsParser.h"
#include "clang/Tooling/Tooling.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"

using namespace pinlint;
using namespace clang;
namespace cl = llvm::cl;

using MutateFn = void (*)(MutantWriter &, const Protocols &,
                          llvm::ArrayRef<const FunctionDecl *>);

static cl::OptionCategory Category("pinlint-mutate");
static cl::opt<std::string> OutDir("out", cl::Required,
                                   cl::desc("Directory for the mutants"),
                                   cl::value_desc("dir"), cl::cat(Category));
enum class Subject { Pins, References, Lifetimes, Fetches };
static cl::opt<Subject>
    About("of", cl::desc("What the mistakes are about"),
          cl::init(Subject::Pins),
          cl::values(clEnumValN(Subject::Pins, "pins", "pinned pages"),
                     clEnumValN(Subject::References, "references",
                                "references on objects"),
                     clEnumValN(Subject::Lifetimes, "lifetimes",
                                "objects that are freed"),
                     clEnumValN(Subject::Fetches, "fetches", "user memory")),
          cl::cat(Category));

void MutantWriter::emit(const FunctionDecl *F, llvm::StringRef Operator,
                        SourceRange Range, const llvm::Twine &Text) {
  if (Range.getBegin().isMacroID() || Range.getEnd().isMacroID())
    return;
  Rewriter Rewrite(SM, Ctx.getLangOpts());
  if (Rewrite.ReplaceText(Range, Text.str()))
    return;
  std::string Name = OutDir + "/" + std::to_string(List.size()) + ".c";
  std::error_code EC;
  llvm::raw_fd_ostream OS(Name, EC);
  if (EC) {
    llvm::errs() << Name << ": " << EC.message() << "\n";
    exit(2);
  }
  Rewrite.getEditBuffer(SM.getMainFileID()).write(OS);
  List.push_back(llvm::json::Object{
      {"operator", Operator.str()},
      {"mutant", Name},
      {"file", SM.getFileEntryRefForID(SM.getMainFileID())
                   ->getFileEntry()
                   .tryGetRealPathName()
                   .str()},
      {"function", F->getName().str()},
      {"line", int64_t(SM.getPresumedLoc(Range.getBegin()).getLine())}});
}

std::string MutantWriter::textOf(SourceRange R) const {
  return Lexer::getSourceText(CharSourceRange::getTokenRange(R), SM,
                              Ctx.getLangOpts())
      .str();
}

bool MutantWriter::isStatement(const CallExpr *C) const {
  auto Parents = Ctx.getParents(*C);
  return Parents.size() == 1 &&
         (Parents[0].get<CompoundStmt>() || Parents[0].get<IfStmt>() ||
          Parents[0].get<ForStmt>() || Parents[0].get<WhileStmt>() ||
          Parents[0].get<LabelStmt>());
}

namespace {
class Mutator : public ASTConsumer {
public:
  Mutator(CompilerInstance &CI, const Protocols &P, llvm::json::Array &List)
      : CI(CI), P(P), List(List) {}

  void HandleTranslationUnit(ASTContext &Ctx) override {
    if (CI.getDiagnostics().hasErrorOccurred())
      return;
    std::vector<const FunctionDecl *> Functions;
    for (const Decl *D : Ctx.getTranslationUnitDecl()->decls()) {
      const auto *F = dyn_cast<FunctionDecl>(D);
      if (F && F->doesThisDeclarationHaveABody() &&
          Ctx.getSourceManager().isInMainFile(F->getLocation()))
        Functions.push_back(F);
    }
    MutantWriter W(Ctx, OutDir, List);
    const MutateFn Mutate[] = {mutatePins, mutateReferences, mutateLifetimes,
                               mutateFetches};
    Mutate[unsigned(About.getValue())](W, P, Functions);
  }

private:
  CompilerInstance &CI;
  const Protocols &P;
  llvm::json::Array &List;
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
