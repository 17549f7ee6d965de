// RUN: %check_pinlint pinlint-use-after-free
// What may have been the last reference.
#include "../Inputs/lifetime.h"

struct port {
	struct mutex lock;
	struct kref kref;
	int open;
};
void show(struct port *port);

static void port_free(struct kref *kref)
{
	kfree(container_of(kref, struct port, kref));
}

static void port_put(struct port *port)
{
	kref_put(&port->kref, port_free);
}

// The object goes with its own lock.
int close_bad(struct file *file)
{
	struct port *port = file->private_data;

	mutex_lock(&port->lock);
	port->open--;
	kref_put(&port->kref, port_free);
	mutex_unlock(&port->lock);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'file->private_data' is used by 'mutex_unlock' after it was freed by 'kref_put'
	return 0;
}

int close_ok(struct file *file)
{
	struct port *port = file->private_data;

	mutex_lock(&port->lock);
	port->open--;
	mutex_unlock(&port->lock);
	kref_put(&port->kref, port_free);
	return 0;
}

// Reported at low confidence: that it is the last reference which a callee puts
// is right for one in seven of those found in Linux.
int FN_close_by_helper_bad(struct file *file)
{
	struct port *port = file->private_data;

	port_put(port);
	return port->open;
}

// The function holds a reference of its own.
int pinned_ok(struct file *file)
{
	struct port *port = file->private_data;
	int open;

	kref_get(&port->kref);
	port_put(port);
	open = port->open;
	port_put(port);
	return open;
}

// Whoever puts twice knows of two.
void twice_ok(struct file *file)
{
	struct port *port = file->private_data;

	port_put(port);
	show(port);
	port_put(port);
}

// It was not the last, says the result.
int not_last_ok(struct file *file)
{
	struct port *port = file->private_data;

	if (kref_put(&port->kref, port_free))
		return 0;
	return port->open;
}

// A table gives up its reference; the caller has another one.
static struct port *ports[8];
void unregister_ok(struct port *port, int minor)
{
	ports[minor] = NULL;
	port_put(port);
	show(port);
}

struct conn {
	struct sock *sk;
};

int sock_bad(struct conn *conn)
{
	struct sock *sk = conn->sk;

	sock_put(sk);
	release_sock(sk);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'conn->sk' is used by 'release_sock' after its reference was put by 'sock_put'
	return 0;
}

void *found_bad(const void *bus)
{
	struct device *dev = bus_find_device_by_name(bus, NULL, "port");

	if (!dev)
		return NULL;
	put_device(dev);
	return dev->driver_data;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'dev' is used after its reference was put by 'put_device'
}

void *found_ok(const void *bus)
{
	struct device *dev = bus_find_device_by_name(bus, NULL, "port");
	void *data;

	if (!dev)
		return NULL;
	data = dev->driver_data;
	put_device(dev);
	return data;
}

/* What a helper has looked up, only others keep alive. */
struct port *first_port(void);

static struct port *find_port(void)
{
	struct port *port = first_port();

	if (port)
		kref_get(&port->kref);
	return port;
}

int found_by_helper_bad(void)
{
	struct port *port = find_port();

	if (!port)
		return -EINVAL;
	kref_put(&port->kref, port_free);
	return port->open;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'port' is used after it was freed by 'kref_put'
}

/* Pages are entries of one table. */
extern struct page *page_table;

void two_pages_ok(unsigned long a, unsigned long b)
{
	__free_page(page_table + a);
	__free_page(page_table + b);
}

/* What works on an object while others hold it, and what is there to put it. */
struct counted {
	struct kref users;
	int state;
};
void counted_release(struct kref *users);
int counted_io(struct counted *c);

static int counted_flush(struct counted *c)
{
	int ret;

	kref_get(&c->users);
	ret = counted_io(c);
	if (ret)
		kref_put(&c->users, counted_release);
	return ret;
}

int flushed_ok(struct file *file)
{
	struct counted *c = file->private_data;

	counted_flush(c);
	return c->state;
}

struct session {
	struct mutex lock;
	struct kref kref;
	int state;
};
static void session_free(struct kref *kref)
{
	kfree(container_of(kref, struct session, kref));
}

// The reference of the state is put where there is one; whoever is called has
// another.
int drop_state_ok(struct file *file)
{
	struct session *s = file->private_data;

	if (s->state)
		kref_put(&s->kref, session_free);
	s->state = 0;
	return 0;
}

void look(struct sock *sk);

// Who takes and puts one of its own knows that there are others.
int several_ok(struct file *file, int closed)
{
	struct sock *sk = file->private_data;

	sock_hold(sk);
	look(sk);
	sock_put(sk);
	sock_put(sk);
	look(sk);
	return 0;
}

void __sock_put(struct sock *sk);
void sock_orphan(struct sock *sk);
struct line {
	struct sock *sk;
};

static void line_remove(struct sock *sk)
{
	__sock_put(sk);
}

// A callee puts the reference of a table that it knows of.
int line_close_ok(struct line *line)
{
	struct sock *sk = line->sk;

	if (!sk)
		return 0;
	line_remove(sk);
	sock_orphan(sk);
	return 0;
}
