//===- VhostVdpaTest.cpp - The vhost-vdpa device
//---------------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/VhostVdpa.h"
#include "Machine.h"

using namespace pinlint::rt;

namespace {

constexpr unsigned ReadWrite = IommuRead | IommuWrite;

struct VhostVdpaTest : ::testing::Test {
  Machine M;
  UserAddr User = M.Process.map(8);

  std::unique_ptr<VhostVdpa> make(unsigned Mistakes = 0, unsigned Spaces = 1) {
    VhostVdpa::Options O;
    O.Mistakes = Mistakes;
    O.AddressSpaces = Spaces;
    return std::make_unique<VhostVdpa>(M.Ledger, M.Log, M.Ordinary, O);
  }
  std::unique_ptr<VhostVdpa> opened(unsigned Mistakes = 0,
                                    unsigned Spaces = 1) {
    auto V = make(Mistakes, Spaces);
    EXPECT_EQ(V->open(), 0);
    EXPECT_EQ(V->setOwner(M.Process), 0);
    return V;
  }
};

} // namespace

TEST(Iotlb, KeepsDisjointRanges) {
  Iotlb T;
  EXPECT_EQ(T.add({0x1000, 0x2000, 1, 0}), 0);
  EXPECT_EQ(T.add({0x2000, 0x1000, 1, 0}), -EEXIST);
  EXPECT_EQ(T.add({0, 0x1001, 1, 0}), -EEXIST);
  EXPECT_EQ(T.add({0x3000, 0, 1, 0}), -EINVAL);
  EXPECT_EQ(T.add({~Iova(0), 2, 1, 0}), -EINVAL);
  EXPECT_EQ(T.add({0x3000, 0x1000, 1, 0}), 0);
  EXPECT_EQ(T.first(0x2fff, 0x2fff)->Start, 0x1000u);
  EXPECT_EQ(T.first(0, ~Iova(0))->Start, 0x1000u);
  EXPECT_EQ(T.first(0x3000, 0x3000)->Start, 0x3000u);
  EXPECT_EQ(T.first(0x4000, ~Iova(0)), nullptr);
  T.remove(0x1000);
  EXPECT_EQ(T.first(0, 0x2fff), nullptr);
  EXPECT_EQ(T.size(), 1u);
}

TEST_F(VhostVdpaTest, OpenAndRelease) {
  auto V = make();
  EXPECT_EQ(V->setOwner(M.Process), -EBADF);
  EXPECT_EQ(V->update(0, 0, PageSize, User, ReadWrite), -EPERM);
  EXPECT_EQ(V->open(), 0);
  EXPECT_EQ(V->open(), -EBUSY);
  EXPECT_EQ(V->setOwner(M.Process), 0);
  EXPECT_EQ(V->setOwner(M.Process), -EBUSY);
  EXPECT_TRUE(V->isOpen());
  V->release();
  V->release();
  EXPECT_FALSE(V->isOpen());
  EXPECT_EQ(V->open(), 0) << "and again";
  V->release();
  EXPECT_TRUE(M.clean());
}

TEST_F(VhostVdpaTest, UpdateAndInvalidate) {
  auto V = opened();
  ASSERT_EQ(V->update(0, 0x10000, 3 * PageSize, User, ReadWrite), 0);
  EXPECT_EQ(V->entries(), 1u) << "consecutive pages are one entry";
  EXPECT_EQ(M.Process.accounted(), 3);
  EXPECT_TRUE(V->deviceAccess(0, 0x12000, true));
  EXPECT_FALSE(V->deviceAccess(0, 0x13000, true));
  EXPECT_FALSE(V->deviceAccess(1, 0x12000, true));
  EXPECT_EQ(V->update(0, 0x12000, PageSize, User, ReadWrite), -EEXIST);
  EXPECT_EQ(V->update(0, 0x20001, PageSize, User, ReadWrite), -EINVAL);
  EXPECT_EQ(V->update(0, 0x20000, 0, User, ReadWrite), -EINVAL);
  EXPECT_EQ(V->update(0, -PageSize, 2 * PageSize, User, ReadWrite), -EINVAL);
  EXPECT_EQ(V->update(0, 0, 2 * PageSize, -PageSize, ReadWrite), -EINVAL);
  EXPECT_EQ(V->update(1, 0, PageSize, User, ReadWrite), -EINVAL);
  EXPECT_EQ(V->update(0, 0x20000, PageSize, 0x1000, ReadWrite), -EFAULT);
  EXPECT_EQ(V->update(0, 0x20000, 20 * PageSize, User, ReadWrite), -ENOMEM)
      << "more than is mapped";
  EXPECT_EQ(M.Ledger.totalHolds(), 3u);
  EXPECT_EQ(V->invalidate(3, 0, PageSize), -EINVAL);
  EXPECT_EQ(V->invalidate(0, 0x10000, 0), -EINVAL);
  EXPECT_EQ(V->invalidate(0, 0x11000, PageSize), 0);
  EXPECT_EQ(V->entries(), 0u);
  EXPECT_TRUE(M.clean());
  V->release();
}

TEST_F(VhostVdpaTest, ScatteredPagesAreMappedInChunks) {
  auto V = opened();
  UserAddr S = M.Process.map(3, VmaKind::Scattered);
  ASSERT_EQ(V->update(0, 0x10000, 3 * PageSize, S, ReadWrite), 0);
  EXPECT_EQ(V->entries(), 3u);
  V->release();
  EXPECT_TRUE(M.clean());
}

TEST_F(VhostVdpaTest, LargerThanOneBatch) {
  auto V = opened();
  UserAddr Big = M.Process.map(1200);
  ASSERT_EQ(V->update(0, 0, 1200 * PageSize, Big, ReadWrite), 0);
  EXPECT_EQ(V->entries(), 1u);
  EXPECT_TRUE(V->deviceAccess(0, 1199 * PageSize, true));
  V->release();
  EXPECT_TRUE(M.clean());
}

TEST_F(VhostVdpaTest, AddressSpacesAreSeparate) {
  auto V = opened(0, 3);
  ASSERT_EQ(V->update(0, 0x1000, PageSize, User, ReadWrite), 0);
  ASSERT_EQ(V->update(2, 0x1000, PageSize, User + PageSize, ReadWrite), 0);
  EXPECT_TRUE(V->deviceAccess(2, 0x1000, true));
  EXPECT_FALSE(V->deviceAccess(1, 0x1000, true));
  EXPECT_EQ(V->invalidate(0, 0, 0x10000), 0);
  EXPECT_TRUE(V->deviceAccess(2, 0x1000, true));
  V->release();
  EXPECT_TRUE(M.clean());
}

TEST_F(VhostVdpaTest, LimitOnLockedMemory) {
  AlwaysOrdinary C;
  Machine Small(C, 2);
  UserAddr A = Small.Process.map(4);
  VhostVdpa V(Small.Ledger, Small.Log, C);
  ASSERT_EQ(V.open(), 0);
  ASSERT_EQ(V.setOwner(Small.Process), 0);
  EXPECT_EQ(V.update(0, 0, 3 * PageSize, A, ReadWrite), -ENOMEM);
  EXPECT_EQ(V.update(0, 0, 2 * PageSize, A, ReadWrite), 0);
  EXPECT_EQ(V.update(0, 0x10000, PageSize, A, ReadWrite), -ENOMEM);
  V.release();
  EXPECT_TRUE(Small.clean());
}

TEST_F(VhostVdpaTest, NoOutcomeLosesAnything) {
  unsigned Runs = exploreFully([](ScriptedChoices &C) {
    Machine M(C);
    UserAddr S = M.Process.map(3, VmaKind::Scattered);
    VhostVdpa V(M.Ledger, M.Log, C);
    if (V.open() || V.setOwner(M.Process))
      return;
    Status Error = V.update(0, 0x10000, 3 * PageSize, S, ReadWrite);
    EXPECT_EQ(M.Ledger.totalHolds(), Error ? 0u : 3u);
    EXPECT_EQ(V.entries(), Error ? 0u : 3u);
    V.release();
    EXPECT_TRUE(M.clean());
  });
  EXPECT_GT(Runs, 8u);
}

// Mistakes of the past
// ---------------------------------------------------------

TEST_F(VhostVdpaTest, KilledProcessLeavesNothing) {
  auto V = opened();
  ASSERT_EQ(V->update(0, 0x10000, 2 * PageSize, User, ReadWrite), 0);
  M.Process.exit();
  EXPECT_TRUE(V->deviceAccess(0, 0x10000, true)) << "still pinned";
  V->release();
  EXPECT_TRUE(M.clean());
}

TEST_F(VhostVdpaTest, MistakeReleaseSkipsUnmap) {
  auto V = opened(ReleaseSkipsUnmap);
  ASSERT_EQ(V->update(0, 0x10000, 2 * PageSize, User, ReadWrite), 0);
  M.Process.exit();
  V->release();
  EXPECT_EQ(M.Ledger.totalHolds(), 2u) << "for ever";
  M.Ledger.reportLeaks();
  EXPECT_EQ(M.Log.count(ViolationKind::Leak), 1u);
}

TEST_F(VhostVdpaTest, MistakeReleaseKeepsIotlb) {
  auto V = opened(ReleaseKeepsIotlb, 2);
  ASSERT_EQ(V->update(0, 0x10000, PageSize, User, ReadWrite), 0);
  ASSERT_EQ(V->update(1, 0x10000, PageSize, User, ReadWrite), 0);
  V->release();
  EXPECT_EQ(V->entries(), 2u);
  EXPECT_TRUE(M.Log.empty());
  // The next user finds another's translations.
  ASSERT_EQ(V->open(), 0);
  ASSERT_EQ(V->setOwner(M.Process), 0);
  EXPECT_EQ(V->update(0, 0x10000, PageSize, User, ReadWrite), -EEXIST);
  V->invalidate(1, 0, 0x20000);
  EXPECT_EQ(M.Log.count(ViolationKind::UseAfterFree), 1u);
  EXPECT_EQ(M.Log.count(ViolationKind::OverRelease), 1u);
}

TEST_F(VhostVdpaTest, MistakeFreeDomainFirst) {
  auto V = opened(FreeDomainFirst);
  V->release();
  EXPECT_TRUE(M.Log.empty()) << "harmless as long as nothing is mapped";
  ASSERT_EQ(V->open(), 0);
  ASSERT_EQ(V->setOwner(M.Process), 0);
  ASSERT_EQ(V->update(0, 0x10000, PageSize, User, ReadWrite), 0);
  V->release();
  ASSERT_EQ(M.Log.all().size(), 1u);
  EXPECT_EQ(M.Log.all()[0].Kind, ViolationKind::UseAfterFree);
}

TEST_F(VhostVdpaTest, MistakeUnpinBeforeUnmap) {
  auto V = opened(UnpinBeforeUnmap);
  ASSERT_EQ(V->update(0, 0x10000, PageSize, User, ReadWrite), 0);
  V->invalidate(0, 0x10000, PageSize);
  EXPECT_EQ(M.Log.count(ViolationKind::TeardownOrder), 1u);
  V->release();
}
