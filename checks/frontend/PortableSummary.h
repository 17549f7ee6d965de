//===- PortableSummary.h - Summaries that leave their TU --------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Summaries as bytes that mean the same in every translation unit: members and
/// variables by name, places by file, line and column. What the reader does not
/// know by that name (a structure that is only declared there, a static
/// variable of the other file) gets a declaration of its own, the same one each
/// time, so that what one function of the other file acquires another one can
/// release.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FRONTEND_PORTABLESUMMARY_H
#define PINLINT_FRONTEND_PORTABLESUMMARY_H

#include "engine/Engine.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"
#include <deque>
#include <memory>
#include <string>

namespace pinlint {

std::string writeSummary(const Summary &Sum, clang::ASTContext &Ctx);

/// Of what \p Sum says of obligations, of what dies, and of what is called
/// back, whatever the places; zero if that is nothing.
uint64_t digestOf(const Summary &Sum, clang::ASTContext &Ctx);

class HeaderUse;

class SummaryReader {
public:
  /// \p Headers: null unless the unit is parsed on top of a header set.
  SummaryReader(clang::ASTContext &Ctx, TermContext &TC,
                llvm::function_ref<const Family *(llvm::StringRef)> Families,
                const HeaderUse *Headers)
      : Ctx(Ctx), TC(TC), Families(Families), Headers(Headers) {}

  /// Null if \p Bytes are no summary, or one with families that the protocols
  /// of this run do not have.
  std::unique_ptr<Summary> read(llvm::StringRef Bytes);

private:
  friend class SummaryDecoder;
  const clang::FieldDecl *field(llvm::StringRef Name);
  const clang::VarDecl *variable(llvm::StringRef Name);
  const clang::FunctionDecl *function(llvm::StringRef Name);
  clang::SourceLocation place(llvm::StringRef File, unsigned Line,
                              unsigned Column);
  clang::NamedDecl *lookup(llvm::StringRef Name, clang::Decl::Kind Kind);

  clang::ASTContext &Ctx;
  TermContext &TC;
  llvm::function_ref<const Family *(llvm::StringRef)> Families;
  const HeaderUse *Headers;
  llvm::StringMap<const clang::NamedDecl *> Declarations;
  llvm::StringMap<clang::FileID> Files;
  std::deque<Trace> Traces;
  llvm::BumpPtrAllocator Strings;
};

} // namespace pinlint

#endif // PINLINT_FRONTEND_PORTABLESUMMARY_H
