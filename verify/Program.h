//===- Program.h - A compiled test program ----------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Compiles a C file against the shim, loads it, and knows its functions, types
/// and source lines from the debug information.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_VERIFY_PROGRAM_H
#define PINLINT_VERIFY_PROGRAM_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/DebugInfo/DWARF/DWARFContext.h"
#include "llvm/DebugInfo/DWARF/DWARFDie.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace pinlint::verify {

struct CompileOptions {
  /// The clang to run.
  std::string Clang;
  /// The directory of the shim's headers.
  std::string ShimDirectory;
  /// -I, -D and the like.
  std::vector<std::string> ExtraArguments;
  /// Give functions that are only declared a body, which succeeds (returns 0)
  /// or fails (returns -EIO).
  bool StubUnknown = false;
};

/// A line of the program. Function is empty where nothing is known.
struct SourceLine {
  std::string File;
  std::string Function;
  unsigned Line = 0;
};

/// A function with external linkage that the main file defines.
struct EntryFunction {
  std::string Name;
  unsigned Line = 0;
  llvm::DWARFDie Die;
  /// What the comment before it expects: names of checks, sorted; absent
  /// without such a comment.
  std::optional<std::vector<std::string>> Expected;
};

class Program {
public:
  /// Compiles and loads \p File. Warnings of the compiler go to stderr.
  static llvm::Expected<std::unique_ptr<Program>>
  compile(llvm::StringRef File, const CompileOptions &Options);
  ~Program();

  /// In the order of the file.
  llvm::ArrayRef<EntryFunction> functions() const { return Functions; }
  void *address(llvm::StringRef Function) const;
  /// The line of the instruction before \p ReturnAddress; the innermost one in
  /// the main file where inlined functions of headers are involved.
  SourceLine lineOf(uintptr_t ReturnAddress) const;

  /// The program's writable memory.
  struct Segment {
    uintptr_t Start;
    size_t Size;
  };
  llvm::ArrayRef<Segment> data() const { return Data; }
  /// Gives every global variable its initial value.
  void resetData() const;

  const std::string &file() const { return File; }

private:
  Program() = default;
  static llvm::Error link(llvm::StringRef File, llvm::StringRef Stubs,
                          llvm::StringRef Library,
                          const CompileOptions &Options);
  llvm::Error load(llvm::StringRef Library);
  void findData();
  void findFunctions();
  void readExpectations();
  bool isMainFile(llvm::StringRef Path) const;

  /// As given, and absolute.
  std::string File, MainPath;
  void *Handle = nullptr;
  uintptr_t Base = 0;
  llvm::object::OwningBinary<llvm::object::ObjectFile> Binary;
  std::unique_ptr<llvm::DWARFContext> Debug;
  std::vector<EntryFunction> Functions;
  std::vector<Segment> Data;
  std::vector<std::vector<char>> InitialData;
};

} // namespace pinlint::verify

#endif // PINLINT_VERIFY_PROGRAM_H
