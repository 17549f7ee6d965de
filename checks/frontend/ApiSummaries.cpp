//===- ApiSummaries.cpp - Protocols as summaries --------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "ApiSummaries.h"
#include "clang/AST/Attr.h"
#include "clang/AST/Decl.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace pinlint;
using namespace clang;

ApiSummaries::ApiSummaries(const Protocols &P, ASTContext &Ctx, TermContext &TC,
                           bool Lifetimes)
    : P(P), Lifetimes(Lifetimes), Ctx(Ctx), TC(TC), Macros(P, Ctx),
      Shared(P, Ctx) {
  for (const ProtocolFamily *F : P.families())
    if (isFollowed(*F) && !F->Group.empty())
      FollowedGroups.insert(F->Group);
  for (const ProtocolFamily *F : P.families())
    for (const std::string &Last : F->ReleasedBefore)
      LastInOrder.insert(Last);
  ProtocolEffect Frees;
  Frees.Kind = ProtocolEffect::Free;
  Frees.Subject.Kind = ProtocolExpr::Arg;
  FreesByName.Effects.push_back(std::move(Frees));
}

bool pinlint::isFollowed(const ProtocolFamily &F) {
  // Memory and mappings have life cycles that other tools check; here they
  // matter as objects that die, not as debts.
  return (F.Kind != "ALLOC" || F.EndsWhenFreed) && F.Kind != "MAP" &&
         F.Kind != "LINK";
}

bool pinlint::matters(const Protocols &P, const ProtocolFunction &F,
                      bool Lifetimes) {
  return llvm::any_of(F.Effects, [&](const ProtocolEffect &E) {
    if (E.Kind == ProtocolEffect::Free)
      return Lifetimes;
    if (E.Kind != ProtocolEffect::Acquire && E.Kind != ProtocolEffect::Release)
      return false;
    const ProtocolFamily *Fam = P.family(E.Family);
    return !Fam || isFollowed(*Fam) ||
           (Fam->OnlyIfHeld && E.Kind == ProtocolEffect::Release);
  });
}

bool pinlint::startsActivity(const Protocols &P, const ProtocolEffect &E) {
  const ProtocolFamily *Fam =
      E.Kind == ProtocolEffect::Acquire && E.Of ? P.family(E.Family) : nullptr;
  return Fam && Fam->Kind == "MAP";
}

bool pinlint::fetches(const ProtocolFunction &F) {
  return F.does(ProtocolEffect::Fetch);
}

const Family *ApiSummaries::family(llvm::StringRef Name) {
  auto &Slot = Families[Name];
  if (Slot)
    return Slot.get();
  const ProtocolFamily *F = P.family(Name);
  if (!F)
    return nullptr;
  Slot = std::make_unique<Family>();
  Family *Out = Slot.get();
  Out->Name = F->Name;
  Out->Kind = llvm::StringSwitch<Family::KindTy>(F->Kind)
                  .Case("GET", Family::Get)
                  .Case("PIN", Family::Pin)
                  .Case("EXTRACT", Family::Extract)
                  .Case("ALLOC", Family::Alloc)
                  .Case("MAP", Family::Map)
                  .Case("LINK", Family::Link)
                  .Default(Family::Ref);
  Out->Noun = F->Noun;
  Out->Plural = F->Plural.empty() ? F->Noun + "s" : F->Plural;
  Out->ReleaseWith = F->ReleaseWith;
  Out->Group = F->Group;
  for (const std::string &Other : F->AlsoReleasedAs)
    if (const Family *O = family(Other))
      Out->AlsoReleasedAs.push_back(O);
  for (const std::string &Other : F->ReleasedBefore)
    if (const Family *O = family(Other))
      Out->ReleasedBefore.push_back(O);
  Out->OnlyIfHeld = F->OnlyIfHeld;
  Out->EndsWhenFreed = F->EndsWhenFreed;
  Out->IsRange = F->IsRange;
  Out->GoesLast = LastInOrder.contains(F->Name);
  Out->InOrder = Out->GoesLast || !F->ReleasedBefore.empty();
  return Out;
}

bool ApiSummaries::isInteresting(const FunctionDecl *FD) {
  if (!FD->getIdentifier())
    return false;
  const ProtocolFunction *F = P.lookup(FD->getName());
  if (!F)
    return Lifetimes && freesByName(P, FD);
  // Who hands something on may do so without having it.
  return matters(P, *F, Lifetimes) || F->does(ProtocolEffect::Transfer);
}

std::string pinlint::memberName(const FieldDecl *Member) {
  return (Member->getParent()->getName() + "." + Member->getName()).str();
}

bool ApiSummaries::owes(const FieldDecl *Operation) {
  return P.operations().count(memberName(Operation));
}

bool pinlint::freesByName(const Protocols &P, const FunctionDecl *FD) {
  if (!FD->getIdentifier() || FD->getNumParams() != 1 || FD->isDefined() ||
      !FD->getReturnType()->isVoidType())
    return false;
  QualType Ty = FD->getParamDecl(0)->getType();
  const auto *R =
      Ty->isPointerType() ? Ty->getPointeeType()->getAsRecordDecl() : nullptr;
  if (!R || R->getName().empty())
    return false;
  llvm::StringRef Name = FD->getName();
  return llvm::any_of(P.conventions().Frees, [&](llvm::StringRef Word) {
    // foo_free(), free_foo(), a_free_b().
    for (size_t At = Name.find(Word); At != llvm::StringRef::npos;
         At = Name.find(Word, At + 1)) {
      llvm::StringRef Before = Name.take_front(At),
                      After = Name.drop_front(At + Word.size());
      bool Whole = (Before.empty() || Before.consume_back("_")) &&
                   (After.empty() || After.consume_front("_"));
      std::string Rest =
          (Before + (Before.empty() || After.empty() ? "" : "_") + After).str();
      if (Whole && Rest == R->getName())
        return true;
    }
    return false;
  });
}

ApiSummaries::Signature ApiSummaries::signatureOf(const FunctionDecl *FD) {
  Signature Sig;
  Sig.FD = FD;
  Sig.Result = FD->getReturnType();
  for (const ParmVarDecl *P : FD->parameters())
    Sig.Params.push_back(P->getType());
  return Sig;
}

/// The name of \p FD; empty if it is none that a protocol could have.
static StringRef nameOf(const FunctionDecl *FD) {
  return FD->getIdentifier() ? FD->getName() : "";
}

bool ApiSummaries::givesBackByName(const FunctionDecl *FD) {
  return hasWord(nameOf(FD), P.conventions().GivesBack);
}

bool ApiSummaries::endsByName(const FunctionDecl *FD) {
  const auto &C = P.conventions();
  const StringRef Name = nameOf(FD);
  return hasWord(Name, C.GivesBack) || hasWord(Name, C.EndsLife) ||
         hasWord(Name, C.Frees);
}

bool ApiSummaries::isFetch(const FunctionDecl *FD) {
  const ProtocolFunction *F =
      FD->getIdentifier() ? P.lookup(FD->getName()) : nullptr;
  return F && fetches(*F);
}

llvm::ArrayRef<MacroRead> ApiSummaries::macroReads(const FunctionDecl *FD) {
  auto [It, New] = Reads.try_emplace(FD->getCanonicalDecl());
  if (New)
    It->second = Macros.find(FD);
  return It->second;
}

const Summary *ApiSummaries::summaryFor(const FunctionDecl *FD,
                                        unsigned NumArgs) {
  if (!FD->getIdentifier())
    return nullptr;
  auto [It, New] =
      Cache.try_emplace({FD->getCanonicalDecl(), NumArgs}, nullptr);
  if (!New)
    return It->second.get();
  const ProtocolFunction *F = P.lookup(FD->getName(), NumArgs);
  if (!F && Lifetimes && NumArgs == 1 && freesByName(P, FD))
    F = &FreesByName;
  if (!F)
    return nullptr;
  auto S = build(*F, signatureOf(FD));
  return (Cache[{FD->getCanonicalDecl(), NumArgs}] = std::move(S)).get();
}

const Summary *ApiSummaries::summaryForMember(const FieldDecl *Member,
                                              unsigned NumArgs) {
  auto [It, New] = Cache.try_emplace({Member, NumArgs}, nullptr);
  if (!New)
    return It->second.get();
  const auto *Proto =
      Member->getType()->isPointerType()
          ? Member->getType()->getPointeeType()->getAs<FunctionProtoType>()
          : nullptr;
  const ProtocolFunction *F = P.lookup(memberName(Member), NumArgs);
  if (!Proto || !F)
    return nullptr;
  Signature Sig;
  Sig.Result = Proto->getReturnType();
  Sig.Params.assign(Proto->param_type_begin(), Proto->param_type_end());
  auto S = build(*F, Sig);
  return (Cache[{Member, NumArgs}] = std::move(S)).get();
}

static const FieldDecl *
findField(const RecordDecl *R, llvm::StringRef Name,
          llvm::SmallVectorImpl<const FieldDecl *> &To) {
  for (const FieldDecl *F : R->fields()) {
    if (F->getName() == Name) {
      To.push_back(F);
      return F;
    }
    if (!F->isAnonymousStructOrUnion())
      continue;
    To.push_back(F);
    if (const auto *Inner = F->getType()->getAsRecordDecl())
      if (const FieldDecl *Found = findField(Inner, Name, To))
        return Found;
    To.pop_back();
  }
  return nullptr;
}

const Term *ApiSummaries::term(const ProtocolExpr &E, const Signature &Sig,
                               QualType *Type) {
  QualType Ignored;
  QualType &Ty = Type ? *Type : Ignored;
  switch (E.Kind) {
  case ProtocolExpr::Ret:
    Ty = Sig.Result;
    return TC.result(boundsOfType(Ty, Ctx));
  case ProtocolExpr::Arg:
    if (unsigned(E.Value) < Sig.Params.size())
      Ty = Sig.Params[E.Value];
    // A struct that is passed by value arrives as its address; what is passed
    // as a transparent union arrives as it is.
    if (const RecordDecl *RD = Ty.isNull() ? nullptr : Ty->getAsRecordDecl();
        RD && !RD->hasAttr<TransparentUnionAttr>())
      return TC.load(TC.deref(TC.param(E.Value, Range())), nullptr, Range());
    return TC.param(E.Value, boundsOfType(Ty, Ctx));
  case ProtocolExpr::Const:
    return TC.constant(E.Value);
  case ProtocolExpr::Deref: {
    QualType Ptr;
    const Term *T = term(E.Operands[0], Sig, &Ptr);
    if (!T)
      return nullptr;
    if (!Ptr.isNull() && Ptr->isPointerType())
      Ty = Ptr->getPointeeType();
    return TC.load(TC.deref(T), nullptr, boundsOfType(Ty, Ctx));
  }
  case ProtocolExpr::Field: {
    QualType Ptr;
    const Term *T = term(E.Operands[0], Sig, &Ptr);
    if (!T || Ptr.isNull())
      return nullptr;
    const Term *Loc;
    QualType Object;
    if (Ptr->isPointerType()) {
      Object = Ptr->getPointeeType();
      Loc = TC.deref(T);
    } else {
      Object = Ptr;
      if (T->kind() != Term::Load)
        return nullptr;
      Loc = T->op(0);
    }
    const auto *R = Object->getAsRecordDecl();
    llvm::SmallVector<const FieldDecl *, 4> Path;
    if (!R || !findField(R, E.Text, Path))
      return nullptr;
    for (const FieldDecl *F : Path)
      Loc = TC.field(Loc, F);
    Ty = Path.back()->getType();
    if (Ty->isArrayType()) {
      Ty = Ctx.getArrayDecayedType(Ty);
      return TC.addrOf(Loc);
    }
    return TC.load(Loc, nullptr, boundsOfType(Ty, Ctx));
  }
  case ProtocolExpr::AddressOf: {
    const Term *T = term(E.Operands[0], Sig, &Ty);
    if (!T || T->kind() != Term::Load)
      return nullptr;
    if (!Ty.isNull())
      Ty = Ctx.getPointerType(Ty);
    return TC.addrOf(T->op(0));
  }
  case ProtocolExpr::Binary: {
    const Term *L = term(E.Operands[0], Sig, &Ty);
    const Term *R = term(E.Operands[1], Sig);
    if (!L || !R)
      return nullptr;
    if (E.Text == "+")
      return !Ty.isNull() && Ty->isPointerType()
                 ? TC.advance(L, R, elementSizeOf(Ty, Ctx))
                 : TC.add(L, R);
    if (E.Text == "-")
      return TC.sub(L, R);
    if (E.Text == ">" || E.Text == ">=")
      return TC.binary(E.Text == ">" ? Term::LT : Term::LE, R, L);
    auto Op = llvm::StringSwitch<Term::OpcodeTy>(E.Text)
                  .Case("*", Term::Mul)
                  .Case("/", Term::Div)
                  .Case("%", Term::Rem)
                  .Case("&", Term::And)
                  .Case("|", Term::Or)
                  .Case("<<", Term::Shl)
                  .Case(">>", Term::Shr)
                  .Case("==", Term::EQ)
                  .Case("!=", Term::NE)
                  .Case("<", Term::LT)
                  .Case("<=", Term::LE)
                  .Default(Term::None);
    return Op == Term::None ? nullptr : TC.binary(Op, L, R);
  }
  case ProtocolExpr::Select:
    return nullptr;
  }
  return nullptr;
}

/// How many bytes the type of \p Ptr says it points to; null if it does not.
const Term *ApiSummaries::sizeOfTarget(const ProtocolExpr &Ptr,
                                       const Signature &Sig) {
  QualType Ty;
  if (!term(Ptr, Sig, &Ty) || Ty.isNull() || !Ty->isPointerType())
    return nullptr;
  QualType Target = Ty->getPointeeType();
  if (Target->isVoidType() || Target->isIncompleteType())
    return nullptr;
  return TC.constant(Ctx.getTypeSizeInChars(Target).getQuantity());
}

std::pair<const Term *, Range>
ApiSummaries::fact(const ProtocolCond &C, bool Truth, const Signature &Sig) {
  const Term *L = term(C.LHS, Sig), *R = term(C.RHS, Sig);
  if (!L || !R)
    return {nullptr, Range()};
  const Range NotZero = Range::notZero();
  if (C.Op == "&" || C.Op == "!&")
    return {TC.binary(Term::And, L, R),
            (C.Op == "&") == Truth ? NotZero : Range::only(0)};
  const Term *D = TC.sub(L, R);
  return {D, llvm::StringSwitch<Range>(Truth ? llvm::StringRef(C.Op)
                                             : C.oppositeOp())
                 .Case("==", Range::only(0))
                 .Case("!=", NotZero)
                 .Case("<", Range(Range::Min, -1))
                 .Case("<=", Range(Range::Min, 0))
                 .Case(">", Range(1, Range::Max))
                 .Case(">=", Range(0, Range::Max))
                 .Default(Range())};
}

std::unique_ptr<Summary> ApiSummaries::build(const ProtocolFunction &F,
                                             const Signature &Sig) {
  auto S = std::make_unique<Summary>();
  S->NoReturn = F.NoReturn;
  // Whoever works on an object needs it alive; functions of the pointer alone
  // do not.
  if (Lifetimes && !F.Returns && F.Convert.empty() && F.Inverse.empty())
    for (unsigned I = 0; I < Sig.Params.size(); ++I) {
      QualType Ty = Sig.Params[I];
      bool GivenUp = llvm::any_of(F.Effects, [&](const ProtocolEffect &E) {
        // What is taken out of a list goes on.
        const ProtocolFamily *Fam =
            E.Kind == ProtocolEffect::Release ? P.family(E.Family) : nullptr;
        return ((E.Kind == ProtocolEffect::Release &&
                 !(Fam && Fam->Kind == "LINK")) ||
                E.Kind == ProtocolEffect::Free) &&
               E.Subject.Kind == ProtocolExpr::Arg && E.Subject.Value == I;
      });
      if (!Ty->isPointerType() || Ty->isVoidPointerType() || GivenUp)
        continue;
      ObjectUse U;
      U.Kind = ObjectUse::Needs;
      U.Subject = TC.param(I, boundsOfType(Ty, Ctx));
      S->Uses.push_back(std::move(U));
    }
  S->Unlinks = F.Waits;
  Exit Common;
  Common.FromProtocol = true;
  for (const ProtocolCond &C : F.Ensures)
    if (auto [T, R] = fact(C, true, Sig); T)
      Common.Facts.push_back({T, R});
  QualType RetTy = Sig.Result;
  const Term *Ret = TC.result(boundsOfType(RetTy, Ctx));
  if (F.Fails == "null")
    Common.Facts.push_back({Ret, Range(0, Range::Max)});
  else if (F.Fails == "err") {
    Range R(-4095, Range::Max);
    R.exclude(0);
    Common.Facts.push_back({Ret, R});
  } else if (F.Fails == "null-or-err") {
    Common.Facts.push_back({Ret, Range(-4095, Range::Max)});
  }
  if (F.Zeroed)
    Common.Cleared.push_back(TC.deref(Ret));
  // `c ? a : b` makes exits of its own, below.
  const bool Selects = F.Returns && F.Returns->Kind == ProtocolExpr::Select;
  if (F.Returns && !Selects)
    Common.Ret = term(*F.Returns, Sig);
  if (F.Stable && Sig.FD)
    Common.Ret = TC.load(TC.deref(TC.function(Sig.FD)), nullptr,
                         boundsOfType(RetTy, Ctx));
  if (!F.Convert.empty() || !F.Inverse.empty())
    Common.Ret = TC.convert(
        F.Convert.empty() ? "from-" + F.Inverse : F.Convert, F.Inverse,
        TC.param(0, Sig.Params.size() ? boundsOfType(Sig.Params[0], Ctx)
                                      : Range()));

  // Each condition splits the exits in two; those that cannot be are dropped
  // where the summary is applied.
  ProtocolConds Conditions;
  // Which condition, and what it has to be.
  using Need = std::pair<unsigned, bool>;
  struct Part {
    Effect E;
    const ProtocolEffect *Source;
    llvm::SmallVector<Need, 2> Needs;
  };
  std::vector<Part> Parts;
  for (const ProtocolEffect &PE : F.Effects) {
    Part Q;
    Q.Source = &PE;
    Effect &E = Q.E;
    switch (PE.Kind) {
    case ProtocolEffect::Acquire:
      E.Kind = Effect::Acquire;
      break;
    case ProtocolEffect::Release:
      E.Kind = Effect::Release;
      break;
    case ProtocolEffect::Free:
      E.Kind = Effect::Free;
      break;
    case ProtocolEffect::Use:
      E.Kind = Effect::Use;
      break;
    case ProtocolEffect::Escape:
    case ProtocolEffect::Publish:
      E.Kind = Effect::Escape;
      break;
    case ProtocolEffect::Transfer:
      E.Kind = Effect::Transfer;
      break;
    case ProtocolEffect::Fetch:
      E.Kind = Effect::Fetch;
      break;
    case ProtocolEffect::Store:
    case ProtocolEffect::Before:
      break;
    }
    if (PE.Kind == ProtocolEffect::Acquire ||
        PE.Kind == ProtocolEffect::Release) {
      E.Fam = family(PE.Family);
      if (PE.Kind == ProtocolEffect::Acquire && E.Fam && E.Fam->InOrder)
        S->SetsUp.push_back(E.Fam);
      const ProtocolFamily *Fam = P.family(PE.Family);
      // Nobody would see it given back.
      if (Fam && Fam->EndsWhenFreed && !Lifetimes)
        continue;
      if (Fam && !isFollowed(*Fam) &&
          (PE.Kind == ProtocolEffect::Acquire ||
           !FollowedGroups.count(Fam->Group))) {
        bool SetsUp = PE.Kind == ProtocolEffect::Acquire;
        // A page of the kernel's own needs no release, but the right one.
        bool IsPage = SetsUp && FollowedGroups.count(Fam->Group) &&
                      PE.Form == ProtocolEffect::Value;
        bool IsLink = E.Fam->Kind == Family::Link;
        if (IsLink && !SetsUp) {
          S->Unlinks = true;
          continue;
        }
        bool Matters = IsLink || (E.Fam->InOrder && (!SetsUp || PE.Of));
        if (!IsPage && !E.Fam->OnlyIfHeld && (!Lifetimes || !Matters))
          continue;
        E.Kind = SetsUp ? Effect::SetUp : Effect::TakeDown;
      }
      if (!Fam) {
        llvm::StringRef Group = PE.Family;
        Group.consume_front("group:");
        E.Group = Group;
      } else {
        E.Group = E.Fam->Group;
      }
    }
    if (PE.Kind == ProtocolEffect::Before)
      continue;
    E.Form = PE.Form == ProtocolEffect::Array ? Effect::Array
             : PE.Form == ProtocolEffect::Out ? Effect::Out
                                              : Effect::Value;
    // Where there is a choice, the first is the common one.
    const ProtocolExpr *Subject = &PE.Subject;
    if (Subject->Kind == ProtocolExpr::Select)
      Subject = &Subject->Operands[1];
    E.Subject = term(*Subject, Sig);
    if (!E.Subject)
      continue;
    if (PE.Count)
      E.Count = term(*PE.Count, Sig);
    if (PE.Request)
      E.Request = term(*PE.Request, Sig);
    if (PE.Into && PE.Kind != ProtocolEffect::Publish)
      E.Into = term(*PE.Into, Sig);
    if (E.Kind == Effect::SetUp)
      E.Into = PE.Of                        ? term(*PE.Of, Sig)
               : E.Fam->Kind == Family::Map ? nullptr
                                            : E.Subject;
    if (PE.Size)
      E.Size = term(*PE.Size, Sig);
    else if (PE.Kind == ProtocolEffect::Fetch)
      E.Size = sizeOfTarget(PE.Subject, Sig);
    E.Stream = PE.Stream;
    E.Deferred = PE.Deferred;
    E.MayBeLast = PE.MayBeLast;
    E.ByName = &F == &FreesByName;
    for (const ProtocolCond &C : PE.When)
      Q.Needs.push_back(Conditions.add(C));
    Parts.push_back(std::move(Q));
  }

  struct Call {
    Callback C;
    llvm::SmallVector<Need, 2> Needs;
  };
  std::vector<Call> Calls;
  for (const ProtocolCallback &PC : F.Callbacks) {
    Call Q;
    Q.C.Function = term(PC.Function, Sig);
    Q.C.Deferred = PC.Deferred;
    for (const ProtocolExpr &A : PC.With)
      Q.C.Args.push_back(term(A, Sig));
    if (!Q.C.Function || llvm::is_contained(Q.C.Args, nullptr))
      continue;
    for (const ProtocolCond &C : PC.When)
      Q.Needs.push_back(Conditions.add(C));
    Calls.push_back(std::move(Q));
  }

  const unsigned N = Conditions.size();
  for (unsigned Mask = 0; Mask < 1u << N; ++Mask) {
    Exit X = Common;
    // First the exits on which everything takes place.
    unsigned Truth = ~Mask;
    for (unsigned I = 0; I < N; ++I)
      if (auto [T, R] = fact(Conditions[I], Truth >> I & 1, Sig); T)
        X.Facts.push_back({T, R});
    // Who returns what it was given, or NULL.
    if (F.Fails == "null" && F.Returns && !Selects &&
        llvm::any_of(X.Facts, [&](const auto &Fact) {
          return Fact.first == Ret && Fact.second.Hi <= 0;
        }))
      X.Ret = TC.zero();
    auto Missing = [&](llvm::ArrayRef<Need> Needs) {
      return llvm::any_of(Needs, [&](const Need &C) {
        return bool(Truth >> C.first & 1) != C.second;
      });
    };
    for (const Part &Q : Parts)
      if (Q.E.Kind == Effect::Acquire && Q.E.Form == Effect::Array)
        for (const auto &[T, R] : X.Facts)
          if (T == Q.E.Subject && R.isOnly(0))
            X.KnownNull = T;
    for (const Call &Q : Calls)
      if (!Missing(Q.Needs))
        X.Callbacks.push_back(Q.C);
    for (const Part &Q : Parts) {
      if (Missing(Q.Needs))
        continue;
      if (Q.Source->Kind == ProtocolEffect::Store) {
        const Term *V = Q.Source->Val ? term(*Q.Source->Val, Sig) : nullptr;
        if (V)
          X.Stores.push_back({TC.deref(Q.E.Subject), V});
        else
          X.Havoc.push_back(TC.deref(Q.E.Subject));
        continue;
      }
      if (Q.E.Kind == Effect::Fetch && Q.E.Into)
        X.Havoc.push_back(TC.deref(Q.E.Into));
      X.Effects.push_back(Q.E);
      // Who gets some has asked for some.
      if (Q.E.Kind == Effect::Acquire && Q.E.Request && !Q.Needs.empty())
        X.Facts.push_back(
            {Q.E.Request, Range(1, std::numeric_limits<int64_t>::max())});
      // Where the last reference calls a function, that one says what dies.
      X.Effects.back().NotLast = Q.E.MayBeLast && !Calls.empty();
    }
    const Term *Choice = Selects ? term(F.Returns->Operands[0], Sig) : nullptr;
    if (Choice && Choice->isCompare()) {
      Exit Y = X;
      X.Facts.push_back({Choice, Range::only(1)});
      X.Ret = term(F.Returns->Operands[1], Sig);
      Y.Facts.push_back({Choice, Range::only(0)});
      Y.Ret = term(F.Returns->Operands[2], Sig);
      S->Exits.push_back(std::move(Y));
    }
    S->Exits.push_back(std::move(X));
  }
  return S;
}
