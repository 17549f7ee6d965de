//===- UseAfterFree.cpp - Uses of objects that have died ------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "UseAfterFree.h"
#include "DoubleFree.h"

using namespace pinlint;

void UseAfterFree::outlived(const LifetimeFault &F) {
  if (F.Kind == LifetimeFault::FreeAgain)
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
  Rep.Level = F.D.MayBeLast || F.How == ObjectUse::Passed ? Confidence::Medium
                                                          : Confidence::High;
  Rep.End = F.Kind == LifetimeFault::UseOfNull
                ? "the pointer that is used there is NULL"
                : "the object is dead by then";
  R.add(Rep);
}
