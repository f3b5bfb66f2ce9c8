/* SPDX-License-Identifier: Apache-2.0 */
/* A device, random memories behind it, random traffic, and what may happen to it meanwhile. */
#ifndef EPISODE_H
#define EPISODE_H

#include <deque>
#include <string>
#include <vector>

#include "traffic.h"

/* What happened in all episodes so far. */
struct Seen {
	uint64_t cycles = 0, ended[16] = {}, aborts = 0, stops = 0, resets = 0;

	std::string text() const;
};

struct Options {
	bool log = false;                        /* every command and completion, on stderr */
	bool gated = true;                       /* the control clock stands still where it may */
	std::vector<uint64_t> *trace = nullptr;  /* see Dut */
};

class Episode {
public:
	Episode(uint64_t seed, Seen &seen, const Options &options);

	/* Runs to its end; "" or what went wrong. */
	std::string run();

private:
	struct Queue {
		std::deque<Job> open;
		unsigned left = 0, log2 = 1, tail = 0, head = 0;
		uint64_t irqs = 0;      /* asked for */
		bool irq = false;
		uint16_t next_id = 0;
		bool failed = false;    /* a job, since ERROR was clear; */
		uint32_t first = 0;     /* as JOB_ERROR shows the first */
	};

	Random rng_;
	Seen &seen_;
	const bool log_;
	Dut dut_;
	const Device device_;
	const uint64_t stuck_cycles_; /* for the longest jobs of all queues, on the slowest memory */
	Traffic traffic_;
	Shadow shadow_;
	Queue queues_[Dut::QUEUES];
	uint64_t progress_ = 0;
	bool lost_ = false;             /* commands went without a completion: since reset, */
	bool dropped_ = false;          /* ... since ERROR was clear */
	tern_hw_completion sums_ = {};  /* of 32 bits: episodes are short */
	uint64_t jobs_ = 0;
	std::string wrong_;

	Episode(uint64_t seed, Seen &seen, const Options &options, Random rng);
	void log(const char *what, unsigned q, const tern_hw_command &cmd);
	uint32_t qreg(unsigned q, uint32_t reg);
	void fail(const char *format, ...) __attribute__((format(printf, 2, 3)));
	bool open() const;
	bool over() const;
	void start(unsigned q);
	void submit(unsigned q);
	void collect(unsigned q);
	void check(unsigned q, const Job &job, const tern_hw_completion &cpl);
	void check_gemm(const Job &job, const tern_hw_completion &cpl);
	void abort_one(unsigned q);
	void drop(unsigned q);
	void stop(unsigned q);
	void reset();
	void disturb();
	void settle();
	void errors();
	void totals();
	uint64_t array_cycles(const Job &job) const;
	void dump();
};

#endif /* EPISODE_H */
