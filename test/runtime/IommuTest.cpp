//===- IommuTest.cpp - Translations of device addresses
//---------------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/Iommu.h"
#include "Machine.h"

using namespace pinlint::rt;

namespace {
struct IommuTest : ::testing::Test {
  AlwaysOrdinary Ordinary;
  ViolationLog Log;
  PageLedger Ledger{Log};
  IommuDomain Domain{Ledger, Log, Ordinary};
  Pfn Page = Ledger.addPage();
  Pfn Next = Ledger.addPage();
  static constexpr unsigned ReadWrite = IommuRead | IommuWrite;

  void SetUp() override {
    Ledger.pin(Page, {Site::here()});
    Ledger.pin(Next, {Site::here()});
  }
};
} // namespace

TEST_F(IommuTest, MapsAndTranslates) {
  EXPECT_EQ(Domain.map(0x10000, Page, 2, ReadWrite), 0);
  EXPECT_EQ(Domain.translate(0x10fff), Page);
  EXPECT_EQ(Domain.translate(0x11000), Next);
  EXPECT_FALSE(Domain.translate(0x12000));
  EXPECT_EQ(Domain.mappedPages(), 2u);
  EXPECT_TRUE(Domain.deviceAccess(0x10008, true));
  EXPECT_FALSE(Domain.deviceAccess(0x12000, true));
  EXPECT_EQ(Domain.unmap(0x10000, 4 * PageSize), 2 * PageSize);
  EXPECT_EQ(Domain.unmap(0x10000, PageSize), 0u);
  EXPECT_TRUE(Log.empty());
}

TEST_F(IommuTest, RejectsBadRanges) {
  EXPECT_EQ(Domain.map(0x10001, Page, 1, ReadWrite), -EINVAL);
  EXPECT_EQ(Domain.map(0x10000, Page, 0, ReadWrite), -EINVAL);
  EXPECT_EQ(Domain.map(~uint64_t(0) - 0xfff, Page, 2, ReadWrite), -EINVAL);
  EXPECT_EQ(Domain.map(0, Page, ~uint64_t(0), ReadWrite), -EINVAL);
  EXPECT_EQ(Domain.map(0x10000, Page, 1, ReadWrite), 0);
  EXPECT_EQ(Domain.map(0xf000, Page, 2, ReadWrite), -EADDRINUSE);
}

TEST_F(IommuTest, ObeysPermissions) {
  ASSERT_EQ(Domain.map(0x10000, Page, 1, IommuRead), 0);
  EXPECT_TRUE(Domain.deviceAccess(0x10000, false));
  EXPECT_FALSE(Domain.deviceAccess(0x10000, true));
  EXPECT_TRUE(Log.empty());
}

TEST_F(IommuTest, UnmapStopsAtAHole) {
  ASSERT_EQ(Domain.map(0x10000, Page, 1, ReadWrite), 0);
  ASSERT_EQ(Domain.map(0x12000, Next, 1, ReadWrite), 0);
  EXPECT_EQ(Domain.unmap(0x10000, 3 * PageSize), PageSize);
  EXPECT_EQ(Domain.translate(0x12000), Next);
}

TEST_F(IommuTest, FastUnmapNeedsASync) {
  ASSERT_EQ(Domain.map(0x10000, Page, 1, ReadWrite), 0);
  EXPECT_EQ(Domain.unmapFast(0x10000, PageSize), PageSize);
  EXPECT_FALSE(Domain.translate(0x10000));
  EXPECT_TRUE(Domain.deviceAccess(0x10000, false)) << "cached";
  Ledger.unpin(Page);
  EXPECT_EQ(Log.count(ViolationKind::TeardownOrder), 1u);
  EXPECT_FALSE(Domain.deviceAccess(0x10000, false));
  EXPECT_EQ(Log.count(ViolationKind::UseAfterRelease), 1u);
  Log.clear();
  Domain.sync();
  EXPECT_FALSE(Domain.deviceAccess(0x10000, false));
  EXPECT_TRUE(Log.empty());
}

TEST_F(IommuTest, CachedTwice) {
  ASSERT_EQ(Domain.map(0x10000, Page, 1, ReadWrite), 0);
  Domain.unmapFast(0x10000, PageSize);
  ASSERT_EQ(Domain.map(0x10000, Next, 1, ReadWrite), 0);
  Domain.unmapFast(0x10000, PageSize);
  Domain.sync();
  Ledger.unpin(Page);
  Ledger.unpin(Next);
  EXPECT_TRUE(Log.empty());
}

TEST_F(IommuTest, EveryUseOfADeadDomainIsCaught) {
  Domain.destroy();
  EXPECT_FALSE(Domain.alive());
  EXPECT_EQ(Domain.map(0x10000, Page, 1, ReadWrite), -ENODEV);
  EXPECT_EQ(Domain.unmap(0x10000, PageSize), 0u);
  EXPECT_EQ(Domain.unmapFast(0x10000, PageSize), 0u);
  EXPECT_FALSE(Domain.translate(0x10000));
  EXPECT_EQ(Domain.attach(1), -ENODEV);
  Domain.detach(1);
  Domain.sync();
  EXPECT_EQ(Log.count(ViolationKind::UseAfterFree), 7u);
  Domain.destroy();
  EXPECT_EQ(Log.count(ViolationKind::DoubleFree), 1u);
}

TEST_F(IommuTest, DetachBeforeDestroy) {
  EXPECT_EQ(Domain.attach(1), 0);
  EXPECT_EQ(Domain.attach(1), -EBUSY);
  ASSERT_EQ(Domain.map(0x10000, Page, 1, ReadWrite), 0);
  Domain.unmapFast(0x10000, PageSize);
  ASSERT_EQ(Domain.map(0x10000, Page, 1, ReadWrite), 0);
  Domain.destroy();
  EXPECT_EQ(Log.count(ViolationKind::TeardownOrder), 1u);
  Log.clear();
  Ledger.unpin(Page);
  EXPECT_TRUE(Log.empty()) << "the tables are gone";
}

TEST(Iommu, MapAndAttachMayFail) {
  exploreFully([](ScriptedChoices &C) {
    ViolationLog Log;
    PageLedger Ledger(Log);
    Pfn Page = Ledger.addPage();
    Ledger.pin(Page, {Site::here()});
    {
      IommuDomain D(Ledger, Log, C);
      Status Attached = D.attach(1);
      EXPECT_TRUE(Attached == 0 || Attached == -EBUSY);
      Status Mapped = D.map(0, Page, 1, IommuRead);
      EXPECT_TRUE(Mapped == 0 || Mapped == -ENOMEM);
      EXPECT_EQ(D.mappedPages(), Mapped ? 0u : 1u);
    }
    Ledger.unpin(Page);
    EXPECT_TRUE(Log.empty());
  });
  ScriptedChoices C({1, 1}, /*Texts=*/true);
  ViolationLog Log;
  PageLedger Ledger(Log);
  IommuDomain D(Ledger, Log, C);
  D.attach(1);
  D.map(0, Ledger.addPage(), 1, IommuRead);
  EXPECT_EQ(C.steps()[0].Text, "the device cannot be attached: -EBUSY");
  EXPECT_EQ(C.steps()[1].Text, "mapping for the device fails: -ENOMEM");
}
