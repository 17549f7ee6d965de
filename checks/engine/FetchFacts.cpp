//===- FetchFacts.cpp - Reads of memory that others can change ------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "FetchFacts.h"
#include "llvm/ADT/STLExtras.h"

using namespace pinlint;

const FetchRead *FetchFacts::find(const Term *Version) const {
  for (const FetchRead &R : Reads)
    if (R.Version == Version)
      return &R;
  return nullptr;
}

void FetchFacts::join(const FetchFacts &From) {
  for (const FetchRead &R : From.Reads) {
    auto It = llvm::find_if(
        Reads, [&](const FetchRead &X) { return X.Version == R.Version; });
    if (It == Reads.end()) {
      Reads.push_back(R);
      continue;
    }
    for (const Term *V : R.After)
      if (!llvm::is_contained(It->After, V))
        It->After.push_back(V);
  }
  auto Add = [](auto &To, const auto &Items) {
    for (const auto &X : Items)
      if (llvm::none_of(To, [&](const auto &Y) { return Y.sameAs(X); }))
        To.push_back(X);
  };
  Add(Checks, From.Checks);
  Add(Log, From.Log);
}

bool pinlint::sameLoggedReads(const FetchFacts &A, const FetchFacts &B) {
  auto Reads = [](const FetchFacts &F) {
    llvm::SmallVector<const Term *, 8> Out;
    for (const FetchEvent &E : F.Log)
      if (E.Kind == FetchEvent::Read)
        Out.push_back(E.Version);
    return Out;
  };
  return Reads(A) == Reads(B);
}

bool pinlint::sameFetches(const FetchFacts &A, const FetchFacts &B) {
  return llvm::equal(A.Reads, B.Reads,
                     [](const FetchRead &X, const FetchRead &Y) {
                       return X.Version == Y.Version;
                     }) &&
         llvm::equal(A.Checks, B.Checks,
                     [](const FetchCheck &X, const FetchCheck &Y) {
                       return X.sameAs(Y);
                     });
}
