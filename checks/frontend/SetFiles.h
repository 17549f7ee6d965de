//===- SetFiles.h - The headers of a set, looked at once --------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A unit that is parsed on top of a header set asks for the size and time of
/// each header of the set, and reads those whose macros it uses: thousands of
/// system calls, with the same answers for each unit.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FRONTEND_SETFILES_H
#define PINLINT_FRONTEND_SETFILES_H

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/VirtualFileSystem.h"
#include <memory>
#include <string>

namespace pinlint {

/// The disk, but that files of a set are looked at and read once: a set counts
/// only as long as they are what they were.
class SetFiles : public llvm::vfs::ProxyFileSystem {
public:
  /// \p Paths are absolute.
  explicit SetFiles(llvm::StringSet<> Paths);

  llvm::ErrorOr<llvm::vfs::Status> status(const llvm::Twine &Path) override;
  llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>>
  openFileForRead(const llvm::Twine &Path) override;

private:
  struct Kept {
    llvm::vfs::Status Status;
    std::unique_ptr<llvm::MemoryBuffer> Text;
  };
  Kept *find(llvm::StringRef Path);

  const llvm::StringSet<> Paths;
  /// As they were asked for.
  llvm::StringMap<Kept> Known;
};

} // namespace pinlint

#endif // PINLINT_FRONTEND_SETFILES_H
