/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tern_jobs: the commands inside the device, a slot each, four a queue. A slot is
 * filled by the decoder, issued, done when its last answer is here, and free again when its
 * completion is handed over.
 */
#ifndef TERN_SIM_MODEL_JOBS_H
#define TERN_SIM_MODEL_JOBS_H

#include <cstdint>
#include <vector>

#include "device/model/command.h"
#include "device/model/hardware.h"

namespace tern::model {

enum class kind : std::uint8_t { instant, gemm, copy, barrier };

struct job {
	decoded what;
	model::kind kind;
	bool done, failed;
	std::uint8_t status;
};

class jobs {
public:
	struct queue {
		unsigned tail = 0, issue = 0, head = 0;	/* filled, issued, completed */
		unsigned open = 0;			/* issued and not done */

		bool quiet() const { return !open; }
		bool has_next() const { return issue != tail; }
	};

	explicit jobs(const hardware &hardware)
		: hardware_(hardware), jobs_(hardware.queues * slots_a_queue),
		  queues_(hardware.queues)
	{
	}

	static unsigned slot_of(unsigned queue, unsigned count)
	{
		return queue * slots_a_queue + count % slots_a_queue;
	}
	static unsigned queue_of(unsigned slot) { return slot / slots_a_queue; }

	job &at(unsigned slot) { return jobs_[slot]; }
	const job &at(unsigned slot) const { return jobs_[slot]; }
	const queue &of(unsigned q) const { return queues_[q]; }
	unsigned next_slot(unsigned q) const { return slot_of(q, queues_[q].issue); }

	/* So many slots before the one to be issued: a job that is not done, or NULL. */
	const job *earlier(unsigned q, unsigned ago) const
	{
		const queue &queue = queues_[q];
		const job &job = jobs_[slot_of(q, queue.issue - ago)];

		return ago <= queue.issue - queue.head && !job.done ? &job : nullptr;
	}

	/* The queue whose oldest job can be completed, or -1. */
	int retire() const;
	bool next_valid() const { return waiting_ != 0; }
	bool open() const { return open_ != 0; }

	/* What happens at a cycle's end. */
	unsigned fill(unsigned q, const decoded &what);
	void advance(unsigned q, bool done);
	void fail(unsigned slot, std::uint8_t status);
	void done(unsigned slot);
	void retired(unsigned q);
	/* Its completion waits, and with it those of the queue's later jobs. */
	void hold(unsigned slot) { held_ |= 1ull << slot; }
	void release(unsigned slot) { held_ &= ~(1ull << slot); }
	/* Whoever it is, if it is inside and not done. */
	void abort(unsigned q, std::uint16_t id);

	void reset();

private:
	const hardware &hardware_;
	std::vector<job> jobs_;
	std::vector<queue> queues_;
	unsigned retired_ = 0;		/* the queue of the last one */
	unsigned open_ = 0, waiting_ = 0;
	unsigned finished_ = 0;		/* done and not completed */
	std::uint64_t held_ = 0;	/* slots */
};

} /* namespace tern::model */

#endif /* TERN_SIM_MODEL_JOBS_H */
