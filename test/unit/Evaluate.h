//===- Evaluate.h - Values of terms under an assignment ---------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TEST_EVALUATE_H
#define PINLINT_TEST_EVALUATE_H

#include "engine/Term.h"
#include "llvm/ADT/DenseMap.h"
#include <optional>

namespace pinlint {

using Assignment = llvm::DenseMap<const Term *, int64_t>;

/// What C says of \p Op; no value where C says nothing.
inline std::optional<int64_t> apply(Term::OpcodeTy Op, int64_t A, int64_t B) {
  switch (Op) {
  case Term::Mul:
    return A * B;
  case Term::Div:
    return B ? std::optional(A / B) : std::nullopt;
  case Term::Rem:
    return B ? std::optional(A % B) : std::nullopt;
  case Term::Shl:
    // Where bits are shifted out, there is no answer.
    return B >= 0 && B < 32 && A < (1 << 20) && A > -(1 << 20)
               ? std::optional(A * (int64_t(1) << B))
               : std::nullopt;
  case Term::Shr:
    return B >= 0 && B < 64 ? std::optional(A >> B) : std::nullopt;
  case Term::And:
    return A & B;
  case Term::Or:
    return A | B;
  case Term::Xor:
    return A ^ B;
  case Term::EQ:
    return A == B;
  case Term::NE:
    return A != B;
  case Term::LT:
    return A < B;
  case Term::LE:
    return A <= B;
  case Term::ULT:
    return uint64_t(A) < uint64_t(B);
  case Term::ULE:
    return uint64_t(A) <= uint64_t(B);
  default:
    return std::nullopt;
  }
}

/// The value of \p T where \p Values gives those of its symbols.
inline std::optional<int64_t> evaluate(const Term *T,
                                       const Assignment &Values) {
  if (auto It = Values.find(T); It != Values.end())
    return It->second;
  switch (T->kind()) {
  case Term::Const:
    return T->number();
  case Term::Linear: {
    int64_t Sum = T->number();
    for (unsigned I = 0; I < T->numOps(); ++I) {
      auto V = evaluate(T->op(I), Values);
      if (!V)
        return std::nullopt;
      Sum += *V * T->coefs()[I];
    }
    return Sum;
  }
  case Term::Op: {
    if (T->numOps() != 2)
      return std::nullopt;
    auto A = evaluate(T->op(0), Values), B = evaluate(T->op(1), Values);
    return A && B ? apply(T->opcode(), *A, *B) : std::nullopt;
  }
  case Term::Convert:
    return evaluate(T->op(0), Values);
  default:
    return std::nullopt;
  }
}

} // namespace pinlint

#endif // PINLINT_TEST_EVALUATE_H
