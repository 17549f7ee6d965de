// RUN: %check_pinlint pinlint-double-fetch
#include "../Inputs/kernel.h"

struct cmd {
	u32 op;
	u32 flags;
	u64 arg;
};
struct dev {
	struct cmd cmd;
	u32 limit;
};
int do_cmd(struct cmd *cmd);
int send_words(const u32 *words, u32 n);

// What was checked is in the object that is passed on.
int passed_bad(const struct cmd __user *ucmd)
{
	struct cmd *cmd = kmalloc(sizeof(*cmd), GFP_KERNEL);
	int ret = -EINVAL;
	u32 op;

	if (!cmd)
		return -ENOMEM;
	if (get_user(op, &ucmd->op))
		goto out;
	if (op >= 8)
		goto out;
	ret = -EFAULT;
	if (copy_from_user(cmd, ucmd, sizeof(*cmd)))
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'copy_from_user' reads memory again {{.*}} the object with the second value of 'op' is passed on
		goto out;
	ret = do_cmd(cmd);
out:
	kfree(cmd);
	return ret;
}

int passed_ok(const struct cmd __user *ucmd)
{
	struct cmd *cmd = kmalloc(sizeof(*cmd), GFP_KERNEL);
	int ret = -EINVAL;
	u32 op;

	if (!cmd)
		return -ENOMEM;
	if (get_user(op, &ucmd->op))
		goto out;
	if (op >= 8)
		goto out;
	ret = -EFAULT;
	if (copy_from_user(cmd, ucmd, sizeof(*cmd)))
		goto out;
	cmd->op = op;
	ret = do_cmd(cmd);
out:
	kfree(cmd);
	return ret;
}

// The callee takes what it needs out of the device.
static int send(struct dev *dev)
{
	struct cmd *cmd = &dev->cmd;
	u32 words[2] = { cmd->op, cmd->flags };

	return send_words(words, cmd->op);
}

int member_bad(struct dev *dev, const struct cmd __user *ucmd)
{
	struct cmd first;

	if (copy_from_user(&first, ucmd, sizeof(first)))
		return -EFAULT;
	if (first.op > dev->limit)
		return -EINVAL;
	if (copy_from_user(&dev->cmd, ucmd, sizeof(dev->cmd)))
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'copy_from_user' reads memory again
		return -EFAULT;
	return send(dev);
}

int member_ok(struct dev *dev, const struct cmd __user *ucmd)
{
	if (copy_from_user(&dev->cmd, ucmd, sizeof(dev->cmd)))
		return -EFAULT;
	if (dev->cmd.op > dev->limit)
		return -EINVAL;
	return send(dev);
}
