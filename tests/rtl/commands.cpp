// SPDX-License-Identifier: Apache-2.0
#include "commands.h"

static const uint8_t UNTOUCHED = 0xa5;

static AxiMemory &space(Dut &dut, uint8_t space)
{
	return space == TERN_SPACE_MEM ? dut.mem : dut.host;
}

tern_hw_command nop(uint16_t id, uint8_t op)
{
	tern_hw_command cmd = {};

	cmd.opcode = op;
	cmd.id = id;
	return cmd;
}

tern_hw_command copy(uint16_t id, uint8_t src_space, uint64_t src, uint8_t dst_space,
		     uint64_t dst, uint64_t bytes)
{
	tern_hw_command cmd = nop(id, TERN_HW_OP_COPY);

	cmd.src_space = src_space;
	cmd.dst_space = dst_space;
	cmd.src = src;
	cmd.dst = dst;
	cmd.length = bytes;
	return cmd;
}

tern_hw_command fill(uint16_t id, uint8_t dst_space, uint64_t dst, uint64_t bytes,
		     uint32_t pattern)
{
	tern_hw_command cmd = nop(id, TERN_HW_OP_FILL);

	cmd.dst_space = dst_space;
	cmd.dst = dst;
	cmd.length = bytes;
	cmd.pattern = pattern;
	return cmd;
}

tern_hw_command Gemm::command(uint16_t id) const
{
	tern_hw_command cmd = nop(id, TERN_HW_OP_GEMM);

	cmd.src_space = x_space;
	cmd.dst_space = y_space;
	cmd.src = x;
	cmd.dst = y;
	cmd.weights = w;
	cmd.n = n;
	cmd.k = k;
	cmd.t = t;
	cmd.src_stride = x_stride;
	cmd.dst_stride = y_stride;
	return cmd;
}

static void clean_y(Dut &dut, const Gemm &g)
{
	memset(space(dut, g.y_space).at(g.y), UNTOUCHED, (size_t)g.y_stride * g.t);
}

void Gemm::fill(Dut &dut, Random &rng) const
{
	std::vector<int8_t> trits(k);
	size_t row = tern_p2_row_bytes(k);

	for (uint32_t i = 0; i < n; i++) {
		for (auto &trit : trits)
			trit = (int8_t)((int)rng.below(3) - 1);
		tern_p2_pack_row(trits.data(), k, dut.mem.at(w + i * row));
	}
	/* Bytes past k are garbage on purpose: the device must not use them. */
	uint8_t *bytes = space(dut, x_space).at(x);

	for (size_t i = 0; i < (size_t)x_stride * t; i++)
		bytes[i] = (uint8_t)rng.next();
	clean_y(dut, *this);
}

void Gemm::fill_worst(Dut &dut) const
{
	std::vector<int8_t> trits(k, -1);
	size_t row = tern_p2_row_bytes(k);

	for (uint32_t i = 0; i < n; i++)
		tern_p2_pack_row(trits.data(), k, dut.mem.at(w + i * row));
	memset(space(dut, x_space).at(x), 0x80, (size_t)x_stride * t);
	clean_y(dut, *this);
}

bool Gemm::right(Dut &dut) const
{
	std::vector<uint8_t> want((size_t)y_stride * t, UNTOUCHED);

	tern_ref_gemm(dut.mem.at(w), (const int8_t *)space(dut, x_space).at(x), x_stride,
		      (int32_t *)want.data(), y_stride, n, k, t);
	return !memcmp(want.data(), space(dut, y_space).at(y), want.size());
}

uint64_t Gemm::adds(Dut &dut) const
{
	std::vector<int8_t> trits(k);
	size_t row = tern_p2_row_bytes(k);
	uint64_t count = 0;

	for (uint32_t i = 0; i < n; i++) {
		tern_p2_unpack_row(dut.mem.at(w + i * row), k, trits.data());
		for (auto trit : trits)
			count += trit != 0;
	}
	return count * t;
}
