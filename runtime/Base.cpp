//===- Base.cpp - Units and places of the mapping manager -----------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/Base.h"
#include "pinlint/runtime/Violation.h"
#include <charconv>

namespace pinlint::rt {

std::string toString(const Site &S) {
  if (S.Line)
    return std::string(S.File) + ":" + std::to_string(S.Line) + " in " +
           S.Function;
  if (!S.Address)
    return "unknown place";
  char Buffer[16];
  auto End = std::to_chars(Buffer, Buffer + sizeof(Buffer), S.Address, 16).ptr;
  return "0x" + std::string(Buffer, End);
}

const char *checkName(ViolationKind K) {
  switch (K) {
  case ViolationKind::Leak:
    return "pinlint-leak";
  case ViolationKind::PartialLeak:
    return "pinlint-partial-pin";
  case ViolationKind::MismatchedRelease:
    return "pinlint-mismatched-release";
  case ViolationKind::OverRelease:
    return "pinlint-over-release";
  case ViolationKind::UseAfterRelease:
    return "pinlint-use-after-release";
  case ViolationKind::UseAfterFree:
    return "pinlint-use-after-free";
  case ViolationKind::DoubleFree:
    return "pinlint-double-free";
  case ViolationKind::TeardownOrder:
    return "pinlint-teardown-order";
  case ViolationKind::StaleState:
    return "pinlint-stale-state";
  case ViolationKind::DoubleFetch:
    return "pinlint-double-fetch";
  case ViolationKind::NullDereference:
    return "null-dereference";
  case ViolationKind::OutOfBounds:
    return "out-of-bounds";
  case ViolationKind::UserDereference:
    return "user-dereference";
  case ViolationKind::WildAccess:
    return "wild-access";
  case ViolationKind::Deadlock:
    return "deadlock";
  case ViolationKind::LockImbalance:
    return "lock-imbalance";
  case ViolationKind::Warning:
    return "warning";
  case ViolationKind::Bug:
    return "bug";
  case ViolationKind::Hang:
    return "hang";
  }
  return "unknown";
}

std::string toString(const Violation &V) {
  std::string Text =
      toString(V.At) + ": " + V.Message + " [" + checkName(V.Kind) + "]";
  if (V.Acquired.known() && !(V.Acquired == V.At))
    Text += ", from " + toString(V.Acquired);
  return Text;
}

void ViolationLog::report(Violation V) {
  std::lock_guard<std::mutex> Guard(Lock);
  Violations.push_back(std::move(V));
}

void ViolationLog::report(ViolationKind Kind, std::string Subject,
                          std::string Message, Site At, Site Acquired) {
  report({Kind, std::move(Subject), std::move(Message), At, Acquired});
}

bool ViolationLog::empty() const {
  std::lock_guard<std::mutex> Guard(Lock);
  return Violations.empty();
}

size_t ViolationLog::count(ViolationKind Kind) const {
  std::lock_guard<std::mutex> Guard(Lock);
  size_t N = 0;
  for (const Violation &V : Violations)
    N += V.Kind == Kind;
  return N;
}

std::vector<Violation> ViolationLog::all() const {
  std::lock_guard<std::mutex> Guard(Lock);
  return Violations;
}

void ViolationLog::clear() {
  std::lock_guard<std::mutex> Guard(Lock);
  Violations.clear();
}

} // namespace pinlint::rt
