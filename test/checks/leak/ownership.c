// RUN: %check_pinlint 'pinlint-*'
// Who has to give a page back: structures, destructors, completions, callees.
#include "../Inputs/kernel.h"

struct region {
	struct list_head list;
	struct kref ref;
	struct page **pages;
	struct page *header;
	unsigned long npages;
	struct work_struct work;
	void (*done)(struct region *region);
};

int check_region(const struct region *region);
int register_region(struct region *region);
void start_io(struct region *region);

/* The array moves into the structure, and the local forgets it. */
struct region *move_to_structure_ok(unsigned long addr, unsigned long n)
{
	struct region *region;
	struct page **pages;
	long got;

	region = kzalloc(sizeof(*region), GFP_KERNEL);
	if (!region)
		return ERR_PTR(-ENOMEM);
	pages = kcalloc(n, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		goto free;
	got = pin_user_pages(addr, n, FOLL_WRITE, pages);
	if (got != n)
		goto unpin;
	region->pages = pages;
	region->npages = n;
	pages = NULL;
	return region;
unpin:
	if (got > 0)
		unpin_user_pages(pages, got);
	kfree(pages);
free:
	kfree(region);
	return ERR_PTR(-EFAULT);
}

struct region *structure_is_freed_bad(unsigned long addr)
{
	struct region *region;

	region = kzalloc(sizeof(*region), GFP_KERNEL);
	if (!region)
		return ERR_PTR(-ENOMEM);
	if (pin_user_pages_fast(addr, 1, 0, &region->header) != 1)
		goto free;
	if (check_region(region))
		goto free;
	return region;
free:
	kfree(region);
	return ERR_PTR(-EFAULT);
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

/* Who fails to register the region keeps nothing of it. */
struct region *not_registered_bad(unsigned long addr)
{
	struct region *region;

	region = kzalloc(sizeof(*region), GFP_KERNEL);
	if (!region)
		return ERR_PTR(-ENOMEM);
	if (pin_user_pages_fast(addr, 1, 0, &region->header) != 1)
		goto free;
	if (register_region(region))
		goto free;
	return region;
free:
	kfree(region);
	return ERR_PTR(-EFAULT);
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

/* The destructor of the last reference gives it back. */
static void region_release(struct kref *ref)
{
	struct region *region = container_of(ref, struct region, ref);

	unpin_user_pages(region->pages, region->npages);
	kfree(region->pages);
	kfree(region);
}

/* Nobody else has seen the object: the put is that of the last reference. */
int destructor_ok(unsigned long addr, unsigned long n)
{
	struct region *region;
	long got;
	int ret;

	region = kzalloc(sizeof(*region), GFP_KERNEL);
	if (!region)
		return -ENOMEM;
	kref_init(&region->ref);
	region->pages = kcalloc(n, sizeof(*region->pages), GFP_KERNEL);
	if (!region->pages) {
		kfree(region);
		return -ENOMEM;
	}
	got = pin_user_pages(addr, n, FOLL_WRITE, region->pages);
	if (got <= 0) {
		kfree(region->pages);
		kfree(region);
		return got;
	}
	region->npages = got;
	ret = check_region(region);
	kref_put(&region->ref, region_release);
	return ret;
}

/* Handed to an asynchronous completion. */
int completion_ok(unsigned long addr)
{
	struct region *region;

	region = kzalloc(sizeof(*region), GFP_KERNEL);
	if (!region)
		return -ENOMEM;
	if (pin_user_pages_fast(addr, 1, 0, &region->header) != 1) {
		kfree(region);
		return -EFAULT;
	}
	start_io(region);
	return 0;
}

static void region_work(struct work_struct *work)
{
	struct region *region = container_of(work, struct region, work);

	unpin_user_page(region->header);
	kfree(region);
}

int deferred_to_work_ok(unsigned long addr)
{
	struct region *region;

	region = kzalloc(sizeof(*region), GFP_KERNEL);
	if (!region)
		return -ENOMEM;
	region->work.func = region_work;
	if (pin_user_pages_fast(addr, 1, 0, &region->header) != 1) {
		kfree(region);
		return -EFAULT;
	}
	schedule_work(&region->work);
	return 0;
}

int on_a_list_ok(struct list_head *regions, unsigned long addr)
{
	struct region *region;

	region = kzalloc(sizeof(*region), GFP_KERNEL);
	if (!region)
		return -ENOMEM;
	if (pin_user_pages_fast(addr, 1, 0, &region->header) != 1) {
		kfree(region);
		return -EFAULT;
	}
	list_add_tail(&region->list, regions);
	return 0;
}

void drain_list_ok(struct list_head *regions)
{
	struct region *region, *next;

	list_for_each_entry_safe(region, next, regions, list) {
		list_del(&region->list);
		unpin_user_page(region->header);
		kfree(region);
	}
}

/* The callee takes the page over, whatever it answers. */
static int consume(struct region *region, struct page *page)
{
	if (check_region(region)) {
		unpin_user_page(page);
		return -EINVAL;
	}
	region->header = page;
	return 0;
}

int callee_consumes_ok(struct region *region, unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	return consume(region, page);
}

/* The callee takes it over on success only. */
static int adopt(struct region *region, struct page *page)
{
	if (check_region(region))
		return -EINVAL;
	region->header = page;
	return 0;
}

int callee_adopts_ok(struct region *region, unsigned long addr)
{
	struct page *page;
	int ret;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	ret = adopt(region, page);
	if (ret)
		unpin_user_page(page);
	return ret;
}

int callee_adopts_bad(struct region *region, unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	return adopt(region, page);
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

/* A cached page and one more reference for the user of it. */
struct cache {
	struct page *page;
	bool busy;
};

struct page *cached_page_ok(struct cache *cache)
{
	if (!cache->page) {
		cache->page = alloc_page(GFP_KERNEL);
		if (!cache->page)
			return NULL;
	}
	get_page(cache->page);
	return cache->page;
}

/* The cache's pointer could stand for the reference that is lost. */
int FN_user_of_cache_bad(struct cache *cache)
{
	struct page *page = cached_page_ok(cache);

	if (!page)
		return -ENOMEM;
	if (cache->busy)
		return -EIO;
	put_page(page);
	return 0;
}

/* A reference goes where the pointer goes, even to code that only reads. */
int FN_reference_lent_bad(struct cache *cache)
{
	struct page *page = cached_page_ok(cache);

	if (!page)
		return -ENOMEM;
	if (!first_word(page))
		return -EIO;
	put_page(page);
	return 0;
}

/* The new page is there before the old one goes. */
int replace_ok(struct cache *cache, unsigned long addr)
{
	struct page *page, *old;

	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	old = cache->page;
	cache->page = page;
	if (old)
		put_page(old);
	return 0;
}

int replace_by_swap_ok(struct cache *cache, unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	swap(page, cache->page);
	if (page)
		put_page(page);
	return 0;
}

int replace_local_bad(unsigned long a, unsigned long b)
{
	struct page *page;

	if (get_user_pages_fast(a, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	if (get_user_pages_fast(b, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	// CHECK: note: the path ends without put_page(), as does the one through line [[@LINE+2]]
	put_page(page);
	return 0;
}

/* The reference is gone, the page is lent by its owner. */
struct page *lookup_page(struct region *region);

struct page *borrowed_ok(struct region *region)
{
	struct page *page = lookup_page(region);

	get_page(page);
	check_region(region);
	put_page(page);
	return page;
}

/* The page is given to memory management with the fault. */
struct fault {
	struct page *page;
};
#define FAULT_LOCKED 0x200

int give_to_mm_ok(struct region *region, struct fault *vmf)
{
	struct page *page = lookup_page(region);

	get_page(page);
	vmf->page = page;
	return FAULT_LOCKED;
}

/* An error pointer in the owner's field owns nothing. */
struct page *acquire_or_error(unsigned long addr)
{
	struct page *page;
	int ret = get_user_pages_fast(addr, 1, 0, &page);

	if (ret == 1)
		return page;
	return ERR_PTR(ret < 0 ? ret : -EFAULT);
}

int error_pointer_reset_ok(struct cache *cache, unsigned long addr)
{
	int ret = 0;

	cache->page = acquire_or_error(addr);
	if (IS_ERR(cache->page)) {
		ret = PTR_ERR(cache->page);
		cache->page = NULL;
	}
	return ret;
}

int error_pointer_bad(unsigned long addr, struct request *rq)
{
	struct page *page = acquire_or_error(addr);

	if (IS_ERR(page))
		return PTR_ERR(page);
	if (map_request(rq, page))
		return -EIO;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	put_page(page);
	return 0;
}

/* The count is zeroed too soon, and the release releases nothing. */
void count_zeroed_after_use_ok(struct buffer *buf)
{
	unpin_user_pages(buf->pages, buf->npages);
	buf->npages = 0;
}

int count_zeroed_too_soon_bad(unsigned long addr, struct request *rq)
{
	struct page *pages[4];
	int n, count, ret;

	n = pin_user_pages_fast(addr, 4, 0, pages);
	if (n != 4) {
		if (n > 0)
			unpin_user_pages(pages, n);
		return -EFAULT;
	}
	count = n;
	ret = map_request(rq, pages[0]);
	if (ret)
		count = 0;
	unpin_user_pages(pages, count);
	return ret;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

/* One error path releases what the other ones keep for the caller. */
int inconsistent_contract_bad(struct region *region, unsigned long addr)
{
	if (pin_user_pages_fast(addr, 1, 0, &region->header) != 1)
		return -EFAULT;
	if (check_region(region)) {
		unpin_user_page(region->header);
		return -EINVAL;
	}
	if (check_region(region))
		return -EIO;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	return 0;
}
