// SPDX-License-Identifier: Apache-2.0
/*
 * tern_array against plain loops: every activation with every trit, the worst
 * sums, random rows with gaps between beats, columns off, the golden vectors.
 */
#include <cstring>
#include <vector>

#include "Vtern_array.h"
#include "unit.h"

extern "C" {
#include "../vectors/vectors.h"
}

/* As unit.mk builds it. */
static const unsigned COLS = 4, K_TILE = 4096, ROWS_TILE = 16;
static const unsigned LANES = 256, WORDS = K_TILE / LANES;

struct Trits {
	uint32_t neg[8] = {}, nz[8] = {};

	void set(unsigned lane, int trit)
	{
		uint32_t bit = 1u << lane % 32;

		neg[lane / 32] = trit < 0 ? neg[lane / 32] | bit : neg[lane / 32] & ~bit;
		nz[lane / 32] = trit ? nz[lane / 32] | bit : nz[lane / 32] & ~bit;
	}
	/* A sign without its nonzero bit counts as 0. */
	int at(unsigned lane) const
	{
		if (!(nz[lane / 32] >> lane % 32 & 1))
			return 0;
		return neg[lane / 32] >> lane % 32 & 1 ? -1 : 1;
	}
};

/* A row of W, and what is known of it. */
struct Row {
	std::vector<Trits> beats;
	unsigned tag;
	bool add = false, block_end = false, pass_end = false;
};

class Bench {
public:
	Unit<Vtern_array> dut;
	std::mt19937 rng{4};
	Finding found;
	int8_t x[COLS][K_TILE] = {};
	unsigned on = (1u << COLS) - 1;
	unsigned gap_percent = 0;

	Bench()
	{
		dut->start_i = dut->write_i = dut->valid_i = 0;
		dut->on_i = on;
		dut.reset();
	}

	/* One word of a column: quarter q has bit p of activation 64 q + i at p * 64 + i. */
	void load(unsigned col, unsigned word)
	{
		uint32_t *quarters[] = {dut->quarter0_i.data(), dut->quarter1_i.data(),
					dut->quarter2_i.data(), dut->quarter3_i.data()};

		for (unsigned q = 0; q < 4; q++) {
			memset(quarters[q], 0, 64);
			for (unsigned i = 0; i < 64; i++)
				for (unsigned p = 0; p < 8; p++)
					if ((uint8_t)x[col][word * LANES + q * 64 + i] >> p & 1)
						quarters[q][(p * 64 + i) / 32] |= 1u << i % 32;
		}
		dut->write_i = 1;
		dut->write_col_i = col;
		dut->write_word_i = word;
		cycle();
		dut->write_i = 0;
	}
	void load_all(unsigned words)
	{
		for (unsigned c = 0; c < COLS; c++)
			for (unsigned w = 0; w < words; w++)
				load(c, w);
	}

	void run(const Row &row)
	{
		Expected e = {row.tag, row.add, row.block_end, {}};

		for (unsigned b = 0; b < row.beats.size(); b++) {
			const Trits &t = row.beats[b];

			while (rng() % 100 < gap_percent) {
				/* What stands on the ports without valid must not matter. */
				for (unsigned i = 0; i < 16; i++)
					dut->weights_i[i] = rng();
				dut->first_i = rng() & 1;
				dut->last_i = rng() & 1;
				dut->pass_end_i = rng() & 1;
				dut->valid_i = 0;
				cycle();
			}
			memcpy(dut->weights_i.data(), t.neg, 32);
			memcpy(dut->weights_i.data() + 8, t.nz, 32);
			dut->word_i = b;
			dut->first_i = b == 0;
			dut->last_i = b + 1 == row.beats.size();
			dut->add_i = row.add;
			dut->block_end_i = row.block_end && dut->last_i;
			dut->pass_end_i = row.pass_end && dut->last_i;
			dut->row_i = row.tag;
			for (unsigned lane = 0; lane < LANES; lane++) {
				nonzeros_ += t.at(lane) != 0;
				for (unsigned c = 0; c < COLS; c++)
					e.sum[c] += t.at(lane) * x[c][b * LANES + lane];
			}
			if (dut->last_i) {
				expected_.push_back(e);
				if (row.pass_end) {
					passes_.push_back(nonzeros_);
					nonzeros_ = 0;
				}
			}
			dut->valid_i = 1;
			cycle();
		}
		dut->valid_i = 0;
	}
	/* Until everything has come out; nothing may be missing or too much. */
	void flush()
	{
		for (unsigned i = 0; i < 12; i++)
			cycle();
		found.expect(expected_.empty(), "%zu rows never came out", expected_.size());
		found.expect(passes_.empty(), "%zu passes were not counted", passes_.size());
		found.expect(!dut->busy_o, "busy at rest");
		expected_.clear();
		passes_.clear();
	}

	/* A job that was aborted leaves nothing for the next one to count. */
	void start()
	{
		dut->start_i = 1;
		cycle();
		dut->start_i = 0;
		nonzeros_ = 0;
	}

	std::vector<int32_t> sums;	/* of column c and the rows so far, at row * COLS + c */

private:
	struct Expected {
		unsigned tag;
		bool add, block_end;
		int32_t sum[COLS];
	};
	std::vector<Expected> expected_;
	std::vector<uint64_t> passes_;
	uint64_t nonzeros_ = 0;
	int32_t off_[COLS];
	unsigned off_known_ = 0;

	void cycle()
	{
		dut->on_i = on;
		dut.step();
		/* A column that is off keeps its sum. */
		for (unsigned c = 0; c < COLS; c++) {
			int32_t now = (int32_t)dut->row_acc_o[c];

			if (on >> c & 1) {
				off_known_ &= ~(1u << c);
				continue;
			}
			if (off_known_ >> c & 1)
				found.expect(now == off_[c], "column %u is off and moved", c);
			off_[c] = now;
			off_known_ |= 1u << c;
		}
		if (dut->pass_end_o) {
			if (found.expect(!passes_.empty(), "counted a pass too many")) {
				found.expect(dut->nonzeros_o == passes_[0], "nonzeros %llu, not %llu",
					     (unsigned long long)dut->nonzeros_o,
					     (unsigned long long)passes_[0]);
				passes_.erase(passes_.begin());
			}
		}
		if (!dut->row_valid_o) {
			found.expect(!dut->block_end_o, "end of a block without a row");
			return;
		}
		if (!found.expect(!expected_.empty(), "a row too many, tag %u", dut->row_o))
			return;
		Expected e = expected_[0];
		expected_.erase(expected_.begin());
		found.expect(dut->row_o == e.tag, "tag %u, not %u", dut->row_o, e.tag);
		found.expect(dut->row_add_o == e.add, "row %u: add %d", e.tag, dut->row_add_o);
		found.expect(dut->block_end_o == e.block_end, "row %u: block end %d", e.tag,
			     dut->block_end_o);
		for (unsigned c = 0; c < COLS; c++) {
			int32_t sum = (int32_t)dut->row_acc_o[c];

			sums.push_back(sum);
			if (on >> c & 1)
				found.expect(sum == e.sum[c], "row %u, column %u: %d, not %d", e.tag, c,
					     sum, e.sum[c]);
		}
	}
};

/* Lane i of the word holds i - 128, in each column turned by another amount. */
static void all_values(Bench &b, Tap &tap)
{
	for (unsigned c = 0; c < COLS; c++)
		for (unsigned i = 0; i < LANES; i++)
			b.x[c][i] = (int8_t)(i + c * 85);
	b.load_all(1);
	unsigned tag = 0;
	for (int code = 0; code < 4; code++) {	/* 0, +1, -1, a sign without nonzero */
		for (unsigned lane = 0; lane < LANES; lane++) {
			Row row = {{Trits()}, tag++ % (2 * ROWS_TILE)};

			if (code == 3)
				row.beats[0].neg[lane / 32] = 1u << lane % 32;
			else
				row.beats[0].set(lane, code == 2 ? -1 : code);
			b.run(row);
		}
	}
	b.flush();
	b.found.report(tap, "every activation with every trit, each lane alone");
	for (int trit = -1; trit <= 1; trit++) {
		Row row = {{Trits()}, 0};

		for (unsigned lane = 0; lane < LANES; lane++)
			row.beats[0].set(lane, trit);
		b.run(row);
	}
	b.flush();
	b.found.report(tap, "all of them in one beat");
}

static void worst(Bench &b, Tap &tap)
{
	static const int values[][2] = {{-128, -1}, {-128, 1}, {127, -1}, {127, 1}};

	for (auto &v : values) {
		for (unsigned c = 0; c < COLS; c++)
			for (unsigned i = 0; i < K_TILE; i++)
				b.x[c][i] = (int8_t)v[0];
		b.load_all(WORDS);
		Row row = {std::vector<Trits>(WORDS), 1};
		for (auto &t : row.beats)
			for (unsigned lane = 0; lane < LANES; lane++)
				t.set(lane, v[1]);
		b.run(row);
		b.flush();
		b.found.expect(b.sums.back() == v[0] * v[1] * (int)K_TILE, "%d * %d: %d", v[0], v[1],
			       b.sums.back());
	}
	b.found.report(tap, "the greatest sums, -128 times -1 among them");
}

static void random_rows(Bench &b, Tap &tap, unsigned gap_percent, unsigned on, const char *name)
{
	b.gap_percent = gap_percent;
	b.on = on;
	for (unsigned round = 0; round < 12; round++) {
		unsigned words = 1 + b.rng() % WORDS;

		for (unsigned c = 0; c < COLS; c++)
			for (unsigned i = 0; i < words * LANES; i++)
				b.x[c][i] = (int8_t)b.rng();
		b.load_all(words);
		for (unsigned n = 0; n < ROWS_TILE; n++) {
			Row row = {std::vector<Trits>(words), round % 2 * ROWS_TILE + n};

			for (auto &t : row.beats)
				for (unsigned i = 0; i < 8; i++) {
					t.neg[i] = b.rng();
					t.nz[i] = b.rng() | b.rng();
				}
			row.add = round % 3 == 2;
			row.block_end = n + 1 == ROWS_TILE;
			row.pass_end = row.block_end && round % 2;
			b.run(row);
		}
		b.flush();
	}
	b.gap_percent = 0;
	b.on = (1u << COLS) - 1;
	b.found.report(tap, name);
}

static void aborted(Bench &b, Tap &tap)
{
	for (unsigned round = 0; round < 3; round++) {
		Row row = {std::vector<Trits>(3), round};

		for (auto &t : row.beats)
			for (unsigned lane = 0; lane < LANES; lane += 1 + round)
				t.set(lane, 1);
		b.run(row);
		b.flush();
		if (round == 0)
			b.start();
		row.pass_end = round == 2;
		row.tag++;
		b.run(row);
		b.flush();
	}
	b.found.report(tap, "the count begins with the job");
}

static void golden(Bench &b, Tap &tap)
{
	FILE *f = fopen(TERN_VECTORS_FILE, "r");
	tern_vector v;
	unsigned used = 0;
	int rc = 0;

	if (!b.found.expect(f, "can't open %s; run this from the repository's root",
			    TERN_VECTORS_FILE)) {
		b.found.report(tap, "golden vectors");
		return;
	}
	while ((rc = tern_vector_read(f, &v)) == 1) {
		for (unsigned t0 = 0; v.k <= K_TILE && t0 < v.t; t0 += COLS) {
			unsigned cols = v.t - t0 < COLS ? v.t - t0 : COLS, words = (v.k + 255) / 256;

			memset(b.x, 0, sizeof(b.x));
			for (unsigned c = 0; c < cols; c++)
				memcpy(b.x[c], v.x + (size_t)(t0 + c) * v.k, v.k);
			b.on = (1u << cols) - 1;
			b.load_all(words);
			b.sums.clear();
			for (unsigned n = 0; n < v.n; n++) {
				Row row = {std::vector<Trits>(words), n % (2 * ROWS_TILE)};

				for (unsigned w = 0; w < words; w++) {
					const uint8_t *beat = v.p2 + n * v.row_bytes + w * 64;

					memcpy(row.beats[w].neg, beat, 32);
					memcpy(row.beats[w].nz, beat + 32, 32);
				}
				b.run(row);
			}
			b.flush();
			for (unsigned n = 0; n < v.n; n++)
				for (unsigned c = 0; c < cols; c++)
					b.found.expect(b.sums[n * COLS + c] ==
						       v.y[(size_t)(t0 + c) * v.n + n],
						       "%s: y[%u][%u]", v.name, t0 + c, n);
			used++;
		}
		tern_vector_free(&v);
	}
	fclose(f);
	b.found.expect(rc == 0, "%s is damaged", TERN_VECTORS_FILE);
	b.found.expect(used > 5, "only %u passes: the vectors don't fit", used);
	b.on = (1u << COLS) - 1;
	b.found.report(tap, "golden vectors");
}

int main()
{
	Bench b;
	Tap tap;

	all_values(b, tap);
	worst(b, tap);
	random_rows(b, tap, 0, 15, "random rows, a beat each cycle");
	random_rows(b, tap, 60, 15, "random rows with gaps");
	random_rows(b, tap, 30, 1, "one token: the other columns keep silent");
	random_rows(b, tap, 30, 7, "three tokens: the fourth column keeps silent");
	aborted(b, tap);
	golden(b, tap);
	return tap.end();
}
