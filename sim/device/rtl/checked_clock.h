/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clock edges of a model with assertions, in place of model_clock.h: both edges are
 * evaluated, and inputs change with the clock low, because assertions look at what
 * stands before the edge.
 */
#ifndef TERN_SIM_CHECKED_CLOCK_H
#define TERN_SIM_CHECKED_CLOCK_H

#include "device/rtl/verilated_model.h"

namespace tern {

class model_clock {
public:
	explicit model_clock(TERN_MODEL &top) : top_(top) {}

	void rise() { edge(true); }
	void check() {}
	void rise_streaming(bool) { edge(false); }

private:
	void edge(bool control)
	{
		top_.clk_i = top_.clk_ctl_i = 0;
		top_.eval();
		top_.clk_i = 1;
		top_.clk_ctl_i = control;
		top_.eval();
	}

	TERN_MODEL &top_;
};

} /* namespace tern */

#endif /* TERN_SIM_CHECKED_CLOCK_H */
