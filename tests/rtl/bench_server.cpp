// SPDX-License-Identifier: Apache-2.0
/*
 * How much of device memory's peak the weights of back-to-back GEMVs use, when that
 * memory is the DRAM of a preset and the host is at the far end of its link:
 * useful bytes of weights a cycle over the peak's bytes a cycle, the least of the
 * shapes of BitNet b1.58 2B4T. Prints name, value, unit.
 *
 *   bench_server [PRESET]   server by default
 */
#include <cstdio>

#include "commands.h"
#include "link/packets.h"
#include "memory/dram.h"
#include "platform/config.h"

static constexpr unsigned JOBS = 8;

static AxiTimes cycles(const tern::beat_times &t, uint64_t period)
{
	double ps = (double)period;

	return {(double)t.first_ps / ps, (double)t.interval_ps / ps, (double)t.last_ps / ps};
}

/* Of the time from the first completion to the last, or 0 if something went wrong. */
static double use(Dut &dut, uint32_t n, uint32_t k, double peak)
{
	Gemm g = {n, k, 1, TERN_SPACE_HOST, TERN_SPACE_HOST, Dut::HOST_BASE + 0x100000,
		  Dut::HOST_BASE + 0x200000, 0x1000000, round64(k), round64(4 * n)};
	Random rng(7);
	tern_hw_completion cpl;
	uint64_t begin = 0;

	g.fill(dut, rng);
	for (unsigned i = 0; i < JOBS; i++)
		dut.put(0, g.command((uint16_t)i));
	dut.ring(0);
	for (unsigned i = 0; i < JOBS; i++) {
		if (!dut.wait(0, cpl) || cpl.status != TERN_STATUS_OK)
			return 0;
		if (!i)
			begin = dut.now;
	}
	uint64_t took = dut.now - begin;

	dut.give_back(0);
	if (!g.right(dut) || !dut.mem.broken.empty() || !dut.host.broken.empty())
		return 0;
	double share = (double)g.w_bytes() * (JOBS - 1) / (double)took / peak;

	fprintf(stderr, "# %ux%u: %.0f cycles a job, %.4f of the peak of %.1f bytes a cycle\n", n, k,
		(double)took / (JOBS - 1), share, peak);
	return share;
}

int main(int argc, char **argv)
{
	static const uint32_t shapes[][2] = {{2560, 2560}, {640, 2560}, {6912, 2560}, {2560, 6912}};
	const char *preset = argc > 1 ? argv[1] : "server";
	const tern::config config = tern::config_load(preset);
	const uint64_t period = config.clock_ps();
	const double peak = config.dram().bytes_per_ns * (double)period / 1000;
	tern::dram dram(config.dram());
	tern::packets link(config.link);
	Dut dut(1, 64 << 20, 4 << 20);
	double worst = 1;

	dut.mem.outstanding = (unsigned)config.memory.outstanding;
	dut.mem.timing = [&](uint64_t now, uint64_t addr, unsigned bytes, bool write) {
		return cycles(dram.take(now * period, addr, bytes, write), period);
	};
	dut.host.outstanding = (unsigned)config.link.outstanding;
	dut.host.timing = [&](uint64_t now, uint64_t, unsigned bytes, bool write) {
		return cycles(write ? link.write(now * period, bytes) :
				      link.read(now * period, bytes), period);
	};
	dut.device_on();
	dut.queue_on(0, 4, Dut::HOST_BASE, Dut::HOST_BASE + 0x10000);
	for (auto &s : shapes) {
		double share = use(dut, s[0], s[1], peak);

		if (!(share > 0)) {
			fprintf(stderr, "bench_server: %ux%u went wrong\n", s[0], s[1]);
			return 1;
		}
		if (share < worst)
			worst = share;
	}
	fprintf(stderr, "# rows: %llu hits, %llu misses; refreshes: %llu, %llu waited for\n",
		(unsigned long long)dram.stats.row_hits, (unsigned long long)dram.stats.row_misses,
		(unsigned long long)dram.stats.refreshes,
		(unsigned long long)dram.stats.refresh_waits);
	printf("rtl.use.t1.%s\t%.4f\tratio\n", preset, worst);
	return 0;
}
