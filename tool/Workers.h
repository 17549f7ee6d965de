//===- Workers.h - Work in processes of its own -----------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_WORKERS_H
#define PINLINT_TOOL_WORKERS_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include <cstddef>
#include <optional>
#include <string>

namespace pinlint {

/// What became of one piece of work.
struct WorkResult {
  /// What Work returned; meaningless if Failure is set.
  std::string Reply;
  /// Why there is no reply: the worker crashed, took too long, was interrupted.
  std::string Failure;
};

/// One piece of work: its number, and what else the worker needs to know.
struct WorkItem {
  size_t Number;
  std::string Input;
};

struct WorkerLimits {
  unsigned Jobs = 1;
  /// Seconds that a piece may take: a safety net, as budgets count steps.
  unsigned Timeout = 0;
  /// MiB of memory that a worker may use; 0: no limit.
  unsigned Memory = 0;
};

/// Takes pieces of work from \p Next, calls \p Work for each in one of up to
/// Jobs forked processes, and \p Done here, in the order of completion. Where
/// \p Next has nothing to give, it is asked again after the next call of Done;
/// the end is where it has nothing and no worker is busy. A worker that dies,
/// takes too long or needs too much memory costs only the piece it was at.
/// \returns false on SIGINT or SIGTERM: workers are stopped, the pieces they
/// were at fail, and \p Next is not asked any more.
bool runWorkers(const WorkerLimits &Limits,
                llvm::function_ref<std::optional<WorkItem>()> Next,
                llvm::function_ref<std::string(const WorkItem &)> Work,
                llvm::function_ref<void(size_t, WorkResult)> Done);

} // namespace pinlint

#endif // PINLINT_TOOL_WORKERS_H
