//===- EarlierResults.cpp - What has been found out before ----------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "EarlierResults.h"
#include "Serialize.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"
#include <chrono>

using namespace llvm;

namespace pinlint {

uint64_t toolHash() {
  std::string Text = LLVM_VERSION_STRING;
  if (ErrorOr<std::unique_ptr<MemoryBuffer>> Self =
          MemoryBuffer::getFile("/proc/self/exe", /*IsText=*/false,
                                /*RequiresNullTerminator=*/false))
    Text += (*Self)->getBuffer();
  return xxh3_64bits(StringRef(Text));
}

uint64_t optionsHash(const Options &O, const TranslationUnit &Unit) {
  std::string Text = formatv("{0}\n{1}\n{2}\n{3}\n{4}", join(O.Checks, ","),
                             unsigned(O.MinConfidence), O.ParseAllBodies,
                             O.NoLintReasons, Unit.ProtocolHash);
  return xxh3_64bits(StringRef(Text));
}

EarlierResults::EarlierResults(const Options &O, const Inputs &In)
    : O(O), In(In), Path(O.StoreFile), Started(In.Units.size()) {
  // Who wants to see the analysis does not want to be told its result. What is
  // kept is about the files on disk.
  if (!O.UseStore || O.Jobs == 0 || In.Files ||
      (Path.empty() && In.Database.empty()))
    return;
  bool Asked = !Path.empty();
  if (!Asked)
    Path = (sys::path::parent_path(In.Database) + "/.cache/pinlint/store.db")
               .str();
  Tool = toolHash();
  std::string Why;
  Kept = Store::open(Path, Tool, Why);
  // Where nobody asked for it, a directory that is not ours is no news.
  if (!Kept && Asked && !O.Quiet)
    errs() << "pinlint: " << Path << ": " << Why
           << "; nothing is kept for the next run\n";
}

void EarlierResults::addSums(std::vector<SumFile> From) {
  Sums = std::move(From);
}

Store::Key EarlierResults::keyOf(size_t Unit, StringRef Input) const {
  const TranslationUnit &U = In.Units[Unit];
  std::string Command = U.Directory + '\n';
  if (U.Entry)
    Command += U.Entry->text();
  else
    Command += join(U.Flags, "\n");
  // A run of another version may use the same file at the same time.
  Command += formatv("\n{0}\n{1}", optionsHash(O, U), Tool);
  return {U.File, xxh3_64bits(StringRef(Command)), xxh3_64bits(Input)};
}

std::optional<WorkResult> EarlierResults::find(const WorkItem &Item) {
  if (!Sums.empty()) {
    const SumFile &Sum = Sums[Item.Number];
    if (Sum.Analysed && Sum.Input == xxh3_64bits(StringRef(Item.Input)))
      return WorkResult{Sum.Reply, Sum.Failure};
  }
  if (!Kept)
    return std::nullopt;
  Started[Item.Number] =
      std::chrono::duration_cast<std::chrono::nanoseconds>(
          std::chrono::system_clock::now().time_since_epoch())
          .count();
  if (std::optional<std::string> Reply =
          Kept->find(keyOf(Item.Number, Item.Input)))
    return WorkResult{std::move(*Reply), ""};
  return std::nullopt;
}

void EarlierResults::put(size_t Unit, StringRef Input, AnalysisResult R) {
  // A file that does not parse may do so once a header is there.
  if (!Kept || !R.Parsed)
    return;
  std::vector<std::string> Files = std::move(R.Files);
  R.Files.clear();
  R.ParsedAgain.clear();
  R.WantedPremise.clear();
  R.Stats.ParseSeconds = R.Stats.EngineSeconds = 0;
  R.Stats.OnHeaderSet = R.Stats.ParsedAgain = 0;
  Kept->put(keyOf(Unit, Input), encodeResult(R), Files, Started[Unit]);
}

void EarlierResults::finish() {
  if (!Kept)
    return;
  Kept->flush();
  if (!Kept->trouble().empty() && !O.Quiet)
    errs() << "pinlint: " << Path << ": " << Kept->trouble()
           << "; not everything is kept for the next run\n";
  Kept.reset();
}

} // namespace pinlint
