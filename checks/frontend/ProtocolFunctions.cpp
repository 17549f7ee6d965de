//===- ProtocolFunctions.cpp - Functions in protocol files ----------------===//
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

Error ProtocolReader::readBehaviour(const YAMLNode &N, ProtocolFunction &F) {
  if (N.Kind != YAMLNode::Mapping)
    return File.error(N, "expected a function, for example { names: kfree, "
                         "effects: { free: arg0 } }");
  if (!N.find("names"))
    return File.error(N, "a function needs 'names'");
  F.File = File.name().str();
  if (const YAMLNode *Args = N.find("args"))
    if (Error E = readArgs(*Args, F))
      return E;
  ProtocolScope Scope{F.Args, F.NumArgs, F.Variadic, Constants,
                      &Known.Constants};
  return readMapping(
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
        if (Key == "waits")
          return readBool(V, F.Waits);
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
}

Error ProtocolReader::readFunction(const YAMLNode &N) {
  ProtocolFunction F;
  if (Error E = readBehaviour(N, F))
    return E;
  const YAMLNode *Names = N.find("names");
  ProtocolConds Conditions;
  for (const ProtocolEffect &X : F.Effects)
    for (const ProtocolCond &C : X.When)
      Conditions.add(C);
  for (const ProtocolCallback &X : F.Callbacks)
    for (const ProtocolCond &C : X.When)
      Conditions.add(C);
  if (Conditions.size() > ProtocolFunction::MaxConditions)
    return File.error(*Names, "a function's effects depend on at most " +
                                  Twine(ProtocolFunction::MaxConditions) +
                                  " conditions; here are " +
                                  Twine(Conditions.size()));
  return readList(*Names, [&](const YAMLNode &Item) -> Error {
    if (Item.Kind != YAMLNode::Scalar ||
        !(isIdentifier(Item.Value) || isMember(Item)))
      return File.error(Item, "expected a function's name, or "
                              "'structure.member'");
    F.Name = Item.Value;
    F.Line = File.line(Item);
    return addFunction(Item, F);
  });
}

/// True if \p X can be looked up in an implementation of an operation when it
/// returns: the result, a number, a parameter or a member of what that points
/// to.
static bool isPlain(const ProtocolExpr &X) {
  switch (X.Kind) {
  case ProtocolExpr::Ret:
  case ProtocolExpr::Arg:
  case ProtocolExpr::Const:
    return true;
  case ProtocolExpr::Field:
    return X.Operands[0].Kind == ProtocolExpr::Arg;
  default:
    return false;
  }
}

Error ProtocolReader::readOperation(const YAMLNode &N) {
  ProtocolFunction F;
  Error E = readMapping(
      N, "an operation",
      [&](StringRef Key, const YAMLNode &KeyNode, const YAMLNode &) -> Error {
        static const StringRef Known[] = {"names", "args", "effects"};
        return is_contained(Known, Key)
                   ? Error::success()
                   : unknownKey(KeyNode, "an operation", Known);
      });
  if (E)
    return E;
  if (Error Bad = readBehaviour(N, F))
    return Bad;
  const YAMLNode &Names = *N.find("names");
  if (!F.NumArgs || F.Variadic)
    return File.error(Names, "an operation needs 'args', all of them");
  if (F.Effects.empty() || any_of(F.Effects, [](const ProtocolEffect &X) {
        return X.Kind != ProtocolEffect::Acquire ||
               X.Form != ProtocolEffect::Value || X.Count || X.Of;
      }))
    return File.error(Names, "what an operation owes is said by the effect "
                             "'acquire' of single handles");
  for (const ProtocolEffect &X : F.Effects)
    if (!isPlain(X.Subject) || !all_of(X.When, [](const ProtocolCond &C) {
          return isPlain(C.LHS) && isPlain(C.RHS);
        }))
      return File.error(Names, "of an operation only the result, parameters "
                               "and their members can be named");
  return readList(Names, [&](const YAMLNode &Item) -> Error {
    if (!isMember(Item))
      return File.error(Item, "expected 'structure.member'");
    F.Name = Item.Value;
    F.Line = File.line(Item);
    if (!Operations.try_emplace(F.Name, F).second)
      return File.error(Item, "'" + F.Name + "' is already described");
    return Error::success();
  });
}
