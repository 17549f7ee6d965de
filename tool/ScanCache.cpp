//===- ScanCache.cpp - What files said the last time ----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "ScanCache.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"
#include <chrono>

using namespace llvm;

namespace pinlint {

static constexpr uint64_t Magic = 0x3130'736e'6163'7370;

namespace {
/// Reads and writes the same things in the same order.
class Encoder : public LocalWriter {
public:
  void scan(const SourceScan &S) {
    list<NameHash>(S.Names);
    list<NameHash>(S.Uses);
    list<NameHash>(S.Values);
    list<NameHash>(S.Through);
    list<NameHash>(S.PointersToShared);
    number<uint8_t>(S.RaisesAndLowers | S.HasSuppressions << 1);
    number<uint32_t>(S.Definitions.size());
    for (const SourceScan::Definition &D : S.Definitions) {
      number(D.Name);
      number<uint8_t>(D.IsStatic | D.IsMacro << 1 | D.IsMade << 2);
      list<NameHash>(D.Mentions);
      list<NameHash>(D.Values);
    }
    number<uint32_t>(S.Includes.size());
    for (const SourceScan::Include &I : S.Includes) {
      number<uint8_t>(I.Angled);
      string(I.Name);
    }
  }
};

class Decoder : public LocalReader {
public:
  using LocalReader::LocalReader;
  SourceScan scan() {
    SourceScan S;
    S.Names = list<NameHash>();
    S.Uses = list<NameHash>();
    S.Values = list<NameHash>();
    S.Through = list<NameHash>();
    S.PointersToShared = list<NameHash>();
    uint8_t Flags = number<uint8_t>();
    S.RaisesAndLowers = Flags & 1;
    S.HasSuppressions = Flags & 2;
    for (uint32_t N = number<uint32_t>(); N && !isBroken(); --N) {
      SourceScan::Definition &D = S.Definitions.emplace_back();
      D.Name = number<NameHash>();
      uint8_t Kind = number<uint8_t>();
      D.IsStatic = Kind & 1;
      D.IsMacro = Kind & 2;
      D.IsMade = Kind & 4;
      D.Mentions = list<NameHash>();
      D.Values = list<NameHash>();
    }
    for (uint32_t N = number<uint32_t>(); N && !isBroken(); --N) {
      bool Angled = number<uint8_t>();
      S.Includes.push_back({string().str(), Angled});
    }
    return S;
  }
};
} // namespace

/// What is kept of \p File, as \p Key wants it: a file that is a unit may be
/// included by another.
static std::string recordName(StringRef File, uint64_t Key) {
  return (File + Twine('\n') + utohexstr(Key)).str();
}

ScanCache::ScanCache(std::string P, uint64_t Tool)
    : Path(std::move(P)), Tool(Tool) {}

void ScanCache::load() {
  if (std::exchange(IsLoaded, true))
    return;
  Before = LocalFile::load(Path, Magic, Tool);
  if (!Before)
    return;
  Decoder In(Before->content());
  while (!In.atEnd()) {
    StringRef Name = In.string();
    Record R;
    R.Stamp = In.number<FileStamp>();
    R.Bytes = In.string();
    Records[Name] = R;
  }
}

const ScanCache::Record *ScanCache::current(StringRef File, uint64_t Key) {
  if (Path.empty())
    return nullptr;
  std::optional<FileStamp> Now = stampOf(File);
  if (!Now)
    return nullptr;
  load();
  Looked.try_emplace(File, *Now);
  auto It = Records.find(recordName(File, Key));
  return It != Records.end() && It->second.Stamp == *Now ? &It->second
                                                         : nullptr;
}

std::optional<SourceScan> ScanCache::find(StringRef File, uint64_t Key) {
  const Record *R = current(File, Key);
  return R ? std::optional(Decoder(R->Bytes).scan()) : std::nullopt;
}

std::optional<uint64_t> ScanCache::findHash(StringRef File, uint64_t Key) {
  const Record *R = current(File, Key);
  return R ? std::optional(xxh3_64bits(R->Bytes)) : std::nullopt;
}

uint64_t ScanCache::hashOf(const SourceScan &Scan) {
  Encoder E;
  E.scan(Scan);
  return xxh3_64bits(E.content());
}

FileStamp ScanCache::stampFor(StringRef File) const {
  auto It = Looked.find(File);
  if (It == Looked.end())
    return NoFile;
  // The clock may stand still while a file is written twice.
  constexpr int64_t ClockStep = 1'000'000'000;
  int64_t Now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                    std::chrono::system_clock::now().time_since_epoch())
                    .count();
  return Now - It->second.Modified < ClockStep ? NoFile : It->second;
}

void ScanCache::put(StringRef File, uint64_t Key, const SourceScan &Scan) {
  FileStamp Stamp = stampFor(File);
  if (Stamp == NoFile)
    return;
  Encoder E;
  E.scan(Scan);
  Records[recordName(File, Key)] = {Stamp, E.content().copy(New)};
  Changed = true;
}

void ScanCache::save() {
  if (!Changed)
    return;
  Changed = false;
  std::vector<StringRef> Names;
  for (const auto &Entry : Records)
    Names.push_back(Entry.getKey());
  llvm::sort(Names);
  Encoder E;
  for (StringRef Name : Names) {
    const Record &R = Records.find(Name)->second;
    E.string(Name);
    E.number(R.Stamp);
    E.string(R.Bytes);
  }
  // Who cannot keep it scans again.
  consumeError(writeLocalFile(Path, Magic, Tool, E.content()));
}

} // namespace pinlint
