// RUN: %check_pinlint 'pinlint-*'
// What the findings say, and the paths that they show.
#include "../Inputs/kernel.h"

int lost_page_bad(unsigned long addr, bool check)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	if (check)
		return -EINVAL;
	unpin_user_page(page);
	return 0;
}
// CHECK: :[[@LINE-4]]:3: warning: pinned pages from 'pin_user_pages_fast' are not released when 'check'; unpin_user_page() is missing [pinlint-leak]
// CHECK: :[[@LINE-8]]:6: note: pinned pages are acquired here by 'pin_user_pages_fast'
// CHECK: :[[@LINE-7]]:6: note: assuming 'check' is true
// CHECK: :[[@LINE-7]]:3: note: the path ends without unpin_user_page()

struct page *lookup(unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return NULL;
	return page;
}

int lost_from_callee_bad(unsigned long addr)
{
	struct page *page = lookup(addr);

	if (!page)
		return -EFAULT;
	return 0;
}
// CHECK: :[[@LINE-2]]:2: warning: page reference from 'lookup' is not released; put_page() is missing [pinlint-leak]
// CHECK: :[[@LINE-7]]:22: note: page reference is acquired here by 'lookup'
// CHECK: :[[@LINE-15]]:6: note: 'get_user_pages_fast' called here
// CHECK: :[[@LINE-5]]:2: note: the path ends without put_page()

int only_some_bad(unsigned long addr)
{
	struct page *pages[8];

	if (pin_user_pages_fast(addr, 8, 0, pages) != 8)
		BUG();
	unpin_user_pages(pages, 3);
	return 0;
}
// CHECK: :[[@LINE-2]]:2: warning: only some of the pinned pages from 'pin_user_pages_fast' are released; the others are lost here [pinlint-leak]
// CHECK: :[[@LINE-6]]:6: note: pinned pages are acquired here by 'pin_user_pages_fast'
// CHECK: :[[@LINE-5]]:2: note: 'unpin_user_pages' called here
// CHECK: :[[@LINE-5]]:2: note: the path ends without unpin_user_page()

int short_bad(unsigned long addr)
{
	struct page *pages[8];
	int n;

	n = pin_user_pages_fast(addr, 8, 0, pages);
	if (n < 8)
		return -EFAULT;
	unpin_user_pages(pages, 8);
	return 0;
}
// CHECK: :[[@LINE-4]]:3: warning: 'pin_user_pages_fast' may obtain fewer pinned pages than it was asked for; those that it did obtain are lost here [pinlint-partial-pin]
// CHECK: :[[@LINE-7]]:6: note: pinned pages are acquired here by 'pin_user_pages_fast'
// CHECK: :[[@LINE-7]]:6: note: assuming 'n < 8' is true
// CHECK: :[[@LINE-7]]:3: note: the path ends without unpin_user_page()

int kept_on_one_error_bad(struct buffer *buf, unsigned long addr, int mode)
{
	if (pin_user_pages_fast(addr, 1, 0, &buf->page) != 1)
		return -EFAULT;
	if (mode == 1) {
		unpin_user_page(buf->page);
		return -EINVAL;
	}
	if (mode == 2)
		return -EIO;
	return 0;
}
// CHECK: :[[@LINE-3]]:3: warning: pinned pages from 'pin_user_pages_fast' are kept on this error path, where the caller does not expect them [pinlint-leak]
// CHECK: :[[@LINE-11]]:6: note: pinned pages are acquired here by 'pin_user_pages_fast'
// CHECK: :[[@LINE-10]]:6: note: assuming 'mode == 1' is false
// CHECK: :[[@LINE-7]]:6: note: assuming 'mode == 2' is true
// CHECK: :[[@LINE-7]]:3: note: the function fails without unpin_user_page()

// What the next round replaces was lost in the round before: that is what is told
// of, not what the last round did.
bool is_needed(struct page *page);

int first_round_bad(unsigned long addr, int n, int last)
{
	struct page *page;
	int i;

	for (i = 0; i < n; i++) {
		if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
			return 0;
		// CHECK: :[[@LINE-1]]:{{.*}} are not released when 'i < n'; put_page() is missing
		if (!is_needed(page))
			continue;
		put_page(page);
		if (i == last)
			return -EFAULT;
		// CHECK: :[[@LINE-1]]:{{.*}} when '!is_needed(page)'; put_page() is missing
	}
	return 0;
}

// Where nothing has to be assumed, what is certain tells the way.
int certain_bad(unsigned long addr)
{
	struct page *page;
	int ret = pin_user_pages_fast(addr, 1, FOLL_WRITE, &page);

	if (ret == 1) {
		if (ret)
			return ret;
		// CHECK: :[[@LINE-1]]:4: warning: pinned pages from 'pin_user_pages_fast' are not released; unpin_user_page() is missing [pinlint-leak]
		// CHECK: note: pinned pages are acquired here
		// CHECK: note: 'ret == 1' is true here
		// CHECK: note: 'ret' is true here
		unpin_user_page(page);
	}
	return 0;
}
