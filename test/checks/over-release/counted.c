// RUN: %check_pinlint 'pinlint-*'
// Objects that own pages, as generated programs have them: counted, or with a
// flag that says how the pages were acquired.
#include "../Inputs/lifetime.h"

int choose(void);
int start(int option);

struct counted {
	struct kref ref;
	struct page *page;
	int users;
};

static void counted_release(struct kref *ref)
{
	struct counted *c = container_of(ref, struct counted, ref);

	unpin_user_pages(&c->page, 1);
	kfree(c);
}

static struct counted *counted_create(unsigned long addr)
{
	struct counted *c = kzalloc(sizeof(*c), GFP_KERNEL);

	if (!c)
		return NULL;
	kref_init(&c->ref);
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &c->page) != 1) {
		kfree(c);
		return NULL;
	}
	return c;
}

/* The first put is not the last one: a reference was taken before. */
int one_more_ok(unsigned long addr)
{
	struct counted *c = counted_create(addr);

	if (!c)
		return -ENOMEM;
	kref_get(&c->ref);
	kref_put(&c->ref, counted_release);
	c->users = 1;
	kref_put(&c->ref, counted_release);
	return 0;
}

/* Nobody else has seen the object: the only put is the last one. */
int only_one_ok(unsigned long addr)
{
	struct counted *c = counted_create(addr);
	int ret;

	if (!c)
		return -ENOMEM;
	ret = start(1);
	kref_put(&c->ref, counted_release);
	return ret;
}

int used_after_last_bad(unsigned long addr)
{
	struct counted *c = counted_create(addr);

	if (!c)
		return -ENOMEM;
	kref_get(&c->ref);
	kref_put(&c->ref, counted_release);
	kref_put(&c->ref, counted_release);
	c->users = 0;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'c' is used after it was freed by 'kref_put' [pinlint-use-after-free]
	return 0;
}

/* Who is on a list is somebody's, also where the list is the function's own. */
struct entry {
	struct page *page;
	struct list_head node;
};
static void entry_free(struct entry *e)
{
	unpin_user_page(e->page);
	kfree(e);
}

static struct entry *entry_create(unsigned long addr)
{
	struct entry *e = kzalloc(sizeof(*e), GFP_KERNEL);

	if (!e)
		return NULL;
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &e->page) != 1) {
		kfree(e);
		return NULL;
	}
	return e;
}

int FN_left_on_own_list_bad(unsigned long addr)
{
	struct list_head list;
	struct entry *e, *next;
	int i, ret;

	INIT_LIST_HEAD(&list);
	for (i = 0; i < 2; i++) {
		e = entry_create(addr);
		if (!e)
			break;
		list_add(&e->node, &list);
	}
	ret = start(2);
	if (ret)
		return ret;
	list_for_each_entry_safe(e, next, &list, node) {
		list_del(&e->node);
		entry_free(e);
	}
	return 0;
}

struct flagged {
	struct page *pages[2];
	int n;
	bool pinned;
};

static void flagged_destroy(struct flagged *f)
{
	int i;

	if (f->pinned) {
		unpin_user_pages(f->pages, f->n);
	} else {
		for (i = f->n - 1; i >= 0; i--)
			put_page(f->pages[i]);
	}
	kfree(f);
}

static struct flagged *flagged_create(unsigned long addr)
{
	struct flagged *f = kzalloc(sizeof(*f), GFP_KERNEL);
	int got;

	if (!f)
		return NULL;
	f->pinned = choose() != 0;
	for (f->n = 0; f->n < 2; f->n++) {
		if (f->pinned)
			got = pin_user_pages_fast(addr, 1, FOLL_WRITE,
						  &f->pages[f->n]);
		else
			got = get_user_pages_fast(addr, 1, FOLL_WRITE,
						  &f->pages[f->n]);
		if (got != 1) {
			flagged_destroy(f);
			return NULL;
		}
	}
	return f;
}

/* The flag says the same when the object goes. */
int flagged_ok(unsigned long addr)
{
	struct flagged *f = flagged_create(addr);

	if (!f)
		return -ENOMEM;
	flagged_destroy(f);
	return 0;
}

int flag_turned_bad(unsigned long addr)
{
	struct flagged *f = flagged_create(addr);

	if (!f)
		return -ENOMEM;
	f->pinned = !f->pinned;
	flagged_destroy(f);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'flagged_destroy' does not give back what 'flagged_create' obtained
	return 0;
}
