// RUN: %check_pinlint pinlint-over-release
// What a counted object has is given back with its last reference, whoever drops
// that one.
#include "../Inputs/kernel.h"

typedef struct refcount_struct {
	int refs;
} refcount_t;
void refcount_set(refcount_t *r, int n);
void refcount_inc(refcount_t *r);
bool refcount_dec_and_test(refcount_t *r);

struct shm {
	refcount_t refs;
	struct page *page;
};

int fd_for(struct shm *shm);

static struct shm *shm_new(unsigned long addr)
{
	struct shm *shm = kzalloc(sizeof(*shm), GFP_KERNEL);

	if (!shm)
		return NULL;
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &shm->page) != 1) {
		kfree(shm);
		return NULL;
	}
	refcount_set(&shm->refs, 1);
	return shm;
}

static void shm_put(struct shm *shm)
{
	if (refcount_dec_and_test(&shm->refs)) {
		unpin_user_page(shm->page);
		kfree(shm);
	}
}

static int shm_fd(struct shm *shm)
{
	int fd;

	refcount_inc(&shm->refs);
	fd = fd_for(shm);
	if (fd < 0)
		shm_put(shm);
	return fd;
}

int shm_register_ok(unsigned long addr)
{
	struct shm *shm = shm_new(addr);
	int fd;

	if (!shm)
		return -ENOMEM;
	fd = shm_fd(shm);
	shm_put(shm);
	return fd;
}

static void shm_unpin(struct shm *shm)
{
	unpin_user_page(shm->page);
}

int shm_unpin_bad(unsigned long addr)
{
	struct shm *shm = shm_new(addr);

	if (!shm)
		return -ENOMEM;
	shm_unpin(shm);
	unpin_user_page(shm->page);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'unpin_user_page' releases a pinned page that was released before [pinlint-over-release]
	kfree(shm);
	return 0;
}
