// RUN: %check_pinlint pinlint-leak,pinlint-over-release,pinlint-mismatched-release --code-base=qemu
#include "../Inputs/qemu.h"

// What a device model maps, pops and takes in QEMU.
int work(void *host, u64 len);
int look_at(u32 value);

int map_twice_bad(AddressSpace *as, hwaddr ring, hwaddr used)
{
	hwaddr len = 4096, len2 = 4096;
	void *r, *u;

	r = address_space_map(as, ring, &len, false, ATTRS);
	if (!r)
		return -1;
	u = address_space_map(as, used, &len2, true, ATTRS);
	if (!u)
		return -1;
	// CHECK: :[[@LINE-1]]:{{.*}} mapping of guest memory from 'address_space_map' is not released
	work(r, len);
	address_space_unmap(as, u, len2, true, len2);
	address_space_unmap(as, r, len, false, 0);
	return 0;
}

int map_twice_ok(AddressSpace *as, hwaddr ring, hwaddr used)
{
	hwaddr len = 4096, len2 = 4096;
	void *r, *u = NULL;
	int ret = -1;

	r = address_space_map(as, ring, &len, false, ATTRS);
	if (!r)
		return -1;
	u = address_space_map(as, used, &len2, true, ATTRS);
	if (!u)
		goto out;
	ret = work(r, len);
	address_space_unmap(as, u, len2, true, len2);
out:
	address_space_unmap(as, r, len, false, 0);
	return ret;
}

// Less was mapped than was asked for.
int short_map_bad(AddressSpace *as, dma_addr_t addr, dma_addr_t want)
{
	dma_addr_t len = want;
	void *host = dma_memory_map(as, addr, &len, TO_DEVICE, ATTRS);

	if (!host)
		return -1;
	if (len < want)
		return -1;
	// CHECK: :[[@LINE-1]]:{{.*}} mapping of guest memory from 'dma_memory_map' is not released
	work(host, len);
	dma_memory_unmap(as, host, len, TO_DEVICE, len);
	return 0;
}

int short_map_ok(AddressSpace *as, dma_addr_t addr, dma_addr_t want)
{
	dma_addr_t len = want;
	void *host = dma_memory_map(as, addr, &len, TO_DEVICE, ATTRS);

	if (host && len >= want)
		work(host, len);
	if (host)
		dma_memory_unmap(as, host, len, TO_DEVICE, len);
	return 0;
}

int unmap_twice_bad(AddressSpace *as, dma_addr_t addr)
{
	dma_addr_t len = 64;
	void *host = dma_memory_map(as, addr, &len, FROM_DEVICE, ATTRS);

	if (!host)
		return -1;
	if (work(host, len))
		dma_memory_unmap(as, host, len, FROM_DEVICE, 0);
	dma_memory_unmap(as, host, len, FROM_DEVICE, len);
	// CHECK: :[[@LINE-1]]:{{.*}} 'dma_memory_unmap' releases a mapping of guest memory that was released before
	return 0;
}

// An object that keeps the mapping for its other operations.
struct ring {
	AddressSpace *as;
	void *host;
	hwaddr len;
};

int ring_map_ok(struct ring *r, hwaddr at)
{
	r->len = 4096;
	r->host = address_space_map(r->as, at, &r->len, true, ATTRS);
	return r->host ? 0 : -1;
}

void ring_unmap_ok(struct ring *r)
{
	if (r->host)
		address_space_unmap(r->as, r->host, r->len, true, r->len);
	r->host = NULL;
}

// Queue elements.
struct element {
	u32 in, out;
	void *buffer;
};
struct request {
	struct element elem;
	u32 status;
};

void pop_bad(VirtQueue *vq)
{
	struct element *e = virtqueue_pop(vq, sizeof(*e));

	if (!e)
		return;
	if (e->in != 1) {
		g_free(e);
		return;
		// CHECK: :[[@LINE-1]]:{{.*}} virtqueue element from 'virtqueue_pop' is not released
	}
	virtqueue_push(vq, e, 0);
	g_free(e);
}

void pop_ok(VirtQueue *vq)
{
	struct element *e;

	while ((e = virtqueue_pop(vq, sizeof(*e)))) {
		if (e->in != 1) {
			virtqueue_detach_element(vq, e, 0);
			g_free(e);
			break;
		}
		virtqueue_push(vq, e, 0);
		g_free(e);
	}
}

// The element is the first member.
void first_member_ok(VirtQueue *vq)
{
	struct request *r = virtqueue_pop(vq, sizeof(*r));

	if (!r)
		return;
	virtqueue_push(vq, &r->elem, r->status);
	g_free(r);
}

void first_member_bad(VirtQueue *vq)
{
	struct request *r = virtqueue_pop(vq, sizeof(*r));

	if (!r)
		return;
	if (look_at(r->status))
		virtqueue_push(vq, &r->elem, r->status);
	g_free(r);
	// CHECK: :[[@LINE+1]]:{{.*}} virtqueue element from 'virtqueue_pop' is not released
}

// Scopes.
void scope_ok(VirtQueue *vq)
{
	g_autofree struct element *e = virtqueue_pop(vq, sizeof(*e));

	if (!e)
		return;
	virtqueue_push(vq, e, 0);
}

// VFIO's groups and devices.
typedef struct VFIOGroup VFIOGroup;
typedef struct VFIODevice {
	VFIOGroup *group;
	int fd;
} VFIODevice;
struct gpu {
	VFIODevice vdev;
	bool set_up;
};
VFIOGroup *vfio_get_group(int groupid, AddressSpace *as, Error **errp);
void vfio_put_group(VFIOGroup *group);
int vfio_get_device(VFIOGroup *group, const char *name, VFIODevice *vbasedev,
		    Error **errp);
void vfio_put_base_device(VFIODevice *vbasedev);

int realize_bad(struct gpu *g, AddressSpace *as, Error **errp)
{
	VFIOGroup *group = vfio_get_group(7, as, errp);

	if (!group)
		return -1;
	if (look_at(g->set_up))
		return -1;
	// CHECK: :[[@LINE-1]]:{{.*}} VFIO group from 'vfio_get_group' is not released
	if (vfio_get_device(group, "gpu", &g->vdev, errp)) {
		vfio_put_group(group);
		return -1;
	}
	g->set_up = true;
	return 0;
}

int realize_ok(struct gpu *g, AddressSpace *as, Error **errp)
{
	VFIOGroup *group = vfio_get_group(7, as, errp);

	if (!group)
		return -1;
	if (vfio_get_device(group, "gpu", &g->vdev, errp)) {
		vfio_put_group(group);
		return -1;
	}
	g->set_up = true;
	return 0;
}

void unrealize_ok(struct gpu *g)
{
	VFIOGroup *group = g->vdev.group;

	vfio_put_base_device(&g->vdev);
	vfio_put_group(group);
}

struct disk {
	Error *blocker;
	int used;
};
int migrate_add_blocker(Error *reason, Error **errp);
void migrate_del_blocker(Error *reason);
void say_why(Error **blocker);

/* What another function puts into a member is with whoever has the object. */
int block_migration_ok(struct disk *d, Error **errp)
{
	say_why(&d->blocker);
	if (migrate_add_blocker(d->blocker, errp) < 0)
		return -1;
	d->used = 1;
	return 0;
}

int block_migration_bad(struct disk *d, Error **errp)
{
	Error *blocker;

	say_why(&blocker);
	if (migrate_add_blocker(blocker, errp) < 0)
		return -1;
	d->used = 1;
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}} migration blocker from 'migrate_add_blocker' is not released
}

int forget_blocker_bad(struct disk *d, Error **errp)
{
	say_why(&d->blocker);
	if (migrate_add_blocker(d->blocker, errp) < 0)
		return -1;
	d->blocker = NULL;
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}} migration blocker from 'migrate_add_blocker' is not released
}
