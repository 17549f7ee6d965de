//===- DoubleFree.cpp - Objects that are freed twice ----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "DoubleFree.h"

using namespace pinlint;

std::string pinlint::objectName(const LifetimeFault &F) {
  return F.Name.empty() ? "the object" : "'" + F.Name + "'";
}

Reporter::Report pinlint::reportOf(const LifetimeFault &F,
                                   llvm::StringRef Check) {
  Reporter::Report Rep;
  Rep.Check = Check;
  Rep.Function = F.Function;
  Rep.Loc = F.Loc;
  Rep.From = F.D.At;
  Rep.To = F.S.Path;
  Rep.Rough = F.S.Rough;
  std::string How = F.D.Fam ? "put" : "freed";
  Rep.Begin =
      objectName(F) + " is " + How + " here by '" + calleeName(F.D.Site) + "'";
  if (F.Inner)
    Rep.Inner = *F.Inner;
  Rep.Key = std::to_string(F.D.Site->getBeginLoc().getRawEncoding());
  return Rep;
}

void DoubleFree::outlived(const LifetimeFault &F) {
  if (F.Kind != LifetimeFault::FreeAgain)
    return;
  Reporter::Report Rep = reportOf(F, Name);
  Rep.Message = objectName(F) + " is freed again";
  if (F.Callee)
    Rep.Message += " by '" + F.Callee->getNameAsString() + "'";
  Rep.End = "it is freed again here";
  R.add(Rep);
}
