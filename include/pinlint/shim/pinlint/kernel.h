/*===- kernel.h - All of the shim -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/

/**
 * \file
 * Every header of the shim, for programs that do not care.
 */

#ifndef PINLINT_SHIM_PINLINT_KERNEL_H
#define PINLINT_SHIM_PINLINT_KERNEL_H

#include "../asm/iommu.h"
#include "../linux/atomic.h"
#include "../linux/bio.h"
#include "../linux/bitmap.h"
#include "../linux/cleanup.h"
#include "../linux/device.h"
#include "../linux/dma-mapping.h"
#include "../linux/err.h"
#include "../linux/fs.h"
#include "../linux/iommu.h"
#include "../linux/kernel.h"
#include "../linux/kref.h"
#include "../linux/list.h"
#include "../linux/mm.h"
#include "../linux/mutex.h"
#include "../linux/scatterlist.h"
#include "../linux/sched.h"
#include "../linux/slab.h"
#include "../linux/string.h"
#include "../linux/uaccess.h"
#include "../linux/uio.h"
#include "../linux/vhost_iotlb.h"
#include "../linux/workqueue.h"
#include "scenario.h"

#endif /* PINLINT_SHIM_PINLINT_KERNEL_H */
