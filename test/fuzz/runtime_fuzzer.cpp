//===- runtime_fuzzer.cpp - Arbitrary operations on the runtime -----------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// libFuzzer harness: the input is a program for one of the components, with
/// the outcomes of its fallible steps. Whatever it does, correct components
/// must not misuse a page, and must hold nothing after their release.
///
//===----------------------------------------------------------------------===//

#include "pinlint/runtime/BioPages.h"
#include "pinlint/runtime/DmaMap.h"
#include "pinlint/runtime/Explorer.h"
#include "pinlint/runtime/TceTable.h"
#include "pinlint/runtime/VhostVdpa.h"
#include <cstdio>
#include <cstdlib>
#include <set>

using namespace pinlint::rt;

namespace {

constexpr unsigned ReadWrite = IommuRead | IommuWrite;

/// Reads the input to its end, then zeros.
class Input {
public:
  Input(const uint8_t *Data, size_t Size) : Data(Data), Size(Size) {}
  bool empty() const { return Size == 0; }
  uint8_t byte() {
    if (!Size)
      return 0;
    --Size;
    return *Data++;
  }
  uint64_t word() {
    uint64_t W = 0;
    for (int I = 0; I != 8; ++I)
      W = W << 8 | byte();
    return W;
  }
  /// Mostly small and aligned, now and then anything.
  uint64_t address() {
    uint8_t B = byte();
    return B < 240 ? (B % 32) * PageSize : word();
  }
  uint64_t size() {
    uint8_t B = byte();
    // Sizes in between are legal for ranges that nobody pins, and would only
    // make for large bitmaps.
    return B < 240 ? (B % 8) * PageSize : word() | uint64_t(1) << 60;
  }

private:
  const uint8_t *Data;
  size_t Size;
};

/// Outcomes from the input: one byte each, ordinary for most of its values.
class InputChoices final : public ChoiceSource {
public:
  explicit InputChoices(Input &In) : In(In) {}
  unsigned choose(unsigned Alternatives) override {
    uint8_t B = In.byte();
    return B < 192 ? 0 : B % Alternatives;
  }

private:
  Input &In;
};

struct Driver : UnmapListener {
  explicit Driver(DmaMap &Map) : Map(Map) {}
  void dmaUnmap(Iova Start, uint64_t Size) override {
    for (auto It = Pins.lower_bound(Start);
         It != Pins.end() && *It - Start < Size; It = Pins.erase(It))
      Map.unpinPages(*It, 1);
  }
  DmaMap &Map;
  std::multiset<Iova> Pins;
};

[[noreturn]] void fail(const char *What, const ViolationLog &Log) {
  std::fprintf(stderr, "%s\n", What);
  for (const Violation &V : Log.all())
    std::fprintf(stderr, "  %s\n", toString(V).c_str());
  std::abort();
}

struct World {
  explicit World(Input &In)
      : Choices(In), Ledger(Log), Process(Ledger, Choices, 100) {
    User = Process.map(32);
    Apart = Process.map(32, VmaKind::Scattered);
    Zero = Process.map(8, VmaKind::ReadZero);
    Device = Process.map(8, VmaKind::Device);
    Process.memory().add(User, std::vector<uint8_t>(4 * PageSize, 0),
                         std::vector<uint8_t>(4 * PageSize, 0xff));
  }
  UserAddr pick(Input &In) {
    UserAddr Starts[] = {User, Apart, Zero, Device};
    uint8_t B = In.byte();
    return Starts[B & 3] + (B >> 2) % 8 * PageSize;
  }
  void expectClean() {
    if (!Log.empty())
      fail("misuse", Log);
    if (Ledger.reportLeaks())
      fail("leak", Log);
    if (Process.accounted())
      fail("wrong accounting", Log);
  }

  InputChoices Choices;
  ViolationLog Log;
  PageLedger Ledger;
  AddressSpace Process;
  UserAddr User, Apart, Zero, Device;
};

void runDmaMap(Input &In) {
  World W(In);
  {
    DmaMap Map(W.Process, W.Log);
    Driver D(Map);
    Map.registerListener(&D);
    while (!In.empty()) {
      switch (In.byte() % 12) {
      case 0:
        Map.attachGroup(In.byte() % 3, In.byte() & 1);
        break;
      case 1:
        Map.detachGroup(In.byte() % 3);
        // A driver whose group is gone must not keep pins; ours unpins when
        // its ranges go.
        break;
      case 2: {
        Iova Start = In.address();
        UserAddr From = W.pick(In);
        Map.map(Start, From, In.size(), In.byte() % 4);
        break;
      }
      case 3: {
        Iova Start = In.address();
        Map.unmap(Start, In.size());
        break;
      }
      case 4: {
        Pfn P[8];
        Iova Start = In.address();
        unsigned Count = In.byte() % 8;
        long Got = Map.pinPages(In.byte() % 3, Start, Count, In.byte() % 4, P);
        for (long I = 0; I < Got; ++I)
          D.Pins.insert((Start & ~(PageSize - 1)) + I * PageSize);
        break;
      }
      case 5:
        if (!D.Pins.empty()) {
          auto It = D.Pins.begin();
          std::advance(It, In.byte() % D.Pins.size());
          Map.unpinPages(*It, 1);
          D.Pins.erase(It);
        }
        break;
      case 6:
        Map.startDirtyTracking();
        break;
      case 7:
        Map.stopDirtyTracking();
        break;
      case 8: {
        std::vector<uint64_t> Bits(In.byte() % 4);
        Iova Start = In.address();
        uint64_t Size = In.size();
        Map.getDirty({Start, Size, In.byte() ? PageSize : In.word(), Bits});
        break;
      }
      case 9: {
        std::vector<uint64_t> Bits(1);
        Iova Start = In.address();
        uint64_t Size = In.size();
        DmaMap::DirtyRequest Q{Start, Size, PageSize, Bits};
        Map.unmap(Start, Size, &Q);
        break;
      }
      case 10: {
        uint8_t Data[16] = {};
        Iova Start = In.address();
        Map.readWrite(Start + In.byte(), Data, In.byte() % 16, In.byte() & 1);
        break;
      }
      case 11:
        Map.deviceAccess(In.byte() % 3, In.address(), In.byte() & 1);
        break;
      }
      // The last group takes the ranges, and with them the pins, along; the
      // driver of a real device would have closed it before.
      if (W.Log.count(ViolationKind::Leak)) {
        W.Log.clear();
        D.Pins.clear();
      }
    }
    Map.release();
    Map.unregisterListener(&D);
  }
  W.expectClean();
}

void runVhostVdpa(Input &In) {
  World W(In);
  VhostVdpa::Options O;
  O.AddressSpaces = 2;
  VhostVdpa V(W.Ledger, W.Log, W.Choices, O);
  while (!In.empty()) {
    unsigned Asid = In.byte() % 3;
    switch (In.byte() % 6) {
    case 0:
      V.open();
      break;
    case 1:
      V.setOwner(W.Process);
      break;
    case 2: {
      Iova Start = In.address();
      uint64_t Size = In.size();
      // Device memory has nothing to pin, and is refused.
      V.update(Asid, Start, Size, W.pick(In), ReadWrite);
      break;
    }
    case 3: {
      Iova Start = In.address();
      V.invalidate(Asid, Start, In.size());
      break;
    }
    case 4:
      V.deviceAccess(Asid, In.address(), In.byte() & 1);
      break;
    case 5:
      if (In.byte() < 32)
        V.release();
      break;
    }
  }
  V.release();
  if (V.entries())
    fail("translations outlive the release", W.Log);
  W.expectClean();
}

void runTceTable(Input &In) {
  World W(In);
  {
    TceTable T(W.Process, W.Log, 32,
               In.byte() & 1 ? TcePolicy::CopyValidateCommit
                             : TcePolicy::ValidateAtUse);
    T.setMemorySlot(0, W.User, 32 * PageSize);
    while (!In.empty()) {
      switch (In.byte() % 8) {
      case 0: {
        uint64_t Page = In.byte() % 32;
        T.registerMemory(W.User + Page * PageSize, In.size());
        break;
      }
      case 1: {
        uint64_t Page = In.byte() % 32;
        T.unregisterMemory(W.User + Page * PageSize, In.size());
        break;
      }
      case 2:
        T.addHardwareTable();
        break;
      case 3: {
        uint64_t Address = In.address();
        T.put(Address, In.address() | In.byte() % 4);
        break;
      }
      case 4: {
        uint64_t Address = In.address();
        T.putIndirect(Address, In.address(), In.byte());
        break;
      }
      case 5: {
        uint64_t Address = In.address();
        T.stuff(Address, In.address(), In.byte());
        break;
      }
      case 6: {
        uint64_t Offset = In.byte() * 8, Value = In.word();
        W.Process.memory().poke(W.User + Offset, &Value, 8);
        break;
      }
      case 7:
        for (unsigned I = 0; I != T.hardwareTables(); ++I)
          T.hardwareTable(I).deviceAccess(In.byte(), In.byte() & 1);
        break;
      }
    }
  }
  W.expectClean();
}

void runBioPages(Input &In) {
  World W(In);
  Pfn Cached = W.Ledger.addPage(), Lent = W.Ledger.addPage(PageOrigin::Kernel);
  BioPages B(W.Process);
  while (!In.empty()) {
    switch (In.byte() % 5) {
    case 0: {
      UserAddr From = W.pick(In);
      B.addUser(From, In.byte() % 16, In.byte() & 1);
      break;
    }
    case 1:
      B.addReferenced(Cached);
      break;
    case 2:
      B.addLent(Lent);
      break;
    case 3:
      B.transfer();
      break;
    case 4:
      B.complete(In.byte() & 1);
      break;
    }
  }
  B.complete(false);
  W.expectClean();
}

/// Text that may or may not be a trace.
void runTrace(Input &In) {
  std::string Text;
  while (!In.empty())
    Text += static_cast<char>(In.byte());
  if (auto T = parseTrace(Text))
    if (parseTrace(toString(*T)) == std::nullopt)
      std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *Data, size_t Size) {
  Input In(Data, Size);
  switch (In.byte() % 5) {
  case 0:
    runDmaMap(In);
    break;
  case 1:
    runVhostVdpa(In);
    break;
  case 2:
    runTceTable(In);
    break;
  case 3:
    runBioPages(In);
    break;
  case 4:
    runTrace(In);
    break;
  }
  return 0;
}
