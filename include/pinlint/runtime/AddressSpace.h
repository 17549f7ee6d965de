//===- AddressSpace.h - The pages of a user process -------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A process's mappings, get_user_pages() on them, and the accounting of locked
/// pages. Rules: mm/gup.c (return values), mm/util.c (__account_locked_vm()).
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_RUNTIME_ADDRESSSPACE_H
#define PINLINT_RUNTIME_ADDRESSSPACE_H

#include "pinlint/runtime/Choice.h"
#include "pinlint/runtime/PageLedger.h"
#include "pinlint/runtime/UserMemory.h"
#include <map>

namespace pinlint::rt {

enum class VmaKind : uint8_t {
  Anonymous, ///< Pages with consecutive numbers, made on first use.
  Scattered, ///< Pages of which no two are neighbours.
  ReadZero,  ///< Never written: reads get the zero page.
  Device,    ///< VM_PFNMAP: page frames without struct page.
};

/// What get_user_pages() and its relatives are asked for.
struct GupRequest {
  UserAddr Start = 0;
  uint64_t Pages = 0;
  HoldKind Kind = HoldKind::Pin;
  bool Write = false;
  /// The slow variants may return 0 when a fault has to be retried; the fast
  /// ones return a count or an error (comments at __get_user_pages() and
  /// get_user_pages_fast()).
  bool Fast = false;
};

/// One process (mm_struct). Thread-safe.
class AddressSpace {
public:
  static constexpr uint64_t DefaultLockLimit = 1 << 20;

  AddressSpace(PageLedger &Ledger, ChoiceSource &Choices,
               uint64_t LockLimitPages = DefaultLockLimit)
      : Ledger(Ledger), Choices(&Choices), LockLimit(LockLimitPages),
        Memory(Choices) {}
  AddressSpace(const AddressSpace &) = delete;
  AddressSpace &operator=(const AddressSpace &) = delete;

  /// mmap(): \p Pages pages at \p At (page aligned), or where there is room.
  UserAddr map(uint64_t Pages, VmaKind Kind = VmaKind::Anonymous,
               UserAddr At = 0);
  /// munmap(): drops the process's own references; what others hold stays.
  void unmap(UserAddr Start, uint64_t Pages);
  /// The process was killed: everything is unmapped, and nothing more can be
  /// pinned.
  void exit();
  bool alive() const;

  /// Takes references on the pages of a range, in order, up to the first that
  /// cannot be had.
  /// \param Out receives the page numbers; at least Request.Pages entries.
  /// \returns the number of pages taken, which may be short; -EFAULT if there
  ///          was none; 0 for an empty request or, in the slow variants, a
  ///          retry.
  long gup(const GupRequest &Request, std::span<Pfn> Out,
           Site At = Site::here());
  /// The page at an address without taking a reference (follow_pfnmap);
  /// for Device mappings this is the only way. Nothing if unmapped.
  std::optional<Pfn> follow(UserAddr Addr);

  /// Counts \p Pages (negative: gives back) against the limit on locked memory.
  /// \returns -ENOMEM beyond the limit, RLIMIT_MEMLOCK.
  Status account(int64_t Pages);
  /// Pages counted so far.
  int64_t accounted() const;
  uint64_t lockLimit() const { return LockLimit; }

  PageLedger &ledger() { return Ledger; }
  ChoiceSource &choices() { return *Choices; }
  UserMemory &memory() { return Memory; }

private:
  struct Vma {
    uint64_t Pages;
    VmaKind Kind;
  };
  /// The mapping around \p Addr.
  const Vma *find(UserAddr Addr) const;
  Pfn fault(UserAddr Addr, const Vma &V, bool Write);

  mutable std::mutex Lock;
  PageLedger &Ledger;
  ChoiceSource *Choices;
  uint64_t LockLimit;
  UserMemory Memory;
  std::map<UserAddr, Vma> Vmas;
  std::map<UserAddr, Pfn> Present;
  Pfn ZeroPage = 0;
  int64_t Accounted = 0;
  UserAddr Next = 0x100000;
  bool Alive = true;
};

} // namespace pinlint::rt

#endif // PINLINT_RUNTIME_ADDRESSSPACE_H
