// RUN: %check_pinlint 'pinlint-*'
// Pages in an object that also counts them, and numbers of pages that only the
// function itself keeps.
#include "../Inputs/kernel.h"

struct region {
	unsigned long nr_pages;
	struct page **pages;
};

bool is_usable(struct page *page);
void region_publish(struct region *r);

static int add_range(unsigned long **ranges, int *num, unsigned long start)
{
	if (start & (PAGE_SIZE - 1))
		return -EINVAL;
	(*ranges)[*num] = start;
	++*num;
	return 0;
}

// The page that is not usable has been obtained, but is not counted yet.
int not_counted_yet_bad(unsigned long addr, unsigned long n)
{
	struct region *r = kzalloc(sizeof(*r), GFP_KERNEL);
	unsigned long *ranges;
	unsigned long i;
	int num = 0, ret = -ENOMEM;

	if (!r)
		return -ENOMEM;
	r->pages = kcalloc(n, sizeof(*r->pages), GFP_KERNEL);
	ranges = kcalloc(n, sizeof(*ranges), GFP_KERNEL);
	if (!r->pages || !ranges)
		goto free;
	do {
		i = r->nr_pages;
		ret = get_user_pages_fast(addr + i * PAGE_SIZE, 1, 0,
					  r->pages + i);
		if (ret < 0)
			goto put;
		ret = -EINVAL;
		if (!is_usable(r->pages[i]))
			goto put;
		ret = add_range(&ranges, &num, page_to_pfn(r->pages[i]) << 12);
		if (ret)
			goto put;
		r->nr_pages++;
	} while (r->nr_pages < n);
	kfree(ranges);
	region_publish(r);
	return 0;
put:
	for (i = 0; i < r->nr_pages; i++)
		put_page(r->pages[i]);
free:
	kfree(ranges);
	kfree(r->pages);
	kfree(r);
	return ret;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: only some of the page references from 'get_user_pages_fast' are released; the others are lost here (and on another path) [pinlint-leak]
	// CHECK: :[[@LINE-2]]:{{.*}} warning: page references from 'get_user_pages_fast' are not released; put_page() is missing (and on another path) [pinlint-leak]
}

// In the generalised round the page is taken for the first of another array.
int FP_counted_ok(unsigned long addr, unsigned long n)
{
	struct region *r = kzalloc(sizeof(*r), GFP_KERNEL);
	unsigned long *ranges;
	unsigned long i;
	int num = 0, ret = -ENOMEM;

	if (!r)
		return -ENOMEM;
	r->pages = kcalloc(n, sizeof(*r->pages), GFP_KERNEL);
	ranges = kcalloc(n, sizeof(*ranges), GFP_KERNEL);
	if (!r->pages || !ranges)
		goto free;
	do {
		i = r->nr_pages;
		ret = get_user_pages_fast(addr + i * PAGE_SIZE, 1, 0,
					  r->pages + i);
		if (ret < 0)
			goto put;
		r->nr_pages++;
		ret = -EINVAL;
		if (!is_usable(r->pages[i]))
			goto put;
		ret = add_range(&ranges, &num, page_to_pfn(r->pages[i]) << 12);
		if (ret)
			goto put;
	} while (r->nr_pages < n);
	kfree(ranges);
	region_publish(r);
	return 0;
put:
	for (i = 0; i < r->nr_pages; i++)
		put_page(r->pages[i]);
free:
	kfree(ranges);
	kfree(r->pages);
	kfree(r);
	return ret;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: page references from 'get_user_pages_fast' are not released unless {{.*}} [pinlint-leak]
}
