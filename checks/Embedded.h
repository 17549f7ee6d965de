//===- Embedded.h - Files that are part of the binary -----------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The tables that embed.cmake makes at build time.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_EMBEDDED_H
#define PINLINT_EMBEDDED_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace pinlint {

struct EmbeddedFile {
  /// The file's name without directory and ending.
  const char *Name;
  const char *Text;
  unsigned Size;
};

/// checks/protocols/*.yaml, sorted by name.
extern const llvm::ArrayRef<EmbeddedFile> ProtocolFiles;
/// docs/checks/*.md, sorted by name.
extern const llvm::ArrayRef<EmbeddedFile> CheckPages;
/// checks/TracePage.html.
extern const llvm::ArrayRef<EmbeddedFile> TraceFiles;
/// What tool/html/ has for the pages of reports.
extern const llvm::ArrayRef<EmbeddedFile> ReportFiles;

/// The text of the file \p Name; empty if the table has none of that name.
inline llvm::StringRef embeddedFile(llvm::ArrayRef<EmbeddedFile> Table,
                                    llvm::StringRef Name) {
  for (const EmbeddedFile &F : Table)
    if (Name == F.Name)
      return {F.Text, F.Size};
  return {};
}

} // namespace pinlint

#endif // PINLINT_EMBEDDED_H
