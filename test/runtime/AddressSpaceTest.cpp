//===- AddressSpaceTest.cpp - User memory and its pages
//---------------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/AddressSpace.h"
#include "Machine.h"
#include <cstring>
#include <set>

using namespace pinlint::rt;

static long pin(Machine &M, UserAddr Start, uint64_t N, std::vector<Pfn> &Out,
                bool Fast = true, bool Write = true) {
  Out.assign(N, 0);
  return M.Process.gup({Start, N, HoldKind::Pin, Write, Fast}, Out);
}

TEST(AddressSpace, PinsConsecutivePages) {
  Machine M;
  UserAddr A = M.Process.map(3);
  std::vector<Pfn> P, Again;
  ASSERT_EQ(pin(M, A + 5, 3, P), 3);
  EXPECT_EQ(P[1], P[0] + 1);
  ASSERT_EQ(pin(M, A, 3, Again), 3);
  EXPECT_EQ(P, Again);
  EXPECT_EQ(M.Ledger.holds(P[0], HoldKind::Pin), 2u);
  M.Ledger.releaseAll(P, HoldKind::Pin);
  M.Ledger.releaseAll(Again, HoldKind::Pin);
  EXPECT_TRUE(M.clean());
}

TEST(AddressSpace, StopsAtAHole) {
  Machine M;
  UserAddr A = M.Process.map(2);
  std::vector<Pfn> P;
  EXPECT_EQ(pin(M, A, 4, P), 2);
  auto Lost = M.Ledger.outstanding();
  ASSERT_EQ(Lost.size(), 1u);
  EXPECT_TRUE(Lost[0].Short);
  EXPECT_EQ(pin(M, A + 2 * PageSize, 1, P), -EFAULT);
  EXPECT_EQ(pin(M, A, 0, P), 0);
}

TEST(AddressSpace, KindsOfMappings) {
  Machine M;
  UserAddr S = M.Process.map(2, VmaKind::Scattered);
  UserAddr Z = M.Process.map(2, VmaKind::ReadZero);
  UserAddr D = M.Process.map(1, VmaKind::Device);
  std::vector<Pfn> P;
  ASSERT_EQ(pin(M, S, 2, P), 2);
  EXPECT_NE(P[1], P[0] + 1);
  M.Ledger.releaseAll(P, HoldKind::Pin);
  ASSERT_EQ(pin(M, Z, 2, P, true, /*Write=*/false), 2);
  EXPECT_EQ(P[0], P[1]);
  EXPECT_EQ(M.Ledger.origin(P[0]), PageOrigin::Zero);
  M.Ledger.releaseAll(P, HoldKind::Pin);
  ASSERT_EQ(pin(M, Z, 1, P), 1) << "a write breaks the sharing";
  EXPECT_EQ(M.Ledger.origin(P[0]), PageOrigin::User);
  Pfn Written = P[0];
  M.Ledger.unpin(P[0]);
  ASSERT_EQ(pin(M, Z, 1, P, true, /*Write=*/false), 1);
  EXPECT_EQ(P[0], Written);
  M.Ledger.unpin(P[0]);
  EXPECT_EQ(pin(M, D, 1, P), -EFAULT);
  EXPECT_EQ(M.Ledger.origin(*M.Process.follow(D + 9)), PageOrigin::Reserved);
  EXPECT_FALSE(M.Process.follow(1));
  M.Process.unmap(Z, 2);
  M.Process.unmap(S, 2);
  EXPECT_EQ(pin(M, Z, 1, P), -EFAULT);
  EXPECT_TRUE(M.clean());
}

TEST(AddressSpace, DeathKeepsWhatIsPinned) {
  Machine M;
  UserAddr A = M.Process.map(1);
  M.Process.map(1, VmaKind::ReadZero, 0x40000000);
  M.Process.follow(0x40000000);
  std::vector<Pfn> P;
  ASSERT_EQ(pin(M, A, 1, P), 1);
  EXPECT_TRUE(M.Process.alive());
  M.Process.exit();
  EXPECT_FALSE(M.Process.alive());
  EXPECT_TRUE(M.Ledger.held(P[0]));
  EXPECT_FALSE(M.Ledger.owned(P[0]));
  std::vector<Pfn> Q;
  EXPECT_EQ(pin(M, A, 1, Q), -EFAULT);
  M.Ledger.unpin(P[0]);
  EXPECT_TRUE(M.clean());
}

TEST(AddressSpace, EveryResultOfAPin) {
  std::set<long> Fast, Slow, One;
  auto Collect = [](std::set<long> &Into, uint64_t N, bool IsFast) {
    exploreFully([&](ScriptedChoices &C) {
      Machine M(C);
      std::vector<Pfn> P;
      long Got = pin(M, M.Process.map(N), N, P, IsFast);
      Into.insert(Got);
      EXPECT_EQ(M.Ledger.totalHolds(), uint64_t(std::max(Got, 0L)));
    });
  };
  Collect(Fast, 5, true);
  EXPECT_EQ(Fast, (std::set<long>{-EFAULT, 1, 4, 5}));
  Collect(Slow, 2, false);
  EXPECT_EQ(Slow, (std::set<long>{-EFAULT, 0, 1, 2}));
  Collect(One, 1, true);
  EXPECT_EQ(One, (std::set<long>{-EFAULT, 1}));
}

TEST(AddressSpace, TellsWhatAPinDid) {
  ScriptedChoices C({0, 1}, /*Texts=*/true);
  Machine M(C);
  std::vector<Pfn> P;
  UserAddr A = M.Process.map(2);
  pin(M, A, 2, P);
  P.assign(2, 0);
  M.Process.gup({A, 2, HoldKind::Get}, P);
  EXPECT_EQ(C.steps()[0].Text, "2 of 2 pages are pinned");
  EXPECT_EQ(C.steps()[1].Text, "no page can be had: -EFAULT");
}

TEST(AddressSpace, AccountsLockedPages) {
  AlwaysOrdinary C;
  Machine M(C, 10);
  EXPECT_EQ(M.Process.account(10), 0);
  EXPECT_EQ(M.Process.account(1), -ENOMEM);
  EXPECT_EQ(M.Process.accounted(), 10);
  EXPECT_EQ(M.Process.account(-10), 0);
  EXPECT_TRUE(M.clean());
}

static std::vector<uint8_t> bytes(std::initializer_list<uint8_t> L) {
  return std::vector<uint8_t>(L);
}

TEST(UserMemory, FetchAndStore) {
  AlwaysOrdinary C;
  UserMemory U(C);
  U.add(0x1000, bytes({1, 2, 3, 4}));
  uint8_t B[6] = {9, 9, 9, 9, 9, 9};
  EXPECT_EQ(U.fetch(B, 0x1001, 3), 0u);
  EXPECT_EQ(B[0], 2);
  EXPECT_EQ(U.fetch(B, 0x1002, 6), 4u) << "the rest cannot be read";
  EXPECT_EQ(B[1], 4);
  EXPECT_EQ(B[2], 0) << "and is zeroed";
  EXPECT_EQ(U.fetch(B, 0x10, 1), 1u);
  EXPECT_EQ(U.fetch(B, 0x1004, 1), 1u);
  EXPECT_EQ(U.fetch(B, 0x1000, 0), 0u);
  EXPECT_EQ(U.store(0x1000, "ab", 2), 0u);
  EXPECT_EQ(U.store(0x1003, "ab", 2), 1u);
  EXPECT_TRUE(U.peek(0x1000, B, 4));
  EXPECT_EQ(std::memcmp(B, "ab\3a", 4), 0);
  EXPECT_FALSE(U.peek(0x1002, B, 4));
  EXPECT_TRUE(U.poke(0x1000, "zz", 2));
  EXPECT_FALSE(U.poke(0x2000, "zz", 2));
  EXPECT_EQ(U.fetches(), 5u);
  U.remove(0x1000);
  EXPECT_EQ(U.fetch(B, 0x1000, 1), 1u);
}

TEST(UserMemory, EveryAccessMayFault) {
  unsigned Runs = exploreFully([](ScriptedChoices &C) {
    UserMemory U(C);
    U.add(0x1000, bytes({1, 2}));
    uint8_t B[2] = {7, 7};
    size_t Missing = U.fetch(B, 0x1000, 2);
    EXPECT_TRUE(Missing == 0 || Missing == 2);
    EXPECT_EQ(B[0], Missing ? 0 : 1);
    EXPECT_TRUE(U.consistent());
    Missing = U.store(0x1000, B, 2);
    EXPECT_TRUE(Missing == 0 || Missing == 2);
  });
  EXPECT_EQ(Runs, 4u);
}

TEST(UserMemory, AdversaryChangesBetweenFetches) {
  std::set<std::pair<int, int>> Consistent, Changed;
  exploreFully([&](ScriptedChoices &C) {
    UserMemory U(C);
    U.add(0x1000, bytes({1, 5}), bytes({2, 5}));
    uint8_t A[2], B[2];
    if (U.fetch(A, 0x1000, 2) || U.fetch(B, 0x1000, 2))
      return;
    (U.consistent() ? Consistent : Changed).insert({A[0], B[0]});
    EXPECT_EQ(U.changedAt().known(), !U.consistent());
    EXPECT_EQ(A[1], 5);
  });
  EXPECT_EQ(Consistent, (std::set<std::pair<int, int>>{{1, 1}, {2, 2}}));
  EXPECT_EQ(Changed, (std::set<std::pair<int, int>>{{1, 2}, {2, 1}}));
}

TEST(UserMemory, DisjointFetchesAreConsistent) {
  exploreFully([](ScriptedChoices &C) {
    UserMemory U(C);
    U.add(0x1000, bytes({1, 1}), bytes({2, 2}));
    uint8_t A, B;
    U.fetch(&A, 0x1000, 1);
    U.fetch(&B, 0x1001, 1);
    EXPECT_TRUE(U.consistent());
  });
}

TEST(UserMemory, WhatTheKernelWroteIsFetchedAnew) {
  exploreFully([](ScriptedChoices &C) {
    UserMemory U(C);
    U.add(0x1000, bytes({1}), bytes({2}));
    uint8_t A, Three = 3;
    if (U.fetch(&A, 0x1000, 1) || U.store(0x1000, &Three, 1) ||
        U.fetch(&A, 0x1000, 1))
      return;
    EXPECT_TRUE(U.consistent());
    EXPECT_TRUE(A == 3 || A == 2);
  });
}

TEST(UserMemory, OwnAdversary) {
  AlwaysOrdinary C;
  UserMemory U(C);
  U.add(0x1000, bytes({1}));
  U.setAdversary([](UserMemory &M, unsigned Fetch) {
    uint8_t New = 10 + Fetch;
    M.poke(0x1000, &New, 1);
  });
  uint8_t A;
  U.fetch(&A, 0x1000, 1);
  EXPECT_EQ(A, 1);
  U.fetch(&A, 0x1000, 1);
  EXPECT_EQ(A, 10);
}

TEST(UserMemory, TellsWhatItDid) {
  ScriptedChoices C({0, 1, 0, 1, 1, 1}, /*Texts=*/true);
  UserMemory U(C);
  U.add(0x1000, bytes({1}), bytes({2}));
  uint8_t A;
  U.fetch(&A, 0x1000, 1);
  U.fetch(&A, 0x1000, 1);
  U.fetch(&A, 0x1000, 1);
  U.store(0x1000, &A, 1);
  std::vector<std::string> Texts;
  for (auto &S : C.steps())
    Texts.push_back(S.Text);
  EXPECT_EQ(Texts,
            (std::vector<std::string>{
                "user memory is read", "user memory has the hostile content",
                "user memory is read",
                "user space has changed it since the last fetch",
                "reading user memory faults", "writing user memory faults"}));
}
