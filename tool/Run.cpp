//===- Run.cpp - Analyse inputs and print what is found -------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Run.h"
#include "Paths.h"
#include "Progress.h"
#include "Serialize.h"
#include "TextPrinter.h"
#include "Workers.h"
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
        Pending(In.Units.size()) {
    for (const Incomplete &I : In.NotAnalysed)
      NotAnalysed.push_back({shownPath(I.File), "", I.Reason});
  }

  /// Takes the result of unit \p I; prints all that is next in order.
  void take(size_t I, WorkResult R) {
    Bar.advance(shownPath(In.Units[I].File));
    Pending[I] = std::move(R);
    for (; Next != Pending.size() && Pending[Next]; ++Next) {
      report(In.Units[Next], *Pending[Next]);
      Pending[Next].reset();
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

  void report(const TranslationUnit &Unit, const WorkResult &R);
  void print(const Finding &F);
  void printNotAnalysed();
  Error writeStatsFile();

  const Options &O;
  const Inputs &In;
  TextPrinter Text;
  Progress Bar;
  const std::string WorkingDirectory = absolutePath(".");
  std::vector<std::optional<WorkResult>> Pending;
  size_t Next = 0;
  /// What is in a header shows in every unit that includes it.
  StringSet<> Seen;
  size_t NumFindings = 0;
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
    NotAnalysed.push_back({Shown, "", R.Failure});
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
    std::string Key = formatv("{0}\n{1}\n{2}\n{3}\n{4}", F.Place.File,
                              F.Place.Line, F.Place.Column, F.Check, F.Message);
    if (!Seen.insert(Key).second)
      continue;
    ++NumFindings;
    print(F);
  }
}

void Reporter::printNotAnalysed() {
  size_t Total = In.Units.size() + In.NotAnalysed.size();
  if (!NotAnalysed.empty())
    errs() << "pinlint: " << NotAnalysed.size() << " of " << Total
           << " inputs not analysed:\n";
  for (const Incomplete &I : NotAnalysed)
    errs() << "  " << I.File << ": " << I.Reason << '\n';
  if (any_of(NotAnalysed, [](const Incomplete &I) {
        return StringRef(I.Reason).starts_with("crashed");
      }))
    errs() << "  (-j0 shows where a file crashes)\n";
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
    J.attribute("unitsNotAnalysed", NotAnalysed.size());
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
  if (!O.Quiet)
    errs() << formatv("pinlint: {0} finding{1} in {2} file{3}, {4} functions "
                      "analysed\n",
                      NumFindings, NumFindings == 1 ? "" : "s", In.Units.size(),
                      In.Units.size() == 1 ? "" : "s", Sum.FunctionsAnalysed);
  if (!O.StatsFile.empty())
    if (Error E = writeStatsFile()) {
      errs() << "pinlint: " << toString(std::move(E)) << '\n';
      return ExitUsage;
    }
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
  return Result;
}

int lint(const Options &O, const Inputs &In) {
  Reporter Report(O, In);
  auto Work = [&](size_t I) {
    const TranslationUnit &Unit = In.Units[I];
    AnalysisResult Result;
    if (Expected<std::vector<std::string>> Arguments = Unit.arguments())
      Result = analyzeTU(Unit.Directory, Unit.File, *Arguments,
                         analysisOptions(O, Unit));
    else
      Result.Errors = {"its compile command: " +
                       toString(Arguments.takeError())};
    return encodeResult(Result);
  };
  auto Done = [&](size_t I, WorkResult R) { Report.take(I, std::move(R)); };

  if (O.Jobs == 0) {
    sys::PrintStackTraceOnErrorSignal("pinlint");
    for (size_t I = 0; I != In.Units.size(); ++I)
      Done(I, {Work(I), ""});
  } else {
    runWorkers(In.Units.size(), O.Jobs, O.Timeout, Work, Done);
  }
  return Report.finish();
}

} // namespace pinlint
