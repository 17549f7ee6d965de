// RUN: %check_pinlint pinlint-double-fetch --protocols=%S/shared.yaml
#include "../Inputs/kernel.h"

// Plain loads of memory that others have mapped are reads, too.
struct desc {
	u32 len;
	u32 op;
	u64 addr;
};
struct ring {
	struct desc *desc;
	u32 *index;
	u32 size;
	u8 data[64];
};
int run(u32 op, u64 addr);

int twice_bad(struct ring *ring)
{
	if (ring->desc->len > 64)
		return -EINVAL;
	return run(0, ring->desc->len);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'ring->desc->len' is read again after its first value was checked; the second value of 'len' is passed to 'run' without that check
}

int element_bad(struct ring *ring, u32 n)
{
	const struct desc *d = &ring->desc[n];

	if (READ_ONCE(d->op) > 7)
		return -EINVAL;
	return run(READ_ONCE(d->op), 0);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'READ_ONCE(d->op)' is read again
}

int index_bad(struct ring *ring)
{
	if (*ring->index >= ARRAY_SIZE(ring->data))
		return -EINVAL;
	return ring->data[*ring->index];
	// CHECK: :[[@LINE-1]]:{{.*}} warning: '*ring->index' is read again {{.*}} is used as an index
}

// Read once, the value stays.
int once_ok(struct ring *ring)
{
	u32 len = READ_ONCE(ring->desc->len);

	if (len > 64)
		return -EINVAL;
	return run(0, len);
}

// A copy of one's own is nobody else's.
int copy_ok(struct ring *ring)
{
	struct desc d = *ring->desc;

	if (d.len > 64)
		return -EINVAL;
	return run(d.op, d.len);
}

// So is the rest of the structure.
int private_ok(struct ring *ring)
{
	if (ring->size > 64)
		return -EINVAL;
	return run(0, ring->size);
}

int elements_ok(struct ring *ring, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		u32 len = ring->desc[i].len;

		if (len > 64)
			return -EINVAL;
		run(0, len);
	}
	return 0;
}
