//===- ProtocolReader.cpp - Definitions in protocol files -----------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "ProtocolReader.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace llvm;
using namespace pinlint;

//===----------------------------------------------------------------------===//
// Scalars and lists
//===----------------------------------------------------------------------===//

bool ProtocolReader::isIdentifier(StringRef S) {
  return !S.empty() && !isDigit(S[0]) &&
         all_of(S, [](char C) { return isAlnum(C) || C == '_'; });
}

/// Families and groups are named in kebab-case.
static bool isKebabName(StringRef S) {
  return !S.empty() && isAlpha(S[0]) &&
         all_of(S, [](char C) { return isAlnum(C) || C == '-' || C == '_'; });
}

Error ProtocolReader::readMapping(const YAMLNode &N, StringRef What,
                                  Handler Handle) {
  if (N.Kind != YAMLNode::Mapping)
    return File.error(N, "expected " + What + " ('key: value' pairs)");
  for (size_t I = 0; I != N.Keys.size(); ++I)
    if (Error E = Handle(N.Keys[I].Value, N.Keys[I], N.Elements[I]))
      return E;
  return Error::success();
}

Error ProtocolReader::unknownKey(const YAMLNode &Key, StringRef What,
                                 ArrayRef<StringRef> Expected) {
  StringRef Nearest;
  unsigned Best = 3;
  for (StringRef Candidate : Expected) {
    unsigned Distance =
        StringRef(Key.Value).edit_distance(Candidate, true, Best);
    if (Distance < Best) {
      Best = Distance;
      Nearest = Candidate;
    }
  }
  std::string Reason = ("unknown key '" + Key.Value + "' in " + What).str();
  if (Nearest.empty())
    return File.error(Key, Reason + "; known are " + join(Expected, ", "));
  return File.error(Key, Reason + "; did you mean '" + Nearest + "'?");
}

Error ProtocolReader::readList(const YAMLNode &N,
                               function_ref<Error(const YAMLNode &)> Item) {
  if (N.Kind != YAMLNode::Sequence)
    return Item(N);
  for (const YAMLNode &Element : N.Elements)
    if (Error E = Item(Element))
      return E;
  return Error::success();
}

Error ProtocolReader::readName(const YAMLNode &N, StringRef What,
                               std::string &Into) {
  if (N.Kind != YAMLNode::Scalar || N.Value.empty())
    return File.error(N, "expected " + What);
  Into = N.Value;
  return Error::success();
}

Error ProtocolReader::readBool(const YAMLNode &N, bool &Into) {
  if (N.Kind != YAMLNode::Scalar || (N.Value != "true" && N.Value != "false"))
    return File.error(N, "expected true or false");
  Into = N.Value == "true";
  return Error::success();
}

Error ProtocolReader::readExpr(const YAMLNode &N, const ProtocolScope &Scope,
                               ProtocolExpr &Into) {
  if (N.Kind != YAMLNode::Scalar)
    return File.error(N, "expected an expression (one that starts with '*' or "
                         "'&' needs quotes)");
  auto Result = parseProtocolExpr(N.Raw, Scope);
  if (auto *Err = std::get_if<ProtocolExprError>(&Result))
    return File.error(N, Err->Offset, Err->Reason);
  Into = std::move(std::get<ProtocolExpr>(Result));
  return Error::success();
}

Error ProtocolReader::readExpr(const YAMLNode &N, const ProtocolScope &Scope,
                               std::optional<ProtocolExpr> &Into) {
  return readExpr(N, Scope, Into.emplace());
}

Error ProtocolReader::readConds(const YAMLNode &N, const ProtocolScope &Scope,
                                std::vector<ProtocolCond> &Into) {
  return readList(N, [&](const YAMLNode &Item) -> Error {
    if (Item.Kind != YAMLNode::Scalar)
      return File.error(Item, "expected a condition (one that starts with '*' "
                              "or '&' needs quotes)");
    auto Result = parseProtocolCond(Item.Raw, Scope);
    if (auto *Err = std::get_if<ProtocolExprError>(&Result))
      return File.error(Item, Err->Offset, Err->Reason);
    Into.push_back(std::move(std::get<ProtocolCond>(Result)));
    return Error::success();
  });
}

//===----------------------------------------------------------------------===//
// Families and constants
//===----------------------------------------------------------------------===//

const ProtocolFamily *ProtocolReader::family(StringRef Name) const {
  for (const ProtocolFamily &F : Families)
    if (F.Name == Name)
      return &F;
  return Known.family(Name);
}

bool ProtocolReader::hasGroup(StringRef Group) const {
  auto InGroup = [&](const ProtocolFamily &F) { return F.Group == Group; };
  return any_of(Families, InGroup) ||
         any_of(Known.families(),
                [&](const ProtocolFamily *F) { return InGroup(*F); });
}

Error ProtocolReader::readConstants(const YAMLNode &N) {
  return readMapping(
      N, "constants",
      [&](StringRef Name, const YAMLNode &Key, const YAMLNode &Value) -> Error {
        if (!isIdentifier(Name))
          return File.error(Key, "a constant's name is an identifier");
        int64_t Number;
        if (Value.Kind != YAMLNode::Scalar ||
            StringRef(Value.Value).getAsInteger(0, Number))
          return File.error(Value, "expected a number");
        Constants[Name] = Number;
        return Error::success();
      });
}

bool ProtocolReader::isMember(const YAMLNode &N) {
  auto [Struct, Member] = StringRef(N.Value).split('.');
  return N.Kind == YAMLNode::Scalar && isIdentifier(Struct) &&
         isIdentifier(Member);
}

Error ProtocolReader::readShared(const YAMLNode &N) {
  if (N.Kind != YAMLNode::Scalar || !(isIdentifier(N.Value) || isMember(N)))
    return File.error(N, "expected 'structure' or 'structure.member'");
  Shared.insert(N.Value);
  return Error::success();
}

Error ProtocolReader::readKeeping(const YAMLNode &N) {
  if (!isMember(N))
    return File.error(N, "expected 'structure.member'");
  Keeping.insert(N.Value);
  return Error::success();
}

Error ProtocolReader::readWords(const YAMLNode &N,
                                std::vector<std::string> &Into) {
  return readList(N, [&](const YAMLNode &Item) -> Error {
    if (Item.Kind != YAMLNode::Scalar || !isIdentifier(Item.Value))
      return File.error(Item, "expected an identifier or a part of one");
    Into.push_back(Item.Value);
    return Error::success();
  });
}

Error ProtocolReader::readEntries(const YAMLNode &N) {
  ProtocolEntries X;
  std::vector<std::string> Tables;
  Error E = readMapping(
      N, "a table of operations",
      [&](StringRef Key, const YAMLNode &KeyNode, const YAMLNode &V) -> Error {
        if (Key == "tables")
          return readWords(V, Tables);
        if (Key == "begin")
          return readWords(V, X.Begin);
        if (Key == "end")
          return readWords(V, X.End);
        if (Key == "per-open")
          return readBool(V, X.PerOpen);
        return unknownKey(KeyNode, "a table of operations",
                          {"tables", "begin", "end", "per-open"});
      });
  if (E)
    return E;
  if (Tables.empty())
    return File.error(N, "a table of operations needs 'tables'");
  for (const std::string &T : Tables)
    Entries[T] = X;
  return Error::success();
}

Error ProtocolReader::readConventions(const YAMLNode &N) {
  return readMapping(
      N, "conventions",
      [&](StringRef Key, const YAMLNode &KeyNode, const YAMLNode &V) -> Error {
        if (Key == "begins-life")
          return readWords(V, Conventions.BeginsLife);
        if (Key == "ends-life")
          return readWords(V, Conventions.EndsLife);
        if (Key == "frees")
          return readWords(V, Conventions.Frees);
        if (Key == "managed")
          return readWords(V, Conventions.Managed);
        if (Key == "scoped")
          return readWords(V, Conventions.Scoped);
        if (Key == "gives-back")
          return readWords(V, Conventions.GivesBack);
        if (Key == "assertions")
          return readWords(V, Conventions.Assertions);
        if (Key == "goes-on")
          return readList(V, [&](const YAMLNode &Number) -> Error {
            int64_t Errno;
            if (Number.Kind != YAMLNode::Scalar ||
                StringRef(Number.Value).getAsInteger(10, Errno) || Errno <= 0)
              return File.error(Number, "an error number is a positive number");
            Conventions.GoesOn.push_back(Errno);
            return Error::success();
          });
        if (Key == "defines")
          return readWords(V, Conventions.Defines);
        if (Key == "opposites")
          return readList(V, [&](const YAMLNode &Pair) -> Error {
            std::vector<std::string> Words;
            if (Error E = readWords(Pair, Words))
              return E;
            if (Words.size() != 2)
              return File.error(Pair, "opposites are two words: [open, close]");
            Conventions.Opposites.push_back({Words[0], Words[1]});
            return Error::success();
          });
        return unknownKey(KeyNode, "conventions",
                          {"begins-life", "ends-life", "frees", "managed",
                           "scoped", "gives-back", "assertions", "goes-on",
                           "defines", "opposites"});
      });
}

Error ProtocolReader::readSubject(const YAMLNode &N, ProtocolSubject &Into) {
  return readMapping(
      N, "a scope",
      [&](StringRef Key, const YAMLNode &KeyNode, const YAMLNode &V) -> Error {
        if (Key == "families")
          return readList(V, [&](const YAMLNode &Item) -> Error {
            std::string Name;
            Error E = readFamilyRef(Item, /*AllowGroup=*/false, Name);
            if (!E)
              Into.Families.insert(std::move(Name));
            return E;
          });
        if (Key == "fetches")
          return readBool(V, Into.Fetches);
        return unknownKey(KeyNode, "a scope", {"families", "fetches"});
      });
}

Error ProtocolReader::readFamily(const YAMLNode &N) {
  ProtocolFamily F;
  const YAMLNode *NameNode = nullptr;
  F.File = File.name().str();
  F.Line = File.line(N);
  Error E = readMapping(
      N, "a family",
      [&](StringRef Key, const YAMLNode &KeyNode, const YAMLNode &V) -> Error {
        if (Key == "name") {
          NameNode = &V;
          if (V.Kind != YAMLNode::Scalar || !isKebabName(V.Value))
            return File.error(V, "a family's name is made of letters, digits "
                                 "and '-'");
          F.Name = V.Value;
          return Error::success();
        }
        if (Key == "kind") {
          if (!is_contained(
                  {"GET", "PIN", "EXTRACT", "REF", "ALLOC", "MAP", "LINK"},
                  V.Value))
            return File.error(V, "kind is one of GET, PIN, EXTRACT, REF, "
                                 "ALLOC, MAP, LINK");
          F.Kind = V.Value;
          return Error::success();
        }
        if (Key == "noun")
          return readName(V, "a noun for messages", F.Noun);
        if (Key == "plural")
          return readName(V, "a plural for messages", F.Plural);
        if (Key == "release-with")
          return readName(V, "a function's name", F.ReleaseWith);
        if (Key == "group")
          return readName(V, "a group's name", F.Group);
        if (Key == "also-released-as")
          return readList(V, [&](const YAMLNode &Item) {
            return readName(Item, "a family's name",
                            F.AlsoReleasedAs.emplace_back());
          });
        if (Key == "released-before")
          return readList(V, [&](const YAMLNode &Item) {
            return readName(Item, "a family's name",
                            F.ReleasedBefore.emplace_back());
          });
        if (Key == "only-if-held")
          return readBool(V, F.OnlyIfHeld);
        if (Key == "ends-when-freed")
          return readBool(V, F.EndsWhenFreed);
        if (Key == "range")
          return readBool(V, F.IsRange);
        return unknownKey(KeyNode, "a family",
                          {"name", "kind", "noun", "plural", "release-with",
                           "group", "also-released-as", "released-before",
                           "only-if-held", "ends-when-freed", "range"});
      });
  if (E)
    return E;
  if (F.Name.empty())
    return File.error(N, "a family needs a name");
  for (auto [Key, Value] : {std::pair<StringRef, StringRef>{"kind", F.Kind},
                            {"noun", F.Noun},
                            {"release-with", F.ReleaseWith}})
    if (Value.empty())
      return File.error(N, "family '" + F.Name + "' needs '" + Key + "'");
  struct {
    bool Given;
    StringRef Key, Kind;
  } const OfOneKind[] = {{F.OnlyIfHeld, "only-if-held", "MAP"},
                         {F.EndsWhenFreed, "ends-when-freed", "ALLOC"},
                         {F.IsRange, "range", "PIN"}};
  for (const auto &X : OfOneKind)
    if (X.Given && F.Kind != X.Kind)
      return File.error(N, "family '" + F.Name + "': '" + X.Key +
                               "' is for the kind " + X.Kind);
  for (const ProtocolFamily &Other : Families)
    if (Other.Name == F.Name)
      return File.error(*NameNode, "family '" + F.Name +
                                       "' is already defined in line " +
                                       Twine(Other.Line));
  if (F.Plural.empty())
    F.Plural = F.Noun + "s";
  Families.push_back(std::move(F));
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

Error ProtocolReader::readDefinitions() {
  Expected<YAMLNode> Tree = File.parse();
  if (!Tree)
    return Tree.takeError();
  Root = std::move(*Tree);
  // An empty file says nothing, which is fine.
  if (Root.Kind == YAMLNode::Null)
    return Error::success();
  auto Check = [&](StringRef Key, const YAMLNode &KeyNode,
                   const YAMLNode &) -> Error {
    static const StringRef Known[] = {"constants",  "families",    "functions",
                                      "shared",     "keeps",       "entries",
                                      "operations", "conventions", "scopes"};
    if (is_contained(Known, Key))
      return Error::success();
    return unknownKey(KeyNode, "a protocol file", Known);
  };
  if (Error E = readMapping(Root, "a protocol file", Check))
    return E;
  if (const YAMLNode *N = Root.find("constants"))
    if (Error E = readConstants(*N))
      return E;
  if (const YAMLNode *N = Root.find("shared"))
    if (Error E =
            readList(*N, [&](const YAMLNode &I) { return readShared(I); }))
      return E;
  if (const YAMLNode *N = Root.find("keeps"))
    if (Error E =
            readList(*N, [&](const YAMLNode &I) { return readKeeping(I); }))
      return E;
  if (const YAMLNode *N = Root.find("entries"))
    if (Error E =
            readList(*N, [&](const YAMLNode &I) { return readEntries(I); }))
      return E;
  if (const YAMLNode *N = Root.find("conventions"))
    if (Error E = readConventions(*N))
      return E;
  if (const YAMLNode *N = Root.find("families"))
    return readList(*N, [&](const YAMLNode &I) { return readFamily(I); });
  return Error::success();
}

Error ProtocolReader::readFunctions() {
  auto CheckReferences = [&](const YAMLNode &Family) -> Error {
    for (StringRef Key : {"also-released-as", "released-before"})
      if (const YAMLNode *Others = Family.find(Key))
        if (Error E = readList(*Others, [&](const YAMLNode &Name) {
              std::string Ignored;
              return readFamilyRef(Name, /*AllowGroup=*/false, Ignored);
            }))
          return E;
    return Error::success();
  };
  if (const YAMLNode *N = Root.find("families"))
    if (Error E = readList(*N, CheckReferences))
      return E;
  if (const YAMLNode *N = Root.find("scopes"))
    if (Error E = readMapping(*N, "scopes",
                              [&](StringRef Name, const YAMLNode &Key,
                                  const YAMLNode &Value) -> Error {
                                if (!isKebabName(Name) || Name == "all")
                                  return File.error(
                                      Key, "a scope's name is made of letters, "
                                           "digits and '-', and is not 'all'");
                                return readSubject(Value, Subjects[Name.str()]);
                              }))
      return E;
  if (const YAMLNode *N = Root.find("operations"))
    if (Error E =
            readList(*N, [&](const YAMLNode &I) { return readOperation(I); }))
      return E;
  if (const YAMLNode *N = Root.find("functions"))
    return readList(*N, [&](const YAMLNode &I) { return readFunction(I); });
  return Error::success();
}

void ProtocolReader::commitDefinitions(Protocols &Into) const {
  for (const auto &Constant : Constants)
    Into.Constants[Constant.getKey()] = Constant.getValue();
  for (const ProtocolFamily &F : Families)
    Into.Families[F.Name] = F;
  for (const auto &Entry : Shared)
    Into.Shared.insert(Entry.getKey());
  for (const auto &Entry : Keeping)
    Into.Keeping.insert(Entry.getKey());
  for (const auto &Entry : Entries)
    Into.Entries[Entry.getKey()] = Entry.getValue();
  auto Append = [](auto &To, const auto &From) {
    To.insert(To.end(), From.begin(), From.end());
  };
  ProtocolConventions &To = Into.Conventions;
  Append(To.BeginsLife, Conventions.BeginsLife);
  Append(To.EndsLife, Conventions.EndsLife);
  Append(To.Frees, Conventions.Frees);
  Append(To.Managed, Conventions.Managed);
  Append(To.Scoped, Conventions.Scoped);
  Append(To.GivesBack, Conventions.GivesBack);
  Append(To.Assertions, Conventions.Assertions);
  Append(To.GoesOn, Conventions.GoesOn);
  Append(To.Defines, Conventions.Defines);
  Append(To.Opposites, Conventions.Opposites);
}

void ProtocolReader::commitFunctions(Protocols &Into) {
  for (const auto &[Name, Subject] : Subjects) {
    ProtocolSubject &To = Into.Subjects[Name];
    To.Families.insert(Subject.Families.begin(), Subject.Families.end());
    To.Fetches |= Subject.Fetches;
  }
  for (auto &[Name, Operation] : Operations)
    Into.Operations[Name] = std::move(Operation);
  for (const auto &Entry : ByName) {
    std::vector<ProtocolFunction> &Overloads = Into.Functions[Entry.getKey()];
    Overloads.clear();
    for (size_t Index : Entry.getValue())
      Overloads.push_back(std::move(Functions[Index]));
  }
}
