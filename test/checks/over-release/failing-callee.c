// RUN: %check_pinlint pinlint-over-release
// A call that takes a page over, or gives it back where it fails.
#include "../Inputs/kernel.h"

struct pipe_inode_info;
struct pipe_buffer {
	struct page *page;
	unsigned int len;
};
long iov_iter_get_pages2(struct iov_iter *i, struct page **pages,
			 size_t maxsize, unsigned int maxpages, size_t *start);
long add_to_pipe(struct pipe_inode_info *pipe, struct pipe_buffer *buf);

int failed_one_again_bad(struct iov_iter *from, struct pipe_inode_info *pipe)
{
	struct page *pages[16];
	struct pipe_buffer buf;
	size_t start;
	long left = iov_iter_get_pages2(from, pages, ~0UL, 16, &start);
	int i, n, ret;

	if (left <= 0)
		return left;
	n = (left + start + PAGE_SIZE - 1) / PAGE_SIZE;
	for (i = 0; i < n; i++) {
		buf.page = pages[i];
		ret = add_to_pipe(pipe, &buf);
		if (ret < 0) {
			while (i < n)
				// CHECK: failing-callee.c:[[@LINE+1]]:5: warning: 'put_page' releases a page reference that was released before [pinlint-over-release]
				put_page(pages[i++]);
			// CHECK: note: first released here by 'add_to_pipe'
			return ret;
		}
	}
	return 0;
}

int others_ok(struct iov_iter *from, struct pipe_inode_info *pipe)
{
	struct page *pages[16];
	struct pipe_buffer buf;
	size_t start;
	long left = iov_iter_get_pages2(from, pages, ~0UL, 16, &start);
	int i, n, ret;

	if (left <= 0)
		return left;
	n = (left + start + PAGE_SIZE - 1) / PAGE_SIZE;
	for (i = 0; i < n; i++) {
		buf.page = pages[i];
		ret = add_to_pipe(pipe, &buf);
		if (ret < 0) {
			while (++i < n)
				put_page(pages[i]);
			return ret;
		}
	}
	return 0;
}
