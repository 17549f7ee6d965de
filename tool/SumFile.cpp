//===- SumFile.cpp - The result of one unit as a file ---------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "SumFile.h"
#include "Serialize.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

using namespace llvm;

namespace pinlint {

static constexpr StringLiteral Magic = "pinlint sum 1\n";

Error SumFile::write(StringRef Path) const {
  std::string Body;
  for (const std::string &Field :
       {utostr(Tool), utostr(Options), Directory, File,
        join(Words, StringRef("\0", 1)), Module,
        std::string(Analysed ? "1" : ""), utostr(Input), Reply, Failure})
    appendBytes(Body, Field);
  // Whoever reads it sees all of it or nothing.
  return writeToOutput(Path, [&](raw_ostream &OS) -> Error {
    OS << Magic
       << utohexstr(xxh3_64bits(StringRef(Body)), /*LowerCase=*/true,
                    /*Width=*/16)
       << '\n'
       << Body;
    return Error::success();
  });
}

Expected<SumFile> SumFile::read(StringRef Path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> Text =
      MemoryBuffer::getFile(Path, /*IsText=*/false,
                            /*RequiresNullTerminator=*/false);
  if (!Text)
    return createStringError(Text.getError(),
                             Path + ": " + Text.getError().message());
  auto Broken = [&] {
    return createStringError(inconvertibleErrorCode(),
                             Path + ": not a summary, or a damaged one");
  };
  StringRef Body = (*Text)->getBuffer();
  if (!Body.consume_front(Magic) || Body.size() < 17)
    return Broken();
  StringRef Sum = Body.take_front(16);
  Body = Body.drop_front(17);
  if (Sum != utohexstr(xxh3_64bits(Body), /*LowerCase=*/true, /*Width=*/16))
    return Broken();
  StringRef Fields[10];
  for (StringRef &Field : Fields)
    if (!takeBytes(Body, Field))
      return Broken();
  SumFile S;
  if (Fields[0].getAsInteger(10, S.Tool) ||
      Fields[1].getAsInteger(10, S.Options) ||
      Fields[7].getAsInteger(10, S.Input))
    return Broken();
  S.Directory = Fields[2].str();
  S.File = Fields[3].str();
  SmallVector<StringRef, 0> Words;
  Fields[4].split(Words, '\0');
  for (StringRef Word : Words)
    S.Words.push_back(Word.str());
  S.Module = Fields[5].str();
  S.Analysed = !Fields[6].empty();
  S.Reply = Fields[8].str();
  S.Failure = Fields[9].str();
  return S;
}

} // namespace pinlint
