// RUN: %check_pinlint pinlint-over-release
// What is taken down although the call that should have set it up has failed.
#include "../Inputs/lifetime.h"

int dma_map_sg(struct device *dev, struct scatterlist *sg, int nents,
		enum dma_data_direction dir);
void dma_unmap_sg(struct device *dev, struct scatterlist *sg, int nents,
		enum dma_data_direction dir);
int submit(struct scatterlist *sg);
void prepare(struct scatterlist **list, int n);

struct request {
	struct device *dev;
	struct scatterlist *list;
	int n;
	int flags;
	unsigned char mapped;
	unsigned char most;
};

// The call returns 0 where it fails, nothing less.
int wrong_test_bad(struct device *dev, struct scatterlist *sg, int n)
{
	int ret = dma_map_sg(dev, sg, n, DMA_TO_DEVICE);

	if (ret < 0)
		return ret;
	ret = submit(sg);
	dma_unmap_sg(dev, sg, n, DMA_TO_DEVICE);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'dma_unmap_sg' releases a DMA mapping of a scatterlist that 'dma_map_sg' has not set up: it failed [pinlint-over-release]
	// CHECK: note: assuming that 'dma_map_sg' fails here
	// CHECK: note: there is nothing to take down here
	return ret;
}

int wrong_label_bad(struct device *dev, struct scatterlist *sg, int n)
{
	int ret = -EIO;

	if (!dma_map_sg(dev, sg, n, DMA_TO_DEVICE))
		goto unmap;
	ret = submit(sg);
unmap:
	dma_unmap_sg(dev, sg, n, DMA_TO_DEVICE);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'dma_unmap_sg' releases a DMA mapping of a scatterlist that 'dma_map_sg' has not set up: it failed [pinlint-over-release]
	return ret;
}

int right_label_ok(struct request *rq)
{
	int ret = -EIO;

	if (!dma_map_sg(rq->dev, rq->list, rq->n, DMA_TO_DEVICE))
		goto out;
	ret = submit(rq->list);
	dma_unmap_sg(rq->dev, rq->list, rq->n, DMA_TO_DEVICE);
out:
	return ret;
}

static void finish(struct request *rq)
{
	dma_unmap_sg(rq->dev, rq->list, rq->n, DMA_TO_DEVICE);
	kfree(rq);
}

int in_callee_bad(struct device *dev, struct scatterlist *sg, int n)
{
	struct request *rq = kzalloc(sizeof(*rq), GFP_KERNEL);
	int ret;

	if (!rq)
		return -ENOMEM;
	rq->dev = dev;
	rq->list = sg;
	rq->n = n;
	ret = dma_map_sg(dev, sg, n, DMA_TO_DEVICE);
	if (!ret)
		goto out;
	ret = submit(sg);
out:
	finish(rq);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'finish' releases a DMA mapping of a scatterlist that 'dma_map_sg' has not set up: it failed [pinlint-over-release]
	return ret;
}

// What an unknown function puts into a member of a new object is not zero.
int filled_bad(struct device *dev, int n)
{
	struct request *rq = kzalloc(sizeof(*rq), GFP_KERNEL);
	int ret;

	if (!rq)
		return -ENOMEM;
	prepare(&rq->list, n);
	rq->dev = dev;
	ret = dma_map_sg(dev, rq->list, n, DMA_TO_DEVICE);
	if (!ret)
		goto out;
	ret = submit(rq->list);
out:
	finish(rq);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: 'finish' releases a DMA mapping of a scatterlist that 'dma_map_sg' has not set up: it failed [pinlint-over-release]
	return ret;
}

// A flag says whether there is a mapping.
int flagged_ok(struct request *rq)
{
	int ret = -EIO;

	if (!dma_map_sg(rq->dev, rq->list, rq->n, DMA_TO_DEVICE))
		goto out;
	rq->flags |= 1;
	ret = submit(rq->list);
out:
	if (rq->flags & 1)
		dma_unmap_sg(rq->dev, rq->list, rq->n, DMA_TO_DEVICE);
	return ret;
}

static void finish_mapped(struct request *rq)
{
	if (rq->mapped)
		dma_unmap_sg(rq->dev, rq->list, rq->n, DMA_TO_DEVICE);
	rq->mapped = 0;
}

int flag_in_callee_ok(struct request *rq)
{
	int ret = dma_map_sg(rq->dev, rq->list, rq->n, DMA_TO_DEVICE);

	if (!ret)
		goto out;
	rq->mapped = 1;
	ret = submit(rq->list);
out:
	finish_mapped(rq);
	return ret;
}

// What is asked at the release was asked before the mapping.
int same_question_bad(struct device *dev, struct scatterlist *sg, int n)
{
	int ret = -EIO;

	if (n > 0 && !dma_map_sg(dev, sg, n, DMA_TO_DEVICE))
		goto unmap;
	ret = submit(sg);
unmap:
	if (n > 0)
		dma_unmap_sg(dev, sg, n, DMA_TO_DEVICE);
		// CHECK: :[[@LINE-1]]:{{.*}} warning: 'dma_unmap_sg' releases a DMA mapping of a scatterlist that 'dma_map_sg' has not set up: it failed [pinlint-over-release]
	return ret;
}

// Where it fails, zero is not more than anything.
int too_many_ok(struct request *rq)
{
	rq->mapped = dma_map_sg(rq->dev, rq->list, rq->n, DMA_TO_DEVICE);
	if (rq->mapped > rq->most) {
		dma_unmap_sg(rq->dev, rq->list, rq->n, DMA_TO_DEVICE);
		return -EINVAL;
	}
	return 0;
}

int once_more_ok(struct request *rq)
{
	int ret = dma_map_sg(rq->dev, rq->list, rq->n, DMA_TO_DEVICE);

	if (!ret)
		ret = dma_map_sg(rq->dev, rq->list, rq->n, DMA_FROM_DEVICE);
	if (!ret)
		return -EIO;
	ret = submit(rq->list);
	dma_unmap_sg(rq->dev, rq->list, rq->n, DMA_TO_DEVICE);
	return ret;
}

int ignored_bad(struct device *dev, struct scatterlist *sg, int n)
{
	int ret;

	dma_map_sg(dev, sg, n, DMA_TO_DEVICE);
	// CHECK: :[[@LINE-1]]:{{.*}} warning: the result of 'dma_map_sg' is ignored, which says whether there is a DMA mapping of a scatterlist; if it failed, there is none to use or take down [pinlint-over-release]
	ret = submit(sg);
	dma_unmap_sg(dev, sg, n, DMA_TO_DEVICE);
	return ret;
}

// CHECK-NOT: warning:
