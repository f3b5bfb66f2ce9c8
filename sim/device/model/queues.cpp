// SPDX-License-Identifier: Apache-2.0
#include "device/model/queues.h"

namespace tern::model {

void queues::reset()
{
	for (queue &queue : queue_)
		queue = {};
	on_ = ready_ = 0;
	last_ = 0;
	rung_ = false;
}

/*
 * Inside the ring also means: a tail doesn't fall back behind commands already given
 * away, and a head doesn't pass completions that were never written.
 */
bool queues::take_bell(queue &queue, unsigned mask)
{
	const unsigned value = bell_.value;

	if (value & ~mask)
		return false;
	if (bell_.completion) {
		if (((value - queue.cq_head) & mask) > ((queue.cq_tail - queue.cq_head) & mask))
			return false;
		queue.cq_head = value;
	} else {
		if (((value - queue.sq_head) & mask) < ((queue.sq_tail - queue.sq_head) & mask))
			return false;
		queue.sq_tail = value;
	}
	return true;
}

bool queues::tick(turn turn, unsigned q, fetch_event fetch, completion_event completion)
{
	bool good = true;

	if (turn == turn::none)
		return true;
	if (turn == turn::control)
		q = 31 - __builtin_clz(wanted_ ^ on_);
	else if (turn == turn::bell)
		q = bell_.queue;

	queue &queue = queue_[q];
	const unsigned log2 = log2_[q];
	const unsigned mask = ((1u << log2) - 1) & 0xfff;
	const bool size_ok = log2 >= TERN_QUEUE_LOG2_MIN && log2 <= TERN_QUEUE_LOG2_MAX;

	switch (turn) {
	case turn::control:
		queue.on = !queue.on;
		on_ ^= 1u << q;
		if (queue.on) {
			queue.sq_head = queue.sq_tail = queue.cq_head = queue.cq_tail = 0;
			queue.phase = true;
			queue.stopped = queue.lost = false;
		}
		break;
	case turn::bell:
		rung_ = false;
		if (queue.on && size_ok)
			good = take_bell(queue, mask);
		break;
	case turn::fetch:
		if (fetch == fetch_event::begins) {
			queue.inside++;
			last_ = q;
		} else if (fetch == fetch_event::good) {
			queue.sq_head = (queue.sq_head + 1) & mask;
		} else {
			queue.inside--;
			queue.stopped = true;
		}
		break;
	case turn::completion:
		if (completion == completion_event::takes) {
			if (queue.cq_tail == mask)
				queue.phase = !queue.phase;
			queue.cq_tail = (queue.cq_tail + 1) & mask;
		} else {
			queue.inside--;
			if (completion == completion_event::bad)
				queue.stopped = queue.lost = true;
		}
		break;
	case turn::none:
		break;
	}
	queue.busy = queue.inside != 0;
	queue.orphan = queue.inside && (queue.orphan || queue.lost || !queue.on);
	/* Room for the completions of all commands inside and of one more. */
	queue.ready = queue.on && size_ok && !queue.stopped && !queue.orphan &&
		      queue.sq_head != queue.sq_tail && queue.inside < slots_a_queue &&
		      ((queue.cq_tail - queue.cq_head) & mask) + queue.inside < mask;
	ready_ = (ready_ & ~(1u << q)) | static_cast<std::uint32_t>(queue.ready) << q;
	return good;
}

} /* namespace tern::model */
