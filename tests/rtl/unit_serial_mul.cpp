// SPDX-License-Identifier: Apache-2.0
/* tern_serial_mul against the host's multiplication. */
#include <vector>

#include "Vtern_serial_mul.h"
#include "unit.h"

static bool check(Unit<Vtern_serial_mul> &mul, Finding &found, uint32_t a, uint32_t b)
{
	unsigned cycles = 0, bits = b ? 32 - __builtin_clz(b) : 0;

	mul->a_i = a;
	mul->b_i = b;
	mul->start_i = 1;
	mul.step();
	mul->start_i = 0;
	mul->a_i = ~a;	/* operands are taken with start */
	mul->b_i = ~b;
	mul.settle();
	while (!mul->done_o && cycles < 100) {
		mul.step();
		cycles++;
	}
	return found.expect(mul->done_o && mul->product_o == (uint64_t)a * b,
			    "%u * %u: %llu", a, b, (unsigned long long)mul->product_o) &&
		found.expect(cycles == bits, "%u * %u: %u cycles, not %u", a, b, cycles, bits);
}

int main()
{
	Unit<Vtern_serial_mul> mul;
	std::mt19937 rng(3);
	std::vector<uint32_t> edges = {0, 1, 2, 3, 63, 64, 255, 256, 0x7fffffff, 0x80000000,
				       0xfffffffe, 0xffffffff};
	Finding found;
	Tap tap;

	mul->start_i = 0;
	mul.reset();
	mul.settle();
	found.expect(mul->done_o, "not done after reset");
	found.report(tap, "at rest after reset");
	for (uint32_t a : edges)
		for (uint32_t b : edges)
			check(mul, found, a, b);
	found.report(tap, "edges");
	for (unsigned i = 0; i < 20000; i++)
		check(mul, found, rng() >> rng() % 32, rng() >> rng() % 32);
	found.report(tap, "20000 random products, as many cycles as b has bits");
	check(mul, found, 0xffffffff, 0xffffffff);
	mul->a_i = 5;
	mul->b_i = 0xffffffff;
	mul->start_i = 1;
	mul.step();
	mul.step();
	check(mul, found, 3, 4);
	found.report(tap, "started anew before it was done");
	return tap.end();
}
