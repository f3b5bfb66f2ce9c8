// SPDX-License-Identifier: Apache-2.0
#include "device/model/weights.h"

#include <cstring>

namespace tern::model {

/* From a beat on the bus to its FIFO's output: port, RAM, pointer. */
static constexpr unsigned bus_to_fifo = 3;

void weights::reset()
{
	tiles.clear();
	state_ = state::idle;
	rows_ = 0;
	left_ = 0;
	asked_ = taken_seen_ = taken_ = arrived_ = 0;
	filling_ = true;
	bursts_.clear();
	runs_.clear();
	run_ = 0;
	run_done_ = 0;
	wrong_ = trouble::none;
}

void weights::tick(bool granted)
{
	const bool ask = asks();
	const unsigned beats = next_burst(address_, left_);

	if (asked_ - taken_seen_ <= fifo_beats / 2)
		filling_ = true;
	else if (!ask)
		filling_ = false;
	taken_seen_ = taken_;

	switch (state_) {
	case state::idle:
		if (!tiles.empty()) {
			const weights_tile &tile = tiles.front();
			const unsigned first = first_rows(hardware_, tile.rows);
			const unsigned mine = second_ ? tile.rows - first : first;
			const bool whole = tile.row_beats == tile.beats;

			row_ = tile.address + (second_ ? first * tile.row_beats * beat_bytes : 0);
			rows_ = whole ? mine != 0 : mine;
			left_ = static_cast<std::uint64_t>(tile.beats) * mine;
			state_ = state::first;
		}
		break;
	case state::first:
		if (!rows_)
			tiles.pop();
		state_ = rows_ ? state::row : state::idle;
		break;
	case state::row: {
		const weights_tile &tile = tiles.front();

		address_ = row_;
		if (tile.row_beats != tile.beats)
			left_ = tile.beats;
		row_ += tile.row_beats * beat_bytes;
		rows_--;
		state_ = state::stream;
		break;
	}
	case state::stream:
		if (!granted)
			break;
		address_ += beats * beat_bytes;
		left_ -= beats;
		asked_ += beats;
		if (left_)
			break;
		if (!rows_)
			tiles.pop();
		state_ = rows_ ? state::row : state::idle;
		break;
	}
}

void weights::arrive(const read_answer &answer)
{
	const unsigned beats = answer.request.beats;

	bursts_.push({ answer.cycles, arrived_, beats });
	arrived_ += beats;

	if (answer.direct && answer.wrong == trouble::none) {
		run *const last = runs_.empty() ? nullptr : &runs_.back();

		if (last && !last->copy && last->wrong == trouble::none &&
		    last->data + last->beats * beat_bytes == answer.data)
			last->beats += beats;
		else
			runs_.push_back({ answer.data, beats, trouble::none, nullptr });
		return;
	}

	std::shared_ptr<std::uint8_t[]> copy(new std::uint8_t[beats * beat_bytes]());

	if (answer.wrong == trouble::none)
		std::memcpy(copy.get(), answer.data, beats * beat_bytes);
	runs_.push_back({ copy.get(), beats, answer.wrong, copy });
}

std::uint64_t weights::visible(unsigned ahead)
{
	const std::uint64_t beat = taken_ + ahead;

	while (!bursts_.empty() && bursts_.front().first + bursts_.front().beats <= taken_)
		bursts_.pop();
	if (beat >= arrived_)
		return never;
	for (unsigned i = 0; i < bursts_.count(); i++) {
		const burst &burst = bursts_.at(i);

		if (beat < burst.first + burst.beats)
			return burst.cycles.at(static_cast<unsigned>(beat - burst.first)) +
			       bus_to_fifo;
	}
	return never;
}

const std::uint8_t *weights::data(unsigned beats, std::uint8_t *spare)
{
	const std::uint8_t *result = spare;

	/* Not behind this: what is returned may be a run's own copy, and its last beats. */
	if (run_ > 64) {
		runs_.erase(runs_.begin(), runs_.begin() + run_);
		run_ = 0;
	}
	for (unsigned done = 0; done < beats;) {
		const run &run = runs_[run_];
		const auto part = static_cast<unsigned>(
			std::min<std::uint64_t>(beats - done, run.beats - run_done_));
		const std::uint8_t *const from = run.data + run_done_ * beat_bytes;

		if (run.wrong != trouble::none && wrong_ == trouble::none)
			wrong_ = run.wrong;
		if (part == beats)
			result = from;
		else
			std::memcpy(spare + done * beat_bytes, from, part * beat_bytes);
		done += part;
		run_done_ += part;
		/* The last run may still grow. */
		if (run_done_ == run.beats && run_ + 1 < runs_.size()) {
			run_++;
			run_done_ = 0;
		} else if (done < beats) {
			break;
		}
	}
	return result;
}

trouble weights::wrong()
{
	const trouble result = wrong_;

	wrong_ = trouble::none;
	return result;
}

} /* namespace tern::model */
