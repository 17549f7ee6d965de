// RUN: %check_pinlint pinlint-double-fetch --code-base=xen
#include "../Inputs/kernel.h"

// Reads of a domain's memory by the hypervisor.
unsigned int raw_copy_from_guest(void *to, const void *from, unsigned int len);
#define GUEST_HANDLE(type) struct { type *p; }
#define copy_from_guest_offset(ptr, hnd, off, nr)                              \
  ({                                                                           \
    const __typeof__(*(ptr)) *s_ = (hnd).p;                                    \
    __typeof__(*(ptr)) *d_ = (ptr);                                            \
    raw_copy_from_guest(d_, s_ + (off), sizeof(*d_) * (nr));                   \
  })
#define copy_from_guest(ptr, hnd, nr) copy_from_guest_offset(ptr, hnd, 0, nr)

struct op {
	u32 cmd;
	u32 slot;
};
typedef GUEST_HANDLE(struct op) op_handle;
int act(u32 cmd, u32 slot);

int hypercall_bad(op_handle arg)
{
	struct op op;

	if (copy_from_guest(&op, arg, 1))
		return -EFAULT;
	if (op.slot > 15)
		return -EINVAL;
	if (copy_from_guest(&op, arg, 1))
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'copy_from_guest' reads memory again
		return -EFAULT;
	return act(op.cmd, op.slot);
}

int array_ok(op_handle arg, unsigned int n)
{
	struct op op;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < n && !ret; i++) {
		if (copy_from_guest_offset(&op, arg, i, 1))
			return -EFAULT;
		if (op.slot > 15)
			return -EINVAL;
		ret = act(op.cmd, op.slot);
	}
	return ret;
}

// A page that a device model shares.
struct ioreq {
	u64 addr;
	u32 size;
};
struct shared_iopage {
	struct ioreq vcpu_ioreq[4];
};
struct table {
	int value[16];
};

int ring_bad(struct table *t, struct shared_iopage *page, u32 i)
{
	if (page->vcpu_ioreq[i].size >= ARRAY_SIZE(t->value))
		return -EINVAL;
	return t->value[page->vcpu_ioreq[i].size];
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'page->vcpu_ioreq[i].size' is read again
}

// By its type, this might be a copy.
int FN_ring_bad(struct table *t, struct shared_iopage *page)
{
	struct ioreq *req = &page->vcpu_ioreq[1];

	if (req->size >= ARRAY_SIZE(t->value))
		return -EINVAL;
	return t->value[req->size];
}

int ring_ok(struct table *t, struct shared_iopage *page)
{
	u32 size = READ_ONCE(page->vcpu_ioreq[1].size);

	if (size >= ARRAY_SIZE(t->value))
		return -EINVAL;
	return t->value[size];
}

// The copy that a vCPU has.
int copy_ok(struct table *t, struct ioreq *req)
{
	if (req->size >= ARRAY_SIZE(t->value))
		return -EINVAL;
	return t->value[req->size];
}
