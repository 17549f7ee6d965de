#include "drv.h"

int other(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages(addr, 1, 0, &page) != 1)
		return -14;
	drop(page, check(addr));
	return 0;
}
