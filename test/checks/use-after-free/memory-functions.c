// RUN: %check_pinlint pinlint-use-after-free
// What fills and copies memory uses it, as generated programs have it.
#include "../Inputs/kernel.h"

void *memset(void *s, int c, size_t n);
void *memcpy(void *to, const void *from, size_t n);

int FN_filled_bad(void)
{
	char *buf = kmalloc(64, GFP_KERNEL);

	if (!buf)
		return -ENOMEM;
	kfree(buf);
	memset(buf, 1, 16);
	return 0;
}

int FN_copied_bad(char *to)
{
	char *buf = kzalloc(64, GFP_KERNEL);

	if (!buf)
		return -ENOMEM;
	kfree(buf);
	memcpy(to, buf, 16);
	return 0;
}

int filled_ok(void)
{
	char *buf = kmalloc(64, GFP_KERNEL);

	if (!buf)
		return -ENOMEM;
	memset(buf, 1, 16);
	kfree(buf);
	return 0;
}
