// RUN: %check_pinlint 'pinlint-*'
// Ways to release, one by one, as an array, as a range, as folios; loops over
// what was obtained.
#include "../Inputs/kernel.h"

int one_by_one_ok(unsigned long addr)
{
	struct page *pages[4];
	int i, n;

	n = pin_user_pages_fast(addr, 4, 0, pages);
	for (i = 0; i < n; i++)
		unpin_user_page(pages[i]);
	return 0;
}

int one_by_one_bad(unsigned long addr)
{
	struct page *pages[4];
	int i, n;

	n = pin_user_pages_fast(addr, 4, 0, pages);
	for (i = 1; i < n; i++)
		unpin_user_page(pages[i]);
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

int reverse_ok(unsigned long addr)
{
	struct page *pages[4];
	int n;

	n = pin_user_pages_fast(addr, 4, 0, pages);
	if (n < 0)
		return n;
	while (n--)
		unpin_user_page(pages[n]);
	return 0;
}

int reverse_by_for_ok(unsigned long addr)
{
	struct page *pages[4];
	int i, n;

	n = pin_user_pages_fast(addr, 4, 0, pages);
	for (i = n - 1; i >= 0; i--)
		unpin_user_page(pages[i]);
	return 0;
}

int reverse_short_of_first_bad(unsigned long addr)
{
	struct page *pages[4];
	int i, n;

	n = pin_user_pages_fast(addr, 4, 0, pages);
	for (i = n - 1; i > 0; i--)
		unpin_user_page(pages[i]);
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

int walking_pointer_ok(unsigned long addr)
{
	struct page *pages[4], **p, **end;
	int n;

	n = pin_user_pages_fast(addr, 4, 0, pages);
	if (n <= 0)
		return n;
	end = pages + n;
	for (p = pages; p < end; p++)
		unpin_user_page(*p);
	return 0;
}

int with_body_ok(unsigned long addr, bool dirty)
{
	struct page *pages[4];
	int i, n;

	n = pin_user_pages_fast(addr, 4, 0, pages);
	for (i = 0; i < n; i++) {
		if (dirty)
			set_page_dirty_lock(pages[i]);
		unpin_user_page(pages[i]);
		pages[i] = NULL;
	}
	return 0;
}

int skipped_elements_bad(unsigned long addr)
{
	struct page *pages[4];
	int i, n;

	n = pin_user_pages_fast(addr, 4, 0, pages);
	for (i = 0; i < n; i++) {
		if (!first_word(pages[i]))
			continue;
		unpin_user_page(pages[i]);
	}
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

int loop_left_early_bad(unsigned long addr)
{
	struct page *pages[4];
	int i, n;

	n = pin_user_pages_fast(addr, 4, 0, pages);
	for (i = 0; i < n; i++) {
		if (!first_word(pages[i]))
			break;
		unpin_user_page(pages[i]);
	}
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

int two_halves_ok(unsigned long addr)
{
	struct page *pages[8];
	int n;

	n = pin_user_pages_fast(addr, 8, 0, pages);
	if (n != 8) {
		if (n > 0)
			unpin_user_pages(pages, n);
		return -EFAULT;
	}
	unpin_user_pages(pages, 4);
	unpin_user_pages(pages + 4, 4);
	return 0;
}

int two_halves_bad(unsigned long addr)
{
	struct page *pages[8];
	int n;

	n = pin_user_pages_fast(addr, 8, 0, pages);
	if (n != 8) {
		if (n > 0)
			unpin_user_pages(pages, n);
		return -EFAULT;
	}
	unpin_user_pages(pages, 4);
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

int address_of_page_ok(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages(addr, 1, 0, &page) != 1)
		return -EFAULT;
	unpin_user_pages(&page, 1);
	return 0;
}

int dirty_lock_ok(unsigned long addr, bool dirty)
{
	struct page *pages[4];
	long n = pin_user_pages(addr, 4, FOLL_WRITE, pages);

	if (n > 0)
		unpin_user_pages_dirty_lock(pages, n, dirty);
	return 0;
}

int range_of_a_page_ok(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	unpin_user_page_range_dirty_lock(page, 1, true);
	return 0;
}

int folios_ok(struct file *memfd)
{
	struct folio *folios[4];
	unsigned long offset;
	long n;

	n = memfd_pin_folios(memfd, 0, 4 * PAGE_SIZE - 1, folios, 4, &offset);
	if (n <= 0)
		return n;
	unpin_folios(folios, n);
	return 0;
}

int folios_bad(struct file *memfd)
{
	struct folio *folios[4];
	unsigned long offset;
	long n;

	n = memfd_pin_folios(memfd, 0, 4 * PAGE_SIZE - 1, folios, 4, &offset);
	if (n <= 0)
		return n;
	if (offset)
		return -EINVAL;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	unpin_folios(folios, n);
	return 0;
}

int folio_one_by_one_ok(struct file *memfd)
{
	struct folio *folios[4];
	unsigned long offset;
	long i, n;

	n = memfd_pin_folios(memfd, 0, 4 * PAGE_SIZE - 1, folios, 4, &offset);
	for (i = 0; i < n; i++)
		unpin_folio(folios[i]);
	return 0;
}

int remote_ok(struct mm_struct *mm, unsigned long addr)
{
	struct page *page;
	int locked = 1;
	long n;

	n = pin_user_pages_remote(mm, addr, 1, FOLL_WRITE, &page, &locked);
	if (n != 1)
		return n < 0 ? n : -EFAULT;
	unpin_user_page(page);
	return 0;
}

int get_user_pages_and_release_ok(unsigned long addr)
{
	struct page *pages[4];
	long n = get_user_pages(addr, 4, 0, pages);

	if (n <= 0)
		return n;
	release_pages(pages, n);
	return 0;
}

/* Releases that unmap as well. */
int unmapped_and_put_ok(unsigned long addr)
{
	struct page *page;
	void *p;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	p = kmap_local_page(page);
	unmap_and_put_page(page, p);
	return 0;
}

int folio_unmapped_and_put_ok(unsigned long addr)
{
	struct folio *folio;
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	folio = page_folio(page);
	folio_release_kmap(folio, kmap_local_page(page));
	return 0;
}

int only_unmapped_bad(unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	kunmap_local(kmap_local_page(page));
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

/* A shadow of the array keeps the pages while the array is cleared. */
struct shadow {
	struct page *pages[16];
};

void shadow_ok(struct page **table, struct shadow *shadow, int first, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		struct page *page = shadow->pages[first + i];

		if (!page)
			continue;
		shadow->pages[first + i] = NULL;
		table[i] = page;
	}
	for (i = 0; i < n; i++)
		if (table[i])
			unpin_user_page(table[i]);
}

/* Entries that are not there are skipped; the second loop counts them. */
int FP_holes_ok(unsigned long addr)
{
	struct page *pages[4] = {};
	int i;

	for (i = 0; i < 4; i++)
		if (get_user_pages_fast(addr + i * PAGE_SIZE, 1, 0,
					&pages[i]) != 1)
			pages[i] = NULL;
	for (i = 0; i < 4; i++)
		if (pages[i])
			put_page(pages[i]);
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

/* A page that repeats the one before is dropped at once. */
struct merged {
	struct page *last;
	unsigned int len;
};

int merge_ok(struct merged *vec, unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	if (vec->last == page) {
		put_page(page);
		vec->len += PAGE_SIZE;
		return 0;
	}
	vec->last = page;
	return 1;
}

/* A batch carries pages from round to round. */
struct batch {
	struct page **pages;
	int capacity, size, offset;
};

static void batch_unpin(struct batch *batch)
{
	while (batch->size) {
		unpin_user_page(batch->pages[batch->offset]);
		batch->offset++;
		batch->size--;
	}
}

int batch_ok(struct batch *batch, unsigned long addr, int want)
{
	int done = 0, n;

	while (done < want) {
		if (!batch->size) {
			n = pin_user_pages_fast(addr, batch->capacity, 0,
						batch->pages);
			if (n <= 0)
				goto out;
			batch->size = n;
			batch->offset = 0;
		}
		use_pages(&batch->pages[batch->offset], 1);
		unpin_user_page(batch->pages[batch->offset]);
		batch->offset++;
		batch->size--;
		done++;
		addr += PAGE_SIZE;
	}
out:
	batch_unpin(batch);
	return done;
}

/* Accounting goes beside the pins and is none. */
int accounting_ok(struct mm_struct *mm, unsigned long addr, long limit)
{
	struct page *pages[4];
	long n;
	int ret;

	mm->pinned_vm += 4;
	if (mm->pinned_vm > limit) {
		ret = -ENOMEM;
		goto account;
	}
	n = pin_user_pages(addr, 4, FOLL_LONGTERM, pages);
	if (n != 4) {
		ret = n < 0 ? n : -EFAULT;
		if (n > 0)
			unpin_user_pages(pages, n);
		goto account;
	}
	use_pages(pages, 4);
	unpin_user_pages(pages, 4);
	ret = 0;
account:
	mm->pinned_vm -= 4;
	return ret;
}

/* Unmapped first, then unpinned. */
void unmap_region(struct device *dev, dma_addr_t dma, unsigned long size);

int order_ok(struct device *dev, dma_addr_t dma, unsigned long addr)
{
	struct page *pages[4];
	long n = pin_user_pages(addr, 4, FOLL_LONGTERM, pages);

	if (n <= 0)
		return n;
	use_pages(pages, n);
	unmap_region(dev, dma, n * PAGE_SIZE);
	unpin_user_pages(pages, n);
	return 0;
}

/* Nested loops over chunks. */
int nested_ok(unsigned long addr, int rounds)
{
	struct page *pages[4];
	int i, j, n;

	for (i = 0; i < rounds; i++) {
		n = pin_user_pages_fast(addr + i * 4 * PAGE_SIZE, 4, 0, pages);
		if (n < 0)
			return n;
		for (j = 0; j < n; j++)
			unpin_user_page(pages[j]);
	}
	return 0;
}

int nested_bad(unsigned long addr, int rounds)
{
	struct page *page;
	int i, ret = 0;

	for (i = 0; i < rounds; i++) {
		if (pin_user_pages_fast(addr + i * PAGE_SIZE, 1, 0, &page) != 1)
			return -EFAULT;
		if (!first_word(page)) {
			ret = -EIO;
			break;
		}
		unpin_user_page(page);
	}
	return ret;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

/* Collected one by one, released together. */
int collected_ok(unsigned long addr, int n)
{
	struct page **pages;
	int i, ret = 0;

	pages = kcalloc(n, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		if (pin_user_pages_fast(addr + i * PAGE_SIZE, 1, 0,
					&pages[i]) != 1) {
			ret = -EFAULT;
			break;
		}
	}
	if (!ret)
		use_pages(pages, n);
	while (i > 0)
		unpin_user_page(pages[--i]);
	kfree(pages);
	return ret;
}

int collected_bad(unsigned long addr, int n)
{
	struct page **pages;
	int i;

	pages = kcalloc(n, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		if (pin_user_pages_fast(addr + i * PAGE_SIZE, 1, 0,
					&pages[i]) != 1) {
			kfree(pages);
			return -EFAULT;
			// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
		}
	}
	use_pages(pages, n);
	unpin_user_pages(pages, n);
	kfree(pages);
	return 0;
}

/* Two calls fill one array: how many there are depends on which of them left
 * less than it was asked for. */
struct planes {
	struct page *map[64];
	int count;
};
int fill_planes(struct planes *p);
long pin_user_pages_unlocked(unsigned long start, unsigned long nr_pages,
			     struct page **pages, unsigned int flags);

#define MAP_PLANES(put_second, put_first, put_all)                             \
	int first, second = 0, ret = -EFAULT;                                  \
                                                                               \
	first = pin_user_pages_unlocked(a, na, &p->map[0], 0);                 \
	if (first == na)                                                       \
		second = pin_user_pages_unlocked(b, nb, &p->map[first], 0);    \
	if (first != na || second != nb) {                                     \
		if (first == na) {                                             \
			if (second >= 0)                                       \
				put_second;                                    \
			else                                                   \
				ret = second;                                  \
		}                                                              \
		if (first >= 0)                                                \
			put_first;                                             \
		else                                                           \
			ret = first;                                           \
		return ret;                                                    \
	}                                                                      \
	p->count = first + second;                                             \
	if (fill_planes(p) < 0) {                                              \
		put_all;                                                       \
		p->count = 0;                                                  \
		return -ENOMEM;                                                \
	}                                                                      \
	return 0
#define PUT_SECOND unpin_user_pages(&p->map[first], second)
#define PUT_FIRST unpin_user_pages(p->map, first)
#define PUT_ALL unpin_user_pages(p->map, p->count)

int planes_ok(struct planes *p, unsigned long a, int na, unsigned long b,
	      int nb)
{
	MAP_PLANES(PUT_SECOND, PUT_FIRST, PUT_ALL);
}

int planes_second_bad(struct planes *p, unsigned long a, int na,
		      unsigned long b, int nb)
{
	MAP_PLANES(, PUT_FIRST, PUT_ALL);
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

int planes_first_bad(struct planes *p, unsigned long a, int na,
		     unsigned long b, int nb)
{
	MAP_PLANES(PUT_SECOND, , PUT_ALL);
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

int planes_all_but_one_bad(struct planes *p, unsigned long a, int na,
			   unsigned long b, int nb)
{
	MAP_PLANES(PUT_SECOND, PUT_FIRST,
		   unpin_user_pages(p->map, p->count - 1));
	// CHECK: :[[@LINE-2]]:{{.*}}[pinlint-leak]
}
