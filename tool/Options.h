//===- Options.h - The command line of pinlint ------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_OPTIONS_H
#define PINLINT_TOOL_OPTIONS_H

#include "Analysis.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>
#include <vector>

namespace pinlint {

/// What the process reports to its caller.
enum ExitStatus {
  ExitClean = 0,
  ExitFindings = 1,
  ExitUsage = 2,
  ExitIncomplete = 3
};

enum class OutputFormat { Text, JSONLines, Sarif, GitHub, GitLab };

struct Options {
  enum ActionTy {
    Lint,
    Gate,
    Trace,
    Index,
    LinkSums,
    Ninja,
    ListChecks,
    Explain
  } Action = Lint;

  /// FILE and DIR arguments; for Trace and Index: the one file; for LinkSums:
  /// the summaries.
  std::vector<std::string> Inputs;
  /// What follows `--`: compiler flags for the inputs.
  std::optional<std::vector<std::string>> Flags;
  /// -p: the directory of compile_commands.json, or that file.
  std::string Build;
  /// Number of worker processes; 0 analyses in this process.
  unsigned Jobs = 1;
  /// Seconds that one translation unit may take.
  unsigned Timeout = 600;
  /// MiB that a worker may use; 0: no limit.
  unsigned Memory = 2048;
  /// Do not parse files in which no check can find anything.
  bool Prefilter = true;
  /// Functions of one file are known in others.
  bool Link = true;
  /// Where results are kept; empty: beside the compile database.
  std::string StoreFile;
  bool UseStore = true;
  /// Parse common headers once for many files.
  bool HeaderSets = true;
  /// Names of the enabled checks, sorted.
  std::vector<std::string> Checks;
  /// Whose APIs are known to begin with: linux, qemu or xen.
  std::string CodeBase = "linux";
  std::vector<std::string> ProtocolFiles;
  /// What a directory stands for: files that deal with this, a scope of the
  /// protocols; empty: all.
  std::string Scope;
  OutputFormat Format = OutputFormat::Text;
  Confidence MinConfidence = Confidence::Medium;
  bool Quiet = false;
  /// Apply what cures findings.
  bool Fix = false;
  bool NoLintReasons = false;
  /// Called by Kbuild as CHECK; its build fails for findings only if asked to.
  bool KernelCheck = false;
  bool Werror = false;
  bool ParseAllBodies = false;
  std::string StatsFile;
  std::string ExplainCheck;
  std::string TraceFunction;
  /// For Trace the page to write, for others a directory.
  std::string HTMLFile;
  /// Index: summaries of what is called; '@' before a file that lists some.
  std::vector<std::string> With;
  /// Index, Ninja: what to write.
  std::string Output;
  std::string HTMLDirectory;
  std::string BaselineFile, WriteBaselineFile;
  /// For Gate: the revision to compare with, or the file with the change.
  std::string BaseRevision, DiffFile;
};

/// Reads the command line. If nothing is left to do (--help, or a mistake that
/// has been reported), returns the exit status instead and leaves \p Result
/// alone.
std::optional<int> parseCommandLine(int Argc, char **Argv, Options &Result);

/// The names among allChecks() that the comma-separated globs \p Globs leave
/// enabled: each glob adds, or with a leading '-' removes, and the last that
/// matches decides. All checks are enabled to begin with.
/// A glob that adds but matches nothing is a mistake, returned in \p Unknown.
std::vector<std::string> selectChecks(llvm::StringRef Globs,
                                      std::string &Unknown);

} // namespace pinlint

#endif // PINLINT_TOOL_OPTIONS_H
