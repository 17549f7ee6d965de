// RUN: %check_pinlint pinlint-over-release
// Released twice, or more than was obtained.
#include "../Inputs/kernel.h"

int inline_and_label_bad(struct request *rq, unsigned long addr)
{
	struct page *page;
	int ret;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	ret = map_request(rq, page);
	if (ret) {
		unpin_user_page(page);
		goto out;
	}
	run_request(rq);
out:
	unpin_user_page(page);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'unpin_user_page' releases a pinned page that was released before [pinlint-over-release]
	return ret;
}

int label_only_ok(struct request *rq, unsigned long addr)
{
	struct page *page;
	int ret;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	ret = map_request(rq, page);
	if (ret)
		goto out;
	run_request(rq);
out:
	unpin_user_page(page);
	return ret;
}

int requested_bad(unsigned long addr, int n, struct page **pages)
{
	int got = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (got <= 0)
		return -EFAULT;
	unpin_user_pages(pages, n);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'unpin_user_pages' releases more pinned pages than 'pin_user_pages_fast' obtained
	return 0;
}

int obtained_ok(unsigned long addr, int n, struct page **pages)
{
	int got = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (got <= 0)
		return -EFAULT;
	unpin_user_pages(pages, got);
	return 0;
}

int one_too_many_bad(unsigned long addr, int n, struct page **pages)
{
	int i, got = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (got <= 0)
		return -EFAULT;
	for (i = 0; i <= got; i++)
		unpin_user_page(pages[i]);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'unpin_user_page' releases more pinned pages than
	return 0;
}

int in_two_parts_ok(unsigned long addr, int n, struct page **pages)
{
	int got = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (got <= 1)
		goto out;
	unpin_user_pages(pages, 1);
	unpin_user_pages(pages + 1, got - 1);
	return 0;
out:
	if (got == 1)
		unpin_user_page(pages[0]);
	return -EFAULT;
}
