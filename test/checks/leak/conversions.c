// RUN: %check_pinlint 'pinlint-*'
// Pages that are kept and released under another name: folio, pfn, physical
// address, scatterlist, bvec.
#include "../Inputs/kernel.h"

int map_pfn(unsigned long pfn);
int map_phys(u64 phys);

int by_folio_ok(unsigned long addr)
{
	struct page *page;
	struct folio *folio;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	folio = page_folio(page);
	use_pages(&page, 1);
	folio_put(folio);
	return 0;
}

int by_folio_bad(unsigned long addr)
{
	struct page *page;
	struct folio *folio;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	folio = page_folio(page);
	if (!first_word(page))
		return -EIO;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	folio_put(folio);
	return 0;
}

int by_pfn_ok(unsigned long addr)
{
	unsigned long pfn;
	struct page *page;
	int ret;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	pfn = page_to_pfn(page);
	ret = map_pfn(pfn);
	unpin_user_page(pfn_to_page(pfn));
	return ret;
}

int by_pfn_bad(unsigned long addr, unsigned long limit)
{
	unsigned long pfn;
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	pfn = page_to_pfn(page);
	if (pfn > limit)
		return -EINVAL;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	unpin_user_page(pfn_to_page(pfn));
	return 0;
}

/* Who takes the number of a page may keep the page, unless he fails. */
int pfn_handed_over_bad(unsigned long addr)
{
	unsigned long pfn;
	struct page *page;
	int ret;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	pfn = page_to_pfn(page);
	ret = map_pfn(pfn);
	if (ret)
		return ret;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	unpin_user_page(pfn_to_page(pfn));
	return 0;
}

/* Two numbers are two pages, though all of them begin at the same map. */
void two_pfns_ok(unsigned long a, unsigned long b)
{
	unpin_user_page(pfn_to_page(a));
	unpin_user_page(pfn_to_page(b));
}

void range_of_pfns_ok(unsigned long pfn, unsigned long n)
{
	while (n--)
		unpin_user_page(pfn_to_page(pfn++));
}

struct mapping {
	u64 phys;
	unsigned long pfn;
	u64 size;
};

int kept_as_phys_ok(struct mapping *map, unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	map->phys = page_to_phys(page);
	if (map_phys(map->phys)) {
		unpin_user_page(phys_to_page(map->phys));
		return -EIO;
	}
	return 0;
}

void released_from_phys_ok(struct mapping *map)
{
	unsigned long pfn;

	for (pfn = map->phys >> PAGE_SHIFT; map->size > 0;
	     pfn++, map->size -= PAGE_SIZE)
		unpin_user_page(pfn_to_page(pfn));
}

/* Reserved pages are not refcounted. */
static void put_pfn(unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);

	if (!PageReserved(page))
		unpin_user_page(page);
}

int reserved_is_skipped_ok(unsigned long addr)
{
	struct page *page;
	unsigned long pfn;
	int ret;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	pfn = page_to_pfn(page);
	ret = map_pfn(pfn);
	put_pfn(pfn);
	return ret;
}

int kept_in_scatterlist_ok(struct scatterlist *sg, unsigned long addr)
{
	struct page *pages[4];
	int i, n;

	n = pin_user_pages_fast(addr, 4, FOLL_WRITE, pages);
	if (n < 0)
		return n;
	for (i = 0; i < n; i++)
		sg_set_page(&sg[i], pages[i], PAGE_SIZE, 0);
	return n;
}

struct vec {
	struct page *page;
	unsigned int len, offset;
};

int kept_in_vector_ok(struct vec *vec, unsigned long addr)
{
	struct page *pages[4];
	int i, n;

	n = pin_user_pages_fast(addr, 4, FOLL_WRITE, pages);
	if (n < 0)
		return n;
	for (i = 0; i < n; i++) {
		vec[i].page = pages[i];
		vec[i].len = PAGE_SIZE;
		vec[i].offset = 0;
	}
	return n;
}

int local_vector_bad(unsigned long addr)
{
	struct page *page;
	struct vec vec;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	vec.page = page;
	vec.len = PAGE_SIZE;
	vec.offset = 0;
	return first_word(vec.page);
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

/* The array of pages sits in the tail of the vectors that it will fill. */
int aliased_tail_ok(struct vec *vec, unsigned long addr)
{
	struct page **pages = (struct page **)(vec + 16) - 16;
	int i, n;

	n = pin_user_pages_fast(addr, 16, FOLL_WRITE, pages);
	if (n <= 0)
		return n;
	for (i = 0; i < n; i++) {
		struct page *page = pages[i];

		vec[i].page = page;
		vec[i].len = PAGE_SIZE;
	}
	return n;
}

int mapped_address_ok(unsigned long addr)
{
	struct page *page;
	char *p;

	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	p = kmap_local_page(page);
	*p = 0;
	kunmap_local(p);
	put_page(page);
	return 0;
}

int struct_copy_ok(struct vec *out, unsigned long addr)
{
	struct vec vec = {};

	if (pin_user_pages_fast(addr, 1, 0, &vec.page) != 1)
		return -EFAULT;
	*out = vec;
	return 0;
}

int struct_copy_bad(unsigned long addr)
{
	struct vec vec = {}, copy;

	if (pin_user_pages_fast(addr, 1, 0, &vec.page) != 1)
		return -EFAULT;
	copy = vec;
	return copy.len;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

/* The address is an integer for a while. */
int as_integer_ok(struct mapping *map, unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	map->pfn = (unsigned long)page;
	put_page((struct page *)map->pfn);
	map->pfn = 0;
	return 0;
}

int range_of_one_folio_ok(unsigned long addr)
{
	struct page *pages[4];
	int n;

	n = pin_user_pages_fast(addr, 4, FOLL_WRITE, pages);
	if (n != 4) {
		if (n > 0)
			unpin_user_pages(pages, n);
		return -EFAULT;
	}
	unpin_user_page_range_dirty_lock(pages[0], 4, true);
	return 0;
}
