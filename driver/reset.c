// SPDX-License-Identifier: GPL-2.0-only
/*
 * States and the reset path: one way down and one way up, for timeouts, device errors, the
 * administrator, function level reset, PCI error recovery, suspend and resume.
 *
 *	tern_reset_own()	LIVE -> RESETTING: doorbells stop, the device stops, jobs end
 *	tern_reset_end()	RESETTING -> LIVE: queues are programmed, jobs go on; or -> DEAD
 *
 * Whoever makes the first edge owns the reset; nobody else gets past it until the second.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kobject.h>

#include "tern_drv.h"
#include "trace.h"

static const char * const tern_states[] = {
	[TERN_INIT] = "init",
	[TERN_LIVE] = "live",
	[TERN_RESETTING] = "resetting",
	[TERN_SUSPENDED] = "suspended",
	[TERN_DEAD] = "dead",
};

static const char * const tern_causes[] = {
	[TERN_RESET_TIMEOUT] = "a job hangs",
	[TERN_RESET_ERROR] = "the device reports an error",
	[TERN_RESET_COMPLETION] = "a completion is wrong",
	[TERN_RESET_SYSFS] = "asked for",
	[TERN_RESET_PCI] = "function level reset",
	[TERN_RESET_AER] = "PCI error",
	[TERN_RESET_PM] = "power management",
};

/* How long jobs in flight may take to end before the device sleeps, in ms. */
#define TERN_DRAIN_MS	2000

const char *tern_state_name(enum tern_state state)
{
	return tern_states[state];
}

enum tern_state tern_get_state(struct tern_device *tdev)
{
	return READ_ONCE(tdev->state);
}

static bool tern_edge_legal(enum tern_state from, enum tern_state to)
{
	switch (from) {
	case TERN_INIT:
		return to == TERN_LIVE || to == TERN_DEAD;
	case TERN_LIVE:
		return to == TERN_RESETTING || to == TERN_DEAD;
	case TERN_RESETTING:
		return to == TERN_LIVE || to == TERN_SUSPENDED || to == TERN_DEAD;
	case TERN_SUSPENDED:
		return to == TERN_RESETTING || to == TERN_DEAD;
	case TERN_DEAD:
		return false;
	}
	return false;
}

/* Tell user space: a uevent with one variable. Not while the device is not in sysfs. */
void tern_tell(struct tern_device *tdev, const char *key, const char *value)
{
	char text[32];
	char *envp[2] = { text };

	if (!READ_ONCE(tdev->announced))
		return;
	snprintf(text, sizeof(text), "%s=%s", key, value);
	kobject_uevent_env(&tdev->dev.kobj, KOBJ_CHANGE, envp);
}

/* The only writer of the state. False when there is no such edge, or none from a state in @from. */
static bool tern_move_state(struct tern_device *tdev, unsigned int from, enum tern_state to)
{
	bool legal;

	spin_lock_irq(&tdev->state_lock);
	legal = from & BIT(tdev->state) && tern_edge_legal(tdev->state, to);
	if (legal)
		WRITE_ONCE(tdev->state, to);
	spin_unlock_irq(&tdev->state_lock);
	if (!legal)
		return false;

	trace_tern_state(tdev, to);
	wake_up_all(&tdev->state_wq);
	tern_tell(tdev, "STATE", tern_states[to]);
	return true;
}

bool tern_set_state(struct tern_device *tdev, enum tern_state to)
{
	return tern_move_state(tdev, ~0u, to);
}

/*
 * The device is of no use any more: every job ends, everybody is told. @stop: it may still work
 * and must be stopped first.
 */
void tern_die(struct tern_device *tdev, int error, bool stop)
{
	WRITE_ONCE(tdev->dead_errno, error);
	if (!tern_set_state(tdev, TERN_DEAD))
		return;
	/* For good: a reset that is under way in another thread shall not let commands in. */
	tern_queues_stop(tdev, error);
	tern_counters_stop(tdev, stop);
	if (stop)
		tern_hw_reset(tdev);
	/* Should it come back to life, it shall not write into memory that is not its own. */
	pci_clear_master(tdev->pdev);
	tern_queues_take_down(tdev, -ENODEV, error);
}

/* Why a reset is done, when for more than one reason: a job may hang because of the others. */
static enum tern_reset_cause tern_reset_cause(unsigned int causes)
{
	unsigned int others = causes & ~BIT(TERN_RESET_TIMEOUT);

	return others ? __ffs(others) : TERN_RESET_TIMEOUT;
}

/* Down, for who owns the device. @reachable: its registers may be touched. */
static void tern_reset_down(struct tern_device *tdev, enum tern_reset_cause cause, bool reachable)
{
	int ret = 0;

	trace_tern_reset(tdev, cause);
	dev_info(&tdev->pdev->dev, "reset: %s\n", tern_causes[cause]);
	tern_queues_stop(tdev, 0);
	/* It must not take a device that PCI resets or lets sleep for one that is gone. */
	cancel_delayed_work_sync(&tdev->tick);
	tern_counters_stop(tdev, reachable);
	if (reachable)
		ret = tern_hw_reset(tdev);
	/* A device that may go on regardless is kept from memory before memory is given back. */
	if (ret || !reachable)
		pci_clear_master(tdev->pdev);
	tern_queues_take_down(tdev, ret == -ENODEV ? -ENODEV : -ECANCELED, 0);
	/* The queues stand: what was asked for until now is served by this reset. */
	atomic_set(&tdev->reset_causes, 0);
}

/* Down. False when somebody else owns the device, or it sleeps and only tern_wake() may wake it. */
static bool tern_reset_begin(struct tern_device *tdev, enum tern_reset_cause cause, bool reachable)
{
	if (!tern_move_state(tdev, BIT(TERN_LIVE), TERN_RESETTING))
		return false;
	tern_reset_down(tdev, cause, reachable);
	return true;
}

/* The device answers and does not obey, but its PCI function has a reset of its own. */
static int tern_reset_function(struct tern_device *tdev)
{
	int ret;

	pci_save_state(tdev->pdev);
	ret = pcie_reset_flr(tdev->pdev, PCI_RESET_DO_RESET);
	pci_restore_state(tdev->pdev);
	return ret ?: tern_hw_reset(tdev);
}

/* Up again: LIVE, or DEAD when the device does not come. */
void tern_reset_end(struct tern_device *tdev)
{
	int ret;

	ret = tern_hw_reset(tdev);
	if (ret == -EIO)
		ret = tern_reset_function(tdev);
	if (!ret) {
		pci_set_master(tdev->pdev);
		ret = tern_hw_start(tdev);
	}
	if (ret) {
		dev_err(&tdev->pdev->dev, "the device %s after a reset and is given up\n",
			ret == -ENODEV ? "does not answer" : "does not start");
		tern_die(tdev, ret == -ENODEV ? -ENODEV : -EIO, false);
		return;
	}
	/* PCI error recovery goes back to the configuration that is saved last. */
	pci_save_state(tdev->pdev);
	atomic_inc(&tdev->resets);
	tern_counters_start(tdev);
	tern_queues_start(tdev);
	/* It may have been found dead in the meantime; then its queues have not started either. */
	if (!tern_set_state(tdev, TERN_LIVE))
		pci_clear_master(tdev->pdev);
	else if (atomic_read(&tdev->reset_causes))
		/* Asked for too late to be served by this one. */
		queue_work(system_long_wq, &tdev->reset_work);
}

/* Down, after waiting for whoever owns the device now. False when it is dead or sleeps. */
bool tern_reset_own(struct tern_device *tdev, enum tern_reset_cause cause, bool reachable)
{
	while (!tern_reset_begin(tdev, cause, reachable)) {
		enum tern_state state = tern_get_state(tdev);

		if (state != TERN_RESETTING && state != TERN_LIVE)
			return false;
		wait_event(tdev->state_wq, tern_get_state(tdev) != TERN_RESETTING);
	}
	return true;
}

/* To sleep: jobs in flight have a while to end, and those submitted wait for tern_wake(). */
void tern_sleep(struct tern_device *tdev)
{
	unsigned long end = jiffies + msecs_to_jiffies(TERN_DRAIN_MS);

	tern_queues_stop(tdev, 0);
	while (tern_queues_inflight(tdev) && time_before(jiffies, end))
		msleep(20);
	if (tern_reset_own(tdev, TERN_RESET_PM, true))
		tern_set_state(tdev, TERN_SUSPENDED);
}

void tern_wake(struct tern_device *tdev)
{
	if (!tern_move_state(tdev, BIT(TERN_SUSPENDED), TERN_RESETTING))
		return;
	/* What was asked for while it slept is served by waking. */
	atomic_set(&tdev->reset_causes, 0);
	tern_reset_end(tdev);
}

/* Ask for a reset from anywhere. What is asked for during a reset of queues has another follow. */
void tern_reset_request(struct tern_device *tdev, enum tern_reset_cause cause)
{
	atomic_or(BIT(cause), &tdev->reset_causes);
	queue_work(system_long_wq, &tdev->reset_work);
}

/* A queue hangs: it alone is switched off and on. False when the device does not let go of it. */
static bool tern_reset_queue(struct tern_queue *q)
{
	struct tern_device *tdev = q->tdev;

	trace_tern_queue_reset(q, READ_ONCE(q->inflight));
	dev_info(&tdev->pdev->dev, "queue %u: reset: a job hangs\n", q->index);
	tern_queue_stop(q, 0);
	if (tern_hw_stop_queue(q))
		return false;
	/* Counted by the time that anybody hears of its jobs. */
	atomic_inc(&tdev->queue_resets);
	tern_queue_take_down(q, -ECANCELED, 0);
	tern_hw_start_queue(q);
	tern_queue_start(q);
	tern_tell(tdev, "RECOVERY", "queue_reset");
	return true;
}

/*
 * Reset the queues that hang; all others work on. False when that does not do: a queue does not
 * stop, or more is wrong than was known before.
 */
static bool tern_reset_queues(struct tern_device *tdev)
{
	unsigned int i;

	/* It must not find a queue hanging that was reset a moment ago. */
	cancel_delayed_work_sync(&tdev->tick);
	for (i = 0; i < tdev->queue_count; i++)
		if (READ_ONCE(tdev->queues[i].hung) && !tern_reset_queue(&tdev->queues[i]))
			return false;
	return !(atomic_read(&tdev->reset_causes) & ~BIT(TERN_RESET_TIMEOUT));
}

void tern_reset_work(struct work_struct *work)
{
	struct tern_device *tdev = container_of(work, struct tern_device, reset_work);
	unsigned int causes;

	/* It was served before, or whoever owns the device serves it or has us called again. */
	if (!atomic_read(&tdev->reset_causes) ||
	    !tern_move_state(tdev, BIT(TERN_LIVE), TERN_RESETTING))
		return;
	causes = atomic_read(&tdev->reset_causes);
	if (causes & ~BIT(TERN_RESET_SYSFS))
		tern_coredump(tdev, tern_causes[tern_reset_cause(causes)]);
	causes = atomic_xchg(&tdev->reset_causes, 0);
	if (!(causes & ~BIT(TERN_RESET_TIMEOUT)) && tern_reset_queues(tdev)) {
		/* A dead device needs no tick. */
		if (tern_set_state(tdev, TERN_LIVE))
			tern_tick_arm(tdev);
		return;
	}
	causes |= atomic_read(&tdev->reset_causes);
	tern_reset_down(tdev, tern_reset_cause(causes), true);
	tern_reset_end(tdev);
}
