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

#include "Callees.h"
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
  /// \p Known does not know what they say. Where the file \p Kept has what came
  /// of the same, that is taken; it is empty or is written.
  Prefilter(const Inputs &In, const Options &O, ScanCache &Known,
            const std::string &Kept);

  /// True if nothing had to be found out anew.
  bool isKept() const { return WasKept; }
  bool matters(size_t Unit) const { return Units[Unit].Matters; }
  /// True unless the run is narrowed to a scope and unit \p Unit, named by its
  /// directory only, has nothing to do with that.
  bool inScope(size_t Unit) const { return Units[Unit].InScope; }
  /// True if it can be told from unit \p Unit itself that it is analysed.
  bool isExpected(size_t Unit) const {
    return inScope(Unit) && (All || matters(Unit));
  }
  /// True if it is a reason to look at unit \p Unit that it calls what \p S is
  /// the summary of.
  bool isReason(size_t Unit, const ExportedSummary &S) const;

  struct Header;
  /// What a unit and the headers that are a part of it say.
  struct UnitNames {
    /// Names, and those that may be values; until it is decided whether the
    /// unit matters.
    std::vector<NameHash> Names, Values;
    /// Those that are more than declared; later, those of functions that units
    /// define or headers lead to. Of what is kept, empty.
    std::vector<NameHash> Uses;
    /// Functions that other units can call, sorted, until it is known who calls
    /// them.
    std::vector<NameHash> Defines;
    std::vector<NameHash> Through;
    bool Always = false;
    /// See TranslationUnit::Named.
    bool Named = true;
    bool Matters = false, InScope = true;
    /// The number of the list of directories that it searches with others, and
    /// those that it searches after these.
    unsigned List = 0;
    std::vector<llvm::StringRef> Own;
    /// Headers that are a part of it, until it is judged.
    std::vector<const Header *> Local;
    /// The program that it is linked into, where the command says so.
    std::string Module;
    /// What it includes that does not lie beside it, as it is spelt there.
    std::vector<llvm::StringRef> Includes;
  };
  const UnitNames &unit(size_t I) const { return Units[I]; }

  /// Who may call whom, itself or by way of a function or macro of a header.
  const Callees &callees() const { return Graph; }
  /// True if unit \p I may call \p N, itself or by way of a header.
  bool mayCall(size_t I, NameHash N) const;
  /// The header that unit \p I means by \p Include; empty if there is none in
  /// the directories that it searches.
  llvm::StringRef headerFor(size_t I, llvm::StringRef Include) const;

private:
  /// What a unit's command says of headers.
  struct Command {
    std::vector<llvm::StringRef> Directories, Given;
  };
  Command readCommand(const TranslationUnit &Unit, UnitNames &Out);
  void numberLists(llvm::ArrayRef<Command> Commands, const Inputs &In);
  void readUnit(const TranslationUnit &Unit, UnitNames &Out);
  void addIncludes(llvm::StringRef Directory,
                   llvm::ArrayRef<SourceScan::Include> List, UnitNames &Out);
  void addLocal(llvm::StringRef Path, UnitNames &Out);
  Header *header(llvm::StringRef Path);
  void follow(llvm::StringRef From, const SourceScan::Include &What,
              unsigned List);
  llvm::StringRef inShared(const SourceScan::Include &I, unsigned List);
  llvm::StringRef inOwn(llvm::StringRef Name, const UnitNames &Unit);
  void findInOwn();
  void judge();
  void forgetReading();
  void findLeads();
  void findCallees(const Inputs &In);
  bool exists(llvm::StringRef Path);
  /// The path of \p Name in \p Directory, and that of what is included from
  /// there with quotes; empty if there is none.
  llvm::StringRef existing(llvm::StringRef Name, llvm::StringRef Directory);
  llvm::StringRef beside(llvm::StringRef Directory,
                         const SourceScan::Include &I);
  /// None if the file cannot be read.
  std::optional<SourceScan> scan(llvm::StringRef Path, const ScanWants &Wants,
                                 uint64_t Key);
  std::optional<SourceScan> read(llvm::StringRef Path, const ScanWants &Wants);
  llvm::ArrayRef<NameHash> usesOf(size_t Unit) const;
  void scanAhead(llvm::ArrayRef<TranslationUnit> Units, unsigned Threads);
  void closeOverHeaders();
  uint64_t keyOf(const Inputs &In, const Options &O) const;
  bool load(const std::string &Kept, uint64_t Tool, uint64_t Key);
  void save(const std::string &Kept, uint64_t Tool, uint64_t Key) const;

  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> Files;
  /// Files that name nothing of interest are analysed as well.
  const bool All;
  /// Null once all is read.
  ScanCache *Known;
  /// Scans of units that readUnit() will ask for.
  llvm::StringMap<SourceScan> Ahead;
  /// What has been scanned, what it was before, and a hash of what that
  /// brought.
  struct Scanned {
    std::string Path;
    uint64_t Key;
    FileStamp Stamp;
    uint64_t Hash;
  };
  std::vector<Scanned> Scans;
  bool AllRead = true, WasKept = false;
  ScanWants HeaderWants, UnitWants;
  /// Tell scans with other wants apart.
  uint64_t HeaderKey = 0, UnitKey = 0;
  /// For ScanWants::Frees.
  std::vector<std::string> FreeWords;
  bool Flags = false;
  llvm::DenseSet<NameHash> Shared;
  /// Names that make any unit relevant, and those that make one relevant which
  /// searches the directories of a list, whatever they stand for there or as
  /// values.
  llvm::DenseSet<NameHash> Counted;
  std::vector<llvm::DenseSet<NameHash>> CountedIn, ValuesIn;
  /// What the scope is about; none where there is no scope.
  std::optional<llvm::DenseSet<NameHash>> Subject;
  llvm::StringSet<> SubjectFamilies;
  /// Tables of operations that owe something to their callers, and those that
  /// the scope is about: who has one of these implements them.
  llvm::DenseSet<NameHash> Tables, SubjectTables;
  /// Functions that have a protocol.
  llvm::DenseSet<NameHash> Described;
  /// Members through which shared memory is reached.
  llvm::DenseSet<NameHash> SharedMembers;
  std::vector<UnitNames> Units;
  Callees Graph;
  /// Of what is kept: Uses of all units, one after the other, and where those
  /// of each begin.
  std::unique_ptr<LocalFile> KeptFile;
  llvm::ArrayRef<NameHash> KeptUses;
  llvm::ArrayRef<uint32_t> KeptFirst;
  llvm::StringMap<std::unique_ptr<Header>> Headers;
  std::vector<SourceScan::Definition> HeaderDefinitions;
  /// The header of each.
  std::vector<const void *> DefinedIn;
  /// What functions and macros of headers mention, of what units define.
  llvm::DenseMap<NameHash, std::vector<NameHash>> Leads, LedToBy;
  std::vector<std::vector<llvm::StringRef>> DirectoryLists;
  llvm::StringMap<unsigned> ListNumbers;
  /// By list and header: what has been followed.
  llvm::DenseSet<std::pair<unsigned, const void *>> Followed;
  std::vector<llvm::StringMap<std::string>> Resolved;
  /// By list: what shared headers include and is not in its directories.
  std::vector<llvm::StringSet<>> NotFound;
  llvm::StringMap<bool> Existing;
  llvm::StringSet<> Spellings;
};

struct Prefilter::Header {
  std::vector<SourceScan::Include> Includes;
  std::string Directory;
  /// By its name; what is included may be code as well.
  bool IsHeader = true;
  std::vector<NameHash> Names, Uses, Values;
};

} // namespace pinlint

#endif // PINLINT_TOOL_PREFILTER_H
