// RUN: %check_pinlint pinlint-teardown-order
// Pages are unmapped before they are unpinned.
#include "../Inputs/lifetime.h"

void unpin_user_page(struct page *page);
void unpin_user_page_range_dirty_lock(struct page *page, unsigned long npages,
				      bool make_dirty);
void dma_unmap_page(struct device *dev, dma_addr_t addr, size_t size,
		    enum dma_data_direction dir);
void vunmap(const void *addr);
int pin_user_pages_fast(unsigned long start, int nr, unsigned int flags,
			struct page **pages);
dma_addr_t dma_map_page(struct device *dev, struct page *page, size_t offset,
			size_t size, enum dma_data_direction dir);
int dma_mapping_error(struct device *dev, dma_addr_t addr);
int iommu_map(struct iommu_domain *domain, unsigned long iova, u64 paddr,
	      size_t size, int prot, gfp_t gfp);

struct mapping {
	u64 start, size, addr;
	struct page *page;
	struct page **pages;
	unsigned long nr;
	void *vaddr;
	dma_addr_t dma;
};
struct vdev {
	struct iommu_domain *domain;
	struct device *dma_dev;
	struct mapping *map;
};
struct mapping *first_mapping(struct vdev *v);
void drop_mapping(struct mapping *map);

static void unmap(struct vdev *v, struct mapping *map)
{
	iommu_unmap(v->domain, map->start, map->size);
}

// All mappings of a device, the pages of each first.
void unmap_all_bad(struct vdev *v)
{
	struct mapping *map;

	while ((map = first_mapping(v)) != NULL) {
		unsigned long pfn = map->addr >> PAGE_SHIFT;
		unsigned long n;

		for (n = map->size >> PAGE_SHIFT; n > 0; pfn++, n--)
			unpin_user_page(pfn_to_page(pfn));
		unmap(v, map);
		// CHECK: :[[@LINE-1]]:{{.*}} warning: the IOMMU mapping is taken down by 'unmap' after 'unpin_user_page' has given back the pinned page that it depends on
		// CHECK: note: the pinned page is given back here by 'unpin_user_page'
		// CHECK: note: the IOMMU mapping is in place until here
		// CHECK: note: 'iommu_unmap' called here
		drop_mapping(map);
	}
}

void unmap_all_ok(struct vdev *v)
{
	struct mapping *map;

	while ((map = first_mapping(v)) != NULL) {
		unsigned long pfn = map->addr >> PAGE_SHIFT;
		unsigned long n;

		unmap(v, map);
		for (n = map->size >> PAGE_SHIFT; n > 0; pfn++, n--)
			unpin_user_page(pfn_to_page(pfn));
		drop_mapping(map);
	}
}

static void give_back(struct mapping *map)
{
	unsigned long i;

	for (i = 0; i < map->nr; i++)
		unpin_user_page(map->pages[i]);
}

// Both in callees.
void release_bad(struct vdev *v)
{
	give_back(v->map);
	unmap(v, v->map);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the IOMMU mapping is taken down by 'unmap' after 'give_back' has
}

void release_ok(struct vdev *v)
{
	unmap(v, v->map);
	give_back(v->map);
}

// By number and length, where nothing says that it is the same range.
void release_range_bad(struct vdev *v, unsigned long iova, unsigned long pfn,
		       unsigned long n)
{
	unpin_user_page_range_dirty_lock(pfn_to_page(pfn), n, true);
	iommu_unmap(v->domain, iova, n << PAGE_SHIFT);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the IOMMU mapping is taken down by 'iommu_unmap' after
}

// One chunk after the other.
void release_chunks_ok(struct vdev *v, unsigned long iova, unsigned long pfn,
		       unsigned long n)
{
	while (n--) {
		iommu_unmap(v->domain, iova, PAGE_SIZE);
		unpin_user_page(pfn_to_page(pfn));
		iova += PAGE_SIZE;
		pfn++;
	}
}

void dma_bad(struct device *dev, struct mapping *map)
{
	unpin_user_page(map->page);
	dma_unmap_page(dev, map->dma, PAGE_SIZE, 0);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the DMA mapping is taken down by 'dma_unmap_page' after 'unpin_user_page' has given back
}

void dma_ok(struct device *dev, struct mapping *map)
{
	dma_unmap_page(dev, map->dma, PAGE_SIZE, 0);
	unpin_user_page(map->page);
}

void vmap_bad(struct mapping *map)
{
	give_back(map);
	vunmap(map->vaddr);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the kernel mapping is taken down by 'vunmap' after 'give_back' has
}

// What is not mapped yet may be unpinned before the rest is unmapped.
int map_ok(struct vdev *v, struct mapping *map, unsigned long addr)
{
	int i = 0, n, ret = 0;

	n = pin_user_pages_fast(addr, map->nr, FOLL_WRITE, map->pages);
	if (n <= 0)
		return n ? n : -EFAULT;
	for (i = 0; i < n && !ret; i++)
		ret = iommu_map(v->domain, map->start + i * PAGE_SIZE,
				page_to_phys(map->pages[i]), PAGE_SIZE, 0,
				GFP_KERNEL);
	if (!ret)
		return 0;
	while (n-- > i)
		unpin_user_page(map->pages[n]);
	unmap(v, map);
	while (i--)
		unpin_user_page(map->pages[i]);
	return ret;
}

// A page that was allocated.
void free_bad(struct device *dev, struct mapping *map)
{
	__free_page(map->page);
	dma_unmap_page(dev, map->dma, PAGE_SIZE, 0);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the DMA mapping is taken down by 'dma_unmap_page' after '__free_page' has given back the allocated page
	kfree(map);
}

// The device can get at the page that user space has again.
int unmap_forgotten_bad(struct device *dev, unsigned long addr)
{
	struct page *page;
	dma_addr_t dma;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	dma = dma_map_page(dev, page, 0, PAGE_SIZE, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, dma)) {
		unpin_user_page(page);
		return -ENOMEM;
	}
	unpin_user_page(page);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'unpin_user_page' gives back the pinned page while the DMA mapping from 'dma_map_page' is in place; dma_unmap_page() is missing
	return 0;
}

// One more reference than the mapping needs.
int reference_ok(struct device *dev, unsigned long addr)
{
	struct page *page;
	dma_addr_t dma;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	get_page(page);
	dma = dma_map_page(dev, page, 0, PAGE_SIZE, DMA_TO_DEVICE);
	put_page(page);
	if (!dma_mapping_error(dev, dma))
		dma_unmap_page(dev, dma, PAGE_SIZE, DMA_TO_DEVICE);
	unpin_user_page(page);
	return 0;
}

/* Each of several is taken down in the right order. */
struct chunk {
	struct list_head link;
	struct page *page;
	void *vaddr;
};

static void free_chunk(struct chunk *c)
{
	vunmap(c->vaddr);
	unpin_user_page(c->page);
	kfree(c);
}

void free_all_ok(struct list_head *rx, struct list_head *tx)
{
	struct chunk *c;

	while (!list_empty(rx)) {
		c = list_first_entry(rx, struct chunk, link);
		list_del(&c->link);
		free_chunk(c);
	}
	while (!list_empty(tx)) {
		c = list_first_entry(tx, struct chunk, link);
		list_del(&c->link);
		free_chunk(c);
	}
}

void free_two_ok(struct chunk *a, struct chunk *b)
{
	free_chunk(a);
	free_chunk(b);
}

struct slot {
	struct page *page;
	dma_addr_t dma;
};
struct ring {
	struct device *dev;
	struct slot slots[64];
	unsigned int pending;
};

static void flush_slot(struct ring *ring, unsigned int i)
{
	unpin_user_page(ring->slots[i].page);
}

static void discard_slot(struct ring *ring, unsigned int i)
{
	dma_unmap_page(ring->dev, ring->slots[i].dma, PAGE_SIZE, DMA_FROM_DEVICE);
	unpin_user_page(ring->slots[i].page);
}

// What came before is done with; another one is discarded.
void ring_receive_ok(struct ring *ring, unsigned int index)
{
	flush_slot(ring, ring->pending);
	discard_slot(ring, index);
}

void ring_receive_bad(struct ring *ring, unsigned int index)
{
	flush_slot(ring, index);
	dma_unmap_page(ring->dev, ring->slots[index].dma, PAGE_SIZE,
		       DMA_FROM_DEVICE);
	// CHECK: :[[@LINE-2]]:{{.*}} warning: the DMA mapping is taken down by 'dma_unmap_page' after 'flush_slot' has
}
