/*===- sched.h - Tasks and their memory -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * The current task, and references on tasks and address spaces.
 *
 * mmgrab()/mmdrop() keep the structure, mmget()/mmput() the address space.
 */

#ifndef PINLINT_SHIM_LINUX_SCHED_H
#define PINLINT_SHIM_LINUX_SCHED_H

#include "atomic.h"
#include "types.h"

struct mm_struct {
  atomic64_t pinned_vm;
  unsigned long locked_vm;
  unsigned long total_vm;
};

struct task_struct {
  struct mm_struct *mm;
  struct task_struct *group_leader;
  char comm[16];
  int pid;
};

struct pid;

#ifdef __cplusplus
extern "C" {
#endif
struct task_struct *pinlint_current(void);
#define current pinlint_current()

struct task_struct *get_task_struct(struct task_struct *t);
void put_task_struct(struct task_struct *t);
struct mm_struct *get_task_mm(struct task_struct *task);
void mmgrab(struct mm_struct *mm);
void mmdrop(struct mm_struct *mm);
void mmget(struct mm_struct *mm);
bool mmget_not_zero(struct mm_struct *mm);
void mmput(struct mm_struct *mm);
void mmput_async(struct mm_struct *mm);
struct pid *get_pid(struct pid *pid);
void put_pid(struct pid *pid);
struct pid *find_get_pid(int nr);
struct task_struct *get_pid_task(struct pid *pid, int type);
bool capable(int cap);
int signal_pending(struct task_struct *p);
#define CAP_IPC_LOCK 14
#define CAP_SYS_ADMIN 21
#define PIDTYPE_PID 0
#ifdef __cplusplus
}
#endif

#endif /* PINLINT_SHIM_LINUX_SCHED_H */
