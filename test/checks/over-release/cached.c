// RUN: %check_pinlint 'pinlint-*'
// Pages that a cache has as well.
#include "../Inputs/kernel.h"


struct cache {
	struct page *page;
	unsigned int used;
};

/* A page for the caller, and as long as there is room left, the cache's. */
static struct page *from_cache(struct cache *c, unsigned int size)
{
	struct page *page = c->page;

	if (page) {
		c->used += size;
		if (c->used >= PAGE_SIZE)
			c->page = NULL;
		else
			get_page(page);
		return page;
	}
	page = alloc_page(0);
	if (!page)
		return NULL;
	get_page(page);
	c->page = page;
	c->used = size;
	return page;
}

int fill_from_cache_ok(struct cache *c, struct request *rq, int n)
{
	int i;

	for (i = 0; i < n;) {
		struct page *page = from_cache(c, 512);

		if (!page)
			continue;
		if (map_request(rq, page)) {
			__free_page(page);
			continue;
		}
		i++;
	}
	return 0;
}
