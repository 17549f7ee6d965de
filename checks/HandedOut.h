//===- HandedOut.h - Handles that others are given --------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Handles that a function gives to others, who will give them back, without
/// having acquired them: what an operation owes to its callers. Not a check of
/// its own; the mistake is reported as one release too many.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_HANDEDOUT_H
#define PINLINT_HANDEDOUT_H

#include "Check.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"
#include <set>

namespace pinlint {

struct ProtocolCond;
struct ProtocolEffect;
struct ProtocolExpr;
struct ProtocolFunction;

class HandedOut : public Check {
public:
  using Check::Check;

  void implements(const clang::FunctionDecl *FD,
                  const clang::FieldDecl *Operation) override;
  void handedOver(const HandOver &X) override;
  void leaving(const Leaving &L) override;
  void judge(const LifetimeFacts &Facts) override;

private:
  void checkOwed(const Leaving &L, const ProtocolFunction &Operation,
                 const ProtocolEffect &Owed);
  const Term *evaluate(const ProtocolExpr &X, const Leaving &L,
                       const clang::FieldDecl *&Member);
  bool isDue(const ProtocolEffect &Owed, const Leaving &L);
  bool holds(const ProtocolCond &C, const Leaving &L);
  bool isBorrowed(const Term *V, const Leaving &L, unsigned Depth = 0) const;
  bool onlyBorrows(const clang::CallExpr *C, unsigned Depth = 0) const;

  /// What functions owe to their callers.
  llvm::DenseMap<const clang::FunctionDecl *,
                 llvm::SmallSetVector<const ProtocolFunction *, 1>>
      Operations;
  std::set<std::pair<const ProtocolEffect *, clang::SourceLocation>> Told;

  /// A call by which a function hands on what another object has.
  struct Lending {
    const clang::FunctionDecl *In;
    const clang::CallExpr *Call;
    const Term *Handle;
    /// The member that the handle is in.
    const clang::FieldDecl *From;
    /// Some path takes a reference for it.
    bool Own = false;
    /// On some path the member has something else in the end.
    bool Moved = false;
  };
  std::vector<Lending> Lendings;
};

} // namespace pinlint

#endif // PINLINT_HANDEDOUT_H
