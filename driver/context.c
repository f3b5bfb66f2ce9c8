// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contexts: what an open file owns.
 *
 * The file and every job that has not ended hold references, so that closing a file never waits
 * for the device.
 */
#include <linux/slab.h>

#include "tern_drv.h"

static void tern_ctx_free_work(struct work_struct *work)
{
	struct tern_ctx *ctx = container_of(work, struct tern_ctx, free_work);
	struct tern_device *tdev = ctx->tdev;

	spin_lock_irq(&ctx->queue->lock);
	list_del(&ctx->queue_node);
	spin_unlock_irq(&ctx->queue->lock);
	mutex_destroy(&ctx->lock);
	kfree(ctx);
	put_device(&tdev->dev);
}

/* The last job may end in an interrupt. */
static void tern_ctx_release(struct kref *ref)
{
	struct tern_ctx *ctx = container_of(ref, struct tern_ctx, ref);

	queue_work(tern_wq, &ctx->free_work);
}

void tern_ctx_put(struct tern_ctx *ctx)
{
	kref_put(&ctx->ref, tern_ctx_release);
}

struct tern_ctx *tern_ctx_create(struct tern_device *tdev, struct tern_queue *queue,
				 struct address_space *mapping)
{
	struct tern_ctx *ctx = kzalloc(sizeof(*ctx), GFP_KERNEL_ACCOUNT);

	if (!ctx)
		return NULL;
	kref_init(&ctx->ref);
	get_device(&tdev->dev);
	ctx->tdev = tdev;
	ctx->queue = queue;
	ctx->mapping = mapping;
	INIT_WORK(&ctx->free_work, tern_ctx_free_work);
	init_waitqueue_head(&ctx->wq);
	xa_init_flags(&ctx->bos, XA_FLAGS_ALLOC1);
	mutex_init(&ctx->lock);
	xa_init(&ctx->jobs);
	INIT_LIST_HEAD(&ctx->ready_node);
	INIT_LIST_HEAD(&ctx->pending);
	INIT_LIST_HEAD(&ctx->running);
	/* Job 0 never exists: a forgotten number is noticed. */
	ctx->next = 1;
	ctx->ended = 1;

	spin_lock_irq(&queue->lock);
	list_add_tail(&ctx->queue_node, &queue->contexts);
	spin_unlock_irq(&queue->lock);

	mutex_lock(&tdev->lists_lock);
	list_add_tail(&ctx->node, &tdev->contexts);
	mutex_unlock(&tdev->lists_lock);
	return ctx;
}

/*
 * The owner goes. Jobs that are not in the ring are dropped; those in it run on, holding the
 * context and their buffers, and are freed as they end.
 */
void tern_ctx_close(struct tern_ctx *ctx)
{
	struct tern_queue *q = ctx->queue;
	struct tern_job *job, *next;
	unsigned long index;
	struct tern_bo *bo;
	LIST_HEAD(dropped);
	u64 ended;

	mutex_lock(&ctx->tdev->lists_lock);
	list_del(&ctx->node);
	mutex_unlock(&ctx->tdev->lists_lock);

	spin_lock_irq(&q->lock);
	ctx->closed = true;
	ended = ctx->ended;
	list_del_init(&ctx->ready_node);
	list_splice_init(&ctx->pending, &dropped);
	job = ctx->putting;
	ctx->putting = NULL;
	if (job) {
		/* A COPY of which a part is done: the rest is never put. */
		job->all_put = true;
		if (!job->outstanding)
			tern_job_end(job, 0);
	}
	spin_unlock_irq(&q->lock);

	list_for_each_entry_safe(job, next, &dropped, node) {
		list_del(&job->node);
		tern_job_free(job);
		tern_ctx_put(ctx);
	}
	/* Jobs that had ended before are ours; the others are freed, or will be when they end. */
	xa_for_each(&ctx->jobs, index, job) {
		if (index >= ended)
			break;
		tern_job_free(job);
	}
	xa_destroy(&ctx->jobs);

	xa_for_each(&ctx->bos, index, bo)
		tern_bo_put(bo);
	xa_destroy(&ctx->bos);
	tern_ctx_put(ctx);
}
