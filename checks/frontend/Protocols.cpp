//===- Protocols.cpp - API facts as data ----------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Protocols.h"
#include "Embedded.h"
#include "ProtocolExpr.h"
#include "YAMLTree.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MemoryBuffer.h"
#include <deque>

using namespace llvm;
using namespace pinlint;

namespace pinlint {

/// Reads one protocol file. Keeps what it read apart from the protocols in
/// force, so that a broken file changes nothing.
class ProtocolReader {
public:
  ProtocolReader(StringRef Text, StringRef FileName, const Protocols &Known)
      : File(Text, FileName), Known(Known) {}

  /// Constants and families; functions may refer to those of other files, too.
  Error readDefinitions();
  Error readFunctions();
  void commitDefinitions(Protocols &Into) const;
  void commitFunctions(Protocols &Into);

private:
  YAMLFile File;
  const Protocols &Known;
  YAMLNode Root;
  std::vector<ProtocolFamily> Families;
  StringMap<int64_t> Constants;
  StringSet<> Shared;
  StringMap<ProtocolEntries> Entries;
  ProtocolConventions Conventions;
  std::map<std::string, ProtocolSubject> Subjects;
  std::vector<ProtocolFunction> Functions;
  StringMap<std::vector<size_t>> ByName;

  using Handler = function_ref<Error(StringRef Key, const YAMLNode &KeyNode,
                                     const YAMLNode &Value)>;

  Error readMapping(const YAMLNode &N, StringRef What, Handler Handle);
  Error unknownKey(const YAMLNode &Key, StringRef What,
                   ArrayRef<StringRef> Expected);
  Error readList(const YAMLNode &N, function_ref<Error(const YAMLNode &)> Item);
  Error readName(const YAMLNode &N, StringRef What, std::string &Into);
  Error readBool(const YAMLNode &N, bool &Into);
  Error readExpr(const YAMLNode &N, const ProtocolScope &Scope,
                 ProtocolExpr &Into);
  Error readExpr(const YAMLNode &N, const ProtocolScope &Scope,
                 std::optional<ProtocolExpr> &Into);
  Error readConds(const YAMLNode &N, const ProtocolScope &Scope,
                  std::vector<ProtocolCond> &Into);

  Error readConstants(const YAMLNode &N);
  Error readShared(const YAMLNode &N);
  Error readWords(const YAMLNode &N, std::vector<std::string> &Into);
  Error readEntries(const YAMLNode &N);
  Error readConventions(const YAMLNode &N);
  Error readSubject(const YAMLNode &N, ProtocolSubject &Into);
  Error readFamily(const YAMLNode &N);
  Error readFunction(const YAMLNode &N);
  Error readArgs(const YAMLNode &N, ProtocolFunction &F);
  Error readEffect(const YAMLNode &N, const ProtocolScope &Scope,
                   std::vector<ProtocolEffect> &Into);
  Error readCallback(const YAMLNode &N, const ProtocolScope &Scope,
                     std::vector<ProtocolCallback> &Into);
  Error readFamilyRef(const YAMLNode &N, bool AllowGroup, std::string &Into);
  Error addFunction(const YAMLNode &NameNode, ProtocolFunction F);
  const ProtocolFamily *family(StringRef Name) const;
  bool hasGroup(StringRef Group) const;
};

} // namespace pinlint

//===----------------------------------------------------------------------===//
// Scalars and lists
//===----------------------------------------------------------------------===//

static bool isIdentifier(StringRef S) {
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

Error ProtocolReader::readShared(const YAMLNode &N) {
  auto [Struct, Member] = StringRef(N.Value).split('.');
  if (N.Kind != YAMLNode::Scalar || !isIdentifier(Struct) ||
      (StringRef(N.Value).contains('.') && !isIdentifier(Member)))
    return File.error(N, "expected 'structure' or 'structure.member'");
  Shared.insert(N.Value);
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
                           "scoped", "gives-back", "assertions", "opposites"});
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
        return unknownKey(KeyNode, "a family",
                          {"name", "kind", "noun", "plural", "release-with",
                           "group", "also-released-as", "released-before"});
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
// Effects
//===----------------------------------------------------------------------===//

namespace {
struct EffectVerb {
  StringRef Name;
  ProtocolEffect::KindTy Kind;
  /// The keys that go with it beside `when`; it needs those with '!'.
  std::vector<StringRef> Keys;
};
} // namespace

static ArrayRef<EffectVerb> effectVerbs() {
  using E = ProtocolEffect;
  static const EffectVerb Verbs[] = {
      {"acquire", E::Acquire, {"at", "form", "count", "request", "of"}},
      {"release", E::Release, {"!at", "form", "count", "may-be-last"}},
      {"free", E::Free, {"form", "count", "deferred"}},
      {"use", E::Use, {"form", "count"}},
      {"escape", E::Escape, {"form", "count"}},
      {"transfer", E::Transfer, {"into", "form", "count"}},
      {"write", E::Store, {"size"}},
      {"store", E::Store, {"!into"}},
      {"fetch", E::Fetch, {"into", "size", "stream"}},
      {"publish", E::Publish, {"into"}},
      {"after", E::Before, {"!at", "form", "count"}},
  };
  return Verbs;
}

static const EffectVerb *findVerb(StringRef Name) {
  const auto *It = find_if(effectVerbs(),
                           [&](const EffectVerb &V) { return V.Name == Name; });
  return It == effectVerbs().end() ? nullptr : It;
}

Error ProtocolReader::readFamilyRef(const YAMLNode &N, bool AllowGroup,
                                    std::string &Into) {
  if (Error E = readName(N, "a family's name", Into))
    return E;
  StringRef Name = Into;
  if (AllowGroup && Name.consume_front("group:"))
    return hasGroup(Name) ? Error::success()
                          : File.error(N, "unknown group '" + Name + "'");
  return family(Name) ? Error::success()
                      : File.error(N, "unknown family '" + Name + "'");
}

Error ProtocolReader::readEffect(const YAMLNode &N, const ProtocolScope &Scope,
                                 std::vector<ProtocolEffect> &Into) {
  if (N.Kind != YAMLNode::Mapping)
    return File.error(N, "expected an effect, for example { free: arg0 }");
  const EffectVerb *Verb = nullptr;
  const YAMLNode *VerbNode = nullptr, *Value = nullptr;
  for (size_t I = 0; I != N.Keys.size(); ++I) {
    const EffectVerb *Found = findVerb(N.Keys[I].Value);
    if (!Found)
      continue;
    if (Verb)
      return File.error(N.Keys[I], "an effect does one thing: '" + Verb->Name +
                                       "' or '" + Found->Name + "', not both");
    Verb = Found;
    VerbNode = &N.Keys[I];
    Value = &N.Elements[I];
  }
  if (!Verb) {
    std::vector<StringRef> Names;
    for (const EffectVerb &V : effectVerbs())
      Names.push_back(V.Name);
    return File.error(N, "an effect needs one of " + join(Names, ", "));
  }

  ProtocolEffect E;
  E.Kind = Verb->Kind;
  E.Line = File.line(N);
  if (is_contained({"acquire", "release", "after"}, Verb->Name)) {
    bool AllowGroup = E.Kind == ProtocolEffect::Release;
    if (Error Err = readFamilyRef(*Value, AllowGroup, E.Family))
      return Err;
    E.Subject.Kind = ProtocolExpr::Ret;
  } else if (Verb->Name == "store") {
    if (Error Err = readExpr(*Value, Scope, E.Val))
      return Err;
  } else if (Value->Kind != YAMLNode::Sequence) {
    if (Error Err = readExpr(*Value, Scope, E.Subject))
      return Err;
  }
  // Dropping one of several references is what releases of these kinds do.
  if (E.Kind == ProtocolEffect::Release)
    if (const ProtocolFamily *F = family(E.Family))
      E.MayBeLast = F->Kind == "REF" || F->Kind == "GET";

  std::vector<StringRef> Allowed = {"when"};
  for (StringRef Key : Verb->Keys) {
    bool Needed = Key.consume_front("!");
    Allowed.push_back(Key);
    if (Needed && !N.find(Key))
      return File.error(*VerbNode, "'" + Verb->Name + "' needs '" + Key + "'");
  }

  Error Err = readMapping(
      N, "an effect",
      [&](StringRef Key, const YAMLNode &KeyNode, const YAMLNode &V) -> Error {
        if (&KeyNode == VerbNode)
          return Error::success();
        if (!is_contained(Allowed, Key))
          return unknownKey(KeyNode, ("'" + Verb->Name + "'").str(), Allowed);
        if (Key == "at")
          return readExpr(V, Scope, E.Subject);
        if (Key == "count")
          return readExpr(V, Scope, E.Count);
        if (Key == "request")
          return readExpr(V, Scope, E.Request);
        if (Key == "of")
          return readExpr(V, Scope, E.Of);
        if (Key == "size")
          return readExpr(V, Scope, E.Size);
        if (Key == "when")
          return readConds(V, Scope, E.When);
        if (Key == "deferred")
          return readBool(V, E.Deferred);
        if (Key == "stream")
          return readBool(V, E.Stream);
        if (Key == "may-be-last")
          return readBool(V, E.MayBeLast);
        if (Key == "form") {
          auto Form =
              StringSwitch<std::optional<ProtocolEffect::FormTy>>(V.Value)
                  .Case("value", ProtocolEffect::Value)
                  .Case("out", ProtocolEffect::Out)
                  .Case("array", ProtocolEffect::Array)
                  .Case("range", ProtocolEffect::Range)
                  .Default(std::nullopt);
          if (!Form)
            return File.error(V, "form is one of value, out, array, range");
          E.Form = *Form;
          return Error::success();
        }
        // into
        if (E.Kind != ProtocolEffect::Store)
          return readExpr(V, Scope, E.Into);
        // The place that is written, as its address.
        ProtocolExpr Place;
        if (Error Bad = readExpr(V, Scope, Place))
          return Bad;
        if (Place.Kind == ProtocolExpr::Deref) {
          E.Subject = std::move(Place.Operands[0]);
          return Error::success();
        }
        if (Place.Kind != ProtocolExpr::Field)
          return File.error(V, "a store goes into '*pointer' or "
                               "'pointer->member'");
        E.Subject.Kind = ProtocolExpr::AddressOf;
        E.Subject.Operands.push_back(std::move(Place));
        return Error::success();
      });
  if (Err)
    return Err;
  bool Many =
      E.Form == ProtocolEffect::Array || E.Form == ProtocolEffect::Range;
  if (Many && !E.Count)
    return File.error(*N.find("form"),
                      "'form: " + N.find("form")->Value + "' needs 'count'");
  if (E.Form == ProtocolEffect::Out && E.Count)
    return File.error(*N.find("count"), "'form: out' is one handle; more are "
                                        "'form: array'");
  if (E.Family.empty() && Value->Kind == YAMLNode::Sequence)
    return readList(*Value, [&](const YAMLNode &Item) -> Error {
      ProtocolEffect One = E;
      if (Error Err = readExpr(Item, Scope, One.Subject))
        return Err;
      Into.push_back(std::move(One));
      return Error::success();
    });
  Into.push_back(std::move(E));
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

Error ProtocolReader::readArgs(const YAMLNode &N, ProtocolFunction &F) {
  if (N.Kind != YAMLNode::Sequence)
    return File.error(N, "expected a list of parameter names");
  for (const YAMLNode &Item : N.Elements) {
    if (F.Variadic)
      return File.error(Item, "nothing can follow '...'");
    if (Item.Kind == YAMLNode::Scalar && Item.Value == "...") {
      F.Variadic = true;
      continue;
    }
    StringRef Name = Item.Value;
    if (Item.Kind != YAMLNode::Scalar || !isIdentifier(Name))
      return File.error(Item, "a parameter's name is an identifier");
    StringRef Index = Name;
    if (Name == "ret" || (Index.consume_front("arg") && all_of(Index, isDigit)))
      return File.error(Item, "'" + Name + "' cannot name a parameter");
    if (is_contained(F.Args, Name))
      return File.error(Item, "parameter '" + Name + "' is there twice");
    F.Args.push_back(Name.str());
  }
  F.NumArgs = F.Args.size();
  return Error::success();
}

Error ProtocolReader::readCallback(const YAMLNode &N,
                                   const ProtocolScope &Scope,
                                   std::vector<ProtocolCallback> &Into) {
  ProtocolCallback C;
  C.Line = File.line(N);
  Error E = readMapping(
      N, "a call",
      [&](StringRef Key, const YAMLNode &KeyNode, const YAMLNode &V) -> Error {
        if (Key == "function")
          return readExpr(V, Scope, C.Function);
        if (Key == "with")
          return readList(V, [&](const YAMLNode &Item) {
            return readExpr(Item, Scope, C.With.emplace_back());
          });
        if (Key == "when")
          return readConds(V, Scope, C.When);
        if (Key == "deferred")
          return readBool(V, C.Deferred);
        return unknownKey(KeyNode, "a call",
                          {"function", "with", "when", "deferred"});
      });
  if (E)
    return E;
  if (!N.find("function"))
    return File.error(N, "a call needs 'function'");
  Into.push_back(std::move(C));
  return Error::success();
}

Error ProtocolReader::addFunction(const YAMLNode &NameNode,
                                  ProtocolFunction F) {
  for (size_t Index : ByName[F.Name]) {
    const ProtocolFunction &Other = Functions[Index];
    bool Distinct = F.NumArgs && Other.NumArgs && F.NumArgs != Other.NumArgs;
    if (!Distinct)
      return File.error(NameNode, "'" + F.Name +
                                      "' is already described in line " +
                                      Twine(Other.Line));
  }
  ByName[F.Name].push_back(Functions.size());
  Functions.push_back(std::move(F));
  return Error::success();
}

Error ProtocolReader::readFunction(const YAMLNode &N) {
  if (N.Kind != YAMLNode::Mapping)
    return File.error(N, "expected a function, for example { names: kfree, "
                         "effects: { free: arg0 } }");
  const YAMLNode *Names = N.find("names");
  if (!Names)
    return File.error(N, "a function needs 'names'");
  ProtocolFunction F;
  F.File = File.name().str();
  if (const YAMLNode *Args = N.find("args"))
    if (Error E = readArgs(*Args, F))
      return E;
  ProtocolScope Scope{F.Args, F.NumArgs, F.Variadic, Constants,
                      &Known.Constants};
  Error E = readMapping(
      N, "a function",
      [&](StringRef Key, const YAMLNode &KeyNode, const YAMLNode &V) -> Error {
        if (Key == "names" || Key == "args")
          return Error::success();
        if (Key == "effects")
          return readList(V, [&](const YAMLNode &Item) {
            return readEffect(Item, Scope, F.Effects);
          });
        if (Key == "calls")
          return readList(V, [&](const YAMLNode &Item) {
            return readCallback(Item, Scope, F.Callbacks);
          });
        if (Key == "ensures")
          return readConds(V, Scope, F.Ensures);
        if (Key == "returns")
          return readExpr(V, Scope, F.Returns);
        if (Key == "convert")
          return readName(V, "a conversion's name", F.Convert);
        if (Key == "inverse")
          return readName(V, "a conversion's name", F.Inverse);
        if (Key == "noreturn")
          return readBool(V, F.NoReturn);
        if (Key == "pure")
          return readBool(V, F.Pure);
        if (Key == "stable")
          return readBool(V, F.Stable);
        if (Key == "zeroed") {
          if (is_contained({"true", "false"}, V.Value))
            return readBool(V, F.Zeroed);
          return readConds(V, Scope, F.ZeroedWhen);
        }
        if (Key == "fails") {
          if (!is_contained({"null", "err", "null-or-err"}, V.Value))
            return File.error(V, "fails is one of null, err, null-or-err");
          F.Fails = V.Value;
          return Error::success();
        }
        return unknownKey(KeyNode, "a function",
                          {"names", "args", "effects", "calls", "ensures",
                           "returns", "convert", "inverse", "noreturn", "pure",
                           "stable", "zeroed", "fails"});
      });
  if (E)
    return E;
  return readList(*Names, [&](const YAMLNode &Item) -> Error {
    auto [Outer, Member] = StringRef(Item.Value).split('.');
    bool Dotted = StringRef(Item.Value).contains('.');
    if (Item.Kind != YAMLNode::Scalar || !isIdentifier(Outer) ||
        (Dotted && !isIdentifier(Member)))
      return File.error(Item, "expected a function's name, or "
                              "'structure.member'");
    F.Name = Item.Value;
    F.Line = File.line(Item);
    return addFunction(Item, F);
  });
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
    static const StringRef Known[] = {"constants", "families", "functions",
                                      "shared",    "entries",  "conventions",
                                      "scopes"};
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
  Append(To.Opposites, Conventions.Opposites);
}

void ProtocolReader::commitFunctions(Protocols &Into) {
  for (const auto &[Name, Subject] : Subjects) {
    ProtocolSubject &To = Into.Subjects[Name];
    To.Families.insert(Subject.Families.begin(), Subject.Families.end());
    To.Fetches |= Subject.Fetches;
  }
  for (const auto &Entry : ByName) {
    std::vector<ProtocolFunction> &Overloads = Into.Functions[Entry.getKey()];
    Overloads.clear();
    for (size_t Index : Entry.getValue())
      Overloads.push_back(std::move(Functions[Index]));
  }
}

Expected<std::unique_ptr<Protocols>> Protocols::builtin(StringRef CodeBase) {
  auto Result = std::make_unique<Protocols>();
  std::string Prefix = (CodeBase + "-").str();
  // The files of one code base may refer to each other's families. The readers
  // keep references to the names.
  std::deque<std::string> FileNames;
  std::deque<ProtocolReader> Readers;
  for (const EmbeddedFile &P : ProtocolFiles) {
    StringRef Name = P.Name;
    if (Name != CodeBase && !Name.starts_with(Prefix))
      continue;
    FileNames.push_back((Name + ".yaml").str());
    Readers.emplace_back(StringRef(P.Text, P.Size), FileNames.back(), *Result);
    if (Error E = Readers.back().readDefinitions())
      return std::move(E);
  }
  if (Readers.empty())
    return createStringError("no protocols are built in for '%s'",
                             CodeBase.str().c_str());
  for (const ProtocolReader &Reader : Readers)
    Reader.commitDefinitions(*Result);
  for (ProtocolReader &Reader : Readers) {
    if (Error E = Reader.readFunctions())
      return std::move(E);
    Reader.commitFunctions(*Result);
  }
  return std::move(Result);
}

Error Protocols::add(StringRef Text, StringRef FileName) {
  ProtocolReader Reader(Text, FileName, *this);
  if (Error E = Reader.readDefinitions())
    return E;
  if (Error E = Reader.readFunctions())
    return E;
  Reader.commitDefinitions(*this);
  Reader.commitFunctions(*this);
  return Error::success();
}

Error Protocols::addFile(StringRef Path) {
  auto Buffer = MemoryBuffer::getFile(Path, /*IsText=*/true);
  if (!Buffer)
    return createStringError(Buffer.getError(), "%s: cannot read: %s",
                             Path.str().c_str(),
                             Buffer.getError().message().c_str());
  return add((*Buffer)->getBuffer(), Path);
}

const ProtocolFunction *Protocols::lookup(StringRef Function,
                                          unsigned NumArgs) const {
  auto It = Functions.find(Function);
  if (It == Functions.end())
    return nullptr;
  for (const ProtocolFunction &F : It->second)
    if (!F.NumArgs || *F.NumArgs == NumArgs ||
        (F.Variadic && NumArgs > *F.NumArgs))
      return &F;
  return nullptr;
}

const ProtocolFunction *Protocols::lookup(StringRef Function) const {
  auto It = Functions.find(Function);
  return It == Functions.end() ? nullptr : &It->second.front();
}

const ProtocolFamily *Protocols::family(StringRef Name) const {
  auto It = Families.find(Name);
  return It == Families.end() ? nullptr : &It->second;
}

const ProtocolEntries *Protocols::entries(StringRef Table) const {
  auto It = Entries.find(Table);
  return It == Entries.end() ? nullptr : &It->second;
}

std::vector<const ProtocolFunction *> Protocols::functions() const {
  std::vector<const ProtocolFunction *> Result;
  for (const auto &Entry : Functions)
    for (const ProtocolFunction &F : Entry.getValue())
      Result.push_back(&F);
  sort(Result, [](const auto *A, const auto *B) {
    return std::tie(A->Name, A->Line) < std::tie(B->Name, B->Line);
  });
  return Result;
}

std::vector<const ProtocolFamily *> Protocols::families() const {
  std::vector<const ProtocolFamily *> Result;
  for (const auto &Entry : Families)
    Result.push_back(&Entry.getValue());
  sort(Result, [](const auto *A, const auto *B) { return A->Name < B->Name; });
  return Result;
}
