// RUN: %check_pinlint pinlint-over-release
// What is given back although the call that should have obtained it has failed.
#include "../Inputs/kernel.h"

long after_failure_bad(unsigned long addr, int n, struct page **pages)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (ret <= 0) {
		unpin_user_pages(pages, n);
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'unpin_user_pages' releases pinned pages that 'pin_user_pages_fast' has not obtained: it failed [pinlint-over-release]
		return -EFAULT;
	}
	unpin_user_pages(pages, ret);
	return 0;
}

long one_after_failure_bad(unsigned long addr, struct page **pages)
{
	int ret = pin_user_pages_fast(addr, 1, FOLL_WRITE, pages);

	if (ret != 1) {
		unpin_user_page(pages[0]);
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'unpin_user_page' releases pinned pages that 'pin_user_pages_fast' has not obtained: it failed [pinlint-over-release]
		return -EFAULT;
	}
	unpin_user_page(pages[0]);
	return 0;
}

// A negative number is larger than any that is unsigned.
long compared_unsigned_bad(unsigned long addr, unsigned int n,
			   struct page **pages)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (ret < n) {
		if (ret > 0)
			unpin_user_pages(pages, ret);
		return -EFAULT;
	}
	unpin_user_pages(pages, n);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'unpin_user_pages' releases pinned pages that 'pin_user_pages_fast' has not obtained: it failed [pinlint-over-release]
	// CHECK: note: assuming that 'pin_user_pages_fast' fails here
	// CHECK: note: what was in the array before is released here; compared with 'n', which is unsigned, an error is a large number
	return 0;
}

long compared_signed_ok(unsigned long addr, unsigned int n,
			struct page **pages)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (ret < (int)n) {
		if (ret > 0)
			unpin_user_pages(pages, ret);
		return -EFAULT;
	}
	unpin_user_pages(pages, ret);
	return 0;
}

long clamped_ok(unsigned long addr, int n, struct page **pages)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (ret < n) {
		n = ret < 0 ? 0 : ret;
		ret = -EFAULT;
	}
	unpin_user_pages(pages, n);
	return ret;
}

long negative_bound_ok(unsigned long addr, int n, struct page **pages)
{
	int i, ret = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	for (i = 0; i < ret; i++)
		unpin_user_page(pages[i]);
	return ret;
}

long second_try_ok(unsigned long addr, int n, struct page **pages)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (ret <= 0)
		ret = pin_user_pages_fast(addr, n, 0, pages);
	if (ret <= 0)
		return -EFAULT;
	unpin_user_pages(pages, ret);
	return 0;
}

int fill(struct page **pages, int n);

// What a function that is not known has put there may be pinned.
long filled_by_others_ok(unsigned long addr, int n, struct page **pages)
{
	int ret = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (ret <= 0) {
		if (fill(pages, n))
			return -EFAULT;
		unpin_user_pages(pages, n);
		return 0;
	}
	unpin_user_pages(pages, ret);
	return 0;
}

// The earlier rounds' pages are given back, not those of the round that failed.
long in_steps_ok(unsigned long addr, int n, struct page **pages)
{
	int ret, pinned = 0;

	while (pinned < n) {
		ret = pin_user_pages_fast(addr, n - pinned, FOLL_WRITE,
					  pages + pinned);
		if (ret <= 0) {
			unpin_user_pages(pages, pinned);
			return -EFAULT;
		}
		pinned += ret;
	}
	unpin_user_pages(pages, pinned);
	return 0;
}
