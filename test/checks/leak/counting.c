// RUN: %check_pinlint 'pinlint-*'
// Loops and what they count.
#include "../Inputs/kernel.h"

void *map_pages(struct page *const *pages, int n);
int add_region(struct page *const *page);
bool fits(int len);

/* The loop that gives back is bounded by a number that is still zero. */
int other_count_bad(unsigned long addr, int nr, struct page **pages)
{
	int regions = 0, i, got, ret;

	pages = kcalloc(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	got = pin_user_pages_fast(addr, nr, FOLL_WRITE, pages);
	if (got < 0) {
		ret = got;
		goto free;
	}
	if (got != nr) {
		ret = -EFAULT;
		goto put;
	}
	for (i = 0; i < nr; i++) {
		ret = add_region(&pages[i]);
		if (ret)
			goto put;
		regions++;
	}
put:
	for (i = 0; i < regions; i++)
		unpin_user_page(pages[i]);
free:
	kfree(pages);
	return ret;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-
}

/* The comparison is what the callee returns. */
static bool valid_length(int len)
{
	return len <= 512;
}

int compares_in_callee_bad(unsigned long addr, int len)
{
	struct page *page;

	if (!valid_length(len))
		return -EINVAL;
	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	if (fits(len)) {
		put_page(page);
		return 0;
	}
	return -EIO;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

/* Each round replaces the page of the round before. */
int replaced_in_loop_bad(unsigned long addr, int n)
{
	struct page *page, *last = NULL;
	int ret = -EFAULT;

	while (n-- > 0) {
		if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
			goto out;
		last = page;
		addr += PAGE_SIZE;
	}
	ret = 0;
out:
	if (last)
		put_page(last);
	return ret;
	// CHECK: :[[@LINE-1]]:{{.*}} not released when 'n-- > 0'; put_page() is missing [pinlint-leak]
}

int replaced_in_loop_ok(unsigned long addr, int n)
{
	struct page *page, *last = NULL;
	int ret = -EFAULT;

	while (n-- > 0) {
		if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
			goto out;
		if (last)
			put_page(last);
		last = page;
		addr += PAGE_SIZE;
	}
	ret = 0;
out:
	if (last)
		put_page(last);
	return ret;
}

/* As many as there are. */
int no_limit_bad(struct iov_iter *iter)
{
	struct page *pages[16];
	size_t offset;
	ssize_t bytes;

	bytes = iov_iter_get_pages2(iter, pages, ~0UL, 16, &offset);
	if (bytes <= 0)
		return bytes;
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

/* The offset into the first page does not count. */
int offset_forgotten_bad(struct iov_iter *iter, size_t len)
{
	struct page *pages[16];
	size_t offset;
	ssize_t bytes;
	int n, i;

	bytes = iov_iter_get_pages2(iter, pages, len, 16, &offset);
	if (bytes <= 0)
		return bytes;
	n = DIV_ROUND_UP(bytes, PAGE_SIZE);
	for (i = 0; i < n; i++)
		put_page(pages[i]);
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-
}

/* A range of frame numbers is remembered by its first and its length. */
struct range {
	unsigned long first, count;
};

int ranges_ok(unsigned long addr, struct range *range, long n)
{
	struct page *pages[8];
	long got, i;

	range->count = 0;
	while (n > 0) {
		got = pin_user_pages(addr, 8, FOLL_WRITE, pages);
		if (got != 8) {
			if (got > 0)
				unpin_user_pages(pages, got);
			return -EFAULT;
		}
		for (i = 0; i < got; i++) {
			unsigned long pfn = page_to_pfn(pages[i]);

			if (!range->count) {
				range->first = pfn;
			} else if (pfn != range->first + range->count) {
				unpin_user_pages(&pages[i], got - i);
				return 0;
			}
			range->count++;
		}
		n -= got;
		addr += got * PAGE_SIZE;
	}
	return 0;
}

/* Pages in the caller's list of segments are his. */
struct segment {
	unsigned long page;
	unsigned int length;
};

static void set_segment(struct segment *segment, struct page *page)
{
	segment->page = (segment->page & 3) | (unsigned long)page;
	segment->length = PAGE_SIZE;
}

struct command {
	struct page *pages[16];
	struct segment segments[128];
};

static int fill_segments(struct command *cmd, struct iov_iter *iter,
			 struct segment *segment)
{
	size_t offset;
	ssize_t bytes;
	int n = 0;

	bytes = iov_iter_get_pages2(iter, cmd->pages, 65536, 16, &offset);
	if (bytes <= 0)
		return bytes < 0 ? bytes : -EFAULT;
	while (bytes > 0) {
		size_t len = min_t(size_t, PAGE_SIZE - offset, bytes);

		set_segment(segment++, cmd->pages[n++]);
		bytes -= len;
		offset = 0;
	}
	return n;
}

int segments_ok(struct command *cmd, struct iov_iter *iter)
{
	struct segment *segment = cmd->segments;

	while (iter->count) {
		int ret = fill_segments(cmd, iter, segment);

		if (ret < 0)
			return ret;
		segment += ret;
	}
	return 0;
}
