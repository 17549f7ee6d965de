// RUN: %check_pinlint pinlint-leak
// What was put into the caller's object stays there, unless another error path
// that has put it there, too, gives it back and leaves the object as it is.
#include "../Inputs/kernel.h"

struct table {
	struct {
		struct page *page;
		int users;
	} slots[8];
};
struct thing {
	struct page *page;
};
int map_slot(struct table *t, int i);
int enable_slot(struct table *t, int i);
int fill(struct thing *t);
int start(struct thing *t);

#define MAP(not_mapped, not_enabled)                                           \
	struct page *pages[1];                                                 \
	int ret;                                                               \
                                                                               \
	ret = pin_user_pages_fast(addr, 1, FOLL_WRITE, pages);                 \
	if (ret < 0)                                                           \
		return ret;                                                    \
	t->slots[i].page = pages[0];                                           \
	ret = map_slot(t, i);                                                  \
	if (ret < 0) {                                                         \
		not_mapped;                                                    \
		return ret;                                                    \
	}                                                                      \
	ret = enable_slot(t, i);                                               \
	if (ret) {                                                             \
		not_enabled;                                                   \
		return ret;                                                    \
	}                                                                      \
	t->slots[i].users = 1;                                                 \
	return 0

int map_ok(struct table *t, int i, unsigned long addr)
{
	MAP(unpin_user_page(pages[0]), unpin_user_page(t->slots[i].page));
}

int map_first_bad(struct table *t, int i, unsigned long addr)
{
	MAP(, unpin_user_page(t->slots[i].page));
	// CHECK: :[[@LINE-1]]:{{.*}} warning: pinned pages from 'pin_user_pages_fast' are kept on this error path, where the caller does not expect them
}

int map_second_bad(struct table *t, int i, unsigned long addr)
{
	MAP(unpin_user_page(pages[0]), );
	// CHECK: :[[@LINE-1]]:{{.*}} warning: pinned pages from 'pin_user_pages_fast' are kept on this error path, where the caller does not expect them
}

int start_bad(struct thing *t, unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	t->page = page;
	if (fill(t)) {
		put_page(page);
		return -EIO;
	}
	if (start(t))
		return -EINVAL;
	// CHECK: :[[@LINE-1]]:3: warning: page references from 'get_user_pages_fast' are kept on this error path, where the caller does not expect them
	return 0;
}

/* Who destroys it puts what is there. */
int start_cleared_ok(struct thing *t, unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	t->page = page;
	if (fill(t)) {
		put_page(page);
		t->page = NULL;
		return -EIO;
	}
	if (start(t))
		return -EINVAL;
	return 0;
}

/* It was not there yet. */
int start_late_ok(struct thing *t, unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	if (fill(t)) {
		put_page(page);
		return -EIO;
	}
	t->page = page;
	if (start(t))
		return -EINVAL;
	return 0;
}
