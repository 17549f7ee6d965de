// RUN: %check_pinlint pinlint-mismatched-release
// A release of the wrong kind in one function.
#include "../Inputs/kernel.h"

int put_of_pin_bad(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	put_page(page);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'put_page' does not give back what 'pin_user_pages_fast' obtained: a pinned page needs unpin_user_page() [pinlint-mismatched-release]
	return 0;
}

int unpin_of_get_bad(unsigned long addr, int n, struct page **pages)
{
	int got = get_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (got <= 0)
		return -EFAULT;
	unpin_user_pages(pages, got);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'unpin_user_pages' does not give back what 'get_user_pages_fast' obtained
	return 0;
}

int put_of_get_ok(unsigned long addr, int n, struct page **pages)
{
	int i, got = get_user_pages_fast(addr, n, FOLL_WRITE, pages);

	for (i = 0; i < got; i++)
		put_page(pages[i]);
	return 0;
}

int free_of_pin_bad(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	__free_page(page);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: '__free_page' does not give back what
	return 0;
}

// Both kinds have their own release.
int by_flag_ok(unsigned long addr, bool pin)
{
	struct page *page;
	int got;

	if (pin)
		got = pin_user_pages_fast(addr, 1, FOLL_WRITE, &page);
	else
		got = get_user_pages_fast(addr, 1, FOLL_WRITE, &page);
	if (got != 1)
		return -EFAULT;
	if (pin)
		unpin_user_page(page);
	else
		put_page(page);
	return 0;
}

int by_wrong_flag_bad(unsigned long addr, bool pin)
{
	struct page *page;
	int got;

	if (pin)
		got = pin_user_pages_fast(addr, 1, FOLL_WRITE, &page);
	else
		got = get_user_pages_fast(addr, 1, FOLL_WRITE, &page);
	if (got != 1)
		return -EFAULT;
	if (!pin)
		unpin_user_page(page);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'unpin_user_page' does not give back what 'get_user_pages_fast' obtained
	else
		put_page(page);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'put_page' does not give back what 'pin_user_pages_fast' obtained
	return 0;
}

/* Who frees a page puts it: what another one holds stays. */
void freed_reference_ok(struct page *page)
{
	get_page(page);
	use_pages(&page, 1);
	__free_page(page);
}
