//===- ProjectProtocols.cpp - The protocols in force for a file -----------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "ProjectProtocols.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace pinlint;

std::string pinlint::findProjectFile(llvm::StringRef Directory) {
  for (; llvm::sys::path::has_relative_path(Directory);
       Directory = llvm::sys::path::parent_path(Directory)) {
    llvm::SmallString<256> File = Directory;
    llvm::sys::path::append(File, ProjectFileName);
    if (llvm::sys::fs::exists(File))
      return std::string(File);
  }
  return "";
}

llvm::Expected<std::unique_ptr<Protocols>>
pinlint::loadProtocols(llvm::StringRef ProjectFile,
                       llvm::ArrayRef<std::string> Files,
                       llvm::StringRef CodeBase) {
  llvm::Expected<std::unique_ptr<Protocols>> Set = Protocols::builtin(CodeBase);
  if (!Set)
    return Set;
  if (!ProjectFile.empty())
    if (llvm::Error E = (*Set)->addFile(ProjectFile))
      return std::move(E);
  for (const std::string &File : Files)
    if (llvm::Error E = (*Set)->addFile(File))
      return std::move(E);
  return Set;
}
