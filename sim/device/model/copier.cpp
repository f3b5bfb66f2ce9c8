// SPDX-License-Identifier: Apache-2.0
#include "device/model/copier.h"

#include <cstring>

#include "device/model/status.h"

namespace tern::model {

/* A word becomes visible so long after it was written into a FIFO. */
static constexpr unsigned fifo_cycles = 2;

void copier::reset()
{
	reads.reset();
	state_ = state::idle;
	read_asked_ = write_asked_ = false;
	chunk_ = {};
	reserved_ = 0;
	fifo_.clear();
	failed_at_ = never;
}

void copier::give(write_beat &beat)
{
	if (chunk_.fill) {
		for (unsigned i = 0; i < beat_bytes; i += sizeof(chunk_.pattern))
			std::memcpy(beat.data + i, &chunk_.pattern, sizeof(chunk_.pattern));
		return;
	}
	std::memcpy(beat.data, fifo_.front().data, beat_bytes);
	if (fifo_.front().bad)
		beat.strobes = 0;
	fifo_.pop();
}

std::uint8_t copier::failure(std::uint64_t cycle)
{
	if (cycle < failed_at_)
		return TERN_STATUS_OK;
	failed_at_ = never;
	return failure_;
}

void copier::tick(const chunk *next, bool read_accepted, unsigned granted_beats, bool write_ready,
		  bool read, bool sent)
{
	reserved_ += granted_beats;
	reserved_ -= read && !chunk_.fill;
	switch (state_) {
	case state::idle:
		if (!next)
			break;
		chunk_ = *next;
		read_asked_ = chunk_.fill || chunk_.nothing;
		write_asked_ = false;
		state_ = state::ask;
		break;
	case state::ask:
		if (read_asked_ && write_asked_)
			state_ = state::send;
		read_asked_ |= read_accepted;
		write_asked_ |= write_ready;
		break;
	case state::send:
		if (sent)
			state_ = state::idle;
		break;
	}
}

void copier::arrive(const read_answer &answer, bool host)
{
	reads.arrive(answer, host);
	for (unsigned i = 0; i < answer.request.beats; i++) {
		item &place = fifo_.push();

		place.visible = reader::seen(answer.cycles.at(i), host) + fifo_cycles;
		place.bad = answer.wrong != trouble::none;
		if (!place.bad)
			std::memcpy(place.data, answer.data + i * beat_bytes, beat_bytes);
		else
			std::memset(place.data, 0, beat_bytes);
	}
	if (answer.wrong != trouble::none && failed_at_ == never) {
		failed_at_ = reader::seen(answer.cycles.at(0), host);
		failure_ = status_of(answer.wrong, host);
	}
}

} /* namespace tern::model */
