// SPDX-License-Identifier: Apache-2.0
/*
 * tern_top through its ports, against the C reference: every command, every
 * status, odd sizes, slow memories, errors in the middle of jobs, all queues.
 * Assertions are on in the model; a failed one fails the test it happened in.
 *
 *   system_test [SEED]
 */
#include <cstdlib>

#include "commands.h"
#include "tap.h"

extern "C" {
#include "../vectors/vectors.h"
}

static const uint64_t MEM_BYTES = 48 << 20, HOST_BYTES = 4 << 20;
static const uint64_t SQ = Dut::HOST_BASE, CQ = Dut::HOST_BASE + 0x40000;
static const uint64_t HOST_DATA = Dut::HOST_BASE + 0x100000;
static const uint64_t W = 0, X = 0x2000000, Y = 0x2400000, SCRATCH = 0x2800000;
static const unsigned DEPTH_LOG2 = 4;

static Tap tap;
static uint64_t seed = 1;

static void ring_of(Dut &dut, unsigned q, unsigned log2 = DEPTH_LOG2, bool irq = true)
{
	dut.queue_on(q, log2, SQ + q * 0x4000, CQ + q * 0x4000, irq);
}

static void fresh(Dut &dut)
{
	dut.device_on();
	ring_of(dut, 0);
}

static void slow(Dut &dut)
{
	dut.mem.latency = 20;
	dut.mem.jitter = 60;
	dut.mem.idle_percent = 30;
	dut.host.latency = 40;
	dut.host.jitter = 100;
	dut.host.idle_percent = 40;
}

static bool rules_kept(Dut &dut)
{
	static unsigned seen;
	bool good = assertions_fired == seen && dut.mem.broken.empty() && dut.host.broken.empty();

	if (!dut.mem.broken.empty())
		printf("# %s\n", dut.mem.broken.c_str());
	if (!dut.host.broken.empty())
		printf("# %s\n", dut.host.broken.c_str());
	seen = assertions_fired;
	return good;
}

static void test_registers()
{
	Dut dut(seed, MEM_BYTES, HOST_BYTES);
	unsigned resp;

	tap.ok(dut.reg_read(TERN_REG_ID) == TERN_MAGIC &&
	       dut.reg_read(TERN_REG_ABI_HASH) == TERN_ABI_HASH, "ID and ABI_HASH");
	tap.ok(dut.reg_read64(TERN_REG_MEM_SIZE_LO) == MEM_BYTES &&
	       dut.reg_read(TERN_REG_PLATFORM) == TERN_PLATFORM_RTL_SIM, "straps are registers");
	dut.reg_read(0x3c, &resp);
	tap.ok(resp == 2 && dut.reg_write(TERN_REG_ID, 1) == 2, "SLVERR where nothing is");

	bool whole = true;
	uint32_t want = dut.reg_read(TERN_REG_WATCHDOG);

	for (unsigned i = 0; i < 64; i++) {
		unsigned strobes = i & 1 ? 15 : dut.rng.below(15);
		uint32_t value = dut.rng.next() ^ dut.rng.next() << 16;

		whole &= dut.reg_write(TERN_REG_WATCHDOG, value, strobes) == (strobes == 15 ? 0 : 2);
		if (strobes == 15)
			want = value;
		whole &= dut.reg_read(TERN_REG_WATCHDOG) == want;
	}
	tap.ok(whole, "a register is written whole or not at all");

	bool ready = dut.reg_read(TERN_REG_STATUS) == TERN_STATUS_READY_MASK;

	dut.run(4);
	tap.ok(ready && !dut.busy(), "ready and at rest after reset");
}

static void test_simple()
{
	Dut dut(seed, MEM_BYTES, HOST_BYTES);
	tern_hw_completion cpl;
	tern_hw_command cmd = nop(77);

	fresh(dut);
	tap.ok(dut.submit_wait(0, cmd, cpl, 500) && cpl.id == 77 && !cpl.status, "NOP");
	cmd.opcode = TERN_HW_OP_BARRIER;
	cmd.flags = TERN_COMMAND_FLAG_IRQ;
	bool done = dut.submit_wait(0, cmd, cpl, 500);

	dut.run(60);
	tap.ok(done && !cpl.status && dut.irqs[0] == 1, "BARRIER, with the interrupt it asked for");
	tap.ok(!dut.busy() && rules_kept(dut), "at rest again");
}

/* Bytes with strobes on the tail, both ways between both spaces. */
static void test_copy_fill()
{
	static const uint32_t sizes[] = {1, 4, 63, 64, 65, 4095, 4096, 4097, 70001, 300001};
	Dut dut(seed, MEM_BYTES, HOST_BYTES);
	tern_hw_completion cpl;
	bool good = true;

	fresh(dut);
	for (int pass = 0; pass < 2; pass++) {
		for (auto bytes : sizes) {
			for (int way = 0; way < 4; way++) {
				uint8_t from = way & 1, to = way >> 1;
				AxiMemory &src = from ? dut.host : dut.mem, &dst = to ? dut.host : dut.mem;
				uint64_t a = (from ? HOST_DATA : SCRATCH) + 64 * dut.rng.below(64);
				uint64_t b = (to ? HOST_DATA : SCRATCH) + 0x100000 + 64 * dut.rng.below(64);

				for (uint32_t i = 0; i < bytes; i++)
					src.at(a)[i] = (uint8_t)dut.rng.next();
				memset(dst.at(b), 0x5a, bytes + 64);
				good &= dut.submit_wait(0, copy(3, from, a, to, b, bytes), cpl) && !cpl.status;
				good &= !memcmp(src.at(a), dst.at(b), bytes);
				for (uint32_t i = bytes; i < bytes + 64; i++)
					good &= dst.at(b)[i] == 0x5a;
				good &= cpl.mem_read + cpl.host_read == (bytes + 63) / 64;
			}
		}
		tap.ok(good && rules_kept(dut), "COPY, all spaces and lengths%s",
		       pass ? ", slow memories" : "");
		good = true;
		for (auto bytes : sizes) {
			uint32_t whole = (bytes + 3) & ~3u, pattern = dut.rng.next();
			uint8_t to = bytes & 1;
			AxiMemory &dst = to ? dut.host : dut.mem;
			uint64_t b = to ? HOST_DATA : SCRATCH;

			memset(dst.at(b), 0x5a, whole + 64);
			good &= dut.submit_wait(0, fill(4, to, b, whole, pattern), cpl) && !cpl.status;
			for (uint32_t i = 0; i < whole + 64; i++)
				good &= dst.at(b)[i] ==
					(i < whole ? (uint8_t)(pattern >> (i % 4 * 8)) : 0x5a);
		}
		tap.ok(good && rules_kept(dut), "FILL, all lengths%s", pass ? ", slow memories" : "");
		slow(dut);
	}
}

static bool gemm_once(Dut &dut, const Gemm &g, const char *&why, bool worst = false)
{
	tern_hw_completion cpl;
	uint64_t trits = (uint64_t)g.n * g.k * g.t;
	unsigned array = dut.reg_read(TERN_REG_ARRAY);
	unsigned lanes = (array & TERN_ARRAY_LANES_MASK) >> TERN_ARRAY_LANES_SHIFT;
	unsigned cols = (array & TERN_ARRAY_COLS_MASK) >> TERN_ARRAY_COLS_SHIFT;

	why = "";
	if (worst)
		g.fill_worst(dut);
	else
		g.fill(dut, dut.rng);
	if (!dut.submit_wait(0, g.command(9), cpl))
		why = "timed out";
	else if (cpl.status || cpl.id != 9)
		why = "status";
	else if (!g.right(dut))
		why = "sums";
	else if (cpl.adds != g.adds(dut) || cpl.adds + cpl.adds_skipped != trits)
		why = "adds";
	else if (cpl.array != (g.k + lanes - 1ull) / lanes * g.n * ((g.t + cols - 1) / cols))
		why = "array beats";
	else if (cpl.cycles < cpl.array + cpl.stall_weights + cpl.stall_activations +
				      cpl.stall_results + cpl.stall_commands + cpl.stall_link)
		why = "cycles";
	else if (!rules_kept(dut))
		why = "rules";
	if (*why)
		printf("# N %u K %u T %u: %s\n", g.n, g.k, g.t, why);
	return !*why;
}

static Gemm placed(Dut &dut, uint32_t n, uint32_t k, uint32_t t)
{
	Gemm g = {n, k, t, (uint8_t)dut.rng.below(2), (uint8_t)dut.rng.below(2), 0, 0, 0, 0, 0};

	g.x_stride = round64(k) + 64 * dut.rng.below(3);
	g.y_stride = round64(4 * n) + 64 * dut.rng.below(3);
	if ((uint64_t)g.x_stride * t > 0x80000)
		g.x_space = TERN_SPACE_MEM;
	if ((uint64_t)g.y_stride * t > 0x80000)
		g.y_space = TERN_SPACE_MEM;
	g.x = (g.x_space ? HOST_DATA : X) + 64 * dut.rng.below(64);
	g.y = (g.y_space ? HOST_DATA + 0x100000 : Y) + 64 * dut.rng.below(64);
	g.w = W + 64 * dut.rng.below(64);
	return g;
}

static void test_gemm_shapes()
{
	static const uint32_t shapes[][3] = {
		{1, 1, 1}, {1, 255, 1}, {3, 256, 2}, {2, 257, 3}, {5, 5460, 8}, {64, 64, 9},
		{65, 300, 17}, {63, 512, 1}, {129, 256, 8}, {2, 16384, 2}, {3, 16385, 1},
		{66, 16385, 9}, {70, 20000, 3}, {1, 40000, 1}, {7, 8640, 7}, {200, 1, 16},
	};
	Dut dut(seed, MEM_BYTES, HOST_BYTES);
	const char *why;

	fresh(dut);
	for (auto &s : shapes) {
		bool good = gemm_once(dut, placed(dut, s[0], s[1], s[2]), why);

		tap.ok(good, "GEMM N %u K %u T %u", s[0], s[1], s[2]);
	}
	for (uint32_t t = 1, good = true; t <= 17; t++) {
		good &= gemm_once(dut, placed(dut, 1 + dut.rng.below(150), 1 + dut.rng.below(700), t), why);
		if (t == 17)
			tap.ok(good, "GEMM T 1 to 17");
	}
	tap.ok(gemm_once(dut, placed(dut, 65, 5460, 3), why, true) &&
	       gemm_once(dut, placed(dut, 2, 20000, 9), why, true), "GEMM, every x -128, every trit -1");
	slow(dut);
	bool good = true;

	for (int i = 0; i < 40; i++)
		good &= gemm_once(dut, placed(dut, 1 + dut.rng.below(200), 1 + dut.rng.below(1500),
					      1 + dut.rng.below(12)), why);
	good &= gemm_once(dut, placed(dut, 67, 17000, 9), why);
	tap.ok(good, "GEMM, random shapes on slow memories");
}

static void test_vectors()
{
	FILE *f = fopen(TERN_VECTORS_FILE, "r");
	Dut dut(seed, MEM_BYTES, HOST_BYTES);
	tern_vector v;
	int count = 0;
	bool good = true;

	fresh(dut);
	while (f && tern_vector_read(f, &v) == 1) {
		Gemm g = {v.n, v.k, v.t, 0, 0, X, Y, W, round64(v.k), round64(4 * v.n)};
		tern_hw_completion cpl;

		memcpy(dut.mem.at(W), v.p2, v.n * v.row_bytes);
		for (uint32_t t = 0; t < v.t; t++)
			memcpy(dut.mem.at(X + t * g.x_stride), v.x + t * v.k, v.k);
		good &= dut.submit_wait(0, g.command(1), cpl) && !cpl.status;
		for (uint32_t t = 0; t < v.t; t++)
			good &= !memcmp(dut.mem.at(Y + t * g.y_stride), v.y + t * v.n, 4 * v.n);
		count++;
		tern_vector_free(&v);
	}
	if (f)
		fclose(f);
	tap.ok(good && count, "%d golden vectors", count);
}

struct Bad {
	const char *what;
	unsigned status;
	tern_hw_command cmd;
};

static void test_bad_commands()
{
	Dut dut(seed, MEM_BYTES, HOST_BYTES);
	Gemm g = {4, 300, 2, 0, 1, X, HOST_DATA, W, 320, 64};
	tern_hw_command ok = g.command(5), c = copy(6, 0, SCRATCH, 1, HOST_DATA, 100);
	tern_hw_command f = fill(7, 0, SCRATCH, 64, 1);
	std::vector<Bad> bad;
	auto add = [&](const char *what, unsigned status, tern_hw_command cmd, auto change) {
		change(cmd);
		bad.push_back({what, status, cmd});
	};
	using Cmd = tern_hw_command &;

	add("opcode 5", TERN_STATUS_BAD_OPCODE, nop(1), [](Cmd x) { x.opcode = 5; });
	add("opcode 255", TERN_STATUS_BAD_OPCODE, nop(1), [](Cmd x) { x.opcode = 255; });
	add("flag 1", TERN_STATUS_BAD_FIELD, nop(1), [](Cmd x) { x.flags = 2; });
	add("reserved byte", TERN_STATUS_BAD_FIELD, ok, [](Cmd x) { x.reserved_07[0] = 1; });
	add("NOP with a length", TERN_STATUS_BAD_FIELD, nop(1), [](Cmd x) { x.length = 64; });
	add("BARRIER with a src", TERN_STATUS_BAD_FIELD, nop(1, TERN_HW_OP_BARRIER),
	    [](Cmd x) { x.src = 64; });
	add("GEMM with a pattern", TERN_STATUS_BAD_FIELD, ok, [](Cmd x) { x.pattern = 1; });
	add("n 0", TERN_STATUS_BAD_FIELD, ok, [](Cmd x) { x.n = 0; });
	add("k 0", TERN_STATUS_BAD_FIELD, ok, [](Cmd x) { x.k = 0; });
	add("t 0", TERN_STATUS_BAD_FIELD, ok, [](Cmd x) { x.t = 0; });
	add("packing 2", TERN_STATUS_BAD_FIELD, ok, [](Cmd x) { x.packing = 2; });
	add("src_space 2", TERN_STATUS_BAD_FIELD, ok, [](Cmd x) { x.src_space = 2; });
	add("dst_space 2", TERN_STATUS_BAD_FIELD, c, [](Cmd x) { x.dst_space = 2; });
	add("src_stride under k", TERN_STATUS_BAD_FIELD, ok, [](Cmd x) { x.src_stride = 256; });
	add("dst_stride under 4n", TERN_STATUS_BAD_FIELD, ok, [](Cmd x) { x.n = 17; });
	add("4n past 32 bits", TERN_STATUS_BAD_FIELD, ok, [](Cmd x) { x.n = 0x40000010; });
	add("length 0", TERN_STATUS_BAD_FIELD, c, [](Cmd x) { x.length = 0; });
	add("FILL of 6 bytes", TERN_STATUS_BAD_FIELD, f, [](Cmd x) { x.length = 6; });
	add("FILL with a src", TERN_STATUS_BAD_FIELD, f, [](Cmd x) { x.src = 64; });
	add("src misaligned", TERN_STATUS_MISALIGNED, c, [](Cmd x) { x.src += 32; });
	add("dst misaligned", TERN_STATUS_MISALIGNED, f, [](Cmd x) { x.dst += 4; });
	add("weights misaligned", TERN_STATUS_MISALIGNED, ok, [](Cmd x) { x.weights += 1; });
	add("src_stride misaligned", TERN_STATUS_MISALIGNED, ok, [](Cmd x) { x.src_stride += 8; });
	add("dst_stride misaligned", TERN_STATUS_MISALIGNED, ok, [](Cmd x) { x.dst_stride += 4; });
	add("weights past the end", TERN_STATUS_RANGE, ok, [](Cmd x) { x.weights = MEM_BYTES - 448; });
	add("X past the end", TERN_STATUS_RANGE, ok, [](Cmd x) { x.src = MEM_BYTES - 320; });
	add("Y past the address space", TERN_STATUS_RANGE, ok, [](Cmd x) { x.dst = ~63ull; });
	add("copy past the end", TERN_STATUS_RANGE, c, [](Cmd x) { x.src = MEM_BYTES - 64; });
	add("copy of 2^64 - 1 bytes", TERN_STATUS_RANGE, c, [](Cmd x) { x.length = ~0ull; });
	add("fill that wraps", TERN_STATUS_RANGE, f, [](Cmd x) { x.dst = ~63ull; x.length = 128; });
	add("huge n, k, t", TERN_STATUS_RANGE, ok, [](Cmd x) {
		x.n = 0x3ffffff0;
		x.k = x.src_stride = 0xffffffc0;
		x.dst_stride = 0xffffffc0;
		x.t = ~0u;
	});
	fresh(dut);
	g.fill(dut, dut.rng);
	for (auto &b : bad) {
		tern_hw_completion cpl;
		bool done = dut.submit_wait(0, b.cmd, cpl, 2000);

		tap.ok(done && cpl.status == b.status && cpl.id == b.cmd.id && !cpl.mem_written &&
		       !cpl.host_written && !cpl.adds, "refused: %s (status %d)", b.what,
		       done ? cpl.status : -1);
	}
	tern_hw_completion cpl;

	ok.weights = MEM_BYTES - 512;
	ok.n = 1;
	bool last = dut.submit_wait(0, ok, cpl) && !cpl.status;
	tap.ok(last && rules_kept(dut), "the last bytes of memory are allowed");
}

static void test_data_errors()
{
	Dut dut(seed, MEM_BYTES, HOST_BYTES);
	Gemm g = {130, 1000, 10, 0, 0, X, Y, W, 1024, 576}, h = g;
	tern_hw_completion cpl;
	const char *why;

	h.x_space = h.y_space = 1;
	h.x = HOST_DATA;
	h.y = HOST_DATA + 0x100000;
	fresh(dut);
	for (int pass = 0; pass < 2; pass++) {
		const char *when = pass ? ", slow memories" : "";
		auto hit = [&](AxiMemory &m, bool write, uint64_t at, const tern_hw_command &cmd,
			       unsigned status, const char *what) {
			auto &list = write ? m.bad_writes : m.bad_reads;

			list.push_back({at, at + 64});
			bool done = dut.submit_wait(0, cmd, cpl);
			list.clear();
			bool after = gemm_once(dut, g, why);

			tap.ok(done && cpl.status == status && after, "%s%s", what, when);
		};

		hit(dut.mem, false, W + 64 * 200, g.command(1), TERN_STATUS_MEM_ERROR,
		    "MEM_ERROR: weights; the next job is right");
		hit(dut.mem, false, X + 2048, g.command(1), TERN_STATUS_MEM_ERROR, "MEM_ERROR: X");
		hit(dut.mem, true, Y + 576, g.command(1), TERN_STATUS_MEM_ERROR, "MEM_ERROR: Y");
		hit(dut.host, false, h.x + 64, h.command(1), TERN_STATUS_HOST_ERROR, "HOST_ERROR: X");
		hit(dut.host, true, h.y + 64, h.command(1), TERN_STATUS_HOST_ERROR, "HOST_ERROR: Y");
		hit(dut.mem, false, SCRATCH + 0x8000, copy(1, 0, SCRATCH, 1, HOST_DATA, 100000),
		    TERN_STATUS_MEM_ERROR, "MEM_ERROR: COPY's source");
		hit(dut.host, true, HOST_DATA + 0x8000, copy(1, 0, SCRATCH, 1, HOST_DATA, 100000),
		    TERN_STATUS_HOST_ERROR, "HOST_ERROR: COPY's destination");
		hit(dut.mem, true, SCRATCH + 0x8000, fill(1, 0, SCRATCH, 100000, 1),
		    TERN_STATUS_MEM_ERROR, "MEM_ERROR: FILL");
		slow(dut);
	}
	bool done = dut.submit_wait(0, copy(1, 1, 0x1000, 0, SCRATCH, 1ull << 40), cpl, 20000);

	tap.ok(!done || cpl.status == TERN_STATUS_RANGE, "a copy past device memory is refused");
	done = dut.submit_wait(0, copy(1, 1, 0x1000, 1, 0x2000, 1ull << 40), cpl, 20000);
	tap.ok(done && cpl.status == TERN_STATUS_HOST_ERROR && rules_kept(dut),
	       "a terabyte from nowhere ends at once");
}

/*
 * A GEMM reads what one before it writes, next to it or with others between them, while writes are
 * taken, and seen, late. That it is wrong without waiting, and not slow for another reason, is what
 * the mutation check says.
 */
static void test_hazards()
{
	for (unsigned space = 0; space < 2; space++) {
		for (unsigned weights = 0; weights <= !space; weights++) {
			Dut dut(seed, MEM_BYTES, HOST_BYTES);
			/* 16 rows of results as 4 of X with K 256, or as 16 of W. */
			Gemm a = {64, 300, 4, 0, (uint8_t)space, X, space ? HOST_DATA : Y, W, 320, 256};
			Gemm b = {40, 256, 1, 0, (uint8_t)!space, X + 0x10000, space ? Y : HOST_DATA,
				  W + 0x10000, 256, 192};
			Gemm c = {16, 256, 4, (uint8_t)space, 0, a.y, Y + 0x10000, W + 0x20000, 256, 64};
			tern_hw_completion cpl;
			bool good = true;

			if (weights) {
				c.x = X + 0x20000;
				c.x_space = 0;
			}
			for (AxiMemory *m : {&dut.mem, &dut.host}) {
				m->late = true;
				m->timing = [](uint64_t now, uint64_t, unsigned bytes, bool write) {
					double first = (double)now + 10;

					return AxiTimes{first, 1, first + (write ? 3000 : bytes / 64)};
				};
			}
			fresh(dut);
			for (unsigned between = 0; between < 3; between++) {
				a.fill(dut, dut.rng);
				b.fill(dut, dut.rng);
				c.w = W + 0x20000;
				c.fill(dut, dut.rng);
				if (weights)
					c.w = a.y;
				/* Its X or W is A's Y, which is what nothing has written yet. */
				memset((space ? dut.host : dut.mem).at(a.y), 0x5a, 4 * a.y_stride);
				dut.put(0, a.command(1));
				for (unsigned i = 0; i < between; i++)
					dut.put(0, b.command(2));
				dut.put(0, c.command(3));
				dut.ring(0);
				for (unsigned i = 0; i < between + 2; i++)
					good &= dut.wait(0, cpl, 100000) && !cpl.status;
				dut.give_back(0);
				bool sums = a.right(dut) && c.right(dut) && (!between || b.right(dut));

				if (!sums)
					printf("# wrong sums with %u between\n", between);
				good &= sums;
			}
			tap.ok(good && rules_kept(dut), "a GEMM reads the %s that one before it wrote to "
			       "%s, with 0 to 2 others between them", weights ? "weights" : "activations",
			       space ? "the host" : "device memory");
		}
	}
}

/* A memory that answers nothing for a while: the job ends, and the port comes back. */
static void test_watchdog()
{
	struct Case {
		const char *what;
		bool host, write;
		tern_hw_command cmd;
	};
	Gemm g = {130, 5000, 10, 0, 0, X, Y, W, 5056, 576};
	const Case cases[] = {
		{"weights", false, false, g.command(1)},
		{"a read of device memory", false, false, copy(2, 0, SCRATCH, 1, HOST_DATA, 200000)},
		{"a read of the host's", true, false, copy(3, 1, HOST_DATA, 0, SCRATCH, 200000)},
		{"results", false, true, g.command(4)},
		{"a COPY to device memory", false, true, copy(5, 1, HOST_DATA, 0, SCRATCH, 200000)},
		{"a FILL of device memory", false, true, fill(6, 0, SCRATCH, 200000, 1)},
	};
	tern_hw_completion cpl = {};
	const char *why;

	for (auto &c : cases) {
		Dut dut(seed, MEM_BYTES, HOST_BYTES);
		AxiMemory &m = c.host ? dut.host : dut.mem;
		uint64_t &silent = c.write ? m.silent_writes : m.silent_reads;

		fresh(dut);
		g.fill(dut, dut.rng);
		dut.reg_write(TERN_REG_WATCHDOG, 700);
		dut.put(0, c.cmd);
		dut.ring(0);
		dut.run(600);
		silent = dut.now + 6000;
		bool done = dut.wait(0, cpl, 100000);

		dut.give_back(0);
		bool expired = done && cpl.status == TERN_STATUS_WATCHDOG && cpl.id == c.cmd.id;

		/* What it is owed comes late, and then it is back. */
		while (dut.now < silent + 10000)
			dut.step();
		/* A silence that is shorter than its patience is none of its business. */
		dut.reg_write(TERN_REG_WATCHDOG, 20000);
		dut.put(0, c.cmd);
		dut.ring(0);
		dut.run(600);
		silent = dut.now + 6000;
		done = dut.wait(0, cpl, 200000);
		dut.give_back(0);
		tap.ok(expired && done && !cpl.status && gemm_once(dut, g, why) && rules_kept(dut),
		       "WATCHDOG: no answer to %s; the next jobs are right", c.what);
	}
}

/* A host that takes writes and never says so: the completion is lost, and that is said. */
static void test_silent_host()
{
	Dut dut(seed, MEM_BYTES, HOST_BYTES);
	tern_hw_completion cpl = {};

	fresh(dut);
	dut.reg_write(TERN_REG_WATCHDOG, 700);
	dut.put(0, fill(1, 1, HOST_DATA, 200000, 1));
	dut.ring(0);
	dut.run(600);
	dut.host.silent_writes = dut.now + 6000;
	bool lost = !dut.wait(0, cpl, 20000) && dut.reg_read(TERN_REG_ERROR) ==
		    (TERN_ERROR_JOB_MASK | TERN_ERROR_COMPLETE_MASK);

	dut.queue_off(0);
	dut.queue_on(0, 4, SQ, CQ);
	tap.ok(lost && dut.submit_wait(0, fill(2, 1, HOST_DATA, 20000, 2), cpl) && !cpl.status &&
	       rules_kept(dut), "WATCHDOG: no answer to a FILL of the host's nor to its completion");
}

/*
 * Memories that fall silent again and again under jobs of all queues, and aborts among them: what
 * becomes of the jobs is chance, but the assertions hold, the account of all cycles among them, and
 * the device comes back.
 */
static void test_storm()
{
	Gemm g = {130, 5000, 10, 0, 0, X, Y, W, 5056, 576};
	Dut dut(seed, MEM_BYTES, HOST_BYTES);
	unsigned expired = 0, aborted = 0, put = 0, last = 0;
	uint16_t ids[Dut::QUEUES] = {};
	tern_hw_completion cpl;
	const char *why;

	dut.device_on();
	g.fill(dut, dut.rng);
	for (unsigned q = 0; q < Dut::QUEUES; q++)
		ring_of(dut, q);
	dut.reg_write(TERN_REG_WATCHDOG, 50 + dut.rng.below(500));
	for (unsigned round = 0; round < 60; round++) {
		AxiMemory &m = dut.rng.below(3) ? dut.mem : dut.host;
		uint64_t until = dut.now + 200 + dut.rng.below(3000);

		for (unsigned i = 0; i < 12; i++, put++) {
			unsigned q = dut.rng.below(Dut::QUEUES), bytes = 1 + dut.rng.below(20000);
			bool host = dut.rng.below(2);
			uint64_t place = host ? HOST_DATA : SCRATCH;

			if (!dut.room(q))
				continue;
			last = q;
			ids[q] = (uint16_t)put;
			switch (dut.rng.below(6)) {
			case 0: dut.put(q, nop((uint16_t)put)); break;
			case 1: dut.put(q, g.command((uint16_t)put)); break;
			case 2: dut.put(q, fill((uint16_t)put, host, place, bytes, put)); break;
			default:
				dut.put(q, copy((uint16_t)put, host, place, !host,
						host ? SCRATCH : HOST_DATA, bytes));
			}
			dut.ring(q);
		}
		dut.run(dut.rng.below(1500));
		(dut.rng.below(2) ? m.silent_writes : m.silent_reads) = until;
		dut.run(dut.rng.below(1500));
		dut.reg_write(TERN_REG_ABORT, TERN_ABORT_GO_MASK |
			      last << TERN_ABORT_QUEUE_SHIFT |
			      (uint32_t)ids[last] << TERN_ABORT_ID_SHIFT);
		dut.run(dut.rng.below(3000));
		for (unsigned q = 0; q < Dut::QUEUES; q++) {
			while (dut.poll(q, cpl)) {
				expired += cpl.status == TERN_STATUS_WATCHDOG;
				aborted += cpl.status == TERN_STATUS_ABORTED;
			}
			dut.give_back(q);
			if (dut.reg_read(TERN_QUEUE_BASE + q * TERN_QUEUE_STRIDE + TERN_QREG_STATUS) &
			    TERN_Q_STATUS_STOPPED_MASK) {
				dut.queue_off(q);
				ring_of(dut, q);
			}
		}
	}
	for (unsigned i = 0; i < 4000000 && dut.busy(); i += 100)
		dut.run(100);
	for (unsigned q = 0; q < Dut::QUEUES; q++)
		dut.queue_off(q);
	ring_of(dut, 0);
	dut.run(100);
	bool back = !dut.busy() && gemm_once(dut, g, why);

	tap.ok(expired && aborted && back && rules_kept(dut),
	       "silence and aborts: of %u commands %u ran out of time, %u were aborted; then a good one",
	       put, expired, aborted);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		seed = strtoull(argv[1], nullptr, 0);
	printf("# seed %llu\n", (unsigned long long)seed);
	test_registers();
	test_simple();
	test_copy_fill();
	test_vectors();
	test_gemm_shapes();
	test_hazards();
	test_bad_commands();
	test_data_errors();
	test_watchdog();
	test_silent_host();
	test_storm();
	return tap.end();
}
