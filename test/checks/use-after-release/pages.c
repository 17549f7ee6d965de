// RUN: %check_pinlint pinlint-use-after-release
// Pages that are used after the function gave them back.
#include "../Inputs/kernel.h"

void show(struct page *page);
struct page *find_get_page(struct address_space *mapping, unsigned long index);
int add_to_page_cache_lru(struct page *page, struct address_space *mapping,
			  unsigned long index, gfp_t gfp);

int dirty_bad(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	unpin_user_page(page);
	set_page_dirty_lock(page);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'page' is used by 'set_page_dirty_lock' after 'unpin_user_page' gave it back [pinlint-use-after-release]
	return 0;
}

int dirty_ok(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	set_page_dirty_lock(page);
	unpin_user_page(page);
	return 0;
}

// The mapping was made in time, but what it shows belongs to somebody else.
int content_bad(unsigned long addr, unsigned long *word)
{
	struct page *page;
	unsigned long *map;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	map = kmap_local_page(page);
	put_page(page);
	*word = map[3];
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'page' is used after 'put_page' gave it back
	kunmap_local(map);
	return 0;
}

int content_ok(unsigned long addr, unsigned long *word)
{
	struct page *page;
	unsigned long *map;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	map = kmap_local_page(page);
	*word = map[3];
	put_page(page);
	kunmap_local(map);
	return 0;
}

unsigned long member_bad(struct address_space *mapping)
{
	struct page *page = find_get_page(mapping, 0);

	if (!page)
		return 0;
	put_page(page);
	return page->flags;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'page' is used after 'put_page' gave it back
}

// Its number and address are no use of the page.
int number_ok(struct address_space *mapping, unsigned long limit)
{
	struct page *page = find_get_page(mapping, 0);

	if (!page)
		return 0;
	put_page(page);
	return page_to_pfn(page) < limit;
}

int array_bad(unsigned long addr, struct page **pages, int n)
{
	int i, got = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (got <= 0)
		return got;
	unpin_user_pages(pages, got);
	for (i = 0; i < got; i++)
		set_page_dirty_lock(pages[i]);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: a page of 'pages' is used by 'set_page_dirty_lock' after 'unpin_user_pages' gave it back
	return 0;
}

int array_ok(unsigned long addr, struct page **pages, int n)
{
	int i, got = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (got <= 0)
		return got;
	for (i = 0; i < got; i++)
		set_page_dirty_lock(pages[i]);
	unpin_user_pages(pages, got);
	return 0;
}

// Each round dirties its own page, then gives it back.
int rounds_ok(unsigned long addr, struct page **pages, int n)
{
	int i, got = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	for (i = 0; i < got; i++) {
		set_page_dirty_lock(pages[i]);
		unpin_user_page(pages[i]);
	}
	return 0;
}

int rounds_bad(unsigned long addr, struct page **pages, int n)
{
	int i, got = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	for (i = 0; i < got; i++) {
		unpin_user_page(pages[i]);
		set_page_dirty_lock(pages[i]);
		// CHECK: :[[@LINE-1]]:{{.*}} warning: a page of 'pages' is used by 'set_page_dirty_lock' after 'unpin_user_page' gave it back
	}
	return 0;
}

// From the last to the first.
int backwards_ok(unsigned long addr, struct page **pages, int n)
{
	int got = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);

	while (got-- > 0) {
		set_page_dirty_lock(pages[got]);
		unpin_user_page(pages[got]);
	}
	return 0;
}

// Another reference keeps it.
unsigned long second_reference_ok(struct address_space *mapping)
{
	struct page *page = find_get_page(mapping, 0);
	unsigned long flags;

	if (!page)
		return 0;
	get_page(page);
	put_page(page);
	flags = page->flags;
	put_page(page);
	return flags;
}

// The caller has one of his own, too.
void callers_ok(struct page *page)
{
	put_page(page);
	show(page);
}

// The page cache has taken a reference.
unsigned long published_ok(struct address_space *mapping)
{
	struct page *page = alloc_page(GFP_KERNEL);
	unsigned long flags = 0;

	if (!page)
		return 0;
	if (!add_to_page_cache_lru(page, mapping, 0, GFP_KERNEL)) {
		put_page(page);
		flags = page->flags;
	} else {
		put_page(page);
	}
	return flags;
}

// The next round works on another page.
int again_ok(unsigned long addr, int n)
{
	struct page *page;
	int i;

	for (i = 0; i < n; i++) {
		if (pin_user_pages_fast(addr + i * PAGE_SIZE, 1, FOLL_WRITE, &page) != 1)
			return -EFAULT;
		set_page_dirty_lock(page);
		unpin_user_page(page);
	}
	return 0;
}

static void clear_first_word(struct page *page)
{
	*(unsigned long *)page_address(page) = 0;
}

int helper_bad(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	unpin_user_page(page);
	clear_first_word(page);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'page' is used by 'clear_first_word' after 'unpin_user_page' gave it back
	return 0;
}

void member_of_caller_bad(struct buffer *b)
{
	unpin_user_page(b->page);
	set_page_dirty_lock(b->page);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'b->page' is used by 'set_page_dirty_lock' after 'unpin_user_page' gave it back
}

void member_of_caller_ok(struct buffer *b, struct page *next)
{
	unpin_user_page(b->page);
	b->page = next;
	set_page_dirty_lock(b->page);
}

// Given back on one path only; the other one uses it.
int branches_ok(unsigned long addr, int keep)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	if (!keep)
		unpin_user_page(page);
	else
		show(page);
	if (keep)
		unpin_user_page(page);
	return 0;
}

// What the caller gets, nobody holds.
struct page *returned_bad(unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return NULL;
	put_page(page);
	return page;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'page' is handed to the caller after 'put_page' gave it back
}

int pfn_bad(struct address_space *mapping, unsigned long *pfn)
{
	struct page *page = find_get_page(mapping, 0);

	if (!page)
		return -EFAULT;
	*pfn = page_to_pfn(page);
	put_page(page);
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'page' is handed to the caller after 'put_page' gave it back
}

int pfn_ok(struct address_space *mapping, unsigned long *pfn)
{
	struct page *page = find_get_page(mapping, 0);

	if (!page)
		return -EFAULT;
	*pfn = page_to_pfn(page);
	if (PageReserved(page)) {
		put_page(page);
		return -EINVAL;
	}
	return 0;
}
