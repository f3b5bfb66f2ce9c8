// SPDX-License-Identifier: Apache-2.0
#include "device/model/sequence.h"

#include <cstring>

#include "device/model/status.h"

namespace tern::model {

/* From the last beat of a row into the array to its sum. */
static constexpr unsigned array_cycles = 3;

sequence::sequence(const hardware &hardware, const activations &x, std::vector<weights> &w)
	: hardware_(hardware), activations_(x), weights_(w), phases_(group_trits / hardware.lanes),
	  results_(2ull * hardware.cols * hardware.rows_tile),
	  spare_(hardware.k_tile / group_trits * beat_bytes)
{
}

void sequence::reset()
{
	tiles.clear();
	active_ = false;
	begun_ = 0;
	bank_ = 0;
	full_[0] = full_[1] = false;
	settle_at_ = never;
	now_ = {};
}

void sequence::start(const sequence_tile &tile)
{
	tile_ = tile;
	active_ = true;
	word_ = row_ = beat_ = 0;
	words_ = tile.nothing ? 1 : (tile.k + hardware_.lanes - 1) / hardware_.lanes;
	groups_ = (words_ + phases_ - 1) / phases_;
	rows0_ = tile.nothing ? 1 : first_rows(hardware_, tile.rows);
	rows1_ = tile.nothing ? 0 : tile.rows - rows0_;
	begun_++;
}

/*
 * Beats of B5 hold a quarter more than a group, so each fifth group is made of what the
 * four before it left over, as is one past the row's last beat.
 */
bool sequence::wants_beat() const
{
	return !tile_.b5 || (word_ / phases_ % 5 != 4 && beat_ < tile_.beats);
}

bool sequence::weights_there(std::uint64_t cycle, std::uint64_t *when)
{
	*when = cycle;
	if (tile_.nothing || !wants_beat())
		return true;
	*when = weights_[0].visible();
	if (row_ < rows1_)
		*when = std::max(*when, weights_[1].visible());
	return *when <= cycle;
}

/* Behind the last cycle of a group. */
void sequence::pass_group()
{
	if (tile_.nothing || !wants_beat())
		return;
	weights_[0].take(1);
	if (row_ < rows1_)
		weights_[1].take(1);
	beat_++;
}

void sequence::pass_word()
{
	const bool row_end = word_ + 1 == words_;

	if (row_end || (word_ + 1) % phases_ == 0)
		pass_group();
	if (!row_end) {
		word_++;
		return;
	}
	word_ = beat_ = 0;
	row_++;
}

sequence::events sequence::cycle(std::uint64_t cycle, std::uint64_t passed, int freed_bank)
{
	const bool waits = !tiles.empty();
	const bool last = active_ && word_ + 1 == words_ && row_ + 1 == rows0_;
	const bool blocked = (last && settling()) || (full_[bank_] && !tile_.nothing);
	std::uint64_t when;
	events result = { false, -1, false, false };
	const bool take = active_ && !blocked && weights_there(cycle, &when);
	const bool starts = waits && passed != begun_ && (!active_ || (take && last));

	if (settle_at_ == cycle) {
		result.ended = true;
		result.block = settle_block_;
	}
	if (active_ || waits) {
		now_.cycles++;
		if (take)
			now_.array++;
		else if (!active_)
			now_.stall_activations++;
		else if (blocked)
			now_.stall_results++;
		else
			now_.stall_weights++;
	}
	if (take)
		pass_word();
	if (take && last) {
		now_.slot = tile_.slot;
		now_.first = tile_.first;
		now_.cols = tile_.cols;
		if (!tile_.nothing)
			multiply();
		end_ = now_;
		now_ = {};
		active_ = false;
		if (tile_.block_end && !tile_.nothing) {
			full_[bank_] = true;
			bank_ ^= 1;
		}
		if (!tile_.nothing)
			result.used = static_cast<int>(tile_.half);
		/* Void blocks have no sums, but they end. */
		settle_block_ = tile_.block_end;
		settle_at_ = cycle + array_cycles;
	} else if (result.ended) {
		settle_at_ = never;
	}
	if (freed_bank >= 0)
		full_[freed_bank] = false;
	if (starts) {
		start(tiles.front());
		tiles.pop();
		result.started = true;
	}
	return result;
}

/* Whole rows whose weights are all there, but for the tile's last. */
bool sequence::skip_rows(std::uint64_t *cycle, std::uint64_t limit)
{
	bool any = false;

	while (!word_ && row_ + 1 < rows0_ && *cycle + words_ <= limit) {
		const bool second = row_ < rows1_;
		const unsigned beats = tile_.beats;

		if (weights_[0].before_wake() <= beats || weights_[0].visible(beats - 1) > *cycle)
			break;
		if (second && (weights_[1].before_wake() <= beats ||
			       weights_[1].visible(beats - 1) > *cycle))
			break;
		weights_[0].take(beats);
		if (second)
			weights_[1].take(beats);
		now_.cycles += words_;
		now_.array += words_;
		*cycle += words_;
		row_++;
		any = true;
	}
	return any;
}

std::uint64_t sequence::skip(std::uint64_t cycle, std::uint64_t limit, std::uint64_t passed)
{
	limit = std::min(limit, settle_at_);
	if (cycle >= limit)
		return cycle;
	if (!active_) {
		if (tiles.empty())
			return limit;
		if (passed != begun_)
			return cycle;
		now_.cycles += limit - cycle;
		now_.stall_activations += limit - cycle;
		return limit;
	}
	if (tile_.nothing)
		return cycle;
	if (full_[bank_]) {
		now_.cycles += limit - cycle;
		now_.stall_results += limit - cycle;
		return limit;
	}
	while (cycle < limit) {
		std::uint64_t when;

		if (weights_[0].wakes() || (hardware_.streams == 2 && weights_[1].wakes()))
			return cycle;
		if (skip_rows(&cycle, limit))
			continue;
		if (word_ + 1 == words_ && row_ + 1 == rows0_)
			return cycle;
		if (weights_there(cycle, &when)) {
			now_.cycles++;
			now_.array++;
			cycle++;
			pass_word();
		} else {
			const std::uint64_t until = std::min(when, limit);

			now_.cycles += until - cycle;
			now_.stall_weights += until - cycle;
			cycle = until;
		}
	}
	return cycle;
}

/* Activations in the order in which the kernel meets them, once a load. */
const sequence::prepared &sequence::prepare()
{
	prepared &half = prepared_[tile_.half];
	const std::uint64_t version = activations_.version(tile_.half);
	const unsigned stride = tile_.beats * TERN_B5_TRITS_A_BEAT;

	if (half.version == version && half.b5 == tile_.b5)
		return half;
	half.version = version;
	half.b5 = tile_.b5;
	half.sum.resize(tile_.cols);
	if (tile_.b5)
		half.x.resize(static_cast<std::size_t>(tile_.cols) * stride);
	for (unsigned c = 0; c < tile_.cols; c++) {
		const std::int8_t *const x = activations_.column(tile_.half, c);

		half.sum[c] = sum_of(x, tile_.k);
		if (tile_.b5)
			arrange_b5(x, tile_.k, tile_.beats, &half.x[c * stride]);
	}
	return half;
}

void sequence::multiply()
{
	const prepared &x = prepare();
	const std::int8_t *const columns =
		tile_.b5 ? x.x.data() : activations_.column(tile_.half, 0);
	const std::size_t stride =
		tile_.b5 ? tile_.beats * TERN_B5_TRITS_A_BEAT : hardware_.k_tile;
	const auto kernel = tile_.b5 ? kernels_.b5 : kernels_.p2;
	/* The bank is the one that was filled: it changes with the block's end. */
	std::int32_t *const bank = &results_[bank_ * hardware_.cols * hardware_.rows_tile];
	std::int32_t sums[most_cols];
	trouble wrong = trouble::none;

	now_.trits = static_cast<std::uint64_t>(tile_.rows) * tile_.k;
	for (unsigned row = 0; row < tile_.rows; row++) {
		weights &from = weights_[row >= rows0_];

		now_.nonzeros += kernel(from.data(tile_.beats, spare_.data()), tile_.beats, columns,
					stride, tile_.cols, sums);
		for (unsigned c = 0; c < tile_.cols; c++) {
			std::int32_t &sum = bank[c * hardware_.rows_tile + row];

			sum = (tile_.add ? sum : 0) + sums[c] - x.sum[c];
		}
	}
	/* Padding that is not 0, against the rules, adds nothing and is not counted. */
	now_.nonzeros = std::min(now_.nonzeros, now_.trits);
	for (weights &stream : weights_) {
		const trouble more = stream.wrong();

		if (wrong == trouble::none)
			wrong = more;
	}
	now_.status = activations_.status(tile_.half);
	if (now_.status == TERN_STATUS_OK)
		now_.status = status_of(wrong, false);
}

} /* namespace tern::model */
