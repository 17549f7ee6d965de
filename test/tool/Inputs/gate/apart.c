#include "gup.h"

int apart(unsigned long addr)
{
	struct page *page;

	return pin_user_pages(addr, 1, 0, &page) == 1 ? 0 : -14;
}
