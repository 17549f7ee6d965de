//===- Leak.cpp - Obligations that are lost -------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Leak.h"
#include "PartialPin.h"
#include "clang/Basic/SourceManager.h"

using namespace pinlint;
using namespace clang;

/// True if what has the handle was freed by a callee, which may know what to do
/// with it.
static bool wentInCallee(const State &S, const Obligation &O) {
  return llvm::any_of(S.Store, [&](const auto &KV) {
    const Term *Root = rootOf(KV.first);
    return KV.second == O.Handle && Root->kind() == Term::Deref &&
           llvm::any_of(S.Dead, [&](const DeadObject &D) {
             return !D.Fam && D.Inner &&
                    objectOf(D.Handle) == objectOf(Root->op(0));
           });
  });
}

/// True if nothing of the function has the handle of \p O any more.
static bool isOverwritten(const State &S, const Obligation &O) {
  return llvm::none_of(S.Bindings,
                       [&](const Binding &B) { return B.Array == O.Handle; }) &&
         llvm::none_of(S.Store, [&](const auto &KV) {
           return mentions(KV.second, O.Handle);
         });
}

void Leak::lost(const Loss &L) {
  if (isShortPin(L))
    return;
  std::string Callee = calleeName(L.O.Site);
  std::string Noun = nounOf(L.O);
  bool Many = Noun == L.O.Fam->Plural;
  const auto Jumps = jumpsTo(L.S.Path, L.O.Site);
  const PathNode *Decision =
      R.decision(L.S.Path, L.O.At, L.Loc, isOverwritten(L.S, L.O));
  bool CallFails = Decision && Decision->Kind == PathNode::Note;
  // `return call()` passes its failure on, which changes nothing here.
  const SourceManager &SM = R.ast().getSourceManager();
  if (CallFails && SM.getExpansionLineNumber(Decision->Loc) ==
                       SM.getExpansionLineNumber(L.Loc)) {
    Decision = nullptr;
    CallFails = false;
  }
  // Where nothing gives it back, one release that all ways out pass is missing.
  const bool Never =
      L.Kind == Loss::Unreachable && !L.ReleasedElsewhere && !L.O.FailedIn;
  // What is lost where the function succeeds is lost whatever was decided.
  const bool Always = Never && !CallFails && L.S.Returned &&
                      L.S.rangeOf(L.S.Returned).isOnly(0) &&
                      L.Function->getReturnType()->isSignedIntegerType();
  Reporter::Report Rep;
  Rep.Check = Name;
  Rep.Function = L.Function;
  Rep.Loc = L.Loc;
  if (L.O.Partial)
    Rep.Message = "only some of the " + L.O.Fam->Plural + " from '" + Callee +
                  "' are released; the others are lost here";
  else
    Rep.Message = Noun + " from '" + Callee + "' " + (Many ? "are" : "is") +
                  " not released" +
                  (Decision && !Always ? R.clause(*Decision) : "") + "; " +
                  L.O.Fam->ReleaseWith + " is missing";
  bool Contract = L.Kind == Loss::OnlySomeErrors;
  if (Contract)
    Rep.Message =
        Noun + " from '" + Callee + "' " + (Many ? "are" : "is") +
        " kept on this error path, where the caller does not expect " +
        (Many ? "them" : "it");
  // Who fails cleans up; the callers that do not know it need no change.
  if (L.O.FailedIn && L.O.FailedAt.isValid()) {
    Rep.Function = L.O.FailedIn;
    Rep.Loc = L.O.FailedAt;
    Rep.Message = "'" + L.O.FailedIn->getNameAsString() +
                  "' fails here and does not release the " + Noun +
                  " that it acquired; neither does '" +
                  L.Function->getNameAsString() + "'";
  }
  const bool Forgotten = L.Kind == Loss::Forgotten;
  Rep.Level = L.O.Lent || L.O.dwindles() || Contract || Forgotten
                  ? Confidence::Medium
                  : Confidence::High;
  // A callee that takes one more reference does so for somebody.
  const bool Wrapped = L.O.At && L.O.At->Kind == PathNode::Call;
  if (L.O.Extra && Wrapped)
    Rep.Level = Confidence::Low;
  // References on objects are handed on in more ways than are followed, unless
  // the function itself looked the object up and gave it to nobody; those on
  // what can be pinned, too, are not, least of all where the function puts them
  // itself on other paths.
  const Family &Fam = *L.O.Fam;
  if (Fam.Kind == Family::Ref && !Forgotten) {
    const bool Own =
        !L.O.Extra && !L.O.Lent && !Wrapped && !wentInCallee(L.S, L.O);
    if ((Fam.isObjectReference() && !Own) || L.O.Extra ||
        (L.O.Lent && !Contract && !L.ReleasedElsewhere))
      Rep.Level = Confidence::Low;
  }
  // Who is given a request has what is in it until it ends, unless the function
  // fails.
  if (Fam.isInsideObject() && L.O.Lent && !L.Failed && !L.ReleasedElsewhere)
    Rep.Level = Confidence::Low;
  // A page of the page cache is found again by its place in the file, and an
  // object by others that hold it.
  if (Fam.Kind == Family::Ref)
    Rep.Level = std::min(Rep.Level, Confidence::Medium);
  // What a callee has acquired may be somebody else's in ways that its summary
  // does not tell.
  if (Wrapped)
    Rep.Level = std::min(Rep.Level, Confidence::Medium);
  // A frame number may say that there is no page.
  const auto *Call = dyn_cast<CallExpr>(L.O.Site);
  if (L.O.Form == Effect::Value && Call &&
      Call->getType()->isUnsignedIntegerType() &&
      R.ast().getIntWidth(Call->getType()) >= 64)
    Rep.Level = std::min(Rep.Level, Confidence::Medium);
  // Who remembers a first frame number and a count gives back by number.
  if (L.O.Numbered && !L.O.Partial)
    Rep.Level = Confidence::Low;
  Rep.From = L.O.At;
  Rep.BeginInner = L.O.Inner;
  Rep.To = L.S.Path;
  Rep.Rough = L.S.Rough || L.S.AssertionFailed;
  Rep.About = L.O.Fam;
  Rep.Held = heldOf(L.O, L.S);
  Rep.Begin =
      Noun + (Many ? " are" : " is") + " acquired here by '" + Callee + "'";
  Rep.End = Contract ? "the function fails without " + L.O.Fam->ReleaseWith
                     : "the path ends without " + L.O.Fam->ReleaseWith;
  Rep.Key = std::to_string(L.O.Site->getBeginLoc().getRawEncoding());
  // It may owe something else, too.
  if (L.O.Fam->EndsWhenFreed)
    Rep.Key += ":" + L.O.Fam->Name;
  std::string At =
      Decision ? std::to_string(Decision->Loc.getRawEncoding()) : "";
  auto AddWay = [&](SourceLocation Parts, SourceLocation Loc) {
    Rep.Ways.push_back({(L.Failed ? "error" : "") +
                            std::to_string(Parts.getRawEncoding()) + ":" +
                            std::to_string(L.Loc.getRawEncoding()),
                        Loc});
  };
  for (const PathNode *Jump : Jumps)
    AddWay(Jump->Loc, Jump->Loc);
  if (Jumps.empty() && Never)
    AddWay(Decision ? Decision->Loc : L.Loc, L.Loc);
  // An error path and a path that succeeds lose it for different reasons. So
  // do error paths that part at different decisions: each needs a repair, and
  // one that is accepted must not hide another.
  if (!Never && L.Failed)
    Rep.Key += ":error" + At;
  R.add(Rep);
}

void Leak::emptyRelease(const EmptyRelease &X) {
  const auto *Call = dyn_cast<CallExpr>(X.Site);
  if (!Call || !X.E.Fam)
    return;
  // Which argument says how many is the protocol's secret; it is the one that
  // is zero here and is not written as a number.
  const Expr *Count = nullptr;
  for (const Expr *A : Call->arguments())
    if (A->getType()->isIntegerType() && !A->isEvaluatable(R.ast()))
      Count = A;
  if (!Count)
    return;
  std::string Release = calleeName(X.Site);
  Reporter::Report Rep;
  Rep.Check = Name;
  Rep.Function = X.Function;
  Rep.Loc = X.Site->getBeginLoc();
  Rep.Message = "'" + Release + "' gives back nothing: '" + R.text(Count) +
                "' is always 0 here";
  Rep.Level = Confidence::High;
  Rep.To = X.S.Path;
  Rep.Rough = X.S.Rough;
  Rep.End = "none of the " + X.E.Fam->Plural + " is released";
  Rep.Key = "empty:" + std::to_string(Rep.Loc.getRawEncoding());
  R.add(Rep);
}
