/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tern_account and tern_totals: where each cycle and each beat belongs. In one cycle
 * the device works for one job only, or waits for one thing.
 */
#ifndef TERN_SIM_MODEL_ACCOUNT_H
#define TERN_SIM_MODEL_ACCOUNT_H

#include <cstdint>
#include <vector>

#include "device/model/hardware.h"
#include "device/model/jobs.h"
#include "device/model/sequence.h"
#include "tern_abi.h"

namespace tern::model {

class account {
public:
	/* Totals since reset, in the order of their registers. */
	enum total {
		cycles, array, stall_weights, stall_activations, stall_results,
		memory_read, memory_written, host_read, host_written, completed,
		totals
	};

	/* What a cycle was, known in the next one. */
	struct state {
		bool array_idle = true;
		bool copying = false;
		unsigned copy_slot = 0;
		bool answers_due = false;
		bool commands_inside = false;
		bool completing = false;

		bool operator==(const state &o) const
		{
			return array_idle == o.array_idle && copying == o.copying &&
			       answers_due == o.answers_due &&
			       commands_inside == o.commands_inside && completing == o.completing;
		}
	};

	struct events {
		const unsigned *done[2] = {};	/* slots whose last answer is here */
		const tile_end *end = nullptr;
		const unsigned *begin = nullptr; /* a job without a tile begins, or is done */
	};

	explicit account(const hardware &hardware) : slots_(hardware.queues * slots_a_queue) {}

	void open(unsigned slot) { slots_[slot] = {}; }
	/* One cycle. */
	void tick(const events &events);
	/* Many, in which nothing happens. */
	void skip(std::uint64_t cycles);
	void set_state(const state &state) { state_ = state; }
	const state &seen() const { return state_; }

	void weights_read(unsigned slot, unsigned beats)
	{
		slots_[slot].weights += beats;
		total_[memory_read] += beats;
	}
	void data_read(unsigned slot, unsigned beats, bool host)
	{
		slots_[slot].data += beats;
		total_[host ? host_read : memory_read] += beats;
	}
	void written(unsigned slot) { slots_[slot].written++; }
	void add(total which, std::uint64_t count) { total_[which] += count; }
	std::uint64_t read(total which) const { return total_[which]; }

	/* The job's completion, without its phase. */
	tern_hw_completion completion(unsigned slot, const job &job) const;

	void reset();

private:
	struct slot {
		std::uint64_t cycles, array, stall_weights, stall_activations, stall_results;
		std::uint64_t link, commands, weights, data, written, adds, skipped;
	};

	/* The category of a cycle without a tile. */
	bool link_cycle(bool done) const
	{
		return state_.array_idle &&
		       ((state_.copying && done) || (!state_.copying && state_.answers_due));
	}
	bool command_cycle() const
	{
		return state_.array_idle && !state_.copying && !state_.answers_due &&
		       state_.commands_inside;
	}

	std::vector<slot> slots_;
	std::uint64_t total_[totals] = {};
	state state_;
	std::uint64_t link_wait_ = 0, command_wait_ = 0;
};

} /* namespace tern::model */

#endif /* TERN_SIM_MODEL_ACCOUNT_H */
