//===- PrefilterFile.cpp - What came of the reading of all files ----------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
//
// What the pre-filter says is a function of the commands, of which files there
// are where it looks for headers, and of the scans. Where none of that has
// changed, it is read instead of found out; an edit that leaves the scan of a
// file as it is changes nothing.
//
//===----------------------------------------------------------------------===//

#include "EarlierResults.h"
#include "Prefilter.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/xxhash.h"

using namespace llvm;

namespace pinlint {

static constexpr uint64_t Magic = 0x3130'7265'746c'6966;

/// Of all that decides over what is read and how it is judged, but for the
/// files.
uint64_t Prefilter::keyOf(const Inputs &In, const Options &O) const {
  std::string Text = formatv("{0}\n{1}\n{2}\n{3}\n{4}", join(O.Checks, ","),
                             O.Scope, All, HeaderKey, In.Units.size());
  uint64_t Key = xxh3_64bits(StringRef(Text));
  for (const TranslationUnit &U : In.Units) {
    StringRef Command = U.Entry ? U.Entry->text() : "";
    Text = formatv("{0}\n{1}\n{2}\n{3}\n{4}\n{5}\n{6}", Key, U.File,
                   U.Directory, U.Named, U.ProtocolHash, xxh3_64bits(Command),
                   join(U.Flags, "\n"));
    Key = xxh3_64bits(StringRef(Text));
  }
  return Key;
}

namespace {
class Encoder : public LocalWriter {
public:
  void names(const DenseMap<NameHash, std::vector<NameHash>> &Map) {
    number<uint32_t>(Map.size());
    std::vector<NameHash> Keys;
    for (const auto &Entry : Map)
      Keys.push_back(Entry.first);
    llvm::sort(Keys);
    for (NameHash N : Keys) {
      number(N);
      list<NameHash>(Map.find(N)->second);
    }
  }
};

class Decoder : public LocalReader {
public:
  using LocalReader::LocalReader;
  void names(DenseMap<NameHash, std::vector<NameHash>> &Map) {
    for (uint32_t N = number<uint32_t>(); N && !isBroken(); --N) {
      NameHash Key = number<NameHash>();
      Map[Key] = list<NameHash>();
    }
  }
};
} // namespace

template <typename MapT>
static std::vector<StringRef> sortedKeys(const MapT &M) {
  std::vector<StringRef> Keys;
  for (const auto &Entry : M)
    Keys.push_back(Entry.getKey());
  llvm::sort(Keys);
  return Keys;
}

void Prefilter::save(const std::string &Kept, uint64_t Tool,
                     uint64_t Key) const {
  Encoder E;
  E.number(Key);
  E.number<uint32_t>(Existing.size());
  for (StringRef Path : sortedKeys(Existing)) {
    E.number<uint8_t>(Existing.find(Path)->second);
    E.string(Path);
  }
  E.number<uint32_t>(Scans.size());
  for (const Scanned &S : Scans) {
    E.string(S.Path);
    E.number(S.Key);
    E.number(S.Hash);
  }
  for (const UnitNames &U : Units) {
    E.number<uint8_t>(U.Matters | U.InScope << 1);
    E.number<uint32_t>(U.List);
    E.string(U.Module);
    E.list<NameHash>(U.Uses);
    E.list<NameHash>(U.Defines);
    E.number<uint32_t>(U.Includes.size());
    for (StringRef Include : U.Includes)
      E.string(Include);
  }
  E.names(Leads);
  E.names(LedToBy);
  E.number<uint32_t>(Resolved.size());
  for (const StringMap<std::string> &Map : Resolved) {
    E.number<uint32_t>(Map.size());
    for (StringRef Name : sortedKeys(Map)) {
      E.string(Name);
      E.string(Map.find(Name)->second);
    }
  }
  // Who cannot keep it finds it out again.
  consumeError(writeLocalFile(Kept, Magic, Tool, E.content()));
}

/// True if all that was said then is what would be said now.
bool Prefilter::load(const std::string &Kept, uint64_t Tool, uint64_t Key) {
  std::unique_ptr<LocalFile> Text = LocalFile::load(Kept, Magic, Tool);
  if (!Text)
    return false;
  Decoder In(Text->content());
  if (In.number<uint64_t>() != Key)
    return false;
  for (uint32_t N = In.number<uint32_t>(); N && !In.isBroken(); --N) {
    bool Before = In.number<uint8_t>();
    if (exists(In.string()) != Before)
      return false;
  }
  for (uint32_t N = In.number<uint32_t>(); N && !In.isBroken(); --N) {
    StringRef Path = In.string();
    uint64_t ScanKey = In.number<uint64_t>(), Hash = In.number<uint64_t>();
    std::optional<uint64_t> Now = Known->findHash(Path, ScanKey);
    if (!Now)
      if (std::optional<SourceScan> Scan = scan(
              Path, ScanKey == HeaderKey ? HeaderWants : UnitWants, ScanKey))
        Now = ScanCache::hashOf(*Scan);
    if (!Now || *Now != Hash) {
      Scans.clear();
      AllRead = true;
      return false;
    }
  }
  for (UnitNames &U : Units) {
    uint8_t Bits = In.number<uint8_t>();
    U.Matters = Bits & 1;
    U.InScope = Bits & 2;
    U.List = In.number<uint32_t>();
    U.Module = In.string().str();
    U.Uses = In.list<NameHash>();
    U.Defines = In.list<NameHash>();
    for (uint32_t N = In.number<uint32_t>(); N && !In.isBroken(); --N)
      U.Includes.push_back(Spellings.insert(In.string()).first->getKey());
  }
  In.names(Leads);
  In.names(LedToBy);
  for (uint32_t N = In.number<uint32_t>(); N && !In.isBroken(); --N) {
    StringMap<std::string> &Map = Resolved.emplace_back();
    for (uint32_t M = In.number<uint32_t>(); M && !In.isBroken(); --M) {
      StringRef Name = In.string();
      Map[Name] = In.string().str();
    }
  }
  // The hash of the file was right; this would be a mistake of the writer.
  assert(!In.isBroken() && In.atEnd());
  return true;
}

} // namespace pinlint
