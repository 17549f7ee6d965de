//===- UserMemory.h - Memory that user space owns ---------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// User memory as the kernel sees it: it may fault at any access, and another
/// thread of the process may change it between two accesses.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_RUNTIME_USERMEMORY_H
#define PINLINT_RUNTIME_USERMEMORY_H

#include "pinlint/runtime/Choice.h"
#include <functional>
#include <map>
#include <mutex>
#include <vector>

namespace pinlint::rt {

/// The memory of one process. Thread-safe.
///
/// Each region has a benign and, optionally, a hostile image. A byte that is
/// fetched for the first time reads from either; a byte that was fetched before
/// reads the same value again, or the other one if the adversary has changed it
/// meanwhile. An execution in which no byte changed between two fetches is one
/// that unchanging memory could have produced: consistent() tells the two
/// apart, which is what defines a double fetch (see docs/verification.md).
class UserMemory {
public:
  explicit UserMemory(ChoiceSource &Choices) : Choices(&Choices) {}

  /// Adds a region; regions must not overlap. \p Hostile is empty or has the
  /// size of \p Benign.
  void add(UserAddr Start, std::vector<uint8_t> Benign,
           std::vector<uint8_t> Hostile = {});
  /// Removes the region that begins at \p Start, if there is one.
  void remove(UserAddr Start);

  /// copy_from_user(): returns the number of bytes that could not be read; the
  /// rest of \p To is then zeroed, as the kernel does.
  size_t fetch(void *To, UserAddr From, size_t Size, Site At = Site::here());
  /// copy_to_user(): returns the number of bytes that could not be written.
  size_t store(UserAddr To, const void *From, size_t Size,
               Site At = Site::here());

  /// Accesses by the process itself, which neither fault nor count as fetches.
  /// \returns false where no region covers the range.
  bool peek(UserAddr From, void *To, size_t Size) const;
  bool poke(UserAddr To, const void *From, size_t Size);

  /// Runs after each fetch, with no lock held: an adversary of the caller's
  /// own, which may poke().
  void setAdversary(std::function<void(UserMemory &, unsigned Fetch)> F);

  /// Whether every byte read the same value in all its fetches.
  bool consistent() const;
  /// The fetch that first read another value than one before it.
  Site changedAt() const;
  /// Number of fetches so far.
  unsigned fetches() const;

private:
  enum SeenTy : uint8_t { Unseen, SeenBenign, SeenHostile };
  struct Region {
    std::vector<uint8_t> Benign, Hostile;
    std::vector<uint8_t> Seen;
  };
  /// The region with \p Addr and the offset in it.
  Region *find(UserAddr Addr, size_t &Offset);
  const Region *find(UserAddr Addr, size_t &Offset) const;

  mutable std::mutex Lock;
  ChoiceSource *Choices;
  std::map<UserAddr, Region> Regions;
  std::function<void(UserMemory &, unsigned)> Adversary;
  unsigned Fetches = 0;
  bool Changed = false;
  Site ChangedAt;
};

} // namespace pinlint::rt

#endif // PINLINT_RUNTIME_USERMEMORY_H
