//===- HTMLReport.cpp - A report to read in a browser ---------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A directory of pages that need neither a server nor a network: a list of
/// findings with filters, a page for each finding that shows its path in the
/// source, and the checks' documentation. Without scripts everything can still
/// be read.
///
//===----------------------------------------------------------------------===//

#include "CheckPage.h"
#include "Embedded.h"
#include "Output.h"
#include "Paths.h"
#include "Serialize.h"
#include "SourceHTML.h"
#include "SourceLines.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"
#include <map>
#include <set>

using namespace llvm;

namespace pinlint {
namespace {

class HTMLReport {
public:
  HTMLReport(StringRef Directory, const RunResult &R)
      : Directory(Directory), R(R) {}
  Error write();

private:
  /// A finding and the name of its page.
  struct Page {
    const ReportedFinding *F;
    std::string Name;
  };
  /// What is shown of one function, and the path's steps in it.
  struct Excerpt {
    std::string File;
    FunctionExtent Extent;
    std::vector<size_t> Steps;
  };

  Error prepare();
  Error writeFile(const Twine &Name, function_ref<void(raw_ostream &)> Write);
  void head(raw_ostream &OS, const Twine &Title, StringRef Class, StringRef Up);
  void help(raw_ostream &OS, bool Index);
  void writeIndex(raw_ostream &OS);
  void writeFilters(raw_ostream &OS);
  void writeRow(raw_ostream &OS, const Page &P);
  void writeNotes(raw_ostream &OS);
  void writeFinding(raw_ostream &OS, size_t Number);
  void writePath(raw_ostream &OS, const ReportedFinding &F);
  void writeExcerpt(raw_ostream &OS, const ReportedFinding &F,
                    const Excerpt &E);
  void writeStep(raw_ostream &OS, const ReportedFinding &F, size_t I);
  std::vector<Excerpt> excerpts(const ReportedFinding &F);
  const std::vector<std::string> &highlighted(StringRef File);

  std::string Directory;
  const RunResult &R;
  std::vector<Page> Pages;
  SourceLines Sources;
  StringMap<std::vector<std::string>> Highlighted;
};

constexpr StringLiteral Marker = "<meta name=generator content=pinlint>";

} // namespace

static StringRef shortName(StringRef Check) {
  Check.consume_front("pinlint-");
  return Check;
}

static StringRef stateOf(const ReportedFinding &F, const RunResult &R) {
  if (F.Settled)
    return "settled";
  if (!R.HasBaseline)
    return "";
  return F.Known ? "unchanged" : "new";
}

/// "file.c:12"
static std::string placeText(const SourcePlace &P) {
  return P.File + ":" + std::to_string(P.Line);
}

static std::string counted(size_t N, StringRef What) {
  return formatv("{0} {1}{2}", N, What, N == 1 ? "" : "s");
}

/// Text of a message: what it quotes is code.
static std::string messageHTML(StringRef Message) {
  std::string Result;
  for (;;) {
    auto [Before, Rest] = Message.split('\'');
    // A quote that is never closed is an apostrophe, or part of a literal.
    size_t End = Rest.find('\'');
    Result += escapeHTML(Before);
    if (Before.size() == Message.size())
      return Result;
    if (End == StringRef::npos)
      return Result + escapeHTML("'" + Rest.str());
    // What is quoted may have character constants of its own.
    while (End + 1 < Rest.size() && isAlnum(Rest[End + 1]) &&
           Rest.find('\'', End + 1) != StringRef::npos)
      End = Rest.find('\'', End + 1);
    Result += "<code>" + escapeHTML(Rest.take_front(End)) + "</code>";
    Message = Rest.substr(End + 1);
  }
}

Error HTMLReport::prepare() {
  // What is there already must be ours, since it is replaced.
  std::string Index = absolutePath("index.html", Directory);
  std::error_code EC;
  sys::fs::directory_iterator It(Directory, EC), End;
  if (!EC && It != End) {
    ErrorOr<std::unique_ptr<MemoryBuffer>> Text = MemoryBuffer::getFile(Index);
    if (!Text || !(*Text)->getBuffer().contains(Marker))
      return createStringError(inconvertibleErrorCode(),
                               Directory + ": has files that are no report of "
                                           "pinlint; nothing is written there");
    for (StringRef Sub : {"findings", "checks"})
      sys::fs::remove_directories(absolutePath(Sub, Directory));
  }
  for (StringRef Sub : {"findings", "checks"})
    if (std::error_code EC =
            sys::fs::create_directories(absolutePath(Sub, Directory)))
      return createStringError(EC, Directory + ": " + EC.message());
  return Error::success();
}

Error HTMLReport::writeFile(const Twine &Name,
                            function_ref<void(raw_ostream &)> Write) {
  std::string Path = absolutePath(Name.str(), Directory);
  std::error_code EC;
  raw_fd_ostream OS(Path, EC);
  if (!EC) {
    std::string Text;
    raw_string_ostream Page(Text);
    Write(Page);
    OS << utf8(Text);
    OS.flush();
    EC = OS.error();
    OS.clear_error();
  }
  return EC ? createStringError(EC, Path + ": " + EC.message())
            : Error::success();
}

void HTMLReport::head(raw_ostream &OS, const Twine &Title, StringRef Class,
                      StringRef Up) {
  OS << "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
        "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
     << Marker << "\n<title>" << escapeHTML(Title.str())
     << "</title>\n<link rel=icon href=\"data:,\">\n<link rel=stylesheet "
        "href=\""
     << Up << "style.css\">\n<script src=\"" << Up
     << "script.js\" defer></script>\n</head>\n<body class=" << Class << ">\n";
}

void HTMLReport::help(raw_ostream &OS, bool Index) {
  static constexpr std::pair<StringLiteral, StringLiteral> ForIndex[] = {
      {"/", "search"},        {"j k", "next, previous finding"},
      {"Enter", "open"},      {"x", "clear the filters"},
      {"t", "light or dark"}, {"?", "this help"}};
  static constexpr std::pair<StringLiteral, StringLiteral> ForFinding[] = {
      {"j k", "next, previous step"},
      {"g G", "first, last step"},
      {"] [", "next, previous finding"},
      {"e", "show or fold all lines"},
      {"u", "back to the list"},
      {"t", "light or dark"},
      {"?", "this help"}};
  OS << "<dialog id=help aria-label=Keys><h2>Keys</h2><dl>";
  auto Write = [&](const auto &Keys) {
    for (const auto &[Key, Meaning] : Keys) {
      OS << "<dt>";
      SmallVector<StringRef, 2> Each;
      StringRef(Key).split(Each, ' ');
      for (StringRef K : Each)
        OS << "<kbd>" << K << "</kbd> ";
      OS << "</dt><dd>" << Meaning << "</dd>";
    }
  };
  if (Index)
    Write(ForIndex);
  else
    Write(ForFinding);
  OS << "</dl><form method=dialog><button>Close</button></form></dialog>\n";
}

void HTMLReport::writeFilters(raw_ostream &OS) {
  std::map<StringRef, size_t> Checks;
  std::set<std::string> Directories;
  std::set<StringRef> States;
  for (const Page &P : Pages) {
    ++Checks[P.F->Check];
    // Also those above, which stand for all below.
    for (StringRef D = sys::path::parent_path(P.F->Place.File);
         !D.empty() && D != "/"; D = sys::path::parent_path(D))
      Directories.insert(D.str());
    States.insert(stateOf(*P.F, R));
  }
  OS << "<ul class=counts aria-label=\"Findings by check\">\n";
  for (const auto &[Check, N] : Checks)
    OS << "<li><button type=button value=\"" << Check
       << "\" aria-pressed=false><b>" << N << "</b> " << shortName(Check)
       << "</button></li>\n";
  OS << "</ul>\n<form class=filters role=search>\n"
        "<input id=q type=search placeholder=\"Search messages, files, "
        "functions  ( / )\" aria-label=\"Search\">\n";
  auto Select = [&](StringRef Id, StringRef Any, auto Values) {
    OS << "<select id=" << Id << " aria-label=\"" << Any
       << "\"><option value=\"\">" << Any << "</option>";
    for (StringRef V : Values)
      OS << "<option value=\"" << escapeHTML(V) << "\">"
         << escapeHTML(shortName(V)) << "</option>";
    OS << "</select>\n";
  };
  Select("check", "any check", make_first_range(Checks));
  Select("confidence", "any confidence",
         ArrayRef<StringRef>({"high", "medium", "low"}));
  Select("dir", "any directory", Directories);
  if (States.size() > 1) {
    States.erase("");
    Select("state", "any state", States);
  }
  OS << "<button type=reset>Clear</button>\n<span class=hint "
        "aria-live=polite>Shown: <span id=shown>all "
     << Pages.size() << "</span></span>\n</form>\n";
}

void HTMLReport::writeRow(raw_ostream &OS, const Page &P) {
  const ReportedFinding &F = *P.F;
  StringRef State = stateOf(F, R);
  StringRef Level = confidenceName(F.Level);
  OS << formatv("<tr data-check=\"{0}\" data-confidence={1} data-dir=\"{2}\" "
                "data-state=\"{3}\"><td class=check>{4}",
                F.Check, Level,
                escapeHTML(sys::path::parent_path(F.Place.File)), State,
                shortName(F.Check));
  OS << "</td><td><a class=message href=\"findings/" << P.Name << "\">"
     << messageHTML(F.Message) << "</a>";
  if (!State.empty())
    OS << " <span class=\"badge " << State << "\">" << State << "</span>";
  OS << "<div class=where>" << escapeHTML(placeText(F.Place));
  if (!F.Function.empty())
    OS << " &middot; " << escapeHTML(F.Function) << "()";
  OS << "</div></td><td><span class=\"badge " << Level << "\">" << Level
     << "</span></td><td class=number>" << F.Path.size() << "</td></tr>\n";
}

void HTMLReport::writeNotes(raw_ostream &OS) {
  auto List = [&](StringRef Title, ArrayRef<Incomplete> Items) {
    if (Items.empty())
      return;
    OS << "<section class=notes><h2>" << Title << "</h2><ul>\n";
    for (const Incomplete &I : Items)
      OS << "<li><code>" << escapeHTML(I.File) << "</code>"
         << (I.Function.empty() ? "" : " " + escapeHTML(I.Function) + "()")
         << ": " << escapeHTML(I.Reason) << "</li>\n";
    OS << "</ul></section>\n";
  };
  List("Not analysed", R.NotAnalysed);
  List("Functions that were not analysed to the end", R.IncompleteFunctions);
  if (R.Fixed.empty())
    return;
  OS << "<section class=notes><h2>Fixed: in the baseline, not in the code "
        "any more</h2><ul>\n";
  for (const BaselineEntry &E : R.Fixed)
    OS << "<li>" << shortName(E.Check) << " in <code>" << escapeHTML(E.Function)
       << "()</code>: " << messageHTML(E.Message) << "</li>\n";
  OS << "</ul></section>\n";
}

void HTMLReport::writeIndex(raw_ostream &OS) {
  head(OS, "pinlint: " + counted(Pages.size(), "finding"), "index", "");
  OS << "<a class=skip href=\"#findings\">Skip to the findings</a>\n"
        "<header class=top><div class=grow><h1><span class=brand>pinlint</span>"
        " &nbsp;"
     << counted(Pages.size(), "finding") << " in "
     << counted(R.Files.size(), "file")
     << "</h1></div><button type=button data-key=t>Light / dark</button>"
        "<button type=button data-key=\"?\">Keys <kbd>?</kbd></button></header>"
        "\n<main>\n";
  if (!R.NotAnalysed.empty())
    OS << "<p class=high><strong>" << counted(R.NotAnalysed.size(), "input")
       << " of " << R.NumInputs
       << " could not be analysed; see below the list.</strong></p>\n";
  writeFilters(OS);
  OS << "<table id=findings><thead><tr><th scope=col>Check</th><th "
        "scope=col>Finding</th><th scope=col>Confidence</th><th "
        "scope=col>Steps</th></tr></thead>\n<tbody>\n";
  for (const Page &P : Pages)
    writeRow(OS, P);
  OS << "</tbody></table>\n<p class=empty" << (Pages.empty() ? "" : " hidden")
     << ">"
     << (Pages.empty() ? "Nothing found." : "No finding matches the filters.")
     << "</p>\n";
  writeNotes(OS);
  std::set<StringRef> Checks;
  for (const Page &P : Pages)
    Checks.insert(P.F->Check);
  if (!Checks.empty()) {
    OS << "<section class=notes><h2>What the checks mean</h2><ul>\n";
    for (const CheckInfo &C : allChecks())
      if (Checks.count(C.Name))
        OS << "<li><a href=\"checks/" << shortName(C.Name) << ".html\">"
           << shortName(C.Name) << "</a>: " << escapeHTML(C.Summary)
           << "</li>\n";
    OS << "</ul></section>\n";
  }
  OS << "</main>\n";
  help(OS, /*Index=*/true);
  OS << "</body>\n</html>\n";
}

const std::vector<std::string> &HTMLReport::highlighted(StringRef File) {
  auto [It, New] = Highlighted.try_emplace(File);
  if (New)
    It->second = highlightC(Sources.linesOf(File));
  return It->second;
}

std::vector<HTMLReport::Excerpt>
HTMLReport::excerpts(const ReportedFinding &F) {
  std::vector<Excerpt> Result;
  auto At = [&](const SourcePlace &P) -> Excerpt & {
    for (Excerpt &E : Result)
      if (E.File == P.File && E.Extent.First <= P.Line &&
          P.Line <= E.Extent.Last)
        return E;
    Result.push_back(
        {P.File, functionAround(Sources.linesOf(P.File), P.Line), {}});
    return Result.back();
  };
  At(F.Place);
  for (auto [I, Step] : enumerate(F.Path))
    At(Step.Place).Steps.push_back(I);
  return Result;
}

void HTMLReport::writeStep(raw_ostream &OS, const ReportedFinding &F,
                           size_t I) {
  const PathStep &Step = F.Path[I];
  bool Last = I + 1 == F.Path.size();
  OS << formatv("<div class=\"step{0}\" id=step-{1}><span class=num>{1}</span>"
                "<span>{2}</span>",
                Last ? " end" : "", I + 1, messageHTML(Step.Message));
  if (!Step.Held.empty())
    OS << "<span class=held>" << escapeHTML(Step.Held) << "</span>";
  OS << "<nav aria-label=\"Step " << I + 1 << "\">";
  if (I != 0)
    OS << formatv(
        "<a href=\"#step-{0}\" title=\"previous step\">&larr; {0}</a>", I);
  if (!Last)
    OS << formatv("<a href=\"#step-{0}\" title=\"next step\">{0} &rarr;</a>",
                  I + 2);
  OS << "</nav></div>\n";
}

void HTMLReport::writeExcerpt(raw_ostream &OS, const ReportedFinding &F,
                              const Excerpt &E) {
  // Lines around steps are shown, others folded where it is worth it.
  constexpr unsigned Context = 5, WorthFolding = 4;
  const std::vector<std::string> &Lines = highlighted(E.File);
  unsigned First = E.Extent.First;
  unsigned Last = std::min<unsigned>(E.Extent.Last, Lines.size());
  OS << "<section class=file><h2>";
  if (!E.Extent.Name.empty())
    OS << "<code>" << escapeHTML(E.Extent.Name) << "()</code> ";
  OS << "<span class=where>" << escapeHTML(E.File) << "</span></h2>\n"
     << "<div class=source tabindex=0 role=group aria-label=\"Source of "
     << escapeHTML(E.Extent.Name.empty() ? E.File : E.Extent.Name)
     << "\"><div class=all>\n";
  if (Lines.empty())
    OS << "<p class=hint>&nbsp; This file could not be read when the report "
          "was written.</p>\n";
  std::multimap<unsigned, size_t> StepsAt;
  std::vector<bool> Shown(Last + 2);
  auto Show = [&](unsigned Line) {
    for (unsigned I = Line > Context ? Line - Context : 1;
         I <= std::min(Line + Context, Last); ++I)
      Shown[I] = true;
  };
  for (unsigned I = First; I <= std::min(First + 2, Last); ++I)
    Shown[I] = true;
  for (size_t I : E.Steps) {
    StepsAt.emplace(F.Path[I].Place.Line, I);
    Show(F.Path[I].Place.Line);
  }
  if (E.File == F.Place.File)
    Show(F.Place.Line);
  auto WriteLine = [&](unsigned I) {
    auto [Begin, End] = StepsAt.equal_range(I);
    OS << "<div class=\"l" << (Begin == End ? "" : " hit") << "\"><span>" << I
       << "</span><code>" << Lines[I - 1] << "</code></div>\n";
    for (auto It = Begin; It != End; ++It)
      writeStep(OS, F, It->second);
  };
  for (unsigned I = First; I <= Last;) {
    unsigned End = I;
    while (End <= Last && !Shown[End])
      ++End;
    if (End - I >= WorthFolding) {
      OS << "<details class=fold><summary>&#8943; " << End - I
         << " lines</summary>\n";
      for (; I != End; ++I)
        WriteLine(I);
      OS << "</details>\n";
    } else {
      for (; I != End; ++I)
        WriteLine(I);
    }
    if (I <= Last)
      WriteLine(I++);
  }
  OS << "</div></div></section>\n";
}

void HTMLReport::writePath(raw_ostream &OS, const ReportedFinding &F) {
  OS << "<aside class=path aria-label=\"Path\"><div class=inside>\n"
        "<h2>How it happens <span class=hint id=status aria-live=polite></span>"
        "</h2>\n<ol>\n";
  std::string Before = F.Place.File, Held;
  for (auto [I, Step] : enumerate(F.Path)) {
    bool Last = I + 1 == F.Path.size();
    OS << formatv("<li style=\"margin-left:{0}rem\"{1}><a href=\"#step-{2}\">"
                  "<span class=num>{2}</span><span>{3}</span><span "
                  "class=where>",
                  std::min(Step.Depth, 6u) * 0.9, Last ? " class=end" : "",
                  I + 1, messageHTML(Step.Message));
    if (Step.Place.File != Before)
      OS << escapeHTML(placeText(Step.Place));
    else
      OS << "line " << Step.Place.Line;
    Before = Step.Place.File;
    // Beside the source it stands at each step.
    if (!Step.Held.empty() && (Last || Step.Held != Held))
      OS << " &middot; <span class=held>" << escapeHTML(Step.Held) << "</span>";
    Held = Step.Held;
    OS << "</span></a></li>\n";
  }
  OS << "</ol>\n";
  if (F.Path.empty())
    OS << "<p class=hint>This finding is about one place, not about a "
          "path.</p>\n";
  for (const CheckInfo &C : allChecks()) {
    if (C.Name != F.Check)
      continue;
    StringRef Summary = C.Summary;
    OS << "<div class=about><h2>" << toUpper(Summary.front())
       << escapeHTML(Summary.drop_front()) << "</h2>"
       << htmlFromMarkdown(introduction(C.Explanation)) << "<h3>How to fix</h3>"
       << htmlFromMarkdown(section(C.Explanation, "How to fix"))
       << "<p><a href=\"../checks/" << shortName(C.Name) << ".html\">All about "
       << shortName(C.Name) << "</a></p></div>\n";
  }
  OS << "</div></aside>\n";
}

void HTMLReport::writeFinding(raw_ostream &OS, size_t Number) {
  const ReportedFinding &F = *Pages[Number].F;
  StringRef Level = confidenceName(F.Level);
  StringRef State = stateOf(F, R);
  head(OS, shortName(F.Check) + ": " + placeText(F.Place), "finding", "../");
  OS << "<a class=skip href=\"#source\">Skip to the source</a>\n"
        "<header class=top><a class=\"brand up\" href=\"../index.html\" "
        "title=\"All findings\">&larr; pinlint</a><div class=grow><h1>"
     << messageHTML(F.Message) << "</h1><div><span class=\"badge\">"
     << shortName(F.Check) << "</span> <span class=\"badge " << Level << "\">"
     << Level << " confidence</span> ";
  if (!State.empty())
    OS << "<span class=\"badge " << State << "\">" << State << "</span> ";
  OS << "<span class=where>" << escapeHTML(placeText(F.Place));
  if (!F.Function.empty())
    OS << " &middot; " << escapeHTML(F.Function) << "()";
  OS << "</span></div>";
  if (F.Settled)
    OS << "<div class=hint>Settled by a comment in the source: "
       << escapeHTML(F.Settled->empty() ? "no reason given" : *F.Settled)
       << "</div>";
  OS << "</div><nav aria-label=Findings>";
  if (Number != 0)
    OS << "<a rel=prev href=\"" << Pages[Number - 1].Name
       << "\">&larr; previous</a> ";
  OS << "<span class=hint>" << Number + 1 << " of " << Pages.size()
     << "</span>";
  if (Number + 1 != Pages.size())
    OS << " <a rel=next href=\"" << Pages[Number + 1].Name
       << "\">next &rarr;</a>";
  OS << "</nav><button type=button data-key=\"?\">Keys <kbd>?</kbd></button>"
        "</header>\n<div class=layout>\n";
  writePath(OS, F);
  OS << "<main class=code id=source>\n";
  for (const Excerpt &E : excerpts(F))
    writeExcerpt(OS, F, E);
  OS << "</main>\n</div>\n";
  help(OS, /*Index=*/false);
  OS << "</body>\n</html>\n";
}

Error HTMLReport::write() {
  if (Error E = prepare())
    return E;
  StringSet<> Names;
  for (const ReportedFinding &F : R.Findings) {
    std::string Name = (shortName(F.Check) + "-" + F.Fingerprint).str();
    for (unsigned N = 2; !Names.insert(Name).second; ++N)
      Name = (shortName(F.Check) + "-" + F.Fingerprint + "-" + Twine(N)).str();
    Pages.push_back({&F, Name + ".html"});
  }
  // The surest first; what does not count last.
  llvm::sort(Pages, [](const Page &A, const Page &B) {
    return std::make_tuple(!A.F->counts(), -int(A.F->Level), A.F) <
           std::make_tuple(!B.F->counts(), -int(B.F->Level), B.F);
  });
  // First, since it makes the directory a report.
  if (Error E =
          writeFile("index.html", [&](raw_ostream &OS) { writeIndex(OS); }))
    return E;
  for (size_t I = 0; I != Pages.size(); ++I)
    if (Error E = writeFile("findings/" + Pages[I].Name,
                            [&](raw_ostream &OS) { writeFinding(OS, I); }))
      return E;
  for (const CheckInfo &C : allChecks())
    if (Error E = writeFile(
            "checks/" + shortName(C.Name) + ".html", [&](raw_ostream &OS) {
              head(OS, C.Name, "page", "../");
              OS << "<header class=top><a class=brand "
                    "href=\"../index.html\">&larr; pinlint</a>"
                    "<h1>"
                 << C.Name << "</h1></header>\n<main class=prose>\n"
                 << htmlFromMarkdown(C.Explanation.split('\n').second)
                 << "</main>\n</body>\n</html>\n";
            }))
      return E;
  for (StringRef Name : {"style", "script"})
    if (Error E = writeFile(
            Name + (Name == "style" ? ".css" : ".js"),
            [&](raw_ostream &OS) { OS << embeddedFile(ReportFiles, Name); }))
      return E;
  return Error::success();
}

Error writeHTMLReport(StringRef Path, const RunResult &R) {
  return HTMLReport(absolutePath(Path), R).write();
}

} // namespace pinlint
