//===- UseAfterRelease.cpp - Pages that are used too late -----------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "UseAfterRelease.h"

using namespace pinlint;

bool pinlint::isAboutPage(const LifetimeFault &F) {
  return F.D.Fam &&
         (!F.D.Fam->Group.empty() || F.D.Fam->Kind == Family::Extract);
}

void UseAfterRelease::outlived(const LifetimeFault &F) {
  if (!isAboutPage(F))
    return;
  const Family &Fam = *F.D.Fam;
  bool Many = F.D.Form == Effect::Array && !F.S.rangeOf(F.D.Count).isOnly(1);
  std::string Release = calleeName(F.D.Site);
  std::string Object = F.Name.empty() || Fam.Group.empty() ? "a " + Fam.Noun
                       : Many ? "a page of '" + F.Name + "'"
                              : "'" + F.Name + "'";
  Reporter::Report Rep;
  Rep.Check = Name;
  Rep.Function = F.Function;
  Rep.Loc = F.Loc;
  bool HandedOut = F.Kind == LifetimeFault::HandedOut;
  Rep.Message = Object + " is ";
  if (HandedOut)
    Rep.Message += "handed to the caller";
  else if (!F.Callee)
    Rep.Message += "used";
  else if (F.How == ObjectUse::Passed)
    Rep.Message += "passed to '" + F.Callee->getNameAsString() + "'";
  else
    Rep.Message += "used by '" + F.Callee->getNameAsString() + "'";
  Rep.Message += " after '" + Release + "' gave it back";
  if (F.ByNumber)
    Rep.Message = "'" + F.Name + "' has the address of a page that '" +
                  Release + "' gave back, and is passed to '" +
                  (F.Callee ? F.Callee->getNameAsString() : "a function") + "'";
  Rep.Level = Confidence::High;
  // Who got a page earlier may have taken a reference of his own; of several
  // pages that a loop gives back, it may have left out some.
  if (HandedOut || F.D.MayBeLast || F.How == ObjectUse::Passed || Many ||
      !F.D.Acquired)
    Rep.Level = Confidence::Medium;
  // A frame number alone may be all that is wanted of a page of user space.
  if (HandedOut && Fam.Kind != Family::Ref &&
      !F.Function->getReturnType()->isPointerType())
    Rep.Level = Confidence::Low;
  // A page of the page cache or a page table is kept by these, too.
  if (Fam.Kind == Family::Ref && F.How == ObjectUse::Passed)
    Rep.Level = Confidence::Low;
  Rep.From = F.D.At;
  Rep.TellsWayIn = true;
  Rep.BeginInner = F.D.Inner;
  Rep.To = F.S.Path;
  Rep.Rough = F.S.Rough;
  Rep.Begin = Object + " is given back here by '" + Release + "'";
  Rep.Held = F.D.Acquired ? "0 " + Fam.Plural : "given back";
  Rep.End = "it may belong to somebody else by now";
  if (F.Inner)
    Rep.Inner = *F.Inner;
  Rep.Key = std::to_string(F.D.Site->getBeginLoc().getRawEncoding());
  R.add(Rep);
}
