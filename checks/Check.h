//===- Check.h - Base of the checks -----------------------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A check listens to the engine and turns what it hears into findings.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_CHECK_H
#define PINLINT_CHECK_H

#include "Analysis.h"
#include "SuppressionComments.h"
#include "engine/Engine.h"
#include "llvm/ADT/StringSet.h"
#include <map>
#include <memory>
#include <optional>

namespace pinlint {

class HeaderUse;

/// Collects the findings of one translation unit.
class Reporter {
public:
  /// \p Headers: null unless the unit is parsed on top of a header set.
  Reporter(clang::ASTContext &Ctx, const AnalysisOptions &Options,
           std::vector<Finding> &Findings, const HeaderUse *Headers = nullptr)
      : Ctx(Ctx), Options(Options), Comments(Ctx), Findings(Findings),
        Headers(Headers) {}

  struct Report {
    llvm::StringRef Check;
    const clang::FunctionDecl *Function;
    clang::SourceLocation Loc;
    std::string Message;
    Confidence Level = Confidence::High;
    /// What is shown of the path, if it was rendered before; else...
    std::optional<Trace> Steps;
    /// ...the path from here on is shown...
    const PathNode *From = nullptr;
    /// ...or, where nothing on the path stands for the place where it begins,
    /// from that place on, after the last step before it...
    clang::SourceLocation BeginLoc;
    const PathNode *Before = nullptr;
    /// ...up to here.
    const PathNode *To = nullptr;
    /// The path may not exist: confidence is low.
    bool Rough = false;
    /// Instead of From and Begin: what is said at places on the path to To, in
    /// order. Without At, the place goes with the one before.
    struct Remark {
      const PathNode *At;
      clang::SourceLocation Loc;
      std::string Text;
      unsigned Depth = 0;
    };
    llvm::SmallVector<Remark, 4> Remarks;
    /// Text for the first step, where the thing in question begins.
    std::string Begin;
    /// How the path came to the cleanup code that From is in is told before.
    bool TellsWayIn = false;
    /// What happens to it inside the first step's callee, which may do the same
    /// to other things; null if that does not matter.
    const Trace *BeginInner = nullptr;
    /// What happens inside the last step's callee.
    Trace Inner;
    /// Text for the last step.
    std::string End;
    /// What cures it for certain.
    std::vector<Replacement> Fixes;
    /// What it is that goes along the path; calls that have to do with other
    /// families are not shown. May be null.
    const Family *About = nullptr;
    /// What is held all along the path, in words, and after its last step if
    /// that is something else.
    std::string Held, HeldAtEnd;
    /// Reports with the same key are one: the surest is kept.
    std::string Key;
    /// The ways out on which this happens, that on the path to To first. Those
    /// of all reports with the same key are counted.
    struct Way {
      std::string Key;
      clang::SourceLocation Loc; ///< A place that it leads through.
    };
    llvm::SmallVector<Way, 2> Ways;
  };
  void add(const Report &R);
  /// One loss is one finding: those of \p Check are dropped where \p Other says
  /// as surely that what was acquired at the same place is lost there.
  void prefer(llvm::StringRef Other, llvm::StringRef Check) {
    Preferred.push_back({Other, Check});
  }
  /// To be called when all checks have finished.
  void finish();
  /// A finding that belongs to a place, not to a path.
  void add(llvm::StringRef Check, clang::SourceLocation Loc,
           std::string Message);
  /// The last decision between \p From and \p To; null if there is none.
  /// \p Replaced as for lastDecision().
  const PathNode *decision(const PathNode *To, const PathNode *From,
                           clang::SourceLocation End, bool Replaced) const {
    return lastDecision(Ctx, To, From, {End, nullptr, nullptr}, Replaced);
  }
  /// \p Decision as a clause: " when 'x < 0'", " unless 'x'", or
  /// " when 'f' fails".
  std::string clause(const PathNode &Decision) const {
    if (Decision.Kind == PathNode::Note)
      return (" when '" + Decision.Text + "' fails").str();
    return (Decision.Taken ? " when '" : " unless '") + text(Decision.S) + "'";
  }

  /// The source of \p S, on one line, for a message.
  std::string text(const clang::Stmt *S) const { return sourceText(Ctx, S); }

  clang::ASTContext &ast() const { return Ctx; }
  const AnalysisOptions &options() const { return Options; }
  /// False if nobody cares for findings of that confidence. Those that a
  /// comment silences count as found.
  bool wants(Confidence Level) const {
    return Level >= Options.MinConfidence || !Comments.empty();
  }
  const SuppressionComments &suppressions() const { return Comments; }
  bool isEnabled(llvm::StringRef Check) const {
    return llvm::is_contained(Options.Checks, Check.str());
  }
  SourcePlace place(clang::SourceLocation Loc) const;
  /// The function \p Name that the unit declares; null if there is none.
  const clang::FunctionDecl *findFunction(llvm::StringRef Name) const;

private:
  /// \p Depth: how far inside of another step they are.
  std::vector<PathStep> stepsOf(const Trace &Steps, unsigned Depth = 0) const;
  void addRemarks(const Report &R, Finding &F) const;
  void identify(Finding &F, clang::SourceLocation Loc,
                llvm::StringRef Begin) const;

  clang::ASTContext &Ctx;
  const AnalysisOptions &Options;
  SuppressionComments Comments;
  std::vector<Finding> &Findings;
  const HeaderUse *Headers;
  llvm::StringMap<unsigned> Seen;
  /// The ways of a finding, with the lines where they part, and the one that
  /// its path takes.
  struct WaysOut {
    std::map<std::string, unsigned> Lines;
    std::string Shown;
  };
  void tellWays(Finding &F, const WaysOut &Out) const;
  /// Of each finding that has some, by its place in Findings.
  std::map<unsigned, WaysOut> Ways;
  std::vector<std::pair<llvm::StringRef, llvm::StringRef>> Preferred;
};

class LifetimeFacts;

class Check : public Observer {
public:
  explicit Check(Reporter &R) : R(R) {}
  /// The engine is done with the file; the facts are about all of it. Only
  /// where a check follows lifetimes or ownership.
  virtual void judge(const LifetimeFacts &) {}
  /// Everything has been analysed.
  virtual void finish() {}

protected:
  Reporter &R;
};

/// "pinned page" or "pinned pages".
std::string nounOf(const Obligation &O);

/// \p Noun with "a" or "an" before it.
std::string withArticle(llvm::StringRef Noun);

/// "1 pinned page", "at least 1 of the pinned pages": what is left of \p O in
/// \p S.
std::string heldOf(const Obligation &O, const State &S);

/// The check of that name; null if there is none.
std::unique_ptr<Check> createCheck(llvm::StringRef Name, Reporter &R);

} // namespace pinlint

#endif // PINLINT_CHECK_H
