// SPDX-License-Identifier: Apache-2.0
/*
 * tern_unpack against trits that are packed here from the definitions in
 * abi/tern.toml: rows of every length, both packings, stalls on both sides.
 */
#include <cstring>
#include <vector>

#include "Vtern_unpack.h"
#include "tern_abi.h"
#include "unit.h"

struct Beat {
	uint8_t bytes[TERN_BEAT_BYTES];
};
typedef std::vector<int> Row;	/* trits */

static void pack_b5(const Row &row, std::vector<Beat> &beats)
{
	for (size_t from = 0; from < row.size(); from += 320) {
		Beat beat;

		for (unsigned byte = 0; byte < 64; byte++) {
			unsigned power = 1, value = 0;

			for (unsigned digit = 0; digit < 5; digit++, power *= 3) {
				size_t i = from + byte * 5 + digit;

				value += ((i < row.size() ? row[i] : 0) + 1) * power;
			}
			beat.bytes[byte] = value;
		}
		beats.push_back(beat);
	}
}

static void pack_p2(const Row &row, std::vector<Beat> &beats)
{
	for (size_t from = 0; from < row.size(); from += 256) {
		Beat beat = {};

		for (size_t i = from; i < from + 256 && i < row.size(); i++) {
			unsigned bit = 1u << i % 8, byte = (i - from) / 8;

			if (row[i] < 0)
				beat.bytes[byte] |= bit;
			if (row[i])
				beat.bytes[32 + byte] |= bit;
		}
		beats.push_back(beat);
	}
}

class Bench {
public:
	Unit<Vtern_unpack> dut;
	std::mt19937 rng{7};
	Finding found;

	Bench()
	{
		dut->clear_i = dut->valid_i = dut->read_i = 0;
		dut->b5_i = dut->words_last_i = dut->beats_last_i = 0;
		dut.reset();
	}

	std::vector<Row> random_rows(unsigned rows, unsigned k)
	{
		std::vector<Row> all(rows, Row(k));

		for (Row &row : all)
			for (int &trit : row)
				trit = (int)(rng() % 3) - 1;
		return all;
	}

	void offer(const std::vector<Beat> &beats, size_t next, bool valid)
	{
		dut->valid_i = valid && next < beats.size();
		if (dut->valid_i)
			memcpy(dut->data_i.data(), beats[next].bytes, TERN_BEAT_BYTES);
		else
			memset(dut->data_i.data(), 0xa5, TERN_BEAT_BYTES);
	}

	/* One tile; returns the cycles that it took. stop: end it early, after so many groups. */
	unsigned tile(bool b5, const std::vector<Row> &rows, unsigned in_percent,
		      unsigned out_percent, unsigned stop = ~0u)
	{
		unsigned k = rows[0].size(), words = (k + 255) / 256, word = 0, cycles = 0;
		unsigned beats_a_row = b5 ? (k + 319) / 320 : words;
		std::vector<Beat> beats;
		size_t next = 0, row = 0;

		for (const Row &r : rows)
			b5 ? pack_b5(r, beats) : pack_p2(r, beats);
		found.expect(beats.size() == rows.size() * beats_a_row, "the bench packed wrongly");
		dut->b5_i = b5;
		dut->words_last_i = words - 1;
		dut->beats_last_i = beats_a_row - 1;
		while (row < rows.size() && stop && cycles++ < 1000000) {
			offer(beats, next, rng() % 100 < in_percent);
			dut->read_i = 0;
			dut.settle();
			dut->read_i = dut->valid_o && rng() % 100 < out_percent;
			dut.settle();
			if (dut->read_i) {
				check(rows[row], word * 256, b5);
				stop--;
				if (++word == words) {
					word = 0;
					row++;
				}
			}
			next += dut->read_o;
			dut.step();
		}
		dut->valid_i = dut->read_i = 0;
		if (stop && stop < ~0u - 1000000)
			found.expect(false, "the tile ended before it was stopped");
		if (stop)
			found.expect(next == beats.size(), "k %u: %zu beats taken, not %zu", k, next,
				     beats.size());
		return cycles;
	}

	void clear()
	{
		dut->clear_i = 1;
		dut.step();
		dut->clear_i = 0;
	}

private:
	void check(const Row &row, unsigned from, bool b5)
	{
		for (unsigned i = 0; i < 256; i++) {
			int want = from + i < row.size() ? row[from + i] : 0;
			bool neg = dut->neg_o[i / 32] >> i % 32 & 1, nz = dut->nz_o[i / 32] >> i % 32 & 1;

			found.expect(neg == (want < 0) && nz == (want != 0),
				     "%s, k %zu, trit %u: neg %d nz %d, not %d", b5 ? "B5" : "P2",
				     row.size(), from + i, neg, nz, want);
		}
	}
};

int main()
{
	Bench b;
	Tap tap;

	for (unsigned b5 = 0; b5 < 2; b5++) {
		for (unsigned k = 1; k <= 2000; k++) {
			unsigned cycles = b.tile(b5, b.random_rows(3, k), 100, 100);

			b.found.expect(cycles == 3 * ((k + 255) / 256), "k %u: %u cycles", k, cycles);
		}
		b.found.report(tap, b5 ? "B5: rows of 1 to 2000 trits, a group a cycle" :
			       "P2: rows of 1 to 2000 trits, a group a cycle");
	}
	for (unsigned k : {2560u, 4096u, 6912u, 8640u, 16000u, 16384u, 32768u}) {
		unsigned cycles = b.tile(true, b.random_rows(2, k), 100, 100);

		b.found.expect(cycles == 2 * ((k + 255) / 256), "k %u: %u cycles", k, cycles);
	}
	b.found.report(tap, "B5: long rows, up to 128 groups");
	for (unsigned i = 0; i < 1500; i++) {
		unsigned rows = 1 + b.rng() % 4, k = 1 + b.rng() % 2000;
		unsigned in = 5 + b.rng() % 96, out = 5 + b.rng() % 96;

		b.tile(b.rng() & 1, b.random_rows(rows, k), in, out);
	}
	b.found.report(tap, "1500 tiles of both packings, stalls on both sides");
	for (unsigned i = 0; i < 500; i++) {
		b.tile(true, b.random_rows(2, 1281), 90, 90, 1 + b.rng() % 11);
		b.clear();
		b.tile(true, b.random_rows(1, 1 + b.rng() % 1000), 100, 100);
	}
	b.found.report(tap, "cleared in the middle of a row");
	return tap.end();
}
