// RUN: %check_pinlint pinlint-double-fetch
#include "../Inputs/kernel.h"

void *memset(void *s, int c, size_t n);

struct msg {
	u32 len;
	u32 flags;
	u8 data[];
};
struct item {
	u32 slot;
	u32 pad;
};
struct table {
	int value[16];
};
void deliver(const void *data, u32 len);
int run(u32 op, u32 arg);
bool entry_ok(u64 entry);
void set_entry(unsigned long i, u64 entry);

// The length that was checked, and allocated for, is read again with the rest.
int size_bad(const struct msg __user *umsg)
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
	if (copy_from_user(msg, umsg, sizeof(*msg) + len)) {
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'copy_from_user' reads memory again that was checked after 'get_user' had read it; the second value of 'len' is passed to 'deliver' without that check [pinlint-double-fetch]
		// CHECK: :[[@LINE-9]]:{{.*}} note: memory is read here the first time
		// CHECK: :[[@LINE-8]]:{{.*}} note: the first value is checked here
		// CHECK: :[[@LINE-4]]:{{.*}} note: the same memory is read again here
		// CHECK: :[[@LINE+4]]:{{.*}} note: the second value of 'len' is passed to 'deliver'
		kfree(msg);
		return -EFAULT;
	}
	deliver(msg->data, msg->len);
	kfree(msg);
	return 0;
}

// Only the flexible part is read again.
int size_ok(const struct msg __user *umsg)
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
	msg->len = len;
	if (copy_from_user(msg->data, umsg->data, len)) {
		kfree(msg);
		return -EFAULT;
	}
	deliver(msg->data, msg->len);
	kfree(msg);
	return 0;
}

int type_bad(const struct msg __user *umsg)
{
	struct msg msg;
	u32 op;

	if (get_user(op, &umsg->len))
		return -EFAULT;
	if (op > 3)
		return -EINVAL;
	if (copy_from_user(&msg, umsg, sizeof(msg)))
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'copy_from_user' reads memory again
		return -EFAULT;
	return run(msg.len, msg.flags);
}

// What is used was not checked, and what was checked is not used again.
int type_ok(const struct msg __user *umsg)
{
	struct msg msg;
	u32 op;

	if (get_user(op, &umsg->len))
		return -EFAULT;
	if (op > 3)
		return -EINVAL;
	if (copy_from_user(&msg, umsg, sizeof(msg)))
		return -EFAULT;
	return run(op, msg.flags);
}

struct list {
	const struct item __user *item;
};

int shallow_copy_bad(struct table *t, const struct list __user *ulist)
{
	struct list list;
	struct item item;

	if (copy_from_user(&list, ulist, sizeof(list)))
		return -EFAULT;
	if (copy_from_user(&item, list.item, sizeof(item)))
		return -EFAULT;
	if (item.slot >= ARRAY_SIZE(t->value))
		return -EINVAL;
	if (copy_from_user(&item, list.item, sizeof(item)))
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'copy_from_user' reads memory again that was checked after 'copy_from_user' had read it; the second value of 'slot' is used as an index without that check
		return -EFAULT;
	return t->value[item.slot];
}

// Two pointers of one copy are two places.
struct pair {
	const struct item __user *first, *second;
};
int shallow_copy_ok(struct table *t, const struct pair __user *upair)
{
	struct pair pair;
	struct item item;

	if (copy_from_user(&pair, upair, sizeof(pair)))
		return -EFAULT;
	if (copy_from_user(&item, pair.first, sizeof(item)))
		return -EFAULT;
	if (item.slot >= ARRAY_SIZE(t->value))
		return -EINVAL;
	if (copy_from_user(&item, pair.second, sizeof(item)))
		return -EFAULT;
	return run(item.slot, 0);
}

int loops_bad(const u64 __user *entries, unsigned long n)
{
	unsigned long i;
	u64 entry;

	for (i = 0; i < n; i++) {
		if (get_user(entry, entries + i))
			return -EFAULT;
		if (!entry_ok(entry))
			return -EINVAL;
	}
	for (i = 0; i < n; i++) {
		if (get_user(entry, entries + i))
			// CHECK: :[[@LINE-1]]:{{.*}} warning: 'get_user' reads memory again
			// CHECK: note: the first value is checked here by 'entry_ok'
			return -EFAULT;
		set_entry(i, entry);
	}
	return 0;
}

// Each round reads its own element, and uses what it has checked.
int loop_ok(const u64 __user *entries, unsigned long n)
{
	unsigned long i;
	u64 entry;

	for (i = 0; i < n; i++) {
		if (get_user(entry, entries + i))
			return -EFAULT;
		if (!entry_ok(entry))
			return -EINVAL;
		set_entry(i, entry);
	}
	return 0;
}

// Chunks follow each other.
int chunks_ok(const u8 __user *from, unsigned long n)
{
	u8 chunk[64];

	while (n >= sizeof(chunk)) {
		if (copy_from_user(chunk, from, sizeof(chunk)))
			return -EFAULT;
		if (chunk[0] > 3)
			return -EINVAL;
		deliver(chunk, chunk[0]);
		from += sizeof(chunk);
		n -= sizeof(chunk);
	}
	return 0;
}

// How much is cleared was fetched again.
int cleared_bad(const struct msg __user *from, u8 *buf)
{
	struct msg m;
	u32 len;

	if (get_user(len, &from->len))
		return -EFAULT;
	if (len > 64)
		return -EINVAL;
	if (copy_from_user(&m, from, sizeof(m)))
		// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-double-fetch]
		return -EFAULT;
	memset(buf, 0, m.len);
	return 0;
}

int cleared_ok(const struct msg __user *from, u8 *buf)
{
	struct msg m;
	u32 len;

	if (get_user(len, &from->len))
		return -EFAULT;
	if (len > 64)
		return -EINVAL;
	if (copy_from_user(&m, from, sizeof(m)))
		return -EFAULT;
	memset(buf, 0, len);
	return 0;
}
