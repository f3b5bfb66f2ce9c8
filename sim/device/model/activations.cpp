// SPDX-License-Identifier: Apache-2.0
#include "device/model/activations.h"

#include <cstring>

#include "device/model/status.h"

namespace tern::model {

activations::activations(const hardware &hardware)
	: hardware_(hardware), x_(2ull * hardware.cols * hardware.k_tile)
{
}

void activations::reset()
{
	tiles.clear();
	reads.reset();
	state_ = state::idle;
	asking_ = host_ = false;
	loaded_at_ = never;
	passed_ = 0;
	status_[0] = status_[1] = TERN_STATUS_OK;
	uses_[0] = uses_[1] = 0;
}

void activations::tick(std::uint64_t cycle, bool accepted, int used)
{
	const activations_tile *const tile = tiles.empty() ? nullptr : &tiles.front();
	const bool pass = state_ == state::pass ||
			  (state_ == state::idle && tile && !tile->load);
	const bool start = state_ == state::idle && tile && tile->load && !uses_[tile->half];

	if (accepted) {
		address_ += stride_;
		asking_ = --ask_left_ != 0;
	}
	if (used >= 0)
		uses_[used]--;

	switch (state_) {
	case state::idle:
		if (!start)
			break;
		asking_ = true;
		host_ = tile->host;
		half_ = tile->half;
		address_ = tile->address;
		stride_ = tile->stride;
		ask_left_ = cols_ = tile->cols;
		k_ = tile->k;
		beats_ = (k_ + beat_bytes - 1) / beat_bytes;
		col_ = beat_ = 0;
		loaded_at_ = never;
		status_[half_] = TERN_STATUS_OK;
		version_[half_] = ++versions_;
		state_ = state::load;
		break;
	case state::load:
		if (cycle >= loaded_at_)
			state_ = state::settle;
		break;
	case state::settle:
		state_ = state::pass;
		break;
	case state::pass:
		state_ = state::idle;
		break;
	}
	if (pass) {
		if (!tile->nothing)
			uses_[tile->half]++;
		passed_++;
		tiles.pop();
	}
}

void activations::arrive(const read_answer &answer, bool host)
{
	const unsigned beats = answer.request.beats;
	std::int8_t *const column = &x_[(half_ * hardware_.cols + col_) * hardware_.k_tile];
	const unsigned at = beat_ * beat_bytes;
	const unsigned bytes = std::min(beats * beat_bytes, k_ - at);

	reads.arrive(answer, host);
	if (answer.wrong == trouble::none) {
		std::memcpy(column + at, answer.data, bytes);
	} else {
		std::memset(column + at, 0, bytes);
		status_[half_] = status_of(answer.wrong, host);
	}
	beat_ += beats;
	if (beat_ < beats_)
		return;

	/* Whole groups of trits are multiplied. */
	const unsigned whole = (k_ + group_trits - 1) / group_trits * group_trits;

	std::memset(column + k_, 0, std::min(whole, hardware_.k_tile) - k_);
	beat_ = 0;
	if (++col_ == cols_)
		loaded_at_ = reader::seen(answer.cycles.at(beats - 1), host);
}

} /* namespace tern::model */
