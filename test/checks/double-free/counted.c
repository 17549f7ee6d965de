// RUN: %check_pinlint pinlint-double-free
// What is freed when a counter drops to zero, by a function with more ways out
// than a summary has exits.
#include "../Inputs/lifetime.h"

struct counter {
	int value;
};
void counter_inc(struct counter *c);
int counter_dec_and_test(struct counter *c);

struct buf {
	struct counter hold;
	unsigned int flags;
	void *a, *b, *c, *d, *e, *f;
};

static void buf_free(struct buf *buf)
{
	if (buf->flags & 1)
		kfree(buf->a);
	if (buf->flags & 2)
		kfree(buf->b);
	if (buf->flags & 4)
		kfree(buf->c);
	if (buf->flags & 8)
		kfree(buf->d);
	if (buf->flags & 16)
		kfree(buf->e);
	if (buf->flags & 32)
		kfree(buf->f);
	kfree(buf);
}

static void buf_put(struct buf *buf)
{
	if (counter_dec_and_test(&buf->hold))
		buf_free(buf);
}

// The first of them is not the last.
int submit_ok(struct buf *buf)
{
	counter_inc(&buf->hold);
	buf_put(buf);
	buf_put(buf);
	return 0;
}

struct reader {
	struct buf *buf;
};

// It is still there for who reads.
int read_ok(struct reader *r, struct buf *buf)
{
	r->buf = buf;
	counter_inc(&buf->hold);
	buf_put(buf);
	if (!buf->flags)
		r->buf = NULL;
	return 0;
}

int free_twice_bad(struct buf *buf)
{
	buf_free(buf);
	kfree(buf);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'buf' is freed again by 'kfree'
	return 0;
}
