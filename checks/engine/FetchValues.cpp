//===- FetchValues.cpp - Where values and addresses come from -------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Fetches.h"
#include "clang/AST/RecordLayout.h"
#include "llvm/ADT/STLExtras.h"

using namespace pinlint;
using namespace clang;

/// Stands for a size that is not known.
static constexpr int64_t Unbounded = int64_t(1) << 40;

//===----------------------------------------------------------------------===//
// Addresses
//===----------------------------------------------------------------------===//

static int64_t offsetOf(const FieldDecl *F, const ASTContext &Ctx) {
  return Ctx.getFieldOffset(F) / Ctx.getCharWidth();
}

const Term *FetchTracker::byteAddressOfLocation(const Term *Loc) const {
  switch (Loc->kind()) {
  case Term::Deref:
    return byteAddress(Loc->op(0));
  case Term::Field:
    return TC.add(byteAddressOfLocation(Loc->op(0)),
                  TC.constant(offsetOf(Loc->fieldDecl(), Ctx)));
  case Term::Index:
    return TC.add(byteAddressOfLocation(Loc->op(0)),
                  TC.scale(Loc->op(1), Loc->number()));
  default:
    return TC.addrOf(Loc);
  }
}

const Term *FetchTracker::byteAddress(const Term *Ptr) const {
  switch (Ptr->kind()) {
  case Term::AddrOf:
    return Ptr->op(0)->kind() == Term::Var ? Ptr
                                           : byteAddressOfLocation(Ptr->op(0));
  case Term::Convert:
    return byteAddress(Ptr->op(0));
  case Term::Linear: {
    const Term *Sum = TC.constant(Ptr->number());
    for (unsigned I = 0; I < Ptr->numOps(); ++I)
      Sum = TC.add(Sum, Ptr->coefs()[I] == 1
                            ? byteAddress(Ptr->op(I))
                            : TC.scale(Ptr->op(I), Ptr->coefs()[I]));
    return Sum;
  }
  default:
    return Ptr;
  }
}

/// One spelling for a pointer that is one thing or NULL.
const Term *FetchTracker::canonical(const Term *T, unsigned Depth) {
  if (!Depth || T->isExternal())
    return T;
  return TC.rewrite(T, [&](const Term *X) -> const Term * {
    if (X->kind() != Term::Sym)
      return nullptr;
    auto It = M.Parts.find(X);
    if (It == M.Parts.end() || It->second.size() != 1 ||
        It->second.front() == X)
      return X;
    return canonical(byteAddress(It->second.front()), Depth - 1);
  });
}

std::optional<int64_t> FetchTracker::distance(const State &S,
                                              const FetchRead &From,
                                              const FetchRead &To) const {
  if (From.Address == To.Address)
    return 0;
  const Term *D = TC.sub(To.Address, From.Address);
  if (D->isConst())
    return D->number();
  Range R = S.rangeOf(D);
  if (R.Lo == R.Hi)
    return R.Lo;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

static int64_t widthOf(const Range &R) {
  for (int64_t Bytes : {1, 2, 4}) {
    int64_t Bits = Bytes * 8;
    if (R.Lo >= 0 ? R.Hi < (int64_t(1) << Bits)
                  : R.Lo >= -(int64_t(1) << (Bits - 1)) &&
                        R.Hi < (int64_t(1) << (Bits - 1)))
      return Bytes;
  }
  return 8;
}

int64_t FetchTracker::sizeOf(const FetchRead &R) const {
  return R.Size && R.Size->isConst() && R.Size->number() > 0 ? R.Size->number()
                                                             : Unbounded;
}

ByteRange FetchTracker::bytesWithin(const Term *Loc, const Term *Image,
                                    int64_t Access, const FetchRead &R) const {
  ByteRange Whole{0, sizeOf(R)};
  if (Loc == Image)
    return Access ? ByteRange{0, std::min(Access, Whole.Hi)} : Whole;
  if (Loc->kind() == Term::Field) {
    const FieldDecl *F = Loc->fieldDecl();
    int64_t Size = Unbounded;
    if (F->isBitField()) {
      int64_t First = Ctx.getFieldOffset(F) % Ctx.getCharWidth();
      // LLVM 19 and 22 have different FieldDecl::getBitWidthValue().
      int64_t Width =
          F->getBitWidth()->EvaluateKnownConstInt(Ctx).getZExtValue();
      Size = (First + Width + Ctx.getCharWidth() - 1) / Ctx.getCharWidth();
    } else if (!F->getType()->isIncompleteArrayType() &&
               F->getType()->isConstantSizeType()) {
      Size = Ctx.getTypeSizeInChars(F->getType()).getQuantity();
    }
    ByteRange In = bytesWithin(Loc->op(0), Image, 0, R);
    if (In.empty())
      return In;
    int64_t Lo = In.Lo + offsetOf(F, Ctx);
    return {Lo, std::min(Lo + Size, std::max(In.Hi, Lo + 1))};
  }
  if (Loc->kind() == Term::Index) {
    ByteRange In = bytesWithin(Loc->op(0), Image, 0, R);
    if (!Loc->op(1)->isConst())
      return In;
    int64_t Lo = In.Lo + Loc->op(1)->number() * Loc->number();
    return {Lo, Lo + Loc->number()};
  }
  return Whole;
}

static const FieldDecl *fieldOf(const Term *Loc) {
  while (Loc->kind() == Term::Index)
    Loc = Loc->op(0);
  return Loc->kind() == Term::Field ? Loc->fieldDecl() : nullptr;
}

void FetchTracker::collectVersion(const State &S, const Term *Loc,
                                  const Term *Version, const Range &Bounds,
                                  const FunctionDecl *By, unsigned Depth,
                                  Sources &Out) {
  if (const FetchRead *R = S.Fetched.find(Version)) {
    bool Object = Bounds.full() && Loc == R->Image && !R->Scalar;
    ByteRange Bytes =
        bytesWithin(Loc, R->Image, Object ? 0 : widthOf(Bounds), *R);
    Out.push_back({R, Bytes, fieldOf(Loc), By});
    return;
  }
  if (!Depth)
    return;
  if (auto It = M.Parts.find(Version); It != M.Parts.end())
    for (const Term *P : It->second)
      collectVersion(S, Loc, P, Bounds, By, Depth - 1, Out);
}

/// One of the elements of an array, and part of it was read: `buf[n - 1]` after
/// a read into `buf + 6`.
void FetchTracker::collectFromArray(const State &S, const Term *Loc,
                                    const FunctionDecl *By, Sources &Out) {
  if (Loc->kind() != Term::Index || Loc->op(1)->isConst())
    return;
  for (const FetchRead &R : S.Fetched.Reads)
    if (R.Into && R.Into == R.Image && R.Into->kind() == Term::Index &&
        R.Into->op(0) == Loc->op(0) && R.Into->op(1)->isConst())
      Out.push_back({&R, {0, sizeOf(R)}, nullptr, By});
}

void FetchTracker::collect(const State &S, const Term *V,
                           const FunctionDecl *By, Seen &Visited,
                           Sources &Out) {
  if (V->isExternal() || !Visited.insert(V).second)
    return;
  constexpr unsigned MaxDepth = 3;
  switch (V->kind()) {
  case Term::Load:
    if (V->numOps() == 2)
      collectVersion(S, V->op(0), V->op(1), V->bounds(), By, MaxDepth, Out);
    collectFromArray(S, V->op(0), By, Out);
    // What lies behind a pointer is not what the pointer was made of, but which
    // entry of a table was taken depends on the index.
    for (const Term *L = V->op(0);
         L->kind() == Term::Field || L->kind() == Term::Index; L = L->op(0))
      if (L->kind() == Term::Index)
        collect(S, L->op(1), By, Visited, Out);
    return;
  case Term::Sym:
    if (auto It = M.Parts.find(V); It != M.Parts.end())
      for (const Term *P : It->second)
        collect(S, P, By, Visited, Out);
    if (auto It = Derived.find(V); It != Derived.end())
      for (const Term *P : It->second.From)
        collect(S, P, It->second.By, Visited, Out);
    return;
  case Term::AddrOf:
    for (const Term *L = V->op(0);; L = L->op(0)) {
      if (L->kind() == Term::Index)
        collect(S, L->op(1), By, Visited, Out);
      else if (L->kind() == Term::Deref)
        collect(S, L->op(0), By, Visited, Out);
      if (L->kind() != Term::Index && L->kind() != Term::Field)
        return;
    }
  default:
    for (const Term *Op : V->operands())
      collect(S, Op, By, Visited, Out);
    return;
  }
}

FetchTracker::Sources FetchTracker::sourcesOf(const State &S, const Term *V) {
  Sources Out;
  if (S.Fetched.Reads.empty() || V->isExternal())
    return Out;
  Seen Visited;
  collect(S, V, nullptr, Visited, Out);
  return Out;
}

/// True if \p V is a value that the caller has a name for, too.
bool FetchTracker::isCallers(const State &S, const Term *V) const {
  if (V->kind() == Term::Param)
    return true;
  if (V->kind() != Term::Load)
    return false;
  if (V->numOps() == 2) {
    const FetchRead *R = S.Fetched.find(V->op(1));
    return R && R->Address->isExternal();
  }
  // What the caller read lies in an object that it passes, or that such an
  // object points to.
  constexpr unsigned MaxPointers = 2;
  for (unsigned I = 0; I < MaxPointers && V->isExternal(); ++I) {
    const Term *Root = rootOf(V->op(0));
    if (Root->kind() != Term::Deref)
      return false;
    V = Root->op(0);
    if (V->kind() == Term::Param)
      return true;
    if (V->kind() != Term::Load || V->numOps() != 1)
      return false;
  }
  return false;
}

llvm::SmallVector<const Term *, 4> FetchTracker::callersPartsOf(const State &S,
                                                                const Term *V) {
  llvm::SmallVector<const Term *, 4> Out;
  Seen Visited;
  auto Walk = [&](auto &&Self, const Term *T) -> void {
    if (T->isConst() || !Visited.insert(T).second)
      return;
    if (isCallers(S, T)) {
      Out.push_back(T);
      return;
    }
    if (T->kind() == Term::Sym) {
      if (auto It = M.Parts.find(T); It != M.Parts.end())
        for (const Term *P : It->second)
          Self(Self, P);
      if (auto It = Derived.find(T); It != Derived.end())
        for (const Term *P : It->second.From)
          Self(Self, P);
      return;
    }
    // A pointer that was moved on.
    if (T->kind() == Term::AddrOf) {
      const Term *L = T->op(0);
      while (L->kind() == Term::Index)
        L = L->op(0);
      if (L->kind() == Term::Deref)
        Self(Self, L->op(0));
      return;
    }
    if (T->kind() == Term::Load || T->isLocation() || T->kind() == Term::Func)
      return;
    for (const Term *Op : T->operands())
      Self(Self, Op);
  };
  Walk(Walk, V);
  return Out;
}

/// The pointers that \p V may be.
llvm::SmallVector<const Term *, 2>
FetchTracker::alternatives(const Term *V) const {
  llvm::SmallVector<const Term *, 2> Out{V};
  if (V->kind() == Term::Sym)
    if (auto It = M.Parts.find(V); It != M.Parts.end())
      Out.append(It->second.begin(), It->second.end());
  return Out;
}
