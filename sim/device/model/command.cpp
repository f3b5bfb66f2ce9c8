// SPDX-License-Identifier: Apache-2.0
#include "device/model/command.h"

#include <cstring>

#include "tern_abi_behaviour.h"

namespace tern::model {

using wide = unsigned __int128;

static const struct {
	unsigned opcode;
	std::uint64_t mask[TERN_ENTRY_BYTES / 8];
} masks[] = {
#define MASK(op, ...) { op, { __VA_ARGS__ } },
	TERN_COMMAND_MASKS(MASK)
#undef MASK
};

/* Bits set that the command must not have; false if there is no such command. */
static bool stray_bits(const tern_hw_command &command, bool *stray)
{
	std::uint64_t words[TERN_ENTRY_BYTES / 8];

	std::memcpy(words, &command, sizeof(words));
	for (const auto &known : masks) {
		if (known.opcode != command.opcode)
			continue;
		*stray = false;
		for (unsigned i = 0; i < TERN_ENTRY_BYTES / 8; i++)
			*stray |= (words[i] & ~known.mask[i]) != 0;
		return true;
	}
	return false;
}

static std::uint8_t check_fields(const tern_hw_command &c)
{
	const std::uint64_t operands = c.src | c.dst;
	bool bad;
	bool misaligned = false;

	if (!stray_bits(c, &bad))
		return TERN_STATUS_BAD_OPCODE;
	switch (c.opcode) {
	case TERN_HW_OP_COPY:
		bad |= !c.length || c.src_space > TERN_SPACE_HOST || c.dst_space > TERN_SPACE_HOST;
		misaligned = operands % TERN_BEAT_BYTES;
		break;
	case TERN_HW_OP_FILL:
		bad |= !c.length || c.length % 4 || c.dst_space > TERN_SPACE_HOST;
		misaligned = c.dst % TERN_BEAT_BYTES;
		break;
	case TERN_HW_OP_GEMM:
		bad |= !c.n || !c.k || !c.t || c.src_space > TERN_SPACE_HOST ||
		       c.dst_space > TERN_SPACE_HOST || c.packing > TERN_PACKING_B5 ||
		       c.src_stride < c.k || c.dst_stride < 4ull * c.n;
		misaligned = (operands | c.weights | c.src_stride | c.dst_stride) %
			     TERN_BEAT_BYTES;
		break;
	}
	return bad ? TERN_STATUS_BAD_FIELD : misaligned ? TERN_STATUS_MISALIGNED : TERN_STATUS_OK;
}

/* tern_serial_mul looks at one bit of the second factor a cycle, and says so in another. */
static unsigned product_cycles(std::uint64_t factor)
{
	return factor ? 64 - __builtin_clzll(factor) + 1 : 1;
}

/* One past the operand's last byte; false if that is outside its space. */
static bool fits(wide end, bool in_memory, std::uint64_t memory_bytes, std::uint64_t *result)
{
	*result = end >> 64 ? UINT64_MAX : static_cast<std::uint64_t>(end);
	return end <= (in_memory ? static_cast<wide>(memory_bytes) : static_cast<wide>(1) << 64);
}

decoded decode(const tern_hw_command &c, std::uint64_t memory_bytes)
{
	const bool gemm = c.opcode == TERN_HW_OP_GEMM;
	const bool b5 = gemm && c.packing == TERN_PACKING_B5;
	/* Taken in one cycle, looked at in the next, and the result stands in the third. */
	decoded d = { c, check_fields(c), 0, 0, 0, 0, 2 };

	d.row_beats = b5 ? (c.k + TERN_B5_TRITS_A_BEAT - 1ull) / TERN_B5_TRITS_A_BEAT :
			   (c.k + TERN_P2_TRITS_A_BEAT - 1ull) / TERN_P2_TRITS_A_BEAT;
	if (d.status != TERN_STATUS_OK ||
	    (!gemm && c.opcode != TERN_HW_OP_COPY && c.opcode != TERN_HW_OP_FILL))
		return d;

	/* Each operand: a product, two additions, a comparison. */
	if (c.opcode != TERN_HW_OP_FILL) {
		const std::uint64_t tail = gemm ? (c.k + 63ull) & ~63ull : c.length;
		const std::uint64_t rows = gemm ? c.t - 1 : 0;

		d.cycles += product_cycles(rows) + 2;
		if (!fits(static_cast<wide>(c.src) + tail +
				  static_cast<wide>(rows) * (gemm ? c.src_stride : 0),
			  c.src_space == TERN_SPACE_MEM, memory_bytes, &d.src_end)) {
			d.status = TERN_STATUS_RANGE;
			return d;
		}
	}

	const std::uint64_t tail = gemm ? 4ull * c.n : c.length;
	const std::uint64_t rows = gemm ? c.t - 1 : 0;

	d.cycles += product_cycles(rows) + 2;
	if (!fits(static_cast<wide>(c.dst) + tail +
			  static_cast<wide>(rows) * (gemm ? c.dst_stride : 0),
		  c.dst_space == TERN_SPACE_MEM, memory_bytes, &d.dst_end)) {
		d.status = TERN_STATUS_RANGE;
		return d;
	}
	if (!gemm)
		return d;
	/* A row's beats of B5 come from a division that began with the fields. */
	if (b5 && d.cycles - 1 < 1 + 10)
		d.cycles = 1 + 10 + 1;
	d.cycles += product_cycles(d.row_beats) + 2;
	if (!fits(static_cast<wide>(c.weights) +
			  static_cast<wide>(c.n) * d.row_beats * TERN_BEAT_BYTES,
		  true, memory_bytes, &d.w_end))
		d.status = TERN_STATUS_RANGE;
	return d;
}

} /* namespace tern::model */
