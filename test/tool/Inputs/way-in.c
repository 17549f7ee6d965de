#include "gup.h"

void *kmalloc(unsigned long size, unsigned gfp);
void kfree(const void *p);
int check(void);

struct buffer
{
	void *table;
	struct page *page;
};

static void drop(struct buffer *b)
{
	kfree(b->table);
	unpin_user_page(b->page);
}

int released(unsigned long addr, int wide)
{
	struct buffer b;
	int err = 0;

	b.table = kmalloc(64, 0);
	if (pin_user_pages(addr, 1, 0, &b.page) != 1) {
		kfree(b.table);
		return -14;
	}
	if (wide) {
		err = -22;
		goto out;
	}
	drop(&b);
	return 0;
out:
	unpin_user_page(b.page);
	drop(&b);
	return err;
}

int freed(int wide)
{
	void *p = kmalloc(64, 0);

	if (!p)
		return -12;
	if (check())
		goto out;
	if (wide)
		check();
	kfree(p);
	return 0;
out:
	kfree(p);
	kfree(p);
	return -22;
}
