#include <stdbool.h>

struct page;
long pin_user_pages(unsigned long start, unsigned long nr_pages,
		    unsigned int gup_flags, struct page **pages);
int leak(unsigned long addr, bool flag)
{
	struct page *page;

	if (pin_user_pages(addr, 1, 0, &page) != 1)
		return -14;
	return 0;
}
