/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tern_dma_rd: reads stretches of memory, of either space, for one unit; a stretch of
 * the other space begins when nothing is on its way any more.
 */
#ifndef TERN_SIM_MODEL_READER_H
#define TERN_SIM_MODEL_READER_H

#include <cstdint>

#include "device/model/ports.h"

namespace tern::model {

class reader {
public:
	struct stretch {
		bool host;
		std::uint64_t address;
		std::uint64_t beats;
	};

	bool ready(std::uint64_t cycle, bool host) const
	{
		return !active_ && (host == now_.host || nothing_flies(cycle));
	}
	bool asks(bool host) const { return active_ && now_.host == host; }
	read_request request() const
	{
		return { now_.address,
			 static_cast<std::uint8_t>(next_burst(now_.address, now_.beats)), 0, 0 };
	}
	bool active() const { return active_; }
	bool idle(std::uint64_t cycle) const { return !active_ && nothing_flies(cycle); }

	/* The cycle in which the unit sees a beat that is on the bus in this one. */
	static std::uint64_t seen(std::uint64_t bus, bool host) { return bus + (host ? 2 : 3); }

	/* The cycle's end: a burst is asked for, or a stretch begins. */
	void tick(unsigned granted_beats, const stretch *next)
	{
		if (next) {
			now_ = *next;
			active_ = true;
		} else if (granted_beats) {
			now_.address += granted_beats * beat_bytes;
			now_.beats -= granted_beats;
			active_ = now_.beats != 0;
			unanswered_++;
		}
	}
	/* The memory has said when a burst's beats come. */
	void arrive(const read_answer &answer, bool host)
	{
		unanswered_--;
		last_seen_ = seen(answer.cycles.at(answer.request.beats - 1), host);
	}

	void reset() { *this = reader(); }

private:
	bool nothing_flies(std::uint64_t cycle) const
	{
		return !unanswered_ && cycle >= last_seen_;
	}

	stretch now_ = {};
	bool active_ = false;
	unsigned unanswered_ = 0;	/* bursts that are not yet on the bus */
	std::uint64_t last_seen_ = 0;
};

} /* namespace tern::model */

#endif /* TERN_SIM_MODEL_READER_H */
