// RUN: %check_pinlint 'pinlint-*'
// Pages that one loop acquires and another gives back, as generated programs
// have them.
#include "../Inputs/kernel.h"

int map_all(struct page *const *pages, int n);

/* Page by page, and back from the last one. */
int page_by_page_ok(unsigned long addr)
{
	struct page *pages[3];
	int got, i, n;

	for (n = 0; n < 3; n++) {
		got = pin_user_pages_fast(addr + n * PAGE_SIZE, 1, FOLL_WRITE,
					  &pages[n]);
		if (got != 1) {
			for (i = n - 1; i >= 0; i--)
				unpin_user_page(pages[i]);
			return got < 0 ? got : -EFAULT;
		}
	}
	for (i = n - 1; i >= 0; i--)
		unpin_user_page(pages[i]);
	return 0;
}

/* A label gives back all of them. */
int page_by_page_label_ok(unsigned long addr)
{
	struct page *pages[4];
	int ret = 0, got, n;

	for (n = 0; n < 4; n++) {
		got = pin_user_pages_fast(addr + n * PAGE_SIZE, 1, FOLL_WRITE,
					  &pages[n]);
		if (got != 1) {
			ret = got < 0 ? got : -EFAULT;
			goto out;
		}
	}
	ret = map_all(pages, n);
out:
	unpin_user_pages(pages, n);
	return ret;
}

/* All, or an error and none. */
static int get_all(unsigned long addr, struct page **pages)
{
	int got, n = 0;

	while (n < 2) {
		got = get_user_pages_fast(addr + n * PAGE_SIZE, 2 - n,
					  FOLL_WRITE, &pages[n]);
		if (got <= 0) {
			release_pages(pages, n);
			return got ? got : -EFAULT;
		}
		n += got;
	}
	if (n < 2) {
		release_pages(pages, n);
		return -EFAULT;
	}
	return 0;
}

int all_or_none_ok(unsigned long addr)
{
	struct page *pages[2];
	int ret = get_all(addr, pages);

	if (ret)
		return ret;
	ret = map_all(pages, 2);
	release_pages(pages, 2);
	return ret;
}

/* As many as there are. */
static int get_some(unsigned long addr, struct page **pages)
{
	int n = pin_user_pages_fast(addr, 3, FOLL_WRITE, pages);

	if (n <= 0)
		return n ? n : -EFAULT;
	return n;
}

static void put_some(struct page **pages, int n)
{
	unpin_user_pages_dirty_lock(pages, n, true);
}

int some_ok(unsigned long addr)
{
	struct page *pages[3], *fresh;
	int n, ret;

	n = get_some(addr, pages);
	if (n <= 0)
		return n ? n : -EFAULT;
	fresh = alloc_page(GFP_KERNEL);
	if (!fresh) {
		ret = -ENOMEM;
		goto put;
	}
	ret = map_all(pages, n);
	__free_page(fresh);
put:
	put_some(pages, n);
	return ret;
}

/* Once is enough. */
int loop_repeated_bad(unsigned long addr)
{
	struct page *pages[3];
	int i, n;

	n = pin_user_pages_fast(addr, 3, FOLL_WRITE, pages);
	if (n <= 0)
		return n ? n : -EFAULT;
	for (i = 0; i < n; i++) {
		unpin_user_page(pages[i]);
		unpin_user_page(pages[i]);
		// CHECK: :[[@LINE-1]]:{{.*}}'unpin_user_page' releases a pinned page that was released before [pinlint-over-release]
	}
	return 0;
}

/* A page that is put as if it were pinned, and the other way round. */
struct area {
	struct page *pages[2];
	int n;
};

int wrong_kind_in_object_bad(unsigned long addr)
{
	struct area *area = kzalloc(sizeof(*area), GFP_KERNEL);
	int i;

	if (!area)
		return -ENOMEM;
	area->n = pin_user_pages_fast(addr, 2, FOLL_WRITE, area->pages);
	if (area->n <= 0) {
		kfree(area);
		return -EFAULT;
	}
	for (i = 0; i < area->n; i++)
		put_page(area->pages[i]);
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-mismatched-release]
	kfree(area);
	return 0;
}

/* The kernel's own pages need no release, but the right one. */
int wrong_kind_of_allocation_bad(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (!page)
		return -ENOMEM;
	unpin_user_page(page);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'unpin_user_page' does not give back what 'alloc_page' obtained: an allocated page needs __free_pages() [pinlint-mismatched-release]
	return 0;
}

/* Pages in memory that is a page of the kernel's own. */
int array_in_page_ok(unsigned long addr)
{
	struct page *memory = alloc_page(GFP_KERNEL);
	struct page **pages;
	int n;

	if (!memory)
		return -ENOMEM;
	pages = page_address(memory);
	n = pin_user_pages_fast(addr, 3, FOLL_WRITE, pages);
	if (n > 0)
		unpin_user_pages(pages, n);
	__free_page(memory);
	return n < 0 ? n : 0;
}

/* A function gives back all, twice. */
static void put_twice(struct page **pages, int n)
{
	unpin_user_pages(pages, n);
	unpin_user_pages(pages, n);
}

int twice_in_callee_bad(unsigned long addr)
{
	struct page *pages[3];
	int n = pin_user_pages_fast(addr, 3, FOLL_WRITE, pages);

	if (n <= 0)
		return n ? n : -EFAULT;
	put_twice(pages, n);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'put_twice' releases a pinned page that was released before [pinlint-over-release]
	return 0;
}

/* What comes after a loop that counts down is reached. */
int after_counting_down_bad(unsigned long addr)
{
	struct page *pages[3];
	int i, n, sum = 0;

	for (n = 0; n < 3; n++)
		if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &pages[n]) != 1) {
			for (i = 0; i < n; i++)
				unpin_user_page(pages[i]);
			return -EFAULT;
		}
	for (i = n - 1; i >= 0; i--)
		sum += i;
	return sum;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: pinned pages from 'pin_user_pages_fast' are not released{{.*}} [pinlint-leak]
}

/* As many as the loop has counted: three, neither more nor less. */
static int get_three(unsigned long addr, struct page **pages)
{
	int n;

	for (n = 0; n < 3; n++)
		if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &pages[n]) != 1) {
			unpin_user_pages(pages, n);
			return -EFAULT;
		}
	return 0;
}

int counted_ok(unsigned long addr)
{
	struct page *pages[3];

	if (get_three(addr, pages))
		return -EFAULT;
	put_some(pages, 3);
	return 0;
}

int counted_twice_bad(unsigned long addr)
{
	struct page *pages[3];

	if (get_three(addr, pages))
		return -EFAULT;
	put_some(pages, 3);
	put_some(pages, 3);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'put_some' releases a pinned page that was released before [pinlint-over-release]
	return 0;
}

/* A function gives back fewer than there are. */
int one_fewer_bad(unsigned long addr)
{
	struct page *pages[3];

	if (get_three(addr, pages))
		return -EFAULT;
	put_some(pages, 2);
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: only some of the pinned pages from 'get_three' are released; the others are lost here [pinlint-leak]
}

/* A second loop that happens to have the same number. */
int same_number_ok(unsigned long addr)
{
	struct page *first[2], *second[4];
	int i, n = 0, got;

	for (i = 0; i < 2; i++)
		if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &first[i]) != 1) {
			unpin_user_pages(first, i);
			return -EFAULT;
		}
	while (n < 4) {
		got = pin_user_pages_fast(addr, 1, FOLL_WRITE, second + n);
		if (got <= 0)
			break;
		n += got;
	}
	unpin_user_pages(second, n);
	unpin_user_pages(first, 2);
	return 0;
}

/* In an object, in a function of its own. */
static void area_destroy(struct area *area)
{
	int i;

	for (i = 0; i < area->n; i++)
		unpin_user_page(area->pages[i]);
	kfree(area);
}

int area_ok(unsigned long addr)
{
	struct area *area = kzalloc(sizeof(*area), GFP_KERNEL);

	if (!area)
		return -ENOMEM;
	for (area->n = 0; area->n < 2; area->n++)
		if (pin_user_pages_fast(addr, 1, FOLL_WRITE,
					&area->pages[area->n]) != 1) {
			area_destroy(area);
			return -EFAULT;
		}
	area_destroy(area);
	return 0;
}
