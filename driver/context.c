// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contexts: what an open file owns.
 *
 * The file and every job that has not ended hold references, so that closing a file never waits
 * for the device.
 */
#include <linux/capability.h>
#include <linux/seq_file.h>
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
	int i;

	if (!ctx)
		return NULL;
	kref_init(&ctx->ref);
	get_device(&tdev->dev);
	ctx->tdev = tdev;
	ctx->queue = queue;
	ctx->mapping = mapping;
	ctx->pid = mapping ? task_tgid_nr(current) : 0;
	ctx->id = atomic64_inc_return(&tdev->next_ctx);
	INIT_WORK(&ctx->free_work, tern_ctx_free_work);
	init_waitqueue_head(&ctx->wq);
	xa_init_flags(&ctx->bos, XA_FLAGS_ALLOC1);
	for (i = 0; i < TERN_ACCOUNTS; i++)
		ctx->limit[i] = READ_ONCE(tdev->ctx_limit[i]);
	mutex_init(&ctx->lock);
	xa_init(&ctx->jobs);
	INIT_LIST_HEAD(&ctx->ready_node);
	INIT_LIST_HEAD(&ctx->pending);
	INIT_LIST_HEAD(&ctx->running);
	/* Job 0 never exists: a forgotten number is noticed. */
	ctx->next = 1;
	ctx->ended = 1;
	ctx->told = 1;

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
	struct eventfd_ctx *eventfd;
	struct tern_job *job, *next, *left;
	unsigned long index;
	struct tern_bo *bo;
	LIST_HEAD(dropped);
	u64 ended;

	mutex_lock(&ctx->tdev->lists_lock);
	list_del(&ctx->node);
	mutex_unlock(&ctx->tdev->lists_lock);

	spin_lock_irq(&q->lock);
	ctx->closed = true;
	eventfd = ctx->eventfd;
	ctx->eventfd = NULL;
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
	if (eventfd)
		eventfd_ctx_put(eventfd);

	list_for_each_entry_safe(job, next, &dropped, node) {
		list_del(&job->node);
		tern_job_free(job);
		tern_ctx_put(ctx);
	}
	/* Jobs that had ended before are ours; the others are freed, or will be when they end. */
	xa_for_each(&ctx->jobs, index, left) {
		if (index >= ended)
			break;
		tern_job_free(left);
	}
	xa_destroy(&ctx->jobs);

	xa_for_each(&ctx->bos, index, bo)
		tern_bo_put(bo);
	xa_destroy(&ctx->bos);
	tern_ctx_put(ctx);
}

/* ------------------------------------------------------------------ limits */

int tern_ctx_charge(struct tern_ctx *ctx, enum tern_account account, u64 bytes)
{
	s64 used = atomic64_read(&ctx->used[account]);

	do {
		u64 sum;

		if (check_add_overflow((u64)used, bytes, &sum) ||
		    sum > READ_ONCE(ctx->limit[account]))
			return -EDQUOT;
	} while (!atomic64_try_cmpxchg(&ctx->used[account], &used, used + bytes));
	return 0;
}

void tern_ctx_uncharge(struct tern_ctx *ctx, enum tern_account account, u64 bytes)
{
	atomic64_sub(bytes, &ctx->used[account]);
}

/* What of the limits are asked to change. */
static const u32 tern_limit_flags[TERN_ACCOUNTS] = {
	[TERN_ACCOUNT_DEVICE] = TERN_CONTEXT_DEVICE_LIMIT,
	[TERN_ACCOUNT_HOST] = TERN_CONTEXT_HOST_LIMIT,
};

static int tern_ctx_check_limits(struct tern_ctx *ctx, u32 flags, const u64 *limit)
{
	int i;

	lockdep_assert_held(&ctx->lock);
	for (i = 0; i < TERN_ACCOUNTS; i++)
		if (flags & tern_limit_flags[i] && limit[i] > ctx->limit[i] &&
		    !capable(CAP_SYS_RESOURCE))
			return -EPERM;
	return 0;
}

/* As with setrlimit(), what there is already above a new limit stays. */
static void tern_ctx_set_limits(struct tern_ctx *ctx, u32 flags, const u64 *limit)
{
	int i;

	lockdep_assert_held(&ctx->lock);
	for (i = 0; i < TERN_ACCOUNTS; i++)
		if (flags & tern_limit_flags[i])
			WRITE_ONCE(ctx->limit[i], limit[i]);
}

/* ------------------------------------------------------------------ settings */

/* Wake who waits for the context, in whichever way. Called with its queue's lock held. */
void tern_ctx_wake(struct tern_ctx *ctx)
{
	lockdep_assert_held(&ctx->queue->lock);
	wake_up(&ctx->wq);
	if (ctx->eventfd && ctx->told != ctx->ended)
		tern_eventfd_signal(ctx->eventfd);
	ctx->told = ctx->ended;
}

int tern_ioctl_eventfd(struct tern_ctx *ctx, void *arg, void __user *uarg)
{
	struct tern_eventfd *args = arg;
	struct eventfd_ctx *eventfd = NULL;
	int ret;

	if (args->flags)
		return -EOPNOTSUPP;
	if (args->pad || args->fd < -1)
		return -EINVAL;
	if (args->fd >= 0) {
		eventfd = eventfd_ctx_fdget(args->fd);
		if (IS_ERR(eventfd))
			return PTR_ERR(eventfd);
	}

	/* Not for ever: whoever has it may wait for a user's page. */
	ret = mutex_lock_interruptible(&ctx->lock);
	if (ret)
		goto out;
	spin_lock_irq(&ctx->queue->lock);
	swap(ctx->eventfd, eventfd);
	spin_unlock_irq(&ctx->queue->lock);
	mutex_unlock(&ctx->lock);
out:
	if (eventfd)
		eventfd_ctx_put(eventfd);
	return ret;
}

/* Have all jobs ended? Nobody submits meanwhile. */
static bool tern_ctx_idle(struct tern_ctx *ctx)
{
	bool idle;

	lockdep_assert_held(&ctx->lock);
	spin_lock_irq(&ctx->queue->lock);
	tern_queue_poll(ctx->queue);
	idle = ctx->ended == ctx->next;
	spin_unlock_irq(&ctx->queue->lock);
	return idle;
}

static int tern_ctx_check_priority(struct tern_ctx *ctx, int priority)
{
	lockdep_assert_held(&ctx->lock);
	if (priority < TERN_PRIORITY_LOW || priority > TERN_PRIORITY_HIGH)
		return -EINVAL;
	if (priority == ctx->priority)
		return 0;
	if (priority == TERN_PRIORITY_HIGH && !capable(CAP_SYS_NICE))
		return -EPERM;
	return tern_ctx_idle(ctx) ? 0 : -EBUSY;
}

static void tern_ctx_set_priority(struct tern_ctx *ctx, int priority)
{
	struct tern_queue *from = ctx->queue, *to;

	lockdep_assert_held(&ctx->lock);
	if (priority == ctx->priority)
		return;
	/* Without jobs nobody misses it while it is in no list. */
	to = tern_queue_choose(ctx->tdev, priority);
	spin_lock_irq(&from->lock);
	list_del(&ctx->queue_node);
	spin_unlock_irq(&from->lock);
	ctx->priority = priority;
	WRITE_ONCE(ctx->queue, to);
	spin_lock_irq(&to->lock);
	list_add_tail(&ctx->queue_node, &to->contexts);
	spin_unlock_irq(&to->lock);
}

int tern_ioctl_context(struct tern_ctx *ctx, void *arg, void __user *uarg)
{
	struct tern_context *args = arg;
	u64 limit[TERN_ACCOUNTS] = {
		[TERN_ACCOUNT_DEVICE] = args->device_limit,
		[TERN_ACCOUNT_HOST] = args->host_limit,
	};
	int ret;

	if (args->flags & ~(TERN_CONTEXT_PRIORITY | TERN_CONTEXT_DEVICE_LIMIT |
			    TERN_CONTEXT_HOST_LIMIT))
		return -EOPNOTSUPP;
	ret = mutex_lock_interruptible(&ctx->lock);
	if (ret)
		return ret;
	/* All that is asked for, or nothing. */
	if (args->flags & TERN_CONTEXT_PRIORITY)
		ret = tern_ctx_check_priority(ctx, args->priority);
	if (!ret)
		ret = tern_ctx_check_limits(ctx, args->flags, limit);
	if (ret)
		goto out;
	if (args->flags & TERN_CONTEXT_PRIORITY)
		tern_ctx_set_priority(ctx, args->priority);
	tern_ctx_set_limits(ctx, args->flags, limit);
	args->priority = ctx->priority;
	args->queue = ctx->queue->index;
	args->device_limit = ctx->limit[TERN_ACCOUNT_DEVICE];
	args->host_limit = ctx->limit[TERN_ACCOUNT_HOST];
out:
	mutex_unlock(&ctx->lock);
	if (ret)
		return ret;
	args->device_used = atomic64_read(&ctx->used[TERN_ACCOUNT_DEVICE]);
	args->host_used = atomic64_read(&ctx->used[TERN_ACCOUNT_HOST]);
	return tern_respond(uarg, args, sizeof(*args));
}

/* What /proc tells of the file; ABI/procfs-fdinfo-tern describes it. */
void tern_ctx_show(struct tern_ctx *ctx, struct seq_file *file)
{
	struct tern_device *tdev = ctx->tdev;
	struct tern_queue *q = READ_ONCE(ctx->queue);
	u64 device = (u64)atomic64_read(&ctx->used[TERN_ACCOUNT_DEVICE]) >> 10;
	u64 host = (u64)atomic64_read(&ctx->used[TERN_ACCOUNT_HOST]) >> 10;
	u64 cycles, array_cycles, ended;

	/* Not its mutex: whoever has that may wait for a user's page. */
	spin_lock_irq(&q->lock);
	cycles = ctx->cycles;
	array_cycles = ctx->array_cycles;
	ended = ctx->ended - 1;
	spin_unlock_irq(&q->lock);

	seq_printf(file, "drm-driver:\t%s\ndrm-pdev:\t%s\ndrm-client-id:\t%llu\n", TERN_NAME,
		   pci_name(tdev->pdev), ctx->id);
	seq_printf(file, "drm-engine-array:\t%llu ns\ndrm-cycles-array:\t%llu\n",
		   mul_u64_u32_div(cycles, USEC_PER_SEC, tdev->info.clock_khz), cycles);
	seq_printf(file, "drm-maxfreq-array:\t%llu Hz\ntern-array-cycles:\t%llu\n",
		   (u64)tdev->info.clock_khz * 1000, array_cycles);
	/* What is there at all is there for good: nothing is swapped out or moved. */
	seq_printf(file, "drm-total-device:\t%llu KiB\ndrm-resident-device:\t%llu KiB\n", device,
		   device);
	seq_printf(file, "drm-total-host:\t%llu KiB\ndrm-resident-host:\t%llu KiB\n", host, host);
	seq_printf(file, "tern-queue:\t%u\ntern-priority:\t%d\n", q->index,
		   READ_ONCE(ctx->priority));
	seq_printf(file, "tern-jobs-submitted:\t%llu\ntern-jobs-ended:\t%llu\n",
		   READ_ONCE(ctx->next) - 1, ended);
}
