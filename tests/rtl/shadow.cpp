// SPDX-License-Identifier: Apache-2.0
#include "shadow.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "commands.h"

void touched(const tern_hw_command &cmd, const Matrix *w, const Visit &visit)
{
	if (cmd.opcode == TERN_HW_OP_COPY)
		visit(cmd.src_space, cmd.src, cmd.length, false);
	if (cmd.opcode == TERN_HW_OP_COPY || cmd.opcode == TERN_HW_OP_FILL)
		visit(cmd.dst_space, cmd.dst, cmd.length, true);
	if (cmd.opcode != TERN_HW_OP_GEMM)
		return;
	visit(TERN_SPACE_MEM, cmd.weights, cmd.n * w->row_bytes, false);
	for (uint32_t t = 0; t < cmd.t; t++) {
		visit(cmd.src_space, cmd.src + (uint64_t)t * cmd.src_stride, cmd.k, false);
		visit(cmd.dst_space, cmd.dst + (uint64_t)t * cmd.dst_stride, 4ull * cmd.n, true);
	}
}

Shadow::Shadow(Dut &dut)
	: spaces_{{dut.mem, dut.mem.bytes, std::vector<uint8_t>(dut.mem.bytes.size())},
		  {dut.host, dut.host.bytes, std::vector<uint8_t>(dut.host.bytes.size())}}
{
}

bool Shadow::Space::known(uint64_t addr, size_t count) const
{
	const uint8_t *start = unknown.data() + (addr - real.base());

	return !memchr(start, 1, count);
}

void Shadow::Space::mark(uint64_t addr, size_t count, bool is_unknown)
{
	memset(unknown.data() + (addr - real.base()), is_unknown, count);
}

bool Shadow::weights_known(const Job &job) const
{
	return spaces_[TERN_SPACE_MEM].known(job.cmd.weights, job.cmd.n * job.w->row_bytes);
}

const uint8_t *Shadow::p2(const Job &job)
{
	if (job.w->p2.empty())
		return spaces_[TERN_SPACE_MEM].at(job.cmd.weights);
	return job.w->p2.data() + job.row * tern_p2_row_bytes(job.cmd.k);
}

uint64_t Shadow::nonzeros(const Job &job)
{
	std::vector<int8_t> trits(job.cmd.k);
	uint64_t count = 0;

	if (!job.w->p2.empty())
		return job.w->nonzeros[job.row + job.cmd.n] - job.w->nonzeros[job.row];
	for (uint32_t row = 0; row < job.cmd.n; row++) {
		tern_p2_unpack_row(p2(job) + row * job.w->row_bytes, job.cmd.k, trits.data());
		for (auto trit : trits)
			count += trit != 0;
	}
	return count;
}

void Shadow::wrote(unsigned space, uint64_t addr, size_t bytes)
{
	Space &s = spaces_[space];

	memcpy(s.at(addr), s.real.at(addr), bytes);
	s.mark(addr, bytes, false);
}

/*
 * Places that don't exist were answered with an error: there is nothing to
 * forget. A command that is wrong writes nothing, begun or not.
 */
void Shadow::forget(const Job &job)
{
	if (job.statuses & ((1u << TERN_STATUS_MEM_ERROR) - (1u << TERN_STATUS_BAD_OPCODE)))
		return;
	touched(job.cmd, job.w, [&](unsigned space, uint64_t addr, uint64_t bytes, bool write) {
		if (write && spaces_[space].inside(addr, bytes))
			spaces_[space].mark(addr, bytes, true);
	});
}

void Shadow::copy(const tern_hw_command &cmd)
{
	Space &src = spaces_[cmd.src_space], &dst = spaces_[cmd.dst_space];

	memcpy(dst.at(cmd.dst), src.at(cmd.src), cmd.length);
	memcpy(dst.unknown.data() + (cmd.dst - dst.real.base()),
	       src.unknown.data() + (cmd.src - src.real.base()), cmd.length);
}

void Shadow::gemm(const Job &job)
{
	const tern_hw_command &cmd = job.cmd;
	Space &x = spaces_[cmd.src_space], &y = spaces_[cmd.dst_space];
	bool known = weights_known(job);

	for (uint32_t t = 0; t < cmd.t; t++) {
		uint64_t from = cmd.src + (uint64_t)t * cmd.src_stride;
		uint64_t to = cmd.dst + (uint64_t)t * cmd.dst_stride;

		tern_ref_gemm(p2(job), (const int8_t *)x.at(from), cmd.src_stride, (int32_t *)y.at(to),
			      cmd.dst_stride, cmd.n, cmd.k, 1);
		y.mark(to, 4ull * cmd.n, !known || !x.known(from, cmd.k));
	}
}

void Shadow::ended(const Job &job, unsigned status)
{
	const tern_hw_command &cmd = job.cmd;

	if (status >= TERN_STATUS_MEM_ERROR) {
		forget(job);
	} else if (status == TERN_STATUS_OK && cmd.opcode == TERN_HW_OP_FILL) {
		Space &dst = spaces_[cmd.dst_space];

		for (uint64_t i = 0; i < cmd.length; i += 4)
			memcpy(dst.at(cmd.dst + i), &cmd.pattern, 4);
		dst.mark(cmd.dst, cmd.length, false);
	} else if (status == TERN_STATUS_OK && cmd.opcode == TERN_HW_OP_COPY) {
		copy(cmd);
	} else if (status == TERN_STATUS_OK && cmd.opcode == TERN_HW_OP_GEMM) {
		gemm(job);
	}
}

bool Shadow::same(std::string &where) const
{
	for (auto &s : spaces_) {
		if (s.real.bytes == s.bytes)
			continue;
		for (size_t i = 0; i < s.bytes.size(); i++) {
			if (s.real.bytes[i] == s.bytes[i] || s.unknown[i])
				continue;
			char text[120];

			snprintf(text, sizeof(text), "%s memory at 0x%" PRIx64 " is 0x%02x, not 0x%02x",
				 &s == spaces_ ? "device" : "host", s.real.base() + i,
				 s.real.bytes[i], s.bytes[i]);
			where = text;
			return false;
		}
	}
	return true;
}
