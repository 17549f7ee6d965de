// RUN: %check_pinlint 'pinlint-*'
// Arrays of the caller or of an object that are filled piece by piece, arrays
// that a callee allocates, and loops that give back some elements.
#include "../Inputs/kernel.h"

struct table {
	struct page **pages;
	unsigned int num_pages;
};

struct batch {
	struct page **pages;
	unsigned int num_pages;
};

int map_table(struct table *t);
int keeps_still(struct page *page);
int isolate(struct page *page);
int transfer(struct page **pages, int n);

/* The pages stay in the table, or all of them go. */
int fill_ok(struct table *t, unsigned long addr)
{
	unsigned int pinned = 0;
	int ret;

	do {
		struct page **pages = t->pages + pinned;

		ret = get_user_pages(addr + pinned * PAGE_SIZE,
				     t->num_pages - pinned, 0, pages);
		if (ret < 0)
			goto release;
		pinned += ret;
	} while (pinned < t->num_pages);

	ret = map_table(t);
	if (ret)
		goto release;
	return 0;

release:
	release_pages(t->pages, pinned);
	return ret;
}

/* Those of earlier rounds stay where a later one fails. */
int fill_bad(unsigned long addr, unsigned int n)
{
	struct page **all = kvmalloc_array(n, sizeof(*all), GFP_KERNEL);
	unsigned int pinned = 0;
	int ret;

	if (!all)
		return -ENOMEM;
	do {
		struct page **pages = all + pinned;

		ret = get_user_pages(addr + pinned * PAGE_SIZE, n - pinned, 0,
				     pages);
		if (ret < 0) {
			kvfree(all);
			return ret;
			// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-
		}
		pinned += ret;
	} while (pinned < n);

	ret = transfer(all, pinned);
	release_pages(all, pinned);
	kvfree(all);
	return ret;
}

/* Into the caller's object, at a place that moves. */
int collect_ok(struct batch *b, struct iov_iter *iter, size_t *bytes,
	       unsigned int max)
{
	size_t done = 0;
	ssize_t ret = 0;

	while (done < *bytes && b->num_pages < max) {
		struct page **at = &b->pages[b->num_pages];
		size_t start;

		ret = iov_iter_extract_pages(iter, &at, *bytes - done,
					     max - b->num_pages, 0, &start);
		if (ret < 0)
			break;
		done += ret;
		ret += start;
		b->num_pages += DIV_ROUND_UP(ret, PAGE_SIZE);
	}
	*bytes = done;
	return ret < 0 ? ret : 0;
}

static void put_all(struct page **pages, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (pages[i])
			put_page(pages[i]);
}

/* The callee makes the array, and says whether the pages are referenced. */
static int get_mapped(struct page ***pages, struct iov_iter *iter, int len,
		      size_t *offset, bool *referenced)
{
	int n;

	if (!user_backed_iter(iter)) {
		*pages = kcalloc(len, sizeof(**pages), GFP_KERNEL);
		*referenced = false;
		return *pages ? len : -ENOMEM;
	}
	n = iov_iter_get_pages_alloc2(iter, pages, len, offset);
	if (n < 0)
		return n;
	*referenced = true;
	return n;
}

int mapped_ok(struct iov_iter *iter, int len)
{
	struct page **pages = NULL;
	bool referenced = false;
	size_t offset = 0;
	int nr = 0, ret;

	ret = get_mapped(&pages, iter, len, &offset, &referenced);
	if (ret < 0)
		goto out;
	nr = DIV_ROUND_UP(ret + offset, PAGE_SIZE);
	ret = transfer(pages, nr);
out:
	if (referenced && pages)
		put_all(pages, nr);
	kvfree(pages);
	return ret;
}

int mapped_bad(struct iov_iter *iter, int len)
{
	struct page **pages = NULL;
	bool referenced = false;
	size_t offset = 0;
	int nr, ret;

	ret = get_mapped(&pages, iter, len, &offset, &referenced);
	if (ret < 0)
		return ret;
	nr = DIV_ROUND_UP(ret + offset, PAGE_SIZE);
	ret = transfer(pages, nr);
	if (ret)
		goto out;
	if (referenced)
		put_all(pages, nr);
out:
	kvfree(pages);
	return ret;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

enum how { GET, GET_FAST, PIN };

static void give_back(enum how how, struct page **pages, unsigned long n)
{
	switch (how) {
	case GET:
	case GET_FAST:
		put_all(pages, n);
		break;
	case PIN:
		unpin_user_pages(pages, n);
		break;
	}
}

/* As they were obtained. */
int by_kind_ok(enum how how, struct page **pages, unsigned long addr,
	       unsigned long n)
{
	unsigned long i = 0;
	long got;

	while (i < n) {
		switch (how) {
		case GET:
			got = get_user_pages(addr, n - i, 0, pages + i);
			break;
		case GET_FAST:
			got = get_user_pages_fast(addr, n - i, 0, pages + i);
			break;
		case PIN:
			got = pin_user_pages(addr, n - i, 0, pages + i);
			break;
		default:
			return -EINVAL;
		}
		if (got <= 0)
			break;
		i += got;
	}
	give_back(how, pages, i);
	return 0;
}

/* The other way round. */
int by_kind_bad(struct page **pages, unsigned long addr)
{
	long got = pin_user_pages(addr, 8, 0, pages);

	if (got <= 0)
		return -EFAULT;
	give_back(GET, pages, got);
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-mismatched-release]
	return 0;
}

/* Those that cannot be used go at once, the others later. */
int some_go_early_ok(struct page **pages, unsigned long addr, int n)
{
	int i;

	n = get_user_pages_fast(addr, n, 0, pages);
	if (n < 0)
		return n;
	for (i = 0; i < n; i++) {
		if (!keeps_still(pages[i])) {
			put_page(pages[i]);
			pages[i] = NULL;
			continue;
		}
		if (!isolate(pages[i])) {
			put_page(pages[i]);
			pages[i] = NULL;
		}
	}
	transfer(pages, n);
	put_all(pages, n);
	return 0;
}

/* All of them twice. */
int all_twice_bad(struct page **pages, unsigned long addr, int n)
{
	n = get_user_pages_fast(addr, n, 0, pages);
	if (n <= 0)
		return n;
	put_all(pages, n);
	release_pages(pages, n);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'release_pages' releases a page reference that was released before [pinlint-over-release]
	return 0;
}
