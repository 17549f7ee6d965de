//===- FixIts.h - Cures that are certain ------------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Changes of the source that are right whatever else the function does. All of
/// them want handles in a local variable that nothing but one call fills: what
/// is released is then what that call obtained, on every path.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FIXITS_H
#define PINLINT_FIXITS_H

#include "Check.h"

namespace pinlint {

/// The release of the right family in the place of the wrong one:
/// unpin_user_page() for put_page(). Empty where that is not certain.
std::vector<Replacement> fixRelease(Reporter &R, const ReleaseFault &F);

/// The number obtained as the bound of a loop that releases the number asked
/// for. Empty where that is not certain.
std::vector<Replacement> fixBound(Reporter &R, const ReleaseFault &F);

} // namespace pinlint

#endif // PINLINT_FIXITS_H
