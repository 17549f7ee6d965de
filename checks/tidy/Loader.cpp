//===- Loader.cpp - Loads the module into the right clang-tidy ------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What `clang-tidy -load` is given. A module in a clang-tidy of another LLVM
/// is either not loaded, which clang-tidy mentions and goes on, or lists its
/// checks and finds nothing. Neither may look like a clean run, so this part,
/// which needs nothing of LLVM, compares versions before it loads the module
/// itself, and ends the process if they differ.
///
//===----------------------------------------------------------------------===//

#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <string>
#include <unistd.h>

[[noreturn]] static void fail(const std::string &Why) {
  std::fprintf(stderr, "pinlint: error: %s\n", Why.c_str());
  std::fflush(nullptr);
  // Not exit(): the host is in the middle of its own start.
  _exit(EXIT_FAILURE);
}

/// The version in "Debian clang version 22.1.8 (1:22.1.8-1)".
static std::string versionIn(const std::string &Text) {
  static const char Before[] = "version ";
  size_t At = Text.find(Before);
  if (At == std::string::npos)
    return "";
  At += sizeof(Before) - 1;
  return Text.substr(At, Text.find_first_not_of("0123456789.", At) - At);
}

/// Major and minor version: what LLVM's ABI depends on.
static std::string seriesOf(const std::string &Version) {
  size_t Dot = Version.find('.');
  return Version.substr(
      0, Dot == std::string::npos ? Dot : Version.find('.', Dot + 1));
}

__attribute__((constructor)) static void load() {
  Dl_info Self;
  if (!dladdr(reinterpret_cast<void *>(&load), &Self) || !Self.dli_fname)
    fail("cannot tell where the module was loaded from");
  std::string Path = Self.dli_fname;
  // std::string clang::getClangFullVersion()
  using FullVersion = std::string (*)();
  auto Get = reinterpret_cast<FullVersion>(
      dlsym(RTLD_DEFAULT, "_ZN5clang19getClangFullVersionB5cxx11Ev"));
  if (!Get)
    fail(Path + " is for the clang-tidy of LLVM " PINLINT_LLVM_VERSION
                "; what loads it is not known to have any");
  std::string Host = versionIn(Get());
  if (seriesOf(Host) != seriesOf(PINLINT_LLVM_VERSION))
    fail(Path +
         " was built for LLVM " PINLINT_LLVM_VERSION ", but this is LLVM " +
         Host + "; none of its checks can run");

  std::string Module =
      Path.substr(0, Path.rfind('/') + 1) + PINLINT_TIDY_MODULE;
  if (!dlopen(Module.c_str(), RTLD_NOW | RTLD_LOCAL))
    fail(dlerror());
}
