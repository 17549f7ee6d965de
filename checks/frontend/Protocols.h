//===- Protocols.h - API facts as data --------------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What pinlint knows about the APIs of a code base, read from YAML protocol
/// files: which call acquires, releases, frees, uses, fetches or takes over
/// what, and under which condition on its arguments and result.
///
/// The file format is documented in docs/protocols.md.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FRONTEND_PROTOCOLS_H
#define PINLINT_FRONTEND_PROTOCOLS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pinlint {

/// A term of a protocol: `ret`, `arg2`, `*arg5`, `arg0->bv_page`, `4096`,
/// `(ret + *arg5 + 4095) / 4096`.
struct ProtocolExpr {
  enum KindTy { Ret, Arg, Const, Deref, Field, AddressOf, Binary, Select };
  KindTy Kind = Const;
  /// Arg: the zero-based argument index. Const: the value.
  int64_t Value = 0;
  /// Field: the member's name. Binary: the operator's spelling, one of
  /// + - * / % & | << >> and, with the result 0 or 1, == != < <= > >=.
  /// Const: the constant's name where one was written (PAGE_SIZE), so that a
  /// target with another value for it can be served.
  std::string Text;
  /// Deref, Field (the object pointer, as in `X->f`), AddressOf: one operand.
  /// Binary: two. Select (`C ? A : B`): three.
  std::vector<ProtocolExpr> Operands;

  /// As C, fully parenthesised.
  std::string str() const;
};

/// `LHS Op RHS` with Op one of == != < <= > >= and & (bit test: LHS & RHS != 0)
/// or !& (bit test is zero). Comparisons are signed.
struct ProtocolCond {
  ProtocolExpr LHS, RHS;
  std::string Op;

  std::string str() const;
  /// The operator that is true where Op is false.
  llvm::StringRef oppositeOp() const;
};

/// The conditions of a function, each once: one and its opposite are the same.
/// Does not own them.
class ProtocolConds {
public:
  /// \returns the number of the one that decides on \p C, and what it has to be
  /// for \p C to be true.
  std::pair<unsigned, bool> add(const ProtocolCond &C);

  unsigned size() const { return Conds.size(); }
  const ProtocolCond &operator[](unsigned I) const { return *Conds[I]; }

private:
  std::vector<const ProtocolCond *> Conds;
};

/// A class of obligations that is given back by the same releases.
struct ProtocolFamily {
  std::string Name;
  /// GET, PIN, EXTRACT, REF, ALLOC, MAP or LINK. MAP is whatever is set up for
  /// an object and taken down before it: a DMA mapping, an IOMMU attachment, an
  /// armed timer. LINK is the place of an element in a list or tree.
  std::string Kind;
  /// For messages: "pinned page", "device reference".
  std::string Noun;
  /// Plural of Noun where an array of them is held; defaults to Noun + "s".
  std::string Plural;
  /// How to give it back, for the advice in messages: "unpin_user_page()".
  std::string ReleaseWith;
  /// Families of one group have the same kind of handle, so that releasing one
  /// with another's release is a mistake of its own ("page": FOLL_GET against
  /// FOLL_PIN). Empty: none.
  std::string Group;
  /// Families whose releases give back this one, too: put_page() is right for
  /// a page from alloc_page().
  std::vector<std::string> AlsoReleasedAs;
  /// Order contract: what of this family is about a thing is given back before
  /// what of these families is held on the same thing (DMA is unmapped before
  /// the page is unpinned).
  std::vector<std::string> ReleasedBefore;
  /// MAP: to release what has not been set up is a mistake (dma_unmap_sg(), not
  /// cancel_work_sync()).
  bool OnlyIfHeld = false;
  /// ALLOC: the caller owes it although it has not asked for it, and whatever
  /// frees the memory gives it back.
  bool EndsWhenFreed = false;
  /// PIN: the handle is a number that its user has chosen, an IOVA, where a
  /// range begins. How far a release goes from there is not compared.
  bool IsRange = false;
  std::string File;
  unsigned Line = 0;
};

/// One thing that a call does.
struct ProtocolEffect {
  enum KindTy {
    Acquire,  ///< Subject is held after the call and owed to Family.
    Release,  ///< Subject is given back.
    Free,     ///< The object that Subject points to is dead after the call.
    Use,      ///< The object that Subject points to must be alive.
    Escape,   ///< Subject may be owned by somebody else from here on.
    Transfer, ///< Subject is owned by the object Into from here on.
    Store,    ///< *Subject = Val, or an unknown value without Val.
    Fetch,    ///< Reads Size bytes of user memory at Subject, into *Into or
              ///< into the result.
    Publish,  ///< User space can reach Subject from here on, through operations
              ///< Into, and end its life.
    Before    ///< Order contract: whatever of Family is held at, or about (see
              ///< Of), Subject must have been given back before this call.
  };
  enum FormTy {
    Value, ///< Subject is the handle itself (a pointer, a pfn, a file).
    Out,   ///< Subject points to the variable that receives the handle.
    Array, ///< Subject points to the first of Count handles.
    Range  ///< Subject is the first of Count consecutive handles: page, page
           ///< + 1.
  };
  KindTy Kind = Acquire;
  FormTy Form = Value;
  /// Acquire and Release: a ProtocolFamily's name; Release may also say "any"
  /// of a group as "group:page".
  std::string Family;
  ProtocolExpr Subject;
  /// Number of handles; absent means one. With the form Value: how often the
  /// one handle is acquired or given back.
  std::optional<ProtocolExpr> Count;
  /// Acquire: how many were asked for, where fewer may come back.
  std::optional<ProtocolExpr> Request;
  /// Acquire: what the handle keeps in use, the page of a DMA mapping: that
  /// must not be given back or freed before this.
  std::optional<ProtocolExpr> Of;
  /// Transfer: without Into, the new owner is not known.
  /// Fetch: without Size, what Subject's type points to.
  std::optional<ProtocolExpr> Into, Size, Val;
  /// The effect takes place only if all of these hold.
  std::vector<ProtocolCond> When;
  /// Free: the death is deferred to a grace period (kfree_rcu).
  bool Deferred = false;
  /// Fetch: Subject is a cursor that the call moves on, so that the next call
  /// reads what follows (copy_from_iter).
  bool Stream = false;
  /// Release: only drops one of possibly several references; the object is
  /// dead afterwards only where nobody else holds one.
  bool MayBeLast = false;
  unsigned Line = 0;
};

/// A call that a function makes to a function it was given: kref_put() calls
/// its second argument with the first if that was the last reference.
struct ProtocolCallback {
  ProtocolExpr Function;
  std::vector<ProtocolExpr> With;
  std::vector<ProtocolCond> When;
  /// After a grace period (call_rcu).
  bool Deferred = false;
  unsigned Line = 0;
};

/// Everything known about one function or function-like macro, or about calls
/// through a member of a structure (`structure.member`). It does what is
/// listed here and nothing else: what its arguments point to is as it was, and
/// it keeps none of them.
struct ProtocolFunction {
  /// Each condition doubles the ways that a call can go.
  static constexpr unsigned MaxConditions = 3;

  std::string Name;
  /// The parameters' names where the protocol gives them. Entries that share a
  /// name differ in the number of parameters: a signature that changed between
  /// versions of the code base.
  std::vector<std::string> Args;
  /// Absent: any number of arguments.
  std::optional<unsigned> NumArgs;
  /// Takes more arguments than NumArgs.
  bool Variadic = false;
  std::vector<ProtocolEffect> Effects;
  std::vector<ProtocolCallback> Callbacks;
  /// Facts that hold at every return: `ret <= arg2`.
  std::vector<ProtocolCond> Ensures;
  /// The result, where it is a pure function of the arguments (PTR_ERR).
  std::optional<ProtocolExpr> Returns;
  /// The result is a different spelling of argument 0 that keeps its identity
  /// (page_to_pfn, page_folio, page_address). Names the conversion; a call with
  /// Inverse set to the same name undoes it (pfn_to_page).
  std::string Convert, Inverse;
  bool NoReturn = false;
  /// Known to keep nothing that it is given; changes nothing that matters.
  bool Pure = false;
  /// Waits for others, who may take elements out of lists meanwhile.
  bool Waits = false;
  /// Gives the same result at every call within a function (get_current).
  bool Stable = false;
  /// A result that the caller must expect to be zero (allocation) or an error
  /// pointer; "null", "err", "null-or-err" or empty.
  std::string Fails;
  /// Memory that the result points to reads as zero (kzalloc), always or where
  /// all of the conditions hold (kmalloc with __GFP_ZERO).
  bool Zeroed = false;
  std::vector<ProtocolCond> ZeroedWhen;
  std::string File;
  unsigned Line = 0;

  bool does(ProtocolEffect::KindTy Kind) const {
    return llvm::any_of(
        Effects, [&](const ProtocolEffect &E) { return E.Kind == Kind; });
  }
};

/// When functions that stand in a table of operations are called.
struct ProtocolEntries {
  /// Members that begin the life of what the others work on, and that end it.
  /// The others can be called any number of times in between.
  std::vector<std::string> Begin, End;
  /// What is begun and ended is the use of an object that lives on: user space
  /// opens and closes it.
  bool PerOpen = false;
};

/// What names say where nothing else is known.
struct ProtocolConventions {
  /// Words in the names of functions and operations that begin the life of what
  /// they work on, or end it.
  std::vector<std::string> BeginsLife, EndsLife;
  /// A function of one pointer whose name is that of the structure and one of
  /// these words frees what it is given.
  std::vector<std::string> Frees;
  /// Prefixes of functions whose results are given back when the driver is
  /// unbound.
  std::vector<std::string> Managed;
  /// Prefixes of functions that macros define to be called at the end of a
  /// variable's scope.
  std::vector<std::string> Scoped;
  /// Words in the names of functions that give back what they are passed. They
  /// count where nothing else is known about a function.
  std::vector<std::string> GivesBack;
  /// Macros that report what must not be, and go on.
  std::vector<std::string> Assertions;
  /// Error numbers, positive, which say that what was asked for goes on:
  /// somebody is called back when it is done.
  std::vector<int64_t> GoesOn;
  /// Macros that leave out of a compilation what says nothing about it.
  std::vector<std::string> Defines;
  /// Words for a step and for what undoes it.
  std::vector<std::pair<std::string, std::string>> Opposites;
};

/// True if one of \p Words stands in \p Name, between underscores.
bool hasWord(llvm::StringRef Name, llvm::ArrayRef<std::string> Words);

/// A part of what the protocols are about, to which a run over a large tree can
/// be narrowed.
struct ProtocolSubject {
  std::set<std::string> Families;
  /// Reads of user memory belong to it.
  bool Fetches = false;
};

/// All protocols in force for a run.
class Protocols {
public:
  /// The protocols that are built into the binary for \p CodeBase.
  static llvm::Expected<std::unique_ptr<Protocols>>
  builtin(llvm::StringRef CodeBase = "linux");

  /// Adds the protocols of the YAML text \p Text; entries for a function that
  /// is already known replace it, whatever its number of parameters. On error
  /// nothing is added; the message reads `FILE:LINE:COLUMN: reason`.
  llvm::Error add(llvm::StringRef Text, llvm::StringRef FileName);

  /// Reads \p Path and adds it.
  llvm::Error addFile(llvm::StringRef Path);

  /// The entry for a call of \p Function with \p NumArgs arguments.
  const ProtocolFunction *lookup(llvm::StringRef Function,
                                 unsigned NumArgs) const;
  /// The first entry of that name.
  const ProtocolFunction *lookup(llvm::StringRef Function) const;
  const ProtocolFamily *family(llvm::StringRef Name) const;
  /// Sorted by name, then as written.
  std::vector<const ProtocolFunction *> functions() const;
  std::vector<const ProtocolFamily *> families() const;
  /// Structures that others can change at any time, and members that point to
  /// such memory, as `structure.member`.
  const llvm::StringSet<> &shared() const { return Shared; }
  bool isShared(llvm::StringRef Name) const { return Shared.contains(Name); }
  /// Members, as `structure.member`, that go on owning what they have when it
  /// is handed on: who does that takes a reference.
  const llvm::StringSet<> &keeping() const { return Keeping; }
  /// Null if nothing is known of the table.
  const ProtocolEntries *entries(llvm::StringRef Table) const;
  /// What functions in tables of operations owe to those who call them, as
  /// `structure.member`: handles that they must have acquired by then.
  const std::map<std::string, ProtocolFunction> &operations() const {
    return Operations;
  }
  const ProtocolConventions &conventions() const { return Conventions; }
  /// By name.
  const std::map<std::string, ProtocolSubject> &subjects() const {
    return Subjects;
  }

private:
  friend class ProtocolReader;
  llvm::StringMap<std::vector<ProtocolFunction>> Functions;
  llvm::StringMap<ProtocolFamily> Families;
  llvm::StringMap<int64_t> Constants;
  llvm::StringSet<> Shared, Keeping;
  llvm::StringMap<ProtocolEntries> Entries;
  std::map<std::string, ProtocolFunction> Operations;
  ProtocolConventions Conventions;
  std::map<std::string, ProtocolSubject> Subjects;
};

} // namespace pinlint

#endif // PINLINT_FRONTEND_PROTOCOLS_H
