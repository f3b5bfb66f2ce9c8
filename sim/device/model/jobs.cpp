// SPDX-License-Identifier: Apache-2.0
#include "device/model/jobs.h"

namespace tern::model {

void jobs::reset()
{
	for (queue &queue : queues_)
		queue = {};
	retired_ = 0;
	open_ = waiting_ = finished_ = 0;
	held_ = 0;
}

static kind kind_of(const decoded &what)
{
	if (what.status != TERN_STATUS_OK)
		return kind::instant;
	switch (what.command.opcode) {
	case TERN_HW_OP_GEMM:
		return kind::gemm;
	case TERN_HW_OP_COPY:
	case TERN_HW_OP_FILL:
		return kind::copy;
	case TERN_HW_OP_BARRIER:
		return kind::barrier;
	default:
		return kind::instant;
	}
}

int jobs::retire() const
{
	std::uint32_t can = 0;

	if (!finished_)
		return -1;
	for (unsigned q = 0; q < hardware_.queues; q++) {
		const queue &queue = queues_[q];

		const unsigned slot = slot_of(q, queue.head);

		if (queue.head != queue.issue && jobs_[slot].done && !(held_ >> slot & 1))
			can |= 1u << q;
	}
	return can ? static_cast<int>(round_robin(can, retired_, hardware_.queues)) : -1;
}

unsigned jobs::fill(unsigned q, const decoded &what)
{
	const unsigned slot = slot_of(q, queues_[q].tail++);

	jobs_[slot] = { what, kind_of(what), false, what.status != TERN_STATUS_OK, what.status };
	waiting_++;
	return slot;
}

void jobs::advance(unsigned q, bool done)
{
	queue &queue = queues_[q];
	job &job = jobs_[slot_of(q, queue.issue++)];

	waiting_--;
	if (done) {
		job.done = true;
		finished_++;
	} else {
		queue.open++;
		open_++;
	}
}

void jobs::fail(unsigned slot, std::uint8_t status)
{
	if (jobs_[slot].failed)
		return;
	jobs_[slot].failed = true;
	jobs_[slot].status = status;
}

void jobs::done(unsigned slot)
{
	jobs_[slot].done = true;
	queues_[queue_of(slot)].open--;
	open_--;
	finished_++;
}

void jobs::retired(unsigned q)
{
	queues_[q].head++;
	retired_ = q;
	finished_--;
}

void jobs::abort(unsigned q, std::uint16_t id)
{
	if (q >= hardware_.queues)
		return;
	for (unsigned n = queues_[q].head; n != queues_[q].tail; n++) {
		const unsigned slot = slot_of(q, n);

		if (jobs_[slot].what.command.id == id && !jobs_[slot].done)
			fail(slot, TERN_STATUS_ABORTED);
	}
}

} /* namespace tern::model */
