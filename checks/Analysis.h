//===- Analysis.h - Analyse one translation unit ----------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The one door between the analyser library and its front ends: analyse one
/// translation unit and get its findings back as plain data.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_ANALYSIS_H
#define PINLINT_ANALYSIS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/IntrusiveRefCntPtr.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/VirtualFileSystem.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace clang {
class ASTContext;
} // namespace clang

namespace pinlint {

class HeaderSet;
class Protocols;

/// A place in a source file. Lines and columns count from one.
struct SourcePlace {
  std::string File;
  unsigned Line = 0;
  unsigned Column = 0;
  /// clang::SourceLocation::getRawEncoding() for those who still have the AST
  /// (see analyzeAST); of no meaning to anybody else.
  unsigned Raw = 0;
};

/// Text that replaces Length bytes at Offset of a file.
struct Replacement {
  std::string File;
  unsigned Offset = 0;
  unsigned Length = 0;
  std::string Text;
};

/// One step of the path that shows a finding, in the order of execution.
struct PathStep {
  SourcePlace Place;
  std::string Message;
  /// Calls entered since the function that the finding is in.
  unsigned Depth = 0;
  /// What is held after this step, in words; empty where it is not known.
  std::string Held;
};

enum class Confidence { Low, Medium, High };

struct Finding {
  std::string Check;
  SourcePlace Place;
  std::string Function;
  std::string Message;
  Confidence Level = Confidence::High;
  /// Stable under line shifts, reformatting and file renames; 16 hex digits.
  std::string Fingerprint;
  /// Coarser: what is found and the text of the line, whatever the message says
  /// of the path; to recognise a finding whose fingerprint changed.
  std::string Context;
  /// A comment settles it; the text is the reason that it gives. Only with
  /// AnalysisOptions::KeepSettled.
  std::optional<std::string> Settled;
  std::vector<PathStep> Path;
  /// What cures the mistake, where that is certain. To be applied together.
  std::vector<Replacement> Fixes;
};

/// A function, or a whole translation unit where Function is empty, of which
/// the analyser did not see everything.
struct Incomplete {
  std::string File;
  std::string Function;
  std::string Reason;
};

/// What a function that other translation units can call does, as bytes that
/// only this version of pinlint understands.
struct ExportedSummary {
  std::string Function;
  /// A caller has a reason to look at it: it acquires, releases, frees or calls
  /// what it is given.
  bool Matters = false;
  /// The families of what it acquires and releases; sorted.
  std::vector<std::string> Families;
  std::string Bytes;
  /// Of what it acquires, gives back, frees and calls back, whatever the
  /// places; zero if that is nothing.
  uint64_t Digest = 0;
};

/// Summaries of functions of other translation units, by name.
using SummaryImports = llvm::StringMap<std::string>;

struct AnalysisOptions {
  const Protocols *Protos = nullptr;
  /// Names of the checks to run, sorted.
  std::vector<std::string> Checks;
  Confidence MinConfidence = Confidence::Medium;
  /// NOLINT comments that name pinlint's checks need a reason, too.
  bool NoLintReasons = false;
  /// Keep the bodies of header functions that cannot matter (slower; for
  /// comparison only).
  bool ParseAllBodies = false;
  /// May be null.
  const SummaryImports *Imports = nullptr;
  /// Fill AnalysisResult::Exports and Files.
  bool Export = false;
  /// Report what comments settle, too.
  bool KeepSettled = false;
  /// Where files are read from; null: the disk.
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> Files;
  /// Headers that need not be parsed anew; may be null. They are of the disk,
  /// as is all that is parsed on top of them.
  const HeaderSet *Headers = nullptr;
};

struct AnalysisStats {
  unsigned FunctionsSeen = 0;
  unsigned FunctionsAnalysed = 0;
  unsigned FunctionsOverBudget = 0;
  uint64_t Steps = 0;
  double ParseSeconds = 0;
  double EngineSeconds = 0;
  /// Units that were parsed on top of a header set, and those of which that had
  /// to be repeated without.
  unsigned OnHeaderSet = 0;
  unsigned ParsedAgain = 0;
};

struct AnalysisResult {
  /// Sorted by file, line, column, check, message.
  std::vector<Finding> Findings;
  std::vector<Incomplete> NotAnalysed;
  AnalysisStats Stats;
  /// False if the translation unit did not parse; Errors says why.
  bool Parsed = false;
  std::vector<std::string> Errors;
  /// Why it was parsed again without AnalysisOptions::Headers; empty if it was
  /// not.
  std::string ParsedAgain;
  /// What would have to be defined before the headers, as after #define, so
  /// that it need not be; empty if nothing would help.
  std::string WantedPremise;
  std::vector<ExportedSummary> Exports;
  /// What was read, absolute paths, sorted.
  std::vector<std::string> Files;
};

/// Parses and analyses one translation unit.
/// \param Arguments a clang command line (argv[0] first), see
///        frontend/CompileCommand.h for making one out of a gcc command line.
AnalysisResult analyzeTU(llvm::StringRef Directory, llvm::StringRef File,
                         llvm::ArrayRef<std::string> Arguments,
                         const AnalysisOptions &Options);

/// Analyses what somebody else has parsed, with all bodies: the findings are
/// those of analyzeTU(). \p Options.ParseAllBodies is heeded.
AnalysisResult analyzeAST(clang::ASTContext &Ctx,
                          const AnalysisOptions &Options);

/// Writes the trace of the analysis of \p Function as a page to \p HTMLPath.
/// Returns an error text, empty on success.
std::string traceFunction(llvm::StringRef Directory, llvm::StringRef File,
                          llvm::ArrayRef<std::string> Arguments,
                          const AnalysisOptions &Options,
                          llvm::StringRef Function, llvm::StringRef HTMLPath);

/// What `--list-checks` and `--explain` print.
struct CheckInfo {
  const char *Name;
  const char *Summary;
  /// The check's documentation page, as Markdown.
  llvm::StringRef Explanation;
};

/// Sorted by name.
llvm::ArrayRef<CheckInfo> allChecks();

/// True if the check of that name needs to know which objects are dead.
bool followsLifetimes(llvm::StringRef Name);

/// True if the check of that name is about reads of memory that others change.
bool followsFetches(llvm::StringRef Name);

/// True if the check of that name compares functions in tables of operations
/// with what these owe to their callers.
bool followsOperations(llvm::StringRef Name);

/// True if the check of that name finds things without any API, by how a flag
/// is raised and lowered.
bool followsFlags(llvm::StringRef Name);

} // namespace pinlint

#endif // PINLINT_ANALYSIS_H
