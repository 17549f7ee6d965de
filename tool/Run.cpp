//===- Run.cpp - Analyse inputs and print what is found -------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Run.h"
#include "EarlierResults.h"
#include "Fixes.h"
#include "Paths.h"
#include "Prefilter.h"
#include "Progress.h"
#include "Schedule.h"
#include "Serialize.h"
#include "TextPrinter.h"
#include "Workers.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Signals.h"
#include <chrono>
#include <sys/resource.h>

using namespace llvm;

namespace pinlint {
namespace {

/// Prints results as they come and keeps what the end of the run needs.
class Reporter {
public:
  Reporter(const Options &O, const Inputs &In)
      : O(O), In(In), Text(outs(), useColors()), Bar(In.Units.size(), !O.Quiet),
        Pending(In.Units.size()), Skipped(In.Units.size()) {
    for (const Incomplete &I : In.NotAnalysed)
      NotAnalysed.push_back({shownPath(I.File), "", I.Reason});
  }

  /// Unit \p I is not parsed: nothing can be found in it.
  void skip(size_t I) {
    ++NumSkipped;
    Bar.remove();
    Pending[I] = WorkResult();
    Skipped.set(I);
  }

  /// Takes the result of unit \p I; prints all that is next in order.
  void take(size_t I, WorkResult R) {
    Bar.advance(shownPath(In.Units[I].File));
    Pending[I] = std::move(R);
    advance();
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
        Skipped.set(I);
      R = WorkResult{"", Failure.str()};
    }
    advance();
    if (Left > MaxListed) {
      NotAnalysed.push_back(
          {formatv("{0} more files", Left), "", Failure.str()});
      NotListed = Left - 1;
    }
  }

  int finish();

private:
  static bool useColors() {
    return sys::Process::StandardOutHasColors() &&
           !sys::Process::GetEnv("NO_COLOR");
  }

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
      if (!Skipped.test(Next))
        report(In.Units[Next], *Pending[Next]);
      Pending[Next].reset();
    }
  }

  void report(const TranslationUnit &Unit, const WorkResult &R);
  std::string reproducer(StringRef Shown) const;
  void print(const Finding &F);
  void printNotAnalysed();
  Error writeStatsFile();

  const Options &O;
  const Inputs &In;
  TextPrinter Text;
  Progress Bar;
  const std::string WorkingDirectory = absolutePath(".");
  std::vector<std::optional<WorkResult>> Pending;
  BitVector Skipped;
  size_t Next = 0, NumSkipped = 0, NotListed = 0;
  /// What is in a header shows in every unit that includes it.
  StringSet<> Seen;
  size_t NumFindings = 0;
  Fixes Cures;
  std::vector<Incomplete> NotAnalysed, IncompleteFunctions;
  AnalysisStats Sum;
  std::chrono::steady_clock::time_point Start =
      std::chrono::steady_clock::now();
};

} // namespace

void Reporter::print(const Finding &F) {
  Bar.clear();
  if (O.Format == OutputFormat::Text) {
    Text.print(F);
  } else {
    json::OStream J(outs());
    writeFinding(J, F);
    outs() << '\n';
  }
  outs().flush();
}

void Reporter::report(const TranslationUnit &Unit, const WorkResult &R) {
  std::string Shown = shownPath(Unit.File);
  if (!R.Failure.empty()) {
    std::string Reason = R.Failure;
    if (Reason != "interrupted")
      Reason += "; to see it again: " + reproducer(Shown);
    NotAnalysed.push_back({Shown, "", Reason});
    return;
  }
  Expected<AnalysisResult> Result = decodeResult(R.Reply);
  if (!Result) {
    NotAnalysed.push_back({Shown, "", toString(Result.takeError())});
    return;
  }
  addStats(Sum, Result->Stats);
  if (!Result->Parsed)
    NotAnalysed.push_back({Shown, "",
                           Result->Errors.empty()
                               ? "did not parse"
                               : join(Result->Errors, "\n    ")});
  for (Incomplete I : Result->NotAnalysed) {
    I.File = shownPath(I.File, Unit.Directory);
    if (I.Function.empty())
      NotAnalysed.push_back(std::move(I));
    else if (Seen.insert(I.File + '\n' + I.Function).second)
      IncompleteFunctions.push_back(std::move(I));
  }
  for (Finding &F : Result->Findings) {
    F.Place.File = shownPath(F.Place.File, Unit.Directory);
    for (PathStep &Step : F.Path)
      Step.Place.File = shownPath(Step.Place.File, Unit.Directory);
    for (Replacement &R : F.Fixes)
      R.File = shownPath(R.File, Unit.Directory);
    std::string Key = formatv("{0}\n{1}\n{2}\n{3}\n{4}", F.Place.File,
                              F.Place.Line, F.Place.Column, F.Check, F.Message);
    if (!Seen.insert(Key).second)
      continue;
    ++NumFindings;
    if (O.Fix)
      Cures.add(F);
    print(F);
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

void Reporter::printNotAnalysed() {
  size_t Total = In.Units.size() + In.NotAnalysed.size();
  if (!NotAnalysed.empty())
    errs() << "pinlint: " << NotAnalysed.size() + NotListed << " of " << Total
           << " inputs not analysed:\n";
  for (const Incomplete &I : NotAnalysed)
    errs() << "  " << I.File << ": " << I.Reason << '\n';
  if (!IncompleteFunctions.empty())
    errs() << "pinlint: " << IncompleteFunctions.size() << " of "
           << Sum.FunctionsAnalysed << " functions not analysed to the end:\n";
  for (const Incomplete &I : IncompleteFunctions)
    errs() << "  " << I.File << ": " << I.Function << ": " << I.Reason << '\n';
}

static double cpuSeconds(int Who) {
  rusage Usage;
  getrusage(Who, &Usage);
  return Usage.ru_utime.tv_sec + Usage.ru_stime.tv_sec +
         (Usage.ru_utime.tv_usec + Usage.ru_stime.tv_usec) * 1e-6;
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
    J.attribute("unitsNotAnalysed", NotAnalysed.size() + NotListed);
    J.attribute("findings", NumFindings);
    writeStats(J, Sum);
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

int Reporter::finish() {
  Bar.clear();
  printNotAnalysed();
  if (!O.Quiet) {
    errs() << formatv("pinlint: {0} finding{1} in {2} file{3}, {4} functions "
                      "analysed\n",
                      NumFindings, NumFindings == 1 ? "" : "s", In.Units.size(),
                      In.Units.size() == 1 ? "" : "s", Sum.FunctionsAnalysed);
    if (NumSkipped)
      errs() << formatv("pinlint: {0} file{1} not parsed: nothing in {2} is "
                        "named by a protocol\n",
                        NumSkipped, NumSkipped == 1 ? "" : "s",
                        NumSkipped == 1 ? "it" : "them");
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
  if (!O.StatsFile.empty())
    if (Error E = writeStatsFile()) {
      errs() << "pinlint: " << toString(std::move(E)) << '\n';
      return ExitUsage;
    }
  if (O.KernelCheck && !O.Werror)
    return ExitClean;
  if (!NotAnalysed.empty())
    return ExitIncomplete;
  return NumFindings ? ExitFindings : ExitClean;
}

AnalysisOptions analysisOptions(const Options &O, const TranslationUnit &Unit) {
  AnalysisOptions Result;
  Result.Protos = Unit.Protos;
  Result.Checks = O.Checks;
  Result.MinConfidence = O.MinConfidence;
  Result.ParseAllBodies = O.ParseAllBodies;
  Result.NoLintReasons = O.NoLintReasons;
  return Result;
}

AnalysisResult analyseUnit(const Options &O, const TranslationUnit &Unit,
                           StringRef Input) {
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
  return analyzeTU(Unit.Directory, Unit.File, *Arguments, A);
}

int lint(const Options &O, const Inputs &In, EarlierResults &Known) {
  Reporter Report(O, In);
  Prefilter Filter(In, O);
  Schedule Plan(In, Filter, /*All=*/!O.Prefilter, O.Link);
  std::vector<std::optional<WorkResult>> Latest(In.Units.size());
  auto Settle = [&] {
    for (const Schedule::Final &F : Plan.takeFinal())
      if (F.Analysed)
        Report.take(F.Unit, *std::exchange(Latest[F.Unit], std::nullopt));
      else
        Report.skip(F.Unit);
  };
  auto Work = [&](const WorkItem &Item) {
    return encodeResult(analyseUnit(O, In.Units[Item.Number], Item.Input));
  };
  std::vector<std::string> Told(In.Units.size());
  auto Take = [&](size_t I, WorkResult R, bool IsNew) {
    std::vector<ExportedSummary> Exports;
    if (R.Failure.empty()) {
      if (Expected<AnalysisResult> Result = decodeResult(R.Reply)) {
        Exports = Result->Exports;
        if (IsNew)
          Known.put(I, Told[I], std::move(*Result));
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

  auto Done = [&](size_t I, WorkResult R) { Take(I, std::move(R), true); };
  auto Next = [&] {
    std::optional<WorkItem> Item;
    while ((Item = Plan.next())) {
      std::optional<WorkResult> Before = Known.find(*Item);
      if (!Before) {
        Told[Item->Number] = Item->Input;
        break;
      }
      Take(Item->Number, std::move(*Before), false);
    }
    Settle();
    return Item;
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
  int Status = Report.finish();
  Known.finish();
  return Status;
}

} // namespace pinlint
