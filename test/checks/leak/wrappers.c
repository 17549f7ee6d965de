// RUN: %check_pinlint 'pinlint-*'
// Helpers that acquire or release are known by what they do.
#include "../Inputs/kernel.h"

/* An array of pages or an error pointer; the count through a parameter. */
static struct page **pin_buffer(unsigned long addr, unsigned long size,
				unsigned long *n)
{
	unsigned long first = addr >> PAGE_SHIFT;
	unsigned long last = (addr + size - 1) >> PAGE_SHIFT;
	unsigned long npages = last - first + 1;
	struct page **pages;
	int pinned, ret;

	if (size == 0 || addr + size < addr)
		return ERR_PTR(-EINVAL);
	pages = kcalloc(npages, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return ERR_PTR(-ENOMEM);
	pinned = pin_user_pages_fast(addr, npages, FOLL_WRITE, pages);
	if (pinned != npages) {
		ret = -EFAULT;
		goto err;
	}
	*n = npages;
	return pages;
err:
	if (pinned > 0)
		unpin_user_pages(pages, pinned);
	kfree(pages);
	return ERR_PTR(ret);
}

static void unpin_buffer(struct page **pages, unsigned long n)
{
	unpin_user_pages(pages, n);
	kfree(pages);
}

int wrapper_pair_ok(unsigned long addr, unsigned long size, struct request *rq)
{
	struct page **pages;
	unsigned long n;
	int ret;

	pages = pin_buffer(addr, size, &n);
	if (IS_ERR(pages))
		return PTR_ERR(pages);
	ret = map_request(rq, pages[0]);
	unpin_buffer(pages, n);
	return ret;
}

int wrapper_pair_bad(unsigned long addr, unsigned long size, struct request *rq)
{
	struct page **pages;
	unsigned long n;
	int ret;

	pages = pin_buffer(addr, size, &n);
	if (IS_ERR(pages))
		return PTR_ERR(pages);
	ret = map_request(rq, pages[0]);
	if (ret)
		return ret;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	unpin_buffer(pages, n);
	return 0;
}

int array_freed_alone_bad(unsigned long addr, unsigned long size)
{
	struct page **pages;
	unsigned long n;

	pages = pin_buffer(addr, size, &n);
	if (IS_ERR(pages))
		return PTR_ERR(pages);
	use_pages(pages, n);
	kfree(pages);
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

/* Three calls deep. */
static int get_one(unsigned long addr, struct page **page)
{
	int n = get_user_pages_fast(addr, 1, FOLL_WRITE, page);

	return n == 1 ? 0 : n < 0 ? n : -EFAULT;
}

static int get_first(unsigned long addr, struct page **page)
{
	return get_one(addr & PAGE_MASK, page);
}

static struct page *get_checked(unsigned long addr)
{
	struct page *page;
	int ret;

	if (offset_in_page(addr))
		return ERR_PTR(-EINVAL);
	ret = get_first(addr, &page);
	return ret ? ERR_PTR(ret) : page;
}

static void drop_one(struct page *page)
{
	if (page && !IS_ERR(page))
		put_page(page);
}

int deep_ok(unsigned long addr)
{
	struct page *page = get_checked(addr);

	use_pages(&page, 1);
	drop_one(page);
	return 0;
}

int deep_bad(unsigned long addr, bool check)
{
	struct page *page = get_checked(addr);

	if (IS_ERR(page))
		return PTR_ERR(page);
	if (check)
		return -EINVAL;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	drop_one(page);
	return 0;
}

/* NULL for failure. */
static struct page *get_or_null(unsigned long addr)
{
	struct page *page = NULL;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return NULL;
	return page;
}

int null_for_failure_ok(unsigned long addr)
{
	struct page *page = get_or_null(addr);

	if (!page)
		return -EFAULT;
	put_page(page);
	return 0;
}

int null_for_failure_bad(unsigned long addr)
{
	return get_or_null(addr) ? 0 : -EFAULT;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

/* True for success. */
static bool try_get(unsigned long addr, struct page **page)
{
	return get_user_pages_fast(addr, 1, 0, page) == 1;
}

int true_for_success_ok(unsigned long addr)
{
	struct page *page;

	if (!try_get(addr, &page))
		return -EFAULT;
	put_page(page);
	return 0;
}

int true_for_success_bad(unsigned long addr, bool check)
{
	struct page *page;

	if (!try_get(addr, &page))
		return -EFAULT;
	if (!check)
		put_page(page);
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

/* A positive result becomes zero. */
static int get_zero(unsigned long addr, struct page **page)
{
	int ret = get_user_pages_fast(addr, 1, 0, page);

	if (ret == 1) {
		ret = 0;
		goto done;
	}
	if (ret == 0)
		ret = -EFAULT;
done:
	return ret;
}

int positive_becomes_zero_ok(unsigned long addr)
{
	struct page *page;
	int ret = get_zero(addr, &page);

	if (ret)
		return ret;
	put_page(page);
	return 0;
}

int positive_becomes_zero_bad(unsigned long addr, struct request *rq)
{
	struct page *page;
	int ret = get_zero(addr, &page);

	if (ret)
		return ret;
	ret = map_request(rq, page);
	if (ret < 0)
		return ret;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	put_page(page);
	return 0;
}

/* Map and unmap an object that the caller provides. */
struct guest_map {
	struct page *page;
	void *hva;
	unsigned long pfn;
};

static int guest_map(unsigned long addr, struct guest_map *map)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	map->page = page;
	map->hva = page_address(page);
	map->pfn = page_to_pfn(page);
	return 0;
}

static void guest_unmap(struct guest_map *map)
{
	if (!map->page)
		return;
	put_page(map->page);
	map->hva = NULL;
	map->page = NULL;
}

int guest_map_ok(unsigned long addr)
{
	struct guest_map map;
	int ret = 0;

	if (guest_map(addr, &map))
		return -EFAULT;
	if (!map.hva)
		ret = -EIO;
	guest_unmap(&map);
	return ret;
}

int guest_map_bad(unsigned long addr, bool check)
{
	struct guest_map map;

	if (guest_map(addr, &map))
		return -EFAULT;
	if (check)
		return -EINVAL;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	guest_unmap(&map);
	return 0;
}

/* Two reasons to do nothing. */
static void put_guest_page(struct guest_map *map)
{
	if (!map || !map->page)
		return;
	put_page(map->page);
}

int two_guards_ok(unsigned long addr)
{
	struct guest_map map;

	if (guest_map(addr, &map))
		return -EFAULT;
	put_guest_page(&map);
	return 0;
}

/* Conditional on an argument. */
static int maybe_pin(unsigned long addr, bool pin, struct page **page)
{
	if (!pin) {
		*page = NULL;
		return 0;
	}
	return pin_user_pages_fast(addr, 1, 0, page) == 1 ? 0 : -EFAULT;
}

int nothing_asked_for_ok(unsigned long addr)
{
	struct page *page;

	return maybe_pin(addr, false, &page);
}

int asked_for_bad(unsigned long addr)
{
	struct page *page;

	return maybe_pin(addr, true, &page);
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

/* The deeper calls' pages are in the caller's array, as are its own. */
static int FP_pin_tree_ok(unsigned long addr, int depth, struct page **pages)
{
	int ret;

	if (depth == 0)
		return 0;
	if (pin_user_pages_fast(addr, 1, 0, &pages[depth]) != 1)
		return -EFAULT;
	ret = FP_pin_tree_ok(addr + PAGE_SIZE, depth - 1, pages);
	if (ret)
		unpin_user_page(pages[depth]);
	return ret;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

int recursion_ok(unsigned long addr, struct page **pages)
{
	return FP_pin_tree_ok(addr, 4, pages);
}

/* Through a pointer that is known. */
int known_function_pointer_bad(unsigned long addr)
{
	int (*get)(unsigned long, struct page **) = get_one;
	struct page *page;

	if (get(addr, &page))
		return -EFAULT;
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}
