//===- LocalFile.h - Files that pinlint keeps for itself --------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Such files never leave the machine: they are in the machine's own byte
/// order. Each begins with what it is, which build of pinlint it is for, and a
/// hash of the rest; one that does not fit counts as missing.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FRONTEND_LOCALFILE_H
#define PINLINT_FRONTEND_LOCALFILE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace pinlint {

/// Appends values to the content of a file.
class LocalWriter {
public:
  template <typename T> void number(const T &N) {
    Out.append(reinterpret_cast<const char *>(&N), sizeof(N));
  }
  template <typename T> void array(llvm::ArrayRef<T> A) {
    Out.append(reinterpret_cast<const char *>(A.data()), A.size() * sizeof(T));
  }
  /// Its size as well.
  template <typename T> void list(llvm::ArrayRef<T> A) {
    number<uint32_t>(A.size());
    array(A);
  }
  void string(llvm::StringRef S) {
    number<uint32_t>(S.size());
    Out += S;
  }
  llvm::StringRef content() const { return Out; }

private:
  std::string Out;
};

/// Takes the same values in the same order. What is beyond the end is zero or
/// empty.
class LocalReader {
public:
  explicit LocalReader(llvm::StringRef Content) : Rest(Content) {}
  template <typename T> T number() {
    T N{};
    if (llvm::StringRef S = take(sizeof(N)); !S.empty())
      std::memcpy(&N, S.data(), sizeof(N));
    return N;
  }
  /// Where it lies in the file: the writer sees to its alignment.
  template <typename T> llvm::ArrayRef<T> array(size_t Size) {
    llvm::StringRef S = bytes<T>(Size);
    return llvm::ArrayRef<T>(reinterpret_cast<const T *>(S.data()),
                             S.size() / sizeof(T));
  }
  template <typename T> std::vector<T> list() {
    llvm::StringRef S = bytes<T>(number<uint32_t>());
    std::vector<T> V(S.size() / sizeof(T));
    if (!V.empty())
      std::memcpy(V.data(), S.data(), S.size());
    return V;
  }
  llvm::StringRef string() { return take(number<uint32_t>()); }
  bool atEnd() const { return Rest.empty() || Broken; }
  size_t left() const { return Rest.size(); }
  /// More was taken than there is.
  bool isBroken() const { return Broken; }

private:
  template <typename T> llvm::StringRef bytes(size_t Size) {
    return take(Size * sizeof(T));
  }
  llvm::StringRef take(size_t Size) {
    Broken |= Rest.size() < Size;
    if (Broken)
      return "";
    llvm::StringRef Taken = Rest.take_front(Size);
    Rest = Rest.drop_front(Size);
    return Taken;
  }

  llvm::StringRef Rest;
  bool Broken = false;
};

/// A file that was read; content() is aligned to eight bytes.
class LocalFile {
public:
  /// Null if there is none at \p Path that writeLocalFile() has written with
  /// the same \p Magic and \p Tool.
  static std::unique_ptr<LocalFile> load(llvm::StringRef Path, uint64_t Magic,
                                         uint64_t Tool);
  llvm::StringRef content() const;

private:
  explicit LocalFile(std::unique_ptr<llvm::MemoryBuffer> Bytes)
      : Bytes(std::move(Bytes)) {}
  std::unique_ptr<llvm::MemoryBuffer> Bytes;
};

/// Replaces what is at \p Path as a whole or not at all.
llvm::Error writeLocalFile(llvm::StringRef Path, uint64_t Magic, uint64_t Tool,
                           llvm::StringRef Content);

} // namespace pinlint

#endif // PINLINT_FRONTEND_LOCALFILE_H
