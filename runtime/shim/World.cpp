//===- World.cpp - State of one run of a test program ---------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "World.h"
#include "pinlint/shim/linux/err.h"
#include "pinlint/shim/linux/mm.h"
#include "pinlint/shim/linux/sched.h"
#include <algorithm>
#include <cassert>
#include <cstring>
#include <signal.h>

namespace pinlint::rt::shim {

static World *TheWorld = nullptr;

World &world() {
  assert(TheWorld && "kernel functions are called in a run only");
  return *TheWorld;
}

/// What sigsetjmp() returns.
enum { Started, Abandoned, Signalled };

static void onSignal(int Signal, siginfo_t *Info, void *Context) {
  if (!TheWorld || !TheWorld->running()) {
    // Not the program under test: die of it the ordinary way.
    signal(Signal, SIG_DFL);
    return;
  }
  World::Fault &F = TheWorld->LastFault;
  F.Signal = Signal;
  F.Address = reinterpret_cast<uintptr_t>(Info->si_addr);
  F.NoAddress = Info->si_code == SI_KERNEL;
#if defined(__x86_64__)
  F.PC = static_cast<ucontext_t *>(Context)->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
  F.PC = static_cast<ucontext_t *>(Context)->uc_mcontext.pc;
#else
#error "say where this machine keeps the program counter"
#endif
  siglongjmp(TheWorld->Jump, Signalled);
}

static void installHandlers() {
  static bool Done = false;
  if (Done)
    return;
  Done = true;
  static char Stack[65536];
  stack_t Alternate = {};
  Alternate.ss_sp = Stack;
  Alternate.ss_size = sizeof(Stack);
  sigaltstack(&Alternate, nullptr);
  struct sigaction Action = {};
  Action.sa_sigaction = onSignal;
  // The handler is left by a jump, so that the signal must not stay blocked.
  Action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  for (int Signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP})
    sigaction(Signal, &Action, nullptr);
}

World::World(Arena &Space, ChoiceSource &Inner)
    : Space(Space), Choices(Inner), Ledger(Log), Process(Ledger, Choices) {
  installHandlers();
  Space.reset();
  assert(!TheWorld && "one world at a time");
  TheWorld = this;
  Ledger.observeHolds([this](Pfn Head, bool Held) {
    if (LentPages.count(Head))
      return;
    auto It = CompoundPages.find(Head);
    uint64_t Pages = It == CompoundPages.end() ? 1 : It->second;
    for (uint64_t I = 0; I != Pages; ++I)
      openPage(Head + I, Held);
  });
  auto *Task = environment<task_struct>("task");
  Task->mm = environment<mm_struct>("address space");
  Task->group_leader = Task;
  Task->pid = 1;
  addReferenced(Task, "task", /*Borrowed=*/true);
  addReferenced(Task->mm, "address space", /*Borrowed=*/true);
  Current = Task;
}

World::~World() { TheWorld = nullptr; }

bool World::protectedCall(const std::function<void()> &F) {
  switch (sigsetjmp(Jump, 0)) {
  case Started:
    F();
    return true;
  case Signalled:
    Running = false;
    reportFault();
    return false;
  default:
    return false;
  }
}

bool World::run(const std::function<void()> &Program) {
  Running = true;
  bool Done = protectedCall(Program) && protectedCall([this] {
                // What is done may ask for more to be done later.
                while (!Pending.empty())
                  runPending(Pending.front().Kind, Pending.front().Object);
              });
  Running = false;
  return Done;
}

void World::abandon() {
  assert(Running && "nothing to abandon");
  siglongjmp(Jump, Abandoned);
}

void World::step() {
  if (++Steps != MaxSteps)
    return;
  report(ViolationKind::Hang, "program", "the program does not come to an end",
         {});
  abandon();
}

void World::report(ViolationKind Kind, const char *Subject, std::string Message,
                   Site At, Site Acquired) {
  Log.report(Kind, Subject, std::move(Message), At, Acquired);
}

bool World::fails(Site At, const char *Function, const char *Result) {
  bool Fails = choose(2) == 1;
  if (Choices.wantsText())
    Choices.describe(At, Fails ? std::string(Function) + " fails: " + Result
                               : std::string(Function) + " succeeds");
  return Fails;
}

void World::observe(Site At, int Argument, uint64_t Value) {
  Observations.insert({At.Address, Argument, normalize(Value)});
}

// Memory ---------------------------------------------------------------------

uintptr_t World::allocate(size_t Size, Site At, const char *What, int Fill) {
  return Space.Memory.allocate(Size, At, What, Fill);
}

HeapObject *World::find(const void *P) {
  auto Addr = reinterpret_cast<uintptr_t>(P);
  return Space.Memory.contains(Addr) ? Space.Memory.around(Addr) : nullptr;
}

bool World::accessible(uintptr_t Addr, size_t Size) {
  if (Addr < 65536 || IS_ERR_VALUE(Addr) || Space.User.contains(Addr))
    return false;
  if (Space.Memory.contains(Addr)) {
    const HeapObject *O = Space.Memory.around(Addr);
    return O && O->Live && Addr >= O->Start &&
           Size <= O->Start + O->Size - Addr && Addr - O->Start <= O->Size;
  }
  for (const Reservation *R : {&Space.Descriptors, &Space.Contents}) {
    if (!R->contains(Addr))
      continue;
    Pfn Page = PageLedger::FirstPfn + (Addr - R->base()) / PageSize;
    PageOrigin Origin = Ledger.origin(Page);
    return Ledger.held(Page) || Origin == PageOrigin::Kernel ||
           Origin == PageOrigin::Zero;
  }
  // Stack, globals, and what the program made up.
  return true;
}

void World::check(const void *P, size_t Size, Site At, const char *What) {
  auto Addr = reinterpret_cast<uintptr_t>(P);
  if (!Size || accessible(Addr, Size))
    return;
  // The first byte that must not be touched tells what is wrong.
  if (accessible(Addr, 1))
    if (const HeapObject *O = find(P))
      Addr = O->Start + O->Size;
  checkFault(Addr, At, What);
  abandon();
}

void World::checkFault(uintptr_t Addr, Site At, const char *What) {
  std::string In = What ? std::string(What) + ": " : std::string();
  // LIST_POISON1 and LIST_POISON2, and the fields behind them.
  if (Addr - 0x100 < 0x40) {
    report(ViolationKind::StaleState, "list entry",
           In + "a list entry is used after it was deleted", At);
    return;
  }
  if (Addr < 65536) {
    // With every step successful, a null pointer where something was freed
    // stands for the thing that was freed: its owner's field was cleared.
    if (FreedSomething && !Choices.unusual())
      report(ViolationKind::UseAfterFree, "memory",
             In + "a pointer is used that is null since its object was freed",
             At);
    else
      report(ViolationKind::NullDereference, "memory",
             In + "a null pointer is dereferenced", At);
    return;
  }
  if (IS_ERR_VALUE(Addr)) {
    report(ViolationKind::WildAccess, "memory",
           In + "an error pointer is dereferenced", At);
    return;
  }
  if (Space.User.contains(Addr)) {
    report(ViolationKind::UserDereference, "user memory",
           In + "a user pointer is dereferenced", At);
    return;
  }
  if (Space.Memory.contains(Addr)) {
    const HeapObject *O = Space.Memory.around(Addr);
    if (!O || O->Live)
      report(ViolationKind::OutOfBounds, O ? O->What : "memory",
             In + "an access outside an object", At, O ? O->Made : Site());
    else if (O->Released)
      report(ViolationKind::UseAfterRelease, O->What,
             In + O->What + " is used after its last reference was put", At,
             O->Freed);
    else
      report(ViolationKind::UseAfterFree, O->What,
             In + O->What + " is used after it was freed", At, O->Freed);
    return;
  }
  for (const Reservation *R : {&Space.Descriptors, &Space.Contents}) {
    if (!R->contains(Addr))
      continue;
    if (Ledger.use(PageLedger::FirstPfn + (Addr - R->base()) / PageSize, At))
      report(ViolationKind::WildAccess, "page",
             In + "device memory has no page descriptor", At);
    return;
  }
  report(ViolationKind::WildAccess, "memory",
         In + "an address is used that belongs to nothing", At);
}

void World::reportFault() {
  // The fault's own instruction, where call sites are return addresses.
  Site At;
  At.Address = LastFault.PC + 1;
  Observations.insert({At.Address, FaultArgument, 0});
  switch (LastFault.Signal) {
  case SIGSEGV:
  case SIGBUS:
    if (LastFault.NoAddress)
      report(ViolationKind::WildAccess, "memory",
             "a value is used as an address that is not one", At);
    else
      checkFault(LastFault.Address, At, nullptr);
    return;
  case SIGILL:
  case SIGTRAP:
    report(ViolationKind::OutOfBounds, "array", "an index is outside its array",
           At);
    return;
  default:
    report(ViolationKind::Bug, "arithmetic", "a division by zero", At);
  }
}

void World::free(const void *P, Site At, const char *What) {
  if (!P)
    return;
  HeapObject *O = find(P);
  if (!O || O->Start != reinterpret_cast<uintptr_t>(P)) {
    report(ViolationKind::WildAccess, "memory",
           std::string(What) + " of something that was not allocated", At);
    return;
  }
  if (!O->Live) {
    report(ViolationKind::DoubleFree, O->What,
           std::string(What) + ": " + O->What + " is freed twice", At,
           O->Freed);
    return;
  }
  auto Inside = [O](const void *Q) {
    return reinterpret_cast<uintptr_t>(Q) - O->Start < O->Size;
  };
  for (auto It = Pending.begin(); It != Pending.end();) {
    // An RCU callback and a bio own the object that they are a part of.
    if (It->Kind == Later::Rcu || It->Kind == Later::Bio ||
        !Inside(It->Object)) {
      ++It;
      continue;
    }
    report(ViolationKind::TeardownOrder,
           It->Kind == Later::Work ? "work item" : "timer",
           std::string(What) + ": memory is freed with a pending " +
               (It->Kind == Later::Work ? "work item" : "timer") + " in it",
           At, It->At);
    It = Pending.erase(It);
  }
  for (auto It = Users.begin(); It != Users.end();) {
    if (!Inside(It->Object)) {
      ++It;
      continue;
    }
    report(ViolationKind::TeardownOrder, It->What,
           std::string(What) + ": memory is freed that " + It->What +
               " still uses",
           At, It->At);
    It = Users.erase(It);
  }
  for (auto It = DmaMappings.begin(); It != DmaMappings.end();) {
    if (!It->second.Memory || It->second.Memory - O->Start >= O->Size) {
      ++It;
      continue;
    }
    report(ViolationKind::TeardownOrder, "dma mapping",
           std::string(What) + ": memory is freed while it is mapped for a "
                               "device",
           At, It->second.At);
    It = DmaMappings.erase(It);
  }
  std::erase_if(HeldLocks, [&](const auto &E) { return Inside(E.first); });
  std::erase_if(Krefs, [&](const auto &E) { return Inside(E.first); });
  Space.Memory.retire(*O, At);
  FreedSomething = true;
}

// Pages ----------------------------------------------------------------------

void World::openPage(Pfn Page, bool Accessible) {
  size_t Offset = (Page - PageLedger::FirstPfn) * PageSize;
  if (Offset >= Space.Descriptors.size())
    return;
  Space.Descriptors.protect(Offset, PageSize, Accessible);
  Space.Contents.protect(Offset, PageSize, Accessible);
}

Pfn World::pfnOf(const void *Descriptor, Site At, const char *What) {
  auto Addr = reinterpret_cast<uintptr_t>(Descriptor);
  if (Space.Descriptors.contains(Addr))
    return PageLedger::FirstPfn + (Addr - Space.Descriptors.base()) / PageSize;
  checkFault(Addr, At, What);
  abandon();
}

::page *World::pageOf(Pfn Page) {
  return reinterpret_cast<::page *>(Space.Descriptors.base() +
                                    (Page - PageLedger::FirstPfn) * PageSize);
}

void *World::contentOf(Pfn Page) {
  return reinterpret_cast<void *>(Space.Contents.base() +
                                  (Page - PageLedger::FirstPfn) * PageSize);
}

Pfn World::lendPage() {
  Pfn Page = Ledger.addPage(PageOrigin::Kernel);
  LentPages.insert(Page);
  openPage(Page, true);
  return Page;
}

UserAddr World::mapUser(uint64_t Pages, VmaKind Kind) {
  if (Pages == 0 || Pages > Space.User.size() / PageSize ||
      (Pages + 1) * PageSize > Space.User.size() - NextUser)
    return 0;
  UserAddr Start = Space.User.base() + NextUser;
  NextUser += (Pages + 1) * PageSize;
  return Process.map(Pages, Kind, Start);
}

// References -----------------------------------------------------------------

void World::addReferenced(const void *P, const char *What, bool Borrowed) {
  References.emplace(P, Reference{What, Borrowed, {}, {}});
}

void World::use(const void *P, Site At, const char *Function) {
  check(P, 1, At, Function);
}

void World::acquire(const void *P, Site At, const char *Function) {
  use(P, At, Function);
  auto It = References.find(P);
  // An object that the program made itself; its own counting decides.
  if (It == References.end())
    return;
  It->second.Holds.push_back(At);
}

void World::release(const void *P, Site At, const char *Function) {
  auto It = References.find(P);
  if (It == References.end()) {
    use(P, At, Function);
    return;
  }
  Reference &R = It->second;
  if (R.Holds.empty()) {
    report(ViolationKind::OverRelease, R.What,
           std::string(Function) + ": " + R.What +
               (R.LastPut.known() ? " is put more often than it was taken"
                                  : " is put that was never taken"),
           At, R.LastPut);
    return;
  }
  R.Holds.pop_back();
  R.LastPut = At;
  if (!R.Holds.empty() || R.Borrowed)
    return;
  if (HeapObject *O = find(P); O && O->Live) {
    Space.Memory.retire(*O, At);
    O->Released = true;
  }
}

// Things that run later ------------------------------------------------------

void World::runPending(Later::KindTy Kind, const void *Only) {
  for (size_t I = 0; I < Pending.size();) {
    if (Pending[I].Kind != Kind || (Only && Pending[I].Object != Only)) {
      ++I;
      continue;
    }
    Later L = Pending[I];
    Pending.erase(Pending.begin() + I);
    L.Run(L);
    if (Only)
      return;
    I = 0;
  }
}

bool World::cancelPending(Later::KindTy Kind, const void *Object) {
  auto It = std::find_if(Pending.begin(), Pending.end(), [&](const Later &L) {
    return L.Kind == Kind && L.Object == Object;
  });
  if (It == Pending.end())
    return false;
  Pending.erase(It);
  return true;
}

} // namespace pinlint::rt::shim
