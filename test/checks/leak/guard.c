// RUN: %check_pinlint pinlint-leak
// An object may say itself that what it has need not be given back.
#include "../Inputs/kernel.h"

struct meta {
	struct page *page;
	unsigned int flags;
	int error;
};
#define IS_ROOT 1
int bad(struct meta *m);
int fill(struct meta *m);

static struct meta *read_meta(unsigned long addr)
{
	struct meta *m = kmalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return NULL;
	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &m->page) != 1) {
		kfree(m);
		return NULL;
	}
	fill(m);
	return m;
}

static void release_meta(struct meta *m)
{
	put_page(m->page);
	kfree(m);
}

int guarded_ok(unsigned long addr)
{
	struct meta *m = read_meta(addr);

	if (!m)
		return -EIO;
	if (bad(m)) {
		if (!(m->flags & IS_ROOT))
			release_meta(m);
		return -EINVAL;
	}
	if (!(m->flags & IS_ROOT))
		release_meta(m);
	return 0;
}

/* No guard on this way. */
int jumped_bad(unsigned long addr)
{
	struct meta *m = read_meta(addr);

	if (!m)
		return -EIO;
	if (bad(m))
		return -EINVAL;
	// CHECK: :[[@LINE-1]]:3: warning: page reference from 'read_meta' is not released when 'bad(m)'
	if (!(m->flags & IS_ROOT))
		release_meta(m);
	return 0;
}

/* What the object says decides where to go, not what is owed. */
int failed_bad(unsigned long addr)
{
	struct meta *m = read_meta(addr);

	if (!m)
		return -EIO;
	if (m->error)
		return -EIO;
	// CHECK: :[[@LINE-1]]:3: warning: page reference from 'read_meta' is not released when 'm->error'
	release_meta(m);
	return 0;
}

int failed_goto_bad(unsigned long addr)
{
	struct meta *m = read_meta(addr);
	int ret = 0;

	if (!m)
		return -EIO;
	if (m->error) {
		ret = -EIO;
		goto out;
	}
	release_meta(m);
out:
	return ret;
	// CHECK: :[[@LINE-1]]:2: warning: page reference from 'read_meta' is not released when 'm->error'
}
