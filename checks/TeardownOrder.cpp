//===- TeardownOrder.cpp - Things taken down in the wrong order -----------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "TeardownOrder.h"
#include "frontend/LifetimeFacts.h"
#include "frontend/Protocols.h"

using namespace pinlint;
using namespace clang;

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

/// True if a stop that does not name a member may stop what \p Start starts:
/// both are given the same kind of object.
static bool mayConcern(const Activity &Stop, const Activity &Start) {
  auto RecordOf = [](const Expr *E) {
    QualType Ty = E->IgnoreParenCasts()->getType();
    return Ty->isPointerType() ? Ty->getPointeeType()->getAsRecordDecl()
                               : nullptr;
  };
  return Stop.Family == Start.Family &&
         llvm::any_of(Stop.Call->arguments(), [&](const Expr *A) {
           const RecordDecl *R = RecordOf(A);
           return R &&
                  llvm::any_of(Start.Call->arguments(),
                               [&](const Expr *B) { return RecordOf(B) == R; });
         });
}

/// True if \p FD is what a counter calls that has dropped to zero.
static bool isDestructor(const FunctionDecl *FD) {
  return llvm::any_of(FD->parameters(), [](const ParmVarDecl *P) {
    QualType Ty = P->getType();
    const auto *R =
        Ty->isPointerType() ? Ty->getPointeeType()->getAsRecordDecl() : nullptr;
    return R && R->getName() == "kref";
  });
}

/// Objects with a work item or timer in them that is started somewhere in the
/// file and stopped nowhere.
void TeardownOrder::judge(const LifetimeFacts &Facts) {
  llvm::SmallPtrSet<const FieldDecl *, 8> Seen;
  for (const Activity &A : Facts.starts()) {
    if (!Seen.insert(A.Field).second ||
        llvm::any_of(Facts.stops(), [&](const Activity &S) {
          return S.Field == A.Field || (!S.Field && mayConcern(S, A));
        }))
      continue;
    // What the activity itself frees goes when it is done.
    if (llvm::any_of(Facts.frees(), [&](const Freeing &F) {
          return isPartOf(F.Object, A.Field) &&
                 Facts.runsOnBehalfOf(F.In, A.Field);
        }))
      continue;
    for (const Freeing &F : Facts.frees()) {
      bool Ends = endsLife(F.In->getName()) ||
                  llvm::any_of(Facts.entriesOf(F.In), [](const auto &E) {
                    return endsLife(E.Member->getName());
                  });
      // What other files know of, they may stop; what is counted is stopped by
      // whoever holds a reference.
      if (!Ends || !isPartOf(F.Object, A.Field) ||
          !Facts.isOfThisFile(F.Object) || isDestructor(F.In))
        continue;
      Reporter::Report Rep;
      std::string Member = "'" + A.Field->getNameAsString() + "'";
      Rep.Check = Name;
      Rep.Function = F.In->getDefinition();
      Rep.Loc = F.Call->getBeginLoc();
      Rep.Message = "the object is freed although " + Member +
                    " in it may be active: nothing in this file stops the " +
                    A.Family->Noun + "; " + A.Family->ReleaseWith +
                    " is missing";
      Rep.Level = Confidence::Medium;
      Rep.Steps = Trace{
          {A.Call->getBeginLoc(),
           Member + " is started here by '" + calleeName(A.Call) + "'", 0}};
      Rep.End = "the object is freed here by '" + calleeName(F.Call) + "'";
      Rep.Key = A.Field->getNameAsString() + " " + F.In->getNameAsString();
      R.add(Rep);
    }
  }
}
