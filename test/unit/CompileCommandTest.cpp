//===- CompileCommandTest.cpp ---------------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "frontend/CompileCommand.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace pinlint;
using Words = std::vector<std::string>;

namespace {

TEST(SplitCommand, SplitsAsAShellDoes) {
  EXPECT_EQ(splitCommand("gcc  -c\ta.c "), (Words{"gcc", "-c", "a.c"}));
  EXPECT_EQ(splitCommand(R"(a '-DX="y z"' b)"),
            (Words{"a", R"(-DX="y z")", "b"}));
  EXPECT_EQ(splitCommand(R"(-DX=\"y\" "-DZ=\"a\n\"")"),
            (Words{R"(-DX="y")", R"(-DZ="a\n")"}));
  EXPECT_EQ(splitCommand(R"('a\b' c\ d '' "")"),
            (Words{R"(a\b)", "c d", "", ""}));
  EXPECT_EQ(splitCommand("a 'b"), (Words{"a", "b"}));
  EXPECT_EQ(splitCommand("a \"b"), (Words{"a", "b"}));
  EXPECT_EQ(splitCommand(""), Words{});
}

/// What is left of \p Command between the fixed head and `-- FILE`.
Words translate(llvm::StringRef Command, llvm::StringRef File = "a.c") {
  Words W = clangCommand("/", File, splitCommand(Command));
  EXPECT_GE(W.size(), 6u);
  EXPECT_EQ(W[1], "-fsyntax-only");
  EXPECT_EQ(W[2], "-w");
  EXPECT_EQ(W[W.size() - 2], "--");
  EXPECT_EQ(W.back(), File);
  Words Middle(W.begin() + 4, W.end() - 2);
  llvm::erase_if(Middle, [](llvm::StringRef A) {
    return A.starts_with("-resource-dir=");
  });
  return Middle;
}

TEST(ClangCommand, KeepsWhatTheASTDependsOn) {
  Words Kept = {"-nostdinc",
                "-I./include",
                "-I",
                "arch/x86/include",
                "-isystem",
                "sys",
                "-include",
                "include/linux/kconfig.h",
                "-D__KERNEL__",
                "-DKBUILD_MODNAME=\"a b\"",
                "-UFOO",
                "-std=gnu11",
                "-fshort-wchar",
                "-funsigned-char",
                "-O2",
                "-mno-sse",
                "-m64",
                "-mcmodel=kernel"};
  std::string Command = "clang";
  for (const std::string &A : Kept)
    Command += " '" + A + "'";
  EXPECT_EQ(translate(Command + " -c -o a.o a.c"), Kept);
}

TEST(ClangCommand, DropsWhatOnlyGccKnows) {
  EXPECT_EQ(translate("gcc -mpreferred-stack-boundary=3 "
                      "-mindirect-branch=thunk-extern "
                      "-mindirect-branch-register -fno-allow-store-data-races "
                      "-fno-ipa-cp-clone -fno-partial-inlining "
                      "-fconserve-stack -mrecord-mcount "
                      "-fmin-function-alignment=16 "
                      "--param=allow-store-data-races=0 "
                      "--param asan-instrumentation-with-call-threshold=0 "
                      "-fasan-shadow-offset=0xdffffc0000000000 -DX a.c"),
            Words{"-DX"});
}

TEST(ClangCommand, DropsOutputsWarningsAndInstrumentation) {
  EXPECT_EQ(translate("gcc -Wp,-MMD,./.a.o.d -MD -MF x.d -MT a.o -c -S -E -g "
                      "-gdwarf-5 -gsplit-dwarf -gz=zstd -save-temps=obj "
                      "-Wall -Werror -Werror=return-type -Wno-unused -W "
                      "-pedantic-errors -Wa,--fatal-warnings -Wl,-z,now "
                      "-fsanitize=kernel-address -fsanitize-coverage=trace-pc "
                      "-fno-sanitize=all -fplugin=./p.so "
                      "-fplugin-arg-p-disable -mllvm -asan-stack=0 "
                      "-frandomize-layout-seed-file=seed -fprofile-arcs "
                      "-mtune=nocona -pipe -lfoo -Lbar -DX -o a.o a.c"),
            Words{"-DX"});
}

TEST(ClangCommand, UnpacksPreprocessorArguments) {
  EXPECT_EQ(translate("gcc -Wp,-DA=1,-UB -Wp,-MD,.a.d,-DC a.c"),
            (Words{"-DA=1", "-UB", "-DC"}));
}

TEST(ClangCommand, DeducesTheTargetOfACrossCompiler) {
  EXPECT_EQ(translate("powerpc64le-linux-gnu-gcc -m64 a.c"),
            (Words{"--target=powerpc64le-unknown-linux-gnu", "-m64"}));
  EXPECT_EQ(translate("/opt/x/aarch64-linux-gnu-gcc-12.2 a.c"),
            Words{"--target=aarch64-unknown-linux-gnu"});
  EXPECT_EQ(translate("ccache arm-linux-gnueabihf-gcc a.c"),
            Words{"--target=arm-unknown-linux-gnueabihf"});
  // The command's own word counts.
  EXPECT_EQ(translate("powerpc-linux-gnu-clang --target=i386-linux a.c"),
            Words{"--target=i386-linux"});
  EXPECT_EQ(translate("powerpc-linux-gnu-clang -target i386-linux a.c"),
            (Words{"-target", "i386-linux"}));
  for (llvm::StringRef Native : {"gcc", "/usr/bin/gcc-12", "cc", "clang-22",
                                 "/x/my-gcc", "ccache gcc", "./wrapper"})
    EXPECT_EQ(translate((Native + " a.c").str()), Words{}) << Native.str();
}

TEST(ClangCommand, ParsesTheFileItIsAskedFor) {
  EXPECT_EQ(translate("gcc -DX b.c -c other.c", "-odd.c"), Words{"-DX"});
  EXPECT_EQ(clangCommand("/", "a.c", {}).back(), "a.c");
  // An option whose value is missing is no option.
  EXPECT_EQ(translate("gcc -DX a.c -include"), Words{"-DX"});
}

TEST(ClangCommand, PutsItsOwnHeadersInPlaceOfGccs) {
  Words W = translate("gcc -isystem /usr/lib/gcc/x86_64-linux-gnu/12/include "
                      "-isystem /usr/lib/other a.c");
  ASSERT_EQ(W.size(), 4u);
  EXPECT_EQ(W[0], "-isystem");
  EXPECT_TRUE(llvm::sys::fs::exists(W[1] + "/stddef.h")) << W[1];
  EXPECT_EQ(W[3], "/usr/lib/other");
}

TEST(ClangCommand, ReadsResponseFiles) {
  llvm::SmallString<128> Dir;
  ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("pinlint", Dir));
  std::string Path = (Dir + "/flags.rsp").str();
  {
    std::error_code EC;
    llvm::raw_fd_ostream OS(Path, EC);
    ASSERT_FALSE(EC);
    OS << "-DA -Wall\n-I 'b c'\n";
  }
  // Relative to the command's directory, not to this process's.
  Words W = clangCommand(Dir, "a.c", {"gcc", "@flags.rsp", "-DZ", "a.c"});
  EXPECT_EQ(Words(W.begin() + 4, W.begin() + 8),
            (Words{"-DA", "-I", "b c", "-DZ"}));
  EXPECT_EQ(Words(W.end() - 2, W.end()), (Words{"--", "a.c"}));
  llvm::sys::fs::remove_directories(Dir);
}

} // namespace
