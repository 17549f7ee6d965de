//===- Term.cpp - Hash-consed values and locations ------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Term.h"
#include "clang/AST/Decl.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"
#include <optional>

using namespace pinlint;
using namespace llvm;

const clang::FieldDecl *Term::fieldDecl() const {
  return static_cast<const clang::FieldDecl *>(Decl);
}
const clang::VarDecl *Term::varDecl() const {
  return static_cast<const clang::VarDecl *>(Decl);
}

/// Parameters and results of different functions share their names.
static bool isByBounds(Term::KindTy Kind) {
  return Kind == Term::Param || Kind == Term::Result;
}

uint64_t Term::hash() const {
  hash_code Hash = hash_combine(Kind, Opcode, Number, Decl, Operands, Coefs);
  if (Kind == Convert)
    Hash = hash_combine(Hash, Name);
  if (isByBounds(Kind))
    Hash = hash_combine(Hash, Bounds.Lo, Bounds.Hi);
  // The largest numbers are none that a DenseMap can have.
  return uint64_t(size_t(Hash)) >> 1;
}

bool Term::isSame(const Term &T) const {
  return Kind == T.Kind && Opcode == T.Opcode && Number == T.Number &&
         Decl == T.Decl && Operands == T.Operands && Coefs == T.Coefs &&
         (Kind != Convert || Name == T.Name) &&
         (!isByBounds(Kind) || Bounds == T.Bounds);
}

TermContext::TermContext() {
  Zero = constant(0);
  One = constant(1);
}

const Term *TermContext::get(Term Proto, ArrayRef<const Term *> Ops,
                             ArrayRef<int64_t> Coefs) {
  Proto.Operands = Ops;
  Proto.Coefs = Coefs;
  Term *&First = Terms[Proto.hash()];
  for (Term *T = First; T; T = T->SameHash) {
    if (!T->isSame(Proto))
      continue;
    // The first to ask for a piece of memory may not have known its type.
    if (T->Kind == Term::Load && T->Bounds.full())
      T->Bounds = Proto.Bounds;
    return T;
  }
  Proto.SameHash = First;
  return First = make(Proto, Ops, Coefs);
}

Term *TermContext::make(const Term &Proto, ArrayRef<const Term *> Ops,
                        ArrayRef<int64_t> Coefs) {
  auto *T = new (Alloc.Allocate<Term>()) Term(Proto);
  T->Operands = Ops.copy(Alloc);
  T->Coefs = Coefs.copy(Alloc);
  T->Name = Proto.Name.copy(Alloc);
  T->Id = NextId++;
  for (const Term *Op : Ops) {
    T->External &= Op->External;
    T->Depth = std::max<uint16_t>(T->Depth, Op->Depth + 1);
  }
  T->Root = T;
  if (T->Kind == Term::Field || T->Kind == Term::Index) {
    T->Root = Ops[0]->Root;
    Ops[0]->Parts = true;
  }
  return T;
}

const Term *TermContext::constant(int64_t V) {
  Term P;
  P.Kind = Term::Const;
  P.Number = V;
  P.Bounds = Range::only(V);
  return get(P, {});
}

const Term *TermContext::param(unsigned Index, Range Bounds) {
  Term P;
  P.Kind = Term::Param;
  P.Number = Index;
  P.Bounds = Bounds;
  return get(P, {});
}

const Term *TermContext::result(Range Bounds) {
  Term P;
  P.Kind = Term::Result;
  P.Bounds = Bounds;
  P.External = false;
  return get(P, {});
}

const Term *TermContext::fresh(StringRef Origin, Range Bounds) {
  Term P;
  P.Kind = Term::Sym;
  P.Number = NextId;
  P.Name = Origin;
  P.Bounds = Bounds;
  P.External = false;
  // Nobody will ever ask for it again.
  return make(P, {}, {});
}

const Term *TermContext::instance(const Term *Token, const Term *Callee) {
  // Nesting one level per call would grow without bound in recursion.
  constexpr unsigned MaxDepth = 12;
  if (Token->Depth + Callee->Depth > MaxDepth)
    return fresh(Callee->Name, Callee->Bounds);
  Term P;
  P.Kind = Term::Sym;
  P.Number = -1;
  P.Name = Callee->Name;
  P.Bounds = Callee->Bounds;
  P.External = false;
  return get(P, {Token, Callee});
}

const Term *TermContext::load(const Term *Loc, const Term *Version,
                              Range Bounds) {
  Term P;
  P.Kind = Term::Load;
  P.Bounds = Bounds;
  if (Version)
    return get(P, {Loc, Version});
  return get(P, {Loc});
}

const Term *TermContext::element(const Term *Array, const Term *Idx) {
  Term P;
  P.Kind = Term::Element;
  // What a successful call put there is a handle, not NULL.
  P.Bounds = Range(1, Range::Max);
  return get(P, {Array, Idx});
}

const Term *TermContext::convert(StringRef Name, StringRef Inverse,
                                 const Term *V) {
  if (V->Kind == Term::Convert &&
      (V->Name == Name || (!Inverse.empty() && V->Name == Inverse)))
    return V->Name == Name ? V : V->op(0);
  Term P;
  P.Kind = Term::Convert;
  P.Name = Name;
  P.Bounds = V->Bounds;
  return get(P, {V});
}

const Term *
TermContext::linear(int64_t C,
                    SmallVectorImpl<std::pair<const Term *, int64_t>> &Parts) {
  llvm::sort(Parts, [](const auto &A, const auto &B) {
    return A.first->id() < B.first->id();
  });
  SmallVector<const Term *, 4> Ops;
  SmallVector<int64_t, 4> Coefs;
  for (const auto &[T, K] : Parts) {
    if (!Ops.empty() && Ops.back() == T)
      Coefs.back() = int64_t(uint64_t(Coefs.back()) + uint64_t(K));
    else {
      Ops.push_back(T);
      Coefs.push_back(K);
    }
    if (Coefs.back() == 0) {
      Ops.pop_back();
      Coefs.pop_back();
    }
  }
  if (Ops.empty())
    return constant(C);
  if (Ops.size() == 1 && Coefs[0] == 1 && C == 0)
    return Ops[0];
  Term P;
  P.Kind = Term::Linear;
  P.Number = C;
  Range B = Range::only(C);
  for (unsigned I = 0; I < Ops.size(); ++I)
    B = B.plus(Ops[I]->bounds().times(Coefs[I]));
  P.Bounds = B;
  return get(P, Ops, Coefs);
}

static void addParts(const Term *T, int64_t Factor, int64_t &C,
                     SmallVectorImpl<std::pair<const Term *, int64_t>> &Out) {
  auto Mul = [](int64_t A, int64_t B) {
    return int64_t(uint64_t(A) * uint64_t(B));
  };
  if (T->isConst()) {
    C = int64_t(uint64_t(C) + uint64_t(Mul(T->number(), Factor)));
    return;
  }
  if (T->kind() != Term::Linear) {
    Out.push_back({T, Factor});
    return;
  }
  C = int64_t(uint64_t(C) + uint64_t(Mul(T->number(), Factor)));
  for (unsigned I = 0; I < T->numOps(); ++I)
    Out.push_back({T->op(I), Mul(T->coefs()[I], Factor)});
}

const Term *TermContext::add(const Term *A, const Term *B) {
  if (A->isConst(0))
    return B;
  if (B->isConst(0))
    return A;
  int64_t C = 0;
  SmallVector<std::pair<const Term *, int64_t>, 8> Parts;
  addParts(A, 1, C, Parts);
  addParts(B, 1, C, Parts);
  // Sums over many symbols say nothing that a check could use.
  if (Parts.size() > 8)
    return fresh("sum", Range());
  return linear(C, Parts);
}

const Term *TermContext::sub(const Term *A, const Term *B) {
  if (B->isConst(0))
    return A;
  if (A == B)
    return Zero;
  int64_t C = 0;
  SmallVector<std::pair<const Term *, int64_t>, 8> Parts;
  addParts(A, 1, C, Parts);
  addParts(B, -1, C, Parts);
  if (Parts.size() > 8)
    return fresh("difference", Range());
  return linear(C, Parts);
}

const Term *TermContext::scale(const Term *A, int64_t Factor) {
  if (Factor == 1)
    return A;
  int64_t C = 0;
  SmallVector<std::pair<const Term *, int64_t>, 8> Parts;
  addParts(A, Factor, C, Parts);
  return linear(C, Parts);
}

static std::optional<int64_t> fold(Term::OpcodeTy Op, int64_t A, int64_t B) {
  switch (Op) {
  case Term::Mul:
    return int64_t(uint64_t(A) * uint64_t(B));
  case Term::Div:
    if (B == 0 || (A == Range::Min && B == -1))
      return std::nullopt;
    return A / B;
  case Term::Rem:
    if (B == 0 || (A == Range::Min && B == -1))
      return std::nullopt;
    return A % B;
  case Term::Shl:
    if (B < 0 || B > 63)
      return std::nullopt;
    return int64_t(uint64_t(A) << B);
  case Term::Shr:
    if (B < 0 || B > 63)
      return std::nullopt;
    return A >> B;
  case Term::And:
    return A & B;
  case Term::Or:
    return A | B;
  case Term::Xor:
    return A ^ B;
  case Term::EQ:
    return A == B;
  case Term::NE:
    return A != B;
  case Term::LT:
    return A < B;
  case Term::LE:
    return A <= B;
  case Term::ULT:
    return uint64_t(A) < uint64_t(B);
  case Term::ULE:
    return uint64_t(A) <= uint64_t(B);
  default:
    return std::nullopt;
  }
}

static Range boundsOf(Term::OpcodeTy Op, const Term *A, const Term *B) {
  if (Op >= Term::EQ && Op <= Term::ULE)
    return Range(0, 1);
  const Range &L = A->bounds(), &R = B->bounds();
  switch (Op) {
  case Term::And:
    if (B->isConst() && B->number() >= 0)
      return Range(0, B->number());
    return L.Lo >= 0 || R.Lo >= 0 ? Range(0, Range::Max) : Range();
  case Term::Rem:
    if (B->isConst() && B->number() > 0)
      return Range(L.Lo >= 0 ? 0 : 1 - B->number(), B->number() - 1);
    return L.Lo >= 0 ? Range(0, Range::Max) : Range();
  case Term::Div:
    if (L.Lo >= 0 && R.Lo >= 0) {
      int64_t D = std::max<int64_t>(R.Lo, 1);
      return Range(0, L.Hi == Range::Max ? Range::Max : L.Hi / D);
    }
    return Range();
  case Term::Shr:
    if (L.Lo >= 0)
      return B->isConst() && B->number() >= 0 && B->number() < 64
                 ? Range(L.Lo >> B->number(),
                         L.Hi == Range::Max ? Range::Max : L.Hi >> B->number())
                 : Range(0, L.Hi);
    return Range();
  case Term::Mul:
  case Term::Or:
  case Term::Shl:
    return L.Lo >= 0 && R.Lo >= 0 ? Range(0, Range::Max) : Range();
  default:
    return Range();
  }
}

const Term *TermContext::binary(Term::OpcodeTy Opcode, const Term *A,
                                const Term *B) {
  if (A->isConst() && B->isConst())
    if (auto V = fold(Opcode, A->number(), B->number()))
      return constant(*V);
  switch (Opcode) {
  case Term::Mul:
    if (B->isConst())
      return scale(A, B->number());
    if (A->isConst())
      return scale(B, A->number());
    if (B->id() < A->id())
      std::swap(A, B);
    break;
  case Term::Shl:
    if (B->isConst() && B->number() >= 0 && B->number() < 32)
      return scale(A, int64_t(1) << B->number());
    break;
  case Term::Shr:
  case Term::Div: {
    if (!B->isConst())
      break;
    if (Opcode == Term::Shr && (B->number() < 0 || B->number() > 62))
      break;
    int64_t D = Opcode == Term::Shr ? int64_t(1) << B->number() : B->number();
    if (D == 1)
      return A;
    if (D <= 0)
      break;
    // (n << PAGE_SHIFT) >> PAGE_SHIFT and (n * D + c) / D.
    if (A->kind() == Term::Linear &&
        llvm::all_of(A->coefs(), [&](int64_t C) { return C % D == 0; })) {
      int64_t Q = A->number() / D;
      if (A->number() % D < 0)
        --Q;
      SmallVector<std::pair<const Term *, int64_t>, 8> Parts;
      for (unsigned I = 0; I < A->numOps(); ++I)
        Parts.push_back({A->op(I), A->coefs()[I] / D});
      return linear(Q, Parts);
    }
    // One spelling for DIV_ROUND_UP and shifts.
    if (Opcode == Term::Shr)
      return binary(Term::Div, A, constant(D));
    break;
  }
  case Term::And:
  case Term::Or:
  case Term::Xor:
    if (A->isConst())
      std::swap(A, B);
    if (B->isConst(0))
      return Opcode == Term::And ? Zero : A;
    if (B->isConst(-1) && Opcode == Term::And)
      return A;
    // Physical addresses have 52 bits at most, their frame numbers fewer; those
    // above say that there is no frame.
    if (Opcode == Term::And && A->isPageNumber() && B->isConst() &&
        (uint64_t(B->number()) & llvm::maskTrailingOnes<uint64_t>(52)) == 0)
      return Zero;
    if (A == B && Opcode != Term::Xor)
      return A;
    if (!B->isConst() && B->id() < A->id())
      std::swap(A, B);
    break;
  case Term::EQ:
  case Term::NE:
    if (A == B)
      return constant(Opcode == Term::EQ);
    // !!x and (x == 0) == 0 of booleans.
    if (B->isConst(0) && A->isCompare())
      return Opcode == Term::NE ? A : logicalNot(A);
    if (A->isConst() || (!B->isConst() && B->id() < A->id()))
      std::swap(A, B);
    break;
  case Term::LT:
  case Term::ULT:
    if (A == B)
      return Zero;
    break;
  case Term::LE:
  case Term::ULE:
    if (A == B)
      return One;
    break;
  default:
    break;
  }
  // Bounds alone may decide.
  if (Opcode == Term::EQ || Opcode == Term::NE) {
    Range R = A->bounds();
    R.intersect(B->bounds());
    if (R.empty() && !(A->bounds().Lo == 0 || B->bounds().Lo == 0))
      return constant(Opcode == Term::NE);
  }
  constexpr unsigned MaxDepth = 24;
  if (std::max(A->Depth, B->Depth) > MaxDepth)
    return fresh("expression", boundsOf(Opcode, A, B));
  Term P;
  P.Kind = Term::Op;
  P.Opcode = Opcode;
  P.Bounds = boundsOf(Opcode, A, B);
  return get(P, {A, B});
}

const Term *TermContext::logicalNot(const Term *A) {
  if (A->kind() == Term::Op)
    switch (A->opcode()) {
    case Term::EQ:
      return binary(Term::NE, A->op(0), A->op(1));
    case Term::NE:
      return binary(Term::EQ, A->op(0), A->op(1));
    case Term::LT:
      return binary(Term::LE, A->op(1), A->op(0));
    case Term::LE:
      return binary(Term::LT, A->op(1), A->op(0));
    case Term::ULT:
      return binary(Term::ULE, A->op(1), A->op(0));
    case Term::ULE:
      return binary(Term::ULT, A->op(1), A->op(0));
    default:
      break;
    }
  return binary(Term::EQ, A, Zero);
}

const Term *TermContext::narrow(const Term *A, unsigned Bits, bool Signed) {
  Range Type = Signed ? Range(-(int64_t(1) << (Bits - 1)),
                              (int64_t(1) << (Bits - 1)) - 1)
                      : Range(0, (int64_t(1) << Bits) - 1);
  if (A->isConst()) {
    uint64_t V = uint64_t(A->number()) & ((uint64_t(1) << Bits) - 1);
    if (Signed && (V >> (Bits - 1)) & 1)
      V |= ~uint64_t(0) << Bits;
    return constant(int64_t(V));
  }
  if (A->bounds().within(Type))
    return A;
  Term P;
  P.Kind = Term::Op;
  P.Opcode = Term::Narrow;
  P.Number = Signed ? -int64_t(Bits) : int64_t(Bits);
  P.Bounds = Type;
  return get(P, {A});
}

const Term *TermContext::addrOf(const Term *Loc) {
  if (Loc->Kind == Term::Deref)
    return Loc->op(0);
  Term P;
  P.Kind = Term::AddrOf;
  P.Bounds = Range(4096, Range::Max);
  // &p[i] is NULL or an error pointer where p is.
  if (Loc->Kind == Term::Index && Loc->op(0)->Kind == Term::Deref)
    P.Bounds = Loc->op(0)->op(0)->bounds();
  return get(P, {Loc});
}

const Term *TermContext::function(const clang::FunctionDecl *FD) {
  Term P;
  P.Kind = Term::Func;
  P.Decl = FD->getCanonicalDecl();
  P.Bounds = Range(4096, Range::Max);
  return get(P, {});
}

const Term *TermContext::var(const clang::VarDecl *VD, bool External) {
  Term P;
  P.Kind = Term::Var;
  P.Decl = VD->getCanonicalDecl();
  P.External = External;
  return get(P, {});
}

const Term *TermContext::deref(const Term *Ptr) {
  if (Ptr->Kind == Term::AddrOf)
    return Ptr->op(0);
  Term P;
  P.Kind = Term::Deref;
  return get(P, {Ptr});
}

const Term *TermContext::field(const Term *Loc, const clang::FieldDecl *FD) {
  if (Loc->Kind == Term::Deref && Loc->op(0)->Kind == Term::Op &&
      Loc->op(0)->Opcode == Term::ContainerOf && Loc->op(0)->Decl == FD)
    return deref(Loc->op(0)->op(0));
  Term P;
  P.Kind = Term::Field;
  P.Decl = FD;
  return get(P, {Loc});
}

const Term *TermContext::index(const Term *Loc, const Term *Idx,
                               unsigned ElementSize) {
  if (Idx->isConst(0))
    return Loc;
  if (Loc->Kind == Term::Index && Loc->Number == ElementSize) {
    Idx = add(Loc->op(1), Idx);
    Loc = Loc->op(0);
    if (Idx->isConst(0))
      return Loc;
  }
  Term P;
  P.Kind = Term::Index;
  P.Number = ElementSize;
  return get(P, {Loc, Idx});
}

std::pair<const Term *, const Term *> TermContext::slot(const Term *Loc) {
  if (Loc->Kind == Term::Index)
    return {Loc->op(0), Loc->op(1)};
  return {Loc, zero()};
}

/// True if \p F links its object into a list that ends where it starts, as a
/// list_head does: two pointers to others like it, and nothing else.
static bool isInRing(const clang::FieldDecl *F) {
  const clang::RecordDecl *R = F->getType()->getAsRecordDecl();
  R = R ? R->getDefinition() : nullptr;
  return R && std::distance(R->field_begin(), R->field_end()) == 2 &&
         llvm::all_of(R->fields(), [&](const clang::FieldDecl *L) {
           return L->getType()->isPointerType() &&
                  L->getType()->getPointeeType()->getAsRecordDecl() == R;
         });
}

const Term *TermContext::containerOf(const Term *Ptr,
                                     const clang::FieldDecl *FD) {
  if (Ptr->Kind == Term::AddrOf && Ptr->op(0)->Kind == Term::Field &&
      Ptr->op(0)->Decl == FD)
    return addrOf(Ptr->op(0)->op(0));
  Term P;
  P.Kind = Term::Op;
  P.Opcode = Term::ContainerOf;
  P.Decl = FD;
  P.Bounds = Range();
  // A ring of elements has no end.
  if (isInRing(FD))
    P.Bounds.exclude(0);
  return get(P, {Ptr});
}

const Term *TermContext::advance(const Term *Ptr, const Term *Idx,
                                 unsigned ElementSize) {
  // base + (page - base) is the page again.
  auto Distance = [&](const Term *T) {
    return T->Kind == Term::Op && T->Opcode == Term::PtrDiff && T->op(1) == Ptr;
  };
  if (Distance(Idx))
    return Idx->op(0);
  if (Idx->Kind == Term::Linear)
    for (unsigned I = 0; I < Idx->numOps(); ++I)
      if (Idx->Coefs[I] == 1 && Distance(Idx->op(I)))
        return advance(Idx->op(I)->op(0), sub(Idx, Idx->op(I)), ElementSize);
  return addrOf(index(deref(Ptr), Idx, ElementSize));
}

std::pair<const Term *, const Term *>
TermContext::splitPointer(const Term *Ptr) {
  if (Ptr->Kind == Term::AddrOf && Ptr->op(0)->Kind == Term::Index)
    return {addrOf(Ptr->op(0)->op(0)), Ptr->op(0)->op(1)};
  return {Ptr, Zero};
}

unsigned TermContext::elementSizeOf(const Term *Ptr) {
  if (Ptr->Kind == Term::AddrOf && Ptr->op(0)->Kind == Term::Index)
    return Ptr->op(0)->Number;
  return 0;
}

bool TermContext::sameArray(const Term *A, const Term *B) {
  unsigned SA = elementSizeOf(A), SB = elementSizeOf(B);
  return splitPointer(A).first == splitPointer(B).first &&
         (SA == SB || !SA || !SB);
}

/// Terms share their parts: seen as trees, deep ones have more nodes than
/// anybody can visit.
static constexpr unsigned FlatDepth = 6;

using KnownRewrites = DenseMap<const Term *, const Term *>;

static const Term *rewriteAnew(TermContext &TC, const Term *T,
                               function_ref<const Term *(const Term *)> Leaf,
                               KnownRewrites *Known) {
  if (const Term *Before = Known ? Known->lookup(T) : nullptr)
    return Before;
  auto Result = [&](const Term *R) {
    if (Known)
      (*Known)[T] = R;
    return R;
  };
  if (const Term *R = Leaf(T))
    return Result(R);
  if (T->operands().empty())
    return T;
  SmallVector<const Term *, 4> Ops;
  bool Changed = false;
  for (const Term *Op : T->operands()) {
    Ops.push_back(rewriteAnew(TC, Op, Leaf, Known));
    Changed |= Ops.back() != Op;
  }
  if (!Changed)
    return Result(T);
  int64_t N = T->number();
  switch (T->kind()) {
  case Term::Linear: {
    const Term *R = TC.constant(N);
    for (unsigned I = 0; I < Ops.size(); ++I)
      R = TC.add(R, TC.scale(Ops[I], T->coefs()[I]));
    return Result(R);
  }
  case Term::Op:
    if (T->opcode() == Term::ContainerOf)
      return Result(TC.containerOf(Ops[0], T->fieldDecl()));
    if (T->opcode() == Term::Narrow)
      return Result(TC.narrow(Ops[0], N < 0 ? -N : N, N < 0));
    return Result(TC.binary(T->opcode(), Ops[0], Ops[1]));
  case Term::Load:
    return Result(
        TC.load(Ops[0], Ops.size() > 1 ? Ops[1] : nullptr, T->bounds()));
  case Term::Element:
    return Result(TC.element(Ops[0], Ops[1]));
  case Term::Convert: {
    StringRef Inverse = T->name();
    if (!Inverse.consume_front("from-"))
      Inverse = "";
    return Result(TC.convert(T->name(), Inverse, Ops[0]));
  }
  case Term::AddrOf:
    return Result(TC.addrOf(Ops[0]));
  case Term::Deref:
    return Result(TC.deref(Ops[0]));
  case Term::Field:
    return Result(TC.field(Ops[0], T->fieldDecl()));
  case Term::Index:
    return Result(TC.index(Ops[0], Ops[1], N));
  case Term::Sym:
    return Result(TC.instance(Ops[0], Ops[1]));
  default:
    return Result(T);
  }
}

const Term *
TermContext::rewrite(const Term *T,
                     function_ref<const Term *(const Term *)> Leaf) {
  if (T->depth() <= FlatDepth)
    return rewriteAnew(*this, T, Leaf, nullptr);
  KnownRewrites Known;
  return rewriteAnew(*this, T, Leaf, &Known);
}

/// True if \p F lies at the start of its record.
static bool isFirst(const clang::FieldDecl *F) {
  return F->getParent()->isUnion() || F->getFieldIndex() == 0;
}

const Term *pinlint::stripConversions(const Term *V) {
  while (true) {
    // A frame number is the distance of a page from the start of the map.
    if (V->kind() == Term::Convert || V->isPageNumber()) {
      V = V->op(0);
      continue;
    }
    // An object and its first member have one address.
    if (V->kind() != Term::AddrOf)
      return V;
    const Term *Loc = V->op(0);
    while (Loc->kind() == Term::Field && isFirst(Loc->fieldDecl()))
      Loc = Loc->op(0);
    if (Loc->kind() != Term::Deref)
      return V;
    V = Loc->op(0);
  }
}

const Term *pinlint::objectOf(const Term *P) {
  while (true) {
    P = stripConversions(P);
    if (P->kind() == Term::AddrOf) {
      const Term *Root = rootOf(P->op(0));
      if (Root->kind() != Term::Deref)
        return P;
      P = Root->op(0);
    } else if (P->kind() == Term::Op && P->opcode() == Term::ContainerOf) {
      P = P->op(0);
    } else {
      return P;
    }
  }
}

const Term *pinlint::outwards(const Term *Loc) {
  if (Loc->kind() == Term::Field || Loc->kind() == Term::Index)
    return Loc->op(0);
  if (Loc->kind() != Term::Deref)
    return nullptr;
  const Term *Ptr = stripConversions(Loc->op(0));
  return Ptr->kind() == Term::AddrOf || Ptr->kind() == Term::Load ? Ptr->op(0)
                                                                  : nullptr;
}

const Term *pinlint::rootOf(const Term *Loc) { return Loc->root(); }

bool pinlint::isWithin(const Term *Inner, const Term *Outer) {
  if (Inner->root() != Outer->root())
    return false;
  while (Inner != Outer) {
    // Parts are younger than the whole.
    if (Inner->id() < Outer->id() || Inner == Inner->root())
      return false;
    Inner = Inner->op(0);
  }
  return true;
}

static bool mentionsAnew(const Term *T, const Term *Needle,
                         SmallPtrSetImpl<const Term *> *Seen) {
  if (T == Needle)
    return true;
  // Operands are older than what is made of them.
  if (T->id() < Needle->id() || (Seen && !Seen->insert(T).second))
    return false;
  return llvm::any_of(T->operands(), [&](const Term *Op) {
    return mentionsAnew(Op, Needle, Seen);
  });
}

bool pinlint::mentions(const Term *T, const Term *Needle) {
  if (T->depth() <= FlatDepth)
    return mentionsAnew(T, Needle, nullptr);
  SmallPtrSet<const Term *, 32> Seen;
  return mentionsAnew(T, Needle, &Seen);
}

static void visitAnew(const Term *T, function_ref<bool(const Term *)> Visit,
                      SmallPtrSetImpl<const Term *> *Seen) {
  if ((Seen && !Seen->insert(T).second) || !Visit(T))
    return;
  for (const Term *Op : T->operands())
    visitAnew(Op, Visit, Seen);
}

void pinlint::visitTerms(const Term *T,
                         function_ref<bool(const Term *)> Visit) {
  if (T->depth() <= FlatDepth)
    return visitAnew(T, Visit, nullptr);
  SmallPtrSet<const Term *, 32> Seen;
  visitAnew(T, Visit, &Seen);
}

Difference pinlint::splitConstant(TermContext &TC, const Term *T) {
  if (T->isConst())
    return {nullptr, 1, T->number()};
  if (T->kind() != Term::Linear)
    return {T, 1, 0};
  int64_t Sign = T->coefs()[0] < 0 ? -1 : 1;
  const Term *Atom = TC.sub(T, TC.constant(T->number()));
  return {TC.scale(Atom, Sign), Sign, T->number()};
}
