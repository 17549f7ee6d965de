// RUN: %check_pinlint pinlint-leak
// What names of functions, assertions and the bits of a pointer tell.
#include "../Inputs/kernel.h"

void group_release_pages(struct page **pages, int n);
void group_print_pages(struct page **pages, int n);

/* Nothing is known about it but its name. */
int given_back_elsewhere_ok(unsigned long addr)
{
	struct page *pages[4];
	int n = pin_user_pages_fast(addr, 4, 0, pages);

	if (n <= 0)
		return n;
	group_release_pages(pages, n);
	return 0;
}

int looked_at_elsewhere_bad(unsigned long addr)
{
	struct page *pages[4];
	int n = pin_user_pages_fast(addr, 4, 0, pages);

	if (n <= 0)
		return n;
	group_print_pages(pages, n);
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

/* What must not be is not worth a cleanup. */
int asserted_ok(unsigned long addr, struct page **cache, int limit)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	if (WARN_ON(limit > 512))
		return -EIO;
	unpin_user_page(page);
	return 0;
}

int refused_bad(unsigned long addr, struct page **cache, int limit)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	if (limit > 512)
		return -EIO;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	unpin_user_page(page);
	return 0;
}

/* A tagged pointer in the cache is no page. */
void *cache_find(void *cache, unsigned long index);
void *cache_find_marked(void *cache, unsigned long index);

static bool is_tagged(const void *entry)
{
	return (unsigned long)entry & 1;
}

static struct page *cache_get(void *cache, unsigned long index, bool marked)
{
	struct page *page;

	if (marked)
		page = cache_find_marked(cache, index);
	else
		page = cache_find(cache, index);
	if (!page || is_tagged(page))
		return page;
	if (!get_page_unless_zero(page))
		return NULL;
	return page;
}

int tagged_ok(void *cache, unsigned long index, bool marked)
{
	struct page *page = cache_get(cache, index, marked);

	if (!page)
		return -EINVAL;
	if (is_tagged(page))
		return -EAGAIN;
	put_page(page);
	return 0;
}

int untagged_bad(void *cache, unsigned long index, bool marked)
{
	struct page *page = cache_get(cache, index, marked);

	if (!page)
		return -EINVAL;
	if (!is_tagged(page))
		return -EAGAIN;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	return 0;
}

/* The pages of several calls in one table. */
struct entry {
	struct page *page;
	unsigned int length;
};

int table_of_chunks_ok(unsigned long addr, int total)
{
	struct entry *table = kcalloc(total, sizeof(*table), GFP_KERNEL);
	struct page *pages[8];
	int done = 0, n = 0, i;

	if (!table)
		return -ENOMEM;
	while (done < total) {
		n = pin_user_pages_fast(addr + done * PAGE_SIZE,
					min(total - done, 8), 0, pages);
		if (n <= 0)
			break;
		for (i = 0; i < n; i++)
			table[done + i].page = pages[i];
		done += n;
	}
	for (i = 0; i < done; i++)
		unpin_user_page(table[i].page);
	kfree(table);
	return n < 0 ? n : 0;
}

/* The last chunk only. */
int last_chunk_bad(unsigned long addr, int total)
{
	struct page *pages[8];
	int done = 0, n = 0, i;

	while (done < total) {
		n = pin_user_pages_fast(addr + done * PAGE_SIZE, 8, 0, pages);
		if (n <= 0)
			return n;
		// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
		done += n;
	}
	for (i = 0; i < n; i++)
		unpin_user_page(pages[i]);
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}
