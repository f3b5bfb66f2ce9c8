/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a bench reaches of an instrumented model (coverage.mk): lines by Verilator's own counters,
 * toggles by reading what would go into a file of waves. Verilator's counters of toggles would make
 * the model ten times longer to compile. Files go into the directory $TERN_COVERAGE.
 */
#ifndef COVERAGE_H
#define COVERAGE_H

#include <string>
#include <vector>

#include "verilated_cov.h"
#include "verilated_vcd_c.h"

/* Of every bit of every signal: did it rise, did it fall? In all models of this program. */
class Toggles : public VerilatedVcdFile {
public:
	~Toggles() override;
	bool open(const std::string &) override;
	ssize_t write(const char *text, ssize_t length) override;

private:
	struct Net {
		std::vector<std::string> names; /* WIDTH:LSB SCOPE... NAME */
		std::string last;               /* as waves have it: a character a bit */
		std::vector<char> seen;         /* a bit each */
	};

	std::vector<Net> nets_;
	std::vector<std::string> scopes_;
	std::string line_;
	bool header_ = true, known_ = false;    /* names: from the program's first model */

	Net &net(const char *code);
	void declaration(const std::string &line);
	void change(const std::string &line);
};

class Coverage {
public:
	/* Before the model's first eval(). */
	template <class Top> explicit Coverage(Top &top) : context_(top.contextp()), waves_(&toggles())
	{
		context_->traceEverOn(true);
		top.trace(&waves_, 99);
		waves_.open("toggles");
	}
	~Coverage();
	/* The bits as they are now. */
	void sample() { waves_.dump(now_++); }

private:
	VerilatedContext *context_;
	VerilatedVcdC waves_;
	uint64_t now_ = 0;

	static Toggles &toggles();
};

#endif /* COVERAGE_H */
