// RUN: %check_pinlint pinlint-double-free
// Functions that fail and leave a dead pointer, where nobody looks whether they
// have failed.
#include "../Inputs/lifetime.h"

struct table {
	unsigned long *entries;
	unsigned long *spare;
	int bound;
};
int map_entries(unsigned long *entries);

struct table_operations {
	int (*bind)(struct table *t);
	void (*unpopulate)(struct table *t);
};

static int pin_table(struct table *t)
{
	int ret = map_entries(t->entries);

	if (ret)
		goto free;
	return 0;
free:
	kfree(t->entries);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 't->entries' keeps pointing to an object that is freed here; 'bind_table' does not look whether 'pin_table' has failed, and 'unpopulate_table' frees it again [pinlint-double-free]
	return ret;
}

static int bind_table(struct table *t)
{
	pin_table(t);
	t->bound = 1;
	return 0;
}

static void unpopulate_table(struct table *t)
{
	kfree(t->entries);
}

const struct table_operations ignored_bad = {
	.bind = bind_table,
	.unpopulate = unpopulate_table,
};

static int pin_spare(struct table *t)
{
	int ret = map_entries(t->spare);

	if (ret)
		kfree(t->spare);
	return ret;
}

static int bind_spare(struct table *t)
{
	int ret = pin_spare(t);

	if (ret)
		return ret;
	t->bound = 1;
	return 0;
}

static void unpopulate_spare(struct table *t)
{
	if (t->bound)
		kfree(t->spare);
}

const struct table_operations looked_at_ok = {
	.bind = bind_spare,
	.unpopulate = unpopulate_spare,
};
