/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tern_drain: writes finished blocks of results to memory, one token's rows after
 * another's, while the array fills the other bank.
 */
#ifndef TERN_SIM_MODEL_DRAIN_H
#define TERN_SIM_MODEL_DRAIN_H

#include <cstdint>

#include "device/model/hardware.h"
#include "device/model/writer.h"

namespace tern::model {

struct block {
	unsigned slot;
	bool nothing;		/* it has no sums */
	bool end;		/* of the job */
	bool host;
	std::uint64_t address;	/* of the first token's sums */
	std::uint64_t stride;	/* from one token's Y to the next */
	unsigned rows;
	unsigned cols;
};

class drain {
public:
	ring<block, tiles_ahead> blocks;

	/* What it asks the writer for, and whether it has a beat for it. */
	writer::stretch stretch() const
	{
		if (state_ == state::idle || state_ == state::data)
			return {};

		const block &b = blocks.front();

		return { state_ == state::request || b.end, b.host, state_ == state::end,
			 b.end && (cols_left_ == 1 || state_ == state::end), b.slot, address_,
			 4ull * b.rows };
	}
	bool has_data() const { return state_ == state::data; }
	/* Where that beat's sums are. */
	unsigned bank() const { return bank_; }
	unsigned col() const { return col_; }
	unsigned word() const { return word_; }

	/* The slot whose job may have failed meanwhile. */
	unsigned asked_slot() const { return blocks.empty() ? 0 : blocks.front().slot; }

	/* A cycle; returns the bank that may be filled again, or -1. */
	int tick(bool complete, bool failed, bool ready, bool read)
	{
		const bool begin = state_ == state::idle && complete_ && !blocks.empty();
		bool done = false;
		int freed = -1;

		complete_ += complete;
		complete_ -= begin;
		switch (state_) {
		case state::idle:
			if (!begin)
				break;
			address_ = blocks.front().address;
			cols_left_ = blocks.front().cols;
			col_ = word_ = 0;
			state_ = blocks.front().nothing || failed ? state::end : state::request;
			break;
		case state::request:
			if (ready)
				state_ = state::data;
			break;
		case state::data:
			if (!read || ++word_ < (blocks.front().rows + 15) / 16)
				break;
			word_ = 0;
			col_++;
			address_ += blocks.front().stride;
			done = --cols_left_ == 0;
			state_ = done ? state::idle : state::request;
			break;
		case state::end:
			done = ready || !blocks.front().end;
			if (done)
				state_ = state::idle;
			break;
		}
		if (done) {
			if (!blocks.front().nothing) {
				freed = static_cast<int>(bank_);
				bank_ ^= 1;
			}
			blocks.pop();
		}
		return freed;
	}

	bool awake() const { return state_ != state::idle || (complete_ && !blocks.empty()); }
	void reset() { *this = drain(); }

private:
	enum class state { idle, request, data, end };

	state state_ = state::idle;
	unsigned bank_ = 0;
	unsigned complete_ = 0;		/* blocks, and not begun */
	std::uint64_t address_ = 0;
	unsigned cols_left_ = 0, col_ = 0, word_ = 0;
};

} /* namespace tern::model */

#endif /* TERN_SIM_MODEL_DRAIN_H */
