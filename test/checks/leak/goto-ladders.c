// RUN: %check_pinlint 'pinlint-*'
// Ways out of a function: labels, fallen-through success, jumps backwards.
#include "../Inputs/kernel.h"

int setup_hardware(struct request *rq);
int start_hardware(struct request *rq);
void stop_hardware(struct request *rq);

int ladder_ok(struct request *rq, unsigned long addr)
{
	struct page *page;
	void *table;
	int ret;

	table = kzalloc(PAGE_SIZE, GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	ret = pin_user_pages_fast(addr, 1, FOLL_WRITE, &page);
	if (ret != 1) {
		ret = -EFAULT;
		goto free;
	}
	ret = setup_hardware(rq);
	if (ret)
		goto unpin;
	ret = start_hardware(rq);
	if (ret)
		goto stop;
	run_request(rq);
stop:
	stop_hardware(rq);
unpin:
	unpin_user_page(page);
free:
	kfree(table);
	return ret;
}

int wrong_label_bad(struct request *rq, unsigned long addr)
{
	struct page *page;
	void *table;
	int ret;

	table = kzalloc(PAGE_SIZE, GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	ret = pin_user_pages_fast(addr, 1, FOLL_WRITE, &page);
	if (ret != 1) {
		ret = -EFAULT;
		goto free;
	}
	ret = setup_hardware(rq);
	if (ret)
		goto free;
	run_request(rq);
	unpin_user_page(page);
free:
	kfree(table);
	return ret;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

int early_return_bad(struct request *rq, unsigned long addr)
{
	struct page *page;
	int ret;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	ret = setup_hardware(rq);
	if (ret)
		return ret;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	ret = start_hardware(rq);
	if (ret)
		goto unpin;
	run_request(rq);
unpin:
	unpin_user_page(page);
	return ret;
}

/* The error code is set before the call that may need it. */
int code_set_beforehand_ok(struct request *rq, unsigned long addr)
{
	struct page *page;
	int rc;

	rc = -EFAULT;
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		goto out;
	rc = -EIO;
	if (setup_hardware(rq))
		goto unpin;
	rc = 0;
unpin:
	unpin_user_page(page);
out:
	return rc;
}

/* NULL tells the label that there is nothing. */
int one_label_for_all_ok(struct request *rq, unsigned long addr, int skip)
{
	struct page *page = NULL;
	int ret = 0;

	if (skip)
		goto out;
	if (pin_user_pages_fast(addr, 1, 0, &page) != 1) {
		page = NULL;
		ret = -EFAULT;
		goto out;
	}
	ret = setup_hardware(rq);
out:
	if (page)
		unpin_user_page(page);
	return ret;
}

int label_inside_if_ok(struct request *rq, unsigned long addr)
{
	struct page *page;
	int ret;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	ret = setup_hardware(rq);
	if (ret)
		goto drop;
	ret = start_hardware(rq);
	if (ret) {
		stop_hardware(rq);
drop:
		unpin_user_page(page);
		return ret;
	}
	unpin_user_page(page);
	return 0;
}

int backward_goto_ok(struct request *rq, unsigned long addr)
{
	struct page *page;
	int ret;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	if (setup_hardware(rq))
		goto failed;
	ret = 0;
done:
	unpin_user_page(page);
	return ret;
failed:
	stop_hardware(rq);
	ret = -EIO;
	goto done;
}

int backward_goto_bad(struct request *rq, unsigned long addr)
{
	struct page *page;
	int ret = 0;

	if (0) {
done:
		return ret;
		// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	}
	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	if (setup_hardware(rq)) {
		ret = -EIO;
		goto done;
	}
	unpin_user_page(page);
	return 0;
}

/* A flag remembers how far it went. */
int progress_flag_ok(struct request *rq, unsigned long addr, bool want)
{
	struct page *page;
	bool pinned = false;
	int ret = -EINVAL;

	if (want) {
		if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
			return -EFAULT;
		pinned = true;
	}
	if (setup_hardware(rq))
		goto out;
	ret = start_hardware(rq);
out:
	if (pinned)
		unpin_user_page(page);
	return ret;
}

int progress_flag_bad(struct request *rq, unsigned long addr, bool want)
{
	struct page *page;
	bool pinned = false;
	int ret = -EINVAL;

	if (want) {
		if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
			return -EFAULT;
		if (setup_hardware(rq))
			goto out;
		pinned = true;
	}
	ret = start_hardware(rq);
out:
	if (pinned)
		unpin_user_page(page);
	return ret;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

int by_switch_ok(struct request *rq, unsigned long addr, int mode)
{
	struct page *page;
	int ret;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	switch (mode) {
	case 0:
		ret = setup_hardware(rq);
		if (ret)
			break;
		/* fall through */
	case 1:
		ret = start_hardware(rq);
		break;
	default:
		ret = -EINVAL;
	}
	unpin_user_page(page);
	return ret;
}

int by_switch_bad(struct request *rq, unsigned long addr, int mode)
{
	struct page *page;
	int ret;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	switch (mode) {
	case 0:
		ret = setup_hardware(rq);
		break;
	default:
		return -EINVAL;
		// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	}
	unpin_user_page(page);
	return ret;
}

/* One exit condition for every failure. */
int released_on_any_error_ok(struct request *rq, unsigned long addr,
			     struct buffer *buf)
{
	int ret, pinned;

	pinned = pin_user_pages_fast(addr, 1, 0, &buf->page);
	ret = pinned == 1 ? setup_hardware(rq) : -EFAULT;
	if (ret && pinned > 0) {
		unpin_user_page(buf->page);
		buf->page = NULL;
	}
	return ret;
}

int nested_conditions_ok(struct request *rq, unsigned long addr, bool a, bool b)
{
	struct page *page;
	int ret = 0;

	if (a && b) {
		if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
			return -EFAULT;
	}
	ret = start_hardware(rq);
	if (a && b)
		unpin_user_page(page);
	return ret;
}

int bug_ends_the_path_ok(unsigned long addr, int kind)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	switch (kind) {
	case 1:
		break;
	default:
		BUG();
	}
	unpin_user_page(page);
	return 0;
}
