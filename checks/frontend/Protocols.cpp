//===- Protocols.cpp - API facts as data ----------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Protocols.h"
#include "Embedded.h"
#include "ProtocolReader.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include <deque>

using namespace llvm;
using namespace pinlint;

bool pinlint::hasWord(StringRef Name, ArrayRef<std::string> Words) {
  for (StringRef Part : split(Name, '_'))
    if (is_contained(Words, Part))
      return true;
  return false;
}

Expected<std::unique_ptr<Protocols>> Protocols::builtin(StringRef CodeBase) {
  auto Result = std::make_unique<Protocols>();
  std::string Prefix = (CodeBase + "-").str();
  // The files of one code base may refer to each other's families. The readers
  // keep references to the names.
  std::deque<std::string> FileNames;
  std::deque<ProtocolReader> Readers;
  for (const EmbeddedFile &P : ProtocolFiles) {
    StringRef Name = P.Name;
    if (Name != CodeBase && !Name.starts_with(Prefix))
      continue;
    FileNames.push_back((Name + ".yaml").str());
    Readers.emplace_back(StringRef(P.Text, P.Size), FileNames.back(), *Result);
    if (Error E = Readers.back().readDefinitions())
      return std::move(E);
  }
  if (Readers.empty())
    return createStringError("no protocols are built in for '%s'",
                             CodeBase.str().c_str());
  for (const ProtocolReader &Reader : Readers)
    Reader.commitDefinitions(*Result);
  for (ProtocolReader &Reader : Readers) {
    if (Error E = Reader.readFunctions())
      return std::move(E);
    Reader.commitFunctions(*Result);
  }
  return std::move(Result);
}

Error Protocols::add(StringRef Text, StringRef FileName) {
  ProtocolReader Reader(Text, FileName, *this);
  if (Error E = Reader.readDefinitions())
    return E;
  if (Error E = Reader.readFunctions())
    return E;
  Reader.commitDefinitions(*this);
  Reader.commitFunctions(*this);
  return Error::success();
}

Error Protocols::addFile(StringRef Path) {
  auto Buffer = MemoryBuffer::getFile(Path, /*IsText=*/true);
  if (!Buffer)
    return createStringError(Buffer.getError(), "%s: cannot read: %s",
                             Path.str().c_str(),
                             Buffer.getError().message().c_str());
  return add((*Buffer)->getBuffer(), Path);
}

const ProtocolFunction *Protocols::lookup(StringRef Function,
                                          unsigned NumArgs) const {
  auto It = Functions.find(Function);
  if (It == Functions.end())
    return nullptr;
  for (const ProtocolFunction &F : It->second)
    if (!F.NumArgs || *F.NumArgs == NumArgs ||
        (F.Variadic && NumArgs > *F.NumArgs))
      return &F;
  return nullptr;
}

const ProtocolFunction *Protocols::lookup(StringRef Function) const {
  auto It = Functions.find(Function);
  return It == Functions.end() ? nullptr : &It->second.front();
}

const ProtocolFamily *Protocols::family(StringRef Name) const {
  auto It = Families.find(Name);
  return It == Families.end() ? nullptr : &It->second;
}

const ProtocolEntries *Protocols::entries(StringRef Table) const {
  auto It = Entries.find(Table);
  return It == Entries.end() ? nullptr : &It->second;
}

std::vector<const ProtocolFunction *> Protocols::functions() const {
  std::vector<const ProtocolFunction *> Result;
  for (const auto &Entry : Functions)
    for (const ProtocolFunction &F : Entry.getValue())
      Result.push_back(&F);
  sort(Result, [](const auto *A, const auto *B) {
    return std::tie(A->Name, A->Line) < std::tie(B->Name, B->Line);
  });
  return Result;
}

std::vector<const ProtocolFamily *> Protocols::families() const {
  std::vector<const ProtocolFamily *> Result;
  for (const auto &Entry : Families)
    Result.push_back(&Entry.getValue());
  sort(Result, [](const auto *A, const auto *B) { return A->Name < B->Name; });
  return Result;
}
