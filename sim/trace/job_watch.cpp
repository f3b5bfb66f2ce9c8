// SPDX-License-Identifier: Apache-2.0
#include "trace/job_watch.h"

#include <algorithm>
#include <cstring>

namespace tern {

void job_watch::reset()
{
	rings_ = rings();
	for (queue &queue : queues_)
		queue = {};
}

void job_watch::register_written(std::uint32_t offset, std::uint32_t value)
{
	const std::uint32_t number = (offset - TERN_QUEUE_BASE) / TERN_QUEUE_STRIDE;

	if (offset == TERN_REG_CTRL && value & TERN_CTRL_RESET_MASK)
		reset();
	if (offset < TERN_QUEUE_BASE || number >= TERN_QUEUES_MAX)
		return;

	queue &queue = queues_[number];

	if ((offset - TERN_QUEUE_BASE) % TERN_QUEUE_STRIDE == TERN_QREG_CTRL) {
		queue.enabled = value & TERN_Q_CTRL_ENABLE_MASK;
		if (!queue.enabled)
			queue.jobs.clear();
	} else if (!queue.enabled) {
		/* While it is on, where it is is locked. */
		rings_.observe(offset, value);
	}
}

bool job_watch::transferred(const transfer &transfer)
{
	const int number = transfer.write ? rings_.completions_at(transfer.address) :
					    rings_.commands_at(transfer.address);

	if (number < 0 || !queues_[number].enabled)
		return false;
	if (transfer.write)
		complete(queues_[number], transfer);
	else
		fetch(number, transfer);
	return true;
}

void job_watch::fetch(unsigned number, const transfer &transfer)
{
	for (std::size_t at = 0; at + TERN_ENTRY_BYTES <= transfer.bytes; at += TERN_ENTRY_BYTES) {
		job job = { ++fetched_, number, transfer.end_ps, {} };

		std::memcpy(&job.command, transfer.data + at, sizeof(job.command));
		queues_[number].jobs.push_back(job);
		for (job_observer *observer : observers_)
			observer->job_fetched(job);
	}
}

void job_watch::complete(queue &queue, const transfer &transfer)
{
	for (std::size_t at = 0; at + TERN_ENTRY_BYTES <= transfer.bytes; at += TERN_ENTRY_BYTES) {
		tern_hw_completion done;

		std::memcpy(&done, transfer.data + at, sizeof(done));

		/* The first one, unless something is wrong with the device. */
		const auto found = std::find_if(queue.jobs.begin(), queue.jobs.end(),
						[&](const job &job) {
							return job.command.id == done.id;
						});

		if (found == queue.jobs.end())
			continue;

		const job job = *found;

		queue.jobs.erase(found);
		for (job_observer *observer : observers_)
			observer->job_completed(job, done, transfer.end_ps);
	}
}

} /* namespace tern */
