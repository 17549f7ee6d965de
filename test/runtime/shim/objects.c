/*===- objects.c - The shim's references, locks and deferred work -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

#include <linux/device.h>
#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/pm_runtime.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <pinlint/scenario.h>

int counts_ok(void) {
  refcount_t r = REFCOUNT_INIT(1);

  refcount_inc(&r);
  BUG_ON(refcount_read(&r) != 2);
  refcount_dec(&r);
  BUG_ON(!refcount_inc_not_zero(&r));
  BUG_ON(refcount_dec_and_test(&r));
  BUG_ON(!refcount_dec_and_test(&r));
  BUG_ON(refcount_inc_not_zero(&r));
  refcount_set(&r, 4);
  BUG_ON(refcount_read(&r) != 4);
  return 0;
}

/* expect: pinlint-use-after-free */
int count_from_zero_bad(void) {
  refcount_t r = REFCOUNT_INIT(0);

  refcount_inc(&r);
  return 0;
}

/* expect: pinlint-over-release */
int count_below_zero_bad(void) {
  refcount_t r = REFCOUNT_INIT(0);

  refcount_dec(&r);
  return 0;
}

static struct mutex table_lock;
static void release_locked(struct kref *k) { mutex_unlock(&table_lock); }

int krefs_ok(void) {
  struct kref k;

  kref_init(&k);
  BUG_ON(!kref_get_unless_zero(&k));
  BUG_ON(kref_read(&k) != 2);
  BUG_ON(kref_put_mutex(&k, release_locked, &table_lock));
  BUG_ON(!kref_put_mutex(&k, release_locked, &table_lock));
  BUG_ON(kref_get_unless_zero(&k));
  return 0;
}

int optional_references_ok(void) {
  put_device(NULL);
  get_device(NULL);
  of_node_put(of_node_get(NULL));
  dma_buf_put(NULL);
  put_pid(get_pid(NULL));
  fdput(fdget(3));
  if (try_module_get(NULL))
    module_put(NULL);
  return 0;
}

int nodes_ok(struct device_node *np) {
  of_node_get(np);
  of_node_put(np);
  return 0;
}

int buffers_ok(struct file *file) {
  struct dma_buf *b = dma_buf_get(3);
  struct eventfd_ctx *e;
  struct file *f;

  if (!IS_ERR(b)) {
    get_dma_buf(b);
    dma_buf_put(b);
    dma_buf_put(b);
  }
  e = eventfd_ctx_fileget(file);
  if (!IS_ERR(e))
    eventfd_ctx_put(e);
  f = eventfd_fget(3);
  if (!IS_ERR(f)) {
    get_file(f);
    fput(f);
    fput(f);
  }
  return 0;
}

int tasks_ok(void) {
  struct pid *pid = find_get_pid(1);

  if (pid) {
    get_pid(pid);
    put_pid(pid);
    put_pid(pid);
  }
  get_task_struct(current);
  put_task_struct(current);
  mmget(current->mm);
  mmput_async(current->mm);
  return signal_pending(current) && capable(CAP_SYS_ADMIN);
}

int power_ok(struct device *dev) {
  if (pm_runtime_resume_and_get(dev))
    return -EIO;
  pm_runtime_put(dev);
  if (pm_runtime_get_sync(dev) < 0) {
    pm_runtime_put_noidle(dev);
    return -EIO;
  }
  pm_runtime_put_sync(dev);
  if (device_register(dev))
    return -ENOMEM;
  device_unregister(dev);
  return 0;
}

int locks_ok(void) {
  unsigned long flags;
  struct rw_semaphore sem;
  struct mutex m;
  spinlock_t s;

  mutex_init(&m);
  if (mutex_lock_interruptible(&m))
    return -EINTR;
  BUG_ON(!mutex_is_locked(&m) || mutex_trylock(&m));
  mutex_unlock(&m);
  if (mutex_lock_killable(&m))
    return -EINTR;
  mutex_unlock(&m);
  if (mutex_trylock(&m))
    mutex_unlock(&m);
  mutex_destroy(&m);
  spin_lock_init(&s);
  spin_lock(&s);
  spin_unlock(&s);
  spin_lock_irq(&s);
  spin_unlock_irq(&s);
  spin_lock_bh(&s);
  spin_unlock_bh(&s);
  spin_lock_irqsave(&s, flags);
  spin_unlock_irqrestore(&s, flags);
  init_rwsem(&sem);
  down_read(&sem);
  up_read(&sem);
  down_write(&sem);
  lockdep_assert_held(&sem);
  up_write(&sem);
  return 0;
}

/* expect: lock-imbalance */
int unlock_bad(void) {
  struct mutex m;

  mutex_init(&m);
  mutex_unlock(&m);
  return 0;
}

/* expect: lock-imbalance */
int destroy_held_bad(void) {
  struct mutex m;

  mutex_init(&m);
  mutex_lock(&m);
  mutex_destroy(&m);
  mutex_unlock(&m);
  return 0;
}

struct later {
  struct work_struct work;
  struct delayed_work delayed;
  struct rcu_work rcu;
  struct timer_list timer;
  struct rcu_head head;
};

static int ran;
static void work_fn(struct work_struct *w) { ran++; }
static void timer_fn(struct timer_list *t) { ran += 10; }

int deferred_ok(void) {
  struct later *l = kzalloc(sizeof(*l), GFP_KERNEL);
  struct workqueue_struct *wq = alloc_workqueue("pinlint", 0, 0);

  if (!l || !wq) {
    kfree(l);
    if (wq)
      destroy_workqueue(wq);
    return -ENOMEM;
  }
  INIT_WORK(&l->work, work_fn);
  INIT_DELAYED_WORK(&l->delayed, work_fn);
  INIT_RCU_WORK(&l->rcu, work_fn);
  timer_setup(&l->timer, timer_fn, 0);

  BUG_ON(!schedule_work(&l->work) || schedule_work(&l->work));
  BUG_ON(!cancel_work(&l->work) || cancel_work_sync(&l->work));
  queue_delayed_work(wq, &l->delayed, 1);
  BUG_ON(!cancel_delayed_work(&l->delayed));
  schedule_delayed_work(&l->delayed, 1);
  BUG_ON(!cancel_delayed_work_sync(&l->delayed));
  queue_rcu_work(wq, &l->rcu);
  queue_work(wq, &l->work);
  flush_workqueue(wq);
  BUG_ON(ran != 2);

  BUG_ON(mod_timer(&l->timer, jiffies) || !mod_timer(&l->timer, jiffies));
  BUG_ON(!del_timer(&l->timer) || timer_delete(&l->timer));
  add_timer(&l->timer);
  BUG_ON(!del_timer_sync(&l->timer) || timer_delete_sync(&l->timer));
  timer_shutdown_sync(&l->timer);

  destroy_workqueue(wq);
  kfree_rcu(l, head);
  rcu_barrier();
  return 0;
}

static struct timer_list global_timer;
static struct work_struct global_work;

static void rearm(struct timer_list *t) {
  if (++ran < 3)
    mod_timer(t, jiffies);
}

/* Runs after the function, and asks to be run again. */
int afterwards_ok(void) {
  timer_setup(&global_timer, rearm, 0);
  add_timer(&global_timer);
  INIT_WORK(&global_work, work_fn);
  schedule_work(&global_work);
  flush_workqueue(system_wq);
  return srcu_read_lock(NULL);
}

/* expect: pinlint-double-free */
int rcu_twice_bad(void) {
  struct later *l = kzalloc(sizeof(*l), GFP_KERNEL);

  if (!l)
    return -ENOMEM;
  kfree_rcu(l, head);
  kfree_rcu(l, head);
  return 0;
}

static irqreturn_t handler(int irq, void *data) { return IRQ_NONE; }

/* expect: pinlint-over-release */
int free_irq_bad(void) {
  if (request_irq(3, handler, 0, "pinlint", &ran))
    return -EBUSY;
  free_irq(3, &ran);
  free_irq(3, &ran);
  return 0;
}
