// RUN: %check_pinlint 'pinlint-double-fetch,pinlint-leak,pinlint-suppression'
#include "../Inputs/kernel.h"

bool entry_ok(u64 entry);
int run(u64 entry);
int translate(u64 entry, u64 *out);

// Nothing is found: the comment says why the second read is good.
int settled_ok(const u64 __user *p)
{
	u64 entry;

	if (get_user(entry, p))
		return -EFAULT;
	if (!entry_ok(entry))
		return -EINVAL;
	/* pinlint: revalidated(translate): run() translates each entry again and
	 * gives up where that fails. */
	if (get_user(entry, p))
		return -EFAULT;
	return run(entry);
}

int beside_ok(const u64 __user *p)
{
	u64 entry;

	if (get_user(entry, p))
		return -EFAULT;
	if (!entry_ok(entry))
		return -EINVAL;
	if (get_user(entry, p)) /* pinlint: ignore(pinlint-double-fetch): a test */
		return -EFAULT;
	return run(entry);
}

/* pinlint: ignore(pinlint-double-fetch, pinlint-leak): the whole function */
int function_ok(const u64 __user *p)
{
	u64 entry;

	if (get_user(entry, p))
		return -EFAULT;
	if (!entry_ok(entry))
		return -EINVAL;
	if (get_user(entry, p))
		return -EFAULT;
	return run(entry);
}

int nolint_ok(const u64 __user *p)
{
	u64 entry;

	if (get_user(entry, p))
		return -EFAULT;
	if (!entry_ok(entry))
		return -EINVAL;
	// NOLINTNEXTLINE(pinlint-double-fetch)
	if (get_user(entry, p))
		return -EFAULT;
	return run(entry);
}

int nolint_beside_ok(unsigned long addr, struct page *page)
{
	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	return 0; // NOLINT(pinlint-*)
}

// A comment for another check, or another line, changes nothing.
int other_check_bad(const u64 __user *p)
{
	u64 entry;

	if (get_user(entry, p))
		return -EFAULT;
	if (!entry_ok(entry))
		return -EINVAL;
	/* pinlint: ignore(pinlint-leak): of no use */
	// CHECK: :[[@LINE-1]]:{{.*}} warning: nothing is found here: this comment silences nothing [pinlint-suppression]
	if (get_user(entry, p))
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'get_user' reads memory again
		return -EFAULT;
	return run(entry);
}

int no_reason_bad(const u64 __user *p)
{
	u64 entry;

	if (get_user(entry, p))
		return -EFAULT;
	if (!entry_ok(entry))
		return -EINVAL;
	/* pinlint: revalidated(translate) */
	// CHECK: :[[@LINE-1]]:{{.*}} warning: this comment silences a finding without a reason; add ': why'
	if (get_user(entry, p))
		return -EFAULT;
	return run(entry);
}

int unused_bad(const u64 __user *p)
{
	u64 entry;

	/* pinlint: revalidated(translate): nothing is read twice */
	// CHECK: :[[@LINE-1]]:{{.*}} warning: nothing is read again here: this comment silences nothing
	if (get_user(entry, p))
		return -EFAULT;
	// NOLINTNEXTLINE(pinlint-leak)
	// CHECK: :[[@LINE-1]]:{{.*}} warning: nothing is found here
	return entry_ok(entry) ? run(entry) : -EINVAL;
}

int broken_bad(void)
{
	/* pinlint: revalidated(no_such_function): why */
	// CHECK: :[[@LINE-1]]:{{.*}} warning: this comment silences nothing: nothing here is named 'no_such_function'
	/* pinlint: ignore(pinlint-leek): why */
	// CHECK: :[[@LINE-1]]:{{.*}} warning: this comment silences nothing: no check is named 'pinlint-leek'
	/* pinlint: ignore: why */
	// CHECK: :[[@LINE-1]]:{{.*}} warning: this comment silences nothing: it does not say which check
	/* pinlint: allow(pinlint-leak): why */
	// CHECK: :[[@LINE-1]]:{{.*}} warning: this comment silences nothing: pinlint knows 'ignore' and 'revalidated', not 'allow'
	return 0;
}

// Other tools' comments are theirs. So are those about checks that do not run.
int others_ok(void)
{
	int a = 0; // NOLINT
	int b = a; // NOLINT(bugprone-*)
	/* pinlint: ignore(pinlint-partial-pin): not run here */
	return b;
}

// Regions, with the names of checks as they are given.
// NOLINTBEGIN(pinlint-leak)
int region_ok(unsigned long addr, struct page *page)
{
	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	return 0;
}
// NOLINTBEGIN(pinlint-double-fetch)
int nested_ok(const u64 __user *p, unsigned long addr, struct page *page)
{
	u64 entry;

	if (get_user(entry, p))
		return -EFAULT;
	if (!entry_ok(entry))
		return -EINVAL;
	if (get_user(entry, p))
		return -EFAULT;
	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	return run(entry);
}
// NOLINTEND(pinlint-double-fetch)
// NOLINTEND(pinlint-leak)

int after_region_bad(unsigned long addr, struct page *page)
{
	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: pinned pages from 'pin_user_pages_fast'
}

// NOLINTBEGIN(pinlint-leak)
// CHECK: :[[@LINE-1]]:{{.*}} warning: nothing is found here: this comment silences nothing
int idle_region(void);
// NOLINTEND(pinlint-leak)

// NOLINTEND(pinlint-leak)
// CHECK: :[[@LINE-1]]:{{.*}} warning: this comment silences nothing: no NOLINTBEGIN of the same checks is before it
// NOLINTBEGIN(pinlint-*)
// CHECK: :[[@LINE-1]]:{{.*}} warning: this comment silences nothing: no NOLINTEND of the same checks follows
// NOLINTBEGIN(bugprone-*)
