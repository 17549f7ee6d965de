//===- Arguments.h - Arguments for entry functions --------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Makes up arguments of a function from the types of its parameters:
///  - numbers come from a few interesting values, chosen by name and type;
///  - a number named like an address, and a pointer to user memory, is the
///    address of user memory;
///  - an object is zeroed, with its lists empty, its reference counts one, and
///    the objects that it points to made up likewise, two levels deep.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_VERIFY_ARGUMENTS_H
#define PINLINT_VERIFY_ARGUMENTS_H

#include "../runtime/shim/World.h"
#include "llvm/DebugInfo/DWARF/DWARFDie.h"
#include <array>
#include <string>

namespace pinlint::verify {

using ArgumentList = std::array<uint64_t, 6>;

/// Why the function cannot be run; empty if it can.
std::string whyUnsupported(llvm::DWARFDie Function);

/// Fills \p Values for a call in \p W. Draws choices.
/// \param Roots receives the objects that belong to the caller.
void makeArguments(llvm::DWARFDie Function, rt::shim::World &W,
                   ArgumentList &Values, std::vector<rt::shim::Root> &Roots);

/// Whether a result of the function's type means failure: a negative number,
/// NULL or an error pointer.
bool meansFailure(llvm::DWARFDie Function, uint64_t Result);

} // namespace pinlint::verify

#endif // PINLINT_VERIFY_ARGUMENTS_H
