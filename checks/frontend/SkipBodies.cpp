//===- SkipBodies.cpp - Which function bodies matter ----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "SkipBodies.h"
#include "SourceScan.h"
#include "clang/Lex/Lexer.h"
#include "clang/Lex/Preprocessor.h"
#include "llvm/Support/Path.h"

using namespace pinlint;
using namespace clang;

BodySkipper::BodySkipper(const Protocols &P, bool Lifetimes, bool Fetches,
                         const SummaryImports *Imports)
    : P(P) {
  if (Imports)
    for (const auto &Entry : *Imports)
      Names.insert(Entry.getKey());
  for (llvm::StringRef Name : namesThatMatter(P, Lifetimes, Fetches))
    Names.insert(Name);
}

bool BodySkipper::mentionsApi(SourceLocation Start, const SourceManager &SM,
                              const LangOptions &Lang) {
  auto [File, Offset] = SM.getDecomposedLoc(Start);
  bool Invalid = false;
  llvm::StringRef Text = SM.getBufferData(File, &Invalid);
  if (Invalid)
    return true;
  Lexer Lex(SM.getLocForStartOfFile(File), Lang, Text.begin(),
            Text.begin() + Offset, Text.end());
  auto BeginsLine = [&](const Token &T) {
    unsigned Here = SM.getFileOffset(T.getLocation());
    return Here == 0 || Text[Here - 1] == '\n';
  };
  auto IsLine = [&](SourceLocation From, SourceLocation To) {
    return !Text.slice(SM.getFileOffset(From), SM.getFileOffset(To))
                .contains('\n');
  };
  unsigned Braces = 0;
  // Macros may have braces, and conditionals more than there are.
  bool IsPlain = true;
  Token T;
  while (!Lex.LexFromRawLexer(T)) {
    if (T.is(tok::l_brace)) {
      if (!Braces++)
        Opens = T.getLocation();
    } else if (T.is(tok::r_brace)) {
      if (Braces <= 1) {
        if (Braces && IsPlain &&
            (BeginsLine(T) || IsLine(Opens, T.getLocation())))
          Closes = T.getLocation();
        return false;
      }
      IsPlain &= !BeginsLine(T);
      --Braces;
    } else if (T.is(tok::hash)) {
      IsPlain = false;
    } else if (T.is(tok::raw_identifier) && Braces &&
               Names.count(T.getRawIdentifier())) {
      return true;
    }
  }
  return false;
}

/// True if the body at \p Start is a return of something that is found without
/// a call.
static bool isAccessor(SourceLocation Start, const SourceManager &SM,
                       const LangOptions &Lang) {
  auto [File, Offset] = SM.getDecomposedLoc(Start);
  bool Invalid = false;
  llvm::StringRef Text = SM.getBufferData(File, &Invalid);
  if (Invalid)
    return false;
  Lexer Lex(SM.getLocForStartOfFile(File), Lang, Text.begin(),
            Text.begin() + Offset, Text.end());
  Token T;
  while (!Lex.LexFromRawLexer(T) && T.isNot(tok::l_brace))
    ;
  Lex.LexFromRawLexer(T);
  if (T.isNot(tok::raw_identifier) || T.getRawIdentifier() != "return")
    return false;
  bool AfterName = false;
  while (!Lex.LexFromRawLexer(T) && T.isNot(tok::semi)) {
    if (T.is(tok::l_paren) && AfterName)
      return false;
    AfterName = T.is(tok::raw_identifier);
  }
  return !Lex.LexFromRawLexer(T) && T.is(tok::r_brace);
}

/// Functions that say where in an object something lies, or what array it has:
/// without them, what is done to it is done to something that is not known.
static bool findsPlaces(const FunctionDecl *F, const SourceManager &SM,
                        const LangOptions &Lang) {
  QualType Ty = F->getReturnType();
  if (!Ty->isPointerType() || F->getNumParams() == 0 ||
      !F->getParamDecl(0)->getType()->isPointerType())
    return false;
  QualType To = Ty->getPointeeType();
  return To->isPointerType() ||
         (To->isRecordType() &&
          isAccessor(SM.getExpansionLoc(F->getLocation()), SM, Lang));
}

/// Functions that answer by the bits of a pointer what it is. Where
/// they are not known, the same question has another answer each time.
static bool answersQuestion(const FunctionDecl *F, const SourceManager &SM,
                            const LangOptions &Lang) {
  if (!F->getReturnType()->isBooleanType() || F->getNumParams() != 1)
    return false;
  QualType Ty = F->getParamDecl(0)->getType();
  return Ty->isVoidPointerType() &&
         isAccessor(SM.getExpansionLoc(F->getLocation()), SM, Lang);
}

/// Functions that a macro makes and that may give back what they get: casts of
/// objects to their classes and back, and of numbers to types of their own.
static bool isCast(const FunctionDecl *F) {
  if (F->getNumParams() != 1)
    return false;
  QualType To = F->getReturnType(), From = F->getParamDecl(0)->getType();
  if (To->isPointerType())
    return To->getPointeeType()->isRecordType() && From->isPointerType();
  return To->isIntegerType() &&
         To.getCanonicalType() == From.getCanonicalType();
}

void BodySkipper::jump(Preprocessor &PP) const {
  auto *Lex = static_cast<Lexer *>(PP.getCurrentLexer());
  if (!Lex || Closes.isInvalid())
    return;
  const SourceManager &SM = PP.getSourceManager();
  auto [File, Begin] = SM.getDecomposedLoc(Opens);
  if (Lex->getFileID() == File && Lex->getCurrentBufferOffset() == Begin + 1)
    Lex->seek(SM.getFileOffset(Closes), /*IsAtStartOfLine=*/false);
}

bool BodySkipper::canSkip(const Decl *D, const SourceManager &SM,
                          const LangOptions &Lang) {
  Opens = Closes = SourceLocation();
  const auto *F = dyn_cast<FunctionDecl>(D);
  if (!F || !F->getIdentifier())
    return false;
  SourceLocation Loc = F->getLocation();
  SourceLocation Where = SM.getExpansionLoc(Loc);
  if (SM.isInMainFile(Where))
    return false;
  // What a protocol describes is not looked into.
  if (P.lookup(F->getName()))
    return true;
  // A header beside the file is a part of it.
  auto DirOf = [&](FileID ID) {
    auto E = SM.getFileEntryRefForID(ID);
    return E ? llvm::sys::path::parent_path(E->getName()) : llvm::StringRef();
  };
  llvm::StringRef Dir = DirOf(SM.getFileID(Where));
  if (!Dir.empty() && Dir == DirOf(SM.getMainFileID()))
    return false;
  if (Loc.isMacroID())
    return !isCast(F) &&
           llvm::none_of(P.conventions().Scoped, [&](llvm::StringRef Prefix) {
             return F->getName().starts_with(Prefix);
           });
  return !mentionsApi(Where, SM, Lang) && !findsPlaces(F, SM, Lang) &&
         !answersQuestion(F, SM, Lang);
}
