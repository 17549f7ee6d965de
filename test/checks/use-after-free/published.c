// RUN: %check_pinlint pinlint-use-after-free
// A reference that is taken when user space can put it already.
#include "../Inputs/lifetime.h"

struct inode;
struct kvm;
void kvm_get_kvm(struct kvm *kvm);
void kvm_put_kvm(struct kvm *kvm);
struct file_operations {
	int (*release)(struct inode *inode, struct file *file);
};
int anon_inode_getfd(const char *name, const struct file_operations *fops,
		     void *priv, int flags);
struct unit {
	struct kvm *kvm;
};

static int unit_release(struct inode *inode, struct file *file)
{
	struct unit *unit = file->private_data;

	kvm_put_kvm(unit->kvm);
	return 0;
}

static const struct file_operations unit_fops = {
	.release = unit_release,
};

int unit_create_bad(struct unit *unit, struct kvm *kvm)
{
	int fd;

	unit->kvm = kvm;
	fd = anon_inode_getfd("unit", &unit_fops, unit, 0);
	if (fd < 0)
		return fd;
	kvm_get_kvm(kvm);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the KVM reference is taken by 'kvm_get_kvm' after 'anon_inode_getfd' has published the descriptor; if that is closed first, 'unit_release' puts a reference that nobody has taken
	return fd;
}

int unit_create_ok(struct unit *unit, struct kvm *kvm)
{
	int fd;

	unit->kvm = kvm;
	kvm_get_kvm(kvm);
	fd = anon_inode_getfd("unit", &unit_fops, unit, 0);
	if (fd < 0)
		kvm_put_kvm(kvm);
	return fd;
}
