/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the sample of a run has shown so far. docs/simulator.md says what each of it means.
 */
#ifndef TERN_SIM_SAMPLE_REPORT_H
#define TERN_SIM_SAMPLE_REPORT_H

#include <cstdint>

namespace tern {

/* Of all jobs' cycles, from those of the sample; see device/sampled/estimate.h. */
struct cycle_estimate {
	bool known = false;		/* nothing was measured: the rest means nothing */
	double ratio = 1;		/* the RTL's cycles to the model's */
	double cycles = 0;
	bool bounded = false;		/* with fewer than two jobs there are no bounds */
	double low = 0, high = 0;
	double confidence = 0;
	double degrees = 0;		/* of freedom */
};

struct sample_report {
	std::uint64_t every = 0, seed = 0;
	std::uint64_t jobs = 0;			/* completed */
	std::uint64_t model_cycles = 0;		/* theirs, as the model accounts them */
	std::uint64_t sampled = 0;		/* of them, measured */
	std::uint64_t not_measured = 0;		/* chosen, but aborted, reset, ... */
	std::uint64_t crowded = 0;		/* of those: among too many commands */
	std::uint64_t not_ended = 0;		/* chosen, and then endless in RTL or model */
	std::uint64_t waiting = 0;		/* chosen, and not there yet */

	std::uint64_t results_differ = 0, counts_differ = 0;

	/* (model - rtl) / rtl */
	double mean_error = 0, mean_absolute_error = 0, worst_error = 0;
	std::uint64_t worst_job = 0;
	std::uint64_t cycles_differ = 0;
	/* With the estimate's confidence no greater share of all jobs has other cycles in RTL. */
	double differ_at_most = 1;

	cycle_estimate estimate;

	/* How far the account of the model is from its own once more, where the RTL was run. */
	std::uint64_t placed_alike = 0;
	double mean_place_error = 0, worst_place_error = 0;

	std::uint64_t rtl_cycles = 0;		/* evaluated for all that */
	double seconds = 0;
};

} /* namespace tern */

#endif /* TERN_SIM_SAMPLE_REPORT_H */
