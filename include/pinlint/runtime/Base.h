//===- Base.h - Units and places of the mapping manager ---------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Units used throughout the reference mapping manager, and the description of
/// a place in the program under test.
///
/// The runtime is a user-space model of what the Linux subsystems that map
/// user memory for devices promise: mm/gup, VFIO type1, vhost-vdpa and the
/// sPAPR TCE tables. It follows the rules, not the code, of these sources;
/// every rule names where it comes from.
///
/// Functions that can fail return what their kernel counterparts return: zero
/// or a count on success, a negative errno otherwise.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_RUNTIME_BASE_H
#define PINLINT_RUNTIME_BASE_H

#include <cerrno>
#include <cstdint>
#include <source_location>
#include <string>

namespace pinlint::rt {

/// Host pages are 4 KiB, as on x86.
inline constexpr unsigned PageShift = 12;
inline constexpr uint64_t PageSize = uint64_t(1) << PageShift;

/// Number of a host page (page frame number).
using Pfn = uint64_t;
/// Address that a device uses, in bytes.
using Iova = uint64_t;
/// Address in a user process, in bytes.
using UserAddr = uint64_t;

/// Zero, or a negative errno.
using Status = int;

inline constexpr bool isPageAligned(uint64_t X) {
  return (X & (PageSize - 1)) == 0;
}

/// A place in the program under test: a source location where the caller is
/// C++, the return address of the call where it is a compiled C program whose
/// debug information the reader of the report looks up.
struct Site {
  const char *File = "";
  const char *Function = "";
  unsigned Line = 0;
  uintptr_t Address = 0;

  /// As the default argument of a function: the place of the call.
  static constexpr Site
  here(std::source_location L = std::source_location::current()) {
    return {L.file_name(), L.function_name(), L.line(), 0};
  }
  static Site address(const void *PC) {
    return {"", "", 0, reinterpret_cast<uintptr_t>(PC)};
  }
  bool known() const { return Line != 0 || Address != 0; }
  friend bool operator==(const Site &A, const Site &B) {
    return A.Line == B.Line && A.Address == B.Address &&
           std::string_view(A.File) == B.File;
  }
};

/// `file.cpp:12 in function()`, or the address.
std::string toString(const Site &S);

} // namespace pinlint::rt

#endif // PINLINT_RUNTIME_BASE_H
