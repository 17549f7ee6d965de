#include "gup.h"

void put_page(struct page *page);
int look_at(struct page *page);

int lost(unsigned long addr, int flag)
{
	struct page *page;

	if (pin_user_pages(addr, 1, 0, &page) != 1)
		return -22;
	if (flag)
		return -16;
	unpin_user_page(page);
	return 0;
}

int twice(unsigned long addr, int flag)
{
	struct page *page;

	if (pin_user_pages(addr, 1, 0, &page) != 1)
		return -22;
	unpin_user_page(page);
	if (flag)
		unpin_user_page(page);
	return 0;
}

int otherwise(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages(addr, 1, 0, &page) != 1)
		return -22;
	put_page(page);
	return 0;
}

int late(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages(addr, 1, 0, &page) != 1)
		return -22;
	unpin_user_page(page);
	return look_at(page);
}
