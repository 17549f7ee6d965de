#include "gup.h"

void say(const char *text);

int path(unsigned long addr, int flag, int loud)
{
	struct page *page;
	int i;

	if (pin_user_pages(addr, 1, 0, &page) != 1)
		return -14;
	if (loud)
		say("pinned");
	for (i = 0; i < loud; i++)
		say("again");
	if (flag)
		return -22;
	unpin_user_page(page);
	return 0;
}
