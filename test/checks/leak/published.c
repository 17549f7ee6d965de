// RUN: %check_pinlint pinlint-leak
// What assembly reads may be anywhere after it.
#include "../Inputs/kernel.h"

struct pid;
struct pid *find_get_pid(int nr);
void put_pid(struct pid *pid);
static struct pid *reaper;

#define xchg(ptr, v)                                                           \
	({                                                                     \
		__typeof__(*(ptr)) __ret = (v);                                \
		__asm__ volatile("xchgq %q0, %1"                               \
				 : "+r"(__ret), "+m"(*(ptr))                   \
				 :                                             \
				 : "memory");                                  \
		__ret;                                                         \
	})

int publish_ok(int nr)
{
	struct pid *pid = find_get_pid(nr);

	if (!pid)
		return -EINVAL;
	put_pid(xchg(&reaper, pid));
	return 0;
}

int publish_bad(int nr)
{
	struct pid *pid = find_get_pid(nr);

	if (!pid)
		return -EINVAL;
	if (nr == 1)
		return -EIO;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: pid reference from 'find_get_pid' is not released when 'nr == 1'; put_pid() is missing
	put_pid(xchg(&reaper, pid));
	return 0;
}
