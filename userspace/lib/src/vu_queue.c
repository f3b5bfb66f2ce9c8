// SPDX-License-Identifier: Apache-2.0
/* The rings: commands out, completions in, doorbells over the socket. */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "vu.h"

static uint32_t reg(const struct vu_queue *queue, uint32_t offset)
{
	return TERN_QUEUE_BASE + queue->number * TERN_QUEUE_STRIDE + offset;
}

/* SQ_TAIL at +0, CQ_HEAD at +4. */
static int ring_bell(struct vu_device *vu, uint32_t which, uint32_t index)
{
	uint32_t offset = TERN_QUEUE_DOORBELL_BASE +
			  vu->queue.number * TERN_QUEUE_DOORBELL_STRIDE + which;
	uint32_t value = htole32(index);

	return vu_region_post(&vu->client, TERN_PCI_BAR_REGISTERS, offset, &value, sizeof(value));
}

int vu_queue_start(struct vu_device *vu)
{
	struct vu_queue *queue = &vu->queue;
	uint64_t sq = VU_ARENA_ADDRESS + ((uint8_t *)queue->sq - vu->arena);
	uint64_t cq = VU_ARENA_ADDRESS + ((const uint8_t *)queue->cq - vu->arena);
	uint32_t log2_entries = (uint32_t)__builtin_ctz(queue->entries);
	const struct {
		uint32_t offset;
		uint32_t value;
	} writes[] = {
		{ TERN_QREG_CTRL, 0 },
		{ TERN_QREG_SQ_BASE_LO, (uint32_t)sq },
		{ TERN_QREG_SQ_BASE_HI, (uint32_t)(sq >> 32) },
		{ TERN_QREG_CQ_BASE_LO, (uint32_t)cq },
		{ TERN_QREG_CQ_BASE_HI, (uint32_t)(cq >> 32) },
		{ TERN_QREG_SIZE, log2_entries << TERN_Q_SIZE_LOG2_SHIFT },
		{ TERN_QREG_CTRL, TERN_Q_CTRL_ENABLE_MASK | TERN_Q_CTRL_IRQ_MASK },
	};
	int ret = 0;

	/* No completion of an earlier life may look new. */
	memset((void *)queue->cq, 0, queue->entries * sizeof(*queue->cq));
	queue->sq_tail = 0;
	queue->cq_head = 0;
	queue->unread = 0;
	queue->in_flight = 0;
	queue->phase = 1;
	queue->rung = 0;
	for (size_t i = 0; !ret && i < ARRAY_SIZE(writes); i++)
		ret = vu_reg_write(vu, reg(queue, writes[i].offset), writes[i].value);
	return ret;
}

/* One slot stays empty in both rings, and no completion may find its ring full. */
bool vu_queue_has_room(const struct vu_queue *queue)
{
	return queue->in_flight + queue->unread < queue->entries - 1;
}

void vu_queue_push(struct vu_queue *queue, const struct tern_hw_command *command)
{
	queue->sq[queue->sq_tail] = *command;
	queue->sq_tail = (queue->sq_tail + 1) % queue->entries;
	queue->in_flight++;
}

int vu_queue_ring(struct vu_device *vu)
{
	struct vu_queue *queue = &vu->queue;

	if (queue->rung == queue->sq_tail)
		return 0;
	queue->sq[(queue->sq_tail - 1) % queue->entries].flags |= TERN_COMMAND_FLAG_IRQ;
	queue->rung = queue->sq_tail;
	/* The commands before their doorbell. */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	return ring_bell(vu, 0, queue->sq_tail);
}

bool vu_queue_ready(const struct vu_queue *queue)
{
	const struct tern_hw_completion *completion = &queue->cq[queue->cq_head];

	/* The last 8 bytes become visible last: whoever sees the phase may read the rest. */
	return (__atomic_load_n(&completion->phase, __ATOMIC_ACQUIRE) & 1) == queue->phase;
}

int vu_queue_pop(struct vu_device *vu, struct tern_hw_completion *completion)
{
	struct vu_queue *queue = &vu->queue;

	*completion = queue->cq[queue->cq_head];
	queue->cq_head = (queue->cq_head + 1) % queue->entries;
	if (!queue->cq_head)
		queue->phase ^= 1;
	queue->in_flight--;
	queue->unread++;
	/* Telling the device costs a message, so it is told once a quarter of the ring. */
	if (queue->unread < queue->entries / 4)
		return 0;
	queue->unread = 0;
	return ring_bell(vu, 4, queue->cq_head);
}
