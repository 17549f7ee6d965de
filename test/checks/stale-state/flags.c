// RUN: %check_pinlint pinlint-stale-state
// Flags that are set before a step that fails.
#include "../Inputs/lifetime.h"

struct dirty {
	bool is_enabled;
	unsigned long *regions;
};
struct vdev {
	struct dirty dirty;
	bool streaming;
	int opened : 1;
	int mode;
};
int alloc_regions(struct vdev *v);
int send_command(struct vdev *v, int command);

static void set_enabled(struct vdev *v)
{
	v->dirty.is_enabled = true;
}

static void set_disabled(struct vdev *v)
{
	v->dirty.is_enabled = false;
}

bool is_enabled(struct vdev *v)
{
	return v->dirty.is_enabled;
}

// A setter, and a failure that only undoes what came before it.
int enable_bad(struct vdev *v)
{
	int err;

	if (is_enabled(v))
		return -EINVAL;
	err = send_command(v, 1);
	if (err)
		return err;
	set_enabled(v);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'is_enabled' is set before 'alloc_regions', which can fail, and stays set if that fails
	// CHECK: note: assuming that 'alloc_regions' fails
	// CHECK: note: the function fails with 'is_enabled' still set
	err = alloc_regions(v);
	if (err)
		goto out_command;
	return 0;

out_command:
	send_command(v, 0);
	return err;
}

// Nobody is turned away: it may be a mode, and is of low confidence.
int FN_enable_again_bad(struct vdev *v)
{
	int err;

	set_enabled(v);
	err = alloc_regions(v);
	if (err)
		return err;
	return 0;
}

// What it is called after is the step that fails.
struct transfer {
	bool dma_mapped;
};
int map_transfer(struct transfer *t);

bool is_mapped(struct transfer *t)
{
	return t->dma_mapped;
}

void forget_transfer(struct transfer *t)
{
	t->dma_mapped = false;
}

int prepare_transfer_bad(struct transfer *t)
{
	int err;

	t->dma_mapped = true;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'dma_mapped' is set before 'map_transfer', which can fail
	err = map_transfer(t);
	if (err)
		return err;
	return 0;
}

int enable_ok(struct vdev *v)
{
	int err = alloc_regions(v);

	if (err)
		return err;
	set_enabled(v);
	return 0;
}

int enable_undo_ok(struct vdev *v)
{
	int err;

	set_enabled(v);
	err = alloc_regions(v);
	if (err)
		goto out;
	return 0;
out:
	set_disabled(v);
	return err;
}

int stream_on_bad(struct vdev *v)
{
	int ret;

	if (v->streaming)
		return -EINVAL;
	v->streaming = true;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'streaming' is set before
	ret = send_command(v, 2);
	if (ret < 0)
		return ret;
	return 0;
}

// The failure is none.
int stream_try_ok(struct vdev *v)
{
	int ret;

	v->streaming = true;
	ret = send_command(v, 2);
	if (ret)
		warn("", ret);
	return 0;
}

void stream_off(struct vdev *v)
{
	v->streaming = false;
	v->opened = 0;
}

// The caller takes it back.
static int open_once(struct vdev *v)
{
	int ret;

	if (v->opened)
		return -EINVAL;
	v->opened = 1;
	ret = send_command(v, 3);
	if (ret)
		return ret;
	return 0;
}

int open_ok(struct vdev *v)
{
	int ret = open_once(v);

	if (ret)
		stream_off(v);
	return ret;
}

// Nobody ever takes it back: it does not say that anything runs.
int configure_ok(struct vdev *v)
{
	int ret;

	v->mode = 1;
	ret = send_command(v, 4);
	if (ret)
		return ret;
	return 0;
}

struct channel {
	bool full;
	bool broken;
	int error;
};
void unlock(struct channel *c);
int acknowledge(struct channel *c);

bool is_full(struct channel *c)
{
	return c->full || c->broken;
}

void drain(struct channel *c)
{
	c->full = false;
	c->broken = false;
}

// What is asked is no result of the call between.
int wait_ok(struct channel *c)
{
	int error;

	error = c->error;
	c->full = true;
	unlock(c);
	if (error)
		return error;
	return 0;
}

// A flag that says that something has failed stays.
int finish_ok(struct channel *c, int rest)
{
	int ret;

	if (rest)
		c->broken = true;
	ret = acknowledge(c);
	if (ret) {
		c->broken = true;
		return ret;
	}
	return 0;
}

// What has the flag goes with the failure.
static void forget(struct vdev *v)
{
	send_command(v, 0);
	kfree(v);
}

int stream_once_ok(struct vdev *v)
{
	int ret;

	v->streaming = true;
	ret = send_command(v, 2);
	if (ret < 0) {
		forget(v);
		return ret;
	}
	return 0;
}

// What fails is another step than the one that the flag tells of.
int read_value(struct vdev *v, int *value);
int read_lazily_ok(struct vdev *v, int *value)
{
	int ret;

	if (!v->streaming) {
		ret = send_command(v, 2);
		if (ret < 0)
			return ret;
		v->streaming = true;
	}
	ret = read_value(v, value);
	if (ret < 0)
		return ret;
	return 0;
}

// In the branch itself it may be about the step that comes next: of low
// confidence, as nobody is turned away.
int FN_start_in_branch_bad(struct vdev *v, int *value)
{
	int ret;

	if (!v->streaming) {
		ret = send_command(v, 2);
		if (ret < 0)
			return ret;
		v->streaming = true;
		ret = read_value(v, value);
		if (ret < 0)
			return ret;
	}
	return 0;
}

// A value that one of several members has is no state.
union answer {
	int number;
	const char *text;
};

int is_number(union answer *a)
{
	return a->number;
}

void no_number(union answer *a)
{
	a->number = 0;
}

int answer_ok(struct vdev *v, union answer *a)
{
	int ret;

	a->number = 1;
	ret = send_command(v, 5);
	if (ret)
		return ret;
	return 0;
}

// What has other values, too, is more than a flag.
struct tuner {
	int model;
};

int is_known(struct tuner *t)
{
	return t->model;
}

void forget_model(struct tuner *t)
{
	t->model = 0;
}

int find_model_ok(struct vdev *v, struct tuner *t)
{
	int ret;

	t->model = 2;
	ret = send_command(v, 6);
	if (!ret)
		return 0;
	t->model = 1;
	ret = send_command(v, 7);
	if (ret)
		return ret;
	return 0;
}
