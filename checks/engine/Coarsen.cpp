//===- Coarsen.cpp - Summaries that say less ------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Coarsen.h"
#include "clang/AST/Decl.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace pinlint;

namespace {
class Coarsener {
public:
  Coarsener(TermContext &TC, const clang::FunctionDecl *FD) : TC(TC), FD(FD) {}

  Summary coarsen(const Summary &From) {
    Summary To;
    To.SetsUp = From.SetsUp;
    To.Unlinks = From.Unlinks;
    To.NoReturn = From.NoReturn;
    To.Incomplete = From.Incomplete;
    To.Uses = From.Uses;
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

  /// An object is not of interest because one of its members is.
  bool matters(const Term *T) const {
    bool Found = false;
    visitTerms(T, [&](const Term *Part) {
      bool IsName = Part->isConst() || Part->kind() == Term::Param ||
                    (Part->isLocation() && Part != T);
      Found |= !IsName && Matters.count(Part);
      return !Found;
    });
    return Found;
  }

  /// True for an element of an array of which nobody will know which one it is:
  /// each call would add one to what its callers remember.
  static bool isSomewhere(const Term *L) {
    for (; L->kind() == Term::Field || L->kind() == Term::Index; L = L->op(0))
      if (L->kind() == Term::Index && !L->op(1)->isConst())
        return true;
    return false;
  }

  Exit reduce(const Exit &X) {
    Exit Y = X;
    Y.Stores.clear();
    llvm::SmallPtrSet<const Term *, 4> Kept;
    for (const auto &[L, V] : X.Stores) {
      if (matters(L) || matters(V)) {
        Y.Stores.push_back({L, V});
        continue;
      }
      if (!isSomewhere(L) && !llvm::is_contained(Y.Havoc, L))
        Y.Havoc.push_back(L);
      // Where it is now need not be told; that somebody has it must be.
      if (isPointerParam(FD, V) && Kept.insert(V).second) {
        Effect E;
        E.Kind = Effect::Transfer;
        E.Subject = V;
        if (rootOf(L)->isExternal())
          E.Into = TC.addrOf(rootOf(L));
        Y.Effects.push_back(E);
      }
    }
    llvm::erase_if(Y.Havoc, isSomewhere);
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
  const clang::FunctionDecl *FD;
  llvm::DenseSet<const Term *> Matters;
};
} // namespace

bool pinlint::isPointerParam(const clang::FunctionDecl *FD, const Term *T) {
  return T->kind() == Term::Param && T->number() < FD->getNumParams() &&
         FD->getParamDecl(T->number())->getType()->isPointerType();
}

Summary pinlint::coarsen(TermContext &TC, const clang::FunctionDecl *FD,
                         const Summary &From) {
  return Coarsener(TC, FD).coarsen(From);
}
