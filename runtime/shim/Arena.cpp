//===- Arena.cpp - Address ranges of the world under test -----------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Arena.h"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>

namespace pinlint::rt::shim {

[[noreturn]] static void fail(const char *What) {
  std::perror(What);
  std::abort();
}

Reservation::Reservation(size_t Size) : Size(Size) {
  void *P = mmap(nullptr, Size, PROT_NONE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (P == MAP_FAILED)
    fail("pinlint: reserving addresses");
  Base = reinterpret_cast<uintptr_t>(P);
}

Reservation::~Reservation() { munmap(reinterpret_cast<void *>(Base), Size); }

void Reservation::protect(size_t Offset, size_t Length, bool Accessible) {
  if (mprotect(reinterpret_cast<void *>(Base + Offset), Length,
               Accessible ? PROT_READ | PROT_WRITE : PROT_NONE))
    fail("pinlint: changing a page's protection");
  if (Accessible)
    Opened = std::max(Opened, Offset + Length);
}

void Reservation::reset() {
  if (!Opened)
    return;
  // A fresh mapping: drops the contents and joins the areas again.
  void *P =
      mmap(reinterpret_cast<void *>(Base), Opened, PROT_NONE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  if (P == MAP_FAILED)
    fail("pinlint: resetting addresses");
  Opened = 0;
}

uintptr_t Heap::allocate(size_t Size, Site At, const char *What, int Fill) {
  // Eight bytes are the alignment that kmalloc() grants any size; up to seven
  // bytes after an object's end can be touched unnoticed.
  size_t Rounded = std::max<size_t>((Size + 7) & ~size_t(7), 8);
  size_t Pages = (Rounded + PageSize - 1) & ~(PageSize - 1);
  if (Size > Range.size() || Pages + PageSize > Range.size() - Next)
    return 0;
  size_t Offset = Next;
  Next += Pages + PageSize;
  Range.protect(Offset, Pages, true);
  uintptr_t Page = Range.base() + Offset;
  HeapObject Object;
  Object.Start = Page + Pages - Rounded;
  Object.Size = Size;
  Object.What = What;
  Object.Made = At;
  if (Fill)
    std::memset(reinterpret_cast<void *>(Object.Start), Fill, Size);
  Objects.emplace(Page, Object);
  return Object.Start;
}

void Heap::retire(HeapObject &Object, Site At) {
  uintptr_t Page = Object.Start & ~(PageSize - 1);
  size_t Length = Object.Start + std::max<size_t>(Object.Size, 1) - Page;
  Range.protect(Page - Range.base(), (Length + PageSize - 1) & ~(PageSize - 1),
                false);
  Object.Live = false;
  Object.Freed = At;
}

void Heap::revive(HeapObject &Object) {
  uintptr_t Page = Object.Start & ~(PageSize - 1);
  size_t Length = Object.Start + std::max<size_t>(Object.Size, 1) - Page;
  Range.protect(Page - Range.base(), (Length + PageSize - 1) & ~(PageSize - 1),
                true);
  Object.Live = true;
  Object.Released = false;
}

HeapObject *Heap::around(uintptr_t Addr) {
  auto It = Objects.upper_bound(Addr);
  return It == Objects.begin() ? nullptr : &std::prev(It)->second;
}

void Heap::reset() {
  Objects.clear();
  Range.reset();
  Next = 0;
}

void Arena::reset() {
  Memory.reset();
  Descriptors.reset();
  Contents.reset();
}

} // namespace pinlint::rt::shim
