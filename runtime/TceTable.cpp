//===- TceTable.cpp - Translation control entries of sPAPR ----------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/TceTable.h"
#include <algorithm>

namespace pinlint::rt {

// Registered memory ----------------------------------------------------------

std::unique_ptr<RegisteredMemory> RegisteredMemory::make(AddressSpace &Process,
                                                         UserAddr Start,
                                                         uint64_t Pages,
                                                         Site At) {
  std::unique_ptr<RegisteredMemory> M(new RegisteredMemory(Process, At));
  M->Start = Start;
  while (M->Pages.size() != Pages) {
    // Bookkeeping must not grow by what user space merely asks for.
    std::vector<Pfn> Batch(
        std::min(Pages - M->Pages.size(), PageSize / sizeof(void *)));
    long Got = Process.gup({Start + M->Pages.size() * PageSize, Batch.size(),
                            HoldKind::Pin, /*Write=*/true, /*Fast=*/true},
                           Batch, At);
    if (Got <= 0)
      return nullptr;
    M->Pages.insert(M->Pages.end(), Batch.begin(), Batch.begin() + Got);
  }
  return M;
}

RegisteredMemory::~RegisteredMemory() {
  Process.ledger().releaseAll(Pages, HoldKind::Pin, At);
}

bool RegisteredMemory::contains(UserAddr Addr, uint64_t Size) const {
  uint64_t Bytes = Pages.size() * PageSize;
  return Addr >= Start && Size <= Bytes && Addr - Start <= Bytes - Size;
}

void RegisteredMemory::dropEntry(ViolationLog &Log, Site From) {
  if (Entries) {
    --Entries;
    return;
  }
  Log.report(ViolationKind::OverRelease, "registered memory",
             "an entry is dropped that does not lead to the memory", From, At);
}

// Hardware tables ------------------------------------------------------------

HardwareTable::~HardwareTable() {
  for (const Entry &E : Table)
    if (E.Permissions)
      Ledger.hardwareUnmap(E.Page);
}

HardwareTable::Entry HardwareTable::exchange(uint64_t Index, Entry New) {
  Entry Old = Table[Index];
  Table[Index] = New;
  if (New.Permissions)
    Ledger.hardwareMap(New.Page);
  if (Old.Permissions)
    Ledger.hardwareUnmap(Old.Page);
  return Old;
}

bool HardwareTable::deviceAccess(uint64_t Index, bool Write, Site At) {
  if (Index >= Table.size())
    return false;
  const Entry &E = Table[Index];
  if (!(E.Permissions & (Write ? TceWrite : TceRead)))
    return false;
  return Ledger.deviceAccess(E.Page, At);
}

// The guest's table ----------------------------------------------------------

TceTable::TceTable(AddressSpace &Process, ViolationLog &Log, uint64_t Entries,
                   TcePolicy Policy, unsigned Mistakes)
    : Process(Process), Log(Log), Policy(Policy), Mistakes(Mistakes),
      Entries(Entries, 0) {}

TceTable::~TceTable() {
  for (uint64_t I = 0; I != Entries.size(); ++I)
    clear(I, Site::here());
}

void TceTable::setMemorySlot(uint64_t Guest, UserAddr User, uint64_t Size) {
  SlotGuest = Guest;
  SlotUser = User;
  SlotSize = Size;
}

Status TceTable::removeMemorySlot() {
  for (const auto &M : Memory)
    if (M->entries() && M->start() < SlotUser + SlotSize &&
        SlotUser < M->start() + M->pages() * PageSize)
      return -EBUSY;
  SlotSize = 0;
  return 0;
}

Status TceTable::registerMemory(UserAddr Start, uint64_t Size, Site At) {
  if (!Size || !isPageAligned(Start | Size) || Start + Size < Start)
    return -EINVAL;
  for (const auto &M : Memory)
    if (M->start() == Start && M->pages() == Size >> PageShift)
      return -EBUSY;
  auto M = RegisteredMemory::make(Process, Start, Size >> PageShift, At);
  if (!M)
    return -EFAULT;
  Memory.push_back(std::move(M));
  return 0;
}

Status TceTable::unregisterMemory(UserAddr Start, uint64_t Size, Site) {
  auto It = std::find_if(Memory.begin(), Memory.end(), [&](const auto &M) {
    return M->start() == Start && M->pages() == Size >> PageShift;
  });
  if (It == Memory.end())
    return -ENOENT;
  if ((*It)->entries())
    return -EBUSY;
  Memory.erase(It);
  return 0;
}

Status TceTable::addHardwareTable() {
  if (Hardware.size() == MaxHardwareTables)
    return -ENOSPC;
  Hardware.push_back(
      std::make_unique<HardwareTable>(Process.ledger(), Entries.size()));
  return 0;
}

bool TceTable::validRange(uint64_t Address, uint64_t Count) const {
  uint64_t First = Address >> PageShift;
  return isPageAligned(Address) && First <= Entries.size() &&
         Count <= Entries.size() - First;
}

std::optional<UserAddr> TceTable::translate(uint64_t Guest) const {
  if (Guest < SlotGuest || Guest - SlotGuest >= SlotSize)
    return std::nullopt;
  return SlotUser + (Guest - SlotGuest);
}

RegisteredMemory *TceTable::lookUp(UserAddr Addr) const {
  for (const auto &M : Memory)
    if (M->contains(Addr, PageSize))
      return M.get();
  return nullptr;
}

long TceTable::validate(uint64_t Tce) const {
  // The guest may poison entries: without permission, any value will do.
  if (!(Tce & TcePermissions))
    return HSuccess;
  uint64_t Guest = Tce & ~TcePermissions;
  if (!isPageAligned(Guest))
    return HTooHard;
  auto User = translate(Guest);
  if (!User)
    return HTooHard;
  // Without devices, nobody needs the memory to be registered.
  return Hardware.empty() || lookUp(*User) ? HSuccess : HTooHard;
}

void TceTable::drop(const HardwareTable::Entry &Old, Site At) {
  if (Old.Memory && !mistake(ClearForgetsMemory))
    Old.Memory->dropEntry(Log, At);
}

void TceTable::clear(uint64_t Index, Site At) {
  for (auto &H : Hardware)
    drop(H->exchange(Index, {}), At);
}

long TceTable::commit(uint64_t Index, uint64_t Tce, bool Validated,
                      std::vector<Change> &Done, Site At) {
  HardwareTable::Entry New;
  New.Permissions = Tce & TcePermissions;
  if (New.Permissions && !Hardware.empty()) {
    auto User = translate(Tce & ~TcePermissions);
    if (!User) {
      if (!Validated)
        Log.report(ViolationKind::DoubleFetch, "table entry",
                   "an entry is put that was changed after its validation", At);
      return HParameter;
    }
    New.Memory = lookUp(*User);
    if (!New.Memory) {
      if (Validated)
        return HTooHard;
      // What the guest names is not pinned: the device gets at a page that may
      // be anybody's by the time of the access.
      Log.report(ViolationKind::DoubleFetch, "table entry",
                 "an entry is put that was changed after its validation", At);
      New.Page = Process.follow(*User).value_or(0);
    } else {
      New.Page = New.Memory->pageAt(*User);
    }
  }
  size_t Before = Done.size();
  ChoiceSource &Choices = Process.choices();
  for (auto &H : Hardware) {
    bool Fails = New.Permissions && Choices.choose(2) == 1;
    if (New.Permissions && Choices.wantsText())
      Choices.describe(At, Fails ? "the hardware refuses an entry"
                                 : "the hardware takes an entry");
    if (Fails) {
      if (!mistake(FailureLeavesEntry))
        undo(Done, Before, At);
      return HTooHard;
    }
    if (New.Memory)
      New.Memory->addEntry();
    Done.push_back({H.get(), Index, H->exchange(Index, New)});
  }
  return HSuccess;
}

void TceTable::undo(std::vector<Change> &Done, size_t Keep, Site At) {
  for (; Done.size() != Keep; Done.pop_back()) {
    Change &C = Done.back();
    HardwareTable::Entry New = C.Table->exchange(C.Index, C.Old);
    if (New.Memory)
      New.Memory->dropEntry(Log, At);
  }
}

void TceTable::settle(std::vector<Change> &Done, Site At) {
  for (const Change &C : Done)
    drop(C.Old, At);
  Done.clear();
}

long TceTable::put(uint64_t Address, uint64_t Tce, Site At) {
  if (!validRange(Address, 1))
    return HParameter;
  if (long Error = validate(Tce))
    return Error;
  std::vector<Change> Done;
  long Error = commit(Address >> PageShift, Tce, /*Validated=*/true, Done, At);
  settle(Done, At);
  if (!Error)
    Entries[Address >> PageShift] = Tce;
  return Error;
}

bool TceTable::fetch(UserAddr From, uint64_t &Tce, Site At) {
  uint64_t BigEndian;
  if (Process.memory().fetch(&BigEndian, From, sizeof(BigEndian), At))
    return false;
  Tce = __builtin_bswap64(BigEndian);
  return true;
}

long TceTable::putIndirect(uint64_t Address, uint64_t List, uint64_t Count,
                           Site At) {
  if (Count > MaxList || !isPageAligned(List) || !validRange(Address, Count))
    return HParameter;
  auto User = translate(List);
  if (!User)
    return HTooHard;
  uint64_t First = Address >> PageShift;

  std::vector<uint64_t> Copy(Count);
  for (uint64_t I = 0; I != Count; ++I) {
    if (!fetch(*User + I * sizeof(uint64_t), Copy[I], At))
      return HTooHard;
    if (long Error = validate(Copy[I]))
      return Error;
  }

  if (Policy == TcePolicy::CopyValidateCommit)
    return putCopy(First, Copy, At);
  for (uint64_t I = 0; I != Count; ++I) {
    uint64_t Tce;
    if (!fetch(*User + I * sizeof(uint64_t), Tce, At))
      return HTooHard;
    bool Validates = Policy == TcePolicy::ValidateAtUse;
    long Error = Validates ? validate(Tce) : HSuccess;
    std::vector<Change> Done;
    if (!Error)
      Error = commit(First + I, Tce, Validates, Done, At);
    if (!Error) {
      settle(Done, At);
      Entries[First + I] = Tce;
      continue;
    }
    if (!mistake(FailureLeavesEntry)) {
      clear(First + I, At);
      Entries[First + I] = 0;
      ++Warnings;
    }
    return Error;
  }
  return HSuccess;
}

long TceTable::putCopy(uint64_t First, std::span<const uint64_t> Copy,
                       Site At) {
  std::vector<Change> Done;
  for (uint64_t I = 0; I != Copy.size(); ++I)
    if (long Error = commit(First + I, Copy[I], /*Validated=*/true, Done, At)) {
      undo(Done, 0, At);
      return Error;
    }
  settle(Done, At);
  std::copy(Copy.begin(), Copy.end(), Entries.begin() + First);
  return HSuccess;
}

long TceTable::stuff(uint64_t Address, uint64_t Tce, uint64_t Count, Site At) {
  if (!validRange(Address, Count) || (Tce & TcePermissions))
    return HParameter;
  uint64_t First = Address >> PageShift;
  for (uint64_t I = 0; I != Count; ++I) {
    clear(First + I, At);
    Entries[First + I] = Tce;
  }
  return HSuccess;
}

long TceTable::get(uint64_t Address, uint64_t &Tce) const {
  if (!validRange(Address, 1))
    return HParameter;
  Tce = Entries[Address >> PageShift];
  return HSuccess;
}

} // namespace pinlint::rt
