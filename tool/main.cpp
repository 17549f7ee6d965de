//===- main.cpp - The pinlint command -------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Analysis.h"
#include "Baseline.h"
#include "Distribute.h"
#include "EarlierResults.h"
#include "Gate.h"
#include "Inputs.h"
#include "Options.h"
#include "Run.h"
#include "clang/Basic/Stack.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/Errno.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>
#include <unistd.h>

using namespace llvm;
using namespace pinlint;

static int listChecks(const Options &O) {
  for (const std::string &Name : O.Checks)
    outs() << Name << '\n';
  return ExitClean;
}

static int explain(const Options &O) {
  for (const CheckInfo &Check : allChecks())
    if (Check.Name == O.ExplainCheck) {
      outs() << Check.Explanation;
      return ExitClean;
    }
  errs() << "pinlint: no check is named '" << O.ExplainCheck
         << "' (--list-checks names them all)\n";
  return ExitUsage;
}

static int trace(const Options &O, const Inputs &In) {
  if (In.Units.size() != 1) {
    for (const Incomplete &I : In.NotAnalysed)
      errs() << "pinlint: " << I.File << ": " << I.Reason << '\n';
    if (In.NotAnalysed.empty())
      errs() << "pinlint: trace wants one file\n";
    return ExitUsage;
  }
  sys::PrintStackTraceOnErrorSignal("pinlint");
  const TranslationUnit &Unit = In.Units.front();
  Expected<std::vector<std::string>> Arguments = Unit.arguments();
  std::string Failure =
      Arguments
          ? traceFunction(Unit.Directory, Unit.File, *Arguments,
                          analysisOptions(O, Unit), O.TraceFunction, O.HTMLFile)
          : toString(Arguments.takeError());
  if (Failure.empty())
    return ExitClean;
  errs() << "pinlint: " << Failure << '\n';
  return ExitIncomplete;
}

/// Replaces this process with the script that makes compile databases for
/// Linux.
static int compdb(char **Argv) {
  std::string Self =
      sys::fs::getMainExecutable(Argv[0], reinterpret_cast<void *>(&compdb));
  SmallString<256> Script =
      sys::path::parent_path(sys::path::parent_path(Self));
  sys::path::append(Script, "libexec", "pinlint", "kernel-compdb");
  setenv("PINLINT_COMPDB_NAME", "pinlint compdb", /*overwrite=*/1);
  setenv("PINLINT_COMPDB_CC",
         ("clang-" + Twine(LLVM_VERSION_MAJOR)).str().c_str(),
         /*overwrite=*/0);
  Argv[1] = Script.data();
  execv(Script.c_str(), Argv + 1);
  errs() << "pinlint: " << Script << ": " << sys::StrError() << '\n';
  return ExitUsage;
}

static int run(int Argc, char **Argv) {
  if (Argc > 1 && StringRef(Argv[1]) == "compdb")
    return compdb(Argv);
  Options O;
  if (std::optional<int> Status = parseCommandLine(Argc, Argv, O))
    return *Status;
  if (O.Action == Options::ListChecks)
    return listChecks(O);
  if (O.Action == Options::Explain)
    return explain(O);
  if (O.Action == Options::Gate)
    return gate(O);

  if (O.Action == Options::LinkSums)
    return linkSums(O);

  Expected<std::unique_ptr<Inputs>> In = Inputs::resolve(O);
  if (!In) {
    errs() << "pinlint: " << toString(In.takeError()) << '\n';
    return ExitUsage;
  }
  if (!O.Quiet)
    for (const std::string &Note : (*In)->Notes)
      errs() << "pinlint: " << Note << '\n';
  switch (O.Action) {
  case Options::Trace:
    return trace(O, **In);
  case Options::Index:
    return indexUnit(O, **In);
  case Options::Ninja:
    return writeNinja(O, **In);
  default:
    break;
  }
  EarlierResults Known(O, **In);
  if (O.BaselineFile.empty())
    return lint(O, **In, Known);
  Expected<Baseline> Base = Baseline::load(O.BaselineFile);
  if (!Base) {
    errs() << "pinlint: " << toString(Base.takeError()) << '\n';
    return ExitUsage;
  }
  return lint(O, **In, Known, &*Base);
}

int main(int Argc, char **Argv) {
  clang::noteBottomOfStack();
  int Status = run(Argc, Argv);
  outs().flush();
  if (outs().has_error()) {
    errs() << "pinlint: cannot write the output: " << outs().error().message()
           << '\n';
    outs().clear_error();
    return ExitUsage;
  }
  return Status;
}
