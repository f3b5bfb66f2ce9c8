// SPDX-License-Identifier: Apache-2.0
/*
 * Time to simulate a cycle of tern_top in GEMVs of 2560 x 2560, with this bench's
 * memories around it. Compiled for one array each. Prints nanoseconds.
 *
 *   bench_device [JOBS]
 */
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "commands.h"

int main(int argc, char **argv)
{
	const unsigned jobs = argc > 1 ? strtoul(argv[1], nullptr, 10) : 4;
	const uint64_t sq = Dut::HOST_BASE, cq = sq + 0x10000, x = sq + 0x100000, y = sq + 0x200000;
	Gemm g = {2560, 2560, 1, TERN_SPACE_HOST, TERN_SPACE_HOST, x, y, 0, 2560, 10240};
	Dut dut(1, 4 << 20, 4 << 20);
	Random rng(7);
	tern_hw_completion cpl;

	dut.device_on();
	dut.queue_on(0, 4, sq, cq);
	g.fill(dut, rng);
	uint64_t cycles = dut.now;
	clock_t start = clock();

	for (unsigned j = 0; j < jobs; j++)
		if (!dut.submit_wait(0, g.command(j), cpl) || cpl.status != TERN_STATUS_OK)
			return 1;
	double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;

	printf("%.1f\n", seconds * 1e9 / (dut.now - cycles));
	return !g.right(dut);
}
