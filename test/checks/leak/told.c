// RUN: %check_pinlint pinlint-leak
// A callee that fails and yet says how many pages there are leaves them to its
// caller, who puts them from the memory that they went to.
#include "../Inputs/kernel.h"

struct part {
	struct page *page;
	unsigned int len;
};
struct message {
	struct device *dev;
	struct part parts[64];
};
int describe(struct part *first);
int encrypt(struct message *m, int n);

static int collect(struct iov_iter *from, size_t length, int *used,
		   struct part *to, int max)
{
	int ret = 0, n = *used;

	while (length > 0) {
		struct page *pages[16];
		size_t start;
		ssize_t bytes;
		int i = 0;

		if (n == max) {
			ret = -EFAULT;
			goto out;
		}
		bytes = iov_iter_get_pages2(from, pages, length, max - n,
					    &start);
		if (bytes <= 0) {
			ret = -EFAULT;
			goto out;
		}
		length -= bytes;
		while (bytes) {
			ssize_t use = min_t(ssize_t, bytes, PAGE_SIZE - start);

			to[n].page = pages[i];
			to[n].len = use;
			start = 0;
			bytes -= use;
			i++;
			n++;
		}
	}
out:
	*used = n;
	return ret;
}

#define SEND(failed)                                                           \
	struct message *m = kmalloc(sizeof(*m), GFP_KERNEL);                   \
	int n = 0, ret;                                                        \
                                                                               \
	if (!m)                                                                \
		return -ENOMEM;                                                \
	ret = describe(&m->parts[0]);                                          \
	if (ret < 0)                                                           \
		goto free_message;                                             \
	if (from) {                                                            \
		ret = collect(from, length, &n, &m->parts[1], 62);             \
		if (ret < 0)                                                   \
			goto failed;                                           \
	}                                                                      \
	ret = encrypt(m, n);                                                   \
put_parts:                                                                     \
	for (; n > 0; n--)                                                     \
		put_page(m->parts[n].page);                                    \
free_message:                                                                  \
	kfree(m);                                                              \
	return ret

int send_bad(struct iov_iter *from, size_t length)
{
	SEND(free_message);
	// CHECK: :[[@LINE-1]]:{{[0-9]+}}: warning: page references from 'collect' are not released
}

int send_ok(struct iov_iter *from, size_t length)
{
	SEND(put_parts);
}
