// RUN: %check_pinlint 'pinlint-*'
// Ranges that are pinned piece by piece.
#include "../Inputs/kernel.h"

int accumulate_ok(unsigned long addr, int nr)
{
	struct page **pages;
	int pinned = 0, ret;

	pages = kvmalloc_array(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	do {
		ret = pin_user_pages_fast(addr + pinned * PAGE_SIZE,
					  nr - pinned, FOLL_WRITE,
					  pages + pinned);
		if (ret < 0) {
			unpin_user_pages(pages, pinned);
			kvfree(pages);
			return ret;
		}
		pinned += ret;
	} while (pinned < nr);
	use_pages(pages, nr);
	unpin_user_pages(pages, nr);
	kvfree(pages);
	return 0;
}

/* The rounds before the one that failed are forgotten. */
int accumulate_bad(unsigned long addr, int nr)
{
	struct page **pages;
	int pinned = 0, ret;

	pages = kvmalloc_array(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	do {
		ret = pin_user_pages_fast(addr + pinned * PAGE_SIZE,
					  nr - pinned, FOLL_WRITE,
					  pages + pinned);
		if (ret < 0) {
			kvfree(pages);
			return ret;
			// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
		}
		pinned += ret;
	} while (pinned < nr);
	unpin_user_pages(pages, nr);
	kvfree(pages);
	return 0;
}

int accumulate_until_error_ok(unsigned long addr, unsigned long nr)
{
	struct page **pages;
	unsigned long got = 0;
	long n = 0;

	pages = kvmalloc_array(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	while (got < nr) {
		n = pin_user_pages(addr + got * PAGE_SIZE, nr - got, 0,
				   &pages[got]);
		if (n <= 0)
			break;
		got += n;
	}
	if (got == nr)
		use_pages(pages, got);
	unpin_user_pages(pages, got);
	kvfree(pages);
	return got == nr ? 0 : -EFAULT;
}

int accumulate_for_caller_ok(unsigned long addr, unsigned long nr,
			     struct page **pages)
{
	unsigned long got;
	long n;

	for (got = 0; got < nr; got += n) {
		n = pin_user_pages(addr + got * PAGE_SIZE, nr - got, 0,
				   pages + got);
		if (n < 0)
			goto bail;
	}
	return 0;
bail:
	unpin_user_pages(pages, got);
	return n;
}

/* Each piece is done with before the next one. */
int chunks_ok(unsigned long addr, unsigned long nr)
{
	struct page *pages[16];
	unsigned long todo;
	int n;

	while (nr) {
		todo = min(nr, ARRAY_SIZE(pages));
		n = pin_user_pages_fast(addr, todo, 0, pages);
		if (n <= 0)
			return n ? n : -EFAULT;
		use_pages(pages, n);
		unpin_user_pages(pages, n);
		addr += n * PAGE_SIZE;
		nr -= n;
	}
	return 0;
}

int chunks_bad(unsigned long addr, unsigned long nr)
{
	struct page *pages[16];
	unsigned long todo;
	int n;

	while (nr) {
		todo = min(nr, ARRAY_SIZE(pages));
		n = pin_user_pages_fast(addr, todo, 0, pages);
		if (n != todo)
			return -EFAULT;
		// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-partial-pin]
		use_pages(pages, n);
		unpin_user_pages(pages, n);
		addr += n * PAGE_SIZE;
		nr -= n;
	}
	return 0;
}

int map_one(unsigned long iova, u64 phys);

/* A chunk whose middle cannot be mapped: the rest of it goes back. */
int slice_release_ok(unsigned long addr, unsigned long nr, unsigned long iova)
{
	struct page *pages[16];
	long n, i;
	int ret;

	n = pin_user_pages(addr, 16, FOLL_WRITE, pages);
	if (n <= 0)
		return n ? n : -EFAULT;
	for (i = 0; i < n; i++) {
		ret = map_one(iova + i * PAGE_SIZE, page_to_phys(pages[i]));
		if (ret) {
			unpin_user_pages(pages + i, n - i);
			unpin_user_pages(pages, i);
			return ret;
		}
	}
	use_pages(pages, n);
	unpin_user_pages(pages, n);
	return 0;
}

/* The page that cannot be mapped is in neither part. */
int slice_release_bad(unsigned long addr, unsigned long iova)
{
	struct page *pages[16];
	long n, i;
	int ret;

	n = pin_user_pages(addr, 16, FOLL_WRITE, pages);
	if (n <= 0)
		return n ? n : -EFAULT;
	for (i = 0; i < n; i++) {
		ret = map_one(iova + i * PAGE_SIZE, page_to_phys(pages[i]));
		if (ret) {
			unpin_user_pages(&pages[i + 1], n - i - 1);
			return ret;
			// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
		}
	}
	unpin_user_pages(pages, n);
	return 0;
}

/* An attempt that fell short is released before the next attempt. */
int retry_ok(unsigned long addr)
{
	struct page *pages[4];
	int n;

again:
	n = pin_user_pages_fast(addr, 4, FOLL_WRITE, pages);
	if (n < 0)
		return n;
	if (n < 4) {
		unpin_user_pages(pages, n);
		goto again;
	}
	use_pages(pages, 4);
	unpin_user_pages(pages, 4);
	return 0;
}

int retry_bad(unsigned long addr)
{
	struct page *pages[4];
	int n;

again:
	n = pin_user_pages_fast(addr, 4, FOLL_WRITE, pages);
	if (n < 0)
		return n;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-partial-pin]
	if (n < 4)
		goto again;
	use_pages(pages, 4);
	unpin_user_pages(pages, 4);
	return 0;
}
