/*===- mutex.h - Locks -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * Mutexes, spinlocks and read-write semaphores.
 *
 * A program under pinlint-verify has one thread: taking a lock that is held is
 * a deadlock, and giving back one that is not held, or keeping one at the end,
 * is an imbalance.
 */

#ifndef PINLINT_SHIM_LINUX_MUTEX_H
#define PINLINT_SHIM_LINUX_MUTEX_H

#include "types.h"

struct mutex {
  int held;
};
typedef struct spinlock {
  int held;
} spinlock_t;
struct rw_semaphore {
  int held;
};

#define DEFINE_MUTEX(name) struct mutex name
#define DEFINE_SPINLOCK(name) spinlock_t name
#define DECLARE_RWSEM(name) struct rw_semaphore name

#ifdef __cplusplus
extern "C" {
#endif
void mutex_init(struct mutex *lock);
void mutex_destroy(struct mutex *lock);
void mutex_lock(struct mutex *lock);
int mutex_lock_interruptible(struct mutex *lock);
int mutex_lock_killable(struct mutex *lock);
int mutex_trylock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);
bool mutex_is_locked(struct mutex *lock);

void spin_lock_init(spinlock_t *lock);
void spin_lock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
void spin_lock_irq(spinlock_t *lock);
void spin_unlock_irq(spinlock_t *lock);
void spin_lock_bh(spinlock_t *lock);
void spin_unlock_bh(spinlock_t *lock);
unsigned long pinlint_spin_lock_irqsave(spinlock_t *lock);
void spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags);
#define spin_lock_irqsave(lock, flags)                                         \
  do {                                                                         \
    (flags) = pinlint_spin_lock_irqsave(lock);                                 \
  } while (0)

void init_rwsem(struct rw_semaphore *sem);
void down_read(struct rw_semaphore *sem);
void up_read(struct rw_semaphore *sem);
void down_write(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);
#ifdef __cplusplus
}
#endif
#define lockdep_assert_held(lock) ((void)(lock))

#endif /* PINLINT_SHIM_LINUX_MUTEX_H */
