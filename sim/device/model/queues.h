/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tern_queues: heads, tails and phases of all rings, changed by one event a cycle, and
 * which queue is served next.
 */
#ifndef TERN_SIM_MODEL_QUEUES_H
#define TERN_SIM_MODEL_QUEUES_H

#include <cstdint>

#include "device/model/hardware.h"
#include "tern_abi.h"

namespace tern::model {

enum class fetch_event { begins, good, bad };
enum class completion_event { takes, good, bad };

class queues {
public:
	struct queue {
		bool on, stopped, lost, orphan, phase, ready;
		unsigned inside;	/* commands fetched and not yet completed */
		unsigned sq_head, sq_tail, cq_head, cq_tail;
		bool busy;		/* as its register says */
	};
	struct bell {
		bool completion;
		unsigned queue;
		std::uint32_t value;
	};

	explicit queues(const hardware &hardware) : hardware_(hardware) {}

	const queue &at(unsigned q) const { return queue_[q]; }
	/* The host has written CTRL and SIZE. */
	void set_control(unsigned q, std::uint32_t ctrl, std::uint32_t log2)
	{
		wanted_ = (wanted_ & ~(1u << q)) | (ctrl & TERN_Q_CTRL_ENABLE_MASK) << q;
		log2_[q] = log2;
	}
	void doorbell(const bell &bell)
	{
		bell_ = bell;
		rung_ = true;
	}

	/* The queue to fetch from next, or -1. */
	int pick(bool enabled) const
	{
		return enabled && ready_ ?
			       static_cast<int>(round_robin(ready_, last_, hardware_.queues)) :
			       -1;
	}

	/* Whose event is taken in this cycle. */
	enum class turn { none, control, bell, completion, fetch };
	turn choose(bool completion, bool fetch) const
	{
		if (wanted_ != on_)
			return turn::control;
		if (rung_)
			return turn::bell;
		return completion ? turn::completion : fetch ? turn::fetch : turn::none;
	}

	/* The cycle's end. Returns false if a doorbell was wrong, which is bad_bell() then. */
	bool tick(turn turn, unsigned q, fetch_event fetch, completion_event completion);
	const bell &bad_bell() const { return bell_; }

	bool work() const { return wanted_ != on_ || rung_; }
	/* All but what the host has written. */
	void reset();

private:
	bool take_bell(queue &queue, unsigned mask);

	const hardware &hardware_;
	queue queue_[TERN_QUEUES_MAX] = {};
	std::uint32_t wanted_ = 0, on_ = 0, ready_ = 0;
	std::uint32_t log2_[TERN_QUEUES_MAX] = {};
	unsigned last_ = 0;
	bell bell_ = {};
	bool rung_ = false;
};

} /* namespace tern::model */

#endif /* TERN_SIM_MODEL_QUEUES_H */
