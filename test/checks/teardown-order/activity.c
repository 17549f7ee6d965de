// RUN: %check_pinlint pinlint-teardown-order
// Work and timers are stopped before the object that they are in is freed.
#include "../Inputs/lifetime.h"

struct timer_list {
	unsigned long expires;
};
int mod_timer(struct timer_list *timer, unsigned long expires);
int del_timer_sync(struct timer_list *timer);
struct workqueue_struct;
bool queue_work(struct workqueue_struct *wq, struct work_struct *work);
void destroy_workqueue(struct workqueue_struct *wq);

struct pci_dev {
	void *driver_data;
};
struct pci_driver {
	int (*probe)(struct pci_dev *pdev);
	void (*remove)(struct pci_dev *pdev);
};

struct card {
	struct {
		struct work_struct work;
		int code;
	} ir;
	struct work_struct stopped_work;
	struct work_struct own_work;
	struct timer_list timer;
	struct workqueue_struct *wq;
};
void report(int code);

static void ir_handler(struct work_struct *work)
{
	struct card *card = container_of(work, struct card, ir.work);

	report(card->ir.code);
}

void card_interrupt(struct card *card)
{
	schedule_work(&card->ir.work);
	schedule_work(&card->stopped_work);
	queue_work(card->wq, &card->own_work);
	mod_timer(&card->timer, 1);
}

static void card_remove(struct pci_dev *pdev)
{
	struct card *card = pdev->driver_data;

	cancel_work_sync(&card->stopped_work);
	destroy_workqueue(card->wq);
	kfree(card);
	// CHECK-DAG: :[[@LINE-1]]:{{.*}} warning: the object is freed although 'work' in it may be active: nothing in this file stops the queued work; cancel_work_sync() is missing
	// CHECK-DAG: note: the queued work 'work' is started here by 'schedule_work'
	// CHECK-DAG: :[[@LINE-3]]:{{.*}} warning: the object is freed although 'timer' in it may be active
}

const struct pci_driver card_driver = {
	.remove = card_remove,
};

// Who frees itself has stopped.
struct job {
	struct work_struct work;
};

void job_start(struct job *job)
{
	schedule_work(&job->work);
}

static void job_free(struct job *job)
{
	kfree(job);
}

void job_run(struct work_struct *work)
{
	job_free(container_of(work, struct job, work));
}
