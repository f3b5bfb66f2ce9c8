// SPDX-License-Identifier: Apache-2.0
/*
 * tern_decode: good commands pass as they are; a command with one thing wrong
 * ends with the status that abi/tern.toml gives it.
 */
#include <cstddef>
#include <cstring>
#include <vector>

#include "Vtern_decode.h"
#include "tern_abi.h"
#include "unit.h"

static const uint64_t MEM_SIZE = 1ull << 30;

class Bench {
public:
	Unit<Vtern_decode> dut;
	std::mt19937 rng{5};
	Finding found;

	Bench()
	{
		dut->mem_size_i = MEM_SIZE;
		dut->cmd_valid_i = dut->job_ready_i = 0;
		dut.reset();
	}

	/* Of the last command. */
	unsigned cycles;	/* from its arrival until it is a job */
	uint64_t row_beats, src_end, dst_end, w_end;

	unsigned decode(const tern_hw_command &cmd)
	{
		unsigned queue = rng() % 8, status;

		dut.settle();
		found.expect(dut->cmd_ready_o && !dut->busy_o, "not ready for a command");
		memcpy(dut->cmd_i.data(), &cmd, 64);
		dut->queue_i = queue;
		dut->cmd_valid_i = 1;
		dut.step();
		dut->cmd_valid_i = 0;
		memset(dut->cmd_i.data(), 0xff, 64);
		dut->queue_i = ~queue;
		dut.settle();
		cycles = 1;
		while (!dut->job_valid_o && cycles++ < 200)
			dut.step();
		found.expect(dut->job_valid_o, "no job after 200 cycles");
		/* It stays until it is taken. */
		for (unsigned i = rng() % 4; i; i--) {
			dut.step();
			found.expect(dut->job_valid_o && !dut->cmd_ready_o, "the job did not stay");
		}
		found.expect(!memcmp(dut->job_o.data(), &cmd, 64), "the command came out changed");
		found.expect(dut->job_queue_o == queue, "queue %u, not %u", dut->job_queue_o, queue);
		status = dut->job_status_o;
		row_beats = dut->job_row_beats_o;
		src_end = dut->job_src_end_o;
		dst_end = dut->job_dst_end_o;
		w_end = dut->job_w_end_o;
		dut->job_ready_i = 1;
		dut.step();
		dut->job_ready_i = 0;
		return status;
	}
	void wants(const tern_hw_command &cmd, unsigned status, const char *what)
	{
		unsigned got = decode(cmd);

		found.expect(got == status, "op %u, %s: status %u, not %u", cmd.opcode, what, got,
			     status);
	}
};

static tern_hw_command base(unsigned op)
{
	tern_hw_command c = {};

	c.opcode = op;
	c.id = 0x1234;
	if (op == TERN_HW_OP_COPY || op == TERN_HW_OP_GEMM) {
		c.src_space = TERN_SPACE_HOST;
		c.src = 0x7fff00000040;
	}
	if (op == TERN_HW_OP_COPY || op == TERN_HW_OP_FILL) {
		c.dst = 0x10000;
		c.length = 4096;
	}
	if (op == TERN_HW_OP_FILL)
		c.pattern = 0xdeadbeef;
	if (op == TERN_HW_OP_GEMM) {
		c.dst_space = TERN_SPACE_HOST;
		c.dst = 0x7fff10000000;
		c.weights = 0x40000;
		c.n = 100;
		c.k = 300;
		c.t = 9;
		c.src_stride = 320;
		c.dst_stride = 448;
	}
	return c;
}

static const unsigned OPS[] = {TERN_HW_OP_NOP, TERN_HW_OP_COPY, TERN_HW_OP_FILL, TERN_HW_OP_GEMM,
			       TERN_HW_OP_BARRIER};

/* What abi/tern.toml says of the fields: bytes, and the opcodes that use them (a bit each). */
struct Field {
	const char *name;
	unsigned offset, bytes, ops;
};
#define FIELD(name, ops) {#name, offsetof(tern_hw_command, name), sizeof(tern_hw_command::name), ops}
static const unsigned COPY = 1 << TERN_HW_OP_COPY, FILL = 1 << TERN_HW_OP_FILL,
	GEMM = 1 << TERN_HW_OP_GEMM;
static const Field FIELDS[] = {
	FIELD(src_space, COPY | GEMM), FIELD(dst_space, COPY | FILL | GEMM), FIELD(packing, GEMM),
	FIELD(reserved_07, 0), FIELD(src, COPY | GEMM), FIELD(dst, COPY | FILL | GEMM),
	FIELD(weights, GEMM), FIELD(length, COPY | FILL), FIELD(n, GEMM), FIELD(k, GEMM),
	FIELD(t, GEMM), FIELD(src_stride, GEMM), FIELD(dst_stride, GEMM), FIELD(pattern, FILL),
};

static void good(Bench &b, Tap &tap)
{
	for (unsigned op : OPS) {
		for (unsigned flags = 0; flags < 2; flags++) {
			for (unsigned id : {0u, 1u, 0xffffu}) {
				tern_hw_command c = base(op);

				c.flags = flags;
				c.id = id;
				b.wants(c, TERN_STATUS_OK, "good");
			}
		}
	}
	for (unsigned packing : {TERN_PACKING_P2, TERN_PACKING_B5}) {
		tern_hw_command c = base(TERN_HW_OP_GEMM);

		c.packing = packing;
		b.wants(c, TERN_STATUS_OK, "good packing");
	}
	for (unsigned spaces = 0; spaces < 4; spaces++) {
		for (unsigned op : {TERN_HW_OP_COPY, TERN_HW_OP_GEMM}) {
			tern_hw_command c = base(op);

			c.src_space = spaces & 1;
			c.dst_space = spaces >> 1;
			c.src = 0x100000;
			c.dst = 0x200000;
			b.wants(c, TERN_STATUS_OK, "good spaces");
		}
	}
	b.found.report(tap, "good commands pass as they are");
}

static void fields(Bench &b, Tap &tap)
{
	for (unsigned op = 5; op < 256; op++) {
		tern_hw_command c = base(TERN_HW_OP_NOP);

		c.opcode = op;
		b.wants(c, TERN_STATUS_BAD_OPCODE, "unknown opcode");
	}
	b.found.report(tap, "unknown opcodes");

	unsigned bits = 0;
	for (unsigned op : OPS) {
		for (unsigned bit = 1; bit < 8; bit++, bits++) {
			tern_hw_command c = base(op);

			c.flags = 1u << bit;
			b.wants(c, TERN_STATUS_BAD_FIELD, "unknown flag");
		}
		for (const Field &f : FIELDS) {
			if (f.ops >> op & 1)
				continue;
			for (unsigned bit = 0; bit < f.bytes * 8; bit++, bits++) {
				tern_hw_command c = base(op);

				((uint8_t *)&c)[f.offset + bit / 8] |= 1u << bit % 8;
				b.wants(c, TERN_STATUS_BAD_FIELD, f.name);
			}
		}
	}
	b.found.expect(bits > 1000, "only %u bits", bits);
	b.found.report(tap, "every bit that a command does not use must be 0");

	for (unsigned v = 2; v < 256; v++) {
		for (unsigned op : OPS) {
			tern_hw_command c = base(op);

			if (FIELDS[0].ops >> op & 1) {
				c.src_space = v;
				b.wants(c, TERN_STATUS_BAD_FIELD, "src_space");
			}
			c = base(op);
			if (FIELDS[1].ops >> op & 1) {
				c.dst_space = v;
				b.wants(c, TERN_STATUS_BAD_FIELD, "dst_space");
			}
		}
	}
	for (unsigned v = TERN_PACKING_B5 + 1; v < 256; v++) {
		tern_hw_command c = base(TERN_HW_OP_GEMM);

		c.packing = v;
		b.wants(c, TERN_STATUS_BAD_FIELD, "packing");
	}
	b.found.report(tap, "unknown spaces and packings");
}

static void values(Bench &b, Tap &tap)
{
	tern_hw_command c;

#define WANTS(op, change, status) do { \
		c = base(op); \
		change; \
		b.wants(c, status, #change); \
	} while (0)
	WANTS(TERN_HW_OP_COPY, c.length = 0, TERN_STATUS_BAD_FIELD);
	WANTS(TERN_HW_OP_COPY, c.length = 1, TERN_STATUS_OK);
	WANTS(TERN_HW_OP_COPY, c.length = 63, TERN_STATUS_OK);
	WANTS(TERN_HW_OP_FILL, c.length = 0, TERN_STATUS_BAD_FIELD);
	for (unsigned i = 1; i < 4; i++)
		WANTS(TERN_HW_OP_FILL, c.length = 64 + i, TERN_STATUS_BAD_FIELD);
	WANTS(TERN_HW_OP_FILL, c.length = 4, TERN_STATUS_OK);
	WANTS(TERN_HW_OP_GEMM, c.n = 0, TERN_STATUS_BAD_FIELD);
	WANTS(TERN_HW_OP_GEMM, c.k = 0, TERN_STATUS_BAD_FIELD);
	WANTS(TERN_HW_OP_GEMM, c.t = 0, TERN_STATUS_BAD_FIELD);
	WANTS(TERN_HW_OP_GEMM, (c.n = 1, c.k = 1, c.t = 1), TERN_STATUS_OK);
	WANTS(TERN_HW_OP_GEMM, c.src_stride = 256, TERN_STATUS_BAD_FIELD);
	WANTS(TERN_HW_OP_GEMM, c.src_stride = 0, TERN_STATUS_BAD_FIELD);
	WANTS(TERN_HW_OP_GEMM, (c.k = 320), TERN_STATUS_OK);
	WANTS(TERN_HW_OP_GEMM, (c.k = 321), TERN_STATUS_BAD_FIELD);
	WANTS(TERN_HW_OP_GEMM, c.dst_stride = 384, TERN_STATUS_BAD_FIELD);
	WANTS(TERN_HW_OP_GEMM, c.n = 112, TERN_STATUS_OK);
	WANTS(TERN_HW_OP_GEMM, c.n = 113, TERN_STATUS_BAD_FIELD);
	/* 4 n doesn't fit 32 bits. */
	WANTS(TERN_HW_OP_GEMM, c.n = 0x40000000, TERN_STATUS_BAD_FIELD);
	b.found.report(tap, "lengths, sizes, strides");

	for (unsigned i = 1; i < 64; i++) {
		WANTS(TERN_HW_OP_COPY, c.src += i, TERN_STATUS_MISALIGNED);
		WANTS(TERN_HW_OP_COPY, c.dst += i, TERN_STATUS_MISALIGNED);
		WANTS(TERN_HW_OP_FILL, c.dst += i, TERN_STATUS_MISALIGNED);
		WANTS(TERN_HW_OP_GEMM, c.src += i, TERN_STATUS_MISALIGNED);
		WANTS(TERN_HW_OP_GEMM, c.dst += i, TERN_STATUS_MISALIGNED);
		WANTS(TERN_HW_OP_GEMM, c.weights += i, TERN_STATUS_MISALIGNED);
		WANTS(TERN_HW_OP_GEMM, c.src_stride += i, TERN_STATUS_MISALIGNED);
		WANTS(TERN_HW_OP_GEMM, c.dst_stride += i, TERN_STATUS_MISALIGNED);
	}
	b.found.report(tap, "addresses and strides that are no multiple of 64");

	/* The last byte may be the last of its space, and not one beyond. */
	const uint64_t host_end = 0;	/* 2^64 */
	WANTS(TERN_HW_OP_FILL, c.dst = MEM_SIZE - 4096, TERN_STATUS_OK);
	WANTS(TERN_HW_OP_FILL, (c.dst = MEM_SIZE - 4096, c.length += 4), TERN_STATUS_RANGE);
	WANTS(TERN_HW_OP_FILL, c.dst = MEM_SIZE, TERN_STATUS_RANGE);
	WANTS(TERN_HW_OP_FILL, c.length = ~3ull, TERN_STATUS_RANGE);
	WANTS(TERN_HW_OP_FILL, (c.dst_space = 1, c.dst = host_end - 4096), TERN_STATUS_OK);
	WANTS(TERN_HW_OP_FILL, (c.dst_space = 1, c.dst = host_end - 4096, c.length += 4),
	      TERN_STATUS_RANGE);
	WANTS(TERN_HW_OP_FILL, (c.dst_space = 1, c.dst = 64, c.length = ~3ull), TERN_STATUS_RANGE);
	WANTS(TERN_HW_OP_COPY, (c.src_space = 0, c.src = MEM_SIZE - 4096), TERN_STATUS_OK);
	WANTS(TERN_HW_OP_COPY, (c.src_space = 0, c.src = MEM_SIZE - 4032), TERN_STATUS_RANGE);
	WANTS(TERN_HW_OP_COPY, c.src = host_end - 4096, TERN_STATUS_OK);
	WANTS(TERN_HW_OP_COPY, c.src = host_end - 4032, TERN_STATUS_RANGE);
	WANTS(TERN_HW_OP_COPY, c.dst = MEM_SIZE - 4032, TERN_STATUS_RANGE);
	/* X: 8 strides and k bytes in whole beats; Y: 8 strides and 4 n bytes; W: n rows of 2 beats. */
	const uint64_t x = 8 * 320 + 320, y = 8 * 448 + 400, w = 100 * 128;
	WANTS(TERN_HW_OP_GEMM, (c.src_space = 0, c.src = MEM_SIZE - x), TERN_STATUS_OK);
	WANTS(TERN_HW_OP_GEMM, (c.src_space = 0, c.src = MEM_SIZE - x + 64), TERN_STATUS_RANGE);
	WANTS(TERN_HW_OP_GEMM, c.src = host_end - x, TERN_STATUS_OK);
	WANTS(TERN_HW_OP_GEMM, c.src = host_end - x + 64, TERN_STATUS_RANGE);
	WANTS(TERN_HW_OP_GEMM, (c.dst_space = 0, c.dst = MEM_SIZE - (y + 63) / 64 * 64),
	      TERN_STATUS_OK);
	WANTS(TERN_HW_OP_GEMM, (c.dst_space = 0, c.dst = MEM_SIZE - (y + 63) / 64 * 64 + 64),
	      TERN_STATUS_RANGE);
	WANTS(TERN_HW_OP_GEMM, c.weights = MEM_SIZE - w, TERN_STATUS_OK);
	WANTS(TERN_HW_OP_GEMM, c.weights = MEM_SIZE - w + 64, TERN_STATUS_RANGE);
	WANTS(TERN_HW_OP_GEMM, (c.n = 0x3ffffff0, c.dst_stride = 0xffffffc0), TERN_STATUS_RANGE);
	WANTS(TERN_HW_OP_GEMM, c.t = 0xffffffff, TERN_STATUS_OK);
	WANTS(TERN_HW_OP_GEMM, (c.t = 0xffffffff, c.src = host_end - (1ull << 39)),
	      TERN_STATUS_RANGE);
	b.found.report(tap, "ends of operands");
#undef WANTS
}

typedef unsigned __int128 wide;

static uint64_t saturated(wide end)
{
	return end >> 64 ? ~0ull : (uint64_t)end;
}

/* Beats of a row, without the division that the RTL does: so many that one fewer would not do. */
static uint64_t beats_of_row(uint32_t k, unsigned trits_a_beat)
{
	uint64_t beats = (double)k / trits_a_beat;

	while (beats && (beats - 1) * trits_a_beat >= k)
		beats--;
	while (beats * trits_a_beat < k)
		beats++;
	return beats;
}

/* Sizes at random, against sums in 128 bits. */
static void ranges(Bench &b, Tap &tap, unsigned packing)
{
	unsigned counts[2] = {}, trits = packing == TERN_PACKING_B5 ? TERN_B5_TRITS_A_BEAT :
		TERN_P2_TRITS_A_BEAT;

	for (unsigned i = 0; i < 20000; i++) {
		tern_hw_command c = base(TERN_HW_OP_GEMM);
		auto size = [&]() { return (uint32_t)b.rng() >> (b.rng() % 31) | 1; };

		c.packing = packing;
		c.n = size() >> 3 | 1;
		c.k = (size() >> 1) + 1;
		c.t = size();
		c.src_stride = (c.k + 63) / 64 * 64;
		c.dst_stride = (c.n * 4 + 63) / 64 * 64;
		c.src_space = b.rng() & 1;
		c.dst_space = b.rng() & 1;
		uint64_t room = c.src_space ? ~0ull : MEM_SIZE;
		c.src = (((uint64_t)b.rng() << 32 | b.rng()) & room >> 1) & ~63ull;
		room = c.dst_space ? ~0ull : MEM_SIZE;
		c.dst = (((uint64_t)b.rng() << 32 | b.rng()) & room >> 1) & ~63ull;
		c.weights = b.rng() % MEM_SIZE & ~63ull;
		wide x = (wide)c.src + (wide)(c.t - 1) * c.src_stride + (c.k + 63ull) / 64 * 64;
		wide y = (wide)c.dst + (wide)(c.t - 1) * c.dst_stride + (wide)c.n * 4;
		uint64_t row_beats = beats_of_row(c.k, trits);
		wide beats = (wide)c.n * row_beats, w = (wide)c.weights + beats * 64;
		wide top = (wide)1 << 64;
		bool fits = x <= (c.src_space ? top : MEM_SIZE) && y <= (c.dst_space ? top : MEM_SIZE) &&
			w <= MEM_SIZE;
		unsigned got = b.decode(c), want = fits ? TERN_STATUS_OK : TERN_STATUS_RANGE;

		counts[fits]++;
		b.found.expect(got == want, "n %u k %u t %u: status %u, not %u", c.n, c.k, c.t, got,
			       want);
		if (!fits)
			continue;
		b.found.expect(b.row_beats == row_beats, "k %u: %llu beats a row", c.k,
			       (unsigned long long)b.row_beats);
		b.found.expect(b.src_end == saturated(x) && b.dst_end == saturated(y) &&
			       b.w_end == saturated(w), "n %u k %u t %u: ends %llx %llx %llx", c.n, c.k,
			       c.t, (unsigned long long)b.src_end, (unsigned long long)b.dst_end,
			       (unsigned long long)b.w_end);
	}
	b.found.expect(counts[0] > 500 && counts[1] > 500, "%u bad, %u good: too one-sided", counts[0],
		       counts[1]);
	b.found.report(tap, packing == TERN_PACKING_B5 ?
		       "B5: 20000 GEMMs of random sizes, beats of their weights, ends of operands" :
		       "P2: 20000 GEMMs of random sizes, beats of their weights, ends of operands");

	for (uint32_t k = 1; k <= 70000; k = k < 3000 ? k + 1 : k + 61) {
		tern_hw_command c = base(TERN_HW_OP_GEMM);

		c.packing = packing;
		c.n = c.t = 1;
		c.k = k;
		c.src_stride = 70400;
		b.decode(c);
		b.found.expect(b.row_beats == beats_of_row(k, trits), "k %u: %llu beats a row", k,
			       (unsigned long long)b.row_beats);
	}
	b.found.report(tap, "beats of a row");
}

/* Ends of operands that a command has, and zeros for others. */
static void ends(Bench &b, Tap &tap)
{
	auto expect = [&](const tern_hw_command &c, uint64_t src, uint64_t dst, uint64_t w) {
		unsigned status = b.decode(c);

		b.found.expect(status == TERN_STATUS_OK && b.src_end == src && b.dst_end == dst &&
			       b.w_end == w, "op %u: status %u, ends %llx %llx %llx", c.opcode, status,
			       (unsigned long long)b.src_end, (unsigned long long)b.dst_end,
			       (unsigned long long)b.w_end);
	};
	tern_hw_command c = base(TERN_HW_OP_GEMM);

	/* The greatest address: 2^64 does not fit. */
	c.n = c.t = 1;
	c.dst = ~63ull;
	c.dst_stride = 64;
	expect(c, c.src + 320, c.dst + 4, c.weights + 128);
	c.n = 16;
	expect(c, c.src + 320, ~0ull, c.weights + 16 * 128);
	c = base(TERN_HW_OP_COPY);
	c.src = -4096ull;
	expect(c, ~0ull, c.dst + 4096, 0);
	c = base(TERN_HW_OP_FILL);
	expect(c, 0, c.dst + 4096, 0);
	expect(base(TERN_HW_OP_NOP), 0, 0, 0);
	expect(base(TERN_HW_OP_BARRIER), 0, 0, 0);
	b.found.report(tap, "ends of operands: saturated, and 0 where there is none");
}

/* How long a command takes to be checked. */
static void cycles(Bench &b, Tap &tap)
{
	tern_hw_command c;
	auto within = [&](const char *what, unsigned most) {
		b.decode(c);
		printf("# %s: %u cycles\n", what, b.cycles);
		b.found.expect(b.cycles <= most, "%s: %u cycles, more than %u", what, b.cycles, most);
	};

	c = base(TERN_HW_OP_NOP);
	within("NOP", 2);
	c = base(TERN_HW_OP_FILL);
	within("FILL", 5);
	c = base(TERN_HW_OP_COPY);
	within("COPY", 8);
	c = base(TERN_HW_OP_GEMM);
	c.n = 6912;
	c.k = 2560;
	c.t = 1;
	c.src_stride = 2560;
	c.dst_stride = 4 * 6912;
	within("GEMM, one token, P2", 16);
	c.packing = TERN_PACKING_B5;
	within("GEMM, one token, B5", 20);
	c.packing = TERN_PACKING_P2;
	c.t = 8;
	within("GEMM, 8 tokens, P2", 22);
	c.packing = TERN_PACKING_B5;
	within("GEMM, 8 tokens, B5", 22);
	b.found.report(tap, "cycles");
}

int main()
{
	Bench b;
	Tap tap;

	good(b, tap);
	fields(b, tap);
	values(b, tap);
	ranges(b, tap, TERN_PACKING_P2);
	ranges(b, tap, TERN_PACKING_B5);
	ends(b, tap);
	cycles(b, tap);
	return tap.end();
}
