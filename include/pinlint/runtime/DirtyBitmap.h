//===- DirtyBitmap.h - Which pages a device may have written ----*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Dirty page bitmaps as VFIO reports them to user space, for live migration.
/// Rules: struct vfio_iommu_type1_dirty_bitmap_get in
/// include/uapi/linux/vfio.h.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_RUNTIME_DIRTYBITMAP_H
#define PINLINT_RUNTIME_DIRTYBITMAP_H

#include "pinlint/runtime/Base.h"
#include <span>
#include <vector>

namespace pinlint::rt {

/// One bit per page of a range; bit 0 is the range's first page.
class DirtyBitmap {
public:
  /// Bits of one request: INT_MAX, as bitmap functions take an int
  /// (DIRTY_BITMAP_PAGES_MAX).
  static constexpr uint64_t MaxPages = (uint64_t(1) << 31) - 1;

  explicit DirtyBitmap(uint64_t Pages)
      : Pages(Pages), Words((Pages + 63) / 64, 0) {}

  uint64_t size() const { return Pages; }
  bool test(uint64_t Page) const { return Words[Page / 64] >> (Page % 64) & 1; }
  /// Pages outside the range are ignored.
  void set(uint64_t First, uint64_t Count = 1);
  void clear() { Words.assign(Words.size(), 0); }
  uint64_t count() const;
  std::span<const uint64_t> words() const { return Words; }

  /// Bytes that a bitmap of \p Pages bits takes, in whole 64-bit words.
  static constexpr uint64_t bytesFor(uint64_t Pages) {
    return (Pages + 63) / 64 * 8;
  }
  /// Whether a bitmap of \p Bytes can take the bits of \p Pages pages.
  static bool validSize(uint64_t Pages, uint64_t Bytes) {
    return Pages && Bytes && Pages <= MaxPages && Bytes <= bytesFor(MaxPages) &&
           Bytes >= bytesFor(Pages);
  }
  /// Ors the bits of \p Source into \p Target, its first bit at \p Offset. Bits
  /// of neighbours that share a word with it stay.
  static void merge(std::span<uint64_t> Target, uint64_t Offset,
                    const DirtyBitmap &Source);

private:
  uint64_t Pages;
  std::vector<uint64_t> Words;
};

} // namespace pinlint::rt

#endif // PINLINT_RUNTIME_DIRTYBITMAP_H
