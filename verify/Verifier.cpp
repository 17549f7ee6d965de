//===- Verifier.cpp - Run entry functions under every outcome -------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Verifier.h"
#include "Arguments.h"
#include "llvm/ADT/STLExtras.h"
#include <cstring>
#include <map>

using namespace llvm;

namespace pinlint::verify {

using rt::ViolationKind;
using rt::shim::Observation;

using EntryPointer = uint64_t (*)(uint64_t, uint64_t, uint64_t, uint64_t,
                                  uint64_t, uint64_t);

/// Calls the entry function with room above its frame, so that a program that
/// writes past a local array does not overwrite the verifier's own frames.
__attribute__((noinline)) static uint64_t callEntry(EntryPointer Entry,
                                                    const ArgumentList &A) {
  volatile char Room[65536];
  Room[0] = 0;
  uint64_t Result = Entry(A[0], A[1], A[2], A[3], A[4], A[5]);
  Room[1] = Room[0];
  return Result;
}

Verifier::RunOutcome Verifier::run(const EntryFunction &F,
                                   rt::ChoiceSource &Choices) {
  P.resetData();
  RunOutcome Outcome;
  rt::shim::World W(Space, Choices);
  ArgumentList Arguments;
  std::vector<rt::shim::Root> Roots;
  makeArguments(F.Die, W, Arguments, Roots);
  auto Entry = reinterpret_cast<EntryPointer>(P.address(F.Name));
  uint64_t Result = 0;
  if (W.run([&] { Result = callEntry(Entry, Arguments); })) {
    for (const Program::Segment &D : P.data())
      Roots.push_back({D.Start, D.Size});
    Roots.push_back({reinterpret_cast<uintptr_t>(&Result), sizeof(Result)});
    W.reportLeaks(Roots, meansFailure(F.Die, Result));
  }
  Outcome.Violations = W.Log.all();
  Outcome.Observations = std::move(W.Observations);
  Outcome.Consistent = W.Process.memory().consistent();
  Outcome.ChangedAt = W.Process.memory().changedAt();
  return Outcome;
}

/// What memory looks like after a bad value went through; the observation of
/// the value itself decides whether that was a double fetch.
static bool isConsequence(ViolationKind K) {
  switch (K) {
  case ViolationKind::NullDereference:
  case ViolationKind::OutOfBounds:
  case ViolationKind::UserDereference:
  case ViolationKind::WildAccess:
  case ViolationKind::Warning:
  case ViolationKind::Bug:
  case ViolationKind::Hang:
    return true;
  default:
    return false;
  }
}

namespace {
/// A value that an inconsistent run showed.
struct Candidate {
  rt::Trace Shown;
  unsigned Unusual;
  rt::Site ChangedAt;
};
} // namespace

FunctionResult Verifier::verify(const EntryFunction &F) {
  FunctionResult Result;
  Result.NotRun = whyUnsupported(F.Die);
  if (!Result.NotRun.empty())
    return Result;

  // By kind and place; the first run that shows one has the fewest unusual
  // outcomes.
  std::map<std::pair<ViolationKind, uintptr_t>, FoundViolation> Found;
  std::set<Observation> Consistent;
  std::map<Observation, Candidate> Candidates;
  RunOutcome Last;
  // Runs that do not end are all alike, and dear.
  constexpr unsigned MaxHangs = 3;
  unsigned Hangs = 0;
  Result.Exploration = rt::explore(
      Limits, [&](rt::ScriptedChoices &Choices) { Last = run(F, Choices); },
      [&](const rt::ExploredRun &Run) {
        for (const rt::Violation &V : Last.Violations) {
          Hangs += V.Kind == ViolationKind::Hang;
          if (Last.Consistent || !isConsequence(V.Kind))
            Found.try_emplace({V.Kind, V.At.Address},
                              FoundViolation{V, Run.Taken});
        }
        if (Last.Consistent)
          Consistent.merge(Last.Observations);
        else
          for (const Observation &O : Last.Observations)
            Candidates.try_emplace(
                O, Candidate{Run.Taken, Run.Unusual, Last.ChangedAt});
        return Hangs < MaxHangs;
      });

  std::set<std::pair<uintptr_t, int>> ConsistentPlaces;
  for (const Observation &O : Consistent)
    ConsistentPlaces.insert({O.Place, O.Argument});
  for (const auto &[O, C] : Candidates) {
    // The consistent runs with as many unusual outcomes must all be known.
    if (Consistent.count(O) || C.Unusual > Result.Exploration.CompleteUpTo)
      continue;
    // A place that consistent runs never come to may be the very handling of
    // the change.
    if (!ConsistentPlaces.count({O.Place, O.Argument}) &&
        O.Argument != rt::shim::CommitArgument &&
        O.Argument != rt::shim::FaultArgument)
      continue;
    rt::Violation V;
    V.Kind = ViolationKind::DoubleFetch;
    V.Subject = "user memory";
    V.Message = "a value is used that was changed by user space after it was "
                "checked";
    V.At.Address = O.Place;
    V.Acquired = C.ChangedAt;
    Found.try_emplace({V.Kind, O.Place}, FoundViolation{V, C.Shown});
  }

  for (auto &[Key, Violation] : Found)
    Result.Violations.push_back(std::move(Violation));
  auto Order = [this](const FoundViolation &V) {
    return std::make_tuple(P.lineOf(V.What.At.Address).Line,
                           StringRef(rt::checkName(V.What.Kind)),
                           StringRef(V.What.Message));
  };
  llvm::sort(Result.Violations,
             [&](const FoundViolation &A, const FoundViolation &B) {
               return Order(A) < Order(B);
             });
  return Result;
}

bool Verifier::replay(const EntryFunction &F, const rt::Trace &T,
                      std::vector<rt::ScriptedChoices::Step> &Steps,
                      std::vector<rt::Violation> &Violations) {
  rt::ScriptedChoices Choices(T, /*Texts=*/true);
  Violations = run(F, Choices).Violations;
  Steps = Choices.steps();
  return !Choices.mismatched() && Steps.size() >= T.size();
}

} // namespace pinlint::verify
