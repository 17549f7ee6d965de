// RUN: %check_pinlint pinlint-leak
// An object keeps pages in a container inside it, not the array that they were
// obtained with.
#include "../Inputs/kernel.h"

struct sg_table {
	struct scatterlist *sgl;
	unsigned int nents;
};
int sg_alloc_table_from_pages(struct sg_table *sgt, struct page **pages,
			      unsigned int n_pages, unsigned int offset,
			      unsigned long size, unsigned int gfp_mask);
void sg_free_table(struct sg_table *sgt);
struct page *sg_page(struct scatterlist *sg);
void unpin_user_page_range_dirty_lock(struct page *page, unsigned long npages,
				      bool make_dirty);

#define MEMORY(kind)                                                           \
	struct kind {                                                          \
		struct sg_table sgt;                                           \
		int npages;                                                    \
	};                                                                     \
	int kind##_get(struct kind *m, unsigned long addr)                     \
	{                                                                      \
		struct page **pages;                                           \
		int ret;                                                       \
                                                                               \
		pages = kvmalloc_array(m->npages, sizeof(*pages), GFP_KERNEL); \
		if (!pages)                                                    \
			return -ENOMEM;                                        \
		ret = pin_user_pages_fast(addr, m->npages, FOLL_WRITE, pages); \
		if (ret != m->npages) {                                        \
			if (ret > 0)                                           \
				unpin_user_pages(pages, ret);                  \
			kvfree(pages);                                         \
			return -EFAULT;                                        \
		}                                                              \
		ret = sg_alloc_table_from_pages(&m->sgt, pages, m->npages, 0,  \
						m->npages * PAGE_SIZE,         \
						GFP_KERNEL);                   \
		if (ret)                                                       \
			unpin_user_pages(pages, m->npages);                    \
		kvfree(pages);                                                 \
		return ret;                                                    \
	}

MEMORY(lost)
void lost_free_bad(struct lost *m)
{
	// CHECK: containers.c:[[@LINE+1]]:2: warning: pinned pages that 'lost_get' keeps in 'sgt' are not released before the object is freed; unpin_user_page() is missing [pinlint-leak]
	kfree(m);
}

MEMORY(memory)
void memory_free_ok(struct memory *m)
{
	struct scatterlist *sg = m->sgt.sgl;
	unsigned int i;

	for (i = 0; i < m->sgt.nents; i++)
		unpin_user_page_range_dirty_lock(sg_page(&sg[i]), 1, true);
	kfree(m);
}
