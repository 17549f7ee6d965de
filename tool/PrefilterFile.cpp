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
// Nine in ten of the places where headers are looked for have none, and many
// directories are not there at all: to ask for what is in those that are is
// cheaper than to ask for each.
//
//===----------------------------------------------------------------------===//

#include "EarlierResults.h"
#include "Paths.h"
#include "Prefilter.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/xxhash.h"
#include <map>

using namespace llvm;

namespace pinlint {

static constexpr uint64_t Magic = 0x3230'7265'746c'6966;

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
  /// Numbers that are used where they lie.
  template <typename T> void aligned(ArrayRef<T> List) {
    number<uint64_t>(List.size());
    while (content().size() % sizeof(uint64_t))
      number<uint8_t>(0);
    array(List);
  }
};

class Decoder : public LocalReader {
public:
  explicit Decoder(StringRef Content) : LocalReader(Content), Text(Content) {}
  void names(DenseMap<NameHash, std::vector<NameHash>> &Map) {
    uint32_t N = number<uint32_t>();
    Map.reserve(N);
    for (; N && !isBroken(); --N) {
      NameHash Key = number<NameHash>();
      Map[Key] = list<NameHash>();
    }
  }
  template <typename T> ArrayRef<T> aligned() {
    uint64_t Size = number<uint64_t>();
    while ((Text.size() - left()) % sizeof(uint64_t))
      number<uint8_t>();
    return array<T>(Size);
  }

private:
  StringRef Text;
};

/// What was asked for in a directory.
enum class Place : uint8_t {
  /// Is no regular file, or is one.
  NoFile,
  File,
  /// A directory below which something was looked for, and that is not there.
  NoDirectory
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

/// Which of the files \p Existing are there, directory by directory.
static void writePlaces(const StringMap<bool> &Existing, Encoder &E) {
  StringMap<bool> IsDirectory;
  std::map<StringRef, std::map<StringRef, Place>> Places;
  for (const auto &Entry : Existing) {
    Place What = Entry.second ? Place::File : Place::NoFile;
    for (StringRef Path = Entry.getKey(); !Path.empty();) {
      StringRef In = sys::path::parent_path(Path);
      auto [It, New] = IsDirectory.try_emplace(In);
      if (New)
        It->second = sys::fs::is_directory(In);
      if (It->second || In.empty()) {
        Places[In][sys::path::filename(Path)] = What;
        break;
      }
      Path = In;
      What = Place::NoDirectory;
    }
  }
  E.number<uint32_t>(Places.size());
  for (const auto &[In, Names] : Places) {
    E.string(In);
    E.number<uint32_t>(Names.size());
    for (auto [Name, What] : Names) {
      E.number(What);
      E.string(Name);
    }
  }
}

/// True if it is as it was said to be.
static bool arePlacesAsBefore(Decoder &In) {
  StringMap<sys::fs::file_type> There;
  for (uint32_t N = In.number<uint32_t>(); N && !In.isBroken(); --N) {
    StringRef Directory = In.string();
    There.clear();
    std::error_code EC;
    for (sys::fs::directory_iterator I(Directory, EC), End; I != End && !EC;
         I.increment(EC))
      There[sys::path::filename(I->path())] = I->type();
    if (EC)
      return false;
    for (uint32_t M = In.number<uint32_t>(); M && !In.isBroken(); --M) {
      Place What = In.number<Place>();
      StringRef Name = In.string();
      auto It = There.find(Name);
      auto Type =
          It == There.end() ? sys::fs::file_type::file_not_found : It->second;
      if (Type == sys::fs::file_type::symlink_file ||
          Type == sys::fs::file_type::type_unknown) {
        // The type of what it leads to.
        sys::fs::file_status Status;
        SmallString<256> Path(Directory);
        sys::path::append(Path, Name);
        sys::fs::status(Path, Status);
        Type = Status.type();
      }
      if (What == Place::NoDirectory
              ? Type == sys::fs::file_type::directory_file
              : (Type == sys::fs::file_type::regular_file) !=
                    (What == Place::File))
        return false;
    }
  }
  return true;
}

void Prefilter::save(const std::string &Kept, uint64_t Tool,
                     uint64_t Key) const {
  Encoder E;
  E.number(Key);
  writePlaces(Existing, E);
  E.number<uint32_t>(Scans.size());
  for (const Scanned &S : Scans) {
    E.string(S.Path);
    E.number(S.Key);
    E.number(S.Stamp);
    E.number(S.Hash);
  }
  StringMap<uint32_t> Numbers;
  for (const UnitNames &U : Units)
    for (StringRef Include : U.Includes)
      Numbers[Include];
  std::vector<StringRef> Spelt = sortedKeys(Numbers);
  E.number<uint32_t>(Spelt.size());
  for (auto [I, Include] : enumerate(Spelt)) {
    Numbers[Include] = I;
    E.string(Include);
  }
  std::vector<NameHash> Uses;
  std::vector<uint32_t> First{0};
  for (const UnitNames &U : Units) {
    E.number<uint8_t>(U.Matters | U.InScope << 1);
    E.number<uint32_t>(U.List);
    E.string(U.Module);
    E.number<uint32_t>(U.Includes.size());
    for (StringRef Include : U.Includes)
      E.number(Numbers.find(Include)->second);
    append_range(Uses, U.Uses);
    First.push_back(Uses.size());
  }
  E.aligned<uint32_t>(First);
  E.aligned<NameHash>(Uses);
  for (const std::vector<uint32_t> *List :
       {&Graph.First, &Graph.Units, &Graph.Far})
    E.list<uint32_t>(*List);
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
  if (In.number<uint64_t>() != Key || !arePlacesAsBefore(In))
    return false;
  for (uint32_t N = In.number<uint32_t>(); N && !In.isBroken(); --N) {
    StringRef Path = In.string();
    uint64_t ScanKey = In.number<uint64_t>();
    FileStamp Stamp = In.number<FileStamp>();
    uint64_t Hash = In.number<uint64_t>();
    if (stampOf(Path) == Stamp)
      continue;
    std::optional<SourceScan> Scan =
        read(Path, ScanKey == HeaderKey ? HeaderWants : UnitWants);
    if (!Scan || ScanCache::hashOf(*Scan) != Hash)
      return false;
  }
  std::vector<StringRef> Spelt(In.number<uint32_t>());
  for (StringRef &Include : Spelt)
    Include = In.string();
  for (UnitNames &U : Units) {
    uint8_t Bits = In.number<uint8_t>();
    U.Matters = Bits & 1;
    U.InScope = Bits & 2;
    U.List = In.number<uint32_t>();
    U.Module = In.string().str();
    for (uint32_t N = In.number<uint32_t>(); N && !In.isBroken(); --N)
      U.Includes.push_back(Spelt[In.number<uint32_t>()]);
  }
  KeptFirst = In.aligned<uint32_t>();
  KeptUses = In.aligned<NameHash>();
  for (std::vector<uint32_t> *List : {&Graph.First, &Graph.Units, &Graph.Far})
    *List = In.list<uint32_t>();
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
  KeptFile = std::move(Text);
  return true;
}

} // namespace pinlint
