//===- Program.cpp - A compiled test program ------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Program.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/BinaryFormat/Dwarf.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/LineIterator.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include <algorithm>
#include <cstring>
#include <dlfcn.h>
#include <link.h>

using namespace llvm;

namespace pinlint::verify {

static Error failure(const Twine &Text) {
  return createStringError(inconvertibleErrorCode(), Text);
}

bool Program::isMainFile(StringRef Path) const {
  SmallString<128> Normal(Path);
  sys::path::remove_dots(Normal, /*remove_dot_dot=*/true);
  return Normal == MainPath;
}

/// \param Stubs an object file to link with, or empty.
Error Program::link(StringRef File, StringRef Stubs, StringRef Library,
                    const CompileOptions &Options) {
  std::vector<StringRef> Arguments = {
      Options.Clang, "-std=gnu11", "-fms-extensions", "-w",
      // Each statement keeps its line, each call its return address.
      "-O0", "-g", "-fno-omit-frame-pointer", "-fno-builtin",
      "-fno-stack-protector",
      // Helpers of headers count as lines of their callers.
      "-Dinline=inline __attribute__((always_inline))",
      // What is not initialised has a value that no program expects.
      "-ftrivial-auto-var-init=pattern", "-fsanitize=array-bounds",
      "-fsanitize-trap=array-bounds", "-fsanitize-coverage=trace-pc,trace-gep",
      "-D__PINLINT_VERIFY__", "-nostdlibinc", "-I", Options.ShimDirectory};
  for (const std::string &A : Options.ExtraArguments)
    Arguments.push_back(A);
  for (StringRef A :
       {"-fPIC", "-shared", "-nostdlib", "-Wl,-z,now", "-x", "c", "-o"})
    Arguments.push_back(A);
  Arguments.push_back(Library);
  Arguments.push_back(File);
  if (!Stubs.empty())
    for (StringRef A : {StringRef("-x"), StringRef("none"), Stubs})
      Arguments.push_back(A);

  std::string Message;
  if (sys::ExecuteAndWait(Options.Clang, Arguments, std::nullopt, {}, 0, 0,
                          &Message))
    return failure(File + " does not compile" +
                   (Message.empty() ? "" : ": " + Message));
  return Error::success();
}

/// Functions that the library needs and neither it nor the shim has, sorted.
static Expected<std::vector<std::string>> unknownFunctions(StringRef Library) {
  auto Object = object::ObjectFile::createObjectFile(Library);
  if (!Object)
    return Object.takeError();
  std::vector<std::string> Unknown;
  auto *Elf = cast<object::ELFObjectFileBase>(Object->getBinary());
  for (const object::ELFSymbolRef &S : Elf->getDynamicSymbolIterators()) {
    auto Flags = S.getFlags();
    auto Name = S.getName();
    if (!Flags || !Name)
      return joinErrors(Flags.takeError(), Name.takeError());
    if (!(*Flags & object::SymbolRef::SF_Undefined) ||
        (*Flags & object::SymbolRef::SF_Weak) || Name->empty())
      continue;
    if (!dlsym(RTLD_DEFAULT, Name->str().c_str()))
      Unknown.push_back(Name->str());
  }
  llvm::sort(Unknown);
  return Unknown;
}

/// Makes an object file with a body for each name. Compiled apart from the
/// program, whose declarations say other types.
static Error compileStubs(ArrayRef<std::string> Names,
                          SmallVectorImpl<char> &ObjectPath, StringRef Clang) {
  SmallString<128> Source;
  int Handle;
  std::error_code EC =
      sys::fs::createTemporaryFile("pinlint-verify", "c", Handle, Source);
  if (!EC)
    EC = sys::fs::createTemporaryFile("pinlint-verify", "o", ObjectPath);
  if (EC)
    return failure("cannot create a temporary file: " + EC.message());
  FileRemover Remover(Source);
  {
    raw_fd_ostream OS(Handle, /*shouldClose=*/true);
    OS << "unsigned pinlint_choose(unsigned, const char *);\n";
    // The caller knows the type of the result: 0 means success for a number and
    // failure for a pointer, which then may be an error pointer as well.
    for (const std::string &Name : Names)
      OS << "long " << Name << "(void) { return pinlint_choose(2, \"" << Name
         << "()'s failure\") ? -5 : 0; }\n";
  }
  StringRef Object(ObjectPath.data(), ObjectPath.size());
  if (sys::ExecuteAndWait(Clang, {Clang, "-w", "-fPIC", "-fno-builtin", "-c",
                                  "-o", Object, Source}))
    return failure("the stubs of unknown functions do not compile");
  return Error::success();
}

Expected<std::unique_ptr<Program>>
Program::compile(StringRef File, const CompileOptions &Options) {
  SmallString<128> Library, Stubs;
  if (std::error_code EC =
          sys::fs::createTemporaryFile("pinlint-verify", "so", Library))
    return failure("cannot create a temporary file: " + EC.message());
  FileRemover RemoveLibrary(Library), RemoveStubs;
  if (Error E = link(File, "", Library, Options))
    return std::move(E);

  auto Unknown = unknownFunctions(Library);
  if (!Unknown)
    return Unknown.takeError();
  if (!Unknown->empty()) {
    if (!Options.StubUnknown)
      return failure(File + ": the shim does not have " +
                     llvm::join(*Unknown, ", "));
    if (Error E = compileStubs(*Unknown, Stubs, Options.Clang))
      return std::move(E);
    RemoveStubs.setFile(Stubs);
    if (Error E = link(File, Stubs, Library, Options))
      return std::move(E);
  }

  std::unique_ptr<Program> P(new Program());
  P->File = File.str();
  SmallString<128> Path(File);
  sys::fs::make_absolute(Path);
  sys::path::remove_dots(Path, /*remove_dot_dot=*/true);
  P->MainPath = Path.str().str();
  if (Error E = P->load(Library))
    return std::move(E);
  return std::move(P);
}

Error Program::load(StringRef Library) {
  auto Object = object::ObjectFile::createObjectFile(Library);
  if (!Object)
    return Object.takeError();
  Binary = std::move(*Object);
  Debug = DWARFContext::create(*Binary.getBinary());
  Handle = dlopen(Library.str().c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!Handle)
    return failure("loading " + File + ": " + dlerror());
  link_map *Map = nullptr;
  if (dlinfo(Handle, RTLD_DI_LINKMAP, &Map))
    return failure("loading " + File + ": " + dlerror());
  Base = Map->l_addr;
  findData();
  findFunctions();
  readExpectations();
  return Error::success();
}

Program::~Program() {
  if (Handle)
    dlclose(Handle);
}

void Program::findData() {
  struct Search {
    uintptr_t Base;
    std::vector<Segment> *Data;
  } S = {Base, &Data};
  dl_iterate_phdr(
      [](dl_phdr_info *Info, size_t, void *Arg) {
        auto *S = static_cast<Search *>(Arg);
        if (Info->dlpi_addr != S->Base)
          return 0;
        uintptr_t RelroEnd = 0;
        for (int I = 0; I != Info->dlpi_phnum; ++I)
          if (const auto &H = Info->dlpi_phdr[I]; H.p_type == PT_GNU_RELRO)
            RelroEnd = alignTo(H.p_vaddr + H.p_memsz, 4096);
        for (int I = 0; I != Info->dlpi_phnum; ++I) {
          const auto &H = Info->dlpi_phdr[I];
          if (H.p_type != PT_LOAD || !(H.p_flags & PF_W))
            continue;
          uintptr_t Start = std::max<uintptr_t>(H.p_vaddr, RelroEnd);
          uintptr_t End = H.p_vaddr + H.p_memsz;
          if (Start < End)
            S->Data->push_back({S->Base + Start, End - Start});
        }
        return 1;
      },
      &S);
  for (const Segment &D : Data) {
    const char *First = reinterpret_cast<const char *>(D.Start);
    InitialData.emplace_back(First, First + D.Size);
  }
}

void Program::resetData() const {
  for (size_t I = 0; I != Data.size(); ++I)
    std::memcpy(reinterpret_cast<void *>(Data[I].Start), InitialData[I].data(),
                Data[I].Size);
}

void Program::findFunctions() {
  for (const auto &Unit : Debug->compile_units()) {
    for (DWARFDie Die : Unit->getUnitDIE(false).children()) {
      if (Die.getTag() != dwarf::DW_TAG_subprogram ||
          !Die.find(dwarf::DW_AT_external) || !Die.find(dwarf::DW_AT_low_pc))
        continue;
      const char *Name = Die.getShortName();
      if (!Name ||
          !isMainFile(Die.getDeclFile(
              DILineInfoSpecifier::FileLineInfoKind::AbsoluteFilePath)))
        continue;
      EntryFunction F;
      F.Name = Name;
      F.Line = Die.getDeclLine();
      F.Die = Die;
      Functions.push_back(std::move(F));
    }
  }
  llvm::sort(Functions, [](const EntryFunction &A, const EntryFunction &B) {
    return A.Line < B.Line;
  });
}

/// The names after "expect:" in the comment that ends right before the
/// function's first line.
static std::optional<std::vector<std::string>>
expectationBefore(ArrayRef<StringRef> Lines, unsigned Line) {
  std::string Comment;
  // The declaration may begin a line before its name.
  unsigned I = Line - 1;
  for (unsigned Skipped = 0; I > 0 && Skipped != 2; ++Skipped) {
    StringRef Above = Lines[I - 1].trim();
    if (Above.empty() || Above.ends_with("*/"))
      break;
    --I;
  }
  if (!I || !Lines[I - 1].trim().ends_with("*/"))
    return std::nullopt;
  for (; I; --I) {
    Comment.insert(0, (Lines[I - 1] + " ").str());
    if (Lines[I - 1].contains("/*"))
      break;
  }
  auto [Before, After] = StringRef(Comment).split("expect:");
  if (After.empty())
    return std::nullopt;
  std::vector<std::string> Names;
  SmallVector<StringRef, 4> Words;
  SplitString(After.split("*/").first, Words, " \t*,");
  for (StringRef W : Words)
    if (W != "none")
      Names.push_back(W.str());
  llvm::sort(Names);
  return Names;
}

void Program::readExpectations() {
  auto Buffer = MemoryBuffer::getFile(File);
  if (!Buffer)
    return;
  SmallVector<StringRef, 256> Lines;
  (*Buffer)->getBuffer().split(Lines, '\n');
  for (EntryFunction &F : Functions)
    if (F.Line <= Lines.size())
      F.Expected = expectationBefore(Lines, F.Line);
}

void *Program::address(StringRef Function) const {
  return dlsym(Handle, Function.str().c_str());
}

SourceLine Program::lineOf(uintptr_t ReturnAddress) const {
  if (ReturnAddress <= Base)
    return {};
  DIInliningInfo Frames = Debug->getInliningInfoForAddress(
      {ReturnAddress - 1 - Base, object::SectionedAddress::UndefSection},
      {DILineInfoSpecifier::FileLineInfoKind::AbsoluteFilePath,
       DILineInfoSpecifier::FunctionNameKind::ShortName});
  SourceLine Best;
  for (unsigned I = 0; I != Frames.getNumberOfFrames(); ++I) {
    const DILineInfo &L = Frames.getFrame(I);
    if (L.FileName == DILineInfo::BadString)
      continue;
    bool Main = isMainFile(L.FileName);
    if (I == 0 || Main)
      Best = {Main ? File : L.FileName, L.FunctionName, L.Line};
    if (Main)
      break;
  }
  return Best;
}

} // namespace pinlint::verify
