// RUN: %check_pinlint 'pinlint-leak,pinlint-suppression' --nolint-reasons
#include "../Inputs/kernel.h"

int no_reason_bad(unsigned long addr, struct page *page)
{
	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	return 0; // NOLINT(pinlint-leak)
	// CHECK: :[[@LINE-1]]:{{.*}} warning: this comment silences a finding without a reason
}

int reason_ok(unsigned long addr, struct page *page)
{
	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	return 0; // NOLINT(pinlint-leak): firmware has it
}

// Whoever writes NOLINT for other tools, or all, owes pinlint no reason.
int others_ok(unsigned long addr, struct page *page)
{
	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	return 0; // NOLINT
}
