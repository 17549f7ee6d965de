//===- PartialPin.cpp - Short pins that are forgotten ---------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "PartialPin.h"
#include "Leak.h"

using namespace pinlint;

bool pinlint::isShortPin(const Loss &L) {
  if (!L.O.Request || !L.O.Count || L.O.Partial ||
      L.Kind == Loss::OnlySomeErrors)
    return false;
  return L.S.rangeOf(L.S.M->TC.sub(L.O.Count, L.O.Request)).Hi < 0;
}

void PartialPin::lost(const Loss &L) {
  if (!isShortPin(L))
    return;
  std::string Callee = calleeName(L.O.Site);
  Reporter::Report Rep;
  Rep.Check = Name;
  Rep.Function = L.Function;
  Rep.Loc = L.Loc;
  Rep.Message = "'" + Callee + "' may obtain fewer " + L.O.Fam->Plural +
                " than it was asked for; those that it did obtain are lost "
                "here";
  Rep.Level = L.O.Numbered ? Confidence::Low
              : L.O.Lent   ? Confidence::Medium
                           : Confidence::High;
  Rep.From = L.O.At;
  Rep.BeginInner = L.O.Inner;
  Rep.To = L.S.Path;
  Rep.Rough = L.S.Rough;
  Rep.About = L.O.Fam;
  Rep.Held = heldOf(L.O, L.S);
  Rep.Begin = L.O.Fam->Plural + " are acquired here by '" + Callee + "'";
  Rep.End = "the path ends without " + L.O.Fam->ReleaseWith;
  Rep.Key = std::to_string(L.O.Site->getBeginLoc().getRawEncoding());
  R.add(Rep);
}

void PartialPin::finish() { R.prefer(Leak::Name, Name); }
