//===- HeaderSet.cpp - Headers that are parsed once for many units --------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "HeaderSet.h"
#include "HeaderSetFile.h"
#include "SetFiles.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"

using namespace llvm;

namespace pinlint {

// The arrays of the file are used where they lie.
static constexpr uint64_t Magic = 0x3230'7465'7364'6568;

namespace {
/// Leaves what follows aligned to eight bytes.
struct Sizes {
  uint64_t PrecompiledSize, PrecompiledHash;
  uint32_t NumMentions, NumDeclarations, NumGiven, NumFiles, NumPremises,
      Unused = 0;
};
} // namespace

std::unique_ptr<HeaderSet> HeaderSet::load(StringRef Path, uint64_t Tool) {
  std::unique_ptr<LocalFile> Text = LocalFile::load(Path, Magic, Tool);
  if (!Text)
    return nullptr;
  std::unique_ptr<HeaderSet> Set(new HeaderSet);
  LocalReader In(Text->content());
  Set->Bytes = std::move(Text);
  Sizes H = In.number<Sizes>();
  Set->PrecompiledSize = H.PrecompiledSize;
  Set->PrecompiledHash = H.PrecompiledHash;
  Set->Mentions = In.array<Mention>(H.NumMentions);
  Set->Declarations = In.array<Mention>(H.NumDeclarations);
  for (uint32_t N : In.array<uint32_t>(H.NumGiven))
    Set->Given.push_back(N);
  SmallString<256> Beside(sys::path::parent_path(Path));
  sys::path::append(Beside, In.string());
  Set->Precompiled = std::string(Beside);
  for (uint32_t I = 0; I != H.NumPremises && !In.isBroken(); ++I)
    Set->Premises.push_back(In.string().str());
  for (uint32_t I = 0; I != H.NumFiles && !In.isBroken(); ++I) {
    File &F = Set->Files.emplace_back();
    F.Size = In.number<uint64_t>();
    F.Modified = In.number<int64_t>();
    F.Path = In.string().str();
    uint32_t NumIncludes = In.number<uint32_t>();
    for (uint32_t J = 0; J != NumIncludes && !In.isBroken(); ++J)
      F.Includes.push_back(In.number<uint32_t>());
  }
  if (In.isBroken())
    return nullptr;
  StringSet<> Paths;
  for (const File &F : Set->Files)
    Paths.insert(F.Path);
  Set->Disk = makeIntrusiveRefCnt<SetFiles>(std::move(Paths));
  return Set;
}

Error writeHeaderSet(const HeaderSetData &Data, StringRef Path,
                     StringRef Precompiled, uint64_t Tool) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> Text =
      MemoryBuffer::getFile(Precompiled, /*IsText=*/false,
                            /*RequiresNullTerminator=*/false);
  if (!Text)
    return createStringError(Text.getError(),
                             Precompiled + ": " + Text.getError().message());
  LocalWriter W;
  W.number(Sizes{(*Text)->getBufferSize(), xxh3_64bits((*Text)->getBuffer()),
                 uint32_t(Data.Mentions.size()),
                 uint32_t(Data.Declarations.size()),
                 uint32_t(Data.Given.size()), uint32_t(Data.Files.size()),
                 uint32_t(Data.Premises.size())});
  W.array(ArrayRef(Data.Mentions));
  W.array(ArrayRef(Data.Declarations));
  W.array(ArrayRef(Data.Given));
  W.string(sys::path::filename(Precompiled));
  for (const std::string &Premise : Data.Premises)
    W.string(Premise);
  for (const HeaderSet::File &F : Data.Files) {
    W.number(F.Size);
    W.number(F.Modified);
    W.string(F.Path);
    W.number<uint32_t>(F.Includes.size());
    W.array(ArrayRef(F.Includes));
  }
  return writeLocalFile(Path, Magic, Tool, W.content());
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
