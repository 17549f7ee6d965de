//===- HeaderGroups.h - Which units share a header set ----------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Sorts units into groups for which it pays to parse the most common headers
/// once (frontend/HeaderSet.h): units with the same command, but for what is
/// their own, that lie in one part of the tree. Sets are made when the first
/// units of a group have to be parsed, and kept beside the store for the next
/// run.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_HEADERGROUPS_H
#define PINLINT_TOOL_HEADERGROUPS_H

#include "Inputs.h"
#include "Options.h"
#include "Prefilter.h"
#include "frontend/HeaderSet.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/StringMap.h"
#include <memory>
#include <string>
#include <vector>

namespace pinlint {

class HeaderGroups {
public:
  /// \p Directory: where sets are kept; empty: nowhere after the run.
  /// \p AllNew: there are no results of earlier runs.
  HeaderGroups(const Options &O, const Inputs &In, const Prefilter &Filter,
               std::string Directory, bool AllNew);
  ~HeaderGroups();

  enum class Advice {
    /// Parse the unit on top of its group's set.
    Use,
    /// Parse it as it is.
    Without,
    /// Build the group's set first; units of the group should wait.
    Build,
    Wait
  };
  /// What to do about \p Unit, which is about to be analysed.
  Advice advise(size_t Unit);
  unsigned groupOf(size_t Unit) const { return GroupOf[Unit]; }
  /// What a worker is told of the set of \p Group.
  std::string describe(unsigned Group) const;
  /// The set of \p Group has been tried.
  void built(unsigned Group);
  /// \p Unit has been analysed on top of its set. Where several units define
  /// the same macro before they include the headers, those that seem to do so
  /// become a group of their own, with a set in which that is defined.
  void learn(size_t Unit, const AnalysisResult &R);

  /// For workers: makes the set that \p Description tells of; returns what went
  /// wrong.
  std::string build(llvm::StringRef Description) const;
  /// For workers: the set that has been built; null if it cannot be read.
  const HeaderSet *load(llvm::StringRef Description);

private:
  struct Group {
    std::vector<unsigned> Units;
    /// What its units have in common, the directory included.
    std::string Key;
    std::string Path;
    /// So many bytes of the paths of the units are the same.
    size_t Prefix = 0;
    enum { Unknown, Building, Ready, None } State = Unknown;
    unsigned Asked = 0;
    std::unique_ptr<HeaderSet> Set;
    /// Definitions before the headers that units wanted, and how many.
    llvm::StringMap<unsigned> Wanted;
    bool HasVariant = false;
    /// The definition that is made in this one, and the group that all units
    /// were in.
    std::string Premise;
    unsigned Base = ~0u;
  };

  void sortIntoGroups();
  void split(std::vector<unsigned> Units, const std::string &Key,
             size_t Prefix);
  size_t numExpected(llvm::ArrayRef<unsigned> Units) const;
  llvm::Expected<std::vector<std::string>> modelCommand(const Group &G) const;
  std::vector<std::string> commonHeaders(llvm::ArrayRef<unsigned> Units) const;
  bool definesFirst(unsigned Unit, llvm::StringRef Name, size_t Prefix) const;
  /// Those of \p G that seem to define \p Premise first.
  std::vector<unsigned> unitsWith(const Group &G,
                                  llvm::StringRef Premise) const;
  bool addVariant(unsigned Group, const std::string &Premise);
  bool prepareDirectory();
  void tidyUp() const;

  const Inputs &In;
  const Prefilter &Filter;
  std::string Directory;
  bool Temporary = false, AllNew, IsSorted = false, AnyBuilt = false;
  /// Units that were asked for before there were groups.
  size_t NumUnsorted = 0;
  uint64_t Tool;
  std::vector<Group> Groups;
  /// Of a worker.
  llvm::StringMap<std::unique_ptr<HeaderSet>> Loaded;
  std::vector<unsigned> GroupOf;
};

} // namespace pinlint

#endif // PINLINT_TOOL_HEADERGROUPS_H
