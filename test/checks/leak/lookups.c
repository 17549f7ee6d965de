// RUN: %check_pinlint pinlint-leak
// Pages that a function finds, takes a reference on and returns.
#include "../Inputs/kernel.h"

struct vm_area_struct;
struct folio_walk {
	struct page *page;
	int level;
};
struct folio *folio_walk_start(struct folio_walk *fw,
			       struct vm_area_struct *vma, unsigned long addr,
			       int flags);
int folio_is_mine(struct folio *folio);
int compare_pages(struct page *a, struct page *b);
int soft_offline_page(unsigned long pfn, int flags);

static struct page *find_page(struct vm_area_struct *vma, unsigned long addr)
{
	struct page *page = NULL;
	struct folio_walk fw;
	struct folio *folio;

	folio = folio_walk_start(&fw, vma, addr, 0);
	if (folio && folio_is_mine(folio)) {
		folio_get(folio);
		page = fw.page;
	}
	return page;
}

/* One of the ways out keeps what the others put. */
int same_page_bad(struct vm_area_struct *vma, struct page *page)
{
	struct page *other = find_page(vma, 0);
	int ret;

	if (!other)
		return 0;
	if (other == page)
		return 1;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: page reference from 'find_page' is not released when 'other == page'; put_page() is missing [pinlint-leak]
	ret = compare_pages(page, other);
	put_page(other);
	return ret;
}

int same_page_ok(struct vm_area_struct *vma, struct page *page)
{
	struct page *other = find_page(vma, 0);
	int ret = 1;

	if (!other)
		return 0;
	if (other != page)
		ret = compare_pages(page, other);
	put_page(other);
	return ret;
}

/* Nobody is told to take over the reference. */
int offline_bad(unsigned long addr)
{
	struct page *page;
	int ret;

	ret = get_user_pages_fast(addr, 1, 0, &page);
	if (ret != 1)
		return ret;
	return soft_offline_page(page_to_pfn(page), 0);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: page references from 'get_user_pages_fast' are not released{{.*}}; put_page() is missing [pinlint-leak]
}

int offline_ok(unsigned long addr)
{
	struct page *page;
	int ret;

	ret = get_user_pages_fast(addr, 1, 0, &page);
	if (ret != 1)
		return ret;
	return soft_offline_page(page_to_pfn(page), 1);
}

// A search that begins nowhere finds nothing.
struct device_node;
struct device_node *of_get_parent(const struct device_node *node);
void of_node_put(struct device_node *node);
int add_node(const struct device_node *node, const struct device_node *parent);

int add_with_parent_ok(struct device_node *np)
{
	struct device_node *parent = of_get_parent(np);
	int ret;

	if (!np)
		return -EINVAL;
	ret = add_node(np, parent);
	of_node_put(parent);
	return ret;
}

int add_with_parent_bad(struct device_node *np, int offset)
{
	struct device_node *parent = of_get_parent(np);
	int ret;

	if (offset < 0)
		return -EINVAL;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: device node reference from 'of_get_parent' is not released when 'offset < 0'
	ret = add_node(np, parent);
	of_node_put(parent);
	return ret;
}
