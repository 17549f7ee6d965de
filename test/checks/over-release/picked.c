// RUN: %check_pinlint 'pinlint-*'
// Loops that give back the elements of an array that they pick.
#include "../Inputs/kernel.h"

bool is_busy(const struct folio *folio);

int pick_ok(unsigned long addr, struct page **pages, int n)
{
	long i, got = get_user_pages_fast(addr, n, FOLL_WRITE, pages);

	for (i = 0; i < got; i++) {
		struct folio *folio = page_folio(pages[i]);

		if (is_busy(folio)) {
			folio_put(folio);
			pages[i] = NULL;
		}
	}
	return got;
}

int pick_twice_bad(unsigned long addr, struct page **pages, int n)
{
	long i, got = get_user_pages_fast(addr, n, FOLL_WRITE, pages);

	for (i = 0; i < got; i++) {
		struct folio *folio = page_folio(pages[i]);

		if (is_busy(folio)) {
			folio_put(folio);
			folio_put(folio);
			// CHECK: :[[@LINE-1]]:{{.*}} warning: 'folio_put' releases a page reference that was released before [pinlint-over-release]
			pages[i] = NULL;
		}
	}
	return got;
}

int pick_wrong_bad(unsigned long addr, struct page **pages, int n)
{
	long i, got = get_user_pages_fast(addr, n, FOLL_WRITE, pages);

	for (i = 0; i < got; i++) {
		struct folio *folio = page_folio(pages[i]);

		if (is_busy(folio)) {
			unpin_folio(folio);
			// CHECK: :[[@LINE-1]]:{{.*}} warning: 'unpin_folio' does not give back what 'get_user_pages_fast' obtained: a page reference needs put_page() [pinlint-mismatched-release]
			pages[i] = NULL;
		}
	}
	return got;
}

// Which are left, the second loop knows.
int pick_in_two_loops_ok(unsigned long addr, struct page **pages, int n,
			 unsigned long mask)
{
	long i, got = get_user_pages_fast(addr, n, FOLL_WRITE, pages);

	for (i = 0; i < got; i++)
		if (mask & (1UL << i))
			put_page(pages[i]);
	for (i = 0; i < got; i++)
		if (!(mask & (1UL << i)))
			put_page(pages[i]);
	return 0;
}
