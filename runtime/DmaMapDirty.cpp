//===- DmaMapDirty.cpp - Dirty page tracking of a container ---------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/DmaMap.h"
#include <algorithm>

namespace pinlint::rt {

Status DmaMap::allocateDirty(Iova Start, Range &R, Site At) {
  uint64_t Pages = R.Size / granule();
  if (Pages > DirtyBitmap::MaxPages)
    return -EINVAL;
  ChoiceSource &Choices = Process.choices();
  bool Fails = Choices.choose(2) == 1;
  if (Choices.wantsText())
    Choices.describe(At, Fails ? "allocating a dirty bitmap fails"
                               : "a dirty bitmap is allocated");
  if (Fails)
    return -ENOMEM;
  R.Dirty = std::make_unique<DirtyBitmap>(Pages);
  R.DirtyFreed = false;
  repopulate(Start, R);
  return 0;
}

void DmaMap::freeDirty(Range &R, Site At) {
  if (R.DirtyFreed && mistake(StopFreesTwice))
    Log.report(ViolationKind::DoubleFree, "dirty bitmap",
               "a dirty bitmap is freed twice", At);
  R.Dirty.reset();
  R.DirtyFreed = true;
}

bool DmaMap::allDirty(const Range &R) const {
  return R.IommuMapped &&
         std::any_of(Groups.begin(), Groups.end(),
                     [](const auto &E) { return !E.second.PinnedScope; });
}

/// What is pinned can be written at any time, and is dirty from the start.
void DmaMap::repopulate(Iova Start, Range &R) {
  for (const auto &[Addr, Pin] : R.Pins)
    R.Dirty->set((Addr - Start) / granule());
}

Status DmaMap::startDirtyTracking(Site At) {
  std::lock_guard<CheckedMutex> Guard(Lock);
  if (Tracking)
    return -EALREADY;
  if (mistake(StartKeepsTracking))
    Tracking = true;
  for (auto It = Ranges.begin(); It != Ranges.end(); ++It) {
    Status Error = allocateDirty(It->first, It->second, At);
    if (!Error)
      continue;
    while (It != Ranges.begin())
      freeDirty((--It)->second, At);
    return Error;
  }
  Tracking = true;
  return 0;
}

Status DmaMap::stopDirtyTracking(Site At) {
  std::lock_guard<CheckedMutex> Guard(Lock);
  if (!Tracking && !mistake(StopFreesTwice))
    return -EINVAL;
  Tracking = false;
  for (auto &[Start, R] : Ranges)
    freeDirty(R, At);
  return 0;
}

bool DmaMap::tracking() const {
  std::lock_guard<CheckedMutex> Guard(Lock);
  return Tracking;
}

bool DmaMap::validRequest(const DirtyRequest &Q) const {
  if (!Q.Size || Q.BytesPerBit != granule() ||
      ((Q.Start | Q.Size) & (granule() - 1)) || Q.Start + Q.Size - 1 < Q.Start)
    return false;
  return DirtyBitmap::validSize(Q.Size / granule(), Q.Bitmap.size_bytes());
}

/// Ors a range's bits into the request's bitmap.
void DmaMap::collect(const DirtyRequest &Q, Iova Start, Range &R, Site At) {
  if (!R.Dirty) {
    Log.report(ViolationKind::StaleState, "dirty tracking",
               "tracking is on and a range has no bitmap", At);
    return;
  }
  if (allDirty(R))
    R.Dirty->set(0, R.Dirty->size());
  const DirtyBitmap *Source = R.Dirty.get();
  DirtyBitmap Limited(R.Dirty->size());
  if (mistake(StaleBitLimit)) {
    if (!R.Pins.empty())
      LastBitLimit = (R.Pins.rbegin()->first - Start) / granule() + 1;
    for (uint64_t I = 0; I < std::min(LastBitLimit, Source->size()); ++I)
      if (Source->test(I))
        Limited.set(I);
    Source = &Limited;
  }
  uint64_t Offset =
      (mistake(BitsFromZero) ? Start : Start - Q.Start) / granule();
  if (DirtyBitmap::bytesFor(Offset + Source->size()) > Q.Bitmap.size_bytes()) {
    Log.report(ViolationKind::OutOfBounds, "dirty bitmap",
               "bits are stored outside the bitmap of the request", At);
    return;
  }
  if (mistake(MergeOverwrites))
    Q.Bitmap[Offset / 64] = 0;
  DirtyBitmap::merge(Q.Bitmap, Offset, *Source);
}

Status DmaMap::getDirty(const DirtyRequest &Q, Site At) {
  std::lock_guard<CheckedMutex> Guard(Lock);
  if (!Tracking || !validRequest(Q) || bisects(Q.Start, Q.Start + Q.Size - 1))
    return -EINVAL;
  ChoiceSource &Choices = Process.choices();
  bool Fails = Choices.choose(2) == 1;
  if (Choices.wantsText())
    Choices.describe(At, Fails ? "storing the dirty bitmap faults"
                               : "the dirty bitmap is stored");
  if (Fails)
    return -EFAULT;
  std::fill(Q.Bitmap.begin(), Q.Bitmap.end(), 0);
  Iova Last = Q.Start + Q.Size - 1;
  for (auto It = Ranges.lower_bound(Q.Start);
       It != Ranges.end() && It->first <= Last; ++It) {
    Range &R = It->second;
    collect(Q, It->first, R, At);
    if (R.Dirty && !mistake(KeepStaleBits)) {
      R.Dirty->clear();
      repopulate(It->first, R);
    }
  }
  return 0;
}

} // namespace pinlint::rt
