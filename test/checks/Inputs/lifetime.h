/* kernel.h and what tests of lifetimes need in addition. */
#ifndef LIFETIME_H
#define LIFETIME_H
#include "kernel.h"

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
	list->prev = list;
}
static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}
int list_is_head(const struct list_head *list, const struct list_head *head);
#define list_first_entry(head, type, member)                                  \
	list_entry((head)->next, type, member)

void vfree(const void *addr);

/* Deferred frees. */
struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};
void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));
void kvfree_call_rcu(struct rcu_head *head, void *ptr);
#define kfree_rcu(ptr, member) kvfree_call_rcu(&(ptr)->member, (void *)(ptr))

/* Counted objects. */
struct device {
	struct device *parent;
	void *driver_data;
};
struct device *bus_find_device_by_name(const void *bus, struct device *start,
				       const char *name);
struct device *get_device(struct device *dev);
void put_device(struct device *dev);
struct sock {
	int sk_state;
};
void sock_hold(struct sock *sk);
void sock_put(struct sock *sk);
void release_sock(struct sock *sk);
struct file {
	void *private_data;
};

/* IOMMU. */
struct iommu_domain;
struct iommu_domain *iommu_domain_alloc(const void *bus);
void iommu_domain_free(struct iommu_domain *domain);
int iommu_attach_device(struct iommu_domain *domain, struct device *dev);
void iommu_detach_device(struct iommu_domain *domain, struct device *dev);
size_t iommu_unmap(struct iommu_domain *domain, unsigned long iova, size_t size);

enum dma_data_direction { DMA_BIDIRECTIONAL, DMA_TO_DEVICE, DMA_FROM_DEVICE };

/* Work. */
bool cancel_work_sync(struct work_struct *work);

#endif
