// RUN: %check_pinlint pinlint-teardown-order
// What works on a part of an object is stopped where the rest of it is, or
// before what goes with the driver does.
#include "../Inputs/lifetime.h"

struct urb {
	void *context;
};
int usb_submit_urb(struct urb *urb, gfp_t flags);
void usb_kill_urb(struct urb *urb);
void *devm_kzalloc(struct device *dev, size_t size, gfp_t flags);
int devm_work_autocancel(struct device *dev, struct work_struct *work,
			 void (*fn)(struct work_struct *work));
struct usb_interface {
	struct device dev;
};
struct usb_driver {
	int (*probe)(struct usb_interface *intf);
	void (*disconnect)(struct usb_interface *intf);
};

// In a part, beside something that is stopped.
struct slot {
	struct urb *urb;
	struct work_struct work;
	struct work_struct own_work;
};
struct stream {
	struct slot slots[4];
};

static void slot_done(struct slot *slot)
{
	schedule_work(&slot->work);
	schedule_work(&slot->own_work);
}

int slot_start(struct slot *slot)
{
	slot_done(slot);
	return usb_submit_urb(slot->urb, GFP_KERNEL);
}

static void stop_stream(struct stream *s)
{
	int i;

	for (i = 0; i < 4; i++) {
		usb_kill_urb(s->slots[i].urb);
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'usb_kill_urb' is called here before the object is freed, but 'work' beside it may stay active: nothing in this file stops the queued work; cancel_work_sync() is missing
		// CHECK: note: the queued work 'work' is started here by 'schedule_work'
		// CHECK: note: 'stop_stream' stops 'urb' only
		// CHECK: note: the object is freed here by 'kfree'
		cancel_work_sync(&s->slots[i].own_work);
	}
}

void stream_release(struct stream *s)
{
	stop_stream(s);
	kfree(s);
}

// Managed memory goes after the driver's function.
struct radio {
	struct work_struct work;
	struct work_struct stopped;
	struct work_struct managed;
	int on;
};

static void radio_work(struct work_struct *work)
{
	container_of(work, struct radio, managed)->on = 1;
}

static int radio_probe(struct usb_interface *intf)
{
	struct radio *radio;

	radio = devm_kzalloc(&intf->dev, sizeof(*radio), GFP_KERNEL);
	if (!radio)
		return -ENOMEM;
	intf->dev.driver_data = radio;
	return devm_work_autocancel(&intf->dev, &radio->managed, radio_work);
}

void radio_event(struct radio *radio)
{
	schedule_work(&radio->work);
	schedule_work(&radio->stopped);
	schedule_work(&radio->managed);
}

static void radio_disconnect(struct usb_interface *intf)
{
	struct radio *radio = intf->dev.driver_data;

	cancel_work_sync(&radio->stopped);
	radio->on = 0;
	// CHECK: :[[@LINE+1]]:1: warning: 'work' may be active when 'radio_disconnect' returns and the object that it is in, from 'devm_kzalloc', is freed
}

const struct usb_driver radio_driver = {
	.probe = radio_probe,
	.disconnect = radio_disconnect,
};

// Where other works of a counted object are stopped, this one is, too.
struct ctrl {
	struct kref ref;
	struct work_struct event_work;
	struct work_struct error_work;
};

static void ctrl_free(struct kref *ref)
{
	struct ctrl *ctrl = container_of(ref, struct ctrl, ref);

	cancel_work_sync(&ctrl->event_work);
	kfree(ctrl);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the object is freed although 'error_work' in it may be active
}

void ctrl_put(struct ctrl *ctrl)
{
	kref_put(&ctrl->ref, ctrl_free);
}

void ctrl_event(struct ctrl *ctrl)
{
	schedule_work(&ctrl->event_work);
	schedule_work(&ctrl->error_work);
}
// CHECK-NOT: warning:

// What is anchored is stopped by way of the anchor.
struct usb_anchor {
	unsigned int poisoned;
};
void usb_anchor_urb(struct urb *urb, struct usb_anchor *anchor);
void usb_kill_anchored_urbs(struct usb_anchor *anchor);
struct pad {
	struct urb *out;
	struct urb *in;
	struct usb_anchor anchor;
};

int pad_start(struct pad *pad)
{
	usb_anchor_urb(pad->out, &pad->anchor);
	return usb_submit_urb(pad->out, GFP_KERNEL) +
	       usb_submit_urb(pad->in, GFP_KERNEL);
}

static void pad_disconnect(struct usb_interface *intf)
{
	struct pad *pad = intf->dev.driver_data;

	usb_kill_anchored_urbs(&pad->anchor);
	kfree(pad);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the object is freed although 'in' in it may be active
}

const struct usb_driver pad_driver = {
	.disconnect = pad_disconnect,
};
