/* Just enough of QEMU and GLib for the tests of the checks, in the shapes that
 * their headers have. */
#ifndef QEMU_H
#define QEMU_H

#include "kernel.h"

typedef u64 hwaddr;
typedef struct AddressSpace AddressSpace;
typedef struct VirtQueue VirtQueue;
typedef struct Error Error;
typedef struct Object Object;
typedef struct { u32 unspecified; } MemTxAttrs;
#define ATTRS ((MemTxAttrs){ 1 })
enum { TO_DEVICE, FROM_DEVICE };

void *g_malloc0(size_t size);
void g_free(void *mem);
static inline void g_autoptr_cleanup_generic_gfree(void *p)
{
	void **pp = (void **)p;

	g_free(*pp);
}
#define g_autofree __attribute__((cleanup(g_autoptr_cleanup_generic_gfree)))
static inline void *g_steal_pointer(void *pp)
{
	void **p = (void **)pp, *ref = *p;

	*p = NULL;
	return ref;
}

void *address_space_map(AddressSpace *as, hwaddr addr, hwaddr *plen,
			bool is_write, MemTxAttrs attrs);
void address_space_unmap(AddressSpace *as, void *buffer, hwaddr len,
			 bool is_write, hwaddr access_len);
void *dma_memory_map(AddressSpace *as, dma_addr_t addr, dma_addr_t *len, int dir,
		     MemTxAttrs attrs);
void dma_memory_unmap(AddressSpace *as, void *buffer, dma_addr_t len, int dir,
		      dma_addr_t access_len);
void *virtqueue_pop(VirtQueue *vq, size_t sz);
void virtqueue_push(VirtQueue *vq, const void *elem, unsigned int len);
void virtqueue_detach_element(VirtQueue *vq, const void *elem, unsigned int len);

Object *object_new(const char *type);
Object *object_ref(void *obj);
void object_unref(void *obj);
Object *object_dynamic_cast_assert(Object *obj, const char *type,
				   const char *file, int line, const char *func);

/* What macros define for a type: the end of a scope, and checked casts. */
#define DEFINE_AUTOPTR(Type, func)                                             \
	static inline void glib_autoptr_cleanup_##Type(Type **p)               \
	{                                                                      \
		if (*p)                                                        \
			func(*p);                                              \
	}
#define g_autoptr(Type)                                                        \
	__attribute__((cleanup(glib_autoptr_cleanup_##Type))) Type *
#define DECLARE_CHECKER(Type, NAME)                                            \
	static inline Type *NAME(const void *obj)                              \
	{                                                                      \
		return (Type *)object_dynamic_cast_assert(                     \
			(Object *)(obj), #NAME, __FILE__, __LINE__, __func__); \
	}
typedef struct Backend {
	Object *parent;
	u32 size;
} Backend;
DEFINE_AUTOPTR(Backend, object_unref)
DECLARE_CHECKER(Backend, BACKEND)

#endif
