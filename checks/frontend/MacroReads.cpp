//===- MacroReads.cpp - Macros that read user memory ----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "MacroReads.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Lex/Lexer.h"

using namespace pinlint;
using namespace clang;

MacroReadFinder::MacroReadFinder(const Protocols &P, ASTContext &Ctx)
    : Ctx(Ctx) {
  for (const ProtocolFunction *F : P.functions())
    for (const ProtocolEffect &E : F->Effects)
      // fetch: ptr, into: &x
      if (E.Kind == ProtocolEffect::Fetch &&
          E.Subject.Kind == ProtocolExpr::Arg && E.Into &&
          E.Into->Kind == ProtocolExpr::AddressOf &&
          E.Into->Operands[0].Kind == ProtocolExpr::Arg)
        Macros[F->Name] = {unsigned(E.Subject.Value),
                           unsigned(E.Into->Operands[0].Value)};
}

namespace {
/// One use of a macro: where its arguments are written.
class Expansion {
public:
  /// \p Inside is a location in the macro's body.
  Expansion(SourceLocation Inside, const SourceManager &SM,
            const LangOptions &Lang)
      : SM(SM) {
    CharSourceRange R = SM.getImmediateExpansionRange(Inside);
    std::tie(File, First) = SM.getDecomposedLoc(R.getBegin());
    // The text of a macro's body is as long as what it is expanded to, so that
    // offsets are the same in both.
    SourceLocation Spelt = SM.getSpellingLoc(R.getBegin());
    auto [TextFile, Offset] = SM.getDecomposedLoc(Spelt);
    bool Invalid = false;
    llvm::StringRef Text = SM.getBufferData(TextFile, &Invalid);
    if (Invalid)
      return;
    Lexer Lex(SM.getLocForStartOfFile(TextFile), Lang, Text.begin(),
              Text.begin() + Offset, Text.end());
    unsigned Depth = 0;
    Token T;
    while (!Lex.LexFromRawLexer(T)) {
      unsigned At = SM.getFileOffset(T.getLocation()) - Offset;
      if (T.isOneOf(tok::l_paren, tok::l_square, tok::l_brace)) {
        if (!Depth++)
          Starts.push_back(At + 1);
      } else if (T.isOneOf(tok::r_paren, tok::r_square, tok::r_brace)) {
        if (!Depth || !--Depth) {
          End = At;
          return;
        }
      } else if (T.is(tok::comma) && Depth == 1) {
        Starts.push_back(At + 1);
      }
    }
  }

  bool isIn(SourceLocation Loc, unsigned Argument) const {
    if (Argument >= Starts.size())
      return false;
    unsigned Lo = First + Starts[Argument];
    unsigned Hi =
        First + (Argument + 1 < Starts.size() ? Starts[Argument + 1] : End + 1);
    constexpr unsigned MaxLevels = 12;
    return isBetween(Loc, Lo, Hi, MaxLevels);
  }

private:
  bool isBetween(SourceLocation Loc, unsigned Lo, unsigned Hi,
                 unsigned Levels) const {
    auto [F, Offset] = SM.getDecomposedLoc(Loc);
    if (F == File)
      return Lo <= Offset && Offset < Hi;
    if (!Loc.isMacroID() || !Levels)
      return false;
    // A macro's argument is spelt outside of the macro and stands inside.
    return (SM.isMacroArgExpansion(Loc) &&
            isBetween(SM.getImmediateSpellingLoc(Loc), Lo, Hi, Levels - 1)) ||
           isBetween(SM.getImmediateExpansionRange(Loc).getBegin(), Lo, Hi,
                     Levels - 1);
  }

  const SourceManager &SM;
  FileID File;
  unsigned First = 0, End = 0;
  llvm::SmallVector<unsigned, 4> Starts;
};
} // namespace

namespace pinlint {
class MacroReadVisitor : public RecursiveASTVisitor<MacroReadVisitor> {
public:
  MacroReadVisitor(const MacroReadFinder &Finder, std::vector<MacroRead> &Out)
      : Finder(Finder), Ctx(Finder.Ctx), SM(Ctx.getSourceManager()), Out(Out) {}

  bool VisitStmtExpr(StmtExpr *S) { return visit(S); }
  bool VisitDoStmt(DoStmt *S) { return visit(S); }

private:
  bool visit(const Stmt *S) {
    for (SourceLocation L = S->getBeginLoc(); L.isMacroID();
         L = SM.getImmediateMacroCallerLoc(L)) {
      if (SM.isMacroArgExpansion(L))
        continue;
      auto It = Finder.Macros.find(
          Lexer::getImmediateMacroName(L, SM, Ctx.getLangOpts()));
      if (It == Finder.Macros.end())
        continue;
      Expansion E(L, SM, Ctx.getLangOpts());
      assignments(S, S, E, It->second.Into, It->second.Address);
      return true;
    }
    return true;
  }

  void assignments(const Stmt *S, const Stmt *Whole, const Expansion &E,
                   unsigned Into, unsigned Address) {
    if (const auto *B = dyn_cast<BinaryOperator>(S);
        B && B->getOpcode() == BO_Assign &&
        E.isIn(B->getLHS()->IgnoreParens()->getBeginLoc(), Into)) {
      // `x = 0` is what is left of a read that failed.
      Expr::EvalResult Ignored;
      if (!B->getRHS()->EvaluateAsInt(Ignored, Ctx))
        add(B, Whole, E, Address);
      return;
    }
    for (const Stmt *C : S->children())
      if (C)
        assignments(C, Whole, E, Into, Address);
  }

  void add(const BinaryOperator *B, const Stmt *Whole, const Expansion &E,
           unsigned Address) {
    for (MacroRead &R : Out)
      if (R.Assignment == B)
        return;
    MacroRead R{B, nullptr, nullptr, 0};
    findAddress(Whole, nullptr, E, Address, R);
    if (!R.Address)
      return;
    QualType Ptr = R.Address->getType();
    QualType Value = Ptr->isPointerType() ? Ptr->getPointeeType() : QualType();
    if (Value.isNull() || Value->isIncompleteType())
      Value = B->getLHS()->getType();
    R.Size = Ctx.getTypeSizeInChars(Value).getQuantity();
    Out.push_back(R);
  }

  /// Finds the macro's argument \p Argument where it is evaluated.
  bool findAddress(const Stmt *S, const VarDecl *Initialised,
                   const Expansion &E, unsigned Argument, MacroRead &R) {
    if (isa<UnaryExprOrTypeTraitExpr, OffsetOfExpr>(S))
      return false;
    if (const auto *X = dyn_cast<Expr>(S);
        X && E.isIn(X->getBeginLoc(), Argument) &&
        E.isIn(X->getEndLoc(), Argument) &&
        (X->getType()->isPointerType() || X->getType()->isArrayType() ||
         X->getType()->isIntegerType())) {
      R.Address = X;
      R.Held = Initialised;
      return true;
    }
    if (const auto *D = dyn_cast<DeclStmt>(S)) {
      for (const Decl *X : D->decls())
        if (const auto *V = dyn_cast<VarDecl>(X);
            V && V->hasInit() && findAddress(V->getInit(), V, E, Argument, R))
          return true;
      return false;
    }
    for (const Stmt *C : S->children())
      if (C &&
          findAddress(C, isa<ParenExpr, CastExpr>(S) ? Initialised : nullptr, E,
                      Argument, R))
        return true;
    return false;
  }

  const MacroReadFinder &Finder;
  ASTContext &Ctx;
  const SourceManager &SM;
  std::vector<MacroRead> &Out;
};
} // namespace pinlint

std::vector<MacroRead> MacroReadFinder::find(const FunctionDecl *FD) const {
  std::vector<MacroRead> Out;
  if (!Macros.empty())
    MacroReadVisitor(*this, Out)
        .TraverseStmt(const_cast<Stmt *>(FD->getBody()));
  return Out;
}
