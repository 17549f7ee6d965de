//===- ProtocolReader.h - Reads protocol files ------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FRONTEND_PROTOCOLREADER_H
#define PINLINT_FRONTEND_PROTOCOLREADER_H

#include "ProtocolExpr.h"
#include "Protocols.h"
#include "YAMLTree.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Error.h"
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pinlint {

/// Reads one protocol file. Keeps what it read apart from the protocols in
/// force, so that a broken file changes nothing.
class ProtocolReader {
public:
  ProtocolReader(llvm::StringRef Text, llvm::StringRef FileName,
                 const Protocols &Known)
      : File(Text, FileName), Known(Known) {}

  /// Constants and families; functions may refer to those of other files, too.
  llvm::Error readDefinitions();
  llvm::Error readFunctions();
  void commitDefinitions(Protocols &Into) const;
  void commitFunctions(Protocols &Into);

private:
  YAMLFile File;
  const Protocols &Known;
  YAMLNode Root;
  std::vector<ProtocolFamily> Families;
  llvm::StringMap<int64_t> Constants;
  llvm::StringSet<> Shared, Keeping;
  llvm::StringMap<ProtocolEntries> Entries;
  ProtocolConventions Conventions;
  std::map<std::string, ProtocolSubject> Subjects;
  std::vector<ProtocolFunction> Functions;
  llvm::StringMap<std::vector<size_t>> ByName;
  std::map<std::string, ProtocolFunction> Operations;

  using Handler = llvm::function_ref<llvm::Error(
      llvm::StringRef Key, const YAMLNode &KeyNode, const YAMLNode &Value)>;

  llvm::Error readMapping(const YAMLNode &N, llvm::StringRef What,
                          Handler Handle);
  llvm::Error unknownKey(const YAMLNode &Key, llvm::StringRef What,
                         llvm::ArrayRef<llvm::StringRef> Expected);
  llvm::Error readList(const YAMLNode &N,
                       llvm::function_ref<llvm::Error(const YAMLNode &)> Item);
  llvm::Error readName(const YAMLNode &N, llvm::StringRef What,
                       std::string &Into);
  llvm::Error readBool(const YAMLNode &N, bool &Into);
  llvm::Error readExpr(const YAMLNode &N, const ProtocolScope &Scope,
                       ProtocolExpr &Into);
  llvm::Error readExpr(const YAMLNode &N, const ProtocolScope &Scope,
                       std::optional<ProtocolExpr> &Into);
  llvm::Error readConds(const YAMLNode &N, const ProtocolScope &Scope,
                        std::vector<ProtocolCond> &Into);

  llvm::Error readConstants(const YAMLNode &N);
  llvm::Error readShared(const YAMLNode &N);
  llvm::Error readKeeping(const YAMLNode &N);
  llvm::Error readWords(const YAMLNode &N, std::vector<std::string> &Into);
  llvm::Error readEntries(const YAMLNode &N);
  llvm::Error readConventions(const YAMLNode &N);
  llvm::Error readSubject(const YAMLNode &N, ProtocolSubject &Into);
  llvm::Error readFamily(const YAMLNode &N);
  /// What is said of the function that \p N describes, whatever its names.
  llvm::Error readBehaviour(const YAMLNode &N, ProtocolFunction &Into);
  llvm::Error readFunction(const YAMLNode &N);
  llvm::Error readOperation(const YAMLNode &N);
  llvm::Error readArgs(const YAMLNode &N, ProtocolFunction &F);
  llvm::Error readEffect(const YAMLNode &N, const ProtocolScope &Scope,
                         std::vector<ProtocolEffect> &Into);
  llvm::Error readCallback(const YAMLNode &N, const ProtocolScope &Scope,
                           std::vector<ProtocolCallback> &Into);
  llvm::Error readFamilyRef(const YAMLNode &N, bool AllowGroup,
                            std::string &Into);
  llvm::Error addFunction(const YAMLNode &NameNode, ProtocolFunction F);
  static bool isIdentifier(llvm::StringRef S);
  /// `structure.member`
  static bool isMember(const YAMLNode &N);
  const ProtocolFamily *family(llvm::StringRef Name) const;
  bool hasGroup(llvm::StringRef Group) const;
};

} // namespace pinlint

#endif // PINLINT_FRONTEND_PROTOCOLREADER_H
