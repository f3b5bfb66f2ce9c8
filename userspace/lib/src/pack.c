// SPDX-License-Identifier: Apache-2.0
/*
 * The P2 weight packing: 256 trits a 64-byte beat, as a plane of signs and a
 * plane of nonzeros. The layout is the device contract's (abi/tern.toml); the
 * constants below come from there.
 */
#include <errno.h>
#include <string.h>

#include "libtern.h"
#include "tern_abi.h"

size_t tern_p2_row_bytes(uint32_t k)
{
	uint64_t beats = ((uint64_t)k + TERN_P2_TRITS_A_BEAT - 1) / TERN_P2_TRITS_A_BEAT;

	return beats * TERN_BEAT_BYTES;
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
