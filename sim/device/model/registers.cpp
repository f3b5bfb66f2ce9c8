// SPDX-License-Identifier: Apache-2.0
#include "device/model/registers.h"

#include <algorithm>

#include "tern_abi_behaviour.h"

namespace tern::model {

#define DEVICE(offset, write, clear, set, reset) { offset, write, clear, set, reset, false },
const registers::behaviour registers::device_[] = { TERN_REGISTER_BEHAVIOUR(DEVICE) };
#undef DEVICE

#define QUEUE(offset, write, clear, set, reset, locked) \
	{ offset, write, clear, set, reset, locked },
const registers::behaviour registers::queue_[] = { TERN_QUEUE_REGISTER_BEHAVIOUR(QUEUE) };
#undef QUEUE

/* Two words each. */
static constexpr unsigned counters_begin = TERN_REG_COUNT_CYCLES;
static constexpr unsigned counters_end = TERN_REG_COUNT_JOBS + 8;

registers::registers(const hardware &hardware)
	: hardware_(hardware), words_(TERN_PCI_REGISTERS_BYTES / 4)
{
}

const registers::behaviour *registers::find(unsigned offset, unsigned *q) const
{
	const behaviour *begin = device_, *end = std::end(device_);

	*q = TERN_QUEUES_MAX;
	if (offset >= TERN_QUEUE_BASE &&
	    offset < TERN_QUEUE_BASE + hardware_.queues * TERN_QUEUE_STRIDE) {
		*q = (offset - TERN_QUEUE_BASE) / TERN_QUEUE_STRIDE;
		offset = (offset - TERN_QUEUE_BASE) % TERN_QUEUE_STRIDE;
		begin = queue_;
		end = std::end(queue_);
	}

	const behaviour *const found = std::find_if(
		begin, end, [&](const behaviour &b) { return b.offset == offset; });

	return found == end ? nullptr : found;
}

bool registers::is_doorbell(unsigned offset) const
{
	return offset >= TERN_QUEUE_DOORBELL_BASE &&
	       offset < TERN_QUEUE_DOORBELL_BASE +
				hardware_.queues * TERN_QUEUE_DOORBELL_STRIDE;
}

bool registers::known(unsigned offset) const
{
	unsigned q;

	return find(offset, &q) || is_doorbell(offset) ||
	       (offset >= counters_begin && offset < counters_end);
}

bool registers::write(unsigned offset, std::uint32_t value)
{
	unsigned q;
	const behaviour *const what = find(offset, &q);

	if (is_doorbell(offset))
		return true;
	if (!what || !(what->write | what->clear | what->set))
		return false;
	if (what->locked && words_[queue(q, TERN_QREG_CTRL) / 4] & TERN_Q_CTRL_ENABLE_MASK)
		return true;

	std::uint32_t &word = words_[offset / 4];

	word = (word & ~what->write) | (value & what->write);
	word = (word & ~(value & what->clear)) | (value & what->set);
	return true;
}

void registers::clear(bool all)
{
	for (const behaviour &b : device_) {
		if (b.write | b.clear | b.set)
			words_[b.offset / 4] =
				b.reset | (all ? 0 : words_[b.offset / 4] & b.set);
	}
	for (unsigned q = 0; q < hardware_.queues; q++) {
		for (const behaviour &b : queue_)
			words_[queue(q, b.offset) / 4] = b.reset;
	}
}

} /* namespace tern::model */
