//===- main.cpp - pinlint-verify ------------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Errno.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include <sys/wait.h>
#include <unistd.h>

using namespace llvm;
using namespace pinlint;
using namespace pinlint::verify;

static cl::OptionCategory Category("pinlint-verify options");
static cl::list<std::string> Files(cl::Positional, cl::OneOrMore,
                                   cl::desc("FILE.c..."), cl::cat(Category));
static cl::list<std::string>
    FunctionGlobs("function", cl::value_desc("glob"), cl::cat(Category),
                  cl::desc("Run only functions with such a name"));
static cl::opt<bool> Jsonl("jsonl", cl::cat(Category),
                           cl::desc("One JSON object per function"));
static cl::opt<bool> Check(
    "check", cl::cat(Category),
    cl::desc("Compare with what names (_ok, _bad) and comments (expect: ...) "
             "say; print and fail for differences only"));
static cl::opt<std::string>
    Replay("replay", cl::value_desc("function:trace"), cl::cat(Category),
           cl::desc("Run once with the given outcomes and tell the steps"));
static cl::opt<unsigned> MaxRuns("max-runs", cl::init(20000), cl::cat(Category),
                                 cl::desc("Runs per function (20000)"));
static cl::opt<unsigned> MaxUnusual("max-unusual", cl::init(6),
                                    cl::cat(Category),
                                    cl::desc("Unusual outcomes per run (6)"));
static cl::opt<bool>
    InProcess("in-process", cl::cat(Category),
              cl::desc("Run the programs in this process, for a debugger"));
static cl::opt<std::string> Clang("clang", cl::value_desc("path"),
                                  cl::cat(Category),
                                  cl::desc("The clang to compile with"));
static cl::opt<std::string>
    Shim("shim", cl::value_desc("directory"), cl::cat(Category),
         cl::desc("The directory of the kernel-shaped headers"));
static cl::opt<bool> StubUnknown(
    "stub-unknown", cl::cat(Category),
    cl::desc("Let functions that are only declared return 0 or -EIO"));
static cl::list<std::string> Includes("I", cl::Prefix, cl::cat(Category),
                                      cl::value_desc("directory"),
                                      cl::desc("Passed to clang"));
static cl::list<std::string> Forced("include", cl::cat(Category),
                                    cl::value_desc("header"),
                                    cl::desc("Passed to clang"));
static cl::list<std::string> Defines("D", cl::Prefix, cl::cat(Category),
                                     cl::value_desc("macro"),
                                     cl::desc("Passed to clang"));

namespace {
/// As with the analyser: 3 beats 2 beats 1.
enum ExitStatus { Clean, Found, Usage, Incomplete };

struct Tally {
  unsigned Functions = 0;
  unsigned WithViolations = 0;
  unsigned Unexpected = 0;
  unsigned NotRun = 0;
};
} // namespace

static int complain(const Twine &Text) {
  errs() << "pinlint-verify: " << Text << "\n";
  return Usage;
}

static std::string findClang() {
  if (!Clang.empty())
    return Clang;
  if (sys::fs::can_execute(PINLINT_CLANG))
    return PINLINT_CLANG;
  for (StringRef Name : {"clang-22", "clang-19", "clang"})
    if (auto Path = sys::findProgramByName(Name))
      return *Path;
  return "";
}

static std::string findShim(const char *Argv0) {
  if (!Shim.empty())
    return Shim;
  std::string Self =
      sys::fs::getMainExecutable(Argv0, reinterpret_cast<void *>(&findShim));
  SmallString<128> Installed(sys::path::parent_path(Self));
  sys::path::append(Installed, "..", "include", "pinlint", "shim");
  if (sys::fs::exists(Twine(Installed) + "/linux/mm.h"))
    return Installed.str().str();
  return PINLINT_SHIM_DIRECTORY;
}

/// Whether the file has functions that say by their names what they are.
static bool isMarked(StringRef Name) {
  return Name.ends_with("_ok") || Name.ends_with("_bad") ||
         Name.starts_with("FP_") || Name.starts_with("FN_");
}

static std::vector<const EntryFunction *>
selectFunctions(const Program &P, ArrayRef<GlobPattern> Globs) {
  std::vector<const EntryFunction *> Selected;
  bool AnyMarked = false;
  for (const EntryFunction &F : P.functions())
    AnyMarked |= isMarked(F.Name) || F.Expected;
  for (const EntryFunction &F : P.functions()) {
    bool Match = Globs.empty() ? !AnyMarked || isMarked(F.Name) || F.Expected
                               : any_of(Globs, [&](const GlobPattern &G) {
                                   return G.match(F.Name);
                                 });
    if (Match)
      Selected.push_back(&F);
  }
  return Selected;
}

/// What a function's process reports, one character before its text.
enum class Verdict : char {
  Nothing = '.',
  Violations = 'V',
  NotRun = 'N',
  Different = 'D'
};

static void verifyFunction(const Program &P, const EntryFunction &F,
                           Verifier &V, raw_ostream &OS) {
  FunctionResult R = V.verify(F);
  std::string Why;
  if (Check) {
    bool Bad = judge(F, R, Why) == Judgement::Unexpected;
    OS << static_cast<char>(Bad ? Verdict::Different : Verdict::Nothing);
    if (Bad) {
      OS << P.file() << ":" << F.Line << ": " << F.Name << ": " << Why << "\n";
      printText(OS, P, F, R, V);
    }
    return;
  }
  OS << static_cast<char>(!R.NotRun.empty()      ? Verdict::NotRun
                          : R.Violations.empty() ? Verdict::Nothing
                                                 : Verdict::Violations);
  if (Jsonl)
    printJson(OS, P, F, R, V);
  else
    printText(OS, P, F, R, V);
}

/// Takes what a function's process has written.
static void receive(StringRef Text, Tally &T) {
  ++T.Functions;
  switch (static_cast<Verdict>(Text[0])) {
  case Verdict::Nothing:
    break;
  case Verdict::Violations:
    ++T.WithViolations;
    break;
  case Verdict::NotRun:
    ++T.NotRun;
    break;
  case Verdict::Different:
    ++T.Unexpected;
    break;
  }
  outs() << Text.drop_front();
}

/// Runs \p F in a process of its own: a program that goes wild takes only that
/// down.
static void verifyApart(const Program &P, const EntryFunction &F, Verifier &V,
                        Tally &T) {
  if (InProcess) {
    std::string Text;
    raw_string_ostream OS(Text);
    verifyFunction(P, F, V, OS);
    receive(Text, T);
    return;
  }
  int Pipe[2];
  if (pipe(Pipe))
    report_fatal_error("pinlint-verify: cannot make a pipe");
  outs().flush();
  pid_t Child = fork();
  if (Child < 0)
    report_fatal_error("pinlint-verify: cannot fork");
  if (Child == 0) {
    close(Pipe[0]);
    raw_fd_ostream OS(Pipe[1], /*shouldClose=*/true);
    verifyFunction(P, F, V, OS);
    OS.close();
    _exit(0);
  }
  close(Pipe[1]);
  std::string Text;
  char Buffer[4096];
  ssize_t N;
  while ((N = sys::RetryAfterSignal(-1, read, Pipe[0], &Buffer[0],
                                    sizeof(Buffer))) > 0)
    Text.append(Buffer, N);
  close(Pipe[0]);
  int Status = 0;
  sys::RetryAfterSignal(-1, waitpid, Child, &Status, 0);
  if (WIFEXITED(Status) && !WEXITSTATUS(Status) && !Text.empty())
    return receive(Text, T);
  ++T.Functions;
  ++T.NotRun;
  ++T.Unexpected;
  errs() << P.file() << ":" << F.Line << ": " << F.Name
         << ": the program brought the verifier down";
  if (WIFSIGNALED(Status))
    errs() << " (signal " << WTERMSIG(Status) << ")";
  errs() << "\n";
}

static int replay(const Program &P, Verifier &V, bool &Matched) {
  auto [Name, TraceText] = StringRef(Replay).rsplit(':');
  auto T = rt::parseTrace(TraceText.str());
  if (!T)
    return complain("--replay wants FUNCTION:TRACE, as in f_bad:0.2.1");
  for (const EntryFunction &F : P.functions()) {
    if (F.Name != Name)
      continue;
    Matched = true;
    std::vector<rt::ScriptedChoices::Step> Steps;
    std::vector<rt::Violation> Violations;
    if (!V.replay(F, *T, Steps, Violations))
      return complain("the trace " + TraceText + " does not fit " + Name);
    outs() << P.file() << ": " << Name << "\n";
    printSteps(outs(), P, Steps);
    for (const rt::Violation &X : Violations)
      outs() << "  " << P.lineOf(X.At.Address).Line << ": " << X.Message << " ["
             << rt::checkName(X.Kind) << "]\n";
    return Violations.empty() ? Clean : Found;
  }
  return Clean;
}

int main(int Argc, char **Argv) {
  cl::HideUnrelatedOptions(Category);
  cl::ParseCommandLineOptions(
      Argc, Argv,
      "Runs each entry function of C files that use the kernel-shaped shim "
      "under\nevery outcome of its fallible calls, and reports what it leaks "
      "or misuses.\n\nExit status: 0 nothing found, 1 violations (or "
      "differences), 2 usage or\ncompilation error, 3 something could not be "
      "run.\n");
  CompileOptions Options;
  Options.Clang = findClang();
  if (Options.Clang.empty())
    return complain("no clang found; give one with --clang=PATH");
  Options.ShimDirectory = findShim(Argv[0]);
  for (const std::string &I : Includes)
    Options.ExtraArguments.push_back("-I" + I);
  for (const std::string &D : Defines)
    Options.ExtraArguments.push_back("-D" + D);
  for (const std::string &H : Forced) {
    Options.ExtraArguments.push_back("-include");
    Options.ExtraArguments.push_back(H);
  }
  Options.StubUnknown = StubUnknown;
  std::vector<GlobPattern> Globs;
  for (const std::string &G : FunctionGlobs) {
    auto Glob = GlobPattern::create(G);
    if (!Glob)
      return complain("--function=" + G + ": " + toString(Glob.takeError()));
    Globs.push_back(std::move(*Glob));
  }

  rt::shim::Arena Space;
  rt::ExploreLimits Limits;
  Limits.MaxRuns = MaxRuns;
  Limits.MaxUnusual = MaxUnusual;
  Tally T;
  int Status = Clean;
  bool Replayed = false;
  for (const std::string &File : Files) {
    auto P = Program::compile(File, Options);
    if (!P) {
      complain(toString(P.takeError()));
      Status = Usage;
      continue;
    }
    Verifier V(**P, Space, Limits);
    if (!Replay.empty()) {
      Status = std::max(Status, replay(**P, V, Replayed));
      continue;
    }
    for (const EntryFunction *F : selectFunctions(**P, Globs))
      verifyApart(**P, *F, V, T);
  }
  if (!Replay.empty())
    return Replayed ? Status : complain("no function " + Replay);
  if (Status == Clean && !T.Functions)
    return complain("no function to run");
  if (Check)
    outs() << T.Functions << " functions, " << T.Unexpected
           << " not as expected\n";
  if (Status != Clean)
    return Status;
  if (Check)
    return T.Unexpected ? Found : Clean;
  if (T.NotRun)
    return Incomplete;
  return T.WithViolations ? Found : Clean;
}
