//===- MacroReads.h - Macros that read user memory --------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// get_user() and its like are macros; what they expand to (an asm statement,
/// a switch over sizes) differs between architectures and says little. They are
/// recognised by their names in protocol files: inside the expansion of such a
/// macro, the assignment to its variable is where the value arrives.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FRONTEND_MACROREADS_H
#define PINLINT_FRONTEND_MACROREADS_H

#include "Protocols.h"
#include "engine/Engine.h"
#include "llvm/ADT/StringMap.h"
#include <vector>

namespace pinlint {

class MacroReadFinder {
public:
  MacroReadFinder(const Protocols &P, clang::ASTContext &Ctx);

  /// In the order of the body.
  std::vector<MacroRead> find(const clang::FunctionDecl *FD) const;

private:
  friend class MacroReadVisitor;
  /// Which argument is read from, and which is the variable.
  struct Macro {
    unsigned Address, Into;
  };
  clang::ASTContext &Ctx;
  llvm::StringMap<Macro> Macros;
};

} // namespace pinlint

#endif // PINLINT_FRONTEND_MACROREADS_H
