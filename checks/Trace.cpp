//===- Trace.cpp - Record the walk over one function ----------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Trace.h"
#include "AnalyzeTU.h"
#include "Embedded.h"
#include "clang/AST/Stmt.h"
#include "clang/Analysis/CFG.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Lex/Lexer.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace pinlint;
using namespace clang;

//===----------------------------------------------------------------------===//
// Places and texts
//===----------------------------------------------------------------------===//

/// One line of at most \p MaxLength characters.
static std::string oneLine(llvm::StringRef Text, size_t MaxLength = 160) {
  std::string Out;
  for (char C : Text) {
    if (llvm::isSpace(C))
      C = ' ';
    if (C == ' ' && (Out.empty() || Out.back() == ' '))
      continue;
    Out += C;
  }
  while (!Out.empty() && Out.back() == ' ')
    Out.pop_back();
  if (Out.size() > MaxLength)
    Out = Out.substr(0, MaxLength - 3) + "...";
  return Out;
}

unsigned TraceRecorder::lineOf(SourceLocation Loc) const {
  return Ctx->getSourceManager().getExpansionLineNumber(Loc);
}

TraceRecorder::Place TraceRecorder::placeOf(SourceRange R) const {
  const SourceManager &SM = Ctx->getSourceManager();
  if (R.isInvalid())
    return {};
  CharSourceRange C = SM.getExpansionRange(R);
  auto [BeginFile, Begin] = SM.getDecomposedLoc(C.getBegin());
  auto [EndFile, End] = SM.getDecomposedLoc(C.getEnd());
  if (BeginFile != File || EndFile != File)
    return {};
  if (C.isTokenRange())
    End += Lexer::MeasureTokenLength(C.getEnd(), SM, Ctx->getLangOpts());
  return {SM.getLineNumber(File, Begin), SM.getColumnNumber(File, Begin),
          SM.getLineNumber(File, End), SM.getColumnNumber(File, End)};
}

std::string TraceRecorder::textOf(const Stmt *S) const {
  std::string Text;
  llvm::raw_string_ostream OS(Text);
  S->printPretty(OS, nullptr, Ctx->getPrintingPolicy());
  return oneLine(Text);
}

std::string TraceRecorder::lineSuffix(const Stmt *Site) const {
  if (!Site)
    return "";
  return " (line " + std::to_string(lineOf(Site->getBeginLoc())) + ")";
}

static const char *formName(Effect::FormTy F) {
  switch (F) {
  case Effect::Value:
    return "";
  case Effect::Out:
    return "*";
  case Effect::Array:
    return "array ";
  case Effect::Contents:
    return "contents of ";
  }
  return "";
}

std::string TraceRecorder::describeEffect(const Effect &E) const {
  static const char *const Verbs[] = {"acquire", "release", "free",
                                      "use",     "escape",  "transfer",
                                      "fetch",   "set up",  "take down"};
  std::string Out = Verbs[E.Kind];
  auto Add = [&](const char *What, const Term *T) {
    if (T)
      Out += What + T->str();
  };
  if (E.Fam)
    Out += " " + E.Fam->Name;
  else if (!E.Group.empty())
    Out += " " + E.Group.str();
  Out += std::string(": ") + formName(E.Form);
  Add("", E.Subject);
  Add(", handles ", E.Handles);
  Add(", count ", E.Count);
  Add(" of ", E.Request);
  Add(", into ", E.Into);
  Add(", size ", E.Size);
  Add(", owner ", E.Owner);
  for (auto [Set, Name] : {std::pair(E.May, "may"),
                           {E.Deferred, "deferred"},
                           {E.Lent, "lent"},
                           {E.Extra, "one more"},
                           {E.MayBeLast, "may be the last"},
                           {E.NotLast, "not the last"}})
    if (Set)
      Out += std::string(", ") + Name;
  return Out;
}

unsigned TraceRecorder::text(std::string S) {
  constexpr size_t MaxLength = 400;
  if (S.size() > MaxLength)
    S = S.substr(0, MaxLength) + "...";
  auto [It, New] = TextIds.try_emplace(S, Texts.size());
  if (New)
    Texts.push_back(llvm::json::fixUTF8(S));
  return It->second;
}

unsigned TraceRecorder::fact(Section In, std::string Key, std::string Value) {
  Fact F{In, text(std::move(Key)), text(std::move(Value))};
  auto [It, New] = FactIds.try_emplace(F, Facts.size());
  if (New)
    Facts.push_back(F);
  return It->second;
}

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

std::vector<unsigned> TraceRecorder::factsOf(const State &S) {
  std::vector<unsigned> Out;
  auto Cached = [&](Section In, const void *A, const void *B, const Range &R,
                    auto Make) {
    int64_t Hole = R.HasHole ? R.Hole : Range::Min;
    auto [It, New] =
        Known.try_emplace({In, A, B, R.Lo, R.Hi, Hole}, Facts.size());
    if (New)
      It->second = Make();
    Out.push_back(It->second);
  };

  for (const Obligation &O : S.Held) {
    std::string V = O.Fam->Name;
    if (O.Form == Effect::Array)
      V += ", [" + O.Offset->str() + ", +" + O.Count->str() + ")";
    if (O.Request)
      V += " of " + O.Request->str();
    if (O.Holder)
      V += ", held by " + O.Holder->str();
    if (O.Partial)
      V += ", some released";
    if (O.Lent)
      V += ", lent";
    if (O.Extra)
      V += ", one more";
    if (O.Numbered)
      V += ", known by number";
    Out.push_back(fact(Held, O.Handle->str(), V + lineSuffix(O.Site)));
  }
  for (const DeadObject &D : S.Dead) {
    std::string V = D.Fam ? D.Fam->Name : "freed";
    if (D.Offset)
      V += ", [" + D.Offset->str() + ", +" +
           (D.Count ? D.Count->str() : std::string("1")) + ")";
    for (auto [Set, Name] : {std::pair(D.May, "may be"),
                             {D.Deferred, "deferred"},
                             {D.MayBeLast, "if it was the last"},
                             {D.Alive, "held by others"}})
      if (Set)
        V += std::string(", ") + Name;
    Out.push_back(fact(Dead, D.Handle->str(), V + lineSuffix(D.Site)));
  }
  for (const Effect &E : S.Log)
    Out.push_back(fact(Effects, "", describeEffect(E)));
  for (const LoopRecord &L : S.Loops) {
    std::string V = "iteration " + std::to_string(L.Iteration);
    for (const Stmt *D : L.Done)
      V += ", whole loop released by the call" + lineSuffix(D);
    Out.push_back(fact(Loops, "B" + std::to_string(L.Header), V));
  }
  if (S.Returned)
    Out.push_back(fact(Returned, "", S.Returned->str()));
  for (const auto &[E, T] : S.Pending)
    Cached(Pending, E, T, {},
           [&, E = E, T = T] { return fact(Pending, textOf(E), T->str()); });
  for (const auto &KV : S.Ranges)
    Cached(Constraints, KV.first, nullptr, KV.second, [&] {
      return fact(Constraints, KV.first->str(), describe(KV.first, KV.second));
    });
  for (const auto &KV : S.Store)
    Cached(Store, KV.first, KV.second, {},
           [&] { return fact(Store, KV.first->str(), KV.second->str()); });
  for (const auto &KV : S.Defaults)
    Cached(Defaults, KV.first, KV.second, {}, [&] {
      return fact(Defaults, KV.first->str(),
                  KV.second->isConst(0) ? "zeroed"
                                        : "unknown: " + KV.second->str());
    });
  for (const Binding &B : S.Bindings)
    Out.push_back(fact(Bindings, B.Base->str() + "[" + B.Start->str() + "...]",
                       B.Array->str()));
  for (const Escape &E : S.Escaped)
    Cached(Escaped, E.What, E.UnlessFailed, {}, [&, E = E] {
      return fact(Escaped, "",
                  E.What->str() +
                      (E.UnlessFailed
                           ? " unless " + E.UnlessFailed->str() + " is an error"
                           : ""));
    });
  llvm::sort(Out);
  Out.erase(llvm::unique(Out), Out.end());
  return Out;
}

unsigned TraceRecorder::path(const PathNode *N) {
  if (!N)
    return 0;
  if (unsigned Id = PathIds.lookup(N))
    return Id;
  llvm::SmallVector<const PathNode *, 16> Todo;
  for (const PathNode *P = N; P && !PathIds.count(P); P = P->Parent)
    Todo.push_back(P);
  for (const PathNode *P : llvm::reverse(Todo)) {
    PathEntry E{P->Parent ? PathIds.lookup(P->Parent) : 0, {}};
    for (const TraceStep &T : renderPath(*Ctx, P, P->Parent))
      E.Steps.push_back({lineOf(T.Loc), text(T.Text), T.Depth});
    PathIds[P] = Paths.size();
    Paths.push_back(std::move(E));
  }
  return PathIds.lookup(N);
}

/// The number of \p S as it is now; a new one if it has changed.
unsigned TraceRecorder::snapshot(State &S) {
  Snapshot N{{}, path(S.Path), factsOf(S)};
  auto Joined = JoinedInto.find(S.Mark);
  if (S.Mark != 0 && Joined == JoinedInto.end()) {
    const Snapshot &Old = Snapshots[S.Mark];
    if (Old.Path == N.Path && Old.Facts == N.Facts)
      return S.Mark;
  }
  if (S.Mark != 0)
    N.Parents.push_back(S.Mark);
  if (Joined != JoinedInto.end()) {
    for (unsigned P : Joined->second)
      if (!llvm::is_contained(N.Parents, P))
        N.Parents.push_back(P);
    JoinedInto.erase(Joined);
  }
  S.Mark = Snapshots.size();
  Snapshots.push_back(std::move(N));
  return S.Mark;
}

//===----------------------------------------------------------------------===//
// The walk
//===----------------------------------------------------------------------===//

void TraceRecorder::reset() {
  Source.clear();
  Blocks.clear();
  Current = nullptr;
  Texts.clear();
  TextIds.clear();
  Facts.clear();
  FactIds.clear();
  Known.clear();
  Snapshots.assign(1, {});
  JoinedInto.clear();
  Paths.assign(1, {});
  PathIds.clear();
  Calls.clear();
  Events.clear();
  Steps.clear();
  Exits.clear();
}

void TraceRecorder::beginFunction(const FunctionDecl *FD, const CFG &G) {
  // A recursive function is walked twice; the second walk is the one that
  // counts.
  reset();
  Ctx = &FD->getASTContext();
  const SourceManager &SM = Ctx->getSourceManager();
  CharSourceRange Whole = SM.getExpansionRange(FD->getSourceRange());
  File = SM.getFileID(Whole.getBegin());
  FileName = SM.getPresumedLoc(Whole.getBegin()).getFilename();
  FirstLine = lineOf(Whole.getBegin());
  unsigned LastLine = lineOf(Whole.getEnd());
  llvm::SmallVector<llvm::StringRef, 0> Lines;
  SM.getBufferData(File).split(Lines, '\n');
  for (unsigned L = FirstLine; L <= LastLine && L <= Lines.size(); ++L)
    Source.push_back(llvm::json::fixUTF8(Lines[L - 1].rtrim('\r')));

  for (const CFGBlock *B : G) {
    BlockInfo I;
    I.Id = B->getBlockID();
    if (B == &G.getEntry())
      I.Label = "entry";
    else if (B == &G.getExit())
      I.Label = "exit";
    else if (const Stmt *L = B->getLabel()) {
      if (const auto *Name = dyn_cast<LabelStmt>(L))
        I.Label = Name->getName();
      else if (const auto *Case = dyn_cast<CaseStmt>(L))
        I.Label = "case " + textOf(Case->getLHS());
      else if (isa<DefaultStmt>(L))
        I.Label = "default";
    }
    if (B->getTerminatorStmt()) {
      llvm::raw_string_ostream OS(I.Terminator);
      B->printTerminator(OS, Ctx->getLangOpts());
      I.Terminator = llvm::json::fixUTF8(oneLine(I.Terminator));
    }
    for (const CFGBlock *Succ : B->succs())
      I.Successors.push_back(Succ ? int(Succ->getBlockID()) : -1);
    for (const CFGElement &E : *B)
      if (auto S = E.getAs<CFGStmt>())
        if (unsigned Line = placeOf(S->getStmt()->getSourceRange()).Line)
          I.Lines.push_back(Line);
    Blocks.push_back(std::move(I));
  }
}

void TraceRecorder::event(EventKind Kind, const llvm::Twine &Text,
                          std::vector<unsigned> Snapshots) {
  Events.push_back({Kind, text(Text.str()), std::move(Snapshots)});
}

void TraceRecorder::step(StepKind Kind, const CFGBlock &B, std::string Text,
                         Place At, llvm::MutableArrayRef<State> States) {
  Step S{Kind, B.getBlockID(), text(std::move(Text)), At, {}, {}};
  for (State &X : States)
    S.Snapshots.push_back(snapshot(X));
  S.Events = std::move(Events);
  Events.clear();
  Steps.push_back(std::move(S));
}

void TraceRecorder::flush() {
  if (!Current || Events.empty())
    return;
  // A jump is where the block's last element is.
  Place At = Steps.empty() ? Place() : Steps.back().At;
  if (const Expr *Cond = Current->getLastCondition())
    At = placeOf(Cond->getSourceRange());
  else if (const Stmt *T = Current->getTerminatorStmt();
           T && isa<GotoStmt, BreakStmt, ContinueStmt>(T))
    At = placeOf(T->getSourceRange());
  std::vector<unsigned> Left;
  for (const Event &E : Events)
    if (E.Kind == Edge)
      Left.push_back(E.Snapshots.back());
  step(Terminator, *Current, "", At, {});
  Steps.back().Snapshots = std::move(Left);
}

void TraceRecorder::atBlock(const CFGBlock &B,
                            llvm::MutableArrayRef<State> States) {
  flush();
  Current = &B;
  Place At;
  if (const Stmt *L = B.getLabel())
    At = placeOf({L->getBeginLoc(), L->getBeginLoc()});
  step(EnterBlock, B, "", At, States);
}

void TraceRecorder::atElement(const CFGBlock &B, unsigned Index,
                              llvm::MutableArrayRef<State> States) {
  const CFGElement E = B[Index];
  if (auto S = E.getAs<CFGStmt>()) {
    step(Element, B, textOf(S->getStmt()),
         placeOf(S->getStmt()->getSourceRange()), States);
    return;
  }
  if (auto C = E.getAs<CFGCleanupFunction>()) {
    const VarDecl *V = C->getVarDecl();
    step(Element, B,
         "cleanup: " + C->getFunctionDecl()->getNameAsString() + "(&" +
             V->getNameAsString() + ")",
         placeOf(V->getSourceRange()), States);
    return;
  }
  if (!Events.empty())
    step(Element, B, "implicit", {}, States);
}

void TraceRecorder::atEdge(const CFGBlock *From, const CFGBlock &To, State &S) {
  unsigned Old = S.Mark, New = snapshot(S);
  std::string Way;
  if (From && From->succ_size() == 2 && From->getTerminatorStmt())
    Way = &To == *From->succ_begin() ? "true: " : "false: ";
  event(Edge, Way + "to B" + llvm::Twine(To.getBlockID()), {Old, New});
}

void TraceRecorder::atCalleeExit(const FunctionDecl *Callee, unsigned Number,
                                 State &S) {
  unsigned Old = S.Mark, New = snapshot(S);
  event(CalleeExit,
        "exit " + llvm::Twine(Number) + " of " +
            (Callee ? Callee->getName() : "the callee"),
        {Old, New});
}

void TraceRecorder::namedCall(const Term *Token, const Stmt *Site) {
  Calls.push_back({Token->str(), lineOf(Site->getBeginLoc())});
}

void TraceRecorder::merged(const State &Into, const State &From, bool Forced) {
  JoinedInto[Into.Mark].push_back(From.Mark);
  event(Merge, Forced ? "merged for want of room" : "merged",
        {From.Mark, Into.Mark});
}

void TraceRecorder::noted(const State &S, llvm::StringRef What) {
  event(Note, What, {S.Mark});
}

void TraceRecorder::pathEnded(const CFGBlock &, const State &S,
                              llvm::StringRef Why) {
  event(End, Why, {S.Mark});
}

void TraceRecorder::lost(const Loss &L) {
  if (!Ctx || L.Function->getName() != Function)
    return;
  event(Finding,
        "lost: " + llvm::Twine(L.O.Fam->Name) + " " + L.O.Handle->str() +
            lineSuffix(L.O.Site),
        {L.S.Mark});
}

void TraceRecorder::badRelease(const ReleaseFault &F) {
  if (!Ctx || F.Function->getName() != Function)
    return;
  const char *What = F.Kind == ReleaseFault::WrongFamily ? "wrong family: "
                     : F.Kind == ReleaseFault::Again     ? "again: "
                     : F.Kind == ReleaseFault::NoneHeld  ? "none held: "
                                                         : "too many: ";
  event(Finding, What + llvm::Twine(describeEffect(F.E)), {F.S.Mark});
}

void TraceRecorder::outlived(const LifetimeFault &F) {
  if (!Ctx || F.Function->getName() != Function)
    return;
  const char *What = F.Kind == LifetimeFault::Use         ? "used: "
                     : F.Kind == LifetimeFault::UseOfNull ? "used as NULL: "
                                                          : "freed again: ";
  event(Finding,
        What + llvm::Twine(F.D.Handle->str()) + ", dead since" +
            lineSuffix(F.D.Site),
        {F.S.Mark});
}

void TraceRecorder::endFunction(const Summary &Sum) {
  flush();
  for (const Exit &X : Sum.Exits) {
    auto &Out = Exits.emplace_back();
    auto Add = [&](const char *What, std::string Text) {
      Out.push_back({What, llvm::json::fixUTF8(Text)});
    };
    if (X.Ret)
      Add("returns", X.Ret->str());
    for (const auto &[T, R] : X.Facts)
      Add("fact", describe(T, R));
    for (const Effect &E : X.Effects)
      Add("effect", describeEffect(E));
    for (const auto &[L, V] : X.Stores)
      Add("store", L->str() + " = " + V->str());
    for (const Term *L : X.Cleared)
      Add("cleared", L->str());
    for (const Term *L : X.Havoc)
      Add("unknown", L->str());
  }
}

void TraceRecorder::finish(ASTContext &C) {
  if (!Steps.empty())
    return;
  // Why not? Look for what may have been meant.
  const FunctionDecl *Declared = nullptr;
  std::string Near;
  unsigned Best = Function.size() / 3 + 2;
  for (const Decl *D : C.getTranslationUnitDecl()->decls()) {
    const auto *F = dyn_cast<FunctionDecl>(D);
    if (!F || !F->getIdentifier())
      continue;
    if (F->getName() == Function) {
      Declared = F;
      continue;
    }
    unsigned Distance =
        F->getName().edit_distance(Function, /*AllowReplacements=*/true, Best);
    if (Distance < Best && F->doesThisDeclarationHaveABody()) {
      Best = Distance;
      Near = F->getNameAsString();
    }
  }
  const SourceManager &SM = C.getSourceManager();
  if (!Declared) {
    Failure = "no function is named '" + Function + "'";
    if (!Near.empty())
      Failure += "; did you mean '" + Near + "'?";
    return;
  }
  PresumedLoc P =
      SM.getPresumedLoc(SM.getExpansionLoc(Declared->getLocation()));
  Failure = "'" + Function + "' " +
            (Declared->getDefinition() ? "has a body that Clang makes no CFG of"
                                       : "has no body in this file") +
            "; it is declared at " + P.getFilename() + ":" +
            std::to_string(P.getLine());
}

//===----------------------------------------------------------------------===//
// The page
//===----------------------------------------------------------------------===//

void TraceRecorder::writeData(llvm::json::OStream &J) const {
  auto Numbers = [&](const std::vector<unsigned> &V) {
    J.array([&] {
      for (unsigned N : V)
        J.value(N);
    });
  };
  J.attribute("function", llvm::json::fixUTF8(Function));
  J.attribute("file", llvm::json::fixUTF8(FileName));
  J.attribute("first", FirstLine);
  J.attributeArray("source", [&] {
    for (const std::string &L : Source)
      J.value(L);
  });
  J.attributeArray("texts", [&] {
    for (const std::string &T : Texts)
      J.value(T);
  });
  J.attributeArray("blocks", [&] {
    for (const BlockInfo &B : Blocks)
      J.array([&] {
        J.value(B.Id);
        J.value(llvm::json::fixUTF8(B.Label));
        J.value(B.Terminator);
        J.array([&] {
          for (int S : B.Successors)
            J.value(S);
        });
        Numbers(B.Lines);
      });
  });
  J.attributeArray("facts", [&] {
    for (const Fact &F : Facts)
      Numbers({F.In, F.Key, F.Value});
  });
  // Parents, path, and what differs from the first parent.
  J.attributeArray("states", [&] {
    for (const Snapshot &S : Snapshots)
      J.array([&] {
        static const std::vector<unsigned> None;
        const auto &Old =
            S.Parents.empty() ? None : Snapshots[S.Parents.front()].Facts;
        std::vector<unsigned> Added, Gone;
        std::set_difference(S.Facts.begin(), S.Facts.end(), Old.begin(),
                            Old.end(), std::back_inserter(Added));
        std::set_difference(Old.begin(), Old.end(), S.Facts.begin(),
                            S.Facts.end(), std::back_inserter(Gone));
        Numbers(S.Parents);
        J.value(S.Path);
        Numbers(Added);
        Numbers(Gone);
      });
  });
  J.attributeArray("paths", [&] {
    for (const PathEntry &P : Paths)
      J.array([&] {
        J.value(P.Parent);
        for (auto [Line, Text, Depth] : P.Steps)
          Numbers({Line, Text, Depth});
      });
  });
  J.attributeArray("calls", [&] {
    for (const auto &[Name, Line] : Calls)
      J.array([&] {
        J.value(llvm::json::fixUTF8(Name));
        J.value(Line);
      });
  });
  J.attributeArray("steps", [&] {
    for (const Step &S : Steps)
      J.array([&] {
        J.value(unsigned(S.Kind));
        J.value(S.Block);
        J.value(S.Text);
        Numbers({S.At.Line, S.At.Column, S.At.EndLine, S.At.EndColumn});
        Numbers(S.Snapshots);
        J.array([&] {
          for (const Event &E : S.Events)
            J.array([&] {
              J.value(unsigned(E.Kind));
              J.value(E.Text);
              Numbers(E.Snapshots);
            });
        });
      });
  });
  J.attributeArray("exits", [&] {
    for (const auto &X : Exits)
      J.array([&] {
        for (const auto &[What, Text] : X)
          J.array([&] {
            J.value(What);
            J.value(Text);
          });
      });
  });
}

void TraceRecorder::write(llvm::raw_ostream &OS) const {
  std::string Data;
  llvm::raw_string_ostream DataOS(Data);
  llvm::json::OStream J(DataOS);
  J.object([&] { writeData(J); });
  // No text may end the script element that it stands in.
  std::string Safe;
  for (char C : Data)
    Safe += C == '<' ? std::string("\\u003c") : std::string(1, C);

  llvm::StringRef Page = embeddedFile(TraceFiles, "TracePage");
  auto [Head, Rest] = Page.split("@DATA@");
  std::string Title;
  llvm::raw_string_ostream TitleOS(Title);
  llvm::printHTMLEscaped(Function, TitleOS);
  auto [Before, After] = Head.split("@TITLE@");
  OS << Before << Title << After << Safe << Rest;
}

std::string pinlint::traceFunction(llvm::StringRef Directory,
                                   llvm::StringRef File,
                                   llvm::ArrayRef<std::string> Arguments,
                                   const AnalysisOptions &Options,
                                   llvm::StringRef Function,
                                   llvm::StringRef HTMLPath) {
  AnalysisResult Result;
  TraceRecorder Recorder(Function);
  Run R{Options, Result, &Recorder};
  analyze(Directory, File, Arguments, R);
  if (!Result.Parsed)
    return llvm::join(Result.Errors, "\npinlint: ");
  if (!Recorder.failure().empty())
    return File.str() + ": " + Recorder.failure();
  std::error_code Error;
  llvm::raw_fd_ostream OS(HTMLPath, Error);
  if (!Error) {
    Recorder.write(OS);
    OS.flush();
    Error = OS.error();
    OS.clear_error();
  }
  return Error ? HTMLPath.str() + ": " + Error.message() : "";
}
