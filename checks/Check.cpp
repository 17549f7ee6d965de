//===- Check.cpp - Base of the checks -------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Check.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/xxhash.h"

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

void Reporter::addSteps(const Trace &Steps, Finding &F) const {
  for (const TraceStep &T : Steps)
    F.Path.push_back({place(T.Loc), T.Text, T.Depth});
}

static bool leadsTo(const PathNode *Earlier, const PathNode *Later) {
  while (Later && Later->Length > Earlier->Length)
    Later = Later->Parent;
  return Later == Earlier;
}

void Reporter::addRemarks(const Report &Rep, Finding &F) const {
  const PathNode *Last = nullptr;
  for (const Report::Remark &Here : Rep.Remarks) {
    // Where paths were joined, not every place is on the one that is shown.
    if (Here.At && leadsTo(Here.At, Rep.To)) {
      if (Last && leadsTo(Last, Here.At))
        addSteps(renderPath(Ctx, Here.At, Last), F);
      Last = Here.At;
    }
    F.Path.push_back({place(Here.Loc), Here.Text, Here.Depth});
  }
}

/// Stable under moves: what is said, where by name, and the steps' texts up to
/// what branches say.
static std::string fingerprint(const Finding &F, llvm::StringRef Begin) {
  std::string Print =
      F.Check + "\n" + F.Function + "\n" + F.Message + "\n" + Begin.str();
  return llvm::utohexstr(llvm::xxh3_64bits(llvm::StringRef(Print)),
                         /*LowerCase=*/true, 16);
}

void Reporter::add(llvm::StringRef Check, SourceLocation Loc,
                   std::string Message) {
  Finding F;
  F.Check = Check.str();
  F.Place = place(Loc);
  F.Message = std::move(Message);
  F.Fingerprint = fingerprint(F, "");
  Findings.push_back(std::move(F));
}

void Reporter::add(const Report &Rep) {
  // A header's findings belong to those who own the header.
  const SourceManager &SM = Ctx.getSourceManager();
  if (!SM.isInMainFile(SM.getExpansionLoc(Rep.Function->getLocation())) ||
      Comments.silence(Rep.Check, Rep.Loc, Rep.Function))
    return;
  Confidence Level = Rep.Rough ? Confidence::Low : Rep.Level;
  if (Level < Options.MinConfidence)
    return;
  std::string Key = (Rep.Check + "\n" + Rep.Key).str();
  auto [It, New] = Seen.try_emplace(Key, unsigned(Findings.size()));
  Finding F;
  F.Check = Rep.Check.str();
  F.Place = place(Rep.Loc);
  F.Function = Rep.Function->getNameAsString();
  F.Message = Rep.Message;
  F.Level = Level;
  F.Fixes = Rep.Fixes;

  if (Rep.Remarks.empty()) {
    addSteps(Rep.Steps ? *Rep.Steps
                       : renderPath(Ctx, Rep.To,
                                    Rep.From ? Rep.From->Parent : nullptr),
             F);
    if (!F.Path.empty() && !Rep.Begin.empty())
      F.Path.front().Message = Rep.Begin;
    F.Path.push_back({F.Place, Rep.End, 0});
    for (const TraceStep &T : Rep.Inner)
      F.Path.push_back({place(T.Loc), T.Text, T.Depth + 1});
  } else {
    addRemarks(Rep, F);
  }

  F.Fingerprint = fingerprint(F, Rep.Begin);

  if (New) {
    Findings.push_back(std::move(F));
    return;
  }
  // Of several paths to the same mistake, show the one that is surest, then
  // shortest.
  Finding &Old = Findings[It->second];
  if (F.Level > Old.Level ||
      (F.Level == Old.Level && F.Path.size() < Old.Path.size()))
    Old = std::move(F);
}

std::string pinlint::calleeName(const Stmt *Site) {
  const NamedDecl *F = calledBy(Site);
  return F ? F->getNameAsString() : "the call";
}

std::string pinlint::nounOf(const Obligation &O) {
  bool Many = O.Form == Effect::Array && !(O.Count && O.Count->isConst(1));
  return Many ? O.Fam->Plural : O.Fam->Noun;
}
