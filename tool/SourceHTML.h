//===- SourceHTML.h - C source for browsers ---------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_SOURCEHTML_H
#define PINLINT_TOOL_SOURCEHTML_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace pinlint {

/// The lines of a C file as HTML, with classes for keywords (k), strings (s),
/// comments (c), directives (p) and numbers (n).
std::vector<std::string> highlightC(llvm::ArrayRef<llvm::StringRef> Lines);

/// Lines First to Last, counted from one; Name may be empty.
struct FunctionExtent {
  unsigned First = 0, Last = 0;
  std::string Name;
};

/// The function around \p Line as its layout shows it: a body between braces at
/// the start of lines. Some lines around \p Line where there is no such thing.
FunctionExtent functionAround(llvm::ArrayRef<llvm::StringRef> Lines,
                              unsigned Line);

} // namespace pinlint

#endif // PINLINT_TOOL_SOURCEHTML_H
