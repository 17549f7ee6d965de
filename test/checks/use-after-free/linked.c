// RUN: %check_pinlint pinlint-use-after-free
// Objects that are freed while a list still leads to them.
#include "../Inputs/lifetime.h"

struct work {
	int state;
};
struct entry {
	struct list_head node;
	struct work work;
};
struct table {
	struct list_head entries;
};
static struct table known;

int add_work(struct work *work);
int register_entry(struct entry *entry);
void finish(struct list_head *entries);

int freed_bad(struct table *table)
{
	struct entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	int ret;

	if (!entry)
		return -ENOMEM;
	list_add(&entry->node, &table->entries);
	ret = add_work(&entry->work);
	if (ret)
		kfree(entry);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'kfree' frees a list element that 'list_add' put in; list_del() is missing [pinlint-use-after-free]
	return ret;
}

static void remember(struct table *table, struct entry *entry)
{
	if (entry)
		list_add_tail(&entry->node, &table->entries);
}

int helper_bad(void)
{
	struct entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	int ret;

	if (!entry)
		return -ENOMEM;
	remember(&known, entry);
	ret = add_work(&entry->work);
	if (ret)
		goto error;
	return 0;
error:
	kfree(entry);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'kfree' frees a list element that 'remember' put in; list_del() is missing
	return ret;
}

int taken_out_ok(struct table *table)
{
	struct entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	int ret;

	if (!entry)
		return -ENOMEM;
	list_add(&entry->node, &table->entries);
	ret = add_work(&entry->work);
	if (ret) {
		list_del(&entry->node);
		kfree(entry);
	}
	return ret;
}

static void forget(struct entry *entry)
{
	list_del(&entry->node);
}

int taken_out_by_helper_ok(struct table *table)
{
	struct entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	int ret;

	if (!entry)
		return -ENOMEM;
	remember(table, entry);
	ret = add_work(&entry->work);
	if (ret) {
		forget(entry);
		kfree(entry);
	}
	return ret;
}

/* Who gets the object or the list may have taken it out. */
int given_away_ok(struct table *table)
{
	struct entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	int ret;

	if (!entry)
		return -ENOMEM;
	list_add(&entry->node, &table->entries);
	ret = register_entry(entry);
	if (ret)
		kfree(entry);
	return ret;
}

int list_given_away_ok(struct table *table)
{
	struct entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	int ret;

	if (!entry)
		return -ENOMEM;
	list_add(&entry->node, &table->entries);
	ret = add_work(&entry->work);
	if (ret) {
		finish(&table->entries);
		kfree(entry);
	}
	return ret;
}

void own_list_ok(void)
{
	struct list_head mine;
	struct entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);

	if (!entry)
		return;
	list_add(&entry->node, &mine);
	add_work(&entry->work);
	kfree(entry);
}

int not_yet_ok(struct table *table)
{
	struct entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);

	if (!entry)
		return -ENOMEM;
	if (add_work(&entry->work)) {
		kfree(entry);
		return -EIO;
	}
	list_add(&entry->node, &table->entries);
	return 0;
}

// Whoever ends the wait has taken it out.
struct completion {
	unsigned int done;
};
void wait_for_completion(struct completion *x);
struct command {
	struct list_head list;
	struct completion *done;
	int status;
};
struct controller {
	struct list_head commands;
};

static int queue_command(struct controller *c, struct command *cmd)
{
	if (c->commands.next == NULL)
		return -EINVAL;
	list_add_tail(&cmd->list, &c->commands);
	return 0;
}

int run_command_ok(struct controller *c)
{
	struct command *cmd = kzalloc(sizeof(*cmd), GFP_KERNEL);
	int ret;

	if (!cmd)
		return -ENOMEM;
	ret = queue_command(c, cmd);
	if (ret) {
		kfree(cmd);
		return ret;
	}
	wait_for_completion(cmd->done);
	ret = cmd->status;
	kfree(cmd);
	return ret;
}

int run_command_bad(struct controller *c)
{
	struct command *cmd = kzalloc(sizeof(*cmd), GFP_KERNEL);
	int ret;

	if (!cmd)
		return -ENOMEM;
	ret = queue_command(c, cmd);
	kfree(cmd);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'kfree' frees a list element that 'queue_command' put in; list_del() is missing
	return ret;
}
