/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tern_xload and the buffer of activations: two halves, one filled while the array
 * works from the other.
 */
#ifndef TERN_SIM_MODEL_ACTIVATIONS_H
#define TERN_SIM_MODEL_ACTIVATIONS_H

#include <cstdint>
#include <vector>

#include "device/model/reader.h"

namespace tern::model {

struct activations_tile {
	bool nothing;		/* the tile is void */
	bool load;
	unsigned half;
	bool host;
	std::uint64_t address;
	std::uint64_t stride;
	unsigned k;
	unsigned cols;
	unsigned slot;
};

class activations {
public:
	explicit activations(const hardware &hardware);

	ring<activations_tile, tiles_ahead> tiles;
	reader reads;

	/* A stretch for the reader, if asks(). */
	bool asks() const { return asking_; }
	reader::stretch stretch() const { return { host_, address_, beats_ }; }

	/* used: a tile of this half is through at the array, or -1. */
	void tick(std::uint64_t cycle, bool accepted, int used);
	void arrive(const read_answer &answer, bool host);

	/* Tiles that may begin; and what their activations came with. */
	std::uint64_t passed() const { return passed_; }
	std::uint8_t status(unsigned half) const { return status_[half]; }
	/* Of what the half holds: never the same twice. */
	std::uint64_t version(unsigned half) const { return version_[half]; }
	const std::int8_t *column(unsigned half, unsigned col) const
	{
		return &x_[(half * hardware_.cols + col) * hardware_.k_tile];
	}

	bool awake(std::uint64_t cycle) const
	{
		return asking_ || reads.active() || state_ == state::settle ||
		       state_ == state::pass || (state_ == state::load && cycle >= loaded_at_) ||
		       (state_ == state::idle && !tiles.empty() &&
			(!tiles.front().load || !uses_[tiles.front().half]));
	}
	/* When it wakes by itself. */
	std::uint64_t next() const { return state_ == state::load ? loaded_at_ : never; }

	void reset();

private:
	enum class state { idle, load, settle, pass };

	const hardware &hardware_;
	std::vector<std::int8_t> x_;	/* [half][column][k], 0 past a column's end */

	state state_ = state::idle;
	bool asking_ = false, host_ = false;
	unsigned half_ = 0;
	std::uint64_t address_ = 0, stride_ = 0;
	unsigned ask_left_ = 0;
	unsigned cols_ = 0, beats_ = 0, k_ = 0;
	unsigned col_ = 0, beat_ = 0;	/* that arrives next */
	std::uint64_t loaded_at_ = never;	/* the cycle of the last beat */
	std::uint64_t passed_ = 0;
	std::uint8_t status_[2] = {};
	std::uint64_t version_[2] = {}, versions_ = 0;
	unsigned uses_[2] = {};		/* tiles passed and not yet through */
};

} /* namespace tern::model */

#endif /* TERN_SIM_MODEL_ACTIVATIONS_H */
