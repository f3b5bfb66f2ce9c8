/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the device's signals are written down: while given jobs are under way, in given
 * cycles, or around the first assertion that fails. Once; then never again.
 */
#ifndef TERN_SIM_WINDOW_H
#define TERN_SIM_WINDOW_H

#include <cstdint>

#include "trace/job_watch.h"
#include "trace/tracing.h"

namespace tern {

class window : public job_observer {
public:
	explicit window(const waves &waves)
		: waves_(waves), open_(waves.when == waves::around_assertion)
	{
	}

	enum class state { before, open, over };

	/* Of cycle number `cycle`, from 0 on. */
	state at(std::uint64_t cycle)
	{
		if (waves_.when == waves::in_cycles)
			return cycle < waves_.first ? state::before :
			       cycle <= waves_.last ? state::open : state::over;
		if (closing_ && left_-- == 0)
			return state::over;
		return open_ ? state::open : state::before;
	}

	/* With assertions, only the end of what is written is kept, until one fails. */
	bool rolling() const { return waves_.when == waves::around_assertion && !closing_; }

	void job_fetched(const job &job) override
	{
		open_ |= waves_.when == waves::of_jobs && job.number == waves_.first;
	}
	void job_completed(const job &job, const tern_hw_completion &, std::uint64_t) override
	{
		if (waves_.when == waves::of_jobs && job.number == waves_.last)
			close_after(settle_cycles);
	}
	void assertion_failed()
	{
		if (waves_.when == waves::around_assertion)
			close_after(waves_.first);
	}

	const waves &wanted() const { return waves_; }

private:
	/* The completion's response and the interrupt belong to a job. */
	static constexpr unsigned settle_cycles = 256;

	void close_after(std::uint64_t cycles)
	{
		if (!closing_)
			left_ = cycles;
		closing_ = true;
	}

	const waves waves_;
	bool open_;
	bool closing_ = false;
	std::uint64_t left_ = 0;
};

} /* namespace tern */

#endif /* TERN_SIM_WINDOW_H */
