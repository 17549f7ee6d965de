//===- ImportedSummaries.cpp - What other TUs say of functions ------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "ImportedSummaries.h"
#include "engine/Coarsen.h"
#include "clang/AST/Attr.h"
#include "clang/Basic/SourceManager.h"
#include <map>

using namespace clang;

namespace pinlint {

const Summary *ImportedSummaries::imported(const FunctionDecl *FD) {
  // A function that has a body here says itself what it does.
  if (!Imports || !FD->getIdentifier() || !FD->isExternallyVisible() ||
      FD->isDefined() || P.lookup(FD->getName()))
    return nullptr;
  auto [It, New] = Cache.try_emplace(FD->getCanonicalDecl(), nullptr);
  if (!New)
    return It->second.get();
  auto Found = Imports->find(FD->getName());
  if (Found == Imports->end())
    return nullptr;
  std::unique_ptr<Summary> S = Reader.read(Found->second);
  return (Cache[FD->getCanonicalDecl()] = std::move(S)).get();
}

/// What \p S acquires or gives back, by name.
static std::map<std::string, const Family *> familiesOf(const Summary &S) {
  std::map<std::string, const Family *> Families;
  for (const Exit &X : S.Exits)
    for (const Effect &E : X.Effects)
      if (E.Fam && (E.Kind == Effect::Acquire || E.Kind == Effect::Release))
        Families[E.Fam->Name] = E.Fam;
  return Families;
}

void exportSummaries(Engine &E, ASTContext &Ctx, const Protocols &P,
                     std::vector<ExportedSummary> &Out) {
  const SourceManager &SM = Ctx.getSourceManager();
  for (const Decl *D : Ctx.getTranslationUnitDecl()->noload_decls()) {
    const auto *F = dyn_cast<FunctionDecl>(D);
    if (!F || !F->doesThisDeclarationHaveABody() || !F->getIdentifier() ||
        !F->isExternallyVisible() || !E.isInferred(F) ||
        P.lookup(F->getName()) ||
        !SM.isInMainFile(SM.getExpansionLoc(F->getLocation())))
      continue;
    // Another definition may take the place of a weak one.
    if (F->hasAttr<WeakAttr>())
      continue;
    const Summary *S = E.summaryFor(F, F->getNumParams());
    if (!S)
      continue;
    Summary Coarse = coarsen(E.terms(), F, *S);
    for (Exit &X : Coarse.Exits)
      X.Fetches.clear();
    constexpr size_t MaxUses = 8;
    if (Coarse.Uses.size() > MaxUses)
      Coarse.Uses.resize(MaxUses);
    // What is still told apart in many ways costs callers more than it gives,
    // unless it is what this is all about.
    constexpr size_t MaxExits = 10, MaxPinExits = 24, MaxSize = 32 << 10;
    const auto Families = familiesOf(Coarse);
    const bool Pins = llvm::any_of(Families, [](const auto &F) {
      return F.second->Kind == Family::Pin || F.second->Kind == Family::Get;
    });
    if (Coarse.Exits.size() > (Pins ? MaxPinExits : MaxExits))
      continue;
    auto Names = llvm::make_first_range(Families);
    std::string Bytes = writeSummary(Coarse, Ctx);
    if (Bytes.size() <= MaxSize)
      Out.push_back({F->getNameAsString(),
                     !S->trivial(),
                     {Names.begin(), Names.end()},
                     std::move(Bytes),
                     digestOf(Coarse, Ctx)});
  }
}

} // namespace pinlint
