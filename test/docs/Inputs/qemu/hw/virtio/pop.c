#include "trace-virtio.h"

struct VirtQueue;
struct VirtQueueElement {
	unsigned in_num;
};
void *virtqueue_pop(struct VirtQueue *vq, unsigned long size);
void virtqueue_push(struct VirtQueue *vq, const struct VirtQueueElement *elem,
		    unsigned len);
void g_free(void *mem);

void handle_output(struct VirtQueue *vq)
{
	struct VirtQueueElement *elem = virtqueue_pop(vq, sizeof(*elem));

	if (!elem)
		return;
	trace_pop(elem);
	if (elem->in_num != 1) {
		g_free(elem);
		return;
	}
	virtqueue_push(vq, elem, 0);
	g_free(elem);
}
