// SPDX-License-Identifier: Apache-2.0
/*
 * Units by themselves: the array against plain C loops, FIFO, arbiter, serial
 * multiplier; and the canary: every assertion that watches an AXI master or a
 * FIFO must fire when its rule is broken, or they were compiled out.
 *
 *   unit_test [SEED]
 */
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <vector>

#include "Vunits.h"
#include "axi_memory.h"
#include "libtern.h"
#include "tap.h"
#include "verilated.h"

double sc_time_stamp() { return 0; }

static const unsigned COLS = 2, WORDS = 4, LANES = 256, FIFO_DEPTH = 4;

static Tap tap;

struct Units {
	std::unique_ptr<Vunits> top{new Vunits};

	Units()
	{
		top->rst_ni = 0;
		step();
		step();
		top->rst_ni = 1;
	}
	~Units() { top->final(); }
	void step()
	{
		top->clk_i = 0;
		top->eval();
		top->clk_i = 1;
		top->eval();
	}
};

/* One row of weights after another, each with its sum in plain C. */
static bool array_rows(Units &u, Random &rng, bool worst, unsigned on)
{
	Vunits *t = u.top.get();
	std::vector<int8_t> x(COLS * WORDS * LANES), w(WORDS * LANES);
	std::deque<int32_t> want[COLS];
	std::deque<unsigned> want_row;
	uint64_t nonzeros = 0, counted = ~0ull;
	bool good = true;
	auto watch = [&]() {
		if (t->row_valid_o) {
			good &= !want_row.empty() && t->row_o == want_row.front();
			for (unsigned c = 0; c < COLS; c++) {
				int32_t sum = (int32_t)(t->row_acc_o >> 32 * c);

				if (on >> c & 1)
					good &= sum == want[c].front();
				want[c].pop_front();
			}
			want_row.pop_front();
		}
		if (t->pass_end_o)
			counted = t->nonzeros_o;
	};

	for (auto &v : x)
		v = worst ? -128 : (int8_t)rng.next();
	t->start_i = 1;
	u.step();
	t->start_i = 0;
	t->on_i = on;
	for (unsigned c = 0; c < COLS; c++) {
		for (unsigned word = 0; word < WORDS; word++) {
			const int8_t *from = &x[(c * WORDS + word) * LANES];

			memcpy(t->x0_i.data(), from, 64);
			memcpy(t->x1_i.data(), from + 64, 64);
			memcpy(t->x2_i.data(), from + 128, 64);
			memcpy(t->x3_i.data(), from + 192, 64);
			t->write_i = 1;
			t->write_col_i = c;
			t->write_word_i = word;
			u.step();
		}
	}
	t->write_i = 0;
	for (unsigned row = 0; row < 100; row++) {
		unsigned words = 1 + rng.below(WORDS);
		uint8_t packed[WORDS * 64];

		for (auto &v : w)
			v = worst ? -1 : (int8_t)((int)rng.below(3) - 1);
		tern_p2_pack_row(w.data(), WORDS * LANES, packed);
		for (unsigned c = 0; c < COLS; c++) {
			int32_t sum = 0;

			for (unsigned i = 0; i < words * LANES; i++)
				sum += x[c * WORDS * LANES + i] * w[i];
			want[c].push_back(sum);
		}
		want_row.push_back(row & 127);
		for (unsigned word = 0; word < words; word++) {
			while (!worst && rng.percent(20)) {
				t->valid_i = 0;
				u.step();
				watch();
			}
			for (unsigned i = 0; i < LANES; i++)
				nonzeros += w[word * LANES + i] != 0;
			memcpy(t->weights_i.data(), packed + 64 * word, 64);
			t->valid_i = 1;
			t->word_i = word;
			t->first_i = word == 0;
			t->last_i = word == words - 1;
			t->pass_end_i = t->last_i && row == 99;
			t->row_i = row & 127;
			u.step();
			watch();
		}
	}
	t->valid_i = 0;
	for (int i = 0; i < 6; i++) {
		u.step();
		watch();
	}
	return good && want_row.empty() && counted == nonzeros;
}

static void test_array(Random &rng)
{
	Units u;
	bool good = true;

	for (int i = 0; i < 20; i++)
		good &= array_rows(u, rng, false, 1 + rng.below(3));
	tap.ok(good, "array: sums, rows and nonzeros as in plain C");
	tap.ok(array_rows(u, rng, true, 3), "array: every x -128, every trit -1");
}

static void test_fifo(Random &rng)
{
	Units u;
	Vunits *t = u.top.get();
	std::deque<uint32_t> want;
	unsigned taken = 0, before = assertions_fired;
	bool good = true;

	for (int i = 0; i < 5000; i++) {
		t->fifo_write_i = want.size() < FIFO_DEPTH && rng.percent(60);
		t->fifo_data_i = rng.next();
		t->fifo_read_i = t->fifo_valid_o && rng.percent(50);
		if (t->fifo_read_i) {
			good &= t->fifo_data_o == want.front();
			want.pop_front();
			taken++;
		}
		if (t->fifo_write_i)
			want.push_back(t->fifo_data_i);
		u.step();
	}
	tap.ok(good && taken > 1000 && assertions_fired == before, "FIFO: %u words in order", taken);
}

static void test_arbiter()
{
	Units u;
	Vunits *t = u.top.get();
	bool good = true;

	for (unsigned request = 0; request < 256; request++) {
		for (unsigned last = 0; last < 8; last++) {
			unsigned next = last;

			t->arb_request_i = request;
			t->arb_last_i = last;
			t->eval();
			good &= t->arb_valid_o == (request != 0);
			do
				next = (next + 1) % 8;
			while (request && !(request >> next & 1));
			if (request)
				good &= t->arb_index_o == next;
		}
	}
	tap.ok(good, "arbiter: the next request, for all 256 times 8 inputs");
}

static void test_multiplier(Random &rng)
{
	static const uint32_t edges[] = {0, 1, 2, 0x80000000u, 0xffffffffu};
	Units u;
	Vunits *t = u.top.get();
	bool good = true;

	for (int i = 0; i < 2000; i++) {
		uint32_t a = i < 25 ? edges[i % 5] : rng.next() * 3, b = i < 25 ? edges[i / 5] : rng.next() * 5;
		int cycles = 0;

		t->mul_a_i = a;
		t->mul_b_i = b;
		t->mul_start_i = 1;
		u.step();
		t->mul_start_i = 0;
		while (!t->mul_done_o && cycles++ < 40)
			u.step();
		good &= t->mul_product_o == (uint64_t)a * b && cycles <= 32;
	}
	tap.ok(good, "serial multiplier");
}

/* Breaks one rule; true if an assertion noticed. */
template <typename Break> static void canary(const char *rule, Break broken)
{
	Units u;
	unsigned before;

	for (int i = 0; i < 3; i++)
		u.step();
	before = assertions_fired;
	broken(u);
	tap.ok(assertions_fired > before, "canary: %s", rule);
}

static void test_canaries()
{
	canary("AWVALID given up", [](Units &u) {
		u.top->awvalid_i = 1;
		u.step();
		u.top->awvalid_i = 0;
		u.step();
	});
	canary("AWADDR changed under AWVALID", [](Units &u) {
		u.top->awvalid_i = 1;
		u.step();
		u.top->awaddr_i = 64;
		u.step();
	});
	canary("ARADDR changed under ARVALID", [](Units &u) {
		u.top->arvalid_i = 1;
		u.step();
		u.top->araddr_i = 64;
		u.step();
	});
	canary("AW across 4 KiB", [](Units &u) {
		u.top->awvalid_i = 1;
		u.top->awaddr_i = 4096 - 64;
		u.top->awlen_i = 1;
		u.step();
	});
	canary("AR misaligned", [](Units &u) {
		u.top->arvalid_i = 1;
		u.top->araddr_i = 32;
		u.step();
	});
	canary("W before its AW", [](Units &u) {
		u.top->wvalid_i = 1;
		u.step();
	});
	canary("WDATA changed under WVALID", [](Units &u) {
		u.top->awvalid_i = u.top->awready_i = u.top->wvalid_i = u.top->wlast_i = 1;
		u.step();
		u.top->awvalid_i = 0;
		u.top->wdata_i[15] = 1;
		u.step();
	});
	canary("WLAST too early", [](Units &u) {
		u.top->awvalid_i = u.top->awready_i = 1;
		u.top->awlen_i = 3;
		u.step();
		u.top->awvalid_i = 0;
		u.top->wvalid_i = u.top->wlast_i = 1;
		u.step();
	});
	canary("B that nobody asked for", [](Units &u) {
		u.top->bvalid_i = 1;
		u.step();
	});
	canary("R that nobody asked for", [](Units &u) {
		u.top->rvalid_i = 1;
		u.step();
	});
	canary("FIFO overflow", [](Units &u) {
		u.top->fifo_write_i = 1;
		for (unsigned i = 0; i <= FIFO_DEPTH; i++)
			u.step();
	});
	canary("FIFO underflow", [](Units &u) {
		u.top->fifo_read_i = 1;
		u.step();
	});
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], nullptr, 0) : 1;
	Random rng(seed);

	printf("# seed %llu\n", (unsigned long long)seed);
	test_array(rng);
	test_fifo(rng);
	test_arbiter();
	test_multiplier(rng);
	test_canaries();
	return tap.end();
}
