// RUN: %check_pinlint pinlint-double-fetch
#include "../Inputs/kernel.h"

// The value that was read first is used, the one that was read second checked.
struct msg {
	u32 len;
	u32 slot;
	u8 data[64];
};
struct table {
	int value[16];
};
void deliver(const void *data, u32 len);

int late_bad(const struct msg __user *umsg)
{
	struct msg msg;
	u32 len;

	if (copy_from_user(&msg, umsg, sizeof(msg)))
		return -EFAULT;
	if (get_user(len, &umsg->len))
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'get_user' reads memory again for a check that 'copy_from_user' has read before; the first value of 'len' is passed to 'deliver' without that check
		// CHECK: note: the second value is checked here
		return -EFAULT;
	if (len > sizeof(msg.data))
		return -EINVAL;
	deliver(msg.data, msg.len);
	return 0;
}

int late_index_bad(struct table *t, const u32 __user *slot)
{
	u32 first, second;

	if (get_user(first, slot))
		return -EFAULT;
	if (get_user(second, slot))
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'get_user' reads memory again for a check
		return -EFAULT;
	if (second >= ARRAY_SIZE(t->value))
		return -EINVAL;
	return t->value[first];
}

int late_ok(const struct msg __user *umsg)
{
	struct msg msg;
	u32 len;

	if (copy_from_user(&msg, umsg, sizeof(msg)))
		return -EFAULT;
	if (get_user(len, &umsg->len))
		return -EFAULT;
	if (len > sizeof(msg.data))
		return -EINVAL;
	deliver(msg.data, len);
	return 0;
}

// Both were checked.
int both_ok(const struct msg __user *umsg)
{
	struct msg msg;
	u32 len;

	if (copy_from_user(&msg, umsg, sizeof(msg)))
		return -EFAULT;
	if (msg.len > sizeof(msg.data))
		return -EINVAL;
	if (get_user(len, &umsg->len))
		return -EFAULT;
	if (len > sizeof(msg.data))
		return -EINVAL;
	deliver(msg.data, msg.len);
	return 0;
}

// Where a string ended is not what was checked in it.
long strnlen_user(const char __user *str, long n);
int length_ok(const char __user *name)
{
	char buf[64];
	long len = strnlen_user(name, sizeof(buf));

	if (len <= 0 || len > sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, name, len))
		return -EFAULT;
	buf[sizeof(buf) - 1] = 0;
	if (buf[0] == '/')
		return -EINVAL;
	deliver(buf, len);
	return 0;
}
