#include "gup.h"

int leak(unsigned long addr, int flag)
{
	struct page *page;

	if (pin_user_pages(addr, 1, 0, &page) != 1)
		return -14;
	if (flag)
		return -22;
	unpin_user_page(page);
	return 0;
}
