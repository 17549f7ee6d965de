// RUN: %check_pinlint pinlint-double-fetch
#include "../Inputs/kernel.h"

long strnlen_user(const char __user *str, long n);
long strncpy_from_user(char *dst, const char __user *src, long count);
bool has_control(const char *s, size_t n);
void log_string(void *log, const char *s, size_t n);
void parse(const char *s);

// Where the string ended is not where it ends.
int length_bad(const char __user *from)
{
	long len = strnlen_user(from, 256);
	char *s;

	if (len <= 0 || len > 256)
		return -EINVAL;
	s = kmalloc(len, GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	if (!copy_from_user(s, from, len))
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'copy_from_user' reads memory again that was checked after 'strnlen_user' had read it
		parse(s);
	kfree(s);
	return 0;
}

int length_ok(const char __user *from)
{
	long len = strnlen_user(from, 256);
	char *s;

	if (len <= 0 || len > 256)
		return -EINVAL;
	s = kmalloc(len, GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	if (!copy_from_user(s, from, len)) {
		s[len - 1] = 0;
		parse(s);
	}
	kfree(s);
	return 0;
}

// A new end does not make what comes before it good.
int content_bad(void *log, const char __user *from)
{
	char *s = kmalloc(256, GFP_KERNEL);
	long len;

	if (!s)
		return -ENOMEM;
	len = strncpy_from_user(s, from, 255);
	if (len < 0 || has_control(s, len))
		goto out;
	if (copy_from_user(s, from, len))
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'copy_from_user' reads memory again
		goto out;
	s[len] = 0;
	log_string(log, s, len);
out:
	kfree(s);
	return 0;
}

int content_ok(void *log, const char __user *from)
{
	char *s = kmalloc(256, GFP_KERNEL);
	long len;

	if (!s)
		return -ENOMEM;
	len = strncpy_from_user(s, from, 255);
	if (len < 0 || has_control(s, len))
		goto out;
	s[len] = 0;
	log_string(log, s, len);
out:
	kfree(s);
	return 0;
}

// A count of what was read is no error code.
static int digits(const char __user *from, unsigned int max)
{
	unsigned int i;
	char c;

	for (i = 0; i < max; i++) {
		if (get_user(c, from + i))
			return -EFAULT;
		if (c == ' ')
			break;
	}
	return i;
}

int count_ok(const char __user *from)
{
	char s[16] = {};
	int n = digits(from, 15);

	if (n < 0)
		return n;
	if (copy_from_user(s, from, n))
		return -EFAULT;
	parse(s);
	return 0;
}
