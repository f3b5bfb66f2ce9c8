/* SPDX-License-Identifier: Apache-2.0 */
/* Makes commands and the data they work on. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "dut.h"
#include "libtern.h"

/* A GEMM with its operands placed in the memories. */
struct Gemm {
	uint32_t n, k, t;
	uint8_t x_space, y_space;
	uint64_t x, y, w;
	uint32_t x_stride, y_stride;

	tern_hw_command command(uint16_t id) const;
	/* Fills W, X with random values and Y with a pattern. */
	void fill(Dut &dut, Random &rng) const;
	/* The worst sums: all x = -128, all trits -1. */
	void fill_worst(Dut &dut) const;
	/* Y equals the reference and nothing beside Y was written. */
	bool right(Dut &dut) const;
	/* Trits that aren't 0, times tokens. */
	uint64_t adds(Dut &dut) const;
	size_t w_bytes() const { return n * tern_p2_row_bytes(k); }
};

tern_hw_command nop(uint16_t id, uint8_t op = TERN_HW_OP_NOP);
tern_hw_command copy(uint16_t id, uint8_t src_space, uint64_t src, uint8_t dst_space,
		     uint64_t dst, uint64_t bytes);
tern_hw_command fill(uint16_t id, uint8_t dst_space, uint64_t dst, uint64_t bytes,
		     uint32_t pattern);

static inline uint32_t round64(uint32_t bytes) { return (bytes + 63) & ~63u; }

#endif /* COMMANDS_H */
