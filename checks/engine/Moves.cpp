//===- Moves.cpp - Arrays that are handed on handle by handle -------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A loop may give the handles of an array to somebody one after the other, and
/// stop in the middle: those that it has not come to are still held.
///
//===----------------------------------------------------------------------===//

#include "Explorer.h"

using namespace pinlint;

/// All of what \p O was at first is where its first handles have gone to.
static void setHandedOn(TermContext &TC, Obligation &O) {
  O.Count = TC.sub(TC.add(O.Offset, O.Count), O.Begin);
  O.Offset = std::exchange(O.Begin, nullptr);
}

/// True if \p V, which goes to \p To if that is known, is the first handle of
/// an array of which others are held, too: these stay.
bool Explorer::handOnFirst(State &S, const Term *V, const Term *To) {
  const Term *H = stripConversions(V);
  if (H->kind() != Term::Element || S.Loops.empty())
    return false;
  for (Obligation &O : S.Held) {
    if (O.Form != Effect::Array || O.Handle != H->op(0))
      continue;
    const Term *Left = TC.sub(O.Count, TC.one());
    // What a round obtains it hands on as a whole.
    if (isIn(*Loops.at(S.Loops.back().Header), O.Site) ||
        S.rangeOf(Left).Hi <= 0 || !S.provablyEqual(H->op(1), O.Offset)) {
      if (O.dwindles())
        setHandedOn(TC, O);
      return false;
    }
    if (!O.dwindles())
      O.Begin = O.Offset;
    O.Offset = TC.add(O.Offset, TC.one());
    O.Count = Left;
    O.Request = nullptr;
    if (!O.Holder)
      O.Holder = To;
    return true;
  }
  return false;
}

/// The loop ends as its condition says: as far as can be told, all handles have
/// been handed on. Who has them then is to give them back.
void Explorer::handedOnAll(State &S) {
  auto IsDone = [&](const Obligation &O) {
    return O.dwindles() && S.rangeOf(O.Count).Lo <= 0;
  };
  llvm::erase_if(S.Held,
                 [&](const Obligation &O) { return IsDone(O) && !O.Holder; });
  for (Obligation &O : S.Held)
    if (IsDone(O))
      setHandedOn(TC, O);
}

bool pinlint::belongsToDwindling(const State &S, const Term *T) {
  return T->kind() == Term::Element &&
         llvm::any_of(S.Held, [&](const Obligation &O) {
           return O.dwindles() && O.Handle == T->op(0);
         });
}
