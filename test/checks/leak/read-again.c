// RUN: %check_pinlint pinlint-leak
// What READ_ONCE() reads again may have changed since.
#include "../Inputs/kernel.h"

#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))

struct mapping;
struct object {
	struct mapping *mapping;
};

int checked_again_bad(struct object *o, unsigned long addr)
{
	struct mapping *mapping;
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	mapping = READ_ONCE(o->mapping);
	if (READ_ONCE(o->mapping) != mapping)
		return -EIO;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: page reference{{s?}} from 'get_user_pages_fast' {{is|are}} not released when 'READ_ONCE(o->mapping) != mapping'; put_page() is missing [pinlint-leak]
	put_page(page);
	return 0;
}

int checked_again_ok(struct object *o, unsigned long addr)
{
	struct mapping *mapping;
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	mapping = READ_ONCE(o->mapping);
	if (READ_ONCE(o->mapping) != mapping) {
		put_page(page);
		return -EIO;
	}
	put_page(page);
	return 0;
}

// A value that was read once stays what it was.
int read_once_ok(struct object *o, unsigned long addr)
{
	struct mapping *mapping = READ_ONCE(o->mapping);
	struct page *page;

	if (mapping && get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	if (mapping)
		put_page(page);
	return 0;
}
