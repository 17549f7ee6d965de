//===- Check.cpp - Base of the checks -------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Check.h"
#include "frontend/HeaderUse.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/xxhash.h"
#include <set>
#include <tuple>

using namespace pinlint;
using namespace clang;

SourcePlace Reporter::place(SourceLocation Loc) const {
  const SourceManager &SM = Ctx.getSourceManager();
  Loc = SM.getExpansionLoc(Loc);
  PresumedLoc P = SM.getPresumedLoc(Loc);
  if (P.isInvalid())
    return {};
  return {P.getFilename(), P.getLine(), P.getColumn(), Loc.getRawEncoding()};
}

std::vector<PathStep> Reporter::stepsOf(const Trace &Steps,
                                        unsigned Depth) const {
  std::vector<PathStep> Out;
  for (const TraceStep &T : Steps)
    Out.push_back({place(T.Loc), T.Text, T.Depth + Depth, ""});
  return Out;
}

/// Where the path to \p Rep.To parts from what came before \p Rep.From. Where
/// paths were joined, From need not be on the one that is shown.
static const PathNode *beginOf(const Reporter::Report &Rep) {
  return commonPart(Rep.From ? Rep.From->Parent : Rep.Before, Rep.To);
}

void Reporter::addRemarks(const Report &Rep, Finding &F) const {
  const PathNode *Last = nullptr;
  for (const Report::Remark &Here : Rep.Remarks) {
    // Where paths were joined, not every place is on the one that is shown.
    if (Here.At && leadsTo(Here.At, Rep.To)) {
      if (Last && leadsTo(Last, Here.At))
        llvm::append_range(F.Path,
                           stepsOf(renderPath(Ctx, Here.At, Last,
                                              {Here.Loc, nullptr, nullptr})));
      Last = Here.At;
    }
    F.Path.push_back({place(Here.Loc), Here.Text, Here.Depth, ""});
  }
}

/// White space says nothing: sources are reformatted.
static std::string hashOf(llvm::ArrayRef<llvm::StringRef> Texts) {
  std::string Print;
  for (llvm::StringRef Text : Texts) {
    llvm::copy_if(Text, std::back_inserter(Print),
                  [](char C) { return !llvm::isSpace(C); });
    Print += '\n';
  }
  return llvm::utohexstr(llvm::xxh3_64bits(llvm::StringRef(Print)),
                         /*LowerCase=*/true, 16);
}

static bool isSamePlace(const SourcePlace &A, const SourcePlace &B) {
  return std::tie(A.Line, A.Column, A.File) ==
         std::tie(B.Line, B.Column, B.File);
}

/// Neither names files or lines: findings move with their functions.
void Reporter::identify(Finding &F, SourceLocation Loc,
                        llvm::StringRef Begin) const {
  const SourceManager &SM = Ctx.getSourceManager();
  auto [File, Offset] = SM.getDecomposedExpansionLoc(Loc);
  llvm::StringRef Text = SM.getBufferData(File);
  size_t Start = Text.rfind('\n', Offset) + 1;
  llvm::StringRef Line = Text.slice(Start, Text.find('\n', Offset));
  F.Fingerprint = hashOf({F.Check, F.Function, F.Message, Begin});
  F.Context = hashOf({F.Check, Begin, Line});
}

const FunctionDecl *Reporter::findFunction(llvm::StringRef Name) const {
  const FunctionDecl *Found = nullptr;
  auto Take = [&](const NamedDecl *N) { Found = dyn_cast<FunctionDecl>(N); };
  if (Headers)
    llvm::for_each(Headers->lookup(Name), Take);
  else
    llvm::for_each(Ctx.getTranslationUnitDecl()->lookup(&Ctx.Idents.get(Name)),
                   Take);
  return Found;
}

void Reporter::add(llvm::StringRef Check, SourceLocation Loc,
                   std::string Message) {
  Finding F;
  F.Check = Check.str();
  F.Place = place(Loc);
  F.Message = std::move(Message);
  identify(F, Loc, "");
  Findings.push_back(std::move(F));
}

void Reporter::add(const Report &Rep) {
  // A header's findings belong to those who own the header; what it only
  // declares is not its own.
  const SourceManager &SM = Ctx.getSourceManager();
  const FunctionDecl *Body = Rep.Function->getDefinition();
  if (!Body)
    Body = Rep.Function;
  if (!SM.isInMainFile(SM.getExpansionLoc(Body->getLocation())))
    return;
  const SuppressionComments::Comment *Settled =
      Comments.silence(Rep.Check, Rep.Loc, Rep.Function);
  if (Settled && !Options.KeepSettled)
    return;
  Confidence Level = Rep.Rough ? Confidence::Low : Rep.Level;
  if (Level < Options.MinConfidence)
    return;
  std::string Key = (Rep.Check + "\n" + Rep.Key).str();
  // A comment settles one place, not other paths to the same mistake.
  if (Settled)
    Key += "\nsettled";
  auto [It, New] = Seen.try_emplace(Key, unsigned(Findings.size()));
  for (const Report::Way &W : Rep.Ways)
    Ways[It->second].Lines.try_emplace(W.Key, place(W.Loc).Line);
  Finding F;
  F.Check = Rep.Check.str();
  F.Place = place(Rep.Loc);
  F.Function = Rep.Function->getNameAsString();
  F.Message = Rep.Message;
  F.Level = Level;
  F.Fixes = Rep.Fixes;
  if (Settled)
    F.Settled = Settled->Reason;

  if (Rep.Remarks.empty()) {
    // That the last step's call is called goes without saying, and what happens
    // inside is told after it.
    const PathNode *To = Rep.To;
    if (To && To != Rep.From && To->Loc == Rep.Loc &&
        (Rep.Inner.empty()
             ? To->Kind == PathNode::Event && !To->Inner
             : To->Kind == PathNode::Event || To->Kind == PathNode::Call))
      To = To->Parent;
    F.Path = stepsOf(Rep.Steps ? *Rep.Steps
                               : renderPath(Ctx, To, beginOf(Rep),
                                            {Rep.Loc, Rep.About, Rep.From}));
    if (!Rep.Begin.empty()) {
      if (Rep.From || Rep.BeginLoc.isValid()) {
        // The first step may have been left out: it is about something else.
        SourcePlace Begin = place(Rep.From ? Rep.From->Loc : Rep.BeginLoc);
        if (F.Path.empty() || !isSamePlace(F.Path.front().Place, Begin))
          F.Path.insert(F.Path.begin(), {Begin, "", 0, ""});
      }
      if (!F.Path.empty())
        F.Path.front().Message = Rep.Begin;
      if (Rep.BeginInner && !F.Path.empty()) {
        auto First = std::next(F.Path.begin());
        F.Path.erase(First,
                     std::find_if(First, F.Path.end(),
                                  [](const auto &S) { return S.Depth == 0; }));
        const auto Inner = stepsOf(*Rep.BeginInner, 1);
        F.Path.insert(std::next(F.Path.begin()), Inner.begin(), Inner.end());
      }
    }
    size_t Last = F.Path.size();
    F.Path.push_back({F.Place, Rep.End, 0, ""});
    llvm::append_range(F.Path, stepsOf(Rep.Inner, 1));
    for (auto [I, Step] : llvm::enumerate(F.Path))
      Step.Held = I < Last || Rep.HeldAtEnd.empty() ? Rep.Held : Rep.HeldAtEnd;
    if (const PathNode *N =
            Rep.TellsWayIn ? decisionBeforeJump(Rep.From) : nullptr) {
      const auto Way = stepsOf(renderPath(Ctx, N, N->Parent, {}));
      F.Path.insert(F.Path.begin(), Way.begin(), Way.end());
    }
  } else {
    addRemarks(Rep, F);
  }

  identify(F, Rep.Loc, Rep.Begin);

  auto Show = [&] {
    if (!Rep.Ways.empty())
      Ways[It->second].Shown = Rep.Ways.front().Key;
  };
  if (New) {
    Show();
    Findings.push_back(std::move(F));
    return;
  }
  // Of several paths to the same mistake, show the one that is surest, then
  // shortest.
  Finding &Old = Findings[It->second];
  if (F.Level > Old.Level ||
      (F.Level == Old.Level && F.Path.size() < Old.Path.size())) {
    Show();
    Old = std::move(F);
  }
}

/// How many there are belongs to what is found: one way that is new must not
/// hide behind others that are accepted.
void Reporter::tellWays(Finding &F, const WaysOut &Out) const {
  std::set<unsigned> Lines;
  for (const auto &[Key, Line] : Out.Lines)
    if (Key != Out.Shown)
      Lines.insert(Line);
  const size_t More = Out.Lines.size() - 1;
  if (!More || F.Path.empty())
    return;
  const std::string Count =
      More == 1 ? "another path" : std::to_string(More) + " other paths";
  F.Message += " (and on " + Count + ")";
  F.Fingerprint = hashOf({F.Fingerprint, Count});
  // That they end in the same place says nothing of the way there.
  Lines.erase(F.Place.Line);
  if (Lines.empty())
    return;
  std::string &End = F.Path.back().Message;
  End += Lines.size() == 1 ? ", as does the one through line "
                           : ", as do those through lines ";
  size_t Left = Lines.size();
  for (unsigned Line : Lines) {
    End += std::to_string(Line);
    --Left;
    if (Left)
      End += Left == 1 ? " and " : ", ";
  }
}

void Reporter::finish() {
  for (const auto &[I, Out] : Ways)
    tellWays(Findings[I], Out);
  auto IsSaid = [&](const Finding &F) {
    return llvm::any_of(Preferred, [&](const auto &P) {
      return F.Check == P.second && !F.Path.empty() &&
             llvm::any_of(Findings, [&](const Finding &G) {
               return G.Check == P.first && G.Level >= F.Level &&
                      !G.Path.empty() && isSamePlace(F.Place, G.Place) &&
                      isSamePlace(F.Path.front().Place, G.Path.front().Place);
             });
    });
  };
  std::vector<Finding> Kept;
  for (const Finding &F : Findings)
    if (!IsSaid(F))
      Kept.push_back(F);
  Findings = std::move(Kept);
}

std::string pinlint::withArticle(llvm::StringRef Noun) {
  bool Vowel = Noun.starts_with("IO") ||
               llvm::StringRef("aeio").contains(Noun.take_front(1));
  return (Vowel ? "an " : "a ") + Noun.str();
}

std::string pinlint::nounOf(const Obligation &O) {
  bool Many = O.Form == Effect::Array && !(O.Count && O.Count->isConst(1));
  return Many ? O.Fam->Plural : O.Fam->Noun;
}

std::string pinlint::heldOf(const Obligation &O, const State &S) {
  if (O.Partial)
    return "some " + O.Fam->Plural;
  if (O.Form != Effect::Array || !O.Count)
    return "1 " + O.Fam->Noun;
  Range R = S.rangeOf(O.Count);
  auto Counted = [&](int64_t N) {
    return std::to_string(N) + " " + (N == 1 ? O.Fam->Noun : O.Fam->Plural);
  };
  if (R.Lo == R.Hi)
    return Counted(R.Lo);
  if (R.Lo > 0)
    return "at least " + Counted(R.Lo);
  return O.Fam->Plural;
}
