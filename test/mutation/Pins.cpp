//===- Pins.cpp - Breaks functions that balance pins ----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Makes mutants of functions that both acquire pages and give them back. Of
/// those that only give back what others acquired, and of their callers, it
/// makes mutants that do not.
///
//===----------------------------------------------------------------------===//

#include "Mutants.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSwitch.h"

using namespace pinlint;
using namespace clang;

namespace {
struct Site {
  const CallExpr *Call;
  const ProtocolFunction *Known;
  /// A release of what was allocated.
  bool OnlyAllocated = false;
};

/// The calls, jumps and labels of one function, in the order of the source.
class SiteVisitor : public RecursiveASTVisitor<SiteVisitor> {
public:
  SiteVisitor(const Protocols &P, bool Objects) : P(P), Objects(Objects) {}
  std::vector<Site> Acquires, Releases;
  /// One more reference on what is there already.
  std::vector<const CallExpr *> Takes;
  std::vector<const CallExpr *> Calls;
  std::vector<const GotoStmt *> Jumps;
  std::vector<const LabelStmt *> Labels;

  bool VisitCallExpr(CallExpr *C) {
    const FunctionDecl *F = C->getDirectCallee();
    if (!F || !F->getIdentifier() || C->getBeginLoc().isMacroID() ||
        C->getEndLoc().isMacroID())
      return true;
    Calls.push_back(C);
    const ProtocolFunction *Known = P.lookup(F->getName(), C->getNumArgs());
    if (!Known)
      return true;
    for (const ProtocolEffect &E : Known->Effects) {
      const ProtocolFamily *Fam = P.family(E.Family);
      if (E.Kind == ProtocolEffect::Acquire &&
          E.Form == ProtocolEffect::Value &&
          E.Subject.Kind == ProtocolExpr::Arg && Fam && Fam->Kind == "REF" &&
          Fam->Group == (Objects ? "" : "page"))
        Takes.push_back(C);
      if (Objects) {
        if (!Fam || Fam->Kind != "REF" || !Fam->Group.empty())
          continue;
        if (E.Kind == ProtocolEffect::Acquire)
          Acquires.push_back({C, Known});
        else if (E.Kind == ProtocolEffect::Release)
          Releases.push_back({C, Known});
        continue;
      }
      bool Page = Fam ? Fam->Group == "page" : E.Family == "group:page";
      if (E.Kind == ProtocolEffect::Acquire && Page && Fam &&
          (Fam->Kind == "PIN" || Fam->Kind == "GET" || Fam->Kind == "EXTRACT"))
        Acquires.push_back({C, Known});
      else if (E.Kind == ProtocolEffect::Release && Page)
        Releases.push_back({C, Known, Fam && Fam->Kind == "ALLOC"});
    }
    return true;
  }
  bool VisitGotoStmt(GotoStmt *G) {
    if (!G->getBeginLoc().isMacroID())
      Jumps.push_back(G);
    return true;
  }
  bool VisitLabelStmt(LabelStmt *L) {
    Labels.push_back(L);
    return true;
  }

private:
  const Protocols &P;
  /// References on objects, not pages.
  const bool Objects;
};

class PinMutator {
public:
  PinMutator(MutantWriter &W) : W(W) {}

  /// The argument that counts what \p S is about; null if there is one thing.
  const Expr *argument(const Site &S, ProtocolEffect::KindTy Kind,
                       bool Request) const {
    for (const ProtocolEffect &E : S.Known->Effects) {
      if (E.Kind != Kind)
        continue;
      const auto &Which = Request ? E.Request : E.Count;
      if (Which && Which->Kind == ProtocolExpr::Arg &&
          uint64_t(Which->Value) < S.Call->getNumArgs())
        return S.Call->getArg(Which->Value)->IgnoreImpCasts();
    }
    return nullptr;
  }

  void mutateRelease(const FunctionDecl *F, const SiteVisitor &V,
                     const Site &S) {
    const CallExpr *C = S.Call;
    SourceRange Whole = C->getSourceRange();
    std::string Text = W.textOf(Whole);
    if (W.isStatement(C)) {
      // What a short call obtained is given back under a condition.
      const auto *If = W.enclosing<IfStmt>(C);
      const auto *Cond =
          If ? dyn_cast<BinaryOperator>(If->getCond()->IgnoreParenImpCasts())
             : nullptr;
      bool Partial = Cond && Cond->isRelationalOp();
      W.emit(F, Partial ? "drop-partial-release" : "drop-release", Whole,
             "(void)0");
      W.emit(F, "release-twice", Whole, "({ " + Text + "; " + Text + "; })");
      const auto *Block = W.enclosing<CompoundStmt>(C);
      const Stmt *Before = nullptr;
      for (const Stmt *Other : Block->body()) {
        if (Other == C)
          break;
        Before = Other;
      }
      // What is done to the page just before is done just after.
      if (const auto *Use = dyn_cast_or_null<CallExpr>(Before);
          Use && Use->getNumArgs() && C->getNumArgs() &&
          !llvm::any_of(V.Releases,
                        [&](const Site &R) { return R.Call == Use; }) &&
          W.textOf(Use->getArg(0)->getSourceRange()) ==
              W.textOf(C->getArg(0)->getSourceRange()))
        W.emit(F, "use-after-release",
               SourceRange(Use->getBeginLoc(), C->getEndLoc()),
               Text + "; " + W.textOf(Use->getSourceRange()));
    }
    llvm::StringRef Callee = C->getDirectCallee()->getName();
    const char *Other =
        llvm::StringSwitch<const char *>(Callee)
            .Cases({"unpin_user_page", "unpin_folio"}, "put_page")
            .Case("put_page", "unpin_user_page")
            .Case("folio_put", "unpin_folio")
            .Case("unpin_user_pages", "release_pages")
            .Case("release_pages", "unpin_user_pages")
            .Default(nullptr);
    if (Other)
      W.emit(F, "wrong-family", C->getCallee()->getSourceRange(), Other);
    if (const Expr *Count = argument(S, ProtocolEffect::Release, false)) {
      std::string Number = W.textOf(Count->getSourceRange());
      W.emit(F, "one-too-few", Count->getSourceRange(), "(" + Number + ") - 1");
      for (const Site &A : V.Acquires)
        if (const Expr *Asked = argument(A, ProtocolEffect::Acquire, true))
          if (std::string All = W.textOf(Asked->getSourceRange());
              All != Number && !Asked->isEvaluatable(W.Ctx)) {
            W.emit(F, "requested-count", Count->getSourceRange(), All);
            break;
          }
    }
    const auto *Loop = W.enclosing<ForStmt>(C);
    const auto *Bound =
        Loop ? dyn_cast_or_null<BinaryOperator>(Loop->getCond()) : nullptr;
    if (Bound && Bound->getOpcode() == BO_LT)
      W.emit(F, "one-too-many", SourceRange(Bound->getOperatorLoc()), "<=");
  }

  void mutateJump(const FunctionDecl *F, const SiteVisitor &V,
                  const GotoStmt *G) {
    auto Later = [&](SourceLocation A, SourceLocation B) {
      return W.isAfter(A, B);
    };
    // A page may be held here, and is given back where the jump leads.
    bool Held = llvm::any_of(V.Acquires, [&](const Site &A) {
      return Later(G->getBeginLoc(), A.Call->getBeginLoc());
    });
    SourceLocation To = G->getLabel()->getStmt()->getBeginLoc();
    bool Leads = llvm::any_of(V.Releases, [&](const Site &R) {
      return Later(R.Call->getBeginLoc(), To);
    });
    if (!Held || !Leads || !Later(To, G->getBeginLoc()))
      return;
    if (F->getReturnType()->isIntegerType())
      W.emit(F, "return-before-cleanup", G->getSourceRange(), "return -5");
    const LabelStmt *Next = nullptr;
    for (const LabelStmt *L : V.Labels)
      if (Later(L->getBeginLoc(), To) &&
          (!Next || Later(Next->getBeginLoc(), L->getBeginLoc())))
        Next = L;
    bool Skips = Next && llvm::any_of(V.Releases, [&](const Site &R) {
                   return Later(R.Call->getBeginLoc(), To) &&
                          Later(Next->getBeginLoc(), R.Call->getBeginLoc());
                 });
    if (Skips)
      W.emit(F, "wrong-label", G->getLabelLoc(), Next->getDecl()->getName());
  }

  void mutate(const FunctionDecl *F, const SiteVisitor &V) {
    if (V.Acquires.empty() || V.Releases.empty())
      return;
    for (const Site &S : V.Releases)
      mutateRelease(F, V, S);
    for (const GotoStmt *G : V.Jumps)
      mutateJump(F, V, G);
  }

private:
  MutantWriter &W;
};

/// True if what is given back may be pinned, not just allocated.
bool isOfPins(const Site &S) { return !S.OnlyAllocated; }
} // namespace

static void mutateBalance(MutantWriter &W, const Protocols &P,
                          llvm::ArrayRef<const FunctionDecl *> Functions,
                          bool Objects) {
  llvm::MapVector<const FunctionDecl *, SiteVisitor> Sites;
  for (const FunctionDecl *F : Functions)
    Sites.try_emplace(F->getCanonicalDecl(), P, Objects)
        .first->second.TraverseStmt(F->getBody());
  // Who gives back what others have acquired.
  auto IsCleanup = [&](const FunctionDecl *F) {
    auto It = Sites.find(F->getCanonicalDecl());
    return It != Sites.end() && It->second.Acquires.empty() &&
           llvm::any_of(It->second.Releases, isOfPins);
  };
  PinMutator M(W);
  for (const auto &[F, V] : Sites) {
    M.mutate(F, V);
    for (const CallExpr *C : V.Takes)
      if (W.isStatement(C))
        W.emit(F, "drop-acquire", C->getSourceRange(), "(void)0");
    for (const Site &S : V.Releases)
      if (V.Acquires.empty() && isOfPins(S) && W.isStatement(S.Call))
        W.emit(F, "drop-owner-release", S.Call->getSourceRange(), "(void)0");
    for (const CallExpr *C : V.Calls)
      if (IsCleanup(C->getDirectCallee()) && W.isStatement(C))
        W.emit(F, "drop-cleanup-call", C->getSourceRange(), "(void)0");
  }
}

void mutatePins(MutantWriter &W, const Protocols &P,
                llvm::ArrayRef<const FunctionDecl *> Functions) {
  mutateBalance(W, P, Functions, /*Objects=*/false);
}

void mutateReferences(MutantWriter &W, const Protocols &P,
                      llvm::ArrayRef<const FunctionDecl *> Functions) {
  mutateBalance(W, P, Functions, /*Objects=*/true);
}
