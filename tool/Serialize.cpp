//===- Serialize.cpp - Results as JSON ------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Serialize.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace pinlint {

std::string utf8(StringRef S) {
  return json::isUTF8(S) ? S.str() : json::fixUTF8(S);
}

StringRef confidenceName(Confidence C) {
  switch (C) {
  case Confidence::Low:
    return "low";
  case Confidence::Medium:
    return "medium";
  case Confidence::High:
    return "high";
  }
  llvm_unreachable("no such confidence");
}

std::optional<Confidence> confidenceNamed(StringRef Name) {
  for (Confidence C : {Confidence::Low, Confidence::Medium, Confidence::High})
    if (Name == confidenceName(C))
      return C;
  return std::nullopt;
}

static void writePlace(json::OStream &J, const SourcePlace &P) {
  J.attribute("file", utf8(P.File));
  J.attribute("line", P.Line);
  J.attribute("column", P.Column);
}

void writeFinding(json::OStream &J, const Finding &F) {
  J.object([&] {
    J.attribute("check", F.Check);
    writePlace(J, F.Place);
    J.attribute("function", utf8(F.Function));
    J.attribute("message", utf8(F.Message));
    J.attribute("confidence", confidenceName(F.Level));
    J.attribute("fingerprint", F.Fingerprint);
    J.attribute("context", F.Context);
    if (F.Settled)
      J.attribute("settled", utf8(*F.Settled));
    J.attributeArray("path", [&] {
      for (const PathStep &Step : F.Path)
        J.object([&] {
          writePlace(J, Step.Place);
          J.attribute("message", utf8(Step.Message));
          J.attribute("depth", Step.Depth);
          if (!Step.Held.empty())
            J.attribute("held", utf8(Step.Held));
        });
    });
    if (F.Fixes.empty())
      return;
    J.attributeArray("fixes", [&] {
      for (const Replacement &R : F.Fixes)
        J.object([&] {
          J.attribute("file", utf8(R.File));
          J.attribute("offset", R.Offset);
          J.attribute("length", R.Length);
          J.attribute("text", utf8(R.Text));
        });
    });
  });
}

void writeStats(json::OStream &J, const AnalysisStats &S) {
  J.attribute("functionsSeen", S.FunctionsSeen);
  J.attribute("functionsAnalysed", S.FunctionsAnalysed);
  J.attribute("functionsOverBudget", S.FunctionsOverBudget);
  J.attribute("steps", S.Steps);
  J.attribute("parseSeconds", S.ParseSeconds);
  J.attribute("engineSeconds", S.EngineSeconds);
  J.attribute("onHeaderSet", S.OnHeaderSet);
  J.attribute("parsedAgain", S.ParsedAgain);
}

void addStats(AnalysisStats &Sum, const AnalysisStats &S) {
  Sum.FunctionsSeen += S.FunctionsSeen;
  Sum.FunctionsAnalysed += S.FunctionsAnalysed;
  Sum.FunctionsOverBudget += S.FunctionsOverBudget;
  Sum.Steps += S.Steps;
  Sum.ParseSeconds += S.ParseSeconds;
  Sum.EngineSeconds += S.EngineSeconds;
  Sum.OnHeaderSet += S.OnHeaderSet;
  Sum.ParsedAgain += S.ParsedAgain;
}

void appendBytes(std::string &To, StringRef Bytes) {
  char Size[sizeof(uint64_t)];
  support::endian::write64le(Size, Bytes.size());
  To.append(Size, sizeof(Size));
  To += Bytes;
}

bool takeBytes(StringRef &From, StringRef &Bytes) {
  if (From.size() < sizeof(uint64_t))
    return false;
  uint64_t Size = support::endian::read64le(From.data());
  From = From.drop_front(sizeof(uint64_t));
  if (From.size() < Size)
    return false;
  Bytes = From.take_front(Size);
  From = From.drop_front(Size);
  return true;
}

std::string encodeImports(ArrayRef<const ExportedSummary *> Imports) {
  std::string Bytes;
  for (const ExportedSummary *S : Imports) {
    appendBytes(Bytes, S->Function);
    appendBytes(Bytes, S->Bytes);
  }
  return Bytes;
}

SummaryImports decodeImports(StringRef Bytes) {
  SummaryImports Imports;
  StringRef Name, Sum;
  while (takeBytes(Bytes, Name) && takeBytes(Bytes, Sum))
    Imports[Name] = Sum.str();
  return Imports;
}

static std::string encodeFindings(const AnalysisResult &R) {
  std::string Text;
  raw_string_ostream OS(Text);
  json::OStream J(OS);
  J.object([&] {
    J.attribute("parsed", R.Parsed);
    J.attributeArray("errors", [&] {
      for (const std::string &E : R.Errors)
        J.value(utf8(E));
    });
    J.attributeArray("findings", [&] {
      for (const Finding &F : R.Findings)
        writeFinding(J, F);
    });
    J.attributeArray("incomplete", [&] {
      for (const Incomplete &I : R.NotAnalysed)
        J.object([&] {
          J.attribute("file", utf8(I.File));
          J.attribute("function", utf8(I.Function));
          J.attribute("reason", utf8(I.Reason));
        });
    });
    J.attribute("parsedAgain", utf8(R.ParsedAgain));
    J.attribute("wantedPremise", utf8(R.WantedPremise));
    J.attributeObject("stats", [&] { writeStats(J, R.Stats); });
  });
  return Text;
}

std::string encodeResult(const AnalysisResult &R) {
  std::string Bytes;
  appendBytes(Bytes, encodeFindings(R));
  appendBytes(Bytes, join(R.Files, StringRef("\0", 1)));
  for (const ExportedSummary &S : R.Exports) {
    appendBytes(Bytes, S.Function);
    appendBytes(Bytes, S.Matters ? "1" : "");
    appendBytes(Bytes, join(S.Families, ","));
    appendBytes(Bytes, S.Bytes);
    appendBytes(Bytes, utohexstr(S.Digest));
  }
  return Bytes;
}

// json::fromJSON overloads live with the types they read.

/// LLVM 19 reads no plain unsigned.
static bool mapUnsigned(json::ObjectMapper &O, StringLiteral Name,
                        unsigned &Out) {
  uint64_t Wide;
  if (!O.map(Name, Wide))
    return false;
  Out = static_cast<unsigned>(Wide);
  return true;
}

static bool fromJSON(const json::Value &V, SourcePlace &P, json::Path Path) {
  json::ObjectMapper O(V, Path);
  return O && O.map("file", P.File) && mapUnsigned(O, "line", P.Line) &&
         mapUnsigned(O, "column", P.Column);
}

static bool fromJSON(const json::Value &V, PathStep &S, json::Path Path) {
  json::ObjectMapper O(V, Path);
  return fromJSON(V, S.Place, Path) && O && O.map("message", S.Message) &&
         mapUnsigned(O, "depth", S.Depth) && O.mapOptional("held", S.Held);
}

static bool fromJSON(const json::Value &V, Replacement &R, json::Path Path) {
  json::ObjectMapper O(V, Path);
  return O && O.map("file", R.File) && mapUnsigned(O, "offset", R.Offset) &&
         mapUnsigned(O, "length", R.Length) && O.map("text", R.Text);
}

static bool fromJSON(const json::Value &V, Confidence &C, json::Path Path) {
  if (std::optional<Confidence> Level =
          confidenceNamed(V.getAsString().value_or(""))) {
    C = *Level;
    return true;
  }
  Path.report("expected low, medium or high");
  return false;
}

static bool fromJSON(const json::Value &V, Finding &F, json::Path Path) {
  json::ObjectMapper O(V, Path);
  return fromJSON(V, F.Place, Path) && O && O.map("check", F.Check) &&
         O.map("function", F.Function) && O.map("message", F.Message) &&
         O.map("confidence", F.Level) && O.map("fingerprint", F.Fingerprint) &&
         O.map("context", F.Context) && O.map("settled", F.Settled) &&
         O.map("path", F.Path) && O.mapOptional("fixes", F.Fixes);
}

static bool fromJSON(const json::Value &V, Incomplete &I, json::Path Path) {
  json::ObjectMapper O(V, Path);
  return O && O.map("file", I.File) && O.map("function", I.Function) &&
         O.map("reason", I.Reason);
}

static bool fromJSON(const json::Value &V, AnalysisStats &S, json::Path Path) {
  json::ObjectMapper O(V, Path);
  return O && mapUnsigned(O, "functionsSeen", S.FunctionsSeen) &&
         mapUnsigned(O, "functionsAnalysed", S.FunctionsAnalysed) &&
         mapUnsigned(O, "functionsOverBudget", S.FunctionsOverBudget) &&
         O.map("steps", S.Steps) && O.map("parseSeconds", S.ParseSeconds) &&
         O.map("engineSeconds", S.EngineSeconds) &&
         mapUnsigned(O, "onHeaderSet", S.OnHeaderSet) &&
         mapUnsigned(O, "parsedAgain", S.ParsedAgain);
}

static bool fromJSON(const json::Value &V, AnalysisResult &R, json::Path Path) {
  json::ObjectMapper O(V, Path);
  return O && O.map("parsed", R.Parsed) && O.map("errors", R.Errors) &&
         O.map("findings", R.Findings) && O.map("incomplete", R.NotAnalysed) &&
         O.map("parsedAgain", R.ParsedAgain) &&
         O.map("wantedPremise", R.WantedPremise) && O.map("stats", R.Stats);
}

Expected<AnalysisResult> decodeResult(StringRef Bytes) {
  StringRef Findings, Files;
  if (!takeBytes(Bytes, Findings) || !takeBytes(Bytes, Files))
    return createStringError(inconvertibleErrorCode(), "an incomplete result");
  Expected<AnalysisResult> R = json::parse<AnalysisResult>(Findings, "result");
  if (!R)
    return R;
  SmallVector<StringRef, 0> Paths;
  Files.split(Paths, '\0', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (StringRef Path : Paths)
    R->Files.push_back(Path.str());
  StringRef Name, Matters, Families, Sum, Digest;
  while (takeBytes(Bytes, Name) && takeBytes(Bytes, Matters) &&
         takeBytes(Bytes, Families) && takeBytes(Bytes, Sum) &&
         takeBytes(Bytes, Digest)) {
    ExportedSummary S;
    S.Function = Name.str();
    S.Matters = !Matters.empty();
    SmallVector<StringRef, 4> Listed;
    Families.split(Listed, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
    S.Families.assign(Listed.begin(), Listed.end());
    S.Bytes = Sum.str();
    if (Digest.getAsInteger(16, S.Digest))
      return createStringError(inconvertibleErrorCode(), "a broken digest");
    R->Exports.push_back(std::move(S));
  }
  return R;
}

} // namespace pinlint
