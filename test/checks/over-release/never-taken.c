// RUN: %check_pinlint pinlint-over-release
// References that an object gives back, and that nobody has taken for it.
#include "../Inputs/kernel.h"

// What a region keeps is pinned; a release of something else is one too many,
// unless code that is not known fills it, too.
struct region {
	bool mapped;
	unsigned int count;
	struct page **pages;
};

int region_map(struct page ***pages, unsigned int *count);

static int region_pin(struct region *r, unsigned long addr, unsigned int n)
{
	int ret;

	r->pages = kmalloc(n * sizeof(struct page *), GFP_KERNEL);
	if (!r->pages)
		return -ENOMEM;
	ret = pin_user_pages_fast(addr, n, FOLL_WRITE, r->pages);
	if (ret != n) {
		if (ret > 0)
			unpin_user_pages(r->pages, ret);
		kfree(r->pages);
		r->pages = NULL;
		return -EFAULT;
	}
	r->count = n;
	r->mapped = false;
	return 0;
}

static void region_free_either_ok(struct region *r)
{
	unsigned int i;

	if (r->mapped)
		for (i = 0; i < r->count; i++)
			put_page(r->pages[i]);
	else
		unpin_user_pages(r->pages, r->count);
	kfree(r->pages);
}

// Other files know what region_map() takes references on.
int region_map_ok(struct region *r)
{
	int ret = region_map(&r->pages, &r->count);

	if (!ret)
		r->mapped = true;
	return ret;
}

int region_use_ok(struct region *r, unsigned long addr)
{
	int ret = region_pin(r, addr, 4);

	if (!ret)
		region_free_either_ok(r);
	return ret;
}

struct mirror {
	unsigned int count;
	struct page *pages[16];
};

static int mirror_pin_bad(struct mirror *m, unsigned long addr)
{
	int ret = pin_user_pages_fast(addr, 1, FOLL_WRITE, &m->pages[0]);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'mirror_free' also releases a page reference from 'pages', but nothing in this file takes one

	if (ret != 1)
		return -EFAULT;
	m->count = 1;
	return 0;
}

static void mirror_free(struct mirror *m)
{
	put_page(m->pages[0]);
	unpin_user_page(m->pages[0]);
	m->count = 0;
}

int mirror_use(struct mirror *m, unsigned long addr)
{
	int ret = mirror_pin_bad(m, addr);

	if (!ret)
		mirror_free(m);
	return ret;
}
