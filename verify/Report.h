//===- Report.h - Results as text and as JSON -------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_VERIFY_REPORT_H
#define PINLINT_VERIFY_REPORT_H

#include "Verifier.h"
#include "llvm/Support/raw_ostream.h"

namespace pinlint::verify {

/// What a function's name and comment say about it, against what was seen.
enum class Judgement {
  AsExpected,
  Unexpected,
  /// Neither the name nor a comment says anything.
  NothingExpected,
};

/// Functions named *_ok and FP_* must be clean, functions named *_bad and FN_*
/// must not; a comment "expect: CHECK..." names exactly the violations.
/// \param Why receives a sentence if the result is Unexpected.
Judgement judge(const EntryFunction &F, const FunctionResult &R,
                std::string &Why);

/// A line, then each violation with its steps.
void printText(llvm::raw_ostream &OS, const Program &P, const EntryFunction &F,
               const FunctionResult &R, Verifier &V);
/// One object on one line.
void printJson(llvm::raw_ostream &OS, const Program &P, const EntryFunction &F,
               const FunctionResult &R, Verifier &V);
void printSteps(llvm::raw_ostream &OS, const Program &P,
                llvm::ArrayRef<rt::ScriptedChoices::Step> Steps);

} // namespace pinlint::verify

#endif // PINLINT_VERIFY_REPORT_H
