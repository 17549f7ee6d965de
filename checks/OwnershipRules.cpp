//===- OwnershipRules.cpp - What is wrong with who keeps what -------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Leak.h"
#include "MismatchedRelease.h"
#include "OverRelease.h"
#include "Ownership.h"
#include "OwnershipText.h"
#include "frontend/LifetimeFacts.h"
#include "llvm/ADT/STLExtras.h"

using namespace pinlint;
using namespace clang;

std::string pinlint::quoted(const NamedDecl *D) {
  return "'" + D->getNameAsString() + "'";
}

Reporter::Report pinlint::reportAt(llvm::StringRef Check,
                                   const FunctionDecl *In, SourceLocation Loc,
                                   std::string Message, llvm::StringRef Rule) {
  Reporter::Report Rep;
  Rep.Check = Check;
  Rep.Function = In;
  Rep.Loc = Loc;
  Rep.Message = std::move(Message);
  Rep.Level = Confidence::Medium;
  Rep.Key = (Rule + ":" + std::to_string(Loc.getRawEncoding())).str();
  Rep.Steps = Trace();
  return Rep;
}

/// The release goes by a member that is not the one with the number.
void Ownership::judgeCounts(const KeptHandles &K) {
  if (!K.Many || K.Counts.empty() || K.Rough || K.Failed)
    return;
  for (const GivenBack *G : releasesOf(K)) {
    if (!G->Count || llvm::is_contained(K.Counts, G->Count) ||
        G->Count->getParent() != K.Counts.front()->getParent())
      continue;
    // Another function may keep another number there.
    bool Right = llvm::any_of(Kept, [&](const KeptHandles &Other) {
      return Other.Place.Owner == K.Place.Owner &&
             (Other.Counts.empty() ||
              llvm::is_contained(Other.Counts, G->Count));
    });
    if (Right)
      continue;
    Reporter::Report Rep =
        reportAt(OverRelease::Name, G->In, G->Loc,
                 quoted(G->Count) + " " + K.Fam->Plural +
                     " are released, but " + quoted(K.In) + " says in " +
                     quoted(K.Counts.front()) + " how many it obtained",
                 "count");
    Rep.Steps = K.Path;
    Rep.End = "more may be released here";
    R.add(Rep);
  }
}

/// An operation that user space can repeat gives back what the object goes on
/// keeping.
void Ownership::judgeStaying(const LifetimeFacts &Facts) {
  for (const GivenBack &G : Given) {
    if (!G.Stays || !G.Fam || G.Fam->Kind != Family::Pin ||
        Facts.of(G.In).Entries.empty() || !Facts.isRepeatable(G.In))
      continue;
    Reporter::Report Rep = reportAt(
        OverRelease::Name, G.In, G.Loc,
        "the " + G.Fam->Noun + " in " + quoted(G.Place.Owner) +
            " is released here and stays where it is; the next call releases "
            "it again",
        "stays");
    Rep.End = quoted(G.Place.Owner) + " is not cleared";
    R.add(Rep);
  }
}

/// True if what \p G asks for may be what the function that keeps \p K leaves
/// otherwise.
static bool asksOtherwise(const GivenBack &G, const KeptHandles &K) {
  return llvm::any_of(G.When, [&](const auto &Asked) {
    return llvm::any_of(K.Beside, [&](const auto &Left) {
      Range Both = Left.second;
      Both.intersect(Asked.second);
      return Left.first == Asked.first && Both.empty();
    });
  });
}

void Ownership::reportFamily(const KeptHandles &K, const GivenBack &Wrong) {
  if (!R.isEnabled(MismatchedRelease::Name))
    return;
  Reporter::Report Rep =
      reportAt(MismatchedRelease::Name, Wrong.In, Wrong.Loc,
               "what " + quoted(K.In) + " keeps in " + quoted(K.Place.Owner) +
                   " is given back the wrong way: a " + K.Fam->Noun +
                   " needs " + K.Fam->ReleaseWith,
               "family");
  Rep.Steps = K.Path;
  Rep.End = "given back here as by " + Wrong.By;
  R.add(Rep);
}

/// Nobody gives it back the right way, and somebody the wrong way.
void Ownership::judgeFamilies(const KeptHandles &K) {
  if (K.Rough || K.Failed)
    return;
  auto Releases = releasesOf(K);
  const GivenBack *Wrong = nullptr;
  for (const GivenBack *G : Releases) {
    if (G->gives(*K.Fam))
      return;
    if (!Wrong && G->In != K.In && !asksOtherwise(*G, K))
      Wrong = G;
  }
  if (!Wrong || llvm::any_of(Given, [&](const GivenBack &G) {
        return G.Vague && G.In != K.In && G.gives(*K.Fam);
      }))
    return;
  reportFamily(K, *Wrong);
}

/// True if what \p G gives back may be in the place of \p K beside it, or in
/// its stead.
bool Ownership::mayBeTaken(const GivenBack &G, const KeptHandles &K,
                           const LifetimeFacts &Facts,
                           llvm::ArrayRef<FunctionText> Texts) const {
  if (!G.Fam ||
      llvm::any_of(Kept,
                   [&](const KeptHandles &X) {
                     return X.Place.overlaps(K.Place) && G.gives(*X.Fam);
                   }) ||
      llvm::any_of(Others, [&](const auto &X) {
        return X.first.overlaps(K.Place) && G.gives(*X.second);
      }))
    return true;
  // Some function does take what is given back, and the way from there to the
  // member is not known.
  if (G.Fam->Kind != Family::Ref)
    return llvm::any_of(Sources,
                        [&](const Source &X) { return G.gives(*X.Fam); });
  return llvm::any_of(Texts, [&](const FunctionText &X) {
    return X.Text.TakesReferences && X.FD->getCanonicalDecl() != K.In &&
           (X.FD->isExternallyVisible() || Facts.of(X.FD).AddressTaken ||
            !Facts.of(X.FD).Callers.empty());
  });
}

/// A release of what nobody has put there.
void Ownership::judgeNeverTaken(const KeptHandles &K,
                                const LifetimeFacts &Facts,
                                llvm::ArrayRef<FunctionText> Texts) {
  if (K.Rough || K.Failed)
    return;
  auto Releases = releasesOf(K);
  if (llvm::none_of(Releases,
                    [&](const GivenBack *G) { return G->gives(*K.Fam); }))
    return;
  // Who is given the member may put something else there.
  if (llvm::any_of(Texts, [&](const FunctionText &X) {
        return llvm::any_of(K.Place.Members, [&](auto *M) {
          return X.Text.FilledElsewhere.count(M);
        });
      }))
    return;
  for (const GivenBack *G : Releases) {
    if (G->In == K.In || mayBeTaken(*G, K, Facts, Texts))
      continue;
    if (llvm::none_of(Releases, [&](const GivenBack *X) {
          return X->In == G->In && X->gives(*K.Fam);
        })) {
      // What is beside it in the same structure is another matter.
      const bool Same =
          !G->Place.Members.empty() &&
          llvm::is_contained(K.Place.Members, G->Place.Members.front());
      if (Same && !asksOtherwise(*G, K))
        reportFamily(K, *G);
      continue;
    }
    if (G->Fam->Kind != Family::Ref || !R.isEnabled(OverRelease::Name))
      continue;
    Reporter::Report Rep = reportAt(
        OverRelease::Name, K.In, K.Loc,
        quoted(G->In) + " also releases a " + G->Fam->Noun + " from " +
            quoted(K.Place.Owner) + ", but nothing in this file takes one",
        "never");
    Rep.Steps = K.Path;
    Rep.End = "what is kept in " + quoted(K.Place.Owner) + " is a " +
              K.Fam->Noun + " or none";
    R.add(Rep);
  }
}

/// Two objects have a page that one of them releases as its own.
void Ownership::judgeBorrowed(const LifetimeFacts &Facts,
                              llvm::ArrayRef<FunctionText> Texts) {
  for (const Borrowed &B : Lent) {
    const GivenBack *By = nullptr;
    for (const GivenBack &G : Given)
      if (!G.Vague && G.In != B.In && G.Fam && G.Fam->Kind == Family::Ref &&
          !G.Fam->Group.empty() && G.Place.overlaps(B.Place) &&
          (!By || (G.Direct && !By->Direct)))
        By = &G;
    if (!By)
      continue;
    SourceLocation Loc;
    bool Taken = false;
    for (const auto &[FD, V] : Texts) {
      const FunctionDecl *F = FD->getCanonicalDecl();
      Taken |= V.TakesReferences && (F == B.In || Facts.calls(B.In, F));
      if (F == B.In)
        Loc = V.ReadAt.lookup(B.From);
    }
    if (Taken || Loc.isInvalid())
      continue;
    Reporter::Report Rep = reportAt(
        OverRelease::Name, B.In, Loc,
        "the page that " + quoted(B.Place.Owner) + " gets from " +
            quoted(B.From) + " has no reference of its own here, but " +
            quoted(By->In) + " releases one",
        "borrowed");
    Rep.End = quoted(B.From) + " keeps the page, too";
    R.add(Rep);
  }
}

void Ownership::judge(const LifetimeFacts &Facts) {
  bool Leaks = R.isEnabled(Leak::Name);
  std::vector<FunctionText> Texts;
  if (!Kept.empty() || !Lent.empty() || Leaks)
    for (const FunctionDecl *FD : Facts.bodies()) {
      Texts.push_back(readFunction(FD, R.ast(), *R.options().Protos));
    }
  for (const KeptHandles &K : Kept) {
    if (Leaks) {
      judgeApart(K, Facts, Texts);
      judgeGuards(K, Facts, Texts);
      judgeReplaced(K, Facts);
    }
    if (R.isEnabled(OverRelease::Name))
      judgeCounts(K);
    judgeNeverTaken(K, Facts, Texts);
    judgeFamilies(K);
  }
  if (R.isEnabled(OverRelease::Name)) {
    judgeStaying(Facts);
    judgeBorrowed(Facts, Texts);
  }
  if (!Leaks)
    return;
  judgeForgotten(Facts, Texts);
  judgeEntries(Facts, Texts);
  judgeRanges(Facts, Texts);
  judgeCleared(Texts);
}
