//===- BioPagesTest.cpp - Pages of block I/O requests
//---------------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/BioPages.h"
#include "Machine.h"

using namespace pinlint::rt;

namespace {
struct BioPagesTest : ::testing::Test {
  Machine M;
  UserAddr User = M.Process.map(2);
  Pfn Cached = M.Ledger.addPage();
  Pfn Lent = M.Ledger.addPage(PageOrigin::Kernel);

  /// A request with pages of every origin.
  void fill(BioPages &B) {
    ASSERT_EQ(B.addUser(User, 2, true), 2);
    B.addReferenced(Cached);
    B.addLent(Lent);
    EXPECT_EQ(B.size(), 4u);
    EXPECT_TRUE(B.transfer());
  }
};
} // namespace

TEST_F(BioPagesTest, ReleasesByOrigin) {
  BioPages B(M.Process);
  fill(B);
  B.complete(/*Dirty=*/true);
  EXPECT_TRUE(M.Ledger.dirty(Cached));
  B.complete(true);
  EXPECT_TRUE(M.clean());
}

TEST_F(BioPagesTest, UserPagesMayBeShort) {
  exploreFully([](ScriptedChoices &C) {
    Machine M(C);
    BioPages B(M.Process);
    long Got = B.addUser(M.Process.map(3), 3, false);
    EXPECT_EQ(B.size(), size_t(std::max(Got, 0L)));
    B.complete(false);
    EXPECT_TRUE(M.clean());
  });
}

TEST_F(BioPagesTest, MistakeReleaseAllAsPinned) {
  BioPages B(M.Process, ReleaseAllAsPinned);
  fill(B);
  B.complete(true);
  EXPECT_EQ(M.Log.count(ViolationKind::MismatchedRelease), 1u);
  EXPECT_EQ(M.Log.count(ViolationKind::OverRelease), 1u) << "the lent page";
}

TEST_F(BioPagesTest, MistakeReleaseAllAsReferenced) {
  BioPages B(M.Process, ReleaseAllAsReferenced);
  fill(B);
  B.complete(true);
  EXPECT_EQ(M.Log.count(ViolationKind::MismatchedRelease), 2u);
  EXPECT_EQ(M.Log.count(ViolationKind::OverRelease), 1u);
}

TEST_F(BioPagesTest, MistakeReleaseTwice) {
  BioPages B(M.Process, ReleaseTwice);
  ASSERT_EQ(B.addUser(User, 2, true), 2);
  B.complete(false);
  EXPECT_EQ(M.Log.count(ViolationKind::OverRelease), 2u);
  EXPECT_FALSE(B.transfer() && B.size());
}

TEST_F(BioPagesTest, TransferAfterCompletion) {
  BioPages B(M.Process);
  ASSERT_EQ(B.addUser(User, 1, true), 1);
  M.Ledger.reportLeaks();
  M.Log.clear();
  Pfn P = M.Ledger.outstanding()[0].Pages[0];
  M.Ledger.unpin(P);
  EXPECT_FALSE(B.transfer());
  EXPECT_EQ(M.Log.count(ViolationKind::UseAfterRelease), 1u);
}
