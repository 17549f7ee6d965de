/* pinlint: ignore(pinlint-leak): all of this file is a test */
// RUN: %check_pinlint 'pinlint-leak,pinlint-partial-pin,pinlint-suppression'
#include "../Inputs/kernel.h"

int leak_ok(unsigned long addr, struct page *page)
{
	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	return 0;
}

// Only what the comment names is silent.
int partial_bad(unsigned long addr, struct page **pages)
{
	struct page *some[2];

	if (pin_user_pages_fast(addr, 2, 0, some) != 2)
		return -EFAULT;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'pin_user_pages_fast' may obtain fewer
	unpin_user_pages(some, 2);
	return 0;
}
