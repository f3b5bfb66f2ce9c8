// SPDX-License-Identifier: Apache-2.0
/* splitmix64 (Steele, Lea, Flood 2014): small, and the same on every machine. */
#include "tool.h"

static uint64_t next64(struct random *random)
{
	uint64_t z = random->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint32_t random_next(struct random *random)
{
	return (uint32_t)(next64(random) >> 32);
}

void random_bytes(struct random *random, void *data, size_t bytes)
{
	uint8_t *out = data;

	for (size_t i = 0; i < bytes; i++)
		out[i] = (uint8_t)random_next(random);
}

void random_trits(struct random *random, int8_t *trits, size_t count)
{
	for (size_t i = 0; i < count; i++)
		trits[i] = (int8_t)(random_next(random) % 3) - 1;
}
