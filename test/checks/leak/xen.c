// RUN: %check_pinlint pinlint-leak,pinlint-over-release,pinlint-use-after-free --code-base=xen --confidence=low

typedef unsigned short u16;
typedef unsigned int u32;
typedef _Bool bool;
#define NULL ((void *)0)
#define true 1
#define false 0

// References and mappings in the hypervisor.
typedef unsigned long mfn_t, gfn_t;
typedef int p2m_type_t;
struct domain {
	u32 id;
	bool is_dying;
};
struct page_info;
bool get_page(struct page_info *page, const struct domain *d);
void put_page(struct page_info *page);
int get_page_type(struct page_info *page, unsigned long type);
void put_page_type(struct page_info *page);
static inline int get_page_and_type(struct page_info *page, struct domain *d,
				    unsigned long type)
{
	int rc = get_page(page, d);

	if (rc && !get_page_type(page, type)) {
		put_page(page);
		rc = 0;
	}
	return rc;
}
static inline void put_page_and_type(struct page_info *page)
{
	put_page_type(page);
	put_page(page);
}
struct page_info *get_page_from_gfn(struct domain *d, unsigned long gfn,
				    p2m_type_t *t, int q);
int check_get_page_from_gfn(struct domain *d, gfn_t gfn, bool readonly,
			    p2m_type_t *t, struct page_info **page);
mfn_t get_gfn_type(struct domain *d, unsigned long gfn, p2m_type_t *t, int q);
void put_gfn(struct domain *d, unsigned long gfn);
#define get_gfn(d, g, t) get_gfn_type((d), (g), (t), 1)
struct domain *rcu_lock_domain_by_id(u16 id);
int rcu_lock_live_remote_domain_by_id(u16 id, struct domain **d);
void rcu_unlock_domain(struct domain *d);
void *map_domain_page(mfn_t mfn);
void unmap_domain_page(const void *va);
#define UNMAP_DOMAIN_PAGE(p)          \
	do {                          \
		unmap_domain_page(p); \
		(p) = NULL;           \
	} while (false)
int permitted(const struct domain *d);
int is_ram(p2m_type_t t);

long domain_lock_bad(u16 id)
{
	struct domain *d = rcu_lock_domain_by_id(id);

	if (!d)
		return -3;
	if (permitted(d))
		return -1;
	// CHECK: :[[@LINE-1]]:{{.*}} RCU lock of a domain from 'rcu_lock_domain_by_id' is not released
	rcu_unlock_domain(d);
	return 0;
}

long domain_lock_ok(u16 id)
{
	struct domain *d;
	long rc = rcu_lock_live_remote_domain_by_id(id, &d);

	if (rc)
		return rc;
	rc = permitted(d);
	if (rc)
		goto out;
	rc = d->id;
out:
	rcu_unlock_domain(d);
	return rc;
}

// The frame number is the caller's, who does not put it on the other path.
long callers_gfn_bad(struct domain *d, unsigned long gfn)
{
	p2m_type_t t;
	mfn_t mfn = get_gfn(d, gfn, &t);

	if (!is_ram(t))
		return -22;
	// CHECK: :[[@LINE-1]]:{{.*}}put_gfn() is missing [pinlint-leak]
	put_gfn(d, gfn);
	return mfn != 0;
}

unsigned long frame_of(u32 address);

long gfn_bad(struct domain *d, u32 address)
{
	unsigned long gfn = frame_of(address);
	p2m_type_t t;
	mfn_t mfn = get_gfn(d, gfn, &t);

	if (!is_ram(t))
		return -22;
	// CHECK: :[[@LINE-1]]:{{.*}} locked frame number from 'get_gfn' is not released
	put_gfn(d, gfn);
	return mfn != 0;
}

long gfn_ok(struct domain *d, unsigned long gfn)
{
	p2m_type_t t;
	mfn_t mfn = get_gfn(d, gfn, &t);

	if (!is_ram(t)) {
		put_gfn(d, gfn);
		return -22;
	}
	put_gfn(d, gfn);
	return mfn != 0;
}

long lookup_bad(struct domain *d, unsigned long gfn)
{
	p2m_type_t t;
	struct page_info *page = get_page_from_gfn(d, gfn, &t, 1);

	if (!page)
		return -22;
	if (!is_ram(t))
		return -22;
	// CHECK: :[[@LINE-1]]:{{.*}} page reference from 'get_page_from_gfn' is not released
	put_page(page);
	return 0;
}

long lookup_ok(struct domain *d, unsigned long gfn)
{
	struct page_info *page;
	p2m_type_t t;
	int rc = check_get_page_from_gfn(d, gfn, false, &t, &page);

	if (rc)
		return rc;
	if (!is_ram(t))
		rc = -22;
	put_page(page);
	return rc;
}

// A type reference needs a page reference, and both have to go.
long type_bad(struct domain *d, unsigned long gfn)
{
	p2m_type_t t;
	struct page_info *page = get_page_from_gfn(d, gfn, &t, 1);

	if (!page)
		return -22;
	if (!get_page_type(page, 1)) {
		put_page(page);
		return -22;
	}
	if (d->is_dying) {
		put_page(page);
		return -3;
		// CHECK: :[[@LINE-1]]:{{.*}} type reference on a page from 'get_page_type' is not released
	}
	put_page_and_type(page);
	return 0;
}

long type_ok(struct domain *d, struct page_info *page)
{
	if (!get_page_and_type(page, d, 1))
		return -22;
	if (d->is_dying) {
		put_page_and_type(page);
		return -3;
	}
	put_page_type(page);
	put_page(page);
	return 0;
}

u32 mapping_bad(mfn_t mfn, unsigned int i)
{
	u32 *table = map_domain_page(mfn), entry;

	if (i > 1023)
		return 0;
	// CHECK: :[[@LINE-1]]:{{.*}} mapping of a page from 'map_domain_page' is not released
	entry = table[i];
	unmap_domain_page(table);
	return entry;
}

u32 mapping_late_bad(mfn_t mfn)
{
	u32 *table = map_domain_page(mfn);

	unmap_domain_page(table);
	return table[0];
	// CHECK: :[[@LINE-1]]:{{.*}} 'table' is used after its reference was put by 'unmap_domain_page'
}

u32 mapping_ok(mfn_t mfn, unsigned int i)
{
	u32 *table = NULL, entry = 0;

	if (i < 1024) {
		table = map_domain_page(mfn);
		entry = table[i];
	}
	if (table)
		UNMAP_DOMAIN_PAGE(table);
	return entry;
}
