//===- TceTableTest.cpp - Translation control entries
//---------------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/TceTable.h"
#include "Machine.h"
#include <cstring>

using namespace pinlint::rt;

namespace {

/// A guest with 256 pages of memory, the first of which takes lists.
struct Guest {
  explicit Guest(ChoiceSource &Choices, TcePolicy Policy, unsigned Mistakes = 0)
      : M(Choices) {
    User = M.Process.map(256);
    M.Process.memory().add(User, std::vector<uint8_t>(PageSize, 0));
    Table =
        std::make_unique<TceTable>(M.Process, M.Log, 1024, Policy, Mistakes);
    Table->setMemorySlot(GuestBase, User, 256 * PageSize);
  }
  /// Registers all memory and attaches both hardware tables.
  void passThrough() {
    ASSERT_EQ(Table->registerMemory(User, 256 * PageSize), 0);
    ASSERT_EQ(Table->addHardwareTable(), 0);
    ASSERT_EQ(Table->addHardwareTable(), 0);
  }
  static uint64_t tce(uint64_t Page, unsigned Perm = TceRead | TceWrite) {
    return GuestBase + Page * PageSize + Perm;
  }
  void setList(uint64_t Index, uint64_t Tce) {
    uint64_t Big = __builtin_bswap64(Tce);
    M.Process.memory().poke(User + Index * 8, &Big, 8);
  }
  /// List entry i leads to page i + 1.
  void fillList(uint64_t N) {
    for (uint64_t I = 0; I != N; ++I)
      setList(I, tce(I % 255 + 1));
  }
  uint64_t entry(uint64_t Index) {
    uint64_t Tce = ~0ull;
    EXPECT_EQ(Table->get(Index * PageSize, Tce), HSuccess);
    return Tce;
  }
  /// Entries of the hardware tables, which must agree, and with the guest's.
  uint64_t hardwareEntries(bool ButFor = false) {
    uint64_t N = 0;
    for (uint64_t I = 0; I != 1024; ++I) {
      unsigned P = Table->hardwareTable(0).at(I).Permissions;
      if (!ButFor) {
        EXPECT_EQ(P, Table->hardwareTable(1).at(I).Permissions) << I;
        EXPECT_EQ(P, entry(I) & TcePermissions) << I;
      }
      N += P != 0;
    }
    return N;
  }

  static constexpr uint64_t GuestBase = 0x8000000;
  Machine M;
  UserAddr User;
  std::unique_ptr<TceTable> Table;
};

const TcePolicy Safe[] = {TcePolicy::CopyValidateCommit,
                          TcePolicy::ValidateAtUse};

AlwaysOrdinary Ordinary;

} // namespace

TEST(TceTable, PutAndGet) {
  Guest G(Ordinary, TcePolicy::CopyValidateCommit);
  G.passThrough();
  EXPECT_EQ(G.Table->addHardwareTable(), -ENOSPC);
  EXPECT_EQ(G.Table->hardwareTables(), 2u);
  EXPECT_EQ(G.Table->put(5 * PageSize, Guest::tce(7)), HSuccess);
  EXPECT_EQ(G.entry(5), Guest::tce(7));
  EXPECT_TRUE(G.Table->hardwareTable(1).deviceAccess(5, true));
  EXPECT_FALSE(G.Table->hardwareTable(1).deviceAccess(6, true));
  EXPECT_FALSE(G.Table->hardwareTable(1).deviceAccess(5000, true));
  EXPECT_EQ(G.Table->put(5 * PageSize, Guest::tce(8, TceRead)), HSuccess);
  EXPECT_FALSE(G.Table->hardwareTable(0).deviceAccess(5, true));
  EXPECT_TRUE(G.Table->hardwareTable(0).deviceAccess(5, false));
  EXPECT_EQ(G.Table->put(5 * PageSize, 0xdead0), HSuccess)
      << "the guest may poison entries";
  EXPECT_EQ(G.entry(5), 0xdead0u);
  EXPECT_EQ(G.hardwareEntries(), 0u);
}

TEST(TceTable, PutRejects) {
  Guest G(Ordinary, TcePolicy::CopyValidateCommit);
  G.passThrough();
  EXPECT_EQ(G.Table->put(1024 * PageSize, Guest::tce(1)), HParameter);
  EXPECT_EQ(G.Table->put(12, Guest::tce(1)), HParameter);
  EXPECT_EQ(G.Table->put(0, 0x1000 | TceRead), HTooHard) << "not translatable";
  EXPECT_EQ(G.Table->put(0, Guest::tce(256)), HTooHard);
  EXPECT_EQ(G.Table->put(0, Guest::tce(1) + 0x10), HTooHard) << "unaligned";
  uint64_t Tce;
  EXPECT_EQ(G.Table->get(1024 * PageSize, Tce), HParameter);
  EXPECT_EQ(G.hardwareEntries(), 0u);

  Guest N(Ordinary, TcePolicy::ValidateAtUse);
  ASSERT_EQ(N.Table->registerMemory(N.User, 4 * PageSize), 0);
  EXPECT_EQ(N.Table->put(0, Guest::tce(9)), HSuccess) << "an emulated device";
  ASSERT_EQ(N.Table->addHardwareTable(), 0);
  EXPECT_EQ(N.Table->put(0, Guest::tce(9)), HTooHard) << "not registered";
  EXPECT_EQ(N.Table->put(0, Guest::tce(3)), HSuccess);
}

TEST(TceTable, Registration) {
  Guest G(Ordinary, TcePolicy::CopyValidateCommit);
  TceTable &T = *G.Table;
  EXPECT_EQ(T.registerMemory(G.User, 0), -EINVAL);
  EXPECT_EQ(T.registerMemory(G.User + 1, PageSize), -EINVAL);
  EXPECT_EQ(T.registerMemory(-PageSize, 2 * PageSize), -EINVAL);
  EXPECT_EQ(T.registerMemory(G.User, 300 * PageSize), -EFAULT);
  EXPECT_EQ(G.M.Ledger.totalHolds(), 0u);
  EXPECT_EQ(T.registerMemory(G.User, 4 * PageSize), 0);
  EXPECT_EQ(T.registerMemory(G.User, 4 * PageSize), -EBUSY);
  EXPECT_EQ(G.M.Ledger.totalHolds(), 4u);
  EXPECT_EQ(T.unregisterMemory(G.User, PageSize), -ENOENT);
  ASSERT_EQ(T.addHardwareTable(), 0);
  ASSERT_EQ(T.put(0, Guest::tce(2)), HSuccess);
  EXPECT_EQ(T.unregisterMemory(G.User, 4 * PageSize), -EBUSY);
  EXPECT_EQ(T.removeMemorySlot(), -EBUSY) << "hot-unplug while mapped";
  ASSERT_EQ(T.put(0, 0), HSuccess);
  EXPECT_EQ(T.removeMemorySlot(), 0);
  EXPECT_EQ(T.unregisterMemory(G.User, 4 * PageSize), 0);
  EXPECT_TRUE(G.M.clean());
}

TEST(TceTable, IndirectRejects) {
  Guest G(Ordinary, TcePolicy::CopyValidateCommit);
  G.passThrough();
  uint64_t List = Guest::GuestBase;
  EXPECT_EQ(G.Table->putIndirect(0, List, 513), HParameter);
  EXPECT_EQ(G.Table->putIndirect(0, List + 8, 1), HParameter);
  EXPECT_EQ(G.Table->putIndirect(1020 * PageSize, List, 5), HParameter);
  EXPECT_EQ(G.Table->putIndirect(0, 0x1000, 1), HTooHard);
  // A guest page without content to read.
  EXPECT_EQ(G.Table->putIndirect(0, List + PageSize, 1), HTooHard);
  EXPECT_EQ(G.Table->putIndirect(0, List, 0), HSuccess);
}

TEST(TceTable, IndirectPutsAFullList) {
  for (TcePolicy P : Safe) {
    Guest G(Ordinary, P);
    G.passThrough();
    G.fillList(512);
    EXPECT_EQ(G.Table->putIndirect(100 * PageSize, Guest::GuestBase, 512),
              HSuccess);
    EXPECT_EQ(G.hardwareEntries(), 512u);
    EXPECT_EQ(G.entry(100), Guest::tce(1));
    EXPECT_EQ(G.Table->stuff(100 * PageSize, 0, 512), HSuccess);
    EXPECT_EQ(G.hardwareEntries(), 0u);
    EXPECT_EQ(G.Table->unregisterMemory(G.User, 256 * PageSize), 0);
    EXPECT_TRUE(G.M.clean());
  }
}

TEST(TceTable, StuffRejects) {
  Guest G(Ordinary, TcePolicy::ValidateAtUse);
  EXPECT_EQ(G.Table->stuff(0, TceRead, 1), HParameter);
  EXPECT_EQ(G.Table->stuff(1023 * PageSize, 0, 2), HParameter);
  EXPECT_EQ(G.Table->stuff(0, 0x5550, 3), HSuccess);
  EXPECT_EQ(G.entry(2), 0x5550u);
}

TEST(TceTable, ListThatIsBadFromTheStartChangesNothing) {
  for (TcePolicy P : Safe) {
    Guest G(Ordinary, P);
    G.passThrough();
    G.fillList(200);
    G.setList(100, 0x1000 | TceRead);
    EXPECT_EQ(G.Table->putIndirect(0, Guest::GuestBase, 200), HTooHard);
    EXPECT_EQ(G.hardwareEntries(), 0u);
    EXPECT_EQ(G.Table->warnings(), 0u);
  }
}

/// The guest changes entry 100 after it was validated.
static void changeAfterValidation(Guest &G, uint64_t To) {
  G.M.Process.memory().setAdversary([&G, To](UserMemory &, unsigned Fetch) {
    if (Fetch == 199)
      G.setList(100, To);
  });
}

TEST(TceTable, FailureAtEntry100) {
  {
    // Copied before it was changed: nothing happens at all.
    Guest G(Ordinary, TcePolicy::CopyValidateCommit);
    G.passThrough();
    G.fillList(200);
    changeAfterValidation(G, 0x1000 | TceWrite);
    EXPECT_EQ(G.Table->putIndirect(0, Guest::GuestBase, 200), HSuccess);
    EXPECT_EQ(G.hardwareEntries(), 200u);
  }
  Guest G(Ordinary, TcePolicy::ValidateAtUse);
  G.passThrough();
  ASSERT_EQ(G.Table->put(100 * PageSize, Guest::tce(9)), HSuccess);
  ASSERT_EQ(G.Table->put(150 * PageSize, Guest::tce(9)), HSuccess);
  G.fillList(200);
  changeAfterValidation(G, 0x1000 | TceWrite);
  EXPECT_EQ(G.Table->putIndirect(0, Guest::GuestBase, 200), HTooHard);
  EXPECT_EQ(G.entry(99), Guest::tce(100));
  EXPECT_EQ(G.entry(100), 0u) << "no permission";
  EXPECT_EQ(G.entry(101), 0u);
  EXPECT_EQ(G.entry(150), Guest::tce(9)) << "not reached";
  EXPECT_EQ(G.hardwareEntries(), 101u);
  EXPECT_EQ(G.Table->warnings(), 1u);
  EXPECT_EQ(G.Table->stuff(0, 0, 200), HSuccess);
  EXPECT_EQ(G.Table->unregisterMemory(G.User, 256 * PageSize), 0)
      << "the failed entry holds nothing";
  EXPECT_TRUE(G.M.clean());
}

TEST(TceTable, UnsafePolicyIsCaught) {
  for (uint64_t Hostile : {0x1000 | TceWrite, Guest::tce(200)}) {
    Guest G(Ordinary, TcePolicy::Unsafe);
    ASSERT_EQ(G.Table->registerMemory(G.User, 128 * PageSize), 0);
    ASSERT_EQ(G.Table->addHardwareTable(), 0);
    for (uint64_t I = 0; I != 200; ++I)
      G.setList(I, Guest::tce(I % 100 + 1));
    changeAfterValidation(G, Hostile);
    long Result = G.Table->putIndirect(0, Guest::GuestBase, 200);
    EXPECT_EQ(G.M.Log.count(ViolationKind::DoubleFetch), 1u);
    if (Hostile == Guest::tce(200)) {
      EXPECT_EQ(Result, HSuccess);
      EXPECT_FALSE(G.Table->hardwareTable(0).deviceAccess(100, true))
          << "the device got at memory that is not pinned";
      EXPECT_EQ(G.M.Log.count(ViolationKind::UseAfterRelease), 1u);
    }
  }
}

TEST(TceTable, HardwareFailuresLeaveWhatThePolicyPromises) {
  for (TcePolicy P : Safe)
    exploreFully([P](ScriptedChoices &C) {
      AlwaysOrdinary Setup;
      Guest G(C, P);
      // The registration may fail, too.
      if (G.Table->registerMemory(G.User, 2 * PageSize))
        return;
      ASSERT_EQ(G.Table->addHardwareTable(), 0);
      ASSERT_EQ(G.Table->addHardwareTable(), 0);
      for (uint64_t I = 0; I != 3; ++I)
        G.setList(I, Guest::tce(1, I == 1 ? TceRead : TceWrite));
      bool Had = G.Table->put(PageSize, Guest::tce(0)) == HSuccess;
      long Result = G.Table->putIndirect(0, Guest::GuestBase, 3);
      uint64_t Now = G.hardwareEntries();
      if (Result == HSuccess)
        EXPECT_EQ(Now, 3u);
      else if (P == TcePolicy::CopyValidateCommit)
        EXPECT_EQ(Now, Had ? 1u : 0u) << "all or nothing";
      EXPECT_EQ(G.Table->warnings() > 0,
                P == TcePolicy::ValidateAtUse && G.Table->warnings() != 0);
      G.Table->stuff(0, 0, 3);
      EXPECT_EQ(G.Table->unregisterMemory(G.User, 2 * PageSize), 0);
      EXPECT_TRUE(G.M.clean());
    });
}

TEST(TceTable, MistakeClearForgetsMemory) {
  Guest G(Ordinary, TcePolicy::ValidateAtUse, ClearForgetsMemory);
  G.passThrough();
  ASSERT_EQ(G.Table->put(0, Guest::tce(1)), HSuccess);
  ASSERT_EQ(G.Table->stuff(0, 0, 1), HSuccess);
  EXPECT_EQ(G.hardwareEntries(), 0u);
  EXPECT_EQ(G.Table->unregisterMemory(G.User, 256 * PageSize), -EBUSY)
      << "referenced for ever";
}

TEST(TceTable, MistakeFailureLeavesEntry) {
  // The second hardware table refuses.
  ScriptedChoices C({0, 0, 0, 1});
  Guest G(C, TcePolicy::ValidateAtUse, FailureLeavesEntry);
  ASSERT_EQ(G.Table->registerMemory(G.User, PageSize), 0);
  ASSERT_EQ(G.Table->addHardwareTable(), 0);
  ASSERT_EQ(G.Table->addHardwareTable(), 0);
  G.setList(0, Guest::tce(0));
  // Outcomes: pin, fetch, fetch, then the first table's refusal comes fourth.
  long Result = G.Table->putIndirect(0, Guest::GuestBase, 1);
  EXPECT_EQ(Result, HTooHard);
  ScriptedChoices D({0, 0, 0, 0, 1});
  Guest H(D, TcePolicy::ValidateAtUse, FailureLeavesEntry);
  ASSERT_EQ(H.Table->registerMemory(H.User, PageSize), 0);
  ASSERT_EQ(H.Table->addHardwareTable(), 0);
  ASSERT_EQ(H.Table->addHardwareTable(), 0);
  H.setList(0, Guest::tce(0));
  EXPECT_EQ(H.Table->putIndirect(0, Guest::GuestBase, 1), HTooHard);
  EXPECT_NE(H.Table->hardwareTable(0).at(0).Permissions,
            H.Table->hardwareTable(1).at(0).Permissions)
      << "two devices of one window see different memory";
}

TEST(TceTable, DroppingWhatWasNotAdded) {
  Machine M;
  auto R = RegisteredMemory::make(M.Process, M.Process.map(1), 1);
  ASSERT_TRUE(R);
  R->dropEntry(M.Log, Site::here());
  EXPECT_EQ(M.Log.count(ViolationKind::OverRelease), 1u);
}
