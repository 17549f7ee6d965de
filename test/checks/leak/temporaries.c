// RUN: %check_pinlint pinlint-leak
// What is made of a member of what a call returns is as good as any other value.
#include "../Inputs/kernel.h"

struct range {
	int count;
	unsigned int flags;
};

static inline struct range range_of(const struct range *r)
{
	return *r;
}

int first_ok(unsigned long addr, const struct range *r)
{
	struct page *page;
	int got = get_user_pages_fast(addr, 1, range_of(r).flags, &page);

	if (got != 1)
		return -EFAULT;
	put_page(page);
	return 0;
}

int first_bad(unsigned long addr, const struct range *r)
{
	struct page *page;
	int got = get_user_pages_fast(addr, 1, range_of(r).flags, &page);

	if (got == 1)
		return 0;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: page references from 'get_user_pages_fast' are not released
	return -EFAULT;
}

int counted_ok(unsigned long addr, const struct range *r, struct page **pages)
{
	int got = get_user_pages_fast(addr, range_of(r).count,
				      range_of(r).flags, pages);
	int i;

	if (got == range_of(r).count)
		return 0;
	for (i = 0; i < got; i++)
		put_page(pages[i]);
	return -EFAULT;
}
