//===- ImportedSummaries.cpp - What other TUs say of functions ------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "ImportedSummaries.h"
#include "clang/AST/Attr.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"

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

namespace {
/// A summary as callers in other files need it: who acquires, releases and
/// frees what, and when. Every exit costs each call of each caller a state, so
/// that exits which differ in nothing else become one.
class Coarsener {
public:
  explicit Coarsener(TermContext &TC) : TC(TC) {}

  Summary coarsen(const Summary &From) {
    Summary To;
    To.SetsUp = From.SetsUp;
    To.NoReturn = From.NoReturn;
    To.Incomplete = From.Incomplete;
    constexpr size_t MaxUses = 8;
    To.Uses.assign(From.Uses.begin(),
                   From.Uses.begin() + std::min(MaxUses, From.Uses.size()));
    for (const Exit &X : From.Exits)
      note(X);
    for (const Exit &X : From.Exits) {
      Exit Y = reduce(X);
      if (llvm::none_of(To.Exits, [&](Exit &Known) { return join(Known, Y); }))
        To.Exits.push_back(std::move(Y));
    }
    return To;
  }

private:
  /// Remembers what effects are about.
  void note(const Exit &X) {
    auto Note = [&](const Term *T) {
      if (T)
        visitTerms(
            T, [&](const Term *Part) { return Matters.insert(Part).second; });
    };
    for (const Effect &E : X.Effects)
      for (const Term *T : {E.Subject, E.Count, E.Request, E.Into, E.Handles})
        Note(T);
    for (const Callback &C : X.Callbacks) {
      Note(C.Function);
      for (const Term *A : C.Args)
        Note(A);
    }
  }

  bool matters(const Term *T) const {
    bool Found = false;
    visitTerms(T, [&](const Term *Part) {
      Found |= !Part->isConst() && Part->kind() != Term::Param &&
               Matters.count(Part);
      return !Found;
    });
    return Found;
  }

  Exit reduce(const Exit &X) {
    Exit Y = X;
    Y.Fetches.clear();
    Y.Stores.clear();
    for (const auto &[L, V] : X.Stores)
      if (matters(L) || matters(V))
        Y.Stores.push_back({L, V});
      else if (!llvm::is_contained(Y.Havoc, L))
        Y.Havoc.push_back(L);
    llvm::erase_if(Y.Facts, [&](const auto &F) {
      return !F.first->isExternal() && F.first != X.Ret &&
             F.first->kind() != Term::Result && !matters(F.first);
    });
    return Y;
  }

  Range returned(const Exit &X) const {
    if (X.Ret && X.Ret->isConst())
      return Range::only(X.Ret->number());
    Range R = X.Ret ? X.Ret->bounds() : Range();
    for (const auto &[T, F] : X.Facts)
      if (T == X.Ret || (!X.Ret && T->kind() == Term::Result))
        R.intersect(F);
    return R;
  }

  static int sign(const Range &R) {
    return R.isOnly(0) ? 0 : R.Lo > 0 ? 1 : R.Hi < 0 ? -1 : R.Lo == 0 ? 2 : 3;
  }

  /// Makes \p To stand for \p From as well; false if callers may want to tell
  /// them apart.
  bool join(Exit &To, const Exit &From) {
    if (!(To.Effects == From.Effects) || !To.Callbacks.empty() ||
        !From.Callbacks.empty() || To.Stores != From.Stores)
      return false;
    Range A = returned(To), B = returned(From);
    bool SameRet = To.Ret == From.Ret;
    if (!SameRet && (sign(A) != sign(B) || (To.Ret && matters(To.Ret)) ||
                     (From.Ret && matters(From.Ret))))
      return false;
    std::vector<std::pair<const Term *, Range>> Facts;
    for (const auto &[T, R] : To.Facts)
      for (const auto &[U, Q] : From.Facts)
        if (T == U && !(T->kind() == Term::Result) && T != To.Ret)
          Facts.push_back({T, R.hull(Q)});
    llvm::erase_if(Facts, [](const auto &F) { return F.second.full(); });
    if (!SameRet)
      To.Ret = nullptr;
    Range R = A.hull(B);
    if (!R.full() && !(To.Ret && To.Ret->isConst()))
      Facts.push_back({To.Ret ? To.Ret : TC.result(Range()), R});
    To.Facts = std::move(Facts);
    for (const Term *L : From.Havoc)
      if (!llvm::is_contained(To.Havoc, L))
        To.Havoc.push_back(L);
    llvm::erase_if(To.Cleared, [&](const Term *L) {
      if (llvm::is_contained(From.Cleared, L))
        return false;
      To.Havoc.push_back(L);
      return true;
    });
    for (const Term *L : From.Cleared)
      if (!llvm::is_contained(To.Cleared, L) &&
          !llvm::is_contained(To.Havoc, L))
        To.Havoc.push_back(L);
    return true;
  }

  TermContext &TC;
  llvm::DenseSet<const Term *> Matters;
};
} // namespace

void exportSummaries(Engine &E, ASTContext &Ctx, const Protocols &P,
                     std::vector<ExportedSummary> &Out) {
  const SourceManager &SM = Ctx.getSourceManager();
  for (const Decl *D : Ctx.getTranslationUnitDecl()->decls()) {
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
    Summary Coarse = Coarsener(E.terms()).coarsen(*S);
    // What is still told apart in many ways costs callers more than it gives.
    constexpr size_t MaxExits = 10, MaxSize = 32 << 10;
    if (Coarse.Exits.size() > MaxExits)
      continue;
    std::string Bytes = writeSummary(Coarse, Ctx);
    if (Bytes.size() <= MaxSize)
      Out.push_back({F->getNameAsString(), !S->trivial(), std::move(Bytes),
                     digestOf(Coarse, Ctx)});
  }
}

} // namespace pinlint
