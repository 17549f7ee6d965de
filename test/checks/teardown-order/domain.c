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

// What was set up for the domain is in place still.
int detach_forgotten_bad(struct device *dev)
{
	struct iommu_domain *domain = iommu_domain_alloc(dev);
	int ret;

	if (!domain)
		return -ENOMEM;
	ret = iommu_attach_device(domain, dev);
	if (!ret) {
		iommu_domain_free(domain);
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'iommu_domain_free' gives back the IOMMU domain while the IOMMU attachment from 'iommu_attach_device' is in place; iommu_detach_device() is missing
		// CHECK: note: the IOMMU attachment is set up here by 'iommu_attach_device'
		// CHECK: note: the IOMMU domain is given back here
		return 0;
	}
	iommu_domain_free(domain);
	return ret;
}

// Attached or not, by the way that was taken.
int detach_ok(struct device *dev, bool attach)
{
	struct iommu_domain *domain = iommu_domain_alloc(dev);
	int ret = 0;

	if (!domain)
		return -ENOMEM;
	if (attach) {
		ret = iommu_attach_device(domain, dev);
		if (!ret)
			iommu_detach_device(domain, dev);
	}
	iommu_domain_free(domain);
	return ret;
}

// Code that is not known may detach it.
void quiesce(struct device *dev);

int detached_elsewhere_ok(struct device *dev)
{
	struct iommu_domain *domain = iommu_domain_alloc(dev);

	if (!domain)
		return -ENOMEM;
	if (!iommu_attach_device(domain, dev))
		quiesce(dev);
	iommu_domain_free(domain);
	return 0;
}
