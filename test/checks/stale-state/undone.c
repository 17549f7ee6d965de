// RUN: %check_pinlint pinlint-stale-state
// A flag that makes the error path undo what was not done.
#include "../Inputs/lifetime.h"

struct stream;
struct stream_ops {
	int (*open)(struct stream *s);
	void (*close)(struct stream *s);
	int (*prepare)(struct stream *s);
};
struct stream {
	const struct stream_ops *ops;
	bool hw_opened;
};

void stream_release(struct stream *s)
{
	if (s->hw_opened) {
		s->ops->close(s);
		s->hw_opened = false;
	}
}

int stream_open_bad(struct stream *s)
{
	int err;

	s->hw_opened = true;
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'hw_opened' is set before 'open', which can fail; 'close' is then called for what was not done
	err = s->ops->open(s);
	if (err < 0)
		goto error;
	return 0;
error:
	stream_release(s);
	return err;
}

int stream_open_ok(struct stream *s)
{
	int err;

	err = s->ops->open(s);
	if (err < 0)
		goto error;
	s->hw_opened = true;
	err = s->ops->prepare(s);
	if (err < 0)
		goto error;
	return 0;
error:
	stream_release(s);
	return err;
}
// CHECK-NOT: warning:
