// SPDX-License-Identifier: GPL-2.0-only
/*
 * The timeout ladder, run twice a second while jobs are in flight:
 *
 *	the device does not answer		it is dead
 *	ERROR says more than that a job failed	reset
 *	completions lie there and nobody came	an interrupt was lost: take them
 *	a queue's oldest command overran	its job is aborted, if it was begun
 *	and did not end after that either	the queue is reset, else the device
 *
 * A command is charged only with time in which the device worked for its queue or for nobody: the
 * device serves the queues in turn, and what others take is not its fault.
 */
#include <linux/module.h>

#include "tern_drv.h"
#include "trace.h"

#define TERN_TICK_MS	500

/* What a job may take to end when it was aborted: a part of what it had been given before. */
#define TERN_ABORT_PART	4

static int timeout_ms;
module_param(timeout_ms, int, 0644);
MODULE_PARM_DESC(timeout_ms, "Time after which a job without progress hangs, in ms (default 0: by the kind of device and size of the job)");

/*
 * How long @cycles of work may take. Simulated devices run at a pace that only their machine
 * knows; RTL does some million cycles a second on an idle one, and a fraction on a busy one or
 * when it writes waves.
 */
unsigned int tern_job_limit_ms(struct tern_device *tdev, u64 cycles)
{
	u64 base_ms, per_cycle_ns;

	switch (tdev->info.platform) {
	case TERN_PLATFORM_SILICON:
		base_ms = 2 * MSEC_PER_SEC;
		per_cycle_ns = DIV_ROUND_UP(16 * NSEC_PER_MSEC, tdev->info.clock_khz);
		break;
	case TERN_PLATFORM_FPGA:
		base_ms = 5 * MSEC_PER_SEC;
		per_cycle_ns = DIV_ROUND_UP(16 * NSEC_PER_MSEC, tdev->info.clock_khz);
		break;
	case TERN_PLATFORM_MODEL:
		base_ms = 20 * MSEC_PER_SEC;
		per_cycle_ns = 1 * NSEC_PER_USEC;
		break;
	default:
		base_ms = 30 * MSEC_PER_SEC;
		per_cycle_ns = 10 * NSEC_PER_USEC;
		break;
	}
	cycles = min_t(u64, cycles, U32_MAX);
	return min_t(u64, base_ms + div_u64(cycles * per_cycle_ns, NSEC_PER_MSEC), INT_MAX);
}

/* Called with every batch: does nothing while a tick is due anyway. */
void tern_tick_arm(struct tern_device *tdev)
{
	queue_delayed_work(system_wq, &tdev->tick, msecs_to_jiffies(TERN_TICK_MS));
}

void tern_tick_now(struct tern_device *tdev)
{
	if (tern_get_state(tdev) == TERN_LIVE)
		mod_delayed_work(system_wq, &tdev->tick, 0);
}

/* Returns false when the device is gone or about to be reset. */
static bool tern_tick_errors(struct tern_device *tdev)
{
	struct device *dev = &tdev->pdev->dev;
	u32 error = tern_read(tdev, TERN_REG_ERROR);
	u32 queue;
	u64 addr;

	if (!error)
		return true;
	/* What is wrong with a job its completion says, and the device goes on. */
	if (error == TERN_ERROR_JOB_MASK) {
		dev_dbg(dev, "job error %#x\n", tern_read(tdev, TERN_REG_JOB_ERROR));
		tern_write(tdev, TERN_REG_ERROR, error);
		return true;
	}
	/* PCI error recovery is about to begin, and has the say. */
	if (pci_channel_offline(tdev->pdev))
		return false;
	if (tern_hw_gone(tdev)) {
		dev_err(dev, "the device does not answer any more\n");
		tern_die(tdev, -ENODEV, false);
		return false;
	}
	queue = tern_read(tdev, TERN_REG_ERROR_QUEUE);
	addr = tern_read(tdev, TERN_REG_ERROR_ADDR_LO) |
	       (u64)tern_read(tdev, TERN_REG_ERROR_ADDR_HI) << 32;
	dev_err(dev, "device error %#x, queue %u, address %#llx\n", error, queue, addr);
	if (queue < tdev->queue_count) {
		spin_lock_irq(&tdev->queues[queue].lock);
		tern_queue_blame(&tdev->queues[queue], -EIO);
		spin_unlock_irq(&tdev->queues[queue].lock);
	}
	tern_reset_request(tdev, TERN_RESET_ERROR);
	return false;
}

/* Completions that lay there at the last tick already: nobody was told of them. */
static void tern_tick_lost(struct tern_queue *q)
{
	unsigned int irqs = 0;
	u32 head = ~0u;

	spin_lock_irq(&q->lock);
	if (tern_queue_ready(q)) {
		head = q->cq_head;
		if (head == q->tick_head) {
			irqs = tern_queue_poll(q);
			tern_queue_pump(q);
			head = ~0u;
		}
	}
	q->tick_head = head;
	spin_unlock_irq(&q->lock);
	if (irqs)
		dev_warn_ratelimited(&q->tdev->pdev->dev,
				     "queue %u: %u completions without their interrupt\n",
				     q->index, irqs);
}

/* How long a command may be without progress. */
static unsigned int tern_slot_limit_ms(const struct tern_slot *slot)
{
	int fixed_ms = READ_ONCE(timeout_ms);
	unsigned int limit = fixed_ms > 0 ? fixed_ms : slot->job->limit_ms;

	if (slot->aborted)
		return limit + max(limit / TERN_ABORT_PART, (unsigned int)TERN_TICK_MS);
	/* The rest of a job that was aborted follows it. */
	return slot->job->blame ? 0 : limit;
}

/*
 * The queue's oldest command overran. Returns false when it cannot be aborted: it was before, the
 * device has not begun it, or has forgotten it.
 */
static bool tern_tick_abort(struct tern_queue *q, u32 status, u16 id, u16 place)
{
	struct tern_device *tdev = q->tdev;

	if (!(status & TERN_Q_STATUS_BUSY_MASK) || !tern_hw_fetched(q, place))
		return false;
	dev_warn(&tdev->pdev->dev, "queue %u: a job takes too long and is aborted (id %#x)\n",
		 q->index, id);
	trace_tern_abort(q, id);
	tern_coredump(tdev, "a job is aborted");
	atomic_inc(&tdev->aborts);
	tern_tell(tdev, "RECOVERY", "abort");
	return !tern_hw_abort(q, id);
}

/* Charge the queue's oldest command. Returns false when it hangs, and its job was blamed. */
static bool tern_tick_charge(struct tern_queue *q, unsigned int elapsed_ms, bool device_busy)
{
	unsigned int limit = 0, charged = 0;
	bool overran = false, again = false;
	struct tern_slot *slot;
	u16 id = 0, place = 0;
	u64 completed;
	u32 status;

	spin_lock_irq(&q->lock);
	completed = q->completed;
	if (!q->inflight || completed != q->tick_completed || tern_queue_ready(q)) {
		q->charged_ms = 0;
		q->tick_completed = completed;
		spin_unlock_irq(&q->lock);
		return true;
	}
	spin_unlock_irq(&q->lock);

	status = tern_queue_read(q, TERN_QREG_STATUS);
	if (device_busy && !(status & TERN_Q_STATUS_BUSY_MASK))
		return true;

	spin_lock_irq(&q->lock);
	slot = tern_queue_oldest(q);
	if (slot && q->completed == completed) {
		q->charged_ms += elapsed_ms;
		charged = q->charged_ms;
		limit = tern_slot_limit_ms(slot);
		overran = charged > limit;
		if (overran) {
			slot->job->blame = -ETIMEDOUT;
			again = slot->aborted;
			slot->aborted = true;
			id = tern_slot_id(q, slot);
			place = slot->place;
		}
	}
	spin_unlock_irq(&q->lock);
	if (!overran || (!again && tern_tick_abort(q, status, id, place)))
		return true;

	spin_lock_irq(&q->lock);
	q->hung = true;
	spin_unlock_irq(&q->lock);
	dev_err(&q->tdev->pdev->dev,
		"queue %u: a job hangs: no completion for %u ms (limit %u ms), queue status %#x\n",
		q->index, charged, limit, status);
	return false;
}

void tern_tick(struct work_struct *work)
{
	struct tern_device *tdev = container_of(to_delayed_work(work), struct tern_device, tick);
	ktime_t now = ktime_get();
	unsigned int elapsed_ms = min_t(s64, ktime_ms_delta(now, tdev->ticked), 2 * TERN_TICK_MS);
	bool device_busy, hangs = false;
	unsigned int i;

	/* Interrupts may bring us here more often than every ms: what is not charged adds up. */
	if (elapsed_ms)
		tdev->ticked = now;
	if (tern_get_state(tdev) != TERN_LIVE || !tern_tick_errors(tdev))
		return;

	device_busy = tern_read(tdev, TERN_REG_STATUS) & TERN_STATUS_BUSY_MASK;
	for (i = 0; i < tdev->queue_count; i++) {
		tern_tick_lost(&tdev->queues[i]);
		if (!tern_tick_charge(&tdev->queues[i], elapsed_ms, device_busy))
			hangs = true;
	}
	if (hangs)
		tern_reset_request(tdev, TERN_RESET_TIMEOUT);
	else if (tern_queues_inflight(tdev))
		tern_tick_arm(tdev);
}
