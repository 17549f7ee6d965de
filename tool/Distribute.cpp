//===- Distribute.cpp - Steps for build systems ---------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Distribute.h"
#include "Callees.h"
#include "EarlierResults.h"
#include "Paths.h"
#include "Prefilter.h"
#include "Run.h"
#include "Schedule.h"
#include "Serialize.h"
#include "SumFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

using namespace llvm;

namespace pinlint {

static int failure(Error E) {
  errs() << "pinlint: " << toString(std::move(E)) << '\n';
  return ExitUsage;
}

static Expected<std::vector<SumFile>> readSums(ArrayRef<std::string> Paths) {
  std::vector<SumFile> Sums;
  uint64_t Tool = toolHash();
  auto Read = [&](StringRef Path) -> Error {
    Expected<SumFile> S = SumFile::read(Path);
    if (!S)
      return S.takeError();
    if (S->Tool != Tool)
      return createStringError(inconvertibleErrorCode(),
                               Path + ": made by another pinlint");
    Sums.push_back(std::move(*S));
    return Error::success();
  };
  for (StringRef Path : Paths) {
    if (!Path.consume_front("@")) {
      if (Error E = Read(Path))
        return std::move(E);
      continue;
    }
    ErrorOr<std::unique_ptr<MemoryBuffer>> List = MemoryBuffer::getFile(Path);
    if (!List)
      return createStringError(List.getError(),
                               Path + ": " + List.getError().message());
    SmallVector<StringRef, 0> Listed;
    SplitString((*List)->getBuffer(), Listed);
    for (StringRef One : Listed)
      if (Error E = Read(One))
        return std::move(E);
  }
  return Sums;
}

/// What make and ninja read: that \p Out is made of \p Files.
static Error writeDepFile(StringRef Out, ArrayRef<std::string> Files) {
  auto Escape = [](raw_ostream &OS, StringRef Path) {
    for (char C : Path) {
      if (C == ' ' || C == '#')
        OS << '\\';
      else if (C == '$')
        OS << '$';
      OS << C;
    }
  };
  return writeToOutput((Out + ".d").str(), [&](raw_ostream &OS) -> Error {
    Escape(OS, Out);
    OS << ':';
    for (StringRef File : Files) {
      OS << " \\\n  ";
      Escape(OS, File);
    }
    OS << '\n';
    return Error::success();
  });
}

int indexUnit(const Options &O, const Inputs &In) {
  if (In.Units.size() != 1) {
    for (const Incomplete &I : In.NotAnalysed)
      errs() << "pinlint: " << I.File << ": " << I.Reason << '\n';
    if (In.NotAnalysed.empty())
      errs() << "pinlint: index wants one file\n";
    return ExitUsage;
  }
  Expected<std::vector<SumFile>> With = readSums(O.With);
  if (!With)
    return failure(With.takeError());
  const TranslationUnit &Unit = In.Units.front();
  ScanCache Nothing(/*Path=*/"", /*Tool=*/0);
  Prefilter Filter(In, O, Nothing, /*Kept=*/"");

  std::vector<std::vector<ExportedSummary>> Exports;
  std::vector<ImportSource> Sources;
  for (const SumFile &S : *With) {
    std::optional<unsigned> Far =
        distanceOf(Unit.File, Filter.unit(0).Module, S.File, S.Module);
    Exports.emplace_back();
    if (!Far || !S.Analysed || !S.Failure.empty())
      continue;
    Expected<AnalysisResult> R = decodeResult(S.Reply);
    if (!R)
      return failure(R.takeError());
    Exports.back() = std::move(R->Exports);
  }
  for (auto [S, List] : zip_equal(*With, Exports))
    if (auto Far =
            distanceOf(Unit.File, Filter.unit(0).Module, S.File, S.Module))
      for (const ExportedSummary &E : List)
        Sources.push_back({&E, *Far});
  bool Matters = Filter.isExpected(0);
  std::string Input = encodeImports(chooseImports(Filter, 0, Sources, Matters));

  SumFile Sum;
  Sum.Tool = toolHash();
  Sum.Options = optionsHash(O, Unit);
  Sum.Directory = Unit.Directory;
  Sum.File = Unit.File;
  Sum.Module = Filter.unit(0).Module;
  Sum.Words = Unit.Flags;
  if (Unit.Entry) {
    Expected<std::vector<std::string>> Words = Unit.Entry->arguments();
    if (!Words)
      return failure(Words.takeError());
    Sum.Words = std::move(*Words);
  }
  Sum.Analysed = Matters;
  Sum.Input = xxh3_64bits(StringRef(Input));
  std::vector<std::string> Files{Unit.File};
  if (Matters) {
    // In a process of its own: a crash is a result, too.
    bool Given = false;
    auto Next = [&]() -> std::optional<WorkItem> {
      if (std::exchange(Given, true))
        return std::nullopt;
      return WorkItem{0, Input};
    };
    auto Work = [&](const WorkItem &Item) {
      return encodeResult(analyseUnit(O, Unit, Item.Input));
    };
    auto Done = [&](size_t, WorkResult R) {
      Sum.Reply = std::move(R.Reply);
      Sum.Failure = std::move(R.Failure);
    };
    if (!runWorkers({1, O.Timeout, O.Memory}, Next, Work, Done))
      return ExitIncomplete;
    if (Sum.Failure.empty()) {
      Expected<AnalysisResult> R = decodeResult(Sum.Reply);
      if (!R)
        return failure(R.takeError());
      if (!R->Files.empty())
        Files = std::move(R->Files);
      R->Files.clear();
      // The same sources give the same bytes.
      R->Stats.ParseSeconds = R->Stats.EngineSeconds = 0;
      Sum.Reply = encodeResult(*R);
    }
  }
  if (Error E = Sum.write(O.Output))
    return failure(std::move(E));
  if (Error E = writeDepFile(O.Output, Files))
    return failure(std::move(E));
  return ExitClean;
}

int linkSums(const Options &O) {
  Expected<std::vector<SumFile>> Sums = readSums(O.Inputs);
  if (!Sums)
    return failure(Sums.takeError());
  llvm::sort(*Sums, [](const SumFile &A, const SumFile &B) {
    return A.File < B.File;
  });
  std::vector<TranslationUnit> Units;
  for (const SumFile &S : *Sums) {
    TranslationUnit Unit;
    Unit.Directory = S.Directory;
    Unit.File = S.File;
    Unit.Flags = S.Words;
    Unit.Named = false;
    Units.push_back(std::move(Unit));
  }
  Expected<std::unique_ptr<Inputs>> In = Inputs::ofUnits(std::move(Units), O);
  if (!In)
    return failure(In.takeError());
  for (auto [S, Unit] : zip_equal(*Sums, (*In)->Units))
    if (S.Options != optionsHash(O, Unit)) {
      errs() << "pinlint: " << S.File
             << ": was indexed with other checks, confidence or protocols\n";
      return ExitUsage;
    }
  EarlierResults Known(O, **In);
  Known.addSums(std::move(*Sums));
  return lint(O, **In, Known);
}

int writeNinja(const Options &O, const Inputs &In) {
  ScanCache Nothing(/*Path=*/"", /*Tool=*/0);
  Prefilter Filter(In, O, Nothing, /*Kept=*/"");
  Schedule Plan(In, Filter, O.Link);
  auto Quote = [](StringRef S) {
    std::string Text;
    for (char C : S) {
      if (C == '$' || C == ' ' || C == ':')
        Text += '$';
      Text += C;
    }
    return Text;
  };
  auto Shell = [](StringRef S) {
    std::string Text = "'";
    for (char C : S)
      Text += C == '\''  ? std::string("'\\''")
              : C == '$' ? std::string("$$")
                         : std::string(1, C);
    return Text + "'";
  };
  std::string Options;
  if (!O.Build.empty())
    Options += " -p " + Shell(absolutePath(O.Build));
  Options += " --checks=" + Shell("-*," + join(O.Checks, ","));
  for (const std::string &File : O.ProtocolFiles)
    Options += " --protocols=" + Shell(absolutePath(File));
  if (!O.Scope.empty())
    Options += " --scope=" + Shell(O.Scope);
  static constexpr StringLiteral Levels[] = {"low", "medium", "high"};
  if (O.NoLintReasons)
    Options += " --nolint-reasons";
  Options += (" --confidence=" + Levels[unsigned(O.MinConfidence)]).str();

  // What calls functions that matter may matter.
  std::vector<bool> Wanted(In.Units.size());
  for (bool Changed = true; Changed;) {
    Changed = false;
    for (size_t I : Plan.inOrder())
      if (!Wanted[I] &&
          (Filter.isExpected(I) ||
           any_of(Plan.tellers(I), [&](unsigned D) { return Wanted[D]; })))
        Wanted[I] = Changed = true;
  }
  Error E = writeToOutput(O.Output, [&](raw_ostream &OS) -> Error {
    std::string Self = sys::fs::getMainExecutable(nullptr, nullptr);
    OS << "# Written by 'pinlint ninja'. 'ninja' makes findings.jsonl.\n"
          "ninja_required_version = 1.5\n"
       << "pinlint = " << Shell(Self) << "\noptions =" << Options << "\n\n"
       << "rule index\n"
          "  command = $pinlint index $options --with=@$out.rsp -o $out $in\n"
          "  depfile = $out.d\n  deps = gcc\n"
          "  rspfile = $out.rsp\n  rspfile_content = $with\n"
          "  description = INDEX $in\n\n"
          "rule link\n"
          "  command = $pinlint link $options --format=jsonl @$out.rsp > $out; "
          "test $$? -ne 2\n"
          "  rspfile = $out.rsp\n  rspfile_content = $in\n"
          "  description = LINK $out\n\n";
    std::string All;
    for (auto [I, Unit] : enumerate(In.Units)) {
      if (!Wanted[I])
        continue;
      std::string With;
      for (unsigned D : Plan.earlier(I))
        if (Wanted[D])
          With += formatv(" {0}.sum", D);
      OS << "build " << I << ".sum: index " << Quote(Unit.File);
      if (!With.empty())
        OS << " |" << With << "\n  with =" << With;
      OS << '\n';
      All += formatv(" {0}.sum", I);
    }
    OS << "\nbuild findings.jsonl: link" << All << "\ndefault findings.jsonl\n";
    return Error::success();
  });
  return E ? failure(std::move(E)) : ExitClean;
}

} // namespace pinlint
