// RUN: %pinlint --quiet --checks='-*,pinlint-leak,pinlint-over-release' %s -- >%t 2>&1
// RUN: FileCheck %s --implicit-check-not=warning: <%t
// Pins that are known by the place in an IO address space where they begin.
#include "../Inputs/kernel.h"

typedef unsigned long long dma_addr_t;
struct vfio_device;
int vfio_pin_pages(struct vfio_device *device, dma_addr_t iova, int npage,
		   int prot, struct page **pages);
void vfio_unpin_pages(struct vfio_device *device, dma_addr_t iova, int npage);
int remember(dma_addr_t iova);
unsigned long read_number(void);

int pin_two_bad(struct vfio_device *dev, dma_addr_t a, dma_addr_t b)
{
	struct page *page;

	if (vfio_pin_pages(dev, a, 1, 0, &page) != 1)
		return -EINVAL;
	if (vfio_pin_pages(dev, b, 1, 0, &page) != 1)
		return -EINVAL;
	// CHECK: :[[@LINE-1]]:3: warning: pinned IOVA range from 'vfio_pin_pages' is kept on this error path, where the caller does not expect it [pinlint-leak]
	if (remember(a)) {
		vfio_unpin_pages(dev, b, 1);
		vfio_unpin_pages(dev, a, 1);
		return -ENOMEM;
	}
	return 0;
}

int pin_two_ok(struct vfio_device *dev, dma_addr_t a, dma_addr_t b)
{
	struct page *page;

	if (vfio_pin_pages(dev, a, 1, 0, &page) != 1)
		return -EINVAL;
	if (vfio_pin_pages(dev, b, 1, 0, &page) != 1) {
		vfio_unpin_pages(dev, a, 1);
		return -EINVAL;
	}
	if (remember(a)) {
		vfio_unpin_pages(dev, b, 1);
		vfio_unpin_pages(dev, a, 1);
		return -ENOMEM;
	}
	return 0;
}

struct entry {
	dma_addr_t iova;
	struct entry *next;
};

void add_entry(struct entry **list, struct entry *new);

static int remember_range(struct entry **list, dma_addr_t iova)
{
	struct entry *new = kmalloc(sizeof(*new), GFP_KERNEL);

	if (!new)
		return -ENOMEM;
	new->iova = iova;
	add_entry(list, new);
	return 0;
}

static int pin_and_remember(struct vfio_device *dev, struct entry **list,
			    unsigned long gfn)
{
	struct page *page;
	int ret;

	if (vfio_pin_pages(dev, gfn << PAGE_SHIFT, 1, 0, &page) != 1)
		return -EINVAL;
	ret = remember_range(list, gfn << PAGE_SHIFT);
	if (ret)
		vfio_unpin_pages(dev, gfn << PAGE_SHIFT, 1);
	return ret;
}

// The list has the range.
int pin_guest_ok(struct vfio_device *dev, struct entry **list)
{
	return pin_and_remember(dev, list, read_number());
}

static int pin_range(struct vfio_device *dev, dma_addr_t iova, int npage)
{
	struct page *page;
	int i;

	for (i = 0; i < npage; i++)
		if (vfio_pin_pages(dev, iova + i * PAGE_SIZE, 1, 0, &page) != 1)
			goto err;
	return 0;
err:
	if (i)
		vfio_unpin_pages(dev, iova, i);
	return -EFAULT;
}

int pin_range_ok(struct vfio_device *dev, dma_addr_t iova, int npage)
{
	int ret = pin_range(dev, iova, npage);

	if (ret)
		return ret;
	ret = remember(iova);
	if (ret)
		vfio_unpin_pages(dev, iova, npage);
	return ret;
}

int move_range_bad(struct vfio_device *dev, dma_addr_t iova, int npage, int old)
{
	int ret;

	if (!old) {
		ret = pin_range(dev, iova, npage);
		if (ret)
			return ret;
		ret = remember(iova);
		if (ret)
			return ret;
		// CHECK: :[[@LINE-1]]:4: warning: pinned IOVA range from 'pin_range' is kept on this error path, where the caller does not expect it [pinlint-leak]
		return 0;
	}
	vfio_unpin_pages(dev, iova, old);
	ret = pin_range(dev, iova, npage);
	if (ret)
		return ret;
	ret = remember(iova);
	if (ret)
		vfio_unpin_pages(dev, iova, npage);
	return ret;
}
