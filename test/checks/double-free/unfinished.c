// RUN: %check_pinlint pinlint-double-free
// Objects that are being made: who fails to fill a member leaves nothing that
// anybody would look at.
#include "../Inputs/lifetime.h"

struct box {
	void *buf, *spare;
	int n;
};
int start(struct box *b);

/* To clear it first is to begin. */
int box_setup_ok(struct box *b, size_t n)
{
	b->buf = NULL;
	b->n = 0;
	b->buf = kmalloc(n, GFP_KERNEL);
	if (!b->buf)
		return -ENOMEM;
	if (start(b)) {
		kfree(b->buf);
		return -EIO;
	}
	return 0;
}

/* The box had a buffer before, and lives on. */
int box_resize_bad(struct box *b, size_t n)
{
	kfree(b->buf);
	b->buf = NULL;
	b->buf = kmalloc(n, GFP_KERNEL);
	if (!b->buf)
		return -ENOMEM;
	if (start(b)) {
		kfree(b->buf);
		// CHECK: :[[@LINE-1]]:{{.*}}'b->buf' keeps pointing to an object that is freed here; other paths of 'box_resize_bad' clear it
		return -EIO;
	}
	return 0;
}

/* Other errors clear what the caller sees. */
int box_new_bad(struct box **out, size_t n)
{
	struct box *b;

	*out = b = kzalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	b->n = n;
	if (start(b)) {
		kfree(b);
		*out = NULL;
		return -EIO;
	}
	if (start(b)) {
		kfree(b);
		// CHECK: :[[@LINE-1]]:{{.*}}'*out' keeps pointing to an object that is freed here; other paths of 'box_new_bad' clear it
		return -EIO;
	}
	return 0;
}
