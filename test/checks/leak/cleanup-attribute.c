// RUN: %check_pinlint 'pinlint-*'
// Releases that the compiler adds at the end of a scope.
#include "../Inputs/kernel.h"

static inline void free_page_ptr(struct page **page)
{
	if (*page)
		put_page(*page);
}
#define __put_page __attribute__((cleanup(free_page_ptr)))

static inline void free_memory(void *p)
{
	kfree(*(void **)p);
}
#define __kfree __attribute__((cleanup(free_memory)))

#define no_free_ptr(p)                                                        \
	({                                                                    \
		__typeof__(p) kept_ = (p);                                    \
		(p) = NULL;                                                   \
		kept_;                                                        \
	})

static inline struct mutex *lock_it(struct mutex *lock)
{
	mutex_lock(lock);
	return lock;
}
static inline void unlock_it(struct mutex **lock)
{
	if (*lock)
		mutex_unlock(*lock);
}
#define guard_mutex(m)                                                        \
	struct mutex *guard_ __attribute__((cleanup(unlock_it))) = lock_it(m)

int released_by_scope_ok(unsigned long addr, bool check)
{
	struct page *page __put_page = NULL;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1) {
		page = NULL;
		return -EFAULT;
	}
	if (check)
		return -EINVAL;
	use_pages(&page, 1);
	return 0;
}

struct page *handed_out_ok(unsigned long addr, bool check)
{
	struct page *page __put_page = NULL;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1) {
		page = NULL;
		return NULL;
	}
	if (check)
		return NULL;
	return no_free_ptr(page);
}

int user_of_handed_out_bad(unsigned long addr)
{
	struct page *page = handed_out_ok(addr, false);

	return page ? 0 : -EFAULT;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

int taken_from_scope_bad(unsigned long addr)
{
	struct page *page __put_page = NULL;
	struct page *mine;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1) {
		page = NULL;
		return -EFAULT;
	}
	mine = no_free_ptr(page);
	return first_word(mine);
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

int array_freed_by_scope_bad(unsigned long addr, int n)
{
	struct page **pages __kfree = kcalloc(n, sizeof(*pages), GFP_KERNEL);
	int got;

	if (!pages)
		return -ENOMEM;
	got = pin_user_pages_fast(addr, n, 0, pages);
	if (got < 0)
		return got;
	if (got < n)
		return -EFAULT;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-partial-pin]
	unpin_user_pages(pages, n);
	return 0;
}

int under_guard_ok(struct mutex *lock, unsigned long addr, bool check)
{
	struct page *page;
	int ret = 0;

	guard_mutex(lock);
	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	if (check)
		ret = -EINVAL;
	put_page(page);
	return ret;
}

int under_guard_bad(struct mutex *lock, unsigned long addr, bool check)
{
	struct page *page;

	guard_mutex(lock);
	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	if (check)
		return -EINVAL;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	put_page(page);
	return 0;
}

/* One scope per round of a loop. */
int scope_in_loop_ok(unsigned long addr, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		struct page *page __put_page = NULL;

		if (get_user_pages_fast(addr + i * PAGE_SIZE, 1, 0,
					&page) != 1) {
			page = NULL;
			continue;
		}
		if (!first_word(page))
			break;
	}
	return 0;
}

/* A goto out of the scope runs it as well. */
int goto_out_of_scope_ok(unsigned long addr, bool check)
{
	int ret = 0;

	{
		struct page *page __put_page = NULL;

		if (get_user_pages_fast(addr, 1, 0, &page) != 1) {
			page = NULL;
			ret = -EFAULT;
			goto out;
		}
		if (check)
			goto out;
		use_pages(&page, 1);
	}
	ret = 1;
out:
	return ret;
}
