//===- World.h - State of one run of a test program -------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Everything that the shim's kernel functions act on. There is one world per
/// run of a program under test; the program has one thread.
///
/// A run ends early, by abandon(), where the program cannot go on: it touched
/// what it must not, or called a function that does not return. Functions of
/// the shim keep nothing on the stack at such points that has a destructor.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_RUNTIME_SHIM_WORLD_H
#define PINLINT_RUNTIME_SHIM_WORLD_H

#include "Arena.h"
#include "pinlint/runtime/AddressSpace.h"
#include "pinlint/runtime/Iommu.h"
#include <csetjmp>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <unordered_map>

// Of the program under test.
struct page;
struct task_struct;

namespace pinlint::rt::shim {

/// Special numbers of an Observation's argument.
enum : int {
  /// The instruction at the place faulted.
  FaultArgument = -1,
  /// The value of pinlint_commit().
  CommitArgument = -2,
  /// The index of an array access.
  IndexArgument = -3,
};

/// A value that left the program's checks behind and reached a use: argument
/// \p Argument of the call at \p Place.
struct Observation {
  uintptr_t Place;
  int Argument;
  uint64_t Value;
  friend bool operator<(const Observation &A, const Observation &B) {
    return std::tie(A.Place, A.Argument, A.Value) <
           std::tie(B.Place, B.Argument, B.Value);
  }
};

/// A range of memory whose contents keep objects alive after the run: global
/// variables, objects that belong to the caller of the entry function.
struct Root {
  uintptr_t Start;
  size_t Size;
};

/// Counts the unusual outcomes of a run.
class CountingChoices final : public ChoiceSource {
public:
  explicit CountingChoices(ChoiceSource &Inner) : Inner(Inner) {}
  unsigned choose(unsigned Alternatives) override {
    unsigned Taken = Inner.choose(Alternatives);
    Unusual += Taken != 0;
    return Taken;
  }
  bool wantsText() const override { return Inner.wantsText(); }
  void describe(Site At, std::string Text) override {
    Inner.describe(At, std::move(Text));
  }
  unsigned unusual() const { return Unusual; }

private:
  ChoiceSource &Inner;
  unsigned Unusual = 0;
};

class World {
public:
  /// Steps (basic blocks) after which a run counts as endless.
  static constexpr uint64_t MaxSteps = 500000;

  World(Arena &Space, ChoiceSource &Choices);
  ~World();
  World(const World &) = delete;
  World &operator=(const World &) = delete;

  /// Runs \p Program in this world, and what it left to be done later.
  /// \returns false if the run was abandoned.
  bool run(const std::function<void()> &Program);
  /// Reports what is still held and cannot be reached from \p Roots, or was
  /// kept although the program returned an error.
  void reportLeaks(const std::vector<Root> &Roots, bool Failed);

  [[noreturn]] void abandon();
  /// Whether a run is going on, so that a signal is the program's.
  bool running() const { return Running; }
  /// What a signal handler leaves behind before it leaves the run.
  struct Fault {
    int Signal = 0;
    /// The processor did not tell the address: it is not one at all.
    bool NoAddress = false;
    uintptr_t Address = 0;
    uintptr_t PC = 0;
  };
  Fault LastFault;
  sigjmp_buf Jump;

  // Outcomes ---------------------------------------------------------------
  /// Draws an outcome of a fallible step; 0 is success.
  unsigned choose(unsigned Alternatives) {
    return Choices.choose(Alternatives);
  }
  /// Whether a step that can only succeed or fail does the latter.
  /// \p Function names it, \p Result says what failure looks like.
  bool fails(Site At, const char *Function, const char *Result);
  void describe(Site At, std::string Text) {
    if (Choices.wantsText())
      Choices.describe(At, std::move(Text));
  }
  void report(ViolationKind Kind, const char *Subject, std::string Message,
              Site At, Site Acquired = {});

  // Observations -----------------------------------------------------------
  void observe(Site At, int Argument, uint64_t Value);
  /// A user pointer, independent of where the arena lies.
  uint64_t normalize(uint64_t Addr) const {
    return Space.User.contains(Addr) ? Addr - Space.User.base() : Addr;
  }
  std::set<Observation> Observations;
  void step();

  // Memory -----------------------------------------------------------------
  /// Reports and abandons the run unless the program may access the range.
  /// \p What names the function that would access it.
  void check(const void *P, size_t Size, Site At, const char *What);
  /// A pointer that a kernel function dereferences.
  void checkFault(uintptr_t Addr, Site At, const char *What);
  uintptr_t allocate(size_t Size, Site At, const char *What, int Fill);
  /// An object of the environment, zeroed.
  template <typename T> T *environment(const char *What, Site At = {}) {
    auto *P = reinterpret_cast<T *>(allocate(sizeof(T), At, What, 0));
    find(P)->Environment = true;
    return P;
  }
  HeapObject *find(const void *P);
  /// kfree() and friends. \p What is the function's name.
  void free(const void *P, Site At, const char *What);

  // Pages ------------------------------------------------------------------
  Pfn pfnOf(const void *PageDescriptor, Site At, const char *What);
  ::page *pageOf(Pfn Page);
  void *contentOf(Pfn Page);
  /// A page that the kernel lends; always accessible.
  Pfn lendPage();
  std::set<Pfn> LentPages;
  /// Number of pages of each compound page, by its head.
  std::map<Pfn, uint64_t> CompoundPages;

  // References on objects of the environment --------------------------------
  struct Reference {
    const char *What;
    /// Somebody else keeps it alive: usable without an own reference.
    bool Borrowed;
    std::vector<Site> Holds;
    Site LastPut;
  };
  std::map<const void *, Reference> References;
  void addReferenced(const void *P, const char *What, bool Borrowed);
  void acquire(const void *P, Site At, const char *Function);
  void release(const void *P, Site At, const char *Function);
  /// Whether the program may use the object; abandons the run otherwise.
  void use(const void *P, Site At, const char *Function);
  /// Gets of each kref that were not put yet.
  std::map<const void *, std::vector<Site>> Krefs;

  // Things that run later ----------------------------------------------------
  struct Later {
    enum KindTy { Work, Timer, Rcu, Bio } Kind;
    void *Object;
    /// The program's callback, and what calls it.
    void *Function;
    void (*Run)(const Later &);
    Site At;
  };
  std::deque<Later> Pending;
  void runPending(Later::KindTy Kind, const void *Only = nullptr);
  bool cancelPending(Later::KindTy Kind, const void *Object);
  /// Interrupts and threads that refer to an object until they are stopped.
  struct User {
    const char *What;
    const void *Object;
    uint64_t Id;
    Site At;
  };
  std::vector<User> Users;

  // Devices ------------------------------------------------------------------
  std::map<const void *, std::unique_ptr<IommuDomain>> Domains;
  std::map<const void *, const void *> AttachedDomain;
  struct DmaMapping {
    uint64_t Address;
    Pfn First;
    uint64_t Pages;
    uintptr_t Memory;
    Site At;
  };
  std::map<uint64_t, DmaMapping> DmaMappings;
  uint64_t NextDmaAddress = uint64_t(1) << 40;
  std::map<const void *, std::vector<Pfn>> Vmaps;

  /// Hardware tables: each entry's page and direction (DMA_NONE: unused).
  struct TceEntry {
    uint64_t Address = 0;
    int Direction = 3;
  };
  std::map<const void *, std::vector<TceEntry>> TceTables;

  // Locks --------------------------------------------------------------------
  std::map<const void *, Site> HeldLocks;

  // User space ---------------------------------------------------------------
  UserAddr mapUser(uint64_t Pages, VmaKind Kind = VmaKind::Anonymous);
  ::task_struct *Current = nullptr;

  Arena &Space;
  CountingChoices Choices;
  ViolationLog Log;
  PageLedger Ledger;
  AddressSpace Process;

private:
  bool protectedCall(const std::function<void()> &F);
  void reportFault();
  bool accessible(uintptr_t Addr, size_t Size);
  void openPage(Pfn Page, bool Accessible);

  /// What the roots lead to.
  struct Reach {
    std::set<uintptr_t> Objects;
    std::set<Pfn> Pages;
    std::set<uint64_t> Values;
  };
  Reach scan(std::vector<Root> Todo);
  void reportPageLeaks(const Reach &R, bool Failed);
  void reportObjectLeaks(const Reach &R, bool Failed);

  bool Running = false;
  bool FreedSomething = false;
  uint64_t Steps = 0;
  size_t NextUser = 0;
};

/// The world of the run that goes on.
World &world();

/// The place that called the kernel function in which this is used.
#define PINLINT_SITE                                                           \
  ::pinlint::rt::Site::address(                                                \
      __builtin_extract_return_addr(__builtin_return_address(0)))

} // namespace pinlint::rt::shim

#endif // PINLINT_RUNTIME_SHIM_WORLD_H
