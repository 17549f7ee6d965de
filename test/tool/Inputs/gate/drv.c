#include "drv.h"

/* Leaks since long ago. */
int known(unsigned long addr, int flag)
{
	struct page *page;

	if (pin_user_pages(addr, 1, 0, &page) != 1)
		return -14;
	if (flag)
		return -22;
	unpin_user_page(page);
	return 0;
}

int second(unsigned long addr)
{
	struct page *page;
	int ret = 0;

	if (pin_user_pages(addr, 1, 0, &page) != 1)
		return -14;
	if (check(addr))
		ret = -22;
	unpin_user_page(page);
	return ret;
}

/* What waits to be done. */
struct queue {
	int busy;
	int length;
};

/* Never fails, so far. */
static int enqueue(struct queue *q)
{
	q->length++;
	if (q->length > 16)
		q->busy = 1;

	return 0;
}

int length_1(const struct queue *q)
{
	return q->busy ? 0 : q->length - 1;
}

int length_2(const struct queue *q)
{
	return q->busy ? 0 : q->length - 2;
}

int length_3(const struct queue *q)
{
	return q->busy ? 0 : q->length - 3;
}

int length_4(const struct queue *q)
{
	return q->busy ? 0 : q->length - 4;
}

int length_5(const struct queue *q)
{
	return q->busy ? 0 : q->length - 5;
}

int length_6(const struct queue *q)
{
	return q->busy ? 0 : q->length - 6;
}

int length_7(const struct queue *q)
{
	return q->busy ? 0 : q->length - 7;
}

int length_8(const struct queue *q)
{
	return q->busy ? 0 : q->length - 8;
}

int length_9(const struct queue *q)
{
	return q->busy ? 0 : q->length - 9;
}

int start(struct queue *q, unsigned long addr)
{
	struct page *page;
	int ret;

	if (pin_user_pages(addr, 1, 0, &page) != 1)
		return -14;
	ret = enqueue(q);
	if (ret)
		return ret;
	unpin_user_page(page);
	return 0;
}
