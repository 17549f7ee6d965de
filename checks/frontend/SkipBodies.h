//===- SkipBodies.h - Which function bodies matter --------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Most of the time that a kernel file takes to parse goes into the bodies of
/// inline functions in headers that no check needs. This decides, from the
/// bytes alone, which ones to parse.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FRONTEND_SKIPBODIES_H
#define PINLINT_FRONTEND_SKIPBODIES_H

#include "Analysis.h"
#include "Protocols.h"
#include "clang/AST/Decl.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSet.h"

namespace clang {
class Preprocessor;
} // namespace clang

namespace pinlint {

class BodySkipper {
public:
  /// \p Imports are known functions, too; may be null.
  BodySkipper(const Protocols &P, bool Lifetimes, bool Fetches,
              const SummaryImports *Imports);

  /// True if the body of \p D, which the parser is about to enter, cannot
  /// matter.
  bool canSkip(const clang::Decl *D, const clang::SourceManager &SM,
               const clang::LangOptions &Lang);

  /// Has \p PP, which has just read the brace that opens the last body that
  /// could be skipped, go on with the brace that closes it, if it is known
  /// where that is.
  void jump(clang::Preprocessor &PP) const;

private:
  bool mentionsApi(clang::SourceLocation Start, const clang::SourceManager &SM,
                   const clang::LangOptions &Lang);

  const Protocols &P;
  llvm::StringSet<> Names;
  /// The braces around the last body that mentionsApi() has looked at.
  clang::SourceLocation Opens, Closes;
};

} // namespace pinlint

#endif // PINLINT_FRONTEND_SKIPBODIES_H
