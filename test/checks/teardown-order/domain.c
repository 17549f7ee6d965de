// RUN: %check_pinlint pinlint-teardown-order
// What uses an IOMMU domain goes before the domain.
#include "../Inputs/lifetime.h"

struct drm {
	void *dev_private;
};
struct private {
	struct iommu_domain *domain;
};
void component_unbind_all(struct device *parent, void *data);

static void cleanup(struct drm *drm)
{
	struct private *private = drm->dev_private;

	if (!private->domain)
		return;
	iommu_domain_free(private->domain);
}

void unbind_bad(struct device *dev, struct drm *drm)
{
	cleanup(drm);
	component_unbind_all(dev, drm);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the bound component is taken down by 'component_unbind_all' after 'cleanup' has given back the IOMMU domain that it depends on
	// CHECK: note: the IOMMU domain is given back here by 'cleanup'
	// CHECK: note: the bound component is in place until here
}

void unbind_ok(struct device *dev, struct drm *drm)
{
	component_unbind_all(dev, drm);
	cleanup(drm);
}

// A domain that this function has made.
int bind_ok(struct device *dev, struct drm *drm)
{
	struct private *private = drm->dev_private;
	int ret;

	private->domain = iommu_domain_alloc(dev);
	if (!private->domain)
		return -ENOMEM;
	ret = iommu_attach_device(private->domain, dev);
	if (ret) {
		iommu_domain_free(private->domain);
		private->domain = NULL;
		component_unbind_all(dev, drm);
	}
	return ret;
}
