// SPDX-License-Identifier: Apache-2.0
/*
 * tern_b5 against the definition of the packing: every byte value at every
 * place, and random beats.
 */
#include <cstring>

#include "Vtern_b5.h"
#include "tern_abi.h"
#include "unit.h"

static const unsigned BYTES = TERN_BEAT_BYTES, TRITS = TERN_B5_TRITS_A_BEAT;

static bool bit(const uint32_t *words, unsigned i)
{
	return words[i / 32] >> i % 32 & 1;
}

/* Trit i of a beat: its byte in base 3, five digits, written out as one does by hand. */
static int trit_of(const uint8_t *beat, unsigned i)
{
	unsigned byte = beat[i / 5];

	for (unsigned digit = 0; digit < i % 5; digit++)
		byte /= 3;
	return (int)(byte % 3) - 1;
}

static void check(Vtern_b5 &dut, Finding &found, const uint8_t *beat)
{
	memcpy(dut.beat_i.data(), beat, BYTES);
	dut.eval();
	for (unsigned i = 0; i < TRITS; i++) {
		int want = trit_of(beat, i);
		bool neg = bit(dut.neg_o.data(), i), nz = bit(dut.nz_o.data(), i);

		found.expect(neg == (want < 0) && nz == (want != 0),
			     "trit %u, byte %u: neg %d nz %d, not %d", i, beat[i / 5], neg, nz, want);
	}
}

int main()
{
	Vtern_b5 dut;
	std::mt19937 rng(6);
	Finding found;
	Tap tap;
	uint8_t beat[BYTES];

	dut.en_i = 1;
	for (unsigned value = 0; value < 256; value++) {
		for (unsigned at = 0; at < BYTES; at++) {
			/* 121 is five zeros. */
			memset(beat, 121, BYTES);
			beat[at] = value;
			check(dut, found, beat);
		}
	}
	found.report(tap, "every byte value at every place");
	for (unsigned i = 0; i < 20000; i++) {
		for (unsigned j = 0; j < BYTES; j++)
			beat[j] = rng();
		check(dut, found, beat);
	}
	found.report(tap, "20000 random beats");
	dut.en_i = 0;
	dut.eval();
	for (unsigned i = 0; i < TRITS; i++)
		found.expect(!bit(dut.neg_o.data(), i) && !bit(dut.nz_o.data(), i), "trit %u", i);
	found.report(tap, "switched off: zeros");
	dut.final();
	return tap.end();
}
