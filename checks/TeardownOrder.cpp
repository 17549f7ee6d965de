//===- TeardownOrder.cpp - Things taken down in the wrong order -----------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "TeardownOrder.h"

using namespace pinlint;

void TeardownOrder::outOfOrder(const OrderFault &F) {
  Reporter::Report Rep;
  std::string Last = F.Gone.Fam->Noun, First = F.E.Fam->Noun;
  std::string By = "'" + calleeName(F.Site) + "'";
  Rep.Check = Name;
  Rep.Function = F.Function;
  Rep.Loc = F.Site->getBeginLoc();
  Rep.Message = "the " + First + " is taken down by " + By + " after '" +
                calleeName(F.Gone.Site) + "' has given back the " + Last +
                " that it depends on";
  Rep.Level = F.Related ? Confidence::High : Confidence::Medium;
  Rep.From = F.Gone.At;
  Rep.To = F.S.Path;
  Rep.Begin = "the " + Last + " is given back here by '" +
              calleeName(F.Gone.Site) + "'";
  Rep.End = "the " + First + " is in place until here";
  if (F.E.Inner)
    Rep.Inner = *F.E.Inner;
  Rep.Key =
      std::to_string(F.Gone.Site->getBeginLoc().getRawEncoding()) + " " + First;
  R.add(Rep);
}
