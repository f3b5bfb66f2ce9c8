// SPDX-License-Identifier: Apache-2.0
#include "faults/rings.h"

namespace tern {

static void put_half(std::uint64_t &value, bool high, std::uint32_t half)
{
	const unsigned shift = high ? 32 : 0;

	value &= ~(0xffffffffull << shift);
	value |= static_cast<std::uint64_t>(half) << shift;
}

void rings::observe(std::uint32_t offset, std::uint32_t value)
{
	if (offset == TERN_REG_CTRL && value & TERN_CTRL_RESET_MASK)
		reset();
	if (offset < TERN_QUEUE_BASE ||
	    offset >= TERN_QUEUE_BASE + TERN_QUEUES_MAX * TERN_QUEUE_STRIDE)
		return;

	queue &queue = queues_[(offset - TERN_QUEUE_BASE) / TERN_QUEUE_STRIDE];
	const unsigned reg = (offset - TERN_QUEUE_BASE) % TERN_QUEUE_STRIDE;

	if (reg == TERN_QREG_CTRL)
		queue.on = value & TERN_Q_CTRL_ENABLE_MASK;
	if (queue.on)
		return;
	switch (reg) {
	case TERN_QREG_SQ_BASE_LO:
	case TERN_QREG_SQ_BASE_HI:
		put_half(queue.base[sq_base], reg == TERN_QREG_SQ_BASE_HI, value);
		break;
	case TERN_QREG_CQ_BASE_LO:
	case TERN_QREG_CQ_BASE_HI:
		put_half(queue.base[cq_base], reg == TERN_QREG_CQ_BASE_HI, value);
		break;
	case TERN_QREG_SIZE:
		queue.log2 = (value & TERN_Q_SIZE_LOG2_MASK) >> TERN_Q_SIZE_LOG2_SHIFT;
		break;
	}
}

int rings::find(std::uint64_t address, base which) const
{
	for (unsigned i = 0; i < queues_.size(); i++) {
		const std::uint64_t bytes = static_cast<std::uint64_t>(TERN_ENTRY_BYTES)
					    << queues_[i].log2;

		/* A size of 0 is no ring's: nobody has set this one up. */
		if (queues_[i].log2 && address - queues_[i].base[which] < bytes)
			return static_cast<int>(i);
	}
	return -1;
}

std::uint64_t rings::next_completion(unsigned number, std::uint64_t address, bool *wraps) const
{
	const queue &queue = queues_[number];
	const std::uint64_t bytes = static_cast<std::uint64_t>(TERN_ENTRY_BYTES) << queue.log2;
	const std::uint64_t offset = (address - queue.base[cq_base] + TERN_ENTRY_BYTES) % bytes;

	*wraps = !offset;
	return queue.base[cq_base] + offset;
}

} /* namespace tern */
