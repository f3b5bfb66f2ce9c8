// SPDX-License-Identifier: Apache-2.0
/*
 * Speed of the bare RTL on ideal memory: how many of a job's cycles the array
 * works, and how long a cycle takes to simulate. Prints name, value, unit.
 *
 *   bench_rtl [ROUNDS]   jobs of each shape, 5 by default; the fastest counts
 */
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "commands.h"

static double cpu_seconds()
{
	timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec * 1e-9;
}

struct Result {
	double use, ns;
	uint64_t cycles;
};

static bool measure(Dut &dut, uint32_t n, uint32_t k, uint32_t t, unsigned rounds, Result &r)
{
	Gemm g = {n, k, t, TERN_SPACE_MEM, TERN_SPACE_MEM, 0x100000, 0x800000, 0x1000000,
		  round64(k), round64(4 * n)};
	Random rng(7);
	tern_hw_completion cpl;

	g.fill(dut, rng);
	r.ns = 1e9;
	for (unsigned i = 0; i < rounds; i++) {
		uint64_t start = dut.now;
		double t0 = cpu_seconds();

		if (!dut.submit_wait(0, g.command(1), cpl) || cpl.status != TERN_STATUS_OK)
			return false;
		double ns = (cpu_seconds() - t0) * 1e9 / (double)(dut.now - start);

		if (ns < r.ns)
			r.ns = ns;
		r.cycles = cpl.cycles;
		r.use = (double)cpl.array / cpl.cycles;
	}
	return g.right(dut);
}

int main(int argc, char **argv)
{
	static const uint32_t shapes[][2] = {{2560, 2560}, {640, 2560}, {6912, 2560}, {2560, 6912}};
	const unsigned rounds = argc > 1 ? strtoul(argv[1], nullptr, 10) : 5;
	Dut dut(1, 64 << 20, 1 << 20);
	Result r = {};

	dut.device_on();
	dut.queue_on(0, 4, Dut::HOST_BASE, Dut::HOST_BASE + 0x10000);
	for (uint32_t t = 1; t <= 8; t += 7) {
		double worst = 1, ns = 0;

		for (auto &s : shapes) {
			if (!measure(dut, s[0], s[1], t, rounds, r)) {
				fprintf(stderr, "bench_rtl: %ux%u T=%u went wrong\n", s[0], s[1], t);
				return 1;
			}
			fprintf(stderr, "# %ux%u T=%u: %llu cycles, use %.4f, %.1f ns a cycle\n",
				s[0], s[1], t, (unsigned long long)r.cycles, r.use, r.ns);
			if (r.use < worst)
				worst = r.use;
			if (s[0] == 2560 && s[1] == 2560)
				ns = r.ns;
		}
		printf("rtl.use.t%u.ideal\t%.4f\tratio\n", t, worst);
		printf("rtl.ns_per_cycle.t%u\t%.1f\tns\n", t, ns);
	}
	return 0;
}
