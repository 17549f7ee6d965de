// RUN: %check_pinlint pinlint-leak
// One reference and several names for what it is on.
#include "../Inputs/kernel.h"

struct net {
	int id;
};
struct net *maybe_get_net(struct net *net);
void put_net(struct net *net);

struct device {
	void *platform_data;
};
struct pci_dev {
	int vendor;
	struct device dev;
};
struct platform_device {
	int id;
	struct device dev;
};
struct bus_type;
struct fwnode_handle;
struct pci_dev *pci_get_device(unsigned int vendor, unsigned int device,
			       struct pci_dev *from);
void pci_dev_put(struct pci_dev *dev);
void put_device(struct device *dev);
struct device *bus_find_device_by_fwnode(struct bus_type *bus,
					 struct fwnode_handle *fwnode);
void platform_device_put(struct platform_device *pdev);
#define to_platform_device(x) container_of(x, struct platform_device, dev)

int is_wanted(int id);

// What is returned is what was passed, or NULL.
int either_name_ok(struct net *net)
{
	int ret;

	if (!maybe_get_net(net))
		return -EINVAL;
	ret = is_wanted(net->id);
	put_net(net);
	return ret;
}

int either_name_bad(struct net *net)
{
	struct net *peer = maybe_get_net(net);

	if (!peer)
		return -EINVAL;
	if (!is_wanted(peer->id))
		return -EIO;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: network namespace reference from 'maybe_get_net' is not released when '!is_wanted(peer->id)'; put_net() is missing
	put_net(net);
	return 0;
}

// The device is counted by the one that it has inside.
int inside_ok(void)
{
	struct pci_dev *pdev = pci_get_device(1, 2, NULL);
	int vendor;

	if (!pdev)
		return -EINVAL;
	vendor = pdev->vendor;
	put_device(&pdev->dev);
	return vendor;
}

int inside_bad(void)
{
	struct pci_dev *pdev = pci_get_device(1, 2, NULL);

	if (!pdev)
		return -EINVAL;
	if (!is_wanted(pdev->vendor))
		return -EIO;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: PCI device reference from 'pci_get_device' is not released when '!is_wanted(pdev->vendor)'; pci_dev_put() is missing
	put_device(&pdev->dev);
	return 0;
}

int around_ok(struct bus_type *bus, struct fwnode_handle *fwnode)
{
	struct device *dev = bus_find_device_by_fwnode(bus, fwnode);
	struct platform_device *pdev;

	if (!dev)
		return -EINVAL;
	pdev = to_platform_device(dev);
	if (!is_wanted(pdev->id)) {
		platform_device_put(pdev);
		return -EIO;
	}
	put_device(dev);
	return 0;
}

int around_bad(struct bus_type *bus, struct fwnode_handle *fwnode)
{
	struct device *dev = bus_find_device_by_fwnode(bus, fwnode);
	struct platform_device *pdev;

	if (!dev)
		return -EINVAL;
	pdev = to_platform_device(dev);
	if (!is_wanted(pdev->id))
		return -EIO;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: device reference from 'bus_find_device_by_fwnode' is not released when '!is_wanted(pdev->id)'; put_device() is missing
	platform_device_put(pdev);
	return 0;
}
