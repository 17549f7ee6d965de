//===- DirtyBitmap.cpp - Which pages a device may have written ------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/DirtyBitmap.h"
#include <algorithm>
#include <bit>
#include <cassert>

namespace pinlint::rt {

void DirtyBitmap::set(uint64_t First, uint64_t Count) {
  uint64_t End =
      First >= Pages ? First : First + std::min(Count, Pages - First);
  for (uint64_t I = First; I != End; ++I)
    Words[I / 64] |= uint64_t(1) << (I % 64);
}

uint64_t DirtyBitmap::count() const {
  uint64_t N = 0;
  for (uint64_t W : Words)
    N += std::popcount(W);
  return N;
}

void DirtyBitmap::merge(std::span<uint64_t> Target, uint64_t Offset,
                        const DirtyBitmap &Source) {
  assert(bytesFor(Offset + Source.Pages) <= Target.size_bytes() &&
         "the target has room for all bits");
  uint64_t Word = Offset / 64, Shift = Offset % 64;
  for (uint64_t Bits : Source.Words) {
    Target[Word] |= Bits << Shift;
    // Bits beyond the source's end are zero: nothing is carried into a word
    // that the target may not have.
    if (uint64_t Carry = Shift ? Bits >> (64 - Shift) : 0)
      Target[Word + 1] |= Carry;
    ++Word;
  }
}

} // namespace pinlint::rt
