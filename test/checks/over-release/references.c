// RUN: %check_pinlint pinlint-over-release
// References that were not taken.
#include "../Inputs/kernel.h"

bool page_is_ours(struct page *page);

static int grab(struct page *page)
{
	if (!page_is_ours(page))
		return 1;
	return get_page_unless_zero(page);
}

void ignored_bad(struct page *page, struct page **out)
{
	get_page_unless_zero(page);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the result of 'get_page_unless_zero' is ignored, which says whether it took a page reference; if not, there is none to release [pinlint-over-release]
	*out = page;
}

void ignored_wrapper_bad(struct page *page, struct page **out)
{
	if (page)
		grab(page);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the result of 'grab' is ignored, which says whether it took a page reference; if not, there is none to release [pinlint-over-release]
	*out = page;
}

int asked_ok(struct page *page, struct page **out)
{
	if (!grab(page))
		return -EFAULT;
	*out = page;
	return 0;
}

bool last_in_expression_ok(struct page *page)
{
	bool got = ({ get_page_unless_zero(page); });

	return got;
}

// A page that two objects have: the one that puts it needs a reference.
struct record {
	unsigned int count;
	struct scatterlist frags[16];
};

struct source {
	struct page *current_page;
	unsigned int used;
};

struct page *sg_page(struct scatterlist *sg);

void record_drop(struct record *r, unsigned int i)
{
	put_page(sg_page(&r->frags[i]));
	sg_set_page(&r->frags[i], NULL, 0, 0);
}

void record_append_bad(struct record *r, struct source *s)
{
	if (r->count == 16)
		record_drop(r, --r->count);
	sg_set_page(&r->frags[r->count], s->current_page, 1, s->used);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the page that 'frags' gets from 'current_page' has no reference of its own here, but 'record_drop' releases one [pinlint-over-release]
	r->count++;
}

/* What is merged needs none. */
void record_merge_bad(struct record *r, struct source *s)
{
	struct scatterlist *last = &r->frags[r->count - 1];

	if (r->count == 16)
		record_drop(r, --r->count);
	if (sg_page(last) == s->current_page) {
		last->length++;
		return;
	}
	sg_set_page(&r->frags[r->count], s->current_page, 1, s->used);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the page that 'frags' gets from 'current_page' has no reference of its own here, but 'record_drop' releases one [pinlint-over-release]
	r->count++;
}

void record_append_ok(struct record *r, struct source *s)
{
	if (r->count == 16)
		record_drop(r, --r->count);
	sg_set_page(&r->frags[r->count], s->current_page, 1, s->used);
	get_page(s->current_page);
	r->count++;
}

void record_move_ok(struct record *r, struct source *s)
{
	if (r->count == 16)
		record_drop(r, --r->count);
	sg_set_page(&r->frags[r->count], s->current_page, 1, s->used);
	s->current_page = NULL;
	r->count++;
}

/* Zero is success; what failed has nothing to do with the reference. */
int start_io(struct page *page);

static int submit(struct page *page, bool sync)
{
	int ret;

	if (sync)
		return 0;
	get_page(page);
	ret = start_io(page);
	if (ret)
		return -EIO;
	put_page(page);
	return 0;
}

void failure_ignored_ok(struct page *page)
{
	submit(page, false);
}

struct worker {
	struct page *page;
	bool running;
};

static int start_worker(struct worker *w)
{
	if (w->running)
		return 0;
	w->running = true;
	get_page(w->page);
	return 1;
}

/* The reference is the worker's. */
void start_ok(struct worker *w)
{
	start_worker(w);
}

// A number says how many, not whether; what a pointer leads to can be found
// again.
static int grab_two(struct page *page)
{
	if (!page_is_ours(page))
		return 0;
	get_page(page);
	return 2;
}

static struct page *grab_first(struct page *page, struct page **found)
{
	if (!page_is_ours(page))
		return NULL;
	get_page(page);
	return *found;
}

void how_many_ok(struct page *page, struct page **out)
{
	grab_two(page);
	*out = page;
}

void found_again_ok(struct page *page, struct page **out)
{
	grab_first(page, out);
	*out = page;
}

struct region {
	unsigned long addr;
	int nr_pages;
	bool ready;
	struct page *pages[16];
};

static int region_pin(struct region *r)
{
	int got = pin_user_pages_fast(r->addr, 16, FOLL_WRITE, r->pages);

	if (got == 16)
		return 0;
	if (got > 0)
		unpin_user_pages(r->pages, got);
	return -EFAULT;
}

/* Who does not look at the result is told by the count. */
static int region_pin_counted(struct region *r)
{
	int ret = region_pin(r);

	r->nr_pages = ret ? 0 : 16;
	return ret;
}

int region_use_bad(struct region *r)
{
	region_pin(r);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the result of 'region_pin' is ignored, which says whether there are any pinned pages; if it failed, there are none to use or release [pinlint-over-release]
	r->ready = true;
	return 0;
}

int region_use_ok(struct region *r)
{
	int ret = region_pin(r);

	if (ret)
		return ret;
	r->ready = true;
	return 0;
}

void region_try_ok(struct region *r)
{
	region_pin_counted(r);
	r->ready = r->nr_pages;
}

void pin_ignored_bad(struct region *r)
{
	pin_user_pages_fast(r->addr, 16, FOLL_WRITE, r->pages);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the result of 'pin_user_pages_fast' is ignored, which says whether there are any pinned pages; if it failed, there are none to use or release [pinlint-over-release]
	r->ready = true;
}

// Who has the list has the reference, if there is one.
struct page_list {
	struct page *first;
};

static bool isolate(struct page *page, struct page_list *to)
{
	if (!get_page_unless_zero(page))
		return false;
	to->first = page;
	return true;
}

void collect_ok(struct page *page, struct page_list *to)
{
	isolate(page, to);
}
