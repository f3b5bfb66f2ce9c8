// SPDX-License-Identifier: Apache-2.0
/*
 * Time to simulate a cycle of a bare array, one token, a beat each cycle of rows
 * of 2560 random trits. Compiled for one array each. Prints nanoseconds, and a
 * digest of the sums.
 *
 *   bench_array [ROWS]
 */
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>

#include "Varray.h"

double sc_time_stamp() { return 0; }

static const unsigned WORDS = 10, KEPT = 1024;	/* beats of W that are used over and over */

int main(int argc, char **argv)
{
	const unsigned rows = argc > 1 ? strtoul(argv[1], nullptr, 10) : 4000;
	static uint32_t neg[KEPT][8], nz[KEPT][8];
	std::mt19937 rng(1);
	Varray dut;
	uint64_t digest = 0;

	auto cycle = [&] {
		dut.clk_i = dut.clk_ctl_i = 1;
		dut.eval();
		dut.clk_i = dut.clk_ctl_i = 0;
		dut.eval();
	};
	for (auto &beat : neg)
		for (auto &word : beat)
			word = rng();
	for (auto &beat : nz)
		for (auto &word : beat)
			word = rng() | rng();	/* three of four: trits are zero now and then */
	dut.rst_ni = 0;
	cycle();
	dut.rst_ni = 1;
	for (unsigned chunk = 0; chunk < WORDS * 4; chunk++) {
		dut.x_valid_i = 1;
		dut.x_chunk_i = chunk;
		dut.x_last_i = chunk + 1 == WORDS * 4;
		for (unsigned i = 0; i < 16; i++)
			dut.x_data_i[i] = rng();
		cycle();
	}
	dut.x_valid_i = 0;
	cycle();
	cycle();
	dut.valid_i = 1;
	dut.on_i = 1;
	clock_t start = clock();

	for (unsigned beat = 0; beat < rows * WORDS; beat++) {
		for (unsigned i = 0; i < 8; i++) {
			dut.neg_i[i] = neg[beat % KEPT][i];
			dut.nz_i[i] = nz[beat % KEPT][i];
		}
		dut.word_i = beat % WORDS;
		dut.first_i = beat % WORDS == 0;
		dut.last_i = beat % WORDS + 1 == WORDS;
		cycle();
		if (dut.row_valid_o)
			digest = digest * 31 + (uint32_t)dut.row_acc_o;
	}
	printf("%.1f %llx\n", (double)(clock() - start) / CLOCKS_PER_SEC * 1e9 / (rows * WORDS),
	       (unsigned long long)digest);
	dut.final();
	return 0;
}
