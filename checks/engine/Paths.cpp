//===- Paths.cpp - What is told of the path to a finding ------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A path takes every decision between its ends; a report shows those without
/// which it would be another path: decisions that lead elsewhere, or between
/// code that does something about handles and code that does not.
///
//===----------------------------------------------------------------------===//

#include "Engine.h"
#include "Explorer.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Lex/Lexer.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace pinlint;
using namespace clang;

std::string pinlint::sourceText(const ASTContext &Ctx, const Stmt *S) {
  const SourceManager &SM = Ctx.getSourceManager();
  SourceRange R = S->getSourceRange();
  CharSourceRange C = SM.getExpansionRange(R);
  std::string Text = Lexer::getSourceText(C, SM, Ctx.getLangOpts()).str();
  // One line, not too long.
  std::string Out;
  bool Space = false;
  for (char Ch : Text) {
    if (isspace(static_cast<unsigned char>(Ch))) {
      Space = true;
      continue;
    }
    if (Space && !Out.empty())
      Out += ' ';
    Space = false;
    Out += Ch;
  }
  constexpr size_t MaxLength = 60;
  if (Out.size() > MaxLength)
    Out = Out.substr(0, MaxLength - 3) + "...";
  return Out;
}

/// True if \p S may have to do with what is held.
bool Explorer::isEventful(const Stmt *S) {
  if (const auto *C = dyn_cast<CallExpr>(S)) {
    const Summary *Sum = Eng.summaryOf(C);
    return Sum && !Sum->trivial();
  }
  // A handle may be stored where others find it.
  if (const auto *B = dyn_cast<BinaryOperator>(S))
    return B->isAssignmentOp() &&
           !isa<DeclRefExpr>(B->getLHS()->IgnoreParenCasts());
  return isa<ReturnStmt>(S);
}

/// The local variable that \p S gives a value, if any.
static const VarDecl *assignedBy(const Stmt *S) {
  const Expr *To = nullptr;
  if (const auto *B = dyn_cast<BinaryOperator>(S); B && B->isAssignmentOp())
    To = B->getLHS();
  else if (const auto *U = dyn_cast<UnaryOperator>(S);
           U && U->isIncrementDecrementOp())
    To = U->getSubExpr();
  const auto *Ref =
      To ? dyn_cast<DeclRefExpr>(To->IgnoreParenCasts()) : nullptr;
  return Ref ? dyn_cast<VarDecl>(Ref->getDecl()) : nullptr;
}

const MinorBranch *Explorer::minorBranch(const CFGBlock *B) {
  auto [It, New] = MinorBranches.try_emplace(B);
  if (!New)
    return It->second;
  if (!PostDominators)
    PostDominators = std::make_unique<CFGPostDomTree>(Graph.get());
  const auto *Node =
      PostDominators->getBase().getNode(const_cast<CFGBlock *>(B));
  const CFGBlock *Join =
      Node && Node->getIDom() ? Node->getIDom()->getBlock() : nullptr;
  if (!Join || Join == &Graph->getExit())
    return nullptr;

  const SourceManager &SM = Ctx.getSourceManager();
  SourceRange Region;
  llvm::SmallVector<const VarDecl *, 4> Assigned;
  llvm::SmallPtrSet<const CFGBlock *, 16> Seen = {Join};
  llvm::SmallVector<const CFGBlock *, 16> Todo = {B};
  while (!Todo.empty()) {
    const CFGBlock *X = Todo.pop_back_val();
    for (const CFGElement &E : *X) {
      if (X == B) // What is before the branch is not up to it.
        break;
      auto S = E.getAs<CFGStmt>();
      if (!S || isEventful(S->getStmt()))
        return nullptr;
      if (const VarDecl *VD = assignedBy(S->getStmt()))
        Assigned.push_back(VD);
      SourceLocation Begin = SM.getExpansionLoc(S->getStmt()->getBeginLoc());
      SourceLocation End = SM.getExpansionLoc(S->getStmt()->getEndLoc());
      if (Region.isInvalid())
        Region = SourceRange(Begin, End);
      if (SM.isBeforeInTranslationUnit(Begin, Region.getBegin()))
        Region.setBegin(Begin);
      if (SM.isBeforeInTranslationUnit(Region.getEnd(), End))
        Region.setEnd(End);
    }
    for (const CFGBlock *Succ : X->succs())
      if (Succ && Succ != B && Seen.insert(Succ).second)
        Todo.push_back(Succ);
  }
  // Nothing at all is decided: the range is the condition's own.
  if (Region.isInvalid())
    if (const Stmt *Cond = B->getLastCondition())
      Region = SM.getExpansionRange(Cond->getSourceRange()).getAsRange();
  return MinorBranches[B] = M.minorBranch(Region, Assigned);
}

namespace {
/// Decides from the end of a path on which of its steps are told.
class StepFilter {
public:
  StepFilter(const ASTContext &Ctx, const PathFocus &Focus)
      : SM(Ctx.getSourceManager()), Focus(Focus) {
    if (Focus.End.isValid())
      Kept.push_back(SM.getExpansionLoc(Focus.End));
  }

  bool keeps(const PathNode &N) {
    if (N.Kind == PathNode::Jump || N.Kind == PathNode::Join)
      return false;
    if (N.Kind == PathNode::Decided) {
      noteReads(N.S);
      return false;
    }
    if (Focus.End.isValid() && !matters(N))
      return false;
    Kept.push_back(SM.getExpansionLoc(N.Loc));
    if (N.Kind == PathNode::Branch)
      noteReads(N.S);
    return true;
  }

private:
  bool matters(const PathNode &N) const {
    if (N.Kind == PathNode::Branch && N.Minor) {
      SourceRange R = N.Minor->Region;
      return llvm::any_of(N.Minor->Assigned,
                          [&](const VarDecl *V) { return Read.contains(V); }) ||
             llvm::any_of(Kept, [&](SourceLocation L) {
               return L == R.getEnd() || L == R.getBegin() ||
                      SM.isPointWithin(L, R.getBegin(), R.getEnd());
             });
    }
    bool IsCall = N.Kind == PathNode::Call || N.Kind == PathNode::Event;
    if (!IsCall || !Focus.Fam || &N == Focus.First)
      return true;
    // What else is acquired is told where the path is at an end right after.
    if (N.Acquires)
      return Kept.size() == 1;
    return N.Fam == Focus.Fam ||
           (N.Fam && !N.Fam->Group.empty() && N.Fam->Group == Focus.Fam->Group);
  }

  /// What a kept decision reads was decided before.
  void noteReads(const Stmt *S) {
    if (const auto *Ref = dyn_cast_or_null<DeclRefExpr>(S))
      if (const auto *V = dyn_cast<VarDecl>(Ref->getDecl()))
        Read.insert(V);
    if (S)
      for (const Stmt *Child : S->children())
        noteReads(Child);
  }

  const SourceManager &SM;
  const PathFocus &Focus;
  llvm::SmallPtrSet<const VarDecl *, 8> Read;
  llvm::SmallVector<SourceLocation, 16> Kept;
};
} // namespace

/// True if what \p Site acquired is new at \p N.
static bool begins(const PathNode &N, const Stmt *Site) {
  return N.S == Site && (N.Kind == PathNode::Call || N.Kind == PathNode::Event);
}

/// \p Path, or the part of it that ends where the next round of a loop acquires
/// again what \p From has acquired.
static const PathNode *untilAgain(const PathNode *Path, const PathNode *From) {
  const PathNode *Until = Path;
  for (const PathNode *N = Path; From && N && N != From; N = N->Parent)
    if (begins(*N, From->S))
      Until = N->Parent;
  return Until;
}

bool pinlint::leadsTo(const PathNode *Earlier, const PathNode *Later) {
  while (Later && Later->Length > Earlier->Length)
    Later = Later->Parent;
  return Later == Earlier;
}

const PathNode *pinlint::commonPart(const PathNode *A, const PathNode *B) {
  while (A && B && A != B) {
    const PathNode *&Longer = A->Length >= B->Length ? A : B;
    Longer = Longer->Parent;
  }
  return A && B ? A : nullptr;
}

namespace {
/// The way back along a path, past conditions that change nothing.
class WayBack {
public:
  /// What is before \p N. Where two paths meet with the same in hand that
  /// parted at one condition after \p From, it is what is before that: which
  /// way it goes changes nothing.
  const PathNode *before(const PathNode &N, const PathNode *From) {
    if (N.Kind != PathNode::Join || !Left)
      return N.Parent;
    --Left;
    const PathNode *Part = commonPart(N.Parent, N.Other);
    if (!Part || (From && !leadsTo(From, Part)))
      return N.Parent;
    const PathNode *X = onlyBranch(N.Parent, Part);
    const PathNode *Y = onlyBranch(N.Other, Part);
    return X && Y && X->S == Y->S && X->Taken != Y->Taken ? Part : N.Parent;
  }

private:
  /// What is decided on the way from \p From to \p To, if that is one thing;
  /// null otherwise.
  const PathNode *onlyBranch(const PathNode *To, const PathNode *From) {
    const PathNode *Only = nullptr;
    for (const PathNode *N = To; N && N != From; N = before(*N, From))
      if (N->Kind == PathNode::Branch && std::exchange(Only, N))
        return nullptr;
    return Only;
  }

  /// Paths that meet behind others that have met are looked at once for each of
  /// those; so many times altogether.
  unsigned Left = 1000;
};
} // namespace

const PathNode *pinlint::lastDecision(const ASTContext &Ctx,
                                      const PathNode *Path,
                                      const PathNode *From,
                                      const PathFocus &Focus, bool Replaced) {
  const SourceManager &SM = Ctx.getSourceManager();
  StepFilter Filter(Ctx, Focus);
  const PathNode *To = Replaced ? untilAgain(Path, From) : Path;
  bool IsEnd = To == Path;
  const PathNode *Last = nullptr;
  WayBack Back;
  for (const PathNode *N = To; N && N != From; N = Back.before(*N, From)) {
    const bool Keeps = Filter.keeps(*N);
    const bool Fails =
        N->Kind == PathNode::Note && isa_and_nonnull<CallExpr>(N->S);
    if (N->Kind != PathNode::Branch && !Fails)
      continue;
    const bool Ends = std::exchange(IsEnd, false);
    if (!Keeps)
      continue;
    // What stands before the beginning, and does not end the path, decides on
    // another round.
    if (!From || Ends || !SM.isBeforeInTranslationUnit(N->Loc, From->Loc))
      return N;
    if (!Last)
      Last = N;
  }
  return Last;
}

llvm::SmallVector<const PathNode *, 4> pinlint::jumpsTo(const PathNode *Path,
                                                        const Stmt *Site) {
  constexpr size_t MaxJumps = 16, MaxJoined = 256;
  llvm::SmallVector<const PathNode *, 4> Jumps;
  llvm::SmallVector<const PathNode *, 8> Todo = {Path};
  llvm::SmallPtrSet<const PathNode *, 16> Joined;
  while (!Todo.empty() && Jumps.size() < MaxJumps)
    for (const PathNode *N = Todo.pop_back_val(); N && !begins(*N, Site);
         N = N->Parent) {
      if (N->Kind == PathNode::Join && !Joined.insert(N).second)
        break;
      if (N->Kind == PathNode::Join && Joined.size() < MaxJoined)
        Todo.push_back(N->Other);
      if (N->Kind != PathNode::Jump)
        continue;
      if (llvm::none_of(Jumps, [&](const PathNode *J) { return J->S == N->S; }))
        Jumps.push_back(N);
      break;
    }
  return Jumps;
}

static bool isDecision(const PathNode *N) {
  return N->Kind == PathNode::Branch || (N->Kind == PathNode::Note && N->S);
}

const PathNode *pinlint::decisionBeforeJump(const PathNode *To) {
  bool Jumped = false;
  for (const PathNode *N = To ? To->Parent : nullptr; N; N = N->Parent) {
    Jumped |= N->Kind == PathNode::Jump;
    if (isDecision(N))
      return Jumped ? N : nullptr;
  }
  return nullptr;
}

Trace pinlint::renderPath(const ASTContext &Ctx, const PathNode *Path,
                          const PathNode *From, const PathFocus &Focus) {
  llvm::SmallVector<const PathNode *, 32> Nodes, Decided;
  StepFilter Filter(Ctx, Focus);
  WayBack Back;
  for (const PathNode *N = Path; N && N != From;
       N = Focus.End.isValid() ? Back.before(*N, From) : N->Parent) {
    if (Filter.keeps(*N))
      Nodes.push_back(N);
    else if (N->Kind == PathNode::Decided && !N->Minor)
      Decided.push_back(N);
  }
  // Where nothing had to be assumed, what was certain first tells the way.
  constexpr size_t MaxDecided = 3;
  if (Focus.End.isValid() && llvm::none_of(Nodes, isDecision)) {
    llvm::append_range(Nodes, llvm::ArrayRef(Decided).take_back(MaxDecided));
    llvm::stable_sort(Nodes, [](const PathNode *A, const PathNode *B) {
      return A->Length > B->Length;
    });
  }
  Trace Out;
  for (const PathNode *N : llvm::reverse(Nodes)) {
    // Of what else is acquired, the way is of no interest.
    bool Brief = Focus.Fam && N->Acquires && N != Focus.First;
    const auto *C = dyn_cast_or_null<CallExpr>(N->S);
    std::string Name = C && calledBy(C) ? calleeName(C) : N->Text.str();
    std::string Text;
    switch (N->Kind) {
    case PathNode::Branch:
    case PathNode::Decided: {
      const bool Certain = N->Kind == PathNode::Decided;
      Text = (Certain ? "'" : "assuming '") + sourceText(Ctx, N->S) + "' is " +
             (N->Taken ? "true" : "false") + (Certain ? " here" : "");
      break;
    }
    case PathNode::Call:
      Text =
          (Brief ? "'" : "calling '") + Name + (Brief ? "' called here" : "'");
      break;
    case PathNode::Event:
      Text = "'" + Name + "' called here";
      break;
    case PathNode::Note:
      if (const auto *Case = dyn_cast_or_null<CaseStmt>(N->S))
        Text = "at case '" + sourceText(Ctx, Case->getLHS()) + "'";
      else if (C)
        Text = "assuming '" + Name + "' fails";
      else
        Text = N->Text.str();
      break;
    case PathNode::Mark:
    case PathNode::Jump:
    case PathNode::Join:
      continue;
    }
    SourceLocation Loc = Ctx.getSourceManager().getExpansionLoc(N->Loc);
    if (!Out.empty() && Out.back().Loc == Loc && Out.back().Text == Text)
      continue;
    Out.push_back({Loc, Text, 0});
    if (N->Inner && !Brief)
      for (const TraceStep &T : *N->Inner)
        Out.push_back({T.Loc, T.Text, T.Depth + 1});
  }
  return Out;
}
