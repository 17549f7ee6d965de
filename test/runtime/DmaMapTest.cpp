//===- DmaMapTest.cpp - The VFIO container
//---------------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/DmaMap.h"
#include "Machine.h"

using namespace pinlint::rt;

namespace {

constexpr unsigned ReadWrite = IommuRead | IommuWrite;
constexpr DmaMap::Group Passthrough = 1, Second = 2, Emulated = 7;

/// The driver of an emulated device: pins pages, and uses them by number until
/// it is told to stop.
struct Driver : UnmapListener {
  Driver(DmaMap &Map, PageLedger &Ledger) : Map(Map), Ledger(Ledger) {
    Map.registerListener(this);
  }
  ~Driver() override { Map.unregisterListener(this); }

  long pin(Iova Start, unsigned Count) {
    std::vector<Pfn> Pages(Count);
    long Got = Map.pinPages(Emulated, Start, Count, ReadWrite, Pages);
    for (long I = 0; I < Got; ++I)
      Pinned[Start + I * PageSize] = Pages[I];
    return Got;
  }

  void dmaUnmap(Iova Start, uint64_t Size) override {
    ++Notices;
    for (auto It = Pinned.lower_bound(Start);
         It != Pinned.end() && It->first - Start < Size;) {
      // A transfer under way ends.
      Ledger.deviceAccess(It->second);
      if (Obeys)
        Map.unpinPages(It->first, 1);
      It = Pinned.erase(It);
    }
  }

  DmaMap &Map;
  PageLedger &Ledger;
  std::map<Iova, Pfn> Pinned;
  unsigned Notices = 0;
  bool Obeys = true;
};

struct DmaMapTest : ::testing::Test {
  Machine M;
  UserAddr User = M.Process.map(16);

  void expectOnly(ViolationKind K) {
    auto All = M.Log.all();
    ASSERT_FALSE(All.empty());
    for (const Violation &V : All)
      EXPECT_EQ(V.Kind, K) << toString(V);
    M.Log.clear();
  }
  DmaMap::Options with(unsigned Mistakes) {
    DmaMap::Options O;
    O.Mistakes = Mistakes;
    return O;
  }
};

} // namespace

TEST_F(DmaMapTest, MapPinsForAnIommu) {
  DmaMap Map(M.Process, M.Log);
  ASSERT_EQ(Map.attachGroup(Passthrough, true), 0);
  EXPECT_EQ(Map.attachGroup(Passthrough, true), -EEXIST);
  ASSERT_EQ(Map.map(0x100000, User, 4 * PageSize, ReadWrite), 0);
  EXPECT_EQ(M.Ledger.totalHolds(), 4u);
  EXPECT_EQ(M.Process.accounted(), 4);
  EXPECT_TRUE(Map.deviceAccess(Passthrough, 0x103fff, true));
  EXPECT_FALSE(Map.deviceAccess(Passthrough, 0x104000, true));
  EXPECT_FALSE(Map.deviceAccess(Second, 0x100000, true));
  auto Gone = Map.unmap(0x100000, 4 * PageSize);
  EXPECT_EQ(Gone.Error, 0);
  EXPECT_EQ(Gone.Size, 4 * PageSize);
  EXPECT_FALSE(Map.deviceAccess(Passthrough, 0x100000, true));
  EXPECT_TRUE(M.clean());
}

TEST_F(DmaMapTest, MapRejects) {
  DmaMap::Options O;
  O.MaxRanges = 2;
  DmaMap Map(M.Process, M.Log, O);
  EXPECT_EQ(Map.map(0, User, PageSize, 0), -EINVAL);
  EXPECT_EQ(Map.map(0, User, PageSize, 8 | IommuRead), -EINVAL);
  EXPECT_EQ(Map.map(0, User, 0, ReadWrite), -EINVAL);
  EXPECT_EQ(Map.map(1, User, PageSize, ReadWrite), -EINVAL);
  EXPECT_EQ(Map.map(0, User + 1, PageSize, ReadWrite), -EINVAL);
  EXPECT_EQ(Map.map(0, User, PageSize + 1, ReadWrite), -EINVAL);
  EXPECT_EQ(Map.map(-PageSize, User, 2 * PageSize, ReadWrite), -EINVAL);
  EXPECT_EQ(Map.map(0, -PageSize, 2 * PageSize, ReadWrite), -EINVAL);
  // The last page of the address space does not wrap around.
  EXPECT_EQ(Map.map(-PageSize, User, PageSize, ReadWrite), 0);
  EXPECT_EQ(Map.map(0x10000, User, 4 * PageSize, ReadWrite), 0);
  for (Iova Start : {0xe000, 0x10000, 0x11000, 0x13000})
    EXPECT_EQ(Map.map(Start, User, 3 * PageSize, ReadWrite), -EEXIST) << Start;
  EXPECT_EQ(Map.map(0x40000, User, PageSize, ReadWrite), -ENOSPC);
  EXPECT_EQ(Map.ranges(), 2u);
}

TEST_F(DmaMapTest, UnmapNeverBisects) {
  DmaMap Map(M.Process, M.Log);
  ASSERT_EQ(Map.map(0x10000, User, 2 * PageSize, ReadWrite), 0);
  ASSERT_EQ(Map.map(0x20000, User, 2 * PageSize, ReadWrite), 0);
  EXPECT_EQ(Map.unmap(0x10000, PageSize).Error, -EINVAL);
  EXPECT_EQ(Map.unmap(0x11000, PageSize).Error, -EINVAL);
  EXPECT_EQ(Map.unmap(0x10000, 0x11000).Error, -EINVAL);
  EXPECT_EQ(Map.unmap(0x11000, 0x20000).Error, -EINVAL);
  EXPECT_EQ(Map.unmap(0x10000, 0).Error, -EINVAL);
  EXPECT_EQ(Map.unmap(0x10000, 1).Error, -EINVAL);
  EXPECT_EQ(Map.unmap(-PageSize, 2 * PageSize).Error, -EINVAL);
  EXPECT_EQ(Map.ranges(), 2u);
  EXPECT_EQ(Map.unmap(0x12000, PageSize).Size, 0u) << "nothing there";
  EXPECT_EQ(Map.unmap(0, 0x40000).Size, 4 * PageSize) << "several at once";
  ASSERT_EQ(Map.map(-PageSize, User, PageSize, ReadWrite), 0);
  EXPECT_EQ(Map.unmapAll().Size, PageSize);
}

TEST_F(DmaMapTest, LimitOnLockedMemory) {
  AlwaysOrdinary C;
  Machine Small(C, 3);
  UserAddr A = Small.Process.map(8);
  DmaMap Map(Small.Process, Small.Log);
  ASSERT_EQ(Map.attachGroup(Passthrough, true), 0);
  EXPECT_EQ(Map.map(0, A, 4 * PageSize, ReadWrite), -ENOMEM);
  EXPECT_EQ(Map.ranges(), 0u);
  EXPECT_TRUE(Small.clean());
  EXPECT_EQ(Map.map(0, A, 3 * PageSize, ReadWrite), 0);
}

TEST_F(DmaMapTest, DeviceMemoryIsMappedUnpinned) {
  UserAddr Bar = M.Process.map(2, VmaKind::Device);
  DmaMap Map(M.Process, M.Log);
  ASSERT_EQ(Map.attachGroup(Passthrough, true), 0);
  ASSERT_EQ(Map.map(0, Bar, 2 * PageSize, ReadWrite), 0);
  EXPECT_EQ(M.Ledger.totalHolds(), 0u);
  EXPECT_TRUE(Map.deviceAccess(Passthrough, 0, true));
  EXPECT_EQ(Map.unmapAll().Size, 2 * PageSize);
  EXPECT_TRUE(M.clean());
}

TEST_F(DmaMapTest, SecondGroupSharesThePins) {
  DmaMap Map(M.Process, M.Log);
  UserAddr Apart = M.Process.map(4, VmaKind::Scattered);
  ASSERT_EQ(Map.map(0, Apart, 4 * PageSize, ReadWrite), 0);
  EXPECT_EQ(M.Ledger.totalHolds(), 0u);
  ASSERT_EQ(Map.attachGroup(Passthrough, true), 0);
  ASSERT_EQ(Map.attachGroup(Second, true), 0);
  EXPECT_EQ(M.Ledger.totalHolds(), 4u);
  Map.detachGroup(Passthrough);
  EXPECT_TRUE(Map.deviceAccess(Second, 0x3000, true));
  EXPECT_EQ(M.Ledger.totalHolds(), 4u);
  Map.detachGroup(99);
  Map.detachGroup(Second);
  EXPECT_EQ(Map.ranges(), 0u) << "nobody is left who could use them";
  EXPECT_TRUE(M.clean());
}

TEST_F(DmaMapTest, DriverPinsAreCountedPerAddress) {
  DmaMap Map(M.Process, M.Log);
  ASSERT_EQ(Map.attachGroup(Emulated, false), 0);
  Driver D(Map, M.Ledger);
  ASSERT_EQ(Map.map(0x10000, User, 4 * PageSize, ReadWrite), 0);
  EXPECT_EQ(M.Ledger.totalHolds(), 0u) << "pinned on demand only";
  ASSERT_EQ(D.pin(0x10000, 2), 2);
  ASSERT_EQ(D.pin(0x11000, 2), 2);
  EXPECT_EQ(M.Ledger.totalHolds(), 3u);
  EXPECT_EQ(M.Process.accounted(), 3);
  Map.unpinPages(0x11000, 1);
  EXPECT_TRUE(M.Ledger.deviceAccess(D.Pinned[0x11000])) << "pinned twice";
  EXPECT_EQ(Map.driverPins(), 3u);
  Map.unpinPages(0x10000, 3);
  EXPECT_TRUE(M.clean());
  Map.unpinPages(0x10000, 1);
  expectOnly(ViolationKind::OverRelease);
  Map.unpinPages(0x90000, 1);
  expectOnly(ViolationKind::OverRelease);
}

TEST_F(DmaMapTest, PinRefusals) {
  DmaMap Map(M.Process, M.Log);
  Pfn P[4];
  ASSERT_EQ(Map.map(0x10000, User, 2 * PageSize, IommuRead), 0);
  EXPECT_EQ(Map.pinPages(Emulated, 0x10000, 1, IommuRead, P), -EINVAL);
  ASSERT_EQ(Map.attachGroup(Emulated, false), 0);
  EXPECT_EQ(Map.pinPages(Emulated, 0x10000, 1, IommuRead, P), -EINVAL)
      << "nobody could tell the driver to unpin";
  Driver D(Map, M.Ledger);
  EXPECT_EQ(Map.pinPages(Emulated, 0x10000, 1, ReadWrite, P), -EPERM);
  EXPECT_EQ(Map.pinPages(Emulated, 0x11000, 2, IommuRead, P), -EINVAL);
  std::vector<Pfn> Many(DmaMap::MaxPinPages + 1);
  EXPECT_EQ(Map.pinPages(Emulated, 0, Many.size(), IommuRead, Many), -E2BIG);
  EXPECT_EQ(M.Ledger.totalHolds(), 0u) << "the first page is given back";
  ASSERT_EQ(Map.map(0x20000, 0x7f0000000000, PageSize, IommuRead), 0);
  EXPECT_EQ(Map.pinPages(Emulated, 0x20000, 1, IommuRead, P), -EFAULT);
  EXPECT_TRUE(M.clean());

  AlwaysOrdinary C;
  Machine Small(C, 1);
  UserAddr A = Small.Process.map(2);
  DmaMap Limited(Small.Process, Small.Log);
  ASSERT_EQ(Limited.attachGroup(Emulated, false), 0);
  Driver E(Limited, Small.Ledger);
  ASSERT_EQ(Limited.map(0, A, 2 * PageSize, ReadWrite), 0);
  EXPECT_EQ(E.pin(0, 2), -ENOMEM);
  EXPECT_TRUE(Small.clean());
}

TEST_F(DmaMapTest, PinsOfBothKindsAreAccountedOnce) {
  DmaMap Map(M.Process, M.Log);
  ASSERT_EQ(Map.attachGroup(Emulated, false), 0);
  Driver D(Map, M.Ledger);
  ASSERT_EQ(Map.map(0, User, 4 * PageSize, ReadWrite), 0);
  ASSERT_EQ(D.pin(0x1000, 2), 2);
  EXPECT_EQ(M.Process.accounted(), 2);
  ASSERT_EQ(Map.attachGroup(Passthrough, true), 0);
  EXPECT_EQ(M.Process.accounted(), 4);
  ASSERT_EQ(D.pin(0x3000, 1), 1);
  EXPECT_EQ(M.Process.accounted(), 4);
  EXPECT_EQ(M.Ledger.totalHolds(), 7u);
  Map.detachGroup(Passthrough);
  EXPECT_EQ(M.Process.accounted(), 3);
  EXPECT_EQ(M.Ledger.totalHolds(), 3u);
  EXPECT_EQ(Map.unmapAll().Size, 4 * PageSize);
  EXPECT_TRUE(M.clean());
}

TEST_F(DmaMapTest, UnmapTellsTheDriverFirst) {
  DmaMap Map(M.Process, M.Log);
  ASSERT_EQ(Map.attachGroup(Emulated, false), 0);
  Driver D(Map, M.Ledger);
  ASSERT_EQ(Map.map(0x10000, User, 4 * PageSize, ReadWrite), 0);
  ASSERT_EQ(Map.map(0x20000, User, PageSize, ReadWrite), 0);
  ASSERT_EQ(D.pin(0x10000, 2), 2);
  EXPECT_EQ(Map.unmap(0x20000, PageSize).Error, 0);
  EXPECT_EQ(D.Notices, 0u) << "no pins there";
  EXPECT_EQ(Map.unmap(0x10000, 4 * PageSize).Size, 4 * PageSize);
  EXPECT_EQ(D.Notices, 1u);
  EXPECT_TRUE(M.clean());
}

TEST_F(DmaMapTest, DriverThatKeepsItsPins) {
  DmaMap Map(M.Process, M.Log);
  ASSERT_EQ(Map.attachGroup(Emulated, false), 0);
  Driver D(Map, M.Ledger);
  D.Obeys = false;
  ASSERT_EQ(Map.map(0x10000, User, PageSize, ReadWrite), 0);
  ASSERT_EQ(D.pin(0x10000, 1), 1);
  EXPECT_EQ(Map.unmap(0x10000, PageSize).Size, PageSize);
  EXPECT_EQ(D.Notices, 10u);
  expectOnly(ViolationKind::Bug);
  EXPECT_TRUE(M.clean());
}

TEST_F(DmaMapTest, ReleaseReportsWhatDriversLeak) {
  DmaMap Map(M.Process, M.Log);
  ASSERT_EQ(Map.attachGroup(Emulated, false), 0);
  ASSERT_EQ(Map.attachGroup(Passthrough, true), 0);
  Driver Good(Map, M.Ledger), Bad(Map, M.Ledger);
  Bad.Obeys = false;
  ASSERT_EQ(Map.map(0x10000, User, 2 * PageSize, ReadWrite), 0);
  ASSERT_EQ(Good.pin(0x10000, 1), 1);
  ASSERT_EQ(Bad.pin(0x11000, 1), 1);
  Map.release();
  EXPECT_EQ(Good.Notices, 1u);
  expectOnly(ViolationKind::Leak);
  EXPECT_TRUE(M.clean());
}

TEST_F(DmaMapTest, ReleaseAfterTheProcessDied) {
  {
    DmaMap Map(M.Process, M.Log);
    ASSERT_EQ(Map.attachGroup(Passthrough, true), 0);
    ASSERT_EQ(Map.map(0x10000, User, 2 * PageSize, ReadWrite), 0);
    M.Process.exit();
    EXPECT_TRUE(Map.deviceAccess(Passthrough, 0x10000, true));
    EXPECT_EQ(Map.map(0x20000, User, PageSize, ReadWrite), -EFAULT);
  }
  EXPECT_TRUE(M.clean());
}

TEST_F(DmaMapTest, UnpinByPageNumber) {
  DmaMap Map(M.Process, M.Log);
  ASSERT_EQ(Map.attachGroup(Emulated, false), 0);
  Driver D(Map, M.Ledger);
  ASSERT_EQ(Map.map(0x10000, User, 2 * PageSize, ReadWrite), 0);
  ASSERT_EQ(D.pin(0x10000, 1), 1);
  Pfn Known = D.Pinned[0x10000], Foreign = M.Ledger.addPage();
  EXPECT_EQ(Map.unpinHostPages(std::vector<Pfn>{Foreign}), -EINVAL);
  EXPECT_EQ(Map.unpinHostPages(std::vector<Pfn>{Known, Known}), -EINVAL)
      << "pinned once";
  EXPECT_EQ(Map.driverPins(), 1u);
  EXPECT_EQ(Map.unpinHostPages(std::vector<Pfn>{Known}), 0);
  EXPECT_TRUE(M.clean());
}

TEST_F(DmaMapTest, ReadWrite) {
  M.Process.memory().add(User, std::vector<uint8_t>(2 * PageSize, 7));
  DmaMap Map(M.Process, M.Log);
  ASSERT_EQ(Map.map(0x10000, User, PageSize, ReadWrite), 0);
  ASSERT_EQ(Map.map(0x11000, User + PageSize, PageSize, IommuRead), 0);
  uint8_t B[4] = {};
  EXPECT_EQ(Map.readWrite(0x10ffe, B, 4, false), 0) << "over two ranges";
  EXPECT_EQ(B[3], 7);
  EXPECT_EQ(Map.readWrite(0x10ffe, B, 2, true), 0);
  EXPECT_EQ(Map.readWrite(0x10ffe, B, 4, true), -EPERM);
  EXPECT_EQ(Map.readWrite(0x12000, B, 1, false), -EINVAL);
  M.Process.memory().remove(User);
  EXPECT_EQ(Map.readWrite(0x10000, B, 1, false), -EFAULT);
}

// Every fallible step, failing in turn ----------------------------------------

TEST_F(DmaMapTest, NoOutcomeLosesAnything) {
  unsigned Runs = exploreFully([](ScriptedChoices &C) {
    Machine M(C);
    UserAddr A = M.Process.map(3, VmaKind::Scattered);
    {
      DmaMap Map(M.Process, M.Log);
      if (Map.attachGroup(Passthrough, true) == 0 &&
          Map.map(0x10000, A, 2 * PageSize, ReadWrite) == 0) {
        EXPECT_EQ(M.Process.accounted(), 2);
        Map.unmapAll();
      }
      EXPECT_TRUE(M.clean());
    }
  });
  EXPECT_EQ(Runs, 11u);
}

TEST_F(DmaMapTest, AttachingIsAllOrNothing) {
  exploreFully([](ScriptedChoices &C) {
    Machine M(C);
    UserAddr A = M.Process.map(2);
    DmaMap Map(M.Process, M.Log);
    ASSERT_EQ(Map.map(0, A, PageSize, ReadWrite), 0);
    ASSERT_EQ(Map.map(0x5000, A + PageSize, PageSize, ReadWrite), 0);
    bool First = Map.attachGroup(Passthrough, true) == 0;
    EXPECT_EQ(M.Ledger.totalHolds(), First ? 2u : 0u);
    if (First) {
      bool Both = Map.attachGroup(Second, true) == 0;
      EXPECT_EQ(Map.deviceAccess(Second, 0x5000, true), Both);
      EXPECT_TRUE(Map.deviceAccess(Passthrough, 0x5000, true));
    }
    Map.release();
    EXPECT_TRUE(M.clean());
  });
}

TEST_F(DmaMapTest, DriverPinsAreAllOrNothing) {
  exploreFully([](ScriptedChoices &C) {
    Machine M(C);
    UserAddr A = M.Process.map(3);
    DmaMap Map(M.Process, M.Log);
    ASSERT_EQ(Map.attachGroup(Emulated, false), 0);
    Driver D(Map, M.Ledger);
    ASSERT_EQ(Map.map(0, A, 3 * PageSize, ReadWrite), 0);
    long Got = D.pin(0, 3);
    EXPECT_EQ(Map.driverPins(), Got == 3 ? 3u : 0u);
    Map.unmapAll();
    EXPECT_TRUE(M.clean());
  });
}

// Mistakes of the past
// ---------------------------------------------------------

TEST_F(DmaMapTest, MistakeNotifyAfterUnpin) {
  DmaMap Map(M.Process, M.Log, with(NotifyAfterUnpin));
  ASSERT_EQ(Map.attachGroup(Emulated, false), 0);
  Driver D(Map, M.Ledger);
  ASSERT_EQ(Map.map(0x10000, User, PageSize, ReadWrite), 0);
  ASSERT_EQ(D.pin(0x10000, 1), 1);
  Map.unmapAll();
  EXPECT_EQ(M.Log.count(ViolationKind::UseAfterRelease), 1u)
      << "the device still used the page";
}

TEST_F(DmaMapTest, MistakeNotifyUnderLock) {
  DmaMap Map(M.Process, M.Log, with(NotifyUnderLock));
  ASSERT_EQ(Map.attachGroup(Emulated, false), 0);
  Driver D(Map, M.Ledger);
  ASSERT_EQ(Map.map(0x10000, User, PageSize, ReadWrite), 0);
  ASSERT_EQ(D.pin(0x10000, 1), 1);
  Map.unmapAll();
  expectOnly(ViolationKind::Deadlock);
}

TEST_F(DmaMapTest, MistakeDetachDropsAll) {
  for (bool Wrong : {false, true}) {
    DmaMap Map(M.Process, M.Log, with(Wrong ? DetachDropsAll : 0));
    ASSERT_EQ(Map.attachGroup(Passthrough, true), 0);
    ASSERT_EQ(Map.attachGroup(Emulated, false), 0);
    Driver D(Map, M.Ledger);
    ASSERT_EQ(Map.map(0x10000, User, PageSize, ReadWrite), 0);
    ASSERT_EQ(D.pin(0x10000, 1), 1);
    Map.detachGroup(Passthrough);
    M.Ledger.deviceAccess(D.Pinned[0x10000]);
    EXPECT_EQ(M.Log.count(ViolationKind::UseAfterRelease), Wrong ? 1u : 0u);
    Map.release();
    EXPECT_EQ(M.Log.empty(), !Wrong);
    M.Log.clear();
  }
}

TEST_F(DmaMapTest, MistakeTrustVendorPages) {
  DmaMap Map(M.Process, M.Log, with(TrustVendorPages));
  Pfn Foreign = M.Ledger.addPage();
  EXPECT_EQ(Map.unpinHostPages(std::vector<Pfn>{Foreign}), 0);
  expectOnly(ViolationKind::OverRelease);
}

TEST_F(DmaMapTest, MistakeNoPinCount) {
  DmaMap Map(M.Process, M.Log, with(NoPinCount));
  ASSERT_EQ(Map.attachGroup(Emulated, false), 0);
  Driver D(Map, M.Ledger);
  ASSERT_EQ(Map.map(0x10000, User, PageSize, ReadWrite), 0);
  ASSERT_EQ(D.pin(0x10000, 1), 1);
  ASSERT_EQ(D.pin(0x10000, 1), 1);
  Map.unpinPages(0x10000, 1);
  EXPECT_FALSE(M.Ledger.deviceAccess(D.Pinned[0x10000]));
  expectOnly(ViolationKind::UseAfterRelease);
  D.Pinned.clear();
}
