// SPDX-License-Identifier: Apache-2.0
/* Runs the canary for 14 cycles with the crime named by its number. */
#include <cstdio>
#include <cstdlib>

#include "Vcanary.h"
#include "verilated.h"

double sc_time_stamp() { return 0; }

int main(int argc, char **argv)
{
	Vcanary top;

	if (argc != 2) {
		fprintf(stderr, "usage: %s CRIME\n", argv[0]);
		return 2;
	}
	top.crime_i = atoi(argv[1]);
	top.ready_i = 0;
	for (int i = 0; i < 16; i++) {
		top.clk_i = 0;
		top.rst_ni = i >= 2;
		top.eval();
		top.clk_i = 1;
		top.eval();
	}
	top.final();
	puts("ran to its end");
	return 0;
}
