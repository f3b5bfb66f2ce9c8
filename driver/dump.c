// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the driver and the device look like, as text: for debugfs, and for a devcoredump when
 * something hangs. ABI/debugfs-tern describes it.
 */
#include <linux/devcoredump.h>
#include <linux/seq_buf.h>
#include <linux/vmalloc.h>

#include "tern_abi_names.h"
#include "tern_drv.h"

/* Commands, with their completions, that are shown of a queue: the oldest in flight. */
#define TERN_DUMP_COMMANDS	16

/* Registers, full rings of every queue, and contexts; what does not fit is left out. */
#define TERN_DUMP_BYTES		SZ_128K

struct tern_register {
	u32 offset;
	const char *name;
	bool readable;
};

static const struct tern_register tern_registers[] = {
#define TERN_REGISTER(offset, name, readable, writable)	{ offset, name, readable },
	TERN_REGISTER_NAMES(TERN_REGISTER)
};

static const struct tern_register tern_queue_registers[] = {
	TERN_QUEUE_REGISTER_NAMES(TERN_REGISTER)
#undef TERN_REGISTER
};

/* The halves of a counter are two registers, but have to be read as one. */
static u32 tern_dump_read(struct tern_device *tdev, u32 offset, u64 *counter)
{
	if (offset < TERN_REG_COUNT_CYCLES || offset >= TERN_REG_COUNT_JOBS + sizeof(*counter))
		return tern_read(tdev, offset);
	if (offset % sizeof(*counter))
		return upper_32_bits(*counter);
	raw_spin_lock_irq(&tdev->counter_lock);
	tern_hw_counter(tdev, offset, counter);
	raw_spin_unlock_irq(&tdev->counter_lock);
	return lower_32_bits(*counter);
}

void tern_dump_registers(struct seq_buf *out, struct tern_device *tdev)
{
	u64 counter = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tern_registers); i++)
		if (tern_registers[i].readable)
			seq_buf_printf(out, "%s: %#x\n", tern_registers[i].name,
				       tern_dump_read(tdev, tern_registers[i].offset, &counter));
}

static void tern_dump_words(struct seq_buf *out, const char *what, const void *entry)
{
	const __le32 *word = entry;
	size_t i;

	seq_buf_printf(out, "    %s:", what);
	for (i = 0; i < TERN_ENTRY_BYTES / sizeof(*word); i++)
		seq_buf_printf(out, " %08x", le32_to_cpu(READ_ONCE(word[i])));
	seq_buf_printf(out, "\n");
}

/* The oldest commands in flight: a queue's hang is the first one's doing. */
static void tern_dump_commands(struct seq_buf *out, struct tern_queue *q)
{
	u32 mask = q->tdev->ring_size - 1;
	struct tern_slot *oldest = tern_queue_oldest(q);
	u32 place, shown = 0;

	if (!oldest)
		return;
	for (place = oldest->place; place != q->sq_tail && shown < TERN_DUMP_COMMANDS;
	     place = (place + 1) & mask, shown++) {
		struct tern_slot *slot = &q->slots[le16_to_cpu(q->sq[place].id) & mask];

		if (!slot->job || slot->place != place)
			continue;
		seq_buf_printf(out, "  command: place %u id %#x job %llu%s%s\n", place,
			       tern_slot_id(q, slot), slot->job->number,
			       slot->job->blame ? " guilty" : "", slot->aborted ? " aborted" : "");
		tern_dump_words(out, "words", &q->sq[place]);
	}
	tern_dump_words(out, "next completion", &q->cq[q->cq_head]);
}

void tern_dump_queue(struct seq_buf *out, struct tern_queue *q, bool reachable)
{
	size_t i;

	seq_buf_printf(out, "queue: %u\n", q->index);
	for (i = 0; reachable && i < ARRAY_SIZE(tern_queue_registers); i++)
		if (tern_queue_registers[i].readable)
			seq_buf_printf(out, "  %s: %#x\n", tern_queue_registers[i].name,
				       tern_queue_read(q, tern_queue_registers[i].offset));
	spin_lock_irq(&q->lock);
	seq_buf_printf(out, "  live: %d\n  dead: %d\n  tail: %u\n  head: %u\n  phase: %u\n",
		       q->live, q->dead, q->sq_tail, q->cq_head, q->phase);
	seq_buf_printf(out, "  inflight: %u\n  completed: %llu\n  charged_ms: %u\n", q->inflight,
		       q->completed, q->charged_ms);
	if (q->cq)
		tern_dump_commands(out, q);
	spin_unlock_irq(&q->lock);
}

void tern_dump_contexts(struct seq_buf *out, struct tern_device *tdev)
{
	struct tern_ctx *ctx;

	mutex_lock(&tdev->lists_lock);
	list_for_each_entry(ctx, &tdev->contexts, node)
		seq_buf_printf(out,
			       "context: %llu pid %d queue %u priority %d jobs %llu ended %llu device %lld host %lld\n",
			       ctx->id, ctx->pid, READ_ONCE(ctx->queue)->index,
			       READ_ONCE(ctx->priority), READ_ONCE(ctx->next) - 1,
			       READ_ONCE(ctx->ended) - 1,
			       atomic64_read(&ctx->used[TERN_ACCOUNT_DEVICE]),
			       atomic64_read(&ctx->used[TERN_ACCOUNT_HOST]));
	mutex_unlock(&tdev->lists_lock);
}

/* Something hangs: keep what can be seen of it, before the reset wipes it away. */
void tern_coredump(struct tern_device *tdev, const char *why)
{
	bool reachable = !tern_hw_gone(tdev);
	struct seq_buf out;
	unsigned int i;
	char *text;

	text = vzalloc(TERN_DUMP_BYTES);
	if (!text)
		return;
	seq_buf_init(&out, text, TERN_DUMP_BYTES);
	seq_buf_printf(&out, "tern: %s\ndevice: %s\nconfig: %s\nplatform: %s\n", why,
		       dev_name(&tdev->dev), tdev->config, tern_hw_platform(tdev));
	seq_buf_printf(&out, "abi: %u.%u %#x\n", tdev->info.abi_major, tdev->info.abi_minor,
		       tdev->info.abi_hash);
	seq_buf_printf(&out, "resets: %d\nqueue_resets: %d\naborts: %d\nreachable: %d\n",
		       atomic_read(&tdev->resets), atomic_read(&tdev->queue_resets),
		       atomic_read(&tdev->aborts), reachable);
	if (reachable)
		tern_dump_registers(&out, tdev);
	for (i = 0; i < tdev->queue_count; i++)
		tern_dump_queue(&out, &tdev->queues[i], reachable);
	tern_dump_contexts(&out, tdev);
	/* Takes the text. */
	dev_coredumpv(&tdev->pdev->dev, text, seq_buf_used(&out), GFP_KERNEL);
}
