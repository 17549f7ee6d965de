//===- HeaderSet.cpp - Headers that are parsed once for many units --------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "HeaderSet.h"
#include "HeaderSetFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

using namespace llvm;

namespace pinlint {

// The file never leaves the machine: it is in the machine's own byte order, and
// its arrays are used where they lie.
static constexpr uint64_t Magic = 0x3130'7465'7364'6568;

namespace {
struct Head {
  uint64_t Magic, Tool;
  /// Of all that follows the head.
  uint64_t Hash;
  uint64_t PrecompiledSize, PrecompiledHash;
  uint32_t NumMentions, NumDeclarations, NumGiven, NumFiles;
};

class Writer {
public:
  template <typename T> void number(T N) {
    Out.append(reinterpret_cast<const char *>(&N), sizeof(N));
  }
  template <typename T> void array(ArrayRef<T> A) {
    Out.append(reinterpret_cast<const char *>(A.data()), A.size() * sizeof(T));
  }
  void string(StringRef S) {
    number<uint32_t>(S.size());
    Out += S;
  }
  std::string Out;
};

class Reader {
public:
  explicit Reader(StringRef Bytes) : Rest(Bytes) {}
  template <typename T> T number() {
    T N{};
    if (StringRef S = take(sizeof(N)); !S.empty())
      memcpy(&N, S.data(), sizeof(N));
    return N;
  }
  template <typename T> ArrayRef<T> array(size_t Size) {
    StringRef S = take(Size * sizeof(T));
    return ArrayRef<T>(reinterpret_cast<const T *>(S.data()),
                       S.size() / sizeof(T));
  }
  StringRef string() { return take(number<uint32_t>()); }
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

std::unique_ptr<HeaderSet> HeaderSet::load(StringRef Path, uint64_t Tool) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> Text =
      MemoryBuffer::getFile(Path, /*IsText=*/false,
                            /*RequiresNullTerminator=*/false);
  if (!Text)
    return nullptr;
  std::unique_ptr<HeaderSet> Set(new HeaderSet);
  Set->Bytes = std::move(*Text);
  StringRef All = Set->Bytes->getBuffer();
  Reader In(All);
  Head H = In.number<Head>();
  if (In.isBroken() || H.Magic != Magic || H.Tool != Tool ||
      H.Hash != xxh3_64bits(All.drop_front(sizeof(Head))))
    return nullptr;
  Set->PrecompiledSize = H.PrecompiledSize;
  Set->PrecompiledHash = H.PrecompiledHash;
  Set->Mentions = In.array<Mention>(H.NumMentions);
  Set->Declarations = In.array<Mention>(H.NumDeclarations);
  for (uint32_t N : In.array<uint32_t>(H.NumGiven))
    Set->Given.push_back(N);
  SmallString<256> Beside(sys::path::parent_path(Path));
  sys::path::append(Beside, In.string());
  Set->Precompiled = std::string(Beside);
  for (uint32_t I = 0; I != H.NumFiles && !In.isBroken(); ++I) {
    File &F = Set->Files.emplace_back();
    F.Size = In.number<uint64_t>();
    F.Modified = In.number<int64_t>();
    F.Path = In.string().str();
    uint32_t NumIncludes = In.number<uint32_t>();
    for (uint32_t J = 0; J != NumIncludes && !In.isBroken(); ++J)
      F.Includes.push_back(In.number<uint32_t>());
  }
  return In.isBroken() ? nullptr : std::move(Set);
}

Error writeHeaderSet(const HeaderSetData &Data, StringRef Path,
                     StringRef Precompiled, uint64_t Tool) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> Text =
      MemoryBuffer::getFile(Precompiled, /*IsText=*/false,
                            /*RequiresNullTerminator=*/false);
  if (!Text)
    return createStringError(Text.getError(),
                             Precompiled + ": " + Text.getError().message());
  Writer W;
  W.array(ArrayRef(Data.Mentions));
  W.array(ArrayRef(Data.Declarations));
  W.array(ArrayRef(Data.Given));
  W.string(sys::path::filename(Precompiled));
  for (const HeaderSet::File &F : Data.Files) {
    W.number(F.Size);
    W.number(F.Modified);
    W.string(F.Path);
    W.number<uint32_t>(F.Includes.size());
    W.array(ArrayRef(F.Includes));
  }
  Head H{Magic,
         Tool,
         xxh3_64bits(StringRef(W.Out)),
         (*Text)->getBufferSize(),
         xxh3_64bits((*Text)->getBuffer()),
         uint32_t(Data.Mentions.size()),
         uint32_t(Data.Declarations.size()),
         uint32_t(Data.Given.size()),
         uint32_t(Data.Files.size())};
  return writeToOutput(Path, [&](raw_ostream &OS) {
    OS.write(reinterpret_cast<const char *>(&H), sizeof(H));
    OS << W.Out;
    return Error::success();
  });
}

std::optional<FileStamp> stampOf(StringRef Path) {
  sys::fs::file_status Status;
  if (sys::fs::status(Path, Status) || !sys::fs::exists(Status))
    return std::nullopt;
  return FileStamp{Status.getSize(),
                   std::chrono::duration_cast<std::chrono::nanoseconds>(
                       Status.getLastModificationTime().time_since_epoch())
                       .count()};
}

bool HeaderSet::isCurrent() const {
  for (const File &F : Files) {
    std::optional<FileStamp> Now = stampOf(F.Path);
    if (!Now || Now->Size != F.Size || Now->Modified != F.Modified)
      return false;
  }
  ErrorOr<std::unique_ptr<MemoryBuffer>> Text =
      MemoryBuffer::getFile(Precompiled, /*IsText=*/false,
                            /*RequiresNullTerminator=*/false);
  return Text && (*Text)->getBufferSize() == PrecompiledSize &&
         xxh3_64bits((*Text)->getBuffer()) == PrecompiledHash;
}

static ArrayRef<HeaderSet::Mention>
withName(ArrayRef<HeaderSet::Mention> Sorted, NameHash Name) {
  const auto *First = partition_point(
      Sorted, [&](const HeaderSet::Mention &M) { return M.Name < Name; });
  const auto *Last = First;
  while (Last != Sorted.end() && Last->Name == Name)
    ++Last;
  return ArrayRef(First, Last);
}

ArrayRef<HeaderSet::Mention> HeaderSet::mentions(NameHash Name) const {
  return withName(Mentions, Name);
}

ArrayRef<HeaderSet::Mention> HeaderSet::declarations(NameHash Name) const {
  return withName(Declarations, Name);
}

} // namespace pinlint
