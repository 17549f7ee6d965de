//===- ProtocolExpr.h - Terms and conditions of protocols -------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reads the C-like terms in protocol files.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FRONTEND_PROTOCOLEXPR_H
#define PINLINT_FRONTEND_PROTOCOLEXPR_H

#include "Protocols.h"
#include "llvm/ADT/ArrayRef.h"
#include <variant>

namespace pinlint {

/// Names that a term may use.
struct ProtocolScope {
  llvm::ArrayRef<std::string> Args;
  /// Absent: any `argN` is fine.
  std::optional<unsigned> NumArgs;
  bool Variadic = false;
  const llvm::StringMap<int64_t> &Constants;
  /// Where not all names are in one map.
  const llvm::StringMap<int64_t> *MoreConstants = nullptr;
};

struct ProtocolExprError {
  /// Into the text that was parsed.
  size_t Offset = 0;
  std::string Reason;
};

std::variant<ProtocolExpr, ProtocolExprError>
parseProtocolExpr(llvm::StringRef Text, const ProtocolScope &Scope);

std::variant<ProtocolCond, ProtocolExprError>
parseProtocolCond(llvm::StringRef Text, const ProtocolScope &Scope);

} // namespace pinlint

#endif // PINLINT_FRONTEND_PROTOCOLEXPR_H
