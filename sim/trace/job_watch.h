/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Knows the jobs of the card by what passes its edge: reads of the rings are commands,
 * writes to them completions. So it needs to know nothing of the device's body.
 */
#ifndef TERN_SIM_JOB_WATCH_H
#define TERN_SIM_JOB_WATCH_H

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "faults/rings.h"
#include "tern_abi.h"

namespace tern {

/* What passed, on simulated time. */
struct transfer {
	bool write;
	std::uint64_t start_ps;
	std::uint64_t end_ps;		/* of its last beat */
	std::uint64_t address;
	const std::uint8_t *data;
	std::size_t bytes;
};

struct job {
	std::uint64_t number;		/* from 1 on, of all commands that the card fetched */
	unsigned queue;
	std::uint64_t fetched_ps;	/* the command is there */
	tern_hw_command command;
};

class job_observer {
public:
	virtual ~job_observer() = default;
	virtual void job_fetched(const job &) {}
	virtual void job_completed(const job &, const tern_hw_completion &, std::uint64_t ps) = 0;
};

class job_watch {
public:
	/* The rings, kept up to date by others: of a register's write they hear first. */
	explicit job_watch(const rings &rings) : rings_(rings) {}

	void add(job_observer &observer) { observers_.push_back(&observer); }

	/* Of a queue that is off nothing is left to complete. */
	void register_written();
	/* True: it was of a ring. */
	bool transferred(const transfer &transfer);
	std::uint64_t fetched() const { return fetched_; }

private:
	using queue = std::deque<job>;	/* fetched and not completed */

	void fetch(unsigned number, const transfer &transfer);
	void complete(queue &queue, const transfer &transfer);

	const rings &rings_;
	queue queues_[TERN_QUEUES_MAX];
	std::vector<job_observer *> observers_;
	std::uint64_t fetched_ = 0;
};

} /* namespace tern */

#endif /* TERN_SIM_JOB_WATCH_H */
