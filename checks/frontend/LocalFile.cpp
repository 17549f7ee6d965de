//===- LocalFile.cpp - Files that pinlint keeps for itself ----------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "LocalFile.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

using namespace llvm;
using namespace pinlint;

namespace {
struct Head {
  uint64_t Magic, Tool;
  /// Of all that follows.
  uint64_t Hash;
};
} // namespace

std::unique_ptr<LocalFile> LocalFile::load(StringRef Path, uint64_t Magic,
                                           uint64_t Tool) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> Text =
      MemoryBuffer::getFile(Path, /*IsText=*/false,
                            /*RequiresNullTerminator=*/false);
  if (!Text)
    return nullptr;
  LocalReader In((*Text)->getBuffer());
  Head H = In.number<Head>();
  std::unique_ptr<LocalFile> File(new LocalFile(std::move(*Text)));
  if (In.isBroken() || H.Magic != Magic || H.Tool != Tool ||
      H.Hash != xxh3_64bits(File->content()))
    return nullptr;
  return File;
}

StringRef LocalFile::content() const {
  return Bytes->getBuffer().drop_front(sizeof(Head));
}

Error pinlint::writeLocalFile(StringRef Path, uint64_t Magic, uint64_t Tool,
                              StringRef Content) {
  Head H{Magic, Tool, xxh3_64bits(Content)};
  return writeToOutput(Path, [&](raw_ostream &OS) {
    OS.write(reinterpret_cast<const char *>(&H), sizeof(H));
    OS << Content;
    return Error::success();
  });
}
