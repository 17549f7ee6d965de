//===- Output.cpp - Where findings go -------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Output.h"
#include "Serialize.h"
#include "TextPrinter.h"
#include "llvm/Support/Process.h"

using namespace llvm;

namespace pinlint {
namespace {

class TextOutput : public Output {
public:
  TextOutput(raw_ostream &OS, bool Colors) : Text(OS, Colors) {}
  void finding(const ReportedFinding &F) override { Text.print(F); }

private:
  TextPrinter Text;
};

class JSONLinesOutput : public Output {
public:
  explicit JSONLinesOutput(raw_ostream &OS) : OS(OS) {}
  void finding(const ReportedFinding &F) override {
    json::OStream J(OS);
    writeFinding(J, F);
    OS << '\n';
  }

private:
  raw_ostream &OS;
};

} // namespace

std::unique_ptr<Output> createTextOutput(raw_ostream &OS, bool Colors) {
  return std::make_unique<TextOutput>(OS, Colors);
}

std::unique_ptr<Output> createJSONLinesOutput(raw_ostream &OS) {
  return std::make_unique<JSONLinesOutput>(OS);
}

std::unique_ptr<Output> createOutput(const Options &O, raw_ostream &OS) {
  switch (O.Format) {
  case OutputFormat::Text:
    return createTextOutput(OS, sys::Process::StandardOutHasColors() &&
                                    !sys::Process::GetEnv("NO_COLOR"));
  case OutputFormat::JSONLines:
    return createJSONLinesOutput(OS);
  case OutputFormat::Sarif:
    return createSarifOutput(O, OS);
  case OutputFormat::GitHub:
    return createGitHubOutput(OS);
  case OutputFormat::GitLab:
    return createGitLabOutput(OS);
  }
  llvm_unreachable("no such format");
}

} // namespace pinlint
