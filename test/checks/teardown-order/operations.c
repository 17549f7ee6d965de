// RUN: %check_pinlint pinlint-teardown-order
// Calls through tables of operations, which the protocols know as well.
#include "../Inputs/lifetime.h"

struct iommu_ops {
	void (*release_device)(struct device *dev);
};
struct group {
	struct iommu_domain *domain;
	const struct iommu_ops *ops;
};

void deinit_bad(struct group *group, struct device *dev)
{
	iommu_domain_free(group->domain);
	group->domain = NULL;
	if (group->ops->release_device)
		group->ops->release_device(dev);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the device that the IOMMU driver handles is taken down by 'release_device' after 'iommu_domain_free' has given back the IOMMU domain that it depends on
}

void deinit_ok(struct group *group, struct device *dev)
{
	if (group->ops->release_device)
		group->ops->release_device(dev);
	iommu_domain_free(group->domain);
	group->domain = NULL;
}
// CHECK-NOT: warning:
