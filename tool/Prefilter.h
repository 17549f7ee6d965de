//===- Prefilter.h - Which files are worth parsing --------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Finds the translation units in which a check can find something: those that
/// name what a protocol describes, or a function or macro of a header that
/// does, however many headers lie between. The others are not parsed.
///
/// It errs on one side only. All branches of conditionals count, a name counts
/// whatever it is the name of, and a header counts for all units that search
/// the same directories once one of them includes it.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_PREFILTER_H
#define PINLINT_TOOL_PREFILTER_H

#include "Inputs.h"
#include "Options.h"
#include "ScanCache.h"
#include "frontend/SourceScan.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <optional>
#include <string>
#include <vector>

namespace pinlint {

class Prefilter {
public:
  /// Reads all units of \p In, and the headers that they reach, as far as
  /// \p Known does not know what they say.
  Prefilter(const Inputs &In, const Options &O, ScanCache &Known);

  bool matters(size_t Unit) const;
  /// True unless the run is narrowed to a scope and unit \p Unit, named by its
  /// directory only, has nothing to do with that.
  bool inScope(size_t Unit) const;
  /// True if it is a reason to look at unit \p Unit that it calls what \p S is
  /// the summary of.
  bool isReason(size_t Unit, const ExportedSummary &S) const;

  /// What a unit and the files that it includes from beside it say.
  struct UnitNames {
    std::vector<NameHash> Names;
    /// Those that are more than declared.
    std::vector<NameHash> Uses;
    /// Those that may be values.
    std::vector<NameHash> Values;
    /// Functions that other units can call; sorted.
    std::vector<NameHash> Defines;
    std::vector<NameHash> Through;
    bool Always = false;
    /// See TranslationUnit::Named.
    bool Named = true;
    /// The number of the list of directories that it searches.
    unsigned List = 0;
    /// The program that it is linked into, where the command says so.
    std::string Module;
    /// What it includes that does not lie beside it, as it is spelt there.
    std::vector<llvm::StringRef> Includes;
  };
  const UnitNames &unit(size_t I) const { return Units[I]; }

  /// Calls \p Visit for what unit \p I may call, itself or by way of a function
  /// or macro of a header.
  void forEachCallee(size_t I, llvm::function_ref<void(NameHash)> Visit) const;
  /// True if unit \p I may call \p N, itself or by way of a header.
  bool mayCall(size_t I, NameHash N) const;
  /// The header that unit \p I means by \p Include; empty if there is none in
  /// the directories that it searches.
  llvm::StringRef headerFor(size_t I, llvm::StringRef Include) const;

private:
  struct Header {
    std::vector<SourceScan::Include> Includes;
    std::string Directory;
    std::vector<NameHash> Names, Uses, Values;
  };

  void addInclude(const SourceScan::Include &I, UnitNames &Out);
  void readUnit(const TranslationUnit &Unit, UnitNames &Out);
  void addLocal(llvm::StringRef Path, UnitNames &Out,
                llvm::DenseSet<const void *> &Seen, unsigned Depth);
  Header *header(llvm::StringRef Path);
  void follow(llvm::StringRef From, llvm::ArrayRef<SourceScan::Include> List,
              unsigned Directories);
  /// The file that an include directive means; empty if there is none.
  llvm::StringRef resolve(llvm::StringRef From, const SourceScan::Include &I,
                          unsigned Directories);
  /// The number of the list of directories that \p Unit searches.
  unsigned readCommand(const TranslationUnit &Unit, UnitNames &Out);
  void findLeads();
  bool exists(llvm::StringRef Path);
  /// The path of \p Name in \p Directory, and that of what is included from
  /// there with quotes; empty if there is none.
  llvm::StringRef existing(llvm::StringRef Name, llvm::StringRef Directory);
  llvm::StringRef beside(llvm::StringRef Directory,
                         const SourceScan::Include &I);
  /// None if the file cannot be read.
  std::optional<SourceScan> scan(llvm::StringRef Path, const ScanWants &Wants,
                                 uint64_t Key);
  /// Names that make any unit relevant, and those that make one relevant which
  /// searches the directories of a list, whatever they stand for there or as
  /// values.
  struct NameSets {
    llvm::DenseSet<NameHash> Counted;
    std::vector<llvm::DenseSet<NameHash>> CountedIn, ValuesIn;
    bool anyIn(const UnitNames &U) const;
  };
  void closeOverHeaders(NameSets &Sets) const;

  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> Files;
  ScanCache &Known;
  ScanWants HeaderWants, UnitWants;
  /// Tell scans with other wants apart.
  uint64_t HeaderKey = 0, UnitKey = 1;
  bool Flags = false;
  llvm::DenseSet<NameHash> Shared;
  NameSets Mattering;
  /// What the scope is about; none where there is no scope.
  std::optional<NameSets> Subject;
  llvm::StringSet<> SubjectFamilies;
  /// Functions that have a protocol.
  llvm::DenseSet<NameHash> Described;
  /// Members through which shared memory is reached.
  llvm::DenseSet<NameHash> SharedMembers;
  std::vector<UnitNames> Units;
  llvm::StringMap<std::unique_ptr<Header>> Headers;
  std::vector<SourceScan::Definition> HeaderDefinitions;
  /// The header of each.
  std::vector<const void *> DefinedIn;
  /// What functions and macros of headers mention, of what units define.
  llvm::DenseMap<NameHash, std::vector<NameHash>> Leads, LedToBy;
  std::vector<std::vector<std::string>> DirectoryLists;
  llvm::StringMap<unsigned> ListNumbers;
  /// By list and header: what has been followed.
  llvm::DenseSet<std::pair<unsigned, const void *>> Followed;
  std::vector<llvm::StringMap<std::string>> Resolved;
  llvm::StringMap<bool> Existing;
  llvm::StringSet<> Spellings;
};

} // namespace pinlint

#endif // PINLINT_TOOL_PREFILTER_H
