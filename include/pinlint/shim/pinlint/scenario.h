/*===- scenario.h - The world around a test program -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * What a program under pinlint-verify needs from the world around it: user
 * memory, devices, decisions of others, and checks of its own state.
 *
 * An entry function takes no arguments, or arguments that pinlint-verify can
 * make up (docs/verification.md); everything else it gets from here.
 */

#ifndef PINLINT_SHIM_PINLINT_SCENARIO_H
#define PINLINT_SHIM_PINLINT_SCENARIO_H

#include "../linux/types.h"

struct device;
struct page;
struct mm_struct;
struct iommu_group;

#ifdef __cplusplus
extern "C" {
#endif
/* The address of fresh user memory of that many pages, which can be pinned. */
unsigned long pinlint_user_pages(unsigned int pages);
/* User memory that has the content *benign, or *hostile if user space wants:
 * from the start, or from any moment between two fetches. */
void __user *pinlint_user_data(const void *benign, const void *hostile,
                               size_t size);
/* A page that the kernel lends: it may be used, not released. */
struct page *pinlint_kernel_page(void);
struct device *pinlint_device(void);
struct iommu_group *pinlint_iommu_group(void);
/* The process is killed: its mappings go, what is pinned stays. */
void pinlint_kill_user(struct mm_struct *mm);
/* 0 .. n - 1, whatever the world outside decides. */
unsigned int pinlint_choose(unsigned int n, const char *what);
/* Reports stale state unless the program's own bookkeeping is consistent. */
void pinlint_check_state(bool consistent);
/* The device accesses memory at iova. */
void pinlint_device_access(struct device *dev, unsigned long iova);
/* Uses a value in a way that a check was meant to protect, where the real use
 * (a hardware register, a command of a device) is outside the program. */
void pinlint_commit(unsigned long value);
#ifdef __cplusplus
}
#endif

#endif /* PINLINT_SHIM_PINLINT_SCENARIO_H */
