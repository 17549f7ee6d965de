// RUN: %check_pinlint 'pinlint-leak,pinlint-partial-pin'
// What a callee puts into objects that the caller cannot name: containers,
// objects that others find, new elements of the caller's arrays.
#include "../Inputs/kernel.h"

struct context {
	struct page *page;
	struct list_head link;
};
struct region {
	void *data;
	int kind;
};
struct owner {
	struct region *regions;
	int count;
};
struct list_head queue;

void *krealloc(const void *p, size_t size, gfp_t flags);
int insert_entry(void *container, unsigned long index, void *entry);
struct context *find_context(struct owner *o, int index);
int prepare(void);

static int add_region(struct owner *o, void *data)
{
	struct region *r;

	r = krealloc(o->regions, (o->count + 1) * sizeof(*r), GFP_KERNEL);
	if (!r)
		return -ENOMEM;
	o->regions = r;
	o->regions[o->count].data = data;
	o->regions[o->count].kind = 1;
	o->count++;
	return 0;
}

int array_ok(struct owner *o, unsigned long addr)
{
	struct page *page;
	int ret;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	ret = add_region(o, page);
	if (ret)
		unpin_user_page(page);
	return ret;
}

static int insert_first(struct owner *o, struct page *page)
{
	struct context *c = kzalloc(sizeof(*c), GFP_KERNEL);
	int ret;

	if (!c)
		return -ENOMEM;
	ret = insert_entry(o, 0, c);
	if (ret) {
		kfree(c);
		return ret;
	}
	c->page = page;
	return 0;
}

int inserted_before_ok(struct owner *o, unsigned long addr)
{
	struct page *page;
	int ret;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	ret = insert_first(o, page);
	if (ret)
		unpin_user_page(page);
	return ret;
}

static int insert_last(struct owner *o, struct page *page)
{
	struct context *c = kzalloc(sizeof(*c), GFP_KERNEL);
	int ret;

	if (!c)
		return -ENOMEM;
	c->page = page;
	ret = insert_entry(o, 0, c);
	if (ret)
		kfree(c);
	return ret;
}

int inserted_after_ok(struct owner *o, unsigned long addr)
{
	struct page *page;
	int ret;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	ret = insert_last(o, page);
	if (ret)
		unpin_user_page(page);
	return ret;
}

static int put_into_found(struct owner *o, struct page *page)
{
	struct context *c = find_context(o, 0);

	if (!c)
		return -ENOMEM;
	c->page = page;
	return 0;
}

int found_ok(struct owner *o, unsigned long addr)
{
	struct page *page;
	int ret;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	ret = put_into_found(o, page);
	if (ret)
		unpin_user_page(page);
	return ret;
}

/* The new object that has the page is forgotten, or freed. */
struct note {
	struct page *page;
};

static int forget(struct page *page)
{
	struct note *c = kzalloc(sizeof(*c), GFP_KERNEL);

	if (!c)
		return -ENOMEM;
	c->page = page;
	if (prepare()) {
		kfree(c);
		return -EIO;
	}
	return 0;
}

int forgotten_bad(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	return forget(page);
	// CHECK: :[[@LINE-1]]:{{.*}}pinned page{{.*}} from 'pin_user_pages_fast' {{.*}}not released{{.*}}[pinlint-leak]
}
