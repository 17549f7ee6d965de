//===- TextPrinter.cpp - Findings for people ------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "TextPrinter.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace pinlint {

static constexpr unsigned TabStop = 8;

void TextPrinter::color(raw_ostream::Colors Color, bool Bold) {
  if (Colors)
    OS.changeColor(Color, Bold);
}

void TextPrinter::reset() {
  if (Colors)
    OS.resetColor();
}

StringRef TextPrinter::sourceLine(const SourcePlace &Place) {
  auto [It, New] = Files.try_emplace(Place.File);
  if (New)
    if (auto Text = MemoryBuffer::getFile(Place.File))
      It->second = std::move(*Text);
  if (!It->second || Place.Line == 0)
    return "";
  StringRef Rest = It->second->getBuffer();
  for (unsigned Line = 1; Line < Place.Line && !Rest.empty(); ++Line)
    Rest = Rest.split('\n').second;
  return Rest.split('\n').first.rtrim("\r");
}

void TextPrinter::printSnippet(const SourcePlace &Place) {
  StringRef Line = sourceLine(Place);
  if (Line.trim().empty())
    return;
  std::string Text, Caret;
  for (size_t I = 0; I != Line.size(); ++I) {
    size_t Width = Line[I] == '\t' ? TabStop - Text.size() % TabStop : 1;
    if (I + 1 < Place.Column)
      // Bytes that continue a UTF-8 character take no column.
      Caret.append((Line[I] & 0xC0) == 0x80 ? 0 : Width, ' ');
    if (Line[I] == '\t')
      Text.append(Width, ' ');
    else
      Text += Line[I];
  }
  OS << formatv("{0,5} | ", Place.Line) << Text << '\n';
  if (Place.Column == 0 || Place.Column > Line.size())
    return;
  std::string Gutter(std::max<size_t>(5, std::to_string(Place.Line).size()),
                     ' ');
  OS << Gutter << " | ";
  color(raw_ostream::GREEN, /*Bold=*/true);
  OS << Caret << '^';
  reset();
  OS << '\n';
}

void TextPrinter::printDiagnostic(const SourcePlace &Place, StringRef Level,
                                  raw_ostream::Colors Color,
                                  const Twine &Message, bool BoldMessage) {
  color(raw_ostream::SAVEDCOLOR, /*Bold=*/true);
  OS << Place.File << ':' << Place.Line << ':' << Place.Column << ": ";
  reset();
  color(Color, /*Bold=*/true);
  OS << Level << ": ";
  reset();
  if (BoldMessage)
    color(raw_ostream::SAVEDCOLOR, /*Bold=*/true);
  OS << Message << '\n';
  if (BoldMessage)
    reset();
  printSnippet(Place);
}

void TextPrinter::print(const Finding &F) {
  printDiagnostic(F.Place, "warning", raw_ostream::MAGENTA,
                  Twine(F.Message) + " [" + F.Check + "]",
                  /*BoldMessage=*/true);
  for (const PathStep &Step : F.Path)
    printDiagnostic(Step.Place, "note", raw_ostream::CYAN, Step.Message,
                    /*BoldMessage=*/false);
}

} // namespace pinlint
