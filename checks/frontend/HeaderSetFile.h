//===- HeaderSetFile.h - What a header set is written from ------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FRONTEND_HEADERSETFILE_H
#define PINLINT_FRONTEND_HEADERSETFILE_H

#include "HeaderSet.h"

namespace pinlint {

struct HeaderSetData {
  std::vector<HeaderSet::File> Files;
  std::vector<uint32_t> Given;
  std::vector<std::string> Premises;
  /// Sorted.
  std::vector<HeaderSet::Mention> Mentions, Declarations;
};

/// Replaces what is at \p Path as a whole or not at all.
llvm::Error writeHeaderSet(const HeaderSetData &Data, llvm::StringRef Path,
                           llvm::StringRef Precompiled, uint64_t Tool);

} // namespace pinlint

#endif // PINLINT_FRONTEND_HEADERSETFILE_H
