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

namespace pinlint {

struct ProtocolCond;
struct ProtocolEffect;
struct ProtocolExpr;
struct ProtocolFunction;

class HandedOut : public Check {
public:
  using Check::Check;

  void handedOver(const HandOver &X) override;
  void leaving(const Leaving &L) override;
  void judge(const LifetimeFacts &Facts) override;

private:
  /// A path on which a function leaves a handle without a reference where an
  /// operation owes one.
  struct Debt {
    const clang::FunctionDecl *In;
    const ProtocolFunction *Operation;
    const ProtocolEffect *Owed;
    /// The member that has the handle; null: it is returned.
    const clang::FieldDecl *Member;
    clang::SourceLocation Loc;
    Trace Path;
  };

  void noteDebt(const Leaving &L, const ProtocolFunction &Operation,
                const ProtocolEffect &Owed);
  const Term *evaluate(const ProtocolExpr &X, const Leaving &L,
                       const clang::FieldDecl *&Member);
  bool isDue(const ProtocolEffect &Owed, const Leaving &L);
  bool holds(const ProtocolCond &C, const Leaving &L);
  bool isBorrowed(const Term *V, const Leaving &L, unsigned Depth = 0) const;
  bool onlyBorrows(const clang::CallExpr *C, unsigned Depth = 0) const;

  std::vector<Debt> Debts;

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
  void judgeLendings(const LifetimeFacts &Facts);

  std::vector<Lending> Lendings;
};

} // namespace pinlint

#endif // PINLINT_HANDEDOUT_H
