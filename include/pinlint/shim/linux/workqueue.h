/*===- workqueue.h - Work that is done later -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * Work items, timers, threads, interrupts and RCU: everything that runs later
 * and needs its object until then.
 *
 * Under pinlint-verify, pending work and RCU callbacks run when they are waited
 * for, else after the entry function; freeing memory that holds a pending work
 * item or timer, or that an interrupt or thread still refers to, is reported.
 */

#ifndef PINLINT_SHIM_LINUX_WORKQUEUE_H
#define PINLINT_SHIM_LINUX_WORKQUEUE_H

#include "kernel.h"
#include "types.h"

struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);

struct work_struct {
  work_func_t func;
  struct list_head entry;
};
struct timer_list {
  void (*function)(struct timer_list *);
  unsigned long expires;
};
struct delayed_work {
  struct work_struct work;
  struct timer_list timer;
};
struct rcu_work {
  struct work_struct work;
  struct rcu_head rcu;
};
struct workqueue_struct;

typedef int irqreturn_t;
#define IRQ_NONE 0
#define IRQ_HANDLED 1
typedef irqreturn_t (*irq_handler_t)(int irq, void *dev_id);

#define INIT_WORK(w, f) ((w)->func = (f))
#define INIT_DELAYED_WORK(w, f) ((w)->work.func = (f))
#define INIT_RCU_WORK(w, f) ((w)->work.func = (f))
#define timer_setup(t, f, flags) ((t)->function = (f))
#define from_timer(var, callback_timer, timer_fieldname)                       \
  container_of(callback_timer, __typeof__(*var), timer_fieldname)
#define to_delayed_work(w) container_of(w, struct delayed_work, work)
#define IRQF_SHARED 0x80

#ifdef __cplusplus
extern "C" {
#endif
extern struct workqueue_struct *system_wq;
extern unsigned long jiffies;
bool schedule_work(struct work_struct *work);
bool queue_work(struct workqueue_struct *wq, struct work_struct *work);
bool schedule_delayed_work(struct delayed_work *dwork, unsigned long delay);
bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
                        unsigned long delay);
bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *rwork);
bool cancel_work_sync(struct work_struct *work);
bool cancel_work(struct work_struct *work);
bool cancel_delayed_work(struct delayed_work *dwork);
bool cancel_delayed_work_sync(struct delayed_work *dwork);
bool flush_work(struct work_struct *work);
struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags,
                                         int max_active, ...);
void flush_workqueue(struct workqueue_struct *wq);
void destroy_workqueue(struct workqueue_struct *wq);

int mod_timer(struct timer_list *timer, unsigned long expires);
void add_timer(struct timer_list *timer);
int del_timer(struct timer_list *timer);
#ifdef __cplusplus
int pinlint_timer_delete(struct timer_list *timer);
#else
/* The C library has another function of this name. */
int timer_delete(struct timer_list *timer) __asm__("pinlint_timer_delete");
#endif
int del_timer_sync(struct timer_list *timer);
int timer_delete_sync(struct timer_list *timer);
int timer_shutdown_sync(struct timer_list *timer);

int request_irq(unsigned int irq, irq_handler_t handler, unsigned long flags,
                const char *name, void *dev);
const void *free_irq(unsigned int irq, void *dev);

struct task_struct *kthread_run(int (*threadfn)(void *data), void *data,
                                const char *namefmt, ...);
int kthread_stop(struct task_struct *k);
bool kthread_should_stop(void);

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));
void kvfree_call_rcu(struct rcu_head *head, void *ptr);
void synchronize_rcu(void);
void rcu_barrier(void);
void rcu_read_lock(void);
void rcu_read_unlock(void);
int srcu_read_lock(void *ssp);
void srcu_read_unlock(void *ssp, int idx);
#ifdef __cplusplus
}
#endif

#define kfree_rcu(ptr, member) kvfree_call_rcu(&(ptr)->member, (ptr))
#define kfree_rcu_mightsleep(ptr)                                              \
  do {                                                                         \
    synchronize_rcu();                                                         \
    kfree(ptr);                                                                \
  } while (0)
#define rcu_dereference(p) READ_ONCE(p)
#define rcu_dereference_protected(p, c) (p)
#define rcu_assign_pointer(p, v) WRITE_ONCE(p, v)
#define RCU_INIT_POINTER(p, v) WRITE_ONCE(p, v)

#endif /* PINLINT_SHIM_LINUX_WORKQUEUE_H */
