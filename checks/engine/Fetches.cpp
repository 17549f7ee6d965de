//===- Fetches.cpp - Follow values read from user memory ------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Fetches.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/AST/Stmt.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/STLExtras.h"

using namespace pinlint;
using namespace clang;

/// Names the content that a call reads, beside the call's other results.
static constexpr int64_t ContentName = 0x66657463;

namespace {
/// Collects what decides whether a loop goes on, and the calls in
/// `if (!f(x))`: functions whose answer to a question is "no" there.
class ConditionVisitor : public RecursiveASTVisitor<ConditionVisitor> {
public:
  llvm::DenseSet<const Expr *> &Conditions;
  llvm::DenseSet<const Expr *> &Questions;
  ConditionVisitor(llvm::DenseSet<const Expr *> &C,
                   llvm::DenseSet<const Expr *> &Q)
      : Conditions(C), Questions(Q) {}
  bool VisitIfStmt(IfStmt *S) {
    addQuestions(S->getCond(), false);
    return true;
  }
  bool VisitForStmt(ForStmt *S) { return add(S->getCond()); }
  bool VisitWhileStmt(WhileStmt *S) { return add(S->getCond()); }
  bool VisitDoStmt(DoStmt *S) { return add(S->getCond()); }

private:
  void addQuestions(const Expr *E, bool Negated) {
    E = E->IgnoreParenCasts();
    if (const auto *B = dyn_cast<BinaryOperator>(E); B && B->isLogicalOp()) {
      addQuestions(B->getLHS(), Negated);
      addQuestions(B->getRHS(), Negated);
    } else if (const auto *U = dyn_cast<UnaryOperator>(E);
               U && U->getOpcode() == UO_LNot) {
      addQuestions(U->getSubExpr(), !Negated);
    } else if (const auto *C = dyn_cast<CallExpr>(E)) {
      if (C->getBuiltinCallee() == Builtin::BI__builtin_expect)
        addQuestions(C->getArg(0), Negated);
      else if (Negated && C->getType()->isIntegerType())
        Questions.insert(C);
    }
  }
  bool add(const Expr *E) {
    if (!E)
      return true;
    E = E->IgnoreParenImpCasts();
    Conditions.insert(E);
    if (const auto *B = dyn_cast<BinaryOperator>(E); B && B->isLogicalOp()) {
      add(B->getLHS());
      add(B->getRHS());
    }
    return true;
  }
};
} // namespace

FetchTracker::FetchTracker(Engine &Eng, StateManager &M, const FunctionDecl *FD,
                           const CFG &G)
    : Eng(Eng), Ctx(Eng.ast()), TC(Eng.terms()), M(M), FD(FD),
      Failures(FD, G, Ctx, TC) {
  ConditionVisitor(LoopConditions, Questions)
      .TraverseStmt(const_cast<Stmt *>(FD->getBody()));
}

FetchPlace FetchTracker::here(const Stmt *At) const {
  return {At->getBeginLoc(), FD, At};
}

const PathNode *FetchTracker::mark(State &S, const FetchPlace &P) {
  PathNode N{};
  N.Kind = PathNode::Mark;
  N.S = P.Site;
  N.Loc = P.Site ? P.Site->getBeginLoc() : P.Loc;
  S.addPath(N);
  return S.Path;
}

void FetchTracker::log(State &S, FetchEvent E) {
  constexpr unsigned MaxEvents = 64, MaxDepth = 9;
  if (S.Fetched.Log.size() >= MaxEvents || E.Value->depth() > MaxDepth ||
      llvm::any_of(S.Fetched.Log,
                   [&](const FetchEvent &X) { return X.sameAs(E); }))
    return;
  S.Fetched.Log.push_back(E);
}

//===----------------------------------------------------------------------===//
// Reads
//===----------------------------------------------------------------------===//

void FetchTracker::addRead(State &S, FetchRead R) {
  constexpr unsigned MaxReads = 24;
  auto &Reads = S.Fetched.Reads;
  // A loop's later rounds are other reads; a call's other exit is not.
  if (S.Fetched.find(R.Version))
    return;
  if (Reads.size() >= MaxReads)
    Reads.erase(Reads.begin());
  R.At = mark(S, R.Place);
  for (const FetchRead &Earlier : Reads)
    if (std::optional<int64_t> D = distance(S, Earlier, R);
        D && Earlier.Place.Site != R.Place.Site &&
        ByteRange{0, sizeOf(Earlier)}.overlaps(
            ByteRange{0, sizeOf(R)}.moved(*D)))
      R.After.push_back(Earlier.Version);
  if (R.Address->isExternal()) {
    FetchEvent E;
    E.Kind = FetchEvent::Read;
    E.Value = R.Address;
    E.Size = R.Size;
    E.Into = R.Into;
    E.Image = R.Image;
    E.Version = R.Version;
    E.After = R.After;
    E.Scalar = R.Scalar;
    E.Place = R.Place;
    log(S, E);
  }
  Reads.push_back(R);
}

/// The read whose bytes are at \p Loc.
static const Term *occupant(const State &S, const Term *Loc) {
  for (const Term *L = Loc;; L = L->op(0)) {
    if (const auto *D = S.Defaults.lookup(L))
      return S.Fetched.find(*D) ? *D : nullptr;
    if (L->kind() != Term::Field && L->kind() != Term::Index)
      return nullptr;
  }
}

void FetchTracker::read(State &S, const Effect &E, const Stmt *Site,
                        const Term *Token, const Term *Result) {
  FetchRead R;
  R.Place = here(Site);
  R.Size = E.Size;
  R.Result = Result;
  R.Version = TC.instance(Token, TC.constant(ContentName));
  if (E.Stream) {
    // The location that the cursor points to stands for where it is.
    const Term *Cursor = TC.deref(E.Subject);
    R.Address = S.load(Cursor, Range());
    S.store(Cursor,
            E.Size ? TC.add(R.Address, E.Size) : TC.fresh("position", Range()));
  } else {
    R.Address = canonical(byteAddress(E.Subject), 4);
  }
  if (E.Size) {
    Sources Sizes = sourcesOf(S, E.Size);
    if (!Sizes.empty())
      R.SizedBy = Sizes.front().Read->Version;
    judge(S, E.Size, FetchCheckKind::Size, R.Place);
  }
  if (E.Into && !E.Into->isConst()) {
    R.Into = R.Image = TC.deref(E.Into);
    R.Replaces = E.Handles;
    S.Defaults = M.StoreFactory.add(S.Defaults, R.Into, R.Version);
  } else {
    // Only the result says something about the bytes.
    R.Image = TC.deref(E.Subject);
    Origin &O = Derived[Result];
    const Term *Content = TC.load(R.Image, R.Version, Range());
    if (!llvm::is_contained(O.From, Content))
      O.From.push_back(Content);
  }
  addRead(S, R);
}

const Term *FetchTracker::replaced(const State &S, const Term *Loc) {
  if (const Term *V = occupant(S, Loc))
    return V;
  Sources Old = sourcesOf(S, S.load(Loc, Range()));
  return Old.size() == 1 ? Old.front().Read->Version : nullptr;
}

const Term *
FetchTracker::macroRead(State &S, const BinaryOperator *B, const Term *Into,
                        const Term *Token, Range Bounds,
                        llvm::function_ref<const Term *(const Expr *)> Eval) {
  const MacroRead *Macro = nullptr;
  for (const MacroRead &X : Eng.source().macroReads(FD))
    if (X.Assignment == B)
      Macro = &X;
  if (!Macro)
    return nullptr;
  const Term *Ptr = Macro->Held ? S.load(TC.var(Macro->Held, false), Range())
                                : Eval(Macro->Address);
  FetchRead R;
  R.Place = here(B);
  R.Place.Loc = Ctx.getSourceManager().getExpansionLoc(B->getBeginLoc());
  R.Size = TC.constant(Macro->Size);
  R.Scalar = true;
  R.Version = TC.instance(Token, TC.constant(ContentName));
  use(S, Ptr, FetchUseKind::Argument, R.Place);
  R.Address = canonical(byteAddress(Ptr), 4);
  R.Into = Into;
  R.Image = TC.deref(Ptr);
  R.Replaces = replaced(S, Into);
  addRead(S, R);
  return TC.load(R.Image, R.Version, Bounds);
}

static bool isOwnVariable(const Term *Loc) {
  const Term *Root = rootOf(Loc);
  return Root->kind() == Term::Var && !Root->isExternal();
}

const Term *FetchTracker::sharedLoad(State &S, const Expr *E, const Term *Loc,
                                     const Term *Token, Range Bounds) {
  if (isOwnVariable(Loc) || !E->getType()->isScalarType())
    return nullptr;
  FetchRead R;
  R.Place = here(E);
  R.Place.Loc = Ctx.getSourceManager().getExpansionLoc(E->getBeginLoc());
  R.Size = TC.constant(Ctx.getTypeSizeInChars(E->getType()).getQuantity());
  R.Scalar = true;
  R.Version = TC.instance(Token, TC.constant(ContentName));
  R.Address = canonical(byteAddressOfLocation(Loc), 4);
  R.Image = Loc;
  addRead(S, R);
  return TC.load(Loc, R.Version, Bounds);
}

//===----------------------------------------------------------------------===//
// Judgements
//===----------------------------------------------------------------------===//

void FetchTracker::judge(State &S, const Term *V, FetchCheckKind Kind,
                         const FetchPlace &Place, const FunctionDecl *By,
                         bool AgainstOther) {
  constexpr unsigned MaxChecks = 48;
  if (V->isConst())
    return;
  Sources All = sourcesOf(S, V);
  for (const Source &Src : All)
    AgainstOther |= Src.Read != All.front().Read;
  const PathNode *At = nullptr;
  for (const Source &Src : All) {
    FetchCheck C;
    C.Version = Src.Read->Version;
    C.Bytes = Src.Bytes;
    C.Field = Src.Field;
    C.By = By ? By : Src.By;
    C.Kind =
        Kind == FetchCheckKind::Reject && C.By ? FetchCheckKind::Call : Kind;
    C.AgainstOther = AgainstOther;
    if (S.Fetched.Checks.size() >= MaxChecks ||
        llvm::any_of(S.Fetched.Checks,
                     [&](const FetchCheck &X) { return X.sameAs(C); }))
      continue;
    if (!At)
      At = mark(S, Place);
    C.Place = Place;
    C.At = At;
    S.Fetched.Checks.push_back(C);
  }
  for (const Term *Part : callersPartsOf(S, V)) {
    FetchEvent E;
    E.Kind = FetchEvent::Check;
    E.How = Kind;
    E.AgainstOther = AgainstOther;
    E.By = By;
    E.Value = Part;
    E.Place = Place;
    log(S, E);
  }
}

/// The comparison that \p Cond is about, where its outcome was known.
const Term *FetchTracker::undecided(const Stmt *Cond) const {
  if (const auto *B = dyn_cast<BinaryOperator>(Cond); B && B->isComparisonOp())
    return Comparisons.lookup(B);
  const Term *Only = nullptr;
  for (const Stmt *C : Cond->children())
    if (const Term *T = C ? undecided(C) : nullptr) {
      if (Only)
        return nullptr;
      Only = T;
    }
  return Only;
}

static bool isOrderTest(const Term *C) {
  return C->kind() == Term::Op &&
         (C->opcode() == Term::LT || C->opcode() == Term::LE ||
          C->opcode() == Term::ULT || C->opcode() == Term::ULE);
}

void FetchTracker::branch(const CFGBlock *B, const Expr *Cond, const Term *C,
                          State *const Next[2]) {
  if (C->isConst())
    C = undecided(Cond);
  if (!C || C->isConst())
    return;
  FetchPlace Place = here(Cond);
  FetchCheckKind Kind = FetchCheckKind::Steer;
  if (LoopConditions.count(Cond->IgnoreParenImpCasts())) {
    Kind = FetchCheckKind::Bound;
    for (unsigned I : {0, 1})
      if (Next[I]) {
        use(*Next[I], C, FetchUseKind::Bound, Place);
        break;
      }
  } else {
    const CFGBlock *Targets[2] = {*B->succ_begin(), *(B->succ_begin() + 1)};
    // A test that cannot fail as far as is known was still meant as one.
    const State *States[2] = {Next[0] ? Next[0] : Next[1],
                              Next[1] ? Next[1] : Next[0]};
    if (Failures.turnsAway(Targets, States))
      Kind = FetchCheckKind::Reject;
    else if (isOrderTest(C))
      Kind = FetchCheckKind::Compare;
    // What only selects a value protects nothing.
    else if (isa_and_nonnull<AbstractConditionalOperator>(
                 B->getTerminatorStmt()))
      return;
  }
  for (unsigned I : {0, 1})
    if (Next[I])
      judge(*Next[I], C, Kind, Place);
}

void FetchTracker::dispatch(State &S, const CFGBlock *B,
                            const SwitchStmt *Switch, const Term *V) {
  if (V->isConst())
    return;
  FetchPlace Place = here(Switch->getCond());
  use(S, V, FetchUseKind::Dispatch, Place);
  bool TurnsAway = llvm::any_of(B->succs(), [&](const CFGBlock *N) {
    return N && Failures.givesUp(N, S);
  });
  judge(S, V, TurnsAway ? FetchCheckKind::Dispatch : FetchCheckKind::Steer,
        Place);
}

bool FetchTracker::cured(const State &S, const FetchRead &R, ByteRange Bytes,
                         const FetchCheck &C) const {
  return llvm::any_of(S.Fetched.Checks, [&](const FetchCheck &X) {
    if (X.Version != R.Version || !X.Bytes.overlaps(Bytes))
      return false;
    if (X.AgainstOther)
      return true;
    if (C.Acted)
      return false;
    // How much there is room for is not a question of good values.
    if (C.Kind == FetchCheckKind::Size || C.Kind == FetchCheckKind::Bound)
      return false;
    return X.Kind == FetchCheckKind::Reject || X.Kind == FetchCheckKind::Call ||
           X.Kind == FetchCheckKind::Dispatch ||
           X.Kind == FetchCheckKind::Compare;
  });
}

//===----------------------------------------------------------------------===//
// Uses
//===----------------------------------------------------------------------===//

static unsigned strength(FetchCheckKind K) {
  switch (K) {
  case FetchCheckKind::Steer:
    return 0;
  case FetchCheckKind::Compare:
    return 1;
  case FetchCheckKind::Dispatch:
    return 2;
  default:
    return 3;
  }
}

/// What of \p Src was judged when it was read first, at \p By before, and not
/// since.
const FetchCheck *FetchTracker::lostCheck(const State &S,
                                          const FetchRead &First,
                                          const Source &Src, int64_t By,
                                          const FunctionDecl *Judge) const {
  const FetchRead &Second = *Src.Read;
  const FetchCheck *Best = nullptr;
  ByteRange Used = Src.Bytes.moved(By);
  for (const FetchCheck &C : S.Fetched.Checks) {
    if (C.Version != First.Version || !C.Bytes.overlaps(Used) ||
        (Best && strength(C.Kind) <= strength(Best->Kind)))
      continue;
    // The same function judges again, or a helper that is called twice.
    if ((Judge && Judge == C.By && !C.Acted) ||
        (First.Place.Loc == Second.Place.Loc && C.Place.In == First.Place.In))
      continue;
    ByteRange Again =
        ByteRange{std::max(C.Bytes.Lo, Used.Lo), std::min(C.Bytes.Hi, Used.Hi)}
            .moved(-By);
    // Where the end of a string was only looked for, a new one may be set.
    bool Somewhere = !First.Into;
    if (!cured(S, Second, Again, C) &&
        !overwritten(S, Second, Again, Somewhere))
      Best = &C;
  }
  return Best;
}

/// True if \p A and \p B are in the two branches of one `if`: a loop that
/// comes by both chooses between two layouts of an element.
bool FetchTracker::exclusive(const Stmt *A, const Stmt *B) {
  if (!A || !B)
    return false;
  if (!Parents)
    Parents.emplace(const_cast<Stmt *>(FD->getBody()));
  llvm::SmallPtrSet<const Stmt *, 16> AroundA;
  for (const Stmt *P = A; P; P = Parents->getParent(P))
    AroundA.insert(P);
  const Stmt *Below = nullptr;
  const Stmt *P = B;
  for (; P && !AroundA.count(P); P = Parents->getParent(P))
    Below = P;
  const auto *If = dyn_cast_or_null<IfStmt>(P);
  return If && If->getElse() && Below &&
         ((Below == If->getThen() && AroundA.count(If->getElse())) ||
          (Below == If->getElse() && AroundA.count(If->getThen())));
}

void FetchTracker::conflict(State &S, const Source &Src, FetchUseKind Kind,
                            const FetchPlace &Place,
                            const FunctionDecl *Judge) {
  const FetchRead &Used = *Src.Read;
  for (const FetchRead &Other : S.Fetched.Reads) {
    // States of different branches are joined; what they read is not read
    // twice. The next round of a loop reads for itself.
    if (llvm::is_contained(Used.After, Other.Version))
      reportConflict(S, Src, Other, Kind, Place, Judge);
    else if (llvm::is_contained(Other.After, Used.Version))
      reportConflict(S, Src, Other, Kind, Place, Judge, /*Late=*/true);
  }
}

/// \p Checked is the other read, \p Late: the later one.
void FetchTracker::reportConflict(State &S, const Source &Src,
                                  const FetchRead &Checked, FetchUseKind Kind,
                                  const FetchPlace &Place,
                                  const FunctionDecl *Judge, bool Late) {
  const FetchRead &Used = *Src.Read;
  // Nobody relies on what a call found out that failed.
  if (Checked.Result && S.rangeOf(Checked.Result).Hi < 0)
    return;
  std::optional<int64_t> D = distance(S, Checked, Used);
  if (!D)
    return;
  const FetchCheck *C = lostCheck(S, Checked, Src, *D, Judge);
  if (!C)
    return;
  // Late checks are those that turn values away, in the function that read
  // before; where a string ends, or that bytes are zero, is no value that they
  // are about. Elsewhere, the memory may have been written in between.
  if (Late &&
      ((C->Kind != FetchCheckKind::Reject && C->Kind != FetchCheckKind::Call) ||
       C->Place.In != Used.Place.In || Checked.Place.In != Used.Place.In ||
       (!Used.Into && !Used.Scalar)))
    return;
  // What happened in one call was looked at when the callee was analysed.
  if (Place.In != FD && Place.Site == Used.Place.Site &&
      Place.Site == Checked.Place.Site && Place.Site == C->Place.Site)
    return;
  if (exclusive(Checked.Place.Site, Used.Place.Site))
    return;
  Refetch F;
  F.S = &S;
  F.Checked = &Checked;
  F.Used = &Used;
  F.Late = Late;
  F.Check = C;
  F.Field = Src.Field ? Src.Field : C->Field;
  F.Use = Kind;
  F.UsedAt = Place;
  F.SameDestination =
      Used.Replaces == Checked.Version || (Checked.Into && Used.Into &&
                                           (isWithin(Checked.Into, Used.Into) ||
                                            isWithin(Used.Into, Checked.Into)));
  bool SameSize = Checked.Size && Checked.Size == Used.Size;
  bool AsMuch = Checked.Result && Checked.Result == Used.Size;
  F.Confined = ByteRange{0, sizeOf(Used)}.moved(*D).within(C->Bytes) ||
               (*D == 0 && C->Bytes.Lo == 0 && C->Bytes.Hi >= sizeOf(Checked) &&
                (SameSize || AsMuch));
  F.SizeWord = Used.SizedBy == Checked.Version && !AsMuch &&
               C->Kind != FetchCheckKind::Steer;
  F.Extends = Checked.Size && Used.Size && !SameSize &&
              S.rangeOf(Used.Size).Hi >= S.rangeOf(Checked.Size).Lo;
  F.UsedBy = Judge;
  F.Function = FD;
  Eng.observer().refetched(F);
}

void FetchTracker::use(State &S, const Term *V, FetchUseKind Kind,
                       const FetchPlace &Place, const FunctionDecl *Judge) {
  if (V->isConst())
    return;
  for (const Source &Src : sourcesOf(S, V))
    conflict(S, Src, Kind, Place, Judge);
  for (const Term *Part : callersPartsOf(S, V))
    logUse(S, Kind, Part, Place, Judge);
}

void FetchTracker::logUse(State &S, FetchUseKind Kind, const Term *V,
                          const FetchPlace &Place, const FunctionDecl *Judge) {
  FetchEvent E;
  E.Kind = FetchEvent::Use;
  E.What = Kind;
  E.By = Judge;
  E.Value = V;
  E.Place = Place;
  log(S, E);
}

static bool isExact(const Term *Loc, const Term *Whole) {
  for (; Loc != Whole; Loc = Loc->op(0))
    if (Loc->kind() == Term::Index && !Loc->op(1)->isConst())
      return false;
  return true;
}

/// True if something else was stored over \p Bytes of what \p R read, or
/// \p Somewhere in what it read.
bool FetchTracker::overwritten(const State &S, const FetchRead &R,
                               ByteRange Bytes, bool Somewhere) const {
  if (!R.Into || R.Into != R.Image)
    return false;
  auto Covers = [&](const Term *Loc) {
    return Loc != R.Into && isWithin(Loc, R.Into) &&
           (Somewhere || isExact(Loc, R.Into)) &&
           Bytes.within(bytesWithin(Loc, R.Into, 0, R));
  };
  for (const auto &KV : S.Store)
    if (Covers(KV.first) &&
        !(KV.second->kind() == Term::Load && KV.second->numOps() == 2 &&
          KV.second->op(1) == R.Version))
      return true;
  for (const auto &KV : S.Defaults)
    if (Covers(KV.first) && KV.second != R.Version)
      return true;
  return false;
}

/// Somebody gets a pointer to an object. \p Judge is the function that does.
void FetchTracker::useObject(State &S, const Term *Ptr, FetchUseKind Kind,
                             const FetchPlace &Place,
                             const FunctionDecl *Judge) {
  if (Ptr->isConst() || Ptr->kind() == Term::Func)
    return;
  if (!S.Fetched.Reads.empty())
    for (const Term *P : alternatives(Ptr)) {
      const Term *Loc = TC.deref(P);
      for (const Source &Src : sourcesOf(S, S.content(Loc, Range())))
        conflict(S, Src, Kind, Place, Judge);
      // Reads into, and values put into, a part of it.
      for (const FetchRead &R : S.Fetched.Reads)
        if (R.Into && R.Into != Loc && R.Into == R.Image &&
            isWithin(R.Into, Loc))
          if (const auto *D = S.Defaults.lookup(R.Into); D && *D == R.Version)
            conflict(S, {&R, {0, sizeOf(R)}, nullptr, nullptr}, Kind, Place,
                     Judge);
      // A member's address, as of a list node, leads to the whole.
      const Term *Whole =
          Loc->kind() == Term::Field && rootOf(Loc)->kind() == Term::Var
              ? rootOf(Loc)
              : Loc;
      for (const auto &KV : S.Store)
        if (KV.first != Loc && !KV.second->isExternal() &&
            isWithin(KV.first, Whole))
          for (const Source &Src : sourcesOf(S, KV.second))
            conflict(S, Src, FetchUseKind::Packed, Place, Judge);
    }
  if (Ptr->isExternal() && isCallers(S, Ptr))
    logUse(S, Kind, Ptr, Place, Judge);
}

void FetchTracker::index(State &S, const Term *Idx, const Expr *At) {
  use(S, Idx, FetchUseKind::Index, here(At));
}

void FetchTracker::stored(State &S, const Term *Loc, const Term *V,
                          const Expr *At) {
  if (V->isConst() || isOwnVariable(Loc))
    return;
  FetchPlace Place = here(At);
  if (At->getType()->isPointerType())
    useObject(S, V, FetchUseKind::Kept, Place, nullptr);
  for (const Source &Src : sourcesOf(S, V))
    // Not if a value is only converted where it is.
    if (!Src.Read->Into || !isWithin(Loc, Src.Read->Into))
      conflict(S, Src, FetchUseKind::Stored, Place);
  for (const Term *Part : callersPartsOf(S, V))
    if (Part->kind() == Term::Load && !isWithin(Loc, Part->op(0)))
      logUse(S, FetchUseKind::Stored, Part, Place, nullptr);
}

void FetchTracker::sized(State &S, const Term *Size, const Expr *At) {
  use(S, Size, FetchUseKind::Argument, here(At));
}

void FetchTracker::copied(State &S, const Term *To, const Term *From,
                          const Term *Size, const Expr *At) {
  if (Size)
    sized(S, Size, At);
  if (!isOwnVariable(To))
    useObject(S, TC.addrOf(From), FetchUseKind::Kept, here(At), nullptr);
}

void FetchTracker::atExit(State &S, SourceLocation Loc) {
  // Callers that are told of a failure do not go on with what was read.
  if (S.Returned && S.rangeOf(S.Returned).Hi < 0) {
    S.Fetched = FetchFacts();
    return;
  }
  if (S.Fetched.Reads.size() >= 2)
    checkHandedOut(S, Loc);
  S.Fetched.Reads.clear();
  S.Fetched.Checks.clear();
}

void FetchTracker::checkHandedOut(State &S, SourceLocation Loc) {
  for (const FetchRead &R : S.Fetched.Reads) {
    if (!R.Into || !R.Into->isExternal() || rootOf(R.Into)->kind() == Term::Var)
      continue;
    const Term *Now = R.Scalar ? S.load(R.Into, Range()) : nullptr;
    bool There = Now ? Now->kind() == Term::Load && Now->numOps() == 2 &&
                           Now->op(1) == R.Version
                     : occupant(S, R.Into) == R.Version;
    if (There)
      conflict(S, {&R, {0, sizeOf(R)}, nullptr, nullptr},
               FetchUseKind::HandedOut, {Loc, FD, nullptr});
  }
}
