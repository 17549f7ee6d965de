//===- CheckedMutex.h - A lock that notices deadlocks -----------*- C++ -*-===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A mutex that reports, rather than hangs in, a second locking by its holder.
///
//===----------------------------------------------------------------------===//

#ifndef PINLINT_RUNTIME_CHECKEDMUTEX_H
#define PINLINT_RUNTIME_CHECKEDMUTEX_H

#include "pinlint/runtime/Violation.h"
#include <atomic>
#include <mutex>
#include <thread>

namespace pinlint::rt {

/// Satisfies BasicLockable.
class CheckedMutex {
public:
  /// \param Name for messages; not copied.
  CheckedMutex(ViolationLog &Log, const char *Name) : Log(Log), Name(Name) {}

  void lock(Site At = Site::here()) {
    if (heldByCaller()) {
      Log.report(ViolationKind::Deadlock, "lock",
                 std::string(Name) + " is taken by the thread that holds it",
                 At);
      ++Nested;
      return;
    }
    Inner.lock();
    Holder.store(std::this_thread::get_id(), std::memory_order_relaxed);
  }

  void unlock() {
    if (Nested) {
      --Nested;
      return;
    }
    Holder.store(std::thread::id(), std::memory_order_relaxed);
    Inner.unlock();
  }

  bool heldByCaller() const {
    return Holder.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }

private:
  ViolationLog &Log;
  const char *Name;
  std::mutex Inner;
  std::atomic<std::thread::id> Holder{};
  /// Lockings by the holder that were reported; guarded by Inner.
  unsigned Nested = 0;
};

} // namespace pinlint::rt

#endif // PINLINT_RUNTIME_CHECKEDMUTEX_H
