//===- Ownership.cpp - Handles that objects keep --------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Ownership.h"
#include "Leak.h"
#include "MismatchedRelease.h"
#include "OverRelease.h"
#include "frontend/LifetimeFacts.h"
#include "clang/AST/Decl.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"

using namespace pinlint;
using namespace clang;

bool Ownership::concerns(llvm::StringRef CheckName) {
  return CheckName == Leak::Name || CheckName == OverRelease::Name ||
         CheckName == MismatchedRelease::Name;
}

bool OwnerPlace::overlaps(const OwnerPlace &P) const {
  return llvm::is_contained(Members, P.Owner) ||
         llvm::is_contained(P.Members, Owner);
}

/// Pages and what stands for user memory; references on other objects are
/// handed on in too many ways.
static bool isFollowed(const Family *Fam) {
  return Fam->Kind == Family::Pin || Fam->Kind == Family::Get ||
         (Fam->Kind == Family::Extract && !Fam->Group.empty());
}

bool GivenBack::gives(const Family &Of) const {
  return Fam ? Of.isGivenBackAs(Fam) : isOfGroup(Of);
}

/// The part of a value that was read from memory: what a page table entry or a
/// flag word is made of.
static const Term *loadIn(const Term *T) {
  const Term *Found = nullptr;
  visitTerms(T, [&](const Term *X) {
    if (!Found && X->kind() == Term::Load)
      Found = X;
    return !Found && X->kind() != Term::Sym;
  });
  return Found;
}

/// The place that the handle or pointer to handles \p V comes from; null if it
/// is not in memory.
static const Term *placeBehind(const Term *V) {
  V = stripConversions(V);
  if (V->kind() == Term::AddrOf)
    return V->op(0);
  const Term *L = loadIn(V);
  return L ? L->op(0) : nullptr;
}

/// Records of the file, or of a header beside it or that it includes by a name
/// in quotes, are what the file is about; those of other headers are
/// everybody's.
bool Ownership::isOwn(const RecordDecl *Object) {
  const SourceManager &SM = R.ast().getSourceManager();
  const FileID Main = SM.getMainFileID();
  const FileID ID = SM.getFileID(SM.getExpansionLoc(Object->getLocation()));
  if (ID == Main)
    return true;
  // Made up for a summary of another file: this one has no definition of it.
  if (ID.isInvalid())
    return false;
  if (auto It = OwnHeaders.find(ID); It != OwnHeaders.end())
    return It->second;
  auto File = SM.getFileEntryRefForID(ID);
  auto MainFile = SM.getFileEntryRefForID(Main);
  if (!MainIncludes)
    MainIncludes = includeLines(SM.getBufferData(Main));
  bool Own = File && MainFile &&
             (llvm::sys::path::parent_path(File->getName()) ==
                  llvm::sys::path::parent_path(MainFile->getName()) ||
              llvm::any_of(*MainIncludes, [&](const SourceScan::Include &I) {
                llvm::StringRef Name = I.Name;
                while (Name.consume_front("./") || Name.consume_front("../"))
                  ;
                return !I.Angled && !Name.empty() &&
                       File->getName().ends_with(("/" + Name).str());
              }));
  OwnHeaders[ID] = Own;
  return Own;
}

OwnerPlace Ownership::placeOf(const Term *Loc) {
  OwnerPlace P;
  // The outermost member of the object that has the handle itself.
  const FieldDecl *Outer = nullptr;
  bool SameObject = true;
  // The same for the owner: structures inside of structures have no life of
  // their own.
  bool OfOwner = false;
  for (; Loc; Loc = outwards(Loc)) {
    if (Loc->kind() == Term::Deref) {
      SameObject = Outer == nullptr;
      OfOwner = false;
    }
    if (Loc->kind() != Term::Field)
      continue;
    P.Members.push_back(Loc->fieldDecl());
    if (SameObject)
      Outer = Loc->fieldDecl();
    if ((!P.Owner || OfOwner) && isOwn(Loc->fieldDecl()->getParent())) {
      P.Owner = Loc->fieldDecl();
      OfOwner = true;
    }
  }
  if (!P.Owner)
    P.Owner = Outer;
  return P;
}

/// The object, as a location, that member \p Owner on the way to \p Loc is of.
static const Term *objectWith(const Term *Loc, const FieldDecl *Owner) {
  for (; Loc; Loc = outwards(Loc))
    if (Loc->kind() == Term::Field && Loc->fieldDecl() == Owner)
      return Loc->op(0);
  return nullptr;
}

bool pinlint::isLocal(const Term *Loc) {
  const Term *Root = rootOf(Loc);
  return Root->kind() == Term::Var && !Root->isExternal();
}

/// Keeps of two accounts of the same what both say.
static void meet(MemberRanges &To, const MemberRanges &From) {
  llvm::erase_if(To, [&](auto &X) {
    auto It =
        llvm::find_if(From, [&](const auto &Y) { return Y.first == X.first; });
    if (It == From.end())
      return true;
    X.second = X.second.hull(It->second);
    return X.second.full();
  });
}

/// The places outside of the function's own variables that have the handle of
/// \p O, or the pointer to the array of them.
static llvm::SmallVector<const Term *, 4> slotsOf(const State &S,
                                                  const Obligation &O) {
  llvm::SmallVector<const Term *, 4> Slots;
  auto AddHolders = [&](const Term *V) {
    for (const auto &KV : S.Store)
      if (!KV.second->isConst() && !isLocal(KV.first) &&
          (KV.second == V || mentions(KV.second, V)))
        Slots.push_back(KV.first);
  };
  const Term *Handle = O.Handle;
  if (Handle->kind() == Term::Element)
    Handle = Handle->op(0);
  if (Handle->kind() == Term::Load)
    Slots.push_back(Handle->op(0));
  AddHolders(O.Handle);
  // A container in an object that has taken them over.
  if (O.Holder && O.Holder->kind() == Term::Field && !isLocal(O.Holder))
    Slots.push_back(O.Holder);
  for (const Binding &B : S.Bindings) {
    if (B.Array != Handle || isLocal(B.Base))
      continue;
    const Term *Ptr = B.Base->kind() == Term::Deref
                          ? stripConversions(B.Base->op(0))
                          : B.Base;
    if (Ptr->kind() != Term::Sym)
      Slots.push_back(B.Base);
    if (Ptr->kind() != Term::Load)
      AddHolders(Ptr);
    if (Ptr == B.Base)
      AddHolders(S.M->TC.addrOf(Ptr));
  }
  return Slots;
}

void Ownership::noteOthers(const Leaving &L, const Obligation &O) {
  for (const Term *Slot : slotsOf(L.S, O)) {
    OwnerPlace P = placeOf(Slot);
    if (P.Owner && llvm::none_of(Others, [&](const auto &X) {
          return X.second == O.Fam && X.first.Owner == P.Owner;
        }))
      Others.push_back({P, O.Fam});
  }
}

void Ownership::noteKept(const Leaving &L, const Obligation &O) {
  const State &S = L.S;
  for (const Term *Slot : slotsOf(S, O)) {
    KeptHandles K;
    K.Place = placeOf(Slot);
    // What a union without a name has depends on other members.
    if (!K.Place.Owner || !K.Place.Owner->getIdentifier())
      continue;
    K.Fam = O.Fam;
    K.In = L.Function->getCanonicalDecl();
    K.Site = O.Site;
    K.Loc = O.Site->getBeginLoc();
    K.Failed = L.Failed;
    K.Rough = S.Rough;
    K.Many = O.Form == Effect::Array && !S.rangeOf(O.Count).isOnly(1);
    TermContext &TC = S.M->TC;
    // What was there before is gone for good if nobody has seen it.
    K.MayReplace = false;
    if (Slot->isExternal() && !K.Many && Slot->kind() == Term::Field) {
      const Term *Old = TC.load(
          Slot, nullptr, boundsOfType(Slot->fieldDecl()->getType(), R.ast()));
      auto Named = [&](const Term *T) { return T && mentions(T, Old); };
      K.MayReplace =
          S.rangeOf(Old).Hi > 0 && !Named(S.Returned) &&
          llvm::none_of(S.Escaped,
                        [&](const Escape &E) { return Named(E.What); }) &&
          llvm::none_of(S.Log,
                        [&](const Effect &E) {
                          return Named(E.Subject) || E.Form == Effect::Contents;
                        }) &&
          llvm::none_of(S.Store, [&](const auto &KV) {
            return !isLocal(KV.first) && Named(KV.second);
          });
    }
    if (const Term *Object = objectWith(Slot, K.Place.Owner)) {
      for (const FieldDecl *F : K.Place.Owner->getParent()->fields()) {
        if (!F->getType()->isIntegerType() && !F->getType()->isPointerType())
          continue;
        const Term *At = TC.field(Object, F);
        const Term *V = S.load(At, boundsOfType(F->getType(), R.ast()));
        if (O.Form == Effect::Array && F->getType()->isIntegerType() &&
            S.provablyEqual(V, O.Count))
          K.Counts.push_back(F);
        if (!S.Store.lookup(At))
          continue;
        Range Now = S.rangeOf(S.simplify(V));
        if (!Now.full() && F->getType()->isIntegerType())
          K.Beside.push_back({F, Now});
      }
    }
    // A member that the path has asked before it sets it guards the slot.
    auto Guards = [&](const auto &KV) {
      if (KV.first == Slot || KV.first->kind() != Term::Field ||
          !KV.first->isExternal())
        return false;
      QualType Ty = KV.first->fieldDecl()->getType();
      if (!Ty->isIntegerType() && !Ty->isPointerType())
        return false;
      const Term *Before =
          TC.load(KV.first, nullptr, boundsOfType(Ty, R.ast()));
      return Before != KV.second && !(S.rangeOf(Before) == Before->bounds());
    };
    K.MayReplace = K.MayReplace && llvm::none_of(S.Store, Guards);
    auto It = llvm::find_if(Kept, [&](const KeptHandles &X) {
      return X.In == K.In && X.Site == K.Site &&
             X.Place.Owner == K.Place.Owner && X.Failed == K.Failed;
    });
    if (It == Kept.end()) {
      K.Path = renderPath(R.ast(), S.Path, O.At ? O.At->Parent : nullptr);
      Kept.push_back(std::move(K));
      continue;
    }
    if (K.MayReplace && !It->MayReplace) {
      It->MayReplace = true;
      It->Path = renderPath(R.ast(), S.Path, O.At ? O.At->Parent : nullptr);
    }
    It->Rough &= K.Rough;
    for (const FieldDecl *F : K.Place.Members)
      if (!llvm::is_contained(It->Place.Members, F))
        It->Place.Members.push_back(F);
    meet(It->Beside, K.Beside);
    llvm::erase_if(It->Counts, [&](const FieldDecl *F) {
      return !llvm::is_contained(K.Counts, F);
    });
  }
}

void Ownership::noteGivenBack(const Leaving &L, const Effect &E) {
  GivenBack G;
  G.Fam = E.Fam;
  G.Group = E.Group;
  G.In = L.Function->getCanonicalDecl();
  if (E.Inner && !E.Inner->empty())
    G.Loc = E.Inner->front().Loc;
  G.Direct = E.Inner && E.Inner->size() <= 1;
  if (E.Form == Effect::Contents)
    G.Vague = true;
  else if (const Term *Loc = placeBehind(E.Subject)) {
    G.Place = placeOf(Loc);
    const Term *Object =
        G.Place.Owner ? objectWith(Loc, G.Place.Owner) : nullptr;
    G.Stays = Object && Loc->kind() == Term::Field && !E.May && !L.S.Rough &&
              llvm::none_of(
                  L.S.Store,
                  [&](const auto &KV) { return isWithin(KV.first, Object); }) &&
              llvm::none_of(L.S.Log, [](const Effect &X) {
                return X.Kind != Effect::Release && X.Kind != Effect::Use;
              });
  }
  // On its own parameter: it depends on the caller what that was kept in.
  if (!G.Vague && !G.Place.Owner)
    return;
  if (E.Count && E.Count->kind() == Term::Load &&
      E.Count->op(0)->kind() == Term::Field)
    G.Count = E.Count->op(0)->fieldDecl();
  if (E.Fam)
    G.By = E.Fam->ReleaseWith;
  for (const auto &KV : L.S.Ranges)
    if (KV.first->kind() == Term::Load && KV.first->isExternal() &&
        KV.first->op(0)->kind() == Term::Field &&
        KV.first->op(0)->fieldDecl()->getType()->isIntegerType())
      G.When.push_back({KV.first->op(0)->fieldDecl(), Range(KV.second)});
  for (GivenBack &X : Given)
    if (X.In == G.In && X.Loc == G.Loc && X.Fam == G.Fam &&
        X.Place.Owner == G.Place.Owner && X.Vague == G.Vague) {
      meet(X.When, G.When);
      X.Stays |= G.Stays;
      if (X.Count != G.Count)
        X.Count = nullptr;
      return;
    }
  Given.push_back(std::move(G));
}

void Ownership::noteBorrowed(const Leaving &L) {
  const State &S = L.S;
  auto Note = [&](const Term *Slot, const Term *V) {
    V = stripConversions(V);
    // Other paths have left the slot alone.
    if (auto It = S.M->Parts.find(V); It != S.M->Parts.end())
      for (const Term *P : It->second)
        if (P->kind() == Term::Load && P->op(0) != Slot)
          V = P;
    if (V->kind() != Term::Load || V->op(0)->kind() != Term::Field ||
        isLocal(V->op(0)) || V->op(0) == Slot)
      return;
    const FieldDecl *From = V->op(0)->fieldDecl();
    // Taken along, or for the first object only.
    const auto *Now = S.Store.lookup(V->op(0));
    if (!From->getType()->isPointerType() ||
        (Now && stripConversions(*Now) != V) ||
        llvm::any_of(S.Held,
                     [&](const Obligation &O) { return O.Handle == V; }))
      return;
    OwnerPlace P = placeOf(Slot);
    if (!P.Owner || P.Owner == From ||
        P.Owner->getParent() == placeOf(V->op(0)).Owner->getParent())
      return;
    const FunctionDecl *In = L.Function->getCanonicalDecl();
    if (llvm::none_of(Lent, [&](const Borrowed &B) {
          return B.In == In && B.Place.Owner == P.Owner && B.From == From;
        }))
      Lent.push_back({P, From, In});
  };
  for (const auto &KV : S.Store)
    if (KV.first->kind() == Term::Field &&
        rootOf(KV.first)->kind() == Term::Deref && !isLocal(KV.first))
      Note(KV.first, KV.second);
}

void Ownership::leaving(const Leaving &L) {
  noteBorrowed(L);
  for (const Effect &E : L.S.Log)
    if (E.Kind == Effect::Release &&
        (!E.Group.empty() || (E.Fam && isFollowed(E.Fam))))
      noteGivenBack(L, E);
  for (const Obligation &O : L.S.Held) {
    if (!isFollowed(O.Fam) || O.Extra) {
      if (!O.Fam->Group.empty())
        noteOthers(L, O);
      continue;
    }
    const Term *Amount = O.Form == Effect::Array ? O.Count : O.Handle;
    if (L.S.rangeOf(Amount).Hi <= 0)
      continue;
    // What an iterator lends is kept with a reference of one's own.
    if (O.Fam->Kind == Family::Extract &&
        llvm::any_of(L.S.Held, [&](const Obligation &X) {
          return X.Extra &&
                 (X.Handle == O.Handle || (X.Handle->kind() == Term::Element &&
                                           X.Handle->op(0) == O.Handle));
        }))
      continue;
    const FunctionDecl *In = L.Function->getCanonicalDecl();
    // Nobody but code that is not known can find it, or the object that has it.
    auto IsEscaped = [&](const Term *T) { return L.S.mayBeTaken(T); };
    auto Slots = slotsOf(L.S, O);
    bool Found = llvm::any_of(
        Slots, [](const Term *Slot) { return rootOf(Slot)->isExternal(); });
    bool Gone =
        !Found &&
        (IsEscaped(O.Handle) || llvm::any_of(Slots, [&](const Term *Slot) {
           const Term *Root = rootOf(Slot);
           return Root->kind() == Term::Deref && IsEscaped(Root->op(0));
         }));
    if (!L.Failed && llvm::none_of(Sources, [&](const Source &X) {
          return X.In == In && X.Site == O.Site && X.Gone == Gone;
        }))
      Sources.push_back({In, O.Fam, O.Site, Gone});
    noteKept(L, O);
  }
}

void Ownership::strayRelease(const StrayRelease &X) {
  if (X.E.Group.empty() && (!X.E.Fam || !isFollowed(X.E.Fam)))
    return;
  const FunctionDecl *In = X.Function->getCanonicalDecl();
  if (llvm::any_of(Given, [&](const GivenBack &G) {
        return G.Vague && G.In == In && G.Loc == X.Site->getBeginLoc();
      }))
    return;
  GivenBack G;
  G.Fam = X.E.Fam;
  G.Group = X.E.Group;
  G.In = In;
  G.Loc = X.Site->getBeginLoc();
  G.Direct = X.E.Inner == nullptr;
  G.Vague = true;
  Given.push_back(std::move(G));
}

llvm::SmallVector<const GivenBack *, 4>
Ownership::releasesOf(const KeptHandles &K) const {
  llvm::SmallVector<const GivenBack *, 4> Out;
  for (const GivenBack &G : Given)
    if (!G.Vague && G.isOfGroup(*K.Fam) && G.Place.overlaps(K.Place))
      Out.push_back(&G);
  return Out;
}

bool Ownership::gives(const GivenBack &G, const KeptHandles &K,
                      const LifetimeFacts &Facts) const {
  if (G.In == K.In || !G.isOfGroup(*K.Fam))
    return false;
  return G.Vague ? mayGiveBack(G, K, Facts)
                 : G.Place.overlaps(K.Place) ||
                       (G.Place.Owner && G.Place.Owner->getParent() ==
                                             K.Place.Owner->getParent());
}

bool Ownership::mayGiveBack(const GivenBack &G, const KeptHandles &K,
                            const LifetimeFacts &Facts) const {
  const RecordDecl *Object = K.Place.Owner->getParent();
  return !llvm::is_contained(Facts.bodies(), G.In) ||
         llvm::any_of(Facts.of(G.In).Named, [&](const Decl *M) {
           const auto *F = dyn_cast<FieldDecl>(M);
           return F && (llvm::is_contained(K.Place.Members, F) ||
                        F->getParent() == Object);
         });
}

bool Ownership::isReleasedVaguely(const KeptHandles &K,
                                  const LifetimeFacts &Facts) const {
  return llvm::any_of(Given, [&](const GivenBack &G) {
    return G.Vague && G.In != K.In && G.isOfGroup(*K.Fam) &&
           mayGiveBack(G, K, Facts);
  });
}
