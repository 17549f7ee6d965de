#include "gup.h"
#include "trace.h"

int markup(int n)
{
	const char *s = "</script><script>alert(1)</script>";

	return s[n];
}

int recursive(unsigned long addr, int n)
{
	struct page *page;
	int ret;

	while (n-- > 0) {
		if (pin_user_pages(addr, 1, 0, &page) != 1)
			break;
		ret = recursive(addr + 4096, n);
		unpin_user_page(page);
		if (ret)
			return ret;
	}
	return helper(n);
}
