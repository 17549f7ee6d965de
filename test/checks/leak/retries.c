// RUN: %check_pinlint pinlint-leak
// Whoever goes back to try again has to give back what it could not use.
#include "../Inputs/kernel.h"

struct address_space;
struct filled {
	struct page *pages[16];
	int num_pages;
};
struct page *grab_cache_page_write_begin(struct address_space *mapping,
					 unsigned long index);
int fault_in(struct iov_iter *iter);
size_t copy_page_from_iter_atomic(struct page *page, unsigned offset,
				  size_t bytes, struct iov_iter *i);

int fill_bad(struct filled *to, struct address_space *mapping,
	     struct iov_iter *iter, unsigned long index)
{
	int err;

	do {
		struct page *page;

again:
		err = -EFAULT;
		if (fault_in(iter))
			break;
		err = -ENOMEM;
		page = grab_cache_page_write_begin(mapping, index);
		if (!page)
			break;
		if (!copy_page_from_iter_atomic(page, 0, PAGE_SIZE, iter))
			goto again;
		err = 0;
		to->pages[to->num_pages++] = page;
		index++;
	} while (to->num_pages < 16);
	return to->num_pages ? to->num_pages : err;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: page reference from 'grab_cache_page_write_begin' is not released when '!copy_page_from_iter_atomic(page, 0, PAGE_SIZE, iter)'; put_page() is missing (and on 2 other paths) [pinlint-leak]
}

int fill_ok(struct filled *to, struct address_space *mapping,
	    struct iov_iter *iter, unsigned long index)
{
	int err;

	do {
		struct page *page;

again:
		err = -EFAULT;
		if (fault_in(iter))
			break;
		err = -ENOMEM;
		page = grab_cache_page_write_begin(mapping, index);
		if (!page)
			break;
		if (!copy_page_from_iter_atomic(page, 0, PAGE_SIZE, iter)) {
			put_page(page);
			goto again;
		}
		err = 0;
		to->pages[to->num_pages++] = page;
		index++;
	} while (to->num_pages < 16);
	return to->num_pages ? to->num_pages : err;
}
