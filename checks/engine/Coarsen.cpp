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
#include <algorithm>

using namespace pinlint;

Range pinlint::returned(const Exit &X) {
  if (X.Ret && X.Ret->isConst())
    return Range::only(X.Ret->number());
  Range R = X.Ret ? X.Ret->bounds() : Range();
  for (const auto &[T, F] : X.Facts)
    if (T == X.Ret || (!X.Ret && T->kind() == Term::Result))
      R.intersect(F);
  return R;
}

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

  /// What callers are told of a change at \p L. Of an element of which nobody
  /// will know which one it is, that something in the array has changed, if
  /// that is a member: each call would add an element to what its callers
  /// remember. Null: nothing.
  static const Term *told(const Term *L) {
    const Term *Told = L;
    for (; L->kind() == Term::Field || L->kind() == Term::Index; L = L->op(0))
      if (L->kind() == Term::Index && !L->op(1)->isConst())
        Told = L->op(0)->kind() == Term::Field ? L->op(0) : nullptr;
    return Told;
  }

  Exit reduce(const Exit &X) {
    Exit Y = X;
    Y.Stores.clear();
    Y.Havoc.clear();
    auto Changed = [&](const Term *L) {
      if (const Term *T = told(L); T && !llvm::is_contained(Y.Havoc, T))
        Y.Havoc.push_back(T);
    };
    llvm::for_each(X.Havoc, Changed);
    llvm::SmallPtrSet<const Term *, 4> Kept;
    for (const auto &[L, V] : X.Stores) {
      if (matters(L) || matters(V)) {
        Y.Stores.push_back({L, V});
        continue;
      }
      Changed(L);
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
    llvm::erase_if(Y.Facts, [&](const auto &F) {
      return !F.first->isExternal() && F.first != X.Ret &&
             F.first->kind() != Term::Result && !matters(F.first);
    });
    return Y;
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
    To.Rough |= From.Rough;
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

bool isArrayTaken(const Effect &E) {
  return E.Kind == Effect::Acquire && E.Form == Effect::Array && E.Handles;
}

template <typename C> bool sameSet(const C &A, const C &B) {
  return std::is_permutation(A.begin(), A.end(), B.begin(), B.end());
}

/// How exits that collect handles in rounds are compared.
class RoundFolder {
public:
  explicit RoundFolder(const Exit &X) : X(X) {
    for (const Effect &E : X.Effects) {
      if (!isArrayTaken(E)) {
        Others.push_back(E);
        continue;
      }
      ++Arrays;
      std::pair<const Family *, const Term *> Kind = {E.Fam, E.Into};
      if (!llvm::is_contained(Kinds, Kind))
        Kinds.push_back(Kind);
    }
  }

  unsigned arrays() const { return Arrays; }

  /// True if what callers make of \p More they make of this exit as well: it
  /// differs in that there were more rounds.
  bool standsFor(const RoundFolder &More) const {
    return Arrays && Arrays <= More.Arrays && sameSet(Kinds, More.Kinds) &&
           sameSet(Others, More.Others) && X.Callbacks.empty() &&
           More.X.Callbacks.empty() && X.Fetches.empty() &&
           More.X.Fetches.empty() && sameSet(X.Havoc, More.X.Havoc) &&
           returned(More.X).within(returned(X)) && holdsWhere(More.X) &&
           storesLike(More.X);
  }

private:
  /// True if what has to be so for this exit is so for \p More.
  bool holdsWhere(const Exit &More) const {
    return llvm::all_of(X.Facts, [&](const auto &F) {
      return !F.first->isExternal() || F.first == X.Ret ||
             llvm::any_of(More.Facts, [&](const auto &G) {
               return G.first == F.first && G.second.within(F.second);
             });
    });
  }

  bool storesLike(const Exit &More) const {
    auto Visible = [](const Exit &Of) {
      llvm::SmallVector<const Term *, 8> Out;
      for (const auto &[L, V] : Of.Stores)
        if (rootOf(L)->isExternal() && L->isExternal())
          Out.push_back(L);
      return Out;
    };
    for (const auto &S : X.Stores)
      if (S.first->isExternal() && S.second->isConst() &&
          !llvm::is_contained(More.Stores, S))
        return false;
    return sameSet(Visible(X), Visible(More));
  }

  const Exit &X;
  unsigned Arrays = 0;
  llvm::SmallVector<std::pair<const Family *, const Term *>, 2> Kinds;
  std::vector<Effect> Others;
};
} // namespace

void pinlint::foldRounds(Summary &Sum) {
  std::vector<RoundFolder> Folders(Sum.Exits.begin(), Sum.Exits.end());
  llvm::SmallVector<unsigned, 16> ByArrays;
  for (unsigned I = 0; I < Folders.size(); ++I)
    ByArrays.push_back(I);
  llvm::sort(ByArrays, [&](unsigned A, unsigned B) {
    return std::pair(Folders[A].arrays(), A) <
           std::pair(Folders[B].arrays(), B);
  });
  llvm::SmallVector<unsigned, 16> Kept;
  for (unsigned I : ByArrays)
    if (llvm::none_of(
            Kept, [&](unsigned K) { return Folders[K].standsFor(Folders[I]); }))
      Kept.push_back(I);
  if (Kept.size() == Sum.Exits.size())
    return;
  llvm::sort(Kept);
  std::vector<Exit> Exits;
  for (unsigned I : Kept)
    Exits.push_back(std::move(Sum.Exits[I]));
  Sum.Exits = std::move(Exits);
}

bool pinlint::isPointerParam(const clang::FunctionDecl *FD, const Term *T) {
  return T->kind() == Term::Param && T->number() < FD->getNumParams() &&
         FD->getParamDecl(T->number())->getType()->isPointerType();
}

Summary pinlint::coarsen(TermContext &TC, const clang::FunctionDecl *FD,
                         const Summary &From) {
  return Coarsener(TC, FD).coarsen(From);
}
