//===- SourceHTML.cpp - C source for browsers -----------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "SourceHTML.h"
#include "CheckPage.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace llvm;

namespace pinlint {

static bool isKeyword(StringRef Word) {
  static const StringSet<> Keywords = {
      "auto",     "bool",     "break",    "case",     "char",    "const",
      "continue", "default",  "do",       "double",   "else",    "enum",
      "extern",   "float",    "for",      "goto",     "if",      "inline",
      "int",      "long",     "register", "return",   "short",   "signed",
      "sizeof",   "static",   "struct",   "switch",   "typedef", "typeof",
      "union",    "unsigned", "void",     "volatile", "while",   "NULL",
      "true",     "false"};
  return Keywords.contains(Word);
}

std::vector<std::string> highlightC(ArrayRef<StringRef> Lines) {
  std::vector<std::string> Result;
  bool InComment = false;
  for (StringRef Line : Lines) {
    std::string Out;
    auto Span = [&](const char *Class, size_t Length) {
      if (Length == 0)
        return;
      Out += std::string("<span class=") + Class + ">" +
             escapeHTML(Line.take_front(Length)) + "</span>";
      Line = Line.drop_front(Length);
    };
    auto Comment = [&](size_t From) {
      size_t End = Line.find("*/", From);
      InComment = End == StringRef::npos;
      Span("c", InComment ? Line.size() : End + 2);
    };
    if (InComment)
      Comment(0);
    else if (Line.ltrim().starts_with("#"))
      Span("p",
           Line.take_until([](char C) { return C == '/' || C == '"'; }).size());
    while (!Line.empty()) {
      char C = Line.front();
      if (Line.starts_with("/*")) {
        Comment(2);
      } else if (Line.starts_with("//")) {
        Span("c", Line.size());
      } else if (C == '"' || C == '\'') {
        size_t End = 1;
        while (End < Line.size() && Line[End] != C)
          End += Line[End] == '\\' ? 2 : 1;
        Span("s", std::min(End + 1, Line.size()));
      } else if (isAlnum(C) || C == '_') {
        size_t Length =
            Line.take_while([](char C) { return isAlnum(C) || C == '_'; })
                .size();
        StringRef Word = Line.take_front(Length);
        if (isDigit(C)) {
          Span("n", Length);
        } else if (isKeyword(Word)) {
          Span("k", Length);
        } else {
          Out += Word;
          Line = Line.drop_front(Length);
        }
      } else {
        Out += escapeHTML(Line.take_front());
        Line = Line.drop_front();
      }
    }
    Result.push_back(std::move(Out));
  }
  return Result;
}

FunctionExtent functionAround(ArrayRef<StringRef> Lines, unsigned Line) {
  constexpr unsigned Around = 8;
  unsigned Count = Lines.size();
  FunctionExtent Result;
  Result.First = Line > Around ? Line - Around : 1;
  Result.Last = std::min(Count, Line + Around);
  if (Line == 0 || Line > Count)
    return Result;
  auto At = [&](unsigned I) { return Lines[I - 1]; };
  unsigned Open = Line;
  while (Open > 1 && !At(Open).starts_with("{") &&
         (Open == Line || !At(Open).starts_with("}")))
    --Open;
  // `int f(void) {` begins on one line.
  if (!At(Open).starts_with("{")) {
    Open = Line;
    while (Open > 1 && (At(Open).empty() || isSpace(At(Open).front()) ||
                        !At(Open).rtrim().ends_with("{")))
      --Open;
    if (!At(Open).rtrim().ends_with("{"))
      return Result;
  }
  unsigned Close = std::max(Line, Open);
  while (Close < Count && !At(Close).starts_with("}"))
    ++Close;
  unsigned First = Open;
  while (First > 1) {
    StringRef Before = At(First - 1).rtrim();
    if (Before.empty() || Before.ends_with(";") || Before.ends_with("}") ||
        Before.ends_with("*/") || Before.starts_with("#"))
      break;
    --First;
  }
  Result.First = First;
  Result.Last = Close;
  std::string Head;
  for (unsigned I = First; I <= Open; ++I)
    Head += (At(I) + " ").str();
  StringRef Name = StringRef(Head).take_until([](char C) { return C == '('; });
  Name = Name.rtrim();
  size_t Start = Name.size();
  while (Start && (isAlnum(Name[Start - 1]) || Name[Start - 1] == '_'))
    --Start;
  Result.Name = Name.substr(Start).str();
  return Result;
}

} // namespace pinlint
