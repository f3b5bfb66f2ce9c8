/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both memories must hold: commands are applied to a copy, by the C
 * reference, as their completions arrive. What a failed or aborted job was to
 * write is unknown until something writes it anew.
 */
#ifndef SHADOW_H
#define SHADOW_H

#include <functional>
#include <vector>

#include "dut.h"
#include "libtern.h"

/* Weights as they lie in device memory, and as the reference wants them. */
struct Matrix {
	uint32_t n, k;
	uint8_t packing;
	uint64_t addr;
	size_t row_bytes;
	std::vector<uint8_t> p2;        /* empty: P2, as they lie there at the time */
	std::vector<uint64_t> nonzeros; /* of all rows before */
};

struct Job {
	tern_hw_command cmd;
	uint32_t statuses;              /* it may end with: a bit each */
	const Matrix *w;
	uint32_t row;                   /* of w: the first */
};

/* Calls @visit(space, address, bytes, is a write) for all that a command touches. */
using Visit = std::function<void(unsigned, uint64_t, uint64_t, bool)>;
void touched(const tern_hw_command &cmd, const Matrix *w, const Visit &visit);

class Shadow {
public:
	explicit Shadow(Dut &dut);

	/* A job ended with this status, or (ABORTED) without one. */
	void ended(const Job &job, unsigned status);
	/* Nothing that failed was to write these weights. */
	bool weights_known(const Job &job) const;
	/* Of the job's rows of weights. */
	uint64_t nonzeros(const Job &job);
	/* The bench itself wrote there. */
	void wrote(unsigned space, uint64_t addr, size_t bytes);
	/* All that is known is the same in the device's memories; else says where not. */
	bool same(std::string &where) const;

private:
	struct Space {
		AxiMemory &real;
		std::vector<uint8_t> bytes, unknown;

		uint8_t *at(uint64_t addr) { return bytes.data() + (addr - real.base()); }
		bool inside(uint64_t addr, uint64_t count) const
		{
			return addr >= real.base() && addr - real.base() <= bytes.size() &&
			       count <= bytes.size() - (addr - real.base());
		}
		bool known(uint64_t addr, size_t count) const;
		void mark(uint64_t addr, size_t count, bool is_unknown);
	};
	Space spaces_[2];

	void forget(const Job &job);
	void copy(const tern_hw_command &cmd);
	void gemm(const Job &job);
	const uint8_t *p2(const Job &job);
};

#endif /* SHADOW_H */
