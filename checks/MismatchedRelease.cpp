//===- MismatchedRelease.cpp - Released the wrong way ---------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "MismatchedRelease.h"
#include "FixIts.h"

using namespace pinlint;

void MismatchedRelease::badRelease(const ReleaseFault &F) {
  if (F.Kind != ReleaseFault::WrongFamily)
    return;
  std::string Acquire = calleeName(F.O->Site), Release = calleeName(F.Site);
  std::string Noun = nounOf(*F.O);
  Reporter::Report Rep;
  Rep.Check = Name;
  Rep.Function = F.Function;
  Rep.Loc = F.Site->getBeginLoc();
  Rep.Message = "'" + Release + "' does not give back what '" + Acquire +
                "' obtained: " + withArticle(F.O->Fam->Noun) + " needs " +
                F.O->Fam->ReleaseWith;
  // Where callees do both, there may be more between the two than is followed.
  const bool InCallees =
      F.E.Inner && F.O->At && F.O->At->Kind == PathNode::Call;
  Rep.Level =
      F.E.May || F.O->Lent || InCallees ? Confidence::Medium : Confidence::High;
  Rep.From = F.O->At;
  Rep.BeginInner = F.O->Inner;
  Rep.To = F.S.Path;
  Rep.Rough = F.S.Rough;
  Rep.Held = heldOf(*F.O, F.S);
  Rep.Begin = Noun + " acquired here by '" + Acquire + "'";
  Rep.End = "released here by '" + Release + "'";
  Rep.Key = std::to_string(F.O->Site->getBeginLoc().getRawEncoding()) + ":" +
            std::to_string(Rep.Loc.getRawEncoding());
  Rep.Fixes = fixRelease(R, F);
  R.add(Rep);
}
