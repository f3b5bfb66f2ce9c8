// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings: commands go in, one doorbell a batch; completions come out, and are believed only when
 * they name a command that is in flight.
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>

#include "tern_drv.h"
#include "trace.h"

static unsigned int queue_depth = 256;
module_param(queue_depth, uint, 0444);
MODULE_PARM_DESC(queue_depth, "Entries of a ring, a power of two from 4 to 4096 (default 256)");

/* A context that has many commands lets the others of its queue have a turn after so many. */
#define TERN_TURN	16

/* An id is the index of a slot below a generation, so that an old completion is noticed. */
#define TERN_ID_BITS	TERN_QUEUE_LOG2_MAX

/* The device is stopped and its heads, tails and phases are at their start: so are ours now. */
static void tern_queue_rewind(struct tern_queue *q)
{
	u32 i;

	memset(q->cq, 0, array_size(q->tdev->ring_size, TERN_ENTRY_BYTES));
	for (i = 0; i < q->tdev->ring_size; i++) {
		if (q->slots[i].job)
			q->slots[i].generation++;
		q->slots[i].job = NULL;
		q->free_slots[i] = i;
	}
	q->sq_tail = 0;
	q->cq_head = 0;
	q->cq_told = 0;
	q->phase = 1;
	q->inflight = 0;
	q->since_irq = 0;
	q->tick_head = ~0u;
	q->charged_ms = 0;
	q->hung = false;
}

static int tern_queue_alloc(struct tern_queue *q)
{
	struct tern_device *tdev = q->tdev;
	struct device *dev = &tdev->pdev->dev;
	size_t bytes = array_size(tdev->ring_size, TERN_ENTRY_BYTES);

	spin_lock_init(&q->lock);
	INIT_LIST_HEAD(&q->contexts);
	INIT_LIST_HEAD(&q->ready);
	q->doorbell = tdev->regs + TERN_QUEUE_DOORBELL_BASE +
		      q->index * TERN_QUEUE_DOORBELL_STRIDE;

	q->slots = kcalloc(tdev->ring_size, sizeof(*q->slots), GFP_KERNEL);
	if (!q->slots)
		return -ENOMEM;
	q->free_slots = kcalloc(tdev->ring_size, sizeof(*q->free_slots), GFP_KERNEL);
	if (!q->free_slots)
		goto err_slots;
	q->sq = dma_alloc_coherent(dev, bytes, &q->sq_dma, GFP_KERNEL);
	if (!q->sq)
		goto err_free_slots;
	q->cq = dma_alloc_coherent(dev, bytes, &q->cq_dma, GFP_KERNEL);
	if (!q->cq)
		goto err_sq;
	tern_queue_rewind(q);
	return 0;

err_sq:
	dma_free_coherent(dev, bytes, q->sq, q->sq_dma);
err_free_slots:
	kfree(q->free_slots);
err_slots:
	kfree(q->slots);
	return -ENOMEM;
}

static void tern_queue_free(struct tern_queue *q)
{
	struct device *dev = &q->tdev->pdev->dev;
	size_t bytes = array_size(q->tdev->ring_size, TERN_ENTRY_BYTES);

	dma_free_coherent(dev, bytes, q->cq, q->cq_dma);
	dma_free_coherent(dev, bytes, q->sq, q->sq_dma);
	q->cq = NULL;
	q->sq = NULL;
	kfree(q->free_slots);
	kfree(q->slots);
}

int tern_queues_alloc(struct tern_device *tdev)
{
	u32 size = queue_depth;
	unsigned int i;
	int ret;

	if (!is_power_of_2(size) || size < 4 || size > 1u << TERN_QUEUE_LOG2_MAX) {
		dev_err(&tdev->pdev->dev, "queue_depth=%u is no power of two from 4 to %u\n",
			size, 1u << TERN_QUEUE_LOG2_MAX);
		return -EINVAL;
	}
	size = min(size, tdev->ring_max);
	tdev->ring_size = size;
	tdev->ring_quarter = max(size / 4, 1u);
	/*
	 * A ring of size entries holds size - 1. The device counts completions that it has not
	 * been told of (up to ring_quarter - 1) as still there.
	 */
	tdev->ring_capacity = size - tdev->ring_quarter;

	tdev->queues = kcalloc(tdev->queue_count, sizeof(*tdev->queues), GFP_KERNEL);
	if (!tdev->queues)
		return -ENOMEM;
	for (i = 0; i < tdev->queue_count; i++) {
		tdev->queues[i].tdev = tdev;
		tdev->queues[i].index = i;
		ret = tern_queue_alloc(&tdev->queues[i]);
		if (ret)
			goto err_queues;
	}
	return 0;

err_queues:
	while (i--)
		tern_queue_free(&tdev->queues[i]);
	kfree(tdev->queues);
	tdev->queues = NULL;
	return ret;
}

/* Free the rings. The queues themselves live on: contexts of open files take their locks. */
void tern_queues_free(struct tern_device *tdev)
{
	unsigned int i;

	for (i = 0; i < tdev->queue_count; i++)
		tern_queue_free(&tdev->queues[i]);
}

void tern_queues_release(struct tern_device *tdev)
{
	kfree(tdev->queues);
	tdev->queues = NULL;
}

u16 tern_slot_id(const struct tern_queue *q, const struct tern_slot *slot)
{
	return (slot - q->slots) | (u16)(slot->generation << TERN_ID_BITS);
}

/* Take a free slot for the next command of @job. Called with room in the ring. */
static struct tern_slot *tern_slot_get(struct tern_queue *q, struct tern_job *job, u16 place)
{
	u16 index = q->free_slots[q->tdev->ring_size - 1 - q->inflight];
	struct tern_slot *slot = &q->slots[index];

	slot->job = job;
	slot->seq = q->seq++;
	slot->place = place;
	slot->aborted = false;
	q->inflight++;
	return slot;
}

static void tern_slot_put(struct tern_queue *q, struct tern_slot *slot)
{
	slot->job = NULL;
	slot->generation++;
	q->inflight--;
	q->free_slots[q->tdev->ring_size - 1 - q->inflight] = slot - q->slots;
}

/* The job of @ctx whose next command goes into the ring. Called with one there. */
static struct tern_job *tern_ctx_next_job(struct tern_ctx *ctx)
{
	struct tern_job *job = ctx->putting;

	if (!job) {
		job = list_first_entry(&ctx->pending, struct tern_job, node);
		list_move_tail(&job->node, &ctx->running);
		ctx->putting = job;
	}
	return job;
}

/*
 * Put a context with commands into its queue's order: behind those of its priority, before those
 * of lower ones.
 */
void tern_queue_add_ready(struct tern_queue *q, struct tern_ctx *ctx)
{
	struct tern_ctx *other;

	lockdep_assert_held(&q->lock);
	list_for_each_entry_reverse(other, &q->ready, ready_node)
		if (other->priority >= ctx->priority)
			break;
	/* Behind the last that goes first, or, with none, behind the head of the list. */
	list_add(&ctx->ready_node, &other->ready_node);
	if (list_is_first(&ctx->ready_node, &q->ready))
		q->turn = 0;
}

/* Put commands into the ring as long as there are some and it has room, and ring the doorbell. */
void tern_queue_pump(struct tern_queue *q)
{
	struct tern_device *tdev = q->tdev;
	u32 tail = q->sq_tail;

	lockdep_assert_held(&q->lock);
	if (!q->live)
		return;

	while (q->inflight < tdev->ring_capacity && !list_empty(&q->ready)) {
		struct tern_ctx *ctx = list_first_entry(&q->ready, struct tern_ctx, ready_node);
		struct tern_job *job = tern_ctx_next_job(ctx);
		struct tern_hw_command *cmd = &q->sq[tail];
		struct tern_slot *slot;

		slot = tern_slot_get(q, job, tail);
		job->outstanding++;
		tern_job_next(job, cmd);
		cmd->id = cpu_to_le16(tern_slot_id(q, slot));
		trace_tern_job_put(job, tern_slot_id(q, slot));
		if (job->all_put)
			ctx->putting = NULL;

		/*
		 * An interrupt for the last command of a SUBMIT, and so often that the ring neither
		 * runs dry nor waits for a CQ_HEAD that nobody writes.
		 */
		slot->irq = (job->all_put && job->closes) ||
			    q->inflight == tdev->ring_capacity ||
			    ++q->since_irq >= tdev->ring_quarter;
		if (slot->irq) {
			cmd->flags |= TERN_COMMAND_FLAG_IRQ;
			q->since_irq = 0;
		}

		if (!ctx->putting && list_empty(&ctx->pending)) {
			list_del_init(&ctx->ready_node);
			q->turn = 0;
		} else if (++q->turn == TERN_TURN) {
			list_del(&ctx->ready_node);
			tern_queue_add_ready(q, ctx);
			q->turn = 0;
		}
		tail = (tail + 1) & (tdev->ring_size - 1);
	}

	if (tail == q->sq_tail)
		return;
	q->sq_tail = tail;
	/*
	 * The commands are in memory before the device hears of them, and so is what users wrote
	 * into write-combined mappings.
	 */
	wmb();
	writel(tail, q->doorbell);
	trace_tern_doorbell(q, tail);
	tern_tick_arm(tdev);
}

/* Wake who waits for @ctx when the ring has been looked through, and not for every job. */
static void tern_queue_wake_later(struct tern_queue *q, struct tern_ctx *ctx)
{
	if (q->wake && q->wake != ctx)
		tern_ctx_wake(q->wake);
	q->wake = ctx->closed ? NULL : ctx;
}

static void tern_queue_wake(struct tern_queue *q)
{
	if (q->wake)
		tern_ctx_wake(q->wake);
	q->wake = NULL;
}

/* A job of @ctx is complete. Jobs end in order: end all that nothing earlier holds up. */
static void tern_ctx_advance(struct tern_queue *q, struct tern_ctx *ctx)
{
	struct tern_job *job, *next;

	tern_queue_wake_later(q, ctx);
	list_for_each_entry_safe(job, next, &ctx->running, node) {
		if (!job->all_put || job->outstanding)
			break;
		tern_job_end(job, 0);
	}
}

/* Take a completion of @id, which the caller has read from it, once: devices can change theirs. */
static void tern_queue_complete(struct tern_queue *q, u16 id, const struct tern_hw_completion *cqe)
{
	u16 index = id & (BIT(TERN_ID_BITS) - 1);
	struct tern_slot *slot;
	struct tern_ctx *ctx;
	struct tern_job *job;
	u8 status;

	slot = index < q->tdev->ring_size ? &q->slots[index] : NULL;
	if (!slot || !slot->job ||
	    id >> TERN_ID_BITS != (slot->generation & (0xffff >> TERN_ID_BITS))) {
		dev_err_ratelimited(&q->tdev->pdev->dev,
				    "queue %u: completion of id %#x, which is not in flight\n",
				    q->index, id);
		tern_queue_blame(q, -EIO);
		tern_reset_request(q->tdev, TERN_RESET_COMPLETION);
		return;
	}

	job = slot->job;
	ctx = job->ctx;
	tern_slot_put(q, slot);
	q->completed++;
	job->outstanding--;
	status = tern_job_account(job, cqe);
	trace_tern_completion(q, id, status);
	/* A port that owes the device an answer is dead until a reset, for all jobs to come. */
	if (status == TERN_STATUS_WATCHDOG)
		tern_reset_request(q->tdev, TERN_RESET_ERROR);
	if (job->result.error && ctx->putting == job) {
		/* The rest of a COPY that has failed is not worth a command. */
		job->all_put = true;
		ctx->putting = NULL;
		if (list_empty(&ctx->pending))
			list_del_init(&ctx->ready_node);
	}
	if (job->all_put && !job->outstanding)
		tern_ctx_advance(q, ctx);
}

/* Is there a completion that was not taken yet? */
bool tern_queue_ready(const struct tern_queue *q)
{
	return (READ_ONCE(q->cq[q->cq_head].phase) & 1) == q->phase;
}

/* Take the completions that are there. Returns how many of them should have raised an interrupt. */
unsigned int tern_queue_poll(struct tern_queue *q)
{
	struct tern_device *tdev = q->tdev;
	unsigned int irqs = 0;
	u32 i;

	lockdep_assert_held(&q->lock);
	if (!q->cq)
		return 0;

	for (i = 0; i < tdev->ring_size && tern_queue_ready(q); i++) {
		const struct tern_hw_completion *cqe = &q->cq[q->cq_head];
		u16 id;

		/* The rest of the completion is read after its phase bit. */
		dma_rmb();
		id = le16_to_cpu(READ_ONCE(cqe->id));
		irqs += q->slots[id & (tdev->ring_size - 1)].irq;
		tern_queue_complete(q, id, cqe);
		if (++q->cq_head == tdev->ring_size) {
			q->cq_head = 0;
			q->phase ^= 1;
		}
	}
	tern_queue_wake(q);

	/* Every write to the device is dear: tell it only so often that it never has to wait. */
	if (q->live && ((q->cq_head - q->cq_told) & (tdev->ring_size - 1)) >= tdev->ring_quarter) {
		q->cq_told = q->cq_head;
		writel(q->cq_head, q->doorbell + sizeof(u32));
	}
	return irqs;
}

/* Take completions and use the room they leave. */
unsigned int tern_queue_check(struct tern_queue *q)
{
	unsigned int irqs;
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	irqs = tern_queue_poll(q);
	tern_queue_pump(q);
	spin_unlock_irqrestore(&q->lock, flags);
	return irqs;
}

/* The command that has been in flight for longest, or NULL. */
struct tern_slot *tern_queue_oldest(struct tern_queue *q)
{
	struct tern_slot *oldest = NULL;
	u32 i;

	lockdep_assert_held(&q->lock);
	for (i = 0; q->inflight && i < q->tdev->ring_size; i++) {
		struct tern_slot *slot = &q->slots[i];

		if (slot->job && (!oldest || slot->seq < oldest->seq))
			oldest = slot;
	}
	return oldest;
}

/* Its job is why the queue is reset. */
void tern_queue_blame(struct tern_queue *q, int error)
{
	struct tern_slot *slot = tern_queue_oldest(q);

	if (slot)
		slot->job->blame = error;
}

/*
 * A queue for a new context. Queue 0 is the kernel's, unless there is no other; the last is that of
 * high priority and the one before it that of low priority, as long as one is left for the others.
 */
struct tern_queue *tern_queue_choose(struct tern_device *tdev, int priority)
{
	unsigned int users = tdev->queue_count - 1;
	unsigned int high = users >= 2, low = users >= 3;

	if (!users)
		return &tdev->queues[0];
	if (priority == TERN_PRIORITY_HIGH && high)
		return &tdev->queues[users];
	if (priority == TERN_PRIORITY_LOW && low)
		return &tdev->queues[users - high];
	users -= high + low;
	return &tdev->queues[1 + (unsigned int)atomic_inc_return(&tdev->next_queue) % users];
}

u32 tern_queues_inflight(struct tern_device *tdev)
{
	unsigned int i;
	u32 sum = 0;

	for (i = 0; i < tdev->queue_count; i++)
		sum += READ_ONCE(tdev->queues[i].inflight);
	return sum;
}

/* The device has been started with empty rings: let commands in. */
void tern_queue_start(struct tern_queue *q)
{
	spin_lock_irq(&q->lock);
	q->live = !q->dead;
	tern_queue_pump(q);
	spin_unlock_irq(&q->lock);
}

void tern_queues_start(struct tern_device *tdev)
{
	unsigned int i;

	for (i = 0; i < tdev->queue_count; i++)
		tern_queue_start(&tdev->queues[i]);
}

/* No doorbell is rung after this; with @dead, none ever again, and new jobs get that errno. */
static void tern_queue_close(struct tern_queue *q, int dead)
{
	lockdep_assert_held(&q->lock);
	q->live = false;
	q->dead = q->dead ?: dead;
}

void tern_queue_stop(struct tern_queue *q, int dead)
{
	spin_lock_irq(&q->lock);
	tern_queue_close(q, dead);
	spin_unlock_irq(&q->lock);
}

void tern_queues_stop(struct tern_device *tdev, int dead)
{
	unsigned int i;

	for (i = 0; i < tdev->queue_count; i++)
		tern_queue_stop(&tdev->queues[i], dead);
}

/* End the jobs of a context: those in the ring and, since they follow them, the waiting ones. */
static void tern_ctx_take_down(struct tern_queue *q, struct tern_ctx *ctx, int error)
{
	struct tern_job *job, *next;

	if (list_empty(&ctx->running) && !q->dead)
		return;
	tern_queue_wake_later(q, ctx);
	ctx->putting = NULL;
	list_del_init(&ctx->ready_node);
	list_for_each_entry_safe(job, next, &ctx->running, node)
		tern_job_end(job, job->blame ?: error);
	list_for_each_entry_safe(job, next, &ctx->pending, node)
		tern_job_end(job, error);
}

/*
 * The queue is stopped: take the completions that the device still wrote, end all other jobs that
 * were in flight, and make the rings empty. With @dead, end the waiting jobs of all contexts as
 * well, and refuse new ones with that errno.
 */
void tern_queue_take_down(struct tern_queue *q, int error, int dead)
{
	struct tern_ctx *ctx;

	spin_lock_irq(&q->lock);
	tern_queue_poll(q);
	tern_queue_close(q, dead);
	list_for_each_entry(ctx, &q->contexts, queue_node)
		tern_ctx_take_down(q, ctx, error);
	tern_queue_wake(q);
	tern_queue_rewind(q);
	spin_unlock_irq(&q->lock);
}

void tern_queues_take_down(struct tern_device *tdev, int error, int dead)
{
	unsigned int i;

	for (i = 0; i < tdev->queue_count; i++)
		tern_queue_take_down(&tdev->queues[i], error, dead);
}
