//===- Deferred.cpp - What the shim does later ----------------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "World.h"
#include "pinlint/shim/linux/err.h"
#include "pinlint/shim/linux/sched.h"
#include "pinlint/shim/linux/workqueue.h"

using namespace pinlint::rt;
using namespace pinlint::rt::shim;

using Later = World::Later;

struct workqueue_struct {
  int Unused;
};

static bool queue(work_struct *Work, Site At, const char *Function) {
  World &W = world();
  W.check(Work, sizeof(*Work), At, Function);
  for (const Later &L : W.Pending)
    if (L.Kind == Later::Work && L.Object == Work)
      return false;
  W.Pending.push_back({Later::Work, Work, nullptr,
                       [](const Later &L) {
                         auto *Work = static_cast<work_struct *>(L.Object);
                         Work->func(Work);
                       },
                       At});
  return true;
}

static int arm(timer_list *Timer, Site At, const char *Function) {
  World &W = world();
  W.check(Timer, sizeof(*Timer), At, Function);
  int Was = W.cancelPending(Later::Timer, Timer);
  W.Pending.push_back({Later::Timer, Timer, nullptr,
                       [](const Later &L) {
                         auto *Timer = static_cast<timer_list *>(L.Object);
                         if (Timer->function)
                           Timer->function(Timer);
                       },
                       At});
  return Was;
}

static bool cancel(Later::KindTy Kind, const void *Object, Site At,
                   const char *Function) {
  world().check(Object, 1, At, Function);
  return world().cancelPending(Kind, Object);
}

extern "C" {

struct workqueue_struct *system_wq = nullptr;
unsigned long jiffies = 1000;

bool schedule_work(struct work_struct *work) {
  return queue(work, PINLINT_SITE, "schedule_work()");
}
bool queue_work(struct workqueue_struct *, struct work_struct *work) {
  return queue(work, PINLINT_SITE, "queue_work()");
}
bool schedule_delayed_work(struct delayed_work *dwork, unsigned long) {
  return queue(&dwork->work, PINLINT_SITE, "schedule_delayed_work()");
}
bool queue_delayed_work(struct workqueue_struct *, struct delayed_work *dwork,
                        unsigned long) {
  return queue(&dwork->work, PINLINT_SITE, "queue_delayed_work()");
}
bool queue_rcu_work(struct workqueue_struct *, struct rcu_work *rwork) {
  return queue(&rwork->work, PINLINT_SITE, "queue_rcu_work()");
}
bool cancel_work_sync(struct work_struct *work) {
  return cancel(Later::Work, work, PINLINT_SITE, "cancel_work_sync()");
}
bool cancel_work(struct work_struct *work) {
  return cancel(Later::Work, work, PINLINT_SITE, "cancel_work()");
}
bool cancel_delayed_work(struct delayed_work *dwork) {
  return cancel(Later::Work, &dwork->work, PINLINT_SITE,
                "cancel_delayed_work()");
}
bool cancel_delayed_work_sync(struct delayed_work *dwork) {
  return cancel(Later::Work, &dwork->work, PINLINT_SITE,
                "cancel_delayed_work_sync()");
}
bool flush_work(struct work_struct *work) {
  world().check(work, sizeof(*work), PINLINT_SITE, "flush_work()");
  world().runPending(Later::Work, work);
  return true;
}
struct workqueue_struct *alloc_workqueue(const char *, unsigned int, int, ...) {
  World &W = world();
  Site At = PINLINT_SITE;
  if (W.fails(At, "alloc_workqueue()", "NULL"))
    return nullptr;
  return reinterpret_cast<workqueue_struct *>(
      W.allocate(sizeof(workqueue_struct), At, "work queue", 0));
}
void flush_workqueue(struct workqueue_struct *wq) {
  if (wq)
    world().use(wq, PINLINT_SITE, "flush_workqueue()");
  world().runPending(Later::Work);
}
void destroy_workqueue(struct workqueue_struct *wq) {
  Site At = PINLINT_SITE;
  world().runPending(Later::Work);
  world().free(wq, At, "destroy_workqueue()");
}

int mod_timer(struct timer_list *timer, unsigned long) {
  return arm(timer, PINLINT_SITE, "mod_timer()");
}
void add_timer(struct timer_list *timer) {
  arm(timer, PINLINT_SITE, "add_timer()");
}
int del_timer(struct timer_list *timer) {
  return cancel(Later::Timer, timer, PINLINT_SITE, "del_timer()");
}
int pinlint_timer_delete(struct timer_list *timer) {
  return cancel(Later::Timer, timer, PINLINT_SITE, "timer_delete()");
}
int del_timer_sync(struct timer_list *timer) {
  return cancel(Later::Timer, timer, PINLINT_SITE, "del_timer_sync()");
}
int timer_delete_sync(struct timer_list *timer) {
  return cancel(Later::Timer, timer, PINLINT_SITE, "timer_delete_sync()");
}
int timer_shutdown_sync(struct timer_list *timer) {
  int Was = cancel(Later::Timer, timer, PINLINT_SITE, "timer_shutdown_sync()");
  timer->function = nullptr;
  return Was;
}

int request_irq(unsigned int irq, irq_handler_t, unsigned long, const char *,
                void *dev) {
  World &W = world();
  Site At = PINLINT_SITE;
  if (W.fails(At, "request_irq()", "-EBUSY"))
    return -EBUSY;
  W.Users.push_back({"an interrupt handler", dev, irq, At});
  return 0;
}
const void *free_irq(unsigned int irq, void *dev) {
  World &W = world();
  if (!std::erase_if(W.Users, [&](const World::User &U) {
        return U.Id == irq && U.Object == dev;
      }))
    W.report(ViolationKind::OverRelease, "interrupt",
             "free_irq() of an interrupt that is not requested", PINLINT_SITE);
  return nullptr;
}

struct task_struct *kthread_run(int (*)(void *), void *data, const char *,
                                ...) {
  World &W = world();
  Site At = PINLINT_SITE;
  if (W.fails(At, "kthread_run()", "an error pointer"))
    return static_cast<task_struct *>(ERR_PTR(-ENOMEM));
  auto *Task = W.environment<task_struct>("thread", At);
  W.Users.push_back({"a thread", data, reinterpret_cast<uintptr_t>(Task), At});
  return Task;
}
int kthread_stop(struct task_struct *k) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.use(k, At, "kthread_stop()");
  std::erase_if(W.Users, [&](const World::User &U) {
    return U.Id == reinterpret_cast<uintptr_t>(k);
  });
  return 0;
}
bool kthread_should_stop(void) { return true; }

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head)) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.check(head, sizeof(*head), At, "call_rcu()");
  W.Pending.push_back({Later::Rcu, head, reinterpret_cast<void *>(func),
                       [](const Later &L) {
                         reinterpret_cast<void (*)(rcu_head *)>(L.Function)(
                             static_cast<rcu_head *>(L.Object));
                       },
                       At});
}
void kvfree_call_rcu(struct rcu_head *head, void *ptr) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.check(head, sizeof(*head), At, "kfree_rcu()");
  for (const Later &L : W.Pending)
    if (L.Kind == Later::Rcu && L.Object == ptr) {
      W.report(ViolationKind::DoubleFree, "memory",
               "kfree_rcu(): memory is freed twice", At, L.At);
      return;
    }
  W.Pending.push_back(
      {Later::Rcu, ptr, nullptr,
       [](const Later &L) { world().free(L.Object, L.At, "kfree_rcu()"); },
       At});
}
void synchronize_rcu(void) { world().runPending(Later::Rcu); }
void rcu_barrier(void) { world().runPending(Later::Rcu); }
void rcu_read_lock(void) {}
void rcu_read_unlock(void) {}
int srcu_read_lock(void *) { return 0; }
void srcu_read_unlock(void *, int) {}

} // extern "C"
