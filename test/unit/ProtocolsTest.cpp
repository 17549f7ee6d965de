//===- ProtocolsTest.cpp - Reading protocol files -------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "frontend/Protocols.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/raw_ostream.h"
#include <gtest/gtest.h>

using namespace pinlint;
using llvm::StringRef;

namespace {

std::unique_ptr<Protocols> parse(StringRef Text) {
  auto P = std::make_unique<Protocols>();
  if (llvm::Error E = P->add(Text, "t.yaml")) {
    ADD_FAILURE() << llvm::toString(std::move(E));
    return nullptr;
  }
  return P;
}

std::string errorOf(StringRef Text) {
  Protocols P;
  llvm::Error E = P.add(Text, "t.yaml");
  EXPECT_TRUE(P.functions().empty());
  EXPECT_TRUE(P.families().empty());
  return E ? llvm::toString(std::move(E)) : "";
}

/// Text of the only function's `returns`.
std::string expr(StringRef Text) {
  auto P = parse(("functions:\n  - names: f\n    args: [a, b, c]\n    returns: "
                  "\"" +
                  Text + "\"\n")
                     .str());
  const ProtocolFunction *F = P ? P->lookup("f", 3) : nullptr;
  return F && F->Returns ? F->Returns->str() : "";
}

/// The same for a condition.
std::string cond(StringRef Text) {
  auto P = parse(("functions:\n  - names: f\n    args: [a, b, c]\n    ensures: "
                  "\"" +
                  Text + "\"\n")
                     .str());
  const ProtocolFunction *F = P ? P->lookup("f", 3) : nullptr;
  return F && F->Ensures.size() == 1 ? F->Ensures[0].str() : "";
}

std::string exprError(StringRef Text) {
  return errorOf(("functions:\n  - names: f\n    args: [a, b, c]\n    returns: "
                  "\"" +
                  Text + "\"\n")
                     .str());
}

std::string condError(StringRef Text) {
  return errorOf(("functions:\n  - names: f\n    args: [a, b, c]\n    ensures: "
                  "\"" +
                  Text + "\"\n")
                     .str());
}

constexpr StringRef Pins = R"(
families:
  - { name: pin, kind: PIN, noun: pinned page, release-with: unpin(), group: page }
  - { name: ref, kind: REF, noun: reference, plural: refs, release-with: put() }
)";

std::string effectError(StringRef Effect) {
  // Line 7, and 13 columns before the effect.
  return errorOf(
      (Pins + "functions:\n  - names: f\n    effects: " + Effect + "\n").str());
}

//===----------------------------------------------------------------------===//
// Good files
//===----------------------------------------------------------------------===//

TEST(Protocols, EmptyFilesSayNothing) {
  for (StringRef Text :
       {"", "\n", "# only a comment\n", "---\n", "families: []"})
    EXPECT_TRUE(parse(Text)->functions().empty());
}

TEST(Protocols, Family) {
  auto P = parse(Pins);
  ASSERT_TRUE(P);
  const ProtocolFamily *F = P->family("pin");
  ASSERT_TRUE(F);
  EXPECT_EQ(F->Kind, "PIN");
  EXPECT_EQ(F->Noun, "pinned page");
  EXPECT_EQ(F->Plural, "pinned pages");
  EXPECT_EQ(F->ReleaseWith, "unpin()");
  EXPECT_EQ(F->Group, "page");
  EXPECT_EQ(F->File, "t.yaml");
  EXPECT_EQ(F->Line, 3u);
  EXPECT_EQ(P->family("ref")->Plural, "refs");
  EXPECT_FALSE(P->family("other"));
  ASSERT_EQ(P->families().size(), 2u);
  EXPECT_EQ(P->families()[0]->Name, "pin");
}

TEST(Protocols, FamiliesMayReferToLaterOnes) {
  auto P = parse(R"(
families:
  - { name: a, kind: REF, noun: a, release-with: f(), also-released-as: b, released-before: [b, a] }
  - { name: b, kind: REF, noun: b, release-with: f() }
)");
  ASSERT_TRUE(P);
  EXPECT_EQ(P->family("a")->AlsoReleasedAs, std::vector<std::string>{"b"});
  EXPECT_EQ(P->family("a")->ReleasedBefore,
            (std::vector<std::string>{"b", "a"}));
}

TEST(Protocols, WhatIsTakenDownOnlyIfHeld) {
  auto P = parse(R"(
families:
  - { name: mapping, kind: MAP, noun: m, release-with: f(), only-if-held: true }
  - { name: work, kind: MAP, noun: w, release-with: g() }
)");
  ASSERT_TRUE(P);
  EXPECT_TRUE(P->family("mapping")->OnlyIfHeld);
  EXPECT_FALSE(P->family("work")->OnlyIfHeld);
}

TEST(Protocols, WholeEntry) {
  auto P = parse((Pins + R"(
functions:
  - names: [get_pages, get_pages_fast]
    args: [start, nr, pages]
    ensures: [ret >= -4095, ret <= nr]
    fails: err
    effects:
      - { acquire: pin, at: pages, form: array, count: ret, request: nr, when: [ret > 0, pages != 0] }
      - { use: start }
  - names: put_pages
    effects: { release: pin, at: arg0, form: range, count: arg1 }
)")
                     .str());
  ASSERT_TRUE(P);
  ASSERT_EQ(P->functions().size(), 3u);
  const ProtocolFunction *F = P->lookup("get_pages_fast", 3);
  ASSERT_TRUE(F);
  EXPECT_EQ(F->Name, "get_pages_fast");
  EXPECT_EQ(F->Args, (std::vector<std::string>{"start", "nr", "pages"}));
  EXPECT_EQ(F->NumArgs, 3u);
  EXPECT_FALSE(F->Variadic);
  EXPECT_EQ(F->Fails, "err");
  EXPECT_EQ(F->File, "t.yaml");
  EXPECT_EQ(F->Line, 7u);
  ASSERT_EQ(F->Ensures.size(), 2u);
  EXPECT_EQ(F->Ensures[0].str(), "ret >= -4095");
  EXPECT_EQ(F->Ensures[1].str(), "ret <= arg1");
  ASSERT_EQ(F->Effects.size(), 2u);
  const ProtocolEffect &E = F->Effects[0];
  EXPECT_EQ(E.Kind, ProtocolEffect::Acquire);
  EXPECT_EQ(E.Form, ProtocolEffect::Array);
  EXPECT_EQ(E.Family, "pin");
  EXPECT_EQ(E.Subject.str(), "arg2");
  EXPECT_EQ(E.Count->str(), "ret");
  EXPECT_EQ(E.Request->str(), "arg1");
  ASSERT_EQ(E.When.size(), 2u);
  EXPECT_EQ(E.When[1].str(), "arg2 != 0");
  EXPECT_EQ(E.Line, 12u);
  EXPECT_EQ(F->Effects[1].Kind, ProtocolEffect::Use);

  F = P->lookup("put_pages");
  ASSERT_TRUE(F);
  EXPECT_FALSE(F->NumArgs);
  EXPECT_EQ(F->Effects[0].Form, ProtocolEffect::Range);
  EXPECT_FALSE(F->Effects[0].MayBeLast);
}

TEST(Protocols, EveryEffect) {
  auto P = parse((Pins + R"(
functions:
  - names: f
    args: [a, b, c]
    effects:
      - { acquire: ref }
      - { acquire: ref, at: b, form: out, of: a }
      - { release: ref, at: a }
      - { release: ref, at: a, count: c, may-be-last: false }
      - { release: group:page, at: a }
      - { free: a, deferred: true }
      - { use: a }
      - { escape: [a, b] }
      - { transfer: a, into: b }
      - { transfer: a }
      - { store: c, into: "*b" }
      - { store: c, into: a->next }
      - { write: b, size: c }
      - { fetch: a, into: b, size: c, stream: true }
      - { after: ref, at: a }
)")
                     .str());
  ASSERT_TRUE(P);
  const auto &E = P->lookup("f", 3)->Effects;
  ASSERT_EQ(E.size(), 16u);
  EXPECT_EQ(E[0].Subject.str(), "ret");
  EXPECT_EQ(E[1].Form, ProtocolEffect::Out);
  EXPECT_EQ(E[1].Of->str(), "arg0");
  EXPECT_EQ(E[2].Kind, ProtocolEffect::Release);
  EXPECT_TRUE(E[2].MayBeLast);
  EXPECT_FALSE(E[3].MayBeLast);
  EXPECT_EQ(E[3].Form, ProtocolEffect::Value);
  EXPECT_EQ(E[3].Count->str(), "arg2");
  EXPECT_EQ(E[4].Family, "group:page");
  EXPECT_EQ(E[5].Kind, ProtocolEffect::Free);
  EXPECT_TRUE(E[5].Deferred);
  EXPECT_EQ(E[7].Kind, ProtocolEffect::Escape);
  EXPECT_EQ(E[7].Subject.str(), "arg0");
  EXPECT_EQ(E[8].Subject.str(), "arg1");
  EXPECT_EQ(E[9].Into->str(), "arg1");
  EXPECT_FALSE(E[10].Into);
  EXPECT_EQ(E[11].Kind, ProtocolEffect::Store);
  EXPECT_EQ(E[11].Subject.str(), "arg1");
  EXPECT_EQ(E[11].Val->str(), "arg2");
  EXPECT_EQ(E[12].Subject.str(), "&arg0->next");
  EXPECT_EQ(E[13].Kind, ProtocolEffect::Store);
  EXPECT_EQ(E[13].Subject.str(), "arg1");
  EXPECT_FALSE(E[13].Val);
  EXPECT_EQ(E[13].Size->str(), "arg2");
  EXPECT_TRUE(E[14].Stream);
  EXPECT_EQ(E[15].Kind, ProtocolEffect::Before);
}

TEST(Protocols, EveryFact) {
  auto P = parse(R"(
functions:
  - { names: a, noreturn: true }
  - { names: b, pure: true, stable: true, convert: page-pfn }
  - { names: c, inverse: page-pfn, zeroed: true }
  - { names: d, zeroed: [arg1 & 0x100, ret > 0], fails: "null" }
  - names: e
    args: [kref, release]
    calls: { function: release, with: kref, when: ret != 0 }
  - names: f
    args: [head, func]
    calls: [{ function: func, with: [head, 1], deferred: true }]
)");
  ASSERT_TRUE(P);
  EXPECT_TRUE(P->lookup("a")->NoReturn);
  EXPECT_TRUE(P->lookup("b")->Pure);
  EXPECT_TRUE(P->lookup("b")->Stable);
  EXPECT_FALSE(P->lookup("c")->Stable);
  EXPECT_EQ(P->lookup("b")->Convert, "page-pfn");
  EXPECT_EQ(P->lookup("c")->Inverse, "page-pfn");
  EXPECT_TRUE(P->lookup("c")->Zeroed);
  EXPECT_FALSE(P->lookup("d")->Zeroed);
  ASSERT_EQ(P->lookup("d")->ZeroedWhen.size(), 2u);
  EXPECT_EQ(P->lookup("d")->ZeroedWhen[0].str(), "arg1 & 256");
  EXPECT_EQ(P->lookup("d")->Fails, "null");
  const ProtocolCallback &C = P->lookup("e")->Callbacks.at(0);
  EXPECT_EQ(C.Function.str(), "arg1");
  EXPECT_EQ(C.With.at(0).str(), "arg0");
  EXPECT_EQ(C.When.at(0).str(), "ret != 0");
  EXPECT_FALSE(C.Deferred);
  EXPECT_EQ(P->lookup("f")->Callbacks.at(0).With.size(), 2u);
  EXPECT_TRUE(P->lookup("f")->Callbacks.at(0).Deferred);
}

TEST(Protocols, OverloadsByNumberOfArguments) {
  auto P = parse(R"(
functions:
  - { names: f, args: [a, b], returns: a }
  - { names: f, args: [a, b, c], returns: c }
  - { names: g, args: [fmt, ...], returns: fmt }
  - { names: h, returns: arg7 }
  - { names: none, args: [], pure: true }
)");
  ASSERT_TRUE(P);
  EXPECT_EQ(P->lookup("f", 2)->Returns->str(), "arg0");
  EXPECT_EQ(P->lookup("f", 3)->Returns->str(), "arg2");
  EXPECT_FALSE(P->lookup("f", 1));
  EXPECT_FALSE(P->lookup("f", 4));
  EXPECT_EQ(P->lookup("f"), P->lookup("f", 2));
  EXPECT_FALSE(P->lookup("g", 0));
  EXPECT_TRUE(P->lookup("g", 1));
  EXPECT_TRUE(P->lookup("g", 9));
  EXPECT_TRUE(P->lookup("h", 0));
  EXPECT_TRUE(P->lookup("none", 0));
  EXPECT_FALSE(P->lookup("none", 1));
}

TEST(Protocols, LaterFilesOverride) {
  auto P = parse((Pins + R"(
functions:
  - { names: [f, g], args: [a], effects: { free: a } }
  - { names: f, args: [a, b], effects: { free: b } }
)")
                     .str());
  ASSERT_TRUE(P);
  ASSERT_FALSE(P->add(R"(
constants: { N: 3 }
families:
  - { name: ref, kind: REF, noun: newer, release-with: put() }
functions:
  - { names: f, args: [x, y, z], returns: x + N }
)",
                      "u.yaml"));
  EXPECT_FALSE(P->lookup("f", 1));
  EXPECT_FALSE(P->lookup("f", 2));
  ASSERT_TRUE(P->lookup("f", 3));
  EXPECT_EQ(P->lookup("f", 3)->File, "u.yaml");
  EXPECT_TRUE(P->lookup("g", 1));
  EXPECT_EQ(P->family("ref")->Noun, "newer");
  EXPECT_EQ(P->family("pin")->Noun, "pinned page");
  // What one file defines, the next may use.
  ASSERT_FALSE(P->add(
      "functions: { names: k, returns: N, effects: { acquire: pin } }", "v"));
  EXPECT_EQ(P->lookup("k")->Returns->Value, 3);
}

TEST(Protocols, ABrokenFileChangesNothing) {
  auto P = parse(Pins);
  llvm::Error E =
      P->add("families:\n"
             "  - { name: x, kind: REF, noun: x, release-with: y }\n"
             "functions:\n"
             "  - { names: f, pure: true }\n"
             "  - { names: g, pure: maybe }\n",
             "u.yaml");
  EXPECT_EQ(llvm::toString(std::move(E)),
            "u.yaml:5:23: expected true or false");
  EXPECT_FALSE(P->family("x"));
  EXPECT_FALSE(P->lookup("f"));
}

TEST(Protocols, ReadsFiles) {
  llvm::SmallString<128> Path;
  int FD;
  ASSERT_FALSE(
      llvm::sys::fs::createTemporaryFile("protocols", "yaml", FD, Path));
  llvm::FileRemover Remover(Path);
  {
    llvm::raw_fd_ostream OS(FD, /*shouldClose=*/true);
    OS << "functions:\n  - { names: f, pure: yes }\n";
  }
  Protocols P;
  EXPECT_EQ(llvm::toString(P.addFile(Path)),
            (Path + ":2:23: expected true or false").str());
  std::string Missing =
      llvm::toString(P.addFile("/nonexistent/protocols.yaml"));
  EXPECT_TRUE(StringRef(Missing).starts_with(
      "/nonexistent/protocols.yaml: cannot read: "))
      << Missing;
}

//===----------------------------------------------------------------------===//
// Terms and conditions
//===----------------------------------------------------------------------===//

TEST(ProtocolExpr, Primaries) {
  EXPECT_EQ(expr("ret"), "ret");
  EXPECT_EQ(expr("a"), "arg0");
  EXPECT_EQ(expr("arg2"), "arg2");
  EXPECT_EQ(expr("4096"), "4096");
  EXPECT_EQ(expr("0x10"), "16");
  EXPECT_EQ(expr("-4095"), "-4095");
  EXPECT_EQ(expr("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(expr("*c"), "*arg2");
  EXPECT_EQ(expr("a->b"), "arg0->b");
  EXPECT_EQ(expr("a->b->c"), "arg0->b->c");
  EXPECT_EQ(expr("*a->b"), "*arg0->b");
  EXPECT_EQ(expr("(*a)->b"), "(*arg0)->b");
  EXPECT_EQ(expr("&a->b"), "&arg0->b");
  EXPECT_EQ(expr("(&a->b)->c"), "(&arg0->b)->c");
  EXPECT_EQ(expr("&a"), "&arg0");
  EXPECT_EQ(expr("!a"), "(arg0 == 0)");
  EXPECT_EQ(expr("-a"), "(0 - arg0)");
}

TEST(ProtocolExpr, PrecedenceIsThatOfC) {
  EXPECT_EQ(expr("a + b * c"), "(arg0 + (arg1 * arg2))");
  EXPECT_EQ(expr("(a + b) * c"), "((arg0 + arg1) * arg2)");
  EXPECT_EQ(expr("a - b - c"), "((arg0 - arg1) - arg2)");
  EXPECT_EQ(expr("a / b % c"), "((arg0 / arg1) % arg2)");
  EXPECT_EQ(expr("a << b + c"), "(arg0 << (arg1 + arg2))");
  EXPECT_EQ(expr("a | b & c"), "(arg0 | (arg1 & arg2))");
  EXPECT_EQ(expr("a & b << c"), "(arg0 & (arg1 << arg2))");
  EXPECT_EQ(expr("a + b < c"), "((arg0 + arg1) < arg2)");
  EXPECT_EQ(expr("(a & b) != 0"), "((arg0 & arg1) != 0)");
  EXPECT_EQ(expr("-a + b"), "((0 - arg0) + arg1)");
  EXPECT_EQ(expr("(ret + *c + 4096 - 1) / 4096"),
            "((((ret + *arg2) + 4096) - 1) / 4096)");
  EXPECT_EQ(expr("a < 0 ? a : b < c ? b : c"),
            "((arg0 < 0) ? arg0 : ((arg1 < arg2) ? arg1 : arg2))");
  EXPECT_EQ(expr("(a ? b : c) + 1"), "((arg0 ? arg1 : arg2) + 1)");
}

TEST(ProtocolExpr, Conditions) {
  EXPECT_EQ(cond("ret > 0"), "ret > 0");
  EXPECT_EQ(cond("ret >= -4095"), "ret >= -4095");
  EXPECT_EQ(cond("a & 4"), "arg0 & 4");
  EXPECT_EQ(cond("a !& 4"), "arg0 !& 4");
  EXPECT_EQ(cond("(a & 4) == 4"), "(arg0 & 4) == 4");
  EXPECT_EQ(cond("*b != a->x"), "*arg1 != arg0->x");
  EXPECT_EQ(cond("a + 1 <= b"), "(arg0 + 1) <= arg1");
  EXPECT_EQ(cond("!a"), "arg0 == 0");
}

TEST(Protocols, Shared) {
  auto P = parse("shared:\n  - kvm_run\n  - ring.desc\n");
  ASSERT_TRUE(P);
  EXPECT_TRUE(P->isShared("kvm_run"));
  EXPECT_TRUE(P->isShared("ring.desc"));
  EXPECT_FALSE(P->isShared("ring"));
  for (StringRef Bad : {"a.b.c", "a.", "1"})
    EXPECT_EQ(errorOf(("shared:\n  - " + Bad + "\n").str()),
              "t.yaml:2:5: expected 'structure' or 'structure.member'")
        << Bad.str();
}

TEST(ProtocolExpr, Constants) {
  auto P = parse(R"(
constants: { PAGE_SIZE: 4096, MASK: -0x10 }
functions:
  - { names: f, args: [a], returns: a + PAGE_SIZE, ensures: ret != -PAGE_SIZE }
  - { names: g, args: [PAGE_SIZE], returns: PAGE_SIZE + MASK }
)");
  ASSERT_TRUE(P);
  const ProtocolExpr &Size = P->lookup("f")->Returns->Operands[1];
  EXPECT_EQ(Size.Kind, ProtocolExpr::Const);
  EXPECT_EQ(Size.Value, 4096);
  EXPECT_EQ(Size.Text, "PAGE_SIZE");
  EXPECT_EQ(P->lookup("f")->Ensures[0].str(), "ret != -4096");
  // A parameter hides a constant.
  EXPECT_EQ(P->lookup("g")->Returns->str(), "(arg0 + MASK)");
  EXPECT_EQ(P->lookup("g")->Returns->Operands[1].Value, -16);
}

TEST(ProtocolExpr, Errors) {
  // The expression starts in column 15 of line 4, behind the quote.
  EXPECT_EQ(exprError(""), "t.yaml:4:15: expression ends too early");
  EXPECT_EQ(exprError("a +"), "t.yaml:4:18: expression ends too early");
  EXPECT_EQ(exprError("a b"), "t.yaml:4:17: unexpected 'b'");
  EXPECT_EQ(exprError("a + )"), "t.yaml:4:19: unexpected ')'");
  EXPECT_EQ(exprError("(a + b"), "t.yaml:4:15: '(' is never closed");
  EXPECT_EQ(exprError("x + a"), "t.yaml:4:15: unknown name 'x'");
  EXPECT_EQ(exprError("a + arg3"),
            "t.yaml:4:19: no argument 'arg3': there are only 3");
  EXPECT_EQ(exprError("arg"),
            "t.yaml:4:15: 'arg' needs an index: arg0 is the first argument");
  EXPECT_EQ(exprError("arg999"),
            "t.yaml:4:15: argument index of 'arg999' is too large");
  EXPECT_EQ(exprError("a + 09x"), "t.yaml:4:19: bad number '09x'");
  EXPECT_EQ(exprError("9223372036854775808"),
            "t.yaml:4:15: bad number '9223372036854775808'");
  EXPECT_EQ(exprError("a->1"),
            "t.yaml:4:18: expected a member's name after '->'");
  EXPECT_EQ(exprError("a.b"), "t.yaml:4:16: unexpected '.'");
  EXPECT_EQ(exprError("&3"),
            "t.yaml:4:16: '&' needs something that has an address");
  EXPECT_EQ(exprError("a & b == c"),
            "t.yaml:4:17: '&' beside a comparison needs parentheses");
  EXPECT_EQ(exprError("a == b | c"),
            "t.yaml:4:22: '|' beside a comparison needs parentheses");
  EXPECT_EQ(exprError("a < b < c"), "t.yaml:4:21: comparisons do not chain");
  EXPECT_EQ(exprError("a ? b"), "t.yaml:4:20: expected ':'");
  EXPECT_EQ(exprError("a !& b"), "t.yaml:4:17: '!&' can only be the outermost "
                                 "operator of a condition");
  EXPECT_EQ(exprError("a = b"),
            "t.yaml:4:17: unexpected '='; use '==' to compare");
  EXPECT_EQ(exprError(std::string(200, '(') + "a"),
            "t.yaml:4:80: expression nests too deeply");
  EXPECT_EQ(exprError(std::string(5000, '-') + "a"),
            "t.yaml:4:15: expression is too long");
}

TEST(ProtocolExpr, ConditionErrors) {
  constexpr StringRef NoTest = "t.yaml:4:15: a condition compares: it needs "
                               "one of == != < <= > >= & !&";
  EXPECT_EQ(condError("a"), NoTest);
  EXPECT_EQ(condError("a + b"), NoTest);
  EXPECT_EQ(condError("a | b"), NoTest);
  EXPECT_EQ(condError("a ? b : c"), NoTest);
  EXPECT_EQ(condError("(a !& b)"), "t.yaml:4:18: '!&' can only be the "
                                   "outermost operator of a condition");
  EXPECT_EQ(
      condError("a > b && c"),
      "t.yaml:4:21: unexpected '&&'; a list of conditions means all of them");
}

TEST(ProtocolExpr, PositionsInPlainAndFoldedText) {
  EXPECT_EQ(errorOf("functions:\n  - names: f\n    returns: arg0 + nope\n"),
            "t.yaml:3:21: unknown name 'nope'");
  EXPECT_EQ(
      errorOf("functions:\n  - names: f\n    returns: arg0 +\n      nope\n"),
      "t.yaml:4:7: unknown name 'nope'");
  EXPECT_EQ(errorOf("functions:\n  - { names: f, ensures: ['ret > nope'] }\n"),
            "t.yaml:2:34: unknown name 'nope'");
}

//===----------------------------------------------------------------------===//
// Broken files
//===----------------------------------------------------------------------===//

TEST(ProtocolErrors, NotYAML) {
  EXPECT_EQ(errorOf("functions: [a, b"),
            "t.yaml:1:16: Could not find closing ]!");
  EXPECT_EQ(errorOf("functions:\n  - names: \"f\n"),
            "t.yaml:2:14: Expected quote at end of scalar");
  EXPECT_EQ(errorOf("functions: []\n---\nfunctions: []\n"),
            "t.yaml:1:1: more than one YAML document");
  EXPECT_EQ(errorOf("functions: []\nfunctions: []\n"),
            "t.yaml:2:1: key 'functions' is there twice");
  EXPECT_EQ(errorOf("functions:\n"), "t.yaml:1:1: 'functions' has no value");
  EXPECT_EQ(errorOf("functions: { names: f, returns: *arg0 }"),
            "t.yaml:1:33: aliases are not supported; an expression that starts "
            "with '*' needs quotes");
  EXPECT_EQ(errorOf("functions: { names: f, returns: &arg0 x }"),
            "t.yaml:1:33: anchors are not supported; an expression that starts "
            "with '&' needs quotes");
  EXPECT_EQ(errorOf("functions: { names: f, returns: !arg0 x }"),
            "t.yaml:1:33: tags are not supported; an expression that starts "
            "with '!' needs quotes");
}

TEST(Protocols, EntriesAndConventions) {
  auto P = parse(R"(
entries:
  - { tables: [bus_driver, hub_driver], begin: probe, end: [remove, shutdown] }
  - { tables: file_ops, begin: open, end: release, per-open: true }
conventions:
  ends-life: [release, close]
  frees: free
  opposites:
    - [open, close]
functions:
  - { names: bus_ops.detach, args: [dev], effects: { free: dev } }
)");
  ASSERT_TRUE(P);
  const ProtocolEntries *E = P->entries("hub_driver");
  ASSERT_TRUE(E);
  EXPECT_EQ(E->Begin, std::vector<std::string>{"probe"});
  EXPECT_EQ(E->End, (std::vector<std::string>{"remove", "shutdown"}));
  EXPECT_FALSE(E->PerOpen);
  ASSERT_TRUE(P->entries("file_ops"));
  EXPECT_TRUE(P->entries("file_ops")->PerOpen);
  EXPECT_FALSE(P->entries("other"));
  const ProtocolConventions &C = P->conventions();
  EXPECT_EQ(C.EndsLife, (std::vector<std::string>{"release", "close"}));
  EXPECT_EQ(C.Frees, std::vector<std::string>{"free"});
  ASSERT_EQ(C.Opposites.size(), 1u);
  EXPECT_EQ(C.Opposites[0].second, "close");
  EXPECT_TRUE(P->lookup("bus_ops.detach", 1));
}

TEST(ProtocolErrors, EntriesAndConventions) {
  EXPECT_EQ(errorOf("entries:\n  - { begin: open }\n"),
            "t.yaml:2:7: a table of operations needs 'tables'");
  EXPECT_EQ(errorOf("conventions: { frees: 'a b' }"),
            "t.yaml:1:23: expected an identifier or a part of one");
  EXPECT_EQ(errorOf("conventions: { opposites: [[open]] }"),
            "t.yaml:1:29: opposites are two words: [open, close]");
}

TEST(Protocols, Operations) {
  auto P = parse(R"(
families:
  - { name: page, kind: REF, noun: page, release-with: put_page() }
keeps: [frag.page, buffer.first]
operations:
  - names: [vm_ops.fault, vm_ops.huge_fault]
    args: [vmf]
    effects: { acquire: page, at: vmf->page, when: ret !& 0x3 }
functions:
  - { names: vm_ops.close, args: [vma], pure: true }
)");
  ASSERT_TRUE(P);
  EXPECT_EQ(P->keeping().size(), 2u);
  EXPECT_TRUE(P->keeping().contains("frag.page"));
  ASSERT_EQ(P->operations().size(), 2u);
  const ProtocolFunction &F = P->operations().at("vm_ops.fault");
  EXPECT_EQ(F.NumArgs, 1u);
  ASSERT_EQ(F.Effects.size(), 1u);
  EXPECT_EQ(F.Effects[0].Subject.str(), "arg0->page");
  // What is said of calls is said elsewhere.
  EXPECT_FALSE(P->lookup("vm_ops.fault", 1));
  EXPECT_FALSE(P->operations().count("vm_ops.close"));
}

TEST(ProtocolErrors, Operations) {
  EXPECT_EQ(errorOf("keeps: page\n"),
            "t.yaml:1:8: expected 'structure.member'");
  EXPECT_EQ(errorOf("operations:\n  - { names: a.b, args: [x], pure: true }\n"),
            "t.yaml:2:30: unknown key 'pure' in an operation; known are names, "
            "args, effects");
  EXPECT_EQ(errorOf("operations:\n  - { args: [x] }\n"),
            "t.yaml:2:7: a function needs 'names'");
  EXPECT_EQ(
      errorOf("operations:\n  - { names: a.b, effects: { free: arg0 } }\n"),
      "t.yaml:2:14: an operation needs 'args', all of them");
  EXPECT_EQ(
      errorOf("operations:\n  - { names: a.b, args: [x], effects: { free: x } "
              "}\n"),
      "t.yaml:2:14: what an operation owes is said by the effect 'acquire' of "
      "single handles");
  constexpr StringRef Ref = "families:\n  - { name: page, kind: REF, noun: "
                            "page, release-with: put }\n";
  EXPECT_EQ(
      errorOf((Ref + "operations:\n  - { names: a.b, args: [x], effects: "
                     "{ acquire: page, at: '*x' } }\n")
                  .str()),
      "t.yaml:4:14: of an operation only the result, parameters and their "
      "members can be named");
}

TEST(ProtocolErrors, TopLevel) {
  EXPECT_EQ(errorOf("[a]"),
            "t.yaml:1:2: expected a protocol file ('key: value' pairs)");
  EXPECT_EQ(errorOf("# x\nfunction: []\n"),
            "t.yaml:2:1: unknown key 'function' in a protocol file; did you "
            "mean 'functions'?");
  EXPECT_EQ(errorOf("checks: []\n"),
            "t.yaml:1:1: unknown key 'checks' in a protocol file; known are "
            "constants, families, functions, shared, keeps, entries, "
            "operations, conventions, scopes");
  EXPECT_EQ(errorOf("constants: { 1a: 1 }"),
            "t.yaml:1:14: a constant's name is an identifier");
  EXPECT_EQ(errorOf("constants: { A: 1, B: x }"),
            "t.yaml:1:23: expected a number");
}

TEST(ProtocolErrors, Families) {
  EXPECT_EQ(errorOf("families:\n  - { name: 'a b' }\n"),
            "t.yaml:2:13: a family's name is made of letters, digits and '-'");
  EXPECT_EQ(errorOf("families:\n  - { name: a, kind: PINS }\n"),
            "t.yaml:2:22: kind is one of GET, PIN, EXTRACT, REF, ALLOC, MAP, "
            "LINK");
  EXPECT_EQ(errorOf("families:\n  - { name: a, kind: PIN, noun: n }\n"),
            "t.yaml:2:7: family 'a' needs 'release-with'");
  EXPECT_EQ(errorOf("families:\n  - { kind: PIN }\n"),
            "t.yaml:2:7: a family needs a name");
  EXPECT_EQ(
      errorOf("families:\n  - { name: a, knid: PIN }\n"),
      "t.yaml:2:16: unknown key 'knid' in a family; did you mean 'kind'?");
  EXPECT_EQ(errorOf(R"(families:
  - { name: a, kind: PIN, noun: n, release-with: f }
  - { name: a, kind: PIN, noun: n, release-with: f }
)"),
            "t.yaml:3:13: family 'a' is already defined in line 2");
  EXPECT_EQ(errorOf("families:\n  - { name: a, kind: PIN, noun: n, "
                    "release-with: f, also-released-as: [a, b] }\n"),
            "t.yaml:2:75: unknown family 'b'");
  EXPECT_EQ(errorOf("families:\n  - { name: a, kind: PIN, noun: n, "
                    "release-with: f, only-if-held: true }\n"),
            "t.yaml:2:7: family 'a': 'only-if-held' is for the kind MAP");
  EXPECT_EQ(errorOf("families:\n  - { name: a, kind: PIN, noun: n, "
                    "release-with: f, ends-when-freed: true }\n"),
            "t.yaml:2:7: family 'a': 'ends-when-freed' is for the kind ALLOC");
  EXPECT_EQ(errorOf("families:\n  - { name: a, kind: REF, noun: n, "
                    "release-with: f, range: true }\n"),
            "t.yaml:2:7: family 'a': 'range' is for the kind PIN");
}

TEST(ProtocolErrors, Functions) {
  EXPECT_EQ(errorOf("functions:\n  - f\n"),
            "t.yaml:2:5: expected a function, for example { names: kfree, "
            "effects: { free: arg0 } }");
  EXPECT_EQ(errorOf("functions:\n  - { pure: true }\n"),
            "t.yaml:2:7: a function needs 'names'");
  EXPECT_EQ(errorOf("functions:\n  - { names: [f, 'g()'] }\n"),
            "t.yaml:2:18: expected a function's name, or 'structure.member'");
  EXPECT_EQ(errorOf("functions:\n  - { names: f, effect: [] }\n"),
            "t.yaml:2:17: unknown key 'effect' in a function; did you mean "
            "'effects'?");
  EXPECT_EQ(errorOf("functions:\n  - { names: f, fails: never }\n"),
            "t.yaml:2:24: fails is one of null, err, null-or-err");
  EXPECT_EQ(errorOf("functions:\n  - { names: f, args: a }\n"),
            "t.yaml:2:23: expected a list of parameter names");
  EXPECT_EQ(errorOf("functions:\n  - { names: f, args: [a, ret] }\n"),
            "t.yaml:2:27: 'ret' cannot name a parameter");
  EXPECT_EQ(errorOf("functions:\n  - { names: f, args: [arg1] }\n"),
            "t.yaml:2:24: 'arg1' cannot name a parameter");
  EXPECT_EQ(errorOf("functions:\n  - { names: f, args: [a, a] }\n"),
            "t.yaml:2:27: parameter 'a' is there twice");
  EXPECT_EQ(errorOf("functions:\n  - { names: f, args: [..., a] }\n"),
            "t.yaml:2:29: nothing can follow '...'");
  EXPECT_EQ(errorOf("functions:\n  - { names: f, args: ['a b'] }\n"),
            "t.yaml:2:24: a parameter's name is an identifier");
  EXPECT_EQ(errorOf("functions:\n  - { names: f, calls: { with: arg0 } }\n"),
            "t.yaml:2:26: a call needs 'function'");
  EXPECT_EQ(errorOf("functions:\n  - { names: f, calls: { to: arg0 } }\n"),
            "t.yaml:2:26: unknown key 'to' in a call; known are function, "
            "with, when, deferred");
}

TEST(ProtocolErrors, DuplicateFunctions) {
  EXPECT_EQ(errorOf("functions:\n  - { names: [f, g] }\n  - { names: g }\n"),
            "t.yaml:3:14: 'g' is already described in line 2");
  EXPECT_EQ(errorOf("functions:\n  - { names: [f, f] }\n"),
            "t.yaml:2:18: 'f' is already described in line 2");
  EXPECT_EQ(errorOf("functions:\n  - { names: f, args: [a] }\n"
                    "  - { names: f, args: [b] }\n"),
            "t.yaml:3:14: 'f' is already described in line 2");
  EXPECT_EQ(errorOf("functions:\n  - { names: f, args: [a] }\n"
                    "  - { names: f }\n"),
            "t.yaml:3:14: 'f' is already described in line 2");
}

TEST(ProtocolErrors, Effects) {
  EXPECT_EQ(effectError("x"),
            "t.yaml:7:14: expected an effect, for example { free: arg0 }");
  EXPECT_EQ(effectError("{ when: ret > 0 }"),
            "t.yaml:7:16: an effect needs one of acquire, release, free, use, "
            "escape, transfer, write, store, fetch, publish, after");
  EXPECT_EQ(effectError("{ free: arg0, use: arg0 }"),
            "t.yaml:7:28: an effect does one thing: 'free' or 'use', not both");
  EXPECT_EQ(effectError("{ acquire: pni }"),
            "t.yaml:7:25: unknown family 'pni'");
  EXPECT_EQ(effectError("{ acquire: group:page }"),
            "t.yaml:7:25: unknown family 'group:page'");
  EXPECT_EQ(effectError("{ release: group:pages, at: arg0 }"),
            "t.yaml:7:25: unknown group 'pages'");
  EXPECT_EQ(effectError("{ release: pin }"),
            "t.yaml:7:16: 'release' needs 'at'");
  EXPECT_EQ(effectError("{ store: 1 }"), "t.yaml:7:16: 'store' needs 'into'");
  EXPECT_EQ(effectError("{ store: 1, into: arg0 }"),
            "t.yaml:7:32: a store goes into '*pointer' or 'pointer->member'");
  EXPECT_EQ(effectError("{ free: arg0, into: arg1 }"),
            "t.yaml:7:28: unknown key 'into' in 'free'; known are when, form, "
            "count, deferred");
  EXPECT_EQ(effectError("{ acquire: pin, cuont: ret }"),
            "t.yaml:7:30: unknown key 'cuont' in 'acquire'; did you mean "
            "'count'?");
  EXPECT_EQ(effectError("{ acquire: pin, form: list }"),
            "t.yaml:7:36: form is one of value, out, array, range");
  EXPECT_EQ(effectError("{ acquire: pin, form: array }"),
            "t.yaml:7:36: 'form: array' needs 'count'");
  EXPECT_EQ(effectError("{ release: pin, at: arg0, form: range }"),
            "t.yaml:7:46: 'form: range' needs 'count'");
  EXPECT_EQ(effectError("{ acquire: pin, form: out, count: 2 }"),
            "t.yaml:7:48: 'form: out' is one handle; more are 'form: array'");
  EXPECT_EQ(effectError("{ free: [arg0, arg] }"),
            "t.yaml:7:29: 'arg' needs an index: arg0 is the first argument");
  EXPECT_EQ(effectError("{ free: { a: b } }"),
            "t.yaml:7:24: expected an expression (one that starts with '*' or "
            "'&' needs quotes)");
  EXPECT_EQ(effectError("{ free: arg0, when: [[ret > 0]] }"),
            "t.yaml:7:36: expected a condition (one that starts with '*' or "
            "'&' needs quotes)");
}

TEST(ProtocolErrors, Conditions) {
  auto FunctionIf = [](llvm::StringRef First, llvm::StringRef Second) {
    return ("functions:\n  - names: f\n    effects:\n      - { free: arg0, "
            "when: [" +
            First + "] }\n      - { free: arg1, when: [" + Second + "] }\n")
        .str();
  };
  EXPECT_EQ(errorOf(FunctionIf("arg0 > 1, arg1 > 1", "arg2 > 1, arg3 > 1")),
            "t.yaml:2:12: a function's effects depend on at most 3 conditions; "
            "here are 4");
  // Where one is false, the other is true.
  EXPECT_EQ(errorOf(FunctionIf("arg0 > 1, arg1 == 1, arg2 < 1",
                               "arg0 <= 1, arg1 != 1, arg2 >= 1, arg3 > 1")),
            "t.yaml:2:12: a function's effects depend on at most 3 conditions; "
            "here are 4");
}

} // namespace
