//===- Workers.h - Work in processes of its own -----------------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#ifndef PINLINT_TOOL_WORKERS_H
#define PINLINT_TOOL_WORKERS_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include <cstddef>
#include <string>

namespace pinlint {

/// What became of one piece of work.
struct WorkResult {
  /// What Work returned; meaningless if Failure is set.
  std::string Reply;
  /// Why there is no reply: the worker crashed, took too long, was interrupted.
  std::string Failure;
};

/// Calls Work(0) .. Work(Count - 1) in up to \p Jobs forked processes and
/// Done(I, result) here, in the order of completion. A worker that dies or
/// takes longer than \p Timeout seconds costs only the piece it was at. On
/// SIGINT or SIGTERM what is not done yet fails.
/// \returns false if it was interrupted.
bool runWorkers(size_t Count, unsigned Jobs, unsigned Timeout,
                llvm::function_ref<std::string(size_t)> Work,
                llvm::function_ref<void(size_t, WorkResult)> Done);

} // namespace pinlint

#endif // PINLINT_TOOL_WORKERS_H
