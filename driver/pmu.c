// SPDX-License-Identifier: GPL-2.0-only
/*
 * The perf PMU tern_N: what the device does in all, for whomever.
 * ABI/sysfs-bus-event_source-devices-tern describes it.
 *
 * The device counts anyway, and reading an event reads its counter: nothing runs while nobody
 * counts, or between two reads. A reset clears the counters; what they had is kept, and events go
 * on from there.
 *
 * Before 6.15 perf_pmu_unregister() frees what open events still use, so it has to wait until they
 * are closed. A PMU whose device has gone lives on until then: its events stand still, new ones are
 * refused, and the device's number stays taken.
 */
#include <linux/cpuhotplug.h>
#include <linux/perf_event.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "tern_drv.h"

struct tern_pmu {
	struct pmu base;
	struct tern_device *tdev;	/* holds a reference */
	char name[16];
	unsigned int cpu;		/* that counts, as perf wants one for each event */
	struct hlist_node node;		/* of those who hear of processors that go */
	bool closed;			/* no new events: not ready yet, or the device has gone */
	bool used;			/* there was an event, ever */
	refcount_t users;		/* open events, and the device */
	struct work_struct free_work;
};

/* The registers of enum tern_counter, and what one count of them stands for. */
static const struct {
	u32 reg;
	u32 unit;
} tern_counters[TERN_COUNTERS] = {
	[TERN_COUNTER_CYCLES] = { TERN_REG_COUNT_CYCLES, 1 },
	[TERN_COUNTER_ARRAY] = { TERN_REG_COUNT_ARRAY, 1 },
	[TERN_COUNTER_STALL_WEIGHTS] = { TERN_REG_COUNT_STALL_WEIGHTS, 1 },
	[TERN_COUNTER_STALL_ACTIVATIONS] = { TERN_REG_COUNT_STALL_ACTIVATIONS, 1 },
	[TERN_COUNTER_STALL_RESULTS] = { TERN_REG_COUNT_STALL_RESULTS, 1 },
	[TERN_COUNTER_MEM_READ] = { TERN_REG_COUNT_MEM_READ, TERN_BEAT_BYTES },
	[TERN_COUNTER_MEM_WRITTEN] = { TERN_REG_COUNT_MEM_WRITTEN, TERN_BEAT_BYTES },
	[TERN_COUNTER_HOST_READ] = { TERN_REG_COUNT_HOST_READ, TERN_BEAT_BYTES },
	[TERN_COUNTER_HOST_WRITTEN] = { TERN_REG_COUNT_HOST_WRITTEN, TERN_BEAT_BYTES },
	[TERN_COUNTER_JOBS] = { TERN_REG_COUNT_JOBS, 1 },
};

static enum cpuhp_state tern_cpuhp;

/* Not tern_wq, which ioctls flush: freeing a PMU takes long. */
static struct workqueue_struct *tern_pmu_wq;

static struct tern_pmu *to_tern_pmu(struct pmu *pmu)
{
	return container_of(pmu, struct tern_pmu, base);
}

/* ------------------------------------------------------------------ totals */

/* False when the device does not answer. */
static bool tern_counter_update(struct tern_device *tdev, enum tern_counter which)
{
	struct tern_total *total = &tdev->totals[which];
	u64 now;

	lockdep_assert_held(&tdev->counter_lock);
	if (!tern_hw_counter(tdev, tern_counters[which].reg, &now))
		return false;
	/* A link that was down for a moment has reset the device, and nobody has noticed yet. */
	total->count += now < total->seen ? now : now - total->seen;
	total->seen = now;
	return true;
}

/* What the device has done since the driver bound to it. It never goes back. */
static u64 tern_counter_total(struct tern_device *tdev, enum tern_counter which)
{
	unsigned long flags;
	u64 count;

	raw_spin_lock_irqsave(&tdev->counter_lock, flags);
	if (tdev->counting)
		tern_counter_update(tdev, which);
	count = tdev->totals[which].count;
	raw_spin_unlock_irqrestore(&tdev->counter_lock, flags);
	return count * tern_counters[which].unit;
}

/* The device has come out of reset. */
void tern_counters_start(struct tern_device *tdev)
{
	unsigned int i;

	raw_spin_lock_irq(&tdev->counter_lock);
	for (i = 0; i < TERN_COUNTERS; i++)
		tdev->totals[i].seen = 0;
	/* Whoever gave it up meanwhile has stopped the counters, or is about to. */
	tdev->counting = tern_get_state(tdev) != TERN_DEAD;
	raw_spin_unlock_irq(&tdev->counter_lock);
}

/*
 * Before a reset, and for good: nobody reads the device's counters when this returns. @reachable:
 * they may be read once more.
 */
void tern_counters_stop(struct tern_device *tdev, bool reachable)
{
	unsigned int i;

	raw_spin_lock_irq(&tdev->counter_lock);
	for (i = 0; tdev->counting && reachable && i < TERN_COUNTERS; i++)
		reachable = tern_counter_update(tdev, i);
	tdev->counting = false;
	raw_spin_unlock_irq(&tdev->counter_lock);
}

/* ------------------------------------------------------------------ events */

static u64 tern_event_total(struct perf_event *event)
{
	return tern_counter_total(to_tern_pmu(event->pmu)->tdev, event->attr.config);
}

static void tern_event_read(struct perf_event *event)
{
	struct hw_perf_event *hwc = &event->hw;
	u64 prev, now;

	do {
		prev = local64_read(&hwc->prev_count);
		now = tern_event_total(event);
	} while (local64_cmpxchg(&hwc->prev_count, prev, now) != prev);
	local64_add(now - prev, &event->count);
}

static void tern_event_start(struct perf_event *event, int flags)
{
	local64_set(&event->hw.prev_count, tern_event_total(event));
	event->hw.state = 0;
}

static void tern_event_stop(struct perf_event *event, int flags)
{
	if (event->hw.state & PERF_HES_STOPPED)
		return;
	tern_event_read(event);
	event->hw.state = PERF_HES_STOPPED | PERF_HES_UPTODATE;
}

static int tern_event_add(struct perf_event *event, int flags)
{
	event->hw.state = PERF_HES_STOPPED | PERF_HES_UPTODATE;
	if (flags & PERF_EF_START)
		tern_event_start(event, flags);
	return 0;
}

static void tern_event_del(struct perf_event *event, int flags)
{
	tern_event_stop(event, PERF_EF_UPDATE);
}

static void tern_event_destroy(struct perf_event *event)
{
	struct tern_pmu *pmu = to_tern_pmu(event->pmu);

	if (refcount_dec_and_test(&pmu->users))
		queue_work(tern_pmu_wq, &pmu->free_work);
}

static int tern_event_init(struct perf_event *event)
{
	struct tern_pmu *pmu = to_tern_pmu(event->pmu);

	if (event->attr.type != event->pmu->type)
		return -ENOENT;
	/* What the device does belongs to no task, and no interrupt comes when it has done much. */
	if (is_sampling_event(event) || event->attach_state & PERF_ATTACH_TASK || event->cpu < 0)
		return -EINVAL;
	if (has_branch_stack(event))
		return -EOPNOTSUPP;
	if (event->attr.config >= TERN_COUNTERS || tern_attr_extended(&event->attr))
		return -EINVAL;
	if (READ_ONCE(pmu->closed) || !refcount_inc_not_zero(&pmu->users))
		return -ENODEV;
	WRITE_ONCE(pmu->used, true);
	event->destroy = tern_event_destroy;
	event->cpu = READ_ONCE(pmu->cpu);
	return 0;
}

/* ------------------------------------------------------------------ sysfs */

static ssize_t tern_event_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct perf_pmu_events_attr *event = container_of(attr, struct perf_pmu_events_attr, attr);

	return sysfs_emit(buf, "event=%#04llx\n", event->id);
}

static ssize_t tern_unit_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "Bytes\n");
}

#define TERN_EVENT(name, counter)	PMU_EVENT_ATTR_ID(name, tern_event_show, counter)
#define TERN_BYTES(event)		PMU_EVENT_ATTR_ID(event.unit, tern_unit_show, 0)

static struct attribute *tern_event_attrs[] = {
	TERN_EVENT(cycles, TERN_COUNTER_CYCLES),
	TERN_EVENT(array_busy, TERN_COUNTER_ARRAY),
	TERN_EVENT(stall_weights, TERN_COUNTER_STALL_WEIGHTS),
	TERN_EVENT(stall_activations, TERN_COUNTER_STALL_ACTIVATIONS),
	TERN_EVENT(stall_results, TERN_COUNTER_STALL_RESULTS),
	TERN_EVENT(bytes_read, TERN_COUNTER_MEM_READ),
	TERN_BYTES(bytes_read),
	TERN_EVENT(bytes_written, TERN_COUNTER_MEM_WRITTEN),
	TERN_BYTES(bytes_written),
	TERN_EVENT(host_bytes_read, TERN_COUNTER_HOST_READ),
	TERN_BYTES(host_bytes_read),
	TERN_EVENT(host_bytes_written, TERN_COUNTER_HOST_WRITTEN),
	TERN_BYTES(host_bytes_written),
	TERN_EVENT(jobs, TERN_COUNTER_JOBS),
	NULL,
};

static const struct attribute_group tern_events_group = {
	.name = "events",
	.attrs = tern_event_attrs,
};

PMU_FORMAT_ATTR(event, "config:0-7");

static struct attribute *tern_format_attrs[] = {
	&format_attr_event.attr,
	NULL,
};

static const struct attribute_group tern_format_group = {
	.name = "format",
	.attrs = tern_format_attrs,
};

static ssize_t cpumask_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct tern_pmu *pmu = to_tern_pmu(dev_get_drvdata(dev));

	return cpumap_print_to_pagebuf(true, buf, cpumask_of(READ_ONCE(pmu->cpu)));
}
static DEVICE_ATTR_RO(cpumask);

static struct attribute *tern_cpumask_attrs[] = {
	&dev_attr_cpumask.attr,
	NULL,
};

static const struct attribute_group tern_cpumask_group = {
	.attrs = tern_cpumask_attrs,
};

static const struct attribute_group *tern_pmu_groups[] = {
	&tern_events_group,
	&tern_format_group,
	&tern_cpumask_group,
	NULL,
};

/* ------------------------------------------------------------------ the PMU's life */

/* Also called for each processor that is there: the one that was chosen may have gone since. */
static int tern_pmu_cpu_online(unsigned int cpu, struct hlist_node *node)
{
	struct tern_pmu *pmu = hlist_entry(node, struct tern_pmu, node);

	if (!cpu_online(pmu->cpu))
		WRITE_ONCE(pmu->cpu, cpu);
	return 0;
}

static int tern_pmu_cpu_offline(unsigned int cpu, struct hlist_node *node)
{
	struct tern_pmu *pmu = hlist_entry(node, struct tern_pmu, node);
	unsigned int other = cpumask_any_but(cpu_online_mask, cpu);

	if (cpu != pmu->cpu || other >= nr_cpu_ids)
		return 0;
	WRITE_ONCE(pmu->cpu, other);
	perf_pmu_migrate_context(&pmu->base, cpu, other);
	return 0;
}

static void tern_pmu_free(struct tern_pmu *pmu)
{
	/*
	 * Who closed the last event may not be done with the PMU yet: after ->destroy() perf puts
	 * the event's context and the module. It does not sleep in between.
	 */
	if (READ_ONCE(pmu->used))
		synchronize_rcu_tasks();
	cpuhp_state_remove_instance(tern_cpuhp, &pmu->node);
	perf_pmu_unregister(&pmu->base);
	put_device(&pmu->tdev->dev);
	kfree(pmu);
}

static void tern_pmu_free_work(struct work_struct *work)
{
	tern_pmu_free(container_of(work, struct tern_pmu, free_work));
}

/* A device without a PMU is as good as any: nobody shall mind but who wants to count. */
void tern_pmu_add(struct tern_device *tdev)
{
	struct tern_pmu *pmu = kzalloc(sizeof(*pmu), GFP_KERNEL);
	int ret = -ENOMEM;

	if (!pmu)
		goto err;
	pmu->tdev = tdev;
	pmu->closed = true;
	refcount_set(&pmu->users, 1);
	INIT_WORK(&pmu->free_work, tern_pmu_free_work);
	snprintf(pmu->name, sizeof(pmu->name), TERN_NAME "_%d", tdev->minor);
	/* The PCI core probes on a processor that is near the device. */
	pmu->cpu = raw_smp_processor_id();
	pmu->base = (struct pmu) {
		.module = THIS_MODULE,
		.attr_groups = tern_pmu_groups,
		.capabilities = PERF_PMU_CAP_NO_INTERRUPT | PERF_PMU_CAP_NO_EXCLUDE,
		.task_ctx_nr = perf_invalid_context,
		.event_init = tern_event_init,
		.add = tern_event_add,
		.del = tern_event_del,
		.start = tern_event_start,
		.stop = tern_event_stop,
		.read = tern_event_read,
	};
	ret = perf_pmu_register(&pmu->base, pmu->name, -1);
	if (ret)
		goto err_free;
	ret = cpuhp_state_add_instance(tern_cpuhp, &pmu->node);
	if (ret)
		goto err_pmu;
	get_device(&tdev->dev);
	tdev->pmu = pmu;
	WRITE_ONCE(pmu->closed, false);
	return;

err_pmu:
	perf_pmu_unregister(&pmu->base);
err_free:
	kfree(pmu);
err:
	dev_warn(&tdev->pdev->dev, "no PMU for perf: %d\n", ret);
}

/* The counters have stopped. */
void tern_pmu_remove(struct tern_device *tdev)
{
	struct tern_pmu *pmu = tdev->pmu;

	if (!pmu)
		return;
	tdev->pmu = NULL;
	WRITE_ONCE(pmu->closed, true);
	if (refcount_dec_and_test(&pmu->users))
		tern_pmu_free(pmu);
}

int tern_pmu_init(void)
{
	int ret;

	tern_pmu_wq = alloc_workqueue(TERN_NAME "_pmu", WQ_UNBOUND, 0);
	if (!tern_pmu_wq)
		return -ENOMEM;
	ret = cpuhp_setup_state_multi(CPUHP_AP_ONLINE_DYN, "perf/tern:online",
				      tern_pmu_cpu_online, tern_pmu_cpu_offline);
	if (ret < 0) {
		destroy_workqueue(tern_pmu_wq);
		return ret;
	}
	tern_cpuhp = ret;
	return 0;
}

void tern_pmu_exit(void)
{
	/* The last references to devices may go here. */
	destroy_workqueue(tern_pmu_wq);
	cpuhp_remove_multi_state(tern_cpuhp);
}
