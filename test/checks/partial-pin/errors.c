// RUN: %check_pinlint 'pinlint-*'
// A pin call has three outcomes: all pages, some pages, an error.
#include "../Inputs/kernel.h"

int give_up_on_short_bad(unsigned long addr)
{
	struct page *pages[8];
	int n;

	n = pin_user_pages_fast(addr, 8, FOLL_WRITE, pages);
	if (n < 8)
		return -EFAULT;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-partial-pin]
	use_pages(pages, 8);
	unpin_user_pages(pages, 8);
	return 0;
}

int release_the_short_part_ok(unsigned long addr)
{
	struct page *pages[8];
	int n;

	n = pin_user_pages_fast(addr, 8, FOLL_WRITE, pages);
	if (n < 8) {
		if (n > 0)
			unpin_user_pages(pages, n);
		return n < 0 ? n : -EFAULT;
	}
	use_pages(pages, 8);
	unpin_user_pages(pages, 8);
	return 0;
}

int errors_only_bad(unsigned long addr)
{
	struct page *pages[8];
	int n;

	n = pin_user_pages_fast(addr, 8, FOLL_WRITE, pages);
	if (n < 0)
		return n;
	if (n != 8)
		return -EIO;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-partial-pin]
	unpin_user_pages(pages, 8);
	return 0;
}

int one_page_is_never_short_ok(unsigned long addr)
{
	struct page *page;
	int n;

	n = pin_user_pages_fast(addr, 1, FOLL_WRITE, &page);
	if (unlikely(n != 1))
		return n < 0 ? n : -EFAULT;
	unpin_user_page(page);
	return 0;
}

int one_page_by_sign_ok(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) <= 0)
		return -EFAULT;
	unpin_user_page(page);
	return 0;
}

/* The result is compared as unsigned: a negative one is large. */
int unsigned_bound_misses_errors_ok(unsigned long addr, unsigned int nr)
{
	struct page *pages[8];
	int n;

	if (nr > 8)
		return -EINVAL;
	n = pin_user_pages_fast(addr, nr, 0, pages);
	if (n < (int)nr) {
		while (n > 0)
			unpin_user_page(pages[--n]);
		return -EFAULT;
	}
	unpin_user_pages(pages, nr);
	return 0;
}

/* As above without the cast: errors are not caught, and what was not pinned is
 * unpinned. */
int unsigned_comparison_bad(unsigned long addr, unsigned int nr)
{
	struct page *pages[8];
	int n;

	if (nr > 8)
		return -EINVAL;
	n = pin_user_pages_fast(addr, nr, 0, pages);
	if (n < nr) {
		unpin_user_pages(pages, n);
		return -EFAULT;
	}
	unpin_user_pages(pages, nr);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'unpin_user_pages' releases pinned pages that 'pin_user_pages_fast' has not obtained: it failed [pinlint-over-release]
	return 0;
}

int compared_with_long_bad(unsigned long addr, unsigned long nr)
{
	struct page **pages;
	long n;
	int ret = 0;

	pages = kcalloc(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	n = pin_user_pages(addr, nr, FOLL_WRITE, pages);
	if (n != nr) {
		ret = n < 0 ? n : -EFAULT;
		goto free;
	}
	unpin_user_pages(pages, nr);
free:
	kfree(pages);
	return ret;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-partial-pin]
}

/* The variable of the request takes the result before the common label. */
int count_takes_partial_value_ok(unsigned long addr, int nr)
{
	struct page **pages;
	int pinned, ret = 0;

	pages = kcalloc(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	pinned = pin_user_pages_fast(addr, nr, FOLL_WRITE, pages);
	if (pinned != nr) {
		if (pinned < 0) {
			ret = pinned;
			nr = 0;
		} else {
			ret = -EFAULT;
			nr = pinned;
		}
		goto unpin;
	}
	use_pages(pages, nr);
unpin:
	if (nr)
		unpin_user_pages(pages, nr);
	kfree(pages);
	return ret;
}

int count_reset_for_every_failure_bad(unsigned long addr, int nr)
{
	struct page **pages;
	int pinned, ret = 0;

	pages = kcalloc(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	pinned = pin_user_pages_fast(addr, nr, FOLL_WRITE, pages);
	if (pinned != nr) {
		ret = pinned < 0 ? pinned : -EFAULT;
		nr = 0;
		goto unpin;
	}
	use_pages(pages, nr);
unpin:
	if (nr)
		unpin_user_pages(pages, nr);
	kfree(pages);
	return ret;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-partial-pin]
}

/* The result replaces itself by an error code, and the label looks at it. */
int result_overwritten_before_label_bad(unsigned long addr, int nr)
{
	struct page **pages;
	int ret;

	pages = kcalloc(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	ret = pin_user_pages_fast(addr, nr, FOLL_WRITE, pages);
	if (ret != nr) {
		ret = -EFAULT;
		goto out;
	}
	use_pages(pages, nr);
out:
	if (ret > 0)
		unpin_user_pages(pages, ret);
	kfree(pages);
	return ret < 0 ? ret : 0;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-partial-pin]
}

/* What remains of the request decides, not the result. */
int remaining_count_bad(unsigned long addr, unsigned long nr)
{
	struct page *pages[16];
	long done;

	nr = min(nr, ARRAY_SIZE(pages));
	done = pin_user_pages(addr, nr, 0, pages);
	if (done < 0)
		return done;
	nr -= done;
	if (nr)
		return -EFAULT;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-partial-pin]
	unpin_user_pages(pages, done);
	return 0;
}

/* A short result is good enough here. */
int short_is_fine_ok(unsigned long addr)
{
	struct page *pages[16];
	int n;

	n = pin_user_pages_fast(addr, 16, 0, pages);
	if (n <= 0)
		return n;
	use_pages(pages, n);
	unpin_user_pages(pages, n);
	return n;
}

/* The caller learns how many there are, and it is his array. */
int short_is_told_ok(unsigned long addr, int nr, struct page **pages)
{
	int n;

	n = pin_user_pages_fast(addr, nr, FOLL_WRITE, pages);
	if (n == 0)
		return -EFAULT;
	return n;
}

/* The caller's array keeps pages that nobody can count any more; that he has
 * the array is enough to silence the check. */
int FN_short_is_not_told_bad(unsigned long addr, int nr, struct page **pages)
{
	int n;

	n = pin_user_pages_fast(addr, nr, FOLL_WRITE, pages);
	if (n != nr)
		return -EFAULT;
	return 0;
}

/* The count is the caller's, and valid even on error. */
int count_through_out_parameter_ok(unsigned long addr, int nr,
				   struct page **pages, int *pinned)
{
	int n;

	*pinned = 0;
	n = pin_user_pages_fast(addr, nr, FOLL_WRITE, pages);
	if (n < 0)
		return n;
	*pinned = n;
	return n == nr ? 0 : -ENOMEM;
}

int caller_of_out_parameter_ok(unsigned long addr, int nr)
{
	struct page **pages;
	int pinned, ret;

	pages = kcalloc(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	ret = count_through_out_parameter_ok(addr, nr, pages, &pinned);
	if (!ret)
		use_pages(pages, nr);
	unpin_user_pages(pages, pinned);
	kfree(pages);
	return ret;
}

int caller_of_out_parameter_bad(unsigned long addr, int nr)
{
	struct page **pages;
	int pinned, ret;

	pages = kcalloc(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	ret = count_through_out_parameter_ok(addr, nr, pages, &pinned);
	if (!ret) {
		use_pages(pages, nr);
		unpin_user_pages(pages, pinned);
	}
	kfree(pages);
	return ret;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-partial-pin]
}

/* The field is overwritten by what there is; the helper releases by it. */
static void drop_buffer(struct buffer *buf)
{
	unpin_user_pages(buf->pages, buf->npages);
	kfree(buf->pages);
	buf->pages = NULL;
}

int field_takes_partial_count_ok(struct buffer *buf, unsigned long addr)
{
	long n;
	int err;

	buf->pages = kcalloc(buf->npages, sizeof(*buf->pages), GFP_KERNEL);
	if (!buf->pages)
		return -ENOMEM;
	n = pin_user_pages(addr, buf->npages, FOLL_WRITE, buf->pages);
	if (n != buf->npages) {
		if (n >= 0) {
			buf->npages = n;
			err = -ENOMEM;
			goto drop;
		}
		err = n;
		goto free;
	}
	return 0;
drop:
	drop_buffer(buf);
	return err;
free:
	kfree(buf->pages);
	buf->pages = NULL;
	return err;
}

int field_takes_partial_count_bad(struct buffer *buf, unsigned long addr)
{
	long n;

	buf->pages = kcalloc(buf->npages, sizeof(*buf->pages), GFP_KERNEL);
	if (!buf->pages)
		return -ENOMEM;
	n = pin_user_pages(addr, buf->npages, FOLL_WRITE, buf->pages);
	if (n != buf->npages) {
		kfree(buf->pages);
		buf->pages = NULL;
		return n < 0 ? n : -ENOMEM;
		// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-partial-pin]
	}
	return 0;
}

/* A failed accounting step forgets what the pin call gave. */
int unified_exit_ok(unsigned long addr, int nr, struct mm_struct *mm)
{
	struct page **pages;
	int pinned, ret;

	pages = kcalloc(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	pinned = pin_user_pages_fast(addr, nr, FOLL_LONGTERM, pages);
	if (pinned == nr) {
		mm->pinned_vm += nr;
		ret = 0;
	} else {
		ret = pinned < 0 ? pinned : -EFAULT;
	}
	if (ret && pinned > 0)
		unpin_user_pages(pages, pinned);
	if (!ret) {
		use_pages(pages, nr);
		unpin_user_pages(pages, nr);
		mm->pinned_vm -= nr;
	}
	kfree(pages);
	return ret;
}

int unified_exit_bad(unsigned long addr, int nr)
{
	struct page **pages;
	int pinned, ret = 0;

	pages = kcalloc(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	pinned = pin_user_pages_fast(addr, nr, FOLL_LONGTERM, pages);
	if (pinned != nr)
		ret = pinned < 0 ? pinned : -EFAULT;
	if (!ret) {
		use_pages(pages, nr);
		unpin_user_pages(pages, nr);
	}
	kfree(pages);
	return ret;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-partial-pin]
}

/* BUG_ON ends every other path. */
int anything_else_is_a_bug_ok(unsigned long addr)
{
	struct page *pages[2];
	int n = pin_user_pages_fast(addr, 2, FOLL_WRITE, pages);

	BUG_ON(n != 2);
	unpin_user_pages(pages, 2);
	return 0;
}

int warned_about_bad(unsigned long addr)
{
	struct page *pages[2];
	int n = pin_user_pages_fast(addr, 2, FOLL_WRITE, pages);

	if (WARN_ON(n != 2))
		return -EFAULT;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-partial-pin]
	unpin_user_pages(pages, 2);
	return 0;
}

int warned_about_ok(unsigned long addr)
{
	struct page *pages[2];
	int n = pin_user_pages_fast(addr, 2, FOLL_WRITE, pages);

	if (n < 0)
		return n;
	WARN_ON(n != 2);
	unpin_user_pages(pages, n);
	return 0;
}

/* The count is cut to 32 bits on the way: beyond 2^32 pages, some stay pinned.
 * That a conversion loses bits is not looked at. */
int FN_truncated_count_bad(unsigned long addr, u64 npages, struct page **pages)
{
	int n = npages;

	if (pin_user_pages(addr, npages, 0, pages) != npages)
		BUG();
	use_pages(pages, n);
	unpin_user_pages(pages, n);
	return 0;
}

/* A negative result makes an empty loop. */
int negative_result_is_empty_loop_ok(unsigned long addr, int nr)
{
	struct page *pages[16];
	int n, i, ret = 0;

	if (nr > 16)
		return -EINVAL;
	n = pin_user_pages_fast(addr, nr, 0, pages);
	if (n != nr) {
		for (i = 0; i < n; i++)
			unpin_user_page(pages[i]);
		ret = -ENOMEM;
		goto done;
	}
	use_pages(pages, n);
	unpin_user_pages(pages, n);
done:
	return ret;
}
