//===- Report.cpp - Results as text and as JSON ---------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include <set>

using namespace llvm;

namespace pinlint::verify {

Judgement judge(const EntryFunction &F, const FunctionResult &R,
                std::string &Why) {
  StringRef Name = F.Name;
  if (!R.NotRun.empty()) {
    Why = "it cannot be run: " + R.NotRun;
    return F.Expected || Name.ends_with("_bad") || Name.ends_with("_ok")
               ? Judgement::Unexpected
               : Judgement::NothingExpected;
  }
  std::set<std::string> Seen;
  for (const FoundViolation &V : R.Violations)
    Seen.insert(rt::checkName(V.What.Kind));
  std::string SeenText =
      Seen.empty() ? "nothing" : llvm::join(Seen.begin(), Seen.end(), ", ");
  if (F.Expected) {
    if (std::vector<std::string>(Seen.begin(), Seen.end()) == *F.Expected)
      return Judgement::AsExpected;
    Why = "expected " +
          (F.Expected->empty() ? "nothing" : llvm::join(*F.Expected, ", ")) +
          ", saw " + SeenText;
    return Judgement::Unexpected;
  }
  bool Bad = Name.ends_with("_bad") || Name.starts_with("FN_");
  bool Ok = Name.ends_with("_ok") || Name.starts_with("FP_");
  if (!Bad && !Ok)
    return Judgement::NothingExpected;
  if (Bad == !Seen.empty())
    return Judgement::AsExpected;
  Why = (Bad ? "expected a violation, saw " : "expected nothing, saw ") +
        SeenText;
  return Judgement::Unexpected;
}

static std::string place(const Program &P, const rt::Site &S) {
  SourceLine L = P.lineOf(S.Address);
  if (!L.Line)
    return "?";
  return sys::path::filename(L.File).str() + ":" + std::to_string(L.Line);
}

static std::string coverage(const rt::ExploreResult &E) {
  std::string Text = std::to_string(E.Runs) + (E.Runs == 1 ? " run" : " runs");
  if (E.Exhaustive)
    return Text + ", every outcome";
  return Text + ", every combination of " + std::to_string(E.CompleteUpTo) +
         " unusual outcomes";
}

void printSteps(raw_ostream &OS, const Program &P,
                ArrayRef<rt::ScriptedChoices::Step> Steps) {
  for (const auto &S : Steps) {
    if (S.Text.empty())
      continue;
    OS << "      ";
    if (S.At.known())
      OS << place(P, S.At) << ": ";
    OS << S.Text << (S.Taken ? "  <==\n" : "\n");
  }
}

void printText(raw_ostream &OS, const Program &P, const EntryFunction &F,
               const FunctionResult &R, Verifier &V) {
  OS << P.file() << ":" << F.Line << ": " << F.Name << ": ";
  if (!R.NotRun.empty()) {
    OS << "not run: " << R.NotRun << "\n";
    return;
  }
  if (R.Violations.empty())
    OS << "nothing";
  else
    OS << R.Violations.size()
       << (R.Violations.size() == 1 ? " violation" : " violations");
  OS << " (" << coverage(R.Exploration) << ")\n";
  for (const FoundViolation &Found : R.Violations) {
    OS << "  " << place(P, Found.What.At) << ": " << Found.What.Message << " ["
       << rt::checkName(Found.What.Kind) << "]\n";
    if (Found.What.Acquired.known() && !(Found.What.Acquired == Found.What.At))
      OS << "    see also " << place(P, Found.What.Acquired) << "\n";
    OS << "    trace " << rt::toString(Found.Shown) << "\n";
    std::vector<rt::ScriptedChoices::Step> Steps;
    std::vector<rt::Violation> Ignored;
    V.replay(F, Found.Shown, Steps, Ignored);
    printSteps(OS, P, Steps);
  }
}

static json::Object siteObject(const Program &P, const rt::Site &S) {
  SourceLine L = P.lineOf(S.Address);
  return json::Object{
      {"file", L.File}, {"function", L.Function}, {"line", L.Line}};
}

void printJson(raw_ostream &OS, const Program &P, const EntryFunction &F,
               const FunctionResult &R, Verifier &V) {
  json::Object Top{{"file", P.file()}, {"function", F.Name}, {"line", F.Line}};
  if (!R.NotRun.empty()) {
    Top["not_run"] = R.NotRun;
    OS << json::Value(std::move(Top)) << "\n";
    return;
  }
  Top["runs"] = R.Exploration.Runs;
  Top["exhaustive"] = R.Exploration.Exhaustive;
  Top["complete_up_to"] = R.Exploration.CompleteUpTo;
  json::Array Violations;
  for (const FoundViolation &Found : R.Violations) {
    json::Object O{{"kind", rt::checkName(Found.What.Kind)},
                   {"subject", Found.What.Subject},
                   {"message", Found.What.Message},
                   {"site", siteObject(P, Found.What.At)},
                   {"trace", rt::toString(Found.Shown)}};
    if (Found.What.Acquired.known())
      O["acquired"] = siteObject(P, Found.What.Acquired);
    std::vector<rt::ScriptedChoices::Step> Steps;
    std::vector<rt::Violation> Ignored;
    V.replay(F, Found.Shown, Steps, Ignored);
    json::Array Texts;
    for (const auto &S : Steps)
      if (!S.Text.empty())
        Texts.push_back(json::Object{{"line", P.lineOf(S.At.Address).Line},
                                     {"text", S.Text},
                                     {"unusual", S.Taken != 0}});
    O["steps"] = std::move(Texts);
    Violations.push_back(std::move(O));
  }
  Top["violations"] = std::move(Violations);
  OS << json::Value(std::move(Top)) << "\n";
}

} // namespace pinlint::verify
