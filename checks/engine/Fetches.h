//===- Fetches.h - Follow values read from user memory ----------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Follows what a function reads from memory that others can change: remembers
/// which bytes of which read were judged, and tells the observer when bytes of
/// a later read of the same memory are used although only the earlier read's
/// were judged.
///
/// Reads get their content's identity from version terms (see State::Defaults),
/// so that a value says by itself which read it comes from.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_ENGINE_FETCHES_H
#define PINLINT_ENGINE_FETCHES_H

#include "Engine.h"
#include "GiveUp.h"
#include "Loops.h"
#include "State.h"
#include "clang/AST/ParentMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallPtrSet.h"
#include <optional>

namespace pinlint {

class FetchTracker {
public:
  FetchTracker(Engine &Eng, StateManager &M, const clang::FunctionDecl *FD,
               const clang::CFG &G);

  using Terms = llvm::ArrayRef<const Term *>;

  /// A call reads memory as \p E says. \p Token tells the call apart, \p Result
  /// is what it returns.
  void read(State &S, const Effect &E, const clang::Stmt *Site,
            const Term *Token, const Term *Result);
  /// If \p B is where a macro keeps what it read, the value; else null.
  const Term *
  macroRead(State &S, const clang::BinaryOperator *B, const Term *Into,
            const Term *Token, Range Bounds,
            llvm::function_ref<const Term *(const clang::Expr *)> Eval);

  /// \p E loads what is at \p Loc, in memory that others can change; null if it
  /// turns out to be a variable of the function.
  const Term *sharedLoad(State &S, const clang::Expr *E, const Term *Loc,
                         const Term *Token, Range Bounds);

  /// The condition \p C of \p B was decided; \p Next are the states of the two
  /// outcomes, null where one is impossible.
  void branch(const clang::CFGBlock *B, const clang::Expr *Cond, const Term *C,
              State *const Next[2]);
  /// The outcome of \p B, which compares as \p C says, was known.
  void decided(const clang::BinaryOperator *B, const Term *C) {
    Comparisons[B] = C;
  }
  void dispatch(State &S, const clang::CFGBlock *B,
                const clang::SwitchStmt *Switch, const Term *V);
  /// A call of \p Callee (null: not known) whose body was not analysed.
  void call(State &S, const clang::FunctionDecl *Callee,
            const clang::Stmt *Site, Terms Args, const Term *Result,
            clang::QualType ResultType, bool HasProtocol);
  /// \p Result was computed from \p From.
  void derive(const Term *Result, Terms From) {
    Derived[Result].From.append(From.begin(), From.end());
  }
  /// Unknown code had a chance to change \p Loc, which held \p Old.
  void perhapsChanged(State &S, const Term *Loc, const Term *Old);
  void index(State &S, const Term *Idx, const clang::Expr *At);
  /// \p V is stored to \p Loc.
  void stored(State &S, const Term *Loc, const Term *V, const clang::Expr *At);
  /// \p Size says how much memory is written to.
  void sized(State &S, const Term *Size, const clang::Expr *At);
  /// The object at \p From is copied to \p To.
  void copied(State &S, const Term *To, const Term *From, const Term *Size,
              const clang::Expr *At);
  void atExit(State &S, clang::SourceLocation Loc);

  /// The read whose bytes are at \p Loc; null if there is none.
  const Term *replaced(const State &S, const Term *Loc);
  /// A callee's \p Events in terms of the caller at \p Site.
  llvm::SmallVector<FetchEvent, 0>
  instantiate(const State &S, llvm::ArrayRef<FetchEvent> Events,
              const clang::Stmt *Site,
              llvm::function_ref<const Term *(const Term *)> Subst);
  void apply(State &S, llvm::ArrayRef<FetchEvent> Events,
             const clang::FunctionDecl *Callee, const Term *Result);

private:
  struct Source {
    const FetchRead *Read;
    ByteRange Bytes;
    const clang::FieldDecl *Field;
    /// Who made the value out of the bytes.
    const clang::FunctionDecl *By;
  };
  using Sources = llvm::SmallVector<Source, 4>;
  using Seen = llvm::SmallPtrSet<const Term *, 16>;

  // Values (FetchValues.cpp).
  Sources sourcesOf(const State &S, const Term *V);
  void collect(const State &S, const Term *V, const clang::FunctionDecl *By,
               Seen &Visited, Sources &Out);
  void collectVersion(const State &S, const Term *Loc, const Term *Version,
                      const Range &Bounds, const clang::FunctionDecl *By,
                      unsigned Depth, Sources &Out);
  void collectFromArray(const State &S, const Term *Loc,
                        const clang::FunctionDecl *By, Sources &Out);
  /// The parts of \p V that come from the caller.
  llvm::SmallVector<const Term *, 4> callersPartsOf(const State &S,
                                                    const Term *V);
  bool isCallers(const State &S, const Term *V) const;
  /// Where \p Loc lies in \p Image, as far as that is known.
  ByteRange bytesWithin(const Term *Loc, const Term *Image, int64_t Access,
                        const FetchRead &R) const;
  int64_t sizeOf(const FetchRead &R) const;
  const Term *byteAddress(const Term *Ptr) const;
  const Term *byteAddressOfLocation(const Term *Loc) const;
  const Term *canonical(const Term *T, unsigned Depth);
  bool isGivenBack(const State &S, const Term *V, Terms Args);
  void noteActions(State &S, Terms Args);
  std::optional<int64_t> distance(const State &S, const FetchRead &From,
                                  const FetchRead &To) const;
  llvm::SmallVector<const Term *, 2> alternatives(const Term *V) const;

  // What happens to them.
  void addRead(State &S, FetchRead R);
  void judge(State &S, const Term *V, FetchCheckKind Kind,
             const FetchPlace &Place, const clang::FunctionDecl *By = nullptr,
             bool AgainstOther = false);
  /// \p Judge is the function that gets the value, if one does.
  void use(State &S, const Term *V, FetchUseKind Kind, const FetchPlace &Place,
           const clang::FunctionDecl *Judge = nullptr);
  void useObject(State &S, const Term *Ptr, FetchUseKind Kind,
                 const FetchPlace &Place, const clang::FunctionDecl *Judge);
  void conflict(State &S, const Source &Src, FetchUseKind Kind,
                const FetchPlace &Place,
                const clang::FunctionDecl *Judge = nullptr);
  void reportConflict(State &S, const Source &Src, const FetchRead &Checked,
                      FetchUseKind Kind, const FetchPlace &Place,
                      const clang::FunctionDecl *Judge, bool Late = false);
  void checkHandedOut(State &S, clang::SourceLocation Loc);
  const FetchCheck *lostCheck(const State &S, const FetchRead &First,
                              const Source &Src, int64_t By,
                              const clang::FunctionDecl *Judge) const;
  bool cured(const State &S, const FetchRead &R, ByteRange Bytes,
             const FetchCheck &C) const;
  bool overwritten(const State &S, const FetchRead &R, ByteRange Bytes,
                   bool Somewhere) const;
  void log(State &S, FetchEvent E);
  void logUse(State &S, FetchUseKind Kind, const Term *V,
              const FetchPlace &Place, const clang::FunctionDecl *Judge);
  bool exclusive(const clang::Stmt *A, const clang::Stmt *B);
  const Term *undecided(const clang::Stmt *Cond) const;
  const PathNode *mark(State &S, const FetchPlace &P);
  FetchPlace here(const clang::Stmt *At) const;

  Engine &Eng;
  clang::ASTContext &Ctx;
  TermContext &TC;
  StateManager &M;
  const clang::FunctionDecl *FD;
  GiveUps Failures;
  llvm::DenseSet<const clang::Expr *> LoopConditions;
  /// Calls whose result says whether the arguments are good.
  llvm::DenseSet<const clang::Expr *> Questions;
  llvm::DenseMap<const clang::BinaryOperator *, const Term *> Comparisons;
  struct Origin {
    const clang::FunctionDecl *By = nullptr;
    llvm::SmallVector<const Term *, 4> From;
  };
  /// Results of calls -> what they were made from.
  llvm::DenseMap<const Term *, Origin> Derived;
  std::optional<clang::ParentMap> Parents;
};

} // namespace pinlint

#endif // PINLINT_ENGINE_FETCHES_H
