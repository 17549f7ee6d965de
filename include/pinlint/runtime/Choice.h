//===- Choice.h - Outcomes of fallible steps --------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Every step of the mapping manager that can fail, or end in more than one
/// way, asks a ChoiceSource for its outcome. Which source is plugged in decides
/// whether a program simply runs, runs with random failures, replays a recorded
/// trace or is explored exhaustively (see Explorer.h).
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_RUNTIME_CHOICE_H
#define PINLINT_RUNTIME_CHOICE_H

#include "pinlint/runtime/Base.h"
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace pinlint::rt {

/// A sequence of outcomes; steps beyond its end take outcome 0.
using Trace = std::vector<uint16_t>;

/// "0.2.1"; the empty trace is "-". Trailing zeros are dropped.
std::string toString(const Trace &T);
std::optional<Trace> parseTrace(std::string_view Text);

class ChoiceSource {
public:
  virtual ~ChoiceSource();
  /// Returns the outcome of a step: 0, the ordinary one, up to
  /// \p Alternatives - 1. \p Alternatives must not be zero; a step with a
  /// single outcome is not asked about.
  virtual unsigned choose(unsigned Alternatives) = 0;
  /// Whether describe() keeps its argument, so that callers need not make up
  /// texts that nobody reads.
  virtual bool wantsText() const { return false; }
  /// Says in words what the outcome that was chosen last means.
  virtual void describe(Site At, std::string Text);
};

/// Every step takes its ordinary outcome. Thread-safe.
class AlwaysOrdinary final : public ChoiceSource {
public:
  unsigned choose(unsigned) override { return 0; }
};

/// Takes each step's unusual outcomes with probability \p PerMille / 1000.
/// Thread-safe; deterministic only where the program has one thread.
class RandomChoices final : public ChoiceSource {
public:
  RandomChoices(uint64_t Seed, unsigned PerMille)
      : Engine(Seed), PerMille(PerMille) {}
  unsigned choose(unsigned Alternatives) override;

private:
  std::mutex Lock;
  std::mt19937_64 Engine;
  unsigned PerMille;
};

/// Follows a script and records what was chosen. For one thread.
class ScriptedChoices final : public ChoiceSource {
public:
  struct Step {
    uint16_t Taken = 0;
    uint16_t Alternatives = 0;
    Site At;
    std::string Text;
  };

  explicit ScriptedChoices(Trace Script, bool Texts = false)
      : Script(std::move(Script)), Texts(Texts) {}
  unsigned choose(unsigned Alternatives) override;
  bool wantsText() const override { return Texts; }
  void describe(Site At, std::string Text) override;

  /// What happened, in order.
  const std::vector<Step> &steps() const { return Steps; }
  Trace taken() const;
  /// Whether the script asked for an outcome that a step does not have: it
  /// was recorded for another program.
  bool mismatched() const { return Mismatched; }

private:
  Trace Script;
  std::vector<Step> Steps;
  bool Texts;
  bool Mismatched = false;
};

} // namespace pinlint::rt

#endif // PINLINT_RUNTIME_CHOICE_H
