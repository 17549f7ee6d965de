//===- SourceScan.h - What a source file says, from its bytes ---*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Most files of a code base call none of the functions that the protocols
/// describe, and parsing them would find that out a thousand times slower than
/// a look at their identifiers. This is that look: no preprocessing, no types,
/// all branches of conditionals count. What it says is a superset of what is
/// there.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FRONTEND_SOURCESCAN_H
#define PINLINT_FRONTEND_SOURCESCAN_H

#include "Protocols.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <string>
#include <vector>

namespace pinlint {

/// Identifiers are told apart by a hash of their spelling: two that share one
/// make a file relevant that is not, no worse.
using NameHash = uint32_t;
NameHash hashName(llvm::StringRef Name);

/// What of a file is wanted; all but the names costs memory.
struct ScanWants {
  /// What functions and macros mention.
  bool Mentions = false;
  /// Structures for SourceScan::PointersToShared.
  const llvm::DenseSet<NameHash> *Shared = nullptr;
  /// Words in the names of functions that free what they are passed. Who calls
  /// one of these uses the name freesByNameHash() as well.
  llvm::ArrayRef<std::string> Frees;
};

/// Stands for all functions that free what they are passed as their names say.
NameHash freesByNameHash();

struct SourceScan {
  /// Every identifier outside of comments and strings; sorted.
  std::vector<NameHash> Names;
  /// Those that are more than declared: a header that declares a function does
  /// not call it. Sorted.
  std::vector<NameHash> Uses;
  /// Those that are called, or stand alone where there is a value or an
  /// argument of a macro: neither `x` in `struct x *p`, nor `p`. Sorted.
  std::vector<NameHash> Values;

  /// A function or macro with a body, or what a macro at the top level makes:
  /// DEFINE_FREE(name, ...).
  struct Definition {
    NameHash Name;
    bool IsStatic = false;
    bool IsMacro = false;
    /// Made by a macro at the top level: maybe the name is but a part of the
    /// names of what that makes, and to be found as an argument of others.
    bool IsMade = false;
    /// Sorted; empty unless they are wanted.
    std::vector<NameHash> Mentions;
    /// Those of Mentions that may be values; see SourceScan::Values.
    std::vector<NameHash> Values;
  };
  std::vector<Definition> Definitions;

  struct Include {
    std::string Name;
    bool Angled;
  };
  std::vector<Include> Includes;

  /// Members that something is reached through: b in `a->b->c`; sorted.
  std::vector<NameHash> Through;
  /// Variables and members that are declared as pointers to shared structures.
  std::vector<NameHash> PointersToShared;
  /// Some member is set to one in one place and to zero in another.
  bool RaisesAndLowers = false;
  /// A comment that talks to linters.
  bool HasSuppressions = false;
};

SourceScan scanSource(llvm::StringRef Text, const ScanWants &Wants);

/// The lines of \p Text that include something, whether comments or
/// conditionals leave them out or not: a fraction of what a scan costs.
std::vector<SourceScan::Include> includeLines(llvm::StringRef Text);

/// The names that make a file relevant to checks that follow obligations and,
/// with \p Lifetimes and \p Fetches, lifetimes and reads of user memory.
std::vector<llvm::StringRef> namesThatMatter(const Protocols &P, bool Lifetimes,
                                             bool Fetches);

/// The names of functions that begin what goes on in an object until something
/// stops it: work, timers.
std::vector<llvm::StringRef> namesThatStart(const Protocols &P);

/// The tables of operations some of which owe something to their callers: of
/// the families of \p Subject, or of any if that is null.
std::vector<llvm::StringRef> tablesThatOwe(const Protocols &P,
                                           const ProtocolSubject *Subject);

/// The names that show that a file deals with \p Subject.
std::vector<llvm::StringRef> namesAbout(const Protocols &P,
                                        const ProtocolSubject &Subject);

} // namespace pinlint

#endif // PINLINT_FRONTEND_SOURCESCAN_H
