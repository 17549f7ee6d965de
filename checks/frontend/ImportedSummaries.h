//===- ImportedSummaries.h - What other TUs say of functions ----*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Adds what was found out in other translation units to what the protocols
/// say: the summaries of functions that are only declared in this one.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_FRONTEND_IMPORTEDSUMMARIES_H
#define PINLINT_FRONTEND_IMPORTEDSUMMARIES_H

#include "Analysis.h"
#include "ApiSummaries.h"
#include "PortableSummary.h"

namespace pinlint {

class ImportedSummaries : public SummarySource {
public:
  ImportedSummaries(ApiSummaries &Apis, const Protocols &P,
                    clang::ASTContext &Ctx, TermContext &TC,
                    const SummaryImports *Imports, const HeaderUse *Headers)
      : Apis(Apis), P(P), Imports(Imports),
        FamilyByName(
            [this](llvm::StringRef N) { return this->Apis.family(N); }),
        Reader(Ctx, TC, FamilyByName, Headers) {}

  const Summary *summaryFor(const clang::FunctionDecl *FD,
                            unsigned NumArgs) override {
    // A body says more than a name, and protocols have the last word.
    const Summary *S = imported(FD);
    return S ? S : Apis.summaryFor(FD, NumArgs);
  }
  const Summary *summaryForMember(const clang::FieldDecl *F,
                                  unsigned NumArgs) override {
    return Apis.summaryForMember(F, NumArgs);
  }
  bool isInteresting(const clang::FunctionDecl *FD) override {
    if (Apis.isInteresting(FD))
      return true;
    const Summary *S = imported(FD);
    return S && !S->trivial();
  }
  bool owes(const clang::FieldDecl *Operation) override {
    return Apis.owes(Operation);
  }
  bool givesBackByName(const clang::FunctionDecl *FD) override {
    return Apis.givesBackByName(FD);
  }
  bool endsByName(const clang::FunctionDecl *FD) override {
    return Apis.endsByName(FD);
  }
  bool goesOn(int64_t Result) override { return Apis.goesOn(Result); }
  bool isAssertion(llvm::StringRef Macro) override {
    return Apis.isAssertion(Macro);
  }
  bool isFetch(const clang::FunctionDecl *FD) override {
    return Apis.isFetch(FD);
  }
  llvm::ArrayRef<MacroRead> macroReads(const clang::FunctionDecl *FD) override {
    return Apis.macroReads(FD);
  }
  bool isShared(const clang::Expr *LValue) override {
    return Apis.isShared(LValue);
  }
  unsigned sharedLoads(const clang::FunctionDecl *FD) override {
    return Apis.sharedLoads(FD);
  }

private:
  const Summary *imported(const clang::FunctionDecl *FD);

  ApiSummaries &Apis;
  const Protocols &P;
  const SummaryImports *Imports;
  std::function<const Family *(llvm::StringRef)> FamilyByName;
  SummaryReader Reader;
  llvm::DenseMap<const clang::FunctionDecl *, std::unique_ptr<Summary>> Cache;
};

/// The summaries of the main file's functions that other files can call.
void exportSummaries(Engine &E, clang::ASTContext &Ctx, const Protocols &P,
                     std::vector<ExportedSummary> &Out);

} // namespace pinlint

#endif // PINLINT_FRONTEND_IMPORTEDSUMMARIES_H
