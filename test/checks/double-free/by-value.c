// RUN: %check_pinlint pinlint-double-free
// Structures that are passed by value: the caller has a copy.
#include "../Inputs/lifetime.h"

struct item {
	int key;
};
struct walk {
	int at;
	struct item *item;
};

int find(int at);
struct item *item_at(int at);

struct walk step_ok(struct walk walk)
{
	if (walk.item)
		kfree(walk.item);
	walk.item = NULL;
	if (find(walk.at)) {
		walk.at++;
		walk.item = item_at(walk.at);
	}
	return walk;
}

int drop_bad(struct walk *walk)
{
	kfree(walk->item);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'walk->item' keeps pointing to an object that is freed here
	if (find(walk->at))
		return -EINVAL;
	walk->item = NULL;
	return 0;
}
