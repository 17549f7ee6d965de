// RUN: %check_pinlint pinlint-double-fetch
#include "../Inputs/kernel.h"

bool copy_from_iter_full(void *addr, size_t bytes, struct iov_iter *i);
void iov_iter_revert(struct iov_iter *i, size_t bytes);
void iov_iter_advance(struct iov_iter *i, size_t bytes);
int run(u32 op, u64 arg);

struct hdr {
	u32 op;
	u32 len;
};
struct cmd {
	struct hdr hdr;
	u64 arg;
};

int revert_bad(struct iov_iter *i)
{
	struct hdr hdr;
	struct cmd cmd;

	if (!copy_from_iter_full(&hdr, sizeof(hdr), i))
		return -EFAULT;
	if (hdr.op > 3)
		return -EINVAL;
	iov_iter_revert(i, sizeof(hdr));
	if (!copy_from_iter_full(&cmd, sizeof(cmd), i))
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'copy_from_iter_full' reads memory again
		return -EFAULT;
	return run(cmd.hdr.op, cmd.arg);
}

int stream_ok(struct iov_iter *i)
{
	struct hdr hdr;
	struct cmd cmd;

	if (!copy_from_iter_full(&hdr, sizeof(hdr), i))
		return -EFAULT;
	if (hdr.op > 3)
		return -EINVAL;
	if (!copy_from_iter_full(&cmd, sizeof(cmd), i))
		return -EFAULT;
	return run(cmd.hdr.op, cmd.arg);
}

int forth_and_back_ok(struct iov_iter *i)
{
	struct hdr hdr;
	struct cmd cmd;

	if (!copy_from_iter_full(&hdr, sizeof(hdr), i))
		return -EFAULT;
	if (hdr.op > 3)
		return -EINVAL;
	iov_iter_advance(i, 8);
	iov_iter_revert(i, 8);
	if (!copy_from_iter_full(&cmd.arg, sizeof(cmd.arg), i))
		return -EFAULT;
	return run(hdr.op, cmd.arg);
}
