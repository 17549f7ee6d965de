//===- Check.h - Base of the checks -----------------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A check listens to the engine and turns what it hears into findings.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_CHECK_H
#define PINLINT_CHECK_H

#include "Analysis.h"
#include "engine/Engine.h"
#include "llvm/ADT/StringSet.h"
#include <memory>

namespace pinlint {

/// Collects the findings of one translation unit.
class Reporter {
public:
  Reporter(clang::ASTContext &Ctx, Confidence Min,
           std::vector<Finding> &Findings)
      : Ctx(Ctx), Min(Min), Findings(Findings) {}

  struct Report {
    llvm::StringRef Check;
    const clang::FunctionDecl *Function;
    clang::SourceLocation Loc;
    std::string Message;
    Confidence Level = Confidence::High;
    /// The path from here on is shown...
    const PathNode *From = nullptr;
    /// ...up to here.
    const PathNode *To = nullptr;
    /// The path may not exist: confidence is low.
    bool Rough = false;
    /// Text for the first step, where the thing in question begins.
    std::string Begin;
    /// What happens inside the last step's callee.
    Trace Inner;
    /// Text for the last step.
    std::string End;
    /// Reports with the same key are one: the first is kept.
    std::string Key;
  };
  void add(const Report &R);

  clang::ASTContext &ast() { return Ctx; }
  SourcePlace place(clang::SourceLocation Loc) const;

private:
  clang::ASTContext &Ctx;
  Confidence Min;
  std::vector<Finding> &Findings;
  llvm::StringMap<unsigned> Seen;
};

class Check : public Observer {
public:
  explicit Check(Reporter &R) : R(R) {}

protected:
  Reporter &R;
};

/// The name of the function that \p Site calls, for messages; "the call" where
/// it has none.
std::string calleeName(const clang::Stmt *Site);

/// "pinned page" or "pinned pages".
std::string nounOf(const Obligation &O);

/// True if the check of that name needs to know which objects are dead.
bool followsLifetimes(llvm::StringRef Name);

/// The check of that name; null if there is none.
std::unique_ptr<Check> createCheck(llvm::StringRef Name, Reporter &R);

} // namespace pinlint

#endif // PINLINT_CHECK_H
