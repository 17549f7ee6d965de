//===- TceTable.h - Translation control entries of sPAPR --------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// DMA of a pseries guest under KVM: the guest fills a table of translation
/// control entries (TCEs) by hypercalls; the hypervisor mirrors each entry into
/// the hardware tables of the devices that it passes through. The memory that
/// entries lead to has been registered (and so pinned) by user space before.
///
/// Rules: the hypercalls H_PUT_TCE, H_PUT_TCE_INDIRECT and H_STUFF_TCE of the
/// PAPR; arch/powerpc/kvm/book3s_64_vio.c,
/// arch/powerpc/mm/book3s64/iommu_api.c, drivers/vfio/vfio_iommu_spapr_tce.c.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_RUNTIME_TCETABLE_H
#define PINLINT_RUNTIME_TCETABLE_H

#include "pinlint/runtime/AddressSpace.h"
#include <memory>
#include <optional>

namespace pinlint::rt {

/// Results of hypercalls.
enum HypercallResult : long {
  HSuccess = 0,
  HParameter = -4,
  /// The caller (user space) has to do it.
  HTooHard = 9999,
};

/// Permissions in the low bits of an entry; the rest is a guest address.
inline constexpr uint64_t TceRead = 1, TceWrite = 2;
inline constexpr uint64_t TcePermissions = TceRead | TceWrite;

/// Memory that user space has registered for DMA, as a whole pinned
/// (mm_iommu_table_group_mem_t).
class RegisteredMemory {
public:
  /// \returns nothing if not every page can be pinned; none is then.
  static std::unique_ptr<RegisteredMemory> make(AddressSpace &Process,
                                                UserAddr Start, uint64_t Pages,
                                                Site At = Site::here());
  /// Unpins. Table entries that still lead here are a mistake, and reported by
  /// the ledger.
  ~RegisteredMemory();

  bool contains(UserAddr Addr, uint64_t Size) const;
  Pfn pageAt(UserAddr Addr) const { return Pages[(Addr - Start) >> PageShift]; }
  UserAddr start() const { return Start; }
  uint64_t pages() const { return Pages.size(); }

  /// mm_iommu_mapped_inc(), mm_iommu_mapped_dec(): a table entry leads here.
  void addEntry() { ++Entries; }
  void dropEntry(ViolationLog &Log, Site At);
  uint64_t entries() const { return Entries; }

private:
  RegisteredMemory(AddressSpace &Process, Site At) : Process(Process), At(At) {}

  AddressSpace &Process;
  Site At;
  UserAddr Start = 0;
  std::vector<Pfn> Pages;
  uint64_t Entries = 0;
};

/// A table that devices translate by (struct iommu_table).
class HardwareTable {
public:
  struct Entry {
    Pfn Page = 0;
    /// TceRead, TceWrite; none: an access faults.
    unsigned Permissions = 0;
    /// What the entry leads to, counted there.
    RegisteredMemory *Memory = nullptr;
  };

  HardwareTable(PageLedger &Ledger, uint64_t Entries)
      : Ledger(Ledger), Table(Entries) {}
  ~HardwareTable();

  uint64_t size() const { return Table.size(); }
  const Entry &at(uint64_t Index) const { return Table[Index]; }
  /// iommu_tce_xchg_no_kill(): \returns the old entry.
  Entry exchange(uint64_t Index, Entry New);
  /// A device accesses memory through the entry.
  bool deviceAccess(uint64_t Index, bool Write, Site At = Site::here());

private:
  PageLedger &Ledger;
  std::vector<Entry> Table;
};

/// How a list of entries is checked and put, given that the guest may change
/// the list meanwhile.
enum class TcePolicy : uint8_t {
  /// The list is copied once. The copy is validated, then put: all entries, or
  /// none and no trace of them.
  CopyValidateCommit,
  /// Every entry is fetched again for its use, and validated there. Entries
  /// before one that fails stay; the failing one is cleared in all tables, and
  /// one warning is given per call. (What book3s_64_vio.c does.)
  ValidateAtUse,
  /// Every entry is fetched again for its use, and used as it is. For tests.
  Unsafe,
};

/// Mistakes that were made in code of this kind. For tests.
enum TceMistake : unsigned {
  /// Clearing an entry does not give up the memory that it led to: that can
  /// never be unregistered.
  ClearForgetsMemory = 1 << 0,
  /// A list that fails in the middle leaves the failing entry as it was in the
  /// first table and new in the second.
  FailureLeavesEntry = 1 << 1,
};

/// One guest with one table of entries (LIOBN) and the hardware tables of the
/// container's two DMA windows. Not thread-safe; KVM serialises by SRCU and the
/// table's owner.
class TceTable {
public:
  /// SPAPR's limit: a list fits into 4 KiB.
  static constexpr uint64_t MaxList = 512;
  static constexpr unsigned MaxHardwareTables = 2;

  TceTable(AddressSpace &Process, ViolationLog &Log, uint64_t Entries,
           TcePolicy Policy, unsigned Mistakes = 0);
  TceTable(const TceTable &) = delete;
  TceTable &operator=(const TceTable &) = delete;
  /// Clears every entry, then gives back what is registered.
  ~TceTable();

  /// KVM_SET_USER_MEMORY_REGION: guest memory [\p Guest, + \p Size) is the
  /// process's memory at \p User. One slot.
  void setMemorySlot(uint64_t Guest, UserAddr User, uint64_t Size);
  /// \returns -EBUSY while an entry leads into the slot (hot-unplug).
  Status removeMemorySlot();

  /// VFIO_IOMMU_SPAPR_REGISTER_MEMORY. \returns -EINVAL if unaligned or empty,
  /// -EBUSY if exactly that range is registered already, -EFAULT.
  Status registerMemory(UserAddr Start, uint64_t Size, Site At = Site::here());
  /// \returns -ENOENT if that range is not registered, -EBUSY while an entry
  /// leads there.
  Status unregisterMemory(UserAddr Start, uint64_t Size,
                          Site At = Site::here());

  /// Attaches a hardware table (VFIO_IOMMU_SPAPR_TCE_CREATE), of the same size.
  /// \returns -ENOSPC beyond MaxHardwareTables.
  Status addHardwareTable();
  HardwareTable &hardwareTable(unsigned Index) { return *Hardware[Index]; }
  unsigned hardwareTables() const { return Hardware.size(); }

  /// H_PUT_TCE. \p Address is a bus address in bytes.
  /// \returns HParameter if outside the table, HTooHard if the entry cannot be
  ///          translated or its memory is not registered.
  long put(uint64_t Address, uint64_t Tce, Site At = Site::here());
  /// H_PUT_TCE_INDIRECT: \p Count big-endian entries from guest memory at
  /// \p List, which is 4 KiB aligned.
  long putIndirect(uint64_t Address, uint64_t List, uint64_t Count,
                   Site At = Site::here());
  /// H_STUFF_TCE: \p Count entries of the same value, without permissions.
  long stuff(uint64_t Address, uint64_t Tce, uint64_t Count,
             Site At = Site::here());
  /// H_GET_TCE.
  long get(uint64_t Address, uint64_t &Tce) const;

  /// Number of warnings given so far.
  unsigned warnings() const { return Warnings; }

private:
  bool mistake(TceMistake M) const { return Mistakes & M; }
  bool validRange(uint64_t Address, uint64_t Count) const;
  std::optional<UserAddr> translate(uint64_t Guest) const;
  RegisteredMemory *lookUp(UserAddr Addr) const;
  long validate(uint64_t Tce) const;
  /// One exchanged entry of a hardware table.
  struct Change {
    HardwareTable *Table;
    uint64_t Index;
    HardwareTable::Entry Old;
  };
  /// Puts an entry into all hardware tables; on failure none has changed.
  long commit(uint64_t Index, uint64_t Tce, bool Validated,
              std::vector<Change> &Done, Site At);
  /// Takes changes back, down to the first \p Keep ones.
  void undo(std::vector<Change> &Done, size_t Keep, Site At);
  /// Makes changes final: gives up what the old entries led to.
  void settle(std::vector<Change> &Done, Site At);
  long putCopy(uint64_t First, std::span<const uint64_t> Copy, Site At);
  void clear(uint64_t Index, Site At);
  void drop(const HardwareTable::Entry &Old, Site At);
  bool fetch(UserAddr From, uint64_t &Tce, Site At);

  AddressSpace &Process;
  ViolationLog &Log;
  TcePolicy Policy;
  unsigned Mistakes;
  uint64_t SlotGuest = 0, SlotSize = 0;
  UserAddr SlotUser = 0;
  std::vector<uint64_t> Entries;
  std::vector<std::unique_ptr<HardwareTable>> Hardware;
  std::vector<std::unique_ptr<RegisteredMemory>> Memory;
  unsigned Warnings = 0;
};

} // namespace pinlint::rt

#endif // PINLINT_RUNTIME_TCETABLE_H
