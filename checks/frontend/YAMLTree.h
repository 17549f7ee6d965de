//===- YAMLTree.h - A YAML file as a tree with positions --------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// LLVM's YAML parser hands out nodes once and in order. Configuration readers
/// want to look keys up, and to say where a value stands: this keeps the file
/// as a tree of plain nodes.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FRONTEND_YAMLTREE_H
#define PINLINT_FRONTEND_YAMLTREE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace pinlint {

struct YAMLNode {
  enum KindTy { Null, Scalar, Sequence, Mapping };
  KindTy Kind = Null;
  /// Scalar: the value, unescaped, and as written but without the quotes.
  std::string Value;
  llvm::StringRef Raw;
  /// Sequence: its elements. Mapping: the values, in step with Keys.
  std::vector<YAMLNode> Elements;
  std::vector<YAMLNode> Keys;
  /// Where the node begins, in bytes from the start of the file.
  size_t Offset = 0;

  /// The value of \p Key, null where there is none.
  const YAMLNode *find(llvm::StringRef Key) const;
};

class YAMLFile {
public:
  /// \p Text must outlive this object and the tree.
  YAMLFile(llvm::StringRef Text, llvm::StringRef Name);

  /// The root of the file's one document. Keys are scalars and are unique;
  /// anchors, aliases and tags are errors.
  llvm::Expected<YAMLNode> parse() const;

  /// `FILE:LINE:COLUMN: Reason`; the second form for a place within a scalar.
  llvm::Error error(const YAMLNode &N, const llvm::Twine &Reason) const;
  llvm::Error error(const YAMLNode &N, size_t OffsetInRaw,
                    const llvm::Twine &Reason) const;
  llvm::Error errorAt(size_t Offset, const llvm::Twine &Reason) const;

  llvm::StringRef name() const { return Name; }
  unsigned line(const YAMLNode &N) const;

private:
  unsigned lineAt(size_t Offset) const;

  llvm::StringRef Text, Name;
  /// The offset of each line's first byte.
  std::vector<size_t> LineStarts;
};

} // namespace pinlint

#endif // PINLINT_FRONTEND_YAMLTREE_H
