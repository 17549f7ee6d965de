//===- KernelCheck.cpp - Called as CHECK by Kbuild ------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "KernelCheck.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/StringSwitch.h"

using namespace llvm;

namespace pinlint {

/// The triple of what Kbuild calls \p Arch; a gcc for another machine has it in
/// its name, which CHECK is not told.
static std::string tripleOf(StringRef Arch, bool Wide, bool Little) {
  StringRef Name =
      StringSwitch<StringRef>(Arch)
          .Case("x86", Wide ? "x86_64" : "i386")
          .Case("arm64", "aarch64")
          .Case("powerpc",
                Wide ? Little ? "powerpc64le" : "powerpc64" : "powerpc")
          .Case("riscv", Wide ? "riscv64" : "riscv32")
          .Case("s390", "s390x")
          .Case("mips", Wide     ? Little ? "mips64el" : "mips64"
                        : Little ? "mipsel"
                                 : "mips")
          .Case("loongarch", "loongarch64")
          .Case("sparc", Wide ? "sparc64" : "sparc")
          .Default(Arch);
  return Name.str() + "-linux-gnu";
}

std::optional<KernelCheck> parseKernelCheck(ArrayRef<std::string> Arguments) {
  // Kbuild passes no `--`, people who name compiler flags do. All CHECKFLAGS
  // begin with the first of these; not all that is compiled has the second.
  if ((!is_contained(Arguments, "-D__linux__") &&
       !is_contained(Arguments, "-D__KERNEL__")) ||
      is_contained(Arguments, "--") ||
      !StringRef(Arguments.back()).ends_with(".c"))
    return std::nullopt;
  const std::string *FirstFlag =
      find_if(Arguments, [](StringRef A) { return A.starts_with("-D"); });
  KernelCheck Result;
  Result.Options.assign(Arguments.begin(), FirstFlag);
  Result.File = Arguments.back();
  StringRef Arch;
  bool Wide = false, Little = false, HasTarget = false;
  for (StringRef A : ArrayRef<std::string>(FirstFlag, Arguments.end() - 1)) {
    if (A.consume_front("--arch=")) {
      Arch = A;
      continue;
    }
    Wide |= A == "-m64";
    Little |= A == "-mlittle-endian";
    HasTarget |= A.starts_with("--target=") || A == "-target";
    Result.Flags.push_back(A.str());
  }
  if (!Arch.empty() && !HasTarget)
    Result.Flags.push_back("--target=" + tripleOf(Arch, Wide, Little));
  return Result;
}

} // namespace pinlint
