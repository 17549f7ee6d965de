//===- Run.cpp - Analyse inputs and print what is found -------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Run.h"
#include "EarlierResults.h"
#include "Fixes.h"
#include "HeaderGroups.h"
#include "Paths.h"
#include "Prefilter.h"
#include "Progress.h"
#include "Schedule.h"
#include "Serialize.h"
#include "Workers.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Signals.h"
#include <chrono>
#include <deque>
#include <malloc.h>
#include <map>
#include <sys/resource.h>

using namespace llvm;

namespace pinlint {
namespace {

double cpuSeconds(int Who) {
  rusage Usage;
  getrusage(Who, &Usage);
  return Usage.ru_utime.tv_sec + Usage.ru_stime.tv_sec +
         (Usage.ru_utime.tv_usec + Usage.ru_stime.tv_usec) * 1e-6;
}

/// Prints results as they come and keeps what the end of the run needs.
class Reporter {
public:
  Reporter(const Options &O, const Inputs &In, const Baseline *Base)
      : O(O), In(In), Base(Base), Out(createOutput(O, outs())),
        Bar(In.Units.size(), !O.Quiet), Pending(In.Units.size()),
        Skipped(In.Units.size()), Unlisted(In.Units.size()) {
    for (const Incomplete &I : In.NotAnalysed)
      Sum.NotAnalysed.push_back({shownPath(I.File), "", I.Reason});
    Sum.NumInputs = In.Units.size() + In.NotAnalysed.size();
    Sum.Notes = In.Notes;
    Sum.HasBaseline = Base;
  }

  /// Unit \p I is not parsed: nothing can be found in it.
  void skip(size_t I) {
    ++NumSkipped;
    Bar.remove();
    Pending[I] = WorkResult();
    Skipped.set(I);
  }

  /// Nor is this one, which is not in the scope.
  void leaveOut(size_t I) {
    ++NumLeftOut;
    Bar.remove();
    Pending[I] = WorkResult();
    Unlisted.set(I);
  }

  /// Takes the result of unit \p I; prints all that is next in order.
  void take(size_t I, WorkResult R) {
    Bar.advance(shownPath(In.Units[I].File));
    Pending[I] = std::move(R);
    advance();
  }

  /// A unit was analysed, maybe not for the last time.
  void count(const AnalysisStats &S) {
    ++NumAnalyses;
    AnalysisSeconds += S.ParseSeconds + S.EngineSeconds;
  }
  /// The work on the units begins. \p Kept: an earlier run has found out what
  /// there is to do.
  void begin(bool Kept) {
    SetUpKept = Kept;
    SetUpSeconds = cpuSeconds(RUSAGE_SELF);
  }

  /// What has no result yet gets \p Failure for one.
  void giveUp(StringRef Failure) {
    constexpr size_t MaxListed = 10;
    size_t Left = llvm::count_if(drop_begin(Pending, Next),
                                 [](const auto &R) { return !R; });
    for (auto [I, R] : enumerate(Pending)) {
      if (I < Next || R)
        continue;
      if (Left > MaxListed)
        Unlisted.set(I);
      R = WorkResult{"", Failure.str()};
    }
    advance();
    if (Left > MaxListed) {
      Sum.NotAnalysed.push_back(
          {formatv("{0} more files", Left), "", Failure.str()});
      NotListed = Left - 1;
    }
  }

  int finish();
  /// What was found, for a baseline.
  std::vector<BaselineEntry> entries() const;
  const RunResult &result() const { return Sum; }

private:
  /// \p Path, relative to \p Base, as users know it: relative to where they
  /// are if it is below.
  std::string shownPath(StringRef Path, StringRef Base = "") const {
    std::string Absolute = absolutePath(Path, Base);
    StringRef Shown = Absolute;
    if (Shown.consume_front(WorkingDirectory) && Shown.consume_front("/"))
      return Shown.str();
    return Absolute;
  }

  void advance() {
    for (; Next != Pending.size() && Pending[Next]; ++Next) {
      if (Skipped.test(Next))
        Sum.Files.push_back(shownPath(In.Units[Next].File));
      else if (!Unlisted.test(Next))
        report(In.Units[Next], *Pending[Next]);
      Pending[Next].reset();
    }
  }

  void report(const TranslationUnit &Unit, const WorkResult &R);
  std::string reproducer(StringRef Shown) const;
  void print(const ReportedFinding &F);
  void compare();
  void printNotAnalysed();
  std::string leftOut() const;
  void printSummary();
  Error writeStatsFile();
  Error writeFiles();

  const Options &O;
  const Inputs &In;
  const Baseline *Base;
  std::unique_ptr<Output> Out;
  Progress Bar;
  const std::string WorkingDirectory = absolutePath(".");
  std::vector<std::optional<WorkResult>> Pending;
  BitVector Skipped, Unlisted;
  size_t Next = 0, NumSkipped = 0, NumLeftOut = 0, NotListed = 0;
  /// What is in a header shows in every unit that includes it.
  StringSet<> Seen;
  size_t NumFindings = 0, NumKnown = 0, NumSettled = 0;
  Fixes Cures;
  RunResult Sum;
  AnalysisStats Stats;
  /// Analyses of this run, repeated ones included, and what they took.
  size_t NumAnalyses = 0;
  double AnalysisSeconds = 0, SetUpSeconds = 0;
  bool SetUpKept = false;
  /// What units took the last time, the longest first.
  std::vector<std::pair<double, std::string>> Slowest;
  /// Files that could not be parsed on top of a header set, and why.
  std::vector<Incomplete> ParsedAgain;
  std::chrono::steady_clock::time_point Start =
      std::chrono::steady_clock::now();
};

} // namespace

void Reporter::print(const ReportedFinding &F) {
  ++NumFindings;
  if (O.Fix)
    Cures.add(F);
  Bar.clear();
  Out->finding(F);
  outs().flush();
}

void Reporter::report(const TranslationUnit &Unit, const WorkResult &R) {
  std::string Shown = shownPath(Unit.File);
  auto Failed = [&](std::string Reason) {
    Sum.NotAnalysed.push_back({Shown, "", std::move(Reason)});
  };
  if (!R.Failure.empty())
    return Failed(R.Failure == "interrupted"
                      ? R.Failure
                      : R.Failure + "; to see it again: " + reproducer(Shown));
  Expected<AnalysisResult> Result = decodeResult(R.Reply);
  if (!Result)
    return Failed(toString(Result.takeError()));
  addStats(Stats, Result->Stats);
  Slowest.push_back(
      {Result->Stats.ParseSeconds + Result->Stats.EngineSeconds, Shown});
  if (!Result->ParsedAgain.empty())
    ParsedAgain.push_back({Shown, "", Result->ParsedAgain});
  if (Result->Parsed)
    Sum.Files.push_back(Shown);
  else
    Failed(Result->Errors.empty() ? "did not parse"
                                  : join(Result->Errors, "\n    "));
  for (Incomplete I : Result->NotAnalysed) {
    I.File = shownPath(I.File, Unit.Directory);
    if (I.Function.empty())
      Sum.NotAnalysed.push_back(std::move(I));
    else if (Seen.insert(I.File + '\n' + I.Function).second)
      Sum.IncompleteFunctions.push_back(std::move(I));
  }
  for (Finding &Found : Result->Findings) {
    ReportedFinding F{std::move(Found)};
    F.Place.File = shownPath(F.Place.File, Unit.Directory);
    for (PathStep &Step : F.Path)
      Step.Place.File = shownPath(Step.Place.File, Unit.Directory);
    for (Replacement &R : F.Fixes)
      R.File = shownPath(R.File, Unit.Directory);
    std::string Key = formatv("{0}\n{1}\n{2}\n{3}\n{4}", F.Place.File,
                              F.Place.Line, F.Place.Column, F.Check, F.Message);
    if (!Seen.insert(Key).second)
      continue;
    if (F.Settled)
      ++NumSettled;
    else if (!Base && O.WriteBaselineFile.empty())
      print(F);
    Sum.Findings.push_back(std::move(F));
  }
}

/// The command that analyses one unit in this process.
std::string Reporter::reproducer(StringRef Shown) const {
  std::string Command = "pinlint -j0";
  auto Add = [&](StringRef Word) {
    Command += ' ';
    bool Plain = all_of(Word, [](char C) {
      return isAlnum(C) || StringRef("_-+=./,:@%").contains(C);
    });
    if (Plain && !Word.empty()) {
      Command += Word;
      return;
    }
    Command += '\'';
    for (char C : Word)
      Command += C == '\'' ? "'\\''" : std::string(1, C);
    Command += '\'';
  };
  if (!O.Build.empty()) {
    Add("-p");
    Add(O.Build);
  }
  if (O.CodeBase != Options().CodeBase)
    Add("--code-base=" + O.CodeBase);
  for (const std::string &File : O.ProtocolFiles)
    Add("--protocols=" + File);
  Add(Shown);
  if (O.Flags) {
    Add("--");
    for (const std::string &Flag : *O.Flags)
      Add(Flag);
  }
  return Command;
}

std::vector<BaselineEntry> Reporter::entries() const {
  std::vector<BaselineEntry> Result;
  for (const ReportedFinding &F : Sum.Findings)
    if (!F.Settled)
      Result.push_back(entryFor(F));
  return Result;
}

/// Tells what is new from what is in the baseline, and what of that has gone.
void Reporter::compare() {
  Baseline::Match M = Base->match(entries());
  size_t Next = 0;
  for (ReportedFinding &F : Sum.Findings) {
    if (F.Settled)
      continue;
    F.Known = M.Known[Next++];
    if (F.Known)
      ++NumKnown;
    else
      print(F);
  }
  // Gone is only what would have been found again.
  StringSet<> Analysed, Unfinished;
  for (const std::string &File : Sum.Files)
    Analysed.insert(absolutePath(File));
  for (const Incomplete &I : Sum.IncompleteFunctions)
    Unfinished.insert(absolutePath(I.File) + '\n' + I.Function);
  for (auto [E, Found] : zip(Base->Entries, M.Found)) {
    bool Looked = Analysed.contains(E.File) || !sys::fs::exists(E.File);
    if (!Found && Looked && !Unfinished.contains(E.File + '\n' + E.Function) &&
        E.Level >= O.MinConfidence && is_contained(O.Checks, E.Check))
      Sum.Fixed.push_back(E);
  }
}

void Reporter::printNotAnalysed() {
  // errs() would write each word by itself.
  std::string Text;
  raw_string_ostream OS(Text);
  if (!Sum.NotAnalysed.empty())
    OS << "pinlint: " << Sum.NotAnalysed.size() + NotListed << " of "
       << Sum.NumInputs << " inputs not analysed:\n";
  for (const Incomplete &I : Sum.NotAnalysed)
    OS << "  " << I.File << ": " << I.Reason << '\n';
  if (!Sum.IncompleteFunctions.empty())
    OS << "pinlint: " << Sum.IncompleteFunctions.size() << " of "
       << Stats.FunctionsAnalysed << " functions not analysed to the end:\n";
  for (const Incomplete &I : Sum.IncompleteFunctions)
    OS << "  " << I.File << ": " << I.Function << ": " << I.Reason << '\n';
  errs() << Text;
}

/// What the scope has left out.
std::string Reporter::leftOut() const {
  return formatv("{0} file{1} not looked at: --scope={2} leaves out what does "
                 "not deal with that; --scope=all takes all",
                 NumLeftOut, NumLeftOut == 1 ? "" : "s", O.Scope);
}

void Reporter::printSummary() {
  for (const BaselineEntry &E : Sum.Fixed)
    errs() << formatv("pinlint: fixed: {0}: {1}: {2} [{3}]\n",
                      shownPath(E.File), E.Function, E.Message, E.Check);
  if (Base)
    errs() << formatv("pinlint: introduced: {0}, fixed: {1}, unchanged: {2}\n",
                      NumFindings, Sum.Fixed.size(), NumKnown);
  if (!Sum.Fixed.empty() && !O.BaselineFile.empty() &&
      O.WriteBaselineFile.empty())
    errs() << formatv("pinlint: to take what is fixed out of the baseline, add "
                      "--write-baseline={0}\n",
                      O.BaselineFile);
  if (O.Quiet)
    return;
  auto Counted = [](size_t N, StringRef What) {
    return formatv("{0} {1}{2}", N, What, N == 1 ? "" : "s").str();
  };
  size_t Found = NumFindings;
  if (!Base && !O.WriteBaselineFile.empty())
    Found = Sum.Findings.size() - NumSettled;
  errs() << "pinlint: " << Counted(Found, Base ? "new finding" : "finding")
         << " in " << Counted(In.Units.size(), "file") << ", "
         << Stats.FunctionsAnalysed << " functions analysed\n";
  if (NumSkipped)
    errs() << "pinlint: " << Counted(NumSkipped, "file")
           << " not parsed: nothing in " << (NumSkipped == 1 ? "it" : "them")
           << " is named by a protocol\n";
  if (NumLeftOut)
    errs() << "pinlint: " << leftOut() << '\n';
  if (NumSettled)
    errs() << "pinlint: " << Counted(NumSettled, "more finding")
           << " settled by comments in the source\n";
}

Error Reporter::writeStatsFile() {
  std::error_code EC;
  raw_fd_ostream OS(O.StatsFile, EC);
  if (EC)
    return createStringError(EC, O.StatsFile + ": " + EC.message());
  json::OStream J(OS, /*IndentSize=*/2);
  J.object([&] {
    J.attribute("units", In.Units.size());
    J.attribute("unitsNotParsed", NumSkipped);
    J.attribute("unitsLeftOut", NumLeftOut);
    J.attribute("unitsNotAnalysed", Sum.NotAnalysed.size() + NotListed);
    J.attribute("findings", NumFindings);
    J.attribute("findingsKnown", NumKnown);
    J.attribute("findingsSettled", NumSettled);
    writeStats(J, Stats);
    J.attributeArray("parsedAgainFor", [&] {
      for (const Incomplete &I : ParsedAgain)
        J.value(utf8(I.File + ": " + I.Reason));
    });
    J.attribute("analyses", NumAnalyses);
    J.attribute("analysisSeconds", AnalysisSeconds);
    J.attributeArray("slowest", [&] {
      constexpr size_t MaxListed = 20;
      llvm::sort(Slowest, std::greater<>());
      for (const auto &[Seconds, File] :
           ArrayRef(Slowest).take_front(MaxListed))
        J.value(utf8(formatv("{0}: {1:f1} s", File, Seconds).str()));
    });
    J.attribute("setUpSeconds", SetUpSeconds);
    J.attribute("setUpKept", SetUpKept);
    J.attribute("cpuSeconds",
                cpuSeconds(RUSAGE_SELF) + cpuSeconds(RUSAGE_CHILDREN));
    J.attribute("wallSeconds", std::chrono::duration<double>(
                                   std::chrono::steady_clock::now() - Start)
                                   .count());
  });
  OS << '\n';
  OS.flush();
  if (!OS.has_error())
    return Error::success();
  EC = OS.error();
  OS.clear_error();
  return createStringError(EC, O.StatsFile + ": " + EC.message());
}

/// Writes what was asked for besides the findings themselves.
Error Reporter::writeFiles() {
  if (!O.WriteBaselineFile.empty()) {
    Baseline New(entries());
    // What was not looked at stays as it was.
    if (Base) {
      StringSet<> Gone;
      Baseline::Match M = Base->match(New.Entries);
      auto Name = [](const BaselineEntry &E) {
        return E.File + '\n' + E.Function + '\n' + E.Fingerprint;
      };
      for (const BaselineEntry &E : Sum.Fixed)
        Gone.insert(Name(E));
      for (auto [E, Found] : zip(Base->Entries, M.Found))
        if (!Found && !Gone.contains(Name(E)))
          New.Entries.push_back(E);
    }
    if (Error E = New.write(O.WriteBaselineFile))
      return E;
    errs() << formatv("pinlint: {0}: {1} finding{2} written\n",
                      O.WriteBaselineFile, New.Entries.size(),
                      New.Entries.size() == 1 ? "" : "s");
  }
  if (!O.HTMLDirectory.empty())
    if (Error E = writeHTMLReport(O.HTMLDirectory, Sum))
      return E;
  if (!O.StatsFile.empty())
    return writeStatsFile();
  return Error::success();
}

int Reporter::finish() {
  // What was skipped last is not in the list yet.
  advance();
  Bar.clear();
  if (NumLeftOut)
    Sum.Notes.push_back(leftOut());
  if (Base)
    compare();
  // Who writes a baseline accepts what was found.
  bool Accepted = !O.WriteBaselineFile.empty();
  Sum.ExitStatus = !Sum.NotAnalysed.empty()   ? ExitIncomplete
                   : NumFindings && !Accepted ? ExitFindings
                                              : ExitClean;
  Out->finish(Sum);
  outs().flush();
  printNotAnalysed();
  printSummary();
  if (Error E = writeFiles()) {
    errs() << "pinlint: " << toString(std::move(E)) << '\n';
    return ExitUsage;
  }
  if (O.Fix) {
    if (!Cures.apply())
      return ExitUsage;
    if (!O.Quiet)
      errs() << formatv("pinlint: {0} fixed", Cures.numFixed())
             << (Cures.numConflicts()
                     ? formatv(", {0} in conflict with others; run again",
                               Cures.numConflicts())
                           .str()
                     : "")
             << '\n';
  }
  if (O.KernelCheck && !O.Werror)
    return ExitClean;
  return Sum.ExitStatus;
}

AnalysisOptions analysisOptions(const Options &O, const TranslationUnit &Unit) {
  AnalysisOptions Result;
  Result.Protos = Unit.Protos;
  Result.Checks = O.Checks;
  Result.MinConfidence = O.MinConfidence;
  Result.ParseAllBodies = O.ParseAllBodies;
  Result.NoLintReasons = O.NoLintReasons;
  Result.KeepSettled = true;
  return Result;
}

AnalysisResult analyseUnit(const Options &O, const TranslationUnit &Unit,
                           StringRef Input,
                           IntrusiveRefCntPtr<vfs::FileSystem> Files,
                           const HeaderSet *Headers) {
  Expected<std::vector<std::string>> Arguments = Unit.arguments();
  if (!Arguments) {
    AnalysisResult Result;
    Result.Errors = {"its compile command: " + toString(Arguments.takeError())};
    return Result;
  }
  SummaryImports Imports = decodeImports(Input);
  AnalysisOptions A = analysisOptions(O, Unit);
  A.Imports = &Imports;
  A.Export = true;
  A.Files = std::move(Files);
  A.Headers = Headers;
  return analyzeTU(Unit.Directory, Unit.File, *Arguments, A);
}

namespace {
/// What a worker is asked for, as the first byte of its input.
enum Task : char { AnalyseUnit, AnalyseOnHeaderSet, BuildHeaderSet };
} // namespace

/// Analyses the units of \p In, and hands the results to \p Report.
static void analyseUnits(const Options &O, const Inputs &In,
                         EarlierResults &Known, Reporter &Report) {
  auto Scans = std::make_unique<ScanCache>(Known.beside(".scans"), toolHash());
  Prefilter Filter(In, O, *Scans, Known.beside(".setup"));
  // A few that have changed are scanned again rather than all written.
  if (!Filter.isKept())
    Scans->save();
  Scans.reset();
  Schedule Plan(In, Filter, O.Link);
  // Workers start with a copy of what is there.
  malloc_trim(0);
  Report.begin(Filter.isKept());
  std::vector<std::optional<WorkResult>> Latest(In.Units.size());
  auto Settle = [&] {
    for (const Schedule::Final &F : Plan.takeFinal())
      if (F.Analysed)
        Report.take(F.Unit, *std::exchange(Latest[F.Unit], std::nullopt));
      else if (Filter.inScope(F.Unit) || !Filter.matters(F.Unit))
        Report.skip(F.Unit);
      else
        Report.leaveOut(F.Unit);
  };
  HeaderGroups Groups(O, In, Filter, Known.beside(".headers"), Known.isEmpty());
  auto Work = [&](const WorkItem &Item) {
    StringRef Input = Item.Input;
    char Kind = Input.front();
    Input = Input.drop_front();
    if (Kind == BuildHeaderSet)
      return Groups.build(Input);
    StringRef Set;
    const HeaderSet *Headers =
        Kind == AnalyseOnHeaderSet && takeBytes(Input, Set) ? Groups.load(Set)
                                                            : nullptr;
    return encodeResult(
        analyseUnit(O, In.Units[Item.Number], Input, In.Files, Headers));
  };
  std::vector<std::string> Told(In.Units.size());
  auto Take = [&](size_t I, WorkResult R, bool IsNew) {
    std::vector<ExportedSummary> Exports;
    if (R.Failure.empty()) {
      if (Expected<AnalysisResult> Result = decodeResult(R.Reply)) {
        Exports = Result->Exports;
        if (IsNew) {
          Report.count(Result->Stats);
          Groups.learn(I, *Result);
          Known.put(I, Told[I], std::move(*Result));
        }
      } else {
        R.Failure = toString(Result.takeError());
      }
    }
    // Of an earlier round more is known than nothing.
    if (R.Failure != "interrupted" || !Latest[I])
      Latest[I] = std::move(R);
    Plan.done(I, std::move(Exports));
    Settle();
  };

  // Units whose headers are being parsed.
  std::multimap<unsigned, WorkItem> Waiting;
  std::deque<WorkItem> Released;
  auto Done = [&](size_t I, WorkResult R) {
    if (I < In.Units.size())
      return Take(I, std::move(R), true);
    // Where it did not work out, the units are parsed as they are.
    unsigned Group = I - In.Units.size();
    Groups.built(Group);
    auto [First, Last] = Waiting.equal_range(Group);
    for (auto It = First; It != Last; ++It)
      Released.push_back(std::move(It->second));
    Waiting.erase(First, Last);
  };
  auto Prepare = [&](WorkItem Item, Task Kind) {
    Item.Input.insert(Item.Input.begin(), Kind);
    return Item;
  };
  auto Next = [&]() -> std::optional<WorkItem> {
    for (;;) {
      std::optional<WorkItem> Item;
      if (!Released.empty()) {
        Item = std::move(Released.front());
        Released.pop_front();
      } else if ((Item = Plan.next())) {
        if (std::optional<WorkResult> Before = Known.find(*Item)) {
          Take(Item->Number, std::move(*Before), false);
          continue;
        }
        Told[Item->Number] = Item->Input;
      }
      Settle();
      if (!Item)
        return std::nullopt;
      HeaderGroups::Advice What = Groups.advise(Item->Number);
      unsigned Group = Groups.groupOf(Item->Number);
      switch (What) {
      case HeaderGroups::Advice::Use: {
        std::string Input;
        appendBytes(Input, Groups.describe(Group));
        Item->Input.insert(0, Input);
        return Prepare(std::move(*Item), AnalyseOnHeaderSet);
      }
      case HeaderGroups::Advice::Without:
        return Prepare(std::move(*Item), AnalyseUnit);
      case HeaderGroups::Advice::Build:
        Waiting.insert({Group, std::move(*Item)});
        return Prepare({In.Units.size() + Group, Groups.describe(Group)},
                       BuildHeaderSet);
      case HeaderGroups::Advice::Wait:
        Waiting.insert({Group, std::move(*Item)});
        break;
      }
    }
  };

  if (O.Jobs == 0) {
    sys::PrintStackTraceOnErrorSignal("pinlint");
    while (std::optional<WorkItem> Item = Next())
      Done(Item->Number, {Work(*Item), ""});
  } else if (!runWorkers({O.Jobs, O.Timeout, O.Memory}, Next, Work, Done)) {
    // What another round might have changed is still worth knowing.
    for (size_t I = 0; I != Latest.size(); ++I)
      if (Latest[I])
        Report.take(I, *std::exchange(Latest[I], std::nullopt));
    Report.giveUp("interrupted");
  }
  Known.finish();
}

int lint(const Options &O, const Inputs &In, EarlierResults &Known,
         const Baseline *Base) {
  Reporter Report(O, In, Base);
  analyseUnits(O, In, Known, Report);
  return Report.finish();
}

RunResult collect(const Options &O, const Inputs &In, EarlierResults &Known) {
  // Nothing is said about it.
  Options Silent = O;
  Silent.Quiet = true;
  Baseline Nothing;
  Reporter Report(Silent, In, &Nothing);
  analyseUnits(Silent, In, Known, Report);
  return Report.result();
}

} // namespace pinlint
