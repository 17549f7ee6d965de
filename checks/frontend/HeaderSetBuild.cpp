//===- HeaderSetBuild.cpp - Parse headers for many units ------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "HeaderSetFile.h"
#include "clang/AST/ASTContext.h"
#include "clang/AST/Decl.h"
#include "clang/Basic/Diagnostic.h"
#include "clang/Basic/FileManager.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendActions.h"
#include "clang/Lex/HeaderSearch.h"
#include "clang/Lex/Lexer.h"
#include "clang/Lex/MacroInfo.h"
#include "clang/Lex/PPCallbacks.h"
#include "clang/Lex/Preprocessor.h"
#include "clang/Tooling/Tooling.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallSet.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>

using namespace clang;

namespace pinlint {

NameHash hashCall(llvm::StringRef Name) { return hashName(Name.str() + "("); }

NameHash hashDefinition(llvm::StringRef Name) {
  return hashName(Name.str() + "=");
}

bool isUnitName(llvm::StringRef Macro) {
  return Macro.starts_with("KBUILD_") || Macro.starts_with("__KBUILD_");
}

bool hasIncludeGuard(llvm::StringRef Text) {
  std::string Copy = Text.str();
  LangOptions LO;
  Lexer Raw(SourceLocation(), LO, Copy.c_str(), Copy.c_str(),
            Copy.c_str() + Copy.size());
  Token T;
  auto Next = [&] {
    Raw.LexFromRawLexer(T);
    return T.is(tok::raw_identifier) ? T.getRawIdentifier() : llvm::StringRef();
  };
  Next();
  if (T.isNot(tok::hash))
    return false;
  // Up to the end of the first condition: anything after that counts anew.
  auto CoversAll = [&] {
    for (unsigned Depth = 1; Depth;) {
      if (T.is(tok::eof))
        return false;
      if (T.isNot(tok::hash) || !T.isAtStartOfLine()) {
        Next();
        continue;
      }
      llvm::StringRef Directive = Next();
      if (Directive.starts_with("if"))
        ++Depth;
      else if (Directive == "endif")
        --Depth;
      else if (Depth == 1 && Directive.starts_with("el"))
        return false;
    }
    Next();
    return T.is(tok::eof);
  };
  llvm::StringRef Directive = Next();
  if (Directive == "ifndef")
    return CoversAll();
  if (Directive == "pragma")
    return Next() == "once";
  if (Directive != "if")
    return false;
  // !defined(NAME), and nothing else.
  Next();
  if (T.isNot(tok::exclaim) || Next() != "defined")
    return false;
  Next();
  if (T.is(tok::l_paren)) {
    Next();
    Next();
    if (T.isNot(tok::r_paren))
      return false;
  }
  Next();
  return T.isAtStartOfLine() && CoversAll();
}

namespace {
/// What one attempt brings.
struct Attempt {
  HeaderSetData Data;
  /// Lines of the list of headers, from one, that cannot stay there.
  llvm::SmallSet<unsigned, 8> Bad;
  /// The line of the first header.
  unsigned FirstHeader = 1;
  bool Complete = false;
};

/// The line of the main file from which \p Loc is included.
unsigned lineOf(SourceLocation Loc, const SourceManager &SM) {
  Loc = SM.getExpansionLoc(Loc);
  while (Loc.isValid() && !SM.isInMainFile(Loc))
    Loc = SM.getExpansionLoc(SM.getIncludeLoc(SM.getFileID(Loc)));
  return Loc.isValid() ? SM.getExpansionLineNumber(Loc) : 0;
}

class ErrorPlaces : public DiagnosticConsumer {
public:
  explicit ErrorPlaces(Attempt &A) : A(A) {}
  void HandleDiagnostic(DiagnosticsEngine::Level Level,
                        const Diagnostic &Info) override {
    DiagnosticConsumer::HandleDiagnostic(Level, Info);
    if (Level >= DiagnosticsEngine::Error && Info.hasSourceManager() &&
        Info.getLocation().isValid())
      if (unsigned Line = lineOf(Info.getLocation(), Info.getSourceManager()))
        A.Bad.insert(Line);
  }

private:
  Attempt &A;
};

/// Notes who includes what.
class IncludeWatcher : public PPCallbacks {
public:
  using Edge = std::pair<const FileEntry *, const FileEntry *>;
  IncludeWatcher(CompilerInstance &CI, std::vector<Edge> &Edges, Attempt &A)
      : CI(CI), Edges(Edges), A(A) {}

  void InclusionDirective(SourceLocation HashLoc, const Token &,
                          llvm::StringRef, bool, CharSourceRange,
                          OptionalFileEntryRef File, llvm::StringRef,
                          llvm::StringRef, const Module *, bool,
                          SrcMgr::CharacteristicKind) override {
    const SourceManager &SM = CI.getSourceManager();
    FileID From = SM.getFileID(SM.getExpansionLoc(HashLoc));
    if (!File)
      return;
    if (From == SM.getMainFileID())
      Direct.push_back({*File, SM.getExpansionLineNumber(HashLoc)});
    else
      Edges.push_back({SM.getFileEntryForID(From), &File->getFileEntry()});
  }

  void EndOfMainFile() override {
    HeaderSearch &Search = CI.getPreprocessor().getHeaderSearchInfo();
    for (const auto &[File, Line] : Direct)
      if (!Search.isFileMultipleIncludeGuarded(File))
        A.Bad.insert(Line);
  }

private:
  CompilerInstance &CI;
  std::vector<Edge> &Edges;
  Attempt &A;
  std::vector<std::pair<FileEntryRef, unsigned>> Direct;
};

/// Notes the names that mean something else where a macro of that name does:
/// those that are left where all macros have been expanded, those that are
/// expanded, and those that conditions ask for. What stands in the body of a
/// macro only counts where that is expanded, and nothing does in what
/// conditions leave out.
class MentionWatcher : public PPCallbacks {
public:
  enum KindTy {
    /// As a word of the text.
    Word,
    /// It also means something else where the macro is one with arguments.
    Call,
    Definition
  };
  struct Mention {
    const IdentifierInfo *Name;
    FileID File;
    KindTy Kind;
  };
  explicit MentionWatcher(Preprocessor &PP) : PP(PP) {
    PP.setTokenWatcher([this](const Token &T) { lexed(T); });
  }

  std::vector<Mention> take() {
    PP.setTokenWatcher(nullptr);
    return std::move(Mentions);
  }

  void MacroExpands(const Token &Name, const MacroDefinition &,
                    SourceRange Range, const MacroArgs *) override {
    add(Name.getIdentifierInfo(), Range.getBegin(), Call);
  }
  void MacroDefined(const Token &Name, const MacroDirective *) override {
    add(Name, Definition);
  }
  void MacroUndefined(const Token &Name, const MacroDefinition &,
                      const MacroDirective *) override {
    add(Name, Call);
  }
  void Defined(const Token &Name, const MacroDefinition &,
               SourceRange) override {
    add(Name, Call);
  }
  void Ifdef(SourceLocation, const Token &Name,
             const MacroDefinition &) override {
    add(Name, Call);
  }
  void Ifndef(SourceLocation, const Token &Name,
              const MacroDefinition &) override {
    add(Name, Call);
  }
  void Elifdef(SourceLocation, const Token &Name,
               const MacroDefinition &) override {
    add(Name, Call);
  }
  void Elifndef(SourceLocation, const Token &Name,
                const MacroDefinition &) override {
    add(Name, Call);
  }
  void If(SourceLocation, SourceRange Condition, ConditionValueKind) override {
    addLine(Condition.getBegin());
  }
  void Elif(SourceLocation, SourceRange Condition, ConditionValueKind Value,
            SourceLocation) override {
    if (Value != CVK_NotEvaluated)
      addLine(Condition.getBegin());
  }
  void PragmaDirective(SourceLocation Loc, PragmaIntroducerKind) override {
    addLine(Loc);
  }

private:
  void lexed(const Token &T) {
    if (Last && T.is(tok::l_paren))
      add(Last, LastAt, Call);
    Last = T.isAnnotation() ? nullptr : T.getIdentifierInfo();
    LastAt = T.getLocation();
    if (Last)
      add(Last, LastAt, Word);
  }

  void add(const Token &Name, KindTy Kind) {
    add(Name.getIdentifierInfo(), Name.getLocation(), Kind);
  }

  void add(const IdentifierInfo *Name, SourceLocation Loc, KindTy Kind) {
    const SourceManager &SM = PP.getSourceManager();
    FileID File = SM.getFileID(SM.getExpansionLoc(Loc));
    if (Seen.insert({Name, File.getHashValue() * 4 + Kind}).second)
      Mentions.push_back({Name, File, Kind});
  }

  /// All names in the rest of the line that \p Loc is in, and in the bodies of
  /// the macros that they are, count.
  void addLine(SourceLocation Loc) {
    const SourceManager &SM = PP.getSourceManager();
    Loc = SM.getExpansionLoc(Loc);
    auto [File, Offset] = SM.getDecomposedLoc(Loc);
    llvm::StringRef Text = SM.getBufferData(File);
    Lexer Raw(SM.getLocForStartOfFile(File), PP.getLangOpts(), Text.begin(),
              Text.begin() + Offset, Text.end());
    llvm::SmallVector<const IdentifierInfo *, 8> Todo;
    llvm::SmallPtrSet<const IdentifierInfo *, 8> Met;
    Token T;
    for (bool IsFirst = true; !Raw.LexFromRawLexer(T); IsFirst = false) {
      if (T.isAtStartOfLine() && !IsFirst)
        break;
      if (T.is(tok::raw_identifier))
        Todo.push_back(PP.getIdentifierInfo(T.getRawIdentifier()));
    }
    while (!Todo.empty()) {
      const IdentifierInfo *Name = Todo.pop_back_val();
      if (!Met.insert(Name).second)
        continue;
      add(Name, Loc, Call);
      if (const MacroInfo *MI = PP.getMacroInfo(Name))
        for (const Token &Inner : MI->tokens())
          if (const IdentifierInfo *II = Inner.getIdentifierInfo();
              II && !llvm::is_contained(MI->params(), II))
            Todo.push_back(II);
    }
  }

  Preprocessor &PP;
  std::vector<Mention> Mentions;
  llvm::DenseSet<std::pair<const IdentifierInfo *, unsigned>> Seen;
  const IdentifierInfo *Last = nullptr;
  SourceLocation LastAt;
};

class BuildAction : public GeneratePCHAction {
public:
  BuildAction(Attempt &A, std::string Output)
      : A(A), Output(std::move(Output)) {}

protected:
  bool BeginInvocation(CompilerInstance &CI) override {
    CI.getFrontendOpts().OutputFile = Output;
    return GeneratePCHAction::BeginInvocation(CI);
  }

  bool BeginSourceFileAction(CompilerInstance &CI) override {
    Preprocessor &PP = CI.getPreprocessor();
    PP.addPPCallbacks(std::make_unique<IncludeWatcher>(CI, Edges, A));
    auto Watcher = std::make_unique<MentionWatcher>(PP);
    Mentions = Watcher.get();
    PP.addPPCallbacks(std::move(Watcher));
    return GeneratePCHAction::BeginSourceFileAction(CI);
  }

  void EndSourceFileAction() override {
    CompilerInstance &CI = getCompilerInstance();
    if (!CI.getDiagnostics().hasErrorOccurred() && A.Bad.empty())
      A.Complete = collect(CI);
    GeneratePCHAction::EndSourceFileAction();
  }

private:
  bool collect(CompilerInstance &CI);
  void declare(const Decl *D, const SourceManager &SM);
  void declare(llvm::StringRef Name, SourceLocation Loc,
               const SourceManager &SM);

  Attempt &A;
  std::string Output;
  std::vector<IncludeWatcher::Edge> Edges;
  MentionWatcher *Mentions = nullptr;
  llvm::DenseMap<const FileEntry *, uint32_t> Numbers;
};

void BuildAction::declare(llvm::StringRef Name, SourceLocation Loc,
                          const SourceManager &SM) {
  if (Name.empty())
    return;
  const FileEntry *File =
      SM.getFileEntryForID(SM.getFileID(SM.getExpansionLoc(Loc)));
  if (auto It = Numbers.find(File); File && It != Numbers.end())
    A.Data.Declarations.push_back({hashName(Name), It->second});
}

void BuildAction::declare(const Decl *D, const SourceManager &SM) {
  if (const auto *T = dyn_cast<TagDecl>(D)) {
    if (!T->isThisDeclarationADefinition())
      return;
    for (const Decl *Inner : T->decls())
      if (isa<TagDecl, EnumConstantDecl>(Inner))
        declare(Inner, SM);
  }
  if (const auto *N = dyn_cast<NamedDecl>(D))
    if (const IdentifierInfo *II = N->getIdentifier())
      declare(II->getName(), N->getLocation(), SM);
}

template <typename T> static void sortUnique(std::vector<T> &V) {
  llvm::sort(V);
  V.erase(llvm::unique(V), V.end());
}

bool BuildAction::collect(CompilerInstance &CI) {
  const SourceManager &SM = CI.getSourceManager();
  const FileEntry *Main = SM.getFileEntryForID(SM.getMainFileID());
  std::vector<std::pair<std::string, FileEntryRef>> Sorted;
  for (auto I = SM.fileinfo_begin(), E = SM.fileinfo_end(); I != E; ++I) {
    if (&I->first.getFileEntry() == Main)
      continue;
    llvm::SmallString<256> Path(I->first.getName());
    CI.getFileManager().makeAbsolutePath(Path);
    llvm::sys::path::remove_dots(Path);
    Sorted.push_back({std::string(Path), I->first});
  }
  llvm::sort(Sorted, llvm::less_first());
  for (auto &[Path, Entry] : Sorted) {
    if (!Numbers.try_emplace(&Entry.getFileEntry(), A.Data.Files.size()).second)
      continue;
    std::optional<FileStamp> Stamp = stampOf(Path);
    if (!Stamp)
      return false;
    A.Data.Files.push_back({Path, Stamp->Size, Stamp->Modified, {}});
  }
  for (const MentionWatcher::Mention &M : Mentions->take()) {
    auto It = Numbers.find(SM.getFileEntryForID(M.File));
    if (It == Numbers.end())
      continue;
    llvm::StringRef Name = M.Name->getName();
    if (M.Kind == MentionWatcher::Definition) {
      A.Data.Mentions.push_back({hashDefinition(Name), It->second});
      continue;
    }
    A.Data.Mentions.push_back({hashName(Name), It->second});
    if (M.Kind == MentionWatcher::Call)
      A.Data.Mentions.push_back({hashCall(Name), It->second});
  }
  for (auto [From, To] : Edges)
    if (auto It = Numbers.find(To); It != Numbers.end()) {
      if (!From)
        A.Data.Given.push_back(It->second);
      else if (auto By = Numbers.find(From); By != Numbers.end())
        A.Data.Files[By->second].Includes.push_back(It->second);
    }
  for (const Decl *D : CI.getASTContext().getTranslationUnitDecl()->decls())
    declare(D, SM);
  for (const auto &[II, State] : CI.getPreprocessor().macros())
    for (const MacroDirective *MD = State.getLatest(); MD;
         MD = MD->getPrevious())
      if (isa<DefMacroDirective>(MD))
        declare(II->getName(), MD->getLocation(), SM);
  for (HeaderSet::File &F : A.Data.Files)
    sortUnique(F.Includes);
  sortUnique(A.Data.Given);
  sortUnique(A.Data.Mentions);
  sortUnique(A.Data.Declarations);
  return true;
}

int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}
} // namespace

/// One parse of \p Headers; \p Base is the name of what it makes, without what
/// follows the dot.
static Attempt attempt(const HeaderSetRequest &R,
                       llvm::ArrayRef<std::string> Headers,
                       llvm::StringRef Base) {
  Attempt A;
  std::vector<std::string> Arguments;
  std::string List;
  // Definitions that say which unit it is have to be there, but may be others
  // for each unit; in a file they are no part of the command.
  for (llvm::StringRef Word : R.Arguments) {
    auto [Name, Value] = Word.split('=');
    if (Name.consume_front("-D") && isUnitName(Name))
      List += ("#define " + Name + " " + Value + "\n").str();
    else
      Arguments.push_back(Word.str());
  }
  for (const std::string &Premise : R.Premises)
    List += "#define " + Premise + "\n";
  A.FirstHeader = llvm::count(List, '\n') + 1;
  for (llvm::StringRef Header : Headers)
    List += ("#include <" + Header + ">\n").str();
  std::string Source = (Base + ".h").str();
  std::error_code EC;
  {
    llvm::raw_fd_ostream OS(Source, EC);
    if (EC)
      return A;
    OS << List;
  }
  Arguments.insert(Arguments.end(), {"-x", "c-header", "--", Source});

  FileSystemOptions FSOptions;
  FSOptions.WorkingDir = R.Directory;
  llvm::IntrusiveRefCntPtr<FileManager> Files(new FileManager(FSOptions));
  ErrorPlaces Errors(A);
  tooling::ToolInvocation Invocation(
      std::move(Arguments),
      std::make_unique<BuildAction>(A, (Base + ".pch").str()), Files.get());
  Invocation.setDiagnosticConsumer(&Errors);
  if (!Invocation.run())
    A.Complete = false;
  return A;
}

llvm::Error buildHeaderSet(const HeaderSetRequest &R, llvm::StringRef Path,
                           uint64_t Tool) {
  auto Failed = [&](const llvm::Twine &Why) {
    return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                   Path + ": " + Why);
  };
  // Other runs may be at the same, and some may use what was there before.
  llvm::SmallString<256> Base;
  llvm::sys::fs::createUniquePath(Path + "-%%%%%%%%", Base,
                                  /*MakeAbsolute=*/true);
  auto Discard = [&] {
    llvm::sys::fs::remove(Base + ".h");
    llvm::sys::fs::remove(Base + ".pch");
  };
  std::vector<std::string> Headers = R.Headers;
  constexpr unsigned MaxAttempts = 4;
  for (unsigned I = 0; I != MaxAttempts && !Headers.empty(); ++I) {
    int64_t Start = now();
    Attempt A = attempt(R, Headers, Base);
    if (A.Complete && A.Bad.empty()) {
      // A file that changed a moment ago may do so again unseen.
      constexpr int64_t Margin = 20'000'000;
      for (const HeaderSet::File &F : A.Data.Files)
        if (F.Modified > Start - Margin) {
          Discard();
          return Failed(F.Path + " has changed");
        }
      A.Data.Premises = R.Premises;
      llvm::Error E = writeHeaderSet(A.Data, Path, (Base + ".pch").str(), Tool);
      if (E)
        Discard();
      return E;
    }
    std::vector<std::string> Left;
    for (unsigned L = 0; L != Headers.size(); ++L)
      if (!A.Bad.count(A.FirstHeader + L))
        Left.push_back(std::move(Headers[L]));
    if (Left.size() == Headers.size())
      break;
    Headers = std::move(Left);
  }
  Discard();
  return Failed("the headers do not parse together");
}

} // namespace pinlint
