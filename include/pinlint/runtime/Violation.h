//===- Violation.h - What the mapping manager caught ------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Kinds of misuse, and the log that collects them.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_RUNTIME_VIOLATION_H
#define PINLINT_RUNTIME_VIOLATION_H

#include "pinlint/runtime/Base.h"
#include <mutex>
#include <string>
#include <vector>

namespace pinlint::rt {

enum class ViolationKind : uint8_t {
  Leak,              ///< Never given back.
  PartialLeak,       ///< The part that a short acquire did return was lost.
  MismatchedRelease, ///< Given back with the release of another kind.
  OverRelease,       ///< Given back more often than it was acquired.
  UseAfterRelease,   ///< A page or reference was used after its last release.
  UseAfterFree,      ///< An object was used after it was freed.
  DoubleFree,        ///< An object was freed twice.
  TeardownOrder,     ///< Given back while something still depends on it.
  StaleState,        ///< The state says active (or idle) and it is not.
  DoubleFetch,       ///< A value that no check saw reached a guarded use.
  // The following have no check of their own in the analyser.
  NullDereference,
  OutOfBounds,
  UserDereference, ///< A user pointer was dereferenced without a fetch.
  WildAccess,      ///< Memory that belongs to nobody.
  Deadlock,
  LockImbalance,
  Warning, ///< WARN_ON() fired.
  Bug,     ///< BUG_ON() fired.
  Hang,    ///< The program does not come to an end.
};

/// The name of the analyser's check that finds this statically
/// ("pinlint-leak"); for kinds without a check, a short name ("deadlock").
const char *checkName(ViolationKind K);

struct Violation {
  ViolationKind Kind;
  /// What was misused: "page pin", "page reference", "iommu domain", ...
  std::string Subject;
  /// One sentence.
  std::string Message;
  /// Where it was noticed. For leaks, the same as Acquired.
  Site At;
  /// Where the obligation was taken or the object was made, if known.
  Site Acquired;
};

std::string toString(const Violation &V);

/// Collects violations. Thread-safe.
class ViolationLog {
public:
  void report(Violation V);
  void report(ViolationKind Kind, std::string Subject, std::string Message,
              Site At, Site Acquired = {});

  bool empty() const;
  size_t count(ViolationKind Kind) const;
  /// A copy, in the order of their occurrence.
  std::vector<Violation> all() const;
  void clear();

private:
  mutable std::mutex Lock;
  std::vector<Violation> Violations;
};

} // namespace pinlint::rt

#endif // PINLINT_RUNTIME_VIOLATION_H
