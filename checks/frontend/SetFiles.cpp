//===- SetFiles.cpp - The headers of a set, looked at once ----------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "SetFiles.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace pinlint {

namespace {
class KeptFile : public vfs::File {
public:
  KeptFile(vfs::Status Status, StringRef Text)
      : Known(std::move(Status)), Text(Text) {}

  ErrorOr<vfs::Status> status() override { return Known; }
  ErrorOr<std::unique_ptr<MemoryBuffer>> getBuffer(const Twine &Name, int64_t,
                                                   bool RequiresNullTerminator,
                                                   bool) override {
    return MemoryBuffer::getMemBuffer(Text, Name.str(), RequiresNullTerminator);
  }
  std::error_code close() override { return {}; }

private:
  vfs::Status Known;
  StringRef Text;
};
} // namespace

SetFiles::SetFiles(StringSet<> Paths)
    : ProxyFileSystem(vfs::getRealFileSystem()), Paths(std::move(Paths)) {}

SetFiles::Kept *SetFiles::find(StringRef Path) {
  if (auto It = Known.find(Path); It != Known.end())
    return &It->second;
  SmallString<256> Plain(Path);
  sys::path::remove_dots(Plain);
  if (!Paths.contains(Plain))
    return nullptr;
  ErrorOr<vfs::Status> Status = ProxyFileSystem::status(Path);
  if (!Status)
    return nullptr;
  return &Known.try_emplace(Path, Kept{std::move(*Status), nullptr})
              .first->second;
}

ErrorOr<vfs::Status> SetFiles::status(const Twine &Path) {
  SmallString<256> Space;
  if (Kept *K = find(Path.toStringRef(Space)))
    return K->Status;
  return ProxyFileSystem::status(Path);
}

ErrorOr<std::unique_ptr<vfs::File>>
SetFiles::openFileForRead(const Twine &Path) {
  SmallString<256> Space;
  Kept *K = find(Path.toStringRef(Space));
  if (!K)
    return ProxyFileSystem::openFileForRead(Path);
  if (!K->Text) {
    // It is kept, and somebody may write to the file before the end of the run.
    ErrorOr<std::unique_ptr<MemoryBuffer>> Text =
        getUnderlyingFS().getBufferForFile(Path, /*FileSize=*/-1,
                                           /*RequiresNullTerminator=*/true,
                                           /*IsVolatile=*/true);
    if (!Text)
      return Text.getError();
    K->Text = std::move(*Text);
  }
  return std::make_unique<KeptFile>(K->Status, K->Text->getBuffer());
}

} // namespace pinlint
