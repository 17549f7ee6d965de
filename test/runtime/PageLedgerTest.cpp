//===- PageLedgerTest.cpp - Who holds a page
//---------------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/PageLedger.h"
#include "Machine.h"

using namespace pinlint::rt;

namespace {
struct PageLedgerTest : ::testing::Test {
  ViolationLog Log;
  PageLedger Ledger{Log};
  Acquisition From{Site::here()};

  /// The only violation so far is of this kind.
  void expectOnly(ViolationKind K) {
    ASSERT_EQ(Log.all().size(), 1u);
    EXPECT_EQ(Log.all()[0].Kind, K) << toString(Log.all()[0]);
    Log.clear();
  }
};
} // namespace

TEST_F(PageLedgerTest, CountsAsTheKernelDoes) {
  Pfn P = Ledger.addPage();
  EXPECT_EQ(Ledger.kernelCount(P), 1);
  Ledger.get(P, From);
  EXPECT_EQ(Ledger.kernelCount(P), 2);
  EXPECT_FALSE(Ledger.maybeDmaPinned(P));
  Ledger.pin(P, From);
  EXPECT_EQ(Ledger.kernelCount(P), 2 + PageLedger::PinBias);
  EXPECT_TRUE(Ledger.maybeDmaPinned(P));
  EXPECT_EQ(Ledger.holds(P, HoldKind::Get), 1u);
  EXPECT_EQ(Ledger.holds(P, HoldKind::Pin), 1u);
  EXPECT_EQ(Ledger.totalHolds(), 2u);
  Ledger.put(P);
  Ledger.unpin(P);
  EXPECT_EQ(Ledger.kernelCount(P), 1);
  EXPECT_FALSE(Ledger.held(P));
  EXPECT_TRUE(Log.empty());
}

TEST_F(PageLedgerTest, PutEatsAPin) {
  Pfn P = Ledger.addPage();
  Ledger.pin(P, From);
  Ledger.put(P);
  // What page_maybe_dma_pinned() would go by: below the bias.
  EXPECT_EQ(Ledger.kernelCount(P), PageLedger::PinBias);
  EXPECT_NE(Log.all()[0].Message.find("below its pin bias"), std::string::npos);
  expectOnly(ViolationKind::MismatchedRelease);
  EXPECT_FALSE(Ledger.held(P)) << "taken for what was meant";
}

TEST_F(PageLedgerTest, UnpinOfAReferenceUnderflows) {
  Pfn P = Ledger.addPage();
  Ledger.get(P, From);
  Ledger.unpin(P);
  EXPECT_LT(Ledger.kernelCount(P), 0);
  EXPECT_NE(Log.all()[0].Message.find("underflows"), std::string::npos);
  expectOnly(ViolationKind::MismatchedRelease);
}

TEST_F(PageLedgerTest, ReleasesOfAllKinds) {
  Pfn A = Ledger.allocPage();
  EXPECT_EQ(Ledger.kernelCount(A), 1);
  Ledger.put(A);
  EXPECT_TRUE(Log.empty()) << "put_page() is right for alloc_page()";
  Pfn B = Ledger.allocPage();
  Ledger.freePage(B);
  EXPECT_TRUE(Log.empty());
  Pfn C = Ledger.addPage();
  Ledger.get(C, From);
  Ledger.freePage(C);
  expectOnly(ViolationKind::MismatchedRelease);
  Pfn D = Ledger.addPage();
  Ledger.pin(D, From);
  Ledger.freePage(D);
  expectOnly(ViolationKind::MismatchedRelease);
}

TEST_F(PageLedgerTest, OverRelease) {
  Pfn P = Ledger.addPage();
  Ledger.put(P);
  EXPECT_NE(Log.all()[0].Message.find("never held"), std::string::npos);
  EXPECT_NE(Log.all()[0].Message.find("owner's reference"), std::string::npos);
  expectOnly(ViolationKind::OverRelease);
  Pfn Q = Ledger.addPage();
  Ledger.pin(Q, From);
  Ledger.unpin(Q);
  Ledger.unpin(Q);
  EXPECT_NE(Log.all()[0].Message.find("held no more"), std::string::npos);
  expectOnly(ViolationKind::OverRelease);
}

TEST_F(PageLedgerTest, UseNeedsAHold) {
  Pfn P = Ledger.addPage();
  EXPECT_FALSE(Ledger.use(P));
  expectOnly(ViolationKind::UseAfterRelease);
  Ledger.pin(P, From);
  Ledger.setDirty(P);
  EXPECT_TRUE(Ledger.dirty(P));
  Ledger.unpin(P);
  Ledger.setDirty(P);
  EXPECT_NE(Log.all()[0].Message.find("after its last release"),
            std::string::npos);
  expectOnly(ViolationKind::UseAfterRelease);
  EXPECT_TRUE(Ledger.use(Ledger.addPage(PageOrigin::Kernel)));
  EXPECT_FALSE(Ledger.use(1));
  expectOnly(ViolationKind::WildAccess);
}

TEST_F(PageLedgerTest, DeviceNeedsAPin) {
  Pfn P = Ledger.addPage();
  Ledger.get(P, From);
  EXPECT_FALSE(Ledger.deviceAccess(P)) << "a reference is no pin";
  expectOnly(ViolationKind::UseAfterRelease);
  Ledger.pin(P, From);
  EXPECT_TRUE(Ledger.deviceAccess(P));
  EXPECT_TRUE(Ledger.deviceAccess(Ledger.addPage(PageOrigin::Kernel)));
  EXPECT_FALSE(Ledger.deviceAccess(3));
  expectOnly(ViolationKind::UseAfterRelease);
}

TEST_F(PageLedgerTest, ReleaseWhileMapped) {
  Pfn P = Ledger.addPage();
  Ledger.pin(P, From);
  Ledger.pin(P, From);
  Ledger.hardwareMap(P);
  Ledger.unpin(P);
  EXPECT_TRUE(Log.empty()) << "another pin is left";
  Ledger.unpin(P);
  expectOnly(ViolationKind::TeardownOrder);
  Ledger.hardwareUnmap(P);
  // Numbers without a page are not counted.
  Ledger.hardwareMap(5);
  Ledger.hardwareUnmap(5);
  EXPECT_TRUE(Log.empty());
}

TEST_F(PageLedgerTest, ZeroPageHasNoPins) {
  Pfn P = Ledger.addPage(PageOrigin::Zero);
  Ledger.pin(P, From);
  EXPECT_EQ(Ledger.kernelCount(P), 1);
  EXPECT_FALSE(Ledger.held(P));
  Ledger.unpin(P);
  Ledger.unpin(P);
  EXPECT_TRUE(Log.empty());
  Ledger.get(P, From);
  EXPECT_EQ(Ledger.kernelCount(P), 2);
  Ledger.put(P);
  EXPECT_TRUE(Log.empty());
}

TEST_F(PageLedgerTest, DeviceMemoryHasNoReferences) {
  Pfn P = Ledger.addPage(PageOrigin::Reserved);
  EXPECT_FALSE(Ledger.valid(P));
  Ledger.pin(P, From);
  expectOnly(ViolationKind::WildAccess);
  Ledger.unpin(P);
  expectOnly(ViolationKind::WildAccess);
  EXPECT_EQ(Ledger.origin(7), PageOrigin::Reserved);
  EXPECT_FALSE(Ledger.valid(7));
  EXPECT_EQ(Ledger.kernelCount(7), 0);
  EXPECT_EQ(Ledger.holds(7, HoldKind::Pin), 0u);
  EXPECT_EQ(Ledger.head(7), 7u);
}

TEST_F(PageLedgerTest, CompoundPagesCountInTheirHead) {
  Pfn Head = Ledger.addCompound(2);
  EXPECT_EQ(Ledger.head(Head + 3), Head);
  Ledger.pin(Head + 1, From);
  Ledger.pin(Head + 3, From);
  EXPECT_EQ(Ledger.holds(Head, HoldKind::Pin), 2u);
  Ledger.hardwareMap(Head + 2);
  Ledger.unpin(Head + 2);
  EXPECT_TRUE(Log.empty());
  Ledger.unpin(Head);
  expectOnly(ViolationKind::TeardownOrder);
  EXPECT_EQ(Ledger.addPage(), Head + 4);
}

TEST_F(PageLedgerTest, ArraysAndRanges) {
  Pfn First = Ledger.addPage();
  Pfn Second = Ledger.addPage();
  for (Pfn P : {First, Second}) {
    Ledger.pin(P, From);
    Ledger.get(P, From);
  }
  std::vector<Pfn> Both = {First, Second};
  Ledger.releaseAll(Both, HoldKind::Get);
  Ledger.unpinRange(First, 2, /*Dirty=*/true);
  EXPECT_TRUE(Log.empty());
  EXPECT_EQ(Ledger.totalHolds(), 0u);
  EXPECT_TRUE(Ledger.dirty(Second));
}

TEST_F(PageLedgerTest, OwnerMayGoFirst) {
  Pfn P = Ledger.addPage();
  Ledger.pin(P, From);
  Ledger.dropOwner(P);
  EXPECT_FALSE(Ledger.owned(P));
  EXPECT_TRUE(Ledger.use(P));
  Ledger.unpin(P);
  EXPECT_EQ(Ledger.kernelCount(P), 0);
  EXPECT_FALSE(Ledger.tryGet(P));
  EXPECT_TRUE(Log.empty());
  Ledger.get(P, From);
  expectOnly(ViolationKind::UseAfterRelease);
  Pfn Q = Ledger.addPage();
  EXPECT_TRUE(Ledger.tryGet(Q));
  Ledger.put(Q);
  EXPECT_TRUE(Log.empty());
}

TEST_F(PageLedgerTest, LeaksAreReportedByPlace) {
  Site One{"a.c", "f", 1, 0}, Two{"a.c", "f", 2, 0};
  Pfn A = Ledger.addPage(), B = Ledger.addPage(), C = Ledger.addPage();
  Ledger.pin(A, {One});
  Ledger.pin(B, {One});
  Ledger.get(C, {Two, /*Short=*/true});
  EXPECT_EQ(Ledger.reportLeaks(), 3u);
  auto All = Log.all();
  ASSERT_EQ(All.size(), 2u);
  EXPECT_EQ(All[0].Kind, ViolationKind::Leak);
  EXPECT_EQ(All[0].Message, "2 page pins are never given back");
  EXPECT_EQ(All[1].Kind, ViolationKind::PartialLeak);
  EXPECT_EQ(All[1].Message, "1 page reference is never given back");
  EXPECT_EQ(All[1].Acquired, Two);
}

TEST_F(PageLedgerTest, ObserverSeesFirstAndLastHold) {
  std::vector<std::pair<Pfn, bool>> Seen;
  Ledger.observeHolds([&](Pfn P, bool Held) { Seen.push_back({P, Held}); });
  Pfn P = Ledger.addPage();
  Ledger.get(P, From);
  Ledger.get(P, From);
  Ledger.put(P);
  Ledger.put(P);
  EXPECT_EQ(Seen, (std::vector<std::pair<Pfn, bool>>{{P, true}, {P, false}}));
  EXPECT_EQ(Ledger.size(), 1u);
}
