#include "gup.h"

int clean(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages(addr, 1, 0, &page) != 1)
		return -14;
	unpin_user_page(page);
	return 0;
}
