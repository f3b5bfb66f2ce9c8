/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the unit benches share: a clock for a Verilated unit, and a loop that
 * runs cases and counts. An assertion that fails ends the program (vl_stop()
 * aborts), so there is nothing to ask for here.
 */
#ifndef UNIT_H
#define UNIT_H

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>

#include "tap.h"
#include "verilated.h"
#if VM_COVERAGE
#include "coverage.h"
#else
/* Models without counters. */
struct Coverage {
	template <class Top> explicit Coverage(Top &) {}
	void sample() {}
};
#endif

/* $time of assertion messages. */
inline double sc_time_stamp() { return 0; }

template <class Top> struct Unit {
	std::unique_ptr<Top> top{new Top};
	Coverage coverage{*top};
	uint64_t now = 0;

	~Unit() { top->final(); }
	Top *operator->() { return top.get(); }

	/* Inputs are settled before the edge, so that assertions see what follows from them. */
	void settle()
	{
		top->clk_i = 0;
		top->eval();
		coverage.sample();
	}
	void step()
	{
		settle();
		top->clk_i = 1;
		top->eval();
		coverage.sample();
		now++;
	}
	void reset()
	{
		top->rst_ni = 0;
		step();
		step();
		top->rst_ni = 1;
		settle();
	}
};

/* The first thing that went wrong in a test, with its values. */
class Finding {
public:
	__attribute__((format(printf, 3, 4))) bool expect(bool good, const char *text, ...)
	{
		if (!good && text_.empty()) {
			char line[256];
			va_list args;

			va_start(args, text);
			vsnprintf(line, sizeof(line), text, args);
			va_end(args);
			text_ = line;
		}
		return good;
	}
	/* One TAP line, and what was found. */
	void report(Tap &tap, const char *name)
	{
		if (!text_.empty())
			printf("# %s\n", text_.c_str());
		tap.ok(text_.empty(), "%s", name);
		text_.clear();
	}

private:
	std::string text_;
};

#endif /* UNIT_H */
