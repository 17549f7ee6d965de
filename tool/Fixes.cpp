//===- Fixes.cpp - Apply what cures findings ------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Fixes.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace pinlint {

void Fixes::add(const Finding &F) {
  if (F.Fixes.empty())
    return;
  std::map<std::string, clang::tooling::Replacements> Changed;
  for (const Replacement &R : F.Fixes) {
    // One call may be the cure of several findings.
    if (Known.count({R.File, R.Offset, R.Length, R.Text}))
      continue;
    auto It = Changed.try_emplace(R.File, Files[R.File]).first;
    if (Error E = It->second.add({R.File, R.Offset, R.Length, R.Text})) {
      consumeError(std::move(E));
      ++NumConflicts;
      return;
    }
  }
  for (auto &[File, Replacements] : Changed)
    Files[File] = std::move(Replacements);
  for (const Replacement &R : F.Fixes)
    Known.insert({R.File, R.Offset, R.Length, R.Text});
  ++NumFixed;
}

static Error applyTo(const std::string &File,
                     const clang::tooling::Replacements &Replacements) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> Text = MemoryBuffer::getFile(
      File, /*IsText=*/false, /*RequiresNullTerminator=*/false,
      /*IsVolatile=*/true);
  if (!Text)
    return errorCodeToError(Text.getError());
  Expected<std::string> Changed =
      clang::tooling::applyAllReplacements((*Text)->getBuffer(), Replacements);
  if (!Changed)
    return Changed.takeError();
  std::error_code EC;
  raw_fd_ostream OS(File, EC);
  if (EC)
    return errorCodeToError(EC);
  OS << *Changed;
  OS.flush();
  EC = OS.error();
  OS.clear_error();
  return errorCodeToError(EC);
}

bool Fixes::apply() {
  bool Good = true;
  for (const auto &[File, Replacements] : Files)
    if (!Replacements.empty())
      if (Error E = applyTo(File, Replacements)) {
        errs() << "pinlint: " << File
               << ": not fixed: " << toString(std::move(E)) << '\n';
        Good = false;
      }
  return Good;
}

} // namespace pinlint
