// RUN: %check_pinlint pinlint-leak
// Objects of one type whose tables of operations say of which kind they are.
#include "../Inputs/kernel.h"

struct object;
struct object_operations {
	int (*get_pages)(struct object *o, unsigned long addr);
	void (*release)(struct object *o);
};
struct object {
	const struct object_operations *ops;
	struct page **pages;
	int npages;
};

// Pages of user memory; nobody unpins them, though objects of another kind put
// theirs.
static int user_get_pages(struct object *o, unsigned long addr)
{
	struct page **pages;
	int ret;

	pages = kvmalloc_array(o->npages, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	ret = pin_user_pages_fast(addr, o->npages, FOLL_WRITE, pages);
	if (ret != o->npages) {
		if (ret > 0)
			unpin_user_pages(pages, ret);
		kvfree(pages);
		return -EFAULT;
	}
	o->pages = pages;
	return 0;
}

static void user_release_bad(struct object *o)
{
	if (o->pages) {
		// CHECK: kinds.c:[[@LINE+1]]:3: warning: pinned pages that 'user_get_pages' keeps in 'pages' are not released before it is freed; unpin_user_page() is missing [pinlint-leak]
		kvfree(o->pages);
	}
}

static const struct object_operations user_operations = {
	.get_pages = user_get_pages,
	.release = user_release_bad,
};

struct page *alloc_page(unsigned int gfp);

static int own_get_pages(struct object *o, unsigned long addr)
{
	o->pages = kvmalloc_array(1, sizeof(*o->pages), GFP_KERNEL);
	if (!o->pages)
		return -ENOMEM;
	o->pages[0] = alloc_page(GFP_KERNEL);
	return o->pages[0] ? 0 : -ENOMEM;
}

static void own_release_ok(struct object *o)
{
	int i;

	for (i = 0; i < o->npages; i++)
		put_page(o->pages[i]);
	kvfree(o->pages);
}

static const struct object_operations own_operations = {
	.get_pages = own_get_pages,
	.release = own_release_ok,
};

// The object is passed to whoever its operations say before it is freed.
void object_init(struct object *o, bool user)
{
	o->ops = user ? &user_operations : &own_operations;
}

void object_free_ok(struct object *o)
{
	o->ops->release(o);
	kfree(o);
}
