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

/* Who is told of a failure does not look there: of 14 that were reported in Linux for
 * functions that only one file knows, or that stand in a table, none was right. */
static int box_fill_ok(struct box **out, size_t n)
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
		return -EIO;
	}
	return 0;
}

const struct box_ops {
	int (*fill)(struct box **out, size_t n);
} box_ops = { .fill = box_fill_ok };

/* Nobody comes to what could not be made ... */
struct ring {
	int *slots;
	int *names;
	size_t n;
};
int arm(struct ring *r);

static int ring_init_slots(struct ring *r)
{
	r->slots = NULL;
	r->slots = kmalloc(r->n, GFP_KERNEL);
	if (!r->slots)
		return -ENOMEM;
	if (arm(r)) {
		kfree(r->slots);
		return -EIO;
	}
	if (arm(r)) {
		kfree(r->slots);
		r->slots = NULL;
		return -EIO;
	}
	return 0;
}

int ring_init_ok(struct ring *r, size_t n)
{
	r->n = n;
	return ring_init_slots(r);
}

/* ... but who cleans up after that does. */
static int ring_init_names(struct ring *r)
{
	kfree(r->names);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'r->names' keeps pointing to an object that is freed here; other paths of 'ring_init_names' clear it
	if (arm(r))
		return -EIO;
	r->names = NULL;
	return 0;
}

static void ring_drop_names(struct ring *r)
{
	kfree(r->names);
}

int ring_init_named_bad(struct ring *r)
{
	int ret = ring_init_names(r);

	if (ret)
		ring_drop_names(r);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'r->names' is freed again by 'ring_drop_names'
	return ret;
}
