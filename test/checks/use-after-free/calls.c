// RUN: %check_pinlint pinlint-use-after-free
// Frees and uses in callees.
#include "../Inputs/lifetime.h"

struct vdev {
	struct iommu_domain *domain;
	struct device *dma_dev;
	unsigned long last;
	int users;
};

static void free_domain(struct vdev *v)
{
	iommu_detach_device(v->domain, v->dma_dev);
	iommu_domain_free(v->domain);
}

static void free_and_clear_domain(struct vdev *v)
{
	iommu_detach_device(v->domain, v->dma_dev);
	iommu_domain_free(v->domain);
	v->domain = NULL;
}

static void unmap(struct vdev *v, unsigned long first, unsigned long last)
{
	iommu_unmap(v->domain, first, last - first + 1);
}

static void unmap_all(struct vdev *v)
{
	unmap(v, 0, v->last);
}

static void unmap_guarded(struct vdev *v)
{
	if (v->domain)
		unmap_all(v);
}

// A field that is left dangling.
void release_bad(struct vdev *v)
{
	free_domain(v);
	unmap_all(v);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'v->domain' is used by 'unmap_all' after it was freed by 'free_domain'
	// CHECK: note: 'v->domain' is freed here by 'free_domain'
	// CHECK: note: 'iommu_domain_free' called here
	// CHECK: note: the object is dead by then
	// CHECK: note: calling 'unmap'
	// CHECK: note: passed to 'iommu_unmap'
}

// The same, but the field is cleared.
void release_null_bad(struct vdev *v)
{
	free_and_clear_domain(v);
	unmap_all(v);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'unmap_all' needs 'v->domain', but it was freed by 'free_and_clear_domain' and the pointer was cleared
}

void release_ok(struct vdev *v)
{
	unmap_all(v);
	free_and_clear_domain(v);
}

// The callee asks first.
void release_guarded_ok(struct vdev *v)
{
	free_and_clear_domain(v);
	unmap_guarded(v);
}

void release_dangling_guarded_bad(struct vdev *v)
{
	free_domain(v);
	unmap_guarded(v);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'v->domain' is used by 'unmap_guarded' after
}

// The callee frees if it fails, and says so.
static int setup(struct vdev *v)
{
	if (iommu_attach_device(v->domain, v->dma_dev)) {
		kfree(v);
		return -EINVAL;
	}
	return 0;
}

int probe_ok(struct vdev *v)
{
	int ret = setup(v);

	if (ret)
		return ret;
	v->users = 1;
	return 0;
}

int probe_bad(struct vdev *v)
{
	int ret = setup(v);

	v->users = !ret;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'v' is used after it was freed by 'setup'
	return ret;
}
