//===- ScanCache.cpp - What files said the last time ----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "ScanCache.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"
#include <chrono>

using namespace llvm;

namespace pinlint {

// The file never leaves the machine: it is in the machine's own byte order.
static constexpr uint64_t Magic = 0x3130'736e'6163'7370;

namespace {
struct Head {
  uint64_t Magic, Tool;
  /// Of all that follows.
  uint64_t Hash;
};

/// Reads and writes the same things in the same order.
class Encoder {
public:
  template <typename T> void number(const T &N) {
    Out.append(reinterpret_cast<const char *>(&N), sizeof(N));
  }
  void string(StringRef S) {
    number<uint32_t>(S.size());
    Out += S;
  }
  void names(ArrayRef<NameHash> V) {
    number<uint32_t>(V.size());
    Out.append(reinterpret_cast<const char *>(V.data()), V.size() * sizeof(NameHash));
  }
  void scan(const SourceScan &S) {
    names(S.Names);
    names(S.Uses);
    names(S.Values);
    names(S.Through);
    names(S.PointersToShared);
    number<uint8_t>(S.RaisesAndLowers | S.HasSuppressions << 1);
    number<uint32_t>(S.Definitions.size());
    for (const SourceScan::Definition &D : S.Definitions) {
      number(D.Name);
      number<uint8_t>(D.IsStatic | D.IsMacro << 1 | D.IsMade << 2);
      names(D.Mentions);
      names(D.Values);
    }
    number<uint32_t>(S.Includes.size());
    for (const SourceScan::Include &I : S.Includes) {
      number<uint8_t>(I.Angled);
      string(I.Name);
    }
  }
  std::string Out;
};

class Decoder {
public:
  explicit Decoder(StringRef Bytes) : Rest(Bytes) {}
  template <typename T> T number() {
    T N{};
    if (StringRef S = take(sizeof(N)); !S.empty())
      memcpy(&N, S.data(), sizeof(N));
    return N;
  }
  StringRef string() { return take(number<uint32_t>()); }
  std::vector<NameHash> names() {
    StringRef S = take(size_t(number<uint32_t>()) * sizeof(NameHash));
    std::vector<NameHash> V(S.size() / sizeof(NameHash));
    if (!V.empty())
      memcpy(V.data(), S.data(), S.size());
    return V;
  }
  SourceScan scan() {
    SourceScan S;
    S.Names = names();
    S.Uses = names();
    S.Values = names();
    S.Through = names();
    S.PointersToShared = names();
    uint8_t Flags = number<uint8_t>();
    S.RaisesAndLowers = Flags & 1;
    S.HasSuppressions = Flags & 2;
    for (uint32_t N = number<uint32_t>(); N && !Broken; --N) {
      SourceScan::Definition &D = S.Definitions.emplace_back();
      D.Name = number<NameHash>();
      uint8_t Kind = number<uint8_t>();
      D.IsStatic = Kind & 1;
      D.IsMacro = Kind & 2;
      D.IsMade = Kind & 4;
      D.Mentions = names();
      D.Values = names();
    }
    for (uint32_t N = number<uint32_t>(); N && !Broken; --N) {
      bool Angled = number<uint8_t>();
      S.Includes.push_back({string().str(), Angled});
    }
    return S;
  }
  bool atEnd() const { return Rest.empty() || Broken; }
  bool isBroken() const { return Broken; }

private:
  StringRef take(size_t Size) {
    Broken |= Rest.size() < Size;
    if (Broken)
      return "";
    StringRef Taken = Rest.take_front(Size);
    Rest = Rest.drop_front(Size);
    return Taken;
  }

  StringRef Rest;
  bool Broken = false;
};
} // namespace

ScanCache::ScanCache(std::string P, uint64_t Tool)
    : Path(std::move(P)), Tool(Tool) {
  if (Path.empty())
    return;
  ErrorOr<std::unique_ptr<MemoryBuffer>> Text =
      MemoryBuffer::getFile(Path, /*IsText=*/false,
                            /*RequiresNullTerminator=*/false);
  if (!Text)
    return;
  StringRef All = (*Text)->getBuffer();
  Decoder In(All);
  Head H = In.number<Head>();
  if (In.isBroken() || H.Magic != Magic || H.Tool != Tool ||
      H.Hash != xxh3_64bits(All.drop_front(sizeof(Head))))
    return;
  while (!In.atEnd()) {
    StringRef File = In.string();
    Record R;
    R.Stamp = In.number<FileStamp>();
    R.Key = In.number<uint64_t>();
    R.Bytes = In.string();
    Records[File] = R;
  }
  Before = std::move(*Text);
}

std::optional<SourceScan> ScanCache::find(StringRef File, uint64_t Key) {
  if (Path.empty())
    return std::nullopt;
  std::optional<FileStamp> Now = stampOf(File);
  if (!Now)
    return std::nullopt;
  auto It = Records.find(File);
  if (It != Records.end() && It->second.Key == Key &&
      It->second.Stamp.Size == Now->Size &&
      It->second.Stamp.Modified == Now->Modified)
    return Decoder(It->second.Bytes).scan();
  Missed[File] = *Now;
  return std::nullopt;
}

void ScanCache::put(StringRef File, uint64_t Key, const SourceScan &Scan) {
  auto It = Missed.find(File);
  if (It == Missed.end())
    return;
  // The clock may stand still while a file is written twice: what has changed
  // just now is scanned again the next time.
  constexpr int64_t ClockStep = 1'000'000'000;
  int64_t Now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                    std::chrono::system_clock::now().time_since_epoch())
                    .count();
  if (Now - It->second.Modified < ClockStep)
    return;
  Encoder E;
  E.scan(Scan);
  Records[File] = {It->second, Key, StringRef(E.Out).copy(New)};
  Changed = true;
}

void ScanCache::save() {
  if (!Changed)
    return;
  Changed = false;
  std::vector<StringRef> Files;
  for (const auto &Entry : Records)
    Files.push_back(Entry.getKey());
  llvm::sort(Files);
  Encoder E;
  for (StringRef File : Files) {
    const Record &R = Records.find(File)->second;
    E.string(File);
    E.number(R.Stamp);
    E.number(R.Key);
    E.string(R.Bytes);
  }
  Head H{Magic, Tool, xxh3_64bits(StringRef(E.Out))};
  // Who cannot keep it scans again.
  consumeError(writeToOutput(Path, [&](raw_ostream &OS) {
    OS.write(reinterpret_cast<const char *>(&H), sizeof(H));
    OS << E.Out;
    return Error::success();
  }));
}

} // namespace pinlint
