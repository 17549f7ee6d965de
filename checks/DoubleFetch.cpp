//===- DoubleFetch.cpp - Checked once, read twice -------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "DoubleFetch.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Lex/Lexer.h"

using namespace pinlint;
using namespace clang;

/// How much a program relies on what a check found.
static unsigned weight(FetchCheckKind K) {
  switch (K) {
  case FetchCheckKind::Steer:
  case FetchCheckKind::Compare:
    return 1;
  case FetchCheckKind::Dispatch:
    return 2;
  case FetchCheckKind::Size:
  case FetchCheckKind::Bound:
  case FetchCheckKind::Call:
  case FetchCheckKind::Reject:
    return 3;
  }
  return 0;
}

/// How sure it is that the second value matters.
static unsigned weight(FetchUseKind K) {
  switch (K) {
  case FetchUseKind::Index:
  case FetchUseKind::Argument:
  case FetchUseKind::Bound:
    return 3;
  case FetchUseKind::Stored:
  case FetchUseKind::Packed:
    return 2;
  case FetchUseKind::Dispatch:
  case FetchUseKind::Passed:
  case FetchUseKind::Kept:
    return 1;
  case FetchUseKind::HandedOut:
    return 0;
  }
  return 0;
}

static Confidence confidence(const Refetch &F) {
  int Score = weight(F.Check->Kind) + weight(F.Use);
  // A question about the content was answered, whatever for.
  if (F.Check->Kind == FetchCheckKind::Steer && F.Check->By &&
      F.Check->By->getReturnType()->isBooleanType())
    ++Score;
  // So was the question which object it is, with another answer for each value.
  if (F.Check->Acted)
    Score += 3;
  // Perhaps both values are good for something.
  if (F.Late)
    --Score;
  bool Whole = F.Use == FetchUseKind::Passed || F.Use == FetchUseKind::Kept ||
               F.Use == FetchUseKind::HandedOut;
  // A refetch of exactly what was checked has no other purpose.
  if (F.Confined)
    Score += F.Use == FetchUseKind::HandedOut ? 2 : 1;
  if (F.SameDestination)
    ++Score;
  // Whether there is more to read: the usual way to read a longer structure.
  if (F.SameDestination && F.Extends && F.Check->Kind == FetchCheckKind::Steer)
    Score += 2;
  // Nothing is known of what gets the object, but that it relies on the check
  // of a type, a version or a set of flags is likely.
  if ((F.Use == FetchUseKind::Passed || F.Use == FetchUseKind::Kept) &&
      weight(F.Check->Kind) == 3 && !F.SizeWord)
    ++Score;
  // A structure that says how long it is is read to its length; few look at
  // that word again.
  if (F.SizeWord && Whole)
    Score -= 2;
  constexpr int Sure = 6, Likely = 5;
  return Score >= Sure     ? Confidence::High
         : Score >= Likely ? Confidence::Medium
                           : Confidence::Low;
}

static std::string sayCheck(const Refetch &F) {
  const FetchCheck &C = *F.Check;
  std::string Value = F.Late ? "the second value" : "the first value";
  std::string By = C.By ? " by '" + C.By->getNameAsString() + "'" : "";
  switch (C.Kind) {
  case FetchCheckKind::Steer:
    return Value + " decides here" + By;
  case FetchCheckKind::Compare:
    return Value + " is compared here" + By;
  case FetchCheckKind::Dispatch:
    return Value + " is dispatched on here";
  case FetchCheckKind::Size:
    return Value + " is used as a size here";
  case FetchCheckKind::Bound:
    return Value + " bounds this loop";
  case FetchCheckKind::Call:
  case FetchCheckKind::Reject:
    return Value + " is checked here" + By;
  }
  return {};
}

static std::string sayUse(const Refetch &F) {
  std::string What = F.Late ? "the first value" : "the second value";
  if (F.Field)
    What += " of '" + F.Field->getNameAsString() + "'";
  std::string Callee =
      F.UsedBy ? "'" + F.UsedBy->getNameAsString() + "'" : "a function";
  switch (F.Use) {
  case FetchUseKind::Index:
    return What + " is used as an index";
  case FetchUseKind::Argument:
    return What + " is passed to " + Callee;
  case FetchUseKind::Bound:
    return What + " bounds a loop";
  case FetchUseKind::Dispatch:
    return What + " selects what is done";
  case FetchUseKind::Stored:
    return What + " is stored";
  case FetchUseKind::Packed:
    return What + " is passed on in an object";
  case FetchUseKind::Passed:
    return "the object with " + What + " is passed on";
  case FetchUseKind::Kept:
    return "the object with " + What + " is kept";
  case FetchUseKind::HandedOut:
    return What + " goes to the caller";
  }
  return {};
}

/// The expression that reads, where no function or macro does.
static const Expr *plainLoad(const FetchRead &R) {
  return dyn_cast_or_null<ImplicitCastExpr>(R.Place.Site);
}

static std::string spelling(const Expr *E, const ASTContext &Ctx) {
  const SourceManager &SM = Ctx.getSourceManager();
  return Lexer::getSourceText(SM.getExpansionRange(E->getSourceRange()), SM,
                              Ctx.getLangOpts())
      .str();
}

void DoubleFetch::refetched(const Refetch &F) {
  Confidence Level = confidence(F);
  if (!R.wants(Level))
    return;
  const FetchRead &First = F.Late ? *F.Used : *F.Checked;
  const FetchRead &Second = F.Late ? *F.Checked : *F.Used;
  const SourceManager &SM = R.ast().getSourceManager();
  auto NameOf = [&](const FetchPlace &P) -> std::string {
    SourceLocation L = P.Loc;
    if (L.isMacroID())
      L = SM.getExpansionLoc(L);
    return Lexer::getSourceText(CharSourceRange::getTokenRange(L, L), SM,
                                R.ast().getLangOpts())
        .str();
  };
  Reporter::Report Rep;
  Rep.Check = Name;
  // The finding belongs to who reads again, or who calls a helper again.
  bool SameHelper = First.Place.Loc == Second.Place.Loc && Second.Place.Site;
  Rep.Function = SameHelper ? F.Function : Second.Place.In;
  Rep.Loc = SameHelper ? Second.Place.Site->getBeginLoc() : Second.Place.Loc;
  Rep.Level = Level;
  std::string Use = sayUse(F);
  if (const Expr *Load = plainLoad(Second))
    Rep.Message = "'" + spelling(Load, R.ast()) +
                  (F.Late ? "' is read again for a check; "
                          : "' is read again after its first value was "
                            "checked; ");
  else if (F.Late)
    Rep.Message = "'" + NameOf(Second.Place) +
                  "' reads memory again for a check that '" +
                  NameOf(First.Place) + "' has read before; ";
  else
    Rep.Message = "'" + NameOf(Second.Place) +
                  "' reads memory again that was checked after '" +
                  NameOf(First.Place) + "' had read it; ";
  Rep.Message += Use + " without that check";
  Rep.To = F.S->Path;
  auto Remark = [&](const PathNode *At, const FetchPlace &P, std::string Text) {
    unsigned Depth = P.In != F.Function;
    if (Depth && P.Site)
      Rep.Remarks.push_back({At, P.Site->getBeginLoc(),
                             "calling '" + P.In->getNameAsString() + "'", 0});
    Rep.Remarks.push_back(
        {Depth ? nullptr : At, P.Loc, std::move(Text), Depth});
  };
  Remark(First.At, First.Place, "memory is read here the first time");
  const PathNode *Check = F.Check->At;
  bool CheckedBefore = Check->Length <= Second.At->Length;
  if (CheckedBefore)
    Remark(Check, F.Check->Place, sayCheck(F));
  Remark(Second.At, Second.Place, "the same memory is read again here");
  if (!CheckedBefore)
    Remark(Check, F.Check->Place, sayCheck(F));
  Remark(Rep.To, F.UsedAt, Use);
  Rep.Key = std::to_string(SM.getExpansionLoc(Rep.Loc).getRawEncoding());
  R.add(Rep);
}
