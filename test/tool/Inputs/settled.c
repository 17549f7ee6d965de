#include "gup.h"

int settled(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages(addr, 1, 0, &page) != 1)
		return -14;
	/* pinlint: ignore(pinlint-leak): the page stays until reboot */
	return addr != 0;
}
