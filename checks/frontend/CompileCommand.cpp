//===- CompileCommand.cpp - Clang command lines from any compiler ---------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "CompileCommand.h"
#include "clang/Basic/Version.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Option/Arg.h"
#include "llvm/Option/ArgList.h"
#include "llvm/Option/OptTable.h"
#include "llvm/Support/Allocator.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/StringSaver.h"
#include "llvm/TargetParser/Triple.h"

#if CLANG_VERSION_MAJOR >= 22
#include "clang/Options/Options.h"
#else
#include "clang/Driver/Options.h"
#endif

using namespace llvm;

#if CLANG_VERSION_MAJOR >= 22
using clang::getDriverOptTable;
namespace options = clang::options;
#else
using clang::driver::getDriverOptTable;
namespace options = clang::driver::options;
#endif

namespace pinlint {

std::vector<std::string> splitCommand(StringRef Command) {
  std::vector<std::string> Words;
  std::string Word;
  bool InWord = false;
  for (size_t I = 0, E = Command.size(); I != E; ++I) {
    char C = Command[I];
    if (llvm::isSpace(C)) {
      if (InWord)
        Words.push_back(std::move(Word));
      Word.clear();
      InWord = false;
      continue;
    }
    InWord = true;
    if (C == '\\') {
      if (I + 1 != E)
        Word += Command[++I];
    } else if (C == '\'') {
      size_t End = Command.find('\'', I + 1);
      Word += Command.slice(I + 1, End);
      I = std::min(End, E - 1);
    } else if (C == '"') {
      for (++I; I != E && Command[I] != '"'; ++I) {
        // Elsewhere in double quotes a backslash stands for itself.
        if (Command[I] == '\\' && I + 1 != E &&
            StringRef("\\\"$`").contains(Command[I + 1]))
          ++I;
        Word += Command[I];
      }
      if (I == E)
        break;
    } else {
      Word += C;
    }
  }
  if (InWord)
    Words.push_back(std::move(Word));
  return Words;
}

/// "powerpc64le-linux-gnu-" of powerpc64le-linux-gnu-gcc-12, empty for a
/// native compiler, none for a program that is not a C compiler.
static std::optional<StringRef> crossPrefix(StringRef Program) {
  StringRef Name = sys::path::filename(Program);
  Name.consume_back(".exe");
  StringRef Stem = Name.rtrim("0123456789.");
  Name = Stem.ends_with("-") ? Stem.drop_back() : Name;
  for (StringRef Compiler : {"clang++", "clang", "gcc", "g++", "c++", "cc"})
    if (Name.consume_back(Compiler)) {
      if (Name.empty() || Name.ends_with("-"))
        return Name;
      return std::nullopt;
    }
  return std::nullopt;
}

/// The preprocessor arguments that `-Wp,` passes on. There, -MD and -MMD take
/// the file to write as a further argument.
static void appendPreprocessorArguments(StringRef List,
                                        SmallVectorImpl<std::string> &Out) {
  SmallVector<StringRef, 4> Parts;
  List.split(Parts, ',');
  for (size_t I = 0; I < Parts.size(); ++I) {
    if (Parts[I] == "-MD" || Parts[I] == "-MMD")
      ++I;
    else
      Out.push_back(Parts[I].str());
  }
}

/// Whether clang's parse of the translation unit can do without \p A.
static bool isIrrelevant(const opt::Arg &A, StringRef Spelling) {
  static constexpr unsigned IDs[] = {
      options::OPT_UNKNOWN, options::OPT_INPUT, options::OPT__DASH_DASH,
      // What is made besides the AST, and how it is linked and traced. Some of
      // these are errors on targets where Clang does not have them.
      options::OPT_o, options::OPT_Action_Group, options::OPT_M_Group,
      options::OPT_DebugInfo_Group, options::OPT_Link_Group,
      options::OPT_save_temps_EQ, options::OPT__serialize_diags,
      options::OPT_Xassembler, options::OPT_Xlinker, options::OPT_mllvm,
      options::OPT__param, options::OPT_mtune_EQ, options::OPT_pg,
      options::OPT_mfentry, options::OPT_mrecord_mcount,
      options::OPT_mnop_mcount, options::OPT_fpatchable_function_entry_EQ,
      // How the driver behaves.
      options::OPT_pipe, options::OPT_v, options::OPT__HASH_HASH_HASH,
      options::OPT_pedantic_Group, options::OPT_w};
  static constexpr StringLiteral Prefixes[] = {"-W",
                                               "-fsanitize",
                                               "-fno-sanitize",
                                               "-fplugin",
                                               "-fpass-plugin",
                                               "-fprofile",
                                               "-ftime-trace",
                                               "-fsave-optimization-record",
                                               "-frandomize-layout-seed"};
  const opt::Option &O = A.getOption();
  return O.hasFlag(options::Unsupported) ||
         any_of(IDs, [&](unsigned ID) { return O.matches(ID); }) ||
         any_of(Prefixes, [&](StringRef P) { return Spelling.starts_with(P); });
}

/// gcc's own headers do not parse with clang; clang's take their place.
static bool isGccHeaderDir(StringRef Path) {
  return Path.contains("/lib/gcc/") || Path.contains("/lib/gcc-cross/") ||
         Path.contains("/lib64/gcc/");
}

std::vector<std::string> clangCommand(StringRef Directory, StringRef File,
                                      ArrayRef<std::string> Arguments) {
  BumpPtrAllocator Allocator;
  StringSaver Saver(Allocator);

  // A launcher (ccache, distcc) stands before the compiler.
  size_t Compiler = 0;
  if (Arguments.size() > 1 && !crossPrefix(Arguments[0]) &&
      crossPrefix(Arguments[1]))
    Compiler = 1;
  StringRef Program = Arguments.empty() ? "" : StringRef(Arguments[Compiler]);

  SmallVector<const char *, 128> Expanded;
  for (StringRef A :
       Arguments.drop_front(std::min(Compiler + 1, Arguments.size())))
    Expanded.push_back(Saver.save(A).data());
  cl::ExpansionContext Responses(Allocator, cl::TokenizeGNUCommandLine);
  Responses.setCurrentDir(Directory);
  // What cannot be read stays as it is, an input, and is dropped below.
  consumeError(Responses.expandResponseFiles(Expanded));

  SmallVector<std::string, 128> Plain;
  for (StringRef A : Expanded) {
    if (A.consume_front("-Wp,"))
      appendPreprocessorArguments(A, Plain);
    else
      Plain.push_back(A.str());
  }

  SmallVector<const char *, 128> Argv;
  for (const std::string &A : Plain)
    Argv.push_back(A.c_str());
  unsigned MissingIndex, MissingCount;
  opt::InputArgList Parsed = getDriverOptTable().ParseArgs(
      Argv, MissingIndex, MissingCount, opt::Visibility(options::ClangOption));

  // Without carets, Clang does not count its errors on stderr either.
  std::vector<std::string> Result = {PINLINT_CLANG, "-fsyntax-only", "-w",
                                     "-fno-caret-diagnostics"};
  bool HasTarget = Parsed.hasArg(options::OPT_target);
  if (std::optional<StringRef> Prefix = crossPrefix(Program);
      Prefix && !Prefix->empty() && !HasTarget) {
    std::string Target = Triple::normalize(Prefix->drop_back());
    if (Triple(Target).getArch() != Triple::UnknownArch)
      Result.push_back("--target=" + Target);
  }

  size_t End = MissingCount ? MissingIndex : Argv.size();
  std::vector<const opt::Arg *> Args(Parsed.begin(), Parsed.end());
  for (auto [I, A] : enumerate(Args)) {
    size_t First = A->getIndex();
    size_t Last = I + 1 < Args.size() ? Args[I + 1]->getIndex() : End;
    if (isIrrelevant(*A, Plain[First]))
      continue;
    if (A->getOption().matches(options::OPT_isystem) &&
        isGccHeaderDir(A->getValue())) {
      Result.insert(Result.end(),
                    {"-isystem", PINLINT_CLANG_RESOURCES "/include"});
      continue;
    }
    Result.insert(Result.end(), Plain.begin() + First, Plain.begin() + Last);
  }
  if (!Parsed.hasArg(options::OPT_resource_dir))
    Result.push_back("-resource-dir=" PINLINT_CLANG_RESOURCES);
  Result.push_back("--");
  Result.push_back(File.str());
  return Result;
}

} // namespace pinlint
