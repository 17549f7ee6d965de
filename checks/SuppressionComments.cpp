//===- SuppressionComments.cpp - Findings that a comment settles ----------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "SuppressionComments.h"
#include "DoubleFetch.h"
#include "clang/AST/Stmt.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Lex/Lexer.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/GlobPattern.h"

using namespace pinlint;
using namespace clang;

SuppressionComments::SuppressionComments(ASTContext &Ctx) : Ctx(Ctx) {
  const SourceManager &SM = Ctx.getSourceManager();
  llvm::StringRef Text = SM.getBufferData(SM.getMainFileID());
  // Few files have any.
  if (Text.contains("pinlint:") || Text.contains("NOLINT"))
    read(SM.getMainFileID());
}

/// The words of a comment without what frames them.
static std::string contentOf(llvm::StringRef Text) {
  if (!Text.consume_front("//")) {
    Text.consume_front("/*");
    Text.consume_back("*/");
  }
  std::string Out;
  while (!Text.empty()) {
    llvm::StringRef Line;
    std::tie(Line, Text) = Text.split('\n');
    Line = Line.trim();
    if (!Out.empty() && Line.consume_front("*"))
      Line = Line.ltrim();
    if (!Out.empty() && !Line.empty())
      Out += ' ';
    Out += Line;
  }
  return Out;
}

void SuppressionComments::read(FileID File) {
  const SourceManager &SM = Ctx.getSourceManager();
  llvm::StringRef Text = SM.getBufferData(File);
  Lexer Lex(SM.getLocForStartOfFile(File), Ctx.getLangOpts(), Text.begin(),
            Text.begin(), Text.end());
  Lex.SetCommentRetentionState(true);
  auto LineOf = [&](SourceLocation L) { return SM.getSpellingLineNumber(L); };
  // Those that wait for the next line of code.
  size_t Waiting = 0;
  unsigned CodeLine = 0;
  llvm::StringSet<> Words;
  Token T;
  for (bool AtEnd = false; !AtEnd;) {
    AtEnd = Lex.LexFromRawLexer(T);
    if (!T.is(tok::comment)) {
      unsigned Line = LineOf(T.getLocation());
      for (; Waiting < Comments.size(); ++Waiting)
        if (!Comments[Waiting].Line)
          Comments[Waiting].Line = Line;
      CodeLine = LineOf(T.getEndLoc());
      if (T.is(tok::raw_identifier))
        Words.insert(T.getRawIdentifier());
      continue;
    }
    Comment C;
    C.Loc = T.getLocation();
    if (LineOf(C.Loc) == CodeLine)
      C.Line = CodeLine;
    C.WholeFile = !CodeLine;
    parse(contentOf(Text.substr(SM.getFileOffset(C.Loc), T.getLength())),
          std::move(C));
  }
  for (Comment &C : Comments)
    if (C.Kind == Comment::Revalidated && !Words.count(C.Names.front())) {
      C.Kind = Comment::Broken;
      C.Problem = "nothing here is named '" + C.Names.front() + "'";
    }
  pairRegions();
}

/// Connects each NOLINTEND with the last open NOLINTBEGIN of the same names.
void SuppressionComments::pairRegions() {
  std::vector<Comment *> Open;
  for (Comment &C : Comments) {
    if (C.Scope == Comment::Begin)
      Open.push_back(&C);
    if (C.Scope != Comment::End)
      continue;
    auto It = llvm::find_if(llvm::reverse(Open), [&](const Comment *B) {
      return B->Names == C.Names;
    });
    if (It == Open.rend()) {
      if (C.namesPinlint()) {
        C.Kind = Comment::Broken;
        C.Problem = "no NOLINTBEGIN of the same checks is before it";
      }
      continue;
    }
    (*It)->LastLine = C.Line;
    Open.erase(std::next(It).base());
  }
  for (Comment *B : Open)
    if (B->namesPinlint()) {
      B->Kind = Comment::Broken;
      B->Problem = "no NOLINTEND of the same checks follows";
    }
  llvm::erase_if(Comments, [](const Comment &C) {
    return C.Scope == Comment::End && C.Kind != Comment::Broken;
  });
}

void SuppressionComments::parse(llvm::StringRef Text, Comment C) {
  bool Ours = Text.consume_front("pinlint:");
  if (!Ours) {
    size_t At = Text.find("NOLINT");
    if (At == llvm::StringRef::npos)
      return;
    Text = Text.substr(At + strlen("NOLINT"));
    // Nobody asked pinlint about a NOLINT that is about other checks, or all.
    C.Kind = Comment::NoLint;
    if (Text.consume_front("BEGIN"))
      C.Scope = Comment::Begin;
    else if (Text.consume_front("END"))
      C.Scope = Comment::End;
    if (Text.consume_front("NEXTLINE"))
      C.Line = 0;
    else if (!C.Line)
      C.Line = Ctx.getSourceManager().getSpellingLineNumber(C.Loc);
    C.WholeFile = false;
  }
  Text = Text.ltrim();
  llvm::StringRef Word =
      Text.take_while([](char X) { return llvm::isAlnum(X) || X == '-'; });
  Text = Text.drop_front(Word.size());
  if (Ours) {
    C.Kind = llvm::StringSwitch<Comment::KindTy>(Word)
                 .Case("ignore", Comment::Ignore)
                 .Case("revalidated", Comment::Revalidated)
                 .Default(Comment::Broken);
    if (C.Kind == Comment::Broken)
      C.Problem =
          ("pinlint knows 'ignore' and 'revalidated', not '" + Word + "'")
              .str();
  } else if (!Word.empty()) {
    return;
  }
  if (Text.consume_front("(")) {
    llvm::SmallVector<llvm::StringRef, 4> Names;
    size_t End = Text.find(')');
    Text.substr(0, End).split(Names, ',');
    for (llvm::StringRef N : Names)
      if (!N.trim().empty())
        C.Names.push_back(N.trim().str());
    Text = End == llvm::StringRef::npos ? "" : Text.substr(End + 1);
  } else if (C.Kind == Comment::NoLint) {
    C.Names.push_back("*");
  }
  if (Ours && C.Kind != Comment::Broken && C.Names.empty()) {
    C.Kind = Comment::Broken;
    C.Problem = Word == "ignore"
                    ? "it does not say which check"
                    : "it does not say which function checks again";
  }
  // After NOLINT(...) people write it with or without a colon.
  if (Text.consume_front(":") || C.Kind == Comment::NoLint)
    C.Reason = Text.ltrim(": -").rtrim().str();
  Comments.push_back(std::move(C));
}

bool SuppressionComments::Comment::isFor(llvm::StringRef Check) const {
  switch (Kind) {
  case Revalidated:
    return Check == DoubleFetch::Name;
  case Ignore:
  case NoLint:
    return llvm::any_of(Names, [&](const std::string &Name) {
      auto G = llvm::GlobPattern::create(Name);
      if (G)
        return G->match(Check);
      llvm::consumeError(G.takeError());
      return Name == Check;
    });
  case Broken:
    return false;
  }
  return false;
}

bool SuppressionComments::Comment::namesPinlint() const {
  return llvm::any_of(
      Names, [](llvm::StringRef Name) { return Name.starts_with("pinlint"); });
}

const SuppressionComments::Comment *
SuppressionComments::silence(llvm::StringRef Check, SourceLocation Loc,
                             const FunctionDecl *Function) {
  if (Comments.empty())
    return nullptr;
  const SourceManager &SM = Ctx.getSourceManager();
  unsigned Line = SM.getExpansionLineNumber(Loc);
  unsigned First = SM.getExpansionLineNumber(Function->getBeginLoc());
  unsigned Last = First;
  if (const Stmt *Body = Function->getBody())
    Last = SM.getExpansionLineNumber(Body->getBeginLoc());
  const Comment *Found = nullptr;
  for (Comment &C : Comments) {
    bool Covers =
        C.WholeFile || C.Line == Line ||
        (C.Scope == Comment::Begin && C.Line < Line && Line <= C.LastLine) ||
        (C.Kind != Comment::NoLint && First <= C.Line && C.Line <= Last);
    if (Covers && C.isFor(Check)) {
      C.Used = true;
      Found = &C;
    }
  }
  return Found;
}
