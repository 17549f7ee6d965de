// RUN: %check_pinlint pinlint-double-fetch
#include "../Inputs/kernel.h"

struct hdr {
	u32 op;
	u32 len;
};
struct cmd {
	struct hdr hdr;
	u64 arg;
};
int run(u32 op, u64 arg);
void deliver(const void *data, u32 len);
bool op_ok(u32 op);

// The dispatcher checks, the handler reads everything again.
static int handle_read(const struct cmd __user *ucmd)
{
	struct cmd cmd;

	if (copy_from_user(&cmd, ucmd, sizeof(cmd)))
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'copy_from_user' reads memory again that was checked after 'get_user' had read it; the second value of 'op' is passed to 'run' without that check
		return -EFAULT;
	return run(cmd.hdr.op, cmd.arg);
}

int dispatch_bad(unsigned long arg)
{
	const struct cmd __user *ucmd = (void __user *)arg;
	u32 op;

	if (get_user(op, &ucmd->hdr.op))
		return -EFAULT;
	if (!op_ok(op))
		return -EINVAL;
	return handle_read(ucmd);
}

// The helper reads the header, the caller all.
static int read_header(struct hdr *hdr, const void __user *from)
{
	if (copy_from_user(hdr, from, sizeof(*hdr)))
		return -EFAULT;
	if (hdr->op > 7)
		return -EINVAL;
	return 0;
}

int helper_bad(const struct cmd __user *ucmd)
{
	struct cmd cmd;
	struct hdr hdr;
	int ret = read_header(&hdr, ucmd);

	if (ret)
		return ret;
	if (copy_from_user(&cmd, ucmd, sizeof(cmd)))
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'copy_from_user' reads memory again
		return -EFAULT;
	return run(cmd.hdr.op, cmd.arg);
}

int helper_ok(const struct cmd __user *ucmd)
{
	struct hdr hdr;
	u64 arg;
	int ret = read_header(&hdr, ucmd);

	if (ret)
		return ret;
	if (get_user(arg, &ucmd->arg))
		return -EFAULT;
	return run(hdr.op, arg);
}

// Who says that it failed has found nothing out.
int failed_first_ok(const struct cmd __user *ucmd)
{
	struct cmd cmd;
	struct hdr hdr;

	if (read_header(&hdr, ucmd) >= 0)
		return run(hdr.op, 0);
	if (copy_from_user(&cmd, ucmd, sizeof(cmd)))
		return -EFAULT;
	return run(cmd.hdr.op, cmd.arg);
}

// Two commands at two addresses.
int two_ok(const struct cmd __user *a, const struct cmd __user *b)
{
	struct cmd cmd;
	struct hdr hdr;
	int ret = read_header(&hdr, a);

	if (ret)
		return ret;
	if (copy_from_user(&cmd, b, sizeof(cmd)))
		return -EFAULT;
	return run(cmd.hdr.op, cmd.arg);
}

// The same through an integer, a cast and an offset.
int cast_bad(unsigned long arg)
{
	void __user *p = (void __user *)(arg + 8);
	struct cmd cmd;
	u32 op;

	if (get_user(op, (u32 __user *)p))
		return -EFAULT;
	if (op > 7)
		return -EINVAL;
	if (copy_from_user(&cmd, (struct cmd __user *)arg + 0, sizeof(cmd)))
		return -EFAULT;
	if (copy_from_user(&cmd.arg, (char __user *)arg + 8, 8))
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'copy_from_user' reads memory again
		return -EFAULT;
	return run(0, cmd.arg);
}

// Callers in other files are not seen.
int FN_other_file(const struct cmd __user *ucmd, u32 checked_op)
{
	struct cmd cmd;

	if (checked_op > 7)
		return -EINVAL;
	if (copy_from_user(&cmd, ucmd, sizeof(cmd)))
		return -EFAULT;
	return run(cmd.hdr.op, cmd.arg);
}

// Elements of two layouts: which one it is may be asked in each round, but one
// element has one layout.
struct entry {
	u32 len;
	u8 pad[12];
};
struct narrow {
	u32 len;
	u8 pad[4];
};
static int one(const void __user *p)
{
	u32 len;

	if (copy_from_user(&len, p, sizeof(len)))
		return -EFAULT;
	if (len > 64)
		return -EINVAL;
	return run(len, 0);
}

int layouts_ok(const void __user *p, unsigned long n, unsigned int flags)
{
	const struct entry __user *wide = p;
	const struct narrow __user *narrow = p;
	u32 len;
	int ret = 0;

	while (n--) {
		if (flags & 1) {
			ret = one(narrow);
			narrow++;
		} else {
			if (copy_from_user(&len, wide, sizeof(len)))
				return -EFAULT;
			ret = run(len, 0);
			wide++;
		}
		if (ret)
			return ret;
		if (flags & 2)
			flags |= 4;
	}
	return 0;
}

// Both branches read what was checked before.
int branches_bad(const struct entry __user *p, unsigned int flags)
{
	u32 len;

	if (copy_from_user(&len, p, sizeof(len)))
		return -EFAULT;
	if (len > 64)
		return -EINVAL;
	if (flags & 1) {
		if (copy_from_user(&len, p, sizeof(len)))
			// CHECK: :[[@LINE-1]]:{{.*}} warning: 'copy_from_user' reads memory again
			return -EFAULT;
	}
	return run(len, 0);
}
