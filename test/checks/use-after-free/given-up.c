// RUN: %pinlint --quiet --checks='-*,pinlint-use-after-free' %s -- >%t 2>&1
// RUN: FileCheck %s --implicit-check-not=warning: <%t
// A function that is too long for the budget to reach its end may do anything.
#include "../Inputs/lifetime.h"

struct path {
	int *node;
};
int *search(int key);

#define STEP key += *search(key);
#define STEPS STEP STEP STEP STEP STEP STEP STEP STEP STEP STEP
#define MANY STEPS STEPS STEPS STEPS STEPS STEPS STEPS STEPS STEPS STEPS
#define LOTS MANY MANY MANY MANY MANY MANY MANY MANY MANY MANY

static void leave(struct path *p)
{
	kfree(p->node);
	p->node = NULL;
}

static void fill(struct path *p, int key)
{
	leave(p);
	LOTS LOTS LOTS LOTS LOTS LOTS LOTS LOTS
	LOTS LOTS LOTS LOTS LOTS LOTS LOTS LOTS
	p->node = search(key);
}

static void look(struct path *p, int key)
{
	search(key);
}

static int first(struct path *p)
{
	return *p->node;
}

int refilled_ok(struct path *p, int key)
{
	leave(p);
	fill(p, key);
	return first(p);
}

int looked_bad(struct path *p, int key)
{
	leave(p);
	look(p, key);
	return first(p);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'first' needs 'p->node', but it was freed by 'leave'
}

// CHECK: fill: more steps than the budget allows
