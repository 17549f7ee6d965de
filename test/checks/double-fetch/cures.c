// RUN: %check_pinlint pinlint-double-fetch
#include "../Inputs/kernel.h"

struct msg {
	u32 len;
	u32 flags;
	u64 addr;
	u8 data[];
};
void deliver(const void *data, u32 len);
int run(u32 op, u64 arg);
bool msg_ok(const struct msg *msg);
int lookup(u32 op);
long strnlen_user(const char __user *str, long n);
int in_compat_syscall(void);

// The checked length replaces the one that was read again.
int overwritten_ok(const struct msg __user *umsg)
{
	struct msg *msg;
	u32 len;

	if (get_user(len, &umsg->len))
		return -EFAULT;
	if (len > PAGE_SIZE)
		return -EINVAL;
	msg = memdup_user(umsg, sizeof(*msg) + len);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	msg->len = len;
	deliver(msg->data, msg->len);
	kfree(msg);
	return 0;
}

int compared_ok(const struct msg __user *umsg)
{
	struct msg *msg;
	u32 len;

	if (get_user(len, &umsg->len))
		return -EFAULT;
	if (len > PAGE_SIZE)
		return -EINVAL;
	msg = memdup_user(umsg, sizeof(*msg) + len);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	if (msg->len == len)
		deliver(msg->data, msg->len);
	kfree(msg);
	return 0;
}

int checked_again_ok(const struct msg __user *umsg)
{
	struct msg msg;
	u32 op;

	if (get_user(op, &umsg->flags))
		return -EFAULT;
	if (op > 7)
		return -EINVAL;
	if (copy_from_user(&msg, umsg, sizeof(msg)))
		return -EFAULT;
	if (msg.flags > 7)
		return -EINVAL;
	return run(msg.flags, msg.addr);
}

// That the length is good again says nothing about the memory for it.
int checked_again_bad(const struct msg __user *umsg)
{
	struct msg *msg;
	u32 len;

	if (get_user(len, &umsg->len))
		return -EFAULT;
	if (len > PAGE_SIZE)
		return -EINVAL;
	msg = kmalloc(sizeof(*msg) + len, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	if (copy_from_user(msg, umsg, sizeof(*msg) + len))
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'copy_from_user' reads memory again
		goto out;
	if (msg->len > PAGE_SIZE)
		goto out;
	deliver(msg->data, msg->len);
out:
	kfree(msg);
	return 0;
}

// A function that says no to what was read second.
int question_ok(const struct msg __user *umsg)
{
	struct msg msg;
	u32 op;

	if (get_user(op, &umsg->flags))
		return -EFAULT;
	if (!lookup(op))
		return -EINVAL;
	if (copy_from_user(&msg, umsg, sizeof(msg)))
		return -EFAULT;
	if (!lookup(msg.flags))
		return -EINVAL;
	return run(msg.flags, 0);
}

// The member that was checked is not used again.
int unused_ok(const struct msg __user *umsg)
{
	struct msg msg;
	u32 op;

	if (get_user(op, &umsg->flags))
		return -EFAULT;
	if (op > 7)
		return -EINVAL;
	if (copy_from_user(&msg, umsg, sizeof(msg)))
		return -EFAULT;
	return run(op, msg.addr);
}

// What follows the header is other memory.
int payload_ok(const struct msg __user *umsg, u8 *to)
{
	struct msg msg;

	if (copy_from_user(&msg, umsg, sizeof(msg)))
		return -EFAULT;
	if (msg.len > 64)
		return -EINVAL;
	if (copy_from_user(to, umsg + 1, msg.len))
		return -EFAULT;
	deliver(to, msg.len);
	return 0;
}

// The rest of a longer structure, as in VFIO's argsz and minsz.
int minsz_ok(const struct msg __user *umsg)
{
	unsigned long minsz = offsetof(struct msg, addr);
	struct msg msg;

	if (copy_from_user(&msg, umsg, minsz))
		return -EFAULT;
	if (msg.len < sizeof(msg))
		return -EINVAL;
	if (copy_from_user((void *)&msg + minsz, (void __user *)umsg + minsz,
			   sizeof(msg) - minsz))
		return -EFAULT;
	return run(msg.flags, msg.addr);
}

// Only one of two readers runs.
int exclusive_ok(const struct msg __user *umsg, int cmd)
{
	struct msg msg;
	u32 op;

	switch (cmd) {
	case 1:
		if (get_user(op, &umsg->flags))
			return -EFAULT;
		if (op > 7)
			return -EINVAL;
		break;
	case 2:
		if (copy_from_user(&msg, umsg, sizeof(msg)))
			return -EFAULT;
		op = msg.flags;
		break;
	default:
		return -EINVAL;
	}
	return run(op, 0);
}

// Elements of two layouts, of which a process uses one.
int compat_ok(const void __user *p, unsigned long n)
{
	const u64 __user *wide = p;
	const u32 __user *narrow = p;
	unsigned long i;
	u64 addr;
	u32 low;

	for (i = 0; i < n; i++) {
		if (in_compat_syscall()) {
			if (get_user(low, narrow + i))
				return -EFAULT;
			addr = low;
		} else if (get_user(addr, wide + i)) {
			return -EFAULT;
		}
		if (addr > PAGE_SIZE)
			return -EINVAL;
		run(0, addr);
	}
	return 0;
}

// The end is looked for again after it was copied.
int string_ok(char *to, const char __user *from)
{
	long len = strnlen_user(from, 64);

	if (len <= 0 || len > 64)
		return -EINVAL;
	if (copy_from_user(to, from, len))
		return -EFAULT;
	to[len - 1] = 0;
	deliver(to, len);
	return 0;
}

// A value that is only selected by the first read protects nothing.
int selection_ok(const u64 __user *p, u64 *out)
{
	u32 low;
	u64 all;

	if (copy_from_user(&low, p, sizeof(low)))
		return -EFAULT;
	*out = low ? 1 : 0;
	if (copy_from_user(&all, p, sizeof(all)))
		return -EFAULT;
	return run(0, all);
}
