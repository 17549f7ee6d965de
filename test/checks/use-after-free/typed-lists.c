// RUN: %check_pinlint pinlint-use-after-free,pinlint-double-free --code-base=qemu
#include "../Inputs/qemu.h"

// Lists whose links have the type of the elements, as in sys/queue.h.
struct entry {
	struct {
		struct entry *next;
		struct entry **prev;
	} link;
	void *data;
};
struct owner {
	struct {
		struct entry *first;
	} list;
	u32 count;
};
#define FIRST(head) ((head)->first)
#define REMOVE(elm)                                                        \
	do {                                                               \
		if ((elm)->link.next)                                      \
			(elm)->link.next->link.prev = (elm)->link.prev;    \
		*(elm)->link.prev = (elm)->link.next;                      \
		(elm)->link.next = NULL;                                   \
	} while (0)

void drain_ok(struct owner *o)
{
	while (FIRST(&o->list)) {
		struct entry *e = FIRST(&o->list);

		REMOVE(e);
		g_free(e->data);
		g_free(e);
	}
}

void drain_bad(struct owner *o)
{
	while (FIRST(&o->list)) {
		struct entry *e = FIRST(&o->list);

		g_free(e->data);
		g_free(e);
		REMOVE(e);
		// CHECK: :[[@LINE-1]]:{{.*}} 'o->list.first' is used after it was freed by 'g_free'
	}
}

static void take(struct owner *o, struct entry *e)
{
	REMOVE(e);
	o->count--;
	g_free(e);
}

void drain_by_call_ok(struct owner *o)
{
	struct entry *e;

	while ((e = FIRST(&o->list)))
		take(o, e);
}

void two_ok(struct owner *o)
{
	take(o, FIRST(&o->list));
	if (o->count)
		take(o, FIRST(&o->list));
}

// Tail queues: the way back is a link, not a pointer to a pointer.
struct tail_link {
	void *next;
	struct tail_link *prev;
};
struct job {
	union {
		struct job *next;
		struct tail_link circ;
	} entry;
	u32 id;
};
struct queue {
	union {
		struct job *first;
		struct tail_link circ;
	} head;
};
#define TAIL_REMOVE(q, elm)                                                \
	do {                                                               \
		if ((elm)->entry.next)                                     \
			(elm)->entry.next->entry.circ.prev =               \
				(elm)->entry.circ.prev;                    \
		else                                                       \
			(q)->head.circ.prev = (elm)->entry.circ.prev;      \
		(elm)->entry.circ.prev->next = (elm)->entry.next;          \
		(elm)->entry.circ.prev = NULL;                             \
	} while (0)

u32 tail_ok(struct queue *q)
{
	u32 ids = 0;

	while (q->head.first) {
		struct job *j = q->head.first;

		TAIL_REMOVE(q, j);
		ids += j->id;
		g_free(j);
	}
	return ids;
}
