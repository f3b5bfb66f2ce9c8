// SPDX-License-Identifier: Apache-2.0
/*
 * An array behind the ports of tern_array against plain loops: every activation
 * with every trit, the worst sums, random rows with gaps between beats, columns
 * off, one half filled while the other works, parity, the golden vectors.
 *
 * Compiled for one array with one set of parameters: LANES, STREAMS, COLS, K_TILE
 * and ARRAY_RAM, the activations' RAM as Verilator calls it. Its word of column c
 * is at {half, c, word}.
 */
#include <cstring>
#include <deque>
#include <type_traits>
#include <vector>

#include "Varray.h"
#include "Varray___024root.h"
#include "unit.h"

extern "C" {
#include "../vectors/vectors.h"
}

static const unsigned WORDS = K_TILE / LANES, ALL = (1u << COLS) - 1;
/* Cycles from the last activation to the first beat that meets it, and back. */
static const unsigned X_TO_BEAT = 4, BEAT_TO_X = 3;
/* Edges of the control clock that are sure after an activation's own. */
static const unsigned CONTROL_EDGES = 2;
/* Cycles from a beat to the row that it completes. */
static const unsigned LATENCY_LEAST = 2, LATENCY_MOST = 32;

/* Bits of a port, which is one word, or many. */
template <class T> static void set_bit(T &port, unsigned bit, bool value)
{
	if constexpr (std::is_integral_v<T>)
		port = (T)((port & ~((T)1 << bit)) | (T)value << bit);
	else
		port[bit / 32] = (port[bit / 32] & ~(1u << bit % 32)) | (uint32_t)value << bit % 32;
}

template <class T> static int32_t get32(const T &port, unsigned index)
{
	if constexpr (std::is_integral_v<T>)
		return (int32_t)(port >> index * 32);
	else
		return (int32_t)port.m_storage[index];
}

/* Trits of the rows that go through together: nz | neg << 1 each, by stream and k. */
struct Rows {
	std::vector<uint8_t> code[STREAMS];
	unsigned on = ALL, half = 0;
	bool check = true;

	explicit Rows(unsigned words)
	{
		for (auto &c : code)
			c.resize(words * LANES);
	}
	void set(unsigned s, unsigned k, int trit) { code[s][k] = trit < 0 ? 3 : trit; }
	/* A sign without its nonzero bit counts as 0. */
	int at(unsigned s, unsigned k) const
	{
		return !(code[s][k] & 1) ? 0 : code[s][k] & 2 ? -1 : 1;
	}
	unsigned words() const { return code[0].size() / LANES; }
};

class Bench {
public:
	std::unique_ptr<Varray> dut{new Varray};
	Coverage coverage{*dut};
	std::mt19937 rng{4};
	Finding found;
	int8_t x[2][COLS][K_TILE] = {};
	unsigned gap_percent = 0;
	std::vector<int32_t> sums;	/* of each row: stream by stream, column by column */
	unsigned bad_rows = 0, latency = 0;

	Bench()
	{
		dut->x_valid_i = dut->valid_i = 0;
		dut->rst_ni = 0;
		control_edges_ = 2;
		cycle();
		cycle();
		dut->rst_ni = 1;
	}
	~Bench() { dut->final(); }

	/* The first @k activations of a column, 64 a cycle; they go in beside what else happens. */
	void load(unsigned half, unsigned col, unsigned k)
	{
		for (unsigned chunk = 0; chunk * 64 < k; chunk++) {
			Chunk c = {half, col, chunk, chunk * 64 + 64 >= k, {}};

			for (unsigned i = 0; i < 64 && chunk * 64 + i < k; i++)
				c.data[i] = (uint8_t)x[half][col][chunk * 64 + i];
			chunks_.push_back(c);
		}
		/* What follows in the last word is 0. */
		for (unsigned i = k; i < (k + LANES - 1) / LANES * LANES; i++)
			x[half][col][i] = 0;
	}
	void load_all(unsigned half, unsigned k)
	{
		idle(BEAT_TO_X - 1);
		for (unsigned c = 0; c < COLS; c++)
			load(half, c, k);
		loaded();
	}
	void loaded()
	{
		while (!chunks_.empty())
			cycle();
		idle(X_TO_BEAT - 1);
	}
	void idle(unsigned cycles)
	{
		while (cycles--)
			cycle();
	}

	void run(const Rows &rows, bool bad = false)
	{
		Expected e = {(unsigned)rng() & 0xff, rows.on, bad, rows.check, 0, {}};

		for (unsigned w = 0; w < rows.words(); w++) {
			while (rng() % 100 < gap_percent) {
				garbage();
				cycle();
			}
			for (unsigned i = 0; i < STREAMS * LANES; i++) {
				unsigned code = rows.code[i / LANES][w * LANES + i % LANES];

				set_bit(dut->neg_i, i, code >> 1);
				set_bit(dut->nz_i, i, code & 1);
			}
			dut->half_i = rows.half;
			dut->word_i = w;
			dut->on_i = rows.on;
			dut->check_i = rows.check;
			dut->first_i = w == 0;
			dut->last_i = w + 1 == rows.words();
			/* A row's tag comes with its last beat. */
			dut->tag_i = dut->last_i ? e.tag : rng() & 0xff;
			dut->valid_i = 1;
			for (unsigned s = 0; s < STREAMS; s++)
				for (unsigned c = 0; c < COLS; c++)
					for (unsigned k = w * LANES; k < (w + 1) * LANES; k++)
						e.sum[s * COLS + c] += rows.at(s, k) *
								       x[rows.half][c][k];
			if (dut->last_i) {
				e.when = now_;
				expected_.push_back(e);
			}
			cycle();
			dut->valid_i = 0;
		}
	}
	/* Until everything has come out; nothing may be missing or too much. */
	void flush()
	{
		idle(LATENCY_MOST);
		found.expect(expected_.empty(), "%zu rows never came out", expected_.size());
		expected_.clear();
	}
	/* Bit @bit of a word of the activations' RAM turns over. */
	void flip(unsigned half, unsigned col, unsigned word, unsigned bit)
	{
		dut->rootp->ARRAY_RAM[(half * COLS + col) * WORDS + word][bit / 32] ^= 1u << bit % 32;
	}
	int32_t column(unsigned s, unsigned c) const { return get32(dut->row_acc_o, s * COLS + c); }

private:
	struct Chunk {
		unsigned half, col, chunk;
		bool last;
		uint8_t data[64];
	};
	struct Expected {
		unsigned tag, on;
		bool bad, check;
		uint64_t when;
		int32_t sum[STREAMS * COLS];
	};
	std::deque<Chunk> chunks_;
	std::deque<Expected> expected_;
	uint64_t now_ = 0;
	unsigned control_edges_ = 0;

	/* What stands on the ports without valid must not matter. */
	void garbage()
	{
		for (unsigned i = 0; i < STREAMS * LANES; i++) {
			set_bit(dut->neg_i, i, rng() & 1);
			set_bit(dut->nz_i, i, rng() & 1);
		}
		dut->half_i = rng() & 1;
		dut->word_i = rng() % WORDS;
		dut->on_i = rng() & ALL;
		dut->first_i = rng() & 1;
		dut->last_i = rng() & 1;
		dut->check_i = rng() & 1;
		dut->tag_i = rng() & 0xff;
		dut->valid_i = 0;
	}

	void cycle()
	{
		dut->x_valid_i = 0;
		if (!chunks_.empty() && rng() % 100 >= gap_percent) {
			const Chunk &c = chunks_.front();

			dut->x_valid_i = 1;
			dut->x_half_i = c.half;
			dut->x_col_i = c.col;
			dut->x_chunk_i = c.chunk;
			dut->x_last_i = c.last;
			memcpy(dut->x_data_i.data(), c.data, 64);
			chunks_.pop_front();
			control_edges_ = 1 + CONTROL_EDGES;
		}
		dut->clk_i = dut->clk_ctl_i = 0;
		dut->eval();
		coverage.sample();
		dut->clk_i = 1;
		if (control_edges_) {
			dut->clk_ctl_i = 1;
			control_edges_--;
		}
		dut->eval();
		coverage.sample();
		now_++;
		if (dut->row_valid_o)
			take();
	}
	void take()
	{
		if (!found.expect(!expected_.empty(), "a row too many, tag %u", dut->row_tag_o))
			return;
		Expected e = expected_.front();

		expected_.pop_front();
		latency = now_ - e.when;
		found.expect(latency >= LATENCY_LEAST && latency <= LATENCY_MOST,
			     "%u cycles from the last beat to the row", latency);
		found.expect(dut->row_tag_o == e.tag, "tag %u, not %u", dut->row_tag_o, e.tag);
		found.expect(dut->row_on_o == e.on, "columns %#x, not %#x", dut->row_on_o, e.on);
		if (e.check)
			found.expect(dut->row_bad_o == e.bad, "row with parity %s is %s",
				     e.bad ? "wrong" : "right", dut->row_bad_o ? "bad" : "good");
		bad_rows += dut->row_bad_o;
		for (unsigned s = 0; s < STREAMS; s++) {
			for (unsigned c = 0; c < COLS; c++) {
				sums.push_back(column(s, c));
				if (e.on >> c & 1 && !e.bad)
					found.expect(column(s, c) == e.sum[s * COLS + c],
						     "row %u of %u, column %u: %d, not %d", s, STREAMS, c,
						     column(s, c), e.sum[s * COLS + c]);
			}
		}
	}
};

static void random_x(Bench &b, unsigned half)
{
	for (auto &column : b.x[half])
		for (auto &value : column)
			value = (int8_t)b.rng();
}

static Rows random_trits(Bench &b, unsigned words)
{
	Rows rows(words);

	for (auto &stream : rows.code)
		for (auto &code : stream)
			code = b.rng() & 3;
	return rows;
}

/* Each lane alone, and all together, through all 256 values, each column at another one. */
static void all_values(Bench &b, Tap &tap)
{
	for (unsigned turn = 0; turn < 256; turn += LANES) {
		for (unsigned c = 0; c < COLS; c++)
			for (unsigned i = 0; i < LANES; i++)
				b.x[0][c][i] = (int8_t)(i + turn + c * 85);
		b.load_all(0, LANES);
		for (unsigned code = 0; code < 4; code++) {
			for (unsigned lane = 0; lane <= LANES; lane++) {
				Rows rows(1);

				for (unsigned s = 0; s < STREAMS; s++)
					for (unsigned i = 0; i < LANES; i++)
						if (lane == LANES || lane == i)
							rows.code[s][i] = (code + s) & 3;
				b.run(rows);
			}
		}
		b.flush();
	}
	b.found.report(tap, "every activation with every trit, each lane alone and all at once");
}

static void worst(Bench &b, Tap &tap)
{
	static const int values[][2] = {{-128, -1}, {-128, 1}, {127, -1}, {127, 1}};

	for (auto &v : values) {
		memset(b.x[1], v[0], sizeof(b.x[1]));
		b.load_all(1, K_TILE);
		Rows rows(WORDS);

		rows.half = 1;
		for (auto &stream : rows.code)
			memset(stream.data(), v[1] < 0 ? 3 : 1, stream.size());
		b.run(rows);
		b.flush();
		b.found.expect(b.sums.back() == v[0] * v[1] * K_TILE, "%d * %d: %d", v[0], v[1],
			       b.sums.back());
	}
	b.found.report(tap, "the greatest sums, -128 times -1 among them");
}

/* Tiles of any length from both halves, one filled while the other works. */
static void random_rows(Bench &b, Tap &tap, unsigned gap_percent, unsigned on, const char *name)
{
	unsigned k = 0, next;

	b.gap_percent = gap_percent;
	b.flush();
	int32_t still[STREAMS * COLS];
	for (unsigned i = 0; i < STREAMS * COLS; i++)
		still[i] = b.column(i / COLS, i % COLS);
	for (unsigned tile = 0; tile < 10; tile++, k = next) {
		next = 1 + b.rng() % (tile & 1 ? 2 * LANES : K_TILE < 4096 ? K_TILE : 4096);
		b.idle(BEAT_TO_X - 1);
		random_x(b, ~tile & 1);
		for (unsigned c = 0; c < COLS; c++)
			b.load(~tile & 1, c, next);
		for (unsigned n = 0; k && n < 9; n++) {
			Rows rows = random_trits(b, (k + LANES - 1) / LANES);

			rows.half = tile & 1;
			rows.on = n == 5 ? 0 : on;
			rows.check = n & 1;
			b.run(rows);
		}
		b.loaded();
	}
	b.flush();
	for (unsigned i = 0; i < STREAMS * COLS; i++)
		b.found.expect(on >> i % COLS & 1 || b.column(i / COLS, i % COLS) == still[i],
			       "column %u is off and moved", i % COLS);
	b.gap_percent = 0;
	b.found.report(tap, name);
}

/* A bit of a word turns over: rows that meet it with their column on are bad, others are not. */
static void parity(Bench &b, Tap &tap)
{
	unsigned words = WORDS < 3 ? WORDS : 3;

	for (unsigned round = 0; round < 60; round++) {
		unsigned half = round & 1, col = b.rng() % COLS, word = b.rng() % words;
		unsigned bit = round == 0 ? 0 : round == 1 ? 8 * LANES - 1 : b.rng() % (8 * LANES);

		random_x(b, half);
		b.load_all(half, words * LANES);
		Rows rows = random_trits(b, words);

		rows.half = half;
		b.run(rows);
		b.flip(half, col, word, bit);
		b.run(rows, true);
		rows.on = ALL & ~(1u << col);
		b.run(rows);
		/* A flag does not stay. */
		Rows other = random_trits(b, 1);

		other.half = half;
		other.on = word == 0 ? rows.on : ALL;
		b.run(other);
		b.flush();
	}
	b.found.expect(b.bad_rows >= 60, "%u bad rows", b.bad_rows);
	b.found.report(tap, "a flipped bit is found, and only where it counts");
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
			unsigned cols = v.t - t0 < COLS ? v.t - t0 : COLS;
			unsigned words = (v.k + LANES - 1) / LANES;

			for (unsigned c = 0; c < cols; c++)
				memcpy(b.x[0][c], v.x + (size_t)(t0 + c) * v.k, v.k);
			b.load_all(0, v.k);
			b.sums.clear();
			for (unsigned n = 0; n < v.n; n += STREAMS) {
				Rows rows(words);

				rows.on = (1u << cols) - 1;
				for (unsigned s = 0; s < STREAMS && n + s < v.n; s++)
					for (unsigned k = 0; k < v.k; k++)
						rows.set(s, k, v.trits[(size_t)(n + s) * v.k + k]);
				b.run(rows);
			}
			b.flush();
			for (unsigned n = 0; n < v.n && b.sums.size() >= v.n * COLS; n++)
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
	b.found.report(tap, "golden vectors");
}

int main()
{
	Bench b;
	Tap tap;

	all_values(b, tap);
	worst(b, tap);
	random_rows(b, tap, 0, ALL, "random rows, a beat each cycle");
	random_rows(b, tap, 60, ALL, "random rows with gaps");
	random_rows(b, tap, 30, 1, "one token: the other columns stand still");
	random_rows(b, tap, 30, 2, "one token, in the second column");
	parity(b, tap);
	golden(b, tap);
	printf("# %u cycles from a row's last beat to the row\n", b.latency);
	return tap.end();
}
