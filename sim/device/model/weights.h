/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One stream of weights: tern_wfetch, which asks for them as far ahead as the FIFO has
 * room, and the FIFO. Of a beat only the cycle is known in which it can be read; the
 * data stays where the memory has it until a tile is through.
 */
#ifndef TERN_SIM_MODEL_WEIGHTS_H
#define TERN_SIM_MODEL_WEIGHTS_H

#include <cstdint>
#include <memory>
#include <vector>

#include "device/model/ports.h"

namespace tern::model {

struct weights_tile {
	std::uint64_t address;		/* of the tile's first row */
	unsigned rows;
	std::uint64_t row_beats;	/* from one row to the next */
	unsigned beats;			/* of a row */
	unsigned slot;
};

class weights {
public:
	weights(const hardware &hardware, unsigned stream)
		: hardware_(hardware), second_(stream == 1)
	{
	}

	ring<weights_tile, tiles_ahead> tiles;

	/* A burst is asked for. */
	bool asks() const
	{
		return state_ == state::stream && filling_ &&
		       asked_ - taken_seen_ <= fifo_beats - burst_beats;
	}
	read_request request() const
	{
		return { address_, static_cast<std::uint8_t>(next_burst(address_, left_)), 0, 0 };
	}

	/* The control clock's edge; taken is what it was before this cycle. */
	void tick(bool granted);
	/* The memory has said when a burst's beats come. */
	void arrive(const read_answer &answer);

	/* The cycle from which the next beat, or the one `ahead` of it, can be read. */
	std::uint64_t visible(unsigned ahead = 0);
	void take(unsigned beats) { taken_ += beats; }
	/* Beats that can be taken before the fetch wakes up. */
	std::uint64_t before_wake() const
	{
		return state_ == state::stream && !filling_ ? asked_ - fifo_beats / 2 - taken_ :
							      never;
	}
	bool wakes() const
	{
		return state_ == state::stream && !filling_ && asked_ - taken_ <= fifo_beats / 2;
	}
	bool awake() const
	{
		return state_ == state::stream ? filling_ || wakes() || asked_ - taken_seen_ <=
									  fifo_beats / 2 :
						 state_ != state::idle || !tiles.empty();
	}
	/* The next beats' data, in one piece: `spare` is used if they are not. */
	const std::uint8_t *data(unsigned beats, std::uint8_t *spare);
	/* What was wrong with any of the beats whose data was asked for since the last call. */
	trouble wrong();

	void reset();

private:
	enum class state { idle, first, row, stream };

	struct burst {
		beat_cycles cycles;
		std::uint64_t first;	/* beats that were asked for before it */
		unsigned beats;
	};
	struct run {
		const std::uint8_t *data;
		std::uint64_t beats;
		trouble wrong;
		std::shared_ptr<std::uint8_t[]> copy;
	};

	const hardware &hardware_;
	const bool second_;

	state state_ = state::idle;
	std::uint64_t row_ = 0, address_ = 0;
	unsigned rows_ = 0;
	std::uint64_t left_ = 0;
	std::uint64_t asked_ = 0;
	std::uint64_t taken_seen_ = 0;
	bool filling_ = true;

	std::uint64_t taken_ = 0;	/* beats read from the FIFO */
	std::uint64_t arrived_ = 0;	/* beats whose cycles are known */
	ring<burst, 2 * fifo_beats> bursts_;
	std::vector<run> runs_;
	std::size_t run_ = 0;		/* the first that is not used up */
	std::uint64_t run_done_ = 0;	/* beats of it that are */
	trouble wrong_ = trouble::none;
};

} /* namespace tern::model */

#endif /* TERN_SIM_MODEL_WEIGHTS_H */
