// RUN: %check_pinlint 'pinlint-*'
// Handles that a callee copies to where others have them, and what a call that
// has obtained some says about the number that was asked for.
#include "../Inputs/kernel.h"

struct segment {
	struct page *page;
	unsigned int len;
};

struct payload {
	struct segment *segments;
	int count;
};

struct payload *payload_alloc(void *owner, int count);

static int copy_segments(void *owner, struct segment *segments, int count)
{
	struct payload *p = payload_alloc(owner, count);

	if (!p)
		return -ENOMEM;
	__builtin_memcpy(p->segments, segments, count * sizeof(*segments));
	p->count = count;
	return 0;
}

static int look_at_segments(struct request *rq, struct segment *segments,
			    int count)
{
	struct segment mine[8];

	if (count > 8)
		return -EINVAL;
	__builtin_memcpy(mine, segments, count * sizeof(*segments));
	return map_request(rq, mine[0].page);
}

static int move_pages(struct segment *segments, struct page **pages, int count)
{
	int i;

	for (i = 0; i < count; i++)
		segments[i].page = pages[i];
	return count;
}

static void unpin_segments(struct segment *segments, int count)
{
	int i;

	for (i = 0; i < count; i++)
		unpin_user_page(segments[i].page);
}

int copied_by_callee_ok(unsigned long addr, void *owner, int n)
{
	struct page *pages[8];
	struct segment segments[8];
	int ret;

	if (n > 8)
		return -EINVAL;
	ret = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);
	if (ret != n) {
		if (ret > 0)
			unpin_user_pages(pages, ret);
		return -EFAULT;
	}
	move_pages(segments, pages, n);
	ret = copy_segments(owner, segments, n);
	if (ret)
		unpin_segments(segments, n);
	return ret;
}

int copied_for_itself_bad(struct request *rq, unsigned long addr, int n)
{
	struct page *pages[8];
	struct segment segments[8];
	int ret;

	if (n > 8)
		return -EINVAL;
	ret = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);
	if (ret != n) {
		if (ret > 0)
			unpin_user_pages(pages, ret);
		return -EFAULT;
	}
	move_pages(segments, pages, n);
	ret = look_at_segments(rq, segments, n);
	if (ret < 0)
		return ret;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: pinned pages from 'pin_user_pages_fast' are not released {{.*}} [pinlint-leak]
	unpin_segments(segments, n);
	return ret;
}

int some_were_asked_for_ok(struct iov_iter *iter, unsigned int n)
{
	struct page *stack[8], **pages = stack;
	size_t off;
	ssize_t ret;
	unsigned int i;

	if (n > 8)
		return -EINVAL;
	ret = iov_iter_extract_pages(iter, &pages, 8 * PAGE_SIZE, n, 0, &off);
	if (ret <= 0)
		return ret;
	if (n && iov_iter_extract_will_pin(iter))
		for (i = 0; i < DIV_ROUND_UP(off + ret, PAGE_SIZE); i++)
			unpin_user_page(pages[i]);
	return 0;
}
