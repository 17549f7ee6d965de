//===- Workers.cpp - Work in processes of its own -------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "Workers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <optional>
#include <poll.h>
#include <sys/prctl.h>
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

[[noreturn]] void workerMain(int Socket,
                             function_ref<std::string(size_t)> Work) {
  for (;;) {
    uint64_t Task;
    ssize_t N = recv(Socket, &Task, sizeof(Task), MSG_WAITALL);
    if (N < 0 && errno == EINTR)
      continue;
    if (N != sizeof(Task))
      _exit(0);
    std::string Reply = Work(Task);
    uint64_t Size = Reply.size();
    if (!sendAll(Socket, &Size, sizeof(Size)) ||
        !sendAll(Socket, Reply.data(), Reply.size()))
      _exit(0);
  }
}

/// Waits for the end of a worker and says how it ended.
std::string reap(Worker &W) {
  close(W.Socket);
  int Status = 0;
  while (waitpid(W.PID, &Status, 0) < 0 && errno == EINTR)
    ;
  W.PID = -1;
  if (WIFSIGNALED(Status))
    return ("crashed (" + Twine(strsignal(WTERMSIG(Status))) + ")").str();
  return ("its worker ended with status " + Twine(WEXITSTATUS(Status))).str();
}

/// Starts \p W; false if the system does not let us.
bool spawn(Worker &W, ArrayRef<Worker> All,
           function_ref<std::string(size_t)> Work) {
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

bool runWorkers(size_t Count, unsigned Jobs, unsigned Timeout,
                function_ref<std::string(size_t)> Work,
                function_ref<void(size_t, WorkResult)> Done) {
  catchInterrupts();
  std::vector<Worker> Workers(std::min<size_t>(Jobs, Count));
  size_t Next = 0, Finished = 0;

  auto Finish = [&](Worker &W, WorkResult Result) {
    size_t Task = *W.Task;
    W.Task.reset();
    ++Finished;
    Done(Task, std::move(Result));
  };

  std::string SpawnFailure;
  while (Finished != Count && !Interrupted) {
    bool AnyAlive = false;
    for (Worker &W : Workers) {
      if (W.PID < 0 && Next != Count && !spawn(W, Workers, Work))
        SpawnFailure = std::string("cannot start a worker: ") + strerror(errno);
      AnyAlive |= W.PID > 0;
      if (W.PID < 0 || W.Task || Next == Count)
        continue;
      W.Task = Next++;
      W.Deadline = Clock::now() + std::chrono::seconds(Timeout);
      uint64_t Task = *W.Task;
      // A worker that is gone already shows at its socket below.
      sendAll(W.Socket, &Task, sizeof(Task));
    }
    if (!AnyAlive)
      break;

    std::vector<pollfd> Polls;
    std::vector<Worker *> Polled;
    Clock::time_point Now = Clock::now(), Wake = Now + std::chrono::hours(1);
    for (Worker &W : Workers) {
      if (!W.Task)
        continue;
      Polls.push_back({W.Socket, POLLIN, 0});
      Polled.push_back(&W);
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
          Finish(W, {"", reap(W)});
          continue;
        }
        W.Buffer.append(Chunk, N);
        if (std::optional<std::string> Reply = takeReply(W))
          Finish(W, {std::move(*Reply), ""});
      } else if (Clock::now() >= W.Deadline) {
        kill(W.PID, SIGKILL);
        reap(W);
        Finish(W, {"", ("no result after " + Twine(Timeout) + " s").str()});
      }
    }
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
  for (; Next != Count; ++Next)
    Done(Next, {"", WasInterrupted ? "interrupted" : SpawnFailure});
  return !WasInterrupted;
}

} // namespace pinlint
