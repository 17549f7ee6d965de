// RUN: %check_pinlint pinlint-use-after-free,pinlint-double-free,pinlint-use-after-release --code-base=qemu
#include "../Inputs/qemu.h"

// GLib's memory and QEMU's objects.
int look_at(u32 value);

struct timer {
	u32 when, period;
};

u32 freed_bad(u32 when)
{
	struct timer *t = g_malloc0(sizeof(*t));

	t->when = when;
	g_free(t);
	return t->period;
	// CHECK: :[[@LINE-1]]:{{.*}} 't' is used after it was freed by 'g_free'
}

u32 freed_ok(u32 when)
{
	struct timer *t = g_malloc0(sizeof(*t));
	u32 period;

	t->when = when;
	period = t->period;
	g_free(t);
	return period;
}

int scope_bad(u32 when)
{
	g_autofree struct timer *t = g_malloc0(sizeof(*t));

	t->when = when;
	if (look_at(when))
		g_free(t);
	return 0;
	// CHECK: warning: 't' is freed again by 'g_autoptr_cleanup_generic_gfree'
}

struct timer *scope_ok(u32 when)
{
	g_autofree struct timer *t = g_malloc0(sizeof(*t));

	t->when = when;
	if (look_at(when))
		return NULL;
	return g_steal_pointer(&t);
}

// What macros of a header define for a type.
u32 unref_bad(void)
{
	Backend *b = BACKEND(object_new("backend"));

	look_at(b->size);
	object_unref(b);
	return b->size;
	// CHECK: :[[@LINE-1]]:{{.*}} 'b' is used after its reference was put by 'object_unref'
}

u32 unref_ok(void)
{
	g_autoptr(Backend) b = BACKEND(object_new("backend"));

	return b->size;
}

// Host addresses of guest memory are good while it is mapped.
u32 mapped_bad(AddressSpace *as, hwaddr at)
{
	hwaddr len = 8;
	u32 *host = address_space_map(as, at, &len, false, ATTRS);

	if (!host)
		return 0;
	address_space_unmap(as, host, len, false, 0);
	return *host;
	// CHECK: :[[@LINE-1]]:{{.*}} after 'address_space_unmap' gave it back
}

u32 mapped_ok(AddressSpace *as, hwaddr at)
{
	hwaddr len = 8;
	u32 *host = address_space_map(as, at, &len, false, ATTRS), value;

	if (!host)
		return 0;
	value = *host;
	address_space_unmap(as, host, len, false, 0);
	return value;
}
