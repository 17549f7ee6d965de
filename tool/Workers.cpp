//===- Workers.cpp - Work in processes of its own -------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Workers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <malloc.h>
#include <optional>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace llvm;

namespace pinlint {
namespace {

using Clock = std::chrono::steady_clock;

volatile std::sig_atomic_t Interrupted = 0;

/// From here on SIGINT and SIGTERM only set Interrupted: what is left to do
/// afterwards takes no time, and should be done.
void catchInterrupts() {
  struct sigaction Action = {};
  Action.sa_handler = [](int) { Interrupted = 1; };
  sigaction(SIGINT, &Action, nullptr);
  sigaction(SIGTERM, &Action, nullptr);
}

struct Worker {
  pid_t PID = -1;
  int Socket = -1;
  std::optional<size_t> Task;
  Clock::time_point Deadline;
  /// The part of the reply that has arrived: its size, then its bytes.
  std::string Buffer;
};

bool sendAll(int Socket, const void *Data, size_t Size) {
  const char *P = static_cast<const char *>(Data);
  while (Size) {
    ssize_t N = send(Socket, P, Size, MSG_NOSIGNAL);
    if (N < 0 && errno == EINTR)
      continue;
    if (N <= 0)
      return false;
    P += N;
    Size -= N;
  }
  return true;
}

bool receiveAll(int Socket, void *Data, size_t Size) {
  char *P = static_cast<char *>(Data);
  while (Size) {
    ssize_t N = recv(Socket, P, Size, MSG_WAITALL);
    if (N < 0 && errno == EINTR)
      continue;
    if (N <= 0)
      return false;
    P += N;
    Size -= N;
  }
  return true;
}

/// The status of a worker that ran out of memory.
constexpr int NoMemory = 77;

/// Numbers of /proc/self/statm: what is in memory, and what RLIMIT_DATA is
/// about.
enum MemoryKind : size_t { Resident = 1, Data = 5 };

/// In bytes; 0 if it is not known.
rlim_t memory(MemoryKind Kind) {
  auto Text = MemoryBuffer::getFileAsStream("/proc/self/statm");
  if (!Text)
    return 0;
  SmallVector<StringRef, 8> Numbers;
  SplitString((*Text)->getBuffer(), Numbers);
  rlim_t Pages;
  if (Numbers.size() <= Kind || Numbers[Kind].getAsInteger(10, Pages))
    return 0;
  return Pages * sysconf(_SC_PAGESIZE);
}

void limitMemory(unsigned MiB) {
  install_out_of_memory_new_handler();
  install_bad_alloc_error_handler(
      [](void *, const char *, bool) { _exit(NoMemory); });
  if (!MiB)
    return;
  // Private writable memory; that of mapped files belongs to the system, and
  // what is there already to the parent.
  rlimit Limit;
  Limit.rlim_cur = Limit.rlim_max = (rlim_t(MiB) << 20) + memory(Data);
  setrlimit(RLIMIT_DATA, &Limit);
}

[[noreturn]] void workerMain(int Socket,
                             function_ref<std::string(const WorkItem &)> Work) {
  for (;;) {
    uint64_t Head[2];
    if (!receiveAll(Socket, Head, sizeof(Head)))
      _exit(0);
    WorkItem Item{static_cast<size_t>(Head[0]), std::string(Head[1], '\0')};
    if (!receiveAll(Socket, Item.Input.data(), Head[1]))
      _exit(0);
    std::string Reply = Work(Item);
    uint64_t Size = Reply.size();
    if (!sendAll(Socket, &Size, sizeof(Size)) ||
        !sendAll(Socket, Reply.data(), Reply.size()))
      _exit(0);
    // What a large unit has needed, the next ones need not; to get all of it
    // anew each time would take longer.
    constexpr rlim_t Enough = 512 << 20;
    if (memory(Resident) > Enough)
      malloc_trim(0);
  }
}

/// Waits for the end of a worker and says how it ended.
std::string reap(Worker &W, unsigned MemoryLimit = 0) {
  close(W.Socket);
  int Status = 0;
  while (waitpid(W.PID, &Status, 0) < 0 && errno == EINTR)
    ;
  W.PID = -1;
  if (WIFSIGNALED(Status))
    return ("crashed (" + Twine(strsignal(WTERMSIG(Status))) + ")").str();
  if (WEXITSTATUS(Status) == NoMemory)
    return MemoryLimit ? ("needs more than " + Twine(MemoryLimit) +
                          " MiB of memory (--memory)")
                             .str()
                       : "out of memory";
  return ("its worker ended with status " + Twine(WEXITSTATUS(Status))).str();
}

/// Starts \p W; false if the system does not let us.
bool spawn(Worker &W, ArrayRef<Worker> All, unsigned MemoryLimit,
           function_ref<std::string(const WorkItem &)> Work) {
  int Pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, Pair) != 0)
    return false;
  pid_t Parent = getpid();
  pid_t PID = fork();
  if (PID < 0) {
    close(Pair[0]);
    close(Pair[1]);
    return false;
  }
  if (PID == 0) {
    // Ctrl-C goes to the whole group; the parent decides what it means.
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    // Nobody is left behind where the parent is killed.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != Parent)
      _exit(0);
    close(Pair[0]);
    for (const Worker &Other : All)
      if (Other.PID > 0)
        close(Other.Socket);
    limitMemory(MemoryLimit);
    workerMain(Pair[1], Work);
  }
  close(Pair[1]);
  W = Worker();
  W.PID = PID;
  W.Socket = Pair[0];
  return true;
}

/// The reply in \p W's buffer if it is complete.
std::optional<std::string> takeReply(Worker &W) {
  uint64_t Size;
  if (W.Buffer.size() < sizeof(Size))
    return std::nullopt;
  memcpy(&Size, W.Buffer.data(), sizeof(Size));
  if (W.Buffer.size() < sizeof(Size) + Size)
    return std::nullopt;
  std::string Reply = W.Buffer.substr(sizeof(Size));
  W.Buffer.clear();
  return Reply;
}

} // namespace

bool runWorkers(const WorkerLimits &Limits,
                function_ref<std::optional<WorkItem>()> Next,
                function_ref<std::string(const WorkItem &)> Work,
                function_ref<void(size_t, WorkResult)> Done) {
  catchInterrupts();
  std::vector<Worker> Workers(std::max(1u, Limits.Jobs));

  auto Finish = [&](Worker &W, WorkResult Result) {
    size_t Task = *W.Task;
    W.Task.reset();
    Done(Task, std::move(Result));
  };

  std::optional<WorkItem> Waiting = Next();
  while (!Interrupted) {
    bool Busy = false;
    std::string SpawnFailure;
    for (Worker &W : Workers) {
      if (!W.Task && Waiting) {
        if (W.PID < 0 && !spawn(W, Workers, Limits.Memory, Work)) {
          SpawnFailure =
              std::string("cannot start a worker: ") + strerror(errno);
          continue;
        }
        W.Task = Waiting->Number;
        W.Deadline = Clock::now() + std::chrono::seconds(Limits.Timeout);
        uint64_t Head[2] = {Waiting->Number, Waiting->Input.size()};
        // A worker that is gone already shows at its socket below.
        if (sendAll(W.Socket, Head, sizeof(Head)))
          sendAll(W.Socket, Waiting->Input.data(), Waiting->Input.size());
        Waiting = Next();
      }
      Busy |= W.Task.has_value();
    }
    if (!Busy) {
      if (!Waiting)
        break;
      // Nobody can work.
      size_t Number = Waiting->Number;
      Waiting = std::nullopt;
      Done(Number, {"", SpawnFailure});
      Waiting = Next();
      continue;
    }

    std::vector<pollfd> Polls;
    std::vector<Worker *> Polled;
    Clock::time_point Now = Clock::now(), Wake = Now + std::chrono::hours(1);
    for (Worker &W : Workers) {
      if (!W.Task)
        continue;
      Polls.push_back({W.Socket, POLLIN, 0});
      Polled.push_back(&W);
      if (Limits.Timeout)
        Wake = std::min(Wake, W.Deadline);
    }
    auto Wait =
        std::chrono::duration_cast<std::chrono::milliseconds>(Wake - Now);
    int Ready = poll(Polls.data(), Polls.size(),
                     static_cast<int>(std::max<int64_t>(Wait.count(), 0)) + 1);
    if (Ready < 0 && errno != EINTR)
      break;

    for (size_t I = 0; Ready >= 0 && I != Polls.size(); ++I) {
      Worker &W = *Polled[I];
      if (Polls[I].revents) {
        char Chunk[65536];
        ssize_t N = recv(W.Socket, Chunk, sizeof(Chunk), 0);
        if (N < 0 && errno == EINTR)
          continue;
        if (N <= 0) {
          Finish(W, {"", reap(W, Limits.Memory)});
          continue;
        }
        W.Buffer.append(Chunk, N);
        if (std::optional<std::string> Reply = takeReply(W))
          Finish(W, {std::move(*Reply), ""});
      } else if (Limits.Timeout && Clock::now() >= W.Deadline) {
        kill(W.PID, SIGKILL);
        reap(W);
        Finish(W,
               {"", ("no result after " + Twine(Limits.Timeout) + " s").str()});
      }
    }
    if (!Waiting)
      Waiting = Next();
  }

  bool WasInterrupted = Interrupted;
  for (Worker &W : Workers) {
    if (W.PID < 0)
      continue;
    if (W.Task) {
      kill(W.PID, SIGKILL);
      Finish(W, {"", "interrupted"});
    }
    reap(W);
  }
  if (WasInterrupted && Waiting)
    Done(Waiting->Number, {"", "interrupted"});
  return !WasInterrupted;
}

} // namespace pinlint
