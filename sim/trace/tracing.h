/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is written down about a card besides its statistics; nothing unless asked for.
 */
#ifndef TERN_SIM_TRACING_H
#define TERN_SIM_TRACING_H

#include <cstdint>
#include <string>

namespace tern {

/* All signals of the RTL, cycle by cycle. */
struct waves {
	std::string file;		/* FST, empty for none */
	enum { never, of_jobs, in_cycles, around_assertion } when = never;
	/* Jobs from 1 on, cycles from 0 on; of assertions, `first` cycles before and after. */
	std::uint64_t first = 0;
	std::uint64_t last = 0;
	std::uint64_t limit = 256u << 20;	/* bytes */
};

struct tracing {
	std::string chrome;		/* file, empty for none */
	std::uint64_t chrome_limit = 256u << 20;	/* bytes */
	tern::waves waves;
	std::string samples;		/* file, empty for none; of fidelity sampled=N */
};

} /* namespace tern */

#endif /* TERN_SIM_TRACING_H */
