// RUN: %check_pinlint 'pinlint-*'
// What calls that are not known take over, and what they do not.
#include "../Inputs/kernel.h"

struct table {
	struct page *page;
	void *map;
};

struct table *new_table(void);
int publish(struct table *table);
struct table *replace(struct table *table);
void retire(struct table *table);
int program_address(u64 address);

/* The table is somebody's who can be asked for it. */
int others_table_ok(unsigned long addr)
{
	struct table *table = new_table();

	if (get_user_pages_fast(addr, 1, 0, &table->page) != 1)
		return -EFAULT;
	return publish(table);
}

int publishing_fails_bad(unsigned long addr)
{
	struct table *table = kzalloc(sizeof(*table), GFP_KERNEL);
	int ret;

	if (!table)
		return -ENOMEM;
	if (get_user_pages_fast(addr, 1, 0, &table->page) != 1) {
		kfree(table);
		return -EFAULT;
	}
	ret = publish(table);
	if (ret < 0) {
		kfree(table);
		return ret;
		// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	}
	return 0;
}

int publishing_fails_ok(unsigned long addr)
{
	struct table *table = kzalloc(sizeof(*table), GFP_KERNEL);
	int ret;

	if (!table)
		return -ENOMEM;
	if (get_user_pages_fast(addr, 1, 0, &table->page) != 1) {
		kfree(table);
		return -EFAULT;
	}
	ret = publish(table);
	if (ret < 0) {
		put_page(table->page);
		kfree(table);
		return ret;
	}
	return 0;
}

/* The function that takes the table down may put the page. */
int retired_ok(unsigned long addr)
{
	struct table *table = kzalloc(sizeof(*table), GFP_KERNEL);
	int ret;

	if (!table)
		return -ENOMEM;
	if (get_user_pages_fast(addr, 1, 0, &table->page) != 1) {
		kfree(table);
		return -EFAULT;
	}
	ret = publish(table);
	if (ret < 0)
		retire(table);
	return ret;
}

int replacing_fails_bad(unsigned long addr)
{
	struct table *table = kzalloc(sizeof(*table), GFP_KERNEL);
	struct table *old;

	if (!table)
		return -ENOMEM;
	if (get_user_pages_fast(addr, 1, 0, &table->page) != 1) {
		kfree(table);
		return -EFAULT;
	}
	old = replace(table);
	if (IS_ERR(old)) {
		kfree(table);
		return PTR_ERR(old);
		// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	}
	return 0;
}

int address_ok(unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	program_address(page_to_phys(page));
	return 0;
}

/* The failure is known where the paths meet again. */
int address_refused_bad(unsigned long addr, bool early)
{
	struct page *page;
	int ret;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	if (early) {
		put_page(page);
		ret = -EIO;
		goto out;
	}
	ret = program_address(page_to_phys(page));
	if (ret)
		goto out;
	return 0;
out:
	return ret;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}
