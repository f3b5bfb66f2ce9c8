// SPDX-License-Identifier: Apache-2.0
/* tern_div5: quotients and nothing but quotients, nine cycles each. */
#include "Vtern_div5.h"
#include "unit.h"

static const uint32_t MOST = (1u << 27) - 1;

static void check(Unit<Vtern_div5> &div, Finding &found, uint32_t x)
{
	unsigned cycles = 0;

	div->x_i = x;
	div->start_i = 1;
	div.step();
	div->start_i = 0;
	div->x_i = ~x & MOST;
	div.settle();
	while (!div->done_o && cycles < 20) {
		div.step();
		cycles++;
	}
	uint32_t q = div->quotient_o;
	/* What a quotient is. */
	found.expect(div->done_o && cycles == 9 && 5ull * q <= x && x < 5ull * q + 5,
		     "%u / 5: %u after %u cycles", x, q, cycles);
}

int main()
{
	Unit<Vtern_div5> div;
	std::mt19937 rng(8);
	Finding found;
	Tap tap;

	div->start_i = 0;
	div.reset();
	div.settle();
	found.expect(div->done_o, "not done after reset");
	found.report(tap, "at rest after reset");
	/* Every rest with every digit in every place: a step is one of 40 cases. */
	for (uint32_t x = 0; x < 20000; x++) {
		check(div, found, x);
		check(div, found, MOST - x);
	}
	found.report(tap, "the least and the greatest");
	for (unsigned i = 0; i < 200000; i++)
		check(div, found, (uint32_t)rng() >> (5 + rng() % 27));
	found.report(tap, "200000 at random");
	div->x_i = 77;
	div->start_i = 1;
	div.step();
	div.step();
	check(div, found, 12345);
	found.report(tap, "started anew before it was done");
	return tap.end();
}
