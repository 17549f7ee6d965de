// RUN: %check_pinlint 'pinlint-*'
// Iterators: results in bytes, pages that are pinned, referenced or only lent,
// bios that own pages.
#include "../Inputs/kernel.h"

int prepare(void);

int references_ok(struct iov_iter *iter, size_t len)
{
	struct page *pages[16];
	size_t offset;
	ssize_t bytes;
	int n, i;

	bytes = iov_iter_get_pages2(iter, pages, len, 16, &offset);
	if (bytes <= 0)
		return bytes;
	n = DIV_ROUND_UP(offset + bytes, PAGE_SIZE);
	use_pages(pages, n);
	for (i = 0; i < n; i++)
		put_page(pages[i]);
	return 0;
}

int references_bad(struct iov_iter *iter, size_t len)
{
	struct page *pages[16];
	size_t offset;
	ssize_t bytes;
	int n, i;

	bytes = iov_iter_get_pages2(iter, pages, len, 16, &offset);
	if (bytes <= 0)
		return bytes;
	if (bytes < len)
		return -EFAULT;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-
	n = DIV_ROUND_UP(offset + bytes, PAGE_SIZE);
	for (i = 0; i < n; i++)
		put_page(pages[i]);
	return 0;
}

/* These pages are referenced, not pinned. */
int references_unpinned_bad(struct iov_iter *iter)
{
	struct page *page;
	size_t offset;

	if (iov_iter_get_pages2(iter, &page, PAGE_SIZE, 1, &offset) <= 0)
		return -EFAULT;
	unpin_user_page(page);
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-mismatched-release]
	return 0;
}

/* Pages, counted as in mm: (offset + bytes + PAGE_SIZE - 1) / PAGE_SIZE. */
int counted_by_shift_ok(struct iov_iter *iter)
{
	struct page *pages[16];
	size_t offset;
	ssize_t bytes;
	unsigned int n;

	bytes = iov_iter_get_pages2(iter, pages, PAGE_SIZE * 16, 16, &offset);
	if (bytes < 0)
		return bytes;
	n = (bytes + offset + PAGE_SIZE - 1) >> PAGE_SHIFT;
	while (n--)
		put_page(pages[n]);
	return 0;
}

int allocated_array_ok(struct iov_iter *iter, size_t len)
{
	struct page **pages;
	size_t offset;
	ssize_t bytes;

	bytes = iov_iter_get_pages_alloc2(iter, &pages, len, &offset);
	if (bytes <= 0)
		return bytes;
	release_pages(pages, DIV_ROUND_UP(bytes + offset, PAGE_SIZE));
	kvfree(pages);
	return 0;
}

int allocated_array_bad(struct iov_iter *iter, size_t len)
{
	struct page **pages;
	size_t offset;
	ssize_t bytes;

	bytes = iov_iter_get_pages_alloc2(iter, &pages, len, &offset);
	if (bytes <= 0)
		return bytes;
	kvfree(pages);
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

/* The iterator says whether its pages are pinned. */
int extracted_ok(struct iov_iter *iter, size_t len)
{
	struct page *array[16], **pages = array;
	size_t offset;
	ssize_t bytes;

	bytes = iov_iter_extract_pages(iter, &pages, len, 16, 0, &offset);
	if (bytes <= 0)
		return bytes;
	use_pages(pages, 1);
	if (iov_iter_extract_will_pin(iter))
		unpin_user_pages(pages,
				 DIV_ROUND_UP(offset + bytes, PAGE_SIZE));
	return 0;
}

int extracted_bad(struct iov_iter *iter, size_t len, bool check)
{
	struct page *array[16], **pages = array;
	size_t offset;
	ssize_t bytes;

	bytes = iov_iter_extract_pages(iter, &pages, len, 16, 0, &offset);
	if (bytes <= 0)
		return bytes;
	if (check)
		return -EINVAL;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-
	if (iov_iter_extract_will_pin(iter))
		unpin_user_pages(pages,
				 DIV_ROUND_UP(offset + bytes, PAGE_SIZE));
	return 0;
}

/* As above; the answer is asked for first. */
int will_pin_asked_before_ok(struct iov_iter *iter, size_t len)
{
	struct page *array[16], **pages = array;
	bool need_unpin = iov_iter_extract_will_pin(iter);
	size_t offset;
	ssize_t bytes;

	bytes = iov_iter_extract_pages(iter, &pages, len, 16, 0, &offset);
	if (bytes <= 0)
		return bytes;
	if (need_unpin)
		unpin_user_pages(pages,
				 DIV_ROUND_UP(offset + bytes, PAGE_SIZE));
	return 0;
}

/* As above: only user memory is pinned; the others lend their pages. */
int lent_pages_ok(struct iov_iter *iter, size_t len)
{
	struct page *array[16], **pages = array;
	size_t offset;
	ssize_t bytes;

	if (user_backed_iter(iter))
		return -EINVAL;
	bytes = iov_iter_extract_pages(iter, &pages, len, 16, 0, &offset);
	if (bytes <= 0)
		return bytes;
	use_pages(pages, 1);
	return 0;
}

int all_bytes_in_loop_ok(struct iov_iter *iter)
{
	struct page *pages[8];
	size_t offset;
	ssize_t bytes;
	int i, n;

	while (iter->count) {
		bytes = iov_iter_get_pages2(iter, pages, iter->count, 8,
					    &offset);
		if (bytes <= 0)
			return bytes ? bytes : -EFAULT;
		n = DIV_ROUND_UP(offset + bytes, PAGE_SIZE);
		use_pages(pages, n);
		for (i = 0; i < n; i++)
			put_page(pages[i]);
	}
	return 0;
}

int one_page_ok(struct iov_iter *iter)
{
	struct page *page;
	size_t offset;
	ssize_t bytes;

	bytes = iov_iter_get_pages2(iter, &page, PAGE_SIZE, 1, &offset);
	if (bytes <= 0)
		return bytes ? bytes : -EFAULT;
	put_page(page);
	return 0;
}

int one_page_bad(struct iov_iter *iter, bool check)
{
	struct page *page;
	size_t offset;
	ssize_t bytes;

	bytes = iov_iter_get_pages2(iter, &page, PAGE_SIZE, 1, &offset);
	if (bytes <= 0)
		return bytes ? bytes : -EFAULT;
	if (check)
		return -EINVAL;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	put_page(page);
	return 0;
}

/* An error means that the bio holds nothing. */
int bio_ok(struct bio *bio, struct iov_iter *iter, void (*run)(struct bio *))
{
	int ret = bio_iov_iter_get_pages(bio, iter);

	if (ret) {
		bio_put(bio);
		return ret;
	}
	run(bio);
	bio_release_pages(bio, false);
	bio_put(bio);
	return 0;
}

struct bio *bio_alloc_one(void);

int bio_bad(struct iov_iter *iter, bool check)
{
	struct bio *bio = bio_alloc_one();
	int ret = bio_iov_iter_get_pages(bio, iter);

	if (ret)
		return ret;
	if (check)
		return -EIO;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	bio_release_pages(bio, true);
	return 0;
}

struct shared {
	struct page **pages;
	unsigned long count;
};

/* The first page is part of it, even where the data starts late in it. */
int rounded_down_bad(struct shared *shared, struct iov_iter *iter, size_t n)
{
	size_t offset;
	ssize_t len;

	shared->pages = kcalloc(n, sizeof(*shared->pages), GFP_KERNEL);
	if (!shared->pages)
		return -ENOMEM;
	len = iov_iter_extract_pages(iter, &shared->pages, 1UL << 30, n, 0,
				     &offset);
	if (len <= 0) {
		kfree(shared->pages);
		return -EFAULT;
	}
	shared->count = len / PAGE_SIZE;
	use_pages(shared->pages, shared->count);
	unpin_user_pages(shared->pages, shared->count);
	kfree(shared->pages);
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: only some of the pages extracted from an iterator from 'iov_iter_extract_pages' are released; the others are lost here
}

int rounded_up_ok(struct shared *shared, struct iov_iter *iter, size_t n)
{
	size_t offset;
	ssize_t len;

	shared->pages = kcalloc(n, sizeof(*shared->pages), GFP_KERNEL);
	if (!shared->pages)
		return -ENOMEM;
	len = iov_iter_extract_pages(iter, &shared->pages, 1UL << 30, n, 0,
				     &offset);
	if (len <= 0) {
		kfree(shared->pages);
		return -EFAULT;
	}
	shared->count = DIV_ROUND_UP(len + offset, PAGE_SIZE);
	use_pages(shared->pages, shared->count);
	unpin_user_pages(shared->pages, shared->count);
	kfree(shared->pages);
	return 0;
}

/* The array that the call made goes with what is in it. */
int allocated_array_forgotten_bad(struct iov_iter *iter, size_t len)
{
	struct page **pages;
	size_t offset, n, i;
	ssize_t bytes;

	bytes = iov_iter_get_pages_alloc2(iter, &pages, len, &offset);
	if (bytes <= 0)
		return bytes;
	if (prepare())
		return -EIO;
	// CHECK: :[[@LINE-1]]:{{.*}}page references from 'iov_iter_get_pages_alloc2' are not released when 'prepare()'{{.*}}[pinlint-leak]
	n = DIV_ROUND_UP(bytes + offset, PAGE_SIZE);
	for (i = 0; i < n; i++)
		put_page(pages[i]);
	kvfree(pages);
	return 0;
}

int allocated_array_handed_out_ok(struct iov_iter *iter, size_t len,
				  struct page ***out)
{
	struct page **pages;
	size_t offset;
	ssize_t bytes;

	bytes = iov_iter_get_pages_alloc2(iter, &pages, len, &offset);
	if (bytes <= 0)
		return bytes;
	*out = pages;
	return 0;
}

/* An array that a failed call has made is the caller's. */
int array_of_failed_call_bad(struct iov_iter *iter, unsigned int n)
{
	struct page *few[8], **pages = few;
	void *vecs = few;
	size_t offset;
	ssize_t bytes;

	if (n > 8) {
		vecs = kmalloc(n, GFP_KERNEL);
		if (!vecs)
			return -ENOMEM;
		pages = NULL;
	}
	bytes = iov_iter_extract_pages(iter, &pages, 32768, n, 0, &offset);
	if (bytes < 0)
		goto out;
	unpin_user_pages(pages, DIV_ROUND_UP(bytes + offset, PAGE_SIZE));
	if (pages != few)
		kvfree(pages);
	bytes = 0;
out:
	if (vecs != few)
		kfree(vecs);
	return bytes;
	// CHECK: :[[@LINE-1]]:{{.*}}page array from 'iov_iter_extract_pages' is not released when 'bytes < 0'; kvfree() is missing [pinlint-leak]
}

int array_of_failed_call_ok(struct iov_iter *iter, unsigned int n)
{
	struct page *few[8], **pages = few;
	size_t offset;
	ssize_t bytes;

	if (n > 8)
		pages = NULL;
	bytes = iov_iter_extract_pages(iter, &pages, 32768, n, 0, &offset);
	if (bytes < 0)
		goto out;
	unpin_user_pages(pages, DIV_ROUND_UP(bytes + offset, PAGE_SIZE));
	bytes = 0;
out:
	if (pages != few)
		kvfree(pages);
	return bytes;
}

/* An array of its own is none that the call makes. */
int own_array_ok(struct iov_iter *iter, struct page **pages, unsigned int n)
{
	size_t offset;
	ssize_t bytes;

	bytes = iov_iter_extract_pages(iter, &pages, 32768, n, 0, &offset);
	if (bytes < 0)
		return bytes;
	unpin_user_pages(pages, DIV_ROUND_UP(bytes + offset, PAGE_SIZE));
	return 0;
}
