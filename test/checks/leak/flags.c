// RUN: %check_pinlint 'pinlint-*'
// A flag says how, or whether, a page must be given back.
#include "../Inputs/kernel.h"

struct memory {
	struct page **pages;
	unsigned long count;
	bool pinned;
};

static void drop_memory(struct memory *mem)
{
	if (mem->pinned)
		unpin_user_pages(mem->pages, mem->count);
	else
		release_pages(mem->pages, mem->count);
	kfree(mem->pages);
}

/* The same flag selects the way to acquire. */
int selected_ok(struct memory *mem, unsigned long addr, bool longterm)
{
	long n;

	mem->pages = kcalloc(16, sizeof(*mem->pages), GFP_KERNEL);
	if (!mem->pages)
		return -ENOMEM;
	mem->pinned = longterm;
	if (longterm)
		n = pin_user_pages_fast(addr, 16, FOLL_LONGTERM, mem->pages);
	else
		n = get_user_pages_fast(addr, 16, 0, mem->pages);
	if (n <= 0) {
		kfree(mem->pages);
		return n;
	}
	mem->count = n;
	use_pages(mem->pages, n);
	drop_memory(mem);
	return 0;
}

int selected_local_ok(unsigned long addr, bool longterm)
{
	struct page *page;
	int n;

	if (longterm)
		n = pin_user_pages_fast(addr, 1, FOLL_LONGTERM, &page);
	else
		n = get_user_pages_fast(addr, 1, 0, &page);
	if (n != 1)
		return -EFAULT;
	if (longterm)
		unpin_user_page(page);
	else
		put_page(page);
	return 0;
}

int selected_local_bad(unsigned long addr, bool longterm)
{
	struct page *page;
	int n;

	if (longterm)
		n = pin_user_pages_fast(addr, 1, FOLL_LONGTERM, &page);
	else
		n = get_user_pages_fast(addr, 1, 0, &page);
	if (n != 1)
		return -EFAULT;
	if (longterm)
		unpin_user_page(page);
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

#define MODE_GET 1
#define MODE_PIN 2

int selected_by_mode_ok(unsigned long addr, int mode)
{
	struct page *pages[4];
	int n;

	switch (mode) {
	case MODE_GET:
		n = get_user_pages_fast(addr, 4, 0, pages);
		break;
	case MODE_PIN:
		n = pin_user_pages_fast(addr, 4, 0, pages);
		break;
	default:
		return -EINVAL;
	}
	if (n <= 0)
		return n;
	use_pages(pages, n);
	switch (mode) {
	case MODE_GET:
		release_pages(pages, n);
		break;
	case MODE_PIN:
		unpin_user_pages(pages, n);
		break;
	}
	return 0;
}

/* The callee tells whether the caller has something to drop. */
static int borrow_or_get(struct memory *mem, unsigned long addr,
			 struct page **page, bool *need_drop)
{
	*need_drop = false;
	if (mem->count) {
		*page = mem->pages[0];
		return 0;
	}
	if (get_user_pages_fast(addr, 1, 0, page) != 1)
		return -EFAULT;
	*need_drop = true;
	return 0;
}

int out_flag_ok(struct memory *mem, unsigned long addr)
{
	struct page *page;
	bool need_drop;
	int ret;

	ret = borrow_or_get(mem, addr, &page, &need_drop);
	if (ret)
		return ret;
	use_pages(&page, 1);
	if (need_drop)
		put_page(page);
	return 0;
}

int out_flag_bad(struct memory *mem, unsigned long addr)
{
	struct page *page;
	bool need_drop;
	int ret;

	ret = borrow_or_get(mem, addr, &page, &need_drop);
	if (ret)
		return ret;
	use_pages(&page, 1);
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

/* Two flags in one word. */
#define BUF_PINNED 1u
#define BUF_DIRTY 2u

struct flagged {
	struct page *page;
	unsigned int flags;
};

int flag_word_ok(struct flagged *buf, unsigned long addr)
{
	buf->flags = 0;
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &buf->page) != 1)
		return -EFAULT;
	buf->flags |= BUF_PINNED;
	use_pages(&buf->page, 1);
	if (buf->flags & BUF_PINNED)
		unpin_user_page(buf->page);
	buf->page = NULL;
	return 0;
}

/* The pin is dirty or not, but released in both cases. */
int dirty_flag_ok(struct request *rq, unsigned long addr, bool dirty)
{
	struct page *pages[4];
	int n = pin_user_pages_fast(addr, 4, FOLL_WRITE, pages);

	if (n <= 0)
		return n;
	if (map_request(rq, pages[0]))
		dirty = false;
	if (dirty)
		unpin_user_pages_dirty_lock(pages, n, true);
	else
		unpin_user_pages(pages, n);
	return 0;
}

/* The array may have come from the caller. */
int own_array_ok(struct page **pages, unsigned long addr, int nr)
{
	bool own = false;
	int n;

	if (!pages) {
		pages = kcalloc(nr, sizeof(*pages), GFP_KERNEL);
		if (!pages)
			return -ENOMEM;
		own = true;
	}
	n = pin_user_pages_fast(addr, nr, 0, pages);
	if (n > 0)
		unpin_user_pages(pages, n);
	if (own)
		kfree(pages);
	return n;
}

/* The zero page is nobody's, and its release does nothing; that it therefore
 * owes nothing is not known. */
bool is_zero_page(const struct page *page);

int FP_zero_page_skipped_ok(unsigned long addr)
{
	struct page *page;

	if (pin_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	use_pages(&page, 1);
	if (!is_zero_page(page))
		unpin_user_page(page);
	return 0;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

/* A reference that may not be had. */
int conditional_reference_ok(struct page *page)
{
	if (!get_page_unless_zero(page))
		return -EAGAIN;
	use_pages(&page, 1);
	put_page(page);
	return 0;
}

/* One more reference to a page of the caller's, given back on one path only. */
int conditional_reference_bad(struct page *page, bool check)
{
	if (!get_page_unless_zero(page))
		return -EAGAIN;
	if (check)
		return -EINVAL;
		// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	put_page(page);
	return 0;
}

int fast_only_ok(unsigned long addr)
{
	struct page *page;

	if (!get_user_page_fast_only(addr, FOLL_WRITE, &page))
		return -EAGAIN;
	put_page(page);
	return 0;
}

int fast_only_bad(unsigned long addr, bool check)
{
	struct page *page;

	if (!get_user_page_fast_only(addr, FOLL_WRITE, &page))
		return -EAGAIN;
	if (check)
		return -EINVAL;
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
	put_page(page);
	return 0;
}

int memory_failure(unsigned long pfn, int flags);
#define MF_COUNT_INCREASED 1
#define MF_ACTION_REQUIRED 2

/* Who says that there is a reference hands it over. */
int poison_ok(unsigned long addr)
{
	struct page *page;
	int ret = get_user_pages_fast(addr, 1, 0, &page);

	if (ret != 1)
		return ret;
	return memory_failure(page_to_pfn(page),
			      MF_ACTION_REQUIRED | MF_COUNT_INCREASED);
}

int poison_bad(unsigned long addr)
{
	struct page *page;
	int ret = get_user_pages_fast(addr, 1, 0, &page);

	if (ret != 1)
		return ret;
	return memory_failure(page_to_pfn(page), MF_ACTION_REQUIRED);
	// CHECK: :[[@LINE-1]]:{{.*}}[pinlint-leak]
}

struct queue {
	struct page *pages[16];
	unsigned int head, tail;
	bool is_pinned;
};

int look_at(struct page *page);

static void drop_one(struct queue *q, struct page *page)
{
	if (q->is_pinned)
		unpin_user_page(page);
}

/* A queue that says that nothing is pinned has nothing to give back. */
int guarded_by_flag_ok(struct queue *q, unsigned long addr)
{
	if (pin_user_pages_fast(addr, 1, 0, q->pages) != 1)
		return -EFAULT;
	if (look_at(q->pages[0])) {
		drop_one(q, q->pages[0]);
		return -EIO;
	}
	return 0;
}

/* One is taken out and given back, the others stay where they are. */
int takes_one_ok(struct queue *q, unsigned long addr)
{
	long n = pin_user_pages_fast(addr, 16, 0, q->pages);

	if (n <= 0)
		return -EFAULT;
	q->head = 0;
	q->tail = n;
	if (look_at(q->pages[0])) {
		unpin_user_page(q->pages[0]);
		q->head++;
		return -EIO;
	}
	return 0;
}

#define STALE 0x100

struct walk {
	unsigned short flags;
};

/* Says by a flag that there is no page. */
static int begin(struct walk *w, unsigned long addr, int valid,
		 struct page **got)
{
	struct page *page;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	if (!valid) {
		w->flags |= STALE;
		put_page(page);
		return 0;
	}
	*got = page;
	return 0;
}

int stale_ok(struct walk *w, unsigned long addr, int valid)
{
	struct page *page;
	int ret;

	ret = begin(w, addr, valid, &page);
	if (ret)
		return ret;
	if (w->flags & STALE)
		return 0;
	put_page(page);
	return 0;
}

int not_asked_bad(struct walk *w, unsigned long addr, int valid)
{
	struct page *page;
	int ret;

	ret = begin(w, addr, valid, &page);
	if (ret)
		return ret;
	if (valid)
		return 0;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: page reference{{s?}} from 'begin' {{is|are}} not released
	put_page(page);
	return 0;
}
