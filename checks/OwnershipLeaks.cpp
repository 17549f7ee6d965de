//===- OwnershipLeaks.cpp - What objects keep and lose --------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Leak.h"
#include "Ownership.h"
#include "OwnershipText.h"
#include "frontend/LifetimeFacts.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include <optional>

using namespace pinlint;
using namespace clang;

/// True if only functions that acquire again reach \p FD: it is there for when
/// they fail.
static bool isForFailures(const FunctionDecl *FD, const FunctionDecl *Acquires,
                          const LifetimeFacts &Facts) {
  return llvm::none_of(Facts.bodies(), [&](const FunctionDecl *Root) {
    return (Facts.isReachable(Root) || Facts.of(Root).Callers.empty()) &&
           Facts.calls(Root, FD) && !Facts.calls(Root, Acquires);
  });
}

/// True if \p G is only reached through tables of operations of objects of
/// other kinds: what works on an object like that of \p FD is in the same
/// table, not in another one of its type.
static bool isForOtherKind(const FunctionDecl *G, const FunctionDecl *FD,
                           const LifetimeFacts &Facts) {
  auto Own = Facts.entriesOf(FD), Other = Facts.entriesOf(G);
  return !Other.empty() && llvm::all_of(Other, [&](const EntryPoint &E) {
    bool SameType = false;
    for (const EntryPoint &X : Own) {
      if (!X.Variable || !E.Variable || X.Variable == E.Variable)
        return false;
      SameType |= X.Table == E.Table;
    }
    return SameType;
  });
}

/// True if nobody gives back what \p K keeps, unless acquiring it fails later.
bool Ownership::isForgotten(const KeptHandles &K, const LifetimeFacts &Facts) {
  const RecordDecl *Object = K.Place.Owner->getParent();
  bool Ours = isOwn(Object);
  // Of objects that others know, too, what a call from elsewhere leaves there.
  const bool Leaves = Facts.isReachable(K.In);
  if (K.Failed || K.Rough || !(Ours || Leaves))
    return false;
  const bool All = !Leaves && !Facts.isOfThisFile(Object);
  // What the function itself gives back is what it could not keep. The same
  // handles may be in several members; and who gives back what is not known
  // has to name the member, or another one that has the same.
  auto GivesBack = [&](const GivenBack &G) {
    const bool GivesIt =
        gives(G, K, Facts) ||
        (G.In != K.In && G.isOfGroup(*K.Fam) &&
         (All || (!G.Vague && llvm::any_of(Kept, [&](const KeptHandles &X) {
            return X.In == K.In && X.Site == K.Site &&
                   X.Place.overlaps(G.Place);
          }))));
    return GivesIt && !isForOtherKind(G.In, K.In, Facts);
  };
  for (const GivenBack &G : Given) {
    if (!GivesBack(G))
      continue;
    if (!Leaves || !isForFailures(G.In, K.In, Facts))
      return false;
    // Who gives it back there has to do so elsewhere, too.
    Ours = true;
  }
  return Ours;
}

namespace {
/// Where an object, or what it keeps handles in, ends.
struct LifeEnd {
  enum HowTy { ObjectFreed, ArrayFreed, Cleared } How;
  const FunctionDecl *In;
  SourceLocation Loc;
};
} // namespace

/// True if \p FD leaves handles in \p Owner.
static bool fills(const FunctionDecl *FD, const FieldDecl *Owner,
                  llvm::ArrayRef<KeptHandles> Kept) {
  return llvm::any_of(Kept, [&](const KeptHandles &K) {
    return K.In == FD && K.Place.Owner == Owner;
  });
}

/// One end of each kind, if there is one.
static llvm::SmallVector<LifeEnd, 3>
endsOf(const KeptHandles &K, llvm::ArrayRef<KeptHandles> Kept,
       const LifetimeFacts &Facts, llvm::ArrayRef<FunctionText> Texts) {
  const FieldDecl *Owner = K.Place.Owner;
  const RecordDecl *Object = Owner->getParent();
  llvm::SmallVector<LifeEnd, 3> Ends;
  auto Consider = [&](LifeEnd::HowTy How, const FunctionDecl *In,
                      SourceLocation Loc) {
    // Who makes or fills the object ends it before there is anything in it.
    const bool Makes = llvm::any_of(Texts,
                                    [&](const FunctionText &T) {
                                      return T.FD->getCanonicalDecl() == In &&
                                             T.Text.Made.count(Object);
                                    }) ||
                       fills(In, Owner, Kept);
    if (Makes || Facts.calls(In, K.In) || isForFailures(In, K.In, Facts))
      return;
    if (Ends.empty() || Ends.back().How != How)
      Ends.push_back({How, In, Loc});
    else if (!Facts.endsLife(Ends.back().In->getName()))
      Ends.back() = {How, In, Loc};
  };
  for (const Freeing &F : Facts.frees())
    if (F.Object == Object)
      Consider(LifeEnd::ObjectFreed, F.In, F.Call->getBeginLoc());
  for (const auto &[FD, V] : Texts)
    for (const auto &[M, C] : V.FreedMembers)
      if (K.Many && llvm::is_contained(K.Place.Members, M))
        Consider(LifeEnd::ArrayFreed, FD->getCanonicalDecl(), C->getBeginLoc());
  for (const auto &[FD, V] : Texts) {
    const auto &Cleared = Facts.of(FD).Cleared;
    auto It = Cleared.find(Owner);
    if (Owner->getType()->isPointerType() && It != Cleared.end() &&
        llvm::none_of(V.Out,
                      [&](const TakenOut &T) { return T.Member == Owner; }))
      Consider(LifeEnd::Cleared, FD->getCanonicalDecl(), It->second);
  }
  return Ends;
}

/// True if code that is not known has the member, or the object before \p End,
/// or another object has what was in it.
static bool isSeenElsewhere(const KeptHandles &K, const LifeEnd &End,
                            const LifetimeFacts &Facts,
                            llvm::ArrayRef<FunctionText> Texts) {
  const RecordDecl *Object = K.Place.Owner->getParent();
  return llvm::any_of(Texts, [&](const FunctionText &T) {
    const bool Ends = End.In == T.FD->getCanonicalDecl();
    if (llvm::any_of(K.Place.Members,
                     [&](const FieldDecl *M) {
                       return T.Text.PassedMembers.count(M) &&
                              (Ends || Facts.isOfThisFile(M->getParent()));
                     }) ||
        (Ends && T.Text.Copied.count(K.Place.Owner)))
      return true;
    const bool Before =
        Ends || (!Facts.isOfThisFile(Object) && Facts.calls(T.FD, End.In) &&
                 !Facts.calls(T.FD, K.In));
    return Before && T.Text.PassedObjects.count(Object);
  });
}

/// Nothing in the file gives back what an object keeps, and the file frees the
/// object, or what it keeps the handles in, or lets go of that.
void Ownership::judgeForgotten(const LifetimeFacts &Facts,
                               llvm::ArrayRef<FunctionText> Texts) {
  // What is lost in several members is lost once.
  llvm::MapVector<const Stmt *, std::pair<const KeptHandles *, LifeEnd>> Lost;
  for (const KeptHandles &K : Kept) {
    if (!isForgotten(K, Facts))
      continue;
    auto Ends = endsOf(K, Kept, Facts, Texts);
    auto End = llvm::find_if(Ends, [&](const LifeEnd &X) {
      return !isSeenElsewhere(K, X, Facts, Texts);
    });
    if (End == Ends.end())
      continue;
    auto [It, New] = Lost.try_emplace(K.Site, &K, *End);
    if (!New && End->How < It->second.second.How)
      It->second = {&K, *End};
  }
  for (const auto &[Site, What] : Lost) {
    const auto &[K, End] = What;
    const std::string How = End.How == LifeEnd::ObjectFreed
                                ? "the object is freed"
                            : End.How == LifeEnd::ArrayFreed ? "it is freed"
                                                             : "it is cleared";
    Reporter::Report Rep =
        reportAt(Leak::Name, End.In, End.Loc,
                 K->Fam->Plural + " that " + quoted(K->In) + " keeps in " +
                     quoted(K->Place.Owner) + " are not released before " +
                     How + "; " + K->Fam->ReleaseWith + " is missing",
                 "forgotten");
    Rep.Steps = K->Path;
    Rep.End = "nothing in this file has released them when " + How;
    R.add(Rep);
  }
}

/// One function gives back what an object keeps before it frees it, as all do
/// that give it back; another one only frees it.
void Ownership::judgeApart(const KeptHandles &K, const LifetimeFacts &Facts,
                           llvm::ArrayRef<FunctionText> Texts) {
  const RecordDecl *Object = K.Place.Owner->getParent();
  if (K.Failed || !isOwn(Object))
    return;
  // Those that others make have nothing to give back.
  if (llvm::any_of(Texts, [&](const FunctionText &T) {
        return T.Text.Made.count(Object) && !Facts.calls(T.FD, K.In) &&
               !Facts.calls(K.In, T.FD);
      }))
    return;
  llvm::SmallSetVector<const FunctionDecl *, 4> Releasing;
  for (const GivenBack &G : Given)
    if (gives(G, K, Facts))
      Releasing.insert(G.In);
  auto Frees = [&](const FunctionDecl *FD) {
    return llvm::any_of(Facts.frees(), [&](const Freeing &F) {
      return F.Object == Object && Facts.calls(FD, F.In);
    });
  };
  // Whoever is told to give it back is told so by who frees the object.
  for (size_t I = 0; I < Releasing.size(); ++I) {
    const FunctionDecl *FD = Releasing[I];
    if (Frees(FD))
      continue;
    if (Facts.of(FD).Callers.empty())
      return;
    for (const FunctionDecl *Caller : Facts.of(FD).Callers)
      Releasing.insert(Caller);
  }
  auto GivesBack = [&](const FunctionDecl *FD) {
    return llvm::any_of(
        Releasing, [&](const FunctionDecl *G) { return Facts.calls(FD, G); });
  };
  // Who makes or fills an object frees it before there is anything in it.
  auto Makes = [&](const FunctionDecl *FD) {
    return llvm::any_of(Texts,
                        [&](const FunctionText &T) {
                          return T.Text.Made.count(Object) &&
                                 Facts.calls(FD, T.FD);
                        }) ||
           fills(FD, K.Place.Owner, Kept);
  };
  auto Ends = [&](const Freeing &F) {
    return F.Object == Object && !Makes(F.In) && !Facts.calls(F.In, K.In) &&
           !isForFailures(F.In, K.In, Facts);
  };
  auto Other = llvm::find_if(Facts.frees(), [&](const Freeing &F) {
    return Ends(F) && GivesBack(F.In);
  });
  if (Other == Facts.frees().end())
    return;
  for (const Freeing &F : Facts.frees()) {
    auto Text = llvm::find_if(Texts, [&](const FunctionText &T) {
      return T.FD->getCanonicalDecl() == F.In;
    });
    if (!Ends(F) || GivesBack(F.In) || Text == Texts.end() ||
        Text->Text.PassedObjects.count(Object) ||
        Text->Text.Copied.count(K.Place.Owner))
      continue;
    // Those that call it may have given it back before.
    if (llvm::any_of(Facts.of(F.In).Callers, GivesBack))
      continue;
    Reporter::Report Rep =
        reportAt(Leak::Name, F.In, F.Call->getBeginLoc(),
                 K.Fam->Plural + " that " + quoted(K.In) + " keeps in " +
                     quoted(K.Place.Owner) +
                     " are not released before the object is freed; " +
                     quoted(Other->In) + " releases them",
                 "apart");
    Rep.Steps = K.Path;
    Rep.End = "the object is freed without " + K.Fam->ReleaseWith;
    R.add(Rep);
  }
}

/// The object is left in a state in which nobody gives back what it keeps.
void Ownership::judgeGuards(const KeptHandles &K, const LifetimeFacts &Facts,
                            llvm::ArrayRef<FunctionText> Texts) {
  if (K.Rough || K.Failed)
    return;
  auto Releases = releasesOf(K);
  if (Releases.empty() || isReleasedVaguely(K, Facts))
    return;
  const FieldDecl *Guard = nullptr;
  for (const GivenBack *G : Releases) {
    if (G->In == K.In)
      return;
    const FieldDecl *Contradicts = nullptr;
    for (const auto &[F, Left] : K.Beside)
      for (const auto &[Asked, Wanted] : G->When) {
        Range Both = Left;
        Both.intersect(Wanted);
        if (F == Asked && Both.empty())
          Contradicts = F;
      }
    if (!Contradicts)
      return;
    Guard = Contradicts;
  }
  // It may be set later.
  for (const auto &[FD, V] : Texts)
    if (V.Assigned.count(Guard) && FD->getCanonicalDecl() != K.In &&
        llvm::none_of(Releases, [&, FD = FD](const GivenBack *G) {
          return G->In == FD->getCanonicalDecl();
        }))
      return;
  Reporter::Report Rep =
      reportAt(Leak::Name, K.In, K.Loc,
               K.Fam->Plural + " are kept in " + quoted(K.Place.Owner) +
                   ", but " + quoted(Guard) + " is left so that " +
                   quoted(Releases.front()->In) + " does not release them",
               "guard");
  Rep.Steps = K.Path;
  Rep.End = "nobody releases them from here on";
  R.add(Rep);
}

/// A second call of the function drops what the first one has left.
void Ownership::judgeReplaced(const KeptHandles &K,
                              const LifetimeFacts &Facts) {
  if (!K.MayReplace || K.Failed || K.Rough || !Facts.isRepeatable(K.In))
    return;
  Reporter::Report Rep =
      reportAt(Leak::Name, K.In, K.Loc,
               "the " + K.Fam->Noun + " that " + quoted(K.Place.Owner) +
                   " may have from an earlier call is overwritten; " +
                   K.Fam->ReleaseWith + " is missing",
               "replaced");
  Rep.Steps = K.Path;
  Rep.End = quoted(K.Place.Owner) + " is overwritten without a look at it";
  R.add(Rep);
}

/// A pointer is taken out of its member, which is cleared, and forgotten, while
/// others that do the same pass it on.
void Ownership::judgeCleared(llvm::ArrayRef<FunctionText> Texts) {
  struct Taker {
    const FunctionDecl *In;
    TakenOut T;
  };
  std::vector<Taker> Takers;
  for (const auto &[FD, V] : Texts)
    for (const TakenOut &T : V.Out)
      if (T.Cleared)
        Takers.push_back({FD, T});
  for (const Taker &X : Takers) {
    if (X.T.Used)
      continue;
    auto It = llvm::find_if(Takers, [&](const Taker &Y) {
      return Y.T.Member == X.T.Member && Y.T.Passed;
    });
    if (It == Takers.end())
      continue;
    Reporter::Report Rep = reportAt(Leak::Name, X.In, X.T.Loc,
                                    "what " + quoted(X.T.Member) +
                                        " keeps is taken out here and lost; " +
                                        quoted(It->In) + " does not lose it",
                                    "cleared");
    Rep.End = quoted(X.T.Into) + " is not used, and " + quoted(X.T.Member) +
              " is cleared";
    R.add(Rep);
  }
}

/// A loop that gives back what an array keeps leaves out its first or last
/// elements, and the array goes.
void Ownership::judgeRanges(const LifetimeFacts &Facts,
                            llvm::ArrayRef<FunctionText> Texts) {
  for (const auto &[FD, V] : Texts)
    for (const ReleaseLoop &L : V.Loops) {
      bool Short = !L.Inclusive && ((L.First == 0 && L.Short > 0) ||
                                    (L.First > 0 && L.Short == 0));
      if (!Short || !isa<MemberExpr>(L.Bound))
        continue;
      bool Elsewhere = llvm::any_of(V.Releases,
                                    [&, &L = L](const auto &X) {
                                      return X.second != L.Loop;
                                    }) ||
                       llvm::any_of(V.Elements, [&](const auto &X) {
                         return X.first == L.Array && X.second != L.Loop;
                       });
      bool Freed = llvm::any_of(Facts.frees(), [&](const Freeing &F) {
        return F.In == FD->getCanonicalDecl() &&
               (F.Object == L.Array->getParent() ||
                memberIn(F.Call->getArg(0)) == L.Array);
      });
      if (Elsewhere || !Freed)
        continue;
      std::string Which = L.First > 0 ? "first" : "last";
      Reporter::Report Rep =
          reportAt(Leak::Name, FD, L.Loop->getBeginLoc(),
                   "the loop leaves out the " + Which + " of the pages in " +
                       quoted(L.Array) + ", which is freed next; '" +
                       L.Release + "' is missing for it",
                   "range");
      Rep.End = L.First > 0
                    ? "the loop begins with element " + std::to_string(L.First)
                    : "the loop ends before element '" + R.text(L.Bound) +
                          " - " + std::to_string(L.Short) + "'";
      R.add(Rep);
    }
}

/// The operations that lead to \p FD, also by way of being given to somebody
/// who calls it.
static llvm::SmallVector<EntryPoint, 4>
operationsOf(const FunctionDecl *FD, const LifetimeFacts &Facts,
             llvm::ArrayRef<FunctionText> Texts) {
  llvm::SmallVector<EntryPoint, 4> Out;
  llvm::SetVector<const FunctionDecl *> Todo;
  Todo.insert(FD->getCanonicalDecl());
  for (unsigned I = 0; I < Todo.size(); ++I) {
    const FunctionDecl *F = Todo[I];
    Out.append(Facts.of(F).Entries.begin(), Facts.of(F).Entries.end());
    for (const auto &[Other, V] : Texts)
      if (V.Functions.count(F))
        Todo.insert(Other->getCanonicalDecl());
  }
  return Out;
}

/// An object's last operation reaches nothing that gives back what the others
/// have acquired for it.
void Ownership::judgeEntries(const LifetimeFacts &Facts,
                             llvm::ArrayRef<FunctionText> Texts) {
  // Whoever has a release of pages in it may be meant.
  llvm::SmallVector<const FunctionDecl *, 8> Releasing;
  for (const auto &[FD, V] : Texts)
    if (V.Puts)
      Releasing.push_back(FD);
  for (const Source &X : Sources) {
    // Of other things it is not known who has a release in it.
    if (X.Fam->Group.empty())
      continue;
    // What another file's function acquires, another one there gives back.
    const auto *C = dyn_cast<CallExpr>(X.Site);
    const FunctionDecl *F = C ? C->getDirectCallee() : nullptr;
    if (F && !F->hasBody() && !protocolOf(C, *R.options().Protos))
      continue;
    // What callers find, they see to themselves.
    if (!X.Gone && !Facts.of(X.In).Callers.empty())
      continue;
    const FunctionDecl *Releaser = nullptr;
    for (const GivenBack &G : Given)
      if (G.isOfGroup(*X.Fam) && G.Direct && !Facts.calls(G.In, X.In) &&
          llvm::is_contained(Facts.bodies(), G.In))
        Releaser = G.In;
    if (!Releaser)
      continue;
    auto Reaches = [&](const FunctionDecl *From) {
      return llvm::any_of(Releasing, [&](const FunctionDecl *To) {
        return To->getCanonicalDecl() != X.In && Facts.calls(From, To);
      });
    };
    auto EndsLife = [&](const EntryPoint &E) {
      return Facts.endsLife(E.Member->getName());
    };
    for (const EntryPoint &E : operationsOf(X.In, Facts, Texts)) {
      if (EndsLife(E))
        continue;
      const FunctionDecl *Last = nullptr;
      bool Released = false;
      for (const FunctionDecl *FD : Facts.bodies()) {
        const FunctionFacts &F = Facts.of(FD);
        bool Ends = llvm::any_of(F.Entries, EndsLife);
        if (llvm::any_of(F.Entries, [&](const EntryPoint &Y) {
              return Y.Table == E.Table && EndsLife(Y) &&
                     (!Y.Variable || !E.Variable || Y.Variable == E.Variable);
            }))
          Last = FD;
        // Whoever is called back, or by other files, may be called then, too,
        // unless it is there to acquire.
        bool Open =
            FD->isExternallyVisible() || (F.AddressTaken && F.Entries.empty());
        if (Ends || (Open && !Facts.calls(FD, X.In)))
          Released |= Reaches(FD);
      }
      if (Released || !Last)
        continue;
      Reporter::Report Rep =
          reportAt(Leak::Name, Last, Last->getLocation(),
                   quoted(Last) + " ends without releasing the " +
                       X.Fam->Plural + " that " + quoted(X.In) + " keeps; " +
                       quoted(Releaser) + " is not reached from here",
                   "entry");
      Rep.Steps = Trace{
          {X.Site->getBeginLoc(), X.Fam->Plural + " are acquired here", 0}};
      Rep.End = "the last operation on the object";
      R.add(Rep);
    }
  }
}
