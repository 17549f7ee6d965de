//===- UseAfterFree.cpp - Uses of objects that have died ------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "UseAfterFree.h"
#include "DoubleFree.h"
#include "OwnershipText.h"
#include "TeardownOrder.h"
#include "UseAfterRelease.h"
#include "frontend/Protocols.h"
#include "clang/Basic/SourceManager.h"

using namespace pinlint;
using namespace clang;

void UseAfterFree::outlived(const LifetimeFault &F) {
  if (F.Kind == LifetimeFault::FreeAgain || isAboutPage(F))
    return;
  Reporter::Report Rep = reportOf(F, Name);
  std::string Died = F.D.Fam ? "its reference was put by" : "it was freed by";
  Died += " '" + calleeName(F.D.Site) + "'";
  std::string Callee = F.Callee ? "'" + F.Callee->getNameAsString() + "'" : "";
  if (F.Kind == LifetimeFault::UseOfNull)
    Rep.Message = Callee + " needs " + objectName(F) + ", but " + Died +
                  " and the pointer was cleared";
  else if (F.How == ObjectUse::Passed && F.Callee)
    Rep.Message = objectName(F) + " is passed to " + Callee + " after " + Died;
  else if (F.Callee)
    Rep.Message = objectName(F) + " is used by " + Callee + " after " + Died;
  else
    Rep.Message = objectName(F) + " is used after " + Died;
  // What decides whether a callee frees may be what decides about the use.
  Rep.Level = F.D.MayBeLast || F.D.Inner || F.How == ObjectUse::Passed
                  ? Confidence::Medium
                  : Confidence::High;
  // Who puts a reference on some of the ways to the use only, or has taken one
  // more, knows of others; so may a callee: its put frees the object where a
  // counter says so, which is more than one most often.
  const auto *Call = dyn_cast_or_null<CallExpr>(F.D.Site);
  const bool ByCallee = F.D.Inner && (F.D.Fam || F.D.MayBeLast) &&
                        !(Call && protocolOf(Call, *R.options().Protos));
  if ((F.HasOthers && !F.D.Acquired) || ByCallee)
    Rep.Level = Confidence::Low;
  Rep.End = F.Kind == LifetimeFault::UseOfNull
                ? "the pointer that is used there is NULL"
                : "the object is dead by then";
  R.add(Rep);
}

/// An element that is freed is found by whoever walks the list next.
void UseAfterFree::stillInPlace(const SetUpFault &F) {
  if (F.What.Fam->Kind != Family::Link)
    return;
  std::string By = "'" + calleeName(F.Site) + "'";
  std::string Noun = F.What.Fam->Noun, Added = calleeName(F.What.Site);
  Reporter::Report Rep = reportOf(F, Name);
  Rep.Message = By + " frees a " + Noun + " that '" + Added + "' put in; " +
                F.What.Fam->ReleaseWith + " is missing";
  // Another task may have taken it out before.
  Rep.Level = Confidence::Medium;
  Rep.Begin = "the " + Noun + " is put in here by '" + Added + "'";
  Rep.End = "the " + Noun + " is freed here, and still in";
  R.add(Rep);
}

void UseAfterFree::leftInList(const ListedFault &F) {
  Reporter::Report Rep;
  std::string By = "'" + calleeName(F.D.Site) + "'";
  Rep.Check = Name;
  Rep.Function = F.Function;
  Rep.Loc = F.D.Site->getBeginLoc();
  Rep.Message = By + " frees an element of a list that is not taken out of it; "
                     "whoever walks the list next uses freed memory";
  Rep.Level = Confidence::Medium;
  Rep.To = F.D.At;
  Rep.Rough = F.S.Rough;
  if (F.D.Inner)
    Rep.Inner = *F.D.Inner;
  Rep.End = "the element is freed here, and the list still leads to it";
  Rep.Key = std::to_string(Rep.Loc.getRawEncoding());
  R.add(Rep);
}

/// References that are taken only when user space can already close the
/// descriptor, and so put them.
void UseAfterFree::judge(const LifetimeFacts &Facts) {
  const SourceManager &SM = R.ast().getSourceManager();
  for (const Publishing &P : Facts.published()) {
    const FunctionDecl *Close = Facts.operation(P.Operations, EntryPoint::End);
    if (!Close)
      continue;
    auto IsBefore = [&](const CallExpr *A, const CallExpr *B) {
      return SM.isBeforeInTranslationUnit(A->getBeginLoc(), B->getBeginLoc());
    };
    for (const Counting &Taken : Facts.counted()) {
      if (!Taken.Takes || Taken.In != P.In || !IsBefore(P.Call, Taken.Call) ||
          llvm::any_of(Facts.counted(), [&](const Counting &C) {
            return C.Takes && C.In == P.In && C.Family == Taken.Family &&
                   IsBefore(C.Call, P.Call);
          }))
        continue;
      auto Put = llvm::find_if(Facts.counted(), [&](const Counting &C) {
        return !C.Takes && C.Family == Taken.Family && Facts.calls(Close, C.In);
      });
      if (Put == Facts.counted().end())
        continue;
      Reporter::Report Rep;
      Rep.Check = Name;
      Rep.Function = P.In->getDefinition();
      Rep.Loc = Taken.Call->getBeginLoc();
      Rep.Message =
          "the " + Taken.Family->Noun + " is taken by '" +
          calleeName(Taken.Call) + "' after '" + calleeName(P.Call) +
          "' has published the descriptor; if that is closed first, '" +
          Close->getNameAsString() + "' puts a reference that nobody has taken";
      Rep.Level = Confidence::Medium;
      Rep.Steps = Trace{{P.Call->getBeginLoc(),
                         "user space has the descriptor from here on", 0},
                        {Put->Call->getBeginLoc(),
                         "closing it puts the reference here, by '" +
                             calleeName(Put->Call) + "'",
                         0}};
      Rep.End = "it is taken only here";
      Rep.Key = std::to_string(Rep.Loc.getRawEncoding());
      R.add(Rep);
    }
  }
}
