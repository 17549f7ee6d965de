//===- Options.cpp - The command line of pinlint --------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include "KernelCheck.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/raw_ostream.h"
#include <getopt.h>
#include <set>
#include <thread>

using namespace llvm;

namespace pinlint {

static const char Usage[] =
    R"(Usage: pinlint [options] FILE|DIR... [-- COMPILER-FLAGS]
       pinlint gate --base=REV|--diff=FILE [options] [FILE|DIR...]
       pinlint trace FUNCTION FILE --html=OUT [options] [-- COMPILER-FLAGS]
       pinlint index FILE [--with=SUM...] -o SUM [options] [-- COMPILER-FLAGS]
       pinlint link [options] SUM...
       pinlint ninja [options] FILE|DIR... -o build.ninja
       pinlint compdb [--kernel=SRC] [--objtree=O] ... [DIR...]
       make C=1 CHECK="pinlint [options]"

Finds lost, unbalanced and misused pins and references in kernel C code.

FILE is analysed as its entry in the compile database says, DIR stands for all
entries of the database below it. The database is never changed; commands that
were made for gcc are fine.

  -p BUILD              directory of compile_commands.json; default: the first
                        one found in the parent directories of each input
  -j N                  worker processes (default: one per processor); 0: none,
                        analyse in this process
  --timeout=SECONDS     give up on a translation unit after that (600)
  --memory=MIB          and where it needs more than that (2048; 0: no limit)
  --checks=GLOB,...     enable the checks that match, '-GLOB' disables; the last
                        match decides; to run one check: '-*,pinlint-leak'
  --confidence=LEVEL    report findings of at least this confidence: low,
                        medium (default) or high
  --code-base=NAME      whose APIs are known to begin with: linux (default),
                        qemu or xen
  --protocols=FILE      add API protocols; may be repeated. The .pinlint.yaml
                        found in the parent directories of a source file counts
                        as well
  --scope=all|NAME      DIR stands for those files only that deal with NAME:
                        'memory' (pins and references of pages, what maps them
                        for devices, and reads of user memory), or a scope of
                        the protocols given; default: all
  --format=text|jsonl|sarif|github|gitlab
                        jsonl: one JSON object per finding and line; sarif:
                        SARIF 2.1.0; github: annotations of a workflow; gitlab:
                        a code quality report
  --html=DIR            write a report to read in a browser as well; for trace
                        the page to write
  --baseline=FILE       count only findings that are not in FILE, and say which
                        of those in FILE are fixed
  --write-baseline=FILE
                        write what is found to FILE, and accept it
  --fix                 change the files where a finding's cure is certain
  --nolint-reasons      NOLINT comments that name pinlint's checks need a reason
  --werror              as CHECK of a kernel's make: let the build fail where
                        something is found, or not analysed
  --quiet               print findings, and what was not analysed, only
  --stats=FILE          write counts and times of the run as JSON
  --store=FILE          keep results there for the next run; default:
                        .cache/pinlint/store.db beside the compile database
  --no-store            keep and use no results of other runs
  --no-link             look at each file on its own: what functions of other
                        files do is unknown
  --no-prefilter        parse files that name nothing of interest, too (slower;
                        to compare)
  --no-header-sets      parse all headers of each file anew (slower; to compare)
  --parse-all-bodies    do not skip functions in headers (slower; to compare)
  -o OUT                index, ninja: the file to write; index writes OUT.d too,
                        which lists what was read, for make and ninja
  --with=SUM            index: the summaries of a file whose functions FILE
                        calls; may be repeated; @LIST: of those that LIST names
  --base=REV            gate: report what has been introduced since this git
                        revision, uncommitted changes included
  --diff=FILE           gate: report what the change in FILE (- for standard
                        input) introduced; it must have been applied
  --list-checks         print the names of the enabled checks
  --explain CHECK       print a check's documentation
  --version, --help

Exit status: 0 nothing found, 1 findings, 2 usage or configuration error, 3 some
input was not analysed (a list on stderr says which and why). As CHECK: 0 for
all but the second, unless --werror is given.
)";

std::vector<std::string> selectChecks(StringRef Globs, std::string &Unknown) {
  std::set<std::string> Enabled;
  for (const CheckInfo &C : allChecks())
    Enabled.insert(C.Name);
  SmallVector<StringRef, 4> Parts;
  Globs.split(Parts, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (StringRef Part : Parts) {
    StringRef Glob = Part.trim();
    bool Remove = Glob.consume_front("-");
    Expected<GlobPattern> Pattern = GlobPattern::create(Glob);
    bool Matched = false;
    for (const CheckInfo &C : allChecks()) {
      if (!Pattern || !Pattern->match(C.Name))
        continue;
      Matched = true;
      if (Remove)
        Enabled.erase(C.Name);
      else
        Enabled.insert(C.Name);
    }
    if (!Pattern)
      consumeError(Pattern.takeError());
    if (!Matched && !Remove)
      Unknown = Part.str();
  }
  return {Enabled.begin(), Enabled.end()};
}

static std::optional<OutputFormat> formatNamed(StringRef Name) {
  return StringSwitch<std::optional<OutputFormat>>(Name)
      .Case("text", OutputFormat::Text)
      .Case("jsonl", OutputFormat::JSONLines)
      .Case("sarif", OutputFormat::Sarif)
      .Case("github", OutputFormat::GitHub)
      .Case("gitlab", OutputFormat::GitLab)
      .Default(std::nullopt);
}

static int usageError(const Twine &Message) {
  errs() << "pinlint: " << Message << "\nTry 'pinlint --help'.\n";
  return ExitUsage;
}

std::optional<int> parseCommandLine(int Argc, char **Argv, Options &Result) {
  Options O;
  O.Jobs = std::max(1u, std::thread::hardware_concurrency());

  // getopt moves arguments about, so that what follows `--` must be out of its
  // sight.
  std::vector<char *> Args(Argv, Argv + Argc);
  std::vector<std::string> Given(Args.begin() + 1, Args.end());
  std::optional<KernelCheck> Kernel = parseKernelCheck(Given);
  if (Kernel) {
    O.KernelCheck = O.Quiet = true;
    O.Jobs = 1;
    O.Flags = std::move(Kernel->Flags);
    Args.resize(1);
    for (std::string &Option : Kernel->Options)
      Args.push_back(Option.data());
    Args.push_back(Kernel->File.data());
  }
  auto Dashes =
      llvm::find_if(Args, [](char *A) { return StringRef(A) == "--"; });
  if (Dashes != Args.end())
    O.Flags.emplace(Dashes + 1, Args.end());
  Args.erase(Dashes, Args.end());
  static char Name[] = "pinlint";
  Args[0] = Name;
  if (Args.size() > 1) {
    O.Action = StringSwitch<Options::ActionTy>(Args[1])
                   .Case("gate", Options::Gate)
                   .Case("trace", Options::Trace)
                   .Case("index", Options::Index)
                   .Case("link", Options::LinkSums)
                   .Case("ninja", Options::Ninja)
                   .Default(Options::Lint);
    if (O.Action != Options::Lint)
      Args.erase(Args.begin() + 1);
  }

  enum LongOption {
    Timeout = 256,
    Memory,
    NoPrefilter,
    NoLink,
    StoreFile,
    NoStore,
    NoHeaderSets,
    Checks,
    MinConfidence,
    CodeBase,
    Protocols,
    Scope,
    Format,
    Fix,
    NoLintReasons,
    Werror,
    Quiet,
    Stats,
    ParseAllBodies,
    HTML,
    With,
    BaselineFile,
    WriteBaseline,
    Base,
    Diff,
    ListChecks,
    Explain,
    Version,
    Help
  };
  static const option LongOptions[] = {
      {"timeout", required_argument, nullptr, Timeout},
      {"memory", required_argument, nullptr, Memory},
      {"no-prefilter", no_argument, nullptr, NoPrefilter},
      {"no-link", no_argument, nullptr, NoLink},
      {"store", required_argument, nullptr, StoreFile},
      {"no-store", no_argument, nullptr, NoStore},
      {"no-header-sets", no_argument, nullptr, NoHeaderSets},
      {"checks", required_argument, nullptr, Checks},
      {"confidence", required_argument, nullptr, MinConfidence},
      {"code-base", required_argument, nullptr, CodeBase},
      {"protocols", required_argument, nullptr, Protocols},
      {"scope", required_argument, nullptr, Scope},
      {"format", required_argument, nullptr, Format},
      {"fix", no_argument, nullptr, Fix},
      {"nolint-reasons", no_argument, nullptr, NoLintReasons},
      {"werror", no_argument, nullptr, Werror},
      {"quiet", no_argument, nullptr, Quiet},
      {"stats", required_argument, nullptr, Stats},
      {"parse-all-bodies", no_argument, nullptr, ParseAllBodies},
      {"html", required_argument, nullptr, HTML},
      {"with", required_argument, nullptr, With},
      {"baseline", required_argument, nullptr, BaselineFile},
      {"write-baseline", required_argument, nullptr, WriteBaseline},
      {"base", required_argument, nullptr, Base},
      {"diff", required_argument, nullptr, Diff},
      {"list-checks", no_argument, nullptr, ListChecks},
      {"explain", required_argument, nullptr, Explain},
      {"version", no_argument, nullptr, Version},
      {"help", no_argument, nullptr, Help},
      {nullptr, 0, nullptr, 0}};

  std::string Globs;
  int GetoptArgc = Args.size();
  Args.push_back(nullptr);
  for (int C; (C = getopt_long(GetoptArgc, Args.data(), "p:j:o:h", LongOptions,
                               nullptr)) != -1;) {
    StringRef Value = optarg ? optarg : "";
    switch (C) {
    case 'p':
      O.Build = Value.str();
      break;
    case 'j':
      if (Value.getAsInteger(10, O.Jobs))
        return usageError("-j wants a number, not '" + Value + "'");
      break;
    case Timeout:
      if (Value.getAsInteger(10, O.Timeout) || O.Timeout == 0)
        return usageError("--timeout wants a number of seconds, not '" + Value +
                          "'");
      break;
    case Memory:
      if (Value.getAsInteger(10, O.Memory))
        return usageError("--memory wants a number of MiB, not '" + Value +
                          "'");
      break;
    case NoPrefilter:
      O.Prefilter = false;
      break;
    case NoLink:
      O.Link = false;
      break;
    case StoreFile:
      O.StoreFile = Value.str();
      break;
    case NoHeaderSets:
      O.HeaderSets = false;
      break;
    case NoStore:
      O.UseStore = false;
      break;
    case Checks:
      Globs += "," + Value.str();
      break;
    case MinConfidence:
      if (Value == "low")
        O.MinConfidence = Confidence::Low;
      else if (Value == "medium")
        O.MinConfidence = Confidence::Medium;
      else if (Value == "high")
        O.MinConfidence = Confidence::High;
      else
        return usageError("--confidence is low, medium or high, not '" + Value +
                          "'");
      break;
    case CodeBase:
      O.CodeBase = Value.str();
      break;
    case Protocols:
      O.ProtocolFiles.push_back(Value.str());
      break;
    case Scope:
      O.Scope = Value == "all" ? "" : Value.str();
      break;
    case Format:
      if (std::optional<OutputFormat> F = formatNamed(Value))
        O.Format = *F;
      else
        return usageError("--format is text, jsonl, sarif, github or gitlab, "
                          "not '" +
                          Value + "'");
      break;
    case Fix:
      O.Fix = true;
      break;
    case NoLintReasons:
      O.NoLintReasons = true;
      break;
    case Werror:
      O.Werror = true;
      break;
    case Quiet:
      O.Quiet = true;
      break;
    case Stats:
      O.StatsFile = Value.str();
      break;
    case ParseAllBodies:
      O.ParseAllBodies = true;
      break;
    case 'o':
      O.Output = Value.str();
      break;
    case With:
      O.With.push_back(Value.str());
      break;
    case HTML:
      O.HTMLFile = Value.str();
      break;
    case BaselineFile:
      O.BaselineFile = Value.str();
      break;
    case WriteBaseline:
      O.WriteBaselineFile = Value.str();
      break;
    case Base:
      O.BaseRevision = Value.str();
      break;
    case Diff:
      O.DiffFile = Value.str();
      break;
    case ListChecks:
      O.Action = Options::ListChecks;
      break;
    case Explain:
      O.Action = Options::Explain;
      O.ExplainCheck = Value.str();
      break;
    case Version:
      outs() << "pinlint " PINLINT_VERSION " (LLVM " LLVM_VERSION_STRING ")\n";
      return ExitClean;
    case Help:
    case 'h':
      outs() << Usage;
      return ExitClean;
    default:
      errs() << "Try 'pinlint --help'.\n";
      return ExitUsage;
    }
  }
  O.Inputs.assign(Args.begin() + optind, Args.begin() + GetoptArgc);

  std::string Unknown;
  O.Checks = selectChecks(Globs, Unknown);
  if (!Unknown.empty())
    return usageError("no check matches '" + Unknown +
                      "' (--list-checks names them all)");
  if (O.Action == Options::ListChecks || O.Action == Options::Explain) {
    Result = std::move(O);
    return std::nullopt;
  }
  if (O.Checks.empty())
    return usageError("no checks enabled");
  if (O.Action == Options::Trace) {
    if (O.Inputs.size() != 2)
      return usageError("trace wants FUNCTION FILE");
    if (O.HTMLFile.empty())
      return usageError("trace wants --html=OUT");
    O.TraceFunction = O.Inputs.front();
    O.Inputs.erase(O.Inputs.begin());
  } else {
    O.HTMLDirectory = std::move(O.HTMLFile);
    O.HTMLFile.clear();
  }
  bool Writes = O.Action == Options::Index || O.Action == Options::Ninja;
  if (Writes && O.Output.empty())
    return usageError("index and ninja want -o OUT");
  if (!Writes && !O.Output.empty())
    return usageError("-o belongs to 'pinlint index' and 'pinlint ninja'");
  if (O.Action != Options::Index && !O.With.empty())
    return usageError("--with belongs to 'pinlint index'");
  bool IsGate = O.Action == Options::Gate;
  if (IsGate && O.BaseRevision.empty() == O.DiffFile.empty())
    return usageError("gate wants --base=REV or --diff=FILE");
  if (!IsGate && !(O.BaseRevision.empty() && O.DiffFile.empty()))
    return usageError("--base and --diff belong to 'pinlint gate'");
  if ((IsGate || O.Action == Options::Trace) && !O.Scope.empty())
    return usageError("--scope is for runs over directories");
  if (O.Action != Options::Lint &&
      !(O.BaselineFile.empty() && O.WriteBaselineFile.empty()))
    return usageError("--baseline and --write-baseline are for runs without "
                      "'gate' or 'trace'");
  if (O.Inputs.empty() && !IsGate)
    return usageError("no FILE or DIR given");
  Result = std::move(O);
  return std::nullopt;
}

} // namespace pinlint
