// SPDX-License-Identifier: Apache-2.0
/*
 * The arrays that `make area` compares with, against the compiler's arithmetic:
 * floating point operators on special and random operands, and rows of random
 * beats through every array, with gaps and columns off.
 */
#include <cmath>
#include <cstring>
#include <deque>
#include <vector>

#include "Vunit_area.h"
#include "unit.h"

/* As unit_area.sv has them. */
static const unsigned LANES = 64, COLS = 2;

static const unsigned RANDOM_PAIRS = 500000;

typedef _Float16 Half;
typedef Unit<Vunit_area> Dut;

template <class To, class From> static To bits_as(From from)
{
	To to;

	static_assert(sizeof(to) == sizeof(from), "");
	memcpy(&to, &from, sizeof(to));
	return to;
}
static float value(uint16_t bits) { return bits_as<Half>(bits); }
static uint16_t bits(Half half) { return bits_as<uint16_t>(half); }
static uint32_t bits(float single) { return bits_as<uint32_t>(single); }

/*
 * A float holds a product of halves exactly and a sum of halves to more than
 * twice the bits, so that rounding to a half afterwards is rounding once.
 */
static uint16_t mul16(uint16_t a, uint16_t b) { return bits((Half)(value(a) * value(b))); }
static uint16_t add16(uint16_t a, uint16_t b) { return bits((Half)(value(a) + value(b))); }
static uint32_t mul32(uint16_t a, uint16_t b) { return bits(value(a) * value(b)); }
static uint32_t add32(uint32_t a, uint32_t b)
{
	return bits(bits_as<float>(a) + bits_as<float>(b));
}

/* NaNs have many encodings; the units make one of them. */
static bool same(uint16_t got, uint16_t want)
{
	return (want & 0x7fff) > 0x7c00 ? got == 0x7e00 : got == want;
}
static bool same(uint32_t got, uint32_t want)
{
	return (want & 0x7fffffff) > 0x7f800000 ? got == 0x7fc00000 : got == want;
}

static void operators16(Dut &dut, Finding &finding, uint16_t a, uint16_t b)
{
	dut->a16_i = a;
	dut->b16_i = b;
	dut->eval();
	finding.expect(same((uint16_t)dut->mul16_o, mul16(a, b)), "%04x * %04x: %04x, wanted %04x", a,
		       b, dut->mul16_o, mul16(a, b));
	finding.expect(same((uint32_t)dut->mul32_o, mul32(a, b)), "%04x * %04x: %08x, wanted %08x", a,
		       b, dut->mul32_o, mul32(a, b));
	finding.expect(same((uint16_t)dut->add16_o, add16(a, b)), "%04x + %04x: %04x, wanted %04x", a,
		       b, dut->add16_o, add16(a, b));
}

static void operators32(Dut &dut, Finding &finding, uint32_t a, uint32_t b)
{
	dut->a32_i = a;
	dut->b32_i = b;
	dut->eval();
	finding.expect(same(dut->add32_o, add32(a, b)), "%08x + %08x: %08x, wanted %08x", a, b,
		       dut->add32_o, add32(a, b));
}

/* Every exponent with mantissas at which something changes, both signs. */
static std::vector<uint32_t> corners(unsigned exponents, unsigned mantissa_bits)
{
	const uint32_t top = 1u << mantissa_bits;
	std::vector<uint32_t> numbers;

	for (uint32_t e = 0; e < exponents; e++) {
		for (uint32_t m : {0u, 1u, 2u, 3u, top / 2 - 1, top / 2, top / 2 + 1, top - 2, top - 1}) {
			numbers.push_back(e * top + m);
			numbers.push_back((exponents + e) * top + m);
		}
	}
	return numbers;
}

/* 32 bits in which a and b are often close in exponent: only then their sum is hard. */
static uint32_t near32(std::mt19937 &random, uint32_t a)
{
	uint32_t exponent = ((a >> 23) + random() % 64 - 32) & 0xff;

	return (random() & 0x807fffff) | exponent << 23;
}

/* Beats go through all arrays at once; here is what they must become. */
struct Row {
	uint8_t tag;
	unsigned on;
	int32_t tree[COLS], int8[COLS];
	uint16_t fp16[COLS];
	uint32_t fp32[COLS];
};

class Beats {
public:
	Beats(Dut &dut, Finding &finding) : dut_(dut), finding_(finding) {}

	void drive(std::mt19937 &random, bool worst, bool first, bool last)
	{
		unsigned tag = random() & 0xff;

		if (first)
			row_.on = random() & 3;
		for (unsigned i = 0; i < LANES; i++) {
			/* Worst: the largest sums; all -1 and -128. */
			trit_[i] = worst ? -1 : (int)(random() % 3) - 1;
			/* A zero trit may have its sign bit set. */
			put_bit(dut_->neg_i, i, trit_[i] < 0 || (!trit_[i] && random() & 1));
			put_bit(dut_->nz_i, i, trit_[i] != 0);
			w8_[i] = worst ? -128 : random();
			((int8_t *)&dut_->w8_i)[i] = w8_[i];
			w16_[i] = half(random, worst);
			((uint16_t *)&dut_->w16_i)[i] = w16_[i];
		}
		for (unsigned j = 0; j < COLS * LANES; j++) {
			x8_[j] = worst ? -128 : random();
			((int8_t *)&dut_->x8_i)[j] = x8_[j];
			x16_[j] = half(random, worst);
			((uint16_t *)&dut_->x16_i)[j] = x16_[j];
		}
		dut_->valid_i = 1;
		dut_->on_i = row_.on;
		dut_->first_i = first;
		dut_->last_i = last;
		dut_->tag_i = tag;
		for (unsigned c = 0; c < COLS; c++)
			expect_beat(c, first);
		if (last) {
			row_.tag = tag;
			for (auto &queue : wanted_)
				queue.push_back(row_);
		}
		clock();
	}
	void gap()
	{
		dut_->valid_i = 0;
		dut_->on_i = 3;
		dut_->first_i = 1;
		clock();
	}
	void finish()
	{
		for (unsigned i = 0; i < 16; i++)
			gap();
		for (unsigned a = 0; a < 4; a++)
			finding_.expect(wanted_[a].empty(), "array %u: %zu rows never came", a,
					wanted_[a].size());
	}

private:
	static void put_bit(uint64_t &word, unsigned i, bool bit)
	{
		word = (word & ~(1ull << i)) | (uint64_t)bit << i;
	}
	/* Of a size as in models, so that sums are not all infinite; sometimes anything. */
	static uint16_t half(std::mt19937 &random, bool worst)
	{
		uint16_t any = random();

		if (worst)
			return 0xfbff;
		return random() % 4096 ? (any & 0x83ff) | (10 + random() % 8) << 10 : any;
	}
	void expect_beat(unsigned c, bool first)
	{
		int32_t tree = 0, int8 = 0;
		uint16_t node16[2 * LANES];
		uint32_t node32[2 * LANES];

		for (unsigned i = 0; i < LANES; i++) {
			tree += trit_[i] * x8_[c * LANES + i];
			int8 += w8_[i] * x8_[c * LANES + i];
			node16[LANES + i] = mul16(w16_[i], x16_[c * LANES + i]);
			node32[LANES + i] = mul32(w16_[i], x16_[c * LANES + i]);
		}
		for (unsigned i = LANES - 1; i; i--) {
			node16[i] = add16(node16[2 * i], node16[2 * i + 1]);
			node32[i] = add32(node32[2 * i], node32[2 * i + 1]);
		}
		row_.tree[c] = (first ? 0 : row_.tree[c]) + tree;
		row_.int8[c] = (first ? 0 : row_.int8[c]) + int8;
		row_.fp16[c] = add16(first ? 0 : row_.fp16[c], node16[1]);
		row_.fp32[c] = add32(first ? 0 : row_.fp32[c], node32[1]);
	}
	void clock()
	{
		dut_.step();
		for (unsigned a = 0; a < 4; a++) {
			if (dut_->valid_o >> a & 1)
				row(a);
		}
	}
	void row(unsigned a)
	{
		static const char *const names[] = {"tree", "int8", "fp16", "fp32"};
		unsigned tag = dut_->tag_o >> 8 * a & 0xff, on = dut_->on_o >> COLS * a & 3;

		if (!finding_.expect(!wanted_[a].empty(), "%s: a row that nobody began", names[a]))
			return;
		Row want = wanted_[a].front();
		wanted_[a].pop_front();
		finding_.expect(tag == want.tag && on == want.on, "%s: tag %02x on %x, wanted %02x, %x",
				names[a], tag, on, want.tag, want.on);
		for (unsigned c = 0; c < COLS; c++) {
			if (!(on >> c & 1))
				continue;
			bool good = a == 0 ? column(dut_->tree_o, c) == (uint32_t)want.tree[c] :
				    a == 1 ? column(dut_->int8_o, c) == (uint32_t)want.int8[c] :
				    a == 2 ? same((uint16_t)(dut_->fp16_o >> 16 * c), want.fp16[c]) :
					     same(column(dut_->fp32_o, c), want.fp32[c]);
			finding_.expect(good, "%s: column %u of the row with tag %02x is wrong", names[a],
					c, tag);
		}
	}
	static uint32_t column(uint64_t columns, unsigned c) { return columns >> 32 * c; }

	Dut &dut_;
	Finding &finding_;
	std::deque<Row> wanted_[4];
	Row row_ = {};
	int trit_[LANES];
	int8_t w8_[LANES], x8_[COLS * LANES];
	uint16_t w16_[LANES], x16_[COLS * LANES];
};

int main()
{
	std::mt19937 random(1);
	Finding finding;
	Dut dut;
	Tap tap;

	dut->valid_i = 0;
	dut.reset();

	std::vector<uint32_t> halves = corners(32, 10), floats = corners(256, 23);
	for (uint32_t a : halves)
		for (uint32_t b : halves)
			operators16(dut, finding, a, b);
	finding.report(tap, "FP16 product and sum: every exponent with every other");
	for (unsigned i = 0; i < RANDOM_PAIRS; i++)
		operators16(dut, finding, random(), random());
	finding.report(tap, "FP16 product and sum: 500000 random pairs");
	for (uint32_t a : floats)
		for (unsigned i = 0; i < 16; i++)
			operators32(dut, finding, a, floats[random() % floats.size()]);
	for (unsigned i = 0; i < RANDOM_PAIRS; i++) {
		uint32_t a = random();

		operators32(dut, finding, a, near32(random, a));
	}
	finding.report(tap, "FP32 sum: corners, and 500000 random pairs of near exponents");

	Beats beats(dut, finding);
	for (unsigned r = 0; r < 2; r++)
		for (unsigned k = 0; k < 64; k++)
			beats.drive(random, true, k == 0, k == 63);
	beats.finish();
	finding.report(tap, "arrays: the largest sums");
	for (unsigned r = 0; r < 300; r++) {
		unsigned length = 1 + random() % 12;

		for (unsigned k = 0; k < length; k++) {
			beats.drive(random, false, k == 0, k + 1 == length);
			while (random() % 4 == 0)
				beats.gap();
		}
	}
	beats.finish();
	finding.report(tap, "arrays: 300 random rows with gaps, columns on and off");
	return tap.end();
}
