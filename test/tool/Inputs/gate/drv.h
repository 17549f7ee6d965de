#include "gup.h"

int check(unsigned long addr);

static inline void drop(struct page *page, int really)
{
	unpin_user_page(page);
}
