// SPDX-License-Identifier: Apache-2.0
/* tern_fifo against std::deque: random pushes and pops, never beyond what its users may do. */
#include <deque>

#include "Vtern_fifo.h"
#include "unit.h"

static const unsigned DEPTH = 16;	/* as unit.mk builds it; 32 bits wide */

int main()
{
	Unit<Vtern_fifo> fifo;
	std::mt19937 rng(1);
	std::deque<uint32_t> inside;
	size_t visible = 0;	/* a word shows a cycle after it was written */
	Finding found;
	Tap tap;

	fifo->clear_i = fifo->write_i = fifo->read_i = 0;
	fifo.reset();
	fifo.settle();
	found.expect(!fifo->valid_o, "valid after reset");
	found.report(tap, "empty after reset");

	/* Mostly filling, mostly draining, level. */
	static const unsigned push_percent[] = {90, 10, 50}, pop_percent[] = {10, 90, 50};
	bool was_full = false;
	for (unsigned phase = 0; phase < 3; phase++) {
		for (unsigned i = 0; i < 20000; i++) {
			/* Phases within the phase, so that it runs full and empty many times. */
			unsigned flip = phase < 2 ? (phase + i / 100) % 2 : 2;

			found.expect(fifo->valid_o == (visible > 0), "cycle %u: valid %d with %zu visible",
				     i, fifo->valid_o, visible);
			if (visible)
				found.expect(fifo->data_o == inside.front(),
					     "cycle %u: offers %08x, not %08x", i, fifo->data_o,
					     inside.front());
			bool push = inside.size() < DEPTH && rng() % 100 < push_percent[flip];
			bool pop = visible && rng() % 100 < pop_percent[flip];
			uint32_t word = rng();

			fifo->write_i = push;
			fifo->data_i = word;
			fifo->read_i = pop;
			fifo.step();
			visible = inside.size() - pop;
			if (pop)
				inside.pop_front();
			if (push)
				inside.push_back(word);
			was_full |= inside.size() == DEPTH;
			fifo->write_i = fifo->read_i = 0;
			fifo.settle();
		}
		found.report(tap, phase == 0 ? "fills and drains" : phase == 1 ? "drains and fills" :
			     "about level");
	}
	found.expect(was_full, "never full: the test is too weak");
	found.report(tap, "was full and went around");

	fifo->write_i = 1;
	fifo->data_i = 7;
	fifo.step();
	fifo->write_i = 0;
	fifo->clear_i = 1;
	fifo.step();
	fifo->clear_i = 0;
	for (unsigned i = 0; i < 3; i++) {
		fifo.step();
		found.expect(!fifo->valid_o, "valid %u cycles after clear", i + 1);
	}
	fifo->write_i = 1;
	fifo->data_i = 0xabcd;
	fifo.step();
	fifo->write_i = 0;
	fifo.step();
	found.expect(fifo->valid_o && fifo->data_o == 0xabcd, "after clear: valid %d, %08x",
		     fifo->valid_o, fifo->data_o);
	found.report(tap, "clear forgets everything, and it works on");
	return tap.end();
}
