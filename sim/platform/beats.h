/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the beats of a burst are there. Times are picoseconds since the start.
 */
#ifndef TERN_SIM_BEATS_H
#define TERN_SIM_BEATS_H

#include <cstdint>

namespace tern {

struct beat_times {
	std::uint64_t first_ps;		/* the first beat is complete */
	std::uint64_t interval_ps;	/* from one beat to the next */
	std::uint64_t last_ps;		/* the last beat is complete */
};

} /* namespace tern */

#endif /* TERN_SIM_BEATS_H */
