// RUN: %check_pinlint pinlint-use-after-free
// Functions of which only the name is known.
#include "../Inputs/lifetime.h"

struct msg {
	struct list_head link;
	int id;
};
void msg_free(struct msg *msg);
struct handler {
	int count;
};
void handler_free(struct handler *handler);
struct chan {
	struct handler handler;
	struct list_head msgs;
};
// Says nothing about the object itself.
void msg_free_links(struct msg *msg);

void drain_bad(struct chan *chan)
{
	struct msg *msg;

	list_for_each_entry(msg, &chan->msgs, link)
		msg_free(msg);
	// CHECK: :[[@LINE-2]]:{{.*}} warning: 'msg' is used after it was freed by 'msg_free'
}

void drain_ok(struct chan *chan)
{
	struct msg *msg, *next;

	list_for_each_entry_safe(msg, next, &chan->msgs, link)
		msg_free(msg);
}

int last_id_bad(struct msg *msg)
{
	msg_free(msg);
	return msg->id;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'msg' is used after it was freed by 'msg_free'
}

int last_id_ok(struct msg *msg)
{
	msg_free_links(msg);
	return msg->id;
}

// A part of something is cleaned up, no more.
int part_ok(struct chan *chan)
{
	handler_free(&chan->handler);
	return chan->handler.count;
}
// CHECK-NOT: warning:

/* The message is a part of what is freed further down. */
struct envelope {
	int size;
	struct msg msg;
	void *text;
};

void envelope_release_ok(struct msg *msg)
{
	struct envelope *e = container_of(msg, struct envelope, msg);

	msg_free(msg);
	kfree(e->text);
	kfree(e);
}
