//===- StressTest.cpp - Many threads at once
//---------------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

///
/// \file
/// Meant for the thread sanitizer; the end state is checked without it, too.
///
//===----------------------------------------------------------------------===//

#include "Machine.h"
#include "pinlint/runtime/DmaMap.h"
#include "pinlint/runtime/VhostVdpa.h"
#include <random>
#include <thread>

using namespace pinlint::rt;

static constexpr unsigned ReadWrite = IommuRead | IommuWrite;

namespace {

/// A driver that pins and unpins from its own thread and obeys notifications
/// from others'.
class BusyDriver : public UnmapListener {
public:
  BusyDriver(DmaMap &Map, PageLedger &Ledger) : Map(Map), Ledger(Ledger) {}

  void dmaUnmap(Iova Start, uint64_t Size) override {
    std::lock_guard<std::mutex> Guard(Lock);
    for (auto It = Pinned.lower_bound(Start);
         It != Pinned.end() && It->first - Start < Size;) {
      Ledger.deviceAccess(It->second);
      Map.unpinPages(It->first, 1);
      It = Pinned.erase(It);
    }
  }

  void work(unsigned Group, uint64_t Seed, unsigned Steps) {
    std::mt19937_64 Random(Seed);
    for (unsigned I = 0; I != Steps; ++I) {
      Iova Addr = (Random() % 16) * PageSize;
      // The lock covers the pin and its record: a notification either sees
      // both or comes before.
      std::lock_guard<std::mutex> Guard(Lock);
      auto It = Pinned.find(Addr);
      if (It != Pinned.end()) {
        Ledger.deviceAccess(It->second);
        Map.unpinPages(Addr, 1);
        Pinned.erase(It);
        continue;
      }
      Pfn P;
      if (Map.pinPages(Group, Addr, 1, ReadWrite, std::span(&P, 1)) == 1)
        Pinned[Addr] = P;
    }
  }

private:
  DmaMap &Map;
  PageLedger &Ledger;
  std::mutex Lock;
  std::map<Iova, Pfn> Pinned;
};

} // namespace

TEST(Stress, MapUnmapPinUnpinNotify) {
  Machine M;
  UserAddr User = M.Process.map(16);
  M.Process.memory().add(User, std::vector<uint8_t>(16 * PageSize, 0));
  DmaMap Map(M.Process, M.Log);
  constexpr unsigned First = 10, Second = 11, Steps = 1500;
  ASSERT_EQ(Map.attachGroup(First, false), 0);
  ASSERT_EQ(Map.attachGroup(Second, false), 0);
  BusyDriver A(Map, M.Ledger), B(Map, M.Ledger);
  Map.registerListener(&A);
  Map.registerListener(&B);

  std::vector<std::thread> Threads;
  for (uint64_t Seed : {1, 2})
    Threads.emplace_back([&, Seed] {
      std::mt19937_64 Random(Seed);
      for (unsigned I = 0; I != Steps; ++I) {
        Iova Start = (Random() % 4) * 4 * PageSize;
        if (Random() & 1)
          Map.map(Start, User + Start, 4 * PageSize, ReadWrite);
        else
          Map.unmap(Start, 4 * PageSize);
      }
    });
  Threads.emplace_back([&] { A.work(First, 3, Steps); });
  Threads.emplace_back([&] { B.work(Second, 4, Steps); });
  Threads.emplace_back([&] {
    for (unsigned I = 0; I != Steps / 10; ++I) {
      Map.attachGroup(1, true);
      Map.deviceAccess(1, (I % 16) * PageSize, true);
      Map.detachGroup(1);
    }
  });
  Threads.emplace_back([&] {
    std::vector<uint64_t> Bits(1);
    uint8_t Byte = 0;
    for (unsigned I = 0; I != Steps / 4; ++I) {
      Map.startDirtyTracking();
      Map.readWrite((I % 16) * PageSize, &Byte, 1, I & 1);
      Map.getDirty({0, 16 * PageSize, PageSize, Bits});
      Map.stopDirtyTracking();
    }
  });
  for (std::thread &T : Threads)
    T.join();
  Map.release();
  Map.unregisterListener(&A);
  Map.unregisterListener(&B);
  EXPECT_TRUE(M.clean());
}

TEST(Stress, ListenersComeAndGo) {
  Machine M;
  UserAddr User = M.Process.map(4);
  DmaMap Map(M.Process, M.Log);
  ASSERT_EQ(Map.attachGroup(1, false), 0);
  ASSERT_EQ(Map.attachGroup(2, false), 0);
  BusyDriver Permanent(Map, M.Ledger);
  Map.registerListener(&Permanent);
  std::thread Mapper([&] {
    for (unsigned I = 0; I != 1000; ++I) {
      Map.map(0, User, 4 * PageSize, ReadWrite);
      Map.unmapAll();
    }
  });
  std::thread Worker([&] { Permanent.work(1, 5, 1000); });
  std::thread Guest([&] {
    for (unsigned I = 0; I != 100; ++I) {
      BusyDriver D(Map, M.Ledger);
      Map.registerListener(&D);
      D.work(2, I, 10);
      // Gives everything back before it goes.
      D.dmaUnmap(0, 16 * PageSize);
      Map.unregisterListener(&D);
    }
  });
  Mapper.join();
  Worker.join();
  Guest.join();
  Map.release();
  Map.unregisterListener(&Permanent);
  EXPECT_TRUE(M.clean());
}

TEST(Stress, VhostVdpa) {
  Machine M;
  UserAddr User = M.Process.map(8, VmaKind::Scattered);
  VhostVdpa::Options O;
  O.AddressSpaces = 2;
  VhostVdpa V(M.Ledger, M.Log, M.Ordinary, O);
  std::vector<std::thread> Threads;
  for (unsigned Asid : {0u, 1u})
    Threads.emplace_back([&, Asid] {
      std::mt19937_64 Random(Asid);
      for (unsigned I = 0; I != 1000; ++I) {
        Iova Start = (Random() % 4) * 2 * PageSize;
        if (Random() & 1)
          V.update(Asid, Start, 2 * PageSize, User + Start, ReadWrite);
        else
          V.invalidate(Asid, Start, 2 * PageSize);
        V.deviceAccess(Asid, Start, true);
      }
    });
  Threads.emplace_back([&] {
    for (unsigned I = 0; I != 200; ++I) {
      if (!V.open())
        V.setOwner(M.Process);
      V.release();
    }
  });
  for (std::thread &T : Threads)
    T.join();
  V.release();
  EXPECT_TRUE(M.clean());
}

TEST(Stress, LedgerAndMemory) {
  Machine M;
  Pfn P = M.Ledger.addPage();
  M.Process.memory().add(0x1000, std::vector<uint8_t>(64, 0));
  std::vector<std::thread> Threads;
  for (unsigned T = 0; T != 4; ++T)
    Threads.emplace_back([&] {
      for (unsigned I = 0; I != 5000; ++I) {
        M.Ledger.pin(P, {Site::here()});
        M.Ledger.get(P, {Site::here()});
        M.Ledger.use(P);
        uint8_t B[8];
        M.Process.memory().fetch(B, 0x1000 + I % 32, 8);
        M.Process.memory().store(0x1000, B, 8);
        M.Ledger.put(P);
        M.Ledger.unpin(P);
        M.Process.account(1);
        M.Process.account(-1);
      }
    });
  for (std::thread &T : Threads)
    T.join();
  EXPECT_EQ(M.Ledger.kernelCount(P), 1);
  EXPECT_TRUE(M.clean());
}
