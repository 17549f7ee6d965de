/*===- teardown.c - The order of giving back -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/iommu.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <pinlint/scenario.h>

struct driver {
  struct work_struct work;
  struct timer_list timer;
  struct delayed_work poll;
  struct task_struct *thread;
  int count;
};

static void driver_work(struct work_struct *work) {
  container_of(work, struct driver, work)->count++;
}

static void driver_timer(struct timer_list *t) {
  struct driver *d = from_timer(d, t, timer);

  d->count++;
}

static struct driver *driver_new(void) {
  struct driver *d = kzalloc(sizeof(*d), GFP_KERNEL);

  if (!d)
    return NULL;
  INIT_WORK(&d->work, driver_work);
  INIT_DELAYED_WORK(&d->poll, driver_work);
  timer_setup(&d->timer, driver_timer, 0);
  return d;
}

int cancelled_work_ok(void) {
  struct driver *d = driver_new();

  if (!d)
    return -ENOMEM;
  schedule_work(&d->work);
  cancel_work_sync(&d->work);
  kfree(d);
  return 0;
}

int flushed_work_ok(void) {
  struct driver *d = driver_new();

  if (!d)
    return -ENOMEM;
  schedule_work(&d->work);
  flush_work(&d->work);
  kfree(d);
  return 0;
}

/* expect: pinlint-teardown-order */
int FN_pending_work_bad(void) {
  struct driver *d = driver_new();

  if (!d)
    return -ENOMEM;
  schedule_work(&d->work);
  kfree(d);
  return 0;
}

/* The work is stopped, its producer is not.
 * expect: pinlint-teardown-order */
int FN_producer_bad(void) {
  struct driver *d = driver_new();

  if (!d)
    return -ENOMEM;
  mod_timer(&d->timer, jiffies + 10);
  schedule_work(&d->work);
  cancel_work_sync(&d->work);
  kfree(d);
  return 0;
}

int timer_ok(void) {
  struct driver *d = driver_new();

  if (!d)
    return -ENOMEM;
  mod_timer(&d->timer, jiffies + 10);
  timer_shutdown_sync(&d->timer);
  kfree(d);
  return 0;
}

/* expect: pinlint-teardown-order */
int FN_delayed_work_bad(void) {
  struct driver *d = driver_new();

  if (!d)
    return -ENOMEM;
  schedule_delayed_work(&d->poll, 5);
  kfree(d);
  return 0;
}

static irqreturn_t driver_irq(int irq, void *data) {
  struct driver *d = data;

  d->count++;
  return IRQ_HANDLED;
}

int irq_ok(void) {
  struct driver *d = driver_new();
  int ret;

  if (!d)
    return -ENOMEM;
  ret = request_irq(7, driver_irq, IRQF_SHARED, "pinlint", d);
  if (!ret)
    free_irq(7, d);
  kfree(d);
  return ret;
}

/* expect: pinlint-teardown-order */
int FN_irq_bad(void) {
  struct driver *d = driver_new();
  int ret;

  if (!d)
    return -ENOMEM;
  ret = request_irq(7, driver_irq, IRQF_SHARED, "pinlint", d);
  kfree(d);
  return ret;
}

static int driver_thread(void *data) {
  struct driver *d = data;

  while (!kthread_should_stop())
    d->count++;
  return 0;
}

int thread_ok(void) {
  struct driver *d = driver_new();

  if (!d)
    return -ENOMEM;
  d->thread = kthread_run(driver_thread, d, "pinlint");
  if (!IS_ERR(d->thread))
    kthread_stop(d->thread);
  kfree(d);
  return 0;
}

/* expect: pinlint-teardown-order */
int FN_thread_bad(void) {
  struct driver *d = driver_new();

  if (!d)
    return -ENOMEM;
  d->thread = kthread_run(driver_thread, d, "pinlint");
  kfree(d);
  return 0;
}

int domain_ok(struct device *dev) {
  struct iommu_domain *domain = iommu_paging_domain_alloc(dev);
  int ret;

  if (IS_ERR(domain))
    return PTR_ERR(domain);
  ret = iommu_attach_device(domain, dev);
  if (!ret)
    iommu_detach_device(domain, dev);
  iommu_domain_free(domain);
  return ret;
}

/* expect: pinlint-teardown-order */
int FN_domain_attached_bad(struct device *dev) {
  struct iommu_domain *domain = iommu_paging_domain_alloc(dev);
  int ret;

  if (IS_ERR(domain))
    return PTR_ERR(domain);
  ret = iommu_attach_device(domain, dev);
  iommu_domain_free(domain);
  return ret;
}

/* expect: pinlint-leak */
int domain_lost_bad(struct device *dev) {
  struct iommu_domain *domain = iommu_paging_domain_alloc(dev);

  if (IS_ERR(domain))
    return PTR_ERR(domain);
  if (iommu_attach_device(domain, dev))
    return -EBUSY;
  iommu_detach_device(domain, dev);
  iommu_domain_free(domain);
  return 0;
}

/* expect: pinlint-use-after-free */
int domain_after_free_bad(struct device *dev) {
  struct iommu_domain *domain = iommu_domain_alloc(NULL);

  if (!domain)
    return -ENOMEM;
  iommu_domain_free(domain);
  iommu_unmap(domain, 0x1000, 0x1000);
  return 0;
}

/* expect: pinlint-double-free */
int domain_twice_bad(struct device *dev) {
  struct iommu_domain *domain = iommu_domain_alloc(NULL);

  if (!domain)
    return -ENOMEM;
  iommu_domain_free(domain);
  iommu_domain_free(domain);
  return 0;
}

/* A failed registration that runs the destructor. */
static int registered(struct driver *d) {
  if (pinlint_choose(2, "the failure of the registration")) {
    cancel_work_sync(&d->work);
    kfree(d);
    return -EBUSY;
  }
  return 0;
}

int failed_registration_ok(void) {
  struct driver *d = driver_new();
  int ret;

  if (!d)
    return -ENOMEM;
  ret = registered(d);
  if (ret)
    return ret;
  kfree(d);
  return 0;
}

/* expect: pinlint-use-after-free */
int FN_failed_registration_bad(void) {
  struct driver *d = driver_new();
  int ret;

  if (!d)
    return -ENOMEM;
  ret = registered(d);
  if (ret) {
    cancel_work_sync(&d->work);
    return ret;
  }
  kfree(d);
  return 0;
}

/* What belongs to the device is freed with it. */
int managed_ok(struct device *dev) {
  struct driver *d = devm_kzalloc(dev, sizeof(*d), GFP_KERNEL);

  if (!d)
    return -ENOMEM;
  dev_set_drvdata(dev, d);
  if (pinlint_choose(2, "the failure of the set-up"))
    return -EIO;
  return 0;
}

/* A work queue and its work. */
int queue_ok(void) {
  struct driver *d = driver_new();
  struct workqueue_struct *wq;

  if (!d)
    return -ENOMEM;
  wq = alloc_workqueue("pinlint", 0, 0);
  if (!wq) {
    kfree(d);
    return -ENOMEM;
  }
  queue_work(wq, &d->work);
  destroy_workqueue(wq);
  kfree(d);
  return 0;
}

/* expect: pinlint-leak */
int FN_queue_bad(void) {
  struct workqueue_struct *wq = alloc_workqueue("pinlint", 0, 0);
  struct driver *d;

  if (!wq)
    return -ENOMEM;
  d = driver_new();
  if (!d)
    return -ENOMEM;
  kfree(d);
  destroy_workqueue(wq);
  return 0;
}
