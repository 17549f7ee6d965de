//===- Trace.h - Record the walk over one function --------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Records what the engine does with one function: the states at each CFG
/// element, how they come from each other, what was merged and why paths ended.
/// The record is written as a page that steps through it (TracePage.html).
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TRACE_H
#define PINLINT_TRACE_H

#include "engine/Engine.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/JSON.h"
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace pinlint {

/// Everything is rendered while it is recorded: the record outlives the AST.
class TraceRecorder : public Logger, public Observer {
public:
  explicit TraceRecorder(llvm::StringRef Function) : Function(Function) {}

  llvm::StringRef function() const { return Function; }

  /// To be called after the engine's run, while the AST is there: finds out why
  /// there is no record, if there is none.
  void finish(clang::ASTContext &Ctx);
  /// Why there is no record; empty if there is one.
  const std::string &failure() const { return Failure; }
  void write(llvm::raw_ostream &OS) const;

  // What the engine tells a Logger.
  void beginFunction(const clang::FunctionDecl *FD,
                     const clang::CFG &G) override;
  void atBlock(const clang::CFGBlock &B,
               llvm::MutableArrayRef<State> States) override;
  void atElement(const clang::CFGBlock &B, unsigned Index,
                 llvm::MutableArrayRef<State> States) override;
  void atEdge(const clang::CFGBlock *From, const clang::CFGBlock &To,
              State &S) override;
  void atCalleeExit(const clang::FunctionDecl *Callee, unsigned Number,
                    State &S) override;
  void namedCall(const Term *Token, const clang::Stmt *Site) override;
  void merged(const State &Into, const State &From, bool Forced) override;
  void noted(const State &S, llvm::StringRef What) override;
  void pathEnded(const clang::CFGBlock &B, const State &S,
                 llvm::StringRef Why) override;
  void endFunction(const Summary &Sum) override;

  // What it tells a check.
  void lost(const Loss &L) override;
  void badRelease(const ReleaseFault &F) override;
  void outlived(const LifetimeFault &F) override;

private:
  /// The parts of a state; TracePage.html names them in this order.
  enum Section : unsigned {
    Held,
    Dead,
    Effects,
    Loops,
    Returned,
    Pending,
    Constraints,
    Store,
    Defaults,
    Bindings,
    Escaped
  };
  /// As above.
  enum EventKind : unsigned { CalleeExit, Edge, Merge, End, Finding, Note };
  enum StepKind : unsigned { EnterBlock, Element, Terminator };

  struct Fact {
    Section In;
    /// Texts.
    unsigned Key, Value;
    bool operator<(const Fact &F) const {
      return std::tie(In, Key, Value) < std::tie(F.In, F.Key, F.Value);
    }
  };
  /// A state as it was. Those of a path are chained by Parents.
  struct Snapshot {
    std::vector<unsigned> Parents;
    unsigned Path;
    /// Sorted numbers of facts.
    std::vector<unsigned> Facts;
  };
  struct Event {
    EventKind Kind;
    unsigned Text;
    std::vector<unsigned> Snapshots;
  };
  struct Place {
    unsigned Line = 0, Column = 0, EndLine = 0, EndColumn = 0;
  };
  struct Step {
    StepKind Kind;
    unsigned Block;
    unsigned Text;
    Place At;
    std::vector<unsigned> Snapshots;
    std::vector<Event> Events;
  };
  struct BlockInfo {
    unsigned Id;
    std::string Label, Terminator;
    std::vector<int> Successors;
    /// Where its elements are.
    std::vector<unsigned> Lines;
  };
  struct PathEntry {
    unsigned Parent;
    std::vector<std::tuple<unsigned, unsigned, unsigned>> Steps;
  };

  void reset();
  void step(StepKind Kind, const clang::CFGBlock &B, std::string Text, Place At,
            llvm::MutableArrayRef<State> States);
  /// What happened since the last step belongs to a terminator.
  void flush();
  void event(EventKind Kind, const llvm::Twine &Text,
             std::vector<unsigned> Snapshots);
  unsigned snapshot(State &S);
  std::vector<unsigned> factsOf(const State &S);
  unsigned path(const PathNode *N);
  unsigned text(std::string S);
  unsigned fact(Section In, std::string Key, std::string Value);

  unsigned lineOf(clang::SourceLocation Loc) const;
  /// Where the range is in the function's text; no line if it is not.
  Place placeOf(clang::SourceRange R) const;
  std::string textOf(const clang::Stmt *S) const;
  std::string lineSuffix(const clang::Stmt *Site) const;
  std::string describeEffect(const Effect &E) const;
  void writeData(llvm::json::OStream &J) const;

  std::string Function;
  std::string Failure;
  clang::ASTContext *Ctx = nullptr;
  clang::FileID File;
  unsigned FirstLine = 0;
  std::string FileName;
  std::vector<std::string> Source;
  std::vector<BlockInfo> Blocks;
  const clang::CFGBlock *Current = nullptr;

  std::vector<std::string> Texts;
  llvm::StringMap<unsigned> TextIds;
  std::vector<Fact> Facts;
  std::map<Fact, unsigned> FactIds;
  /// Most facts are seen again and again: from their terms to their number.
  std::map<std::tuple<unsigned, const void *, const void *, int64_t, int64_t,
                      int64_t>,
           unsigned>
      Known;
  /// Number 0 is no state.
  std::vector<Snapshot> Snapshots;
  llvm::DenseMap<unsigned, std::vector<unsigned>> JoinedInto;
  std::vector<PathEntry> Paths;
  llvm::DenseMap<const PathNode *, unsigned> PathIds;
  /// Names of symbols and the lines of the calls that made them.
  std::vector<std::pair<std::string, unsigned>> Calls;
  std::vector<Event> Events;
  std::vector<Step> Steps;
  std::vector<std::vector<std::pair<std::string, std::string>>> Exits;
};

} // namespace pinlint

#endif // PINLINT_TRACE_H
