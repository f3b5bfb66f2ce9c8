// SPDX-License-Identifier: Apache-2.0
/*
 * The weight packings. P2: 256 trits a 64-byte beat, as a plane of signs and a
 * plane of nonzeros. B5: five trits a byte in base 3, 320 a beat. The layouts are
 * the device contract's (abi/tern.toml); the constants below come from there.
 */
#include <errno.h>
#include <string.h>

#include "libtern.h"
#include "tern_abi.h"

static size_t row_bytes(uint32_t k, uint32_t trits_a_beat)
{
	return ((uint64_t)k + trits_a_beat - 1) / trits_a_beat * TERN_BEAT_BYTES;
}

/* ------------------------------------------------------------ P2 */

size_t tern_p2_row_bytes(uint32_t k)
{
	return row_bytes(k, TERN_P2_TRITS_A_BEAT);
}

int tern_p2_pack_row(const int8_t *trits, uint32_t k, void *row)
{
	uint8_t *beat = row;

	memset(row, 0, tern_p2_row_bytes(k));
	for (uint32_t i = 0; i < k; i++) {
		uint32_t bit = i % TERN_P2_TRITS_A_BEAT;
		uint8_t mask = 1u << (bit % 8);

		if (i && !bit)
			beat += TERN_BEAT_BYTES;
		if (trits[i] == 0)
			continue;
		if (trits[i] != 1 && trits[i] != -1)
			return -EINVAL;
		beat[TERN_P2_NONZERO_OFFSET + bit / 8] |= mask;
		if (trits[i] < 0)
			beat[TERN_P2_NEGATIVE_OFFSET + bit / 8] |= mask;
	}
	return 0;
}

/* The first @count trits of a beat. A byte of each plane at a time: eight trits. */
static void unpack_beat(const uint8_t *beat, uint32_t count, int8_t *trits)
{
	const uint8_t *negative = beat + TERN_P2_NEGATIVE_OFFSET;
	const uint8_t *nonzero = beat + TERN_P2_NONZERO_OFFSET;

	for (uint32_t i = 0; i < count / 8 * 8; i += 8)
		for (uint32_t bit = 0; bit < 8; bit++)
			trits[i + bit] = (nonzero[i / 8] >> bit & 1) *
					 (1 - 2 * (negative[i / 8] >> bit & 1));
	for (uint32_t i = count / 8 * 8; i < count; i++)
		trits[i] = (nonzero[i / 8] >> i % 8 & 1) * (1 - 2 * (negative[i / 8] >> i % 8 & 1));
}

void tern_p2_unpack_row(const void *row, uint32_t k, int8_t *trits)
{
	const uint8_t *beat = row;

	while (k > 0) {
		uint32_t count = k < TERN_P2_TRITS_A_BEAT ? k : TERN_P2_TRITS_A_BEAT;

		unpack_beat(beat, count, trits);
		beat += TERN_BEAT_BYTES;
		trits += count;
		k -= count;
	}
}

/* ------------------------------------------------------------ B5 */

#define TRITS		TERN_B5_TRITS_A_BYTE
/* Five zeros. */
#define ZEROS		121

_Static_assert(TRITS == 5, "what follows is written for five trits a byte");

size_t tern_b5_row_bytes(uint32_t k)
{
	return row_bytes(k, TERN_B5_TRITS_A_BEAT);
}

int tern_b5_pack_row(const int8_t *trits, uint32_t k, void *row)
{
	static const uint8_t power[TRITS] = { 1, 3, 9, 27, 81 };
	uint8_t *bytes = row;
	uint32_t whole = k / TRITS;
	uint8_t wrong = 0;

	memset(bytes, ZEROS, tern_b5_row_bytes(k));
	for (uint32_t i = 0; i < whole; i++) {
		const int8_t *t = trits + (size_t)i * TRITS;

		for (uint32_t d = 0; d < TRITS; d++)
			wrong |= (uint8_t)(t[d] + 1) > 2;
		bytes[i] = ZEROS + t[0] + 3 * t[1] + 9 * t[2] + 27 * t[3] + 81 * t[4];
	}
	for (uint32_t i = whole * TRITS; i < k; i++) {
		wrong |= (uint8_t)(trits[i] + 1) > 2;
		bytes[whole] += trits[i] * power[i % TRITS];
	}
	return wrong ? -EINVAL : 0;
}

/* Digit d of a byte is (byte / 3^d) % 3, also above 242, which no packer writes. */
static void unpack_byte(unsigned int byte, int8_t *trits)
{
	trits[0] = byte % 3 - 1;
	trits[1] = byte / 3 % 3 - 1;
	trits[2] = byte / 9 % 3 - 1;
	trits[3] = byte / 27 % 3 - 1;
	trits[4] = byte / 81 % 3 - 1;
}

void tern_b5_unpack_row(const void *row, uint32_t k, int8_t *trits)
{
	const uint8_t *bytes = row;
	uint32_t whole = k / TRITS;
	int8_t last[TRITS];

	for (uint32_t i = 0; i < whole; i++)
		unpack_byte(bytes[i], trits + (size_t)i * TRITS);
	if (k % TRITS) {
		unpack_byte(bytes[whole], last);
		memcpy(trits + (size_t)whole * TRITS, last, k % TRITS);
	}
}

/* ------------------------------------------------------------ by name */

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const struct tern_packing packings[] = {
	{
		.name = "p2",
		.number = TERN_PACKING_P2,
		.caps = TERN_CAPS_P2,
		.trits_a_beat = TERN_P2_TRITS_A_BEAT,
		.row_bytes = tern_p2_row_bytes,
		.pack_row = tern_p2_pack_row,
		.unpack_row = tern_p2_unpack_row,
	},
	{
		.name = "b5",
		.number = TERN_PACKING_B5,
		.caps = TERN_CAPS_B5,
		.trits_a_beat = TERN_B5_TRITS_A_BEAT,
		.row_bytes = tern_b5_row_bytes,
		.pack_row = tern_b5_pack_row,
		.unpack_row = tern_b5_unpack_row,
	},
};

const struct tern_packing *tern_packing_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(packings); i++)
		if (!strcmp(packings[i].name, name))
			return &packings[i];
	return NULL;
}
