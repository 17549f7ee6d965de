// RUN: %check_pinlint pinlint-leak
// What nothing in a function gives back is one mistake, however many ways out
// there are; what some path gives back is one for each that does not.
#include "../Inputs/kernel.h"

struct thing {
	struct page *page;
};
int check(struct page *const page);
int check_again(struct page *const page);
int check_user(unsigned long addr);

int never_bad(unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	if (check(page))
		return -EINVAL;
	// CHECK: :[[@LINE-1]]:3: warning: page references from 'get_user_pages_fast' are not released when 'check(page)'; put_page() is missing (and on 2 other paths)
	// CHECK: :[[@LINE-2]]:3: note: the path ends without put_page(), as do those through lines 24 and 25
	if (check_again(page))
		return -EIO;
	return 0;
}

/* Who gets it in the end does not give it back. */
int kept_bad(struct thing *t, unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	if (check(page))
		return -EINVAL;
	// CHECK: :[[@LINE-1]]:3: warning: page references from 'get_user_pages_fast' are not released when 'check(page)'; put_page() is missing (and on another path)
	// CHECK: :[[@LINE-2]]:3: note: the path ends without put_page(), as does the one through line 40
	if (check_again(page))
		return -EIO;
	t->page = page;
	return 0;
}

int sometimes_bad(unsigned long addr)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	if (check(page))
		return -EINVAL;
	// CHECK: :[[@LINE-1]]:3: warning: page references from 'get_user_pages_fast' are not released when 'check(page)'; put_page() is missing
	// CHECK: :[[@LINE-2]]:3: note: the path ends without put_page(){{$}}
	if (check_again(page))
		return -EIO;
	// CHECK: :[[@LINE-1]]:3: warning: page references from 'get_user_pages_fast' are not released when 'check_again(page)'; put_page() is missing
	put_page(page);
	return 0;
}

/* Paths that meet before the end are told of as well. */
int meet_bad(unsigned long addr)
{
	struct page *page;
	int ret;

	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	ret = check(page);
	if (ret)
		goto out;
		ret = check_again(page);
	if (ret)
		goto out;
	put_page(page);
out:
	return ret;
	// CHECK: :[[@LINE-1]]:2: warning: page references from 'get_user_pages_fast' are not released when 'ret'; put_page() is missing (and on another path)
	// CHECK: :[[@LINE-2]]:2: note: the path ends without put_page(), as does the one through line [[@LINE-8]]
}

int one_meets_bad(unsigned long addr)
{
	struct page *page;
	int ret;

	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	ret = check(page);
	if (ret)
		goto out;
	ret = check_again(page);
	if (ret)
		goto put;
put:
	put_page(page);
out:
	return ret;
	// CHECK: :[[@LINE-1]]:2: warning: page references from 'get_user_pages_fast' are not released when 'ret'; put_page() is missing [pinlint-leak]
	// CHECK: :[[@LINE-2]]:2: note: the path ends without put_page(){{$}}
}

struct mapping {
	struct page **pages;
};
/* Takes them over if it succeeds. */
int map_pages(struct mapping *m, struct page **pages, int n);
int announce(struct mapping *m);

/* One of the paths that meet at the end has given them away. */
int given_away_bad(struct mapping *m, unsigned long addr, int n)
{
	struct page **pages = kvmalloc_array(n, sizeof(*pages), GFP_KERNEL);
	int ret = -ENOMEM;

	if (!pages)
		return ret;
	ret = pin_user_pages_fast(addr, n, FOLL_WRITE, pages);
	if (ret <= 0)
		goto out;
	m->pages = pages;
	ret = map_pages(m, pages, ret);
	if (ret < 0)
		goto out;
	ret = announce(m);
	if (ret < 0)
		return ret;
	return 0;
out:
	kvfree(pages);
	return ret;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: pinned pages from 'pin_user_pages_fast' are not released when 'ret < 0'; unpin_user_page() is missing
}

/* Both ways end in the same line, which would tell nobody anything. */
int same_end_bad(unsigned long addr, int again)
{
	struct page *page;
	int ret = 0;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	if (again) {
		ret = check_user(addr);
		if (!ret)
			ret = check_user(addr + 1);
	}
	return ret;
	// CHECK: :[[@LINE-1]]:2: warning: page references from 'get_user_pages_fast' are not released; put_page() is missing (and on another path) [pinlint-leak]
	// CHECK: :[[@LINE-2]]:2: note: the path ends without put_page(){{$}}
}
