//===- ChoiceTest.cpp - Traces and exploration
//---------------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/Explorer.h"
#include "pinlint/runtime/Violation.h"
#include <gtest/gtest.h>
#include <set>

using namespace pinlint::rt;

TEST(Trace, TextRoundTrip) {
  EXPECT_EQ(toString(Trace{}), "-");
  EXPECT_EQ(toString(Trace{0, 0}), "-");
  EXPECT_EQ(toString(Trace{0, 2, 1, 0}), "0.2.1");
  EXPECT_EQ(parseTrace("-"), Trace());
  EXPECT_EQ(parseTrace("0.2.1"), (Trace{0, 2, 1}));
  for (const char *Bad : {"", ".", "1.", "1..2", "x", "-1", "1,2", "70000"})
    EXPECT_FALSE(parseTrace(Bad)) << Bad;
}

TEST(ScriptedChoices, FollowsTheScriptAndRecords) {
  ScriptedChoices C({1, 2}, /*Texts=*/true);
  EXPECT_TRUE(C.wantsText());
  C.describe(Site::here(), "before anything was chosen");
  EXPECT_EQ(C.choose(2), 1u);
  C.describe(Site::here(), "one");
  EXPECT_EQ(C.choose(3), 2u);
  EXPECT_EQ(C.choose(5), 0u);
  EXPECT_EQ(C.taken(), (Trace{1, 2, 0}));
  EXPECT_EQ(C.steps()[0].Text, "one");
  EXPECT_FALSE(C.mismatched());
}

TEST(ScriptedChoices, NoticesAForeignScript) {
  ScriptedChoices C({3});
  EXPECT_FALSE(C.wantsText());
  C.describe(Site::here(), "not kept");
  EXPECT_EQ(C.choose(2), 0u);
  EXPECT_TRUE(C.mismatched());
}

TEST(RandomChoices, IsDeterministicAndObeysTheRate) {
  RandomChoices A(7, 500), B(7, 500), Never(7, 0), Always(7, 1000);
  unsigned Unusual = 0;
  for (unsigned I = 0; I != 1000; ++I) {
    unsigned X = A.choose(4);
    EXPECT_LT(X, 4u);
    EXPECT_EQ(X, B.choose(4));
    EXPECT_EQ(Never.choose(4), 0u);
    EXPECT_NE(Always.choose(4), 0u);
    EXPECT_EQ(Always.choose(1), 0u);
    Unusual += X != 0;
  }
  EXPECT_GT(Unusual, 400u);
  EXPECT_LT(Unusual, 600u);
  EXPECT_FALSE(A.wantsText());
}

TEST(Explorer, SeesEverySequenceOnce) {
  std::set<Trace> Seen;
  unsigned LastUnusual = 0;
  // The number of steps depends on outcomes: 2 + 2 * 3 sequences.
  auto R = explore(
      {},
      [](ScriptedChoices &C) {
        if (C.choose(3) == 1) {
          C.choose(2);
          C.choose(3);
        }
      },
      [&](const ExploredRun &Run) {
        EXPECT_TRUE(Seen.insert(Run.Taken).second);
        EXPECT_GE(Run.Unusual, LastUnusual);
        LastUnusual = Run.Unusual;
        return true;
      });
  EXPECT_EQ(Seen.size(), 8u);
  EXPECT_EQ(R.Runs, 8u);
  EXPECT_TRUE(R.Exhaustive);
}

static void fourFlips(ScriptedChoices &C) {
  for (int I = 0; I != 4; ++I)
    C.choose(2);
}

TEST(Explorer, KeepsItsBounds) {
  ExploreLimits Unusual;
  Unusual.MaxUnusual = 2;
  auto R = explore(Unusual, fourFlips);
  EXPECT_EQ(R.Runs, 1u + 4 + 6);
  EXPECT_FALSE(R.Exhaustive);
  EXPECT_EQ(R.CompleteUpTo, 2u);

  ExploreLimits Runs;
  Runs.MaxRuns = 7;
  R = explore(Runs, fourFlips);
  EXPECT_EQ(R.Runs, 7u);
  EXPECT_FALSE(R.Exhaustive);
  EXPECT_EQ(R.CompleteUpTo, 1u);

  ExploreLimits Steps;
  Steps.MaxSteps = 2;
  R = explore(Steps, fourFlips);
  EXPECT_EQ(R.Runs, 4u);
  EXPECT_FALSE(R.Exhaustive);
}

TEST(Explorer, StopsWhenAsked) {
  auto R = explore({}, fourFlips,
                   [](const ExploredRun &Run) { return Run.Unusual == 0; });
  EXPECT_EQ(R.Runs, 2u);
  EXPECT_FALSE(R.Exhaustive);
  EXPECT_EQ(R.CompleteUpTo, 0u);
}

TEST(Violation, EveryKindHasAName) {
  std::set<std::string> Names;
  for (int K = 0; K <= static_cast<int>(ViolationKind::Hang); ++K)
    EXPECT_TRUE(Names.insert(checkName(ViolationKind(K))).second);
  EXPECT_TRUE(Names.count("pinlint-double-fetch"));
  EXPECT_STREQ(checkName(ViolationKind(200)), "unknown");
}

TEST(Violation, ReadsWell) {
  ViolationLog Log;
  Site At{"a.c", "f", 3, 0}, From{"a.c", "f", 1, 0};
  Log.report(ViolationKind::Leak, "page pin", "lost", At, From);
  EXPECT_EQ(toString(Log.all()[0]),
            "a.c:3 in f: lost [pinlint-leak], from a.c:1 in f");
  EXPECT_EQ(Log.count(ViolationKind::Leak), 1u);
  EXPECT_EQ(Log.count(ViolationKind::Hang), 0u);
  Log.clear();
  EXPECT_TRUE(Log.empty());
  EXPECT_EQ(toString(Site()), "unknown place");
  EXPECT_EQ(toString(Site::address(reinterpret_cast<void *>(0x1f))), "0x1f");
}
