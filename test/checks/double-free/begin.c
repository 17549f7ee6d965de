// RUN: %check_pinlint pinlint-double-free
// Who fails while an object's life begins leaves nobody who ends it.
#include "../Inputs/lifetime.h"

struct chip {
	int *regions;
	int *names;
	int used;
};
int chip_read(struct chip *c);
void chip_setup(struct chip *c);

static void check_regions(struct chip *c, int *error)
{
	if (!chip_read(c))
		return;
	kfree(c->regions);
	c->used = 0;
	*error = -EIO;
}

void chip_probe(struct chip *c, int *error)
{
	chip_setup(c);
	check_regions(c, error);
}

void chip_remove(struct chip *c)
{
	kfree(c->regions);
	kfree(c->names);
}

// An operation that may fail while the object lives.
int chip_rename_bad(struct chip *c)
{
	if (chip_read(c)) {
		kfree(c->names);
		// CHECK: :[[@LINE-1]]:{{.*}} 'c->names' keeps pointing to an object that is freed here; 'chip_remove' frees it again
		c->used = 0;
		return -EIO;
	}
	return 0;
}

// As classes are filled in QEMU.
struct chip_class {
	void (*probe)(struct chip *c, int *error);
	void (*remove)(struct chip *c);
	int (*rename)(struct chip *c);
};
void class_init(struct chip_class *class)
{
	class->probe = chip_probe;
	class->remove = chip_remove;
	class->rename = chip_rename_bad;
}

#define __init __attribute__((section(".init.text")))
struct board {
	int *memory;
	int *names;
};
static struct board board;

int fill(int *memory);

// If this fails, the module is gone, and what it had with it.
int __init board_init_ok(void)
{
	board.memory = kmalloc(64, GFP_KERNEL);
	if (!board.memory)
		return -ENOMEM;
	if (fill(board.memory)) {
		kfree(board.memory);
		return -ENOMEM;
	}
	if (fill(board.names)) {
		kfree(board.memory);
		board.memory = 0;
		return -ENOMEM;
	}
	return 0;
}

// A table says that nothing ends what could not begin.
struct uart_port {
	int *names;
	int irqs;
};
struct uart_ops {
	int (*startup)(struct uart_port *port);
	void (*shutdown)(struct uart_port *port);
	int (*rename)(struct uart_port *port);
};
int request_line(struct uart_port *port);

static int port_request(struct uart_port *port)
{
	if (request_line(port)) {
		kfree(port->names);
		port->irqs = 0;
		return -EIO;
	}
	return 0;
}

static int port_startup(struct uart_port *port)
{
	return port_request(port);
}

static void port_shutdown(struct uart_port *port)
{
	kfree(port->names);
}

const struct uart_ops port_ops = {
	.startup = port_startup,
	.shutdown = port_shutdown,
};
