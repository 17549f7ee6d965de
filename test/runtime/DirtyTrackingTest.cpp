//===- DirtyTrackingTest.cpp - Dirty pages of a container
//---------------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Machine.h"
#include "pinlint/runtime/DmaMap.h"
#include <random>

using namespace pinlint::rt;

namespace {

constexpr unsigned ReadWrite = IommuRead | IommuWrite;
constexpr DmaMap::Group Passthrough = 1, Emulated = 7;

struct Silent : UnmapListener {
  explicit Silent(DmaMap &Map) : Map(Map) { Map.registerListener(this); }
  ~Silent() override { Map.unregisterListener(this); }
  void dmaUnmap(Iova Start, uint64_t Size) override {
    for (auto It = Pinned.begin(); It != Pinned.end();) {
      if (*It - Start >= Size) {
        ++It;
        continue;
      }
      Map.unpinPages(*It, 1);
      It = Pinned.erase(It);
    }
  }
  bool pin(Iova Addr) {
    Pfn P;
    if (Map.pinPages(Emulated, Addr, 1, ReadWrite, std::span(&P, 1)) != 1)
      return false;
    Pinned.insert(Addr);
    return true;
  }
  DmaMap &Map;
  std::multiset<Iova> Pinned;
};

struct DirtyTest : ::testing::Test {
  Machine M;
  UserAddr User = M.Process.map(64);

  void SetUp() override {
    M.Process.memory().add(User, std::vector<uint8_t>(64 * PageSize, 0));
  }
  std::unique_ptr<DmaMap> make(unsigned Mistakes = 0) {
    DmaMap::Options O;
    O.Mistakes = Mistakes;
    auto Map = std::make_unique<DmaMap>(M.Process, M.Log, O);
    EXPECT_EQ(Map->attachGroup(Emulated, false), 0);
    return Map;
  }
  /// The bits of \p Pages pages from \p Start.
  static std::vector<uint64_t> query(DmaMap &Map, Iova Start, uint64_t Pages,
                                     Status Expected = 0) {
    std::vector<uint64_t> Bits(DirtyBitmap::bytesFor(Pages) / 8, ~0ull);
    EXPECT_EQ(Map.getDirty({Start, Pages * PageSize, PageSize, Bits}),
              Expected);
    return Bits;
  }
  static void write(DmaMap &Map, Iova Addr) {
    uint8_t B = 1;
    ASSERT_EQ(Map.readWrite(Addr, &B, 1, true), 0);
  }
};

} // namespace

TEST(DirtyBitmap, MergesAtAnyOffset) {
  std::mt19937_64 Random(1);
  for (unsigned Round = 0; Round != 2000; ++Round) {
    uint64_t Pages = 1 + Random() % 150, Offset = Random() % 130;
    DirtyBitmap B(Pages);
    std::vector<bool> Expected(Offset + Pages);
    for (uint64_t I = 0; I != Pages; ++I)
      if (Random() & 1) {
        B.set(I);
        Expected[Offset + I] = true;
      }
    std::vector<uint64_t> Target(DirtyBitmap::bytesFor(Offset + Pages) / 8);
    DirtyBitmap::merge(Target, Offset, B);
    uint64_t Count = 0;
    for (uint64_t I = 0; I != Offset + Pages; ++I) {
      ASSERT_EQ(Target[I / 64] >> (I % 64) & 1, Expected[I]);
      Count += Expected[I];
    }
    ASSERT_EQ(B.count(), Count);
  }
}

TEST(DirtyBitmap, Bounds) {
  DirtyBitmap B(10);
  B.set(8, 100);
  B.set(10);
  B.set(~0ull, 3);
  EXPECT_EQ(B.count(), 2u);
  EXPECT_TRUE(B.test(9));
  B.clear();
  EXPECT_EQ(B.count(), 0u);
  EXPECT_EQ(DirtyBitmap::bytesFor(64), 8u);
  EXPECT_EQ(DirtyBitmap::bytesFor(65), 16u);
  EXPECT_FALSE(DirtyBitmap::validSize(0, 8));
  EXPECT_FALSE(DirtyBitmap::validSize(64, 0));
  EXPECT_FALSE(DirtyBitmap::validSize(65, 8));
  EXPECT_TRUE(DirtyBitmap::validSize(65, 16));
  EXPECT_FALSE(DirtyBitmap::validSize(1, 1 + (uint64_t(1) << 28)));
  EXPECT_FALSE(DirtyBitmap::validSize(uint64_t(1) << 31, ~0ull));
}

TEST_F(DirtyTest, StartAndStop) {
  auto Map = make();
  EXPECT_EQ(Map->stopDirtyTracking(), -EINVAL);
  EXPECT_EQ(Map->startDirtyTracking(), 0);
  EXPECT_TRUE(Map->tracking());
  EXPECT_EQ(Map->startDirtyTracking(), -EALREADY);
  EXPECT_EQ(Map->stopDirtyTracking(), 0);
  EXPECT_EQ(Map->stopDirtyTracking(), -EINVAL);
  EXPECT_FALSE(Map->tracking());
  EXPECT_TRUE(M.Log.empty());
}

TEST_F(DirtyTest, RequestsAreChecked) {
  auto Map = make();
  ASSERT_EQ(Map->map(0x10000, User, 2 * PageSize, ReadWrite), 0);
  query(*Map, 0x10000, 2, -EINVAL);
  ASSERT_EQ(Map->startDirtyTracking(), 0);
  std::vector<uint64_t> Bits(2);
  auto Try = [&](Iova Start, uint64_t Size, uint64_t PerBit, size_t Words) {
    return Map->getDirty({Start, Size, PerBit, std::span(Bits).first(Words)});
  };
  EXPECT_EQ(Try(0x10000, 2 * PageSize, PageSize, 1), 0);
  EXPECT_EQ(Try(0x10000, 0, PageSize, 1), -EINVAL);
  EXPECT_EQ(Try(0x10000, 2 * PageSize, 2 * PageSize, 1), -EINVAL);
  EXPECT_EQ(Try(0x10000, 2 * PageSize, 0, 1), -EINVAL);
  EXPECT_EQ(Try(0x10800, 2 * PageSize, PageSize, 1), -EINVAL);
  EXPECT_EQ(Try(0x10000, PageSize + 1, PageSize, 1), -EINVAL);
  EXPECT_EQ(Try(-PageSize, 2 * PageSize, PageSize, 1), -EINVAL);
  EXPECT_EQ(Try(0x10000, 65 * PageSize, PageSize, 1), -EINVAL) << "too small";
  EXPECT_EQ(Try(0x10000, 65 * PageSize, PageSize, 2), 0);
  EXPECT_EQ(Try(0x10000, PageSize, PageSize, 1), -EINVAL) << "bisects";
  EXPECT_EQ(Try(0x11000, PageSize, PageSize, 1), -EINVAL);
  EXPECT_EQ(Try(0x10000, 2 * PageSize, PageSize, 0), -EINVAL);
}

TEST_F(DirtyTest, TenAndSixPagesAreSixteenBits) {
  auto Map = make();
  Silent D(*Map);
  ASSERT_EQ(Map->map(0x100000, User, 10 * PageSize, ReadWrite), 0);
  ASSERT_EQ(Map->map(0x10a000, User + 16 * PageSize, 6 * PageSize, ReadWrite),
            0);
  ASSERT_EQ(Map->startDirtyTracking(), 0);
  ASSERT_TRUE(D.pin(0x100000));
  ASSERT_TRUE(D.pin(0x109000));
  ASSERT_TRUE(D.pin(0x10a000));
  ASSERT_TRUE(D.pin(0x10f000));
  EXPECT_EQ(query(*Map, 0x100000, 16)[0], 0x8601u);
  // What is pinned stays dirty; what was written is clean again.
  write(*Map, 0x105000);
  EXPECT_EQ(query(*Map, 0x100000, 16)[0], 0x8621u);
  EXPECT_EQ(query(*Map, 0x100000, 16)[0], 0x8601u);
  Map->unmapAll();
}

TEST_F(DirtyTest, BitsAreRelativeToTheRequest) {
  auto Map = make();
  ASSERT_EQ(Map->map(0x40000000, User, 4 * PageSize, ReadWrite), 0);
  ASSERT_EQ(Map->startDirtyTracking(), 0);
  write(*Map, 0x40002000);
  EXPECT_EQ(query(*Map, 0x40000000, 4)[0], 0x4u);
  write(*Map, 0x40002000);
  EXPECT_EQ(query(*Map, 0x3fff0000, 64)[0], uint64_t(1) << 18)
      << "unmapped pages before it are clean";
}

TEST_F(DirtyTest, AllDirtyBehindAnIommu) {
  auto Map = make();
  Silent D(*Map);
  ASSERT_EQ(Map->attachGroup(Passthrough, true), 0);
  ASSERT_EQ(Map->map(0, User, 5 * PageSize, ReadWrite), 0);
  ASSERT_EQ(Map->startDirtyTracking(), 0);
  EXPECT_EQ(query(*Map, 0, 5)[0], 0x1fu);
  EXPECT_EQ(query(*Map, 0, 5)[0], 0x1fu) << "each time";
  // Without that group, only what could have been written before.
  Map->detachGroup(Passthrough);
  EXPECT_EQ(query(*Map, 0, 5)[0], 0x1fu);
  EXPECT_EQ(query(*Map, 0, 5)[0], 0u);
}

TEST_F(DirtyTest, PinningGroupsAreDirtyWhereTheyPin) {
  auto Map = make();
  ASSERT_EQ(Map->attachGroup(Passthrough, true), 0);
  Silent D(*Map);
  ASSERT_EQ(Map->map(0, User, 5 * PageSize, ReadWrite), 0);
  Pfn P;
  ASSERT_EQ(Map->pinPages(Passthrough, 0x1000, 1, ReadWrite, std::span(&P, 1)),
            1);
  D.Pinned.insert(0x1000);
  ASSERT_EQ(Map->startDirtyTracking(), 0);
  EXPECT_EQ(query(*Map, 0, 5)[0], 2u);
  Map->unmapAll();
}

TEST_F(DirtyTest, NewRangesAreTracked) {
  auto Map = make();
  Silent D(*Map);
  ASSERT_EQ(Map->startDirtyTracking(), 0);
  ASSERT_EQ(Map->map(0, User, 2 * PageSize, ReadWrite), 0);
  ASSERT_TRUE(D.pin(0x1000));
  EXPECT_EQ(query(*Map, 0, 2)[0], 2u);
  Map->unmapAll();
  EXPECT_TRUE(M.clean());
}

TEST_F(DirtyTest, UnmapReportsDirtyPages) {
  auto Map = make();
  ASSERT_EQ(Map->map(0x1000, User, 2 * PageSize, ReadWrite), 0);
  ASSERT_EQ(Map->map(0x3000, User, PageSize, ReadWrite), 0);
  std::vector<uint64_t> Bits(1, ~0ull);
  DmaMap::DirtyRequest Q{0x1000, 3 * PageSize, PageSize, Bits};
  EXPECT_EQ(Map->unmap(0x1000, 3 * PageSize, &Q).Error, -EINVAL) << "off";
  ASSERT_EQ(Map->startDirtyTracking(), 0);
  write(*Map, 0x2000);
  write(*Map, 0x3000);
  EXPECT_EQ(Map->unmap(0x1000, 3 * PageSize, &Q).Size, 3 * PageSize);
  EXPECT_EQ(Bits[0], 6u);
}

TEST_F(DirtyTest, StartIsAllOrNothing) {
  exploreFully([](ScriptedChoices &C) {
    Machine M(C);
    UserAddr A = M.Process.map(2);
    DmaMap Map(M.Process, M.Log);
    ASSERT_EQ(Map.map(0, A, PageSize, ReadWrite), 0);
    ASSERT_EQ(Map.map(0x5000, A, PageSize, ReadWrite), 0);
    Status Error = Map.startDirtyTracking();
    EXPECT_TRUE(Error == 0 || Error == -ENOMEM);
    EXPECT_EQ(Map.tracking(), Error == 0);
    if (Error) {
      EXPECT_EQ(Map.stopDirtyTracking(), -EINVAL);
      return;
    }
    bool More = Map.map(0x9000, A, PageSize, ReadWrite) == 0;
    EXPECT_EQ(Map.ranges(), More ? 3u : 2u);
    std::vector<uint64_t> Bits(1);
    Status Got = Map.getDirty({0, 16 * PageSize, PageSize, Bits});
    EXPECT_TRUE(Got == 0 || Got == -EFAULT);
    EXPECT_EQ(Map.stopDirtyTracking(), 0);
    EXPECT_TRUE(M.Log.empty());
  });
}

TEST_F(DirtyTest, FailedQueryForgetsNothing) {
  ScriptedChoices C({0, 0, 1, 0});
  Machine N(C);
  UserAddr A = N.Process.map(1);
  N.Process.memory().add(A, std::vector<uint8_t>(PageSize, 0));
  DmaMap Map(N.Process, N.Log);
  ASSERT_EQ(Map.map(0, A, PageSize, ReadWrite), 0);
  ASSERT_EQ(Map.startDirtyTracking(), 0);
  write(Map, 0);
  query(Map, 0, 1, -EFAULT);
  EXPECT_EQ(query(Map, 0, 1)[0], 1u);
}

TEST_F(DirtyTest, HugePages) {
  DmaMap::Options O;
  O.PageSizes = 16 * PageSize;
  DmaMap Map(M.Process, M.Log, O);
  ASSERT_EQ(Map.attachGroup(Emulated, false), 0);
  Silent D(Map);
  UserAddr Aligned = 0x40000000;
  M.Process.map(32, VmaKind::Anonymous, Aligned);
  EXPECT_EQ(Map.map(0, Aligned, PageSize, ReadWrite), -EINVAL);
  ASSERT_EQ(Map.map(0, Aligned, 32 * PageSize, ReadWrite), 0);
  ASSERT_EQ(Map.startDirtyTracking(), 0);
  ASSERT_TRUE(D.pin(17 * PageSize));
  std::vector<uint64_t> Bits(1);
  EXPECT_EQ(Map.getDirty({0, 32 * PageSize, PageSize, Bits}), -EINVAL);
  EXPECT_EQ(Map.getDirty({0, 32 * PageSize, 16 * PageSize, Bits}), 0);
  EXPECT_EQ(Bits[0], 2u);
  Map.unmapAll();
}

// Mistakes of the past
// ---------------------------------------------------------

TEST_F(DirtyTest, MistakeBitsFromZero) {
  for (bool Wrong : {false, true}) {
    auto Map = make(Wrong ? BitsFromZero : 0);
    ASSERT_EQ(Map->map(0x8000, User, 2 * PageSize, ReadWrite), 0);
    ASSERT_EQ(Map->startDirtyTracking(), 0);
    write(*Map, 0x8000);
    EXPECT_EQ(query(*Map, 0x8000, 2)[0], Wrong ? 0x100u : 1u);
    // Further up, the bits are not even in the bitmap.
    ASSERT_EQ(Map->map(0x40000000, User, PageSize, ReadWrite), 0);
    query(*Map, 0x40000000, 1);
    EXPECT_EQ(M.Log.count(ViolationKind::OutOfBounds), Wrong ? 1u : 0u);
  }
}

TEST_F(DirtyTest, MistakeStaleBitLimit) {
  for (bool Wrong : {false, true}) {
    auto Map = make(Wrong ? StaleBitLimit : 0);
    Silent D(*Map);
    ASSERT_EQ(Map->map(0x10000, User, 4 * PageSize, ReadWrite), 0);
    ASSERT_EQ(Map->map(0x20000, User + 8 * PageSize, 4 * PageSize, ReadWrite),
              0);
    ASSERT_EQ(Map->startDirtyTracking(), 0);
    ASSERT_TRUE(D.pin(0x10000));
    EXPECT_EQ(query(*Map, 0x10000, 4)[0], 1u);
    // No page is pinned in this range: the limit is that of the last query.
    write(*Map, 0x23000);
    EXPECT_EQ(query(*Map, 0x20000, 4)[0], Wrong ? 0u : 8u);
    Map->unmapAll();
  }
}

TEST_F(DirtyTest, MistakeStartKeepsTracking) {
  ScriptedChoices C({0, 1});
  Machine N(C);
  UserAddr A = N.Process.map(2);
  DmaMap::Options O;
  O.Mistakes = StartKeepsTracking;
  DmaMap Map(N.Process, N.Log, O);
  ASSERT_EQ(Map.map(0, A, PageSize, ReadWrite), 0);
  ASSERT_EQ(Map.map(0x5000, A, PageSize, ReadWrite), 0);
  EXPECT_EQ(Map.startDirtyTracking(), -ENOMEM);
  EXPECT_TRUE(Map.tracking()) << "although it failed";
  query(Map, 0, 16);
  EXPECT_EQ(N.Log.count(ViolationKind::StaleState), 2u);
}

TEST_F(DirtyTest, MistakeStopFreesTwice) {
  auto Map = make(StopFreesTwice);
  ASSERT_EQ(Map->map(0, User, PageSize, ReadWrite), 0);
  ASSERT_EQ(Map->startDirtyTracking(), 0);
  EXPECT_EQ(Map->stopDirtyTracking(), 0);
  EXPECT_TRUE(M.Log.empty());
  Map->stopDirtyTracking();
  EXPECT_EQ(M.Log.count(ViolationKind::DoubleFree), 1u);
}

TEST_F(DirtyTest, MistakeMergeOverwrites) {
  for (bool Wrong : {false, true}) {
    auto Map = make(Wrong ? MergeOverwrites : 0);
    ASSERT_EQ(Map->map(0, User, 10 * PageSize, ReadWrite), 0);
    ASSERT_EQ(Map->map(0xa000, User, 6 * PageSize, ReadWrite), 0);
    ASSERT_EQ(Map->startDirtyTracking(), 0);
    write(*Map, 0x3000);
    write(*Map, 0xb000);
    EXPECT_EQ(query(*Map, 0, 16)[0], Wrong ? 0x800u : 0x808u);
  }
}

TEST_F(DirtyTest, MistakeKeepStaleBits) {
  for (bool Wrong : {false, true}) {
    auto Map = make(Wrong ? KeepStaleBits : 0);
    ASSERT_EQ(Map->map(0, User, 4 * PageSize, ReadWrite), 0);
    ASSERT_EQ(Map->startDirtyTracking(), 0);
    write(*Map, 0x3000);
    EXPECT_EQ(query(*Map, 0, 4)[0], 8u);
    EXPECT_EQ(query(*Map, 0, 4)[0], Wrong ? 8u : 0u);
  }
}
