//===- Locks.cpp - The shim's locks ---------------------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "World.h"
#include "pinlint/shim/linux/mutex.h"

using namespace pinlint::rt;
using namespace pinlint::rt::shim;

/// Every lock is the same to a program with one thread. A read lock may be
/// taken once more; the model takes that for a deadlock, too, as a writer in
/// between would make it one.
static void take(void *Lock, int &Held, Site At, const char *Function) {
  World &W = world();
  W.check(Lock, sizeof(int), At, Function);
  auto [It, New] = W.HeldLocks.emplace(Lock, At);
  if (!New) {
    W.report(ViolationKind::Deadlock, "lock",
             std::string(Function) + ": the lock is held already", At,
             It->second);
    W.abandon();
  }
  Held = 1;
}

static void giveBack(void *Lock, int &Held, Site At, const char *Function) {
  World &W = world();
  W.check(Lock, sizeof(int), At, Function);
  if (!W.HeldLocks.erase(Lock))
    W.report(ViolationKind::LockImbalance, "lock",
             std::string(Function) + ": the lock is not held", At);
  Held = 0;
}

extern "C" {

void mutex_init(struct mutex *lock) {
  world().check(lock, sizeof(*lock), PINLINT_SITE, "mutex_init()");
  lock->held = 0;
}
void mutex_destroy(struct mutex *lock) {
  Site At = PINLINT_SITE;
  world().check(lock, sizeof(*lock), At, "mutex_destroy()");
  if (world().HeldLocks.count(lock))
    world().report(ViolationKind::LockImbalance, "lock",
                   "mutex_destroy(): the lock is held", At);
}
void mutex_lock(struct mutex *lock) {
  take(lock, lock->held, PINLINT_SITE, "mutex_lock()");
}
int mutex_lock_interruptible(struct mutex *lock) {
  Site At = PINLINT_SITE;
  if (world().fails(At, "mutex_lock_interruptible()", "-EINTR"))
    return -EINTR;
  take(lock, lock->held, At, "mutex_lock_interruptible()");
  return 0;
}
int mutex_lock_killable(struct mutex *lock) {
  Site At = PINLINT_SITE;
  if (world().fails(At, "mutex_lock_killable()", "-EINTR"))
    return -EINTR;
  take(lock, lock->held, At, "mutex_lock_killable()");
  return 0;
}
int mutex_trylock(struct mutex *lock) {
  Site At = PINLINT_SITE;
  if (world().HeldLocks.count(lock) ||
      world().fails(At, "mutex_trylock()", "0"))
    return 0;
  take(lock, lock->held, At, "mutex_trylock()");
  return 1;
}
void mutex_unlock(struct mutex *lock) {
  giveBack(lock, lock->held, PINLINT_SITE, "mutex_unlock()");
}
bool mutex_is_locked(struct mutex *lock) {
  return world().HeldLocks.count(lock);
}

void spin_lock_init(spinlock_t *lock) {
  world().check(lock, sizeof(*lock), PINLINT_SITE, "spin_lock_init()");
  lock->held = 0;
}
void spin_lock(spinlock_t *lock) {
  take(lock, lock->held, PINLINT_SITE, "spin_lock()");
}
void spin_unlock(spinlock_t *lock) {
  giveBack(lock, lock->held, PINLINT_SITE, "spin_unlock()");
}
void spin_lock_irq(spinlock_t *lock) {
  take(lock, lock->held, PINLINT_SITE, "spin_lock_irq()");
}
void spin_unlock_irq(spinlock_t *lock) {
  giveBack(lock, lock->held, PINLINT_SITE, "spin_unlock_irq()");
}
void spin_lock_bh(spinlock_t *lock) {
  take(lock, lock->held, PINLINT_SITE, "spin_lock_bh()");
}
void spin_unlock_bh(spinlock_t *lock) {
  giveBack(lock, lock->held, PINLINT_SITE, "spin_unlock_bh()");
}
unsigned long pinlint_spin_lock_irqsave(spinlock_t *lock) {
  take(lock, lock->held, PINLINT_SITE, "spin_lock_irqsave()");
  return 0;
}
void spin_unlock_irqrestore(spinlock_t *lock, unsigned long) {
  giveBack(lock, lock->held, PINLINT_SITE, "spin_unlock_irqrestore()");
}

void init_rwsem(struct rw_semaphore *sem) {
  world().check(sem, sizeof(*sem), PINLINT_SITE, "init_rwsem()");
  sem->held = 0;
}
void down_read(struct rw_semaphore *sem) {
  take(sem, sem->held, PINLINT_SITE, "down_read()");
}
void up_read(struct rw_semaphore *sem) {
  giveBack(sem, sem->held, PINLINT_SITE, "up_read()");
}
void down_write(struct rw_semaphore *sem) {
  take(sem, sem->held, PINLINT_SITE, "down_write()");
}
void up_write(struct rw_semaphore *sem) {
  giveBack(sem, sem->held, PINLINT_SITE, "up_write()");
}

} // extern "C"
