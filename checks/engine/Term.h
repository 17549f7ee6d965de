//===- Term.h - Hash-consed values and locations ----------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The vocabulary of the engine: immutable, uniqued terms. Two terms denote the
/// same value exactly if their pointers are equal.
///
/// Pointers are modelled as signed 64-bit integers: NULL is 0, the kernel's
/// error pointers are [-4095, -1], valid pointers are positive. IS_ERR(p) is
/// then `p < 0`, and PTR_ERR, ERR_PTR and pointer casts are the identity.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_ENGINE_TERM_H
#define PINLINT_ENGINE_TERM_H

#include "Range.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Allocator.h"
#include <cstdint>
#include <string>

namespace clang {
class FieldDecl;
class FunctionDecl;
class VarDecl;
} // namespace clang

namespace pinlint {

class Term {
public:
  enum KindTy : uint8_t {
    // Values.
    Const,   ///< Number.
    Param,   ///< Entry value of the parameter Number.
    Result,  ///< The result, in the summaries of protocols.
    Sym,     ///< A value that is not known any further; see Origin.
    Load,    ///< Content of location op(0) as of the version op(1), or as of
             ///< the function's entry where there is no op(1).
    Linear,  ///< Number + sum of coef(i) * op(i).
    Op,      ///< Opaque or boolean operation Opcode on the operands.
    Convert, ///< op(0) spelt differently (page, folio, pfn, address).
    Element, ///< Handle op(1) of the acquired array op(0).
    AddrOf,  ///< Address of the location op(0).
    Func,    ///< Address of the function Decl.
    // Locations.
    Var,   ///< Variable Decl.
    Deref, ///< What the value op(0) points to.
    Field, ///< Member Decl of the object at location op(0).
    Index  ///< Element op(1) of the array of Number-byte elements that starts
           ///< at location op(0).
  };

  enum OpcodeTy : uint8_t {
    None,
    Mul,
    Div,
    Rem,
    Shl,
    Shr,
    And,
    Or,
    Xor,
    Not,
    EQ,
    NE,
    LT,
    LE,
    ULT,
    ULE,
    PtrDiff,
    Narrow,
    ContainerOf
  };

  KindTy kind() const { return Kind; }
  OpcodeTy opcode() const { return Opcode; }
  unsigned id() const { return Id; }
  int64_t number() const { return Number; }
  const void *decl() const { return Decl; }
  const clang::FieldDecl *fieldDecl() const;
  const clang::VarDecl *varDecl() const;
  llvm::ArrayRef<const Term *> operands() const { return Operands; }
  const Term *op(unsigned I) const { return Operands[I]; }
  unsigned numOps() const { return Operands.size(); }
  llvm::ArrayRef<int64_t> coefs() const { return Coefs; }
  /// Every value that the term can have, as far as its structure and type say.
  const Range &bounds() const { return Bounds; }
  /// True if the term is made only of what exists before the function starts:
  /// parameters, globals and memory reached from them.
  bool isExternal() const { return External; }
  bool isConst() const { return Kind == Const; }
  bool isConst(int64_t V) const { return Kind == Const && Number == V; }
  bool isLocation() const { return Kind >= Var; }
  /// The distance of a pointer from one that is the same everywhere, as in
  /// page_to_pfn().
  bool isPageNumber() const {
    return Kind == Op && Opcode == PtrDiff && op(1)->isExternal();
  }
  bool isCompare() const { return Kind == Op && Opcode >= EQ && Opcode <= ULE; }
  /// For Convert: the conversion; for Sym: what made it, for traces.
  llvm::StringRef name() const { return Name; }
  unsigned depth() const { return Depth; }
  /// Of a location: what it is a part of, a variable or what a pointer points
  /// to.
  const Term *root() const { return Root; }
  /// True if there are terms for parts of this location.
  bool hasParts() const { return Parts; }

  /// For traces and messages; not a key.
  std::string str() const;

private:
  friend class TermContext;
  Term() = default;
  uint64_t hash() const;
  bool isSame(const Term &T) const;

  KindTy Kind = Const;
  OpcodeTy Opcode = None;
  bool External = true;
  /// Says nothing about the term itself, which therefore stays the same.
  mutable bool Parts = false;
  uint16_t Depth = 1;
  unsigned Id = 0;
  Term *SameHash = nullptr;
  const Term *Root = nullptr;
  int64_t Number = 0;
  const void *Decl = nullptr;
  llvm::ArrayRef<const Term *> Operands;
  llvm::ArrayRef<int64_t> Coefs;
  llvm::StringRef Name;
  Range Bounds;
};

struct TermIdLess {
  bool operator()(const Term *A, const Term *B) const {
    return A->id() < B->id();
  }
};

/// Makes and owns terms. Not thread-safe; one per translation unit.
class TermContext {
public:
  TermContext();
  TermContext(const TermContext &) = delete;
  TermContext &operator=(const TermContext &) = delete;

  const Term *constant(int64_t V);
  const Term *zero() const { return Zero; }
  const Term *one() const { return One; }
  const Term *param(unsigned Index, Range Bounds);
  const Term *result(Range Bounds);
  /// A new value, different from every other one.
  const Term *fresh(llvm::StringRef Origin, Range Bounds);
  /// The value that \p Callee denotes inside the call that is told apart by
  /// \p Token: equal arguments give the same term.
  const Term *instance(const Term *Token, const Term *Callee);

  const Term *load(const Term *Loc, const Term *Version, Range Bounds);
  const Term *element(const Term *Array, const Term *Index);
  const Term *convert(llvm::StringRef Name, llvm::StringRef Inverse,
                      const Term *V);

  const Term *add(const Term *A, const Term *B);
  const Term *sub(const Term *A, const Term *B);
  const Term *scale(const Term *A, int64_t Factor);
  /// Folds what can be folded.
  const Term *binary(Term::OpcodeTy Opcode, const Term *A, const Term *B);
  const Term *logicalNot(const Term *A);
  const Term *narrow(const Term *A, unsigned Bits, bool Signed);

  const Term *addrOf(const Term *Loc);
  const Term *function(const clang::FunctionDecl *FD);
  const Term *var(const clang::VarDecl *VD, bool External);
  const Term *deref(const Term *Ptr);
  const Term *field(const Term *Loc, const clang::FieldDecl *FD);
  /// Most arrays that matter hold pointers or values of their size.
  static constexpr unsigned PointerSize = 8;
  const Term *index(const Term *Loc, const Term *Idx,
                    unsigned ElementSize = PointerSize);
  /// \p Loc as the object that index() makes it of, and the index.
  std::pair<const Term *, const Term *> slot(const Term *Loc);
  /// The object that holds member \p FD at the address \p Ptr.
  const Term *containerOf(const Term *Ptr, const clang::FieldDecl *FD);

  /// Pointer \p Ptr moved by \p Idx elements.
  const Term *advance(const Term *Ptr, const Term *Idx,
                      unsigned ElementSize = PointerSize);
  /// Splits a pointer into the start of its array and an index.
  std::pair<const Term *, const Term *> splitPointer(const Term *Ptr);
  /// The size of the elements that splitPointer() counts; 0 where the index is
  /// zero, which has no size.
  static unsigned elementSizeOf(const Term *Ptr);
  /// True if the indices that splitPointer() gives for the two count elements
  /// of the same array.
  bool sameArray(const Term *A, const Term *B);

  /// Rebuilds \p T with every leaf and location replaced by what \p Leaf gives;
  /// a null answer keeps the operand's own rebuilt form.
  const Term *rewrite(const Term *T,
                      llvm::function_ref<const Term *(const Term *)> Leaf);

  unsigned size() const { return NextId; }

private:
  const Term *get(Term Proto, llvm::ArrayRef<const Term *> Ops,
                  llvm::ArrayRef<int64_t> Coefs = {});
  Term *make(const Term &Proto, llvm::ArrayRef<const Term *> Ops,
             llvm::ArrayRef<int64_t> Coefs);
  const Term *linear(int64_t C,
                     llvm::SmallVectorImpl<std::pair<const Term *, int64_t>> &);

  llvm::BumpPtrAllocator Alloc;
  /// By hash.
  llvm::DenseMap<uint64_t, Term *> Terms;
  unsigned NextId = 0;
  const Term *Zero = nullptr, *One = nullptr;
};

/// The array, file or page behind the conversions that \p V went through.
const Term *stripConversions(const Term *V);

/// The location that \p Loc is a part of: a variable or what a pointer points
/// to.
const Term *rootOf(const Term *Loc);

/// The object that \p P points to or into: an object and its members live and
/// die together.
const Term *objectOf(const Term *P);

/// The place that leads to \p Loc: what it is a part of, or where the pointer
/// to it is; null where there is none that is known.
const Term *outwards(const Term *Loc);

/// True if location \p Inner is \p Outer or a part of it.
bool isWithin(const Term *Inner, const Term *Outer);

/// True if \p Needle occurs in \p T.
bool mentions(const Term *T, const Term *Needle);

/// Calls \p Visit for \p T and all its operands; a false answer stops the
/// descent.
void visitTerms(const Term *T, llvm::function_ref<bool(const Term *)> Visit);

/// Splits \p T into the part without a constant, normalised to a positive
/// leading coefficient, its sign, and the constant: T = Sign * Atom + C.
/// Atom is null for constants.
struct Difference {
  const Term *Atom;
  int64_t Sign;
  int64_t C;
};
Difference splitConstant(TermContext &TC, const Term *T);

/// That \p T is in \p R, for traces: `x == 5`, `1 <= x <= 4`.
std::string describe(const Term *T, const Range &R);

} // namespace pinlint

#endif // PINLINT_ENGINE_TERM_H
