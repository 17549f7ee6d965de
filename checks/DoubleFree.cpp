//===- DoubleFree.cpp - Objects that are freed twice ----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "DoubleFree.h"
#include "clang/Basic/SourceManager.h"

using namespace pinlint;
using namespace clang;

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
  Rep.TellsWayIn = true;
  Rep.To = F.S.Path;
  // Whatever was joined for want of room: the object is dead on all of it.
  Rep.Rough = F.S.Rough && (F.D.Fam || F.D.MayBeLast);
  std::string How = F.D.Fam ? "put" : "freed";
  Rep.Begin =
      objectName(F) + " is " + How + " here by '" + calleeName(F.D.Site) + "'";
  Rep.BeginInner = F.D.Inner;
  Rep.Held = How;
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
  if (F.D.Inner || F.Inner)
    Rep.Level = Confidence::Medium;
  Rep.End = "it is freed again here";
  Rep.HeldAtEnd = "freed twice";
  R.add(Rep);
}

/// The declaration that tells slots apart: a field, a variable, or the
/// parameter that points to the slot.
static const Decl *declOf(const Term *Slot, const FunctionDecl *FD) {
  if (Slot->kind() == Term::Field)
    return Slot->fieldDecl();
  if (Slot->kind() == Term::Var)
    return Slot->varDecl()->getCanonicalDecl();
  if (Slot->kind() == Term::Deref && Slot->op(0)->kind() == Term::Param &&
      unsigned(Slot->op(0)->number()) < FD->getNumParams())
    return FD->getParamDecl(Slot->op(0)->number())->getCanonicalDecl();
  return nullptr;
}

/// The members on the way to \p Slot, from the slot outwards.
static llvm::SmallVector<const FieldDecl *, 4> membersOf(const Term *Slot) {
  llvm::SmallVector<const FieldDecl *, 4> Members;
  for (const Term *Loc = Slot; Loc; Loc = outwards(Loc))
    if (Loc->kind() == Term::Field)
      Members.push_back(Loc->fieldDecl());
  return Members;
}

/// True if two slots with the same last member may be one: a structure that
/// many have inside of theirs is told by what has it.
static bool mayBeSame(llvm::ArrayRef<const FieldDecl *> A,
                      llvm::ArrayRef<const FieldDecl *> B) {
  const size_t N = std::min(A.size(), B.size());
  return A.take_front(N) == B.take_front(N);
}

/// True if the path of \p X has looked at what was in the slot at first.
static bool isEntryUsed(const Dangling &X) {
  auto IsEntry = [&](const Term *T) {
    return T->kind() == Term::Load && T->numOps() == 1 && T->op(0) == X.Slot;
  };
  return llvm::any_of(X.S.Dead, [&](auto &D) { return IsEntry(D.Handle); }) ||
         llvm::any_of(X.S.Ranges, [&](auto &KV) { return IsEntry(KV.first); });
}

void DoubleFree::leftDangling(const Dangling &X) {
  const Decl *Slot = declOf(X.Slot, X.Function);
  if (!Slot || X.Name.empty())
    return;
  // Who is told of a failure does not look at what he would have been given, if
  // the file's own callers and those of an operation are like most.
  if (X.Failed && X.Slot->kind() == Term::Deref &&
      !X.Function->isExternallyVisible())
    return;
  // An address that is kept as a number is not used as a pointer.
  if (const auto *V = dyn_cast<ValueDecl>(Slot);
      V && V->getType()->isIntegerType())
    return;
  SourceLocation FreedAt = X.D.Inner && !X.D.Inner->empty()
                               ? X.D.Inner->back().Loc
                               : X.D.Site->getBeginLoc();
  if (!Known
           .insert(
               {X.Function->getCanonicalDecl(), Slot, FreedAt.getRawEncoding()})
           .second)
    return;
  Left L;
  L.Slot = Slot;
  L.Members = membersOf(X.Slot);
  L.FreedAt = FreedAt;
  L.Own = X.D.Handle->kind() != Term::Load || X.D.Handle->op(0) != X.Slot;
  L.Unfinished = L.Own && X.Failed && !isEntryUsed(X);
  L.Failed = X.Failed;
  L.IsReference = X.D.Fam != nullptr;
  L.Spelt = X.Name;
  if (const auto *C = dyn_cast<CallExpr>(X.D.Site))
    if (const FunctionDecl *Callee = C->getDirectCallee())
      L.FreedBy = Callee->getCanonicalDecl();
  L.Rep.Check = Name;
  L.Rep.Function = X.Function;
  L.Rep.Loc = X.D.Site->getBeginLoc();
  L.Rep.Steps =
      renderPath(R.ast(), X.S.Path, X.D.At ? X.D.At->Parent : nullptr);
  L.Rep.Begin = "'" + X.Name + "' is " + (X.D.Fam ? "put" : "freed") +
                " here by '" + calleeName(X.D.Site) + "'";
  L.Rep.End = "the function returns with '" + X.Name +
              "' still pointing to the dead object";
  L.Rep.Key = std::to_string(FreedAt.getRawEncoding());
  Slots.push_back(std::move(L));
}

/// True if \p FD runs once, before anything else of its module does: if it
/// fails, nobody comes to what it leaves behind. Linux frees such sections
/// after that (include/linux/init.h).
static bool runsOnce(const FunctionDecl *FD) {
  return llvm::any_of(FD->redecls(), [](const FunctionDecl *D) {
    const auto *Section = D->getAttr<SectionAttr>();
    return Section && Section->getName().starts_with(".init");
  });
}

/// True if \p FD can be called again while what it works on lives on: it is
/// reached through operations like ioctl, not only through those that end a
/// life.
static bool canComeAgain(const FunctionDecl *FD, const LifetimeFacts &Facts) {
  return llvm::any_of(Facts.entriesOf(FD), [](const EntryPoint &E) {
    return E.Role != EntryPoint::End;
  });
}

/// True if \p FD is reached by way of operations that begin a life only.
static bool beginsByTable(const FunctionDecl *FD, const LifetimeFacts &Facts) {
  const auto Entries = Facts.entriesOf(FD);
  return !FD->isExternallyVisible() && !Entries.empty() &&
         llvm::all_of(Entries, [](const EntryPoint &E) {
           return E.Role == EntryPoint::Begin;
         });
}

/// True if \p FD runs only while an object's life begins: if that fails, nobody
/// ends it.
static bool onlyBegins(const FunctionDecl *FD, const LifetimeFacts &Facts) {
  if (Facts.beginsLife(FD->getName()))
    return true;
  if (beginsByTable(FD, Facts))
    return true;
  const auto &Callers = Facts.of(FD).Callers;
  return !FD->isExternallyVisible() && !Callers.empty() &&
         llvm::all_of(Callers, [&](const FunctionDecl *F) {
           return Facts.beginsLife(F->getName());
         });
}

/// True if a member beside \p Member is lowered where that is freed, and asked
/// elsewhere by those that come to it.
static bool isSaidBeside(const FunctionDecl *FreedIn, const FieldDecl &Member,
                         const LifetimeFacts &Facts) {
  return llvm::any_of(Facts.of(FreedIn).Lowered, [&](const Decl *D) {
    const auto *Beside = dyn_cast<FieldDecl>(D);
    return Beside && Beside->getParent() == Member.getParent() &&
           llvm::any_of(Facts.bodies(), [&](const FunctionDecl *F) {
             const FunctionFacts &X = Facts.of(F);
             return F->getCanonicalDecl() != FreedIn->getCanonicalDecl() &&
                    X.Named.count(&Member) && X.Asked.count(Beside);
           });
  });
}

/// How sure it is that what \p FD leaves behind is found by somebody, where
/// other functions do not say who: one that cannot fail, and is not one of an
/// object's operations, is called where the object is about to end as likely as
/// not.
static Confidence levelFor(const FunctionDecl *FD, const LifetimeFacts &Facts) {
  return FD->getReturnType()->isVoidType() && Facts.entriesOf(FD).empty()
             ? Confidence::Low
             : Confidence::Medium;
}

/// True if \p FD fails while the life of an object with member \p Slot begins,
/// and nobody who knows that comes to it after that.
static bool endsWithBeginning(const FunctionDecl *FD, const Decl *Slot,
                              const LifetimeFacts &Facts) {
  return isa<FieldDecl>(Slot) && onlyBegins(FD, Facts) &&
         !Facts.of(FD).IgnoredBy && !Facts.isNamedByCallers(FD, Slot);
}

/// What is done elsewhere in the same case; empty if nothing is.
std::string DoubleFree::habit(const Left &L, const LifetimeFacts &Facts) const {
  const FunctionDecl *FD = L.Rep.Function->getCanonicalDecl();
  const FunctionFacts &F = Facts.of(FD);
  bool Lives = !Facts.endsLife(FD->getName()) && !onlyBegins(FD, Facts);
  // To clear it before it is filled is no more than to begin.
  bool Clears = F.Cleared.count(L.Slot) && !(L.Own && L.IsReference);
  if (Clears && L.Unfinished) {
    SourceLocation Filled = F.Filled.lookup(L.Slot);
    bool Later = Filled.isInvalid() ||
                 R.ast().getSourceManager().isBeforeInTranslationUnit(
                     Filled, F.Cleared.lookup(L.Slot));
    // What a member of a new object points to goes with the object.
    Clears = Later && (!isa<FieldDecl>(L.Slot) ||
                       llvm::any_of(Facts.handovers(), [&](const Handover &H) {
                         return H.In == FD && H.Field == L.Slot && H.Cleared;
                       }));
  }
  if (Clears && !(L.Failed && endsWithBeginning(FD, L.Slot, Facts)))
    return "other paths of '" + FD->getNameAsString() + "' clear it";
  // What is done to most members of an object is done on purpose.
  const auto *Member = dyn_cast<FieldDecl>(L.Slot);
  const Handover *Alike = nullptr;
  int Habit = 0;
  for (const Handover &H : Facts.handovers())
    if (H.In == FD && H.Callee == L.FreedBy && H.Field != L.Slot) {
      Habit += H.Cleared ? 1 : -1;
      if (H.Cleared && Member && H.Field->getParent() == Member->getParent())
        Alike = &H;
    }
  if (Lives && Habit >= 0 && Alike)
    return "'" + Alike->Field->getNameAsString() +
           "' is cleared when what it points to is freed";
  // A reference that the function took went into the slot, and yet was put.
  if (L.Own && L.IsReference && !L.Unfinished)
    for (const Handover &H : Facts.handovers())
      if (H.Field == L.Slot && H.Callee == L.FreedBy && H.In != FD)
        return "'" + H.In->getNameAsString() + "' puts it again";
  return "";
}

/// Who comes to the slot and frees what is there once more; empty if nobody is
/// known to.
std::string DoubleFree::freedAgain(const Left &L,
                                   const LifetimeFacts &Facts) const {
  if (L.Own || L.IsReference)
    return "";
  const FunctionDecl *FD = L.Rep.Function->getCanonicalDecl();
  const FunctionFacts &F = Facts.of(FD);
  const bool Fallible = !FD->getReturnType()->isVoidType();
  const bool Lives = !Facts.endsLife(FD->getName()) && !onlyBegins(FD, Facts);
  // What happens where nothing has failed happens each time, and would be
  // known, but for what user space alone does twice.
  if (Fallible && F.Tested.count(L.Slot) && canComeAgain(FD, Facts) &&
      (L.Failed || Facts.isNamedByCallers(FD, L.Slot) ||
       Facts.isRepeatable(FD)))
    return "the next call of '" + FD->getNameAsString() +
           "' finds it where it looks for an object to free";
  auto FreesAgain = [&](const Left &O) {
    const FunctionDecl *Other = O.Rep.Function->getCanonicalDecl();
    return O.Slot == L.Slot && mayBeSame(O.Members, L.Members) && Other != FD &&
           O.FreedAt != L.FreedAt && !O.Own && !Facts.calls(FD, Other) &&
           !Facts.calls(Other, FD);
  };
  auto Again = [](const Left &O) {
    return "'" + O.Rep.Function->getNameAsString() + "' frees it again";
  };
  // Who does not look whether it has failed goes on with the object.
  if (L.Failed && F.IgnoredBy)
    if (auto O = llvm::find_if(Slots, FreesAgain); O != Slots.end())
      return "'" + F.IgnoredBy->getNameAsString() +
             "' does not look whether '" + FD->getNameAsString() +
             "' has failed, and " + Again(*O);
  // On whose behalf somebody is called back, that may be the last of an object.
  const bool IsCalled =
      FD->isExternallyVisible() || !Facts.of(FD).Entries.empty();
  if (Lives && IsCalled)
    for (const Left &O : Slots)
      if (Facts.endsLife(O.Rep.Function->getName()) && FreesAgain(O))
        return Again(O);
  // An object whose other members are reset lives on, until somebody frees it
  // and what it has.
  if (Lives && Facts.isReachable(FD) &&
      (!F.Lowered.empty() || !F.Cleared.empty()))
    for (const Handover &H : Facts.handovers())
      if (H.Frees && H.Field == L.Slot && H.In != FD &&
          Facts.endsLife(H.In->getName()) && !Facts.calls(FD, H.In) &&
          !Facts.calls(H.In, FD))
        return "'" + H.In->getNameAsString() + "' frees it again";
  return "";
}

void DoubleFree::judge(const LifetimeFacts &Facts) {
  for (const Left &Any : Slots) {
    std::string Why = habit(Any, Facts);
    Confidence Level = levelFor(Any.Rep.Function, Facts);
    if (Why.empty()) {
      Why = freedAgain(Any, Facts);
      Level = Confidence::Medium;
    }
    if (Why.empty() || runsOnce(Any.Rep.Function))
      continue;
    const FunctionDecl *In = Facts.functionAt(Any.FreedAt);
    if (const auto *Member = dyn_cast<FieldDecl>(Any.Slot);
        Member && (Facts.endsInCallers(Any.Rep.Function, Member) ||
                   (In && isSaidBeside(In, *Member, Facts))))
      continue;
    Reporter::Report Rep = Any.Rep;
    // A callee that is given the object that the slot is in is the one that
    // should have cleared it. Where it has, what came of that has been lost on
    // the way.
    if (In && Facts.of(In).Named.count(Any.Slot)) {
      const FunctionFacts &X = Facts.of(In);
      const bool Assigns =
          X.Cleared.count(Any.Slot) || X.Filled.count(Any.Slot);
      if (Assigns && llvm::none_of(Slots, [&](const Left &L) {
            return L.Slot == Any.Slot && L.FreedAt == Any.FreedAt &&
                   L.Rep.Function->getCanonicalDecl() == In->getCanonicalDecl();
          }))
        continue;
      Rep.Function = In;
      Rep.Loc = Any.FreedAt;
    }
    Rep.Message = "'" + Any.Spelt + "' keeps pointing to an object that is " +
                  (Any.IsReference ? "put" : "freed") + " here; " + Why;
    Rep.Level = Level;
    R.add(Rep);
  }
  reportHandovers(Facts);
}

/// Functions that nothing is known about, except that the pointers which they
/// are given are cleared next, in some places but not in others.
void DoubleFree::reportHandovers(const LifetimeFacts &Facts) {
  for (const Handover &H : Facts.handovers()) {
    // Of those with a body it is known that they free nothing.
    if (H.Known || H.Cleared || runsOnce(H.In) || H.Written ||
        H.Callee->isDefined() || Facts.endsLife(H.In->getName()))
      continue;
    // What is used after such a call was not freed by it.
    if (llvm::any_of(Facts.handovers(), [&](const Handover &O) {
          return O.Callee == H.Callee && O.Used;
        }))
      continue;
    // The same member elsewhere says most; another member is a hint where the
    // function asks whether there is an object, or clears what is beside it
    // while somebody else hands over the member again.
    const Handover *Habit = nullptr, *Again = nullptr;
    unsigned NumKept = 0;
    bool Asks = Facts.of(H.In).Tested.count(H.Field);
    // What another member says goes for functions that give something back.
    bool Gives = Facts.givesBack(H.Callee->getName()) ||
                 Facts.endsLife(H.Callee->getName());
    for (const Handover &O : Facts.handovers()) {
      if (O.Callee != H.Callee || (O.Field != H.Field && !(Asks && Gives)))
        continue;
      const bool Beside = O.Field->getParent() == H.Field->getParent();
      if (O.Cleared && Beside && !Habit)
        Habit = &O;
      else if (!O.Cleared && O.In != H.In)
        Again = &O;
      NumKept += !O.Cleared;
    }
    std::string Why;
    Trace Steps;
    auto Show = [&](const Handover &O) {
      Steps.push_back({O.Call->getBeginLoc(),
                       "'" + O.In->getNameAsString() + "' does so here", 0});
    };
    if (Habit && Gives && NumKept == 1) {
      Why = "'" + Habit->In->getNameAsString() + "' clears '" +
            Habit->Field->getNameAsString() + "' after the same call";
      Show(*Habit);
    } else if (H.Sibling && Gives && Again && Again->Field == H.Field) {
      Why = "'" + H.Sibling->getNameAsString() + "' is cleared, and '" +
            Again->In->getNameAsString() + "' hands over '" +
            H.Field->getNameAsString() + "' again";
      Show(*Again);
    } else {
      continue;
    }
    // Nobody comes to what could not begin, or ends next.
    if (beginsByTable(H.In, Facts) ||
        (!Facts.isReachable(H.In) && endsWithBeginning(H.In, H.Field, Facts)) ||
        Facts.endsInCallers(H.In, H.Field))
      continue;
    Reporter::Report Rep;
    Rep.Check = Name;
    Rep.Function = H.In->getDefinition();
    Rep.Loc = H.Call->getBeginLoc();
    Rep.Message = "'" + H.Field->getNameAsString() +
                  "' keeps pointing to what is handed to '" +
                  H.Callee->getNameAsString() + "' here; " + Why;
    Rep.Level = levelFor(H.In, Facts);
    Rep.Steps = std::move(Steps);
    Rep.End = "the member is left as it was";
    Rep.Key = std::to_string(Rep.Loc.getRawEncoding());
    R.add(Rep);
  }
}
