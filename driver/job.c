// SPDX-License-Identifier: GPL-2.0-only
/*
 * Jobs: submitted, ended, waited for.
 */
#include <linux/hrtimer.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "tern_drv.h"
#include "trace.h"

/*
 * Commands in the middle of a batch raise no interrupt. Who waits for one of them looks for
 * himself so often.
 */
#define TERN_LOOK_NS	(2 * NSEC_PER_MSEC)

/* Jobs that are allocated at once. */
#define TERN_JOBS_BULK	16

/* A longer array element than this is no struct of any version. */
#define TERN_ELEMENT_MAX	SZ_4K

static struct kmem_cache *tern_job_cache;

int tern_job_init(void)
{
	tern_job_cache = KMEM_CACHE_USERCOPY(tern_job, SLAB_ACCOUNT, result);
	return tern_job_cache ? 0 : -ENOMEM;
}

void tern_job_exit(void)
{
	kmem_cache_destroy(tern_job_cache);
}

struct tern_job *tern_job_alloc(void)
{
	struct tern_job *job = kmem_cache_zalloc(tern_job_cache, GFP_KERNEL);

	if (job)
		INIT_LIST_HEAD(&job->node);
	return job;
}

/* Add @count jobs to a list. On failure some may be in it already. */
static int tern_jobs_alloc(struct list_head *jobs, u32 count)
{
	void *bulk[TERN_JOBS_BULK];

	while (count) {
		u32 i, now = min_t(u32, count, ARRAY_SIZE(bulk));

		if (!kmem_cache_alloc_bulk(tern_job_cache, GFP_KERNEL | __GFP_ZERO, now, bulk))
			return -ENOMEM;
		for (i = 0; i < now; i++) {
			struct tern_job *job = bulk[i];

			list_add_tail(&job->node, jobs);
		}
		count -= now;
	}
	return 0;
}

/* Free a job that is in no list and whose buffers may still be held. Process context. */
void tern_job_free(struct tern_job *job)
{
	int i;

	for (i = 0; i < TERN_OPERANDS; i++)
		if (job->bo[i])
			tern_bo_put(job->bo[i]);
	kmem_cache_free(tern_job_cache, job);
}

static void tern_jobs_free(struct list_head *jobs)
{
	struct tern_job *job, *next;

	list_for_each_entry_safe(job, next, jobs, node) {
		list_del(&job->node);
		tern_job_free(job);
	}
}

/* Add what a completion says to its job's result. Returns its status, which is read but once. */
u8 tern_job_account(struct tern_job *job, const struct tern_hw_completion *cqe)
{
	struct tern_result *sum = &job->result;
	u8 status = READ_ONCE(cqe->status);

	if (status != TERN_STATUS_OK && !sum->error) {
		/* It was the driver that had it aborted, and it knows why. */
		sum->error = status == TERN_STATUS_ABORTED && job->blame ? job->blame : -EIO;
		sum->status = status;
	}
	sum->cycles += le32_to_cpu(cqe->cycles);
	sum->array += le32_to_cpu(cqe->array);
	sum->stall_weights += le32_to_cpu(cqe->stall_weights);
	sum->stall_activations += le32_to_cpu(cqe->stall_activations);
	sum->stall_results += le32_to_cpu(cqe->stall_results);
	sum->stall_commands += le32_to_cpu(cqe->stall_commands);
	sum->stall_link += le32_to_cpu(cqe->stall_link);
	sum->mem_read += (u64)le32_to_cpu(cqe->mem_read) * TERN_BEAT_BYTES;
	sum->mem_written += (u64)le32_to_cpu(cqe->mem_written) * TERN_BEAT_BYTES;
	sum->host_read += (u64)le32_to_cpu(cqe->host_read) * TERN_BEAT_BYTES;
	sum->host_written += (u64)le32_to_cpu(cqe->host_written) * TERN_BEAT_BYTES;
	sum->adds += le64_to_cpu(cqe->adds);
	sum->adds_skipped += le64_to_cpu(cqe->adds_skipped);
	return status;
}

/*
 * A job has ended, well (@error 0: its result says how) or because the device was taken down. Gives
 * its buffers back; the job itself goes to its context's owner, or is freed when there is none.
 * Called with the queue's lock held, in order of the jobs' numbers.
 */
void tern_job_end(struct tern_job *job, int error)
{
	struct tern_ctx *ctx = job->ctx;
	bool freed;
	int i;

	lockdep_assert_held(&ctx->queue->lock);
	list_del_init(&job->node);
	if (error)
		job->result.error = error;
	ctx->cycles += job->result.cycles;
	ctx->array_cycles += job->result.array;
	trace_tern_job_end(job);
	for (i = 0; i < TERN_OPERANDS; i++) {
		if (!job->bo[i])
			continue;
		if (i == TERN_DST)
			tern_user_sync_for_cpu(job->bo[i]);
		tern_bo_put_atomic(job->bo[i]);
		job->bo[i] = NULL;
	}

	freed = ctx->closed || job->orphan;
	job->ended = true;
	if (!freed)
		atomic_inc(&ctx->ready);
	/* Pairs with tern_ended(): whoever sees the number sees the result. */
	smp_store_release(&ctx->ended, job->number + 1);
	/* Else whoever collects it may have freed it by now. */
	if (freed)
		kmem_cache_free(tern_job_cache, job);
	tern_ctx_put(ctx);
}

/* Give the jobs of a list numbers from ctx->next on. On failure some may have theirs already. */
static int tern_ctx_number(struct tern_ctx *ctx, struct list_head *jobs)
{
	struct tern_job *job = list_first_entry(jobs, struct tern_job, node);
	XA_STATE(xas, &ctx->jobs, ctx->next);

	/* One walk for them all, begun again where memory was missing. */
	do {
		xas_lock(&xas);
		list_for_each_entry_from(job, jobs, node) {
			job->number = xas.xa_index;
			xas_store(&xas, job);
			if (xas_error(&xas))
				break;
			xas_next(&xas);
		}
		xas_unlock(&xas);
	} while (xas_nomem(&xas, GFP_KERNEL));
	return xas_error(&xas);
}

/* Forget @count numbers from @first on, whether they are there or not. */
static void tern_ctx_forget(struct tern_ctx *ctx, u64 first, u32 count)
{
	while (count--)
		xa_erase(&ctx->jobs, first + count);
}

/*
 * Give @count jobs of a list numbers from ctx->next on, and queue them. Takes the jobs from the
 * list; on failure none of them.
 */
int tern_ctx_queue(struct tern_ctx *ctx, struct list_head *jobs, u32 count)
{
	struct tern_queue *q = ctx->queue;
	struct tern_job *job;
	int ret;

	lockdep_assert_held(&ctx->lock);
	list_last_entry(jobs, struct tern_job, node)->closes = true;
	ret = tern_ctx_number(ctx, jobs);
	if (ret)
		goto err_number;

	spin_lock_irq(&q->lock);
	ret = q->dead;
	if (!ret) {
		list_for_each_entry(job, jobs, node) {
			job->ctx = ctx;
			kref_get(&ctx->ref);
			trace_tern_job_submit(job);
		}
		list_splice_tail_init(jobs, &ctx->pending);
		if (list_empty(&ctx->ready_node))
			tern_queue_add_ready(q, ctx);
		tern_queue_poll(q);
		tern_queue_pump(q);
	}
	spin_unlock_irq(&q->lock);
	if (ret)
		goto err_number;

	ctx->next += count;
	ctx->uncollected += count;
	return 0;

err_number:
	tern_ctx_forget(ctx, ctx->next, count);
	return ret;
}

/* Have job @number of the context and all before it ended? */
static bool tern_ended(struct tern_ctx *ctx, u64 number)
{
	/* Pairs with tern_job_end(). */
	return smp_load_acquire(&ctx->ended) > number;
}

/* Run a job of the driver's own, and free it. Sleeps until it has ended, or its owner is killed. */
int tern_kernel_run(struct tern_device *tdev, struct tern_job *job)
{
	struct tern_ctx *ctx = tdev->kernel_ctx;
	LIST_HEAD(jobs);
	u64 number;
	int ret;

	list_add(&job->node, &jobs);
	mutex_lock(&ctx->lock);
	number = ctx->next;
	ret = tern_ctx_queue(ctx, &jobs, 1);
	mutex_unlock(&ctx->lock);
	if (ret) {
		tern_jobs_free(&jobs);
		return ret;
	}

	ret = wait_event_killable(ctx->wq, tern_ended(ctx, number));

	mutex_lock(&ctx->lock);
	xa_erase(&ctx->jobs, number);
	ctx->uncollected--;
	mutex_unlock(&ctx->lock);

	spin_lock_irq(&ctx->queue->lock);
	if (!job->ended) {
		job->orphan = true;
		job = NULL;
	}
	spin_unlock_irq(&ctx->queue->lock);
	if (!job)
		return ret;
	atomic_dec(&ctx->ready);
	ret = job->result.error;
	tern_job_free(job);
	return ret;
}

/* Copy and check the commands of a SUBMIT, one job each. */
static int tern_submit_read(struct tern_ctx *ctx, const struct tern_submit *args,
			    struct list_head *jobs)
{
	void __user *ucmd = u64_to_user_ptr(args->cmds);
	struct tern_job *job;
	int ret;

	ret = tern_jobs_alloc(jobs, args->count);
	if (ret)
		return ret;
	list_for_each_entry(job, jobs, node) {
		struct tern_cmd cmd;

		ret = copy_struct_from_user(&cmd, sizeof(cmd), ucmd, args->cmd_size);
		if (ret)
			return ret;
		ret = tern_job_check(ctx, &cmd, job);
		if (ret)
			return ret;
		if (fatal_signal_pending(current))
			return -EINTR;
		/* To find a place in a buffer of many pieces is a walk, and there may be many. */
		cond_resched();
		ucmd += args->cmd_size;
	}
	return 0;
}

int tern_ioctl_submit(struct tern_ctx *ctx, void *arg, void __user *uarg)
{
	struct tern_submit *args = arg;
	LIST_HEAD(jobs);
	int ret;

	if (args->flags)
		return -EOPNOTSUPP;
	if (!args->count || args->count > TERN_SUBMIT_MAX)
		return -EINVAL;
	if (args->cmd_size < offsetofend(struct tern_cmd, pattern) || args->cmd_size % sizeof(u64))
		return -EINVAL;
	if (args->cmd_size > TERN_ELEMENT_MAX)
		return -E2BIG;

	ret = tern_submit_read(ctx, args, &jobs);
	if (ret)
		goto out;

	ret = mutex_lock_interruptible(&ctx->lock);
	if (ret)
		goto out;
	if (ctx->uncollected + args->count > TERN_JOBS_MAX) {
		ret = -EAGAIN;
	} else {
		/* Said before it is true: once the jobs are queued nothing may fail. */
		args->first = ctx->next;
		ret = tern_respond(uarg, args, sizeof(*args));
		if (!ret)
			ret = tern_ctx_queue(ctx, &jobs, args->count);
	}
	mutex_unlock(&ctx->lock);
out:
	tern_jobs_free(&jobs);
	return ret;
}

/* Wait until job @last of the context and all before it have ended. */
static int tern_ctx_wait(struct tern_ctx *ctx, u64 last, ktime_t deadline)
{
	struct tern_queue *q = READ_ONCE(ctx->queue);
	DEFINE_WAIT(wait);
	int ret;

	for (;;) {
		bool middle = last + 1 < READ_ONCE(ctx->next);
		ktime_t now, until = deadline;

		prepare_to_wait(&ctx->wq, &wait, TASK_INTERRUPTIBLE);
		if (!tern_ended(ctx, last))
			tern_queue_check(q);
		ret = 0;
		if (tern_ended(ctx, last))
			break;
		now = ktime_get();
		ret = -ETIMEDOUT;
		if (ktime_compare(now, deadline) >= 0)
			break;
		ret = -ERESTARTSYS;
		if (signal_pending(current))
			break;
		if (middle && ktime_compare(ktime_add_ns(now, TERN_LOOK_NS), until) < 0)
			until = ktime_add_ns(now, TERN_LOOK_NS);
		schedule_hrtimeout_range(until == KTIME_MAX ? NULL : &until, 0, HRTIMER_MODE_ABS);
	}
	finish_wait(&ctx->wq, &wait);
	return ret;
}

/* The jobs of a WAIT: an array of numbers, ascending, or numbers that follow each other. */
struct tern_wait_jobs {
	u64 *numbers;	/* or NULL */
	u64 first;
	u32 count;
};

static u64 tern_wait_number(const struct tern_wait_jobs *jobs, u32 i)
{
	return jobs->numbers ? jobs->numbers[i] : jobs->first + i;
}

/* Free jobs->numbers after a success. */
static int tern_wait_read(const struct tern_wait *args, struct tern_wait_jobs *jobs)
{
	u64 last;
	u32 i;

	jobs->first = args->first;
	jobs->count = args->count;
	jobs->numbers = NULL;
	if (!args->jobs)
		return check_add_overflow(args->first, (u64)args->count - 1, &last) ?
			-EOVERFLOW : 0;
	if (args->first)
		return -EINVAL;
	jobs->numbers = memdup_user(u64_to_user_ptr(args->jobs),
				    array_size(args->count, sizeof(u64)));
	if (IS_ERR(jobs->numbers))
		return PTR_ERR(jobs->numbers);
	for (i = 1; i < args->count; i++) {
		if (jobs->numbers[i] <= jobs->numbers[i - 1]) {
			kfree(jobs->numbers);
			return -EINVAL;
		}
	}
	return 0;
}

/* Job @i of a WAIT, or NULL; from i = 0 on, each once, under the array's lock or RCU's. */
static struct tern_job *tern_wait_next(struct xa_state *xas, const struct tern_wait_jobs *jobs,
				       u32 i)
{
	if (i && !jobs->numbers)
		return xas_next(xas);
	xas_set(xas, tern_wait_number(jobs, i));
	return xas_load(xas);
}

/* Do all the jobs exist, not yet collected? */
static int tern_wait_exist(struct tern_ctx *ctx, const struct tern_wait_jobs *jobs)
{
	XA_STATE(xas, &ctx->jobs, 0);
	int ret = 0;
	u32 i;

	lockdep_assert_held(&ctx->lock);
	rcu_read_lock();
	for (i = 0; !ret && i < jobs->count; i++)
		if (!tern_wait_next(&xas, jobs, i))
			ret = -ENOENT;
	rcu_read_unlock();
	return ret;
}

/* Write the results of the first jobs. */
static int tern_wait_write(struct tern_ctx *ctx, const struct tern_wait *args,
			   const struct tern_wait_jobs *jobs)
{
	size_t known = min_t(size_t, args->result_size, sizeof(struct tern_result));
	void __user *uresult = u64_to_user_ptr(args->results);
	u32 i;

	if (!uresult)
		return 0;
	for (i = 0; i < args->ended; i++, uresult += args->result_size) {
		struct tern_job *job = xa_load(&ctx->jobs, tern_wait_number(jobs, i));

		if (copy_to_user(uresult, &job->result, known))
			return -EFAULT;
		if (clear_user(uresult + known, args->result_size - known))
			return -EFAULT;
	}
	return 0;
}

/* Give the results of those that have ended to the user, and free their jobs. */
static int tern_wait_collect(struct tern_ctx *ctx, struct tern_wait *args,
			     const struct tern_wait_jobs *jobs, void __user *uarg)
{
	XA_STATE(xas, &ctx->jobs, 0);
	LIST_HEAD(collected);
	u32 i;
	int ret;

	/* Another thread may have collected some of them in the meantime. */
	ret = tern_wait_exist(ctx, jobs);
	if (ret)
		return ret;
	args->ended = 0;
	while (args->ended < jobs->count && tern_ended(ctx, tern_wait_number(jobs, args->ended)))
		args->ended++;
	ret = tern_wait_write(ctx, args, jobs);
	if (ret)
		return ret;
	ret = tern_respond(uarg, args, sizeof(*args));
	if (ret)
		return ret;
	xas_lock(&xas);
	for (i = 0; i < args->ended; i++) {
		struct tern_job *job = tern_wait_next(&xas, jobs, i);

		list_add_tail(&job->node, &collected);
		xas_store(&xas, NULL);
	}
	xas_unlock(&xas);
	atomic_sub(args->ended, &ctx->ready);
	ctx->uncollected -= args->ended;
	tern_jobs_free(&collected);
	return 0;
}

static int tern_wait_check(const struct tern_wait *args)
{
	if (args->flags & ~TERN_WAIT_ANY)
		return -EOPNOTSUPP;
	if (!args->count || args->count > TERN_SUBMIT_MAX || args->timeout_ns < 0 || args->pad)
		return -EINVAL;
	if (args->flags & TERN_WAIT_ANY && args->size < offsetofend(struct tern_wait, ended))
		return -EINVAL;
	if (!args->results && !args->result_size)
		return 0;
	if (args->result_size < offsetofend(struct tern_result, adds_skipped) ||
	    args->result_size % sizeof(u64))
		return -EINVAL;
	return args->result_size > TERN_ELEMENT_MAX ? -E2BIG : 0;
}

int tern_ioctl_wait(struct tern_ctx *ctx, void *arg, void __user *uarg)
{
	struct tern_wait *args = arg;
	struct tern_wait_jobs jobs;
	u64 number;
	int ret;

	ret = tern_wait_check(args);
	if (ret)
		return ret;
	ret = tern_wait_read(args, &jobs);
	if (ret)
		return ret;

	ret = mutex_lock_interruptible(&ctx->lock);
	if (ret)
		goto out;
	ret = tern_wait_exist(ctx, &jobs);
	mutex_unlock(&ctx->lock);
	if (ret)
		goto out;

	number = tern_wait_number(&jobs, args->flags & TERN_WAIT_ANY ? 0 : jobs.count - 1);
	ret = tern_ctx_wait(ctx, number, ns_to_ktime(args->timeout_ns));
	if (ret)
		goto out;

	ret = mutex_lock_interruptible(&ctx->lock);
	if (ret)
		goto out;
	ret = tern_wait_collect(ctx, args, &jobs, uarg);
	mutex_unlock(&ctx->lock);
out:
	kfree(jobs.numbers);
	return ret;
}
