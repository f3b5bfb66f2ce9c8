/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a burst carries besides TLM's own fields: the delay of b_transport() says
 * when the whole burst is done, this says when its beats are.
 */
#ifndef TERN_SIM_BURST_H
#define TERN_SIM_BURST_H

#include <tlm>

#include "platform/beats.h"

namespace tern {

struct burst_timing : tlm::tlm_extension<burst_timing> {
	beat_times times = {};
	/* Wanted: a pointer to what is read, in place of a copy. A target may have none. */
	bool wants_direct = false;
	const std::uint8_t *direct = nullptr;

	tlm::tlm_extension_base *clone() const override { return new burst_timing(*this); }

	void copy_from(const tlm::tlm_extension_base &other) override
	{
		const auto &from = static_cast<const burst_timing &>(other);

		times = from.times;
		wants_direct = from.wants_direct;
		direct = from.direct;
	}
};

/* Time resolution is SystemC's default, one picosecond. */
inline std::uint64_t to_ps(const sc_core::sc_time &time)
{
	return time.value();
}

inline sc_core::sc_time from_ps(std::uint64_t ps)
{
	return sc_core::sc_time::from_value(ps);
}

/* A target's last lines: beat times into the extension, the end into the delay. */
inline void report_times(tlm::tlm_generic_payload &burst, sc_core::sc_time &delay,
			 std::uint64_t now_ps, const beat_times &times)
{
	if (auto *timing = burst.get_extension<burst_timing>())
		timing->times = times;
	delay += from_ps(times.last_ps - now_ps);
}

} /* namespace tern */

#endif /* TERN_SIM_BURST_H */
