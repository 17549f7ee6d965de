// RUN: %check_pinlint pinlint-leak
// A reference on an object that is shown to code that is not known.
#include "../Inputs/lifetime.h"

struct device_node;
struct device_node *of_find_node_by_name(struct device_node *from,
					 const char *name);
void of_node_put(struct device_node *node);
int look(const struct device_node *node, int *value);
int take(struct device_node *node);
void *find(const struct device_node *node);
int work(int value);

// Who is given a pointer to const keeps nothing.
int looked_at_bad(void)
{
	struct device_node *node = of_find_node_by_name(NULL, "soc");
	int value;

	if (!node)
		return -ENOMEM;
	if (look(node, &value))
		return -EINVAL;
		// CHECK: :[[@LINE-1]]:{{.*}} warning: device node reference from 'of_find_node_by_name' is not released when 'look(node, &value)'; of_node_put() is missing [pinlint-leak]
	of_node_put(node);
	return work(value);
}

int taken_ok(void)
{
	struct device_node *node = of_find_node_by_name(NULL, "soc");

	if (!node)
		return -ENOMEM;
	return take(node);
}

// The result may be a part of the object.
void *part_ok(void)
{
	struct device_node *node = of_find_node_by_name(NULL, "soc");

	if (!node)
		return NULL;
	return find(node);
}

// CHECK-NOT: warning:
