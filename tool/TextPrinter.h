//===- TextPrinter.h - Findings for people ----------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_TEXTPRINTER_H
#define PINLINT_TOOL_TEXTPRINTER_H

#include "Analysis.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

namespace pinlint {

/// Prints findings as clang prints warnings, their paths as notes.
class TextPrinter {
public:
  TextPrinter(llvm::raw_ostream &OS, bool Colors) : OS(OS), Colors(Colors) {}

  void print(const Finding &F);

private:
  void printDiagnostic(const SourcePlace &Place, llvm::StringRef Level,
                       llvm::raw_ostream::Colors Color,
                       const llvm::Twine &Message, bool BoldMessage);
  void printSnippet(const SourcePlace &Place);
  /// The text of a line, or an empty one if there is no such line any more.
  llvm::StringRef sourceLine(const SourcePlace &Place);
  void color(llvm::raw_ostream::Colors Color, bool Bold);
  void reset();

  llvm::raw_ostream &OS;
  bool Colors;
  llvm::StringMap<std::unique_ptr<llvm::MemoryBuffer>> Files;
};

} // namespace pinlint

#endif // PINLINT_TOOL_TEXTPRINTER_H
