//===- Schedule.h - Which unit next, and what it may know -------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Units that define functions come before those that call them, so that the
/// callers can be given the summaries. Who may call whom is guessed from names.
/// Units that need each other form a circle: some of them go first without, and
/// are done again, a bounded number of rounds, where what they now could know
/// is different from what they knew. Who needs a unit of a circle waits until
/// the circle is through.
///
/// The order, and what each unit is told, depend on the units alone, not on
/// the number of workers or on who is faster.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_SCHEDULE_H
#define PINLINT_TOOL_SCHEDULE_H

#include "Analysis.h"
#include "Inputs.h"
#include "Prefilter.h"
#include "Workers.h"
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pinlint {

struct ImportSource {
  const ExportedSummary *What;
  unsigned Far;
};

/// What unit \p Unit is told of \p Sources, by name. \p Matters is set if some
/// of it is a reason to look at the unit.
std::vector<const ExportedSummary *>
chooseImports(const Prefilter &Filter, size_t Unit,
              llvm::ArrayRef<ImportSource> Sources, bool &Matters);

class Schedule {
public:
  /// \p Link: functions of one unit are known in others.
  Schedule(const Inputs &In, const Prefilter &Filter, bool Link);

  /// A unit to analyse now, with its imports; none if all is done or has to
  /// wait for what is being done.
  std::optional<WorkItem> next();

  /// Unit \p I has been analysed.
  void done(size_t I, std::vector<ExportedSummary> Exports);

  /// Units that have got their last result since the last call; Analysed is
  /// false where there was no reason to look at the unit.
  struct Final {
    size_t Unit;
    bool Analysed;
  };
  std::vector<Final> takeFinal();

  /// Units in the order of the first round, and which of them \p I waits for.
  std::vector<unsigned> inOrder() const;
  std::vector<unsigned> earlier(size_t I) const;
  /// Units that may give a reason to look at \p I.
  std::vector<unsigned> tellers(size_t I) const;

private:
  using ExportMap = std::map<std::string, ExportedSummary>;
  struct Node {
    /// Units whose functions this one may call, in order of the nearest.
    llvm::ArrayRef<uint32_t> Uses;
    /// How far each of them is.
    llvm::ArrayRef<uint32_t> Far;
    /// Units of the same circle that wait for this one in each round.
    std::vector<unsigned> Later;
    unsigned Circle = 0;
    /// Uses that are not done yet.
    unsigned Waiting = 0;
    /// What it was told last: names and digests.
    std::vector<std::pair<std::string, uint64_t>> Told;
    bool Analysed = false;
    /// It goes in the last round of its circle only.
    bool Once = false;
    /// Of this round, and of the one before for those who go first in theirs.
    std::shared_ptr<const ExportMap> Exports, Before;
  };
  struct Circle {
    std::vector<unsigned> Members;
    /// Units of other circles that wait, once for each member that they use.
    std::vector<unsigned> Users;
    unsigned Round = 0;
    /// Members that are not through with the round.
    unsigned Open = 0;
  };

  void order();
  void sortCircle(Circle &C);
  std::vector<const ExportedSummary *> importsFor(unsigned I,
                                                  bool &Matters) const;
  void finishUnit(unsigned I);
  void startRound(Circle &C);

  static constexpr unsigned MaxRounds = 2;

  const Prefilter &Filter;
  std::vector<Node> Nodes;
  std::vector<Circle> Circles;
  std::vector<Final> Finals;
  /// Units that can be analysed now, by rank.
  std::map<unsigned, unsigned> Ready;
  std::vector<unsigned> Rank;
};

} // namespace pinlint

#endif // PINLINT_TOOL_SCHEDULE_H
