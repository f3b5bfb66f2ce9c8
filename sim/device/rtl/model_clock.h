/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clock edges of a Verilated model, cheaper than by its eval().
 *
 * Nothing happens on a falling edge, but evaluating it costs a tenth of the cycle; so
 * the clocks stay high, and Verilator, which finds edges by the value that it saw last,
 * is told that it saw a 0.
 *
 * While the control clock stands, each cycle is the same to Verilator: the same
 * processes are triggered, no input has a way to an output but through a register, and
 * no process triggers another one (the reset is the control side's). To find that out
 * anew is a fifth of the work; rtl/streaming makes a function that knows.
 */
#ifndef TERN_SIM_MODEL_CLOCK_H
#define TERN_SIM_MODEL_CLOCK_H

#include <cstddef>
#include <stdexcept>

#include "device/rtl/verilated_model.h"

#define TERN_JOIN_(a, b) a##b
#define TERN_JOIN(a, b) TERN_JOIN_(a, b)
#define TERN_ROOT(name) TERN_JOIN(TERN_JOIN(TERN_MODEL, ___024root), name)

void TERN_ROOT(___eval_triggers__act)(TERN_ROOT() *root);
void TERN_ROOT(___eval_nba_streaming)(TERN_ROOT() *root);
/* Triggers of that function, and 255. */
extern const unsigned char TERN_ROOT(___streaming_triggers)[];

namespace tern {

class model_clock {
public:
	explicit model_clock(TERN_MODEL &top) : top_(top), root_(*top.rootp) {}

	/* An edge of both clocks, after which the outputs are right. */
	void rise()
	{
		root_.__Vtrigrprev__TOP__clk_i = 0;
		root_.__Vtrigrprev__TOP__clk_ctl_i = 0;
		top_.clk_i = top_.clk_ctl_i = 1;
		top_.eval();
	}

	/* Out of reset: an edge of clk_i alone triggers what the short way is made for. */
	void check()
	{
		top_.eval();
		root_.__Vtrigrprev__TOP__clk_i = 0;
		TERN_ROOT(___eval_triggers__act)(&root_);
		if (!is_streaming(root_.__VactTriggered))
			throw std::logic_error("rtl/streaming and Verilator do not agree");
	}

	/*
	 * An edge of clk_i alone. No input but those of the memory's read data may have changed.
	 * shown: signals are written down, and so all of them must be right.
	 */
	void rise_streaming(bool shown)
	{
		if (shown) {
			root_.__Vtrigrprev__TOP__clk_i = 0;
			top_.eval();
			return;
		}
		TERN_ROOT(___eval_nba_streaming)(&root_);
	}

private:
	template <std::size_t n> static bool is_streaming(VlTriggerVec<n> &triggers)
	{
		const unsigned char *listed = TERN_ROOT(___streaming_triggers);

		for (unsigned t = 0; t < n; t++) {
			if (triggers.at(t) != (t == *listed))
				return false;
			listed += t == *listed;
		}
		return true;
	}

	TERN_MODEL &top_;
	TERN_ROOT() &root_;
};

} /* namespace tern */

#endif /* TERN_SIM_MODEL_CLOCK_H */
