//===- Arena.h - Address ranges of the world under test ---------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reserves the addresses that a program under test gets to see, so that any
/// address can be told apart: heap object (live, freed or past its end), page
/// descriptor, page content, user memory. Whatever must not be touched is
/// protected, so that a plain dereference faults.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_RUNTIME_SHIM_ARENA_H
#define PINLINT_RUNTIME_SHIM_ARENA_H

#include "pinlint/runtime/Base.h"
#include <cstddef>
#include <map>

namespace pinlint::rt::shim {

/// A range of reserved addresses; inaccessible until opened.
class Reservation {
public:
  explicit Reservation(size_t Size);
  Reservation(const Reservation &) = delete;
  Reservation &operator=(const Reservation &) = delete;
  ~Reservation();

  uintptr_t base() const { return Base; }
  bool contains(uintptr_t Addr) const { return Addr - Base < Size; }
  size_t size() const { return Size; }
  /// Makes [Offset, Offset + Length) readable and writable, or inaccessible.
  void protect(size_t Offset, size_t Length, bool Accessible);
  /// Makes everything that was ever opened inaccessible and zero.
  void reset();

private:
  uintptr_t Base = 0;
  size_t Size;
  size_t Opened = 0;
};

/// An allocation of the program or of its environment.
struct HeapObject {
  uintptr_t Start = 0;
  size_t Size = 0;
  /// What it is, for messages: "memory", "iommu domain", "file", ...
  const char *What = "memory";
  bool Live = true;
  /// Made for the program, which need not free it.
  bool Environment = false;
  /// Dead because the last reference was put, not because it was freed.
  bool Released = false;
  Site Made, Freed;
};

/// Objects at the ends of pages of their own, never reused within a run.
class Heap {
public:
  /// \returns 0 where the reserved addresses are used up.
  uintptr_t allocate(size_t Size, Site At, const char *What, int Fill);
  /// Makes the object inaccessible.
  void retire(HeapObject &Object, Site At);
  void revive(HeapObject &Object);
  /// The object whose pages, or the guard page after it, contain \p Addr.
  HeapObject *around(uintptr_t Addr);
  bool contains(uintptr_t Addr) const { return Range.contains(Addr); }
  std::map<uintptr_t, HeapObject> &objects() { return Objects; }
  void reset();

private:
  Reservation Range{size_t(1) << 30};
  size_t Next = 0;
  /// By the first byte of their first page.
  std::map<uintptr_t, HeapObject> Objects;
};

/// All reservations; made once, reset before each run.
struct Arena {
  /// Descriptors and contents of this many pages.
  static constexpr size_t MaxPages = 16384;

  Heap Memory;
  Reservation Descriptors{MaxPages * PageSize};
  Reservation Contents{MaxPages * PageSize};
  /// Addresses of user memory. Never accessible: user space is reached by
  /// fetches and stores only.
  Reservation User{size_t(1) << 30};

  void reset();
};

} // namespace pinlint::rt::shim

#endif // PINLINT_RUNTIME_SHIM_ARENA_H
