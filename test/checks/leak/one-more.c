// RUN: %check_pinlint pinlint-leak
// References that a function takes on what its caller has: given back on one
// path and forgotten on another, or gone with the object that had them.
#include "../Inputs/kernel.h"

struct owner {
	struct page *page;
	struct kref users;
	int busy;
};
struct owner *published;
int prepare(void);
int submit(struct page *page);
int start(struct owner *o);
void release_owner(struct kref *users);

int early_return_bad(struct page *page)
{
	get_page(page);
	if (prepare())
		return -EIO;
	// CHECK: :[[@LINE-1]]:{{.*}}page reference from 'get_page' is not released when 'prepare()'{{.*}}[pinlint-leak]
	put_page(page);
	return 0;
}

int all_paths_ok(struct page *page)
{
	get_page(page);
	if (prepare()) {
		put_page(page);
		return -EIO;
	}
	put_page(page);
	return 0;
}

/* Nothing here gives it back: the caller knows what it is for. */
int for_the_caller_ok(struct page *page)
{
	get_page(page);
	if (prepare())
		return -EIO;
	return 0;
}

int counter_bad(struct owner *o)
{
	kref_get(&o->users);
	if (prepare())
		return -EIO;
	// CHECK: :[[@LINE-1]]:{{.*}}kref from 'kref_get' is not released when 'prepare()'{{.*}}[pinlint-leak]
	kref_put(&o->users, release_owner);
	return 0;
}

/* What was started holds it, unless that failed. */
int started_ok(struct owner *o)
{
	int ret;

	kref_get(&o->users);
	ret = start(o);
	if (ret) {
		kref_put(&o->users, release_owner);
		return ret;
	}
	if (prepare())
		return -EIO;
	return 0;
}

int submitted_ok(struct page *page)
{
	int ret;

	get_page(page);
	ret = submit(page);
	if (ret) {
		put_page(page);
		return ret;
	}
	if (prepare())
		return -EIO;
	return 0;
}

int with_object_bad(struct page *page)
{
	struct owner *o = kzalloc(sizeof(*o), GFP_KERNEL);

	if (!o)
		return -ENOMEM;
	get_page(page);
	o->page = page;
	if (prepare()) {
		kfree(o);
		return -EIO;
		// CHECK: :[[@LINE-1]]:{{.*}}page reference from 'get_page' is not released when 'prepare()'{{.*}}[pinlint-leak]
	}
	published = o;
	return 0;
}

int with_object_ok(struct page *page)
{
	struct owner *o = kzalloc(sizeof(*o), GFP_KERNEL);

	if (!o)
		return -ENOMEM;
	get_page(page);
	o->page = page;
	if (prepare()) {
		put_page(o->page);
		kfree(o);
		return -EIO;
	}
	published = o;
	return 0;
}

/* Without the reference there would be nothing to give back. */
int borrowed_ok(struct page *page)
{
	struct owner *o = kzalloc(sizeof(*o), GFP_KERNEL);

	if (!o)
		return -ENOMEM;
	o->page = page;
	if (prepare()) {
		kfree(o);
		return -EIO;
	}
	published = o;
	return 0;
}
