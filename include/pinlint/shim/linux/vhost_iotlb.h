/*===- vhost_iotlb.h - Software IOTLB of vhost -*- C -*-===*\
|*
|* Part of the pinlint project.
|*
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * The table of mappings that a vhost device uses (drivers/vhost/iotlb.c).
 */

#ifndef PINLINT_SHIM_LINUX_VHOST_IOTLB_H
#define PINLINT_SHIM_LINUX_VHOST_IOTLB_H

#include "list.h"
#include "types.h"

#define VHOST_ACCESS_RO 0x1
#define VHOST_ACCESS_WO 0x2
#define VHOST_ACCESS_RW 0x3

struct vhost_iotlb_map {
  struct list_head link;
  u64 start, last, size, addr;
  u32 perm;
  void *opaque;
};

struct vhost_iotlb {
  struct list_head list;
  unsigned int limit;
  unsigned int nmaps;
};

#ifdef __cplusplus
extern "C" {
#endif
struct vhost_iotlb *vhost_iotlb_alloc(unsigned int limit, unsigned int flags);
void vhost_iotlb_init(struct vhost_iotlb *iotlb, unsigned int limit,
                      unsigned int flags);
void vhost_iotlb_free(struct vhost_iotlb *iotlb);
void vhost_iotlb_reset(struct vhost_iotlb *iotlb);
int vhost_iotlb_add_range_ctx(struct vhost_iotlb *iotlb, u64 start, u64 last,
                              u64 addr, unsigned int perm, void *opaque);
int vhost_iotlb_add_range(struct vhost_iotlb *iotlb, u64 start, u64 last,
                          u64 addr, unsigned int perm);
void vhost_iotlb_del_range(struct vhost_iotlb *iotlb, u64 start, u64 last);
struct vhost_iotlb_map *vhost_iotlb_itree_first(struct vhost_iotlb *iotlb,
                                                u64 start, u64 last);
void vhost_iotlb_map_free(struct vhost_iotlb *iotlb,
                          struct vhost_iotlb_map *map);
#ifdef __cplusplus
}
#endif

#endif /* PINLINT_SHIM_LINUX_VHOST_IOTLB_H */
