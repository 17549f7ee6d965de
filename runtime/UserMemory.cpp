//===- UserMemory.cpp - Memory that user space owns -----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/UserMemory.h"
#include <algorithm>
#include <cassert>
#include <cstring>

namespace pinlint::rt {

UserMemory::Region *UserMemory::find(UserAddr Addr, size_t &Offset) {
  auto It = Regions.upper_bound(Addr);
  if (It == Regions.begin())
    return nullptr;
  --It;
  Offset = Addr - It->first;
  return Offset < It->second.Benign.size() ? &It->second : nullptr;
}

const UserMemory::Region *UserMemory::find(UserAddr Addr,
                                           size_t &Offset) const {
  return const_cast<UserMemory *>(this)->find(Addr, Offset);
}

void UserMemory::add(UserAddr Start, std::vector<uint8_t> Benign,
                     std::vector<uint8_t> Hostile) {
  assert((Hostile.empty() || Hostile.size() == Benign.size()) &&
         "both images describe the same bytes");
  std::lock_guard<std::mutex> Guard(Lock);
  Region R;
  R.Seen.assign(Benign.size(), Unseen);
  R.Hostile = Hostile.empty() ? Benign : std::move(Hostile);
  R.Benign = std::move(Benign);
  Regions.emplace(Start, std::move(R));
}

void UserMemory::remove(UserAddr Start) {
  std::lock_guard<std::mutex> Guard(Lock);
  Regions.erase(Start);
}

size_t UserMemory::fetch(void *To, UserAddr From, size_t Size, Site At) {
  std::unique_lock<std::mutex> Guard(Lock);
  auto *Out = static_cast<uint8_t *>(To);
  unsigned Number = Fetches++;
  size_t Offset = 0;
  Region *R = Size ? find(From, Offset) : nullptr;
  size_t Readable = R ? std::min(Size, R->Benign.size() - Offset) : 0;

  if (Readable == Size && Size) {
    bool Fault = Choices->choose(2) == 1;
    if (Choices->wantsText())
      Choices->describe(At, Fault ? "reading user memory faults"
                                  : "user memory is read");
    if (Fault)
      Readable = 0;
  }
  bool NewDiffers = false, OldDiffers = false;
  for (size_t I = Offset; I != Offset + Readable; ++I) {
    if (R->Benign[I] == R->Hostile[I])
      continue;
    (R->Seen[I] == Unseen ? NewDiffers : OldDiffers) = true;
  }
  bool Hostile = NewDiffers && Choices->choose(2) == 1;
  if (NewDiffers && Choices->wantsText())
    Choices->describe(At, Hostile ? "user memory has the hostile content"
                                  : "user memory has the benign content");
  bool Flip = OldDiffers && Choices->choose(2) == 1;
  if (OldDiffers && Choices->wantsText())
    Choices->describe(At, Flip
                              ? "user space has changed it since the last fetch"
                              : "unchanged since the last fetch");
  if (Flip && !Changed) {
    Changed = true;
    ChangedAt = At;
  }

  for (size_t I = 0; I != Readable; ++I) {
    uint8_t &Seen = R->Seen[Offset + I];
    bool ReadHostile = Seen == Unseen ? Hostile : (Seen == SeenHostile) != Flip;
    Seen = ReadHostile ? SeenHostile : SeenBenign;
    Out[I] = (ReadHostile ? R->Hostile : R->Benign)[Offset + I];
  }
  if (Readable != Size)
    std::memset(Out + Readable, 0, Size - Readable);
  auto Callback = Adversary;
  Guard.unlock();
  if (Callback)
    Callback(*this, Number);
  return Size - Readable;
}

size_t UserMemory::store(UserAddr To, const void *From, size_t Size, Site At) {
  std::lock_guard<std::mutex> Guard(Lock);
  const auto *In = static_cast<const uint8_t *>(From);
  size_t Offset = 0;
  Region *R = Size ? find(To, Offset) : nullptr;
  size_t Writable = R ? std::min(Size, R->Benign.size() - Offset) : 0;
  if (Writable == Size && Size) {
    bool Fault = Choices->choose(2) == 1;
    if (Choices->wantsText())
      Choices->describe(At, Fault ? "writing user memory faults"
                                  : "user memory is written");
    if (Fault)
      Writable = 0;
  }
  for (size_t I = 0; I != Writable; ++I) {
    // What the kernel wrote was not fetched yet: the next fetch is the first.
    // Bytes that the adversary does not touch stay so.
    if (R->Hostile[Offset + I] == R->Benign[Offset + I])
      R->Hostile[Offset + I] = In[I];
    R->Benign[Offset + I] = In[I];
    R->Seen[Offset + I] = Unseen;
  }
  return Size - Writable;
}

bool UserMemory::peek(UserAddr From, void *To, size_t Size) const {
  std::lock_guard<std::mutex> Guard(Lock);
  size_t Offset = 0;
  const Region *R = find(From, Offset);
  if (!R || R->Benign.size() - Offset < Size)
    return false;
  std::memcpy(To, R->Benign.data() + Offset, Size);
  return true;
}

bool UserMemory::poke(UserAddr To, const void *From, size_t Size) {
  std::lock_guard<std::mutex> Guard(Lock);
  size_t Offset = 0;
  Region *R = find(To, Offset);
  if (!R || R->Benign.size() - Offset < Size)
    return false;
  std::memcpy(R->Benign.data() + Offset, From, Size);
  std::memcpy(R->Hostile.data() + Offset, From, Size);
  return true;
}

void UserMemory::setAdversary(std::function<void(UserMemory &, unsigned)> F) {
  std::lock_guard<std::mutex> Guard(Lock);
  Adversary = std::move(F);
}

bool UserMemory::consistent() const {
  std::lock_guard<std::mutex> Guard(Lock);
  return !Changed;
}

Site UserMemory::changedAt() const {
  std::lock_guard<std::mutex> Guard(Lock);
  return ChangedAt;
}

unsigned UserMemory::fetches() const {
  std::lock_guard<std::mutex> Guard(Lock);
  return Fetches;
}

} // namespace pinlint::rt
