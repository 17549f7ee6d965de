//===- OverRelease.cpp - Released more than is held -----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "OverRelease.h"
#include "FixIts.h"

using namespace pinlint;
using namespace clang;

static const VarDecl *variableIn(const Expr *E) {
  const auto *Ref = dyn_cast<DeclRefExpr>(E->IgnoreParenCasts());
  return Ref ? dyn_cast<VarDecl>(Ref->getDecl()) : nullptr;
}

/// The unsigned variable that is an argument of both calls, if there is one.
static const VarDecl *unsignedInBoth(const Stmt *A, const Stmt *B) {
  const auto *First = dyn_cast<CallExpr>(A), *Second = dyn_cast<CallExpr>(B);
  if (!First || !Second)
    return nullptr;
  for (const Expr *Arg : First->arguments())
    if (const VarDecl *V = variableIn(Arg);
        V && V->getType()->isUnsignedIntegerType() &&
        llvm::any_of(Second->arguments(),
                     [&](const Expr *Other) { return variableIn(Other) == V; }))
      return V;
  return nullptr;
}

void OverRelease::badRelease(const ReleaseFault &F) {
  if (F.Kind == ReleaseFault::WrongFamily)
    return;
  std::string Release = calleeName(F.Site);
  Reporter::Report Rep;
  Rep.Check = Name;
  Rep.Function = F.Function;
  Rep.Loc = F.Site->getBeginLoc();
  Rep.To = F.S.Path;
  Rep.Rough = F.S.Rough;
  if (F.Kind == ReleaseFault::NoneHeld) {
    const Attempt &A = *F.Failed;
    std::string Acquire = calleeName(A.Site);
    const bool SetsUp = A.Fam->Kind == Family::Map;
    Rep.Message = "'" + Release + "' releases " +
                  (SetsUp ? "a " + A.Fam->Noun : A.Fam->Plural) + " that '" +
                  Acquire + "' has not " + (SetsUp ? "set up" : "obtained") +
                  ": it failed";
    Rep.Level = F.E.Inner ? Confidence::Medium : Confidence::High;
    Rep.BeginLoc = A.Site->getBeginLoc();
    Rep.Before = A.Before;
    Rep.Begin = "assuming that '" + Acquire + "' fails here";
    Rep.End = SetsUp ? "there is nothing to take down here"
                     : "what was in the array before is released here";
    if (const VarDecl *V = SetsUp ? nullptr : unsignedInBoth(A.Site, F.Site))
      Rep.End += "; compared with '" + V->getNameAsString() +
                 "', which is unsigned, an error is a large number";
    Rep.Held = SetsUp ? "" : "0 " + A.Fam->Plural;
    Rep.Key = "none:" + std::to_string(A.Site->getBeginLoc().getRawEncoding()) +
              ":" + std::to_string(Rep.Loc.getRawEncoding());
  } else if (F.Kind == ReleaseFault::Again) {
    std::string First = calleeName(F.D->Site);
    Rep.Message = "'" + Release + "' releases a " + F.D->Fam->Noun +
                  " that was released before";
    Rep.From = F.D->At;
    Rep.BeginInner = F.D->Inner;
    Rep.TellsWayIn = true;
    Rep.Begin = "first released here by '" + First + "'";
    Rep.End = "released again here";
    if (F.E.Inner)
      Rep.Inner = *F.E.Inner;
    Rep.Held = "0 " + F.D->Fam->Plural;
    Rep.HeldAtEnd = "1 " + F.D->Fam->Noun + " too few";
    Rep.Level = F.E.May ? Confidence::Low : Confidence::High;
    // An object may have more references than are followed, and what a callee
    // gives back may be another's.
    if (F.E.Inner || F.D->Fam->Kind == Family::Ref)
      Rep.Level = std::min(Rep.Level, Confidence::Medium);
    // How many references others gave this function, nobody can tell.
    if (F.D->Fam->Kind == Family::Ref && !F.D->Acquired)
      Rep.Level = Confidence::Low;
    // A callee that drops a reference may drop one of its own, but not all of
    // an array that was acquired here.
    if (F.D->Inner && F.D->Fam->Kind != Family::Pin &&
        !(F.D->Acquired && F.D->Form == Effect::Array))
      Rep.Level = Confidence::Low;
    // What a counted object has goes with its last reference, once.
    if (F.D->Inner && F.D->Fam->Kind != Family::Ref &&
        llvm::any_of(F.S.Dead, [&](const DeadObject &D) {
          return D.MayBeLast && D.Site == F.D->Site;
        }))
      Rep.Level = Confidence::Low;
    Rep.Key = std::to_string(F.D->Site->getBeginLoc().getRawEncoding()) + ":" +
              std::to_string(Rep.Loc.getRawEncoding());
  } else {
    std::string Acquire = calleeName(F.O->Site);
    Rep.Message = "'" + Release + "' releases more " + F.O->Fam->Plural +
                  " than '" + Acquire + "' obtained";
    Rep.From = F.O->At;
    Rep.BeginInner = F.O->Inner;
    Rep.Begin = F.O->Fam->Plural + " are acquired here by '" + Acquire + "'";
    Rep.End = F.O->Request ? "all that were asked for are released here, yet "
                             "fewer may have been obtained"
                           : "more than that are released here";
    Rep.Held = heldOf(*F.O, F.S);
    Rep.HeldAtEnd = F.O->Fam->Plural + ", too few";
    // A table of references to objects may have holes.
    Rep.Level = F.E.May || F.O->Fam->isObjectReference() ? Confidence::Low
                                                         : Confidence::High;
    Rep.Key = std::to_string(F.O->Site->getBeginLoc().getRawEncoding()) + ":" +
              std::to_string(Rep.Loc.getRawEncoding());
    Rep.Fixes = fixBound(R, F);
  }
  R.add(Rep);
}

void OverRelease::ignoredResult(const IgnoredResult &X) {
  std::string Callee = calleeName(X.Site);
  Reporter::Report Rep;
  Rep.Check = Name;
  Rep.Function = X.Function;
  Rep.Loc = X.Site->getBeginLoc();
  Rep.To = X.S.Path;
  Rep.Rough = X.S.Rough;
  const bool Pins = X.E.Fam->Kind != Family::Ref;
  Rep.Message =
      "the result of '" + Callee + "' is ignored, which says whether ";
  if (X.E.Fam->Kind == Family::Map)
    Rep.Message += "there is a " + X.E.Fam->Noun +
                   "; if it failed, there is none to use or take down";
  else
    Rep.Message += Pins ? "there are any " + X.E.Fam->Plural +
                              "; if it failed, there are none to use or release"
                        : "it took a " + X.E.Fam->Noun +
                              "; if not, there is none to release";
  // References on objects are mostly taken for somebody else, and a callee may
  // have handed the one that it took to what else it was given.
  const auto *Call = dyn_cast<CallExpr>(X.Site);
  const bool ForCaller = !X.E.Inner || (Call && Call->getNumArgs() == 1);
  Rep.Level =
      X.E.Fam->Kind == Family::Ref && (X.E.Fam->Group.empty() || !ForCaller)
          ? Confidence::Low
          : Confidence::Medium;
  Rep.End = Pins ? "success is taken for granted from here on"
                 : "the reference is taken for granted from here on";
  Rep.Key = "ignored:" + std::to_string(Rep.Loc.getRawEncoding());
  R.add(Rep);
}
