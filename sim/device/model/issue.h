/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tern_issue: cuts jobs into tiles and deals them out, a block of each queue in turn.
 */
#ifndef TERN_SIM_MODEL_ISSUE_H
#define TERN_SIM_MODEL_ISSUE_H

#include <cstdint>
#include <vector>

#include "device/model/activations.h"
#include "device/model/copier.h"
#include "device/model/drain.h"
#include "device/model/jobs.h"
#include "device/model/queues.h"
#include "device/model/sequence.h"
#include "device/model/weights.h"

namespace tern::model {

class issue {
public:
	/* Where tiles go. */
	struct units {
		activations &x;
		std::vector<weights> &w;
		sequence &seq;
		drain &y;
	};

	issue(const hardware &hardware, const jobs &jobs, const queues &queues)
		: hardware_(hardware), jobs_(jobs), queues_(queues), at_(hardware.queues)
	{
	}

	/* What a cycle changes elsewhere. */
	struct outputs {
		bool advance;		/* all of the job is issued ... */
		bool done;		/* and there was nothing to do */
		unsigned queue;
		bool copy_begins;	/* a job of `slot` that has no tile begins */
		unsigned slot;
		bool chunk;		/* one is dealt out */
		model::chunk what;
	};

	/*
	 * Whose tile could be dealt out next, if one can be now, or -1. room: all four units
	 * of a GEMM can take one.
	 */
	int pick(bool room, bool copy_ready) const;

	/* A cycle. any_done: an answer came that a hazard may wait for. */
	outputs tick(int picked, bool any_done, const units &units);

	/* A tile is being dealt out. */
	bool busy() const { return state_ != state::pick; }
	void reset();

private:
	enum class state { pick, read, hazard, tile, push };

	/* Where a queue's job stands between two of its tiles. */
	struct place {
		bool begun, blocked, copying;
		std::uint64_t x_pass, x_tile, y_pass, y_block, w_block, w_tile;
		std::uint64_t t_left, n_left, k_left, beats_left;
		std::uint64_t src, dst, left;	/* COPY, FILL */
		bool add, x_new;
	};

	bool can(unsigned q, bool room, bool copy_ready) const;
	bool cancelled(unsigned q) const
	{
		return jobs_.at(jobs_.next_slot(q)).failed || queues_.at(q).orphan;
	}
	bool meets(const job &earlier) const;
	void read();
	void choose_half();
	void push_tile(const units &units, outputs *out);
	void push_chunk(outputs *out);

	const hardware &hardware_;
	const jobs &jobs_;
	const queues &queues_;
	std::vector<place> at_;

	state state_ = state::pick;
	unsigned queue_ = 0, slot_ = 0;
	unsigned earlier_ = 0;
	bool open_ = false;		/* a block of queue_ has tiles to come */
	bool gemm_ = false, void_ = false, first_ = false;

	/* The halves of the activations' buffer: whose they hold, which was dealt out last. */
	bool held_[2] = {};
	unsigned holder_[2] = {};
	unsigned half_ = 0;
	bool load_ = false;
};

} /* namespace tern::model */

#endif /* TERN_SIM_MODEL_ISSUE_H */
