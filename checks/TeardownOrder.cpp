//===- TeardownOrder.cpp - Things taken down in the wrong order -----------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "TeardownOrder.h"
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
  // What two callees take down need not belong together.
  const bool InCallees =
      F.E.Inner && F.Gone.At && F.Gone.At->Kind == PathNode::Call;
  Rep.Level = F.Related && !InCallees ? Confidence::High : Confidence::Medium;
  Rep.From = F.Gone.At;
  Rep.TellsWayIn = true;
  Rep.BeginInner = F.Gone.Inner;
  Rep.To = F.S.Path;
  Rep.Begin = "the " + Last + " is given back here by '" +
              calleeName(F.Gone.Site) + "'";
  Rep.Held = "0 " + F.Gone.Fam->Plural + ", 1 " + First;
  Rep.End = "the " + First + " is in place until here";
  if (F.E.Inner)
    Rep.Inner = *F.E.Inner;
  Rep.Key =
      std::to_string(F.Gone.Site->getBeginLoc().getRawEncoding()) + " " + First;
  R.add(Rep);
}

Reporter::Report pinlint::reportOf(const SetUpFault &F, llvm::StringRef Check) {
  Reporter::Report Rep;
  Rep.Check = Check;
  Rep.Function = F.Function;
  Rep.Loc = F.Site->getBeginLoc();
  Rep.Level = Confidence::High;
  Rep.From = F.What.At;
  Rep.About = F.What.Fam;
  Rep.To = F.S.Path;
  Rep.Rough = F.S.Rough;
  if (F.E.Inner)
    Rep.Inner = *F.E.Inner;
  Rep.Key = std::to_string(F.What.Site->getBeginLoc().getRawEncoding()) + " " +
            std::to_string(Rep.Loc.getRawEncoding());
  return Rep;
}

void TeardownOrder::stillInPlace(const SetUpFault &F) {
  if (F.What.Fam->Kind == Family::Link)
    return;
  std::string Last = F.Fam.Noun, First = F.What.Fam->Noun;
  std::string By = "'" + calleeName(F.Site) + "'";
  Reporter::Report Rep = pinlint::reportOf(F, Name);
  Rep.Message = By + " gives back the " + Last + " while the " + First +
                " from '" + calleeName(F.What.Site) + "' is in place; " +
                F.What.Fam->ReleaseWith + " is missing";
  Rep.Begin =
      "the " + First + " is set up here by '" + calleeName(F.What.Site) + "'";
  Rep.Held = "1 " + First;
  Rep.End = "the " + Last + " is given back here";
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
  // What a module stops on its way out is none of an object's business.
  return Stop.Family == Start.Family && Stop.In->getNumParams() &&
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

/// A stop of something else in the same object on the way of \p FD: whoever
/// wrote that takes it for the place to stop things. Null if there is none.
static const Activity *stopBeside(const Activity &A, const RecordDecl *Object,
                                  const FunctionDecl *FD,
                                  const LifetimeFacts &Facts) {
  for (const Activity &S : Facts.stops())
    if (S.Field && S.Field != A.Field && isPartOf(Object, S.Field) &&
        Facts.calls(FD, S.In))
      return &S;
  return nullptr;
}

/// Where the object is a part of another, the function on the way of \p FD that
/// stops something else in that part.
static const Activity *stopInPart(const Activity &A, const FunctionDecl *FD,
                                  const LifetimeFacts &Facts) {
  for (const Activity &S : Facts.stops())
    if (S.Field && S.Field->getParent() == A.Field->getParent() &&
        S.In != FD->getCanonicalDecl() && Facts.calls(FD, S.In))
      return &S;
  return nullptr;
}

Reporter::Report TeardownOrder::reportOf(const Activity &A) const {
  Reporter::Report Rep;
  Rep.Check = Name;
  Rep.Level = Confidence::Medium;
  Rep.Steps =
      Trace{{A.Call->getBeginLoc(),
             "the " + A.Family->Noun + " '" + A.Field->getNameAsString() +
                 "' is started here by '" + calleeName(A.Call) + "'",
             0}};
  return Rep;
}

void TeardownOrder::reportFrees(const Activity &A, const LifetimeFacts &Facts) {
  std::string Member = "'" + A.Field->getNameAsString() + "'";
  // What the activity itself frees goes when it is done.
  if (llvm::any_of(Facts.frees(), [&](const Freeing &F) {
        return isPartOf(F.Object, A.Field) &&
               Facts.runsOnBehalfOf(F.In, A.Field);
      }))
    return;
  for (const Freeing &F : Facts.frees()) {
    bool Ends = Facts.endsLife(F.In->getName()) ||
                llvm::any_of(Facts.entriesOf(F.In), [](const auto &E) {
                  return E.Role == EntryPoint::End;
                });
    if (!Ends || !isPartOf(F.Object, A.Field))
      continue;
    // What other files know of, they may stop; what is counted is stopped by
    // whoever holds a reference. Unless things are stopped right here.
    if ((!Facts.isOfThisFile(F.Object) || isDestructor(F.In)) &&
        !stopBeside(A, F.Object, F.In, Facts))
      continue;
    Reporter::Report Rep = reportOf(A);
    Rep.Key = A.Field->getNameAsString() + " " + F.In->getNameAsString();
    std::string Missing = "nothing in this file stops the " + A.Family->Noun +
                          "; " + A.Family->ReleaseWith + " is missing";
    if (const Activity *S = A.Field->getParent() != F.Object
                                ? stopInPart(A, F.In, Facts)
                                : nullptr) {
      Rep.Function = S->In->getDefinition();
      Rep.Loc = S->Call->getBeginLoc();
      Rep.Message = "'" + calleeName(S->Call) +
                    "' is called here before the object is freed, but " +
                    Member + " beside it may stay active: " + Missing;
      Rep.End = "'" + S->In->getNameAsString() + "' stops '" +
                S->Field->getNameAsString() + "' only";
      Rep.Inner = Trace{
          {F.Call->getBeginLoc(),
           "the object is freed here by '" + calleeName(F.Call) + "'", 0}};
    } else {
      Rep.Function = F.In->getDefinition();
      Rep.Loc = F.Call->getBeginLoc();
      Rep.Message = "the object is freed although " + Member +
                    " in it may be active: " + Missing;
      Rep.End = "the object is freed here by '" + calleeName(F.Call) + "'";
    }
    R.add(Rep);
  }
}

/// What is made for a driver to be given back when it is unbound goes after the
/// driver's own function for that.
void TeardownOrder::reportManaged(const Activity &A,
                                  const LifetimeFacts &Facts) {
  auto It = llvm::find_if(Facts.managed(), [&](const Managed &M) {
    return isPartOf(M.Object, A.Field);
  });
  if (It == Facts.managed().end() || !Facts.isOfThisFile(It->Object))
    return;
  for (const FunctionDecl *FD : Facts.bodies()) {
    const FunctionFacts &F = Facts.of(FD);
    bool Knows = llvm::any_of(F.Named, [&](const Decl *D) {
      const auto *Member = dyn_cast<FieldDecl>(D);
      return Member && isPartOf(It->Object, Member);
    });
    auto Unbinds = [](const EntryPoint &E) {
      return E.Role == EntryPoint::End &&
             E.Table->getName().ends_with("_driver");
    };
    if (!Knows || !llvm::any_of(F.Entries, Unbinds))
      continue;
    Reporter::Report Rep = reportOf(A);
    Rep.Key = A.Field->getNameAsString() + " " + FD->getNameAsString();
    Rep.Function = FD;
    Rep.Loc = FD->getBody()->getEndLoc();
    Rep.Message = "'" + A.Field->getNameAsString() + "' may be active when '" +
                  FD->getNameAsString() +
                  "' returns and the object that it is in, from '" +
                  calleeName(It->Call) +
                  "', is freed: nothing in this file stops the " +
                  A.Family->Noun + "; " + A.Family->ReleaseWith + " is missing";
    Rep.Steps->insert(Rep.Steps->begin(),
                      {It->Call->getBeginLoc(),
                       "the object lives until the driver is unbound", 0});
    Rep.End = "the object is freed after this function";
    R.add(Rep);
  }
}

/// Objects with a work item or timer in them that is started somewhere in the
/// file and stopped nowhere.
void TeardownOrder::judge(const LifetimeFacts &Facts) {
  llvm::SmallPtrSet<const FieldDecl *, 8> Seen;
  for (const Activity &A : Facts.starts()) {
    if (!Seen.insert(A.Field).second || Facts.mayStopElsewhere(A.Field) ||
        llvm::any_of(Facts.stops(), [&](const Activity &S) {
          if (S.Field == A.Field)
            return true;
          // A queue that work is put into, say, but not another URB.
          bool OfItsOwn = S.Field && (S.Field->getType()->isRecordType() ||
                                      A.Field->getType()->isPointerType());
          return !OfItsOwn && mayConcern(S, A);
        }))
      continue;
    reportFrees(A, Facts);
    reportManaged(A, Facts);
  }
}
