//===- SourceLines.h - The text of source files, by line --------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_SOURCELINES_H
#define PINLINT_TOOL_SOURCELINES_H

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>
#include <vector>

namespace pinlint {

/// Reads files as they are on disk when they are first asked for.
class SourceLines {
public:
  /// All lines of \p File, without ends; none if it cannot be read.
  llvm::ArrayRef<llvm::StringRef> linesOf(llvm::StringRef File) {
    auto [It, New] = Files.try_emplace(File);
    Text &T = It->second;
    if (!New)
      return T.Lines;
    if (auto Buffer = llvm::MemoryBuffer::getFile(File))
      T.Buffer = std::move(*Buffer);
    llvm::StringRef Rest = T.Buffer ? T.Buffer->getBuffer() : "";
    while (!Rest.empty()) {
      auto [Line, After] = Rest.split('\n');
      T.Lines.push_back(Line.rtrim("\r"));
      Rest = After;
    }
    return T.Lines;
  }

  /// A line, counted from one; empty if there is no such line.
  llvm::StringRef line(llvm::StringRef File, unsigned Number) {
    llvm::ArrayRef<llvm::StringRef> Lines = linesOf(File);
    return Number && Number <= Lines.size() ? Lines[Number - 1] : "";
  }

private:
  struct Text {
    std::unique_ptr<llvm::MemoryBuffer> Buffer;
    std::vector<llvm::StringRef> Lines;
  };
  llvm::StringMap<Text> Files;
};

} // namespace pinlint

#endif // PINLINT_TOOL_SOURCELINES_H
