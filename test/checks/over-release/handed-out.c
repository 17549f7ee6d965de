// RUN: %check_pinlint pinlint-over-release
// Pages that others are given, and will put, without a reference of their own.
#include "../Inputs/kernel.h"

struct vm_special_mapping {
	vm_fault_t (*fault)(struct vm_special_mapping *sm, struct vm_area_struct *vma,
		     struct vm_fault *vmf);
};
struct page *alloc_page(unsigned int gfp);
struct page *find_foreign_page(unsigned long index);
void *xa_load(void *xa, unsigned long index);

struct mapping {
	void *start;
	struct page *first;
	struct page *(*look_up)(struct mapping *b, unsigned long index);
	long pages;
};

// The memory manager maps the page that it finds, and its unmapping puts it.
static vm_fault_t found_fault_bad(struct vm_fault *vmf)
{
	struct mapping *b = vmf->vma->vm_private_data;
	struct page *page = vmalloc_to_page(b->start + vmf->pgoff * PAGE_SIZE);

	if (!page)
		return VM_FAULT_SIGBUS;
	// CHECK: handed-out.c:[[@LINE+1]]:2: warning: what is put into 'page' has no page reference of its own, but who calls 'vm_operations_struct.fault' gives one back by put_page() [pinlint-over-release]
	vmf->page = page;
	// CHECK: note: assuming '!page' is false
	return 0;
}

static vm_fault_t found_fault_ok(struct vm_fault *vmf)
{
	struct mapping *b = vmf->vma->vm_private_data;
	struct page *page = vmalloc_to_page(b->start + vmf->pgoff * PAGE_SIZE);

	if (!page)
		return VM_FAULT_SIGBUS;
	get_page(page);
	vmf->page = page;
	return 0;
}

// One of the ways to the page has no reference.
static vm_fault_t first_fault_bad(struct vm_fault *vmf)
{
	struct mapping *b = vmf->vma->vm_private_data;

	if (vmf->pgoff) {
		vmf->page = vmalloc_to_page(b->start);
		get_page(vmf->page);
	} else {
		// CHECK: handed-out.c:[[@LINE+1]]:3: warning: what is put into 'page' has no page reference
		vmf->page = b->first;
	}
	return VM_FAULT_LOCKED;
}

// What it says in the result keeps others from the page.
static vm_fault_t inserted_fault_ok(struct vm_fault *vmf)
{
	vmf->page = ((struct mapping *)vmf->vma->vm_private_data)->first;
	return VM_FAULT_NOPAGE;
}

// A page of the caller's own, and one that comes from code that is not known.
static vm_fault_t new_fault_ok(struct vm_fault *vmf)
{
	vmf->page = alloc_page(0);
	return vmf->page ? 0 : VM_FAULT_SIGBUS;
}

static vm_fault_t foreign_fault_ok(struct vm_fault *vmf)
{
	struct mapping *b = vmf->vma->vm_private_data;

	vmf->page = b->look_up ? b->look_up(b, vmf->pgoff) :
				 find_foreign_page(vmf->pgoff);
	return vmf->page ? 0 : VM_FAULT_SIGBUS;
}

// The look-up of another function, with and without a reference.
static struct page *find(struct mapping *b, unsigned long index)
{
	struct page *page = xa_load(&b->pages, index);

	return page;
}

static struct page *find_and_get(struct mapping *b, unsigned long index)
{
	struct page *page = xa_load(&b->pages, index);

	if (page)
		get_page(page);
	return page;
}

static vm_fault_t callee_fault_bad(struct vm_fault *vmf)
{
	struct page *page = find(vmf->vma->vm_private_data, vmf->pgoff);

	if (!page)
		return VM_FAULT_SIGBUS;
	// CHECK: handed-out.c:[[@LINE+1]]:2: warning: what is put into 'page' has no page reference
	vmf->page = page;
	return 0;
}

static vm_fault_t callee_fault_ok(struct vm_fault *vmf)
{
	struct page *page = find_and_get(vmf->vma->vm_private_data, vmf->pgoff);

	if (!page)
		return VM_FAULT_SIGBUS;
	vmf->page = page;
	return 0;
}

// Whoever calls this one has no page to put.
int no_operation_ok(struct vm_fault *vmf)
{
	vmf->page = ((struct mapping *)vmf->vma->vm_private_data)->first;
	return 0;
}

static vm_fault_t special_fault_bad(struct vm_special_mapping *sm,
			     struct vm_area_struct *vma, struct vm_fault *vmf)
{
	// CHECK: handed-out.c:[[@LINE+1]]:2: warning: what is put into 'page' has no page reference of its own, but who calls 'vm_special_mapping.fault' gives
	vmf->page = ((struct mapping *)vma->vm_private_data)->first;
	return 0;
}

const struct vm_operations_struct operations[] = {
	{ .fault = found_fault_bad }, { .fault = found_fault_ok },
	{ .fault = first_fault_bad }, { .fault = inserted_fault_ok },
	{ .fault = new_fault_ok }, { .fault = foreign_fault_ok },
	{ .fault = callee_fault_bad }, { .fault = callee_fault_ok },
};
// A table inside of a function is one, too.
static vm_fault_t local_fault_bad(struct vm_fault *vmf)
{
	// CHECK: handed-out.c:[[@LINE+1]]:2: warning: what is put into 'page' has no page reference
	vmf->page = ((struct mapping *)vmf->vma->vm_private_data)->first;
	return 0;
}

const struct vm_operations_struct *local_operations(void)
{
	static const struct vm_operations_struct ops = {
		.fault = local_fault_bad,
	};

	return &ops;
}

const struct vm_special_mapping special = { .fault = special_fault_bad };

// Who gets a group from its driver puts it.
struct iommu_group;
struct iommu_group *iommu_group_ref_get(struct iommu_group *group);
struct domain_data {
	struct iommu_group *group;
};
struct device {
	struct domain_data *data;
};

struct iommu_ops {
	struct iommu_group *(*device_group)(struct device *dev);
};
static struct iommu_group *group_bad(struct device *dev)
{
	// CHECK: handed-out.c:[[@LINE+1]]:2: warning: what is returned has no IOMMU group reference of its own, but who calls 'iommu_ops.device_group' gives one back by iommu_group_put()
	return dev->data->group;
}

static struct iommu_group *group_ok(struct device *dev)
{
	return iommu_group_ref_get(dev->data->group);
}

const struct iommu_ops groups[] = {
	{ .device_group = group_bad }, { .device_group = group_ok },
};

// A socket buffer puts what it has been given; so does who owns the fragment.
struct page_frag {
	struct page *page;
	unsigned int offset;
};
struct sk_buff;
void skb_fill_page_desc(struct sk_buff *skb, int i, struct page *page, int off,
			int size);

void append_bad(struct sk_buff *skb, struct page_frag *pfrag, int size)
{
	// CHECK: handed-out.c:[[@LINE+1]]:2: warning: what is handed on here has no reference of its own, and 'page_frag.page' keeps its one{{.*}} [pinlint-over-release]
	skb_fill_page_desc(skb, 0, pfrag->page, pfrag->offset, size);
	// CHECK: note: 'page' is left as it is, and nothing takes a reference
	pfrag->offset += size;
}

void append_ok(struct sk_buff *skb, struct page_frag *pfrag, int size)
{
	skb_fill_page_desc(skb, 0, pfrag->page, pfrag->offset, size);
	get_page(pfrag->page);
	pfrag->offset += size;
}

// The reference goes along.
void move_ok(struct sk_buff *skb, struct page_frag *pfrag, int size)
{
	skb_fill_page_desc(skb, 0, pfrag->page, pfrag->offset, size);
	pfrag->page = NULL;
}

// The caller takes it.
static void fill(struct sk_buff *skb, struct page_frag *pfrag, int size)
{
	skb_fill_page_desc(skb, 0, pfrag->page, pfrag->offset, size);
}

void fill_ok(struct sk_buff *skb, struct page_frag *pfrag, int size)
{
	get_page(pfrag->page);
	fill(skb, pfrag, size);
}

// Of other objects it shows in what others do with the same member.
struct packet {
	struct page *page;
	int length;
};

void packet_send_bad(struct sk_buff *skb, struct packet *p)
{
	// CHECK: handed-out.c:[[@LINE+1]]:2: warning: what is handed on here has no reference of its own, and 'packet.page' keeps its one; 'packet_copy_ok' takes one for it
	skb_fill_page_desc(skb, 0, p->page, 0, p->length);
}

void packet_copy_ok(struct sk_buff *skb, struct packet *p)
{
	get_page(p->page);
	skb_fill_page_desc(skb, 0, p->page, 0, p->length);
}

// A slot of a ring is filled again by others.
struct packet_ring {
	struct packet slots[16];
	int next;
};

void ring_take_ok(struct sk_buff *skb, struct packet_ring *r)
{
	struct packet *p = &r->slots[r->next++ & 15];

	skb_fill_page_desc(skb, 0, p->page, 0, p->length);
}

// Nothing says that the object goes on owning the page.
struct loan {
	struct page *page;
};

void loan_ok(struct sk_buff *skb, struct loan *l)
{
	skb_fill_page_desc(skb, 0, l->page, 0, PAGE_SIZE);
}
