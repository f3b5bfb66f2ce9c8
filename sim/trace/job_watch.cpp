// SPDX-License-Identifier: Apache-2.0
#include "trace/job_watch.h"

#include <algorithm>
#include <cstring>

namespace tern {

void job_watch::register_written()
{
	for (unsigned i = 0; i < TERN_QUEUES_MAX; i++) {
		if (!rings_.is_on(i))
			queues_[i].clear();
	}
}

bool job_watch::transferred(const transfer &transfer)
{
	const int number = transfer.write ? rings_.completions_at(transfer.address) :
					    rings_.commands_at(transfer.address);

	if (number < 0 || !rings_.is_on(number))
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
		queues_[number].push_back(job);
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
		const auto found = std::find_if(queue.begin(), queue.end(),
						[&](const job &job) {
							return job.command.id == done.id;
						});

		if (found == queue.end())
			continue;

		const job job = *found;

		queue.erase(found);
		for (job_observer *observer : observers_)
			observer->job_completed(job, done, transfer.end_ps);
	}
}

} /* namespace tern */
