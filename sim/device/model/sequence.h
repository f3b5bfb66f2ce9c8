/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tern_seq, tern_unpack, the array and the result banks: tiles one after another, in a
 * tile its rows, in a row its words. What a tile's cycles were is decided beat by
 * beat, or a row at a time where weights lie ready; its sums are made all at once when it
 * ends.
 */
#ifndef TERN_SIM_MODEL_SEQUENCE_H
#define TERN_SIM_MODEL_SEQUENCE_H

#include <cstdint>
#include <vector>

#include "device/model/activations.h"
#include "device/model/kernels.h"
#include "device/model/weights.h"

namespace tern::model {

struct sequence_tile {
	unsigned slot;
	bool nothing;		/* the job has failed: the tile only ends it */
	bool first;		/* of the job */
	bool block_end;
	unsigned half;
	bool add;
	bool b5;
	unsigned k;
	unsigned cols;
	unsigned rows;
	unsigned beats;		/* of weights, a row */
};

/* What became of a tile. */
struct tile_end {
	unsigned slot;
	bool first;
	std::uint8_t status;
	std::uint32_t cycles, array, stall_weights, stall_activations, stall_results;
	std::uint64_t nonzeros, trits;
	unsigned cols;
};

class sequence {
public:
	sequence(const hardware &hardware, const activations &x, std::vector<weights> &w);

	ring<sequence_tile, 2 * tiles_ahead> tiles;
	bool room() const { return tiles.count() < 2 * tiles_ahead - 1; }

	/* One cycle. passed: tiles whose activations were there when it began. */
	struct events {
		bool started;		/* a tile left the ring */
		int used;		/* the half that a tile needs no more, or -1 */
		bool ended;		/* end() is there */
		bool block;		/* a block's sums are complete */
	};
	events cycle(std::uint64_t cycle, std::uint64_t passed, int freed_bank);

	/*
	 * As many cycles as nobody else notices, up to `limit`, which is the result if
	 * there is nothing to notice.
	 */
	std::uint64_t skip(std::uint64_t cycle, std::uint64_t limit, std::uint64_t passed);

	const tile_end &end() const { return end_; }
	bool here() const { return active_ || !tiles.empty(); }
	bool settling() const { return settle_at_ != never; }
	/* Something will come of waiting, if nobody else does anything. */
	bool goes_on()
	{
		std::uint64_t when;

		return settling() || (active_ && !full_[bank_] &&
				      (weights_there(0, &when) || when < doomsday));
	}

	/* 16 sums of a column, from row 16 * word on. */
	const std::int32_t *results(unsigned bank, unsigned col, unsigned word) const
	{
		return &results_[(bank * hardware_.cols + col) * hardware_.rows_tile + 16 * word];
	}

	void reset();

private:
	struct prepared {
		std::uint64_t version = 0;
		bool b5 = false;
		std::vector<std::int8_t> x;
		std::vector<std::int32_t> sum;
	};

	bool weights_there(std::uint64_t cycle, std::uint64_t *when);
	bool wants_beat() const;
	void start(const sequence_tile &tile);
	void pass_group();
	void pass_word();
	bool skip_rows(std::uint64_t *cycle, std::uint64_t limit);
	void multiply();
	const prepared &prepare();

	const hardware &hardware_;
	const activations &activations_;
	std::vector<weights> &weights_;
	const kernels &kernels_ = best_kernels();
	const unsigned phases_;		/* cycles of a whole group of 256 trits */

	sequence_tile tile_ = {};
	bool active_ = false;
	unsigned words_ = 0;		/* of a row */
	unsigned groups_ = 0;
	unsigned rows0_ = 0, rows1_ = 0; /* of each stream */
	unsigned word_ = 0, row_ = 0;
	unsigned beat_ = 0;		/* of the row */
	std::uint64_t begun_ = 0;	/* tiles, to compare with those that passed */
	unsigned bank_ = 0;
	bool full_[2] = {};		/* banks that wait for the drain */

	std::uint64_t settle_at_ = never; /* the cycle in which the last row of a tile is out */
	bool settle_block_ = false;
	tile_end now_ = {}, end_ = {};

	std::vector<std::int32_t> results_;	/* [bank][column][row] */
	std::vector<std::uint8_t> spare_;	/* a row in one piece */
	prepared prepared_[2];
};

} /* namespace tern::model */

#endif /* TERN_SIM_MODEL_SEQUENCE_H */
