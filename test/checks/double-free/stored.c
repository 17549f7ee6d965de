// RUN: %check_pinlint pinlint-double-free
// References and objects that stay where somebody else puts or frees them.
#include "../Inputs/lifetime.h"

struct eventfd_ctx;
struct eventfd_ctx *eventfd_ctx_fdget(int fd);
void eventfd_ctx_put(struct eventfd_ctx *ctx);
struct queue {
	struct eventfd_ctx *ctx;
	int *table;
	int count;
};
struct dev {
	struct queue *queues[4];
	struct queue *main;
};
void unknown_reset(struct queue *q);

void queue_release(struct dev *dev, int i)
{
	if (dev->queues[i]->ctx)
		eventfd_ctx_put(dev->queues[i]->ctx);
	kfree(dev->queues[i]->table);
	kfree(dev->queues[i]);
}

long set_ctx_bad(struct dev *dev, unsigned int i, int fd)
{
	struct queue *q = dev->queues[i];
	struct eventfd_ctx *ctx = eventfd_ctx_fdget(fd);

	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	q->ctx = ctx;
	eventfd_ctx_put(ctx);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'dev->queues[]->ctx' keeps pointing to an object that is put here; 'queue_release' puts it again
	return 0;
}

long set_ctx_ok(struct dev *dev, unsigned int i, int fd)
{
	struct queue *q = dev->queues[i];
	struct eventfd_ctx *ctx = eventfd_ctx_fdget(fd);

	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	swap(ctx, q->ctx);
	if (ctx)
		eventfd_ctx_put(ctx);
	return 0;
}

// What comes next is not known, but it is called for the rest of the object.
void queue_disable_bad(struct queue *q)
{
	q->count = 0;
	kfree(q->table);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'q->table' keeps pointing to an object that is freed here; 'queue_release' frees it again
	unknown_reset(q);
}

void queue_disable_ok(struct queue *q)
{
	q->count = 0;
	kfree(q->table);
	q->table = NULL;
	unknown_reset(q);
}
// CHECK-NOT: warning:
