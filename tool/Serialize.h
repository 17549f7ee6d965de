//===- Serialize.h - Results as JSON ----------------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_SERIALIZE_H
#define PINLINT_TOOL_SERIALIZE_H

#include "Analysis.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include <string>

namespace pinlint {

/// Sources and file names need not be UTF-8, JSON must.
std::string utf8(llvm::StringRef S);

llvm::StringRef confidenceName(Confidence C);
std::optional<Confidence> confidenceNamed(llvm::StringRef Name);

/// Writes \p F as an object of the documented jsonl format.
void writeFinding(llvm::json::OStream &J, const Finding &F);

/// From a worker to its parent and back, findings as JSON, then the rest.
std::string encodeResult(const AnalysisResult &R);
llvm::Expected<AnalysisResult> decodeResult(llvm::StringRef Bytes);

/// A size, then the bytes; and back, false if there is less.
void appendBytes(std::string &To, llvm::StringRef Bytes);
bool takeBytes(llvm::StringRef &From, llvm::StringRef &Bytes);

/// From the parent to a worker and back.
std::string encodeImports(llvm::ArrayRef<const ExportedSummary *> Imports);
SummaryImports decodeImports(llvm::StringRef Bytes);

/// Writes the attributes of \p S into the object that is open in \p J.
void writeStats(llvm::json::OStream &J, const AnalysisStats &S);

void addStats(AnalysisStats &Sum, const AnalysisStats &S);

} // namespace pinlint

#endif // PINLINT_TOOL_SERIALIZE_H
