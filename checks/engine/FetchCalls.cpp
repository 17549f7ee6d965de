//===- FetchCalls.cpp - Values read from user memory in calls -------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Fetches.h"
#include "clang/AST/Attr.h"
#include "clang/Basic/Builtins.h"
#include "llvm/ADT/STLExtras.h"

using namespace pinlint;
using namespace clang;

/// The first argument that is only printed; behind the last if there is none.
static unsigned firstPrinted(const FunctionDecl *Callee) {
  unsigned First = ~0u;
  if (Callee)
    for (const auto *A : Callee->specific_attrs<FormatAttr>())
      First = std::min<unsigned>(First, A->getFormatIdx() - 1);
  return First;
}

/// True if \p Callee does nothing with what it gets.
static bool onlyWatches(const FunctionDecl *Callee) {
  if (!Callee)
    return false;
  switch (Callee->getBuiltinID()) {
  case Builtin::BI__builtin_object_size:
  case Builtin::BI__builtin_dynamic_object_size:
  case Builtin::BI__builtin_constant_p:
    return true;
  default:
    // Trace points are functions that a macro makes.
    return Callee->isInlined() && Callee->getReturnType()->isVoidType() &&
           Callee->getLocation().isMacroID();
  }
}

/// True if \p V goes to a function together with the address that it was read
/// from: to be compared with what is there, as in futex_cmpxchg_value_locked().
bool FetchTracker::isGivenBack(const State &S, const Term *V, Terms Args) {
  for (const Source &Src : sourcesOf(S, V))
    for (const Term *A : Args)
      if (A != V && Src.Bytes == ByteRange{0, sizeOf(*Src.Read)} &&
          canonical(byteAddress(A), 4) == Src.Read->Address)
        return true;
  return false;
}

/// A member of an object, such as its lock, goes to a function: whoever looked
/// the object up by what was read, as in `find(id, &dev)`, decided on it.
void FetchTracker::noteActions(State &S, Terms Args) {
  for (FetchCheck &C : S.Fetched.Checks) {
    const auto *Judge = dyn_cast_or_null<CallExpr>(C.Place.Site);
    if (!C.By || C.Acted || !Judge)
      continue;
    for (const Expr *A : Judge->arguments()) {
      const auto *U = dyn_cast<UnaryOperator>(A->IgnoreParenCasts());
      const auto *D = U && U->getOpcode() == UO_AddrOf
                          ? dyn_cast<DeclRefExpr>(U->getSubExpr())
                          : nullptr;
      const auto *V = D ? dyn_cast<VarDecl>(D->getDecl()) : nullptr;
      if (!V || !V->hasLocalStorage() || !V->getType()->isPointerType())
        continue;
      const Term *Object = S.load(TC.var(V, false), Range());
      C.Acted |= llvm::any_of(Args, [&](const Term *T) {
        if (T->kind() != Term::AddrOf || T->op(0)->kind() != Term::Field)
          return false;
        const Term *Root = rootOf(T->op(0));
        return Root->kind() == Term::Deref && Root->op(0) == Object;
      });
    }
  }
}

void FetchTracker::call(State &S, const FunctionDecl *Callee, const Stmt *Site,
                        Terms Args, const Term *Result, QualType ResultType,
                        bool HasProtocol) {
  if (onlyWatches(Callee))
    return;
  noteActions(S, Args);
  const auto *C = dyn_cast<CallExpr>(Site);
  auto TypeOf = [&](unsigned I) {
    if (Callee && I < Callee->getNumParams())
      return Callee->getParamDecl(I)->getType();
    return C && I < C->getNumArgs() ? C->getArg(I)->getType() : QualType();
  };
  unsigned Printed = firstPrinted(Callee);
  bool Predicate = ResultType->isBooleanType();
  bool Question = Predicate || (C && Questions.count(C));
  bool AllScalar = true;
  for (unsigned I = 0; I < Args.size(); ++I) {
    QualType Ty = TypeOf(I);
    AllScalar &= !Ty.isNull() && Ty->isArithmeticType();
  }
  // Byte swaps, overflow checks and the like.
  bool Computes = Callee && AllScalar && ResultType->isArithmeticType() &&
                  (Callee->isInlined() || Callee->getBuiltinID());
  FetchPlace Place = here(Site);
  Origin *O = nullptr;
  // An object that a call looked up or made is not made of its arguments.
  if (!ResultType->isVoidType() && !ResultType->isPointerType()) {
    O = &Derived[Result];
    O->By = Computes ? nullptr : Callee;
  }
  auto Depends = [&](const Term *V) {
    constexpr unsigned MaxOrigins = 12;
    if (O && !V->isConst() && O->From.size() < MaxOrigins &&
        !llvm::is_contained(O->From, V))
      O->From.push_back(V);
  };
  for (unsigned I = 0; I < Args.size() && I < Printed; ++I) {
    const Term *V = Args[I];
    QualType Ty = TypeOf(I);
    if (V->isConst() || Ty.isNull())
      continue;
    if (!Question && !Computes && (HasProtocol || !isGivenBack(S, V, Args)))
      use(S, V, FetchUseKind::Argument, Place, Callee);
    if (!Ty->isPointerType() && !Ty->isRecordType()) {
      Depends(V);
      if (ResultType->isPointerType())
        judge(S, V, FetchCheckKind::Size, Place);
      continue;
    }
    // That an address can be read says nothing about what led to it.
    if (HasProtocol)
      continue;
    Depends(V);
    Depends(S.content(TC.deref(V), Range()));
    QualType Pointee = Ty->isPointerType() ? Ty->getPointeeType() : Ty;
    bool RawBytes = Pointee->isVoidType() && Pointee.isConstQualified();
    if (!RawBytes && !Predicate)
      useObject(S, V, FetchUseKind::Passed, Place, Callee);
  }
}

void FetchTracker::perhapsChanged(State &S, const Term *Loc, const Term *Old) {
  if (Old->kind() != Term::Load || Old->numOps() != 2)
    return;
  const Term *Version = *S.Defaults.lookup(Loc);
  llvm::SmallVector<const Term *, 4> Parts(M.Parts.lookup(Version));
  Parts.push_back(Old->op(1));
  M.setParts(Version, Parts);
}

llvm::SmallVector<FetchEvent, 0> FetchTracker::instantiate(
    const State &S, llvm::ArrayRef<FetchEvent> Events, const Stmt *Site,
    llvm::function_ref<const Term *(const Term *)> Subst) {
  llvm::SmallVector<FetchEvent, 0> Out;
  for (FetchEvent E : Events) {
    for (const Term **T : {&E.Value, &E.Size, &E.Into, &E.Image, &E.Version})
      *T = Subst(*T);
    for (const Term *&V : E.After)
      V = Subst(V);
    E.Place.Site = Site;
    if (E.Kind == FetchEvent::Read && E.Into)
      E.Replaces = replaced(S, E.Into);
    Out.push_back(E);
  }
  return Out;
}

void FetchTracker::apply(State &S, llvm::ArrayRef<FetchEvent> Events,
                         const FunctionDecl *Callee, const Term *Result) {
  for (const FetchEvent &E : Events) {
    switch (E.Kind) {
    case FetchEvent::Read: {
      FetchRead R;
      R.Address = canonical(byteAddress(E.Value), 4);
      R.Size = E.Size;
      R.Into = E.Into;
      R.Image = E.Image;
      R.Version = E.Version;
      R.After = E.After;
      R.Scalar = E.Scalar;
      R.Result = Result;
      R.Place = E.Place;
      if (R.Into && R.Into == R.Image) {
        R.Replaces = E.Replaces;
        S.Defaults = M.StoreFactory.add(S.Defaults, R.Into, R.Version);
      }
      if (R.Size)
        if (Sources Sizes = sourcesOf(S, R.Size); !Sizes.empty())
          R.SizedBy = Sizes.front().Read->Version;
      addRead(S, R);
      break;
    }
    case FetchEvent::Check:
      judge(S, E.Value, E.How, E.Place, E.By ? E.By : Callee, E.AgainstOther);
      break;
    case FetchEvent::Use:
      if (E.What == FetchUseKind::Passed || E.What == FetchUseKind::Kept)
        useObject(S, E.Value, E.What, E.Place, E.By);
      else
        use(S, E.Value, E.What, E.Place, E.By);
      break;
    }
  }
}
