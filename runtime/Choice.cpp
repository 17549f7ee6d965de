//===- Choice.cpp - Outcomes of fallible steps, and their exploration -----===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/Choice.h"
#include "pinlint/runtime/Explorer.h"
#include <cassert>
#include <charconv>
#include <deque>

namespace pinlint::rt {

std::string toString(const Trace &T) {
  size_t Size = T.size();
  while (Size && T[Size - 1] == 0)
    --Size;
  if (!Size)
    return "-";
  std::string Text;
  for (size_t I = 0; I != Size; ++I) {
    if (I)
      Text += '.';
    Text += std::to_string(T[I]);
  }
  return Text;
}

std::optional<Trace> parseTrace(std::string_view Text) {
  Trace T;
  if (Text == "-")
    return T;
  while (true) {
    uint16_t Value = 0;
    auto [End, Error] =
        std::from_chars(Text.data(), Text.data() + Text.size(), Value);
    if (Error != std::errc())
      return std::nullopt;
    T.push_back(Value);
    Text.remove_prefix(End - Text.data());
    if (Text.empty())
      return T;
    if (Text.front() != '.')
      return std::nullopt;
    Text.remove_prefix(1);
  }
}

ChoiceSource::~ChoiceSource() = default;

void ChoiceSource::describe(Site, std::string) {}

unsigned RandomChoices::choose(unsigned Alternatives) {
  assert(Alternatives && "a step has at least one outcome");
  std::lock_guard<std::mutex> Guard(Lock);
  if (Alternatives == 1 || Engine() % 1000 >= PerMille)
    return 0;
  return 1 + Engine() % (Alternatives - 1);
}

unsigned ScriptedChoices::choose(unsigned Alternatives) {
  assert(Alternatives && "a step has at least one outcome");
  uint16_t Taken = Steps.size() < Script.size() ? Script[Steps.size()] : 0;
  if (Taken >= Alternatives) {
    Mismatched = true;
    Taken = 0;
  }
  Steps.push_back({Taken, static_cast<uint16_t>(Alternatives), {}, {}});
  return Taken;
}

void ScriptedChoices::describe(Site At, std::string Text) {
  if (!Texts || Steps.empty())
    return;
  Steps.back().At = At;
  Steps.back().Text = std::move(Text);
}

Trace ScriptedChoices::taken() const {
  Trace T;
  T.reserve(Steps.size());
  for (const Step &S : Steps)
    T.push_back(S.Taken);
  return T;
}

ExploreResult explore(const ExploreLimits &Limits,
                      const std::function<void(ScriptedChoices &)> &Program,
                      const std::function<bool(const ExploredRun &)> &Visit) {
  // A trace is determined by its last unusual outcome and what came before:
  // each prefix in the queue ends in an unusual outcome, and a run extends its
  // prefix by ordinary outcomes only. So each trace is run exactly once, and
  // the queue is ordered by the number of unusual outcomes.
  struct Prefix {
    Trace Script;
    unsigned Unusual;
  };
  std::deque<Prefix> Queue;
  Queue.push_back({{}, 0});
  ExploreResult Result;
  bool Bounded = false;
  while (!Queue.empty()) {
    Prefix P = std::move(Queue.front());
    Queue.pop_front();
    if (Result.Runs == Limits.MaxRuns) {
      Result.CompleteUpTo = P.Unusual ? P.Unusual - 1 : 0;
      return Result;
    }
    ScriptedChoices Choices(P.Script);
    Program(Choices);
    ++Result.Runs;
    Result.CompleteUpTo = P.Unusual;
    Trace Taken = Choices.taken();
    assert(!Choices.mismatched() && "the program is not deterministic");

    const auto &Steps = Choices.steps();
    size_t Varied = Steps.size();
    if (Varied > Limits.MaxSteps) {
      Varied = Limits.MaxSteps;
      Bounded = true;
    }
    for (size_t I = P.Script.size(); I < Varied; ++I) {
      if (Steps[I].Alternatives == 1)
        continue;
      if (P.Unusual == Limits.MaxUnusual) {
        Bounded = true;
        break;
      }
      Trace Next(Taken.begin(), Taken.begin() + I);
      for (unsigned A = 1; A != Steps[I].Alternatives; ++A) {
        Next.push_back(A);
        Queue.push_back({Next, P.Unusual + 1});
        Next.pop_back();
      }
    }
    if (Visit && !Visit({std::move(Taken), P.Unusual})) {
      Result.CompleteUpTo = P.Unusual ? P.Unusual - 1 : 0;
      return Result;
    }
  }
  Result.Exhaustive = !Bounded;
  return Result;
}

} // namespace pinlint::rt
