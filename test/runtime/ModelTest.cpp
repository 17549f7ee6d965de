//===- ModelTest.cpp - Random operations against simple models
//---------------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

///
/// \file
/// Each component is run with random operations next to a model that is too
/// simple to be wrong: flat tables, searched from end to end.
///
//===----------------------------------------------------------------------===//

#include "Machine.h"
#include "pinlint/runtime/DmaMap.h"
#include "pinlint/runtime/TceTable.h"
#include "pinlint/runtime/VhostVdpa.h"
#include <random>

using namespace pinlint::rt;

static constexpr unsigned ReadWrite = IommuRead | IommuWrite;

TEST(Model, PageLedger) {
  std::mt19937_64 Random(3);
  ViolationLog Log;
  PageLedger Ledger(Log);
  struct Count {
    int Gets = 0, Pins = 0;
  };
  std::vector<Count> Model;
  Pfn First = Ledger.addPage();
  Model.push_back({});
  for (unsigned Step = 0; Step != 20000; ++Step) {
    size_t I = Random() % Model.size();
    Count &C = Model[I];
    Pfn P = First + I;
    switch (Random() % 6) {
    case 0:
      if (Model.size() < 20) {
        Ledger.addPage();
        Model.push_back({});
      }
      continue;
    case 1:
      Ledger.get(P, {Site::here()});
      ++C.Gets;
      break;
    case 2:
      Ledger.pin(P, {Site::here()});
      ++C.Pins;
      break;
    case 3:
      if (C.Gets) {
        Ledger.put(P);
        --C.Gets;
      }
      break;
    case 4:
      if (C.Pins) {
        Ledger.unpin(P);
        --C.Pins;
      }
      break;
    case 5:
      EXPECT_EQ(Ledger.use(P), C.Gets + C.Pins > 0);
      if (!(C.Gets + C.Pins)) {
        EXPECT_EQ(Log.count(ViolationKind::UseAfterRelease), 1u);
        Log.clear();
      }
      break;
    }
    ASSERT_TRUE(Log.empty()) << toString(Log.all()[0]);
    ASSERT_EQ(Ledger.kernelCount(P), 1 + C.Gets + C.Pins * PageLedger::PinBias);
    ASSERT_EQ(Ledger.held(P), C.Gets + C.Pins > 0);
  }
}

namespace {

/// The driver of an emulated device that unpins when told.
struct Obedient : UnmapListener {
  explicit Obedient(DmaMap &Map) : Map(Map) {}
  void dmaUnmap(Iova Start, uint64_t Size) override {
    for (auto &[Addr, Count] : Pins)
      if (Addr - Start < Size)
        for (; Count; --Count)
          Map.unpinPages(Addr, 1);
  }
  DmaMap &Map;
  std::map<Iova, unsigned> Pins;
};

/// What a container with one emulated and at most two other groups looks like.
struct ContainerModel {
  struct Range {
    Iova Start;
    uint64_t Pages;
    uint64_t UserPage;
  };
  std::vector<Range> Ranges;
  bool Iommu[2] = {false, false};

  const Range *at(Iova Addr) const {
    for (const Range &R : Ranges)
      if (Addr >= R.Start && Addr < R.Start + R.Pages * PageSize)
        return &R;
    return nullptr;
  }
  bool free(Iova Start, uint64_t Pages) const {
    for (uint64_t I = 0; I != Pages; ++I)
      if (at(Start + I * PageSize))
        return false;
    return true;
  }
  bool cuts(Iova Start, uint64_t Pages) const {
    for (const Range &R : Ranges) {
      bool Overlaps = R.Start < Start + Pages * PageSize &&
                      Start < R.Start + R.Pages * PageSize;
      bool Inside = R.Start >= Start &&
                    R.Start + R.Pages * PageSize <= Start + Pages * PageSize;
      if (Overlaps && !Inside)
        return true;
    }
    return false;
  }
  uint64_t pages() const {
    uint64_t N = 0;
    for (const Range &R : Ranges)
      N += R.Pages;
    return N;
  }
};

} // namespace

TEST(Model, DmaMap) {
  constexpr unsigned Emulated = 9;
  for (uint64_t Seed = 1; Seed != 30; ++Seed) {
    std::mt19937_64 Random(Seed);
    Machine M;
    UserAddr User = M.Process.map(64);
    UserAddr Apart = M.Process.map(64, VmaKind::Scattered);
    DmaMap Map(M.Process, M.Log);
    ContainerModel Model;
    ASSERT_EQ(Map.attachGroup(Emulated, false), 0);
    Obedient Driver(Map);
    Map.registerListener(&Driver);
    for (unsigned Step = 0; Step != 300; ++Step) {
      Iova Start = (Random() % 24) * PageSize;
      uint64_t Pages = 1 + Random() % 6;
      switch (Random() % 6) {
      case 0: {
        uint64_t Page = Random() % 32;
        UserAddr From = (Random() & 1 ? User : Apart) + Page * PageSize;
        Status Got = Map.map(Start, From, Pages * PageSize, ReadWrite);
        ASSERT_EQ(Got, Model.free(Start, Pages) ? 0 : -EEXIST);
        if (!Got)
          Model.Ranges.push_back({Start, Pages, Page});
        break;
      }
      case 1: {
        auto Got = Map.unmap(Start, Pages * PageSize);
        bool Cuts = Model.cuts(Start, Pages);
        ASSERT_EQ(Got.Error, Cuts ? -EINVAL : 0);
        uint64_t Before = Model.pages();
        if (!Cuts)
          std::erase_if(Model.Ranges, [&](const auto &R) {
            return R.Start >= Start && R.Start < Start + Pages * PageSize;
          });
        ASSERT_EQ(Got.Size, (Before - Model.pages()) * PageSize);
        break;
      }
      case 2: {
        Pfn P[6];
        long Got = Map.pinPages(Emulated, Start, Pages, ReadWrite, P);
        bool All = true;
        for (uint64_t I = 0; I != Pages; ++I)
          All &= Model.at(Start + I * PageSize) != nullptr;
        ASSERT_EQ(Got, All ? long(Pages) : -EINVAL);
        for (long I = 0; I < Got; ++I)
          ++Driver.Pins[Start + I * PageSize];
        break;
      }
      case 3:
        if (Driver.Pins[Start]) {
          Map.unpinPages(Start, 1);
          --Driver.Pins[Start];
        }
        break;
      case 4: {
        bool &On = Model.Iommu[Random() % 2];
        unsigned G = &On - Model.Iommu;
        if (On)
          Map.detachGroup(G);
        else
          ASSERT_EQ(Map.attachGroup(G, true), 0);
        On = !On;
        break;
      }
      case 5:
        for (unsigned G = 0; G != 2; ++G)
          ASSERT_EQ(Map.deviceAccess(G, Start, true),
                    Model.Iommu[G] && Model.at(Start));
        break;
      }
      uint64_t Counted = 0, Pinned = 0;
      bool AnyIommu = Model.Iommu[0] || Model.Iommu[1];
      for (Iova A = 0; A != 32 * PageSize; A += PageSize) {
        bool HasPin = Driver.Pins.count(A) && Driver.Pins[A];
        Pinned += HasPin;
        Counted += (AnyIommu && Model.at(A)) || HasPin;
      }
      ASSERT_EQ(M.Process.accounted(), int64_t(Counted)) << "step " << Step;
      ASSERT_EQ(Map.driverPins(), Pinned);
      ASSERT_EQ(Map.ranges(), Model.Ranges.size());
      ASSERT_EQ(M.Ledger.totalHolds(), Pinned + (AnyIommu ? Model.pages() : 0));
      ASSERT_TRUE(M.Log.empty()) << toString(M.Log.all()[0]);
    }
    Map.release();
    Map.unregisterListener(&Driver);
    EXPECT_TRUE(M.clean());
  }
}

TEST(Model, DmaMapWithFailures) {
  // Whatever fails, nothing is misused and nothing is lost.
  unsigned Mapped = 0, Pinned = 0, Attached = 0;
  for (uint64_t Seed = 1; Seed != 60; ++Seed) {
    std::mt19937_64 Random(Seed);
    RandomChoices C(Seed, 200);
    Machine M(C, 40);
    UserAddr User = M.Process.map(64, VmaKind::Scattered);
    {
      DmaMap Map(M.Process, M.Log);
      Map.attachGroup(9, false);
      Obedient Driver(Map);
      Map.registerListener(&Driver);
      for (unsigned Step = 0; Step != 200; ++Step) {
        Iova Start = (Random() % 24) * PageSize;
        uint64_t Pages = 1 + Random() % 6;
        switch (Random() % 8) {
        case 0:
          Mapped += !Map.map(Start, User + Start, Pages * PageSize, ReadWrite);
          break;
        case 1:
          Map.unmap(Start, Pages * PageSize);
          break;
        case 2: {
          Pfn P[6];
          long Got = Map.pinPages(9, Start, Pages, ReadWrite, P);
          for (long I = 0; I < Got; ++I)
            ++Driver.Pins[Start + I * PageSize];
          Pinned += Got > 0;
          break;
        }
        case 3:
          if (Driver.Pins[Start]) {
            Map.unpinPages(Start, 1);
            --Driver.Pins[Start];
          }
          break;
        case 4:
          Attached += !Map.attachGroup(Random() % 2, true);
          break;
        case 5:
          Map.detachGroup(Random() % 2);
          break;
        case 6:
          Random() & 1 ? Map.startDirtyTracking() : Map.stopDirtyTracking();
          break;
        case 7: {
          std::vector<uint64_t> Bits(1);
          Map.getDirty({0, 32 * PageSize, PageSize, Bits});
          break;
        }
        }
        ASSERT_TRUE(M.Log.empty()) << toString(M.Log.all()[0]);
      }
      Map.release();
      Map.unregisterListener(&Driver);
    }
    EXPECT_TRUE(M.clean());
  }
  // The operations got somewhere.
  EXPECT_GT(Mapped, 300u);
  EXPECT_GT(Pinned, 100u);
  EXPECT_GT(Attached, 100u);
}

TEST(Model, DirtyBits) {
  // A page is dirty if it was written or newly pinned since the last query, or
  // is pinned.
  for (uint64_t Seed = 1; Seed != 20; ++Seed) {
    std::mt19937_64 Random(Seed);
    Machine M;
    UserAddr User = M.Process.map(200);
    M.Process.memory().add(User, std::vector<uint8_t>(200 * PageSize, 0));
    DmaMap Map(M.Process, M.Log);
    ASSERT_EQ(Map.attachGroup(9, false), 0);
    Obedient Driver(Map);
    Map.registerListener(&Driver);
    // Neighbours whose bits share words.
    Iova Base = (1 + Random() % 1000) * PageSize;
    uint64_t Total = 0;
    while (Total < 120) {
      uint64_t Pages = 1 + Random() % 40;
      ASSERT_EQ(Map.map(Base + Total * PageSize, User + Total * PageSize,
                        Pages * PageSize, ReadWrite),
                0);
      Total += Pages;
    }
    ASSERT_EQ(Map.startDirtyTracking(), 0);
    std::set<uint64_t> Dirty;
    for (unsigned Step = 0; Step != 400; ++Step) {
      uint64_t Page = Random() % Total;
      Iova Addr = Base + Page * PageSize;
      switch (Random() % 8) {
      case 0:
        ASSERT_EQ(Map.startDirtyTracking(), -EALREADY);
        break;
      case 1: {
        std::vector<uint64_t> Bits((Total + 63) / 64);
        ASSERT_EQ(Map.getDirty({Base, Total * PageSize, PageSize, Bits}), 0);
        for (uint64_t I = 0; I != Total; ++I) {
          bool Pinned = Driver.Pins[Base + I * PageSize] != 0;
          ASSERT_EQ(Bits[I / 64] >> (I % 64) & 1, Pinned || Dirty.count(I))
              << "page " << I << " step " << Step;
        }
        Dirty.clear();
        break;
      }
      case 2: {
        Pfn P;
        ASSERT_EQ(Map.pinPages(9, Addr, 1, ReadWrite, std::span(&P, 1)), 1);
        if (!Driver.Pins[Addr]++)
          Dirty.insert(Page);
        break;
      }
      case 3:
        if (Driver.Pins[Addr]) {
          Map.unpinPages(Addr, 1);
          --Driver.Pins[Addr];
          // Written at any time until then.
          Dirty.insert(Page);
        }
        break;
      default: {
        uint8_t B = 1;
        ASSERT_EQ(Map.readWrite(Addr, &B, 1, true), 0);
        Dirty.insert(Page);
      }
      }
    }
    Map.release();
    Map.unregisterListener(&Driver);
    EXPECT_TRUE(M.clean());
  }
}

TEST(Model, VhostVdpa) {
  for (uint64_t Seed = 1; Seed != 40; ++Seed) {
    std::mt19937_64 Random(Seed);
    RandomChoices C(Seed, Seed % 2 ? 0 : 150);
    Machine M(C, 100);
    UserAddr User = M.Process.map(64, VmaKind::Scattered);
    VhostVdpa::Options O;
    O.AddressSpaces = 2;
    VhostVdpa V(M.Ledger, M.Log, C, O);
    std::map<std::pair<unsigned, Iova>, bool> Mapped;
    for (unsigned Step = 0; Step != 200; ++Step) {
      unsigned Asid = Random() % 2;
      Iova Start = (Random() % 16) * PageSize;
      uint64_t Pages = 1 + Random() % 4;
      switch (Random() % 5) {
      case 0:
        if (!V.isOpen() && !V.open())
          V.setOwner(M.Process);
        break;
      case 1: {
        bool Free = true;
        for (uint64_t I = 0; I != Pages; ++I)
          Free &= !Mapped.count({Asid, Start + I * PageSize});
        Status Got =
            V.update(Asid, Start, Pages * PageSize, User + Start, ReadWrite);
        if (V.isOpen() && !Free)
          ASSERT_EQ(Got, -EEXIST);
        if (!Got)
          for (uint64_t I = 0; I != Pages; ++I)
            Mapped[{Asid, Start + I * PageSize}] = true;
        break;
      }
      case 2: {
        if (!V.invalidate(Asid, Start, PageSize))
          Mapped.erase({Asid, Start});
        break;
      }
      case 3:
        ASSERT_EQ(V.deviceAccess(Asid, Start, true),
                  Mapped.count({Asid, Start}) != 0);
        break;
      case 4:
        if (Random() % 8 == 0) {
          V.release();
          Mapped.clear();
        }
        break;
      }
      ASSERT_TRUE(M.Log.empty()) << toString(M.Log.all()[0]);
      ASSERT_EQ(M.Ledger.totalHolds(), Mapped.size());
    }
    V.release();
    EXPECT_TRUE(M.clean());
  }
}

TEST(Model, TceTable) {
  for (uint64_t Seed = 1; Seed != 40; ++Seed) {
    std::mt19937_64 Random(Seed);
    Machine M;
    UserAddr User = M.Process.map(64);
    M.Process.memory().add(User, std::vector<uint8_t>(PageSize, 0));
    {
      TceTable T(M.Process, M.Log, 64,
                 Seed % 2 ? TcePolicy::CopyValidateCommit
                          : TcePolicy::ValidateAtUse);
      T.setMemorySlot(0, User, 64 * PageSize);
      ASSERT_EQ(T.registerMemory(User, 32 * PageSize), 0);
      ASSERT_EQ(T.addHardwareTable(), 0);
      ASSERT_EQ(T.addHardwareTable(), 0);
      std::vector<uint64_t> Model(64);
      auto Valid = [](uint64_t Tce) {
        return !(Tce & 3) || (Tce >> PageShift) < 32;
      };
      for (unsigned Step = 0; Step != 300; ++Step) {
        uint64_t Index = Random() % 64, Count = Random() % 9;
        auto RandomTce = [&] {
          return (Random() % 36) * PageSize + Random() % 4;
        };
        switch (Random() % 3) {
        case 0: {
          uint64_t Tce = RandomTce();
          long Got = T.put(Index * PageSize, Tce);
          ASSERT_EQ(Got, Valid(Tce) ? HSuccess : HTooHard);
          if (!Got)
            Model[Index] = Tce;
          break;
        }
        case 1: {
          uint64_t List[9];
          bool AllValid = true;
          for (uint64_t I = 0; I != Count; ++I) {
            List[I] = RandomTce();
            AllValid &= Valid(List[I]);
            uint64_t Big = __builtin_bswap64(List[I]);
            M.Process.memory().poke(User + I * 8, &Big, 8);
          }
          long Got = T.putIndirect(Index * PageSize, 0, Count);
          if (Index + Count > 64)
            ASSERT_EQ(Got, HParameter);
          else
            ASSERT_EQ(Got, AllValid ? HSuccess : HTooHard);
          if (!Got)
            std::copy(List, List + Count, Model.begin() + Index);
          break;
        }
        case 2:
          if (T.stuff(Index * PageSize, 0x7770, Count) == HSuccess)
            std::fill_n(Model.begin() + Index, Count, 0x7770);
          break;
        }
        bool AnyMapped = false;
        for (uint64_t I = 0; I != 64; ++I) {
          uint64_t Tce;
          ASSERT_EQ(T.get(I * PageSize, Tce), HSuccess);
          ASSERT_EQ(Tce, Model[I]);
          AnyMapped |= (Tce & 3) != 0;
          for (unsigned H = 0; H != 2; ++H)
            ASSERT_EQ(T.hardwareTable(H).at(I).Permissions, Tce & 3);
        }
        if (Step % 50 == 0 && AnyMapped)
          ASSERT_EQ(T.unregisterMemory(User, 32 * PageSize), -EBUSY);
        ASSERT_TRUE(M.Log.empty()) << toString(M.Log.all()[0]);
      }
    }
    EXPECT_TRUE(M.clean());
  }
}
