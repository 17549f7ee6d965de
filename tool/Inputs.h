//===- Inputs.h - From FILE and DIR arguments to what to analyse -*- C++ -*-==//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_INPUTS_H
#define PINLINT_TOOL_INPUTS_H

#include "Analysis.h"
#include "CompileDatabase.h"
#include "Options.h"
#include "frontend/Protocols.h"
#include "llvm/Support/Error.h"
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pinlint {

/// One translation unit to analyse.
struct TranslationUnit {
  std::string Directory;
  /// Absolute.
  std::string File;
  const Protocols *Protos = nullptr;
  /// Of the texts that Protos has besides those of the binary.
  uint64_t ProtocolHash = 0;

  /// The clang command line.
  llvm::Expected<std::vector<std::string>> arguments() const;

  /// Somebody wants this very file: it is in any scope.
  bool Named = true;

  /// Null where Flags count instead.
  const CompileDatabase::Entry *Entry = nullptr;
  std::vector<std::string> Flags;
};

/// What a run is about, and the owner of all that it needs.
class Inputs {
public:
  /// Resolves the inputs of \p O: finds databases, protocols and entries.
  static llvm::Expected<std::unique_ptr<Inputs>> resolve(const Options &O);

  /// \p Units, which lack protocols only.
  static llvm::Expected<std::unique_ptr<Inputs>>
  ofUnits(std::vector<TranslationUnit> Units, const Options &O);

  /// In the order of the arguments, those of a directory sorted by path; each
  /// file once.
  std::vector<TranslationUnit> Units;
  /// Arguments that cannot be analysed.
  std::vector<Incomplete> NotAnalysed;
  /// The compile database of the first unit that has one; may be empty.
  std::string Database;
  /// Where files are read from; null: the disk.
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> Files;
  /// What the user should know about how the inputs were taken.
  std::vector<std::string> Notes;

private:
  llvm::Error addInput(llvm::StringRef Argument, const Options &O);
  llvm::Error addUnit(TranslationUnit Unit, const Options &O);
  /// The database for \p Path (-p, or found upwards); null if there is none.
  llvm::Expected<const CompileDatabase *> databaseFor(llvm::StringRef Path,
                                                      const Options &O);
  /// The protocols for \p Path: built-in, --protocols, .pinlint.yaml.
  llvm::Expected<const Protocols *> protocolsFor(llvm::StringRef Path,
                                                 const Options &O);

  /// By path of the file, where the empty path stands for none.
  std::map<std::string, std::unique_ptr<CompileDatabase>> Databases;
  std::map<std::string, std::unique_ptr<Protocols>> ProtocolSets;
  std::map<const Protocols *, uint64_t> ProtocolHashes;
  /// Answers of findUpwards, by name and directory.
  std::map<std::pair<std::string, std::string>, std::string> Found;
  std::string findUpwards(llvm::StringRef Directory, llvm::StringRef Name);
};

} // namespace pinlint

#endif // PINLINT_TOOL_INPUTS_H
