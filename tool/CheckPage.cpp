//===- CheckPage.cpp - Parts of a check's documentation -------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "CheckPage.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace pinlint {

StringRef section(StringRef Page, StringRef Title) {
  std::string Heading = ("\n## " + Title + "\n").str();
  size_t At = Page.find(Heading);
  if (At == StringRef::npos)
    return "";
  StringRef Rest = Page.substr(At + Heading.size());
  return Rest.take_front(Rest.find("\n## ")).trim();
}

StringRef introduction(StringRef Page) {
  if (Page.starts_with("# "))
    Page = Page.split('\n').second;
  return Page.take_front(Page.find("\n## ")).trim();
}

std::string escapeHTML(StringRef Text) {
  std::string Result;
  raw_string_ostream OS(Result);
  printHTMLEscaped(Text, OS);
  return Result;
}

/// The text of a link at the start of \p Text, which is cut off; false if there
/// is none.
static bool consumeLink(StringRef &Text, StringRef &Label) {
  if (!Text.starts_with("["))
    return false;
  size_t Middle = Text.find("](");
  size_t End = Text.find(')', Middle);
  if (Middle == StringRef::npos || End == StringRef::npos)
    return false;
  Label = Text.slice(1, Middle);
  Text = Text.substr(End + 1);
  return true;
}

std::string plainText(StringRef Markdown) {
  std::string Result;
  bool Code = false;
  SmallVector<StringRef, 32> Lines;
  Markdown.split(Lines, '\n');
  for (StringRef Line : Lines) {
    if (Line.starts_with("```")) {
      Code = !Code;
      continue;
    }
    if (!Code)
      Line = Line.starts_with("#") ? Line.ltrim("# ") : Line;
    while (!Line.empty()) {
      StringRef Label;
      if (!Code && consumeLink(Line, Label)) {
        Result += Label;
        continue;
      }
      if (Code || !StringRef("`*").contains(Line[0]) ||
          Line.starts_with("* ") || Line.starts_with("*,"))
        Result += Line[0];
      Line = Line.drop_front();
    }
    Result += '\n';
  }
  return Result;
}

static std::string inlineHTML(StringRef Text) {
  std::string Result;
  while (!Text.empty()) {
    StringRef Label;
    if (Text[0] == '`') {
      size_t End = Text.find('`', 1);
      if (End != StringRef::npos) {
        Result += "<code>" + escapeHTML(Text.slice(1, End)) + "</code>";
        Text = Text.substr(End + 1);
        continue;
      }
    }
    if (consumeLink(Text, Label)) {
      Result += inlineHTML(Label);
      continue;
    }
    Result += escapeHTML(Text.take_front());
    Text = Text.drop_front();
  }
  return Result;
}

std::string htmlFromMarkdown(StringRef Markdown) {
  std::string Result, Block;
  enum { None, Paragraph, Item } Open = None;
  bool InList = false;
  auto Close = [&](bool EndList) {
    if (Open == Paragraph)
      Result += "<p>" + inlineHTML(Block) + "</p>\n";
    if (Open == Item)
      Result += "<li>" + inlineHTML(Block) + "</li>\n";
    Open = None;
    Block.clear();
    if (EndList && InList) {
      Result += "</ul>\n";
      InList = false;
    }
  };
  SmallVector<StringRef, 32> Lines;
  Markdown.split(Lines, '\n');
  for (size_t I = 0; I != Lines.size(); ++I) {
    StringRef Line = Lines[I];
    if (Line.starts_with("```")) {
      Close(/*EndList=*/true);
      Result += "<pre><code>";
      for (++I; I != Lines.size() && !Lines[I].starts_with("```"); ++I)
        Result += escapeHTML(Lines[I]) + "\n";
      Result += "</code></pre>\n";
      if (I == Lines.size())
        break;
    } else if (Line.starts_with("#")) {
      Close(/*EndList=*/true);
      Result += "<h3>" + inlineHTML(Line.ltrim("# ")) + "</h3>\n";
    } else if (Line.trim().empty()) {
      // A list goes on after an empty line if an item or its text follows.
      bool Ends = I + 1 == Lines.size() || (!Lines[I + 1].starts_with("- ") &&
                                            !Lines[I + 1].starts_with("  "));
      Close(Ends);
    } else if (Line.starts_with("- ")) {
      Close(/*EndList=*/false);
      if (!InList)
        Result += "<ul>\n";
      InList = true;
      Open = Item;
      Block = Line.drop_front(2).str();
    } else {
      if (Open == None)
        Open = Paragraph;
      else
        Block += ' ';
      Block += Line.trim();
    }
  }
  Close(/*EndList=*/true);
  return Result;
}

} // namespace pinlint
