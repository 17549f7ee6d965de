//===- RangeTest.cpp - Ranges against brute force -------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "engine/Range.h"
#include <gtest/gtest.h>
#include <vector>

using namespace pinlint;

namespace {

/// Every number that the tests look at; the ends of ranges stay well inside.
constexpr int Far = 24;

std::vector<int64_t> valuesOf(const Range &R) {
  std::vector<int64_t> V;
  for (int64_t I = -Far; I <= Far; ++I)
    if (R.contains(I))
      V.push_back(I);
  return V;
}

std::string str(const Range &R) {
  auto End = [](int64_t V) {
    return V == Range::Min || V == Range::Max ? "inf" : std::to_string(V);
  };
  return "[" + End(R.Lo) + ", " + End(R.Hi) + "]" +
         (R.HasHole ? " without " + std::to_string(R.Hole) : "");
}

/// All ranges with ends in [-3, 3] or at infinity, with every hole.
std::vector<Range> allRanges() {
  constexpr int Last = 3;
  std::vector<Range> Out;
  auto Add = [&](Range R) {
    Out.push_back(R);
    for (int64_t Hole = -Last + 1; Hole < Last; ++Hole)
      if (Hole > R.Lo && Hole < R.Hi) {
        Range H = R;
        H.exclude(Hole);
        Out.push_back(H);
      }
  };
  for (int64_t Lo = -Last; Lo <= Last; ++Lo) {
    for (int64_t Hi = Lo; Hi <= Last; ++Hi)
      Add(Range(Lo, Hi));
    Add(Range(Lo, Range::Max));
    Add(Range(Range::Min, Lo));
  }
  Add(Range());
  return Out;
}

const std::vector<Range> Ranges = allRanges();

TEST(Range, ContainsWhatItIsMadeOf) {
  EXPECT_TRUE(Range().full());
  EXPECT_FALSE(Range().empty());
  EXPECT_TRUE(Range(2, 1).empty());
  EXPECT_TRUE(Range::only(5).isOnly(5));
  for (int64_t Lo = -3; Lo <= 3; ++Lo)
    for (int64_t Hi = Lo; Hi <= 3; ++Hi)
      for (int64_t V = -Far; V <= Far; ++V)
        EXPECT_EQ(Range(Lo, Hi).contains(V), V >= Lo && V <= Hi);
}

TEST(Range, ExcludeTakesOneValueAway) {
  for (const Range &R : Ranges)
    for (int64_t V = -4; V <= 4; ++V) {
      Range X = R;
      X.exclude(V);
      // A second hole cannot be kept, except at zero.
      bool Keeps = !R.HasHole || R.Hole == V || !R.contains(V) || V == R.Lo ||
                   V == R.Hi || V == 0;
      EXPECT_TRUE(!Keeps || !X.contains(V)) << str(R) << " without " << V;
      for (int64_t U : valuesOf(X))
        EXPECT_TRUE(R.contains(U) || (U == R.Hole && V == 0))
            << str(R) << " without " << V << " has " << U;
      for (int64_t U : valuesOf(R))
        EXPECT_TRUE(U == V || X.contains(U))
            << str(R) << " without " << V << " lost " << U;
    }
}

TEST(Range, ExcludeLastValueLeavesNothing) {
  Range R = Range::only(7);
  R.exclude(7);
  EXPECT_TRUE(R.empty());
  R = Range(0, 2);
  R.exclude(1);
  R.exclude(0);
  EXPECT_TRUE(R.isOnly(2));
  R.exclude(2);
  EXPECT_TRUE(R.empty());
}

TEST(Range, IntersectKeepsWhatBothHave) {
  for (const Range &A : Ranges)
    for (const Range &B : Ranges) {
      Range R = A;
      R.intersect(B);
      std::vector<int64_t> Both;
      for (int64_t V : valuesOf(A))
        if (B.contains(V))
          Both.push_back(V);
      for (int64_t V : Both)
        EXPECT_TRUE(R.contains(V)) << str(A) << " and " << str(B);
      if (Both.empty())
        EXPECT_TRUE(R.empty())
            << str(A) << " and " << str(B) << " is " << str(R);
      // Only one of two holes survives.
      if (!(A.HasHole && B.HasHole))
        EXPECT_EQ(valuesOf(R), Both) << str(A) << " and " << str(B);
    }
}

TEST(Range, HullHoldsBothAndIsTight) {
  for (const Range &A : Ranges)
    for (const Range &B : Ranges) {
      Range R = A.hull(B);
      for (int64_t V : valuesOf(A))
        EXPECT_TRUE(R.contains(V)) << str(A) << " or " << str(B);
      for (int64_t V : valuesOf(B))
        EXPECT_TRUE(R.contains(V)) << str(A) << " or " << str(B);
      EXPECT_EQ(R.Lo, std::min(A.Lo, B.Lo));
      EXPECT_EQ(R.Hi, std::max(A.Hi, B.Hi));
      if (R.HasHole)
        EXPECT_TRUE(!A.contains(R.Hole) && !B.contains(R.Hole));
      if (!A.contains(0) && !B.contains(0) && R.Lo < 0 && R.Hi > 0 &&
          !A.HasHole && !B.HasHole)
        EXPECT_FALSE(R.contains(0)) << str(A) << " or " << str(B);
    }
}

TEST(Range, HullWithNothing) {
  Range Nothing(1, 0);
  EXPECT_EQ(Nothing.hull(Range(2, 3)), Range(2, 3));
  EXPECT_EQ(Range(2, 3).hull(Nothing), Range(2, 3));
}

TEST(Range, WithinMeansSubset) {
  for (const Range &A : Ranges)
    for (const Range &B : Ranges) {
      bool Subset = true;
      for (int64_t V : valuesOf(A))
        Subset &= B.contains(V);
      // Infinite ends lie beyond what is looked at.
      Subset &= A.Lo >= B.Lo && A.Hi <= B.Hi;
      EXPECT_EQ(A.within(B), Subset) << str(A) << " within " << str(B);
    }
}

TEST(Range, PlusHoldsEverySum) {
  for (const Range &A : Ranges)
    for (const Range &B : Ranges) {
      Range R = A.plus(B);
      for (int64_t V : valuesOf(A))
        for (int64_t W : valuesOf(B))
          EXPECT_TRUE(R.contains(V + W)) << str(A) << " + " << str(B);
      if (A.Lo != Range::Min && B.Lo != Range::Min)
        EXPECT_EQ(R.Lo, A.Lo + B.Lo);
      else
        EXPECT_EQ(R.Lo, Range::Min);
      if (A.Hi != Range::Max && B.Hi != Range::Max)
        EXPECT_EQ(R.Hi, A.Hi + B.Hi);
      else
        EXPECT_EQ(R.Hi, Range::Max);
    }
}

TEST(Range, TimesHoldsEveryProduct) {
  for (const Range &A : Ranges)
    for (int64_t F = -3; F <= 3; ++F) {
      Range R = A.times(F);
      for (int64_t V : valuesOf(A))
        EXPECT_TRUE(R.contains(V * F)) << str(A) << " * " << F;
      if (F == 0)
        EXPECT_TRUE(R.isOnly(0)) << str(A);
      if (F == 1)
        EXPECT_EQ(R, A);
    }
}

TEST(Range, ArithmeticSaturates) {
  constexpr int64_t Min = Range::Min, Max = Range::Max;
  EXPECT_EQ(Range::satAdd(Max - 1, 5), Max);
  EXPECT_EQ(Range::satAdd(Min + 1, -5), Min);
  EXPECT_EQ(Range::satAdd(Max, -5), Max);
  EXPECT_EQ(Range::satMul(Max / 2, 3), Max);
  EXPECT_EQ(Range::satMul(Max / 2, -3), Min);
  EXPECT_EQ(Range::satMul(Max, -1), Min);
  EXPECT_EQ(Range::satMul(Min, -1), Max);
  EXPECT_EQ(Range::satMul(Min, 0), 0);
  EXPECT_EQ(Range(1, Max).plus(Range(1, Max)), Range(2, Max));
  EXPECT_EQ(Range(Min, -1).times(-1), Range(1, Max));
}

} // namespace
