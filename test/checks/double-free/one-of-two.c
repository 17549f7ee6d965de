// RUN: %check_pinlint pinlint-double-free
// What a path shows of a callee that frees several things is about the one that
// is freed twice.
#include "../Inputs/kernel.h"
#include "../Inputs/lifetime.h"

struct part {
	int id;
};
struct whole {
	struct part *first, *second, *third;
};

static void parts_free(struct whole *w)
{
	kfree(w->first);
	kfree(w->second);
	kfree(w->third);
}

int whole_init_bad(struct whole *w)
{
	struct part *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	w->second = p;
	parts_free(w);
	// CHECK: one-of-two.c:[[@LINE+5]]:2: warning: 'p' is freed again
	// CHECK: one-of-two.c:[[@LINE-2]]:2: note: 'p' is freed here by 'parts_free'
	// CHECK-NOT: one-of-two.c:16:
	// CHECK: one-of-two.c:17:2: note: 'kfree' called here
	// CHECK: one-of-two.c:[[@LINE+1]]:2: note: it is freed again here
	kfree(p);
	return -EIO;
}
