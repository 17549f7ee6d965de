// RUN: %check_pinlint pinlint-leak
// Pointers that have been looked into before they are compared with NULL.
#include "../Inputs/kernel.h"

int start(struct page *page);

int filled_ok(unsigned long at, struct page **pages)
{
	int ret;

	pages[0] = NULL;
	ret = pin_user_pages_fast(at, 1, 0, pages);
	if (ret != 1)
		return ret < 0 ? ret : -EFAULT;
	ret = start(pages[0]);
	if (ret && pages)
		unpin_user_page(pages[0]);
	return ret;
}

int other_bad(unsigned long at, struct page **pages, int *state)
{
	int ret = pin_user_pages_fast(at, 1, 0, pages);

	if (ret != 1)
		return ret < 0 ? ret : -EFAULT;
	ret = start(pages[0]);
	if (ret && state)
		unpin_user_page(pages[0]);
	return ret;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: pinned pages from 'pin_user_pages_fast' are kept on this error path
}
