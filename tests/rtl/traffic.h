/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random commands that the contract says all about: good ones of sizes that
 * hurt, ones that read what the one before wrote, wrong ones, ones that meet
 * errors. Each queue writes to an arena of its own and all read what nobody
 * writes, so what a queue's commands see does not depend on the others.
 */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include <deque>
#include <list>

#include "shadow.h"

/* What the registers say of the device. */
struct Device {
	unsigned queues, cols, k_tile, rows_tile, streams, lanes;
	bool b5;

	explicit Device(Dut &dut);
};

class Traffic {
public:
	/* Of both memories, from their bases. */
	static const uint64_t MEM_BYTES = 5 << 20, HOST_BYTES = 1792 << 10;
	static const unsigned LOG2_MAX = 6;

	/* Fills the memories; @errors: some places answer with an error. */
	Traffic(Dut &dut, const Device &device, Random &rng, bool errors);

	uint64_t sq(unsigned q) const { return dut_.host.base() + q * 0x4000; }
	uint64_t cq(unsigned q) const { return sq(q) + 0x2000; }
	Job next(unsigned q, uint16_t id);

private:
	Dut &dut_;
	const Device device_;
	Random &rng_;
	std::list<Matrix> matrices_;
	std::deque<Job> planned_[Dut::QUEUES]; /* belong right after the one before */
	struct Last {
		bool any;
		uint8_t space;
		uint64_t addr, bytes;
	} last_[Dut::QUEUES][3] = {};          /* what the queue's last commands write */
	Matrix results_ = {};                  /* weights that are what a GEMM wrote */

	uint64_t pool(unsigned space) const;
	uint64_t arena(unsigned q, unsigned space) const;
	static uint64_t arena_bytes(unsigned space) { return space ? 64 << 10 : 128 << 10; }
	uint32_t pick_k();
	void add_matrix(uint64_t &addr, uint64_t end);
	uint64_t source(unsigned q, uint8_t &space, uint64_t bytes);
	uint64_t target(unsigned q, uint8_t &space, uint64_t bytes);
	bool overlap(const tern_hw_command &cmd, const Matrix *w) const;
	void spread(const Job &job, unsigned q);
	Job gemm(unsigned q, const Matrix *w);
	Job good(unsigned q);
	Job wrong(unsigned q);
	void foresee(Job &job) const;
};

#endif /* TRAFFIC_H */
