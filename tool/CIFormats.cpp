//===- CIFormats.cpp - Findings for GitHub and GitLab ---------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Output.h"
#include "Serialize.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/xxhash.h"

using namespace llvm;

namespace pinlint {
namespace {

/// Workflow commands that GitHub shows as annotations.
class GitHubOutput : public Output {
public:
  explicit GitHubOutput(raw_ostream &OS) : OS(OS) {}
  void finish(const RunResult &R) override;

private:
  static std::string escape(StringRef S, bool Property);
  void command(StringRef Level, StringRef File, unsigned Line, unsigned Column,
               StringRef Title, StringRef Message);

  raw_ostream &OS;
};

/// GitLab's code quality report.
class GitLabOutput : public Output {
public:
  explicit GitLabOutput(raw_ostream &OS) : OS(OS) {}
  void finish(const RunResult &R) override;

private:
  raw_ostream &OS;
};

} // namespace

std::string GitHubOutput::escape(StringRef S, bool Property) {
  std::string Result;
  for (char C : S) {
    bool Special = StringRef("%\r\n").contains(C) ||
                   (Property && StringRef(":,").contains(C));
    if (Special)
      Result += "%" + utohexstr(static_cast<unsigned char>(C),
                                /*LowerCase=*/false, /*Width=*/2);
    else
      Result += C;
  }
  return Result;
}

void GitHubOutput::command(StringRef Level, StringRef File, unsigned Line,
                           unsigned Column, StringRef Title,
                           StringRef Message) {
  OS << "::" << Level << " file=" << escape(File, /*Property=*/true);
  if (Line)
    OS << ",line=" << Line;
  if (Column)
    OS << ",col=" << Column;
  OS << ",title=" << escape(Title, /*Property=*/true)
     << "::" << escape(Message, /*Property=*/false) << '\n';
}

void GitHubOutput::finish(const RunResult &R) {
  // GitHub shows the first ten of each level: the surest come first.
  std::vector<const ReportedFinding *> Sorted;
  for (const ReportedFinding &F : R.Findings)
    if (F.counts())
      Sorted.push_back(&F);
  // All are elements of one vector.
  llvm::sort(Sorted, [](const ReportedFinding *A, const ReportedFinding *B) {
    return A->Level != B->Level ? A->Level > B->Level : A < B;
  });
  for (const ReportedFinding *F : Sorted) {
    std::string Text = F->Message;
    for (const PathStep &Step : F->Path)
      Text += formatv("\n{0}{1}:{2}: {3}", std::string(2 * Step.Depth, ' '),
                      Step.Place.File, Step.Place.Line, Step.Message);
    StringRef Level = F->Level == Confidence::High     ? "error"
                      : F->Level == Confidence::Medium ? "warning"
                                                       : "notice";
    command(Level, F->Place.File, F->Place.Line, F->Place.Column, F->Check,
            Text);
  }
  for (const Incomplete &I : R.NotAnalysed)
    command("error", I.File, 0, 0, "pinlint: not analysed", I.Reason);
}

void GitLabOutput::finish(const RunResult &R) {
  StringMap<unsigned> Seen;
  json::OStream J(OS, /*IndentSize=*/2);
  auto Issue = [&](StringRef Check, StringRef Fingerprint, StringRef Severity,
                   const SourcePlace &Place, const Twine &Description) {
    // GitLab drops issues whose fingerprint it has seen already.
    std::string Unique = Fingerprint.str();
    if (unsigned N = Seen[Fingerprint]++)
      Unique += "-" + std::to_string(N);
    J.object([&] {
      J.attribute("description", utf8(Description.str()));
      J.attribute("check_name", Check);
      J.attribute("fingerprint", Unique);
      J.attribute("severity", Severity);
      J.attributeObject("location", [&] {
        J.attribute("path", utf8(Place.File));
        J.attributeObject(
            "lines", [&] { J.attribute("begin", std::max(Place.Line, 1u)); });
      });
    });
  };
  J.array([&] {
    for (const ReportedFinding &F : R.Findings)
      if (F.counts())
        Issue(F.Check, F.Fingerprint,
              F.Level == Confidence::High     ? "major"
              : F.Level == Confidence::Medium ? "minor"
                                              : "info",
              F.Place, F.Message);
    for (const Incomplete &I : R.NotAnalysed)
      Issue("pinlint-not-analysed",
            utohexstr(xxh3_64bits(StringRef(I.File + "\n" + I.Reason)),
                      /*LowerCase=*/true, 16),
            "critical", {I.File, 1, 1}, "not analysed: " + I.Reason);
  });
  OS << '\n';
}

std::unique_ptr<Output> createGitHubOutput(raw_ostream &OS) {
  return std::make_unique<GitHubOutput>(OS);
}

std::unique_ptr<Output> createGitLabOutput(raw_ostream &OS) {
  return std::make_unique<GitLabOutput>(OS);
}

} // namespace pinlint
