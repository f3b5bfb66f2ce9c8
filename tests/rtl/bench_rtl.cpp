// SPDX-License-Identifier: Apache-2.0
/*
 * Speed of the bare RTL on ideal memory and link. Prints name, value, unit.
 *
 *   rtl.use      beats the array took over all cycles from the doorbell to the last completion of a
 *                queue full of equal jobs; the least of the four GEMV shapes of BitNet 2B-4T.
 *                Activations and sums lie in host memory, weights in device memory.
 *   rtl.gap      cycles between two jobs in which the array took no beat
 *   rtl.overhead cycles from a doorbell's write to the completion in host memory
 *   rtl.b5_over_p2  cycles with weights as B5 over cycles as P2, memory at half a beat a cycle
 *   rtl.ns_per_cycle  time to simulate a cycle, rising edges as the simulator does it, with this
 *                bench's memories
 *
 *   bench_rtl [ROUNDS]   for the time of a cycle, 5 by default; the fastest counts
 */
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "commands.h"

static const unsigned JOBS = 12;
static const unsigned LOG2 = 4;
static const uint64_t SQ = Dut::HOST_BASE, CQ = Dut::HOST_BASE + 0x10000;
static const uint64_t X = Dut::HOST_BASE + 0x100000, Y = Dut::HOST_BASE + 0x200000;
static const uint64_t Y_STEP = 0x80000;

static double cpu_seconds()
{
	timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec * 1e-9;
}

struct Result {
	double use, ns, gap;
	uint64_t cycles;
};

/* Fills the queue, rings once, waits for all. */
static bool measure(Dut &dut, Gemm g, unsigned rounds, Result &r)
{
	tern_hw_completion cpl;
	Random rng(7);

	g.fill(dut, rng);
	r.ns = 1e9;
	for (unsigned i = 0; i < rounds; i++) {
		uint64_t array = 0, gaps = 0;

		for (unsigned j = 0; j < JOBS; j++) {
			g.y = Y + j % 4 * Y_STEP;
			dut.put(0, g.command(j));
		}
		uint64_t start = dut.now;
		double t0 = cpu_seconds();

		dut.ring(0);
		for (unsigned j = 0; j < JOBS; j++) {
			if (!dut.wait(0, cpl) || cpl.status != TERN_STATUS_OK)
				return false;
			array += cpl.array;
			if (j)
				gaps += cpl.cycles - cpl.array;
		}
		r.cycles = dut.now - start;
		double ns = (cpu_seconds() - t0) * 1e9 / (double)r.cycles;

		dut.give_back(0);
		if (ns < r.ns)
			r.ns = ns;
		r.use = (double)array / r.cycles;
		r.gap = (double)gaps / (JOBS - 1);
	}
	g.y = Y;
	return g.right(dut);
}

/* Cycles of JOBS GEMVs with a memory of half a beat a cycle; 0 if something went wrong. */
static uint64_t slow_memory(Dut &dut, bool b5)
{
	const uint32_t n = 2560, k = 2560;
	const size_t row = b5 ? tern_b5_row_bytes(k) : tern_p2_row_bytes(k);
	Gemm g = {n, k, 1, TERN_SPACE_HOST, TERN_SPACE_HOST, X, Y, 0x1000000, k, 4 * n};
	tern_hw_command cmd;
	tern_hw_completion cpl;
	std::vector<int8_t> trits(k);
	std::vector<int32_t> want(n);
	Random rng(11);
	double busy = 0;

	g.fill(dut, rng);
	for (uint32_t i = 0; i < n; i++) {
		const int8_t *x = (const int8_t *)dut.host.at(X);

		for (uint32_t j = 0; j < k; j++) {
			trits[j] = (int8_t)((int)rng.below(3) - 1);
			want[i] += trits[j] * x[j];
		}
		if (b5)
			tern_b5_pack_row(trits.data(), k, dut.mem.at(g.w + i * row));
		else
			tern_p2_pack_row(trits.data(), k, dut.mem.at(g.w + i * row));
	}
	dut.mem.timing = [&](uint64_t now, uint64_t, unsigned bytes, bool) {
		double start = busy > (double)now ? busy : (double)now;

		busy = start + 2.0 * bytes / TERN_BEAT_BYTES;
		return AxiTimes{start + 2, 2, busy};
	};
	for (unsigned j = 0; j < JOBS; j++) {
		cmd = g.command((uint16_t)j);
		cmd.packing = b5 ? TERN_PACKING_B5 : TERN_PACKING_P2;
		dut.put(0, cmd);
	}
	uint64_t start = dut.now;

	dut.ring(0);
	for (unsigned j = 0; j < JOBS; j++)
		if (!dut.wait(0, cpl) || cpl.status != TERN_STATUS_OK)
			return 0;
	uint64_t cycles = dut.now - start;

	dut.give_back(0);
	dut.mem.timing = nullptr;
	return memcmp(want.data(), dut.host.at(Y), 4 * n) ? 0 : cycles;
}

static bool nop_cycles(Dut &dut, uint64_t *cycles)
{
	tern_hw_completion cpl;

	dut.put(0, nop(1));
	uint64_t start = dut.now;

	dut.ring(0);
	if (!dut.wait(0, cpl, 1000))
		return false;
	*cycles = dut.now - start;
	dut.give_back(0);
	return true;
}

int main(int argc, char **argv)
{
	static const uint32_t shapes[][2] = {{2560, 2560}, {640, 2560}, {6912, 2560}, {2560, 6912}};
	const unsigned rounds = argc > 1 ? strtoul(argv[1], nullptr, 10) : 5;
	Dut dut(1, 64 << 20, 4 << 20);
	uint64_t nop;
	Result r = {};

	dut.device_on();
	dut.queue_on(0, LOG2, SQ, CQ);
	for (uint32_t t = 1; t <= 8; t += 7) {
		double worst = 1, ns = 0, gap = 0;

		for (auto &s : shapes) {
			Gemm g = {s[0], s[1], t, TERN_SPACE_HOST, TERN_SPACE_HOST, X, Y, 0x1000000,
				  round64(s[1]), round64(4 * s[0])};

			if (!measure(dut, g, s[0] == 2560 && s[1] == 2560 ? rounds : 1, r)) {
				fprintf(stderr, "bench_rtl: %ux%u T=%u went wrong\n", s[0], s[1], t);
				return 1;
			}
			fprintf(stderr, "# %ux%u T=%u: %llu cycles, use %.4f, gap %.1f, %.1f ns a cycle\n",
				s[0], s[1], t, (unsigned long long)r.cycles, r.use, r.gap, r.ns);
			if (r.use < worst)
				worst = r.use;
			if (r.gap > gap)
				gap = r.gap;
			if (s[0] == 2560 && s[1] == 2560)
				ns = r.ns;
		}
		printf("rtl.use.t%u.ideal\t%.4f\tratio\n", t, worst);
		printf("rtl.ns_per_cycle.t%u\t%.1f\tns\n", t, ns);
		if (t == 1)
			printf("rtl.gap.jobs\t%.1f\tcycles\n", gap);
	}
	if (!nop_cycles(dut, &nop)) {
		fprintf(stderr, "bench_rtl: no completion for a NOP\n");
		return 1;
	}
	printf("rtl.overhead.nop\t%llu\tcycles\n", (unsigned long long)nop);
	uint64_t p2 = slow_memory(dut, false), b5 = slow_memory(dut, true);

	if (!p2 || !b5) {
		fprintf(stderr, "bench_rtl: wrong sums with half a beat a cycle\n");
		return 1;
	}
	printf("rtl.b5_over_p2\t%.4f\tratio\n", (double)b5 / (double)p2);
	return 0;
}
