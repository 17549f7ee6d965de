// RUN: %check_pinlint pinlint-over-release
// RUN: cp %s %t.c && sed -i 's#\.\./Inputs#%source_root/test/checks/Inputs#' %t.c
// RUN: %status 1 %bare_pinlint --quiet --checks=-*,pinlint-over-release --fix %t.c -- > /dev/null
// RUN: FileCheck %s --check-prefix=FIXED < %t.c
#include "../Inputs/kernel.h"

// Fixed: the loop releases what was obtained.
int bound_bad(unsigned long addr, int nr)
{
	struct page *pages[16];
	int i, got;

	if (nr > 16)
		return -EINVAL;
	got = pin_user_pages_fast(addr, nr, 0, pages);
	if (got <= 0)
		return -EFAULT;
	for (i = 0; i < nr; i++)
		unpin_user_page(pages[i]);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'unpin_user_page' releases more
	return 0;
}
// FIXED-LABEL: int bound_bad(
// FIXED: for (i = 0; i < got; i++)

// An error number would be a large index.
int unsigned_bad(unsigned long addr, int nr)
{
	struct page *pages[16];
	unsigned int i;
	int got;

	if (nr > 16)
		return -EINVAL;
	got = pin_user_pages_fast(addr, nr, 0, pages);
	if (got <= 0)
		return -EFAULT;
	for (i = 0; i < nr; i++)
		unpin_user_page(pages[i]);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'unpin_user_page' releases more
	return 0;
}
// FIXED-LABEL: int unsigned_bad(
// FIXED: for (i = 0; i < nr; i++)

// The number is not what the call returned any more.
int changed_bad(unsigned long addr, int nr)
{
	struct page *pages[16];
	int i, got;

	if (nr > 16)
		return -EINVAL;
	got = pin_user_pages_fast(addr, nr, 0, pages);
	if (got <= 0)
		return -EFAULT;
	got = 0;
	for (i = 0; i < nr; i++)
		unpin_user_page(pages[i]);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'unpin_user_page' releases more
	return got;
}
// FIXED-LABEL: int changed_bad(
// FIXED: for (i = 0; i < nr; i++)
