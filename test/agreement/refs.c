/*===- refs.c - Counted references -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

#include <linux/device.h>
#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/of.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <pinlint/scenario.h>

/* expect: pinlint-leak */
int file_bad(unsigned int fd) {
  struct file *file = fget(fd);

  if (!file)
    return -EBADF;
  if (!(file->f_mode & 2))
    return -EINVAL;
  fput(file);
  return 0;
}

int file_ok(unsigned int fd) {
  struct file *file = fget(fd);
  int ret = 0;

  if (!file)
    return -EBADF;
  if (!(file->f_mode & 2))
    ret = -EINVAL;
  fput(file);
  return ret;
}

/* expect: pinlint-use-after-release */
int file_after_put_bad(unsigned int fd) {
  struct file *file = fget(fd);
  void *data;

  if (!file)
    return -EBADF;
  fput(file);
  data = file->private_data;
  return data ? 0 : -EINVAL;
}

/* expect: pinlint-over-release */
int file_twice_bad(unsigned int fd) {
  struct file *file = fget(fd);

  if (!file)
    return -EBADF;
  fput(file);
  fput(file);
  return 0;
}

int eventfd_ok(int fd) {
  struct eventfd_ctx *ctx = eventfd_ctx_fdget(fd);

  if (IS_ERR(ctx))
    return PTR_ERR(ctx);
  eventfd_signal(ctx);
  eventfd_ctx_put(ctx);
  return 0;
}

/* Install the new one, put the old one; an error leaves the field as it was. */
struct vq {
  struct eventfd_ctx *call;
};

static int vq_set_call(struct vq *vq, int fd) {
  struct eventfd_ctx *ctx = eventfd_ctx_fdget(fd);

  if (IS_ERR(ctx))
    return PTR_ERR(ctx);
  swap(ctx, vq->call);
  if (ctx)
    eventfd_ctx_put(ctx);
  return 0;
}

int swap_and_put_ok(void) {
  struct vq vq = {NULL};
  int ret = vq_set_call(&vq, 3);

  if (!ret)
    ret = vq_set_call(&vq, 4);
  if (vq.call)
    eventfd_ctx_put(vq.call);
  return ret;
}

/* An error pointer stays in the field, and is put by the destructor.
 * expect: wild-access */
int error_in_field_bad(void) {
  struct vq vq;

  vq.call = eventfd_ctx_fdget(3);
  if (vq.call)
    eventfd_ctx_put(vq.call);
  return 0;
}

/* expect: pinlint-leak */
int overwritten_field_bad(void) {
  struct vq vq = {NULL};
  int i;

  for (i = 0; i < 2; i++) {
    struct eventfd_ctx *ctx = eventfd_ctx_fdget(i);

    if (!IS_ERR(ctx))
      vq.call = ctx;
  }
  if (vq.call)
    eventfd_ctx_put(vq.call);
  return 0;
}

int node_ok(struct device *dev) {
  struct device_node *np = of_parse_phandle(dev->of_node, "memory-region", 0);
  struct device_node *parent;
  int ret = 0;

  if (!np)
    return -ENODEV;
  parent = of_get_parent(np);
  if (!parent)
    ret = -EINVAL;
  of_node_put(parent);
  of_node_put(np);
  return ret;
}

/* expect: pinlint-leak */
int node_bad(struct device *dev) {
  struct device_node *np = of_parse_phandle(dev->of_node, "memory-region", 0);
  struct device_node *parent;

  if (!np)
    return -ENODEV;
  parent = of_get_parent(np);
  if (!parent)
    return -EINVAL;
  of_node_put(parent);
  of_node_put(np);
  return 0;
}

/* of_find_node_by_name() puts the node that it starts from.
 * expect: pinlint-over-release */
int node_search_bad(void) {
  struct device_node *first = of_find_node_by_name(NULL, "cpu");
  struct device_node *next;

  if (!first)
    return -ENODEV;
  next = of_find_node_by_name(first, "cpu");
  of_node_put(next);
  of_node_put(first);
  return 0;
}

int device_ok(void) {
  struct device *dev = bus_find_device_by_name(NULL, NULL, "gpu");

  if (!dev)
    return -ENODEV;
  dev_set_drvdata(dev, NULL);
  put_device(dev);
  return 0;
}

/* A device that is borrowed needs no put.
 * expect: pinlint-over-release */
int FN_borrowed_device_bad(struct device *dev) {
  put_device(dev);
  return 0;
}

/* expect: pinlint-leak */
int device_bad(struct device *dev) {
  get_device(dev);
  if (pinlint_choose(2, "the failure of the registration"))
    return -EIO;
  put_device(dev);
  return 0;
}

int group_ok(struct device *dev) {
  struct iommu_group *group = iommu_group_get(dev);

  if (!group)
    return -ENODEV;
  iommu_group_put(group);
  return 0;
}

/* expect: pinlint-use-after-release */
int mm_bad(void) {
  struct mm_struct *mm = get_task_mm(current);
  struct page *page;
  long ret;

  if (!mm)
    return -ESRCH;
  mmput(mm);
  ret = pin_user_pages_remote(mm, pinlint_user_pages(1), 1, 0, &page, NULL);
  if (ret == 1)
    unpin_user_page(page);
  return ret < 0 ? ret : 0;
}

int mm_ok(void) {
  struct mm_struct *mm = get_task_mm(current);
  struct page *page;
  long ret;

  if (!mm)
    return -ESRCH;
  mmap_read_lock(mm);
  ret = pin_user_pages_remote(mm, pinlint_user_pages(1), 1, 0, &page, NULL);
  mmap_read_unlock(mm);
  if (ret == 1)
    unpin_user_page(page);
  mmput(mm);
  return ret < 0 ? ret : 0;
}

/* mmgrab() keeps the structure, mmget_not_zero() the memory. */
int grab_ok(void) {
  struct mm_struct *mm = current->mm;

  mmgrab(mm);
  if (mmget_not_zero(mm)) {
    mm->locked_vm = 0;
    mmput(mm);
  }
  mmdrop(mm);
  return 0;
}

/* expect: pinlint-leak */
int FN_grab_bad(void) {
  struct mm_struct *mm = current->mm;

  mmgrab(mm);
  if (!mmget_not_zero(mm))
    return -ESRCH;
  mmput(mm);
  mmdrop(mm);
  return 0;
}

int task_ok(void) {
  struct pid *pid = find_get_pid(7);
  struct task_struct *task;

  if (!pid)
    return -ESRCH;
  task = get_pid_task(pid, PIDTYPE_PID);
  put_pid(pid);
  if (!task)
    return -ESRCH;
  put_task_struct(task);
  return 0;
}

/* expect: pinlint-leak */
int task_bad(void) {
  struct pid *pid = find_get_pid(7);
  struct task_struct *task;

  if (!pid)
    return -ESRCH;
  task = get_pid_task(pid, PIDTYPE_PID);
  if (!task)
    return -ESRCH;
  put_pid(pid);
  put_task_struct(task);
  return 0;
}

/* An object with a count of its own. */
struct session {
  struct kref ref;
  int state;
};

static void session_free(struct kref *ref) {
  kfree(container_of(ref, struct session, ref));
}

static struct session *session_new(void) {
  struct session *s = kzalloc(sizeof(*s), GFP_KERNEL);

  if (s)
    kref_init(&s->ref);
  return s;
}

int session_ok(void) {
  struct session *s = session_new();
  int state;

  if (!s)
    return -ENOMEM;
  kref_get(&s->ref);
  kref_put(&s->ref, session_free);
  state = s->state;
  kref_put(&s->ref, session_free);
  return state;
}

/* expect: pinlint-use-after-free */
int session_after_put_bad(void) {
  struct session *s = session_new();

  if (!s)
    return -ENOMEM;
  kref_put(&s->ref, session_free);
  return s->state;
}

/* expect: pinlint-use-after-free */
int FN_session_twice_bad(void) {
  struct session *s = session_new();

  if (!s)
    return -ENOMEM;
  kref_put(&s->ref, session_free);
  kref_put(&s->ref, session_free);
  return 0;
}

/* expect: pinlint-leak */
int FN_session_bad(void) {
  struct session *s = session_new();

  if (!s)
    return -ENOMEM;
  kref_get(&s->ref);
  if (pinlint_choose(2, "the failure of the start"))
    goto put;
  kref_put(&s->ref, session_free);
put:
  kref_put(&s->ref, session_free);
  return 0;
}

/* The final put under the object's own lock unlocks what is gone. */
struct locked {
  struct kref ref;
  struct mutex lock;
};

static void locked_free(struct kref *ref) {
  kfree(container_of(ref, struct locked, ref));
}

/* expect: pinlint-use-after-free */
int put_under_own_lock_bad(void) {
  struct locked *l = kzalloc(sizeof(*l), GFP_KERNEL);

  if (!l)
    return -ENOMEM;
  kref_init(&l->ref);
  mutex_init(&l->lock);
  mutex_lock(&l->lock);
  kref_put(&l->ref, locked_free);
  mutex_unlock(&l->lock);
  return 0;
}

int put_outside_lock_ok(void) {
  struct locked *l = kzalloc(sizeof(*l), GFP_KERNEL);

  if (!l)
    return -ENOMEM;
  kref_init(&l->ref);
  mutex_init(&l->lock);
  mutex_lock(&l->lock);
  mutex_unlock(&l->lock);
  kref_put(&l->ref, locked_free);
  return 0;
}

/* The descriptor table owns the file from fd_install() on. */
int install_ok(void) {
  int fd = get_unused_fd_flags(O_CLOEXEC);
  struct file *file;

  if (fd < 0)
    return fd;
  file = anon_inode_getfile("pinlint", NULL, NULL, O_RDWR);
  if (IS_ERR(file)) {
    put_unused_fd(fd);
    return PTR_ERR(file);
  }
  fd_install(fd, file);
  return fd;
}

/* expect: pinlint-over-release */
int FN_put_after_install_bad(void) {
  int fd = get_unused_fd_flags(O_CLOEXEC);
  struct file *file;

  if (fd < 0)
    return fd;
  file = anon_inode_getfile("pinlint", NULL, NULL, O_RDWR);
  if (IS_ERR(file)) {
    put_unused_fd(fd);
    return PTR_ERR(file);
  }
  fd_install(fd, file);
  fput(file);
  return fd;
}
