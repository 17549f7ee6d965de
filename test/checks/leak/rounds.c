// RUN: %check_pinlint pinlint-leak
// What a callee collected in rounds is one thing to its callers, however many
// rounds it took.
#include "../Inputs/kernel.h"

struct vec {
	struct page *page;
};
int iov_iter_npages(const struct iov_iter *i, int maxpages);
int run(struct device *dev);

static ssize_t collect(struct iov_iter *iter, size_t maxsize, struct vec *v)
{
	size_t size = 0;
	int n = 0;

	while (size < maxsize) {
		struct page *pages[64];
		ssize_t bytes;
		size_t start;
		int i;

		bytes = iov_iter_get_pages2(iter, pages, maxsize - size, 64,
					    &start);
		if (bytes < 0)
			return size ? (ssize_t)size : bytes;
		size += bytes;
		for (i = 0; i < DIV_ROUND_UP(bytes + start, PAGE_SIZE); i++)
			v[n++].page = pages[i];
	}
	return size;
}

static ssize_t collect_alloc(struct iov_iter *iter, size_t maxsize,
			     struct vec **vecs, int *n)
{
	int npages = iov_iter_npages(iter, 1000000);
	struct vec *v = kvmalloc_array(npages, sizeof(*v), GFP_KERNEL);
	ssize_t bytes;

	if (!v)
		return -ENOMEM;
	bytes = collect(iter, maxsize, v);
	if (bytes < 0) {
		kvfree(v);
		return bytes;
	}
	*vecs = v;
	*n = npages;
	return bytes;
}

static void put_vecs(struct vec *v, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (v[i].page)
			put_page(v[i].page);
	kvfree(v);
}

#define COPY(LAST)                                                             \
	struct vec *from, *to, *tag;                                           \
	int from_n, to_n, tag_n, ret;                                          \
	ssize_t len;                                                           \
                                                                               \
	len = collect_alloc(src, size, &from, &from_n);                        \
	if (len <= 0)                                                          \
		return len;                                                    \
	ret = collect_alloc(dst, size, &to, &to_n);                            \
	if (ret <= 0)                                                          \
		goto put_from;                                                 \
	ret = collect_alloc(tags, size, &tag, &tag_n);                         \
	if (ret <= 0)                                                          \
		goto put_to;                                                   \
	ret = run(dev);                                                        \
	put_vecs(tag, tag_n);                                                  \
put_to:                                                                        \
	put_vecs(to, to_n);                                                    \
put_from:                                                                      \
	LAST;                                                                  \
	return ret

int copy_bad(struct device *dev, struct iov_iter *src, struct iov_iter *dst,
	     struct iov_iter *tags, size_t size)
{
	COPY();
	// CHECK: :[[@LINE-1]]:{{[0-9]+}}: warning: page references from 'collect_alloc' are not released
}

int copy_ok(struct device *dev, struct iov_iter *src, struct iov_iter *dst,
	    struct iov_iter *tags, size_t size)
{
	COPY(put_vecs(from, from_n));
}

// What a function puts into an object that it looked up is not its caller's.

struct ring {
	struct vec slots[16];
	unsigned int head;
};
struct file;
struct ring *ring_of(struct file *file);
int type_of(struct file *file);

static ssize_t fill_ring(struct iov_iter *iter, struct ring *ring)
{
	struct page *pages[16];
	size_t start;
	ssize_t bytes;
	int i;

	bytes = iov_iter_get_pages2(iter, pages, ~0UL, 16, &start);
	if (bytes <= 0)
		return bytes;
	for (i = 0; i < DIV_ROUND_UP(bytes + start, PAGE_SIZE); i++)
		ring->slots[ring->head++ & 15].page = pages[i];
	return bytes;
}

static ssize_t fill_file(struct file *file, struct iov_iter *iter)
{
	struct ring *ring = ring_of(file);

	if (!ring)
		return -EINVAL;
	return fill_ring(iter, ring);
}

ssize_t write_file_ok(struct file *file, struct iov_iter *iter)
{
	ssize_t ret = type_of(file);

	if (ret)
		return ret;
	ret = fill_file(file, iter);
	return ret;
}
