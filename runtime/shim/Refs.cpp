//===- Refs.cpp - The shim's reference-counted objects --------------------===//
//
// Part of the pinlint project.
//
//===----------------------------------------------------------------------===//

#include "World.h"
#include "pinlint/shim/linux/device.h"
#include "pinlint/shim/linux/fs.h"
#include "pinlint/shim/linux/iommu.h"
#include "pinlint/shim/linux/kref.h"
#include "pinlint/shim/linux/mutex.h"
#include "pinlint/shim/linux/sched.h"
#include "pinlint/shim/pinlint/scenario.h"

using namespace pinlint::rt;
using namespace pinlint::rt::shim;

struct pid {
  int Number;
};
struct eventfd_ctx {
  uint64_t Count;
};

/// A counter in memory of the program, which goes up by one.
static void countUp(refcount_t *R, Site At, const char *Function) {
  World &W = world();
  W.check(R, sizeof(*R), At, Function);
  if (R->refs <= 0)
    W.report(ViolationKind::UseAfterFree, "reference",
             std::string(Function) + ": a reference is taken after the last "
                                     "one was put",
             At);
  ++R->refs;
}

/// \returns whether it reached zero.
static bool countDown(refcount_t *R, Site At, const char *Function) {
  World &W = world();
  W.check(R, sizeof(*R), At, Function);
  if (R->refs <= 0) {
    W.report(ViolationKind::OverRelease, "reference",
             std::string(Function) + ": the count underflows", At);
    return false;
  }
  return --R->refs == 0;
}

static int putKref(kref *K, void (*Release)(kref *), Site At,
                   const char *Function) {
  World &W = world();
  W.check(K, sizeof(*K), At, Function);
  auto &Gets = W.Krefs[K];
  if (!Gets.empty())
    Gets.pop_back();
  if (!countDown(&K->refcount, At, Function))
    return 0;
  W.Krefs.erase(K);
  Release(K);
  return 1;
}

/// An object of the environment that the program finds by a name or number.
template <typename T>
static T *lookUp(const char *What, Site At, const char *Function,
                 const char *Failure) {
  World &W = world();
  if (W.fails(At, Function, Failure))
    return nullptr;
  T *P = W.environment<T>(What, At);
  W.addReferenced(P, What, /*Borrowed=*/false);
  W.acquire(P, At, Function);
  return P;
}

/// Like lookUp(), but failure is an error pointer.
template <typename T>
static T *openOr(int Error, const char *What, Site At, const char *Function) {
  T *P = lookUp<T>(What, At, Function, "an error pointer");
  return P ? P : static_cast<T *>(ERR_PTR(-Error));
}

extern "C" {

void refcount_set(refcount_t *r, int n) {
  world().check(r, sizeof(*r), PINLINT_SITE, "refcount_set()");
  r->refs = n;
}
unsigned int refcount_read(const refcount_t *r) {
  world().check(r, sizeof(*r), PINLINT_SITE, "refcount_read()");
  return r->refs;
}
void refcount_inc(refcount_t *r) { countUp(r, PINLINT_SITE, "refcount_inc()"); }
bool refcount_inc_not_zero(refcount_t *r) {
  world().check(r, sizeof(*r), PINLINT_SITE, "refcount_inc_not_zero()");
  if (r->refs <= 0)
    return false;
  ++r->refs;
  return true;
}
void refcount_dec(refcount_t *r) {
  countDown(r, PINLINT_SITE, "refcount_dec()");
}
bool refcount_dec_and_test(refcount_t *r) {
  return countDown(r, PINLINT_SITE, "refcount_dec_and_test()");
}

void kref_init(struct kref *kref) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.check(kref, sizeof(*kref), At, "kref_init()");
  kref->refcount.refs = 1;
  W.Krefs[kref] = {At};
}
unsigned int kref_read(const struct kref *kref) {
  world().check(kref, sizeof(*kref), PINLINT_SITE, "kref_read()");
  return kref->refcount.refs;
}
void kref_get(struct kref *kref) {
  Site At = PINLINT_SITE;
  countUp(&kref->refcount, At, "kref_get()");
  world().Krefs[kref].push_back(At);
}
int kref_get_unless_zero(struct kref *kref) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.check(kref, sizeof(*kref), At, "kref_get_unless_zero()");
  if (kref->refcount.refs <= 0)
    return 0;
  ++kref->refcount.refs;
  W.Krefs[kref].push_back(At);
  return 1;
}
int kref_put(struct kref *kref, void (*release)(struct kref *kref)) {
  return putKref(kref, release, PINLINT_SITE, "kref_put()");
}
int kref_put_mutex(struct kref *kref, void (*release)(struct kref *kref),
                   struct mutex *mutex) {
  // The release function is called with the mutex held, and gives it back.
  Site At = PINLINT_SITE;
  world().check(kref, sizeof(*kref), At, "kref_put_mutex()");
  if (kref->refcount.refs == 1)
    mutex_lock(mutex);
  return putKref(kref, release, At, "kref_put_mutex()");
}

// Devices --------------------------------------------------------------------

struct device *get_device(struct device *dev) {
  if (dev)
    world().acquire(dev, PINLINT_SITE, "get_device()");
  return dev;
}
void put_device(struct device *dev) {
  if (dev)
    world().release(dev, PINLINT_SITE, "put_device()");
}
struct device *bus_find_device_by_name(const struct bus_type *, struct device *,
                                       const char *) {
  return lookUp<device>("device reference", PINLINT_SITE,
                        "bus_find_device_by_name()", "NULL");
}
struct device_node *of_node_get(struct device_node *node) {
  if (node)
    world().acquire(node, PINLINT_SITE, "of_node_get()");
  return node;
}
void of_node_put(struct device_node *node) {
  if (node)
    world().release(node, PINLINT_SITE, "of_node_put()");
}
struct device_node *of_find_node_by_name(struct device_node *from,
                                         const char *) {
  Site At = PINLINT_SITE;
  // Consumes the reference on the node that the search starts from.
  if (from)
    world().release(from, At, "of_find_node_by_name()");
  return lookUp<device_node>("node reference", At, "of_find_node_by_name()",
                             "NULL");
}
struct device_node *of_parse_phandle(const struct device_node *, const char *,
                                     int) {
  return lookUp<device_node>("node reference", PINLINT_SITE,
                             "of_parse_phandle()", "NULL");
}
struct device_node *of_get_parent(const struct device_node *) {
  return lookUp<device_node>("node reference", PINLINT_SITE, "of_get_parent()",
                             "NULL");
}
int device_register(struct device *dev) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.use(dev, At, "device_register()");
  return W.fails(At, "device_register()", "-ENOMEM") ? -ENOMEM : 0;
}
void device_unregister(struct device *dev) {
  world().use(dev, PINLINT_SITE, "device_unregister()");
}
bool try_module_get(struct module *) {
  return !world().fails(PINLINT_SITE, "try_module_get()", "false");
}
void module_put(struct module *) {}
int pm_runtime_get_sync(struct device *dev) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.use(dev, At, "pm_runtime_get_sync()");
  return W.fails(At, "pm_runtime_get_sync()", "-EIO") ? -EIO : 0;
}
int pm_runtime_resume_and_get(struct device *dev) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.use(dev, At, "pm_runtime_resume_and_get()");
  return W.fails(At, "pm_runtime_resume_and_get()", "-EIO") ? -EIO : 0;
}
int pm_runtime_put(struct device *dev) {
  world().use(dev, PINLINT_SITE, "pm_runtime_put()");
  return 0;
}
int pm_runtime_put_sync(struct device *dev) {
  world().use(dev, PINLINT_SITE, "pm_runtime_put_sync()");
  return 0;
}
void pm_runtime_put_noidle(struct device *dev) {
  world().use(dev, PINLINT_SITE, "pm_runtime_put_noidle()");
}

struct device *pinlint_device(void) {
  World &W = world();
  auto *Dev = W.environment<device>("device");
  W.addReferenced(Dev, "device reference", /*Borrowed=*/true);
  return Dev;
}
struct iommu_group *pinlint_iommu_group(void) {
  World &W = world();
  auto *Group = W.environment<iommu_group>("iommu group");
  W.addReferenced(Group, "group reference", /*Borrowed=*/true);
  return Group;
}
struct iommu_group *iommu_group_get(struct device *dev) {
  Site At = PINLINT_SITE;
  world().use(dev, At, "iommu_group_get()");
  return lookUp<iommu_group>("group reference", At, "iommu_group_get()",
                             "NULL");
}
void iommu_group_put(struct iommu_group *group) {
  world().release(group, PINLINT_SITE, "iommu_group_put()");
}

// Files ----------------------------------------------------------------------

struct file *fget(unsigned int) {
  return lookUp<file>("file reference", PINLINT_SITE, "fget()", "NULL");
}
struct file *get_file(struct file *f) {
  world().acquire(f, PINLINT_SITE, "get_file()");
  return f;
}
void fput(struct file *file) { world().release(file, PINLINT_SITE, "fput()"); }
struct fd fdget(unsigned int) {
  return {lookUp<file>("file reference", PINLINT_SITE, "fdget()", "NULL")};
}
void fdput(struct fd fd) {
  if (fd.file)
    world().release(fd.file, PINLINT_SITE, "fdput()");
}
struct eventfd_ctx *eventfd_ctx_fdget(int) {
  return openOr<eventfd_ctx>(EBADF, "eventfd reference", PINLINT_SITE,
                             "eventfd_ctx_fdget()");
}
struct eventfd_ctx *eventfd_ctx_fileget(struct file *file) {
  Site At = PINLINT_SITE;
  world().use(file, At, "eventfd_ctx_fileget()");
  return openOr<eventfd_ctx>(EINVAL, "eventfd reference", At,
                             "eventfd_ctx_fileget()");
}
void eventfd_ctx_put(struct eventfd_ctx *ctx) {
  world().release(ctx, PINLINT_SITE, "eventfd_ctx_put()");
}
void eventfd_signal(struct eventfd_ctx *ctx) {
  world().use(ctx, PINLINT_SITE, "eventfd_signal()");
}
struct file *eventfd_fget(int) {
  return openOr<file>(EBADF, "file reference", PINLINT_SITE, "eventfd_fget()");
}
struct dma_buf *dma_buf_get(int) {
  return openOr<dma_buf>(EBADF, "dma-buf reference", PINLINT_SITE,
                         "dma_buf_get()");
}
void dma_buf_put(struct dma_buf *dmabuf) {
  if (dmabuf)
    world().release(dmabuf, PINLINT_SITE, "dma_buf_put()");
}
void get_dma_buf(struct dma_buf *dmabuf) {
  world().acquire(dmabuf, PINLINT_SITE, "get_dma_buf()");
}
int get_unused_fd_flags(unsigned int) {
  return world().fails(PINLINT_SITE, "get_unused_fd_flags()", "-EMFILE")
             ? -EMFILE
             : 3;
}
void put_unused_fd(unsigned int) {}
void fd_install(unsigned int, struct file *file) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.use(file, At, "fd_install()");
  // The descriptor table owns the reference from here on.
  if (auto It = W.References.find(file);
      It != W.References.end() && !It->second.Holds.empty()) {
    It->second.Holds.pop_back();
    It->second.Borrowed = true;
  }
}
struct file *anon_inode_getfile(const char *, const struct file_operations *ops,
                                void *priv, int) {
  auto *File = openOr<file>(ENOMEM, "file reference", PINLINT_SITE,
                            "anon_inode_getfile()");
  if (!IS_ERR(File)) {
    File->f_op = ops;
    File->private_data = priv;
  }
  return File;
}

// Tasks ----------------------------------------------------------------------

struct task_struct *pinlint_current(void) { return world().Current; }

struct task_struct *get_task_struct(struct task_struct *t) {
  world().acquire(t, PINLINT_SITE, "get_task_struct()");
  return t;
}
void put_task_struct(struct task_struct *t) {
  world().release(t, PINLINT_SITE, "put_task_struct()");
}
struct mm_struct *get_task_mm(struct task_struct *task) {
  Site At = PINLINT_SITE;
  world().use(task, At, "get_task_mm()");
  return lookUp<mm_struct>("address space reference", At, "get_task_mm()",
                           "NULL");
}
void mmgrab(struct mm_struct *mm) {
  world().acquire(mm, PINLINT_SITE, "mmgrab()");
}
void mmdrop(struct mm_struct *mm) {
  world().release(mm, PINLINT_SITE, "mmdrop()");
}
void mmget(struct mm_struct *mm) {
  world().acquire(mm, PINLINT_SITE, "mmget()");
}
bool mmget_not_zero(struct mm_struct *mm) {
  World &W = world();
  Site At = PINLINT_SITE;
  W.use(mm, At, "mmget_not_zero()");
  if (W.fails(At, "mmget_not_zero()", "false"))
    return false;
  W.acquire(mm, At, "mmget_not_zero()");
  return true;
}
void mmput(struct mm_struct *mm) {
  world().release(mm, PINLINT_SITE, "mmput()");
}
void mmput_async(struct mm_struct *mm) {
  world().release(mm, PINLINT_SITE, "mmput_async()");
}
struct pid *get_pid(struct pid *pid) {
  if (pid)
    world().acquire(pid, PINLINT_SITE, "get_pid()");
  return pid;
}
void put_pid(struct pid *pid) {
  if (pid)
    world().release(pid, PINLINT_SITE, "put_pid()");
}
struct pid *find_get_pid(int) {
  return lookUp<pid>("pid reference", PINLINT_SITE, "find_get_pid()", "NULL");
}
struct task_struct *get_pid_task(struct pid *pid, int) {
  Site At = PINLINT_SITE;
  world().use(pid, At, "get_pid_task()");
  return lookUp<task_struct>("task reference", At, "get_pid_task()", "NULL");
}
bool capable(int) { return !world().fails(PINLINT_SITE, "capable()", "false"); }
int signal_pending(struct task_struct *) {
  return world().fails(PINLINT_SITE, "signal_pending()", "a signal is pending");
}
void pinlint_kill_user(struct mm_struct *mm) {
  World &W = world();
  W.use(mm, PINLINT_SITE, "pinlint_kill_user()");
  if (W.Process.alive())
    W.Process.exit();
}

} // extern "C"
