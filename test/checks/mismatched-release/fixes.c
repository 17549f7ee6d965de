// RUN: %check_pinlint pinlint-mismatched-release
// RUN: cp %s %t.c && sed -i 's#\.\./Inputs#%source_root/test/checks/Inputs#' %t.c
// RUN: %status 1 %bare_pinlint --quiet --format=jsonl --checks=-*,pinlint-mismatched-release --fix %t.c -- > %t.jsonl
// RUN: FileCheck %s --check-prefix=FIXED < %t.c
// RUN: grep -c '"fixes":\[{"file":"[^"]*","offset":[0-9]*,"length":[0-9]*,"text":"unpin_user_page' %t.jsonl | grep -x 3
// RUN: grep -v unsure %t.c > %t.rest.c
// RUN: %pinlint --quiet --checks=-*,pinlint-mismatched-release %t.rest.c -- | FileCheck %s --check-prefix=AGAIN --allow-empty
#include "../Inputs/kernel.h"

// Fixed: whatever is in the variable came from the one call.
int scalar_bad(unsigned long addr, unsigned long *word)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	*word = *(unsigned long *)page_address(page);
	put_page(page);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'put_page' does not give back
	return 0;
}
// FIXED-LABEL: int scalar_bad(
// FIXED: {{^}}	unpin_user_page(page);

int got_bad(unsigned long addr)
{
	struct page *page = NULL;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	unpin_user_page(page);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'unpin_user_page' does not give back
	return 0;
}
// FIXED-LABEL: int got_bad(
// FIXED: {{^}}	put_page(page);

int elements_bad(unsigned long addr)
{
	struct page *pages[4];
	int i;

	if (pin_user_pages_fast(addr, 1, 0, pages) != 1)
		return -EFAULT;
	for (i = 0; i < 1; i++)
		put_page(pages[i]);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'put_page' does not give back
	return 0;
}
// FIXED-LABEL: int elements_bad(
// FIXED: 		unpin_user_page(pages[i]);

int array_bad(unsigned long addr)
{
	struct page *pages[1];

	if (pin_user_pages_fast(addr, 1, 0, pages) != 1)
		return -EFAULT;
	release_pages(pages, 1);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'release_pages' does not give back
	return 0;
}
// FIXED-LABEL: int array_bad(
// FIXED: {{^}}	unpin_user_pages(pages, 1);

// Left alone: another path has another page in the variable.
int two_sources_bad(unsigned long addr, bool pin)
{
	struct page *page;
	int ret = pin ? pin_user_pages_fast(addr, 1, 0, &page)
		      : get_user_pages_fast(addr, 1, 0, &page);

	if (ret != 1)
		return -EFAULT;
	put_page(page); // unsure
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'put_page' does not give back
	return 0;
}
// FIXED-LABEL: int two_sources_bad(
// FIXED: {{^}}	put_page(page);

int reassigned_bad(unsigned long addr, struct page *other)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		page = other;
	put_page(page); // unsure
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'put_page' does not give back
	return 0;
}
// FIXED-LABEL: int reassigned_bad(
// FIXED: {{^}}	put_page(page);

// In a macro, a change would change other uses of it.
#define drop(page) put_page(page)
int macro_bad(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	drop(page); // unsure
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'put_page' does not give back
	return 0;
}
// FIXED-LABEL: int macro_bad(
// FIXED: {{^}}	drop(page);

// AGAIN-NOT: warning
