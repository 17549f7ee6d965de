// RUN: %check_pinlint pinlint-double-free
// Freed in a function that can be entered again.
#include "../Inputs/lifetime.h"

struct bitmap {
	unsigned long *bits;
	unsigned long *shadow;
	unsigned long size;
};
struct session {
	struct bitmap *map;
	struct port *port;
	struct port *spare;
};
struct port;
void port_put(struct port *port);
int copy_to_log(struct bitmap *map);

struct file_operations {
	long (*unlocked_ioctl)(struct file *file, unsigned int cmd,
			       unsigned long arg);
	int (*release)(struct file *file);
};

#define START 1
#define STOP 2

static int start(struct session *s)
{
	if (s->map)
		return -EINVAL;
	s->map = kzalloc(sizeof(*s->map), GFP_KERNEL);
	return s->map ? 0 : -ENOMEM;
}

// The second STOP frees what the first has freed.
static int stop_bad(struct session *s)
{
	if (!s->map)
		return -EINVAL;
	kfree(s->map);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 's->map' keeps pointing to an object that is freed here; the next call of 'stop_bad' finds it where it looks for an object to free
	return 0;
}

static int stop_ok(struct session *s)
{
	if (!s->map)
		return -EINVAL;
	kfree(s->map);
	s->map = NULL;
	return 0;
}

// One way out forgets.
static int restart_bad(struct session *s, int flags)
{
	if (!s->map)
		return -EINVAL;
	kfree(s->map);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 's->map' keeps pointing to an object that is freed here; other paths of 'restart_bad' clear it
	if (flags)
		return -EIO;
	s->map = NULL;
	return start(s);
}

static long ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct session *s = file->private_data;

	switch (cmd) {
	case START:
		return start(s);
	case STOP:
		return stop_bad(s);
	case STOP + 1:
		return stop_ok(s);
	case STOP + 2:
		return restart_bad(s, arg);
	}
	return -EINVAL;
}

// Nobody comes after this one.
static int release(struct file *file)
{
	struct session *s = file->private_data;

	kfree(s->map);
	kfree(s);
	return 0;
}

const struct file_operations session_fops = {
	.unlocked_ioctl = ioctl,
	.release = release,
};

// Nothing is known of port_put(), but what is done next elsewhere.
void drop_port_ok(struct session *s)
{
	if (!s->port)
		return;
	port_put(s->port);
	s->port = NULL;
}

int drop_spare_bad(struct session *s)
{
	if (!s->spare)
		return -EINVAL;
	port_put(s->spare);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'spare' keeps pointing to what is handed to 'port_put' here; 'drop_port_ok' clears 'port' after the same call
	return 0;
}

// Who cannot fail, and is nobody's operation, is called at the end as likely as
// not.
void port_release(struct port *port);

void forget_port_ok(struct session *s)
{
	port_release(s->port);
	s->port = NULL;
}

void end_spare_ok(struct session *s)
{
	if (s->spare)
		port_release(s->spare);
}

struct screen {
	struct port *port;
	void *pixels;
};
void port_unmap(struct port *port);
void port_leave(struct port *port);

// Who uses it afterwards knows that it is still there.
void unmap_and_leave_ok(struct screen *s)
{
	port_unmap(s->port);
	s->pixels = NULL;
	port_leave(s->port);
}

void unmap_ok(struct screen *s)
{
	if (!s->port)
		return;
	port_unmap(s->port);
	s->pixels = NULL;
}

// Another object's member says nothing of this one.
struct cache {
	struct port *last;
};
void port_drop(struct port *port);

void drop_cached(struct cache *c)
{
	port_drop(c->last);
	c->last = NULL;
}

void drop_other_ok(struct session *s)
{
	if (!s->spare)
		return;
	port_drop(s->spare);
}

// Who calls it frees what the member is in.
struct link {
	int *buffer;
	struct port *port;
	int up;
};
int link_up(struct link *l);

static int link_stop(struct link *l)
{
	kfree(l->buffer);
	if (link_up(l))
		return -EIO;
	l->buffer = NULL;
	return 0;
}

int link_forget_ok(struct link *l)
{
	int ret = link_stop(l);

	kfree(l);
	return ret;
}

// Who frees it looks at the member first.
struct channel {
	int *buffer;
	int up;
};
int channel_up(struct channel *c);

static int channel_stop_bad(struct channel *c)
{
	kfree(c->buffer);
	// CHECK: :[[@LINE-1]]:{{.*}} 'c->buffer' keeps pointing to an object that is freed here; other paths of 'channel_stop_bad' clear it
	if (channel_up(c))
		return -EIO;
	c->buffer = NULL;
	return 0;
}

static void channel_clear(struct channel *c)
{
	kfree(c->buffer);
}

int channel_forget_bad(struct channel *c)
{
	int ret = channel_stop_bad(c);

	channel_clear(c);
	// CHECK: :[[@LINE-1]]:{{.*}} 'c->buffer' is freed again by 'channel_clear'
	kfree(c);
	return ret;
}

// Where nothing fails it happens each time: whoever stops twice would have
// noticed. What is stopped goes next.
struct codec_ops {
	int (*start)(struct session *s);
	int (*stop)(struct session *s);
};

static int codec_stop_ok(struct session *s)
{
	if (s->map)
		kfree(s->map);
	return 0;
}

static int codec_start_bad(struct session *s)
{
	if (s->map)
		kfree(s->map);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 's->map' keeps pointing to an object that is freed here; the next call of 'codec_start_bad' finds it where it looks for an object to free
	if (!s->spare)
		return -EIO;
	s->map = kzalloc(sizeof(*s->map), GFP_KERNEL);
	return 0;
}

const struct codec_ops codec_ops = {
	.start = codec_start_bad,
	.stop = codec_stop_ok,
};
