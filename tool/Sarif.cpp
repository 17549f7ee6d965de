//===- Sarif.cpp - Findings as SARIF 2.1.0 --------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Clang's own SarifDocumentWriter knows neither suppressions nor baselines nor
/// invocations, and fingerprints only as of LLVM 22; hence plain JSON.
///
//===----------------------------------------------------------------------===//

#include "CheckPage.h"
#include "Output.h"
#include "Paths.h"
#include "Serialize.h"
#include "SourceLines.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"

using namespace llvm;

namespace pinlint {
namespace {

class SarifOutput : public Output {
public:
  SarifOutput(const Options &O, raw_ostream &OS)
      : O(O), J(OS, /*IndentSize=*/2), OS(OS) {}
  void finish(const RunResult &R) override;

private:
  void writeDriver();
  void writeRule(const CheckInfo &Check);
  void writeInvocation(const RunResult &R);
  void writeNotification(const Incomplete &I, StringRef Id, StringRef Level);
  void writeResult(const ReportedFinding &F, const RunResult &R);
  void writeFixed(const BaselineEntry &E, bool AnySettled);
  void writeIdentity(StringRef Check, StringRef Fingerprint, StringRef Context,
                     Confidence Level);
  void writePath(const ReportedFinding &F);
  void writeFix(const ReportedFinding &F);
  void writeArtifactLocation(StringRef File);
  void writeLocation(const SourcePlace &P, StringRef Function);
  void writeMessage(const Twine &Text) {
    J.attributeObject("message",
                      [&] { J.attribute("text", utf8(Text.str())); });
  }

  const Options &O;
  json::OStream J;
  raw_ostream &OS;
  SourceLines Sources;
};

} // namespace

static constexpr char Root[] = "SRCROOT";

static std::string percentEncoded(StringRef Path) {
  std::string Result;
  for (char C : Path) {
    if (isAlnum(C) || StringRef("/-._~").contains(C))
      Result += C;
    else
      Result += "%" + utohexstr(static_cast<unsigned char>(C),
                                /*LowerCase=*/false, /*Width=*/2);
  }
  return Result;
}

/// "pinlint-double-fetch" as "DoubleFetch".
static std::string camelCase(StringRef Check) {
  Check.consume_front("pinlint-");
  std::string Result;
  SmallVector<StringRef, 4> Words;
  Check.split(Words, '-');
  for (StringRef Word : Words) {
    Result += toUpper(Word.front());
    Result += Word.drop_front();
  }
  return Result;
}

static StringRef levelName(Confidence C) {
  return C == Confidence::Low ? "note" : "warning";
}

/// How sure it is, of 100.
static double rank(Confidence C) {
  switch (C) {
  case Confidence::Low:
    return 20;
  case Confidence::Medium:
    return 60;
  case Confidence::High:
    return 90;
  }
  llvm_unreachable("no such confidence");
}

void SarifOutput::writeArtifactLocation(StringRef File) {
  J.attributeObject("artifactLocation", [&] {
    if (sys::path::is_absolute(File)) {
      J.attribute("uri", "file://" + percentEncoded(File));
      return;
    }
    J.attribute("uri", percentEncoded(File));
    J.attribute("uriBaseId", Root);
  });
}

void SarifOutput::writeLocation(const SourcePlace &P, StringRef Function) {
  J.attributeObject("physicalLocation", [&] {
    writeArtifactLocation(P.File);
    if (P.Line == 0)
      return;
    J.attributeObject("region", [&] {
      J.attribute("startLine", P.Line);
      StringRef Line = Sources.line(P.File, P.Line);
      if (P.Column == 0)
        return;
      // Columns of ours count bytes, those of the log characters.
      unsigned Column = 1;
      for (char C : Line.take_front(P.Column - 1))
        Column += (C & 0xC0) != 0x80;
      J.attribute("startColumn", P.Column <= Line.size() ? Column : P.Column);
      if (!Line.empty())
        J.attributeObject("snippet", [&] { J.attribute("text", utf8(Line)); });
    });
  });
  if (!Function.empty())
    J.attributeArray("logicalLocations", [&] {
      J.object([&] {
        J.attribute("name", utf8(Function));
        J.attribute("kind", "function");
      });
    });
}

void SarifOutput::writeRule(const CheckInfo &Check) {
  J.object([&] {
    StringRef Page = Check.Explanation;
    J.attribute("id", Check.Name);
    J.attribute("name", camelCase(Check.Name));
    J.attributeObject("shortDescription",
                      [&] { J.attribute("text", Check.Summary); });
    J.attributeObject("fullDescription", [&] {
      J.attribute("text", plainText(introduction(Page)));
      J.attribute("markdown", introduction(Page));
    });
    J.attributeObject("help", [&] {
      J.attribute("text", plainText(Page));
      J.attribute("markdown", Page);
    });
    J.attributeObject("defaultConfiguration",
                      [&] { J.attribute("level", "warning"); });
    J.attributeObject("properties", [&] {
      J.attributeArray("tags", [&] {
        J.value("correctness");
        J.value("security");
      });
    });
  });
}

void SarifOutput::writeDriver() {
  J.attributeObject("driver", [&] {
    J.attribute("name", "pinlint");
    J.attribute("version", PINLINT_VERSION);
    J.attribute("semanticVersion", PINLINT_VERSION);
    J.attributeArray("rules", [&] {
      for (const CheckInfo &Check : allChecks())
        if (is_contained(O.Checks, Check.Name))
          writeRule(Check);
    });
    J.attributeArray("notifications", [&] {
      auto Notification = [&](StringRef Id, StringRef Text) {
        J.object([&] {
          J.attribute("id", Id);
          J.attributeObject("shortDescription",
                            [&] { J.attribute("text", Text); });
        });
      };
      Notification("file-not-analysed", "An input was not analysed.");
      Notification("function-not-finished",
                   "A function was not analysed to the end.");
      Notification("configuration", "How the inputs were taken.");
    });
  });
}

void SarifOutput::writeNotification(const Incomplete &I, StringRef Id,
                                    StringRef Level) {
  J.object([&] {
    J.attributeObject("descriptor", [&] { J.attribute("id", Id); });
    J.attribute("level", Level);
    writeMessage(I.Function.empty()
                     ? "not analysed: " + Twine(I.Reason)
                     : "'" + Twine(I.Function) +
                           "' was not analysed to the end: " + I.Reason);
    J.attributeArray("locations", [&] {
      J.object([&] { writeLocation({I.File, 0, 0}, I.Function); });
    });
  });
}

static StringRef exitDescription(int Status) {
  switch (Status) {
  case ExitClean:
    return "nothing found";
  case ExitFindings:
    return "findings";
  case ExitUsage:
    return "usage or configuration error";
  case ExitIncomplete:
    return "some input was not analysed";
  }
  return "";
}

void SarifOutput::writeInvocation(const RunResult &R) {
  J.object([&] {
    J.attribute("executionSuccessful", R.NotAnalysed.empty());
    J.attribute("exitCode", R.ExitStatus);
    J.attribute("exitCodeDescription", exitDescription(R.ExitStatus));
    J.attributeArray("toolExecutionNotifications", [&] {
      for (const Incomplete &I : R.NotAnalysed)
        writeNotification(I, "file-not-analysed", "error");
      for (const Incomplete &I : R.IncompleteFunctions)
        writeNotification(I, "function-not-finished", "warning");
    });
    J.attributeArray("toolConfigurationNotifications", [&] {
      for (const std::string &Note : R.Notes)
        J.object([&] {
          J.attributeObject("descriptor",
                            [&] { J.attribute("id", "configuration"); });
          J.attribute("level", "note");
          writeMessage(Note);
        });
    });
  });
}

void SarifOutput::writeIdentity(StringRef Check, StringRef Fingerprint,
                                StringRef Context, Confidence Level) {
  J.attribute("ruleId", Check);
  auto Rule = llvm::find(O.Checks, Check);
  if (Rule != O.Checks.end())
    J.attribute("ruleIndex", Rule - O.Checks.begin());
  J.attribute("level", levelName(Level));
  J.attribute("rank", rank(Level));
  J.attributeObject("partialFingerprints", [&] {
    J.attribute("pinlint/v1", Fingerprint);
    J.attribute("pinlintContext/v1", Context);
  });
  J.attributeObject("properties",
                    [&] { J.attribute("confidence", confidenceName(Level)); });
}

void SarifOutput::writePath(const ReportedFinding &F) {
  if (F.Path.empty())
    return;
  J.attributeArray("codeFlows", [&] {
    J.object([&] {
      J.attributeArray("threadFlows", [&] {
        J.object([&] {
          J.attributeArray("locations", [&] {
            for (size_t I = 0; I != F.Path.size(); ++I) {
              const PathStep &Step = F.Path[I];
              bool Essential = I == 0 || I + 1 == F.Path.size();
              J.object([&] {
                J.attributeObject("location", [&] {
                  writeLocation(Step.Place, Step.Depth ? "" : F.Function);
                  writeMessage(Step.Message);
                });
                J.attribute("nestingLevel", Step.Depth);
                J.attribute("executionOrder", I + 1);
                J.attribute("importance",
                            Essential ? "essential" : "important");
                if (!Step.Held.empty())
                  J.attributeObject("state", [&] {
                    J.attributeObject(
                        "held", [&] { J.attribute("text", utf8(Step.Held)); });
                  });
              });
            }
          });
        });
      });
    });
  });
}

/// What cures it, all files together.
void SarifOutput::writeFix(const ReportedFinding &F) {
  if (F.Fixes.empty())
    return;
  J.attributeArray("fixes", [&] {
    J.object([&] {
      J.attributeArray("artifactChanges", [&] {
        for (const Replacement &R : F.Fixes)
          J.object([&] {
            writeArtifactLocation(R.File);
            J.attributeArray("replacements", [&] {
              J.object([&] {
                J.attributeObject("deletedRegion", [&] {
                  J.attribute("byteOffset", R.Offset);
                  J.attribute("byteLength", R.Length);
                });
                J.attributeObject("insertedContent", [&] {
                  J.attribute("text", utf8(R.Text));
                });
              });
            });
          });
      });
    });
  });
}

void SarifOutput::writeResult(const ReportedFinding &F, const RunResult &R) {
  J.object([&] {
    writeIdentity(F.Check, F.Fingerprint, F.Context, F.Level);
    writeMessage(F.Message);
    J.attributeArray("locations", [&] {
      J.object([&] { writeLocation(F.Place, F.Function); });
    });
    writePath(F);
    writeFix(F);
    if (R.HasBaseline)
      J.attribute("baselineState", F.Known ? "unchanged" : "new");
    // If one result says how it is suppressed, all must.
    bool AnySettled = any_of(
        R.Findings, [](const ReportedFinding &F) { return !!F.Settled; });
    if (!AnySettled)
      return;
    J.attributeArray("suppressions", [&] {
      if (F.Settled)
        J.object([&] {
          J.attribute("kind", "inSource");
          J.attribute("status", "accepted");
          if (!F.Settled->empty())
            J.attribute("justification", utf8(*F.Settled));
        });
    });
  });
}

/// What the baseline has and the code no longer.
void SarifOutput::writeFixed(const BaselineEntry &E, bool AnySettled) {
  J.object([&] {
    writeIdentity(E.Check, E.Fingerprint, E.Context, E.Level);
    writeMessage(E.Message);
    J.attributeArray("locations", [&] {
      J.object([&] {
        StringRef Shown = E.File;
        if (Shown.consume_front(absolutePath(".") + "/"))
          writeLocation({Shown.str(), 0, 0}, E.Function);
        else
          writeLocation({E.File, 0, 0}, E.Function);
      });
    });
    J.attribute("baselineState", "absent");
    if (AnySettled)
      J.attributeArray("suppressions", [] {});
  });
}

void SarifOutput::finish(const RunResult &R) {
  J.object([&] {
    J.attribute("$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/"
                           "schemas/sarif-schema-2.1.0.json");
    J.attribute("version", "2.1.0");
    J.attributeArray("runs", [&] {
      J.object([&] {
        J.attributeObject("tool", [&] { writeDriver(); });
        J.attributeArray("invocations", [&] { writeInvocation(R); });
        J.attributeObject("originalUriBaseIds", [&] {
          J.attributeObject(Root, [&] {
            J.attribute("uri",
                        "file://" + percentEncoded(absolutePath(".")) + "/");
            J.attributeObject("description", [&] {
              J.attribute("text", "The directory that pinlint ran in.");
            });
          });
        });
        J.attributeArray("artifacts", [&] {
          for (const std::string &File : R.Files)
            J.object([&] {
              J.attributeObject("location", [&] {
                bool Absolute = sys::path::is_absolute(File);
                J.attribute("uri",
                            (Absolute ? "file://" : "") + percentEncoded(File));
                if (!Absolute)
                  J.attribute("uriBaseId", Root);
              });
              J.attributeArray("roles", [&] { J.value("analysisTarget"); });
            });
        });
        J.attribute("columnKind", "unicodeCodePoints");
        J.attributeArray("results", [&] {
          for (const ReportedFinding &F : R.Findings)
            writeResult(F, R);
          bool AnySettled = any_of(
              R.Findings, [](const ReportedFinding &F) { return !!F.Settled; });
          for (const BaselineEntry &E : R.Fixed)
            writeFixed(E, AnySettled);
        });
      });
    });
  });
  OS << '\n';
}

std::unique_ptr<Output> createSarifOutput(const Options &O, raw_ostream &OS) {
  return std::make_unique<SarifOutput>(O, OS);
}

} // namespace pinlint
