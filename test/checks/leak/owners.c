// RUN: %check_pinlint pinlint-leak
// Pages in an array that only an object led to which is freed.
#include "../Inputs/kernel.h"

struct pages_of {
	struct page **array;
	unsigned int number;
};

struct queue {
	struct pages_of *of;
};

struct entry {
	struct queue *queue;
};

int check_user(unsigned long addr);

static struct entry *new_entry(unsigned int number)
{
	struct entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);

	if (!entry)
		return NULL;
	entry->queue = kzalloc(sizeof(*entry->queue) + sizeof(struct pages_of) +
			       number * sizeof(struct page *), GFP_KERNEL);
	if (!entry->queue) {
		kfree(entry);
		return NULL;
	}
	entry->queue->of = (struct pages_of *)(entry->queue + 1);
	entry->queue->of->array = (struct page **)(entry->queue->of + 1);
	entry->queue->of->number = number;
	return entry;
}

static int fill(struct queue *queue, unsigned long addr)
{
	int n = get_user_pages_fast(addr, queue->of->number, 0,
				    queue->of->array);

	if (n < (int)queue->of->number) {
		release_pages(queue->of->array, n > 0 ? n : 0);
		return -EFAULT;
	}
	return 0;
}

int new_queue_bad(struct entry **to, unsigned long addr, unsigned int number)
{
	struct entry *entry = new_entry(number);
	int ret;

	if (!entry)
		return -ENOMEM;
	ret = fill(entry->queue, addr);
	if (ret)
		goto free;
	ret = check_user(addr);
	if (ret)
		goto free;
	*to = entry;
	return 0;
free:
	kfree(entry->queue);
	kfree(entry);
	return ret;
	// CHECK: :[[@LINE-1]]:2: warning: page references from 'fill' are not released when 'ret'; put_page() is missing [pinlint-leak]
}

int new_queue_ok(struct entry **to, unsigned long addr, unsigned int number)
{
	struct entry *entry = new_entry(number);
	int ret;

	if (!entry)
		return -ENOMEM;
	ret = fill(entry->queue, addr);
	if (ret)
		goto free;
	ret = check_user(addr);
	if (ret)
		goto release;
	*to = entry;
	return 0;
release:
	release_pages(entry->queue->of->array, entry->queue->of->number);
free:
	kfree(entry->queue);
	kfree(entry);
	return ret;
}
